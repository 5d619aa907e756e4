/*
 * The table of resources. Objects of the catalogue are what their get_ tools answer, under
 * addresses of their own; a template's variables are called as the tool's arguments, so the
 * tool's function reads them where it always does.
 */

#include "../base/id.h"
#include "../catalog/catalog.h"
#include "chart_app.h"
#include "complete.h"
#include "families.h"
#include "runbook.h"
#include "schemas.h"
#include "session.h"
#include "tools.h"

#define SLICE 100 /* objects that are read at once: as many as a page has */


/* ---- reading ---- */

/* Answers as the tool with that input does. Its schema says how ids look; what does not look so
 * is not the address of anything. */
static lookout_code_e
read_as(lookout_call_t *call, const lookout_schema_t *input,
        lookout_code_e (*tool)(lookout_call_t *call))
{
    lookout_str_t id = lookout_arg_str(call, input->name);

    if (!lookout_id_valid(id, input->id)) {
        return lookout_call_fail(call, LOOKOUT_INVALID_INPUT, LOOKOUT_STR_NONE,
                                 "%s has to be %s and 22 characters of a-z and 0-9; "
                                 "resources/list has those there are",
                                 input->name, input->id);
    }
    return tool(call);
}


static lookout_code_e
read_datasource(lookout_call_t *call)
{
    return read_as(call, lookout_get_datasource_input, lookout_get_datasource);
}


static lookout_code_e
read_workbook(lookout_call_t *call)
{
    return read_as(call, lookout_get_workbook_input, lookout_get_workbook);
}


static lookout_code_e
read_view(lookout_call_t *call)
{
    return read_as(call, lookout_get_view_input, lookout_get_view);
}


static lookout_code_e
read_chart(lookout_call_t *call)
{
    lookout_buf_str(call->out, lookout_chart_app());
    return LOOKOUT_OK;
}


/* ---- listing ---- */

/* A template's resources, from where the page before ended. */
typedef struct {
    lookout_call_t *call;
    lookout_catalog_t *catalog;
    lookout_list_t list; /* all there are */
    lookout_slice_t slice;
    bool full; /* the page is */
} listing_t;


/* Adds one object. */
static void
listing_add(listing_t *listing, const char *folder, lookout_str_t id, lookout_str_t name,
            lookout_str_t description)
{
    lookout_str_t uri = lookout_arena_printf(listing->call->arena, "lookout://%s/%.*s", folder,
                                             LOOKOUT_STR_ARG(id));

    listing->full = !lookout_resource_add(listing->call, uri, id, name, description);
}


static lookout_code_e
slice_datasources(listing_t *listing)
{
    size_t i;
    lookout_datasource_t *items;
    lookout_call_t *call = listing->call;
    lookout_code_e code = lookout_catalog_datasources(
        listing->catalog, call->arena, &listing->list, &listing->slice, &items, &call->error);

    for (i = 0; code == LOOKOUT_OK && i < listing->slice.n && !listing->full; i++) {
        listing_add(listing, "datasources", items[i].id, items[i].name, items[i].description);
    }
    return code;
}


static lookout_code_e
slice_workbooks(listing_t *listing)
{
    size_t i;
    lookout_workbook_t *items;
    lookout_call_t *call = listing->call;
    lookout_code_e code = lookout_catalog_workbooks(
        listing->catalog, call->arena, &listing->list, &listing->slice, &items, &call->error);

    for (i = 0; code == LOOKOUT_OK && i < listing->slice.n && !listing->full; i++) {
        listing_add(listing, "workbooks", items[i].id, items[i].name, items[i].description);
    }
    return code;
}


/* With what tells a view from its namesakes in other workbooks. */
static lookout_str_t
view_description(const lookout_call_t *call, const lookout_view_t *view)
{
    return lookout_arena_printf(
        call->arena, "%.*s%s(%.*s in %.*s, over %.*s)", LOOKOUT_STR_ARG(view->description),
        view->description.len == 0 ? "" : " ", LOOKOUT_STR_ARG(view->chart_type),
        LOOKOUT_STR_ARG(view->workbook_name), LOOKOUT_STR_ARG(view->datasource_name));
}


static lookout_code_e
slice_views(listing_t *listing)
{
    size_t i;
    lookout_view_t *items;
    lookout_call_t *call = listing->call;
    lookout_code_e code = lookout_catalog_views(listing->catalog, call->arena, &listing->list,
                                                &listing->slice, &items, &call->error);

    for (i = 0; code == LOOKOUT_OK && i < listing->slice.n && !listing->full; i++) {
        listing_add(listing, "views", items[i].id, items[i].name,
                    view_description(call, &items[i]));
    }
    return code;
}


static lookout_code_e
list_slices(lookout_call_t *call, lookout_code_e (*slice)(listing_t *listing))
{
    int64_t from;
    lookout_code_e code;
    listing_t listing = { .call = call, .slice = { .limit = SLICE } };

    code = lookout_session_catalog(call, &listing.catalog);
    if (code == LOOKOUT_OK) {
        code = lookout_resource_begin(call, lookout_catalog_version(listing.catalog), &from);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    listing.slice.offset = (uint32_t) from;
    do {
        code = slice(&listing);
        listing.slice.offset += (uint32_t) listing.slice.n;
    } while (code == LOOKOUT_OK && listing.slice.more && !listing.full);
    return code;
}


static lookout_code_e
list_datasources(lookout_call_t *call)
{
    return list_slices(call, slice_datasources);
}


static lookout_code_e
list_workbooks(lookout_call_t *call)
{
    return list_slices(call, slice_workbooks);
}


static lookout_code_e
list_views(lookout_call_t *call)
{
    return list_slices(call, slice_views);
}


/* ---- the table ---- */

static const lookout_argument_t datasource_variables[] = {
    { .name = "datasourceId",
      .description = "The datasource's id, or part of its name to search for.",
      .required = true,
      .complete = lookout_complete_datasource_id },
    { .name = NULL },
};

static const lookout_argument_t workbook_variables[] = {
    { .name = "workbookId",
      .description = "The workbook's id, or part of its name to search for.",
      .required = true,
      .complete = lookout_complete_workbook_id },
    { .name = NULL },
};

static const lookout_argument_t view_variables[] = {
    { .name = "viewId",
      .description = "The view's id, or part of its name to search for.",
      .required = true,
      .complete = lookout_complete_view_id },
    { .name = NULL },
};

/* Ids of jobs are not completed: to know one is to be allowed to read its file. */
static const lookout_argument_t render_variables[] = {
    { .name = "renderJobId",
      .description = "As create_view_render gave it.",
      .required = true },
    { .name = NULL },
};

static const lookout_argument_t export_variables[] = {
    { .name = "jobId", .description = "As export_view_csv gave it.", .required = true },
    { .name = NULL },
};

static const lookout_argument_t runbook_variables[] = {
    { .name = "code",
      .description = "A code, such as SCHEMA_DRIFT.",
      .required = true,
      .complete = lookout_complete_code },
    { .name = NULL },
};

static const char *const tags_datasources[] = { "datasources", NULL };
static const char *const tags_workbooks[] = { "workbooks", NULL };
static const char *const tags_views[] = { "views", NULL };
static const char *const tags_charts[] = { "views", "queries", NULL };
static const char *const tags_renders[] = { "views", "renders", NULL };
static const char *const tags_exports[] = { "views", "exports", NULL };

const lookout_resource_t lookout_resources[] = {
    {
        .uri = "lookout://runbook",
        .name = "runbook",
        .title = "Runbook of error codes",
        .description = "Every error and warning: what it means, what an agent does about it, "
                       "what the operator does, and whether it helps to call again.",
        .mime = "text/markdown",
        .access = { LOOKOUT_GET, NULL, false },
        .ttl_ms = LOOKOUT_TTL_DEPLOY,
        .shared = true,
        .read = lookout_read_runbook,
    },
    {
        .uri = LOOKOUT_CHART_APP_URI,
        .name = "chart",
        .title = "Interactive chart",
        .description = "The page in which hosts with MCP Apps show the rows of get_view and "
                       "query_view_data as a chart.",
        .mime = "text/html;profile=mcp-app",
        .meta = "{\"ui\":{\"prefersBorder\":true,\"csp\":{\"connectDomains\":[],"
                "\"resourceDomains\":[],\"frameDomains\":[],\"baseUriDomains\":[]}}}",
        .access = { LOOKOUT_GET, tags_charts, false },
        .ttl_ms = LOOKOUT_TTL_DEPLOY,
        .shared = true,
        .read = read_chart,
    },
    {
        .uri = "lookout://runbook/{code}",
        .name = "runbook-code",
        .title = "One error code",
        .description = "What the runbook says of one code.",
        .mime = "text/markdown",
        .variables = runbook_variables,
        .access = { LOOKOUT_GET, NULL, false },
        .ttl_ms = LOOKOUT_TTL_DEPLOY,
        .shared = true,
        .read = lookout_read_runbook_code,
    },
    {
        .uri = "lookout://datasources/{datasourceId}",
        .name = "datasource",
        .title = "Datasource",
        .description = "Its fields with types, roles and sample values, freshness and row "
                       "count, as get_datasource answers.",
        .mime = "application/json",
        .variables = datasource_variables,
        .access = { LOOKOUT_GET, tags_datasources, false },
        .ttl_ms = LOOKOUT_TTL_DATA,
        .read = read_datasource,
        .list = list_datasources,
    },
    {
        .uri = "lookout://workbooks/{workbookId}",
        .name = "workbook",
        .title = "Workbook",
        .description = "The workbook with all its views, as get_workbook answers.",
        .mime = "application/json",
        .variables = workbook_variables,
        .access = { LOOKOUT_GET, tags_workbooks, false },
        .ttl_ms = LOOKOUT_TTL_DATA,
        .read = read_workbook,
        .list = list_workbooks,
    },
    {
        .uri = "lookout://views/{viewId}",
        .name = "view",
        .title = "View",
        .description = "What the chart is made of, statistics of its columns and its first "
                       "rows, as get_view answers.",
        .mime = "application/json",
        .variables = view_variables,
        .access = { LOOKOUT_GET, tags_views, false },
        .ttl_ms = LOOKOUT_TTL_DATA,
        .read = read_view,
        .list = list_views,
    },
    {
        .uri = "lookout://renders/{renderJobId}",
        .name = "render",
        .title = "Picture of a view",
        .description = "The file of a finished render: a PNG as blob, an SVG as text.",
        .variables = render_variables,
        .access = { LOOKOUT_GET, tags_renders, false },
        .ttl_ms = LOOKOUT_TTL_DATA,
        .read = lookout_read_render,
    },
    {
        .uri = "lookout://exports/{jobId}",
        .name = "export",
        .title = "Rows of a view as CSV",
        .description = "The file of a finished export, up to 256 KB.",
        .mime = "text/csv",
        .variables = export_variables,
        .access = { LOOKOUT_GET, tags_exports, false },
        .ttl_ms = LOOKOUT_TTL_DATA,
        .read = lookout_read_export,
    },
    {
        .uri = "lookout://exports/{jobId}/manifest",
        .name = "export-manifest",
        .title = "Manifest of an export",
        .description = "Columns with types, filters, checksum and size of an export's file.",
        .mime = "application/json",
        .variables = export_variables,
        .access = { LOOKOUT_GET, tags_exports, false },
        .ttl_ms = LOOKOUT_TTL_DATA,
        .read = lookout_read_export_manifest,
    },
    { .name = NULL },
};
