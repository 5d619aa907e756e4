/*
 * An extract: a datasource's rows, from its SQL or its CSV file, in a database of its own with
 * one STRICT table, the indexes its views want, and a version: a checksum of the content.
 *
 * It is built in a private temporary database and written aside by VACUUM INTO, so the file is
 * compact and depends on nothing but the rows and the indexes: two runs give the same bytes.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "../ngx_lookout_module/base/buf.h"
#include "../ngx_lookout_module/base/json.h"
#include "../ngx_lookout_module/query/extract.h"
#include "../ngx_lookout_module/query/view.h"
#include "seed.h"
#include "seed_extract.h"

#define PAGE_SIZE "8192"  /* as fast to scan as larger ones, and less to read for a lookup */
#define INDEXED_ROWS 5000 /* smaller extracts are scanned faster than they are looked up */
#define INDEXES_MAX 8     /* an extract; each costs about 3 MB per 100,000 rows */
#define INDEX_CANDIDATES_MAX 500

typedef struct {
    lookout_str_t columns; /* what stands between the parentheses of CREATE INDEX */
    int views;             /* that want it */
    size_t place;          /* in the order of the views */
} index_t;

typedef struct {
    lookout_seed_t *seed;
    lookout_seed_source_t *source;
    index_t items[INDEX_CANDIDATES_MAX];
    size_t n;
} indexes_t;


static bool
fail_sql(const lookout_seed_writer_t *writer)
{
    return lookout_seed_fail(writer->source->at, "the extract could not be made: %s",
                             sqlite3_errmsg(writer->db));
}


static bool
execute(lookout_seed_writer_t *writer, const char *sql)
{
    return sqlite3_exec(writer->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail_sql(writer);
}


static const char *
column_type(lookout_type_e type)
{
    switch (type) {
    case LOOKOUT_INTEGER:
    case LOOKOUT_BOOLEAN:
        return "INTEGER";
    case LOOKOUT_FLOAT:
        return "REAL";
    default:
        return "TEXT";
    }
}


/* Field names are snake_case, but may be SQL's own words: they are always quoted. */
static bool
create_table(lookout_seed_writer_t *writer)
{
    const lookout_seed_source_t *source = writer->source;
    lookout_buf_t sql = LOOKOUT_BUF_INIT;
    bool created;

    lookout_buf_puts(&sql, "CREATE TABLE " LOOKOUT_EXTRACT_TABLE " (");
    for (size_t i = 0; i < source->n_fields; i++) {
        lookout_buf_printf(&sql, "%s\"%s\" %s%s", i == 0 ? "" : ", ",
                           source->fields[i].name.data, column_type(source->fields[i].type),
                           source->fields[i].nullable ? "" : " NOT NULL");
    }
    lookout_buf_puts(&sql, ") STRICT");
    lookout_buf_putc(&sql, '\0');
    created = !sql.failed && execute(writer, sql.data)
              && EVP_DigestUpdate(writer->digest, sql.data, sql.len) == 1;
    lookout_buf_reset(&sql);
    lookout_buf_puts(&sql, "INSERT INTO " LOOKOUT_EXTRACT_TABLE " VALUES (?");
    for (size_t i = 1; i < source->n_fields; i++) {
        lookout_buf_puts(&sql, ", ?");
    }
    lookout_buf_puts(&sql, ")");
    created = created && !sql.failed
              && (sqlite3_prepare_v2(writer->db, sql.data, (int) sql.len, &writer->insert, NULL)
                      == SQLITE_OK
                  || fail_sql(writer));
    lookout_buf_free(&sql);
    return created;
}


static bool
open_writer(lookout_seed_writer_t *writer)
{
    if (sqlite3_open("", &writer->db) != SQLITE_OK) {
        return fail_sql(writer);
    }
    writer->digest = EVP_MD_CTX_new();
    if (writer->digest == NULL || EVP_DigestInit_ex(writer->digest, EVP_sha256(), NULL) != 1) {
        return lookout_seed_no_memory();
    }
    return execute(writer, "PRAGMA page_size = " PAGE_SIZE ";"
                           "PRAGMA journal_mode = off;"
                           "PRAGMA synchronous = off;"
                           "PRAGMA cache_size = -131072;")
           && create_table(writer);
}


static void
close_writer(lookout_seed_writer_t *writer)
{
    sqlite3_finalize(writer->insert);
    sqlite3_close(writer->db);
    EVP_MD_CTX_free(writer->digest);
    lookout_buf_free(&writer->row);
}


static void
hash_value(lookout_buf_t *row, const lookout_seed_value_t *value)
{
    uint64_t len = value->text.len;

    lookout_buf_putc(row, (char) value->kind);
    switch (value->kind) {
    case SQLITE_INTEGER:
        lookout_buf_add(row, (const char *) &value->integer, sizeof(value->integer));
        break;
    case SQLITE_FLOAT:
        lookout_buf_add(row, (const char *) &value->real, sizeof(value->real));
        break;
    case SQLITE_TEXT:
        lookout_buf_add(row, (const char *) &len, sizeof(len));
        lookout_buf_str(row, value->text);
        break;
    default:
        break;
    }
}


static int
bind_value(sqlite3_stmt *stmt, int i, const lookout_seed_value_t *value)
{
    switch (value->kind) {
    case SQLITE_INTEGER:
        return sqlite3_bind_int64(stmt, i, value->integer);
    case SQLITE_FLOAT:
        return sqlite3_bind_double(stmt, i, value->real);
    case SQLITE_TEXT:
        return sqlite3_bind_text64(stmt, i, value->text.data, value->text.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    default:
        return sqlite3_bind_null(stmt, i);
    }
}


bool
lookout_seed_write_row(lookout_seed_writer_t *writer, const lookout_seed_value_t *values)
{
    lookout_buf_reset(&writer->row);
    for (size_t i = 0; i < writer->source->n_fields; i++) {
        hash_value(&writer->row, &values[i]);
        if (bind_value(writer->insert, (int) i + 1, &values[i]) != SQLITE_OK) {
            return fail_sql(writer);
        }
    }
    if (writer->row.failed
        || EVP_DigestUpdate(writer->digest, writer->row.data, writer->row.len) != 1) {
        return lookout_seed_no_memory();
    }
    if (sqlite3_step(writer->insert) != SQLITE_DONE) {
        return fail_sql(writer);
    }
    sqlite3_reset(writer->insert);
    writer->source->row_count++;
    return true;
}


/* Is a the beginning of b, column by column? */
static bool
begins(lookout_str_t b, lookout_str_t a)
{
    return a.len <= b.len && memcmp(a.data, b.data, a.len) == 0
           && (a.len == b.len || b.data[a.len] == ',');
}


/* Does the index hold what the view's saved filters ask for? If not, it does not cover it. */
static bool
covers_filters(lookout_str_t columns, const lookout_seed_view_t *view)
{
    const cJSON *filter;
    char quoted[80];

    cJSON_ArrayForEach(filter, view->filters)
    {
        snprintf(quoted, sizeof(quoted), "\"%s\"",
                 lookout_json_get(filter, "field")->valuestring);
        if (strstr(columns.data, quoted) == NULL) {
            return false;
        }
    }
    return true;
}


/* Takes the view's index up, unless one that is there serves as well. */
static bool
add_index(lookout_seed_view_t *view, void *data)
{
    indexes_t *indexes = data;
    const lookout_fields_t fields = { view->source->fields, view->source->n_fields };
    lookout_str_t columns = LOOKOUT_STR_NONE;

    if (!view->drifted && view->deleted_at == 0) {
        columns = lookout_view_index(indexes->seed->arena, view->encoding, fields);
    }
    if (columns.data == NULL) {
        return true;
    }
    columns = lookout_arena_copy(indexes->seed->arena, columns); /* terminated */
    if (columns.data == NULL) {
        return lookout_seed_no_memory();
    }
    if (!covers_filters(columns, view)) {
        return true;
    }
    for (size_t i = 0; i < indexes->n; i++) {
        index_t *index = &indexes->items[i];

        if (begins(index->columns, columns) || begins(columns, index->columns)) {
            index->columns = columns.len > index->columns.len ? columns : index->columns;
            index->views++;
            return true;
        }
    }
    if (indexes->n < INDEX_CANDIDATES_MAX) {
        indexes->items[indexes->n] = (index_t){ columns, 1, indexes->n };
        indexes->n++;
    }
    return true;
}


/* Those that most views want come first, then those of the views that stand first. */
static int
by_use(const void *a, const void *b)
{
    const index_t *x = a, *y = b;

    if (x->views != y->views) {
        return y->views - x->views;
    }
    return x->place < y->place ? -1 : 1;
}


static bool
create_indexes(lookout_seed_writer_t *writer, indexes_t *indexes)
{
    lookout_str_t sql;

    if (!lookout_seed_views_of(indexes->seed, writer->source, add_index, indexes)) {
        return false;
    }
    qsort(indexes->items, indexes->n, sizeof(indexes->items[0]), by_use);
    for (size_t i = 0; i < indexes->n && i < INDEXES_MAX; i++) {
        sql = lookout_arena_printf(indexes->seed->arena,
                                   "CREATE INDEX extract_%zu ON " LOOKOUT_EXTRACT_TABLE " (%s)",
                                   i + 1, indexes->items[i].columns.data);
        if (sql.data == NULL) {
            return lookout_seed_no_memory();
        }
        /* An index may change the order in which rows come: it is part of the version. */
        if (!execute(writer, sql.data)
            || EVP_DigestUpdate(writer->digest, sql.data, sql.len) != 1) {
            return false;
        }
    }
    return execute(writer, "ANALYZE");
}


static bool
set_version(lookout_seed_writer_t *writer)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    char sql[120];
    uint32_t version = 0;

    if (EVP_DigestFinal_ex(writer->digest, bytes, NULL) != 1) {
        return lookout_seed_no_memory();
    }
    for (int i = 0; i < 4; i++) {
        version = version << 8 | bytes[i];
    }
    snprintf(sql, sizeof(sql), "PRAGMA application_id = %u; PRAGMA user_version = %u",
             LOOKOUT_EXTRACT_APPLICATION_ID, version & 0x7fffffff);
    return execute(writer, sql);
}


static bool
fill(lookout_seed_writer_t *writer)
{
    bool filled = execute(writer, "BEGIN")
                  && (writer->source->sql_file != NULL ? lookout_seed_rows_of_sql(writer)
                                                       : lookout_seed_rows_of_csv(writer));

    return filled && execute(writer, "COMMIT");
}


bool
lookout_seed_extract(lookout_seed_t *seed, lookout_seed_source_t *source)
{
    lookout_seed_writer_t writer = { .seed = seed, .source = source, .row = LOOKOUT_BUF_INIT };
    indexes_t *indexes = lookout_arena_alloc(seed->arena, sizeof(*indexes));
    const char *folder = lookout_seed_path(seed, seed->output, "extracts", ""), *path = NULL;
    bool made;

    if (indexes == NULL || folder == NULL) {
        return lookout_seed_no_memory();
    }
    indexes->seed = seed;
    indexes->source = source;
    path = lookout_seed_path(seed, folder, source->slug, LOOKOUT_SEED_ASIDE);
    made = path != NULL && open_writer(&writer) && fill(&writer)
           && lookout_seed_samples(seed, source, writer.db)
           && (source->row_count < INDEXED_ROWS || create_indexes(&writer, indexes))
           && set_version(&writer) && lookout_seed_vacuum_into(writer.db, path)
           && lookout_seed_check_views(seed, source, path);
    close_writer(&writer);
    return made;
}
