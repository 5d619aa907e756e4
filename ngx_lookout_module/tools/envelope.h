/*
 * The response envelope: the JSON text of a result. Its cap, the warnings at its end, and the
 * members that many results have.
 */

#ifndef LOOKOUT_ENVELOPE_H
#define LOOKOUT_ENVELOPE_H

#include "../query/cursor.h"
#include "session.h"

/* Room kept for what follows the rows: counts, a cursor, the warnings, the closing brackets. */
#define LOOKOUT_ENVELOPE_TAIL 2048

/* A timestamp as a JSON string, UTC. */
void lookout_envelope_time(lookout_buf_t *b, int64_t seconds);

/* The member nextCursor: for the page that begins at `offset`; 0: there is none. */
void lookout_envelope_cursor(lookout_call_t *call, lookout_cursor_bond_t bond, uint32_t offset);

/* Is the datasource older than its promise at that moment? */
bool lookout_warnings_stale(const lookout_datasource_t *source, int64_t now);

/* Notes in call->until when the answer changes by itself because of the datasource's age. */
void
lookout_warnings_until(lookout_call_t *call, const lookout_datasource_t *source, int64_t now);

/* Elements of the array "warnings". EXTRACT_STALE is written only when it is so. For
 * RESPONSE_TRUNCATED `next` says what to do about it. */
void lookout_warn_stale(lookout_buf_t *b, const lookout_datasource_t *source, int64_t now);
void
lookout_warn_truncated(lookout_buf_t *b, size_t returned, size_t dropped, const char *next);

/* RESPONSE_TRUNCATED too: the member `key`, a file of `bytes`, was left out for its size. */
void
lookout_warn_omitted(lookout_buf_t *b, const char *key, int64_t bytes, bool files_are_served);

/* The end of every tool: checks that the text was built and fits. ENVELOPE_TOO_LARGE else, with
 * `advice` on what to ask instead. */
lookout_code_e lookout_envelope_finish(lookout_call_t *call, const char *advice);

#endif
