/*
 * The datasource tools: what can be queried, what its fields are, and SQL over it.
 */

#include "../base/clock.h"
#include "../query/gate.h"
#include "envelope.h"
#include "families.h"
#include "lists.h"
#include "policy.h"
#include "results.h"
#include "samples.h"


/* The members that a datasource has in lists and alone. */
static void
datasource_item(lookout_buf_t *b, const lookout_datasource_t *source)
{
    lookout_json_key(b, "id");
    lookout_json_str(b, source->id);
    lookout_json_key(b, "name");
    lookout_json_str(b, source->name);
    lookout_json_key(b, "connectionType");
    lookout_json_str(b, source->connection_type);
    lookout_json_key(b, "status");
    lookout_json_cstr(b, source->online ? "online" : "offline");
    lookout_json_key(b, "lastRefreshedAt");
    lookout_envelope_time(b, source->last_refreshed_at);
    lookout_json_key(b, "fieldCount");
    lookout_json_int(b, source->field_count);
}


lookout_code_e
lookout_list_datasources(lookout_call_t *call)
{
    size_t i;
    lookout_code_e code;
    lookout_list_t list = { 0 };
    lookout_listing_t listing;
    lookout_datasource_t *items;

    code = lookout_listing_begin(&listing, call);
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_listing_filters(&listing, &list);
    list.connection_type = lookout_arg_str(call, "connectionType");

    code = lookout_catalog_datasources(listing.catalog, call->arena, &list, &listing.slice,
                                       &items, &call->error);
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_listing_open(&listing);
    while (lookout_listing_next(&listing, &i)) {
        lookout_json_open(call->out, '{');
        datasource_item(call->out, &items[i]);
        lookout_json_close(call->out, '}');
    }
    return lookout_listing_end(&listing);
}


static void
field_json(lookout_buf_t *b, const lookout_field_t *field, lookout_str_t samples)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "name");
    lookout_json_str(b, field->name);
    lookout_json_key(b, "label");
    lookout_json_str(b, field->label);
    lookout_json_key(b, "dataType");
    lookout_json_cstr(b, lookout_type_name(field->type));
    lookout_json_key(b, "semanticRole");
    lookout_json_cstr(b, lookout_role_name(field->role));
    lookout_json_key(b, "nullable");
    lookout_json_bool(b, field->nullable);
    lookout_json_key(b, "description");
    lookout_json_str(b, field->description);
    lookout_json_key(b, "sampleValues");
    lookout_json_raw(b, samples);
    lookout_json_close(b, '}');
}


/* What follows from the datasource's rows: of all, or of those that the call's scope shows. */
static void
rows_json(lookout_buf_t *b, const lookout_datasource_t *source,
          const lookout_samples_t *samples)
{
    size_t i;
    const lookout_field_t *field;

    lookout_json_key(b, "rowCount");
    if (!source->rows_limited) {
        lookout_json_int(b, source->row_count);
    } else if (samples->known) {
        lookout_json_int(b, samples->row_count);
    } else {
        lookout_json_null(b);
    }
    if (source->rows_limited) {
        lookout_json_key(b, "appliedFilters");
        lookout_filters_json(samples->limits, b);
    }

    lookout_json_key(b, "fields");
    lookout_json_open(b, '[');
    for (i = 0; i < source->fields.n; i++) {
        field = &source->fields.items[i];
        field_json(b, field, samples->known ? samples->values[i] : field->sample_values);
    }
    lookout_json_close(b, ']');
}


lookout_code_e
lookout_get_datasource(lookout_call_t *call)
{
    int64_t now = lookout_now();
    lookout_code_e code;
    lookout_buf_t *b = call->out;
    lookout_catalog_t *catalog;
    lookout_datasource_t source;
    lookout_samples_t samples = { .known = false };

    code = lookout_session_catalog(call, &catalog);
    if (code == LOOKOUT_OK) {
        code = lookout_catalog_datasource(
            catalog, call->arena, lookout_arg_str(call, "datasourceId"), &source, &call->error);
    }
    if (code == LOOKOUT_OK && source.rows_limited) {
        code = lookout_samples(call, &source, &samples);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_json_open(b, '{');
    datasource_item(b, &source);
    lookout_json_key(b, "description");
    lookout_json_str(b, source.description);
    lookout_json_key(b, "freshnessSlaSeconds");
    lookout_json_int(b, source.freshness_sla_seconds);
    rows_json(b, &source, &samples);

    lookout_json_key(b, "warnings");
    lookout_json_open(b, '[');
    lookout_warn_stale(b, &source, now);
    lookout_json_close(b, ']');
    lookout_json_close(b, '}');

    lookout_warnings_until(call, &source, now);
    return lookout_envelope_finish(
        call, "Ask query_datasource for SELECT * FROM data LIMIT 1 to see its columns.");
}


static lookout_code_e
query_run(lookout_call_t *call, lookout_answer_t *answer)
{
    bool clock;
    lookout_code_e code;
    sqlite3_stmt *stmt;
    lookout_extract_t *extract = answer->extract;

    code = lookout_gate_prepare(call->arena, extract, lookout_arg_str(call, "sql"), &stmt,
                                &clock, &call->error);
    if (code != LOOKOUT_OK) {
        return code;
    }

    /* An answer that depends on the time of day is good for this call only. */
    call->cacheable = call->cacheable && !clock;

    code = lookout_answer_rows(answer, stmt, (lookout_columns_t){ 0 });

    sqlite3_finalize(stmt);
    lookout_gate_leave(extract);
    return code;
}


lookout_code_e
lookout_query_datasource(lookout_call_t *call)
{
    static const lookout_result_limits_t limits = {
        .page = LOOKOUT_QUERY_PAGE,
        .row_cap = LOOKOUT_QUERY_PAGE_MAX,
        .cures = "select fewer columns or aggregate in SQL",
    };
    lookout_code_e code;
    lookout_answer_t answer;
    lookout_filters_t shown;
    lookout_catalog_t *catalog;
    lookout_extract_t *extract;
    lookout_datasource_t source;

    code = lookout_session_catalog(call, &catalog);
    if (code == LOOKOUT_OK) {
        code = lookout_catalog_datasource(
            catalog, call->arena, lookout_arg_str(call, "datasourceId"), &source, &call->error);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_session_extract(call, &source, &extract);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_policy_filters(call, &source, &shown);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_answer_begin(&answer, call, &source, extract,
                                    lookout_str(extract->version), &limits);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    if (lookout_session_heavy(call, &source)) {
        return LOOKOUT_NEEDS_THREAD;
    }

    lookout_answer_open(&answer, "datasourceId", source.id);
    if (shown.n != 0) {
        lookout_json_key(call->out, "appliedFilters");
        lookout_filters_json(shown, call->out);
    }
    return query_run(call, &answer);
}
