/*
 * The conformance surface: tools, resources, prompts and tasks that the official MCP suite
 * calls by name to see how a server behaves. They stand beside Lookout's own in the test build
 * only; ../../config says how a surface is linked in.
 */

#ifndef LOOKOUT_CONFORMANCE_H
#define LOOKOUT_CONFORMANCE_H

#include "mcp/registry.h"

extern const lookout_tool_t lookout_conformance_tools[];         /* tools.c */
extern const lookout_resource_t lookout_conformance_resources[]; /* resources.c */
extern const lookout_prompt_t lookout_conformance_prompts[];     /* prompts.c */
extern const lookout_tasks_t lookout_conformance_tasks;          /* tasks.c */

extern const char *const lookout_conformance_tags[]; /* contents.c */

#define CONFORMANCE_ACCESS                                                                     \
    {                                                                                          \
        .verb = LOOKOUT_GET, .tags = lookout_conformance_tags                                  \
    }

/* contents.c: files of the smallest kind, and content blocks. */
extern const lookout_str_t lookout_conformance_png;
extern const lookout_str_t lookout_conformance_wav;

/* Append a block; its fields as they stand in the protocol. */
void lookout_conformance_text(lookout_buf_t *b, lookout_str_t text);
void lookout_conformance_media(lookout_buf_t *b, const char *type, const char *mime,
                               lookout_str_t bytes);
void lookout_conformance_embedded(lookout_buf_t *b, lookout_str_t uri, const char *mime,
                                  lookout_str_t text);

/* A tool's answer of one text; returns LOOKOUT_OK. */
lookout_code_e lookout_conformance_say(lookout_call_t *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The tools' functions. */
lookout_code_e lookout_conformance_simple(lookout_call_t *call);
lookout_code_e lookout_conformance_image(lookout_call_t *call);
lookout_code_e lookout_conformance_audio(lookout_call_t *call);
lookout_code_e lookout_conformance_resource(lookout_call_t *call);
lookout_code_e lookout_conformance_mixed(lookout_call_t *call);
lookout_code_e lookout_conformance_error(lookout_call_t *call);
lookout_code_e lookout_conformance_greet(lookout_call_t *call);

lookout_code_e lookout_conformance_progress(lookout_call_t *call); /* notes.c */
lookout_code_e lookout_conformance_logs(lookout_call_t *call);

lookout_code_e lookout_conformance_missing(lookout_call_t *call); /* rounds.c */
lookout_code_e lookout_conformance_ask_name(lookout_call_t *call);
lookout_code_e lookout_conformance_ask_capital(lookout_call_t *call);
lookout_code_e lookout_conformance_ask_roots(lookout_call_t *call);
lookout_code_e lookout_conformance_ask_able(lookout_call_t *call);
lookout_code_e lookout_conformance_ask_all(lookout_call_t *call);
lookout_code_e lookout_conformance_ask_twice(lookout_call_t *call);
lookout_code_e lookout_conformance_ask_confirm(lookout_call_t *call);
lookout_code_e lookout_conformance_ask_model(lookout_call_t *call);
lookout_code_e lookout_conformance_ask_user(lookout_call_t *call);
lookout_code_e lookout_conformance_ask_defaults(lookout_call_t *call);
lookout_code_e lookout_conformance_ask_enums(lookout_call_t *call);
lookout_code_e lookout_conformance_context(lookout_call_t *call); /* a prompt's */

/* What was answered to an elicitation: a text of its content; {NULL, 0}: not (yet). */
lookout_str_t
lookout_conformance_answer(const lookout_call_t *call, const char *key, const char *field);

/* Asks for a name under the key user_name; returns what the tool is to return. */
lookout_code_e lookout_conformance_name(lookout_call_t *call);

lookout_code_e lookout_conformance_compute(lookout_call_t *call); /* tasks.c */
lookout_code_e lookout_conformance_failing(lookout_call_t *call);
lookout_code_e lookout_conformance_broken(lookout_call_t *call);
lookout_code_e lookout_conformance_named(lookout_call_t *call);

/* Sleeps; only ever on a thread. */
void lookout_conformance_sleep(int64_t ms); /* notes.c */

#endif
