/*
 * tools/call: from a name and arguments to a result.
 *
 * The result cache is asked first, by the raw bytes of the arguments (the same bytes passed the
 * checks before). Then the arguments are checked and the tool runs. A tool's error is a result
 * too, with isError: true, whose text is {"error": {"code", "message", "details"}}.
 */

#include "server_private.h"

#include <stdio.h>


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


/* The call's canonical text: the caller's scope, the tool's name, then its arguments in the order
 * of the table. */
static lookout_str_t
call_bond(lookout_arena_t *arena, lookout_str_t scope, const lookout_tool_t *tool,
          const cJSON *args)
{
    char *printed;
    const cJSON *item;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t bond;
    const lookout_schema_t *row;

    lookout_buf_str(&b, scope);
    lookout_buf_puts(&b, tool->name);

    for (row = tool->input; row != NULL && row->name != NULL; row++) {
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


/* The eras share answers, but for clients that do not know resource_link; scopes do not. An answer
 * that is a task is a new one each time. */
static lookout_str_t
call_key(const lookout_exchange_t *exchange)
{
    lookout_str_t params = lookout_json_member(exchange->message.text, "params");
    lookout_str_t scope = exchange->permit.key;

    if (exchange->call.as_task) {
        return LOOKOUT_STR_NONE;
    }
    return lookout_arena_printf(exchange->arena, "%s\n%d %zu:%.*s%.*s",
                                exchange->turn.pending->name, exchange->links, scope.len,
                                LOOKOUT_STR_ARG(scope),
                                LOOKOUT_STR_ARG(lookout_json_member(params, "arguments")));
}


bool
lookout_call_links(const lookout_call_t *call)
{
    return call->exchange->links;
}


void
lookout_call_error_json(lookout_buf_t *b, const lookout_error_t *error)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "error");
    lookout_json_open(b, '{');
    lookout_error_members(b, error, true);
    lookout_json_close(b, '}');
    lookout_json_close(b, '}');
}


void
lookout_call_result(lookout_buf_t *b, const lookout_mcp_t *mcp,
                    const lookout_exchange_t *exchange, lookout_str_t text, bool is_error)
{
    const lookout_buf_t *blocks = is_error ? NULL : &exchange->blocks;

    (void) lookout_buf_reserve(b, text.len * 2 + text.len / 4 + 512);

    lookout_json_key(b, "content");
    lookout_buf_putc(b, '[');
    if (text.len != 0) {
        lookout_buf_puts(b, "{\"type\":\"text\",\"text\":\"");
        lookout_buf_json_escape(b, text);
        lookout_buf_puts(b, "\"}");
    }
    if (blocks != NULL && blocks->len != 0) {
        lookout_json_raw(b, lookout_buf_text(blocks));
    }
    lookout_buf_putc(b, ']');

    if (!is_error && text.len != 0 && mcp->config.structured_content) {
        lookout_json_key(b, "structuredContent");
        lookout_json_raw(b, text);
    }
    lookout_json_key(b, "isError");
    lookout_json_bool(b, is_error);
}


static void
call_close(const lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    lookout_result_end(mcp, exchange, &exchange->out, "complete");
}


static void
call_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    lookout_call_t *call = &exchange->call;

    if (code == LOOKOUT_OK && lookout_call_is_task(call)) {
        lookout_task_reply(mcp, exchange, &exchange->out);
        return;
    }
    if (code != LOOKOUT_OK) {
        lookout_buf_free(&exchange->result);
        lookout_call_error_json(&exchange->result, &call->error);
    }

    lookout_result_begin(exchange, &exchange->out);
    exchange->turn.keep_from = exchange->out.len;
    lookout_call_result(&exchange->out, mcp, exchange, lookout_buf_text(&exchange->result),
                        code != LOOKOUT_OK);
    exchange->turn.keep_len =
        call->cacheable ? exchange->out.len - exchange->turn.keep_from : 0;
    call_close(mcp, exchange);
}


void
lookout_call_detach(lookout_call_t *call, lookout_str_t envelope)
{
    lookout_exchange_t *exchange = call->exchange;
    lookout_buf_t *b = &exchange->early;

    call->watch.cancelled = NULL;

    if (exchange->on_loop || exchange->batch || atomic_load(&exchange->early_ready)) {
        return;
    }

    if (lookout_call_is_task(call)) {
        lookout_task_reply(exchange->mcp, exchange, b);
    } else if (exchange->progress_token.data != NULL) {
        return;
    } else {
        lookout_result_begin(exchange, b);
        lookout_call_result(b, exchange->mcp, exchange, envelope, false);
        lookout_result_end(exchange->mcp, exchange, b, "complete");
    }
    atomic_store(&exchange->early_ready, !b->failed);
}


static lookout_code_e
call_check(lookout_exchange_t *exchange)
{
    lookout_call_t *call = &exchange->call;
    lookout_code_e code = LOOKOUT_OK;

    if (exchange->turn.pending->input != NULL) {
        code = lookout_schema_check(exchange->arena, exchange->turn.pending->input, call->args,
                                    &call->error);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    call->bond =
        call_bond(exchange->arena, exchange->permit.key, exchange->turn.pending, call->args);
    return call->bond.data == NULL ? lookout_fail_memory(&call->error) : LOOKOUT_OK;
}


static lookout_code_e
call_run(lookout_exchange_t *exchange)
{
    exchange->call.task = (lookout_task_t){ .ttl_ms = -1 };
    return exchange->turn.pending->run(&exchange->call);
}


static void
call_unknown(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_str_t name,
             lookout_refusal_t *refusal)
{
    size_t n = 0;
    lookout_str_t names[256];
    const lookout_tool_t *tool;
    const lookout_surface_t *const *set;

    for (set = mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(tool, (*set)->tools)
        {
            if (n < sizeof(names) / sizeof(names[0])
                && lookout_permits(&exchange->permit, &tool->access)) {
                names[n++] = lookout_str(tool->name);
            }
        }
    }
    lookout_unknown(exchange, refusal, "tool", "name", name, names, n,
                    "tools/list names the tools there are",
                    lookout_code_name(LOOKOUT_TOOL_NOT_FOUND));
    exchange->error = lookout_str(lookout_code_name(LOOKOUT_TOOL_NOT_FOUND));
}


/* Finds the tool and its arguments' outer form. */
static bool
call_target(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    const cJSON *args = lookout_json_get(exchange->message.params, "arguments");
    const cJSON *name = lookout_json_get(exchange->message.params, "name");

    if (!cJSON_IsString(name)) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                              LOOKOUT_STR("Invalid params: tools/call needs params.name, the "
                                          "tool's name"),
                              LOOKOUT_STR_NONE);
    }

    exchange->turn.pending = lookout_mcp_tool(mcp, lookout_str(name->valuestring));
    if (exchange->turn.pending == NULL) {
        call_unknown(mcp, exchange, lookout_str(name->valuestring), refusal);
        return false;
    }
    exchange->subject = lookout_str(exchange->turn.pending->name);
    if (!lookout_permits(&exchange->permit, &exchange->turn.pending->access)) {
        exchange->error = lookout_str(lookout_code_name(LOOKOUT_TOOL_NOT_FOUND));
        return lookout_outside(exchange, refusal, "Tool", exchange->turn.pending->name,
                               exchange->turn.pending->name, &exchange->turn.pending->access,
                               lookout_code_name(LOOKOUT_TOOL_NOT_FOUND));
    }

    if (args != NULL && !cJSON_IsObject(args)) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                              LOOKOUT_STR("Invalid params: arguments must be an object"),
                              LOOKOUT_STR_NONE);
    }
    if (args != NULL) {
        exchange->call.args = args;
    }
    exchange->call.as_task = exchange->turn.pending->as_task && exchange->modern
                             && !exchange->batch
                             && lookout_client_extension(exchange, LOOKOUT_EXTENSION_TASKS);
    return !exchange->turn.pending->task_only || exchange->call.as_task
           || lookout_tasks_refuse(exchange, refusal);
}


const lookout_kind_t lookout_kind_tool = {
    .target = call_target,
    .key = call_key,
    .close = call_close,
    .check = call_check,
    .run = call_run,
    .reply = call_reply,
};
