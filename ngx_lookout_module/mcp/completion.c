/*
 * completion/complete: what an argument of a prompt, or a variable of a resource's template, may
 * become, given what was typed so far. The row's function adds values, best first; at most 100
 * are told (MCP, "Completion"), and how many there are in all.
 */

#include "server_private.h"

#define COMPLETION_MAX 100

struct lookout_completion_s {
    lookout_str_t typed;
    int64_t total;
};


static bool
completion_invalid(lookout_refusal_t *refusal, const char *why)
{
    return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS, lookout_str(why),
                          LOOKOUT_STR_NONE);
}


/* The rows that a reference leads to: of a prompt by its name, of a template by its text. */
static bool
completion_rows(lookout_mcp_t *mcp, lookout_exchange_t *exchange, const cJSON *ref,
                const lookout_argument_t **rows, lookout_refusal_t *refusal)
{
    size_t n = 0;
    lookout_str_t templates[256];
    const lookout_resource_t *row;
    const cJSON *type = lookout_json_get(ref, "type");
    const cJSON *name = lookout_json_get(ref, "name"), *uri = lookout_json_get(ref, "uri");
    const lookout_surface_t *const *set;

    if (cJSON_IsString(type) && strcmp(type->valuestring, "ref/prompt") == 0
        && cJSON_IsString(name)) {
        if (!lookout_prompt_find(mcp, exchange, lookout_str(name->valuestring), refusal)) {
            return false;
        }
        *rows = exchange->turn.prompt->arguments;
        return true;
    }

    if (!cJSON_IsString(type) || strcmp(type->valuestring, "ref/resource") != 0
        || !cJSON_IsString(uri)) {
        return completion_invalid(
            refusal, "Invalid params: ref must be {\"type\": \"ref/prompt\", \"name\"} or "
                     "{\"type\": \"ref/resource\", \"uri\"} with a template's text");
    }
    for (set = mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(row, (*set)->resources)
        {
            if (!lookout_permits(&exchange->permit, &row->access)) {
                continue;
            }
            if (strcmp(row->uri, uri->valuestring) == 0) {
                *rows = row->variables;
                return true;
            }
            if (n < sizeof(templates) / sizeof(templates[0])) {
                templates[n++] = lookout_str(row->uri);
            }
        }
    }
    lookout_unknown(exchange, refusal, "resource template", "uri",
                    lookout_str(uri->valuestring), templates, n,
                    "resources/templates/list names the templates there are", NULL);
    return false;
}


static bool
completion_target(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    size_t n = 0;
    lookout_str_t names[64];
    const cJSON *params = exchange->message.params;
    const cJSON *argument = lookout_json_get(params, "argument");
    const cJSON *name = lookout_json_get(argument, "name");
    const cJSON *value = lookout_json_get(argument, "value");
    const cJSON *known = lookout_json_get(lookout_json_get(params, "context"), "arguments");
    const lookout_argument_t *row, *rows = NULL;

    if (!completion_rows(mcp, exchange, lookout_json_get(params, "ref"), &rows, refusal)) {
        return false;
    }
    if (!cJSON_IsString(name) || !cJSON_IsString(value)) {
        return completion_invalid(refusal, "Invalid params: argument must be {\"name\", "
                                           "\"value\"}, both texts; value is what was typed so "
                                           "far, and may be empty");
    }
    if (known != NULL && !cJSON_IsObject(known)) {
        return completion_invalid(refusal, "Invalid params: context.arguments must be an "
                                           "object");
    }

    LOOKOUT_ROWS(row, rows)
    {
        if (strcmp(row->name, name->valuestring) == 0) {
            exchange->turn.argument = row;
            break;
        }
        names[n++ % 64] = lookout_str(row->name);
    }
    if (row == NULL || row->name == NULL) {
        lookout_unknown(exchange, refusal, "argument", "name", lookout_str(name->valuestring),
                        names, n < 64 ? n : 64, "its list says what arguments there are", NULL);
        return false;
    }

    exchange->call.completion =
        lookout_arena_alloc(exchange->arena, sizeof(lookout_completion_t));
    if (exchange->call.completion == NULL) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INTERNAL_ERROR,
                              LOOKOUT_STR("Internal error: out of memory"), LOOKOUT_STR_NONE);
    }
    exchange->call.completion->typed = lookout_str(value->valuestring);
    if (known != NULL) {
        exchange->call.args = known;
    }
    return true;
}


lookout_str_t
lookout_completion_typed(const lookout_call_t *call)
{
    return call->completion->typed;
}


void
lookout_completion_add(lookout_call_t *call, lookout_str_t value)
{
    if (call->completion->total++ < COMPLETION_MAX) {
        lookout_json_str(call->out, value);
    }
}


static lookout_code_e
completion_run(lookout_exchange_t *exchange)
{
    exchange->call.completion->total = 0;
    return exchange->turn.argument->complete == NULL
               ? LOOKOUT_OK
               : exchange->turn.argument->complete(&exchange->call);
}


static void
completion_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    lookout_buf_t *b = &exchange->out;
    int64_t total = exchange->call.completion->total;

    if (code != LOOKOUT_OK) {
        lookout_request_error(exchange);
        return;
    }

    lookout_result_begin(exchange, b);
    lookout_json_key(b, "completion");
    lookout_json_open(b, '{');
    lookout_json_key(b, "values");
    lookout_json_open(b, '[');
    lookout_buf_str(b, lookout_buf_text(&exchange->result));
    lookout_json_close(b, ']');
    lookout_json_key(b, "total");
    lookout_json_int(b, total);
    lookout_json_key(b, "hasMore");
    lookout_json_bool(b, total > COMPLETION_MAX);
    lookout_json_close(b, '}');
    lookout_result_end(mcp, exchange, b, "complete");
}


const lookout_kind_t lookout_kind_complete = {
    .target = completion_target,
    .run = completion_run,
    .reply = completion_reply,
};
