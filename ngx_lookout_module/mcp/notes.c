/*
 * What a client is told before its answer: progress and lines for its log. A thread notes them;
 * the event loop sends what there is now and then, as events of a stream (MCP, "Streamable
 * HTTP"). Progress is noted at most each 40 ms, however often a tool tells of it, and at its end;
 * and it always grows, as the protocol wants it.
 */

#include "server_private.h"

#include "../base/clock.h"

#define NOTES_PROGRESS_NS 40000000ULL

#define META_LOG_LEVEL "io.modelcontextprotocol/logLevel"

static const char *const notes_levels[] = { "debug", "info",     "notice", "warning",
                                            "error", "critical", "alert",  "emergency" };


bool
lookout_log_level(const char *name, lookout_log_level_e *level)
{
    int i;

    for (i = 0; i < LOOKOUT_LOG_NONE; i++) {
        if (strcmp(name, notes_levels[i]) == 0) {
            if (level != NULL) {
                *level = (lookout_log_level_e) i;
            }
            return true;
        }
    }
    return false;
}


/* Modern: a request says from which level on. Legacy: it would have been said in another
 * request, which a stateless server does not remember, so it is info. */
static lookout_log_level_e
notes_level(const lookout_exchange_t *exchange)
{
    const cJSON *name;
    lookout_log_level_e level = LOOKOUT_LOG_NONE;

    if (!exchange->modern) {
        return LOOKOUT_LOG_INFO;
    }

    name =
        lookout_json_get(lookout_json_get(exchange->message.params, "_meta"), META_LOG_LEVEL);
    if (cJSON_IsString(name)) {
        (void) lookout_log_level(name->valuestring, &level);
    }
    return level;
}


void
lookout_notes_begin(lookout_exchange_t *exchange)
{
    const cJSON *token =
        lookout_json_get(lookout_json_get(exchange->message.params, "_meta"), "progressToken");

    exchange->progress_token = LOOKOUT_STR_NONE;
    exchange->progress_done = -1;
    exchange->log_level = LOOKOUT_LOG_NONE;

    if (exchange->batch || !exchange->streamable) {
        return;
    }
    if (exchange->turn.pending != NULL && exchange->turn.pending->logs) {
        exchange->log_level = notes_level(exchange);
    }
    if (cJSON_IsString(token) || cJSON_IsNumber(token)) {
        exchange->progress_token = lookout_json_member(
            lookout_json_member(lookout_json_member(exchange->message.text, "params"), "_meta"),
            "progressToken");
    }
}


bool
lookout_mcp_tells(const lookout_exchange_t *exchange)
{
    return exchange->progress_token.data != NULL || exchange->log_level != LOOKOUT_LOG_NONE;
}


void
lookout_call_progress(lookout_call_t *call, int64_t done, int64_t total)
{
    uint64_t now;
    lookout_buf_t *b;
    lookout_exchange_t *exchange = call->exchange;

    if (exchange->on_loop || exchange->progress_token.data == NULL || lookout_call_is_task(call)
        || done <= exchange->progress_done) {
        return;
    }
    now = lookout_monotonic_ns();
    if (exchange->progress_told != 0 && done != total
        && now - exchange->progress_told < NOTES_PROGRESS_NS) {
        return;
    }
    exchange->progress_done = done;
    exchange->progress_told = now;

    (void) pthread_mutex_lock(&exchange->notes_lock);
    b = &exchange->notes;
    lookout_buf_puts(b, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":"
                        "{\"progressToken\":");
    lookout_buf_str(b, exchange->progress_token);
    lookout_json_key(b, "progress");
    lookout_json_int(b, done);
    if (total > 0) {
        lookout_json_key(b, "total");
        lookout_json_int(b, total);
    }
    lookout_buf_puts(b, "}}\n");
    (void) pthread_mutex_unlock(&exchange->notes_lock);
}


void
lookout_call_log(lookout_call_t *call, lookout_log_level_e level, lookout_str_t text)
{
    lookout_buf_t *b;
    lookout_exchange_t *exchange = call->exchange;

    if (exchange->on_loop || level < exchange->log_level) {
        return;
    }

    (void) pthread_mutex_lock(&exchange->notes_lock);
    b = &exchange->notes;
    lookout_buf_puts(b, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":"
                        "{\"level\":\"");
    lookout_buf_puts(b, notes_levels[level]);
    lookout_buf_puts(b, "\",\"data\":");
    lookout_json_str(b, text);
    lookout_buf_puts(b, "}}\n");
    (void) pthread_mutex_unlock(&exchange->notes_lock);
}


bool
lookout_mcp_notes(lookout_exchange_t *exchange, lookout_buf_t *b)
{
    bool some;

    (void) pthread_mutex_lock(&exchange->notes_lock);
    some = exchange->notes.len != 0 && !exchange->notes.failed;
    if (some) {
        lookout_buf_str(b, lookout_buf_text(&exchange->notes));
    }
    lookout_buf_reset(&exchange->notes);
    (void) pthread_mutex_unlock(&exchange->notes_lock);
    return some && !b->failed;
}
