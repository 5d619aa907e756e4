/*
 * The prompts: with and without arguments, with other content than text, and one that asks
 * back.
 */

#include "conformance.h"

#include <strings.h>


/* Cities whose names begin as it was typed. */
static lookout_code_e
prompts_complete(lookout_call_t *call)
{
    size_t i;
    lookout_str_t typed = lookout_completion_typed(call);
    static const char *const values[] = { "paris", "park", "party", "lisbon" };

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (strncasecmp(values[i], typed.data, typed.len) == 0) {
            lookout_completion_add(call, lookout_str(values[i]));
        }
    }
    return LOOKOUT_OK;
}


static lookout_code_e
prompts_simple(lookout_call_t *call)
{
    lookout_prompt_text(call, "user", LOOKOUT_STR("This is a simple prompt for testing."));
    return LOOKOUT_OK;
}


static lookout_code_e
prompts_arguments(lookout_call_t *call)
{
    lookout_prompt_text(call, "user",
                        lookout_arena_printf(call->arena,
                                             "Prompt with arguments: arg1='%.*s', arg2='%.*s'",
                                             LOOKOUT_STR_ARG(lookout_arg_str(call, "arg1")),
                                             LOOKOUT_STR_ARG(lookout_arg_str(call, "arg2"))));
    return LOOKOUT_OK;
}


/* A message of one block, which `b` has; and a text after it. */
static lookout_code_e
prompts_block(lookout_call_t *call, lookout_buf_t *b, const char *text)
{
    lookout_prompt_message(call, "user", lookout_buf_text(b));
    call->out->failed |= b->failed;
    lookout_buf_free(b);
    lookout_prompt_text(call, "user", lookout_str(text));
    return LOOKOUT_OK;
}


static lookout_code_e
prompts_embedded(lookout_call_t *call)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_conformance_embedded(&b, lookout_arg_str(call, "resourceUri"), "text/plain",
                                 LOOKOUT_STR("Embedded resource content for testing."));
    return prompts_block(call, &b, "Please process the embedded resource above.");
}


static lookout_code_e
prompts_image(lookout_call_t *call)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_conformance_media(&b, "image", "image/png", lookout_conformance_png);
    return prompts_block(call, &b, "Please analyze the image above.");
}


static const lookout_argument_t prompts_two[] = {
    { .name = "arg1",
      .description = "First test argument.",
      .required = true,
      .complete = prompts_complete },
    { .name = "arg2", .description = "Second test argument.", .required = true },
    { 0 }
};

static const lookout_argument_t prompts_uri[] = {
    { .name = "resourceUri", .description = "The resource to embed.", .required = true }, { 0 }
};

#define PROMPT(prompt, heading, function)                                                      \
    .name = (prompt), .title = (heading), .description = "A prompt of the conformance suite.", \
    .get = (function)

const lookout_prompt_t lookout_conformance_prompts[] = {
    { PROMPT("test_simple_prompt", "Simple prompt", prompts_simple) },
    { PROMPT("test_prompt_with_arguments", "Two arguments", prompts_arguments),
      .arguments = prompts_two },
    { PROMPT("test_prompt_with_embedded_resource", "A resource", prompts_embedded),
      .arguments = prompts_uri },
    { PROMPT("test_prompt_with_image", "An image", prompts_image) },
    { PROMPT("test_input_required_result_prompt", "Asks back", lookout_conformance_context) },
    { 0 }
};
