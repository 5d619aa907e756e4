/*
 * Members of the envelopes of jobs. A file has a path and an address only once it is there: an
 * agent that reads a path reads a whole file.
 */

#include "job_envelope.h"

#include "../access/link.h"
#include "../base/clock.h"
#include "envelope.h"

/* Codes that a job's error can have and that are not among those that clients know. */
static const char *const internal_codes[] = {
    LOOKOUT_JOB_STORAGE_FULL,
    LOOKOUT_JOB_STORAGE_UNAVAILABLE,
    LOOKOUT_JOB_INTERRUPTED,
};

/* The types of the formats that a kind of job can have. */
static const struct {
    const char *format;
    const char *mime;
    bool binary;
} types[] = {
    { "png", "image/png", true },
    { "svg", "image/svg+xml", false },
};


static bool
is_waiting(const lookout_job_t *job)
{
    return job->status == LOOKOUT_JOB_QUEUED || job->status == LOOKOUT_JOB_RUNNING;
}


void
lookout_job_envelope_open(const lookout_view_job_t *vj, lookout_buf_t *b)
{
    const lookout_job_t *job = &vj->job;
    lookout_job_kind_e kind = vj->kind->kind;

    lookout_json_open(b, '{');
    lookout_json_key(b, lookout_job_kinds[kind].id_key);
    lookout_json_cstr(b, job->id);
    lookout_json_key(b, "status");
    lookout_json_cstr(b, lookout_job_status_name(kind, job->status));
    if (is_waiting(job)) {
        lookout_json_key(b, "pollAfterMs");
        lookout_json_int(b, LOOKOUT_JOB_POLL_MS);
    }
}


void
lookout_job_envelope_path(const lookout_view_job_t *vj, lookout_buf_t *b, const char *key,
                          size_t i)
{
    lookout_json_key(b, key);
    lookout_json_str(b, vj->job.status == LOOKOUT_JOB_DONE ? vj->job.files[i].path
                                                           : LOOKOUT_STR_NONE);
}


/* The address of file i as a JSON string. */
static void
write_url(const lookout_view_job_t *vj, lookout_buf_t *b, size_t i)
{
    const size_t shown = sizeof(LOOKOUT_JOBS_SHOWN_AS) - 1;
    const lookout_settings_t *settings = lookout_session_settings(vj->call->session);
    lookout_str_t path = vj->job.files[i].path;
    lookout_buf_t url = LOOKOUT_BUF_INIT;

    lookout_link_write(&url, &settings->key, vj->call->files_url,
                       (lookout_str_t){ path.data + shown, path.len - shown }, lookout_now(),
                       settings->link_ttl);
    lookout_json_str(b, lookout_buf_text(&url));
    b->failed |= url.failed;
    lookout_buf_free(&url);
}


void
lookout_job_envelope_url(const lookout_view_job_t *vj, lookout_buf_t *b, const char *key,
                         size_t i)
{
    lookout_json_key(b, key);
    if (vj->job.status == LOOKOUT_JOB_DONE && vj->call->files_url.data != NULL) {
        write_url(vj, b, i);
    } else {
        lookout_json_null(b);
    }
}


void
lookout_job_envelope_content(const lookout_view_job_t *vj, lookout_buf_t *b, const char *key)
{
    lookout_json_key(b, key);
    lookout_json_str(b,
                     vj->content.len != 0 ? lookout_buf_text(&vj->content) : LOOKOUT_STR_NONE);
}


void
lookout_job_envelope_input(const lookout_view_job_t *vj, lookout_buf_t *b, const char *key)
{
    lookout_str_t value = lookout_json_member(vj->job.request.inputs, key);

    lookout_json_key(b, key);
    lookout_json_raw(b, value.data != NULL ? value : LOOKOUT_STR("null"));
}


void
lookout_job_envelope_story(const lookout_view_job_t *vj, lookout_buf_t *b)
{
    lookout_job_envelope_input(vj, b, "appliedFilters");
    lookout_json_key(b, "cached");
    lookout_json_bool(b, vj->cached);
    lookout_json_key(b, "createdAt");
    lookout_envelope_time(b, vj->job.created_at);
    lookout_json_key(b, "completedAt");
    if (vj->job.completed_at != 0) {
        lookout_envelope_time(b, vj->job.completed_at);
    } else {
        lookout_json_null(b);
    }
}


/* {code, message}; what is the server's own affair is INTERNAL_ERROR, and its reason is said in
 * the details, so that an agent can tell a full disk from a defect. */
void
lookout_job_envelope_error(const lookout_view_job_t *vj, lookout_buf_t *b)
{
    size_t i;
    const char *reason = NULL;
    const lookout_job_t *job = &vj->job;

    for (i = 0; i < sizeof(internal_codes) / sizeof(internal_codes[0]); i++) {
        if (lookout_str_is(job->error_code, internal_codes[i])) {
            reason = internal_codes[i];
        }
    }

    lookout_json_key(b, "error");
    lookout_json_open(b, '{');
    lookout_json_key(b, "code");
    lookout_json_str(b, reason == NULL
                            ? job->error_code
                            : lookout_str(lookout_code_name(LOOKOUT_INTERNAL_ERROR)));
    lookout_json_key(b, "message");
    lookout_json_str(b, job->error_message);
    if (reason != NULL) {
        lookout_json_key(b, "details");
        lookout_json_open(b, '{');
        lookout_json_key(b, "reason");
        lookout_json_cstr(b, reason);
        lookout_json_close(b, '}');
    }
    lookout_json_close(b, '}');
}


void
lookout_job_envelope_close(const lookout_view_job_t *vj, lookout_buf_t *b, const char *omitted)
{
    if (vj->job.status == LOOKOUT_JOB_FAILED) {
        lookout_job_envelope_error(vj, b);
    }

    lookout_json_key(b, "warnings");
    lookout_json_open(b, '[');
    if (vj->source != NULL) {
        lookout_warn_stale(b, vj->source, lookout_now());
    }
    if (vj->omitted && omitted != NULL) {
        lookout_warn_omitted(b, omitted, vj->job.files[0].size,
                             vj->call->files_url.data != NULL);
    }
    lookout_json_close(b, ']');
    lookout_json_close(b, '}');
}


const char *
lookout_job_mime(const lookout_view_job_t *vj, size_t i)
{
    size_t k;

    if (vj->kind->mime[i] != NULL) {
        return vj->kind->mime[i];
    }
    for (k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
        if (lookout_str_is(vj->job.request.format, types[k].format)) {
            return types[k].mime;
        }
    }
    return "application/octet-stream";
}


bool
lookout_job_binary(const lookout_view_job_t *vj, size_t i)
{
    size_t k;

    if (vj->kind->mime[i] != NULL) {
        return false;
    }
    for (k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
        if (lookout_str_is(vj->job.request.format, types[k].format)) {
            return types[k].binary;
        }
    }
    return true;
}


/* The last name of a path. */
static lookout_str_t
base_name(lookout_str_t path)
{
    size_t i = path.len;

    while (i > 0 && path.data[i - 1] != '/') {
        i--;
    }
    return (lookout_str_t){ path.data + i, path.len - i };
}


void
lookout_job_envelope_links(const lookout_view_job_t *vj, lookout_buf_t *blocks)
{
    size_t i;
    lookout_str_t view = lookout_json_member(vj->job.request.inputs, "viewName");

    if (vj->call->files_url.data == NULL || !lookout_call_links(vj->call)) {
        return;
    }
    for (i = 0; i < vj->job.n_files; i++) {
        lookout_json_open(blocks, '{');
        lookout_json_key(blocks, "type");
        lookout_json_cstr(blocks, "resource_link");
        lookout_json_key(blocks, "uri");
        write_url(vj, blocks, i);
        lookout_json_key(blocks, "name");
        lookout_json_str(blocks, base_name(vj->job.files[i].path));
        if (view.len > 2) { /* in its quotes */
            lookout_json_key(blocks, "title");
            lookout_json_raw(blocks, (lookout_str_t){ view.data, view.len - 1 });
            lookout_buf_puts(blocks, vj->kind->about[i]);
            lookout_buf_putc(blocks, '"');
        }
        lookout_json_key(blocks, "mimeType");
        lookout_json_cstr(blocks, lookout_job_mime(vj, i));
        lookout_json_key(blocks, "size");
        lookout_json_int(blocks, vj->job.files[i].size);
        lookout_json_close(blocks, '}');
    }
}
