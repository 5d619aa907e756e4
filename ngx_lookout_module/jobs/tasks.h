/*
 * Tasks: handles of jobs that a client may cancel. Equal requests share one job, so cancelling
 * must not take it away from others: each client that asks for a job through a task has a task
 * of its own, and the work stops when the last of them is cancelled and no plain caller
 * (lookout_jobs_claim) has asked for it since it began. A claim that comes at the very moment
 * of a cancellation always wins: the job is done.
 *
 *     lookout_jobs_task_claim()   in place of lookout_jobs_claim(): makes a task, committed
 *                                 before it returns; the work is the same
 *     lookout_jobs_task_get()     later, by the task's id; when it works on a job that is
 *                                 `abandoned`, lookout_jobs_task_start(), and do the work
 *     lookout_jobs_task_cancel()  the job is given back at once; whoever does it is told at its
 *                                 next lookout_jobs_progress, half a second at most, and stops
 *
 * A task ends once and stays as it ended: also when its job, having failed, is tried again by
 * another caller. It can be had for LOOKOUT_JOB_TASK_KEPT after its end, unless
 * LOOKOUT_JOB_TASKS_MAX have ended since; if it completed, then only as long as the job's files
 * are there. What has ended cannot be cancelled, so of a job that has, equal requests get the
 * same task, as long as it has half of that time left.
 *
 * Threads, memory and durability are as in jobs.h.
 */

#ifndef LOOKOUT_JOBS_TASKS_H
#define LOOKOUT_JOBS_TASKS_H

#include "jobs.h"

#define LOOKOUT_JOB_TASK_KEPT 604800 /* s since a task's end for which it is known */
#define LOOKOUT_JOB_TASKS_MAX 100000 /* that have ended; a sweep forgets the oldest beyond */
#define LOOKOUT_JOB_TASK_PREFIX "task_"

typedef enum {
    LOOKOUT_JOB_TASK_WORKING,
    LOOKOUT_JOB_TASK_COMPLETED, /* the job is done, and its files are there */
    LOOKOUT_JOB_TASK_FAILED,    /* the job failed */
    LOOKOUT_JOB_TASK_CANCELLED,
    LOOKOUT_JOB_TASK_STATUSES
} lookout_job_task_status_e;

typedef struct {
    char id[LOOKOUT_ID_MAX]; /* "task_" and 22 of [a-z2-7], random */
    lookout_job_task_status_e status;
    lookout_str_t note; /* as it was given to lookout_jobs_task_claim */
    int64_t created_at;
    int64_t ended_at;  /* 0: not yet; before created_at of one whose job had ended already */
    lookout_job_t job; /* as the task found it at its end; of a cancelled one all zeros */
} lookout_job_task_t;

/* "working", "completed", "failed", "cancelled". */
const char *lookout_job_task_status_name(lookout_job_task_status_e status);

/* As lookout_jobs_claim, with a task that is there when this returns, whatever the claim comes
 * to: of a job that is finished, or that failed a moment ago, the task has ended as its job, and
 * is one with the same note that has, if there is one.
 * `note` is the caller's: a short text that says how to write the result later. On the event
 * loop always LOOKOUT_NEEDS_THREAD. */
lookout_code_e
lookout_jobs_task_claim(lookout_jobs_t *jobs, lookout_arena_t *arena,
                        const lookout_job_request_t *request, lookout_jobs_how_e how,
                        lookout_str_t note, lookout_job_task_t *task, lookout_error_t *error);

/* The three below give the task as it is then. JOB_NOT_FOUND when there is none with that id
 * (of whatever kind its job was), with details {taskId, reason}: "malformed" (and no taskId),
 * "unknown", or "expired": it completed, and the job's files were removed. */

/* Reads a task. A done job is marked as used. */
lookout_code_e
lookout_jobs_task_get(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_str_t id,
                      lookout_job_task_t *task, lookout_error_t *error);

/* What lookout_jobs_task_get says of an id that no task has. For tasks that the caller may not
 * know of. */
lookout_code_e lookout_jobs_task_unknown(lookout_jobs_t *jobs, lookout_arena_t *arena,
                                         lookout_str_t id, lookout_error_t *error);

/* As lookout_jobs_start, for the job of a task that is working: when task->job.claim comes to
 * MINE the caller has to do it. Else the task is merely read. */
lookout_code_e
lookout_jobs_task_start(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_str_t id,
                        lookout_job_task_t *task, lookout_error_t *error);

/* Cancels a task; one that has ended stays as it is. On the event loop that one can be
 * answered. */
lookout_code_e
lookout_jobs_task_cancel(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_str_t id,
                         lookout_job_task_t *task, lookout_error_t *error);

/* Seconds since task->created_at for which it can be had under these limits, as far as that is
 * known now: it grows while the task works, and with each use of the job's files. That they may
 * have to make room (max_bytes) is not in it. */
int64_t
lookout_jobs_task_ttl(const lookout_job_task_t *task, const lookout_jobs_limits_t *limits);

#endif
