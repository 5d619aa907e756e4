/*
 * Where rows come from. NAME.sql is a script: statements that prepare (temporary tables), then
 * one SELECT whose columns are the fields, by name, in any order. It runs in the maker, a
 * database in memory with the functions of seed_rows.c and the tables of shared.sql, and leaves
 * no trace there. A CSV file's header names the fields, in any order too.
 */

#include <stdio.h>
#include <string.h>

#include "seed.h"
#include "seed_extract.h"

typedef struct {
    lookout_seed_writer_t *writer;
    int columns[LOOKOUT_SEED_FIELDS_MAX]; /* of field i: its column */
    lookout_seed_value_t values[LOOKOUT_SEED_FIELDS_MAX];
    char rooms[LOOKOUT_SEED_FIELDS_MAX][32];
} row_t;


/* The line of the file where the maker's last error is, as near as SQLite can tell. */
static bool
fail_script(lookout_seed_t *seed, const char *file, const char *script, const char *statement)
{
    int offset = sqlite3_error_offset(seed->maker), line = 1;
    const char *end = statement + (offset < 0 ? 0 : offset);
    char path[32];

    /* Blank lines and comments before a statement belong to it; skip the blank ones. */
    while (offset < 0 && (*end == '\n' || *end == ' ')) {
        end++;
    }
    for (const char *at = script; at < end; at++) {
        line += *at == '\n';
    }
    snprintf(path, sizeof(path), "line %d", line);
    return lookout_seed_fail((lookout_seed_at_t){ file, path }, "%s",
                             sqlite3_errmsg(seed->maker));
}


/* Runs the script's statements up to the first that gives rows, which *rows then is. */
static bool
run_script(lookout_seed_t *seed, const char *file, const char *script, const char **rest,
           sqlite3_stmt **rows)
{
    const char *at = script, *next;
    sqlite3_stmt *stmt;

    *rows = NULL;
    for (; *at != '\0'; at = next) {
        if (sqlite3_prepare_v2(seed->maker, at, -1, &stmt, &next) != SQLITE_OK) {
            return fail_script(seed, file, script, at);
        }
        if (stmt != NULL && sqlite3_column_count(stmt) > 0) {
            *rows = stmt;
            *rest = next;
            return true;
        }
        if (stmt != NULL && sqlite3_step(stmt) != SQLITE_DONE) {
            sqlite3_finalize(stmt);
            return fail_script(seed, file, script, at);
        }
        sqlite3_finalize(stmt);
    }
    return true;
}


bool
lookout_seed_maker_open(lookout_seed_t *seed)
{
    const char *file = lookout_seed_path(seed, seed->folder, "shared.sql", ""), *rest;
    lookout_str_t script;
    sqlite3_stmt *rows = NULL;
    FILE *there;

    if (file == NULL) {
        return false;
    }
    if (sqlite3_open(":memory:", &seed->maker) != SQLITE_OK
        || !lookout_seed_functions(seed->maker, &seed->maker_seed)
        || sqlite3_exec(seed->maker, "PRAGMA temp_store = memory", NULL, NULL, NULL)
               != SQLITE_OK) {
        return lookout_seed_no_memory();
    }
    there = fopen(file, "rb");
    if (there == NULL) {
        return true;
    }
    fclose(there);
    seed->maker_seed = lookout_seed_hash("shared");
    if (!lookout_seed_file_read(seed, file, &script)
        || !run_script(seed, file, script.data, &rest, &rows)) {
        return false;
    }
    if (rows != NULL) {
        sqlite3_finalize(rows);
        return lookout_seed_fail(
            (lookout_seed_at_t){ file, NULL },
            "makes tables for the other files; a SELECT is of no use in it");
    }
    return true;
}


/* Which column holds which field; every one of both has to have its counterpart. */
static bool
map_columns(row_t *row, lookout_seed_at_t at, const char *const *names, size_t n)
{
    lookout_seed_source_t *source = row->writer->source;
    const lookout_fields_t fields = { source->fields, source->n_fields };

    for (size_t i = 0; i < fields.n; i++) {
        row->columns[i] = -1;
    }
    for (size_t column = 0; column < n; column++) {
        const lookout_field_t *field = lookout_fields_find(fields, lookout_str(names[column]));

        if (field == NULL) {
            return lookout_seed_fail(
                at, "the column \"%s\" is no field of %s%s", names[column], source->at.file,
                lookout_seed_field_hint(row->writer->seed, source, lookout_str(names[column])));
        }
        if (row->columns[field - fields.items] >= 0) {
            return lookout_seed_fail(at, "the column \"%s\" is there twice", names[column]);
        }
        row->columns[field - fields.items] = (int) column;
    }
    for (size_t i = 0; i < fields.n; i++) {
        if (row->columns[i] < 0) {
            return lookout_seed_fail(at,
                                     "the column \"%s\" is missing, which %s has as a field",
                                     fields.items[i].name.data, source->at.file);
        }
    }
    return true;
}


/* What SQL gave, as a value of the field's type. */
static bool
take_column(const lookout_field_t *field, sqlite3_stmt *rows, int column, char *room,
            lookout_seed_value_t *value, char *why)
{
    int kind = sqlite3_column_type(rows, column);

    value->kind = kind;
    if (kind == SQLITE_NULL) {
        snprintf(why, LOOKOUT_SEED_WHY, "NULL, though the field is not \"nullable\"");
        return field->nullable;
    }
    if (kind == SQLITE_INTEGER
        && (field->type == LOOKOUT_INTEGER || field->type == LOOKOUT_BOOLEAN)) {
        value->integer = sqlite3_column_int64(rows, column);
        snprintf(why, LOOKOUT_SEED_WHY, "%lld is not 0 or 1", (long long) value->integer);
        return field->type == LOOKOUT_INTEGER || (value->integer | 1) == 1;
    }
    if ((kind == SQLITE_FLOAT || kind == SQLITE_INTEGER) && field->type == LOOKOUT_FLOAT) {
        value->kind = SQLITE_FLOAT;
        value->real = sqlite3_column_double(rows, column);
        return true;
    }
    value->text = (lookout_str_t){ (const char *) sqlite3_column_text(rows, column),
                                   (size_t) sqlite3_column_bytes(rows, column) };
    return lookout_seed_value(field->type, value->text, room, value, why);
}


static bool
write_sql_rows(row_t *row, sqlite3_stmt *rows, const char *file)
{
    lookout_seed_source_t *source = row->writer->source;
    lookout_seed_at_t at = { file, NULL };
    char why[LOOKOUT_SEED_WHY];
    int rc;

    while ((rc = sqlite3_step(rows)) == SQLITE_ROW) {
        for (size_t i = 0; i < source->n_fields; i++) {
            if (!take_column(&source->fields[i], rows, row->columns[i], row->rooms[i],
                             &row->values[i], why)) {
                return lookout_seed_fail(at, "row %lld: %s: %s",
                                         (long long) source->row_count + 1,
                                         source->fields[i].name.data, why);
            }
        }
        if (!lookout_seed_write_row(row->writer, row->values)) {
            return false;
        }
    }
    return rc == SQLITE_DONE
           || lookout_seed_fail(at, "row %lld: %s", (long long) source->row_count + 1,
                                sqlite3_errmsg(row->writer->seed->maker));
}


static bool
sql_rows(row_t *row, const char *file, sqlite3_stmt *rows)
{
    const char *names[LOOKOUT_SEED_FIELDS_MAX];
    int n = sqlite3_column_count(rows);

    if (n > LOOKOUT_SEED_FIELDS_MAX) {
        return lookout_seed_fail((lookout_seed_at_t){ file, NULL }, "gives %d columns", n);
    }
    for (int i = 0; i < n; i++) {
        names[i] = sqlite3_column_name(rows, i);
    }
    return map_columns(row, (lookout_seed_at_t){ file, NULL }, names, (size_t) n)
           && write_sql_rows(row, rows, file);
}


bool
lookout_seed_rows_of_sql(lookout_seed_writer_t *writer)
{
    lookout_seed_t *seed = writer->seed;
    const char *file = writer->source->sql_file, *rest = "";
    row_t *row = lookout_arena_alloc(seed->arena, sizeof(*row));
    sqlite3_stmt *rows = NULL, *extra = NULL;
    lookout_str_t script;
    bool made;

    if (row == NULL) {
        return lookout_seed_no_memory();
    }
    row->writer = writer;
    seed->maker_seed = lookout_seed_hash(writer->source->slug);
    if (!lookout_seed_file_read(seed, file, &script)
        || sqlite3_exec(seed->maker, "SAVEPOINT script", NULL, NULL, NULL) != SQLITE_OK) {
        return false;
    }
    made = run_script(seed, file, script.data, &rest, &rows);
    if (made && rows == NULL) {
        made = lookout_seed_fail((lookout_seed_at_t){ file, NULL },
                                 "has no SELECT; it has to end in one that gives the rows");
    }
    made = made && sql_rows(row, file, rows);
    sqlite3_finalize(rows);
    if (made
        && (sqlite3_prepare_v2(seed->maker, rest, -1, &extra, NULL) != SQLITE_OK
            || extra != NULL)) {
        made = lookout_seed_fail((lookout_seed_at_t){ file, NULL },
                                 "goes on after the SELECT that gives the rows");
    }
    sqlite3_finalize(extra);
    return sqlite3_exec(seed->maker, "ROLLBACK TO script; RELEASE script", NULL, NULL, NULL)
               == SQLITE_OK
           && made;
}


/* A value that is not there is NULL; two quotes with nothing between are an empty text. */
static bool
take_value(const lookout_field_t *field, lookout_str_t text, bool quoted, char *room,
           lookout_seed_value_t *value, char *why)
{
    if (text.len == 0 && !(quoted && field->type == LOOKOUT_STRING)) {
        value->kind = SQLITE_NULL;
        snprintf(why, LOOKOUT_SEED_WHY, "nothing there, though the field is not \"nullable\"");
        return field->nullable;
    }
    return lookout_seed_value(field->type, text, room, value, why);
}


static bool
write_csv_rows(row_t *row, lookout_seed_csv_t *csv, size_t n_columns)
{
    lookout_seed_t *seed = row->writer->seed;
    lookout_seed_source_t *source = row->writer->source;
    char why[LOOKOUT_SEED_WHY];
    bool failed;

    while (lookout_seed_csv_row(csv, &failed)) {
        if (csv->n != n_columns) {
            return lookout_seed_fail(lookout_seed_csv_at(seed, csv),
                                     "has %zu values, but the header names %zu columns; a "
                                     "value that holds a \"%c\" needs double quotes around it",
                                     csv->n, n_columns, csv->separator);
        }
        for (size_t i = 0; i < source->n_fields; i++) {
            int column = row->columns[i];

            if (!take_value(&source->fields[i], csv->values[column], csv->quoted[column],
                            row->rooms[i], &row->values[i], why)) {
                return lookout_seed_fail(lookout_seed_csv_at(seed, csv), "%s: %s",
                                         source->fields[i].name.data, why);
            }
        }
        if (!lookout_seed_write_row(row->writer, row->values)) {
            return false;
        }
    }
    return !failed;
}


bool
lookout_seed_rows_of_csv(lookout_seed_writer_t *writer)
{
    lookout_seed_t *seed = writer->seed;
    row_t *row = lookout_arena_alloc(seed->arena, sizeof(*row));
    lookout_seed_csv_t csv;
    char **names = NULL;
    size_t n;
    bool failed = false;

    if (row == NULL) {
        return lookout_seed_no_memory();
    }
    row->writer = writer;
    if (!lookout_seed_csv_open(seed, writer->source->csv_file, &csv)) {
        return false;
    }
    if (!lookout_seed_csv_row(&csv, &failed)) {
        return failed ? false
                      : lookout_seed_fail((lookout_seed_at_t){ csv.file, NULL },
                                          "is empty; its first line has to name the columns");
    }
    n = csv.n;
    return lookout_seed_csv_names(seed, &csv, &names)
           && map_columns(row, lookout_seed_csv_at(seed, &csv), (const char *const *) names, n)
           && write_csv_rows(row, &csv, n);
}
