/*
 * prompts/get: a row's messages for the arguments that a person filled in. Arguments are texts;
 * the row says which there are and which must be given.
 */

#include "server_private.h"

#define PROMPT_PROBLEMS_MAX 2048 /* bytes of details.errors after which no more are told */


bool
lookout_prompt_find(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_str_t name,
                    lookout_refusal_t *refusal)
{
    size_t n = 0;
    lookout_str_t names[256];
    const lookout_tool_t *tool;
    const lookout_prompt_t *prompt;
    const lookout_surface_t *const *set;

    for (set = mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(prompt, (*set)->prompts)
        {
            if (lookout_str_is(name, prompt->name)) {
                exchange->turn.prompt = prompt;
                tool = lookout_prompt_lacks(mcp, &exchange->permit, prompt);
                return tool == NULL
                       || lookout_outside(exchange, refusal, "Prompt", prompt->name, tool->name,
                                          &tool->access, NULL);
            }
            if (n < sizeof(names) / sizeof(names[0])
                && lookout_prompt_lacks(mcp, &exchange->permit, prompt) == NULL) {
                names[n++] = lookout_str(prompt->name);
            }
        }
    }
    lookout_unknown(exchange, refusal, "prompt", "name", name, names, n,
                    "prompts/list names the prompts there are", NULL);
    return false;
}


static bool
prompt_target(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    const cJSON *args = lookout_json_get(exchange->message.params, "arguments");
    const cJSON *name = lookout_json_get(exchange->message.params, "name");

    if (!cJSON_IsString(name)) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                              LOOKOUT_STR("Invalid params: prompts/get needs params.name, the "
                                          "prompt's name"),
                              LOOKOUT_STR_NONE);
    }
    if (args != NULL && !cJSON_IsObject(args)) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                              LOOKOUT_STR("Invalid params: arguments must be an object of "
                                          "texts"),
                              LOOKOUT_STR_NONE);
    }
    if (!lookout_prompt_find(mcp, exchange, lookout_str(name->valuestring), refusal)) {
        return false;
    }
    if (args != NULL) {
        exchange->call.args = args;
    }
    exchange->subject = lookout_str(exchange->turn.prompt->name);
    return true;
}


/* What is wrong with the arguments. */
typedef struct {
    lookout_arena_t *arena;
    lookout_buf_t errors; /* the items of details.errors */
    lookout_str_t first;  /* "/arguments/view: is required, a text" */
    size_t n;
} prompt_check_t;


/* Notes a problem; of an endless list the beginning, as names may be anything. */
static void
prompt_problem(prompt_check_t *check, const char *name, const char *why)
{
    lookout_buf_t *b = &check->errors;
    lookout_str_t path = lookout_arena_printf(check->arena, "/arguments/%.64s", name);

    if (check->n++ == 0) {
        check->first =
            lookout_arena_printf(check->arena, "%.*s: %s", LOOKOUT_STR_ARG(path), why);
    }
    if (b->len > PROMPT_PROBLEMS_MAX) {
        return;
    }
    lookout_json_open(b, '{');
    lookout_json_key(b, "path");
    lookout_json_str(b, path);
    lookout_json_key(b, "message");
    lookout_json_cstr(b, why);
    lookout_json_close(b, '}');
}


static const lookout_argument_t *
prompt_argument(const lookout_prompt_t *prompt, const char *name)
{
    const lookout_argument_t *row;

    LOOKOUT_ROWS(row, prompt->arguments)
    {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}


/* Forms send empty texts for what was not filled in. */
static bool
prompt_blank(const cJSON *item)
{
    return !cJSON_IsString(item) || item->valuestring[strspn(item->valuestring, " ")] == '\0';
}


static lookout_code_e
prompt_check(lookout_exchange_t *exchange)
{
    const cJSON *item;
    lookout_code_e code = LOOKOUT_OK;
    lookout_call_t *call = &exchange->call;
    prompt_check_t check = { .arena = exchange->arena, .errors = LOOKOUT_BUF_INIT };
    const lookout_argument_t *row;

    LOOKOUT_ROWS(row, exchange->turn.prompt->arguments)
    {
        item = lookout_json_get(call->args, row->name);
        if (row->required && prompt_blank(item)) {
            prompt_problem(&check, row->name, "is required, a text");
        }
    }
    cJSON_ArrayForEach(item, call->args)
    {
        row = prompt_argument(exchange->turn.prompt, item->string);
        if (row == NULL) {
            prompt_problem(&check, item->string, "is not an argument of this prompt");
        } else if (!cJSON_IsString(item) && !row->required) {
            prompt_problem(&check, item->string, "must be a text");
        }
    }

    if (check.n != 0) {
        code = lookout_call_fail(
            call, LOOKOUT_INVALID_INPUT,
            lookout_arena_printf(call->arena, "{\"errors\":[%.*s]}",
                                 LOOKOUT_STR_ARG(lookout_buf_text(&check.errors))),
            "Invalid params: the arguments of prompt %s do not fit: %.*s%s.",
            exchange->turn.prompt->name, LOOKOUT_STR_ARG(check.first),
            check.n == 1 ? "" : " (and more: details.errors lists them)");
    }
    lookout_buf_free(&check.errors);
    return code;
}


void
lookout_prompt_message(lookout_call_t *call, const char *role, lookout_str_t content)
{
    lookout_json_open(call->out, '{');
    lookout_json_key(call->out, "role");
    lookout_json_cstr(call->out, role);
    lookout_json_key(call->out, "content");
    lookout_json_raw(call->out, content);
    lookout_json_close(call->out, '}');
}


void
lookout_prompt_text(lookout_call_t *call, const char *role, lookout_str_t text)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "type");
    lookout_json_cstr(&b, "text");
    lookout_json_key(&b, "text");
    lookout_json_str(&b, text);
    lookout_json_close(&b, '}');
    lookout_prompt_message(call, role, lookout_buf_text(&b));
    call->out->failed |= b.failed;
    lookout_buf_free(&b);
}


static lookout_code_e
prompt_run(lookout_exchange_t *exchange)
{
    return exchange->turn.prompt->get(&exchange->call);
}


static void
prompt_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    lookout_buf_t *b = &exchange->out;

    if (code != LOOKOUT_OK) {
        lookout_request_error(exchange);
        return;
    }

    lookout_result_begin(exchange, b);
    lookout_json_key(b, "description");
    lookout_json_cstr(b, exchange->turn.prompt->description);
    lookout_json_key(b, "messages");
    lookout_json_open(b, '[');
    lookout_buf_str(b, lookout_buf_text(&exchange->result));
    lookout_json_close(b, ']');
    lookout_result_end(mcp, exchange, b, "complete");
}


const lookout_kind_t lookout_kind_prompt = {
    .target = prompt_target,
    .check = prompt_check,
    .run = prompt_run,
    .reply = prompt_reply,
};
