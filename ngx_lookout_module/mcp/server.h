/*
 * The MCP server: one stateless endpoint for four revisions of the protocol. A server is made
 * once from its surfaces, the tables of what it offers; an exchange is one POST on its way
 * through it:
 *
 *     bytes -> JSON-RPC -> revision checks -> method -> row -> argument check -> the row's
 *     function -> result -> bytes
 *
 * lookout_mcp_begin runs on the event loop. When a function needs longer than the loop's slice
 * it answers LOOKOUT_MCP_DEFERRED: lookout_mcp_work then finishes the exchange on a thread, with
 * a session of its own, and lookout_mcp_end is called back on the loop.
 */

#ifndef LOOKOUT_SERVER_H
#define LOOKOUT_SERVER_H

#include <pthread.h>

#include "../base/digest.h"
#include "answers.h"
#include "message.h"
#include "record.h"
#include "registry.h"
#include "revision.h"

#define LOOKOUT_BATCH_MAX 50 /* messages in a batch (2025-03-26) */

typedef struct {
    const char *name; /* serverInfo */
    const char *title;
    const char *version;
    const char *instructions; /* for the model; the first 512 characters stand alone */
    const lookout_surface_t *const *surfaces; /* ended by NULL */
    bool structured_content; /* results carry structuredContent beside the text */
    lookout_key_t key;       /* seals cursors of lists, and what goes along between rounds */
    uint64_t slice_ns;       /* the longest a tool may hold the event loop */
    size_t cache_bytes;      /* of the result cache; 0: none */
} lookout_mcp_config_t;

typedef struct lookout_mcp_s lookout_mcp_t;

/* Builds listings and manifest; NULL without memory. `config` is copied, what it points to is not. */
lookout_mcp_t *lookout_mcp_create(const lookout_mcp_config_t *config);
void lookout_mcp_destroy(lookout_mcp_t *mcp);

/* {"name", "version", "tools": [...]}: the same truth as tools/list, of all tools. */
lookout_str_t lookout_mcp_manifest(const lookout_mcp_t *mcp);

/* Appends the same with those that the permit allows. */
void lookout_mcp_manifest_of(const lookout_mcp_t *mcp, const lookout_permit_t *permit,
                             lookout_buf_t *b);

const lookout_tool_t *lookout_mcp_tool(const lookout_mcp_t *mcp, lookout_str_t name);

/* The n-th of all tools, as records count them; NULL: there are not so many. */
const lookout_tool_t *lookout_mcp_tool_at(const lookout_mcp_t *mcp, size_t n);

/* One message on its way: of a batch, the one whose turn it is. */
typedef struct {
    const char *known;                 /* the method, in the server's own text; NULL: unknown */
    const struct lookout_kind_s *kind; /* of the request; NULL: none was begun */
    const lookout_tool_t *pending;     /* the row that it is about: one of these */
    const lookout_resource_t *resource;
    const lookout_prompt_t *prompt;
    const lookout_argument_t *argument;
    const lookout_tasks_t *tasks;
    const cJSON *recalled; /* what a client brought back from the round before, verified; NULL:
                            * none */
    uint64_t begun;        /* monotonic ns */
    size_t from;           /* where in out its reply begins */
    size_t keep_from;      /* the part of out that the cache keeps; keep_len 0: nothing */
    size_t keep_len;
    lookout_code_e code; /* of a call that failed */
    bool cached;         /* the result cache had it */
} lookout_turn_t;

struct lookout_exchange_s {
    /* Given. */
    lookout_arena_t *arena;
    lookout_str_t body;
    lookout_headers_t headers;         /* asked on the event loop only */
    struct lookout_session_s *session; /* of the thread that is at work */
    const atomic_bool *cancelled;      /* the client has left, and that cancels the call */
    const volatile sig_atomic_t *quit; /* the process is told to stop */
    lookout_str_t files_url;           /* see lookout_call_t */
    lookout_permit_t permit;
    lookout_str_t caller; /* who it is, in a text that no other caller has; empty: anybody */
    bool streamable;      /* the client takes an event stream for an answer */

    /* The answer: an HTTP status, and a JSON text (none for 202). */
    int status;
    lookout_buf_t out;

    /* A legacy client wants its request of that id (raw JSON) to be cancelled; {NULL, 0}: not. */
    lookout_str_t cancels;

    /* Of each message that wants an answer, in their order. */
    lookout_record_t *records;

    /* For the log; of a batch: the last message's. */
    lookout_str_t method;
    lookout_str_t subject; /* the tool, the prompt, the resource's row; empty: none */
    lookout_str_t error;   /* "INVALID_INPUT", "-32601"; empty: none */
    int64_t rows;          /* -1: not a row-shaped answer */

    /* Between begin and end: the message that was deferred, and the batch around it. */
    bool on_loop;
    bool modern;
    bool links; /* the revision knows resource_link */
    bool batch;
    cJSON *tree;
    lookout_str_t *texts;
    size_t at;
    lookout_message_t message;
    lookout_turn_t turn;
    lookout_call_t call;
    lookout_buf_t result; /* of the call */
    lookout_buf_t blocks; /* of the call, beside its text */
    const lookout_mcp_t *mcp;

    /* What the client asked to be told meanwhile. */
    lookout_str_t progress_token; /* raw JSON; {NULL, 0}: no progress is wanted */
    lookout_log_level_e log_level;

    /* While a thread is at work, shared with the event loop. */
    atomic_bool left;        /* set by the loop: nobody can read the answer any more */
    atomic_bool early_ready; /* `early` is whole: the reply for a client that should not wait */
    lookout_buf_t early;
    pthread_mutex_t notes_lock;
    lookout_buf_t notes;    /* notifications, a line each, that are not sent yet */
    int64_t progress_done;  /* the last that was noted; the thread's own */
    uint64_t progress_told; /* monotonic ns: when */
};

typedef struct lookout_exchange_s lookout_exchange_t;

typedef enum { LOOKOUT_MCP_DONE, LOOKOUT_MCP_DEFERRED } lookout_mcp_step_e;

/* `exchange` is zeroed but for what is given. */
lookout_mcp_step_e lookout_mcp_begin(lookout_mcp_t *mcp, lookout_exchange_t *exchange);

/* On a thread, with exchange->session a session of that thread (NULL: there was no memory for one). Touches nothing of mcp that changes. */
void lookout_mcp_work(lookout_mcp_t *mcp, lookout_exchange_t *exchange);

/* On the event loop, after work: what was found out is kept for the next who asks. */
void lookout_mcp_end(lookout_mcp_t *mcp, lookout_exchange_t *exchange);

/* Frees the buffers of an exchange; its arena is the owner's. */
void lookout_exchange_free(lookout_exchange_t *exchange);

/* What is known of the n-th message that wants an answer while a thread is at work, for a client
 * that is answered early, or that left; *n begins at 0 and is moved on. False: there are no more.
 * Reads only what the thread does not change, and takes nothing of the arena, which is the
 * thread's: so of a batch no more than its text says. */
bool
lookout_mcp_record(const lookout_exchange_t *exchange, size_t *n, lookout_record_t *record);

/* Does the client want to be told of this call before its answer? */
bool lookout_mcp_tells(const lookout_exchange_t *exchange);

/* Moves the notifications that are to be sent by now to `b`, each a JSON text and a newline.
 * False when there are none. Thread-safe. */
bool lookout_mcp_notes(lookout_exchange_t *exchange, lookout_buf_t *b);

/* A JSON-RPC error without an exchange, for requests that never get that far (401, 413, 429, ...). The codes are HTTP's,
 * outside the ranges that JSON-RPC and MCP reserve. `data` is JSON or {NULL, 0}. */
void
lookout_mcp_http_error(lookout_buf_t *b, int status, lookout_str_t message, lookout_str_t data);

#endif
