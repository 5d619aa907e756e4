/*
 * What the files of this room share and nobody else sees.
 */

#ifndef LOOKOUT_SERVER_PRIVATE_H
#define LOOKOUT_SERVER_PRIVATE_H

#include "server.h"

#define LOOKOUT_EXTENSION_TASKS "io.modelcontextprotocol/tasks"
#define LOOKOUT_EXTENSION_UI "io.modelcontextprotocol/ui"

struct lookout_mcp_s {
    lookout_mcp_config_t config;
    lookout_answers_t *answers; /* NULL: no cache. Event loop only */

    /* Written once. */
    lookout_buf_t tools_json;     /* the array of tools/list */
    lookout_buf_t prompts_json;   /* of prompts/list */
    lookout_buf_t templates_json; /* of resources/templates/list */
    lookout_buf_t info_json;      /* serverInfo */
    lookout_buf_t modern_caps;    /* capabilities */
    lookout_buf_t legacy_caps;
    lookout_buf_t modern_tail; /* what ends a modern result, with its closing brace */
    lookout_buf_t manifest;
    int offers; /* OFFER_*: what the surfaces have */
};

/* What a method is there for. */
#define OFFER_ALWAYS 0
#define OFFER_RESOURCES 1
#define OFFER_PROMPTS 2
#define OFFER_COMPLETION 4 /* some argument, of a prompt or a template */
#define OFFER_TASKS 8
#define OFFER_LOGGING 16 /* some tool logs */
#define OFFER_UI 32      /* a page for hosts to show */

/* A method that clients call. It writes the reply into exchange->out, or fills in the refusal. */
typedef enum { METHOD_DONE, METHOD_REFUSED, METHOD_DEFERRED } method_outcome_e;

typedef struct lookout_kind_s lookout_kind_t;

typedef struct {
    const char *name;
    const char *subject; /* the member of params that says what it is about, which the header
                          * Mcp-Name mirrors; NULL: none */
    bool modern;
    bool legacy;
    int offer; /* OFFER_* */
    method_outcome_e (*run)(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                            lookout_refusal_t *refusal);
    const lookout_kind_t *kind; /* in place of run: a request that runs a row's function */
} lookout_method_t;

/*
 * A kind of request that runs functions of rows: on the event loop if they are quick, else on a
 * thread; see request.c for its way.
 */
struct lookout_kind_s {
    /* Finds the row, and sets call.args; false with *refusal filled in. Event loop, or within
     * a batch on the thread that has it. */
    bool (*target)(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                   lookout_refusal_t *refusal);

    /* What the answer depends on beside the files that the call notes: its key in the result
     * cache, which no other kind has; {NULL, 0} when it is not kept. And what a result has
     * behind the part that is kept (turn.keep_from, keep_len), with its end. Event loop; NULL,
     * both, where nothing is kept. */
    lookout_str_t (*key)(const lookout_exchange_t *exchange);
    void (*close)(const lookout_mcp_t *mcp, lookout_exchange_t *exchange);

    /* Checks the arguments; an error as the function's own would be. May be NULL. */
    lookout_code_e (*check)(lookout_exchange_t *exchange);

    lookout_code_e (*run)(lookout_exchange_t *exchange);

    /* Writes the reply: the result for LOOKOUT_OK, else what call.error says. */
    void (*reply)(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code);
};

extern const lookout_kind_t lookout_kind_tool;      /* call.c */
extern const lookout_kind_t lookout_kind_resource;  /* resources.c */
extern const lookout_kind_t lookout_kind_resources; /* resources.c: resources/list */
extern const lookout_kind_t lookout_kind_prompt;    /* prompts.c */
extern const lookout_kind_t lookout_kind_complete;  /* completion.c */
extern const lookout_kind_t lookout_kind_task;      /* tasks.c: tasks/get */
extern const lookout_kind_t lookout_kind_task_update;
extern const lookout_kind_t lookout_kind_task_stop; /* tasks.c: tasks/cancel */

/* resources.c: resources/subscribe and unsubscribe, legacy. */
method_outcome_e lookout_resource_subscribe(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                                            lookout_refusal_t *refusal);

/* methods.c: the method of that name in that era, or NULL. */
const lookout_method_t *
lookout_mcp_method(const lookout_mcp_t *mcp, lookout_str_t name, bool modern);

/* methods.c: the member of params that the method is about, whatever the server offers. */
const char *lookout_method_subject(lookout_str_t name);

/* Begins a result in `b` up to and with its brace; and ends it: what the era adds, and both
 * closing braces. `type` is the resultType. */
void lookout_result_begin(const lookout_exchange_t *exchange, lookout_buf_t *b);
void lookout_result_end(const lookout_mcp_t *mcp, const lookout_exchange_t *exchange,
                        lookout_buf_t *b, const char *type);

/* ttlMs and cacheScope, for the modern era. */
void lookout_result_ttl(lookout_exchange_t *exchange, int64_t ttl_ms, bool shared);

/* request.c */
method_outcome_e lookout_request_begin(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                                       const lookout_kind_t *kind, lookout_refusal_t *refusal);
void lookout_request_work(const lookout_mcp_t *mcp, lookout_exchange_t *exchange);
void lookout_request_end(lookout_mcp_t *mcp, lookout_exchange_t *exchange);

/* Appends the members code, message (where nothing else says it) and details, {} if none. */
void lookout_error_members(lookout_buf_t *b, const lookout_error_t *error, bool message);

/* As much of a wrong name or address as is compared and told back. */
lookout_str_t lookout_shown(lookout_str_t name);

/* A JSON-RPC error as the reply. */
void lookout_request_refuse(lookout_exchange_t *exchange, const lookout_refusal_t *refusal);

/* The reply to a request that failed and whose result cannot say so (all but tools/call):
 * -32602 or -32603 with data {code, details}. */
void lookout_request_error(lookout_exchange_t *exchange);

/* call.c: the members of a tool's result but for what the era adds. */
void lookout_call_result(lookout_buf_t *b, const lookout_mcp_t *mcp,
                         const lookout_exchange_t *exchange, lookout_str_t text, bool is_error);

/* call.c: appends {"error":{"code","message","details"}}. */
void lookout_call_error_json(lookout_buf_t *b, const lookout_error_t *error);

/* rounds.c: several rounds. Reads what a client brings back; false with *refusal. */
bool lookout_rounds_read(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                         lookout_refusal_t *refusal);
/* The reply for LOOKOUT_NEEDS_INPUT and LOOKOUT_NEEDS_CAPABILITY; false: the code is neither. */
bool lookout_rounds_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                          lookout_code_e code);

/* Did the client declare `name` in clientCapabilities, or in extensions of them? */
bool lookout_client_has(const lookout_exchange_t *exchange, const char *name);
bool lookout_client_extension(const lookout_exchange_t *exchange, const char *name);

/* notes.c: what is told before the answer. Reads progressToken and logLevel. */
void lookout_notes_begin(lookout_exchange_t *exchange);

/* server.c: may it be used, and the lists of what may. */
bool lookout_permits(const lookout_permit_t *permit, const lookout_access_t *access);

/* The first tool that a prompt works with and that may not be used; NULL: none. */
const lookout_tool_t *
lookout_prompt_lacks(const lookout_mcp_t *mcp, const lookout_permit_t *permit,
                     const lookout_prompt_t *prompt);

void
lookout_tools_json(lookout_buf_t *b, const lookout_mcp_t *mcp, const lookout_permit_t *permit);
void lookout_prompts_json(lookout_buf_t *b, const lookout_mcp_t *mcp,
                          const lookout_permit_t *permit);
void lookout_templates_json(lookout_buf_t *b, const lookout_mcp_t *mcp,
                            const lookout_permit_t *permit);

/* request.c: fills in *refusal for a row `name` that is outside the caller's scope, because the
 * tool or resource `lacking` is; returns false. */
bool lookout_outside(lookout_exchange_t *exchange, lookout_refusal_t *refusal, const char *what,
                     const char *name, const char *lacking, const lookout_access_t *access,
                     const char *code);

/* prompts.c: the prompt of that name; false with *refusal filled in. */
bool lookout_prompt_find(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_str_t name,
                         lookout_refusal_t *refusal);

/* tasks.c: refuses a client that did not say it can take tasks, or cannot. Returns false. */
bool lookout_tasks_refuse(const lookout_exchange_t *exchange, lookout_refusal_t *refusal);

/* record.c: of the message that has come to its end. */
void lookout_record_end(lookout_exchange_t *exchange);

/* tasks.c: has the call a task to tell of? */
bool lookout_call_is_task(const lookout_call_t *call);

/* tasks.c: the reply to a request whose work goes on as call.task: of tools/call the task in
 * place of the result ("CreateTaskResult"), of tasks/get the task as it is, else nothing. */
void lookout_task_reply(const lookout_mcp_t *mcp, const lookout_exchange_t *exchange,
                        lookout_buf_t *b);

/* "; did you mean X?" and the data {<key>: name, suggestions: [X]} for a name that is not one
 * of `names`. `hint` is what is said when nothing is near. */
void lookout_unknown(lookout_exchange_t *exchange, lookout_refusal_t *refusal, const char *what,
                     const char *key, lookout_str_t name, const lookout_str_t *names, size_t n,
                     const char *hint, const char *code);

#endif
