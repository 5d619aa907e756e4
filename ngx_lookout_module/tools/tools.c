/*
 * The table of tools. What a client sees of a tool, and what is checked before it runs, comes
 * from its row.
 */

#include "tools.h"

#include "families.h"
#include "schemas.h"

/* Shows the rows in a page, where a host can; the second key is for those that know no other. */
#define SHOWN_AS_CHART                                                                         \
    "{\"ui\":{\"resourceUri\":\"" LOOKOUT_CHART_APP_URI                                        \
    "\"},\"ui/resourceUri\":\"" LOOKOUT_CHART_APP_URI "\"}"

static const char *const tags_datasources[] = { "datasources", NULL };
static const char *const tags_queries[] = { "datasources", "queries", NULL };
static const char *const tags_workbooks[] = { "workbooks", NULL };
static const char *const tags_views[] = { "views", NULL };
static const char *const tags_view_queries[] = { "views", "queries", NULL };
static const char *const tags_renders[] = { "views", "renders", NULL };
static const char *const tags_exports[] = { "views", "exports", NULL };

const lookout_tool_t lookout_tools[] = {
    {
        .name = "list_datasources",
        .title = "List datasources",
        .description =
            "Find the datasources that can be queried: connection type, online or offline, "
            "last "
            "refresh, number of fields. Start here for a question about data, then call "
            "get_datasource. For charts that exist already use list_views.",
        .input = lookout_list_datasources_input,
        .output = lookout_list_datasources_output,
        .access = { LOOKOUT_LIST, tags_datasources, false },
        .run = lookout_list_datasources,
    },
    {
        .name = "get_datasource",
        .title = "Get datasource",
        .description = "One datasource: its fields with data types, roles and sample values, "
                       "freshness and "
                       "row count. Call it before query_datasource, so that the SQL names "
                       "fields and values "
                       "that exist. Works on an offline datasource too.",
        .input = lookout_get_datasource_input,
        .output = lookout_get_datasource_output,
        .access = { LOOKOUT_GET, tags_datasources, false },
        .run = lookout_get_datasource,
    },
    {
        .name = "query_datasource",
        .title = "Query datasource with SQL",
        .description =
            "Run one read-only SELECT over a datasource, as the table data; WITH, joins with "
            "itself, window functions and aggregates work. Aggregate in SQL rather than "
            "fetching "
            "rows: at most 5000 rows over all pages, 5 seconds, 256 KB a page. For what an "
            "existing chart shows use query_view_data.",
        .input = lookout_query_datasource_input,
        .output = lookout_query_datasource_output,
        .access = { LOOKOUT_RUN, tags_queries, false },
        .run = lookout_query_datasource,
    },
    {
        .name = "list_workbooks",
        .title = "List workbooks",
        .description =
            "Browse workbooks, the collections that views are kept in, with owner, tags and "
            "number of views. Then get_workbook for the views of one. To search views in all "
            "workbooks use list_views.",
        .input = lookout_list_workbooks_input,
        .output = lookout_list_workbooks_output,
        .access = { LOOKOUT_LIST, tags_workbooks, false },
        .run = lookout_list_workbooks,
    },
    {
        .name = "get_workbook",
        .title = "Get workbook",
        .description = "One workbook with all its views (id, name, chart type, datasource), in "
                       "its own order. Then get_view or query_view_data.",
        .input = lookout_get_workbook_input,
        .output = lookout_get_workbook_output,
        .access = { LOOKOUT_GET, tags_workbooks, false },
        .run = lookout_get_workbook,
    },
    {
        .name = "list_views",
        .title = "List views",
        .description =
            "Find views (charts) by name, chart type or workbook; each comes with its workbook "
            "and datasource. Use it to see whether the answer exists already as a chart, "
            "before "
            "writing SQL.",
        .input = lookout_list_views_input,
        .output = lookout_list_views_output,
        .access = { LOOKOUT_LIST, tags_views, false },
        .run = lookout_list_views,
    },
    {
        .name = "get_view",
        .title = "Get view",
        .description =
            "What a view is made of: chart type, encoding, saved filters, statistics of every "
            "column over all its rows, and up to 50 rows. For all rows, or other filters, use "
            "query_view_data.",
        .input = lookout_get_view_input,
        .output = lookout_get_view_output,
        .meta = SHOWN_AS_CHART,
        .access = { LOOKOUT_GET, tags_views, false },
        .run = lookout_get_view,
    },
    {
        .name = "query_view_data",
        .title = "Query the data behind a view",
        .description =
            "The rows behind a view, with its saved filters or your own on the same fields. To "
            "compare two periods call it twice with different filterOverrides. At most 1000 "
            "rows "
            "over all pages. For other groupings or calculations use query_datasource.",
        .input = lookout_query_view_data_input,
        .output = lookout_query_view_data_output,
        .meta = SHOWN_AS_CHART,
        .access = { LOOKOUT_RUN, tags_view_queries, false },
        .run = lookout_query_view_data,
    },
    {
        .name = "create_view_render",
        .title = "Render a view as a picture",
        .description =
            "Draw a view as PNG or SVG, with its saved filters or your own on the same fields. "
            "Small ones come finished; when status is queued or running, call get_render_job "
            "after pollAfterMs. To look at the chart yourself ask for inline: image; to read "
            "numbers use query_view_data.",
        .input = lookout_create_view_render_input,
        .output = lookout_render_output,
        .access = { LOOKOUT_RUN, tags_renders, false },
        .as_task = true,
        .run = lookout_create_view_render,
    },
    {
        .name = "get_render_job",
        .title = "Get render job",
        .description = "What became of a render: the answer of create_view_render as it is "
                       "now. A failed one says why in error.",
        .input = lookout_get_render_job_input,
        .output = lookout_render_output,
        .access = { LOOKOUT_GET, tags_renders, false },
        .run = lookout_get_render_job,
    },
    {
        .name = "export_view_csv",
        .title = "Export a view as CSV",
        .description =
            "All rows behind a view as a CSV file, however many, with a manifest of the "
            "columns' "
            "types. inlineCsv holds the file when it is small; else fetch fileUrl. When status "
            "is queued or running, call get_job after pollAfterMs. For a look at some rows use "
            "query_view_data.",
        .input = lookout_export_view_csv_input,
        .output = lookout_export_output,
        .access = { LOOKOUT_RUN, tags_exports, false },
        .as_task = true,
        .run = lookout_export_view_csv,
    },
    {
        .name = "get_job",
        .title = "Get export job",
        .description = "What became of an export: the answer of export_view_csv as it is now, "
                       "with progress while it runs. A failed one says why in error.",
        .input = lookout_get_job_input,
        .output = lookout_export_output,
        .access = { LOOKOUT_GET, tags_exports, false },
        .run = lookout_get_job,
    },
    { .name = NULL },
};
