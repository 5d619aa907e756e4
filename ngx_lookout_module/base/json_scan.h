/*
 * The strict scan of a JSON text, and the reading of its escapes: what json.c is built on.
 */

#ifndef LOOKOUT_JSON_SCAN_H
#define LOOKOUT_JSON_SCAN_H

#include "json.h"

/* Is all of text one JSON value, as json.h has it? Else *error says where it is not, and why;
 * a message that names something from the text is in the arena. */
bool lookout_json_scan(lookout_arena_t *arena, lookout_str_t text, lookout_json_error_t *error);

/* Writes what the escape whose backslash is at p stands for: *len bytes, 1 to 4. Returns how
 * many bytes it takes in the text, never less. Only for text that has been scanned. */
size_t lookout_json_unescape(const char *p, const char *end, char out[4], size_t *len);

#endif
