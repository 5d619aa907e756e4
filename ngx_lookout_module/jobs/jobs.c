/*
 * Claiming and following jobs.
 *
 * A claim first reads: a job that is done, failed or running needs no more, and all workers can
 * read at once. Only to take a job, or to note that it was used, a short write transaction is
 * begun, in which everything is looked at again. In it also who wants the job is noted, so that
 * whoever claims a job has it done: a cancellation comes either before the claim, which then
 * does the job anew, or after it, and finds the job wanted.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../base/clock.h"
#include "private.h"

#define INTERRUPTIONS_MAX 3    /* then a job fails instead of being tried once more */
#define WAIT_FIRST 2000000u    /* ns between two looks at a job, at first */
#define WAIT_LONGEST 50000000u /* and in the end */

/* What each SQLite failure means to a client. */
static const struct {
    int rc; /* SQLITE_OK: any other, and the last */
    const char *what;
} troubles[] = {
    { SQLITE_FULL, "its disk is full" },
    { SQLITE_BUSY, "other work on them takes too long" },
    { SQLITE_READONLY, "their file is read-only" },
    { SQLITE_CANTOPEN, "their file cannot be opened" },
    { SQLITE_PERM, "their file cannot be opened" },
    { SQLITE_MISMATCH, "their file is not one of Lookout's" },
    { SQLITE_OK, "their file cannot be read or written" },
};

static const lookout_claimant_t plain;

/* What one operation works on. */
typedef struct {
    lookout_jobs_t *jobs;
    lookout_arena_t *arena;
    const lookout_job_request_t *request; /* NULL: by id alone */
    lookout_str_t id;
    const lookout_claimant_t *who; /* of a claim */
    lookout_jobs_how_e how;
    lookout_job_t *job;
    bool found;
    bool withdrawn; /* the task that claims is no longer working */
} operation_t;


lookout_jobs_t *
lookout_jobs_create(const lookout_jobs_settings_t *settings, lookout_jobs_mode_e mode)
{
    lookout_jobs_t *jobs = calloc(1, sizeof(*jobs));

    if (jobs != NULL) {
        jobs->settings = settings;
        jobs->state.kind = &lookout_jobs_state;
        jobs->state.path = settings->state_path;
        jobs->state.reader = mode == LOOKOUT_JOBS_LOOP;
        lookout_owner_self(jobs->self);
    }
    return jobs;
}


void
lookout_jobs_destroy(lookout_jobs_t *jobs)
{
    if (jobs != NULL) {
        lookout_state_close(&jobs->state);
        free(jobs);
    }
}


const char *
lookout_jobs_trouble(lookout_jobs_t *jobs)
{
    char *news = jobs->state.event[0] != '\0' ? jobs->state.event : jobs->storage;

    if (news[0] != '\0') {
        (void) snprintf(jobs->line, sizeof(jobs->line), "%s", news);
        news[0] = '\0';
        return jobs->line;
    }
    /* What a reader cannot do a thread does, and tells. */
    if (jobs->state.reader || strcmp(jobs->told, jobs->state.why) == 0) {
        return NULL;
    }
    (void) snprintf(jobs->told, sizeof(jobs->told), "%s", jobs->state.why);
    return jobs->told[0] == '\0' ? NULL : jobs->told;
}


lookout_code_e
lookout_jobs_answer(const lookout_jobs_t *jobs, lookout_arena_t *arena, int rc,
                    lookout_error_t *error)
{
    size_t i = 0;

    if (rc == SQLITE_OK) {
        return LOOKOUT_OK;
    }
    if (rc == SQLITE_NOMEM) {
        return lookout_fail_memory(error);
    }
    if (jobs->state.reader) {
        return LOOKOUT_NEEDS_THREAD;
    }
    while (troubles[i].rc != SQLITE_OK && troubles[i].rc != (rc & 0xff)) {
        i++;
    }
    return lookout_fail(arena, error, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                        "The server cannot keep its jobs at the moment: %s. Try again in a "
                        "minute; if it lasts, tell the operator: the server's log says more.",
                        troubles[i].what);
}


int64_t
lookout_jobs_since(int64_t now, int64_t then)
{
    return now >= then ? now - then : then - now;
}


/* ---- claiming ---- */

/* What a claim comes to, by the job as it stands; NONE: take it. */
static lookout_claim_e
decide(const lookout_jobs_t *jobs, const lookout_job_t *job, lookout_jobs_how_e how)
{
    int64_t now = lookout_now();

    switch (job->status) {
    case LOOKOUT_JOB_DONE:
        return lookout_job_files_there(job) ? LOOKOUT_CLAIM_FINISHED : LOOKOUT_CLAIM_NONE;
    case LOOKOUT_JOB_FAILED:
        /* A time further ahead than it was set is one of a clock that was set back. */
        return now >= job->retry_at || job->retry_at - now > jobs->settings->retry_after
                   ? LOOKOUT_CLAIM_NONE
                   : LOOKOUT_CLAIM_FAILED;
    case LOOKOUT_JOB_QUEUED:
        return how == LOOKOUT_JOBS_DO || job->abandoned ? LOOKOUT_CLAIM_NONE
                                                        : LOOKOUT_CLAIM_BUSY;
    case LOOKOUT_JOB_RUNNING:
        return job->abandoned ? LOOKOUT_CLAIM_NONE : LOOKOUT_CLAIM_BUSY;
    case LOOKOUT_JOB_EXPIRED:
    case LOOKOUT_JOB_STATUSES:
        break;
    }
    return LOOKOUT_CLAIM_NONE;
}


/* A job that never was: its id and the names of its files follow from the request. */
static int
begin_job(operation_t *op)
{
    lookout_job_t *job = op->job;

    memset(job, 0, sizeof(*job));
    memcpy(job->id, op->id.data, op->id.len + 1);
    job->request = *op->request;
    job->status = LOOKOUT_JOB_EXPIRED;
    return lookout_job_name_files(op->jobs, op->arena, job) ? SQLITE_OK : SQLITE_NOMEM;
}


static bool
is_plain(const operation_t *op)
{
    return op->who->task.data == NULL;
}


/* Makes the job the caller's. One that goes on keeps the time at which it was asked for, and
 * who wants it. */
static int
take(operation_t *op)
{
    lookout_job_t *job = op->job;
    int64_t now = lookout_now();
    bool goes_on, unwanted = true;
    int rc = SQLITE_OK;

    if (job->status == LOOKOUT_JOB_QUEUED || job->status == LOOKOUT_JOB_RUNNING) {
        rc = lookout_job_unwanted(op->jobs, job, &unwanted);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    goes_on = !unwanted;
    if (job->status == LOOKOUT_JOB_RUNNING && ++job->interruptions > INTERRUPTIONS_MAX) {
        /* It may be what kills its workers. */
        lookout_job_set_failed(op->jobs, job, LOOKOUT_JOB_INTERRUPTED,
                               lookout_str(lookout_job_interrupted));
        job->claim = LOOKOUT_CLAIM_FAILED;
        return lookout_job_store(op->jobs, job);
    }
    if (!lookout_random(&job->ticket, sizeof(job->ticket))) {
        return SQLITE_IOERR;
    }
    job->claim = LOOKOUT_CLAIM_MINE;
    job->abandoned = false;
    job->wanted = is_plain(op) || (goes_on && job->wanted);
    job->status = op->how == LOOKOUT_JOBS_DO ? LOOKOUT_JOB_RUNNING : LOOKOUT_JOB_QUEUED;
    job->owner = lookout_str(op->jobs->self);
    job->beat_at = lookout_job_beat();
    job->created_at = goes_on ? job->created_at : now;
    job->started_at = op->how == LOOKOUT_JOBS_DO ? now : 0;
    job->completed_at = 0;
    job->last_used_at = now;
    job->rows = 0;
    job->files[0].size = job->files[1].size = 0;
    job->error_code = job->error_message = LOOKOUT_STR("");
    job->retry_at = 0;
    return lookout_job_store(op->jobs, job);
}


/* Has the claimant's interest in the job been noted, or need it not be? A task is opened
 * whatever became of the job; a plain caller's interest ends with it. */
static bool
is_noted(const operation_t *op)
{
    if (!is_plain(op)) {
        return op->who->note.data == NULL;
    }
    return op->job->wanted
           || (op->job->claim != LOOKOUT_CLAIM_MINE && op->job->claim != LOOKOUT_CLAIM_BUSY);
}


static int
note_interest(operation_t *op)
{
    if (is_noted(op)) {
        return SQLITE_OK;
    }
    if (!is_plain(op)) {
        return lookout_job_task_open(op->jobs, op->who, op->job);
    }
    op->job->wanted = true;
    return lookout_job_store(op->jobs, op->job);
}


static int
look(void *data)
{
    operation_t *op = data;
    bool working = true;
    int rc = lookout_job_load(op->jobs, op->arena, op->id, op->job, &op->found);

    if (rc == SQLITE_OK && op->found) {
        op->job->claim = decide(op->jobs, op->job, op->how);
    }
    if (rc == SQLITE_OK && !is_plain(op) && op->who->note.data == NULL) {
        rc = lookout_job_task_working(op->jobs, op->who->task, &working);
    }
    op->withdrawn = !working;
    if (op->withdrawn) {
        op->job->claim = LOOKOUT_CLAIM_NONE;
    }
    return rc;
}


/* After a look: is there nothing to write? */
static bool
is_settled(const operation_t *op)
{
    return op->withdrawn || (op->found && op->job->claim != LOOKOUT_CLAIM_NONE && is_noted(op));
}


/* In a write transaction: looks again, and takes what is still to be had. */
static int
look_and_take(void *data)
{
    operation_t *op = data;
    int rc = look(op);

    if (rc != SQLITE_OK || is_settled(op)) {
        return rc;
    }
    if (op->found && op->job->claim != LOOKOUT_CLAIM_NONE) {
        return note_interest(op);
    }
    if (!op->found || op->job->status == LOOKOUT_JOB_EXPIRED) {
        if (op->request == NULL) {
            op->found = false;
            return SQLITE_OK;
        }
        rc = begin_job(op);
        op->found = true;
    } else if (op->request != NULL) {
        op->job->request.inputs = op->request->inputs; /* as it was put this time */
    }
    if (rc == SQLITE_OK) {
        rc = take(op);
    }
    return rc == SQLITE_OK ? note_interest(op) : rc;
}


/* ---- use ---- */

static int
write_use(void *data)
{
    operation_t *op = data;
    sqlite3_stmt *stmt = lookout_state_statement(&op->jobs->state, LOOKOUT_JOBS_SQL_TOUCH);

    if (stmt == NULL) {
        return lookout_state_error(&op->jobs->state);
    }
    (void) sqlite3_bind_text(stmt, 1, op->id.data, (int) op->id.len, SQLITE_STATIC);
    (void) sqlite3_bind_int64(stmt, 2, op->job->last_used_at);
    return lookout_state_done(stmt, sqlite3_step(stmt));
}


/* Should it fail, the file is still good: the log is told, and the job is served. */
lookout_code_e
lookout_jobs_use(lookout_jobs_t *jobs, lookout_job_t *job)
{
    operation_t op = { .jobs = jobs, .id = lookout_str(job->id), .job = job };
    int64_t now = lookout_now();

    if (lookout_jobs_since(now, job->last_used_at) < jobs->settings->touch_after) {
        return LOOKOUT_OK;
    }
    if (jobs->state.reader) {
        return LOOKOUT_NEEDS_THREAD;
    }
    job->last_used_at = now;
    (void) lookout_state_run(&jobs->state, true, write_use, &op);
    return LOOKOUT_OK;
}


static lookout_code_e
not_found(const operation_t *op, lookout_job_kind_e which, lookout_error_t *error)
{
    const lookout_job_kind_t *kind = &lookout_job_kinds[which];
    bool expired = op->found;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t details;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, kind->id_key);
    lookout_json_str(&b, op->id);
    lookout_json_key(&b, "reason");
    lookout_json_cstr(&b, expired ? "expired" : "unknown");
    lookout_json_close(&b, '}');
    details = lookout_arena_copy(op->arena, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return lookout_fail(
        op->arena, error, kind->unknown, details,
        expired ? "The files of %s job %.*s were removed to make room. Call %s again with the "
                  "same arguments: over the same data it gives the same job."
                : "There is no %s job %.*s. Jobs are made by %s: call it again with the "
                  "arguments of the job; check the id if you expected this one to be there.",
        kind->name, LOOKOUT_STR_ARG(op->id), kind->tool);
}


/* Claims by the operation's id. */
static lookout_code_e
claim(operation_t *op, lookout_job_kind_e kind, lookout_error_t *error)
{
    lookout_jobs_t *jobs = op->jobs;
    int rc = lookout_state_run(&jobs->state, false, look, op);

    if (rc == SQLITE_OK && !is_settled(op)) {
        if (jobs->state.reader) {
            return LOOKOUT_NEEDS_THREAD;
        }
        rc = lookout_state_run(&jobs->state, true, look_and_take, op);
    }
    if (rc != SQLITE_OK) {
        return lookout_jobs_answer(jobs, op->arena, rc, error);
    }
    if (!op->found) {
        return not_found(op, kind, error);
    }
    return op->job->claim == LOOKOUT_CLAIM_FINISHED ? lookout_jobs_use(jobs, op->job)
                                                    : LOOKOUT_OK;
}


lookout_code_e
lookout_jobs_claim_for(lookout_jobs_t *jobs, lookout_arena_t *arena,
                       const lookout_claimant_t *who, const lookout_job_request_t *request,
                       lookout_jobs_how_e how, lookout_job_t *job, lookout_error_t *error)
{
    char id[LOOKOUT_ID_MAX];
    operation_t op = {
        .jobs = jobs, .arena = arena, .request = request, .who = who, .how = how, .job = job
    };

    /* They become part of paths. */
    if (!lookout_id_valid(request->view_id, "vw_")
        || !lookout_job_format_valid(request->kind, request->format)) {
        return lookout_fail(arena, error, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                            "A job cannot be made for view \"%.*s\" in format \"%.*s\": this "
                            "is a mistake in the server; tell the operator.",
                            LOOKOUT_STR_ARG(request->view_id),
                            LOOKOUT_STR_ARG(request->format));
    }
    lookout_id_mint(id, lookout_job_kinds[request->kind].prefix, request->key);
    op.id = lookout_str(id);
    return claim(&op, request->kind, error);
}


lookout_code_e
lookout_jobs_claim(lookout_jobs_t *jobs, lookout_arena_t *arena,
                   const lookout_job_request_t *request, lookout_jobs_how_e how,
                   lookout_job_t *job, lookout_error_t *error)
{
    return lookout_jobs_claim_for(jobs, arena, &plain, request, how, job, error);
}


lookout_code_e
lookout_jobs_start_for(lookout_jobs_t *jobs, lookout_arena_t *arena,
                       const lookout_claimant_t *who, lookout_job_kind_e kind, lookout_str_t id,
                       lookout_job_t *job, lookout_error_t *error)
{
    operation_t op = {
        .jobs = jobs, .arena = arena, .id = id, .who = who, .how = LOOKOUT_JOBS_DO, .job = job
    };

    if (!lookout_id_valid(id, lookout_job_kinds[kind].prefix)) {
        return not_found(&op, kind, error);
    }
    return claim(&op, kind, error);
}


lookout_code_e
lookout_jobs_start(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_kind_e kind,
                   lookout_str_t id, lookout_job_t *job, lookout_error_t *error)
{
    return lookout_jobs_start_for(jobs, arena, &plain, kind, id, job, error);
}


/* ---- following ---- */

static int
read_job(void *data)
{
    operation_t *op = data;

    return lookout_job_load(op->jobs, op->arena, op->id, op->job, &op->found);
}


lookout_code_e
lookout_jobs_unknown(lookout_arena_t *arena, lookout_job_kind_e kind, lookout_str_t id,
                     lookout_error_t *error)
{
    const operation_t op = { .arena = arena, .id = id };

    return not_found(&op, kind, error);
}


lookout_code_e
lookout_jobs_get(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_kind_e kind,
                 lookout_str_t id, lookout_job_t *job, lookout_error_t *error)
{
    operation_t op = { .jobs = jobs, .arena = arena, .id = id, .job = job };
    int rc;

    if (!lookout_id_valid(id, lookout_job_kinds[kind].prefix)) {
        return not_found(&op, kind, error);
    }
    rc = lookout_state_run(&jobs->state, false, read_job, &op);
    if (rc != SQLITE_OK) {
        return lookout_jobs_answer(jobs, arena, rc, error);
    }
    if (!op.found || job->status == LOOKOUT_JOB_EXPIRED
        || (job->status == LOOKOUT_JOB_DONE && !lookout_job_files_there(job))) {
        return not_found(&op, kind, error);
    }
    return job->status == LOOKOUT_JOB_DONE ? lookout_jobs_use(jobs, job) : LOOKOUT_OK;
}


static void
sleep_ns(uint64_t ns)
{
    struct timespec time = { (time_t) (ns / 1000000000u), (long) (ns % 1000000000u) };

    (void) nanosleep(&time, NULL);
}


lookout_code_e
lookout_jobs_wait(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_kind_e kind,
                  lookout_str_t id, uint32_t ms, lookout_watch_t *watch, lookout_job_t *job,
                  lookout_error_t *error)
{
    uint64_t now = lookout_monotonic_ns(), end = now + (uint64_t) ms * 1000000;
    uint64_t pause = WAIT_FIRST;
    lookout_code_e code;

    if (jobs->state.reader) {
        return LOOKOUT_NEEDS_THREAD;
    }
    for (;;) {
        code = lookout_jobs_get(jobs, arena, kind, id, job, error);
        if (code != LOOKOUT_OK || job->abandoned
            || (job->status != LOOKOUT_JOB_QUEUED && job->status != LOOKOUT_JOB_RUNNING)) {
            return code;
        }
        if (watch != NULL && lookout_watch_over(watch)) {
            return watch->stopped == LOOKOUT_STOP_CANCELLED ? LOOKOUT_CANCELLED : LOOKOUT_OK;
        }
        now = lookout_monotonic_ns();
        if (now >= end) {
            return LOOKOUT_OK;
        }
        sleep_ns(pause < end - now ? pause : end - now);
        pause = pause * 3 / 2 < WAIT_LONGEST ? pause * 3 / 2 : WAIT_LONGEST;
    }
}
