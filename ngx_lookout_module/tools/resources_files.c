/*
 * The files of renders and exports as resources: what a finished job made, as text or as bytes.
 * A job that is not finished has no file, so there is no such resource; why, and what to do
 * about it, is said in the error. Reading does no work: a job that nobody is at is done again
 * by whoever asks the tools for it.
 */

#include "envelope.h"
#include "job_envelope.h"
#include "job_scope.h"

/* How long a file may be kept elsewhere where the operator sets no limit to its age here. */
#define FILES_TTL_MS (365 * INT64_C(86400000))


/* Why there is no file: a reason beside the "unknown" and "expired" of jobs without a row. */
static const char *
file_reason(const lookout_job_t *job)
{
    return job->status == LOOKOUT_JOB_FAILED    ? "failed"
           : job->status == LOOKOUT_JOB_RUNNING ? "running"
                                                : "queued";
}


static lookout_str_t
missing_details(const lookout_view_job_t *vj)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, lookout_job_kinds[vj->kind->kind].id_key);
    lookout_json_cstr(&b, vj->job.id);
    lookout_json_key(&b, "reason");
    lookout_json_cstr(&b, file_reason(&vj->job));
    if (vj->job.status == LOOKOUT_JOB_FAILED) {
        lookout_job_envelope_error(vj, &b);
    } else {
        lookout_json_key(&b, "pollAfterMs");
        lookout_json_int(&b, LOOKOUT_JOB_POLL_MS);
    }
    lookout_json_close(&b, '}');
    return lookout_details(vj->call->arena, &b);
}


static lookout_code_e
file_missing(const lookout_view_job_t *vj)
{
    const lookout_job_t *job = &vj->job;
    const lookout_job_kind_t *kind = &lookout_job_kinds[vj->kind->kind];

    if (job->status == LOOKOUT_JOB_FAILED) {
        return lookout_call_fail(
            vj->call, kind->unknown, missing_details(vj),
            "this %s failed, so it has no file. %.*s: %.*s When that is mended, call %s with "
            "the same arguments again.",
            kind->name, LOOKOUT_STR_ARG(job->error_code), LOOKOUT_STR_ARG(job->error_message),
            kind->tool);
    }
    return lookout_call_fail(
        vj->call, kind->unknown, missing_details(vj),
        "this %s is %s, so its file is not there yet. Call %s with %s %s until status is %s, "
        "waiting pollAfterMs between calls; then read this again.",
        kind->name, file_reason(job), vj->kind->poll, kind->id_key, job->id,
        lookout_job_status_name(vj->kind->kind, LOOKOUT_JOB_DONE));
}


static lookout_code_e
file_too_large(const lookout_view_job_t *vj, size_t i, int64_t bytes)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    bool served = vj->call->files_url.data != NULL;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "bytes");
    lookout_json_int(&b, bytes);
    lookout_json_key(&b, "maxBytes");
    lookout_json_int(&b, LOOKOUT_ENVELOPE_MAX);
    lookout_job_envelope_url(vj, &b, "fileUrl", i);
    lookout_json_close(&b, '}');

    return lookout_call_fail(
        vj->call, LOOKOUT_ENVELOPE_TOO_LARGE, lookout_details(vj->call->arena, &b),
        "The file takes %lld bytes here, more than the %d that a response may have. %s",
        (long long) bytes, LOOKOUT_ENVELOPE_MAX,
        served ? "Fetch it from details.fileUrl with a plain GET, without a token; the link is "
                 "good for an hour or so."
               : vj->kind->smaller);
}


static lookout_code_e
file_content(const lookout_view_job_t *vj, size_t i)
{
    lookout_call_t *call = vj->call;
    int64_t max_age = lookout_session_settings(call->session)->file_limits.max_age;
    int64_t size = vj->job.files[i].size;

    call->mime = lookout_job_mime(vj, i);
    call->binary = lookout_job_binary(vj, i);
    call->ttl_ms = max_age == 0 ? FILES_TTL_MS : max_age * 1000;

    size = call->binary ? (size + 2) / 3 * 4 : size;
    if (size > LOOKOUT_ENVELOPE_MAX) {
        return file_too_large(vj, i, size);
    }
    if (!lookout_jobs_read(&vj->job, i, call->out)) {
        return call->out->failed
                   ? lookout_fail_memory(&call->error)
                   : lookout_call_fail(call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                                       "The file cannot be read at the moment. Call %s with "
                                       "the same arguments again: it makes the file anew.",
                                       lookout_job_kinds[vj->kind->kind].tool);
    }
    return LOOKOUT_OK;
}


lookout_code_e
lookout_view_job_read(lookout_call_t *call, const lookout_view_job_kind_t *kind, size_t i)
{
    lookout_code_e code;
    lookout_view_job_t vj = {
        .call = call,
        .kind = kind,
        .jobs = lookout_session_jobs(call->session),
    };
    lookout_str_t id = lookout_arg_str(call, lookout_job_kinds[kind->kind].id_key);

    code = lookout_job_find(&vj, id);
    if (code != LOOKOUT_OK) {
        return code;
    }
    return vj.job.status == LOOKOUT_JOB_DONE ? file_content(&vj, i) : file_missing(&vj);
}
