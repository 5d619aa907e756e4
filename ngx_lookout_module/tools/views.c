/*
 * The view tools: finding charts, what a chart is made of, and the rows behind it.
 */

#include "../base/clock.h"
#include "envelope.h"
#include "families.h"
#include "lists.h"
#include "results.h"
#include "statistics.h"
#include "view_query.h"


/* The members that a view has in lists and alone. */
static void
view_item(lookout_buf_t *b, const lookout_view_t *view)
{
    lookout_json_key(b, "id");
    lookout_json_str(b, view->id);
    lookout_json_key(b, "name");
    lookout_json_str(b, view->name);
    lookout_json_key(b, "description");
    lookout_json_str(b, view->description);
    lookout_json_key(b, "chartType");
    lookout_json_str(b, view->chart_type);
}


/* Where it belongs, and where its rows come from. */
static void
view_place(lookout_buf_t *b, const lookout_view_t *view)
{
    lookout_json_key(b, "workbook");
    lookout_json_open(b, '{');
    lookout_json_key(b, "id");
    lookout_json_str(b, view->workbook_id);
    lookout_json_key(b, "name");
    lookout_json_str(b, view->workbook_name);
    lookout_json_close(b, '}');

    lookout_json_key(b, "datasource");
    lookout_json_open(b, '{');
    lookout_json_key(b, "id");
    lookout_json_str(b, view->datasource_id);
    lookout_json_key(b, "name");
    lookout_json_str(b, view->datasource_name);
    lookout_json_key(b, "status");
    lookout_json_cstr(b, view->datasource_online ? "online" : "offline");
    lookout_json_close(b, '}');
}


lookout_code_e
lookout_list_views(lookout_call_t *call)
{
    size_t i;
    lookout_code_e code;
    lookout_list_t list = { 0 };
    lookout_view_t *items;
    lookout_listing_t listing;
    lookout_workbook_t workbook;

    code = lookout_listing_begin(&listing, call);
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_listing_filters(&listing, &list);
    list.workbook_id = lookout_arg_str(call, "workbookId");
    list.chart_type = lookout_arg_str(call, "chartType");

    if (list.workbook_id.data != NULL) {
        code = lookout_catalog_workbook(listing.catalog, call->arena, list.workbook_id,
                                        &workbook, &call->error);
        if (code != LOOKOUT_OK) {
            return code;
        }
    }

    code = lookout_catalog_views(listing.catalog, call->arena, &list, &listing.slice, &items,
                                 &call->error);
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_listing_open(&listing);
    while (lookout_listing_next(&listing, &i)) {
        lookout_json_open(call->out, '{');
        view_item(call->out, &items[i]);
        lookout_json_key(call->out, "updatedAt");
        lookout_envelope_time(call->out, items[i].updated_at);
        view_place(call->out, &items[i]);
        lookout_json_close(call->out, '}');
    }
    return lookout_listing_end(&listing);
}


/* {columns, rows, rowCount}, with as many of the sampled rows as the envelope has room for. */
static void
view_preview(lookout_call_t *call, const lookout_sample_t *sample, size_t *kept)
{
    size_t n;
    size_t room;
    lookout_buf_t *b = call->out;

    lookout_json_key(b, "preview");
    lookout_json_open(b, '{');
    lookout_json_key(b, "columns");
    lookout_columns_json(sample->columns, b);

    room = b->len + LOOKOUT_ENVELOPE_TAIL < LOOKOUT_ENVELOPE_MAX
               ? LOOKOUT_ENVELOPE_MAX - LOOKOUT_ENVELOPE_TAIL - b->len
               : 0;
    for (n = sample->n; n > 0 && sample->ends[n - 1] > room; n--) {
        /* one row less */
    }

    lookout_json_key(b, "rows");
    lookout_json_open(b, '[');
    if (n > 0) {
        lookout_buf_add(b, sample->rows->data, sample->ends[n - 1]);
    }
    lookout_json_close(b, ']');
    lookout_json_key(b, "rowCount");
    lookout_json_int(b, (int64_t) n);
    lookout_json_close(b, '}');

    *kept = n;
}


static lookout_code_e
get_view_write(lookout_view_query_t *query, const lookout_sample_t *sample)
{
    size_t kept;
    int64_t now = lookout_now();
    lookout_call_t *call = query->call;
    lookout_buf_t *b = call->out;

    lookout_json_open(b, '{');
    view_item(b, &query->view);
    lookout_json_key(b, "encoding");
    lookout_json_raw(b, query->view.encoding);
    lookout_json_key(b, "savedFilters");
    lookout_json_raw(b, query->view.saved_filters);
    if (query->limits.n != 0) {
        lookout_json_key(b, "appliedFilters");
        lookout_filters_json(query->filters, b);
    }
    view_place(b, &query->view);
    lookout_json_key(b, "updatedAt");
    lookout_envelope_time(b, query->view.updated_at);

    lookout_json_key(b, "statistics");
    lookout_json_raw(b, lookout_buf_text(sample->statistics));
    view_preview(call, sample, &kept);

    lookout_json_key(b, "warnings");
    lookout_json_open(b, '[');
    lookout_warn_stale(b, &query->source, now);
    if (kept < sample->n) {
        lookout_warn_truncated(b, kept, sample->n - kept,
                               "query_view_data pages through all of them.");
    }
    lookout_json_close(b, ']');
    lookout_json_close(b, '}');

    lookout_warnings_until(call, &query->source, now);
    return lookout_envelope_finish(call, "Read the view's rows with query_view_data instead.");
}


lookout_code_e
lookout_get_view(lookout_call_t *call)
{
    lookout_code_e code;
    sqlite3_stmt *stmt = NULL;
    lookout_sample_t sample;
    lookout_columns_t columns;
    lookout_view_query_t query;

    code = lookout_view_query_open(&query, call);
    if (code == LOOKOUT_OK) {
        code = lookout_view_query_prepare(&query, &stmt, &columns);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_sample(call, query.extract, stmt, columns, &sample);
    }
    sqlite3_finalize(stmt);

    return code == LOOKOUT_OK ? get_view_write(&query, &sample) : code;
}


lookout_code_e
lookout_query_view_data(lookout_call_t *call)
{
    static const lookout_result_limits_t limits = {
        .page = LOOKOUT_VIEW_PAGE,
        .row_cap = LOOKOUT_VIEW_PAGE_MAX,
        .cures = "narrow the view with filterOverrides",
    };
    lookout_code_e code;
    lookout_answer_t answer;
    sqlite3_stmt *stmt = NULL;
    lookout_columns_t columns;
    lookout_view_query_t query;

    code = lookout_view_query_open(&query, call);
    if (code == LOOKOUT_OK) {
        code = lookout_answer_begin(&answer, call, &query.source, query.extract, query.version,
                                    &limits);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_view_query_prepare(&query, &stmt, &columns);
    }
    if (code == LOOKOUT_OK) {
        lookout_answer_open(&answer, "viewId", query.view.id);
        lookout_json_key(call->out, "appliedFilters");
        lookout_filters_json(query.filters, call->out);
        code = lookout_answer_rows(&answer, stmt, columns);
    }

    sqlite3_finalize(stmt);
    return code;
}
