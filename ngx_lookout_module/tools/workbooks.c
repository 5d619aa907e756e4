/*
 * The workbook tools: collections of views, as people have put them together.
 */

#include "../base/clock.h"
#include "envelope.h"
#include "families.h"
#include "lists.h"


static void
workbook_item(lookout_buf_t *b, const lookout_workbook_t *workbook)
{
    lookout_json_key(b, "id");
    lookout_json_str(b, workbook->id);
    lookout_json_key(b, "name");
    lookout_json_str(b, workbook->name);
    lookout_json_key(b, "description");
    lookout_json_str(b, workbook->description);
    lookout_json_key(b, "ownerName");
    lookout_json_str(b, workbook->owner_name);
    lookout_json_key(b, "tags");
    lookout_json_raw(b, workbook->tags);
    lookout_json_key(b, "viewCount");
    lookout_json_int(b, workbook->view_count);
    lookout_json_key(b, "updatedAt");
    lookout_envelope_time(b, workbook->updated_at);
}


lookout_code_e
lookout_list_workbooks(lookout_call_t *call)
{
    size_t i;
    lookout_str_t after;
    lookout_code_e code;
    lookout_list_t list = { 0 };
    lookout_listing_t listing;
    lookout_workbook_t *items;

    code = lookout_listing_begin(&listing, call);
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_listing_filters(&listing, &list);
    after = lookout_arg_str(call, "updatedAfter");
    list.has_updated_after =
        after.data != NULL && lookout_iso8601_parse(after, &list.updated_after);

    code = lookout_catalog_workbooks(listing.catalog, call->arena, &list, &listing.slice,
                                     &items, &call->error);
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_listing_open(&listing);
    while (lookout_listing_next(&listing, &i)) {
        lookout_json_open(call->out, '{');
        workbook_item(call->out, &items[i]);
        lookout_json_close(call->out, '}');
    }
    return lookout_listing_end(&listing);
}


static void
view_summary(lookout_buf_t *b, const lookout_view_t *view)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "id");
    lookout_json_str(b, view->id);
    lookout_json_key(b, "name");
    lookout_json_str(b, view->name);
    lookout_json_key(b, "chartType");
    lookout_json_str(b, view->chart_type);
    lookout_json_key(b, "datasourceId");
    lookout_json_str(b, view->datasource_id);
    lookout_json_close(b, '}');
}


lookout_code_e
lookout_get_workbook(lookout_call_t *call)
{
    size_t i;
    size_t n;
    lookout_code_e code;
    lookout_buf_t *b = call->out;
    lookout_view_t *views;
    lookout_catalog_t *catalog;
    lookout_workbook_t workbook;

    code = lookout_session_catalog(call, &catalog);
    if (code == LOOKOUT_OK) {
        code = lookout_catalog_workbook(
            catalog, call->arena, lookout_arg_str(call, "workbookId"), &workbook, &call->error);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_catalog_workbook_views(catalog, call->arena, workbook.id, &views, &n,
                                              &call->error);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_json_open(b, '{');
    workbook_item(b, &workbook);

    lookout_json_key(b, "views");
    lookout_json_open(b, '[');
    for (i = 0; i < n; i++) {
        view_summary(b, &views[i]);
    }
    lookout_json_close(b, ']');

    lookout_json_key(b, "warnings");
    lookout_json_open(b, '[');
    lookout_json_close(b, ']');
    lookout_json_close(b, '}');

    return lookout_envelope_finish(call, "Page through its views with list_views and its id as "
                                         "workbookId.");
}
