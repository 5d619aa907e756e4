/*
 * The kinds of job: how their ids, statuses and files are named. One table (kinds.c).
 */

#ifndef LOOKOUT_JOBS_KINDS_H
#define LOOKOUT_JOBS_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/error.h"
#include "../base/str.h"

/* Before the path of a job's file within the root, as clients see it. */
#define LOOKOUT_JOBS_SHOWN_AS "fs/"

#define LOOKOUT_JOB_FILES 2 /* at most, of a job */

typedef enum { LOOKOUT_JOB_RENDER, LOOKOUT_JOB_EXPORT, LOOKOUT_JOB_KINDS } lookout_job_kind_e;

typedef enum {
    LOOKOUT_JOB_QUEUED,
    LOOKOUT_JOB_RUNNING,
    LOOKOUT_JOB_DONE,
    LOOKOUT_JOB_FAILED,
    LOOKOUT_JOB_EXPIRED, /* its files were removed; not shown: the job is not found */
    LOOKOUT_JOB_STATUSES
} lookout_job_status_e;

typedef struct {
    const char *name;   /* in the state file, and to people: "render" */
    const char *prefix; /* of ids: "rj_" */
    const char *id_key; /* "renderJobId" */
    const char *tool;   /* that makes such jobs */
    lookout_code_e unknown;
    const char *statuses[LOOKOUT_JOB_STATUSES]; /* on the wire */
    const char *formats[3];                     /* ends with NULL */
    const char *folder;                         /* of all its files, within the root */
    const char *names[LOOKOUT_JOB_FILES]; /* within a folder of the job's own; NULL first: the
                                           * one file is KEY.FORMAT in the view's folder */
    size_t n_files;
} lookout_job_kind_t;

extern const lookout_job_kind_t lookout_job_kinds[LOOKOUT_JOB_KINDS];

/* The status as clients of this kind know it: "succeeded", "completed". */
const char *lookout_job_status_name(lookout_job_kind_e kind, lookout_job_status_e status);

/* Does the kind have the format? */
bool lookout_job_format_valid(lookout_job_kind_e kind, lookout_str_t format);

#endif
