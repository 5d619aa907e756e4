/*
 * A job in the state file: reading it, writing it, and what follows from its columns: the names
 * of its files, and whether somebody is at it.
 */

#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "private.h"

#define KEY_DIGITS 12 /* of the key, hexadecimal, in the name of a render */

static const char *const statuses[LOOKOUT_JOB_STATUSES] = {
    [LOOKOUT_JOB_QUEUED] = "queued",   [LOOKOUT_JOB_RUNNING] = "running",
    [LOOKOUT_JOB_DONE] = "done",       [LOOKOUT_JOB_FAILED] = "failed",
    [LOOKOUT_JOB_EXPIRED] = "expired",
};

const char lookout_job_interrupted[] =
    "The server was stopped again and again while it worked on this job. Ask for it once more "
    "in a while; if it fails like this again, tell the operator: the server's log says more.";


int64_t
lookout_job_beat(void)
{
    return (int64_t) (lookout_monotonic_ns() / 1000000000u);
}


bool
lookout_job_abandoned(const lookout_jobs_t *jobs, const lookout_job_t *job)
{
    if (job->status != LOOKOUT_JOB_QUEUED && job->status != LOOKOUT_JOB_RUNNING) {
        return false;
    }
    /* A process may live and have lost the job; or it is where we cannot see it. */
    return lookout_owner_state(job->owner, jobs->self) == LOOKOUT_OWNER_DEAD
           || lookout_job_beat() - job->beat_at > jobs->settings->stale_after;
}


void
lookout_job_set_failed(const lookout_jobs_t *jobs, lookout_job_t *job, const char *code,
                       lookout_str_t message)
{
    int64_t now = lookout_now();

    job->status = LOOKOUT_JOB_FAILED;
    job->abandoned = false;
    job->error_code = lookout_str(code);
    job->error_message = message;
    job->owner = LOOKOUT_STR("");
    job->completed_at = now;
    job->last_used_at = now;
    job->retry_at = now + jobs->settings->retry_after;
}


/* The path of file i below the root: RENDERS/VIEW/KEY.FORMAT, or EXPORTS/ID/NAME. */
static lookout_str_t
path_of(lookout_arena_t *arena, const lookout_job_t *job, size_t i)
{
    const lookout_job_kind_t *kind = &lookout_job_kinds[job->request.kind];
    char hex[KEY_DIGITS + 1] = "";

    if (kind->names[i] != NULL) {
        return lookout_arena_printf(arena, LOOKOUT_JOBS_SHOWN_AS "%s/%s/%s", kind->folder,
                                    job->id, kind->names[i]);
    }
    for (size_t k = 0; k < KEY_DIGITS; k++) {
        uint8_t byte = job->request.key[k / 2];

        hex[k] = "0123456789abcdef"[k % 2 == 0 ? byte >> 4 : byte & 15];
    }
    return lookout_arena_printf(arena, LOOKOUT_JOBS_SHOWN_AS "%s/%.*s/%s.%.*s", kind->folder,
                                LOOKOUT_STR_ARG(job->request.view_id), hex,
                                LOOKOUT_STR_ARG(job->request.format));
}


lookout_str_t
lookout_job_below_root(lookout_str_t path)
{
    size_t shown = sizeof(LOOKOUT_JOBS_SHOWN_AS) - 1;

    return (lookout_str_t){ path.data + shown, path.len - shown };
}


bool
lookout_job_name_files(const lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_t *job)
{
    job->n_files = lookout_job_kinds[job->request.kind].n_files;
    for (size_t i = 0; i < job->n_files; i++) {
        lookout_job_path_t *f = &job->files[i];

        f->path = path_of(arena, job, i);
        if (f->path.data == NULL) {
            return false;
        }
        f->file = lookout_arena_printf(arena, "%s/%s", jobs->settings->root,
                                       lookout_job_below_root(f->path).data);
        if (f->file.data == NULL) {
            return false;
        }
    }
    return true;
}


lookout_str_t
lookout_row_text(sqlite3_stmt *stmt, int column, lookout_arena_t *arena, bool *failed)
{
    const char *data = (const char *) sqlite3_column_text(stmt, column);
    lookout_str_t s = LOOKOUT_STR_NONE;

    if (data != NULL) {
        s = lookout_arena_copy(
            arena, (lookout_str_t){ data, (size_t) sqlite3_column_bytes(stmt, column) });
    }
    if (s.data == NULL) {
        *failed = true;
    }
    return s;
}


/* The place of a word in a list; n when it is not there. */
static size_t
find(lookout_str_t word, const char *const *words, size_t n)
{
    size_t i = 0;

    while (i < n && !lookout_str_is(word, words[i])) {
        i++;
    }
    return i;
}


/* The columns that have to be one of a few values, and of some length: what else is in them was
 * not written by us. */
static int
read_narrow(sqlite3_stmt *stmt, lookout_arena_t *arena, lookout_job_t *job)
{
    const char *kinds[LOOKOUT_JOB_KINDS];
    bool failed = false;
    lookout_str_t id = lookout_row_text(stmt, LOOKOUT_JOB_ID, arena, &failed);
    lookout_str_t kind = lookout_row_text(stmt, LOOKOUT_JOB_KIND, arena, &failed);
    lookout_str_t status = lookout_row_text(stmt, LOOKOUT_JOB_STATUS, arena, &failed);
    const void *key = sqlite3_column_blob(stmt, LOOKOUT_JOB_KEY);
    size_t k, s;

    if (failed) {
        return SQLITE_NOMEM;
    }
    for (size_t i = 0; i < LOOKOUT_JOB_KINDS; i++) {
        kinds[i] = lookout_job_kinds[i].name;
    }
    k = find(kind, kinds, LOOKOUT_JOB_KINDS);
    s = find(status, statuses, LOOKOUT_JOB_STATUSES);
    if (k == LOOKOUT_JOB_KINDS || s == LOOKOUT_JOB_STATUSES || id.len >= sizeof(job->id)
        || sqlite3_column_bytes(stmt, LOOKOUT_JOB_KEY) != LOOKOUT_DIGEST_SIZE) {
        return SQLITE_CORRUPT;
    }
    memcpy(job->id, id.data, id.len + 1);
    memcpy(job->request.key, key, LOOKOUT_DIGEST_SIZE);
    job->request.kind = (lookout_job_kind_e) k;
    job->status = (lookout_job_status_e) s;
    return SQLITE_OK;
}


static int
read_row(lookout_jobs_t *jobs, sqlite3_stmt *stmt, lookout_arena_t *arena, lookout_job_t *job)
{
    bool failed = false;
    int rc;

    memset(job, 0, sizeof(*job));
    rc = read_narrow(stmt, arena, job);
    if (rc != SQLITE_OK) {
        return rc;
    }
    job->request.view_id = lookout_row_text(stmt, LOOKOUT_JOB_VIEW_ID, arena, &failed);
    job->request.format = lookout_row_text(stmt, LOOKOUT_JOB_FORMAT, arena, &failed);
    job->request.inputs = lookout_row_text(stmt, LOOKOUT_JOB_INPUTS, arena, &failed);
    job->owner = lookout_row_text(stmt, LOOKOUT_JOB_OWNER, arena, &failed);
    job->error_code = lookout_row_text(stmt, LOOKOUT_JOB_ERROR_CODE, arena, &failed);
    job->error_message = lookout_row_text(stmt, LOOKOUT_JOB_ERROR_MESSAGE, arena, &failed);
    job->ticket = sqlite3_column_int64(stmt, LOOKOUT_JOB_TICKET);
    job->beat_at = sqlite3_column_int64(stmt, LOOKOUT_JOB_BEAT_AT);
    job->interruptions = sqlite3_column_int64(stmt, LOOKOUT_JOB_INTERRUPTIONS);
    job->files[0].size = sqlite3_column_int64(stmt, LOOKOUT_JOB_SIZE);
    job->files[1].size = sqlite3_column_int64(stmt, LOOKOUT_JOB_SIZE_2);
    job->rows = sqlite3_column_int64(stmt, LOOKOUT_JOB_ROW_COUNT);
    job->created_at = sqlite3_column_int64(stmt, LOOKOUT_JOB_CREATED_AT);
    job->started_at = sqlite3_column_int64(stmt, LOOKOUT_JOB_STARTED_AT);
    job->completed_at = sqlite3_column_int64(stmt, LOOKOUT_JOB_COMPLETED_AT);
    job->last_used_at = sqlite3_column_int64(stmt, LOOKOUT_JOB_LAST_USED_AT);
    job->retry_at = sqlite3_column_int64(stmt, LOOKOUT_JOB_RETRY_AT);
    job->wanted = sqlite3_column_int64(stmt, LOOKOUT_JOB_WANTED) != 0;
    if (failed || !lookout_job_name_files(jobs, arena, job)) {
        return SQLITE_NOMEM;
    }
    job->abandoned = lookout_job_abandoned(jobs, job);
    return SQLITE_OK;
}


int
lookout_job_load(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_str_t id,
                 lookout_job_t *job, bool *found)
{
    sqlite3_stmt *stmt = lookout_state_statement(&jobs->state, LOOKOUT_JOBS_SQL_GET);
    int rc;

    *found = false;
    if (stmt == NULL) {
        return lookout_state_error(&jobs->state);
    }
    (void) sqlite3_bind_text(stmt, 1, id.data, (int) id.len, SQLITE_STATIC);
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *found = true;
        rc = read_row(jobs, stmt, arena, job);
        (void) lookout_state_done(stmt, rc);
        return rc;
    }
    return lookout_state_done(stmt, rc);
}


static void
bind_text(sqlite3_stmt *stmt, lookout_job_column_e column, lookout_str_t s)
{
    /* Absent is stored as empty. Static: the job outlives the step. */
    (void) sqlite3_bind_text64(stmt, (int) column + 1, s.data == NULL ? "" : s.data, s.len,
                               SQLITE_STATIC, SQLITE_UTF8);
}


static void
bind_int(sqlite3_stmt *stmt, lookout_job_column_e column, int64_t n)
{
    (void) sqlite3_bind_int64(stmt, (int) column + 1, n);
}


int
lookout_job_store(lookout_jobs_t *jobs, const lookout_job_t *job)
{
    sqlite3_stmt *stmt = lookout_state_statement(&jobs->state, LOOKOUT_JOBS_SQL_PUT);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&jobs->state);
    }
    bind_text(stmt, LOOKOUT_JOB_ID, lookout_str(job->id));
    bind_text(stmt, LOOKOUT_JOB_KIND, lookout_str(lookout_job_kinds[job->request.kind].name));
    (void) sqlite3_bind_blob(stmt, LOOKOUT_JOB_KEY + 1, job->request.key, LOOKOUT_DIGEST_SIZE,
                             SQLITE_STATIC);
    bind_text(stmt, LOOKOUT_JOB_VIEW_ID, job->request.view_id);
    bind_text(stmt, LOOKOUT_JOB_FORMAT, job->request.format);
    bind_text(stmt, LOOKOUT_JOB_INPUTS, job->request.inputs);
    bind_text(stmt, LOOKOUT_JOB_STATUS, lookout_str(statuses[job->status]));
    bind_int(stmt, LOOKOUT_JOB_TICKET, job->ticket);
    bind_text(stmt, LOOKOUT_JOB_OWNER, job->owner);
    bind_int(stmt, LOOKOUT_JOB_BEAT_AT, job->beat_at);
    bind_int(stmt, LOOKOUT_JOB_INTERRUPTIONS, job->interruptions);
    bind_text(stmt, LOOKOUT_JOB_PATH, lookout_job_below_root(job->files[0].path));
    bind_int(stmt, LOOKOUT_JOB_SIZE, job->files[0].size);
    bind_int(stmt, LOOKOUT_JOB_SIZE_2, job->files[1].size);
    bind_int(stmt, LOOKOUT_JOB_ROW_COUNT, job->rows);
    bind_int(stmt, LOOKOUT_JOB_CREATED_AT, job->created_at);
    bind_int(stmt, LOOKOUT_JOB_STARTED_AT, job->started_at);
    bind_int(stmt, LOOKOUT_JOB_COMPLETED_AT, job->completed_at);
    bind_int(stmt, LOOKOUT_JOB_LAST_USED_AT, job->last_used_at);
    bind_text(stmt, LOOKOUT_JOB_ERROR_CODE, job->error_code);
    bind_text(stmt, LOOKOUT_JOB_ERROR_MESSAGE, job->error_message);
    bind_int(stmt, LOOKOUT_JOB_RETRY_AT, job->retry_at);
    bind_int(stmt, LOOKOUT_JOB_WANTED, job->wanted);
    rc = lookout_state_done(stmt, sqlite3_step(stmt));
    return rc == SQLITE_OK ? lookout_job_tasks_end(jobs, job) : rc;
}
