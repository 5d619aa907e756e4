/*
 * The runbook: what each code means that an answer can carry, and what there is to do about it.
 * One table; SPEC.md's list of codes and the resource lookout://runbook come out of it.
 */

#ifndef LOOKOUT_RUNBOOK_H
#define LOOKOUT_RUNBOOK_H

#include "../mcp/registry.h"

typedef struct {
    const char *code;
    const char *where;     /* it is met: "error", "warning", "error of a job", ... */
    const char *means;     /* Markdown, as all that follows */
    const char *details;   /* the members of its details; "": none */
    const char *agent;     /* what an agent does about it */
    const char *operators; /* what the operator does; "": nothing */
    const char *again;     /* does it help to send the same again? */
} lookout_runbook_row_t;

/* Errors and warnings in the order of LOOKOUT_CODES, then what only a job can have. A code of
 * NULL ends them. */
extern const lookout_runbook_row_t lookout_runbook[];

/* The resources lookout://runbook and lookout://runbook/{code}. */
lookout_code_e lookout_read_runbook(lookout_call_t *call);
lookout_code_e lookout_read_runbook_code(lookout_call_t *call);

#endif
