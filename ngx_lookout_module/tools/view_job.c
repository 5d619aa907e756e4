/*
 * From a call to a job's answer.
 *
 * The inputs of a job are one JSON text in a fixed order of members: its SHA-256 is the job's
 * key, and what the envelope shows of a job, or is needed to do it again, is read from it, so
 * that nothing can be forgotten in the one that matters for the other. Beside what the product's
 * page says of the key they hold the version of the extract, which is a checksum: data that are
 * replaced within the same second, or without a new time, never meet an older file.
 *
 * A view is compiled before its job is claimed, so that a drift that only compiling finds is the
 * call's error and leaves no job behind.
 */

#include "view_job.h"

#include "../base/clock.h"
#include "envelope.h"
#include "job_envelope.h"
#include "job_scope.h"
#include "policy.h"
#include "view_task.h"

#define WAIT_MS 900        /* for a job that somebody else does: the answer within a second */
#define CLAIMS 3           /* of a job whose owners die while it is waited for */
#define STEPS_PER_LOOK 256 /* rows between two looks at the time */


void
lookout_view_job_init(lookout_view_job_t *vj, lookout_call_t *call,
                      const lookout_view_job_kind_t *kind)
{
    *vj = (lookout_view_job_t){
        .call = call,
        .kind = kind,
        .jobs = lookout_session_jobs(call->session),
    };
}


/* ---- the key ---- */

static lookout_str_t
inputs_text(const lookout_view_job_t *vj)
{
    const lookout_view_query_t *query = &vj->query;
    lookout_str_t policy = lookout_policy_name(vj->call->arena, query->limits);
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "viewId");
    lookout_json_str(&b, query->view.id);
    lookout_json_key(&b, "viewName");
    lookout_json_str(&b, query->view.name);
    lookout_json_key(&b, "viewUpdatedAt");
    lookout_envelope_time(&b, query->view.updated_at);
    lookout_json_key(&b, "datasourceId");
    lookout_json_str(&b, query->source.id);
    lookout_json_key(&b, "datasourceLastRefreshedAt");
    lookout_envelope_time(&b, query->source.last_refreshed_at);
    lookout_json_key(&b, "dataVersion");
    lookout_json_cstr(&b, query->extract->version);
    lookout_json_key(&b, "format");
    lookout_json_str(&b, vj->format);
    if (vj->width != 0) {
        lookout_json_key(&b, "width");
        lookout_json_int(&b, vj->width);
        lookout_json_key(&b, "height");
        lookout_json_int(&b, vj->height);
    }
    lookout_json_key(&b, "appliedFilters");
    lookout_filters_json(query->filters, &b);
    if (policy.len != 0) {
        lookout_json_key(&b, LOOKOUT_JOB_POLICY);
        lookout_json_str(&b, policy);
    }
    lookout_json_close(&b, '}');
    b.failed = b.failed || policy.data == NULL;

    return lookout_details(vj->call->arena, &b);
}


static lookout_code_e
make_request(const lookout_view_job_t *vj, lookout_job_request_t *request)
{
    lookout_call_t *call = vj->call;

    *request = (lookout_job_request_t){
        .kind = vj->kind->kind,
        .view_id = vj->query.view.id,
        .format = vj->format,
        .inputs = inputs_text(vj),
    };
    if (request->inputs.data == NULL) {
        return lookout_fail_memory(&call->error);
    }
    if (request->inputs.len > LOOKOUT_ENVELOPE_MAX - LOOKOUT_ENVELOPE_TAIL) {
        return lookout_call_fail(
            call, LOOKOUT_ENVELOPE_TOO_LARGE,
            lookout_arena_printf(call->arena, "{\"bytes\":%zu,\"maxBytes\":%d}",
                                 request->inputs.len, LOOKOUT_ENVELOPE_MAX),
            "The filters, which the answer repeats as appliedFilters, leave no room in the %d "
            "bytes that a response may have. Use fewer or shorter values.",
            LOOKOUT_ENVELOPE_MAX);
    }

    lookout_sha256(request->inputs, request->key);
    return LOOKOUT_OK;
}


/* ---- the work ---- */

lookout_code_e
lookout_view_job_step(lookout_view_job_t *vj, int64_t total, bool *more)
{
    int rc;
    lookout_call_t *call = vj->call;

    if (vj->rows % STEPS_PER_LOOK == 0 && lookout_watch_over(&call->watch)) {
        return LOOKOUT_CANCELLED;
    }

    rc = sqlite3_step(vj->stmt);
    *more = rc == SQLITE_ROW;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        return lookout_run_failed(call->arena, vj->query.extract, rc, &call->watch,
                                  &call->error);
    }

    vj->rows += *more;
    if (!*more || vj->rows % STEPS_PER_LOOK == 0) {
        lookout_call_progress(call, vj->rows, total);
    }
    return LOOKOUT_OK;
}


static void
set_deadline(const lookout_view_job_t *vj)
{
    uint32_t ms = vj->kind->timeout(lookout_session_settings(vj->call->session));

    vj->call->watch.deadline_ns = lookout_monotonic_ns() + (uint64_t) ms * 1000000;
}


/* The job took too long: it fails, with a message that says what else to try. */
static lookout_code_e
fail_late(lookout_view_job_t *vj, lookout_error_t *error)
{
    uint32_t ms = vj->kind->timeout(lookout_session_settings(vj->call->session));
    lookout_str_t message;

    message = lookout_arena_printf(
        vj->call->arena, "The %s was not done within %g second%s (%lld row%s were read). %s",
        lookout_job_kinds[vj->kind->kind].name, ms / 1000.0, ms == 1000 ? "" : "s",
        (long long) vj->rows, vj->rows == 1 ? "" : "s", vj->kind->timeout_advice);

    return message.data == NULL
               ? lookout_fail_memory(error)
               : lookout_jobs_fail(vj->jobs, vj->call->arena, &vj->job,
                                   lookout_str(vj->kind->timeout_code), message, error);
}


/* For the watch: tells how far the job is, and asks whether it is still wanted. */
static bool
is_lost(void *data)
{
    lookout_view_job_t *vj = data;

    return !lookout_jobs_progress(vj->jobs, &vj->job, vj->rows);
}


static void
begin_job(lookout_view_job_t *vj)
{
    vj->call->watch.over = is_lost;
    vj->call->watch.over_data = vj;
}


/* Ends the job as its work ended. */
static lookout_code_e
end_job(lookout_view_job_t *vj, lookout_code_e code)
{
    lookout_error_t error;
    lookout_call_t *call = vj->call;
    lookout_error_t why = call->error;
    lookout_stop_e stopped = call->watch.stopped;
    bool lost = vj->job.lost;

    call->watch.over = NULL;

    if (code == LOOKOUT_OK) {
        code =
            lookout_jobs_finish(vj->jobs, call->arena, &vj->job, vj->files, vj->rows, &error);

    } else if (stopped == LOOKOUT_STOP_DEADLINE) {
        code = fail_late(vj, &error);

    } else if (code == LOOKOUT_CANCELLED && stopped == LOOKOUT_STOP_MEMORY) {
        code = lookout_jobs_fail(vj->jobs, call->arena, &vj->job,
                                 lookout_str(lookout_code_name(LOOKOUT_RESULT_TOO_LARGE)),
                                 LOOKOUT_STR("It needs more memory than it may use. Narrow the "
                                             "view with filterOverrides."),
                                 &error);

    } else if (code == LOOKOUT_CANCELLED) {
        /* The process is told to stop; or the job was taken away, and is now what it is. */
        code = lookout_jobs_release(vj->jobs, call->arena, &vj->job, &error);
        if (!lost) {
            return LOOKOUT_CANCELLED;
        }

    } else {
        code = lookout_jobs_fail(vj->jobs, call->arena, &vj->job,
                                 lookout_str(lookout_code_name(code)), why.message, &error);
    }

    if (code != LOOKOUT_OK) {
        call->error = error;
    }
    return code;
}


lookout_code_e
lookout_view_job_do(lookout_view_job_t *vj, lookout_code_e compiled)
{
    begin_job(vj);
    return end_job(vj, compiled == LOOKOUT_OK ? vj->kind->work(vj) : compiled);
}


/* From here on the job goes on whatever its client does. */
static void
detach(const lookout_view_job_t *vj)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    vj->kind->write(vj, &b);
    lookout_call_detach(vj->call, lookout_buf_text(&b));
    lookout_buf_free(&b);
}


static lookout_code_e
compile(lookout_view_job_t *vj)
{
    lookout_code_e code;

    code = lookout_view_query_prepare(&vj->query, &vj->stmt, &vj->columns);
    if (code == LOOKOUT_OK) {
        lookout_watch_set(vj->query.extract->db.sql, &vj->call->watch);
    }
    return code;
}


/* ---- create ---- */

/* On the event loop: what can be said at once. */
static lookout_code_e
claim_at_once(lookout_view_job_t *vj, const lookout_job_request_t *request)
{
    lookout_code_e code;
    lookout_call_t *call = vj->call;

    if (call->as_task) {
        return LOOKOUT_NEEDS_THREAD; /* a task is written down */
    }
    code = lookout_jobs_claim(vj->jobs, call->arena, request, LOOKOUT_JOBS_DO, &vj->job,
                              &call->error);
    if (code != LOOKOUT_OK) {
        return code;
    }

    vj->cached = vj->job.claim == LOOKOUT_CLAIM_FINISHED;
    return vj->cached || vj->job.claim == LOOKOUT_CLAIM_FAILED ? LOOKOUT_OK
                                                               : LOOKOUT_NEEDS_THREAD;
}


/* On a thread: claims the job and does it, or waits for whoever does. */
static lookout_code_e
claim_and_do(lookout_view_job_t *vj, const lookout_job_request_t *request)
{
    int i;
    lookout_code_e code, compiled;
    lookout_call_t *call = vj->call;
    lookout_job_kind_e kind = vj->kind->kind;

    compiled = compile(vj);
    if (compiled != LOOKOUT_OK && compiled != LOOKOUT_QUERY_TIMEOUT) {
        return compiled;
    }
    if (call->as_task) {
        return lookout_view_task_create(vj, request, compiled);
    }

    for (i = 0; i < CLAIMS; i++) {
        code = lookout_jobs_claim(vj->jobs, call->arena, request, LOOKOUT_JOBS_DO, &vj->job,
                                  &call->error);
        if (code != LOOKOUT_OK) {
            return code;
        }
        if (vj->job.claim == LOOKOUT_CLAIM_MINE) {
            detach(vj);
            return lookout_view_job_do(vj, compiled);
        }
        if (vj->job.claim != LOOKOUT_CLAIM_BUSY) {
            vj->cached = vj->job.claim == LOOKOUT_CLAIM_FINISHED;
            return LOOKOUT_OK;
        }

        code = lookout_jobs_wait(vj->jobs, call->arena, kind, lookout_str(vj->job.id), WAIT_MS,
                                 &call->watch, &vj->job, &call->error);
        if (code != lookout_job_kinds[kind].unknown
            && !(code == LOOKOUT_OK && vj->job.abandoned)) {
            return code;
        }
        /* Its file is gone already, or its owner is: once more. */
    }
    return code;
}


/* ---- get ---- */

/* The text of a member of the job's inputs. */
static lookout_str_t
input_text(const cJSON *inputs, const char *name)
{
    const cJSON *item = lookout_json_get(inputs, name);

    return cJSON_IsString(item) ? lookout_str(item->valuestring) : LOOKOUT_STR_NONE;
}


static int64_t
input_int(const cJSON *inputs, const char *name)
{
    int64_t value;

    return lookout_json_int_value(lookout_json_get(inputs, name), &value) ? value : 0;
}


/* Makes the view ready as it was when the job was first asked for; it fails when it, or its
 * data, are no longer the same. */
static lookout_code_e
open_again(lookout_view_job_t *vj, const cJSON *inputs)
{
    lookout_code_e code;
    lookout_call_t *call = vj->call;
    lookout_job_request_t request;

    /* All filters that applied, as overrides: they replace every saved one. */
    code = lookout_view_query_open_as(&vj->query, call, vj->job.request.view_id,
                                      lookout_json_get(inputs, "appliedFilters"));
    call->cacheable = false;
    set_deadline(vj);
    if (code == LOOKOUT_OK) {
        code = make_request(vj, &request);
    }
    if (code == LOOKOUT_OK
        && memcmp(request.key, vj->job.request.key, LOOKOUT_DIGEST_SIZE) != 0) {
        return lookout_call_fail(
            call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
            "The server was stopped while it worked on this job, and meanwhile the view or its "
            "data were replaced by newer ones. Call %s again: it works on what is there now.",
            lookout_job_kinds[vj->kind->kind].tool);
    }
    return code == LOOKOUT_OK ? compile(vj) : code;
}


lookout_code_e
lookout_view_job_redo(lookout_view_job_t *vj, const cJSON *inputs)
{
    lookout_code_e code;

    begin_job(vj);
    code = open_again(vj, inputs);
    return end_job(vj, code == LOOKOUT_OK ? vj->kind->work(vj) : code);
}


/* A job that nobody is at any more is done by whoever asks for it. */
static lookout_code_e
do_again(lookout_view_job_t *vj, lookout_str_t id, const cJSON *inputs)
{
    lookout_code_e code;
    lookout_call_t *call = vj->call;

    if (call->watch.slice_ns != 0) {
        return LOOKOUT_NEEDS_THREAD;
    }

    code =
        lookout_jobs_start(vj->jobs, call->arena, vj->kind->kind, id, &vj->job, &call->error);
    if (code != LOOKOUT_OK || vj->job.claim != LOOKOUT_CLAIM_MINE) {
        return code;
    }

    detach(vj);
    return lookout_view_job_redo(vj, inputs);
}


lookout_code_e
lookout_view_job_recall(lookout_view_job_t *vj, const cJSON **inputs)
{
    lookout_json_error_t problem;

    *inputs = lookout_json_parse(vj->call->arena, vj->job.request.inputs, &problem);
    if (*inputs == NULL) {
        return lookout_call_fail(vj->call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                                 "What the server noted about this job cannot be read. Call %s "
                                 "again with the same arguments.",
                                 lookout_job_kinds[vj->kind->kind].tool);
    }
    vj->format = vj->job.request.format;
    vj->width = input_int(*inputs, "width");
    vj->height = input_int(*inputs, "height");
    vj->cached = vj->job.status == LOOKOUT_JOB_DONE;
    return LOOKOUT_OK;
}


/* The job's datasource, as old as the data that the job was made of; none when it is gone. */
static lookout_code_e
find_source(lookout_view_job_t *vj, const cJSON *inputs)
{
    lookout_code_e code;
    lookout_error_t error;
    lookout_catalog_t *catalog;
    lookout_datasource_t *source;

    code = lookout_session_catalog(vj->call, &catalog);
    vj->call->cacheable = false; /* links expire, files are cleared away */
    if (code != LOOKOUT_OK) {
        return code;
    }
    source = lookout_arena_alloc(vj->call->arena, sizeof(*source));
    if (source == NULL) {
        return lookout_fail_memory(&vj->call->error);
    }

    code = lookout_catalog_datasource(catalog, vj->call->arena,
                                      input_text(inputs, "datasourceId"), source, &error);
    if (code == LOOKOUT_OK
        && lookout_iso8601_parse(input_text(inputs, "datasourceLastRefreshedAt"),
                                 &source->last_refreshed_at)) {
        vj->source = source;
    }
    return code == LOOKOUT_NEEDS_THREAD || code == LOOKOUT_CANCELLED ? code : LOOKOUT_OK;
}


/* ---- answers ---- */

static lookout_code_e
answer(lookout_view_job_t *vj)
{
    lookout_code_e code;
    lookout_call_t *call = vj->call;

    if (vj->job.status == LOOKOUT_JOB_DONE) {
        call->rows = vj->job.rows;
        vj->kind->inlines(vj);
        lookout_job_envelope_links(vj, call->blocks);
    }

    vj->kind->write(vj, call->out);
    if (call->out->len > LOOKOUT_ENVELOPE_MAX && vj->content.len != 0) {
        lookout_buf_cut(call->out, 0);
        lookout_buf_free(&vj->content);
        vj->omitted = true;
        vj->kind->write(vj, call->out);
    }

    code = lookout_envelope_finish(call, "Use fewer or shorter values in the filters.");
    if (vj->content.failed || call->blocks->failed) {
        code = lookout_fail_memory(&call->error);
    }
    return code;
}


lookout_code_e
lookout_view_job_answer(lookout_view_job_t *vj, const cJSON *inputs)
{
    lookout_code_e code = find_source(vj, inputs);

    return code == LOOKOUT_OK ? answer(vj) : code;
}


void
lookout_view_job_close(lookout_view_job_t *vj)
{
    sqlite3_finalize(vj->stmt);
    vj->stmt = NULL;
    lookout_buf_free(&vj->content);
}


lookout_code_e
lookout_view_job_create(lookout_call_t *call, const lookout_view_job_kind_t *kind)
{
    lookout_code_e code;
    lookout_view_job_t vj;
    lookout_job_request_t request;

    lookout_view_job_init(&vj, call, kind);
    kind->arguments(&vj);

    code = lookout_view_query_open(&vj.query, call);
    call->cacheable = false;
    set_deadline(&vj);
    vj.source = &vj.query.source;

    if (code == LOOKOUT_OK) {
        code = make_request(&vj, &request);
    }
    if (code == LOOKOUT_OK) {
        code = call->watch.slice_ns != 0 ? claim_at_once(&vj, &request)
                                         : claim_and_do(&vj, &request);
    }
    if (code == LOOKOUT_OK && call->task.id.data == NULL) {
        code = answer(&vj);
    }
    lookout_view_job_close(&vj);
    return code;
}


lookout_code_e
lookout_view_job_get(lookout_call_t *call, const lookout_view_job_kind_t *kind)
{
    lookout_code_e code;
    const cJSON *inputs;
    lookout_view_job_t vj;
    lookout_str_t id = lookout_arg_str(call, lookout_job_kinds[kind->kind].id_key);

    lookout_view_job_init(&vj, call, kind);
    code = lookout_job_find(&vj, id);
    if (code == LOOKOUT_OK) {
        code = lookout_view_job_recall(&vj, &inputs);
    }
    if (code == LOOKOUT_OK) {
        code = find_source(&vj, inputs);
    }
    if (code == LOOKOUT_OK && vj.job.abandoned) {
        code = do_again(&vj, id, inputs);
    }
    if (code == LOOKOUT_OK) {
        code = answer(&vj);
    }
    lookout_view_job_close(&vj);
    return code;
}
