/*
 * The methods, one row each: what a client can ask for, in which era, and who answers.
 */

#include "server_private.h"


void
lookout_result_begin(const lookout_exchange_t *exchange, lookout_buf_t *b)
{
    lookout_message_result(b, exchange->message.id);
    lookout_json_open(b, '{');
}


void
lookout_result_end(const lookout_mcp_t *mcp, const lookout_exchange_t *exchange,
                   lookout_buf_t *b, const char *type)
{
    if (exchange->modern) {
        lookout_json_key(b, "resultType");
        lookout_json_cstr(b, type);
        lookout_buf_str(b, lookout_buf_text(&mcp->modern_tail));
    } else {
        lookout_buf_putc(b, '}');
    }
    lookout_buf_putc(b, '}');
}


void
lookout_result_ttl(lookout_exchange_t *exchange, int64_t ttl_ms, bool shared)
{
    lookout_buf_t *b = &exchange->out;

    if (!exchange->modern) {
        return;
    }
    lookout_json_key(b, "ttlMs");
    lookout_json_int(b, ttl_ms);
    lookout_json_key(b, "cacheScope");
    lookout_json_cstr(b, shared ? "public" : "private");
}


/* Is there a tool that the caller may not use? */
static bool
hides_tools(const lookout_mcp_t *mcp, const lookout_permit_t *permit)
{
    const lookout_tool_t *tool;
    const lookout_surface_t *const *set;

    for (set = mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(tool, (*set)->tools)
        {
            if (!lookout_permits(permit, &tool->access)) {
                return true;
            }
        }
    }
    return false;
}


/* They are of the whole server. Who may use but a part of it is told so first: some hosts show
 * no more than the beginning. */
static void
write_instructions(const lookout_mcp_t *mcp, const lookout_exchange_t *exchange,
                   lookout_buf_t *b)
{
    static const char part[] =
        "This address opens a part of the server: only what tools/list shows can be called, "
        "whatever else is named below.\n\n";
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    lookout_buf_puts(&text, hides_tools(mcp, &exchange->permit) ? part : "");
    lookout_buf_puts(&text, mcp->config.instructions);
    b->failed = b->failed || text.failed;
    lookout_json_key(b, "instructions");
    lookout_json_str(b, lookout_buf_text(&text));
    lookout_buf_free(&text);
}


static method_outcome_e
method_discover(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    lookout_buf_t *b = &exchange->out;
    const char *const *known;

    (void) refusal;

    lookout_result_begin(exchange, b);
    lookout_json_key(b, "supportedVersions");
    lookout_json_open(b, '[');
    for (known = lookout_revisions; *known != NULL; known++) {
        lookout_json_cstr(b, *known);
    }
    lookout_json_close(b, ']');
    lookout_json_key(b, "capabilities");
    lookout_json_raw(b, lookout_buf_text(&mcp->modern_caps));
    write_instructions(mcp, exchange, b);
    lookout_result_ttl(exchange, LOOKOUT_TTL_DEPLOY, exchange->permit.allows == NULL);
    lookout_result_end(mcp, exchange, b, "complete");
    return METHOD_DONE;
}


static method_outcome_e
method_initialize(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    lookout_buf_t *b = &exchange->out;
    lookout_str_t version = LOOKOUT_STR(LOOKOUT_REVISION_LEGACY);
    const cJSON *asked = lookout_json_get(exchange->message.params, "protocolVersion");

    if (!cJSON_IsString(asked)) {
        lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                       LOOKOUT_STR("Invalid params: initialize needs params.protocolVersion, a "
                                   "string such as \"2025-11-25\""),
                       LOOKOUT_STR_NONE);
        return METHOD_REFUSED;
    }
    if (lookout_revision_legacy(lookout_str(asked->valuestring))) {
        version = lookout_str(asked->valuestring);
    }

    lookout_result_begin(exchange, b);
    lookout_json_key(b, "protocolVersion");
    lookout_json_str(b, version);
    lookout_json_key(b, "capabilities");
    lookout_json_raw(b, lookout_buf_text(&mcp->legacy_caps));
    lookout_json_key(b, "serverInfo");
    lookout_json_raw(b, lookout_buf_text(&mcp->info_json));
    write_instructions(mcp, exchange, b);
    lookout_result_end(mcp, exchange, b, "complete");
    return METHOD_DONE;
}


static method_outcome_e
method_ping(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    (void) refusal;
    lookout_result_begin(exchange, &exchange->out);
    lookout_result_end(mcp, exchange, &exchange->out, "complete");
    return METHOD_DONE;
}


/* A stateless server has nowhere to keep the level: what legacy clients are told begins at info,
 * and this says no more than that the level is one. */
static method_outcome_e
method_set_level(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    const cJSON *level = lookout_json_get(exchange->message.params, "level");

    if (!cJSON_IsString(level) || !lookout_log_level(level->valuestring, NULL)) {
        lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                       LOOKOUT_STR("Invalid params: params.level must be one of " //
                                   LOOKOUT_LOG_LEVELS),
                       LOOKOUT_STR_NONE);
        return METHOD_REFUSED;
    }
    return method_ping(mcp, exchange, refusal);
}


/* A list of rows: as it was written once, or for a caller who may not use them all. All of it is
 * on the one page, so the only cursor there can be is the empty one. */
static method_outcome_e
method_rows(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal,
            const char *key, const lookout_buf_t *list,
            void (*write)(lookout_buf_t *b, const lookout_mcp_t *mcp,
                          const lookout_permit_t *permit))
{
    const cJSON *cursor = lookout_json_get(exchange->message.params, "cursor");

    if (cursor != NULL && (!cJSON_IsString(cursor) || cursor->valuestring[0] != '\0')) {
        lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                       lookout_arena_printf(exchange->arena,
                                            "Invalid params: unknown cursor; all %s are on the "
                                            "first page, so leave it out",
                                            key),
                       LOOKOUT_STR_NONE);
        return METHOD_REFUSED;
    }

    (void) lookout_buf_reserve(&exchange->out, list->len + 512);
    lookout_result_begin(exchange, &exchange->out);
    lookout_json_key(&exchange->out, key);
    if (exchange->permit.allows == NULL) {
        lookout_json_raw(&exchange->out, lookout_buf_text(list));
    } else {
        write(&exchange->out, mcp, &exchange->permit);
    }
    lookout_result_ttl(exchange, LOOKOUT_TTL_DEPLOY, exchange->permit.allows == NULL);
    lookout_result_end(mcp, exchange, &exchange->out, "complete");
    return METHOD_DONE;
}


static method_outcome_e
method_tools_list(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    return method_rows(mcp, exchange, refusal, "tools", &mcp->tools_json, lookout_tools_json);
}


static method_outcome_e
method_prompts_list(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                    lookout_refusal_t *refusal)
{
    return method_rows(mcp, exchange, refusal, "prompts", &mcp->prompts_json,
                       lookout_prompts_json);
}


static method_outcome_e
method_templates_list(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                      lookout_refusal_t *refusal)
{
    return method_rows(mcp, exchange, refusal, "resourceTemplates", &mcp->templates_json,
                       lookout_templates_json);
}


static const lookout_method_t methods[] = {
    /* name, subject, modern, legacy, offered when the server has, run or kind */
    { "tools/call", "name", true, true, OFFER_ALWAYS, NULL, &lookout_kind_tool },
    { "tools/list", NULL, true, true, OFFER_ALWAYS, method_tools_list, NULL },
    { "server/discover", NULL, true, false, OFFER_ALWAYS, method_discover, NULL },
    { "initialize", NULL, false, true, OFFER_ALWAYS, method_initialize, NULL },
    { "ping", NULL, false, true, OFFER_ALWAYS, method_ping, NULL },
    { "resources/read", "uri", true, true, OFFER_RESOURCES, NULL, &lookout_kind_resource },
    { "resources/list", NULL, true, true, OFFER_RESOURCES, NULL, &lookout_kind_resources },
    { "resources/templates/list", NULL, true, true, OFFER_RESOURCES, method_templates_list,
      NULL },
    { "resources/subscribe", NULL, false, true, OFFER_RESOURCES, lookout_resource_subscribe,
      NULL },
    { "resources/unsubscribe", NULL, false, true, OFFER_RESOURCES, lookout_resource_subscribe,
      NULL },
    { "prompts/get", "name", true, true, OFFER_PROMPTS, NULL, &lookout_kind_prompt },
    { "prompts/list", NULL, true, true, OFFER_PROMPTS, method_prompts_list, NULL },
    { "completion/complete", NULL, true, true, OFFER_COMPLETION, NULL, &lookout_kind_complete },
    { "tasks/get", "taskId", true, false, OFFER_TASKS, NULL, &lookout_kind_task },
    { "tasks/update", "taskId", true, false, OFFER_TASKS, NULL, &lookout_kind_task_update },
    { "tasks/cancel", "taskId", true, false, OFFER_TASKS, NULL, &lookout_kind_task_stop },
    { "logging/setLevel", NULL, false, true, OFFER_LOGGING, method_set_level, NULL },
};


const lookout_method_t *
lookout_mcp_method(const lookout_mcp_t *mcp, lookout_str_t name, bool modern)
{
    size_t i;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (lookout_str_is(name, methods[i].name)
            && (modern ? methods[i].modern : methods[i].legacy)
            && (methods[i].offer & mcp->offers) == methods[i].offer) {
            return &methods[i];
        }
    }
    return NULL;
}


const char *
lookout_method_subject(lookout_str_t name)
{
    size_t i;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (lookout_str_is(name, methods[i].name)) {
            return methods[i].subject;
        }
    }
    return NULL;
}
