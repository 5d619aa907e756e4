/*
 * Housekeeping.
 *
 * One sweep at a time: it holds PATH.sweep (flock), and whoever finds it held does nothing.
 * With nothing to do it costs one pass over an index of the jobs and the listing of one folder
 * that is nearly always empty.
 *
 * A job's files are removed within the transaction that marks it expired, so that no claim can
 * put new files there at that moment; killed in between, the job says done and has no files,
 * and is done again when it is asked for. One job a transaction keeps them short.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/clock.h"
#include "sweep.h"

#define REMEMBER 604800 /* s that the ids of expired and failed jobs are known */
_Static_assert(REMEMBER >= LOOKOUT_JOB_TASK_KEPT, "a failed task needs its job");
#define UNASKED 600 /* s after which an abandoned job is ended */
#define FILE_MODE (S_IRUSR | S_IWUSR | S_IRGRP)

static const char unasked[] =
    "The server was stopped while it worked on this job, and nobody asked for it again. Call "
    "the tool once more with the same arguments.";


bool
lookout_sweep_over(const lookout_sweep_t *sweep)
{
    return sweep->stop || (sweep->watch != NULL && lookout_watch_over(sweep->watch));
}


int
lookout_sweep_run(lookout_sweep_t *sweep, bool write, int (*work)(void *))
{
    return lookout_state_run(&sweep->jobs->state, write, work, sweep);
}


int
lookout_sweep_number(lookout_sweep_t *sweep, lookout_jobs_sql_e which, int64_t argument)
{
    sqlite3_stmt *stmt = lookout_state_statement(&sweep->jobs->state, which);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&sweep->jobs->state);
    }
    if (sqlite3_bind_parameter_count(stmt) > 0) {
        (void) sqlite3_bind_int64(stmt, 1, argument);
    }
    rc = sqlite3_step(stmt);
    sweep->value = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    return lookout_state_done(stmt, rc);
}


bool
lookout_sweep_remove(lookout_sweep_t *sweep, const char *file)
{
    lookout_buf_t folder = LOOKOUT_BUF_INIT;
    const char *slash = strrchr(file, '/');

    if (unlink(file) != 0 && errno != ENOENT) {
        (void) snprintf(sweep->jobs->storage, sizeof(sweep->jobs->storage),
                        "cannot remove %s: %s", file, strerror(errno));
        sweep->stop = true;
        return false;
    }
    if (slash != NULL) {
        lookout_buf_add(&folder, file, (size_t) (slash - file));
        lookout_buf_putc(&folder, '\0');
        if (!folder.failed) {
            (void) rmdir(folder.data);
        }
        lookout_buf_free(&folder);
    }
    return true;
}


/* Runs one step with an arena of its own, which ends with it: a sweep may be long. */
static int
with_arena(lookout_sweep_t *sweep, int (*step)(lookout_sweep_t *, lookout_arena_t *))
{
    lookout_arena_t *arena = lookout_arena_create();
    int rc = arena == NULL ? SQLITE_NOMEM : step(sweep, arena);

    lookout_arena_destroy(arena);
    return rc;
}


/* Takes the id in column 0 of the row, if the step gave one. */
static bool
take_id(lookout_sweep_t *sweep, sqlite3_stmt *stmt, int rc)
{
    sweep->id[0] = '\0';
    if (rc == SQLITE_ROW) {
        (void) snprintf(sweep->id, sizeof(sweep->id), "%s",
                        (const char *) sqlite3_column_text(stmt, 0));
    }
    return rc == SQLITE_ROW;
}


/* ---- jobs beyond the limits ---- */

static int
read_kept(void *data)
{
    return lookout_sweep_number(data, LOOKOUT_JOBS_SQL_KEPT, 0);
}


static int
read_oldest(void *data)
{
    lookout_sweep_t *sweep = data;
    sqlite3_stmt *stmt = lookout_state_statement(&sweep->jobs->state, LOOKOUT_JOBS_SQL_OLDEST);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&sweep->jobs->state);
    }
    rc = sqlite3_step(stmt);
    if (take_id(sweep, stmt, rc)) {
        sweep->used_at = sqlite3_column_int64(stmt, 1);
        sweep->size = sqlite3_column_int64(stmt, 2);
    }
    return lookout_state_done(stmt, rc);
}


static int
expire(lookout_sweep_t *sweep, lookout_arena_t *arena)
{
    lookout_job_t job;
    bool found;
    int rc = lookout_job_load(sweep->jobs, arena, lookout_str(sweep->id), &job, &found);

    sweep->expired = false;
    if (rc != SQLITE_OK || !found || job.status != LOOKOUT_JOB_DONE
        || job.last_used_at != sweep->used_at) {
        return rc; /* it was used, or taken, a moment ago */
    }
    for (size_t i = 0; i < job.n_files; i++) {
        if (!lookout_sweep_remove(sweep, job.files[i].file.data)) {
            return SQLITE_OK;
        }
    }
    sweep->expired = true;
    job.status = LOOKOUT_JOB_EXPIRED;
    job.last_used_at = sweep->now;
    return lookout_job_store(sweep->jobs, &job);
}


static int
write_expired(void *data)
{
    return with_arena(data, expire);
}


/* Is the job that was unused for longest one to remove? */
static bool
beyond(const lookout_sweep_t *sweep, const lookout_jobs_limits_t *limits)
{
    int64_t age = sweep->now - sweep->used_at;

    return (limits->max_age > 0 && age > limits->max_age)
           || (limits->max_bytes > 0 && sweep->swept->kept_bytes > limits->max_bytes
               && age > sweep->jobs->settings->spare);
}


/* Removes jobs, the longest unused first, until those that remain are within the limits. */
static int
sweep_jobs(lookout_sweep_t *sweep, const lookout_jobs_limits_t *limits)
{
    lookout_jobs_swept_t *swept = sweep->swept;
    int rc = lookout_sweep_run(sweep, false, read_kept);

    swept->kept_bytes = sweep->value;
    while (rc == SQLITE_OK && !lookout_sweep_over(sweep)) {
        rc = lookout_sweep_run(sweep, false, read_oldest);
        if (rc != SQLITE_OK || sweep->id[0] == '\0' || !beyond(sweep, limits)) {
            break;
        }
        rc = lookout_sweep_run(sweep, true, write_expired);
        if (rc == SQLITE_OK && sweep->expired) {
            swept->jobs++;
            swept->bytes += sweep->size;
            swept->kept_bytes -= sweep->size;
        }
    }
    return rc;
}


/* ---- jobs that nobody will end ---- */

/* The next unfinished job behind sweep->id, in the order of ids. */
static int
read_unfinished(void *data)
{
    lookout_sweep_t *sweep = data;
    sqlite3_stmt *stmt =
        lookout_state_statement(&sweep->jobs->state, LOOKOUT_JOBS_SQL_UNFINISHED);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&sweep->jobs->state);
    }
    (void) sqlite3_bind_int64(stmt, 1, sweep->now - UNASKED);
    (void) sqlite3_bind_text(stmt, 2, sweep->id, -1, SQLITE_TRANSIENT);
    rc = sqlite3_step(stmt);
    (void) take_id(sweep, stmt, rc);
    return lookout_state_done(stmt, rc);
}


static int
drop(const lookout_sweep_t *sweep)
{
    sqlite3_stmt *stmt = lookout_state_statement(&sweep->jobs->state, LOOKOUT_JOBS_SQL_DROP);

    if (stmt == NULL) {
        return lookout_state_error(&sweep->jobs->state);
    }
    (void) sqlite3_bind_text(stmt, 1, sweep->id, -1, SQLITE_STATIC);
    return lookout_state_done(stmt, sqlite3_step(stmt));
}


/* Ends an abandoned job; one that all who asked for it have cancelled is forgotten instead. */
static int
interrupt(lookout_sweep_t *sweep, lookout_arena_t *arena)
{
    lookout_job_t job;
    bool found, unwanted = false;
    int rc = lookout_job_load(sweep->jobs, arena, lookout_str(sweep->id), &job, &found);

    if (rc != SQLITE_OK || !found || !job.abandoned) {
        return rc;
    }
    rc = lookout_job_unwanted(sweep->jobs, &job, &unwanted);
    if (rc != SQLITE_OK || unwanted) {
        return rc == SQLITE_OK ? drop(sweep) : rc;
    }
    lookout_job_set_failed(sweep->jobs, &job, LOOKOUT_JOB_INTERRUPTED, lookout_str(unasked));
    job.retry_at = sweep->now; /* it is not the job's fault */
    return lookout_job_store(sweep->jobs, &job);
}


static int
write_interrupted(void *data)
{
    return with_arena(data, interrupt);
}


static int
sweep_unfinished(lookout_sweep_t *sweep)
{
    int rc = SQLITE_OK;

    sweep->id[0] = '\0';
    while (rc == SQLITE_OK && !lookout_sweep_over(sweep)) {
        rc = lookout_sweep_run(sweep, false, read_unfinished);
        if (rc != SQLITE_OK || sweep->id[0] == '\0') {
            break;
        }
        rc = lookout_sweep_run(sweep, true, write_interrupted);
    }
    return rc;
}


static int
write_forgotten(void *data)
{
    lookout_sweep_t *sweep = data;
    int rc = lookout_sweep_number(sweep, LOOKOUT_JOBS_SQL_FORGET, sweep->now - REMEMBER);

    if (rc == SQLITE_OK) {
        rc = lookout_sweep_number(sweep, LOOKOUT_JOBS_SQL_TASKS_FORGET,
                                  sweep->now - LOOKOUT_JOB_TASK_KEPT);
    }
    if (rc == SQLITE_OK) {
        rc = lookout_sweep_number(sweep, LOOKOUT_JOBS_SQL_TASKS_ENDED, 0);
    }
    return rc == SQLITE_OK && sweep->value > LOOKOUT_JOB_TASKS_MAX ? lookout_sweep_number(
               sweep, LOOKOUT_JOBS_SQL_TASKS_EXCEED, LOOKOUT_JOB_TASKS_MAX)
                                                                   : rc;
}


/* ---- the sweep ---- */

/* The lock of the one who sweeps: a descriptor, or -1 when another has it, or it cannot be had
 * at all (and then nothing could be swept). */
static int
lock_sweep(const lookout_jobs_t *jobs)
{
    lookout_buf_t path = LOOKOUT_BUF_INIT;
    int fd = -1;

    lookout_buf_puts(&path, jobs->settings->state_path);
    lookout_buf_puts(&path, ".sweep");
    lookout_buf_putc(&path, '\0');
    if (!path.failed) {
        fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
            (void) close(fd);
            fd = -1;
        }
    }
    lookout_buf_free(&path);
    return fd;
}


static int
sweep_all(lookout_sweep_t *sweep, const lookout_jobs_limits_t *limits)
{
    int rc;

    lookout_sweep_aside(sweep);
    rc = sweep_jobs(sweep, limits);
    if (rc == SQLITE_OK) {
        rc = sweep_unfinished(sweep);
    }
    if (rc == SQLITE_OK) {
        rc = lookout_sweep_unknown(sweep);
    }
    return rc == SQLITE_OK ? lookout_sweep_run(sweep, true, write_forgotten) : rc;
}


lookout_code_e
lookout_jobs_sweep(lookout_jobs_t *jobs, const lookout_jobs_limits_t *limits,
                   lookout_watch_t *watch, lookout_arena_t *arena, lookout_jobs_swept_t *swept,
                   lookout_error_t *error)
{
    lookout_sweep_t sweep = {
        .jobs = jobs, .watch = watch, .swept = swept, .now = lookout_now()
    };
    int rc, fd;

    *swept = (lookout_jobs_swept_t){ 0 };
    if (jobs->state.reader) {
        return LOOKOUT_NEEDS_THREAD;
    }
    rc = lookout_sweep_run(&sweep, false, read_kept); /* makes what is missing */
    if (rc == SQLITE_OK) {
        fd = lock_sweep(jobs);
        if (fd < 0) {
            swept->elsewhere = true;
            return LOOKOUT_OK;
        }
        rc = sweep_all(&sweep, limits);
        (void) close(fd);
    }
    return lookout_jobs_answer(jobs, arena, rc, error);
}
