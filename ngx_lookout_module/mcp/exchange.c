/*
 * One POST on its way: parse, take apart, decide the era, check, call the method, reply. A batch
 * (2025-03-26) is the same for each of its messages, in turn; when one of them needs a thread,
 * it and all that follow run there.
 */

#include "server_private.h"

#include <stdio.h>

#include "../base/clock.h"


/* The input table of the tool that the message calls, for the headers that mirror arguments. */
static const lookout_schema_t *
exchange_tool_input(const lookout_mcp_t *mcp, const lookout_message_t *message)
{
    const cJSON *name;
    const lookout_tool_t *tool;

    if (!lookout_str_is(message->method, "tools/call")) {
        return NULL;
    }
    name = lookout_json_get(message->params, "name");
    tool = cJSON_IsString(name) ? lookout_mcp_tool(mcp, lookout_str(name->valuestring)) : NULL;
    return tool == NULL ? NULL : tool->input;
}


static bool
exchange_check(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    lookout_message_t *message = &exchange->message;

    /* A batch's messages cannot each be mirrored by the one set of headers. */
    if (exchange->batch) {
        return true;
    }

    exchange->modern = lookout_revision_modern(&exchange->headers, message->params);
    exchange->links = exchange->modern || lookout_revision_links(&exchange->headers);
    if (!exchange->modern) {
        return lookout_revision_check_legacy(exchange->arena, &exchange->headers, refusal);
    }

    return message->kind != LOOKOUT_MESSAGE_REQUEST
           || lookout_revision_check(exchange->arena, &exchange->headers, message,
                                     lookout_method_subject(message->method),
                                     exchange_tool_input(mcp, message), refusal);
}


static bool
exchange_unknown_method(lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    return lookout_refuse(
        refusal, exchange->modern ? 404 : 200, LOOKOUT_RPC_METHOD_NOT_FOUND,
        lookout_arena_printf(
            exchange->arena, "Method not found: %.*s",
            (int) (exchange->message.method.len > 64 ? 64 : exchange->message.method.len),
            exchange->message.method.data),
        LOOKOUT_STR_NONE);
}


/* What a notification tells us: of a legacy client, that it no longer wants an answer. */
static void
exchange_notification(lookout_exchange_t *exchange)
{
    if (!exchange->modern && !exchange->batch
        && lookout_str_is(exchange->message.method, "notifications/cancelled")) {
        exchange->cancels = lookout_json_member(
            lookout_json_member(exchange->message.text, "params"), "requestId");
    }
}


/* What one message says of itself, for the log and the records; those before it said their own. */
static void
exchange_reset(lookout_exchange_t *exchange)
{
    exchange->turn =
        (lookout_turn_t){ .begun = lookout_monotonic_ns(), .from = exchange->out.len };
    exchange->status = 200;
    exchange->method = exchange->message.method;
    exchange->subject = LOOKOUT_STR("");
    exchange->error = LOOKOUT_STR("");
    exchange->rows = -1;
}


/* Runs a request; true when it has to go on on a thread. */
static bool
exchange_request(lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    method_outcome_e outcome;
    lookout_refusal_t refusal;
    const lookout_method_t *method;

    method = lookout_mcp_method(mcp, exchange->message.method, exchange->modern);
    if (method == NULL) {
        exchange_unknown_method(exchange, &refusal);
        lookout_request_refuse(exchange, &refusal);
        return false;
    }

    exchange->turn.known = method->name;
    outcome = method->kind != NULL
                  ? lookout_request_begin(mcp, exchange, method->kind, &refusal)
                  : method->run(mcp, exchange, &refusal);
    if (outcome == METHOD_REFUSED) {
        lookout_request_refuse(exchange, &refusal);
    }
    return outcome == METHOD_DEFERRED;
}


/* Runs one message; true when it has to go on on a thread. Appends the reply, if there is one. */
static bool
exchange_message(lookout_mcp_t *mcp, lookout_exchange_t *exchange, const cJSON *tree,
                 lookout_str_t text)
{
    lookout_refusal_t refusal;
    lookout_message_t *message = &exchange->message;

    lookout_message_read(tree, text, message, &refusal);
    exchange_reset(exchange);

    if (message->kind == LOOKOUT_MESSAGE_INVALID || !exchange_check(mcp, exchange, &refusal)) {
        lookout_request_refuse(exchange, &refusal);

    } else if (message->kind != LOOKOUT_MESSAGE_REQUEST) {
        exchange_notification(exchange);
        exchange->status = 202;
        return false;

    } else if (exchange_request(mcp, exchange)) {
        return true;
    }
    lookout_record_end(exchange);
    return false;
}


/* Can nobody read the answer any more? */
static bool
exchange_left(const lookout_exchange_t *exchange)
{
    return atomic_load(&exchange->left)
           || (exchange->cancelled != NULL && atomic_load(exchange->cancelled));
}


/* The rest of a batch, from exchange->at on; true when it has to go on on a thread. Of a batch
 * whose client has left no further message is begun. */
static bool
exchange_batch_on(lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    size_t before, n;
    bool deferred;

    for (n = (size_t) cJSON_GetArraySize(exchange->tree);
         exchange->at < n && !exchange_left(exchange);) {
        before = exchange->out.len;
        lookout_buf_putc(&exchange->out, exchange->out.len == 0 ? '[' : ',');

        deferred = exchange_message(mcp, exchange,
                                    cJSON_GetArrayItem(exchange->tree, (int) exchange->at),
                                    exchange->texts[exchange->at]);
        if (deferred) {
            return true;
        }
        if (exchange->status == 202) {
            lookout_buf_cut(&exchange->out, before); /* no reply to this one */
        }
        exchange->at++;
    }

    exchange->status = exchange->out.len == 0 ? 202 : 200;
    if (exchange->out.len != 0) {
        lookout_buf_putc(&exchange->out, ']');
    }
    return false;
}


static bool
exchange_batch(lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    int n = cJSON_GetArraySize(exchange->tree);
    lookout_refusal_t refusal;
    lookout_str_t version;

    version = exchange->headers.get(exchange->headers.data, "MCP-Protocol-Version");

    if (version.data != NULL && !lookout_str_is(version, LOOKOUT_REVISION_BATCH)) {
        lookout_refuse(&refusal, 400, LOOKOUT_RPC_INVALID_REQUEST,
                       LOOKOUT_STR("Invalid request: only revision " LOOKOUT_REVISION_BATCH
                                   " has batches; send one message a request"),
                       LOOKOUT_STR_NONE);
        lookout_request_refuse(exchange, &refusal);
        return false;
    }
    if (n == 0 || n > LOOKOUT_BATCH_MAX) {
        lookout_refuse(&refusal, 400, LOOKOUT_RPC_INVALID_REQUEST,
                       lookout_arena_printf(exchange->arena,
                                            "Invalid request: a batch holds 1 to %d messages "
                                            "(got %d)",
                                            LOOKOUT_BATCH_MAX, n),
                       LOOKOUT_STR_NONE);
        lookout_request_refuse(exchange, &refusal);
        return false;
    }

    exchange->batch = true;
    exchange->texts = lookout_arena_alloc(exchange->arena, (size_t) n * sizeof(lookout_str_t));
    if (exchange->texts == NULL) {
        exchange->out.failed = true;
        return false;
    }
    (void) lookout_message_split(exchange->body, exchange->texts, (size_t) n);
    return exchange_batch_on(mcp, exchange);
}


static void
exchange_parse_error(lookout_exchange_t *exchange, const lookout_json_error_t *error)
{
    lookout_refusal_t refusal;

    lookout_refuse(&refusal, 400, LOOKOUT_RPC_PARSE_ERROR,
                   exchange->body.len == 0
                       ? LOOKOUT_STR("Parse error: the request body is empty; it must be a "
                                     "JSON-RPC 2.0 message")
                       : lookout_arena_printf(exchange->arena, "Parse error: %s (at byte %zu)",
                                              error->why, error->offset),
                   LOOKOUT_STR_NONE);
    lookout_request_refuse(exchange, &refusal);
}


/* Out of memory in the reply itself: a short one that is already written. */
static void
exchange_guard(lookout_exchange_t *exchange)
{
    static const char text[] = "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,"
                               "\"message\":\"Internal error: out of memory\"}}";

    if (!exchange->out.failed) {
        return;
    }
    lookout_buf_free(&exchange->out);
    exchange->turn.keep_len = 0;
    exchange->status = 500;
    exchange->error = LOOKOUT_STR("-32603");
    lookout_buf_puts(&exchange->out, text);
}


lookout_mcp_step_e
lookout_mcp_begin(lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    bool deferred;
    lookout_json_error_t error;

    exchange->mcp = mcp;
    exchange->on_loop = true;
    exchange->rows = -1;
    (void) pthread_mutex_init(&exchange->notes_lock, NULL);
    exchange->tree = lookout_json_parse(exchange->arena, exchange->body, &error);

    if (exchange->tree == NULL) {
        exchange_parse_error(exchange, &error);
        deferred = false;

    } else if (cJSON_IsArray(exchange->tree)) {
        deferred = exchange_batch(mcp, exchange);

    } else {
        deferred = exchange_message(mcp, exchange, exchange->tree, exchange->body);
    }

    if (deferred) {
        return LOOKOUT_MCP_DEFERRED;
    }
    exchange_guard(exchange);
    lookout_mcp_end(mcp, exchange);
    return LOOKOUT_MCP_DONE;
}


void
lookout_mcp_work(lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    exchange->on_loop = false;

    if (exchange->session == NULL) {
        exchange->out.failed = true; /* there was no memory for one */
        exchange_guard(exchange);
        return;
    }

    lookout_request_work(mcp, exchange);
    lookout_record_end(exchange);

    if (exchange->batch) {
        exchange->at++;
        (void) exchange_batch_on(mcp, exchange);
    }
    exchange_guard(exchange);
}


void
lookout_mcp_end(lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    if (!exchange->batch && exchange->turn.kind != NULL) {
        lookout_request_end(mcp, exchange);
    }
}


void
lookout_exchange_free(lookout_exchange_t *exchange)
{
    lookout_buf_free(&exchange->out);
    lookout_buf_free(&exchange->result);
    lookout_buf_free(&exchange->blocks);
    lookout_buf_free(&exchange->early);
    lookout_buf_free(&exchange->notes);
    lookout_buf_free(&exchange->call.asked);
    (void) pthread_mutex_destroy(&exchange->notes_lock);
}


void
lookout_mcp_http_error(lookout_buf_t *b, int status, lookout_str_t message, lookout_str_t data)
{
    lookout_refusal_t refusal;

    lookout_refuse(&refusal, status, status, message, data);
    lookout_message_error(b, LOOKOUT_STR_NONE, &refusal);
}
