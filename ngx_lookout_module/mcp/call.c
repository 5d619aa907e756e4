/*
 * tools/call: from a name and arguments to a result.
 *
 * On the event loop the result cache is asked first, by the raw bytes of the arguments (the same
 * bytes passed the checks before). Then the arguments are checked and the tool runs within the
 * loop's slice; when it needs longer the exchange is deferred, and the same steps go on in
 * lookout_call_work on a thread. A tool's error is a result too, with isError: true, whose text
 * is {"error": {"code", "message", "details"}}.
 */

#include "server_private.h"

#include <stdio.h>

#include "../base/clock.h"
#include "../base/text.h"


/* Arguments that say which part of an answer is wanted, not which answer: a cursor stays good
 * when they change. */
static const char *const call_paging[] = { "cursor", "pageSize" };


static bool
call_is_paging(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(call_paging) / sizeof(call_paging[0]); i++) {
        if (strcmp(name, call_paging[i]) == 0) {
            return true;
        }
    }
    return false;
}


/* The call's canonical text: the tool's name, then its arguments in the order of the table. */
static lookout_str_t
call_bond(lookout_arena_t *arena, const lookout_tool_t *tool, const cJSON *args)
{
    char *printed;
    const cJSON *item;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t bond;
    const lookout_schema_t *row;

    lookout_buf_puts(&b, tool->name);

    for (row = tool->input; row->name != NULL; row++) {
        item = call_is_paging(row->name) ? NULL : lookout_json_get(args, row->name);
        if (item == NULL || cJSON_IsNull(item)) {
            continue;
        }
        printed = cJSON_PrintUnformatted(item);
        lookout_buf_printf(&b, "\n%s=%s", row->name, printed == NULL ? "" : printed);
        b.failed |= printed == NULL;
        cJSON_free(printed);
    }

    bond = b.failed ? LOOKOUT_STR_NONE : lookout_arena_copy(arena, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return bond;
}


/* The key of the result cache: era-free, so both eras share answers. */
static lookout_str_t
call_key(const lookout_exchange_t *exchange)
{
    lookout_str_t params = lookout_json_member(exchange->message.text, "params");

    return lookout_arena_printf(exchange->arena, "%s\n%.*s", exchange->pending->name,
                                LOOKOUT_STR_ARG(lookout_json_member(params, "arguments")));
}


/* What the log says of a failed call. */
static void
call_note_error(lookout_exchange_t *exchange, lookout_code_e code)
{
    exchange->error = lookout_str(lookout_code_name(code));
}


/* {"error":{"code","message","details"}}, into the call's result buffer. */
static void
call_error_json(lookout_buf_t *b, const lookout_error_t *error)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "error");
    lookout_json_open(b, '{');
    lookout_json_key(b, "code");
    lookout_json_cstr(b, lookout_code_name(error->code));
    lookout_json_key(b, "message");
    lookout_json_str(b, error->message);
    lookout_json_key(b, "details");
    lookout_json_raw(b, error->details.data != NULL ? error->details : LOOKOUT_STR("{}"));
    lookout_json_close(b, '}');
    lookout_json_close(b, '}');
}


/* The result's members but for what the era adds: the text, the same as structuredContent, and
 * isError. */
static void
call_result_json(lookout_buf_t *b, const lookout_mcp_t *mcp, lookout_str_t text,
                 const lookout_buf_t *blocks, bool is_error)
{
    (void) lookout_buf_reserve(b, text.len * 2 + text.len / 4 + 512);

    lookout_json_key(b, "content");
    lookout_buf_puts(b, "[{\"type\":\"text\",\"text\":\"");
    lookout_buf_json_escape(b, text);
    lookout_buf_puts(b, "\"}");
    if (!is_error && blocks != NULL && blocks->len != 0) {
        lookout_buf_putc(b, ',');
        lookout_buf_str(b, lookout_buf_text(blocks));
    }
    lookout_buf_putc(b, ']');

    if (!is_error && mcp->config.structured_content) {
        lookout_json_key(b, "structuredContent");
        lookout_json_raw(b, text);
    }
    lookout_json_key(b, "isError");
    lookout_json_bool(b, is_error);
}


/* The reply to a call that has come to its end, well or not. */
static void
call_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    if (code == LOOKOUT_OK && exchange->result.failed) {
        code = lookout_fail_memory(&exchange->call.error);
    }
    if (code != LOOKOUT_OK) {
        lookout_buf_free(&exchange->result);
        exchange->call.rows = -1;
        exchange->call.cacheable = false;
        call_note_error(exchange, code);
        call_error_json(&exchange->result, &exchange->call.error);
    }
    exchange->rows = exchange->call.rows;

    lookout_message_result(&exchange->out, exchange->message.id);
    lookout_json_open(&exchange->out, '{');

    exchange->keep_from = exchange->out.len;
    call_result_json(&exchange->out, mcp, lookout_buf_text(&exchange->result),
                     &exchange->blocks, code != LOOKOUT_OK);
    exchange->keep_len = exchange->call.cacheable ? exchange->out.len - exchange->keep_from : 0;

    lookout_method_finish(mcp, exchange, &exchange->out);
    lookout_buf_free(&exchange->result);
    lookout_buf_free(&exchange->blocks);
}


void
lookout_call_detach(lookout_call_t *call, lookout_str_t envelope)
{
    lookout_exchange_t *exchange = call->exchange;
    lookout_buf_t *b = &exchange->early;

    call->watch.cancelled = NULL;

    if (exchange->on_loop || exchange->batch || exchange->progress_token.data != NULL
        || atomic_load(&exchange->early_ready)) {
        return;
    }

    lookout_message_result(b, exchange->message.id);
    lookout_json_open(b, '{');
    call_result_json(b, exchange->mcp, envelope, NULL, false);
    lookout_method_finish(exchange->mcp, exchange, b);
    atomic_store(&exchange->early_ready, !b->failed);
}


void
lookout_call_progress(lookout_call_t *call, int64_t done, int64_t total)
{
    atomic_store_explicit(&call->exchange->progress_total, total, memory_order_relaxed);
    atomic_store_explicit(&call->exchange->progress_done, done, memory_order_relaxed);
}


static lookout_code_e
call_run(lookout_exchange_t *exchange)
{
    lookout_code_e code;
    lookout_call_t *call = &exchange->call;

    lookout_buf_reset(&exchange->result);
    lookout_buf_reset(&exchange->blocks);
    call->session = exchange->session;
    call->error.code = LOOKOUT_OK;
    call->rows = -1;
    call->cacheable = false;
    call->n_deps = 0;
    call->until = 0;
    call->watch.stopped = LOOKOUT_STOP_NONE;

    code = exchange->pending->run(call);

    if (code == LOOKOUT_CANCELLED) {
        /* Nobody reads this; but a batch, or a client that is still there, gets an answer. */
        code = lookout_call_fail(call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                                 "The call was cancelled before it was done; call again.");
    }
    return code;
}


static bool
call_cached(lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    lookout_answer_t answer;

    if (mcp->answers == NULL
        || !lookout_answers_find(mcp->answers, call_key(exchange), &answer)) {
        return false;
    }

    (void) lookout_buf_reserve(&exchange->out, answer.text.len + 512);
    lookout_message_result(&exchange->out, exchange->message.id);
    lookout_json_open(&exchange->out, '{');
    lookout_buf_str(&exchange->out, answer.text);
    lookout_method_finish(mcp, exchange, &exchange->out);
    exchange->rows = answer.rows;
    return true;
}


static void
call_unknown(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_str_t name,
             lookout_refusal_t *refusal)
{
    size_t i, at, n = 0;
    lookout_str_t names[256];
    lookout_buf_t data = LOOKOUT_BUF_INIT;
    lookout_str_t hint = LOOKOUT_STR("; tools/list names the tools there are");
    const lookout_toolset_t *const *set;

    for (set = mcp->config.toolsets; *set != NULL; set++) {
        for (i = 0; i < (*set)->n && n < sizeof(names) / sizeof(names[0]); i++) {
            names[n++] = lookout_str((*set)->items[i].name);
        }
    }

    lookout_json_open(&data, '{');
    lookout_json_key(&data, "code");
    lookout_json_cstr(&data, lookout_code_name(LOOKOUT_TOOL_NOT_FOUND));
    lookout_json_key(&data, "name");
    lookout_json_str(&data, name);
    if (lookout_nearest(exchange->arena, name, names, n, &at, 1) == 1) {
        lookout_json_key(&data, "suggestions");
        lookout_json_open(&data, '[');
        lookout_json_str(&data, names[at]);
        lookout_json_close(&data, ']');
        hint = lookout_arena_printf(exchange->arena, "; did you mean %.*s?",
                                    LOOKOUT_STR_ARG(names[at]));
    }
    lookout_json_close(&data, '}');

    lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                   lookout_arena_printf(exchange->arena, "Unknown tool: %.64s%.*s", name.data,
                                        LOOKOUT_STR_ARG(hint)),
                   data.failed ? LOOKOUT_STR_NONE
                               : lookout_arena_copy(exchange->arena, lookout_buf_text(&data)));
    lookout_buf_free(&data);
    call_note_error(exchange, LOOKOUT_TOOL_NOT_FOUND);
}


/* A client that wants to be told how far the work is names a token for it: text or a number. */
static void
call_progress_token(lookout_exchange_t *exchange)
{
    const cJSON *token =
        lookout_json_get(lookout_json_get(exchange->message.params, "_meta"), "progressToken");

    if (exchange->batch || !(cJSON_IsString(token) || cJSON_IsNumber(token))) {
        return;
    }
    exchange->progress_token = lookout_json_member(
        lookout_json_member(lookout_json_member(exchange->message.text, "params"), "_meta"),
        "progressToken");
}


/* Finds the tool and its arguments' outer form; false with *refusal filled in. */
static bool
call_target(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    static const cJSON none = { .type = cJSON_Object };
    const cJSON *args = lookout_json_get(exchange->message.params, "arguments");
    const cJSON *name = lookout_json_get(exchange->message.params, "name");

    if (!cJSON_IsString(name)) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                              LOOKOUT_STR("Invalid params: tools/call needs params.name, the "
                                          "tool's name"),
                              LOOKOUT_STR_NONE);
    }

    exchange->pending = lookout_mcp_tool(mcp, lookout_str(name->valuestring));
    if (exchange->pending == NULL) {
        call_unknown(mcp, exchange, lookout_str(name->valuestring), refusal);
        return false;
    }
    exchange->tool = lookout_str(exchange->pending->name);

    if (args != NULL && !cJSON_IsObject(args)) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                              LOOKOUT_STR("Invalid params: arguments must be an object"),
                              LOOKOUT_STR_NONE);
    }
    exchange->call.args = args == NULL ? &none : args;
    call_progress_token(exchange);
    return true;
}


method_outcome_e
lookout_call_begin(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    lookout_code_e code;
    lookout_call_t *call = &exchange->call;

    *call = (lookout_call_t){ .arena = exchange->arena,
                              .out = &exchange->result,
                              .blocks = &exchange->blocks,
                              .files_url = exchange->files_url,
                              .exchange = exchange,
                              .rows = -1 };
    call->watch.cancelled = exchange->cancelled;
    call->watch.quit = exchange->quit;

    if (!call_target(mcp, exchange, refusal)) {
        return METHOD_REFUSED;
    }

    if (exchange->on_loop && call_cached(mcp, exchange)) {
        return METHOD_DONE;
    }

    code = lookout_schema_check(exchange->arena, exchange->pending->input, call->args,
                                &call->error);
    if (code == LOOKOUT_OK) {
        call->bond = call_bond(exchange->arena, exchange->pending, call->args);
        call->watch.slice_ns =
            exchange->on_loop ? lookout_monotonic_ns() + mcp->config.slice_ns : 0;
        code = call->bond.data == NULL ? lookout_fail_memory(&call->error) : call_run(exchange);
    }

    if (code == LOOKOUT_NEEDS_THREAD) {
        return METHOD_DEFERRED;
    }
    call_reply(mcp, exchange, code);
    return METHOD_DONE;
}


void
lookout_call_work(const lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    lookout_code_e code;

    exchange->call.watch.slice_ns = 0;
    code = call_run(exchange);

    if (code == LOOKOUT_NEEDS_THREAD) {
        code = lookout_call_fail(&exchange->call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                                 "The tool could not be run; this is a defect of the server.");
    }
    call_reply(mcp, exchange, code);
}


void
lookout_call_end(lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    lookout_answer_t answer;

    if (mcp->answers == NULL || exchange->keep_len == 0 || exchange->out.failed) {
        return;
    }

    answer.rows = exchange->rows;
    answer.text =
        (lookout_str_t){ exchange->out.data + exchange->keep_from, exchange->keep_len };
    lookout_answers_keep(mcp->answers, call_key(exchange), answer, exchange->call.deps,
                         exchange->call.n_deps, exchange->call.until);
}
