/*
 * Rows into structs, in the order of the columns in statements.c, and the reads of one object
 * by its id.
 */

#include "../base/buf.h"
#include "objects.h"


void
lookout_reader_datasource(lookout_reader_t *reader, lookout_datasource_t *out)
{
    lookout_str_t file;
    lookout_catalog_t *catalog = reader->catalog;

    out->id = lookout_reader_text(reader, 0);
    out->name = lookout_reader_text(reader, 1);
    out->description = lookout_reader_text(reader, 2);
    out->connection_type = lookout_reader_text(reader, 3);
    out->online = lookout_str_is(lookout_reader_text(reader, 4), "online");
    out->last_refreshed_at = lookout_reader_int(reader, 5);
    out->freshness_sla_seconds = lookout_reader_int(reader, 6);
    out->row_count = lookout_reader_int(reader, 7);
    file = lookout_reader_text(reader, 8);
    out->field_count = lookout_reader_int(reader, 9);
    out->rows_limited = lookout_reader_int(reader, 10) != 0;

    out->extract_path =
        lookout_arena_printf(reader->arena, "%.*s%.*s", (int) catalog->folder_len,
                             catalog->path, LOOKOUT_STR_ARG(file));
    if (out->extract_path.data == NULL) {
        reader->code = lookout_fail_memory(reader->error);
    }
}


void
lookout_reader_workbook(lookout_reader_t *reader, lookout_workbook_t *out)
{
    out->id = lookout_reader_text(reader, 0);
    out->name = lookout_reader_text(reader, 1);
    out->description = lookout_reader_text(reader, 2);
    out->owner_name = lookout_reader_text(reader, 3);
    out->tags = lookout_reader_json(reader, 4, LOOKOUT_READER_STRINGS, out->id, "tags");
    out->updated_at = lookout_reader_int(reader, 5);
    out->view_count = lookout_reader_int(reader, 6);
}


void
lookout_reader_view(lookout_reader_t *reader, lookout_view_t *out)
{
    out->id = lookout_reader_text(reader, 0);
    out->name = lookout_reader_text(reader, 1);
    out->description = lookout_reader_text(reader, 2);
    out->chart_type = lookout_reader_text(reader, 3);
    out->updated_at = lookout_reader_int(reader, 4);
    out->workbook_id = lookout_reader_text(reader, 5);
    out->workbook_name = lookout_reader_text(reader, 6);
    out->datasource_id = lookout_reader_text(reader, 7);
    out->datasource_name = lookout_reader_text(reader, 8);
    out->datasource_online = lookout_str_is(lookout_reader_text(reader, 9), "online");
}


/* Sample values come from all rows, so where not all may be seen there are none. */
static void
read_field(lookout_reader_t *reader, const lookout_datasource_t *source, lookout_field_t *out)
{
    lookout_str_t datasource_id = source->id;

    out->name = lookout_reader_text(reader, 0);
    out->label = lookout_reader_text(reader, 1);
    out->nullable = lookout_reader_int(reader, 4) != 0;
    out->description = lookout_reader_text(reader, 5);
    if (source->rows_limited) {
        out->sample_values = LOOKOUT_STR("[]");
    } else {
        out->sample_values = lookout_reader_json(reader, 6, LOOKOUT_READER_SCALARS,
                                                 datasource_id, "field.sample_values");
        out->samples_complete = lookout_reader_int(reader, 7) != 0;
    }

    if (!lookout_type_parse(lookout_reader_text(reader, 2), &out->type)) {
        lookout_reader_broken(reader, datasource_id, "field.data_type");
    }
    if (!lookout_role_parse(lookout_reader_text(reader, 3), &out->role)) {
        lookout_reader_broken(reader, datasource_id, "field.semantic_role");
    }
}


static lookout_code_e
read_fields(lookout_catalog_t *catalog, lookout_arena_t *arena, lookout_datasource_t *source,
            lookout_error_t *error)
{
    size_t n = 0;
    size_t cap = (size_t) source->field_count;
    lookout_field_t *items;
    lookout_reader_t reader;

    items = lookout_arena_alloc(arena, (cap + 1) * sizeof(*items));
    if (items == NULL) {
        return lookout_fail_memory(error);
    }

    lookout_reader_begin(&reader, catalog, LOOKOUT_STATEMENT_FIELDS, arena, error);
    lookout_reader_bind_text(&reader, ":id", source->id);

    while (n < cap && lookout_reader_next(&reader)) {
        read_field(&reader, source, &items[n++]);
    }

    source->fields = (lookout_fields_t){ items, n };
    return lookout_reader_end(&reader);
}


static lookout_code_e
not_found(lookout_arena_t *arena, lookout_error_t *error, lookout_code_e code, const char *kind,
          const char *key, lookout_str_t id)
{
    lookout_str_t details;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, key);
    lookout_json_str(&b, id);
    lookout_json_close(&b, '}');

    details = lookout_arena_copy(arena, lookout_buf_text(&b));
    lookout_buf_free(&b);

    return lookout_fail(arena, error, code, details,
                        "There is no %s with the id %.*s; it may have been deleted. Call "
                        "list_%ss to find the ids that exist.",
                        kind, LOOKOUT_STR_ARG(id), kind);
}


lookout_code_e
lookout_catalog_datasource(lookout_catalog_t *catalog, lookout_arena_t *arena, lookout_str_t id,
                           lookout_datasource_t *out, lookout_error_t *error)
{
    bool found;
    lookout_code_e code;
    lookout_reader_t reader;

    *out = (lookout_datasource_t){ 0 };

    lookout_reader_begin(&reader, catalog, LOOKOUT_STATEMENT_DATASOURCE, arena, error);
    lookout_reader_bind_text(&reader, ":id", id);

    found = lookout_reader_next(&reader);
    if (found) {
        lookout_reader_datasource(&reader, out);
    }

    code = lookout_reader_end(&reader);
    if (code != LOOKOUT_OK) {
        return code;
    }
    if (!found) {
        return not_found(arena, error, LOOKOUT_DATASOURCE_NOT_FOUND, "datasource",
                         "datasourceId", id);
    }

    return read_fields(catalog, arena, out, error);
}


lookout_code_e
lookout_catalog_workbook(lookout_catalog_t *catalog, lookout_arena_t *arena, lookout_str_t id,
                         lookout_workbook_t *out, lookout_error_t *error)
{
    bool found;
    lookout_code_e code;
    lookout_reader_t reader;

    *out = (lookout_workbook_t){ 0 };

    lookout_reader_begin(&reader, catalog, LOOKOUT_STATEMENT_WORKBOOK, arena, error);
    lookout_reader_bind_text(&reader, ":id", id);

    found = lookout_reader_next(&reader);
    if (found) {
        lookout_reader_workbook(&reader, out);
    }

    code = lookout_reader_end(&reader);
    if (code == LOOKOUT_OK && !found) {
        return not_found(arena, error, LOOKOUT_WORKBOOK_NOT_FOUND, "workbook", "workbookId",
                         id);
    }
    return code;
}


lookout_code_e
lookout_catalog_view(lookout_catalog_t *catalog, lookout_arena_t *arena, lookout_str_t id,
                     lookout_view_t *out, lookout_error_t *error)
{
    bool found;
    lookout_code_e code;
    lookout_reader_t reader;

    *out = (lookout_view_t){ 0 };

    lookout_reader_begin(&reader, catalog, LOOKOUT_STATEMENT_VIEW, arena, error);
    lookout_reader_bind_text(&reader, ":id", id);

    found = lookout_reader_next(&reader);
    if (found) {
        lookout_reader_view(&reader, out);
        out->encoding =
            lookout_reader_json(&reader, 10, LOOKOUT_READER_OBJECT, out->id, "encoding");
        out->saved_filters =
            lookout_reader_json(&reader, 11, LOOKOUT_READER_OBJECTS, out->id, "saved_filters");
    }

    code = lookout_reader_end(&reader);
    if (code == LOOKOUT_OK && !found) {
        return not_found(arena, error, LOOKOUT_VIEW_NOT_FOUND, "view", "viewId", id);
    }
    return code;
}
