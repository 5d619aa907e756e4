/*
 * The methods, one row each: what a client can ask for, in which era, and who answers.
 */

#include "server_private.h"

/* How long a client may keep what it was told (milliseconds): the tools change with a deploy. */
#define METHOD_TTL_MS 300000


static void
method_begin(lookout_exchange_t *exchange)
{
    lookout_message_result(&exchange->out, exchange->message.id);
    lookout_json_open(&exchange->out, '{');
}


void
lookout_method_finish(const lookout_mcp_t *mcp, const lookout_exchange_t *exchange,
                      lookout_buf_t *b)
{
    if (exchange->modern) {
        lookout_buf_str(b, lookout_buf_text(&mcp->modern_tail));
    } else {
        lookout_buf_putc(b, '}');
    }
    lookout_buf_putc(b, '}');
}


/* ttlMs and cacheScope: the same tools for every caller of this endpoint. */
static void
method_cache_json(lookout_exchange_t *exchange)
{
    if (!exchange->modern) {
        return;
    }
    lookout_json_key(&exchange->out, "ttlMs");
    lookout_json_int(&exchange->out, METHOD_TTL_MS);
    lookout_json_key(&exchange->out, "cacheScope");
    lookout_json_cstr(&exchange->out, "public");
}


static method_outcome_e
method_discover(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    lookout_buf_t *b = &exchange->out;
    const char *const *known;

    (void) refusal;

    method_begin(exchange);
    lookout_json_key(b, "supportedVersions");
    lookout_json_open(b, '[');
    for (known = lookout_revisions; *known != NULL; known++) {
        lookout_json_cstr(b, *known);
    }
    lookout_json_close(b, ']');
    lookout_json_key(b, "capabilities");
    lookout_json_raw(b, LOOKOUT_STR("{\"tools\":{}}"));
    lookout_json_key(b, "instructions");
    lookout_json_cstr(b, mcp->config.instructions);
    method_cache_json(exchange);
    lookout_method_finish(mcp, exchange, &exchange->out);
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

    method_begin(exchange);
    lookout_json_key(b, "protocolVersion");
    lookout_json_str(b, version);
    lookout_json_key(b, "capabilities");
    lookout_json_raw(b, LOOKOUT_STR("{\"tools\":{}}"));
    lookout_json_key(b, "serverInfo");
    lookout_json_raw(b, lookout_buf_text(&mcp->info_json));
    lookout_json_key(b, "instructions");
    lookout_json_cstr(b, mcp->config.instructions);
    lookout_method_finish(mcp, exchange, &exchange->out);
    return METHOD_DONE;
}


static method_outcome_e
method_ping(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    (void) refusal;
    method_begin(exchange);
    lookout_method_finish(mcp, exchange, &exchange->out);
    return METHOD_DONE;
}


/* All tools are on the one page, so the only cursor there can be is the empty one. */
static method_outcome_e
method_tools_list(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    const cJSON *cursor = lookout_json_get(exchange->message.params, "cursor");

    if (cursor != NULL && (!cJSON_IsString(cursor) || cursor->valuestring[0] != '\0')) {
        lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                       LOOKOUT_STR("Invalid params: unknown cursor; all tools are on the first "
                                   "page, so leave it out"),
                       LOOKOUT_STR_NONE);
        return METHOD_REFUSED;
    }

    (void) lookout_buf_reserve(&exchange->out, mcp->tools_json.len + 512);
    method_begin(exchange);
    lookout_json_key(&exchange->out, "tools");
    lookout_json_raw(&exchange->out, lookout_buf_text(&mcp->tools_json));
    method_cache_json(exchange);
    lookout_method_finish(mcp, exchange, &exchange->out);
    return METHOD_DONE;
}


static const lookout_method_t methods[] = {
    /* name             modern legacy run */
    { "tools/call", true, true, lookout_call_begin },
    { "tools/list", true, true, method_tools_list },
    { "server/discover", true, false, method_discover },
    { "initialize", false, true, method_initialize },
    { "ping", false, true, method_ping },
};


const lookout_method_t *
lookout_method_find(lookout_str_t name, bool modern)
{
    size_t i;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (lookout_str_is(name, methods[i].name)
            && (modern ? methods[i].modern : methods[i].legacy)) {
            return &methods[i];
        }
    }
    return NULL;
}
