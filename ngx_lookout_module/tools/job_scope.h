/*
 * Jobs and scopes. A job's files hold the rows that whoever asked for it may see, so it can be
 * had again by callers alone whose scope shows the job's view, and of its datasource the same
 * rows. For others there is no such job. (A signed link to a file is another matter: it is made
 * to be given away.)
 */

#ifndef LOOKOUT_JOB_SCOPE_H
#define LOOKOUT_JOB_SCOPE_H

#include "view_job.h"

#define LOOKOUT_JOB_POLICY                                                                     \
    "policy" /* member of a job's inputs: see lookout_policy_name; absent:
                                     * all rows */

/* Does the call's scope show a view's job that was made under that policy ("": all rows)? An
 * error when that cannot be told. */
lookout_code_e lookout_job_shown(lookout_call_t *call, lookout_str_t view_id,
                                 lookout_str_t policy, bool *shown);

/* Reads vj->job by its id, as lookout_jobs_get does, unless the call's scope does not show it:
 * then it is unknown, also when it has expired. */
lookout_code_e lookout_job_find(lookout_view_job_t *vj, lookout_str_t id);

#endif
