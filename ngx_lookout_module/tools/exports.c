/*
 * The export tools: all rows behind a view as a CSV file, with a manifest that says what CSV
 * cannot: the types of the columns, and the file's checksum. The manifest holds nothing but what
 * follows from the job's inputs, so that the same export is the same bytes: no time of day.
 */

#include "../base/clock.h"
#include "envelope.h"
#include "families.h"
#include "job_envelope.h"

enum { EXPORT_DATA, EXPORT_MANIFEST };


static void
export_arguments(lookout_view_job_t *vj)
{
    vj->format = LOOKOUT_STR("csv");
}


static uint32_t
export_timeout(const lookout_settings_t *settings)
{
    return settings->export_timeout_ms;
}


static bool
is_aggregated(const cJSON *channel)
{
    const cJSON *item;

    if (lookout_json_get(channel, "aggregate") != NULL) {
        return true;
    }

    cJSON_ArrayForEach(item, channel)
    {
        if ((cJSON_IsArray(item) || cJSON_IsObject(item)) && is_aggregated(item)) {
            return true;
        }
    }
    return false;
}


/* How many rows there will be, where that is known beforehand; 0: it is not. */
static int64_t
export_total(const lookout_view_job_t *vj)
{
    return vj->query.filters.n == 0 && !is_aggregated(vj->query.encoding)
               ? vj->query.source.row_count
               : 0;
}


static lookout_code_e
export_rows(lookout_view_job_t *vj, lookout_jobs_file_t *file)
{
    bool more;
    lookout_code_e code;
    int64_t total = export_total(vj);
    lookout_buf_t *b = lookout_jobs_file_buf(file);

    lookout_csv_header(b, vj->columns);
    for (;;) {
        code = lookout_view_job_step(vj, total, &more);
        if (code != LOOKOUT_OK || !more) {
            return code;
        }
        lookout_csv_row(b, vj->stmt, vj->columns);
        if (!lookout_jobs_file_spill(file)) {
            return LOOKOUT_OK; /* finishing the job says what is wrong */
        }
    }
}


static void
export_manifest(const lookout_view_job_t *vj, lookout_buf_t *b)
{
    char sha256[65];
    const lookout_view_query_t *query = &vj->query;

    lookout_jobs_file_sha256(vj->files[EXPORT_DATA], sha256);

    lookout_json_open(b, '{');
    lookout_json_key(b, "viewId");
    lookout_json_str(b, query->view.id);
    lookout_json_key(b, "viewName");
    lookout_json_str(b, query->view.name);
    lookout_json_key(b, "viewUpdatedAt");
    lookout_envelope_time(b, query->view.updated_at);
    lookout_json_key(b, "datasourceId");
    lookout_json_str(b, query->source.id);
    lookout_json_key(b, "datasourceName");
    lookout_json_str(b, query->source.name);
    lookout_json_key(b, "datasourceLastRefreshedAt");
    lookout_envelope_time(b, query->source.last_refreshed_at);
    lookout_json_key(b, "format");
    lookout_json_str(b, vj->format);
    lookout_json_key(b, "rowCount");
    lookout_json_int(b, vj->rows);
    lookout_json_key(b, "columns");
    lookout_columns_json(vj->columns, b);
    lookout_json_key(b, "appliedFilters");
    lookout_filters_json(query->filters, b);
    lookout_json_key(b, "sha256");
    lookout_json_cstr(b, sha256);
    lookout_json_key(b, "bytes");
    lookout_json_int(b, lookout_jobs_file_size(vj->files[EXPORT_DATA]));
    lookout_json_close(b, '}');
    lookout_buf_putc(b, '\n');
}


static lookout_code_e
export_work(lookout_view_job_t *vj)
{
    size_t i;
    lookout_code_e code;
    lookout_call_t *call = vj->call;

    for (i = 0; i < vj->job.n_files; i++) {
        vj->files[i] = lookout_jobs_file_open(vj->jobs, call->arena, &vj->job, i);
        if (vj->files[i] == NULL) {
            return lookout_fail_memory(&call->error);
        }
    }

    code = export_rows(vj, vj->files[EXPORT_DATA]);
    if (code == LOOKOUT_OK && lookout_jobs_file_close(vj->files[EXPORT_DATA])) {
        export_manifest(vj, lookout_jobs_file_buf(vj->files[EXPORT_MANIFEST]));
    }
    return code;
}


static void
export_inlines(lookout_view_job_t *vj)
{
    if (vj->job.files[EXPORT_DATA].size <= LOOKOUT_ENVELOPE_MAX) {
        (void) lookout_jobs_read(&vj->job, EXPORT_DATA, &vj->content);
    }
}


static void
export_write(const lookout_view_job_t *vj, lookout_buf_t *b)
{
    const lookout_job_t *job = &vj->job;

    lookout_job_envelope_open(vj, b);
    lookout_job_envelope_path(vj, b, "resultPath", EXPORT_DATA);
    lookout_job_envelope_path(vj, b, "manifestPath", EXPORT_MANIFEST);
    lookout_job_envelope_url(vj, b, "fileUrl", EXPORT_DATA);
    lookout_job_envelope_url(vj, b, "manifestUrl", EXPORT_MANIFEST);
    lookout_job_envelope_input(vj, b, "format");
    lookout_json_key(b, "rowCount");
    if (job->status == LOOKOUT_JOB_DONE) {
        lookout_json_int(b, job->rows);
    } else {
        lookout_json_null(b);
    }
    lookout_job_envelope_content(vj, b, "inlineCsv");
    lookout_job_envelope_story(vj, b);
    if (job->status == LOOKOUT_JOB_RUNNING) {
        lookout_json_key(b, "progress");
        lookout_json_open(b, '{');
        lookout_json_key(b, "rowsWritten");
        lookout_json_int(b, job->rows);
        lookout_json_close(b, '}');
    }
    lookout_job_envelope_close(vj, b, NULL);
}


const lookout_view_job_kind_t lookout_view_exports = {
    .kind = LOOKOUT_JOB_EXPORT,
    .mime = { "text/csv", "application/json" },
    .about = { "", " (columns and checksum)" },
    .poll = "get_job",
    .smaller = "Call query_view_data, which gives the rows in pages; or narrow the view with "
               "filterOverrides and export it in parts.",
    .look_ms = 1000,
    .at_work = "Exporting",
    .at_end = "Exported",
    .arguments = export_arguments,
    .timeout = export_timeout,
    .timeout_code = "QUERY_TIMEOUT",
    .timeout_advice = "Narrow the view with filterOverrides and export it in parts.",
    .work = export_work,
    .inlines = export_inlines,
    .write = export_write,
};


lookout_code_e
lookout_export_view_csv(lookout_call_t *call)
{
    return lookout_view_job_create(call, &lookout_view_exports);
}


lookout_code_e
lookout_get_job(lookout_call_t *call)
{
    return lookout_view_job_get(call, &lookout_view_exports);
}


lookout_code_e
lookout_read_export(lookout_call_t *call)
{
    return lookout_view_job_read(call, &lookout_view_exports, EXPORT_DATA);
}


lookout_code_e
lookout_read_export_manifest(lookout_call_t *call)
{
    return lookout_view_job_read(call, &lookout_view_exports, EXPORT_MANIFEST);
}
