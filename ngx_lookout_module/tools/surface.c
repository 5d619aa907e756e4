/*
 * The default surface: its tables, put together.
 */

#include "tools.h"

const lookout_surface_t lookout_surface = {
    .tools = lookout_tools,
};
