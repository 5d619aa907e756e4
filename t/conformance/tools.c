/*
 * The surface, and its tools. Most take no arguments; the names are those that the suite calls.
 */

#include "conformance.h"


static const lookout_schema_t tools_none[] = { { 0 } };

static const lookout_schema_t tools_prompt[] = { { .name = "prompt",
                                                   .kind = LOOKOUT_SCHEMA_STRING,
                                                   .required = true,
                                                   .description = "What to ask the model." },
                                                 { 0 } };

static const lookout_schema_t tools_message[] = { { .name = "message",
                                                    .kind = LOOKOUT_SCHEMA_STRING,
                                                    .required = true,
                                                    .description = "What to show the user." },
                                                  { 0 } };

static const lookout_schema_t tools_name[] = { { .name = "name",
                                                 .kind = LOOKOUT_SCHEMA_STRING,
                                                 .required = true,
                                                 .description = "Whom to greet." },
                                               { 0 } };

static const lookout_schema_t tools_filename[] = {
    { .name = "filename", .kind = LOOKOUT_SCHEMA_STRING, .description = "A file's name." },
    { 0 }
};

static const lookout_schema_t tools_seconds[] = {
    { .name = "seconds",
      .kind = LOOKOUT_SCHEMA_INTEGER,
      .required = true,
      .min = 0,
      .max = 60,
      .description = "How long the work takes." },
    { .name = "label", .kind = LOOKOUT_SCHEMA_STRING, .description = "Said in the answer." },
    { 0 }
};

/* Keywords that tables do not have, and that must reach the client as they are. */
static const char tools_json_schema[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\","
    "\"$defs\":{\"address\":{\"$anchor\":\"addressDef\",\"type\":\"object\",\"properties\":{"
    "\"street\":{\"type\":\"string\"},\"city\":{\"type\":\"string\"}}}},"
    "\"properties\":{\"name\":{\"type\":\"string\"},"
    "\"address\":{\"$ref\":\"#/$defs/address\"},"
    "\"contactMethod\":{\"type\":\"string\",\"enum\":[\"phone\",\"email\"]},"
    "\"phone\":{\"type\":\"string\"},\"email\":{\"type\":\"string\"}},"
    "\"allOf\":[{\"anyOf\":[{\"required\":[\"phone\"]},{\"required\":[\"email\"]}]}],"
    "\"if\":{\"properties\":{\"contactMethod\":{\"const\":\"phone\"}},"
    "\"required\":[\"contactMethod\"]},"
    "\"then\":{\"required\":[\"phone\"]},\"else\":{\"required\":[\"email\"]},"
    "\"additionalProperties\":false}";

#define TOOL(tool, heading, function)                                                          \
    .name = (tool), .title = (heading), .description = "A tool of the conformance suite.",     \
    .access = CONFORMANCE_ACCESS, .run = (function)
#define PLAIN(tool, heading, function) TOOL(tool, heading, function), .input = tools_none
#define ASKS(what) "test_input_required_result_" what

const lookout_tool_t lookout_conformance_tools[] = {
    { PLAIN("test_simple_text", "A text", lookout_conformance_simple) },
    { PLAIN("test_image_content", "An image", lookout_conformance_image) },
    { PLAIN("test_audio_content", "A sound", lookout_conformance_audio) },
    { PLAIN("test_embedded_resource", "A resource", lookout_conformance_resource) },
    { PLAIN("test_multiple_content_types", "Several blocks", lookout_conformance_mixed) },
    { PLAIN("test_error_handling", "An error", lookout_conformance_error) },
    { TOOL("json_schema_2020_12_tool", "A schema of many keywords", lookout_conformance_simple),
      .input_json = tools_json_schema },

    { PLAIN("test_tool_with_progress", "Tells progress", lookout_conformance_progress) },
    { PLAIN("test_tool_with_logging", "Logs", lookout_conformance_logs), .logs = true },
    { PLAIN("test_logging_tool", "Logs", lookout_conformance_logs), .logs = true },

    { PLAIN("test_missing_capability", "Needs sampling", lookout_conformance_missing) },
    { PLAIN("test_streaming_elicitation", "Asks", lookout_conformance_ask_name) },
    { PLAIN(ASKS("elicitation"), "Asks the user", lookout_conformance_ask_name) },
    { PLAIN(ASKS("sampling"), "Asks the model", lookout_conformance_ask_capital) },
    { PLAIN(ASKS("list_roots"), "Asks for roots", lookout_conformance_ask_roots) },
    { PLAIN(ASKS("request_state"), "Remembers", lookout_conformance_ask_confirm) },
    { PLAIN(ASKS("tampered_state"), "Remembers, sealed", lookout_conformance_ask_confirm) },
    { PLAIN(ASKS("multiple_inputs"), "Asks three things", lookout_conformance_ask_all) },
    { PLAIN(ASKS("multi_round"), "Asks twice", lookout_conformance_ask_twice) },
    { PLAIN(ASKS("capabilities"), "Asks what it can", lookout_conformance_ask_able) },
    { TOOL("test_sampling", "Asks the model", lookout_conformance_ask_model),
      .input = tools_prompt },
    { TOOL("test_elicitation", "Asks the user", lookout_conformance_ask_user),
      .input = tools_message },
    { PLAIN("test_elicitation_sep1034_defaults", "A form with defaults",
            lookout_conformance_ask_defaults) },
    { PLAIN("test_elicitation_sep1330_enums", "A form with choices",
            lookout_conformance_ask_enums) },

    { TOOL("greet", "Greets", lookout_conformance_greet), .input = tools_name },
    { TOOL("confirm_delete", "Asks first", lookout_conformance_ask_confirm),
      .input = tools_filename },
    { TOOL("slow_compute", "Takes its time", lookout_conformance_compute),
      .input = tools_seconds, .as_task = true },
    { PLAIN("failing_job", "Ends in an error", lookout_conformance_failing), .as_task = true,
      .task_only = true },
    { PLAIN("protocol_error_job", "Breaks down", lookout_conformance_broken), .as_task = true,
      .task_only = true },
    { PLAIN("test_tool_with_task", "Asks, then works", lookout_conformance_named),
      .as_task = true, .task_only = true },
    { 0 }
};

const lookout_surface_t lookout_conformance = {
    .tools = lookout_conformance_tools,
    .resources = lookout_conformance_resources,
    .prompts = lookout_conformance_prompts,
    .tasks = &lookout_conformance_tasks,
};
