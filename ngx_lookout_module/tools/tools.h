/*
 * The default surface: the table of the tools that an agent can call.
 */

#ifndef LOOKOUT_TOOLS_H
#define LOOKOUT_TOOLS_H

#include "../mcp/registry.h"

extern const lookout_toolset_t lookout_tools;

/* For the model, about the server as a whole. */
extern const char lookout_instructions[];

#endif
