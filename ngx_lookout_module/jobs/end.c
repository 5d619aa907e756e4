/*
 * What the owner of a job does with it: progress, and the ends.
 *
 * Who took a job has its ticket, a random number in the row, and whoever's ticket is no longer
 * there is told so instead of changing anything. So it does no harm to take a job away from an
 * owner that only seemed to be gone. Files get their names within the transaction that checks
 * the ticket and ends the job, so that no claim and no sweep comes between.
 */

#include "../base/clock.h"
#include "private.h"

#define PROGRESS_EVERY 500000000u /* ns between two writes of a job's progress */

/* What one operation works on. */
typedef struct {
    lookout_jobs_t *jobs;
    lookout_arena_t *arena;
    lookout_job_t *job;
    lookout_str_t id;                  /* a copy: *job may be overwritten */
    lookout_jobs_file_t *const *files; /* of finish */
    bool mine;                         /* out: it was still the caller's */
} operation_t;


static int
write_progress(void *data)
{
    operation_t *op = data;
    lookout_state_t *state = &op->jobs->state;
    sqlite3_stmt *stmt = lookout_state_statement(state, LOOKOUT_JOBS_SQL_PROGRESS);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(state);
    }
    (void) sqlite3_bind_text(stmt, 1, op->id.data, (int) op->id.len, SQLITE_STATIC);
    (void) sqlite3_bind_int64(stmt, 2, op->job->ticket);
    (void) sqlite3_bind_int64(stmt, 3, op->job->rows);
    (void) sqlite3_bind_int64(stmt, 4, lookout_job_beat());
    rc = lookout_state_done(stmt, sqlite3_step(stmt));
    op->mine = rc == SQLITE_OK && sqlite3_changes(state->sql) == 1;
    return rc;
}


bool
lookout_jobs_progress(lookout_jobs_t *jobs, lookout_job_t *job, int64_t rows)
{
    operation_t op = { .jobs = jobs, .id = lookout_str(job->id), .job = job };
    uint64_t now = lookout_monotonic_ns();

    job->rows = rows;
    if (job->lost) {
        return false;
    }
    if (jobs->state.reader || (job->told_ns != 0 && now - job->told_ns < PROGRESS_EVERY)) {
        return true;
    }
    /* That it cannot be written now is no reason to stop. */
    job->lost =
        lookout_state_run(&jobs->state, true, write_progress, &op) == SQLITE_OK && !op.mine;
    job->told_ns = lookout_monotonic_ns(); /* now: a slow state file is not written all along */
    return !job->lost;
}


/* In a write transaction: is the job still the caller's? If not, op->job becomes what it is
 * now. One that the state file no longer has (it was made anew meanwhile) is the caller's. */
static int
check_mine(operation_t *op)
{
    lookout_job_t now;
    bool found;
    int rc = lookout_job_load(op->jobs, op->arena, op->id, &now, &found);

    op->mine = false;
    if (rc == SQLITE_OK) {
        op->mine = !found || now.ticket == op->job->ticket;
        if (!op->mine) {
            *op->job = now;
        } else if (found) {
            op->job->wanted = now.wanted; /* others may have asked for it meanwhile */
        }
    }
    return rc;
}


static int
write_done(void *data)
{
    operation_t *op = data;
    lookout_job_t *job = op->job;
    const lookout_jobs_file_t *bad;
    int rc = check_mine(op);

    if (rc != SQLITE_OK || !op->mine) {
        return rc;
    }
    bad = lookout_jobs_files_failed(op->files, job->n_files);
    if (bad == NULL && !lookout_jobs_files_place(op->files, job)) {
        bad = lookout_jobs_files_failed(op->files, job->n_files);
    }
    if (bad != NULL) {
        lookout_job_set_failed(op->jobs, job, lookout_jobs_file_code(bad),
                               lookout_str(lookout_jobs_file_message(bad)));
    } else {
        job->status = LOOKOUT_JOB_DONE;
        job->owner = LOOKOUT_STR("");
        job->interruptions = 0;
        job->completed_at = lookout_now();
        job->last_used_at = job->completed_at;
    }
    return lookout_job_store(op->jobs, job);
}


/* Runs the end of a job, and leaves in *op->job what it is then. */
static lookout_code_e
end(operation_t *op, int (*work)(void *), lookout_error_t *error)
{
    int rc;

    if (op->jobs->state.reader) {
        return LOOKOUT_NEEDS_THREAD;
    }
    op->id = lookout_arena_copy(op->arena, lookout_str(op->job->id));
    if (op->id.data == NULL) {
        return lookout_fail_memory(error);
    }
    rc = lookout_state_run(&op->jobs->state, true, work, op);
    return lookout_jobs_answer(op->jobs, op->arena, rc, error);
}


lookout_code_e
lookout_jobs_finish(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_t *job,
                    lookout_jobs_file_t *const *files, int64_t rows, lookout_error_t *error)
{
    operation_t op = { .jobs = jobs, .arena = arena, .job = job, .files = files };
    size_t n = job->n_files;
    lookout_code_e code;

    job->rows = rows;
    for (size_t i = 0; i < n; i++) {
        (void) lookout_jobs_file_close(files[i]); /* before the lock: this takes a while */
    }
    code = end(&op, write_done, error);
    for (size_t i = 0; i < n; i++) {
        lookout_jobs_file_abort(files[i]); /* of those that have their name nothing is left */
    }
    return code;
}


static int
write_failed(void *data)
{
    operation_t *op = data;
    int rc = check_mine(op);

    if (rc != SQLITE_OK || !op->mine) {
        return rc;
    }
    lookout_job_set_failed(op->jobs, op->job, op->job->error_code.data, op->job->error_message);
    return lookout_job_store(op->jobs, op->job);
}


lookout_code_e
lookout_jobs_fail(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_t *job,
                  lookout_str_t code, lookout_str_t message, lookout_error_t *error)
{
    operation_t op = { .jobs = jobs, .arena = arena, .job = job };

    job->error_code = lookout_arena_copy(arena, code);
    job->error_message = lookout_arena_copy(arena, message);
    if (job->error_code.data == NULL || job->error_message.data == NULL) {
        return lookout_fail_memory(error);
    }
    return end(&op, write_failed, error);
}


static int
write_released(void *data)
{
    operation_t *op = data;
    int rc = check_mine(op);

    if (rc != SQLITE_OK || !op->mine) {
        return rc;
    }
    op->job->status = LOOKOUT_JOB_QUEUED;
    op->job->abandoned = true;
    op->job->owner = LOOKOUT_STR("");
    op->job->started_at = 0;
    op->job->rows = 0;
    return lookout_job_store(op->jobs, op->job);
}


lookout_code_e
lookout_jobs_release(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_t *job,
                     lookout_error_t *error)
{
    operation_t op = { .jobs = jobs, .arena = arena, .job = job };

    return end(&op, write_released, error);
}
