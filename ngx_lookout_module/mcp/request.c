/*
 * The way of a request that runs a row's function, the same for tools, resources, prompts,
 * completion and tasks:
 *
 *     target -> kept? -> check -> run -> reply -> end
 *
 * On the event loop the function has a slice of time. When it says that it needs a thread the
 * exchange is deferred, and run and reply happen in lookout_request_work.
 */

#include "server_private.h"

#include "../base/clock.h"
#include "../base/text.h"

#define REQUEST_SHOWN_MAX 256 /* bytes of a wrong name that are compared and told back */


/* The answer's key in the result cache; {NULL, 0}: it is not kept. A second round has answers
 * that no key tells. */
static lookout_str_t
request_key(const lookout_mcp_t *mcp, const lookout_exchange_t *exchange)
{
    const cJSON *params = exchange->message.params;

    return mcp->answers == NULL || exchange->turn.kind->key == NULL
                   || lookout_json_get(params, "inputResponses") != NULL
                   || lookout_json_get(params, "requestState") != NULL
               ? LOOKOUT_STR_NONE
               : exchange->turn.kind->key(exchange);
}


/* Answers from the result cache, when it can. */
static bool
request_kept(lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    lookout_answer_t answer;
    lookout_str_t key = request_key(mcp, exchange);

    if (key.data == NULL || !lookout_answers_find(mcp->answers, key, &answer)) {
        return false;
    }

    (void) lookout_buf_reserve(&exchange->out, answer.text.len + 512);
    lookout_result_begin(exchange, &exchange->out);
    lookout_buf_str(&exchange->out, answer.text);
    exchange->turn.kind->close(mcp, exchange);
    exchange->turn.cached = true;
    exchange->rows = answer.rows;
    return true;
}


static lookout_code_e
request_run(lookout_exchange_t *exchange)
{
    lookout_code_e code;
    lookout_call_t *call = &exchange->call;

    lookout_buf_reset(&exchange->result);
    lookout_buf_reset(&exchange->blocks);
    lookout_buf_reset(&call->asked);
    call->state = LOOKOUT_STR_NONE;
    call->session = exchange->session;
    call->error.code = LOOKOUT_OK;
    call->rows = -1;
    call->cacheable = false;
    call->n_deps = 0;
    call->until = 0;
    call->watch.stopped = LOOKOUT_STOP_NONE;

    code = exchange->turn.kind->run(exchange);

    if (code == LOOKOUT_CANCELLED) {
        /* Nobody reads this; but a batch, or a client that is still there, gets an answer. */
        code = lookout_call_fail(call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                                 "The call was cancelled before it was done; call again.");
    }
    return code;
}


/* The reply to a request that has come to its end, well or not. */
static void
request_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    lookout_call_t *call = &exchange->call;

    if (code == LOOKOUT_OK && (exchange->result.failed || exchange->blocks.failed)) {
        code = lookout_fail_memory(&call->error);
    }
    if (code != LOOKOUT_OK) {
        call->rows = -1;
        call->cacheable = false;
    }
    exchange->rows = call->rows;

    if (!lookout_rounds_reply(mcp, exchange, code)) {
        if (code != LOOKOUT_OK) {
            exchange->turn.code = code;
            exchange->error = lookout_str(lookout_code_name(code));
        }
        exchange->turn.kind->reply(mcp, exchange, code);
    }
    lookout_buf_free(&exchange->result);
    lookout_buf_free(&exchange->blocks);
    lookout_buf_free(&call->asked);
}


method_outcome_e
lookout_request_begin(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                      const lookout_kind_t *kind, lookout_refusal_t *refusal)
{
    lookout_code_e code;
    lookout_call_t *call = &exchange->call;
    static const cJSON none = { .type = cJSON_Object };

    *call = (lookout_call_t){ .arena = exchange->arena,
                              .args = &none,
                              .out = &exchange->result,
                              .blocks = &exchange->blocks,
                              .files_url = exchange->files_url,
                              .scope = exchange->permit.scope,
                              .exchange = exchange,
                              .rows = -1 };
    call->watch.cancelled = exchange->cancelled;
    call->watch.quit = exchange->quit;

    if (!kind->target(mcp, exchange, refusal) || !lookout_rounds_read(mcp, exchange, refusal)) {
        return METHOD_REFUSED;
    }
    exchange->turn.kind = kind;
    lookout_notes_begin(exchange);

    if (exchange->on_loop && request_kept(mcp, exchange)) {
        return METHOD_DONE;
    }

    call->watch.slice_ns =
        exchange->on_loop ? lookout_monotonic_ns() + mcp->config.slice_ns : 0;
    code = kind->check == NULL ? LOOKOUT_OK : kind->check(exchange);
    if (code == LOOKOUT_OK) {
        code = request_run(exchange);
    }

    if (code == LOOKOUT_NEEDS_THREAD) {
        return METHOD_DEFERRED;
    }
    request_reply(mcp, exchange, code);
    return METHOD_DONE;
}


void
lookout_request_work(const lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    lookout_code_e code;

    exchange->call.watch.slice_ns = 0;
    code = request_run(exchange);

    if (code == LOOKOUT_NEEDS_THREAD) {
        code = lookout_call_fail(&exchange->call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                                 "The call could not be run; this is a defect of the server.");
    }
    request_reply(mcp, exchange, code);
}


void
lookout_request_end(lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    lookout_str_t key;
    lookout_answer_t answer;
    const lookout_turn_t *turn = &exchange->turn;

    if (turn->keep_len == 0 || exchange->out.failed) {
        return;
    }
    key = request_key(mcp, exchange);
    if (key.data == NULL) {
        return;
    }

    answer.rows = exchange->rows;
    answer.text = (lookout_str_t){ exchange->out.data + turn->keep_from, turn->keep_len };
    lookout_answers_keep(mcp->answers, key, answer, exchange->call.deps, exchange->call.n_deps,
                         exchange->call.until);
}


void
lookout_request_refuse(lookout_exchange_t *exchange, const lookout_refusal_t *refusal)
{
    exchange->status = refusal->status;
    if (exchange->error.len == 0) {
        exchange->error = lookout_arena_printf(exchange->arena, "%d", refusal->code);
    }
    lookout_message_error(&exchange->out, exchange->message.id, refusal);
}


void
lookout_error_members(lookout_buf_t *b, const lookout_error_t *error, bool message)
{
    lookout_json_key(b, "code");
    lookout_json_cstr(b, lookout_code_name(error->code));
    if (message) {
        lookout_json_key(b, "message");
        lookout_json_str(b, error->message);
    }
    lookout_json_key(b, "details");
    lookout_json_raw(b, error->details.data != NULL ? error->details : LOOKOUT_STR("{}"));
}


lookout_str_t
lookout_shown(lookout_str_t name)
{
    if (name.len > REQUEST_SHOWN_MAX) {
        name.len = REQUEST_SHOWN_MAX;
        while (name.len != 0 && ((unsigned char) name.data[name.len] & 0xC0) == 0x80) {
            name.len--; /* no half of a character */
        }
    }
    return name;
}


void
lookout_request_error(lookout_exchange_t *exchange)
{
    lookout_buf_t data = LOOKOUT_BUF_INIT;
    lookout_refusal_t refusal;
    const lookout_error_t *error = &exchange->call.error;

    lookout_json_open(&data, '{');
    lookout_error_members(&data, error, false);
    if (exchange->call.uri.data != NULL) {
        lookout_json_key(&data, "uri");
        lookout_json_str(&data, lookout_shown(exchange->call.uri));
    }
    lookout_json_close(&data, '}');

    lookout_refuse(&refusal, 200,
                   error->code == LOOKOUT_INVALID_INPUT || error->code == LOOKOUT_INVALID_CURSOR
                       ? LOOKOUT_RPC_INVALID_PARAMS
                       : LOOKOUT_RPC_INTERNAL_ERROR,
                   error->message, data.failed ? LOOKOUT_STR_NONE : lookout_buf_text(&data));
    lookout_request_refuse(exchange, &refusal);
    lookout_buf_free(&data);
}


void
lookout_unknown(lookout_exchange_t *exchange, lookout_refusal_t *refusal, const char *what,
                const char *key, lookout_str_t name, const lookout_str_t *names, size_t n,
                const char *hint, const char *code)
{
    size_t at;
    lookout_buf_t data = LOOKOUT_BUF_INIT;
    lookout_str_t end = lookout_str(hint);

    name = lookout_shown(name);
    lookout_json_open(&data, '{');
    if (code != NULL) {
        lookout_json_key(&data, "code");
        lookout_json_cstr(&data, code);
    }
    lookout_json_key(&data, key);
    lookout_json_str(&data, name);
    if (lookout_nearest(exchange->arena, name, names, n, &at, 1) == 1) {
        lookout_json_key(&data, "suggestions");
        lookout_json_open(&data, '[');
        lookout_json_str(&data, names[at]);
        lookout_json_close(&data, ']');
        end = lookout_arena_printf(exchange->arena, "did you mean %.*s?",
                                   LOOKOUT_STR_ARG(names[at]));
    }
    lookout_json_close(&data, '}');

    lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                   lookout_arena_printf(exchange->arena, "Unknown %s: %.*s; %.*s", what,
                                        (int) (name.len > 64 ? 64 : name.len), name.data,
                                        LOOKOUT_STR_ARG(end)),
                   data.failed ? LOOKOUT_STR_NONE
                               : lookout_arena_copy(exchange->arena, lookout_buf_text(&data)));
    lookout_buf_free(&data);
}


bool
lookout_outside(lookout_exchange_t *exchange, lookout_refusal_t *refusal, const char *what,
                const char *name, const char *lacking, const lookout_access_t *access,
                const char *code)
{
    lookout_str_t text;
    lookout_buf_t data = LOOKOUT_BUF_INIT;
    lookout_str_t why =
        exchange->permit.lacks(exchange->permit.scope, exchange->arena, lacking, access);

    lookout_json_open(&data, '{');
    if (code != NULL) {
        lookout_json_key(&data, "code");
        lookout_json_cstr(&data, code);
    }
    lookout_json_key(&data, "name");
    lookout_json_cstr(&data, name);
    lookout_json_key(&data, "reason");
    lookout_json_cstr(&data, "outside_scope");
    lookout_json_close(&data, '}');

    text =
        lookout_arena_printf(exchange->arena, "%s %s is outside the scope of this server. %.*s",
                             what, name, LOOKOUT_STR_ARG(why));
    lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS, text,
                   data.failed ? LOOKOUT_STR_NONE
                               : lookout_arena_copy(exchange->arena, lookout_buf_text(&data)));
    lookout_buf_free(&data);
    return false;
}
