/*
 * The table of the kinds of job.
 */

#include "kinds.h"

const lookout_job_kind_t lookout_job_kinds[LOOKOUT_JOB_KINDS] = {
    [LOOKOUT_JOB_RENDER] = {
        .name = "render",
        .prefix = "rj_",
        .id_key = "renderJobId",
        .tool = "create_view_render",
        .unknown = LOOKOUT_RENDER_JOB_NOT_FOUND,
        .statuses = { "queued", "running", "succeeded", "failed", "expired" },
        .formats = { "png", "svg", NULL },
        .folder = "renders/views",
        .names = { NULL },
        .n_files = 1,
    },
    [LOOKOUT_JOB_EXPORT] = {
        .name = "export",
        .prefix = "job_",
        .id_key = "jobId",
        .tool = "export_view_csv",
        .unknown = LOOKOUT_JOB_NOT_FOUND,
        .statuses = { "queued", "running", "completed", "failed", "expired" },
        .formats = { "csv", NULL },
        .folder = "exports/views",
        .names = { "data.csv", "manifest.json" },
        .n_files = 2,
    },
};


const char *
lookout_job_status_name(lookout_job_kind_e kind, lookout_job_status_e status)
{
    return lookout_job_kinds[kind].statuses[status];
}


bool
lookout_job_format_valid(lookout_job_kind_e kind, lookout_str_t format)
{
    for (const char *const *f = lookout_job_kinds[kind].formats; *f != NULL; f++) {
        if (lookout_str_is(format, *f)) {
            return true;
        }
    }
    return false;
}
