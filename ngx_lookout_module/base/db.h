/*
 * Reading SQLite files that others replace: the catalogue and the extracts. Such a file never
 * changes in place; a new one is written beside it and renamed over it. So it is opened
 * read-only and immutable, which takes no lock and no system call a query, and a look at the
 * path (lookout_db_fresh) says when there is another file to open.
 *
 * A connection has one user at a time. What it runs is bounded by a watch: a progress handler
 * that stops the statement at a deadline, when its slice on the event loop is used up, when
 * the client has left, or when SQLite's memory grows past the limit.
 */

#ifndef LOOKOUT_DB_H
#define LOOKOUT_DB_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

/* What tells one file from the file that replaced it. */
typedef struct {
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    int64_t mtime_ns;
} lookout_file_id_t;

/* The file that `path` names now; false when there is none (errno says why). Every byte of *id
 * is set, so that two can be compared with memcmp. */
bool lookout_file_id(const char *path, lookout_file_id_t *id);

/* One that is all zeros is not open yet. */
typedef struct {
    sqlite3 *sql;         /* NULL: not open */
    lookout_file_id_t id; /* the file that is open, or that could not be opened */
    uint32_t user_version;
    int missing;   /* errno of the last look at the path, 0 when a file was there */
    char why[256]; /* why it is not open, for the log and for the operator */
} lookout_db_t;

typedef enum {
    LOOKOUT_DB_SAME,   /* open, and the path still names the same file */
    LOOKOUT_DB_OPENED, /* opened now: prepare what you need; older statements are gone */
    LOOKOUT_DB_FAILED  /* not to be had; db->why says why; nothing is open */
} lookout_db_state_e;

/* Makes sure that db is open on the file that `path` names now. `application_id` is what the
 * file's header must carry. Closes the older file, for which statements must have been
 * finalized: `closing` (may be NULL) is called first, to do so. A file that is bad is not tried
 * again until it changes; one that could not be opened is. */
lookout_db_state_e lookout_db_fresh(lookout_db_t *db, const char *path, uint32_t application_id,
                                    void (*closing)(void *), void *data);

void lookout_db_close(lookout_db_t *db);

/* The user_version of the open file's header, which the writer sets from the content. */
uint32_t lookout_db_user_version(const lookout_db_t *db);

typedef enum {
    LOOKOUT_STOP_NONE,
    LOOKOUT_STOP_DEADLINE,
    LOOKOUT_STOP_SLICE,
    LOOKOUT_STOP_CANCELLED,
    LOOKOUT_STOP_MEMORY
} lookout_stop_e;

/* Bounds of a call. One watch may be set on several connections of the same thread. */
typedef struct {
    uint64_t deadline_ns;         /* monotonic; 0: none */
    uint64_t slice_ns;            /* monotonic end of the event loop's slice; 0: on a thread */
    const atomic_bool *cancelled; /* set by another thread; NULL: never */
    const volatile sig_atomic_t *quit; /* the process is told to stop; NULL: never */
    bool (*over)(void *data); /* asked too, so often that it has to be cheap: nobody wants the
                               * result any more? NULL: not asked. May not use a connection
                               * that the watch is set on. */
    void *over_data;
    int64_t memory;         /* bytes SQLite may hold in this process; 0: no limit */
    lookout_stop_e stopped; /* out: why a statement ended with SQLITE_INTERRUPT; once it is
                             * set nothing more runs under this watch */
} lookout_watch_t;

/* Puts the watch on a connection; watch NULL takes it off. */
void lookout_watch_set(sqlite3 *sql, lookout_watch_t *watch);

/* Looks at the clock and the flags between statements; true when it is time to stop. */
bool lookout_watch_over(lookout_watch_t *watch);

#endif
