/*
 * Cursors: opaque, stateless, signed. A cursor says where the next page begins, and is bound to
 * the tool, to the call's other arguments, and to the version of the data it was made over: any
 * worker on any machine with the same key and files can go on from it, and nothing else can be
 * done with it.
 */

#ifndef LOOKOUT_CURSOR_H
#define LOOKOUT_CURSOR_H

#include "../base/digest.h"
#include "../base/error.h"

typedef struct {
    lookout_str_t scope; /* what the page belongs to: tool, arguments, caller's scope; hashed */
    lookout_str_t version; /* of the data; hashed */
} lookout_cursor_bond_t;

/* Appends the cursor's text (base64url and a dot) for the page that begins at `offset`. */
void lookout_cursor_write(lookout_buf_t *b, const lookout_key_t *key,
                          lookout_cursor_bond_t bond, uint32_t offset);

/* Reads it back. INVALID_CURSOR with details.reason "malformed" (altered, forged, not one of
 * ours), "foreign" (another tool, other arguments) or "data_refreshed". */
lookout_code_e lookout_cursor_read(lookout_arena_t *arena, const lookout_key_t *key,
                                   lookout_cursor_bond_t bond, lookout_str_t text,
                                   uint32_t *offset, lookout_error_t *error);

#endif
