/*
 * The registry: tools, resources and prompts as rows of tables. A room that has something to
 * offer fills in a surface, which is such tables together; a server is made from one or more of
 * them. Listings, the manifest, argument checks, lookups and completion read nothing but these
 * rows. This room knows no BI: what a row works on is behind its call's session.
 */

#ifndef LOOKOUT_REGISTRY_H
#define LOOKOUT_REGISTRY_H

#include "call.h"
#include "schema.h"

typedef enum {
    LOOKOUT_LIST,
    LOOKOUT_GET,
    LOOKOUT_CREATE,
    LOOKOUT_UPDATE,
    LOOKOUT_DELETE,
    LOOKOUT_RUN
} lookout_verb_e;

/* How long a client may keep what can change with the next refresh of the data, in ms: as long
 * as an answer may be old before an analyst would mind. */
#define LOOKOUT_TTL_DATA 10000

/* The same for what only a deploy changes. */
#define LOOKOUT_TTL_DEPLOY 300000

/* What scopes filter on. */
typedef struct {
    lookout_verb_e verb;
    const char *const *tags; /* ended by NULL; NULL: whatever tags a scope has, it has this */
    bool writes;             /* changes something */
} lookout_access_t;

/* What a caller may use of the surfaces. */
typedef struct {
    /* May it use the row `name`? NULL: all of them. */
    bool (*allows)(const void *scope, const lookout_access_t *access);

    /* Why not, and what would have to be allowed; in the arena. */
    lookout_str_t (*lacks)(const void *scope, lookout_arena_t *arena, const char *name,
                           const lookout_access_t *access);

    const void *scope; /* theirs, and the call's: see call.h */
    lookout_str_t
        key; /* names the scope as it is now, for what is kept or signed; empty: all */
} lookout_permit_t;

typedef struct {
    const char *name; /* ^[a-zA-Z0-9_-]{1,64}$ */
    const char *title;
    const char *description; /* for a model: what for, when to use another one instead */
    const lookout_schema_t *input;
    const lookout_schema_t *output; /* NULL: the result is blocks alone */
    const char *input_json;         /* a schema beyond what tables can say, in place of input;
                                     * then the tool checks its arguments */
    const char *meta;               /* a JSON object for _meta; NULL: none */
    lookout_access_t access;        /* access.writes clears readOnlyHint */
    bool destructive;
    bool not_idempotent;
    bool as_task;   /* answers with a task who can take one */
    bool task_only; /* and nobody else */
    bool logs;      /* calls lookout_call_log */

    /* Writes the result to call->out and returns LOOKOUT_OK, or fills in call->error. On the
     * event loop it returns LOOKOUT_NEEDS_THREAD when the slice is over, or when it knows
     * beforehand that the work is heavy; it is then run again from its beginning, on a thread. */
    lookout_code_e (*run)(lookout_call_t *call);
} lookout_tool_t;

/* An argument of a prompt, or a variable of a resource's template. */
typedef struct {
    const char *name; /* NULL ends the rows */
    const char *title;
    const char *description;
    bool required;

    /* Adds what the argument may be (lookout_completion_add); NULL: nothing is known. */
    lookout_code_e (*complete)(lookout_call_t *call);
} lookout_argument_t;

typedef struct {
    const char
        *uri; /* or a template: each {variable} stands for one or more characters but / */
    const char *name; /* short, unique, without spaces */
    const char *title;
    const char *description;
    const char *mime; /* NULL: the function says, for they differ */
    const char *meta; /* a JSON object for _meta of the content; NULL: none */
    const lookout_argument_t *variables; /* of a template; NULL: it is one resource */
    lookout_access_t access;
    int64_t ttl_ms; /* how long a client may keep it */
    bool shared;    /* the same for everybody: others' caches may keep it too */

    /* Writes the content to call->out. *_NOT_FOUND and INVALID_INPUT: there is no such
     * resource. */
    lookout_code_e (*read)(lookout_call_t *call);

    /* Adds the template's resources (lookout_resource_add); NULL: they are not listed. */
    lookout_code_e (*list)(lookout_call_t *call);
} lookout_resource_t;

typedef struct {
    const char *name;
    const char *title;
    const char *description;
    const lookout_argument_t *arguments; /* NULL: none */
    const char *const *tools; /* that it works with, ended by NULL: it is there for who may use
                               * them all; NULL: for everybody */

    /* Appends the messages. */
    lookout_code_e (*get)(lookout_call_t *call);
} lookout_prompt_t;

/* The tasks that a surface's tools make. */
typedef struct {
    /* Is that the id of one of these, by its form? */
    bool (*owns)(lookout_str_t id);

    /* Fills in call->task of call->task.id; of one that is completed also the tool's result, as
     * its run does, or call->error if that was an error; of one that failed call->error.
     * INVALID_INPUT: there is none, and why. One of which the work goes on here may be told of
     * with lookout_call_detach before it does. */
    lookout_code_e (*get)(lookout_call_t *call);
    lookout_code_e (*cancel)(lookout_call_t *call);
} lookout_tasks_t;

/* Tables that belong together. Each ends with a row without a name; NULL: none. */
typedef struct {
    const lookout_tool_t *tools;
    const lookout_resource_t *resources;
    const lookout_prompt_t *prompts;
    const lookout_tasks_t *tasks;
} lookout_surface_t;

/* The rows of a table of a surface, in a loop: `row` is declared by the caller. */
#define LOOKOUT_ROWS(row, table)                                                               \
    for ((row) = (table); (row) != NULL && (row)->name != NULL; (row)++)

/* The values of a URI's variables when it fits the template, as an object in the arena; NULL:
 * it does not. A template without variables fits itself. */
cJSON *lookout_template_match(lookout_arena_t *arena, const char *template, lookout_str_t uri);

#endif
