/*
 * What the files of this room share.
 */

#ifndef LOOKOUT_JOBS_PRIVATE_H
#define LOOKOUT_JOBS_PRIVATE_H

#include "jobs.h"
#include "owner.h"
#include "statements.h"
#include "tasks.h"

struct lookout_jobs_s {
    const lookout_jobs_settings_t *settings;
    lookout_state_t state;
    char self[LOOKOUT_OWNER_SIZE];
    char told[LOOKOUT_STATE_WHY];    /* of state.why, to the log */
    char storage[LOOKOUT_STATE_WHY]; /* what went wrong with a file; empty: nothing new */
    char line[LOOKOUT_STATE_WHY];    /* what lookout_jobs_trouble gave */
};

/* ---- row.c: a job in the state file. For work() of lookout_state_run. ---- */

/* Reads the job with that id; *found says whether there is one. SQLite's result code. */
int lookout_job_load(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_str_t id,
                     lookout_job_t *job, bool *found);

/* Writes the job, whole; with one that is done or failed its tasks end. */
int lookout_job_store(lookout_jobs_t *jobs, const lookout_job_t *job);

/* A text of the row that the statement stands on, in the arena; *failed is set without
 * memory. */
lookout_str_t
lookout_row_text(sqlite3_stmt *stmt, int column, lookout_arena_t *arena, bool *failed);

/* Works out job->files from id and request. False without memory. */
bool
lookout_job_name_files(const lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_t *job);

/* The path of a file below the root, from what clients see. */
lookout_str_t lookout_job_below_root(lookout_str_t path);

/* Queued or running, but its owner is gone? */
bool lookout_job_abandoned(const lookout_jobs_t *jobs, const lookout_job_t *job);

/* Seconds of the clock that beat_at is of: it goes on for all processes of a boot alike. */
int64_t lookout_job_beat(void);

/* Makes the job one that failed now. The texts are borrowed. */
void lookout_job_set_failed(const lookout_jobs_t *jobs, lookout_job_t *job, const char *code,
                            lookout_str_t message);

/* What is said of a job that its owners died over. */
extern const char lookout_job_interrupted[];

/* ---- file.c ---- */

/* Gives the closed files the names of job->files, the first last, and sets job->files[].size.
 * False when one cannot have its name: then none has. */
bool lookout_jobs_files_place(lookout_jobs_file_t *const *files, lookout_job_t *job);

/* The first of n files that failed, or NULL; and its failure, for a job's error. */
const lookout_jobs_file_t *
lookout_jobs_files_failed(lookout_jobs_file_t *const *files, size_t n);
const char *lookout_jobs_file_code(const lookout_jobs_file_t *file);
const char *lookout_jobs_file_message(const lookout_jobs_file_t *file);

/* Are all files of the job there, with the size they had? */
bool lookout_job_files_there(const lookout_job_t *job);

/* The folder of files that are being written, below the root, and the owner's name in the name
 * of such a file: {NULL, 0} when it has none. */
#define LOOKOUT_JOBS_ASIDE ".aside"
lookout_str_t lookout_jobs_aside_owner(const char *name);

/* ---- jobs.c ---- */

/* The code of a call for SQLite's result code, with *error. */
lookout_code_e lookout_jobs_answer(const lookout_jobs_t *jobs, lookout_arena_t *arena, int rc,
                                   lookout_error_t *error);

/* Seconds since then, also when the clock was set back. */
int64_t lookout_jobs_since(int64_t now, int64_t then);

/* Who claims. */
typedef struct {
    lookout_str_t task; /* the task's id; absent: a plain caller */
    lookout_str_t note; /* of a task that is to be opened; absent: it was opened before */
    int64_t now;        /* when it is opened */
    lookout_job_task_t *opened; /* out: id and created_at of the task that there is then */
} lookout_claimant_t;

/* As lookout_jobs_claim and lookout_jobs_start. A task that is to be opened is there then. For
 * one that was opened before, the claim is NONE when it is no longer working. */
lookout_code_e
lookout_jobs_claim_for(lookout_jobs_t *jobs, lookout_arena_t *arena,
                       const lookout_claimant_t *who, const lookout_job_request_t *request,
                       lookout_jobs_how_e how, lookout_job_t *job, lookout_error_t *error);
lookout_code_e
lookout_jobs_start_for(lookout_jobs_t *jobs, lookout_arena_t *arena,
                       const lookout_claimant_t *who, lookout_job_kind_e kind, lookout_str_t id,
                       lookout_job_t *job, lookout_error_t *error);

/* Notes, once in a while, that a finished job was asked for. LOOKOUT_OK or NEEDS_THREAD. */
lookout_code_e lookout_jobs_use(lookout_jobs_t *jobs, lookout_job_t *job);

/* ---- tasks.c; for work() of lookout_state_run ---- */

/* Opens the claimant's task, and ends it if the job has ended; then an equal one that has, and
 * that is known for long enough, is as good. */
int lookout_job_task_open(lookout_jobs_t *jobs, const lookout_claimant_t *who,
                          const lookout_job_t *job);

/* Is the task still working? */
int lookout_job_task_working(lookout_jobs_t *jobs, lookout_str_t id, bool *working);

/* Ends the tasks that wait for the job, if it is done or failed. */
int lookout_job_tasks_end(lookout_jobs_t *jobs, const lookout_job_t *job);

/* Does nobody want the job (queued or running) any more: no plain caller, no task? */
int lookout_job_unwanted(lookout_jobs_t *jobs, const lookout_job_t *job, bool *unwanted);

#endif
