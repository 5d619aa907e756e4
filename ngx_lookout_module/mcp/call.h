/*
 * A call: one request as the function of a registry's row sees it, be it a tool that is called,
 * a resource that is read, a prompt that is got, or an argument that is completed. It brings the
 * arguments, the session, the bounds, and a buffer for the result; and what a function can do
 * beside answering: tell how far it is, log, ask the client for more, go on without it.
 */

#ifndef LOOKOUT_CALL_H
#define LOOKOUT_CALL_H

#include "../base/arena.h"
#include "../base/buf.h"
#include "../base/db.h"
#include "../base/error.h"
#include "../base/json.h"

struct lookout_session_s; /* what the tools work on: see tools/session.h */

#define LOOKOUT_DEPS_MAX 4

/* A file that an answer was made from, as it was then: while each still stands at its path, and
 * `until` has not come, the same call has the same answer. */
typedef struct {
    const char *path; /* in the call's arena */
    lookout_file_id_t id;
} lookout_dep_t;

typedef struct lookout_completion_s lookout_completion_t;
typedef struct lookout_roll_s lookout_roll_t;

typedef enum {
    LOOKOUT_TASK_WORKING,
    LOOKOUT_TASK_COMPLETED,
    LOOKOUT_TASK_FAILED, /* a JSON-RPC error ended it: in call->error */
    LOOKOUT_TASK_CANCELLED
} lookout_task_status_e;

/* A task as a client sees it (extension io.modelcontextprotocol/tasks). */
typedef struct {
    lookout_str_t id;
    lookout_task_status_e status;
    lookout_str_t message; /* on the state, or {NULL, 0} */
    int64_t created_at;    /* s since 1970 */
    int64_t updated_at;
    int64_t ttl_ms;  /* since created_at; -1: unlimited */
    int64_t poll_ms; /* when it is worth asking again */
} lookout_task_t;

/* Lives as long as its arena. */
typedef struct {
    lookout_arena_t *arena;
    const cJSON *args;  /* an object, never NULL. Of a tool: checked against its input table; of
                         * a resource: its template's variables; of a prompt: its arguments; of
                         * a completion: the other arguments as far as they are known */
    lookout_str_t bond; /* the tool and its arguments but cursor and pageSize, canonical: what a
                         * cursor is bound to */
    struct lookout_session_s *session;
    const void *scope; /* of the data, what the caller may see (access/scope.h); NULL: all */
    lookout_watch_t watch; /* the call's bounds; watch.slice_ns != 0: on the event loop */

    /* What the function appends its result to. A tool: one JSON object, or nothing if blocks
     * say all. A resource: its text or its bytes. A prompt: messages, see
     * lookout_prompt_message. */
    lookout_buf_t *out;

    /* A tool's further content blocks beside the text (images, links): JSON values, as
     * lookout_json_* writes the items of an array. */
    lookout_buf_t *blocks;
    lookout_str_t files_url; /* where this server's files are fetched, "https://HOST/files";
                              * {NULL, 0}: they are not served */
    struct lookout_exchange_s *exchange; /* the room's own */
    lookout_error_t error; /* filled in when run returns anything but LOOKOUT_OK */
    int64_t rows;          /* rows in the answer, for the log; -1: not row-shaped */

    bool cacheable; /* the function says that deps and until are complete */
    lookout_dep_t deps[LOOKOUT_DEPS_MAX];
    size_t n_deps;
    int64_t until; /* seconds since 1970 when the answer changes by itself; 0: never */

    /* Of a resource. */
    lookout_str_t uri; /* as it was asked for */
    const char *mime;  /* the row's; the function may set another that lives as long */
    bool binary;       /* out is bytes, not text */
    int64_t ttl_ms;    /* the row's; the function may set another */

    /* Of a completion, and of a listing of resources. */
    lookout_completion_t *completion;
    lookout_roll_t *roll;

    /* Of tasks: the client takes the answer as a task, so the function may fill in `task` and
     * set task.id; of tasks/get and tasks/cancel, the task that is meant. */
    bool as_task;
    lookout_task_t task;

    lookout_buf_t asked;   /* the room's own: inputRequests so far */
    lookout_str_t state;   /* and what the requestState is to carry */
    lookout_str_t lacking; /* and the capability that is missing */
} lookout_call_t;

/* Arguments by name, after the check. Absent: {NULL, 0}, or the given default. */
lookout_str_t lookout_arg_str(const lookout_call_t *call, const char *name);
int64_t lookout_arg_int(const lookout_call_t *call, const char *name, int64_t preset);
const cJSON *lookout_arg(const lookout_call_t *call, const char *name);

/* May the caller use the tool of that name? */
bool lookout_call_may(const lookout_call_t *call, const char *tool);

/* Does the client's revision know blocks of the type resource_link? */
bool lookout_call_links(const lookout_call_t *call);

/* Notes a file that the answer depends on. Beyond LOOKOUT_DEPS_MAX the answer is not cacheable. */
void lookout_call_depends(lookout_call_t *call, const char *path, const lookout_file_id_t *id);

/* For work that outlives its call. On a thread: from here on a client that leaves stops nothing,
 * and when the work takes longer than the server's patience (about a second) the client is
 * answered with `envelope`, the result as it is now, while the tool goes on; what it writes to
 * call->out then is for nobody. A client that wants progress, or sent a batch, is kept waiting.
 * With call->as_task and call->task filled in, the client gets the task, and at once. */
void lookout_call_detach(lookout_call_t *call, lookout_str_t envelope);

/* How far the work is; total 0: not known. Cheap: told to a client that asked to be told, a few
 * times a second. On a thread. */
void lookout_call_progress(lookout_call_t *call, int64_t done, int64_t total);

/* The levels of RFC 5424, as MCP names them. */
typedef enum {
    LOOKOUT_LOG_DEBUG,
    LOOKOUT_LOG_INFO,
    LOOKOUT_LOG_NOTICE,
    LOOKOUT_LOG_WARNING,
    LOOKOUT_LOG_ERROR,
    LOOKOUT_LOG_CRITICAL,
    LOOKOUT_LOG_ALERT,
    LOOKOUT_LOG_EMERGENCY,
    LOOKOUT_LOG_NONE /* nobody wants to hear */
} lookout_log_level_e;

#define LOOKOUT_LOG_LEVELS "debug, info, notice, warning, error, critical, alert, emergency"

/* Is that the name of a level? Then *level (may be NULL) is set. */
bool lookout_log_level(const char *name, lookout_log_level_e *level);

/* A line for the client's log, when it wants to hear of that level. On a thread. */
void lookout_call_log(lookout_call_t *call, lookout_log_level_e level, lookout_str_t text);

/*
 * Several rounds (modern only): a function that needs more from the client's side asks for it
 * and returns; the client sends the same request again with the answers, and the function runs
 * again from its beginning. Nothing is kept here meanwhile: what it wants to remember goes out
 * and comes back with the client, sealed, bound to the request and the caller, for ten minutes.
 *
 *     name = lookout_call_answer(call, "name");
 *     if (name == NULL) {
 *         return lookout_call_ask(call, "name", "elicitation/create", params);
 *     }
 */

/* What the client answered under that key: an object; NULL: nothing yet. It is the client's
 * text: check it. */
const cJSON *lookout_call_answer(const lookout_call_t *call, const char *key);

/* Asks for it: `method` is elicitation/create, sampling/createMessage or roots/list, `params` a
 * JSON object. May be called for several keys before returning. Returns what the function is to
 * return: LOOKOUT_NEEDS_INPUT; LOOKOUT_NEEDS_CAPABILITY when the client did not declare it. */
lookout_code_e lookout_call_ask(lookout_call_t *call, const char *key, const char *method,
                                lookout_str_t params);

/* What a function sent along in the round before; {NULL, 0}: this is the first. */
lookout_str_t lookout_call_recall(const lookout_call_t *call);

/* Sends it along with what is asked: text of at most 4096 bytes. Alone, without a question, it
 * makes the client come back at once. Returns LOOKOUT_NEEDS_INPUT. */
lookout_code_e lookout_call_remember(lookout_call_t *call, lookout_str_t state);

/* Did the client declare this capability ("sampling") in this request? */
bool lookout_call_client_has(const lookout_call_t *call, const char *capability);

/* LOOKOUT_OK when it did, else what the function is to return. */
lookout_code_e lookout_call_requires(lookout_call_t *call, const char *capability);

/* Completion: what was typed so far, and a value that it may become, best first. Beyond 100 they are counted only. */
lookout_str_t lookout_completion_typed(const lookout_call_t *call);
void lookout_completion_add(lookout_call_t *call, lookout_str_t value);

/* Listing: to be called first. `version` names the contents of what is listed, and is the same
 * on every machine that has them; *from is how many resources were told on pages before: go on
 * after them. INVALID_CURSOR: the page before was of another version, or for a caller who may
 * see other things. A list that never changes and is short needs none of this: it begins with
 * its first, and the room leaves out what was told. */
lookout_code_e
lookout_resource_begin(lookout_call_t *call, lookout_str_t version, int64_t *from);

/* Listing: appends the next resource, in a fixed order. False when the page is full: stop.
 * `name` and `title` are shown to people, `title` and `description` may be {NULL, 0}. */
bool lookout_resource_add(lookout_call_t *call, lookout_str_t uri, lookout_str_t name,
                          lookout_str_t title, lookout_str_t description);

/* A prompt: appends a message of `role` ("user", "assistant") with one content block (JSON), or
 * with plain text. */
void lookout_prompt_message(lookout_call_t *call, const char *role, lookout_str_t content);
void lookout_prompt_text(lookout_call_t *call, const char *role, lookout_str_t text);

/* lookout_fail into call->error. */
#define lookout_call_fail(call, code, details, ...)                                            \
    lookout_fail((call)->arena, &(call)->error, (code), (details), __VA_ARGS__)

#endif
