/*
 * What the two halves of housekeeping share: jobs (sweep.c) and files (sweep_files.c).
 */

#ifndef LOOKOUT_JOBS_SWEEP_H
#define LOOKOUT_JOBS_SWEEP_H

#include "private.h"

typedef struct {
    lookout_jobs_t *jobs;
    lookout_watch_t *watch; /* NULL: none */
    lookout_jobs_swept_t *swept;
    int64_t now;
    bool stop; /* a file cannot be removed: go on another time */

    /* Of the step under way, for work() of lookout_state_run. */
    char id[LOOKOUT_ID_MAX]; /* empty: there is none */
    int64_t used_at, size;   /* of that job */
    bool expired;            /* out: its files were removed */
    int64_t value;           /* out: a number that was read */
    const char *paths[2];    /* below the root: a file, and what it would belong to */
    const char *file;        /* on this machine */
} lookout_sweep_t;

/* Is it time to stop? */
bool lookout_sweep_over(const lookout_sweep_t *sweep);

int lookout_sweep_run(lookout_sweep_t *sweep, bool write, int (*work)(void *));

/* For work(): runs the statement with one number bound, if it takes one, and reads the one it
 * gives into sweep->value (0 when there is no row). */
int lookout_sweep_number(lookout_sweep_t *sweep, lookout_jobs_sql_e which, int64_t argument);

/* Removes a file, and its folder if that is empty then. A file that is not there is as good.
 * When it cannot be removed the log is told, and sweep->stop set. */
bool lookout_sweep_remove(lookout_sweep_t *sweep, const char *file);

/* Removes what dead writers left. */
void lookout_sweep_aside(lookout_sweep_t *sweep);

/* Removes files that no job knows, once a day, and after the state was made anew. SQLite's
 * result code. */
int lookout_sweep_unknown(lookout_sweep_t *sweep);

#endif
