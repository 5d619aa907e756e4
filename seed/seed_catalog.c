/*
 * The structs of a description into catalog.db, by the schema in schema.sql, which is linked
 * into the program. Its user_version is a checksum of everything inserted.
 */

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "seed.h"

/* schema.sql as it stands, with a NUL behind. The assembler finds it by -Wa,-Iseed. */
extern const char lookout_seed_schema[];
__asm__(".pushsection .rodata\n"
        ".global lookout_seed_schema\n"
        "lookout_seed_schema:\n"
        ".incbin \"schema.sql\"\n"
        ".byte 0\n"
        ".popsection\n");

typedef struct {
    sqlite3 *db;
    sqlite3_stmt *stmt;
    int column;
    EVP_MD_CTX *digest;
    bool failed;
} catalog_t;


static void
begin_row(catalog_t *catalog, const char *sql)
{
    catalog->column = 0;
    catalog->failed =
        catalog->failed
        || sqlite3_prepare_v2(catalog->db, sql, -1, &catalog->stmt, NULL) != SQLITE_OK;
}


static void
put_text(catalog_t *catalog, lookout_str_t text)
{
    uint64_t len = text.len;

    catalog->failed = catalog->failed
                      || sqlite3_bind_text(catalog->stmt, ++catalog->column, text.data,
                                           (int) text.len, SQLITE_STATIC)
                             != SQLITE_OK
                      || EVP_DigestUpdate(catalog->digest, &len, sizeof(len)) != 1
                      || EVP_DigestUpdate(catalog->digest, text.data, text.len) != 1;
}


static void
put_int(catalog_t *catalog, int64_t n)
{
    catalog->failed = catalog->failed
                      || sqlite3_bind_int64(catalog->stmt, ++catalog->column, n) != SQLITE_OK
                      || EVP_DigestUpdate(catalog->digest, &n, sizeof(n)) != 1;
}


/* deleted_at: 0 is NULL. */
static void
put_time_or_null(catalog_t *catalog, int64_t seconds)
{
    put_int(catalog, seconds);
    catalog->failed =
        catalog->failed
        || (seconds == 0 && sqlite3_bind_null(catalog->stmt, catalog->column) != SQLITE_OK);
}


static void
end_row(catalog_t *catalog)
{
    catalog->failed = catalog->failed || sqlite3_step(catalog->stmt) != SQLITE_DONE;
    if (sqlite3_finalize(catalog->stmt) != SQLITE_OK) {
        catalog->failed = true;
    }
    catalog->stmt = NULL;
}


static void
put_field(catalog_t *catalog, const lookout_seed_source_t *source, size_t position)
{
    const lookout_field_t *field = &source->fields[position];

    begin_row(catalog, "INSERT INTO field VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    put_text(catalog, lookout_str(source->id));
    put_int(catalog, (int64_t) position);
    put_text(catalog, field->name);
    put_text(catalog, field->label);
    put_text(catalog, lookout_str(lookout_type_name(field->type)));
    put_text(catalog, lookout_str(lookout_role_name(field->role)));
    put_int(catalog, field->nullable);
    put_text(catalog, field->description);
    put_text(catalog, field->sample_values);
    put_int(catalog, field->samples_complete);
    end_row(catalog);
}


static void
put_source(catalog_t *catalog, const lookout_seed_source_t *source)
{
    char file[300];

    snprintf(file, sizeof(file), "extracts/%s.db", source->slug);
    begin_row(catalog, "INSERT INTO datasource VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    put_text(catalog, lookout_str(source->id));
    put_text(catalog, source->name);
    put_text(catalog, source->description);
    put_text(catalog, source->connection_type);
    put_text(catalog, source->status);
    put_int(catalog, source->last_refreshed_at);
    put_int(catalog, source->sla_seconds);
    put_int(catalog, source->row_count);
    put_text(catalog, lookout_str(file));
    put_time_or_null(catalog, source->deleted_at);
    end_row(catalog);
    for (size_t i = 0; i < source->n_fields; i++) {
        put_field(catalog, source, i);
    }
}


/* What hangs on a deleted object is deleted with it. */
static int64_t
deletion(const lookout_seed_source_t *source, const lookout_seed_workbook_t *workbook,
         const lookout_seed_view_t *view)
{
    if (source->deleted_at != 0) {
        return source->deleted_at;
    }
    if (workbook->deleted_at != 0 || view == NULL) {
        return workbook->deleted_at;
    }
    return view->source->deleted_at != 0 ? view->source->deleted_at : view->deleted_at;
}


static void
put_view(catalog_t *catalog, const lookout_seed_source_t *source,
         const lookout_seed_workbook_t *workbook, size_t position)
{
    const lookout_seed_view_t *view = &workbook->views[position];

    begin_row(catalog, "INSERT INTO view VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    put_text(catalog, lookout_str(view->id));
    put_text(catalog, lookout_str(workbook->id));
    put_text(catalog, lookout_str(view->source->id));
    put_int(catalog, (int64_t) position);
    put_text(catalog, view->name);
    put_text(catalog, view->description);
    put_text(catalog, lookout_str(view->chart));
    put_text(catalog, view->encoding_text);
    put_text(catalog, view->filters_text);
    put_int(catalog, view->updated_at);
    put_time_or_null(catalog, deletion(source, workbook, view));
    end_row(catalog);
}


static void
put_workbooks(catalog_t *catalog, const lookout_seed_source_t *source)
{
    for (size_t i = 0; i < source->n_workbooks; i++) {
        const lookout_seed_workbook_t *workbook = &source->workbooks[i];

        begin_row(catalog, "INSERT INTO workbook VALUES (?, ?, ?, ?, ?, ?, ?)");
        put_text(catalog, lookout_str(workbook->id));
        put_text(catalog, workbook->name);
        put_text(catalog, workbook->description);
        put_text(catalog, workbook->owner);
        put_text(catalog, workbook->tags);
        put_int(catalog, workbook->updated_at);
        put_time_or_null(catalog, deletion(source, workbook, NULL));
        end_row(catalog);
        for (size_t j = 0; j < workbook->n_views; j++) {
            put_view(catalog, source, workbook, j);
        }
    }
}


static bool
set_version(catalog_t *catalog)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    char sql[60];
    uint32_t version = 0;

    if (EVP_DigestFinal_ex(catalog->digest, bytes, NULL) != 1) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        version = version << 8 | bytes[i];
    }
    snprintf(sql, sizeof(sql), "PRAGMA user_version = %u", version & 0x7fffffff);
    return sqlite3_exec(catalog->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}


static bool
fill(catalog_t *catalog, const lookout_seed_t *seed)
{
    size_t i;

    if (catalog->digest == NULL || EVP_DigestInit_ex(catalog->digest, EVP_sha256(), NULL) != 1
        || EVP_DigestUpdate(catalog->digest, lookout_seed_schema, strlen(lookout_seed_schema))
               != 1
        || sqlite3_exec(catalog->db, lookout_seed_schema, NULL, NULL, NULL) != SQLITE_OK
        || sqlite3_exec(catalog->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
        return false;
    }
    for (i = 0; i < seed->n_sources; i++) {
        put_source(catalog, &seed->sources[i]);
    }
    for (i = 0; i < seed->n_sources; i++) {
        put_workbooks(catalog, &seed->sources[i]);
    }
    return !catalog->failed
           && sqlite3_exec(catalog->db, "COMMIT; ANALYZE", NULL, NULL, NULL) == SQLITE_OK
           && set_version(catalog);
}


bool
lookout_seed_catalog(lookout_seed_t *seed)
{
    const char *path = lookout_seed_path(seed, seed->output, "catalog", LOOKOUT_SEED_ASIDE);
    catalog_t catalog = { .digest = EVP_MD_CTX_new() };
    bool made = false;

    if (path != NULL && sqlite3_open(":memory:", &catalog.db) == SQLITE_OK) {
        made = fill(&catalog, seed);
        if (!made) {
            lookout_seed_fail((lookout_seed_at_t){ path, NULL }, "could not be made: %s",
                              sqlite3_errmsg(catalog.db));
        }
        made = made && lookout_seed_vacuum_into(catalog.db, path);
    }
    sqlite3_close(catalog.db);
    EVP_MD_CTX_free(catalog.digest);
    return made;
}


bool
lookout_seed_views_of(lookout_seed_t *seed, const lookout_seed_source_t *source,
                      bool (*visit)(lookout_seed_view_t *view, void *data), void *data)
{
    for (size_t i = 0; i < seed->n_sources; i++) {
        for (size_t j = 0; j < seed->sources[i].n_workbooks; j++) {
            lookout_seed_workbook_t *workbook = &seed->sources[i].workbooks[j];

            for (size_t k = 0; k < workbook->n_views; k++) {
                if (workbook->views[k].source == source && !visit(&workbook->views[k], data)) {
                    return false;
                }
            }
        }
    }
    return true;
}
