/*
 * Which column carries which channel. A view's query names its columns after what the channels
 * do with their fields, so the names are made again here, channel by channel in the same order,
 * and looked up.
 */

#include <ctype.h>

#include "../base/json.h"
#include "data.h"

#define MAX_SEEN 64

/* All channels in the order in which a view's query gives their columns, with what drawing
 * makes of them; LOOKOUT_CH_N: nothing. */
static const struct {
    const char *name;
    lookout_ch_e ch;
} channels[] = {
    { "x", LOOKOUT_CH_X },           { "y", LOOKOUT_CH_Y },
    { "x2", LOOKOUT_CH_N },          { "y2", LOOKOUT_CH_N },
    { "longitude", LOOKOUT_CH_N },   { "latitude", LOOKOUT_CH_N },
    { "color", LOOKOUT_CH_COLOR },   { "fill", LOOKOUT_CH_COLOR },
    { "stroke", LOOKOUT_CH_COLOR },  { "size", LOOKOUT_CH_SIZE },
    { "theta", LOOKOUT_CH_THETA },   { "radius", LOOKOUT_CH_THETA },
    { "shape", LOOKOUT_CH_N },       { "row", LOOKOUT_CH_N },
    { "column", LOOKOUT_CH_N },      { "facet", LOOKOUT_CH_N },
    { "detail", LOOKOUT_CH_DETAIL }, { "text", LOOKOUT_CH_N },
    { "tooltip", LOOKOUT_CH_N },     { "order", LOOKOUT_CH_N },
    { "opacity", LOOKOUT_CH_N },     { "key", LOOKOUT_CH_N },
};

/* Names given so far, with the expression each stands for. */
typedef struct {
    lookout_str_t expressions[MAX_SEEN];
    lookout_str_t names[MAX_SEEN];
    size_t n;
} seen_t;


static const char *
member(const cJSON *object, const char *name)
{
    const cJSON *item = lookout_json_get(object, name);

    if (strcmp(name, "timeUnit") == 0 && cJSON_IsObject(item)) {
        item = lookout_json_get(item, "unit");
    }
    return cJSON_IsString(item) ? item->valuestring : "";
}


static bool
is_binned(const cJSON *object)
{
    const cJSON *bin = lookout_json_get(object, "bin");

    return cJSON_IsTrue(bin) || cJSON_IsObject(bin);
}


static const lookout_data_column_t *
find_column(const lookout_chart_t *chart, lookout_str_t name)
{
    size_t i;

    for (i = 0; i < chart->n_columns; i++) {
        if (lookout_str_eq(chart->columns[i].name, name)) {
            return &chart->columns[i];
        }
    }
    return NULL;
}


/* The name of the column for an expression: the one it had before, or `base`, with a number
 * when another expression took that. */
static lookout_str_t
name_for(lookout_arena_t *arena, seen_t *seen, lookout_str_t expression, lookout_str_t base)
{
    lookout_str_t name = base;
    unsigned turn = 2;
    size_t i;

    for (i = 0; i < seen->n; i++) {
        if (lookout_str_eq(seen->expressions[i], expression)) {
            return seen->names[i];
        }
    }
    for (i = 0; i < seen->n; i++) {
        if (lookout_str_eq(seen->names[i], name)) {
            name = lookout_arena_printf(arena, "%.*s_%u", LOOKOUT_STR_ARG(base), turn++);
            i = (size_t) -1; /* compare with all again */
        }
    }
    if (seen->n < MAX_SEEN) {
        seen->expressions[seen->n] = expression;
        seen->names[seen->n++] = name;
    }
    return name;
}


/* A title for a channel that has none: what it does and its field, as words: "Sum amount
 * usd". */
static lookout_str_t
words(lookout_arena_t *arena, const char *field, const char *aggregate)
{
    lookout_str_t s;
    char *p;

    if (strcmp(aggregate, "count") == 0) {
        return LOOKOUT_STR("Number of records");
    }
    s = lookout_arena_printf(arena, "%s%s%s", aggregate, *aggregate == '\0' ? "" : " ", field);
    if (s.data == NULL) {
        return LOOKOUT_STR("");
    }
    p = (char *) s.data;
    *p = (char) toupper((unsigned char) *p);
    for (; *p != '\0'; p++) {
        if (*p == '_') {
            *p = ' ';
        }
    }
    return s;
}


static bool
sums(const char *aggregate)
{
    return *aggregate == '\0' || strcmp(aggregate, "sum") == 0
           || strcmp(aggregate, "count") == 0 || strcmp(aggregate, "valid") == 0
           || strcmp(aggregate, "missing") == 0;
}


/* What an encoding's `type` and the column's make of the values. */
static lookout_measure_e
measure_of(const cJSON *object, const lookout_data_column_t *column, bool *ordinal)
{
    const char *type = member(object, "type");

    *ordinal = strcmp(type, "ordinal") == 0;
    switch (column->type) {
    case LOOKOUT_INTEGER:
    case LOOKOUT_FLOAT:
        return strcmp(type, "nominal") == 0 || *ordinal ? LOOKOUT_DISCRETE
                                                        : LOOKOUT_QUANTITATIVE;
    case LOOKOUT_DATE:
    case LOOKOUT_TIMESTAMP:
        return strcmp(type, "nominal") == 0 ? LOOKOUT_DISCRETE : LOOKOUT_TEMPORAL;
    default:
        return LOOKOUT_DISCRETE;
    }
}


static void
bind(lookout_chart_t *chart, lookout_ch_e ch, const cJSON *object, lookout_str_t name)
{
    lookout_chart_channel_t *channel = &chart->channels[ch];
    const lookout_data_column_t *column = find_column(chart, name);
    const char *title = member(object, "title");
    lookout_str_t end;

    if (column == NULL || channel->column != NULL) {
        return;
    }
    channel->column = column;
    channel->spec = object;
    channel->aggregate = member(object, "aggregate");
    channel->unit = member(object, "timeUnit");
    if (strncmp(channel->unit, "utc", 3) == 0) {
        channel->unit += 3;
    }
    channel->measure = measure_of(object, column, &channel->ordinal);
    channel->additive = sums(channel->aggregate);
    channel->title = *title != '\0'
                         ? lookout_data_clean(chart->arena, lookout_str(title))
                         : words(chart->arena, member(object, "field"), channel->aggregate);
    chart->columns[column - chart->columns].wanted = true;
    if (is_binned(object)) {
        end = lookout_arena_printf(chart->arena, "%.*s_end", LOOKOUT_STR_ARG(name));
        channel->end = find_column(chart, end);
        if (channel->end != NULL) {
            chart->columns[channel->end - chart->columns].wanted = true;
        }
    }
}


/* One channel's object: names its column and binds it. */
static bool
bind_object(lookout_chart_t *chart, seen_t *seen, lookout_ch_e ch, const cJSON *object)
{
    const char *aggregate = member(object, "aggregate"), *unit = member(object, "timeUnit");
    const char *field = member(object, "field"), *prefix = aggregate, *same = aggregate;
    lookout_str_t base, expression;

    if (strncmp(unit, "utc", 3) == 0) {
        unit += 3;
    }
    if (strcmp(aggregate, "count") == 0) {
        field = "";
    } else if (*field == '\0') {
        return true; /* a constant */
    }
    if (*prefix == '\0') {
        prefix = *unit != '\0' ? unit : is_binned(object) ? "bin" : "";
        same = prefix;
    }
    if (strcmp(aggregate, "average") == 0) {
        same = "mean"; /* the same expression: the column has the name that came first */
    }
    base = lookout_arena_printf(chart->arena, "%s%s%s", prefix,
                                *prefix != '\0' && *field != '\0' ? "_" : "", field);
    expression = lookout_arena_printf(chart->arena, "%s %s", same, field);
    if (base.data == NULL || expression.data == NULL) {
        return false;
    }
    base = name_for(chart->arena, seen, expression, base);
    if (ch != LOOKOUT_CH_N) {
        bind(chart, ch, object, base);
    }
    return base.data != NULL;
}


bool
lookout_data_bind(lookout_chart_t *chart)
{
    seen_t seen = { .n = 0 };
    const cJSON *item, *object;
    size_t i;

    for (i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
        item = lookout_json_get(chart->spec.encoding, channels[i].name);
        object = cJSON_IsArray(item) ? item->child : item;
        for (; object != NULL; object = cJSON_IsArray(item) ? object->next : NULL) {
            if (!bind_object(chart, &seen, channels[i].ch, object)) {
                return false;
            }
        }
    }
    return true;
}
