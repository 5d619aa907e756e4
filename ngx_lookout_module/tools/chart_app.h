/*
 * The page that draws a view inside a host with MCP Apps: resource ui://lookout/chart, of type
 * text/html;profile=mcp-app. It loads nothing, so it needs no domains in the resource's _meta.
 */

#ifndef LOOKOUT_TOOLS_CHART_APP_H
#define LOOKOUT_TOOLS_CHART_APP_H

#include "../base/str.h"

/* The whole document, UTF-8, in static storage. */
lookout_str_t lookout_chart_app(void);

#endif
