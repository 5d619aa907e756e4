/*
 * Making a server: its tool table is read once, and everything that does not depend on a request
 * is written then: the listing, the manifest, the members that every modern result carries.
 */

#include "server_private.h"

#include <stdlib.h>


static void
server_tool_json(lookout_buf_t *b, const lookout_tool_t *tool)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "name");
    lookout_json_cstr(b, tool->name);
    lookout_json_key(b, "title");
    lookout_json_cstr(b, tool->title);
    lookout_json_key(b, "description");
    lookout_json_cstr(b, tool->description);
    lookout_json_key(b, "inputSchema");
    lookout_schema_json(b, tool->input, true);
    lookout_json_key(b, "outputSchema");
    lookout_schema_json(b, tool->output, false);

    lookout_json_key(b, "annotations");
    lookout_json_open(b, '{');
    lookout_json_key(b, "title");
    lookout_json_cstr(b, tool->title);
    lookout_json_key(b, "readOnlyHint");
    lookout_json_bool(b, !tool->writes);
    lookout_json_key(b, "destructiveHint");
    lookout_json_bool(b, tool->destructive);
    lookout_json_key(b, "idempotentHint");
    lookout_json_bool(b, !tool->not_idempotent);
    lookout_json_key(b, "openWorldHint");
    lookout_json_bool(b, false);
    lookout_json_close(b, '}');
    lookout_json_close(b, '}');
}


static void
server_info_json(lookout_buf_t *b, const lookout_mcp_config_t *config)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "name");
    lookout_json_cstr(b, config->name);
    lookout_json_key(b, "title");
    lookout_json_cstr(b, config->title);
    lookout_json_key(b, "version");
    lookout_json_cstr(b, config->version);
    lookout_json_close(b, '}');
}


static void
server_manifest_json(lookout_mcp_t *mcp)
{
    lookout_buf_t *b = &mcp->manifest;

    lookout_json_open(b, '{');
    lookout_json_key(b, "name");
    lookout_json_cstr(b, mcp->config.name);
    lookout_json_key(b, "version");
    lookout_json_cstr(b, mcp->config.version);
    lookout_json_key(b, "tools");
    lookout_json_raw(b, lookout_buf_text(&mcp->tools_json));
    lookout_json_close(b, '}');
}


static bool
server_build(lookout_mcp_t *mcp)
{
    size_t i;
    const lookout_toolset_t *const *set;

    lookout_json_open(&mcp->tools_json, '[');
    for (set = mcp->config.toolsets; *set != NULL; set++) {
        for (i = 0; i < (*set)->n; i++) {
            server_tool_json(&mcp->tools_json, &(*set)->items[i]);
        }
    }
    lookout_json_close(&mcp->tools_json, ']');

    server_info_json(&mcp->info_json, &mcp->config);

    lookout_buf_puts(&mcp->modern_tail, ",\"resultType\":\"complete\",\"_meta\":{"
                                        "\"io.modelcontextprotocol/serverInfo\":");
    lookout_buf_str(&mcp->modern_tail, lookout_buf_text(&mcp->info_json));
    lookout_buf_puts(&mcp->modern_tail, "}}");

    server_manifest_json(mcp);

    if (mcp->config.cache_bytes != 0) {
        mcp->answers = lookout_answers_create(mcp->config.cache_bytes);
        if (mcp->answers == NULL) {
            return false;
        }
    }

    return !mcp->tools_json.failed && !mcp->info_json.failed && !mcp->modern_tail.failed
           && !mcp->manifest.failed;
}


lookout_mcp_t *
lookout_mcp_create(const lookout_mcp_config_t *config)
{
    lookout_mcp_t *mcp = calloc(1, sizeof(lookout_mcp_t));

    if (mcp == NULL) {
        return NULL;
    }

    mcp->config = *config;
    if (!server_build(mcp)) {
        lookout_mcp_destroy(mcp);
        return NULL;
    }
    return mcp;
}


void
lookout_mcp_destroy(lookout_mcp_t *mcp)
{
    if (mcp == NULL) {
        return;
    }
    lookout_answers_destroy(mcp->answers);
    lookout_buf_free(&mcp->tools_json);
    lookout_buf_free(&mcp->info_json);
    lookout_buf_free(&mcp->modern_tail);
    lookout_buf_free(&mcp->manifest);
    free(mcp);
}


lookout_str_t
lookout_mcp_manifest(const lookout_mcp_t *mcp)
{
    return lookout_buf_text(&mcp->manifest);
}


const lookout_tool_t *
lookout_mcp_tool(const lookout_mcp_t *mcp, lookout_str_t name)
{
    size_t i;
    const lookout_toolset_t *const *set;

    for (set = mcp->config.toolsets; *set != NULL; set++) {
        for (i = 0; i < (*set)->n; i++) {
            if (lookout_str_is(name, (*set)->items[i].name)) {
                return &(*set)->items[i];
            }
        }
    }
    return NULL;
}
