/*
 * From a view's id to its statement. A view can name fields that its datasource has lost, in
 * its encoding or in its saved filters: that is SCHEMA_DRIFT, found before anything runs. A
 * saved filter can also go wrong in other ways when the source changes; an override on the same
 * field replaces it, so it is only looked at when it applies.
 *
 * The row filters of the call's scope come on top of both, also where they are on the same
 * field. The extract is restricted to them anyway; among the view's filters they are shown, and
 * they make what is kept by them (files, above all) theirs.
 */

#include "view_query.h"

#include "../base/json.h"
#include "policy.h"

#define VIEW_FIELDS_MAX 64 /* that an encoding or the saved filters can name */


static void
drift_names(lookout_buf_t *b, const char *key, const lookout_str_t *names, size_t n)
{
    size_t i;

    lookout_json_key(b, key);
    lookout_json_open(b, '[');
    for (i = 0; i < n; i++) {
        lookout_json_str(b, names[i]);
    }
    lookout_json_close(b, ']');
}


static lookout_code_e
drift_fail(lookout_view_query_t *query, const lookout_str_t *missing, size_t n)
{
    size_t i;
    lookout_call_t *call = query->call;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t details;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "viewId");
    lookout_json_str(&b, query->view.id);
    drift_names(&b, "missingFields", missing, n);
    lookout_json_key(&b, "availableFields");
    lookout_json_open(&b, '[');
    for (i = 0; i < query->source.fields.n; i++) {
        lookout_json_str(&b, query->source.fields.items[i].name);
    }
    lookout_json_close(&b, ']');
    lookout_json_close(&b, '}');
    details = lookout_details(call->arena, &b);

    return lookout_call_fail(
        call, LOOKOUT_SCHEMA_DRIFT, details,
        "The view \"%.*s\" uses %s%.*s%s, which its datasource %.*s does not have any more, so "
        "it cannot be shown until its owner mends it. The data itself can still be queried: "
        "query_datasource with datasourceId %.*s and the fields in details.availableFields.",
        LOOKOUT_STR_ARG(query->view.name), n == 1 ? "the field " : "the fields ",
        LOOKOUT_STR_ARG(missing[0]), n == 1 ? "" : " and others",
        LOOKOUT_STR_ARG(query->source.name), LOOKOUT_STR_ARG(query->source.id));
}


/* Adds a name that the datasource lacks to the list, once. */
static size_t
drift_add(const lookout_view_query_t *query, lookout_str_t *missing, size_t n,
          lookout_str_t name)
{
    size_t i;

    if (lookout_fields_find(query->source.fields, name) != NULL) {
        return n;
    }

    for (i = 0; i < n; i++) {
        if (lookout_str_eq(missing[i], name)) {
            return n;
        }
    }

    missing[n] = name;
    return n + 1;
}


static lookout_code_e
drift_check(lookout_view_query_t *query, const cJSON *saved)
{
    size_t i;
    size_t n;
    size_t n_missing = 0;
    const cJSON *item;
    const cJSON *field;
    lookout_str_t names[VIEW_FIELDS_MAX];
    lookout_str_t missing[2 * VIEW_FIELDS_MAX];

    n = lookout_view_fields(query->encoding, names, VIEW_FIELDS_MAX);
    for (i = 0; i < n; i++) {
        n_missing = drift_add(query, missing, n_missing, names[i]);
    }

    cJSON_ArrayForEach(item, saved)
    {
        field = lookout_json_get(item, "field");
        if (cJSON_IsString(field) && n_missing < 2 * VIEW_FIELDS_MAX) {
            n_missing = drift_add(query, missing, n_missing, lookout_str(field->valuestring));
        }
    }

    return n_missing == 0 ? LOOKOUT_OK : drift_fail(query, missing, n_missing);
}


/* Puts viewId in front of the details of a drift that compiling found: a field that is there,
 * but of another type than the encoding needs. */
static void
drift_name_view(lookout_view_query_t *query)
{
    lookout_str_t *details = &query->call->error.details;

    if (details->len > 2) {
        *details = lookout_arena_printf(query->call->arena, "{\"viewId\":\"%.*s\",%.*s",
                                        LOOKOUT_STR_ARG(query->view.id), (int) details->len - 1,
                                        details->data + 1);
    }
}


static bool
is_overridden(const cJSON *saved, lookout_filters_t overrides)
{
    size_t i;
    const cJSON *field = lookout_json_get(saved, "field");

    for (i = 0; i < overrides.n; i++) {
        if (cJSON_IsString(field)
            && lookout_str_is(overrides.items[i].field->name, field->valuestring)) {
            return true;
        }
    }
    return false;
}


/* Takes the saved filters that are overridden out of the tree, which is the call's own. */
static void
drop_overridden(cJSON *saved, lookout_filters_t overrides)
{
    cJSON *next;
    cJSON *item;

    for (item = saved->child; item != NULL; item = next) {
        next = item->next;
        if (is_overridden(item, overrides)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(saved, item));
        }
    }
}


static lookout_code_e
resolve_filters(lookout_view_query_t *query, cJSON *saved_json, const cJSON *overrides_json)
{
    lookout_code_e code;
    lookout_filters_t saved;
    lookout_filters_t overrides;
    lookout_call_t *call = query->call;
    lookout_fields_t fields = query->source.fields;

    code = lookout_filters_parse(call->arena, overrides_json, fields, &overrides, &call->error);
    if (code != LOOKOUT_OK) {
        return code;
    }

    drop_overridden(saved_json, overrides);

    code = lookout_filters_parse(call->arena, saved_json, fields, &saved, &call->error);
    if (code == LOOKOUT_INVALID_FILTER) {
        return lookout_call_fail(
            call, code, call->error.details,
            "A filter that is saved with the view does not fit its datasource any more: %.*s "
            "Call query_view_data with a filterOverride on that field, which replaces it.",
            LOOKOUT_STR_ARG(call->error.message));
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    code = lookout_filters_merge(call->arena, saved, overrides, &query->asked, &call->error);
    query->filters = query->asked;
    if (code == LOOKOUT_OK && query->limits.n != 0) {
        code = lookout_filters_and(call->arena, query->asked, query->limits, &query->filters,
                                   &call->error);
    }
    return code;
}


lookout_code_e
lookout_view_query_open_as(lookout_view_query_t *query, lookout_call_t *call,
                           lookout_str_t view_id, const cJSON *overrides)
{
    cJSON *saved;
    lookout_code_e code;
    lookout_arena_t *arena = call->arena;
    lookout_catalog_t *catalog;
    lookout_json_error_t problem;

    *query = (lookout_view_query_t){ .call = call };

    code = lookout_session_catalog(call, &catalog);
    if (code == LOOKOUT_OK) {
        code = lookout_catalog_view(catalog, arena, view_id, &query->view, &call->error);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_catalog_datasource(catalog, arena, query->view.datasource_id,
                                          &query->source, &call->error);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_session_extract(call, &query->source, &query->extract);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_policy_filters(call, &query->source, &query->limits);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    /* The catalogue has checked that both are what they should be. */
    query->encoding = lookout_json_parse(arena, query->view.encoding, &problem);
    saved = lookout_json_parse(arena, query->view.saved_filters, &problem);
    query->version = lookout_arena_printf(arena, "%s\n%.*s\n%.*s", query->extract->version,
                                          LOOKOUT_STR_ARG(query->view.encoding),
                                          LOOKOUT_STR_ARG(query->view.saved_filters));
    if (query->encoding == NULL || saved == NULL || query->version.data == NULL) {
        return lookout_fail_memory(&call->error);
    }

    code = drift_check(query, saved);

    return code != LOOKOUT_OK ? code : resolve_filters(query, saved, overrides);
}


lookout_code_e
lookout_view_query_open(lookout_view_query_t *query, lookout_call_t *call)
{
    return lookout_view_query_open_as(query, call, lookout_arg_str(call, "viewId"),
                                      lookout_arg(call, "filterOverrides"));
}


lookout_code_e
lookout_view_query_prepare(lookout_view_query_t *query, sqlite3_stmt **stmt,
                           lookout_columns_t *columns)
{
    int rc;
    lookout_code_e code;
    lookout_sql_t sql;
    lookout_call_t *call = query->call;

    if (lookout_session_heavy(call, &query->source)) {
        return LOOKOUT_NEEDS_THREAD;
    }

    if (!lookout_sql_init(&sql, call->arena)) {
        return lookout_fail_memory(&call->error);
    }

    code = lookout_view_compile(call->arena, query->extract, query->encoding, query->asked,
                                &call->watch, &sql, columns, &call->error);
    if (code == LOOKOUT_SCHEMA_DRIFT) {
        drift_name_view(query);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    rc = lookout_sql_prepare(&sql, query->extract->db.sql, stmt);

    return rc == SQLITE_OK ? LOOKOUT_OK
                           : lookout_run_failed(call->arena, query->extract, rc, &call->watch,
                                                &call->error);
}
