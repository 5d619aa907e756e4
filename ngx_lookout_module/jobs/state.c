/*
 * The state file.
 *
 * Whoever opens it holds PATH.lock (flock), shared; whoever makes it, or moves a damaged one
 * aside, exclusively: so nobody ever opens a new file beside an old file's -wal or -shm. Those
 * who have the old file open go on with it, unharmed, until they see that the path names
 * another. Two things would harm them, and are seen to:
 *
 * - Closing the last connection of a file removes its -wal by name, which may be the new
 *   file's. SQLite looks whether the file has moved before it does, and here the file may move
 *   right after: SQLITE_FCNTL_PERSIST_WAL leaves the -wal alone. (It also spares making it
 *   again each time.)
 * - POSIX locks end when the process closes any descriptor of the file: so the file is never
 *   opened here by hand, but for making it, with O_EXCL, when nobody can have it open.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/buf.h"
#include "../base/folder.h"
#include "state.h"

#define BUSY_TIMEOUT 5000 /* ms that a writer waits for another */
#define TRIES 3           /* of an operation, when the file has to be made anew */
#define FILE_MODE (S_IRUSR | S_IWUSR | S_IRGRP)

/* What a file is found to be. */
typedef enum {
    FOUND_GOOD,
    FOUND_EMPTY,
    FOUND_BROKEN,
    FOUND_OLD,     /* of an earlier Lookout */
    FOUND_FOREIGN, /* not ours, or of a later Lookout: not to be touched */
    FOUND_NOTHING  /* it could not be looked at */
} found_e;


static int fail(lookout_jobs_state_t *state, int rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int
fail(lookout_jobs_state_t *state, int rc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void) vsnprintf(state->why, sizeof(state->why), format, args);
    va_end(args);
    return rc;
}


static bool
damaged(int rc)
{
    return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB;
}


/* PATH with something behind it, terminated; the caller frees b. NULL without memory. */
static const char *
beside(lookout_buf_t *b, const char *path, const char *suffix)
{
    lookout_buf_reset(b);
    lookout_buf_puts(b, path);
    lookout_buf_puts(b, suffix);
    lookout_buf_putc(b, '\0');
    return b->failed ? NULL : b->data;
}


void
lookout_jobs_state_close(lookout_jobs_state_t *state)
{
    for (size_t i = 0; i < LOOKOUT_JOBS_STATEMENTS; i++) {
        (void) sqlite3_finalize(state->statements[i]);
        state->statements[i] = NULL;
    }
    (void) sqlite3_close_v2(state->sql);
    state->sql = NULL;
}


static int
set_up_connection(lookout_jobs_state_t *state)
{
    int persist = 1;
    int rc;

    (void) sqlite3_busy_timeout(state->sql, state->reader ? 0 : BUSY_TIMEOUT);
    (void) sqlite3_db_config(state->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void) sqlite3_db_config(state->sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void) sqlite3_file_control(state->sql, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    rc = sqlite3_exec(state->sql, lookout_jobs_pragmas, NULL, NULL, NULL);
    if (rc == SQLITE_OK && !state->reader) {
        /* SQLite falls back to reading by itself; find that out here. */
        rc = sqlite3_db_readonly(state->sql, "main") == 1
                 ? SQLITE_READONLY
                 : sqlite3_exec(state->sql, lookout_jobs_pragmas_writer, NULL, NULL, NULL);
    }
    return rc;
}


/* Opens the file, which has to be there. The caller holds the lock. */
static int
open_file(lookout_jobs_state_t *state)
{
    struct stat st;
    int rc;

    if (stat(state->path, &st) != 0) {
        return fail(state, SQLITE_CANTOPEN, "the jobs' state %s cannot be opened: %s",
                    state->path, strerror(errno));
    }
    rc = sqlite3_open_v2(state->path, &state->sql,
                         (state->reader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE)
                             | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
                         NULL);
    if (rc == SQLITE_OK) {
        rc = set_up_connection(state);
    }
    if (rc != SQLITE_OK) {
        (void) fail(state, rc, "the jobs' state %s cannot be opened: %s", state->path,
                    rc == SQLITE_READONLY || state->sql == NULL ? sqlite3_errstr(rc)
                                                                : sqlite3_errmsg(state->sql));
        lookout_jobs_state_close(state);
        return rc;
    }
    state->device = (uint64_t) st.st_dev;
    state->inode = (uint64_t) st.st_ino;
    return SQLITE_OK;
}


/* What a file with that application_id, that version and so many tables is. */
static found_e
classify(int application, int version, int tables)
{
    if (application == 0 && version == 0 && tables == 0) {
        return FOUND_EMPTY;
    }
    if (application != LOOKOUT_JOBS_APPLICATION_ID || version > LOOKOUT_JOBS_VERSION) {
        return FOUND_FOREIGN;
    }
    return version < LOOKOUT_JOBS_VERSION ? FOUND_OLD : FOUND_GOOD;
}


/* What kind of file is open? *rc is set when that cannot be told. */
static found_e
inspect(lookout_jobs_state_t *state, int *rc)
{
    sqlite3_stmt *stmt;
    found_e found = FOUND_NOTHING;

    *rc = sqlite3_prepare_v2(state->sql, lookout_jobs_inspect, -1, &stmt, NULL);
    if (*rc == SQLITE_OK) {
        *rc = sqlite3_step(stmt);
    }
    if (*rc == SQLITE_ROW) {
        found = classify(sqlite3_column_int(stmt, 0), sqlite3_column_int(stmt, 1),
                         sqlite3_column_int(stmt, 2));
        *rc = SQLITE_OK;
    } else if (damaged(*rc)) {
        found = FOUND_BROKEN;
    }
    (void) sqlite3_finalize(stmt);
    if (found == FOUND_GOOD
        && (lookout_jobs_state_statement(state, LOOKOUT_JOBS_SQL_GET) == NULL
            || lookout_jobs_state_statement(state, LOOKOUT_JOBS_SQL_TASK_GET) == NULL)) {
        /* Without its tables the file is as good as damaged. */
        *rc = lookout_jobs_state_error(state);
        found = *rc == SQLITE_ERROR || damaged(*rc) ? FOUND_BROKEN : FOUND_NOTHING;
    }
    if (found == FOUND_NOTHING) {
        (void) fail(state, *rc, "the jobs' state %s cannot be read: %s", state->path,
                    sqlite3_errmsg(state->sql));
    }
    return found;
}


/* Opens the file and looks at it. Unless it is good or empty it is closed again. */
static found_e
open_and_inspect(lookout_jobs_state_t *state, int *rc)
{
    found_e found;

    *rc = open_file(state);
    if (*rc != SQLITE_OK) {
        return damaged(*rc) ? FOUND_BROKEN : FOUND_NOTHING;
    }
    found = inspect(state, rc);
    if (found != FOUND_GOOD && found != FOUND_EMPTY) {
        lookout_jobs_state_close(state);
    }
    return found;
}


/* Is the whole of the file that is open sound? */
static bool
sound(lookout_jobs_state_t *state)
{
    sqlite3_stmt *stmt;
    bool good = false;

    if (sqlite3_prepare_v2(state->sql, lookout_jobs_check, -1, &stmt, NULL) == SQLITE_OK
        && sqlite3_step(stmt) == SQLITE_ROW) {
        good = strcmp((const char *) sqlite3_column_text(stmt, 0), "ok") == 0;
    }
    (void) sqlite3_finalize(stmt);
    return good;
}


/* Removes what is left beside a file that is gone: it would be taken for the next one's. */
static int
remove_companions(lookout_jobs_state_t *state)
{
    static const char *const suffixes[] = { "-wal", "-shm" };
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    int rc = SQLITE_OK;

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]) && rc == SQLITE_OK; i++) {
        const char *name = beside(&b, state->path, suffixes[i]);

        if (name == NULL) {
            rc = SQLITE_NOMEM;
        } else if (unlink(name) != 0 && errno != ENOENT) {
            rc = fail(state, SQLITE_CANTOPEN,
                      "%s, left by an earlier file, cannot be removed: %s", name,
                      strerror(errno));
        }
    }
    lookout_buf_free(&b);
    return rc;
}


/* Makes an empty file, with the mode that SQLite then gives its companions too. */
static int
make_file(lookout_jobs_state_t *state)
{
    int fd, rc = remove_companions(state);

    if (rc != SQLITE_OK) {
        return rc;
    }
    fd = open(state->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0 && errno != EEXIST) {
        return fail(state, errno == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN,
                    "the jobs' state %s cannot be made: %s", state->path, strerror(errno));
    }
    if (fd >= 0) {
        (void) close(fd);
    }
    return SQLITE_OK;
}


/* Renames the file to PATH.corrupt, with its -wal, so that nothing is lost to somebody who
 * wants to look. The -wal goes first: a file without it is merely older, but a new file must
 * never find it. */
static int
move_aside(lookout_jobs_state_t *state, found_e found)
{
    static const char *const moves[][2] = { { "-wal", ".corrupt-wal" }, { "", ".corrupt" } };
    lookout_buf_t from = LOOKOUT_BUF_INIT, to = LOOKOUT_BUF_INIT;
    const char *old, *new;
    int rc = SQLITE_OK;

    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]) && rc == SQLITE_OK; i++) {
        old = beside(&from, state->path, moves[i][0]);
        new = beside(&to, state->path, moves[i][1]);
        if (old == NULL || new == NULL) {
            rc = SQLITE_NOMEM;
        } else if (rename(old, new) != 0 && errno != ENOENT) {
            rc = fail(state, SQLITE_CANTOPEN,
                      "the jobs' state %s is damaged, and cannot be "
                      "moved aside: %s",
                      state->path, strerror(errno));
        }
    }
    if (rc == SQLITE_OK) {
        (void) snprintf(state->event, sizeof(state->event),
                        "the jobs' state %s %s: it was renamed to %s.corrupt, and a new one is "
                        "made; jobs are done again as they are asked for",
                        state->path,
                        found == FOUND_OLD ? "was written by an earlier Lookout"
                                           : "was damaged",
                        state->path);
    }
    lookout_buf_free(&from);
    lookout_buf_free(&to);
    return rc;
}


/* Opens, makes or replaces the file, whatever it is. The caller holds the lock exclusively. */
static int
open_or_make(lookout_jobs_state_t *state)
{
    int rc = SQLITE_ERROR;
    found_e found;

    for (int i = 0; i < TRIES; i++) {
        if (access(state->path, F_OK) != 0 && (rc = make_file(state)) != SQLITE_OK) {
            return rc;
        }
        found = open_and_inspect(state, &rc);
        if (found == FOUND_GOOD && !sound(state)) {
            lookout_jobs_state_close(state);
            found = FOUND_BROKEN;
        }
        switch (found) {
        case FOUND_GOOD:
            return SQLITE_OK;
        case FOUND_EMPTY:
            rc = sqlite3_exec(state->sql, lookout_jobs_schema, NULL, NULL, NULL);
            if (rc != SQLITE_OK) {
                (void) fail(state, rc, "the jobs' state %s cannot be written: %s", state->path,
                            sqlite3_errmsg(state->sql));
                lookout_jobs_state_close(state);
            }
            return rc;
        case FOUND_FOREIGN:
            return fail(state, SQLITE_MISMATCH,
                        "%s is a SQLite file of another kind, or of a later Lookout, and not "
                        "the jobs' state: name another file",
                        state->path);
        case FOUND_NOTHING:
            return rc;
        case FOUND_BROKEN:
        case FOUND_OLD:
            rc = move_aside(state, found);
            if (rc != SQLITE_OK) {
                return rc;
            }
        }
    }
    return rc;
}


/* Opens PATH.lock and locks it; a descriptor to be closed, or -1 with *rc. */
static int
lock(lookout_jobs_state_t *state, int how, int *rc)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const char *name = beside(&b, state->path, ".lock");
    int flags = state->reader ? O_RDONLY : O_RDWR | O_CREAT;
    int fd = -1;

    *rc = SQLITE_NOMEM;
    if (name != NULL) {
        fd = open(name, flags | O_CLOEXEC, FILE_MODE);
        if (fd < 0 && errno == ENOENT && !state->reader && lookout_folder_for(name) == 0) {
            fd = open(name, flags | O_CLOEXEC, FILE_MODE);
        }
        if (fd < 0) {
            *rc = fail(state, errno == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN,
                       "the jobs' state cannot be locked: %s: %s", name, strerror(errno));
        }
    }
    lookout_buf_free(&b);
    if (fd < 0) {
        return -1;
    }
    while (flock(fd, how | (state->reader ? LOCK_NB : 0)) != 0) {
        if (errno != EINTR) {
            *rc = errno == EWOULDBLOCK
                      ? SQLITE_BUSY
                      : fail(state, SQLITE_CANTOPEN, "the jobs' state %s cannot be locked: %s",
                             state->path, strerror(errno));
            (void) close(fd);
            return -1;
        }
    }
    *rc = SQLITE_OK;
    return fd;
}


/* Closes the file, and opens, makes or replaces what the path names. */
static int
set_right(lookout_jobs_state_t *state)
{
    int rc, fd;

    lookout_jobs_state_close(state);
    if (state->reader) {
        return SQLITE_BUSY; /* a thread has to see to it */
    }
    fd = lock(state, LOCK_EX, &rc);
    if (fd >= 0) {
        rc = open_or_make(state);
        (void) close(fd);
    }
    return rc;
}


/* Makes sure that the file the path names is open, and good. */
static int
open_state(lookout_jobs_state_t *state)
{
    found_e found = FOUND_EMPTY;
    int rc, fd = lock(state, LOCK_SH, &rc);

    if (fd < 0) {
        return rc;
    }
    if (access(state->path, F_OK) == 0) {
        found = open_and_inspect(state, &rc);
    }
    (void) close(fd);
    return found == FOUND_GOOD || found == FOUND_NOTHING ? rc : set_right(state);
}


/* Is the file that is open still the one that the path names? */
static bool
fresh(const lookout_jobs_state_t *state)
{
    struct stat st;

    return state->sql != NULL && stat(state->path, &st) == 0
           && (uint64_t) st.st_dev == state->device && (uint64_t) st.st_ino == state->inode;
}


sqlite3_stmt *
lookout_jobs_state_statement(lookout_jobs_state_t *state, lookout_jobs_sql_e which)
{
    sqlite3_stmt **stmt = &state->statements[which];

    if (*stmt == NULL
        && sqlite3_prepare_v3(state->sql, lookout_jobs_sql[which], -1,
                              SQLITE_PREPARE_PERSISTENT, stmt, NULL)
               != SQLITE_OK) {
        return NULL;
    }
    return *stmt;
}


int
lookout_jobs_state_error(const lookout_jobs_state_t *state)
{
    return sqlite3_errcode(state->sql);
}


int
lookout_jobs_state_done(sqlite3_stmt *stmt, int rc)
{
    (void) sqlite3_reset(stmt);
    (void) sqlite3_clear_bindings(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}


static int
execute(lookout_jobs_state_t *state, lookout_jobs_sql_e which)
{
    sqlite3_stmt *stmt = lookout_jobs_state_statement(state, which);

    return stmt == NULL ? lookout_jobs_state_error(state)
                        : lookout_jobs_state_done(stmt, sqlite3_step(stmt));
}


static int
transaction(lookout_jobs_state_t *state, bool write, int (*work)(void *), void *data)
{
    int rc = write ? execute(state, LOOKOUT_JOBS_SQL_BEGIN) : SQLITE_OK;

    if (rc == SQLITE_OK) {
        rc = work(data);
    }
    if (rc == SQLITE_OK && write) {
        rc = execute(state, LOOKOUT_JOBS_SQL_COMMIT);
    }
    if (rc != SQLITE_OK) {
        (void) fail(state, rc, "the jobs' state %s cannot be %s: %s", state->path,
                    write ? "written" : "read", sqlite3_errmsg(state->sql));
        if (sqlite3_get_autocommit(state->sql) == 0) {
            (void) execute(state, LOOKOUT_JOBS_SQL_ROLLBACK);
        }
    }
    return rc;
}


int
lookout_jobs_state_run(lookout_jobs_state_t *state, bool write, int (*work)(void *), void *data)
{
    int rc = SQLITE_OK;

    for (int i = 0; i < TRIES; i++) {
        if (damaged(rc)) {
            rc = set_right(state);
        } else if (!fresh(state)) {
            lookout_jobs_state_close(state);
            rc = open_state(state);
        }
        if (rc == SQLITE_OK) {
            rc = transaction(state, write, work, data);
        }
        if (!damaged(rc)) {
            break;
        }
    }
    if (rc == SQLITE_OK) {
        state->why[0] = '\0';
    }
    return rc;
}
