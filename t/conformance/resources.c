/*
 * The resources: a text, some bytes, a template, and one that a client would watch.
 */

#include "conformance.h"


static lookout_code_e
resources_text(lookout_call_t *call)
{
    lookout_buf_puts(call->out, "This is the content of the static text resource.");
    return LOOKOUT_OK;
}


static lookout_code_e
resources_binary(lookout_call_t *call)
{
    call->binary = true;
    lookout_buf_str(call->out, lookout_conformance_png);
    return LOOKOUT_OK;
}


static lookout_code_e
resources_watched(lookout_call_t *call)
{
    lookout_buf_puts(call->out, "This resource stays as it is.");
    return LOOKOUT_OK;
}


static lookout_code_e
resources_data(lookout_call_t *call)
{
    lookout_str_t id = lookout_arg_str(call, "id");

    lookout_json_open(call->out, '{');
    lookout_json_key(call->out, "id");
    lookout_json_str(call->out, id);
    lookout_json_key(call->out, "templateTest");
    lookout_json_bool(call->out, true);
    lookout_json_key(call->out, "data");
    lookout_json_str(
        call->out, lookout_arena_printf(call->arena, "Data for ID: %.*s", LOOKOUT_STR_ARG(id)));
    lookout_json_close(call->out, '}');
    return LOOKOUT_OK;
}


static const lookout_argument_t resources_id[] = {
    { .name = "id", .description = "Any text.", .required = true }, { 0 }
};

/* Nothing here ever changes, and nobody sees anything of his own. */
#define FIXED(address, short_name, long_name, type, function)                                  \
    .uri = (address), .name = (short_name), .title = (long_name),                              \
    .description = "A resource of the conformance suite.", .mime = (type),                     \
    .access = CONFORMANCE_ACCESS, .ttl_ms = LOOKOUT_TTL_DEPLOY, .shared = true,                \
    .read = (function)

const lookout_resource_t lookout_conformance_resources[] = {
    { FIXED("test://static-text", "static-text", "Static text", "text/plain", resources_text) },
    { FIXED("test://static-binary", "static-binary", "Static bytes", "image/png",
            resources_binary) },
    { FIXED("test://watched-resource", "watched-resource", "Watched resource", "text/plain",
            resources_watched) },
    { FIXED("test://template/{id}/data", "template-data", "Data of an id", "application/json",
            resources_data),
      .variables = resources_id },
    { 0 }
};
