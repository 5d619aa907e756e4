/*
 * A workflow: what an analyst does with this server, written down for a model that is to do it.
 * Its texts are lines of tables, its renderer fills in the arguments that a person gave and what
 * the catalogue knows of the things that they name.
 *
 * Lines hold slots: {view} is the argument as it was typed, in JSON's quotes, so that nobody
 * takes data for instructions; {view.id} and the like come from the catalogue. A brace that no
 * such name follows is a brace.
 */

#ifndef LOOKOUT_WORKFLOWS_H
#define LOOKOUT_WORKFLOWS_H

#include "session.h"

/* Bytes of an argument that names something, and of one in which a person says what is wanted. */
#define LOOKOUT_WORKFLOW_NAME_MAX 256
#define LOOKOUT_WORKFLOW_WORDS_MAX 1024

#define LOOKOUT_WORKFLOW_VALUES 32

typedef struct {
    const char *when; /* slots that have to have a value, parted by spaces, "!slot": must not;
                       * NULL: always */
    const char *text; /* NULL ends the lines */
} lookout_workflow_line_t;

typedef struct {
    const lookout_workflow_line_t *goal;
    const lookout_workflow_line_t *steps;
    const lookout_workflow_line_t *report;

    /* What is sent along: "datasource", "workbook" or "view", the answer of its get_ tool as a
     * resource. The datasource of a workflow with a view is the view's. */
    const lookout_workflow_line_t *attached;
} lookout_workflow_t;

/* The workflows' texts. */
extern const lookout_workflow_t lookout_workflow_discover;
extern const lookout_workflow_t lookout_workflow_browse;
extern const lookout_workflow_t lookout_workflow_filter;
extern const lookout_workflow_t lookout_workflow_sql;
extern const lookout_workflow_t lookout_workflow_compare;
extern const lookout_workflow_t lookout_workflow_inspect;
extern const lookout_workflow_t lookout_workflow_render;
extern const lookout_workflow_t lookout_workflow_export;

typedef struct {
    const char *name;
    lookout_str_t text;
} lookout_workflow_value_t;

/* A workflow for the arguments of one call. */
typedef struct {
    lookout_call_t *call;
    const lookout_workflow_t *workflow;
    lookout_catalog_t *catalog;
    lookout_workflow_value_t values[LOOKOUT_WORKFLOW_VALUES];
    size_t n_values;
    lookout_str_t datasource_id; /* what the arguments name; {NULL, 0}: nothing */
    lookout_str_t workbook_id;
    lookout_str_t view_id;
    lookout_buf_t attached; /* messages, ready to follow the text */
} lookout_workflow_run_t;

/* The get of a prompt: the messages for the call's arguments. INVALID_INPUT (details {errors,
 * suggestions?}) when an argument is too long, holds control characters, or names nothing. */
lookout_code_e lookout_workflow_get(lookout_call_t *call, const lookout_workflow_t *workflow);

/* Gives a slot its value, in place of another one. */
void lookout_workflow_set(lookout_workflow_run_t *run, const char *name, lookout_str_t text);

/* The value of a slot; {NULL, 0}: it has none. */
lookout_str_t lookout_workflow_value(const lookout_workflow_run_t *run, const char *name);

/* Does a line's condition hold? */
bool lookout_workflow_when(const lookout_workflow_run_t *run, const char *when);

/* An argument without the spaces around it; {NULL, 0} when nothing is left: forms send empty
 * texts for what was not filled in. */
lookout_str_t lookout_workflow_argument(const lookout_call_t *call, const char *name);

/* text in JSON's quotes, in the arena. */
lookout_str_t lookout_workflow_quote(lookout_call_t *call, lookout_str_t text);

/* INVALID_INPUT over one argument. `suggestions` is a JSON array, or {NULL, 0}. */
lookout_code_e lookout_workflow_refuse(lookout_call_t *call, const char *argument,
                                       lookout_str_t message, lookout_str_t suggestions);

/* workflows_subject.c: finds what the arguments datasource, workbook and view name, by id or by
 * a name as people type it, and gives the slots of it their values. */
lookout_code_e lookout_workflow_resolve(lookout_workflow_run_t *run);

/* workflows_attach.c: fills in run->attached, and the slots `trouble` and `stale`. */
lookout_code_e lookout_workflow_attach(lookout_workflow_run_t *run);

#endif
