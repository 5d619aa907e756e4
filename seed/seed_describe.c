/*
 * Descriptions: every NAME.json of the folder is a datasource, with its fields, its workbooks
 * and their views; its rows come from NAME.sql or from a CSV file. A CSV file that no
 * description speaks of gets one made for it (seed_infer.c), so a folder of CSV files will do.
 *
 * Datasources are read first and views after all of them, since a workbook may show views of
 * other datasources than the one whose description it stands in.
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../ngx_lookout_module/base/digest.h"
#include "../ngx_lookout_module/base/json.h"
#include "../ngx_lookout_module/base/text.h"
#include "seed.h"

#define FIELD_NAME_MAX 64
#define FILES_MAX 1000 /* of a kind that are read from a folder */

static const char *const source_keys[] = { "name",
                                           "description",
                                           "rowsAre",
                                           "connectionType",
                                           "status",
                                           "refreshedMinutesAgo",
                                           "csv",
                                           "deleted",
                                           "fields",
                                           "workbooks",
                                           "freshnessSlaHours",
                                           NULL };
static const char *const field_keys[] = { "name", "label",    "description", "type",
                                          "role", "nullable", NULL };


const char *
lookout_seed_slug(lookout_seed_t *seed, lookout_str_t name, char joint)
{
    lookout_str_t folded = lookout_fold(seed->arena, name);
    char *slug = folded.data == NULL ? NULL : lookout_arena_alloc(seed->arena, folded.len + 1);
    size_t n = 0;

    if (slug == NULL) {
        lookout_seed_no_memory();
        return NULL;
    }
    for (size_t i = 0; i < folded.len; i++) {
        unsigned char c = (unsigned char) folded.data[i];

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80) {
            slug[n++] = (char) c;
        } else if (n > 0 && slug[n - 1] != joint) {
            slug[n++] = joint;
        }
    }
    n -= n > 0 && slug[n - 1] == joint;
    slug[n] = '\0';
    return slug;
}


bool
lookout_seed_id(lookout_seed_t *seed, char *id, const char *prefix, const char *key, ...)
{
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    lookout_str_t text;
    va_list args;

    va_start(args, key);
    text = lookout_arena_vprintf(seed->arena, key, args);
    va_end(args);
    if (text.data == NULL) {
        return lookout_seed_no_memory();
    }
    lookout_sha256(text, digest);
    lookout_id_mint(id, prefix, digest);
    return true;
}


static cJSON *
read_json(lookout_seed_t *seed, const char *file)
{
    lookout_json_error_t error;
    lookout_str_t text;
    cJSON *json;
    int line = 1, column = 1;

    if (!lookout_seed_file_read(seed, file, &text)) {
        return NULL;
    }
    json = lookout_json_parse(seed->arena, text, &error);
    if (json != NULL) {
        return json;
    }
    for (size_t i = 0; i < error.offset && i < text.len; i++) {
        column = text.data[i] == '\n' ? 1 : column + 1;
        line += text.data[i] == '\n';
    }
    lookout_seed_fail((lookout_seed_at_t){ file, NULL }, "line %d, column %d: %s", line, column,
                      error.why);
    return NULL;
}


/* "amount_usd" to "Amount Usd", for a field without a label. */
static lookout_str_t
label_of(lookout_seed_t *seed, lookout_str_t name)
{
    lookout_str_t label = lookout_arena_copy(seed->arena, name);
    char *at = (char *) label.data;

    for (size_t i = 0; i < label.len; i++) {
        if (at[i] == '_') {
            at[i] = ' ';
        } else if ((i == 0 || at[i - 1] == ' ') && at[i] >= 'a' && at[i] <= 'z') {
            at[i] = (char) (at[i] - 'a' + 'A');
        }
    }
    return label;
}


static bool
read_field(lookout_seed_t *seed, lookout_seed_source_t *source, lookout_seed_at_t at,
           const cJSON *json, lookout_field_t *field)
{
    lookout_str_t type = LOOKOUT_STR_NONE, role = LOOKOUT_STR_NONE;
    const char *slug;

    if (!lookout_seed_known(seed, at, json, field_keys)
        || !lookout_seed_text(at, json, "name", LOOKOUT_SEED_REQUIRED, &field->name)) {
        return false;
    }
    slug = lookout_seed_slug(seed, field->name, '_');
    if (slug == NULL) {
        return false;
    }
    if (!lookout_str_is(field->name, slug) || field->name.len > FIELD_NAME_MAX) {
        return lookout_seed_fail(at,
                                 "\"%s\" is no name for a field: write it in snake_case, "
                                 "at most %d bytes (\"%.*s\")",
                                 field->name.data, FIELD_NAME_MAX, FIELD_NAME_MAX, slug);
    }
    if (lookout_fields_find((lookout_fields_t){ source->fields, source->n_fields }, field->name)
        != NULL) {
        return lookout_seed_fail(at, "there is a field \"%s\" already", field->name.data);
    }
    field->label = label_of(seed, field->name);
    field->description = field->label;
    if (!lookout_seed_text(at, json, "label", LOOKOUT_SEED_OPTIONAL, &field->label)
        || !lookout_seed_text(at, json, "description", LOOKOUT_SEED_OPTIONAL,
                              &field->description)
        || !lookout_seed_text(at, json, "type", LOOKOUT_SEED_REQUIRED, &type)
        || !lookout_seed_text(at, json, "role", LOOKOUT_SEED_REQUIRED, &role)
        || !lookout_seed_flag(at, json, "nullable", &field->nullable)) {
        return false;
    }
    if (!lookout_type_parse(type, &field->type)) {
        return lookout_seed_fail(at,
                                 "the type \"%s\" is none of string, integer, float, "
                                 "boolean, date, timestamp",
                                 type.data);
    }
    return lookout_role_parse(role, &field->role)
           || lookout_seed_fail(at,
                                "the role \"%s\" is none of dimension, measure, time, "
                                "identifier",
                                role.data);
}


static bool
read_fields(lookout_seed_t *seed, lookout_seed_source_t *source)
{
    const cJSON *list = NULL, *item;
    int n, i = 0;

    if (!lookout_seed_list(source->at, source->json, "fields", LOOKOUT_SEED_REQUIRED, &list)) {
        return false;
    }
    n = cJSON_GetArraySize(list);
    if (n < 1 || n > LOOKOUT_SEED_FIELDS_MAX) {
        return lookout_seed_fail(source->at, "\"fields\" has to name 1 to %d fields",
                                 LOOKOUT_SEED_FIELDS_MAX);
    }
    source->fields = lookout_arena_alloc(seed->arena, (size_t) n * sizeof(*source->fields));
    if (source->fields == NULL) {
        return lookout_seed_no_memory();
    }
    cJSON_ArrayForEach(item, list)
    {
        lookout_seed_at_t at = lookout_seed_below(seed, source->at, "fields", i++);

        if (!read_field(seed, source, at, item, &source->fields[source->n_fields])) {
            return false;
        }
        source->n_fields++;
    }
    return true;
}


/* Where the rows come from: the file that "csv" names, or NAME.sql, or NAME.csv. */
static bool
find_rows(lookout_seed_t *seed, lookout_seed_source_t *source)
{
    lookout_str_t csv = LOOKOUT_STR_NONE;
    const char *sql_file, *csv_file;

    if (!lookout_seed_text(source->at, source->json, "csv", LOOKOUT_SEED_OPTIONAL, &csv)) {
        return false;
    }
    sql_file = lookout_seed_path(seed, seed->folder, source->slug, ".sql");
    csv_file = csv.data != NULL ? lookout_seed_path(seed, seed->folder, csv.data, "")
                                : lookout_seed_path(seed, seed->folder, source->slug, ".csv");
    if (sql_file == NULL || csv_file == NULL) {
        return false;
    }
    if (csv.data == NULL && access(sql_file, R_OK) == 0) {
        source->sql_file = sql_file;
        return true;
    }
    source->csv_file = csv_file;
    if (access(csv_file, R_OK) == 0) {
        return true;
    }
    if (csv.data != NULL) {
        return lookout_seed_fail(source->at, "\"csv\" names %s: %s", csv_file, strerror(errno));
    }
    return lookout_seed_fail(source->at, "has no rows: neither %s nor %s is there", sql_file,
                             csv_file);
}


static bool
read_source(lookout_seed_t *seed, lookout_seed_source_t *source)
{
    const cJSON *json = source->json;
    lookout_seed_at_t at = source->at;
    int64_t minutes = 60, hours = 720;

    source->connection_type = LOOKOUT_STR("csv");
    source->status = LOOKOUT_STR("online");
    source->rows_are = LOOKOUT_STR("rows");
    if (!lookout_seed_known(seed, at, json, source_keys)
        || !lookout_seed_text(at, json, "name", LOOKOUT_SEED_REQUIRED, &source->name)) {
        return false;
    }
    source->description = source->name;
    if (!lookout_seed_text(at, json, "description", LOOKOUT_SEED_OPTIONAL, &source->description)
        || !lookout_seed_text(at, json, "rowsAre", LOOKOUT_SEED_OPTIONAL, &source->rows_are)
        || !lookout_seed_text(at, json, "connectionType", LOOKOUT_SEED_OPTIONAL,
                              &source->connection_type)
        || !lookout_seed_text(at, json, "status", LOOKOUT_SEED_OPTIONAL, &source->status)
        || !lookout_seed_whole(at, json, "refreshedMinutesAgo", 0, &minutes)
        || !lookout_seed_whole(at, json, "freshnessSlaHours", 1, &hours)
        || !lookout_seed_date(at, json, "deleted", &source->deleted_at)) {
        return false;
    }
    if (!lookout_str_is(source->status, "online")
        && !lookout_str_is(source->status, "offline")) {
        return lookout_seed_fail(at, "\"status\" has to be online or offline, not \"%s\"",
                                 source->status.data);
    }
    source->last_refreshed_at = seed->as_of - minutes * 60;
    source->sla_seconds = hours * 3600;
    return lookout_seed_id(seed, source->id, "ds_", "datasource:%s", source->slug)
           && find_rows(seed, source) && read_fields(seed, source);
}


static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}


/* The folder's files that end so, in the order of their names. */
static bool
list_files(lookout_seed_t *seed, const char *suffix, char **names, size_t max, size_t *n)
{
    DIR *dir = opendir(seed->folder);
    struct dirent *entry;
    lookout_str_t name;

    *n = 0;
    if (dir == NULL) {
        return lookout_seed_fail((lookout_seed_at_t){ seed->folder, NULL },
                                 "cannot be read: %s", strerror(errno));
    }
    while ((entry = readdir(dir)) != NULL && *n < max) {
        size_t len = strlen(entry->d_name), tail = strlen(suffix);

        if (entry->d_name[0] != '.' && len > tail
            && strcmp(entry->d_name + len - tail, suffix) == 0) {
            name = lookout_arena_copy(seed->arena, lookout_str(entry->d_name));
            names[(*n)++] = (char *) name.data;
        }
    }
    closedir(dir);
    qsort(names, *n, sizeof(*names), by_name);
    return true;
}


/* Is the CSV file a description's already? */
static bool
spoken_of(const lookout_seed_t *seed, const char *path)
{
    for (size_t i = 0; i < seed->n_sources; i++) {
        if (seed->sources[i].csv_file != NULL && strcmp(seed->sources[i].csv_file, path) == 0) {
            return true;
        }
    }
    return false;
}


static bool
add_source(lookout_seed_t *seed, const char *name, const char *suffix)
{
    lookout_seed_source_t *source = &seed->sources[seed->n_sources];
    const char *path = lookout_seed_path(seed, seed->folder, name, "");
    bool csv = strcmp(suffix, ".csv") == 0;

    if (path == NULL) {
        return false;
    }
    if (csv && spoken_of(seed, path)) {
        return true;
    }
    source->at = (lookout_seed_at_t){ path, NULL };
    source->slug =
        lookout_seed_slug(seed, (lookout_str_t){ name, strlen(name) - strlen(suffix) }, '_');
    if (source->slug == NULL) {
        return false;
    }
    for (size_t i = 0; i < seed->n_sources; i++) {
        if (strcmp(seed->sources[i].slug, source->slug) == 0) {
            return lookout_seed_fail(source->at,
                                     "would make the same datasource as %s; "
                                     "rename one of the two files",
                                     seed->sources[i].at.file);
        }
    }
    source->json = csv ? lookout_seed_infer(seed, path, source->slug) : read_json(seed, path);
    if (source->json == NULL || !read_source(seed, source)
        || !lookout_seed_workbooks(seed, source)) {
        return false;
    }
    seed->n_sources++;
    return true;
}


bool
lookout_seed_describe(lookout_seed_t *seed)
{
    static const char *const suffixes[] = { ".json", ".csv" };
    char *names[FILES_MAX];
    size_t n;

    seed->sources = lookout_arena_alloc(seed->arena, sizeof(*seed->sources) * 2 * FILES_MAX);
    if (seed->sources == NULL) {
        return lookout_seed_no_memory();
    }
    for (size_t kind = 0; kind < 2; kind++) {
        if (!list_files(seed, suffixes[kind], names, FILES_MAX, &n)) {
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            if (names[i] == NULL || !add_source(seed, names[i], suffixes[kind])) {
                return false;
            }
        }
    }
    if (seed->n_sources == 0) {
        return lookout_seed_fail((lookout_seed_at_t){ seed->folder, NULL },
                                 "holds no description (NAME.json) and no CSV file (NAME.csv)");
    }
    for (size_t i = 0; i < seed->n_sources; i++) {
        for (size_t j = 0; j < seed->sources[i].n_workbooks; j++) {
            if (!lookout_seed_views(seed, &seed->sources[i], &seed->sources[i].workbooks[j])) {
                return false;
            }
        }
    }
    return true;
}
