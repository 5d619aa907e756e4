/*
 * The cap of 256 KB, and members that results share. Row-shaped tools keep under the cap by
 * themselves and so pass lookout_envelope_finish; for the others it is where the call fails.
 */

#include "envelope.h"

#include "../base/clock.h"


void
lookout_envelope_time(lookout_buf_t *b, int64_t seconds)
{
    char text[LOOKOUT_ISO8601_SIZE];

    lookout_iso8601(text, seconds);
    lookout_json_cstr(b, text);
}


void
lookout_envelope_cursor(lookout_call_t *call, lookout_cursor_bond_t bond, uint32_t offset)
{
    lookout_buf_t cursor = LOOKOUT_BUF_INIT;

    lookout_json_key(call->out, "nextCursor");

    if (offset == 0) {
        lookout_json_null(call->out);
        return;
    }

    lookout_cursor_write(&cursor, &lookout_session_settings(call->session)->key, bond, offset);
    lookout_json_str(call->out, lookout_buf_text(&cursor));

    call->out->failed |= cursor.failed;
    lookout_buf_free(&cursor);
}


lookout_code_e
lookout_envelope_finish(lookout_call_t *call, const char *advice)
{
    if (call->out->failed) {
        return lookout_fail_memory(&call->error);
    }

    if (call->out->len > LOOKOUT_ENVELOPE_MAX) {
        return lookout_call_fail(
            call, LOOKOUT_ENVELOPE_TOO_LARGE,
            lookout_arena_printf(call->arena, "{\"bytes\":%zu,\"maxBytes\":%d}", call->out->len,
                                 LOOKOUT_ENVELOPE_MAX),
            "The answer has %zu bytes, more than the %d that a response may have. %s",
            call->out->len, LOOKOUT_ENVELOPE_MAX, advice);
    }
    return LOOKOUT_OK;
}
