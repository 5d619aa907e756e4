/*
 * The catalogue's life: opening the file that its path names now, preparing the statements
 * once, and naming its version. A file that opens but is no catalogue (a table or a column is
 * missing, a page is damaged) is closed again, with the reason in db.why, which makes
 * lookout_db_fresh leave it alone until another file takes its place: a bad file costs one
 * attempt, not one a call.
 */

#include <stdio.h>
#include <stdlib.h>

#include "reader.h"
#include "search.h"

#define HEADER_CHANGE_COUNTER 24 /* where SQLite's file header has it: 4 bytes, big-endian */

const char *const lookout_chart_types[] = {
    "bar",       "line",    "area",    "pie", "donut", "treemap",
    "histogram", "scatter", "heatmap", "map", NULL,
};


lookout_catalog_t *
lookout_catalog_create(const char *path)
{
    size_t len = strlen(path);
    const char *slash = strrchr(path, '/');
    lookout_catalog_t *catalog;

    catalog = calloc(1, sizeof(*catalog) + len + 1);
    if (catalog == NULL) {
        return NULL;
    }

    memcpy(catalog->path, path, len + 1);
    catalog->folder_len = slash == NULL ? 0 : (size_t) (slash - path) + 1;
    return catalog;
}


static void
catalog_finalize(void *data)
{
    size_t i;
    lookout_catalog_t *catalog = data;

    for (i = 0; i < LOOKOUT_STATEMENTS; i++) {
        sqlite3_finalize(catalog->statements[i]);
        catalog->statements[i] = NULL;
    }
}


void
lookout_catalog_destroy(lookout_catalog_t *catalog)
{
    if (catalog == NULL) {
        return;
    }

    catalog_finalize(catalog);
    lookout_db_close(&catalog->db);
    free(catalog);
}


/* SQLite counts the changes of a file in its header. Asked of the open file, not of the path,
 * which may name another one by now. */
static bool
catalog_change_counter(sqlite3 *sql, uint32_t *counter)
{
    uint8_t bytes[4];
    sqlite3_file *file = NULL;

    if (sqlite3_file_control(sql, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK
        || file == NULL || file->pMethods == NULL
        || file->pMethods->xRead(file, bytes, sizeof(bytes), HEADER_CHANGE_COUNTER)
               != SQLITE_OK) {
        return false;
    }

    *counter = (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8
               | bytes[3];
    return true;
}


static bool
catalog_unusable(lookout_catalog_t *catalog, const char *why)
{
    (void) snprintf(catalog->db.why, sizeof(catalog->db.why),
                    "%s cannot be used as a catalogue: %s", catalog->path, why);
    return false;
}


/* Makes a file that has just been opened ready for use. */
static bool
catalog_prepare(lookout_catalog_t *catalog)
{
    int rc;
    size_t i;
    uint32_t counter;

    if (!lookout_search_register(catalog->db.sql)) {
        return catalog_unusable(catalog, "memory ran out");
    }

    for (i = 0; i < LOOKOUT_STATEMENTS; i++) {
        rc = sqlite3_prepare_v3(catalog->db.sql, lookout_catalog_sql[i], -1,
                                SQLITE_PREPARE_PERSISTENT, &catalog->statements[i], NULL);
        if (rc != SQLITE_OK) {
            return catalog_unusable(catalog, sqlite3_errmsg(catalog->db.sql));
        }
    }

    if (!catalog_change_counter(catalog->db.sql, &counter)) {
        return catalog_unusable(catalog, "its header cannot be read");
    }

    (void) snprintf(catalog->version, sizeof(catalog->version), "%08x-%llx-%x",
                    lookout_db_user_version(&catalog->db),
                    (unsigned long long) catalog->db.id.size, counter);
    return true;
}


lookout_code_e
lookout_catalog_fresh(lookout_catalog_t *catalog, lookout_arena_t *arena,
                      lookout_error_t *error)
{
    switch (lookout_db_fresh(&catalog->db, catalog->path, LOOKOUT_CATALOG_APPLICATION_ID,
                             catalog_finalize, catalog)) {
    case LOOKOUT_DB_FAILED:
        return lookout_reader_unreadable(arena, error);

    case LOOKOUT_DB_OPENED:
        if (!catalog_prepare(catalog)) {
            catalog_finalize(catalog);
            lookout_db_close(&catalog->db);
            return lookout_reader_unreadable(arena, error);
        }
        break;

    case LOOKOUT_DB_SAME:
        break;
    }

    return LOOKOUT_OK;
}


const char *
lookout_catalog_why(const lookout_catalog_t *catalog)
{
    return catalog->db.why;
}


const char *
lookout_catalog_path(const lookout_catalog_t *catalog)
{
    return catalog->path;
}


const lookout_file_id_t *
lookout_catalog_file(const lookout_catalog_t *catalog)
{
    return &catalog->db.id;
}


lookout_str_t
lookout_catalog_version(const lookout_catalog_t *catalog)
{
    return lookout_str(catalog->version);
}


void
lookout_catalog_scope(lookout_catalog_t *catalog, const lookout_visible_t *visible)
{
    catalog->visible = visible != NULL ? *visible : (lookout_visible_t){ 0 };
}


void
lookout_catalog_watch(lookout_catalog_t *catalog, lookout_watch_t *watch)
{
    catalog->watch = watch;
    if (catalog->db.sql != NULL) {
        lookout_watch_set(catalog->db.sql, watch);
    }
}
