/*
 * The catalogue: datasources, workbooks and views, read from one SQLite file (seed/schema.sql)
 * through prepared statements on a read-only connection. A catalogue object has one user at a
 * time: each worker has one for its event loop, each job on a thread has its own.
 *
 * Objects come back as structs in the call's arena. Lists are in the order of name (case
 * folded), then id; with a fuzzy `q` the best match comes first. What is soft-deleted is not
 * there, nor is a view whose workbook or datasource is.
 *
 * JSON that is passed on as it stands (tags, encoding, saved filters, samples) has been
 * checked: a row with broken JSON is INTERNAL_ERROR with details {reason:
 * "catalogue_row_broken", object, column}, never a broken answer.
 *
 * A catalogue can be made to show a part of itself only (lookout_catalog_scope). What is not
 * shown then is as if it did not exist: in no list and no count, found by no search, and
 * NOT_FOUND with the words that an unknown id gets.
 */

#ifndef LOOKOUT_CATALOG_H
#define LOOKOUT_CATALOG_H

#include <stdint.h>

#include "../base/arena.h"
#include "../base/db.h"
#include "../base/error.h"
#include "../base/field.h"

#define LOOKOUT_CATALOG_APPLICATION_ID 0x4c4b4f43u /* 'LKOC' */

typedef struct lookout_catalog_s lookout_catalog_t;

typedef struct {
    lookout_str_t id;
    lookout_str_t name;
    lookout_str_t description;
    lookout_str_t connection_type;
    bool online;
    int64_t last_refreshed_at;     /* seconds since 1970 */
    int64_t freshness_sla_seconds; /* older than this is stale */
    int64_t row_count;             /* of the whole extract */
    int64_t field_count;
    lookout_str_t extract_path; /* terminated; the folder of the catalogue + extract_file */
    lookout_fields_t fields;    /* empty in lists */
    bool rows_limited; /* not all rows may be seen: row_count is not to be told, and the
                                 * fields have no sample values */
} lookout_datasource_t;

typedef struct {
    lookout_str_t id;
    lookout_str_t name;
    lookout_str_t description;
    lookout_str_t owner_name;
    lookout_str_t tags; /* JSON array as text */
    int64_t view_count;
    int64_t updated_at;
} lookout_workbook_t;

typedef struct {
    lookout_str_t id;
    lookout_str_t name;
    lookout_str_t description;
    lookout_str_t chart_type;
    lookout_str_t encoding;      /* JSON object as text; absent in lists */
    lookout_str_t saved_filters; /* JSON array of objects as text; absent in lists */
    int64_t updated_at;
    lookout_str_t workbook_id;
    lookout_str_t workbook_name;
    lookout_str_t datasource_id;
    lookout_str_t datasource_name;
    bool datasource_online;
} lookout_view_t;

/* What a list is narrowed by; LOOKOUT_STR_NONE and 0: not narrowed. All given ones hold
 * (AND). */
typedef struct {
    lookout_str_t q;               /* fuzzy, over names (descriptions and tags count less) */
    lookout_str_t name_contains;   /* substring of the name, any case */
    lookout_str_t connection_type; /* datasources: exact, any case */
    lookout_str_t workbook_id;     /* views */
    lookout_str_t chart_type;      /* views */
    int64_t updated_after;         /* workbooks: strictly later than this second */
    bool has_updated_after;
} lookout_list_t;

/* The chart types that a view can have, ended by NULL. */
extern const char *const lookout_chart_types[];

/* A catalogue object for the file at `path`, not opened yet. NULL without memory. */
lookout_catalog_t *lookout_catalog_create(const char *path);
void lookout_catalog_destroy(lookout_catalog_t *catalog);

/* Opens the file, or the file that has taken its place; to be called at the start of each call.
 * INTERNAL_ERROR with details.reason "catalogue_unreadable" when it is missing, truncated,
 * corrupt or not a catalogue: the message says that the operator has to look, without naming
 * paths. It recovers by itself when the file does. */
lookout_code_e lookout_catalog_fresh(lookout_catalog_t *catalog, lookout_arena_t *arena,
                                     lookout_error_t *error);

/* What is wrong with the file, for the server's log; "" when nothing is. */
const char *lookout_catalog_why(const lookout_catalog_t *catalog);

/* The path it was created with, and the file that is open now. */
const char *lookout_catalog_path(const lookout_catalog_t *catalog);
const lookout_file_id_t *lookout_catalog_file(const lookout_catalog_t *catalog);

/* Names the contents; the same in every process and machine that has the same file. */
lookout_str_t lookout_catalog_version(const lookout_catalog_t *catalog);

/* What of a catalogue is shown: JSON arrays of strings, {NULL, 0} for what is not limited.
 *
 * A workbook is shown when neither workbooks nor workbook_tags limit it, its id is listed, or
 * it has one of the tags. A datasource is shown when it is listed, or datasources are not
 * limited; when it has all of `fields`; and, where workbooks are limited and datasources are
 * not, when a view that is shown uses it. A view is shown when its workbook and its datasource
 * are. */
typedef struct {
    lookout_str_t datasources;   /* ids */
    lookout_str_t workbooks;     /* ids */
    lookout_str_t workbook_tags; /* exact */
    lookout_str_t fields;      /* names of fields by which the rows of every source are limited;
                                  * a source without them has no rows to show */
    lookout_str_t row_limited; /* ids of datasources whose rows are limited besides */
} lookout_visible_t;

/* Shows that part only from here on; NULL: everything. The struct is copied, its texts have to
 * stay until this is called again. */
void lookout_catalog_scope(lookout_catalog_t *catalog, const lookout_visible_t *visible);

/* The watch that bounds the following reads; NULL: none. A read that it stops fails with
 * LOOKOUT_NEEDS_THREAD, LOOKOUT_CANCELLED or QUERY_TIMEOUT. */
void lookout_catalog_watch(lookout_catalog_t *catalog, lookout_watch_t *watch);

/* One object; a datasource with its fields. DATASOURCE_NOT_FOUND, WORKBOOK_NOT_FOUND or
 * VIEW_NOT_FOUND; the message says which tool lists the ids, details name the id asked for. */
lookout_code_e
lookout_catalog_datasource(lookout_catalog_t *catalog, lookout_arena_t *arena, lookout_str_t id,
                           lookout_datasource_t *out, lookout_error_t *error);
lookout_code_e
lookout_catalog_workbook(lookout_catalog_t *catalog, lookout_arena_t *arena, lookout_str_t id,
                         lookout_workbook_t *out, lookout_error_t *error);
lookout_code_e
lookout_catalog_view(lookout_catalog_t *catalog, lookout_arena_t *arena, lookout_str_t id,
                     lookout_view_t *out, lookout_error_t *error);

/* A page of a list: what is asked for, and what came. */
typedef struct {
    uint32_t offset; /* in: objects to skip */
    uint32_t limit;  /* in: at most so many */
    size_t n;        /* out: objects that came */
    bool more;       /* out: others follow */
} lookout_slice_t;

/* A page of a list, the objects in the arena. */
lookout_code_e
lookout_catalog_datasources(lookout_catalog_t *catalog, lookout_arena_t *arena,
                            const lookout_list_t *list, lookout_slice_t *slice,
                            lookout_datasource_t **items, lookout_error_t *error);
lookout_code_e lookout_catalog_workbooks(lookout_catalog_t *catalog, lookout_arena_t *arena,
                                         const lookout_list_t *list, lookout_slice_t *slice,
                                         lookout_workbook_t **items, lookout_error_t *error);
lookout_code_e lookout_catalog_views(lookout_catalog_t *catalog, lookout_arena_t *arena,
                                     const lookout_list_t *list, lookout_slice_t *slice,
                                     lookout_view_t **items, lookout_error_t *error);

/* All views of a workbook in the order that its owner gave them. */
lookout_code_e
lookout_catalog_workbook_views(lookout_catalog_t *catalog, lookout_arena_t *arena,
                               lookout_str_t workbook_id, lookout_view_t **items, size_t *n,
                               lookout_error_t *error);

#endif
