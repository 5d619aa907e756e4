/*
 * What is wrong with a JSON value that came in: every problem is named, each with the JSON
 * Pointer of its place, so that whoever sent it can mend all of it at once.
 *
 *     lookout_problems_t p;
 *     lookout_problems_begin(&p, arena);
 *     back = lookout_problems_enter(&p, "name");
 *     lookout_problem(&p, "must be a string (got %s)", lookout_json_kind(item));
 *     lookout_problems_leave(&p, back);
 *     details = lookout_problems_end(&p);
 */

#ifndef LOOKOUT_PROBLEMS_H
#define LOOKOUT_PROBLEMS_H

#include "arena.h"
#include "buf.h"

#define LOOKOUT_PROBLEMS_MAX 20 /* that are written down */

typedef struct {
    size_t n;        /* problems, also those beyond the ones written down */
    char first[320]; /* "/path: message" of the first, for a message of one line */

    /* Its own. */
    lookout_arena_t *arena;
    lookout_buf_t errors;
    char path[256];
    size_t path_len;
} lookout_problems_t;

void lookout_problems_begin(lookout_problems_t *p, lookout_arena_t *arena);

/* Adds a step to the path; gives what lookout_problems_leave goes back to. */
size_t lookout_problems_enter(lookout_problems_t *p, const char *name);
size_t lookout_problems_enter_item(lookout_problems_t *p, size_t index);
void lookout_problems_leave(lookout_problems_t *p, size_t back);

/* Notes a problem at the path. */
void lookout_problem(lookout_problems_t *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* {"errors": [{"path", "message"}]}, in the arena; {NULL, 0} without memory. Frees what the
 * list has taken, and has to be called also when there was no problem. */
lookout_str_t lookout_problems_end(lookout_problems_t *p);

#endif
