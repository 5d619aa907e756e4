/*
 * Tasks of views: renders and exports for a client that declared the extension
 * io.modelcontextprotocol/tasks. Whatever becomes of the job, such a client gets a task, which
 * is written down before it is told of; it asks for the result later, as often as it likes, also
 * after a restart. What went wrong before there was a job is the call's error, as ever.
 *
 * A task that completed has the result that the tool would have had for the same arguments; a
 * job that failed is such a result, too.
 */

#ifndef LOOKOUT_VIEW_TASK_H
#define LOOKOUT_VIEW_TASK_H

#include "view_job.h"

/* Claims the job for a task, which is then call->task, and does it if it is to be done. */
lookout_code_e
lookout_view_task_create(lookout_view_job_t *vj, const lookout_job_request_t *request,
                         lookout_code_e compiled);

/* All tasks of views, for the surface. */
extern const lookout_tasks_t lookout_view_tasks;

#endif
