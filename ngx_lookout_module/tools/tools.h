/*
 * The default surface: what an agent can call, read and be prompted with.
 */

#ifndef LOOKOUT_TOOLS_H
#define LOOKOUT_TOOLS_H

#include "../mcp/registry.h"

extern const lookout_surface_t lookout_surface;

/* Its tables, each in the file of its name. */
extern const lookout_tool_t lookout_tools[];
extern const lookout_resource_t lookout_resources[];
extern const lookout_prompt_t lookout_prompts[];

/* The resource that hosts with MCP Apps show the rows of a view in (chart_app.h). */
#define LOOKOUT_CHART_APP_URI "ui://lookout/chart"

/* For the model, about the server as a whole. */
extern const char lookout_instructions[];

#endif
