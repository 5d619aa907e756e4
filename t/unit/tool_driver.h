/*
 * Calls tools without a server: arguments are checked against the tool's schema, the tool runs
 * on a session over the little company, and its result is parsed and held against the tool's
 * output schema.
 */

#ifndef TOOL_DRIVER_H
#define TOOL_DRIVER_H

#include "../../ngx_lookout_module/mcp/server.h"
#include "../../ngx_lookout_module/tools/session.h"
#include "../../ngx_lookout_module/tools/tools.h"
#include "little_company.h"

typedef struct {
    char catalog[256];
    char *folder;          /* of the jobs' state and files */
    const char *files_url; /* for the next calls; NULL: files are not served */
    lookout_settings_t settings;
    lookout_session_t *session;
    uint64_t slice_ns;                 /* for the next calls; 0: as on a thread */
    const volatile sig_atomic_t *quit; /* for the next calls: NULL, or the order to stop */
    const void *scope;                 /* for the next calls; NULL: all */
    bool as_task;                      /* for the next calls: by a client that takes tasks */

    /* The last call. */
    lookout_arena_t *arena;
    lookout_call_t call;
    lookout_exchange_t exchange;
    lookout_buf_t out;
    lookout_buf_t blocks; /* as the items of an array */
    lookout_code_e code;
    cJSON *result; /* of a successful call; NULL: a task took its place */
} driver_t;

int driver_setup(void **state);
int driver_teardown(void **state);

/* Calls a tool; arguments are JSON, in which ' stands for ". */
lookout_code_e ask(driver_t *d, const char *tool, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, and it has to succeed. */
void ask_well(driver_t *d, const char *tool, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Asks after the task with that id, or cancels it, as `what` of a surface's tasks does. The
 * task is then d->call.task; of one that is completed the tool's result is the call's. */
lookout_code_e
ask_task(driver_t *d, lookout_code_e (*what)(lookout_call_t *call), const char *id);

/* Reads the resource of that name, whose one variable has this value. What it says is in d->out;
 * it need not be JSON. */
lookout_code_e
ask_resource(driver_t *d, const char *name, const char *variable, const char *value);

/* A part of the last result ("items/0/name"); fails the test when it is not there. */
const cJSON *part(const driver_t *d, const char *path);
const char *part_text(const driver_t *d, const char *path);
double part_number(const driver_t *d, const char *path);
int part_size(const driver_t *d, const char *path);
bool part_null(const driver_t *d, const char *path);

/* The names of the members of an object of the last result, in order, separated by spaces. */
const char *part_keys(const driver_t *d, const char *path);

/* The last call's error says this in its message or its details. */
void error_says(const driver_t *d, const char *text);

#endif
