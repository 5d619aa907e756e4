/*
 * Making a server: its surfaces are read once, and everything that does not depend on a request
 * is written then: the listings, the manifest, the capabilities, the members that every modern
 * result carries.
 */

#include "server_private.h"

#include <stdlib.h>


/* `listed`: with what the manifest does not have. */
static void
server_tool_json(lookout_buf_t *b, const lookout_tool_t *tool, bool listed)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "name");
    lookout_json_cstr(b, tool->name);
    lookout_json_key(b, "title");
    lookout_json_cstr(b, tool->title);
    lookout_json_key(b, "description");
    lookout_json_cstr(b, tool->description);
    lookout_json_key(b, "inputSchema");
    if (tool->input_json != NULL) {
        lookout_json_raw(b, lookout_str(tool->input_json));
    } else {
        lookout_schema_json(b, tool->input, true);
    }
    if (tool->output != NULL) {
        lookout_json_key(b, "outputSchema");
        lookout_schema_json(b, tool->output, false);
    }

    lookout_json_key(b, "annotations");
    lookout_json_open(b, '{');
    lookout_json_key(b, "title");
    lookout_json_cstr(b, tool->title);
    lookout_json_key(b, "readOnlyHint");
    lookout_json_bool(b, !tool->access.writes);
    lookout_json_key(b, "destructiveHint");
    lookout_json_bool(b, tool->destructive);
    lookout_json_key(b, "idempotentHint");
    lookout_json_bool(b, !tool->not_idempotent);
    lookout_json_key(b, "openWorldHint");
    lookout_json_bool(b, false);
    lookout_json_close(b, '}');
    if (listed && tool->meta != NULL) {
        lookout_json_key(b, "_meta");
        lookout_json_raw(b, lookout_str(tool->meta));
    }
    lookout_json_close(b, '}');
}


bool
lookout_permits(const lookout_permit_t *permit, const lookout_access_t *access)
{
    return permit == NULL || permit->allows == NULL || permit->allows(permit->scope, access);
}


const lookout_tool_t *
lookout_prompt_lacks(const lookout_mcp_t *mcp, const lookout_permit_t *permit,
                     const lookout_prompt_t *prompt)
{
    const char *const *name;
    const lookout_tool_t *tool;

    for (name = prompt->tools; name != NULL && *name != NULL; name++) {
        tool = lookout_mcp_tool(mcp, lookout_str(*name));
        if (tool != NULL && !lookout_permits(permit, &tool->access)) {
            return tool;
        }
    }
    return NULL;
}


bool
lookout_call_may(const lookout_call_t *call, const char *tool)
{
    const lookout_exchange_t *exchange = call->exchange;
    const lookout_tool_t *row =
        exchange->mcp == NULL ? NULL : lookout_mcp_tool(exchange->mcp, lookout_str(tool));

    return row == NULL || lookout_permits(&exchange->permit, &row->access);
}


static void
server_tools_json(lookout_buf_t *b, const lookout_mcp_t *mcp, const lookout_permit_t *permit,
                  bool listed)
{
    const lookout_tool_t *tool;
    const lookout_surface_t *const *set;

    lookout_json_open(b, '[');
    for (set = mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(tool, (*set)->tools)
        {
            if (lookout_permits(permit, &tool->access)) {
                server_tool_json(b, tool, listed);
            }
        }
    }
    lookout_json_close(b, ']');
}


void
lookout_tools_json(lookout_buf_t *b, const lookout_mcp_t *mcp, const lookout_permit_t *permit)
{
    server_tools_json(b, mcp, permit, true);
}


static void
server_prompt_json(lookout_buf_t *b, const lookout_prompt_t *prompt)
{
    const lookout_argument_t *row;

    lookout_json_open(b, '{');
    lookout_json_key(b, "name");
    lookout_json_cstr(b, prompt->name);
    lookout_json_key(b, "title");
    lookout_json_cstr(b, prompt->title);
    lookout_json_key(b, "description");
    lookout_json_cstr(b, prompt->description);
    lookout_json_key(b, "arguments");
    lookout_json_open(b, '[');
    LOOKOUT_ROWS(row, prompt->arguments)
    {
        lookout_json_open(b, '{');
        lookout_json_key(b, "name");
        lookout_json_cstr(b, row->name);
        if (row->title != NULL) {
            lookout_json_key(b, "title");
            lookout_json_cstr(b, row->title);
        }
        lookout_json_key(b, "description");
        lookout_json_cstr(b, row->description);
        lookout_json_key(b, "required");
        lookout_json_bool(b, row->required);
        lookout_json_close(b, '}');
    }
    lookout_json_close(b, ']');
    lookout_json_close(b, '}');
}


static void
server_template_json(lookout_buf_t *b, const lookout_resource_t *row)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "uriTemplate");
    lookout_json_cstr(b, row->uri);
    lookout_json_key(b, "name");
    lookout_json_cstr(b, row->name);
    lookout_json_key(b, "title");
    lookout_json_cstr(b, row->title);
    lookout_json_key(b, "description");
    lookout_json_cstr(b, row->description);
    if (row->mime != NULL) {
        lookout_json_key(b, "mimeType");
        lookout_json_cstr(b, row->mime);
    }
    lookout_json_close(b, '}');
}


void
lookout_prompts_json(lookout_buf_t *b, const lookout_mcp_t *mcp, const lookout_permit_t *permit)
{
    const lookout_prompt_t *prompt;
    const lookout_surface_t *const *set;

    lookout_json_open(b, '[');
    for (set = mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(prompt, (*set)->prompts)
        {
            if (lookout_prompt_lacks(mcp, permit, prompt) == NULL) {
                server_prompt_json(b, prompt);
            }
        }
    }
    lookout_json_close(b, ']');
}


void
lookout_templates_json(lookout_buf_t *b, const lookout_mcp_t *mcp,
                       const lookout_permit_t *permit)
{
    const lookout_resource_t *row;
    const lookout_surface_t *const *set;

    lookout_json_open(b, '[');
    for (set = mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(row, (*set)->resources)
        {
            if (row->variables != NULL && lookout_permits(permit, &row->access)) {
                server_template_json(b, row);
            }
        }
    }
    lookout_json_close(b, ']');
}


/* What the surfaces have, as OFFER_*. */
static int
server_offers(const lookout_surface_t *const *set)
{
    int offers = 0;
    const lookout_tool_t *tool;
    const lookout_prompt_t *prompt;
    const lookout_resource_t *resource;

    for (; *set != NULL; set++) {
        offers |= (*set)->tasks != NULL ? OFFER_TASKS : 0;
        LOOKOUT_ROWS(tool, (*set)->tools)
        {
            offers |= tool->logs ? OFFER_LOGGING : 0;
        }
        LOOKOUT_ROWS(prompt, (*set)->prompts)
        {
            offers |= OFFER_PROMPTS;
            offers |= prompt->arguments != NULL ? OFFER_COMPLETION : 0;
        }
        LOOKOUT_ROWS(resource, (*set)->resources)
        {
            offers |= OFFER_RESOURCES;
            offers |= resource->variables != NULL ? OFFER_COMPLETION : 0;
            offers |= strncmp(resource->uri, "ui://", 5) == 0 ? OFFER_UI : 0;
        }
    }
    return offers;
}


static void
server_capabilities_json(lookout_buf_t *b, int offers, bool modern)
{
    size_t i;
    static const struct {
        const char *name;
        int offer;
        bool modern;
        bool legacy;
        bool extension;
    } rows[] = {
        { "tools", OFFER_ALWAYS, true, true, false },
        { "resources", OFFER_RESOURCES, true, true, false },
        { "prompts", OFFER_PROMPTS, true, true, false },
        { "completions", OFFER_COMPLETION, true, true, false },
        { "logging", OFFER_LOGGING, true, true, false },
        { LOOKOUT_EXTENSION_TASKS, OFFER_TASKS, true, false, true },
        { LOOKOUT_EXTENSION_UI, OFFER_UI, true, true, true },
    };
    lookout_buf_t extensions = LOOKOUT_BUF_INIT;

    lookout_json_open(b, '{');
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((rows[i].offer & offers) == rows[i].offer
            && (modern ? rows[i].modern : rows[i].legacy)) {
            lookout_json_key(rows[i].extension ? &extensions : b, rows[i].name);
            lookout_json_raw(rows[i].extension ? &extensions : b, LOOKOUT_STR("{}"));
        }
    }
    if (extensions.len != 0) {
        lookout_json_key(b, "extensions");
        lookout_json_open(b, '{');
        lookout_buf_str(b, lookout_buf_text(&extensions));
        lookout_json_close(b, '}');
    }
    lookout_json_close(b, '}');
    b->failed |= extensions.failed;
    lookout_buf_free(&extensions);
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


void
lookout_mcp_manifest_of(const lookout_mcp_t *mcp, const lookout_permit_t *permit,
                        lookout_buf_t *b)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "name");
    lookout_json_cstr(b, mcp->config.name);
    lookout_json_key(b, "version");
    lookout_json_cstr(b, mcp->config.version);
    lookout_json_key(b, "tools");
    server_tools_json(b, mcp, permit, false);
    lookout_json_close(b, '}');
}


static bool
server_build(lookout_mcp_t *mcp)
{
    lookout_tools_json(&mcp->tools_json, mcp, NULL);
    lookout_prompts_json(&mcp->prompts_json, mcp, NULL);
    lookout_templates_json(&mcp->templates_json, mcp, NULL);
    server_info_json(&mcp->info_json, &mcp->config);

    mcp->offers = server_offers(mcp->config.surfaces);
    server_capabilities_json(&mcp->modern_caps, mcp->offers, true);
    server_capabilities_json(&mcp->legacy_caps, mcp->offers, false);

    lookout_buf_puts(&mcp->modern_tail, ",\"_meta\":{"
                                        "\"io.modelcontextprotocol/serverInfo\":");
    lookout_buf_str(&mcp->modern_tail, lookout_buf_text(&mcp->info_json));
    lookout_buf_puts(&mcp->modern_tail, "}}");

    lookout_mcp_manifest_of(mcp, NULL, &mcp->manifest);

    if (mcp->config.cache_bytes != 0) {
        mcp->answers = lookout_answers_create(mcp->config.cache_bytes);
        if (mcp->answers == NULL) {
            return false;
        }
    }

    return !mcp->tools_json.failed && !mcp->prompts_json.failed && !mcp->templates_json.failed
           && !mcp->info_json.failed && !mcp->modern_caps.failed && !mcp->legacy_caps.failed
           && !mcp->modern_tail.failed && !mcp->manifest.failed;
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
    lookout_buf_free(&mcp->prompts_json);
    lookout_buf_free(&mcp->templates_json);
    lookout_buf_free(&mcp->modern_caps);
    lookout_buf_free(&mcp->legacy_caps);
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
    const lookout_tool_t *tool;
    const lookout_surface_t *const *set;

    for (set = mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(tool, (*set)->tools)
        {
            if (lookout_str_is(name, tool->name)) {
                return tool;
            }
        }
    }
    return NULL;
}


const lookout_tool_t *
lookout_mcp_tool_at(const lookout_mcp_t *mcp, size_t n)
{
    const lookout_tool_t *tool;
    const lookout_surface_t *const *set;

    for (set = mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(tool, (*set)->tools)
        {
            if (n-- == 0) {
                return tool;
            }
        }
    }
    return NULL;
}
