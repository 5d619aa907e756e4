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


/* What was asked for: the resource, or the task, or the arguments of a call or a prompt. */
static void
record_digest(const lookout_message_t *message, char digest[LOOKOUT_RECORD_DIGEST + 1])
{
    size_t i;
    uint8_t bytes[LOOKOUT_DIGEST_SIZE];
    const char *subject = lookout_method_subject(message->method);
    const char *member =
        subject == NULL || strcmp(subject, "name") == 0 ? "arguments" : subject;
    lookout_str_t text =
        lookout_json_member(lookout_json_member(message->text, "params"), member);

    digest[0] = '\0';
    if (text.data == NULL) {
        return;
    }
    lookout_sha256(text, bytes);
    for (i = 0; i < LOOKOUT_RECORD_DIGEST / 2; i++) {
        (void) snprintf(digest + i * 2, 3, "%02x", bytes[i]);
    }
}


static void
record_begin(const lookout_mcp_t *mcp, const lookout_message_t *message,
             const lookout_tool_t *tool, lookout_record_t *record)
{
    *record = (lookout_record_t){ .tool = record_tool(mcp, tool), .rows = -1 };
    record->trace = record_trace(message->params);
    record_digest(message, record->digest);
}


/* The n-th message of a batch, from its text alone: which of them the thread is at work on, and
 * all that it finds out, changes meanwhile. False when it wants no answer. */
static bool
record_of_batch(const lookout_exchange_t *exchange, size_t n, lookout_record_t *record)
{
    lookout_refusal_t refusal;
    lookout_message_t message;
    const lookout_method_t *method;
    const lookout_tool_t *tool = NULL;
    const cJSON *name;

    lookout_message_read(cJSON_GetArrayItem(exchange->tree, (int) n), exchange->texts[n],
                         &message, &refusal);
    if (message.kind == LOOKOUT_MESSAGE_NOTIFICATION
        || message.kind == LOOKOUT_MESSAGE_RESPONSE) {
        return false;
    }

    method = lookout_mcp_method(exchange->mcp, message.method, false);
    name = lookout_json_get(message.params, "name");
    if (method != NULL && method->kind == &lookout_kind_tool && cJSON_IsString(name)) {
        tool = lookout_mcp_tool(exchange->mcp, lookout_str(name->valuestring));
    }
    record_begin(exchange->mcp, &message, tool, record);
    record->method = method == NULL ? NULL : method->name;
    record->subject = tool == NULL ? LOOKOUT_STR_NONE : lookout_str(tool->name);
    return true;
}


bool
lookout_mcp_record(const lookout_exchange_t *exchange, size_t *n, lookout_record_t *record)
{
    size_t size = exchange->batch ? (size_t) cJSON_GetArraySize(exchange->tree) : 1;

    if (exchange->batch) {
        while (*n < size && !record_of_batch(exchange, *n, record)) {
            (*n)++;
        }

    } else if (*n < size) {
        record_begin(exchange->mcp, &exchange->message, exchange->turn.pending, record);
        record->method = exchange->turn.known;
        record->subject = exchange->subject;
        record->ns = lookout_monotonic_ns() - exchange->turn.begun;
    }
    return (*n)++ < size;
}


void
lookout_record_end(lookout_exchange_t *exchange)
{
    lookout_record_t **last, *record;

    record = lookout_arena_alloc(exchange->arena, sizeof(lookout_record_t));
    if (record == NULL) {
        return; /* the call itself went well or not: nobody is refused for this */
    }

    record_begin(exchange->mcp, &exchange->message, exchange->turn.pending, record);
    record->method = exchange->turn.known;
    record->subject = exchange->subject;
    record->ns = lookout_monotonic_ns() - exchange->turn.begun;
    record->code = exchange->turn.code;
    record->error = exchange->error;
    record->rows = exchange->rows;
    record->bytes = (int64_t) (exchange->out.len - exchange->turn.from);
    record->cached = exchange->turn.cached;

    for (last = &exchange->records; *last != NULL; last = &(*last)->next) { /* void */
    }
    *last = record;
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
