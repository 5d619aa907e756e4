/*
 * The state file: opened when it is needed, made when it is missing, moved aside and made anew
 * when it is damaged; and its transactions.
 */

#ifndef LOOKOUT_JOBS_STATE_H
#define LOOKOUT_JOBS_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "statements.h"

#define LOOKOUT_JOBS_WHY 512

typedef struct {
    const char *path;       /* borrowed */
    bool reader;            /* never writes, never waits */
    sqlite3 *sql;           /* NULL: not open */
    uint64_t device, inode; /* of the file that is open */
    sqlite3_stmt *statements[LOOKOUT_JOBS_STATEMENTS];
    char why[LOOKOUT_JOBS_WHY];   /* what is wrong with it now; empty: nothing */
    char event[LOOKOUT_JOBS_WHY]; /* a damaged file was replaced; whoever tells it empties it */
} lookout_jobs_state_t;

/* Begins with all zeros, `path` and `reader`. */
void lookout_jobs_state_close(lookout_jobs_state_t *state);

/* Runs work(data), which runs statements and returns SQLITE_OK or what went wrong; with `write`
 * in a transaction of its own, which is committed on SQLITE_OK and else rolled back. `work` may
 * be run again from the start, when the file had to be made anew. Gives SQLite's result code:
 * SQLITE_BUSY for a reader that would have to wait or to write; SQLITE_MISMATCH for a file that
 * is not ours to replace. */
int lookout_jobs_state_run(lookout_jobs_state_t *state, bool write, int (*work)(void *),
                           void *data);

/* For work(): a statement, ready to be bound and stepped; NULL when it cannot be prepared, and
 * then lookout_jobs_state_error has the code. End with lookout_jobs_state_done. */
sqlite3_stmt *
lookout_jobs_state_statement(lookout_jobs_state_t *state, lookout_jobs_sql_e which);
int lookout_jobs_state_error(const lookout_jobs_state_t *state);

/* Ends the use of a statement whose last step gave rc; SQLITE_OK, or the failure. */
int lookout_jobs_state_done(sqlite3_stmt *stmt, int rc);

#endif
