/*
 * The default surface: its tables, put together.
 */

#include "tools.h"

#include "view_task.h"

const lookout_surface_t lookout_surface = {
    .tools = lookout_tools,
    .tasks = &lookout_view_tasks,
    .prompts = lookout_prompts,
    .resources = lookout_resources,
};
