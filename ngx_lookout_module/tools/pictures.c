/*
 * Drawing: the chart is made before the first row is read, so that what cannot be drawn costs no
 * query; then rows go from the statement into the chart, and the chart into the job's file.
 */

#include "pictures.h"

#include "../chart/chart.h"
#include "filter_words.h"


static bool
is_over(void *data)
{
    return lookout_watch_over(data);
}


/* The applied filters in words; {NULL, 0} without filters, or without memory. */
static lookout_str_t
subtitle(const lookout_view_job_t *vj)
{
    lookout_str_t text;
    lookout_json_error_t problem;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_arena_t *arena = vj->call->arena;

    lookout_filters_json(vj->query.filters, &b);
    text = lookout_details(arena, &b);
    if (vj->query.filters.n == 0 || text.data == NULL) {
        return LOOKOUT_STR_NONE;
    }

    lookout_filter_words(&b, lookout_json_parse(arena, text, &problem),
                         vj->query.source.fields);
    return lookout_details(arena, &b);
}


static lookout_code_e
make_chart(const lookout_view_job_t *vj, lookout_chart_t **chart)
{
    size_t i;
    lookout_call_t *call = vj->call;
    lookout_chart_spec_t *spec;
    lookout_chart_column_t *columns;

    spec = lookout_arena_alloc(call->arena, sizeof(*spec));
    columns = lookout_arena_alloc(call->arena, vj->columns.n * sizeof(*columns));
    if (spec == NULL || columns == NULL) {
        return lookout_fail_memory(&call->error);
    }

    for (i = 0; i < vj->columns.n; i++) {
        columns[i].name = vj->columns.items[i].name;
        columns[i].type = vj->columns.items[i].type;
    }

    *spec = (lookout_chart_spec_t){
        .chart_type = vj->query.view.chart_type,
        .encoding = vj->query.encoding,
        .title = vj->query.view.name,
        .subtitle = subtitle(vj),
        .width = (uint32_t) vj->width,
        .height = (uint32_t) vj->height,
        .columns = columns,
        .n_columns = vj->columns.n,
        .over = is_over,
        .over_data = &call->watch,
    };
    return lookout_chart_create(call->arena, spec, chart, &call->error);
}


/* The row that the statement stands on. Blobs are null, as everywhere. */
static void
take_row(lookout_chart_t *chart, sqlite3_stmt *stmt, size_t n)
{
    size_t i;
    const char *text;

    for (i = 0; i < n; i++) {
        if (!lookout_chart_wants(chart, i)) {
            continue;
        }
        switch (sqlite3_column_type(stmt, (int) i)) {
        case SQLITE_INTEGER:
        case SQLITE_FLOAT:
            lookout_chart_number(chart, i, sqlite3_column_double(stmt, (int) i));
            break;
        case SQLITE_TEXT:
            text = (const char *) sqlite3_column_text(stmt, (int) i);
            if (text != NULL) {
                lookout_chart_text(
                    chart, i,
                    (lookout_str_t){ text, (size_t) sqlite3_column_bytes(stmt, (int) i) });
            }
            break;
        default:
            lookout_chart_null(chart, i);
        }
    }
}


static lookout_code_e
take_rows(lookout_view_job_t *vj, lookout_chart_t *chart)
{
    bool more;
    lookout_code_e code;

    for (;;) {
        code = lookout_view_job_step(vj, 0, &more);
        if (code != LOOKOUT_OK || !more) {
            return code;
        }
        take_row(chart, vj->stmt, vj->columns.n);
        if (!lookout_chart_end_row(chart)) {
            return lookout_fail_memory(&vj->call->error);
        }
    }
}


lookout_code_e
lookout_picture_draw(lookout_view_job_t *vj)
{
    lookout_code_e code;
    lookout_chart_t *chart = NULL;
    lookout_call_t *call = vj->call;

    code = make_chart(vj, &chart);
    if (code == LOOKOUT_OK) {
        code = take_rows(vj, chart);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    vj->files[0] = lookout_jobs_file_open(vj->jobs, call->arena, &vj->job, 0);
    if (vj->files[0] == NULL) {
        return lookout_fail_memory(&call->error);
    }

    return lookout_chart_render(
        chart, lookout_str_is(vj->format, "svg") ? LOOKOUT_CHART_SVG : LOOKOUT_CHART_PNG,
        lookout_jobs_file_buf(vj->files[0]), &call->error);
}
