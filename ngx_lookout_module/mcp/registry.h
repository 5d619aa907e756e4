/*
 * The registry: tools as rows of tables. A room that has tools to offer fills in a table; a
 * server is made from one or more of them. Listing, the manifest, argument checks and lookups read
 * nothing but these rows. This room knows no BI: what a tool works on is behind `session`.
 */

#ifndef LOOKOUT_REGISTRY_H
#define LOOKOUT_REGISTRY_H

#include "../base/arena.h"
#include "../base/buf.h"
#include "../base/db.h"
#include "../base/error.h"
#include "../base/json.h"
#include "schema.h"

typedef enum {
    LOOKOUT_LIST,
    LOOKOUT_GET,
    LOOKOUT_CREATE,
    LOOKOUT_UPDATE,
    LOOKOUT_DELETE,
    LOOKOUT_RUN
} lookout_verb_e;

struct lookout_session_s; /* what the tools work on: see tools/session.h */

#define LOOKOUT_DEPS_MAX 4

/* A file that an answer was made from, as it was then: while each still stands at its path, and
 * `until` has not come, the same call has the same answer. */
typedef struct {
    const char *path; /* in the call's arena */
    lookout_file_id_t id;
} lookout_dep_t;

/* One tools/call. Lives as long as its arena. */
typedef struct {
    lookout_arena_t *arena;
    const cJSON *args;  /* checked against the tool's input table; never NULL */
    lookout_str_t bond; /* the tool and its arguments but cursor and pageSize, canonical:
                                what a cursor is bound to */
    struct lookout_session_s *session;
    lookout_watch_t watch; /* the call's bounds; watch.slice_ns != 0: on the event loop */
    lookout_buf_t *out;    /* the tool appends its result: one JSON object */
    lookout_buf_t
        *blocks; /* further content blocks beside the text (images, links): JSON values,
                                as lookout_json_* writes the items of an array */
    lookout_str_t files_url; /* where this server's files are fetched, "https://HOST/files";
                                {NULL, 0}: they are not served */
    struct lookout_exchange_s *exchange; /* the room's own */
    lookout_error_t error; /* filled in when run returns anything but LOOKOUT_OK */
    int64_t rows;          /* rows in the answer, for the log; -1: not row-shaped */

    bool cacheable; /* the tool says that deps and until are complete */
    lookout_dep_t deps[LOOKOUT_DEPS_MAX];
    size_t n_deps;
    int64_t until; /* seconds since 1970 when the answer changes by itself; 0: never */
} lookout_call_t;

typedef struct {
    const char *name; /* ^[a-zA-Z0-9_-]{1,64}$ */
    const char *title;
    const char *description; /* for a model: what for, when to use another one instead */
    const lookout_schema_t *input;
    const lookout_schema_t *output;
    lookout_verb_e verb;
    const char *const *tags; /* what scopes filter on; ended by NULL */
    bool writes;             /* clears readOnlyHint */
    bool destructive;
    bool not_idempotent;

    /* Writes the result to call->out and returns LOOKOUT_OK, or fills in call->error. On the
     * event loop it returns LOOKOUT_NEEDS_THREAD when the slice is over, or when it knows beforehand that the work is
     * heavy; it is then run again from its beginning, on a thread. */
    lookout_code_e (*run)(lookout_call_t *call);
} lookout_tool_t;

typedef struct {
    const lookout_tool_t *items;
    size_t n;
} lookout_toolset_t;

/* Arguments by name, after the check. Absent: {NULL, 0}, or the given default. */
lookout_str_t lookout_arg_str(const lookout_call_t *call, const char *name);
int64_t lookout_arg_int(const lookout_call_t *call, const char *name, int64_t preset);
const cJSON *lookout_arg(const lookout_call_t *call, const char *name);

/* Notes a file that the answer depends on. Beyond LOOKOUT_DEPS_MAX the answer is not cacheable. */
void lookout_call_depends(lookout_call_t *call, const char *path, const lookout_file_id_t *id);

/* For work that outlives its call. On a thread: from here on a client that leaves stops nothing,
 * and when the work takes longer than the server's patience (about a second) the client is
 * answered with `envelope`, the result as it is now, while the tool goes on; what it writes to
 * call->out then is for nobody. A client that wants progress, or sent a batch, is kept waiting. */
void lookout_call_detach(lookout_call_t *call, lookout_str_t envelope);

/* How far the work is; total 0: not known. Cheap: shown when somebody asked to be told. */
void lookout_call_progress(lookout_call_t *call, int64_t done, int64_t total);

/* lookout_fail into call->error. */
#define lookout_call_fail(call, code, details, ...)                                            \
    lookout_fail((call)->arena, &(call)->error, (code), (details), __VA_ARGS__)

#endif
