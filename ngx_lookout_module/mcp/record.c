/*
 * Making records of an exchange's messages, and writing one as JSON.
 */

#include "server_private.h"

#include <inttypes.h>
#include <stdio.h>

#include "../base/clock.h"


static int
record_tool(const lookout_mcp_t *mcp, const lookout_tool_t *tool)
{
    int n = 0;
    const lookout_tool_t *row;
    const lookout_surface_t *const *set;

    for (set = mcp->config.surfaces; tool != NULL && *set != NULL; set++) {
        LOOKOUT_ROWS(row, (*set)->tools)
        {
            if (row == tool) {
                return n;
            }
            n++;
        }
    }
    return -1;
}


/* "00-<32 digits>-<16>-<2>": the trace id, which is the second. */
static lookout_str_t
record_trace(const cJSON *params)
{
    size_t i;
    const cJSON *item = lookout_json_get(lookout_json_get(params, "_meta"), "traceparent");
    const char *text = cJSON_IsString(item) ? item->valuestring : "";

    if (strlen(text) < 55 || text[2] != '-' || text[35] != '-') {
        return LOOKOUT_STR("");
    }
    for (i = 3; i < 35; i++) {
        if (strchr("0123456789abcdef", text[i]) == NULL) {
            return LOOKOUT_STR("");
        }
    }
    return (lookout_str_t){ text + 3, 32 };
}


static void
record_digest(const lookout_exchange_t *exchange, char digest[LOOKOUT_RECORD_DIGEST + 1])
{
    size_t i;
    uint8_t bytes[LOOKOUT_DIGEST_SIZE];
    lookout_str_t arguments =
        lookout_json_member(lookout_json_member(exchange->message.text, "params"), "arguments");

    digest[0] = '\0';
    if (arguments.data == NULL) {
        return;
    }
    lookout_sha256(arguments, bytes);
    for (i = 0; i < LOOKOUT_RECORD_DIGEST / 2; i++) {
        (void) snprintf(digest + i * 2, 3, "%02x", bytes[i]);
    }
}


lookout_record_t *
lookout_mcp_record(lookout_exchange_t *exchange)
{
    lookout_record_t **last, *record;

    record = lookout_arena_alloc(exchange->arena, sizeof(lookout_record_t));
    if (record == NULL) {
        return NULL; /* the call itself went well or not: nobody is refused for this */
    }

    record->method = exchange->known;
    record->subject = exchange->tool;
    record->tool = record_tool(exchange->mcp, exchange->pending);
    record->trace = record_trace(exchange->message.params);
    record->ns = lookout_monotonic_ns() - exchange->begun;
    record->rows = -1;
    record_digest(exchange, record->digest);

    for (last = &exchange->records; *last != NULL; last = &(*last)->next) { /* void */
    }
    *last = record;
    return record;
}


void
lookout_record_end(lookout_exchange_t *exchange)
{
    lookout_record_t *record = lookout_mcp_record(exchange);

    if (record == NULL) {
        return;
    }
    record->code = exchange->code;
    record->error = exchange->error;
    record->rows = exchange->rows;
    record->bytes = (int64_t) (exchange->out.len - exchange->from);
    record->cached = exchange->cached;
}


static void
record_member(lookout_buf_t *b, const char *key, lookout_str_t text)
{
    lookout_json_key(b, key);
    lookout_json_str(b, text.len == 0 ? LOOKOUT_STR_NONE : text);
}


void
lookout_record_json(lookout_buf_t *b, const lookout_record_t *record, int64_t unix_ms,
                    lookout_str_t caller, lookout_str_t scope)
{
    char time[LOOKOUT_ISO8601_SIZE];

    lookout_iso8601(time, unix_ms / 1000);
    lookout_buf_printf(b, "{\"time\":\"%.19s.%03dZ\"", time, (int) (unix_ms % 1000));
    record_member(b, "caller", caller);
    record_member(b, "scope", scope);
    lookout_json_key(b, "method");
    lookout_json_cstr(b, record->method);
    record_member(b, "tool", record->subject);
    record_member(b, "arguments", lookout_str(record->digest));
    lookout_json_key(b, "rows");
    if (record->rows < 0) {
        lookout_json_null(b);
    } else {
        lookout_json_int(b, record->rows);
    }
    lookout_json_key(b, "bytes");
    lookout_json_int(b, record->bytes);
    lookout_buf_printf(b, ",\"ms\":%" PRIu64 ".%03d", record->ns / 1000000,
                       (int) (record->ns / 1000 % 1000));
    record_member(b, "error", record->error);
    lookout_json_key(b, "cached");
    lookout_json_bool(b, record->cached);
    lookout_json_key(b, "detached");
    lookout_json_bool(b, record->detached);
    record_member(b, "trace", record->trace);
    lookout_buf_puts(b, "}\n");
}
