/*
 * lookout-seed: from a description of a company (the demo's, or an operator's own files) to a
 * catalogue and its extracts.
 *
 * seed_main.c     what is done in which order; the command line
 * seed_describe.c descriptions: JSON files to the structs below, with every mistake named
 * seed_workbook.c their workbooks
 * seed_json.c     reading members of JSON objects, for seed_describe.c
 * seed_view.c     a view's line in a description to its encoding and its text
 * seed_channel.c  "sum(amount_usd) | sort -y" to a channel of Vega-Lite's
 * seed_infer.c    a description for a CSV file that has none
 * seed_csv.c      RFC 4180
 * seed_value.c    text to typed values
 * seed_rows.c     the SQL functions that descriptions make rows with
 * seed_source.c   rows from a script or a CSV file
 * seed_extract.c  rows to an extract
 * seed_sample.c   what the fields of an extract hold
 * seed_check.c    every view tried on its extract
 * seed_catalog.c  the structs to catalog.db
 * seed_file.c     files: reading, writing aside, putting in place
 *
 * Everything lives in one arena until the program ends. A function that can fail prints why,
 * where and what to do through lookout_seed_fail, and returns false (or NULL).
 */

#ifndef LOOKOUT_SEED_H
#define LOOKOUT_SEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "../ngx_lookout_module/base/arena.h"
#include "../ngx_lookout_module/base/field.h"
#include "../ngx_lookout_module/base/id.h"

#define LOOKOUT_SEED_DAY 86400
#define LOOKOUT_SEED_ASIDE ".db.new" /* how a database ends until it is put in place */
#define LOOKOUT_SEED_FIELDS_MAX 200

typedef struct lookout_seed_source_s lookout_seed_source_t;

/* Where in which file something stands, for messages: "workbooks[3].views[2]". */
typedef struct {
    const char *file;
    const char *path;
} lookout_seed_at_t;

typedef struct {
    char id[LOOKOUT_ID_MAX];
    lookout_str_t name;
    lookout_str_t description;
    const char *chart;
    cJSON *encoding;
    lookout_str_t encoding_text;
    cJSON *filters; /* array of {field, op, value} */
    lookout_str_t filters_text;
    int64_t updated_at;
    int64_t deleted_at; /* 0: not deleted */
    lookout_seed_source_t *source;
    bool drifted; /* names fields that the source no longer has, on purpose */
    lookout_seed_at_t at;
} lookout_seed_view_t;

typedef struct {
    char id[LOOKOUT_ID_MAX];
    const char *slug;
    lookout_str_t name;
    lookout_str_t description;
    lookout_str_t owner;
    lookout_str_t tags; /* JSON array */
    int64_t updated_at;
    int64_t deleted_at;
    lookout_seed_view_t *views;
    size_t n_views;
    const cJSON *json;
    lookout_seed_at_t at;
} lookout_seed_workbook_t;

struct lookout_seed_source_s {
    char id[LOOKOUT_ID_MAX];
    const char *slug; /* the description's file name without .json or .csv */
    lookout_str_t name;
    lookout_str_t description;
    lookout_str_t rows_are; /* what one row is, in the plural: "opportunities" */
    lookout_str_t connection_type;
    lookout_str_t status;
    int64_t last_refreshed_at;
    int64_t sla_seconds;
    int64_t deleted_at;
    int64_t row_count;
    const char *sql_file; /* one of the two: where the rows come from */
    const char *csv_file;
    lookout_field_t *fields; /* samples are filled in when the rows are there */
    size_t n_fields;
    lookout_seed_workbook_t *workbooks;
    size_t n_workbooks;
    const cJSON *json;
    lookout_seed_at_t at;
};

typedef struct {
    lookout_arena_t *arena;
    const char *folder; /* of the description */
    const char *output;
    int64_t as_of; /* midnight UTC */
    lookout_seed_source_t *sources;
    size_t n_sources;
    sqlite3 *maker; /* where the rows are made: the functions and shared.sql's tables */
    uint64_t maker_seed;
} lookout_seed_t;

/* Prints "lookout-seed: FILE: PATH: message" and returns false. File and path may be NULL. */
bool lookout_seed_fail(lookout_seed_at_t at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool lookout_seed_no_memory(void);

/* seed_describe.c: reads every description of seed->folder into seed->sources. */
bool lookout_seed_describe(lookout_seed_t *seed);

/* seed_json.c: members of an object. A missing one that is not required leaves *out alone. */
typedef enum { LOOKOUT_SEED_OPTIONAL, LOOKOUT_SEED_REQUIRED } lookout_seed_need_e;

bool lookout_seed_text(lookout_seed_at_t at, const cJSON *object, const char *key,
                       lookout_seed_need_e need, lookout_str_t *out);
bool lookout_seed_whole(lookout_seed_at_t at, const cJSON *object, const char *key,
                        int64_t least, int64_t *out);
bool lookout_seed_flag(lookout_seed_at_t at, const cJSON *object, const char *key, bool *out);
bool
lookout_seed_date(lookout_seed_at_t at, const cJSON *object, const char *key, int64_t *out);
bool lookout_seed_list(lookout_seed_at_t at, const cJSON *object, const char *key,
                       lookout_seed_need_e need, const cJSON **out);
/* Refuses members that are not in `known` (ended by NULL), proposing the nearest that is. */
bool lookout_seed_known(lookout_seed_t *seed, lookout_seed_at_t at, const cJSON *object,
                        const char *const *known);
/* " Did you mean \"x\"?", or what there is. Never NULL. */
const char *lookout_seed_hint(lookout_seed_t *seed, lookout_str_t word,
                              const lookout_str_t *words, size_t n);
const char *lookout_seed_field_hint(lookout_seed_t *seed, const lookout_seed_source_t *source,
                                    lookout_str_t word);

/* "workbooks[3]" below `at`; key may be NULL for [index] alone, index -1 for the key alone. */
lookout_seed_at_t
lookout_seed_below(lookout_seed_t *seed, lookout_seed_at_t at, const char *key, int index);

/* Small letters, digits and hyphens (or `joint`); letters beyond ASCII are kept. */
const char *lookout_seed_slug(lookout_seed_t *seed, lookout_str_t name, char joint);

/* The id that belongs to a stable key, which is printf'ed: "workbook:sales_pipeline/review". */
bool lookout_seed_id(lookout_seed_t *seed, char *id, const char *prefix, const char *key, ...)
    __attribute__((format(printf, 4, 5)));

/* seed_workbook.c: the workbooks of source->json; and, when all datasources are known, the
 * views of one of them. */
bool lookout_seed_workbooks(lookout_seed_t *seed, lookout_seed_source_t *source);
bool lookout_seed_views(lookout_seed_t *seed, lookout_seed_source_t *source,
                        lookout_seed_workbook_t *workbook);

/* seed_view.c: fills in *view from its line. */
bool lookout_seed_view(lookout_seed_t *seed, lookout_seed_source_t *source,
                       lookout_seed_workbook_t *workbook, const cJSON *json,
                       lookout_seed_view_t *view);

/* seed_channel.c: a channel object from its shorthand. `drifted`: unknown fields are fine. */
cJSON *lookout_seed_channel(lookout_seed_t *seed, const lookout_seed_source_t *source,
                            lookout_seed_at_t at, lookout_str_t text, bool drifted);
/* The words of a channel for people: "Total Amount (USD)", "Close Date (month)". */
lookout_str_t
lookout_seed_channel_title(lookout_seed_t *seed, const lookout_seed_source_t *source,
                           const cJSON *channel);

/* seed_infer.c: the description of a CSV file, as a person would write it. */
cJSON *lookout_seed_infer(lookout_seed_t *seed, const char *file, const char *slug);

/* seed_csv.c: rows of values. A reader gives the header as its first row. */
typedef struct {
    const char *file;
    const char *at;
    const char *end;
    char separator;
    int64_t line; /* where the row that was read last began */
    int64_t next_line;
    lookout_str_t *values; /* of that row; valid until the next is read */
    bool *quoted;
    size_t n;
    size_t cap;
    lookout_arena_t *arena;
    char *text;
} lookout_seed_csv_t;

bool lookout_seed_csv_open(lookout_seed_t *seed, const char *file, lookout_seed_csv_t *csv);
/* True with a row; false at the end or, with *failed set, after a mistake was printed. */
bool lookout_seed_csv_row(lookout_seed_csv_t *csv, bool *failed);
lookout_seed_at_t lookout_seed_csv_at(lookout_seed_t *seed, const lookout_seed_csv_t *csv);
/* The columns' names of the header: field names made of what is written there. */
bool lookout_seed_csv_names(lookout_seed_t *seed, const lookout_seed_csv_t *csv, char ***names);

/* seed_value.c */
typedef struct {
    int kind; /* SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT */
    int64_t integer;
    double real;
    lookout_str_t text;
} lookout_seed_value_t;

#define LOOKOUT_SEED_WHY 120 /* bytes of a message about a value */

/* Reads text as a value of that type; `why` says what is wrong with it. `room` (32 bytes) holds
 * a rewritten timestamp. */
bool lookout_seed_value(lookout_type_e type, lookout_str_t text, char *room,
                        lookout_seed_value_t *value, char *why);

/* seed_rows.c */
bool lookout_seed_functions(sqlite3 *db, uint64_t *seed);
uint64_t lookout_seed_hash(const char *text);

/* seed_extract.c: makes a source's rows and writes its extract aside. */
bool lookout_seed_extract(lookout_seed_t *seed, lookout_seed_source_t *source);

/* seed_source.c: makes seed->maker. */
bool lookout_seed_maker_open(lookout_seed_t *seed);

/* seed_sample.c: fills in sample_values and samples_complete of the fields. */
bool lookout_seed_samples(lookout_seed_t *seed, lookout_seed_source_t *source, sqlite3 *db);

/* seed_check.c: opens the extract that was written at `path` as the server will, and tries
 * every view that shows it. */
bool lookout_seed_check_views(lookout_seed_t *seed, const lookout_seed_source_t *source,
                              const char *path);

/* seed_catalog.c: writes catalog.db aside. */
bool lookout_seed_catalog(lookout_seed_t *seed);
/* A list of views over all sources that show `source`; calls visit until it returns false. */
bool lookout_seed_views_of(lookout_seed_t *seed, const lookout_seed_source_t *source,
                           bool (*visit)(lookout_seed_view_t *view, void *data), void *data);

/* seed_file.c */
bool lookout_seed_file_read(lookout_seed_t *seed, const char *path, lookout_str_t *text);
bool lookout_seed_folder(const char *path);
/* "OUTPUT/extracts/slug.db" and the name it has until it is put in place. */
const char *lookout_seed_path(lookout_seed_t *seed, const char *folder, const char *name,
                              const char *suffix);
/* The database's contents, compact, in a new file at `path`, flushed to the disk. */
bool lookout_seed_vacuum_into(sqlite3 *db, const char *path);
/* Renames what was written aside: extracts first, the catalogue last; removes the leftovers. */
bool lookout_seed_publish(lookout_seed_t *seed);
/* Removes what was written aside, when the run ends in a mistake. */
void lookout_seed_discard(lookout_seed_t *seed);

#endif
