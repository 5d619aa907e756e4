/*
 * Stepping the catalogue's statements, and what their failures mean to the caller: the watch
 * stopped it, memory ran out, the file is damaged, or a row holds what cannot be shown. What is
 * wrong with the file goes to db.why for the log; the caller of a tool is told only that
 * the operator has to look.
 */

#include <stdio.h>

#include "../base/buf.h"
#include "../base/json.h"
#include "reader.h"


static lookout_code_e
reader_stopped(lookout_reader_t *reader)
{
    lookout_stop_e why;

    why = reader->catalog->watch == NULL ? LOOKOUT_STOP_NONE : reader->catalog->watch->stopped;

    switch (why) {
    case LOOKOUT_STOP_SLICE:
        return LOOKOUT_NEEDS_THREAD;

    case LOOKOUT_STOP_CANCELLED:
        return LOOKOUT_CANCELLED;

    case LOOKOUT_STOP_MEMORY:
        return lookout_fail_memory(reader->error);

    case LOOKOUT_STOP_DEADLINE:
    case LOOKOUT_STOP_NONE:
        break;
    }

    return lookout_fail(reader->arena, reader->error, LOOKOUT_QUERY_TIMEOUT, LOOKOUT_STR_NONE,
                        "Looking this up in the catalogue took too long; ask again, with "
                        "narrower filters or a smaller pageSize.");
}


static void
reader_fail(lookout_reader_t *reader, int rc)
{
    lookout_catalog_t *catalog = reader->catalog;

    if (rc == SQLITE_INTERRUPT) {
        reader->code = reader_stopped(reader);
        return;
    }

    if (rc == SQLITE_NOMEM) {
        reader->code = lookout_fail_memory(reader->error);
        return;
    }

    (void) snprintf(catalog->db.why, sizeof(catalog->db.why), "%s cannot be read: %s",
                    catalog->path, sqlite3_errmsg(catalog->db.sql));

    reader->code = lookout_reader_unreadable(reader->arena, reader->error);
}


lookout_code_e
lookout_reader_unreadable(lookout_arena_t *arena, lookout_error_t *error)
{
    return lookout_fail(arena, error, LOOKOUT_INTERNAL_ERROR,
                        LOOKOUT_STR("{\"reason\":\"catalogue_unreadable\"}"),
                        "The catalogue cannot be read at the moment; the operator has to look "
                        "at the server's log. It may help to ask again in a minute.");
}


static int
reader_parameter(const lookout_reader_t *reader, const char *name)
{
    return reader->code == LOOKOUT_OK ? sqlite3_bind_parameter_index(reader->stmt, name) : 0;
}


void
lookout_reader_bind_text(lookout_reader_t *reader, const char *name, lookout_str_t value)
{
    int rc;
    int index = value.data == NULL ? 0 : reader_parameter(reader, name);

    if (index == 0) {
        return;
    }

    rc = sqlite3_bind_text64(reader->stmt, index, value.data, value.len, SQLITE_STATIC,
                             SQLITE_UTF8);
    if (rc != SQLITE_OK) {
        reader_fail(reader, rc);
    }
}


void
lookout_reader_bind_int(lookout_reader_t *reader, const char *name, int64_t value)
{
    int rc;
    int index = reader_parameter(reader, name);

    if (index == 0) {
        return;
    }

    rc = sqlite3_bind_int64(reader->stmt, index, value);
    if (rc != SQLITE_OK) {
        reader_fail(reader, rc);
    }
}


void
lookout_reader_begin(lookout_reader_t *reader, lookout_catalog_t *catalog,
                     lookout_statement_e statement, lookout_arena_t *arena,
                     lookout_error_t *error)
{
    reader->catalog = catalog;
    reader->arena = arena;
    reader->error = error;
    reader->stmt = catalog->statements[statement];
    reader->code = LOOKOUT_OK;

    lookout_reader_bind_text(reader, ":in_datasources", catalog->visible.datasources);
    lookout_reader_bind_text(reader, ":in_workbooks", catalog->visible.workbooks);
    lookout_reader_bind_text(reader, ":in_tags", catalog->visible.workbook_tags);
    lookout_reader_bind_text(reader, ":in_fields", catalog->visible.fields);
    lookout_reader_bind_text(reader, ":row_limited", catalog->visible.row_limited);
}


bool
lookout_reader_next(lookout_reader_t *reader)
{
    int rc;

    if (reader->code != LOOKOUT_OK) {
        return false;
    }

    rc = sqlite3_step(reader->stmt);

    if (rc == SQLITE_ROW) {
        return true;
    }
    if (rc != SQLITE_DONE) {
        reader_fail(reader, rc);
    }
    return false;
}


lookout_str_t
lookout_reader_text(lookout_reader_t *reader, int column)
{
    lookout_str_t text;
    lookout_str_t copy;

    text.data = (const char *) sqlite3_column_text(reader->stmt, column);
    text.len = (size_t) sqlite3_column_bytes(reader->stmt, column);

    copy = lookout_arena_copy(reader->arena, text.data == NULL ? LOOKOUT_STR("") : text);
    if (copy.data == NULL) {
        reader->code = lookout_fail_memory(reader->error);
        return LOOKOUT_STR("");
    }
    return copy;
}


int64_t
lookout_reader_int(const lookout_reader_t *reader, int column)
{
    return sqlite3_column_int64(reader->stmt, column);
}


static bool
reader_shape_fits(const cJSON *value, lookout_reader_json_e shape)
{
    const cJSON *item;

    if (shape == LOOKOUT_READER_OBJECT) {
        return cJSON_IsObject(value);
    }
    if (!cJSON_IsArray(value)) {
        return false;
    }

    cJSON_ArrayForEach(item, value)
    {
        if ((shape == LOOKOUT_READER_STRINGS && !cJSON_IsString(item))
            || (shape == LOOKOUT_READER_OBJECTS && !cJSON_IsObject(item))
            || (shape == LOOKOUT_READER_SCALARS
                && (cJSON_IsObject(item) || cJSON_IsArray(item)))) {
            return false;
        }
    }
    return true;
}


lookout_str_t
lookout_reader_json(lookout_reader_t *reader, int column, lookout_reader_json_e shape,
                    lookout_str_t id, const char *column_name)
{
    lookout_str_t text;
    const cJSON *value;
    lookout_json_error_t problem;

    text = lookout_reader_text(reader, column);
    if (reader->code != LOOKOUT_OK) {
        return text;
    }

    if (shape != LOOKOUT_READER_OBJECT && lookout_str_is(text, "[]")) {
        return text;
    }

    value = lookout_json_parse(reader->arena, text, &problem);
    if (value == NULL || !reader_shape_fits(value, shape)) {
        lookout_reader_broken(reader, id, column_name);
    }
    return text;
}


void
lookout_reader_broken(lookout_reader_t *reader, lookout_str_t id, const char *column_name)
{
    lookout_str_t details;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "reason");
    lookout_json_cstr(&b, "catalogue_row_broken");
    lookout_json_key(&b, "object");
    lookout_json_str(&b, id);
    lookout_json_key(&b, "column");
    lookout_json_cstr(&b, column_name);
    lookout_json_close(&b, '}');

    details = lookout_arena_copy(reader->arena, lookout_buf_text(&b));
    lookout_buf_free(&b);

    (void) snprintf(reader->catalog->db.why, sizeof(reader->catalog->db.why),
                    "%s: the column %s of %.*s does not hold what the schema says",
                    reader->catalog->path, column_name, LOOKOUT_STR_ARG(id));

    reader->code = lookout_fail(
        reader->arena, reader->error, LOOKOUT_INTERNAL_ERROR, details,
        "The catalogue's entry for %.*s is damaged (%s), so it cannot be shown; the operator "
        "has to mend the catalogue. Other objects can still be used.",
        LOOKOUT_STR_ARG(id), column_name);
}


lookout_code_e
lookout_reader_end(lookout_reader_t *reader)
{
    sqlite3_reset(reader->stmt);
    sqlite3_clear_bindings(reader->stmt);

    return reader->code;
}
