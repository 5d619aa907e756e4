/*
 * Tasks.
 *
 * A task is a row beside its job's. It ends in the transaction in which its job does, or by
 * being cancelled. The transaction that cancels the last of a job's tasks also takes the job
 * away from whoever does it, as a claim does that believes it abandoned: a new ticket, and no
 * owner. So the job is there to be claimed at once, by whomever, and the one who did it finds
 * its ticket gone, stops, and can change nothing.
 */

#include <stdio.h>
#include <string.h>

#include "../base/clock.h"
#include "private.h"

static const char *const statuses[LOOKOUT_JOB_TASK_STATUSES] = {
    [LOOKOUT_JOB_TASK_WORKING] = "working",
    [LOOKOUT_JOB_TASK_COMPLETED] = "completed",
    [LOOKOUT_JOB_TASK_FAILED] = "failed",
    [LOOKOUT_JOB_TASK_CANCELLED] = "cancelled",
};

/* What one operation works on. */
typedef struct {
    lookout_jobs_t *jobs;
    lookout_arena_t *arena;
    lookout_str_t id;
    char text[LOOKOUT_ID_MAX]; /* of the id: the caller's may lie in *task */
    lookout_job_task_t *task;
    bool found;
    bool job_found;
    lookout_str_t error_code, error_message; /* of a task that failed */
} operation_t;


const char *
lookout_job_task_status_name(lookout_job_task_status_e status)
{
    return statuses[status];
}


/* ---- rows ---- */

/* A statement with one text bound, which outlives the step; NULL as from
 * lookout_state_statement. */
static sqlite3_stmt *
statement_of(lookout_jobs_t *jobs, lookout_jobs_sql_e which, lookout_str_t first)
{
    sqlite3_stmt *stmt = lookout_state_statement(&jobs->state, which);

    if (stmt != NULL) {
        (void) sqlite3_bind_text64(stmt, 1, first.data, first.len, SQLITE_STATIC, SQLITE_UTF8);
    }
    return stmt;
}


static int
run(lookout_jobs_t *jobs, sqlite3_stmt *stmt)
{
    return stmt == NULL ? lookout_state_error(&jobs->state)
                        : lookout_state_done(stmt, sqlite3_step(stmt));
}


/* Runs a statement, and says whether it gives a row. */
static int
run_for_a_row(lookout_jobs_t *jobs, sqlite3_stmt *stmt, bool *row)
{
    int rc;

    *row = false;
    if (stmt == NULL) {
        return lookout_state_error(&jobs->state);
    }
    rc = sqlite3_step(stmt);
    *row = rc == SQLITE_ROW;
    return lookout_state_done(stmt, rc);
}


static void
bind_text(sqlite3_stmt *stmt, int i, lookout_str_t s)
{
    /* Absent is stored as empty. */
    (void) sqlite3_bind_text64(stmt, i, s.data == NULL ? "" : s.data, s.len, SQLITE_STATIC,
                               SQLITE_UTF8);
}


/* What a task is whose job is that. */
static lookout_job_task_status_e
status_of(const lookout_job_t *job)
{
    return job->status == LOOKOUT_JOB_DONE     ? LOOKOUT_JOB_TASK_COMPLETED
           : job->status == LOOKOUT_JOB_FAILED ? LOOKOUT_JOB_TASK_FAILED
                                               : LOOKOUT_JOB_TASK_WORKING;
}


/* Looks for a task that ended with the job as it is, has the claimant's note, and is known for
 * half of its time yet. It can change no more, so it may be told to whoever would get one. */
static int
find_equal(lookout_jobs_t *jobs, const lookout_claimant_t *who, const lookout_job_t *job,
           bool *found)
{
    sqlite3_stmt *stmt = lookout_state_statement(&jobs->state, LOOKOUT_JOBS_SQL_TASK_EQUAL);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&jobs->state);
    }
    (void) sqlite3_bind_int64(stmt, 1, job->completed_at);
    (void) sqlite3_bind_int64(stmt, 2, who->now - LOOKOUT_JOB_TASK_KEPT / 2);
    bind_text(stmt, 3, lookout_str(job->id));
    bind_text(stmt, 4, lookout_str(statuses[status_of(job)]));
    bind_text(stmt, 5, who->note);
    rc = sqlite3_step(stmt);
    *found = rc == SQLITE_ROW && sqlite3_column_bytes(stmt, 0) < LOOKOUT_ID_MAX;
    if (*found) {
        (void) snprintf(who->opened->id, LOOKOUT_ID_MAX, "%s",
                        (const char *) sqlite3_column_text(stmt, 0));
        who->opened->created_at = sqlite3_column_int64(stmt, 1);
    }
    return lookout_state_done(stmt, rc);
}


int
lookout_job_task_open(lookout_jobs_t *jobs, const lookout_claimant_t *who,
                      const lookout_job_t *job)
{
    sqlite3_stmt *stmt;
    bool found = false;
    int rc;

    if (status_of(job) != LOOKOUT_JOB_TASK_WORKING) {
        rc = find_equal(jobs, who, job, &found);
        if (rc != SQLITE_OK || found) {
            return rc;
        }
    }
    memcpy(who->opened->id, who->task.data, who->task.len + 1);
    who->opened->created_at = who->now;
    stmt = statement_of(jobs, LOOKOUT_JOBS_SQL_TASK_OPEN, who->task);
    if (stmt != NULL) {
        bind_text(stmt, 2, lookout_str(job->id));
        bind_text(stmt, 3, who->note);
        (void) sqlite3_bind_int64(stmt, 4, who->now);
    }
    rc = run(jobs, stmt);
    return rc == SQLITE_OK ? lookout_job_tasks_end(jobs, job) : rc;
}


int
lookout_job_tasks_end(lookout_jobs_t *jobs, const lookout_job_t *job)
{
    lookout_job_task_status_e status = status_of(job);
    sqlite3_stmt *stmt;

    if (status == LOOKOUT_JOB_TASK_WORKING) {
        return SQLITE_OK;
    }
    stmt = statement_of(jobs, LOOKOUT_JOBS_SQL_TASKS_END, lookout_str(job->id));
    if (stmt != NULL) {
        bind_text(stmt, 2, lookout_str(statuses[status]));
        (void) sqlite3_bind_int64(stmt, 3, job->completed_at);
        bind_text(stmt, 4, job->error_code);
        bind_text(stmt, 5, job->error_message);
    }
    return run(jobs, stmt);
}


int
lookout_job_unwanted(lookout_jobs_t *jobs, const lookout_job_t *job, bool *unwanted)
{
    bool live = true;
    int rc = SQLITE_OK;

    if (!job->wanted) {
        rc = run_for_a_row(
            jobs, statement_of(jobs, LOOKOUT_JOBS_SQL_TASKS_LIVE, lookout_str(job->id)), &live);
    }
    *unwanted = !live;
    return rc;
}


/* Reads the row into the operation's task; *job_id in the arena. */
static int
read_row(operation_t *op, sqlite3_stmt *stmt, lookout_str_t *job_id)
{
    lookout_job_task_t *task = op->task;
    bool failed = false;
    lookout_str_t status = lookout_row_text(stmt, LOOKOUT_JOB_TASK_STATUS, op->arena, &failed);
    size_t i = 0;

    *job_id = lookout_row_text(stmt, LOOKOUT_JOB_TASK_JOB_ID, op->arena, &failed);
    task->note = lookout_row_text(stmt, LOOKOUT_JOB_TASK_NOTE, op->arena, &failed);
    op->error_code = lookout_row_text(stmt, LOOKOUT_JOB_TASK_ERROR_CODE, op->arena, &failed);
    op->error_message =
        lookout_row_text(stmt, LOOKOUT_JOB_TASK_ERROR_MESSAGE, op->arena, &failed);
    task->created_at = sqlite3_column_int64(stmt, LOOKOUT_JOB_TASK_CREATED_AT);
    task->ended_at = sqlite3_column_int64(stmt, LOOKOUT_JOB_TASK_ENDED_AT);
    if (failed) {
        return SQLITE_NOMEM;
    }
    while (i < LOOKOUT_JOB_TASK_STATUSES && !lookout_str_is(status, statuses[i])) {
        i++;
    }
    if (i == LOOKOUT_JOB_TASK_STATUSES) {
        return SQLITE_CORRUPT;
    }
    task->status = (lookout_job_task_status_e) i;
    memcpy(task->id, op->id.data, op->id.len);
    return SQLITE_OK;
}


/* For work(): reads the task with that id, without its job. */
static int
load(operation_t *op, lookout_str_t *job_id)
{
    sqlite3_stmt *stmt = statement_of(op->jobs, LOOKOUT_JOBS_SQL_TASK_GET, op->id);
    int rc;

    memset(op->task, 0, sizeof(*op->task));
    op->found = op->job_found = false;
    if (stmt == NULL) {
        return lookout_state_error(&op->jobs->state);
    }
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        op->found = true;
        rc = read_row(op, stmt, job_id);
        (void) lookout_state_done(stmt, rc);
        return rc;
    }
    return lookout_state_done(stmt, rc);
}


int
lookout_job_task_working(lookout_jobs_t *jobs, lookout_str_t id, bool *working)
{
    sqlite3_stmt *stmt = statement_of(jobs, LOOKOUT_JOBS_SQL_TASK_GET, id);
    int rc;

    *working = false;
    if (stmt == NULL) {
        return lookout_state_error(&jobs->state);
    }
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *working = sqlite3_column_int64(stmt, LOOKOUT_JOB_TASK_ENDED_AT) == 0;
    }
    return lookout_state_done(stmt, rc);
}


/* ---- reading ---- */

/* Makes the job, which may have been tried again since, the one that failed under the task. */
static void
show_failure(operation_t *op)
{
    lookout_job_t *job = &op->task->job;

    if (job->status != LOOKOUT_JOB_FAILED) {
        job->status = LOOKOUT_JOB_FAILED;
        job->abandoned = false;
        job->rows = 0;
        job->retry_at = 0;
        job->files[0].size = job->files[1].size = 0;
    }
    job->error_code = op->error_code;
    job->error_message = op->error_message;
    job->completed_at = op->task->ended_at;
}


/* Between the two reads of an operation a job may end. */
static void
catch_up(operation_t *op)
{
    lookout_job_task_t *task = op->task;
    const lookout_job_t *job = &task->job;

    if (task->status != LOOKOUT_JOB_TASK_WORKING || !op->job_found) {
        return;
    }
    task->status = status_of(job);
    if (task->status != LOOKOUT_JOB_TASK_WORKING) {
        task->ended_at = job->completed_at;
        op->error_code = job->error_code;
        op->error_message = job->error_message;
    }
}


/* For work(): reads the task and its job. */
static int
read_task(void *data)
{
    operation_t *op = data;
    lookout_str_t job_id = LOOKOUT_STR_NONE;
    int rc = load(op, &job_id);

    if (rc != SQLITE_OK || !op->found || op->task->status == LOOKOUT_JOB_TASK_CANCELLED) {
        return rc;
    }
    rc = lookout_job_load(op->jobs, op->arena, job_id, &op->task->job, &op->job_found);
    if (rc == SQLITE_OK) {
        catch_up(op);
    }
    return rc;
}


/* Has what the task stands for been removed? */
static bool
is_expired(const operation_t *op)
{
    const lookout_job_t *job = &op->task->job;

    switch (op->task->status) {
    case LOOKOUT_JOB_TASK_WORKING:
        return !op->job_found || job->status == LOOKOUT_JOB_EXPIRED;
    case LOOKOUT_JOB_TASK_COMPLETED:
        return !op->job_found || job->status != LOOKOUT_JOB_DONE
               || !lookout_job_files_there(job);
    case LOOKOUT_JOB_TASK_FAILED:
        return !op->job_found;
    case LOOKOUT_JOB_TASK_CANCELLED:
    case LOOKOUT_JOB_TASK_STATUSES:
        break;
    }
    return false;
}


static lookout_code_e
not_found(const operation_t *op, const char *reason, const char *what, lookout_error_t *error)
{
    bool shown = op->id.data != NULL;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t details;

    lookout_json_open(&b, '{');
    if (shown) {
        lookout_json_key(&b, "taskId");
        lookout_json_str(&b, op->id);
    }
    lookout_json_key(&b, "reason");
    lookout_json_cstr(&b, reason);
    lookout_json_close(&b, '}');
    details = lookout_arena_copy(op->arena, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return lookout_fail(op->arena, error, LOOKOUT_JOB_NOT_FOUND, details, "Task %.*s%s",
                        shown ? (int) op->id.len : 0, shown ? op->id.data : "", what);
}


static lookout_code_e
unknown(const operation_t *op, lookout_error_t *error)
{
    return not_found(op, "unknown",
                     " not found: it was never made, or ended more than a week ago. Call "
                     "the tool again: over the same data it gives the same result.",
                     error);
}


/* What the operation's reading comes to, when it went as rc says. */
static lookout_code_e
answer(operation_t *op, int rc, lookout_error_t *error)
{
    if (rc != SQLITE_OK) {
        return lookout_jobs_answer(op->jobs, op->arena, rc, error);
    }
    if (!op->found) {
        return unknown(op, error);
    }
    if (is_expired(op)) {
        return not_found(op, "expired",
                         " has expired: the files of its result were removed to make room. "
                         "Call the tool again: over the same data it gives the same result.",
                         error);
    }
    if (op->task->status == LOOKOUT_JOB_TASK_FAILED) {
        show_failure(op);
    }
    return LOOKOUT_OK;
}


/* Begins an operation on a task by id. */
static lookout_code_e
begin(operation_t *op, lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_str_t id,
      lookout_job_task_t *task, lookout_error_t *error)
{
    *op = (operation_t){ .jobs = jobs, .arena = arena, .task = task };
    if (!lookout_id_valid(id, LOOKOUT_JOB_TASK_PREFIX)) {
        return not_found(
            op, "malformed",
            " not found: that is no id of a task, which is " LOOKOUT_JOB_TASK_PREFIX
            " and 22 letters and digits. Send the taskId that the tool gave.",
            error);
    }
    memcpy(op->text, id.data, id.len);
    op->id = lookout_str(op->text);
    return LOOKOUT_OK;
}


lookout_code_e
lookout_jobs_task_unknown(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_str_t id,
                          lookout_error_t *error)
{
    operation_t op;
    lookout_job_task_t task;
    lookout_code_e code = begin(&op, jobs, arena, id, &task, error);

    return code == LOOKOUT_OK ? unknown(&op, error) : code;
}


lookout_code_e
lookout_jobs_task_get(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_str_t id,
                      lookout_job_task_t *task, lookout_error_t *error)
{
    operation_t op;
    lookout_code_e code = begin(&op, jobs, arena, id, task, error);

    if (code == LOOKOUT_OK) {
        code = answer(&op, lookout_state_run(&jobs->state, false, read_task, &op), error);
    }
    return code == LOOKOUT_OK && task->status == LOOKOUT_JOB_TASK_COMPLETED
               ? lookout_jobs_use(jobs, &task->job)
               : code;
}


/* ---- claiming ---- */

lookout_code_e
lookout_jobs_task_claim(lookout_jobs_t *jobs, lookout_arena_t *arena,
                        const lookout_job_request_t *request, lookout_jobs_how_e how,
                        lookout_str_t note, lookout_job_task_t *task, lookout_error_t *error)
{
    uint8_t random[LOOKOUT_DIGEST_SIZE];
    char id[LOOKOUT_ID_MAX];
    lookout_claimant_t who = { .note = note.data == NULL ? LOOKOUT_STR("") : note,
                               .now = lookout_now(),
                               .opened = task };
    lookout_code_e code;

    memset(task, 0, sizeof(*task));
    if (!lookout_random(random, sizeof(random))) {
        return lookout_jobs_answer(jobs, arena, SQLITE_IOERR, error);
    }
    lookout_id_mint(id, LOOKOUT_JOB_TASK_PREFIX, random);
    who.task = lookout_str(id);
    code = lookout_jobs_claim_for(jobs, arena, &who, request, how, &task->job, error);
    if (code == LOOKOUT_OK) {
        task->status = status_of(&task->job);
        task->note = who.note;
        task->ended_at = task->status == LOOKOUT_JOB_TASK_WORKING ? 0 : task->job.completed_at;
    }
    return code;
}


lookout_code_e
lookout_jobs_task_start(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_str_t id,
                        lookout_job_task_t *task, lookout_error_t *error)
{
    lookout_code_e code = lookout_jobs_task_get(jobs, arena, id, task, error);
    lookout_claimant_t who = { .task = lookout_str(task->id) };
    lookout_job_t job;

    if (code != LOOKOUT_OK || task->status != LOOKOUT_JOB_TASK_WORKING) {
        return code;
    }
    code = lookout_jobs_start_for(jobs, arena, &who, task->job.request.kind,
                                  lookout_str(task->job.id), &job, error);
    if (code == LOOKOUT_NEEDS_THREAD || code == LOOKOUT_INTERNAL_ERROR) {
        return code;
    }
    if (code == LOOKOUT_OK
        && (job.claim == LOOKOUT_CLAIM_MINE || job.claim == LOOKOUT_CLAIM_BUSY)) {
        task->job = job;
        return LOOKOUT_OK;
    }
    /* It ended in between. */
    return lookout_jobs_task_get(jobs, arena, who.task, task, error);
}


/* ---- cancelling ---- */

/* In a write transaction: takes the job away from whoever does it, if nobody wants it. */
static int
give_back(operation_t *op)
{
    lookout_job_t *job = &op->task->job;
    bool unwanted;
    int rc = lookout_job_unwanted(op->jobs, job, &unwanted);

    if (rc != SQLITE_OK || !unwanted) {
        return rc;
    }
    if (!lookout_random(&job->ticket, sizeof(job->ticket))) {
        return SQLITE_IOERR;
    }
    job->status = LOOKOUT_JOB_QUEUED;
    job->owner = LOOKOUT_STR("");
    job->started_at = 0;
    job->rows = 0;
    return lookout_job_store(op->jobs, job);
}


/* Is the task that was read one that can be cancelled? Its job is queued or running then. */
static bool
is_working(const operation_t *op)
{
    return op->found && op->task->status == LOOKOUT_JOB_TASK_WORKING && !is_expired(op);
}


/* In a write transaction: cancels the task, unless it has ended. */
static int
cancel(void *data)
{
    operation_t *op = data;
    sqlite3_stmt *stmt;
    int rc = read_task(op);

    if (rc != SQLITE_OK || !is_working(op)) {
        return rc;
    }
    stmt = statement_of(op->jobs, LOOKOUT_JOBS_SQL_TASK_CANCEL, op->id);
    op->task->ended_at = lookout_now();
    if (stmt != NULL) {
        (void) sqlite3_bind_int64(stmt, 2, op->task->ended_at);
    }
    rc = run(op->jobs, stmt);
    if (rc == SQLITE_OK) {
        rc = give_back(op);
    }
    op->task->status = LOOKOUT_JOB_TASK_CANCELLED;
    memset(&op->task->job, 0, sizeof(op->task->job));
    return rc;
}


lookout_code_e
lookout_jobs_task_cancel(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_str_t id,
                         lookout_job_task_t *task, lookout_error_t *error)
{
    operation_t op;
    lookout_code_e code = begin(&op, jobs, arena, id, task, error);
    int rc;

    if (code != LOOKOUT_OK) {
        return code;
    }
    rc = lookout_state_run(&jobs->state, false, read_task, &op);
    if (rc == SQLITE_OK && is_working(&op)) {
        if (jobs->state.reader) {
            return LOOKOUT_NEEDS_THREAD;
        }
        rc = lookout_state_run(&jobs->state, true, cancel, &op);
    }
    return answer(&op, rc, error);
}


/* ---- for how long ---- */

int64_t
lookout_jobs_task_ttl(const lookout_job_task_t *task, const lookout_jobs_limits_t *limits)
{
    int64_t ended = task->ended_at > task->created_at ? task->ended_at : task->created_at;
    int64_t until = ended + LOOKOUT_JOB_TASK_KEPT;
    int64_t used = task->job.last_used_at > ended ? task->job.last_used_at : ended;

    if ((task->status == LOOKOUT_JOB_TASK_WORKING || task->status == LOOKOUT_JOB_TASK_COMPLETED)
        && limits->max_age > 0 && used + limits->max_age < until) {
        until = used + limits->max_age;
    }
    return until - task->created_at;
}
