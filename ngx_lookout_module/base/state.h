/*
 * A state file: a SQLite file in WAL mode that all workers share, written from threads. Opened
 * when it is needed, made when it is missing, looked at for damage; and its transactions.
 *
 * What is in it is the owner's: a lookout_state_kind_t, one a kind of file, has its schema and
 * every statement that is ever run, each prepared once a connection, when it is first needed.
 */

#ifndef LOOKOUT_STATE_H
#define LOOKOUT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#define LOOKOUT_STATE_WHY 512
#define LOOKOUT_STATE_STATEMENTS 32 /* at most, of a kind */

typedef struct {
    const char *what; /* "the jobs' state": what messages call the file */
    /* What becomes of those who lose it, in one clause: then a damaged file is renamed to
     * PATH.corrupt and a new one made in its place. NULL: it holds what cannot be made again,
     * so a damaged file stays as it is, and whoever asks is told. */
    const char *lost;
    uint32_t application_id;
    int version;            /* user_version; another schema, another number */
    const char *schema;     /* makes the tables in an empty file; in a transaction */
    const char *pragmas;    /* of every connection */
    const char *writer;     /* of those that write, besides */
    const char *const *sql; /* the statements */
    size_t probes[2];       /* statements that can be prepared in every good file */
} lookout_state_kind_t;

typedef struct {
    const lookout_state_kind_t *kind;
    const char *path;       /* borrowed */
    bool reader;            /* never writes, never waits */
    sqlite3 *sql;           /* NULL: not open */
    uint64_t device, inode; /* of the file that is open */
    uint64_t opened;        /* how often a file was opened: tells this one from earlier ones */
    sqlite3_stmt *transaction[3]; /* begin, commit, roll back */
    sqlite3_stmt *statements[LOOKOUT_STATE_STATEMENTS];
    char why[LOOKOUT_STATE_WHY];   /* what is wrong with it now; empty: nothing */
    char event[LOOKOUT_STATE_WHY]; /* a file was replaced; whoever tells it empties it */
} lookout_state_t;

/* Begins with all zeros, `kind`, `path` and `reader`. */
void lookout_state_close(lookout_state_t *state);

/* Runs work(data), which runs statements and returns SQLITE_OK or what went wrong; with `write`
 * in a transaction of its own, which is committed on SQLITE_OK and else rolled back. `work` may
 * be run again from the start, when the file had to be made anew. Gives SQLite's result code:
 * SQLITE_BUSY for a reader that would have to wait or to write; SQLITE_MISMATCH for a file that
 * is not ours to replace; SQLITE_CORRUPT or SQLITE_NOTADB for a damaged one that is left as it
 * is. Anything but SQLITE_OK leaves a line in state->why, SQLITE_BUSY perhaps. */
int lookout_state_run(lookout_state_t *state, bool write, int (*work)(void *), void *data);

/* For work(): statement `which` of the kind, ready to be bound and stepped; NULL when it cannot
 * be prepared, and then lookout_state_error has the code. End with lookout_state_done. */
sqlite3_stmt *lookout_state_statement(lookout_state_t *state, size_t which);
int lookout_state_error(const lookout_state_t *state);

/* Ends the use of a statement whose last step gave rc; SQLITE_OK, or the failure. */
int lookout_state_done(sqlite3_stmt *stmt, int rc);

#endif
