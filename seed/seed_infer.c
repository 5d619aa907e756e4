/*
 * A description for a CSV file that has none: types from what the values look like, roles from
 * types and names, and one workbook with the views that such data asks for. It is the JSON that
 * a person would write, so `lookout-seed --describe FILE.csv` can print it to be improved.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ngx_lookout_module/base/text.h"
#include "seed.h"

#define DISTINCT_MAX 2000U /* how many different values of a column are told apart */
#define SLOTS ((size_t) 2 * DISTINCT_MAX)
#define CATEGORY_MAX 60 /* more groups than this make no bar chart */
#define DIMENSIONS_SHOWN 4

typedef struct {
    const char *name;
    lookout_str_t label;
    bool fits[LOOKOUT_TIMESTAMP + 1]; /* every value so far can be read as that type */
    bool nullable;
    bool negative;
    lookout_type_e type;
    lookout_role_e role;
    int64_t values;
    uint64_t *seen; /* hashes of distinct values, an open hash table */
    size_t distinct;
} column_t;

typedef struct {
    column_t *items;
    size_t n;
    int64_t rows;
} table_t;


/* A number with a leading zero is a code: a postcode, an article number. */
static bool
is_code(lookout_str_t text)
{
    return text.len > 1 && text.data[0] == '0' && text.data[1] >= '0' && text.data[1] <= '9';
}


static void
count_distinct(column_t *column, lookout_str_t text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    size_t i;

    for (i = 0; i < text.len; i++) {
        hash = (hash ^ (unsigned char) text.data[i]) * 0x100000001b3u;
    }
    hash |= 1;
    for (i = hash % SLOTS; column->seen[i] != 0; i = (i + 1) % SLOTS) {
        if (column->seen[i] == hash) {
            return;
        }
    }
    if (column->distinct < DISTINCT_MAX) {
        column->seen[i] = hash;
        column->distinct++;
    }
}


static void
look_at(column_t *column, lookout_str_t text)
{
    lookout_seed_value_t value;
    char room[32], why[LOOKOUT_SEED_WHY];

    if (text.len == 0) {
        column->nullable = true;
        return;
    }
    column->values++;
    count_distinct(column, text);
    for (int type = LOOKOUT_INTEGER; type <= LOOKOUT_TIMESTAMP; type++) {
        column->fits[type] =
            column->fits[type]
            && lookout_seed_value((lookout_type_e) type, text, room, &value, why);
    }
    if (is_code(text)) {
        column->fits[LOOKOUT_INTEGER] = column->fits[LOOKOUT_FLOAT] = false;
    }
    /* 0 and 1 are numbers; only words make a boolean. */
    if (text.len == 1 && text.data[0] <= '9') {
        column->fits[LOOKOUT_BOOLEAN] = false;
    }
}


static void
decide_type(column_t *column)
{
    static const lookout_type_e order[] = { LOOKOUT_BOOLEAN, LOOKOUT_INTEGER, LOOKOUT_FLOAT,
                                            LOOKOUT_DATE, LOOKOUT_TIMESTAMP };

    column->type = LOOKOUT_STRING;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && column->values > 0; i++) {
        if (column->fits[order[i]]) {
            column->type = order[i];
            return;
        }
    }
}


static bool
has_word(const char *name, const char *word)
{
    const char *at = strstr(name, word);
    size_t len = strlen(word);

    return at != NULL && (at == name || at[-1] == '_') && (at[len] == '_' || at[len] == '\0');
}


/* Numbers that name things rather than count them. */
static bool
names_things(const char *name)
{
    static const char *const words[] = { "year", "month", "week",  "code", "zip", "postcode",
                                         "plz",  "phone", "level", "rank", NULL };

    for (size_t i = 0; words[i] != NULL; i++) {
        if (has_word(name, words[i])) {
            return true;
        }
    }
    return false;
}


static void
decide_role(column_t *column, int64_t rows)
{
    bool unique = column->distinct < DISTINCT_MAX
                      ? column->distinct == (size_t) column->values && column->values == rows
                      : !column->nullable && column->type == LOOKOUT_STRING;
    bool id = has_word(column->name, "id") || has_word(column->name, "uuid")
              || has_word(column->name, "nr") || has_word(column->name, "key");

    column->role = LOOKOUT_DIMENSION;
    if (column->type == LOOKOUT_DATE || column->type == LOOKOUT_TIMESTAMP) {
        column->role = LOOKOUT_TIME;
    } else if (id && column->type != LOOKOUT_FLOAT && column->type != LOOKOUT_BOOLEAN) {
        column->role = LOOKOUT_IDENTIFIER;
    } else if (column->type == LOOKOUT_STRING && unique && rows >= 20) {
        column->role = LOOKOUT_IDENTIFIER;
    } else if (column->type == LOOKOUT_FLOAT
               || (column->type == LOOKOUT_INTEGER && !names_things(column->name))) {
        column->role = LOOKOUT_MEASURE;
    }
}


/* "web_orders_2026" to "Web Orders 2026". */
static lookout_str_t
title_of(lookout_seed_t *seed, const char *slug)
{
    lookout_str_t title = lookout_arena_copy(seed->arena, lookout_str(slug));
    char *at = (char *) title.data;

    for (size_t i = 0; i < title.len; i++) {
        if (at[i] == '_') {
            at[i] = ' ';
        }
        if (at[i] >= 'a' && at[i] <= 'z' && (i == 0 || at[i - 1] == ' ')) {
            at[i] = (char) (at[i] - 'a' + 'A');
        }
    }
    return title;
}


static bool
start_table(lookout_seed_t *seed, const lookout_seed_csv_t *csv, table_t *table)
{
    char **names;

    if (!lookout_seed_csv_names(seed, csv, &names)) {
        return false;
    }
    table->n = csv->n;
    table->items = lookout_arena_alloc(seed->arena, csv->n * sizeof(*table->items));
    if (table->items == NULL) {
        return lookout_seed_no_memory();
    }
    for (size_t i = 0; i < table->n; i++) {
        column_t *column = &table->items[i];

        column->name = names[i];
        column->label = lookout_str_is(csv->values[i], names[i])
                            ? title_of(seed, names[i])
                            : lookout_arena_copy(seed->arena, csv->values[i]);
        column->seen = lookout_arena_alloc(seed->arena, SLOTS * sizeof(*column->seen));
        if (column->label.data == NULL || column->seen == NULL) {
            return lookout_seed_no_memory();
        }
        memset(column->fits, true, sizeof(column->fits));
    }
    return true;
}


static bool
read_table(lookout_seed_t *seed, const char *file, table_t *table)
{
    lookout_seed_csv_t csv;
    bool failed;

    if (!lookout_seed_csv_open(seed, file, &csv)) {
        return false;
    }
    if (!lookout_seed_csv_row(&csv, &failed)) {
        return failed ? false
                      : lookout_seed_fail((lookout_seed_at_t){ file, NULL },
                                          "is empty; its first line has to name the columns");
    }
    if (!start_table(seed, &csv, table)) {
        return false;
    }
    while (lookout_seed_csv_row(&csv, &failed)) {
        /* Rows of another length are refused when they are read for good. */
        for (size_t i = 0; i < table->n && i < csv.n; i++) {
            look_at(&table->items[i], csv.values[i]);
        }
        table->rows++;
    }
    for (size_t i = 0; i < table->n; i++) {
        decide_type(&table->items[i]);
        decide_role(&table->items[i], table->rows);
    }
    return !failed;
}


static bool
describe_fields(const table_t *table, cJSON *json)
{
    cJSON *list = cJSON_AddArrayToObject(json, "fields"), *field;
    bool added = list != NULL;

    for (size_t i = 0; i < table->n && added; i++) {
        const column_t *column = &table->items[i];

        field = cJSON_CreateObject();
        added =
            cJSON_AddItemToArray(list, field)
            && cJSON_AddStringToObject(field, "name", column->name) != NULL
            && cJSON_AddStringToObject(field, "label", column->label.data) != NULL
            && cJSON_AddStringToObject(field, "type", lookout_type_name(column->type)) != NULL
            && cJSON_AddStringToObject(field, "role", lookout_role_name(column->role)) != NULL
            && (!column->nullable || cJSON_AddTrueToObject(field, "nullable") != NULL);
    }
    return added;
}


/* Adds a view with its name; NULL without memory. */
static cJSON *
add_view(cJSON *views, const char *chart, lookout_str_t name)
{
    cJSON *view = cJSON_CreateObject();

    if (!cJSON_AddItemToArray(views, view)) {
        cJSON_Delete(view);
        return NULL;
    }
    return name.data != NULL && cJSON_AddStringToObject(view, "name", name.data) != NULL
                   && cJSON_AddStringToObject(view, "chart", chart) != NULL
               ? view
               : NULL;
}


static bool
add_channel(cJSON *view, const char *channel, lookout_str_t text)
{
    return view != NULL && text.data != NULL
           && cJSON_AddStringToObject(view, channel, text.data) != NULL;
}


/* The total of the measure, or the number of rows where there is none. */
static bool
add_total(lookout_seed_t *seed, cJSON *view, const column_t *measure)
{
    return add_channel(view, "y",
                       measure == NULL
                           ? LOOKOUT_STR("count()")
                           : lookout_arena_printf(seed->arena, "sum(%s)", measure->name));
}


/* The two columns that a dot is placed by: measures, if there are any. */
static void
choose_axes(const table_t *table, const column_t **x, const column_t **y)
{
    const column_t *first = &table->items[0], *last = &table->items[table->n - 1];
    size_t found = 0;

    *x = first;
    *y = last;
    for (size_t i = 0; i < table->n && found < 2; i++) {
        if (table->items[i].role == LOOKOUT_MEASURE) {
            *(found == 0 ? x : y) = &table->items[i];
            found++;
        }
    }
    if (found == 1) {
        *y = *x == first ? last : first;
    }
}


/* All rows with all columns: what exports are made of. */
static bool
describe_rows(const table_t *table, cJSON *views)
{
    cJSON *view = add_view(views, "scatter", LOOKOUT_STR("All rows")), *detail;
    const column_t *x, *y;

    choose_axes(table, &x, &y);
    if (!add_channel(view, "x", lookout_str(x->name))
        || !add_channel(view, "y", lookout_str(y->name))) {
        return false;
    }
    if (table->n <= 2) {
        return true;
    }
    detail = cJSON_AddArrayToObject(view, "detail");
    for (size_t i = 0; i < table->n && detail != NULL; i++) {
        const column_t *column = &table->items[i];

        if (column != x && column != y
            && !cJSON_AddItemToArray(detail, cJSON_CreateString(column->name))) {
            return false;
        }
    }
    return detail != NULL;
}


/* A bar chart for each of the first columns that part the rows into groups. */
static bool
describe_groups(lookout_seed_t *seed, const table_t *table, const column_t *measure,
                lookout_str_t what, cJSON *views)
{
    int shown = 0;
    cJSON *view;

    for (size_t i = 0; i < table->n && shown < DIMENSIONS_SHOWN; i++) {
        const column_t *column = &table->items[i];

        if (column->role != LOOKOUT_DIMENSION || column->distinct < 2
            || column->distinct > CATEGORY_MAX) {
            continue;
        }
        shown++;
        view = add_view(
            views, "bar",
            lookout_arena_printf(seed->arena, "%s by %s", what.data, column->label.data));
        if (!add_channel(view, "x",
                         lookout_arena_printf(seed->arena, "%s | sort -y", column->name))
            || !add_total(seed, view, measure)) {
            return false;
        }
    }
    return true;
}


static bool
describe_views(lookout_seed_t *seed, const table_t *table, cJSON *views)
{
    const column_t *measure = NULL, *time = NULL;
    lookout_str_t what = LOOKOUT_STR("Rows");
    cJSON *view;

    for (size_t i = table->n; i-- > 0;) {
        measure = table->items[i].role == LOOKOUT_MEASURE ? &table->items[i] : measure;
        time = table->items[i].role == LOOKOUT_TIME ? &table->items[i] : time;
    }
    what = measure == NULL ? what : measure->label;
    if (!describe_groups(seed, table, measure, what, views)) {
        return false;
    }
    if (time != NULL) {
        view = add_view(views, "line",
                        lookout_arena_printf(seed->arena, "%s over time", what.data));
        if (!add_channel(view, "x",
                         lookout_arena_printf(seed->arena, "yearmonth(%s)", time->name))
            || !add_total(seed, view, measure)) {
            return false;
        }
    }
    if (measure != NULL) {
        view = add_view(views, "histogram",
                        lookout_arena_printf(seed->arena, "How %s is spread", what.data));
        if (!add_channel(view, "x", lookout_arena_printf(seed->arena, "bin(%s)", measure->name))
            || !add_channel(view, "y", LOOKOUT_STR("count()"))) {
            return false;
        }
    }
    return describe_rows(table, views);
}


static bool
describe(lookout_seed_t *seed, const char *file, const char *slug, const table_t *table,
         cJSON *json)
{
    lookout_str_t title = title_of(seed, slug);
    const char *base = strrchr(file, '/') == NULL ? file : strrchr(file, '/') + 1;
    lookout_str_t about = lookout_arena_printf(seed->arena, "The rows of %s.", base);
    lookout_str_t overview = lookout_arena_printf(seed->arena, "%s Overview", title.data);
    cJSON *workbook = cJSON_CreateObject(), *list;

    if (title.data == NULL || about.data == NULL || overview.data == NULL
        || cJSON_AddStringToObject(json, "name", title.data) == NULL
        || cJSON_AddStringToObject(json, "description", about.data) == NULL
        || cJSON_AddStringToObject(json, "connectionType", "csv") == NULL
        || cJSON_AddStringToObject(json, "csv", base) == NULL
        || !describe_fields(table, json)) {
        cJSON_Delete(workbook);
        return lookout_seed_no_memory();
    }
    list = cJSON_AddArrayToObject(json, "workbooks");
    if (!cJSON_AddItemToArray(list, workbook)) {
        cJSON_Delete(workbook);
        return lookout_seed_no_memory();
    }
    return (cJSON_AddStringToObject(workbook, "name", overview.data) != NULL
            && (list = cJSON_AddArrayToObject(workbook, "views")) != NULL
            && describe_views(seed, table, list))
           || lookout_seed_no_memory();
}


static void
free_json(void *json)
{
    cJSON_Delete(json);
}


cJSON *
lookout_seed_infer(lookout_seed_t *seed, const char *file, const char *slug)
{
    table_t table = { NULL, 0, 0 };
    cJSON *json;

    if (!read_table(seed, file, &table) || table.items == NULL) {
        return NULL;
    }
    json = cJSON_CreateObject();
    if (json == NULL || !lookout_arena_defer(seed->arena, free_json, json)) {
        lookout_seed_no_memory();
        return NULL;
    }
    return describe(seed, file, slug, &table, json) ? json : NULL;
}
