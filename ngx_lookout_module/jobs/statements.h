/*
 * The SQL of the jobs: what kind of state file they are kept in, and every statement that is
 * ever run.
 */

#ifndef LOOKOUT_JOBS_STATEMENTS_H
#define LOOKOUT_JOBS_STATEMENTS_H

#include "../base/state.h"

typedef enum {
    LOOKOUT_JOBS_SQL_GET,      /* (id): a whole job, columns as in lookout_job_column_e */
    LOOKOUT_JOBS_SQL_PUT,      /* (all columns): makes it, or writes it over */
    LOOKOUT_JOBS_SQL_PROGRESS, /* (id, ticket, row_count, beat_at) */
    LOOKOUT_JOBS_SQL_TOUCH,    /* (id, last_used_at) */
    LOOKOUT_JOBS_SQL_DROP,     /* (id) */

    LOOKOUT_JOBS_SQL_TASK_GET,     /* (id): columns as in lookout_job_task_column_e */
    LOOKOUT_JOBS_SQL_TASK_OPEN,    /* (id, job_id, note, created_at) */
    LOOKOUT_JOBS_SQL_TASK_EQUAL,   /* (ended_at, since, job_id, status, note): id, created_at */
    LOOKOUT_JOBS_SQL_TASK_CANCEL,  /* (id, ended_at) */
    LOOKOUT_JOBS_SQL_TASKS_END,    /* (job_id, status, ended_at, error_code, message) */
    LOOKOUT_JOBS_SQL_TASKS_LIVE,   /* (job_id): a row if one is working */
    LOOKOUT_JOBS_SQL_TASKS_FORGET, /* (ended_before) */
    LOOKOUT_JOBS_SQL_TASKS_ENDED,  /* (): how many have ended */
    LOOKOUT_JOBS_SQL_TASKS_EXCEED, /* (n): forgets the oldest that have, but for n */

    LOOKOUT_JOBS_SQL_KEPT,       /* (): bytes of the files of all done jobs */
    LOOKOUT_JOBS_SQL_OLDEST,     /* (): id, last_used_at, size of the job unused for longest */
    LOOKOUT_JOBS_SQL_UNFINISHED, /* (created_before, after_id): id of one queued or running */
    LOOKOUT_JOBS_SQL_FORGET,     /* (used_before): drops what failed or expired */
    LOOKOUT_JOBS_SQL_KNOWN,      /* (path, path): is one the first file of a job? */
    LOOKOUT_JOBS_SQL_WALKED,     /* (): when the folders were last walked */
    LOOKOUT_JOBS_SQL_WALK,       /* (walked_at) */

    LOOKOUT_JOBS_STATEMENTS
} lookout_jobs_sql_e;

/* The columns of GET, from 0, and the parameters of PUT, from 1. */
typedef enum {
    LOOKOUT_JOB_ID,
    LOOKOUT_JOB_KIND,
    LOOKOUT_JOB_KEY,
    LOOKOUT_JOB_VIEW_ID,
    LOOKOUT_JOB_FORMAT,
    LOOKOUT_JOB_INPUTS,
    LOOKOUT_JOB_STATUS,
    LOOKOUT_JOB_TICKET,
    LOOKOUT_JOB_OWNER,
    LOOKOUT_JOB_BEAT_AT,
    LOOKOUT_JOB_INTERRUPTIONS,
    LOOKOUT_JOB_PATH,
    LOOKOUT_JOB_SIZE,
    LOOKOUT_JOB_SIZE_2,
    LOOKOUT_JOB_ROW_COUNT,
    LOOKOUT_JOB_CREATED_AT,
    LOOKOUT_JOB_STARTED_AT,
    LOOKOUT_JOB_COMPLETED_AT,
    LOOKOUT_JOB_LAST_USED_AT,
    LOOKOUT_JOB_ERROR_CODE,
    LOOKOUT_JOB_ERROR_MESSAGE,
    LOOKOUT_JOB_RETRY_AT,
    LOOKOUT_JOB_WANTED,
    LOOKOUT_JOB_COLUMNS
} lookout_job_column_e;

/* The columns of TASK_GET, from 0. */
typedef enum {
    LOOKOUT_JOB_TASK_JOB_ID,
    LOOKOUT_JOB_TASK_NOTE,
    LOOKOUT_JOB_TASK_STATUS,
    LOOKOUT_JOB_TASK_CREATED_AT,
    LOOKOUT_JOB_TASK_ENDED_AT,
    LOOKOUT_JOB_TASK_ERROR_CODE,
    LOOKOUT_JOB_TASK_ERROR_MESSAGE
} lookout_job_task_column_e;

/* The state file of the jobs. */
extern const lookout_state_kind_t lookout_jobs_state;

#endif
