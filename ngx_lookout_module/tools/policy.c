/*
 * From a scope to what the catalogue and the extracts are limited by.
 *
 * The filters of a scope are kept as the operator wrote them. They are read anew for each call:
 * the fields that they name, and the types of these, are the datasource's of today.
 */

#include "policy.h"

#include "../access/scope.h"
#include "../base/digest.h"
#include "../query/extract.h"

#define DATASOURCE "datasourceId" /* the member that a filter of a scope has beside a call's */


static const lookout_scope_t *
scope_of(const lookout_call_t *call)
{
    return call->scope != NULL ? call->scope : &lookout_scope_open;
}


bool
lookout_policy_limits(const lookout_call_t *call)
{
    return lookout_scope_limits_data(scope_of(call));
}


/* A list of the scope as a JSON array; {NULL, 0} when it limits nothing. False without memory.
 * */
static bool
list_text(lookout_arena_t *arena, lookout_scope_list_t list, lookout_str_t *text)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    *text = LOOKOUT_STR_NONE;
    if (list.n == 0) {
        return true;
    }
    lookout_json_open(&b, '[');
    for (size_t i = 0; i < list.n; i++) {
        lookout_json_str(&b, list.items[i]);
    }
    lookout_json_close(&b, ']');
    *text = lookout_details(arena, &b);
    return text->data != NULL;
}


/* The scope's filters as a tree of the call's own: an array of objects with a field, and
 * perhaps a datasource. NULL: there are none, or the code says why not. */
static lookout_code_e
read_filters(lookout_call_t *call, cJSON **filters)
{
    lookout_str_t text = scope_of(call)->filters;
    lookout_json_error_t problem;
    const cJSON *item, *source;

    *filters = NULL;
    if (text.data == NULL) {
        return LOOKOUT_OK;
    }
    *filters = lookout_json_parse(call->arena, text, &problem);
    if (!cJSON_IsArray(*filters)) {
        return lookout_extract_unfit(call->arena, &call->error);
    }
    cJSON_ArrayForEach(item, *filters)
    {
        source = lookout_json_get(item, DATASOURCE);
        if (!cJSON_IsString(lookout_json_get(item, "field"))
            || (source != NULL && !cJSON_IsString(source))) {
            return lookout_extract_unfit(call->arena, &call->error);
        }
    }
    return LOOKOUT_OK;
}


/* What the filters limit: the fields that every source must have, and single sources. */
static bool
limited_by(lookout_arena_t *arena, const cJSON *filters, lookout_visible_t *visible)
{
    lookout_buf_t fields = LOOKOUT_BUF_INIT, sources = LOOKOUT_BUF_INIT;
    const cJSON *item, *source;
    bool any_field = false, any_source = false;

    lookout_json_open(&fields, '[');
    lookout_json_open(&sources, '[');
    cJSON_ArrayForEach(item, filters)
    {
        source = lookout_json_get(item, DATASOURCE);
        if (source != NULL) {
            lookout_json_cstr(&sources, source->valuestring);
            any_source = true;
        } else {
            lookout_json_cstr(&fields, lookout_json_get(item, "field")->valuestring);
            any_field = true;
        }
    }
    lookout_json_close(&fields, ']');
    lookout_json_close(&sources, ']');
    visible->fields = lookout_details(arena, &fields);
    visible->row_limited = lookout_details(arena, &sources);
    if (visible->fields.data == NULL || visible->row_limited.data == NULL) {
        return false;
    }
    visible->fields = any_field ? visible->fields : LOOKOUT_STR_NONE;
    visible->row_limited = any_source ? visible->row_limited : LOOKOUT_STR_NONE;
    return true;
}


lookout_code_e
lookout_policy_visible(lookout_call_t *call, lookout_visible_t *visible)
{
    const lookout_scope_t *scope = scope_of(call);
    lookout_code_e code;
    cJSON *filters;

    *visible = (lookout_visible_t){ 0 };
    if (!lookout_scope_limits_data(scope)) {
        return LOOKOUT_OK;
    }
    code = read_filters(call, &filters);
    if (code != LOOKOUT_OK) {
        return code;
    }
    return list_text(call->arena, scope->datasources, &visible->datasources)
                   && list_text(call->arena, scope->workbooks, &visible->workbooks)
                   && list_text(call->arena, scope->workbook_tags, &visible->workbook_tags)
                   && limited_by(call->arena, filters, visible)
               ? LOOKOUT_OK
               : lookout_fail_memory(&call->error);
}


/* Leaves in the tree what applies to the datasource, as filters of a call. */
static void
keep_of_source(cJSON *filters, lookout_str_t id)
{
    cJSON *item, *next, *source;

    for (item = filters->child; item != NULL; item = next) {
        next = item->next;
        source = lookout_json_get(item, DATASOURCE);
        if (source != NULL && !lookout_str_is(id, source->valuestring)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(filters, item));
        } else if (source != NULL) {
            cJSON_Delete(cJSON_DetachItemViaPointer(item, source));
        }
    }
}


lookout_code_e
lookout_policy_filters(lookout_call_t *call, const lookout_datasource_t *source,
                       lookout_filters_t *filters)
{
    lookout_code_e code;
    cJSON *array;

    *filters = (lookout_filters_t){ NULL, 0 };
    code = read_filters(call, &array);
    if (code != LOOKOUT_OK || array == NULL) {
        return code;
    }
    keep_of_source(array, source->id);
    code = lookout_filters_parse(call->arena, array, source->fields, filters, &call->error);
    if (code == LOOKOUT_INVALID_FILTER) {
        return lookout_extract_unfit(call->arena, &call->error);
    }
    return code == LOOKOUT_OK ? lookout_filters_and(
               call->arena, *filters, (lookout_filters_t){ NULL, 0 }, filters, &call->error)
                              : code;
}


lookout_str_t
lookout_policy_name(lookout_arena_t *arena, lookout_filters_t filters)
{
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    if (filters.n == 0) {
        return LOOKOUT_STR("");
    }
    lookout_filters_json(filters, &b);
    if (!b.failed) {
        lookout_sha256(lookout_buf_text(&b), digest);
        lookout_buf_reset(&b);
        lookout_base64url(&b, digest, sizeof(digest));
    }
    return lookout_details(arena, &b);
}
