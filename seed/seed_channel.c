/*
 * A channel's shorthand. Descriptions may write a channel of an encoding in full, as Vega-Lite
 * has it, or as a line of text:
 *
 *     region                              a field; its type follows from the field's
 *     sum(amount_usd)                     an aggregate; count() needs no field
 *     yearmonth(close_date)               a time unit
 *     bin(amount_usd) | bins 30           a binned number
 *     stage | sort Discovery, Proposal    options: sort, title, stack, bins, type
 *     region | sort -y
 */

#include <string.h>

#include "../ngx_lookout_module/base/json.h"
#include "seed.h"

typedef enum { AGGREGATE, TIME_UNIT, BIN } call_e;

/* What may stand before the parenthesis, and what it is called in a title. */
static const struct {
    const char *name;
    call_e call;
    const char *title; /* printf'ed with the field's label */
} calls[] = {
    { "count", AGGREGATE, "Number of %s" },
    { "sum", AGGREGATE, "Total %s" },
    { "mean", AGGREGATE, "Average %s" },
    { "median", AGGREGATE, "Median %s" },
    { "min", AGGREGATE, "Lowest %s" },
    { "max", AGGREGATE, "Highest %s" },
    { "distinct", AGGREGATE, "Distinct %s" },
    { "stdev", AGGREGATE, "Spread of %s" },
    { "year", TIME_UNIT, "%s (year)" },
    { "quarter", TIME_UNIT, "%s (quarter of the year)" },
    { "month", TIME_UNIT, "%s (month of the year)" },
    { "day", TIME_UNIT, "%s (day of the week)" },
    { "date", TIME_UNIT, "%s (day of the month)" },
    { "hours", TIME_UNIT, "%s (hour of the day)" },
    { "yearquarter", TIME_UNIT, "%s (quarter)" },
    { "yearmonth", TIME_UNIT, "%s (month)" },
    { "yearmonthdate", TIME_UNIT, "%s (day)" },
    { "bin", BIN, "%s" },
};

#define N_CALLS (sizeof(calls) / sizeof(calls[0]))


static lookout_str_t
trimmed(const char *start, const char *end)
{
    while (start < end && *start == ' ') {
        start++;
    }
    while (end > start && end[-1] == ' ') {
        end--;
    }
    return (lookout_str_t){ start, (size_t) (end - start) };
}


/* Adds a string that is not terminated. */
static bool
add_text(lookout_seed_t *seed, cJSON *object, const char *key, lookout_str_t text)
{
    lookout_str_t copy = lookout_arena_copy(seed->arena, text);

    return (copy.data != NULL && cJSON_AddStringToObject(object, key, copy.data) != NULL)
           || lookout_seed_no_memory();
}


/* ascending, -y and the like stay words; "A, B, C" becomes a list. */
static bool
add_sort(lookout_seed_t *seed, cJSON *channel, lookout_str_t value)
{
    const char *at = value.data, *end = value.data + value.len, *comma;
    cJSON *list;

    if (memchr(at, ',', value.len) == NULL) {
        return add_text(seed, channel, "sort", value);
    }
    list = cJSON_AddArrayToObject(channel, "sort");
    for (; list != NULL && at <= end; at = comma + 1) {
        lookout_str_t item;

        comma = memchr(at, ',', (size_t) (end - at));
        comma = comma == NULL ? end : comma;
        item = lookout_arena_copy(seed->arena, trimmed(at, comma));
        if (item.data == NULL || !cJSON_AddItemToArray(list, cJSON_CreateString(item.data))) {
            return lookout_seed_no_memory();
        }
    }
    return list != NULL || lookout_seed_no_memory();
}


static bool
add_bins(cJSON *channel, lookout_seed_at_t at, lookout_str_t value)
{
    cJSON *bin;
    int bins = 0;

    for (size_t i = 0; i < value.len && i < 4; i++) {
        bins = value.data[i] < '0' || value.data[i] > '9' ? -1000
                                                          : bins * 10 + value.data[i] - '0';
    }
    if (bins < 2 || bins > 200) {
        return lookout_seed_fail(at, "\"bins\" takes a number from 2 to 200");
    }
    bin = cJSON_CreateObject();
    if (bin == NULL || cJSON_AddNumberToObject(bin, "maxbins", bins) == NULL) {
        cJSON_Delete(bin);
        return lookout_seed_no_memory();
    }
    cJSON_DeleteItemFromObjectCaseSensitive(channel, "bin");
    return cJSON_AddItemToObject(channel, "bin", bin) || lookout_seed_no_memory();
}


static bool
add_option(lookout_seed_t *seed, lookout_seed_at_t at, cJSON *channel, lookout_str_t option)
{
    const char *blank = memchr(option.data, ' ', option.len);
    lookout_str_t key = option, value = LOOKOUT_STR_NONE;

    if (blank != NULL) {
        key.len = (size_t) (blank - option.data);
        value = trimmed(blank, option.data + option.len);
    }
    if (value.len == 0) {
        return lookout_seed_fail(at, "the option \"%.*s\" needs a value: \"sort -y\"",
                                 LOOKOUT_STR_ARG(option));
    }
    if (lookout_str_is(key, "sort")) {
        return add_sort(seed, channel, value);
    }
    if (lookout_str_is(key, "bins")) {
        return add_bins(channel, at, value);
    }
    if (lookout_str_is(key, "title")) {
        return add_text(seed, channel, "title", value);
    }
    if (lookout_str_is(key, "stack")) {
        return add_text(seed, channel, "stack", value);
    }
    if (lookout_str_is(key, "type")) {
        cJSON_DeleteItemFromObjectCaseSensitive(channel, "type");
        return add_text(seed, channel, "type", value);
    }
    return lookout_seed_fail(at,
                             "the option \"%.*s\" is none of sort, title, stack, bins, type",
                             LOOKOUT_STR_ARG(key));
}


static bool
numeric(const lookout_field_t *field)
{
    return field->type == LOOKOUT_INTEGER || field->type == LOOKOUT_FLOAT;
}


static const char *
type_of(const lookout_field_t *field, size_t call)
{
    if (call < N_CALLS && calls[call].call != TIME_UNIT) {
        return "quantitative";
    }
    if (call < N_CALLS) {
        /* Months of the year and hours of the day are steps, not a line of time. */
        return strncmp(calls[call].name, "year", 4) == 0 ? "temporal" : "ordinal";
    }
    if (field == NULL) {
        return "nominal";
    }
    if (field->type == LOOKOUT_DATE || field->type == LOOKOUT_TIMESTAMP) {
        return "temporal";
    }
    if (numeric(field)) {
        return field->role == LOOKOUT_MEASURE ? "quantitative" : "ordinal";
    }
    return field->role == LOOKOUT_TIME ? "ordinal" : "nominal";
}


/* Does the call fit the field? Drifted views are not asked. */
static bool
check_call(lookout_seed_at_t at, size_t call, const lookout_field_t *field)
{
    static const char *const any[] = { "count", "distinct", "min", "max" };
    bool time = field->type == LOOKOUT_DATE || field->type == LOOKOUT_TIMESTAMP;

    if (calls[call].call == TIME_UNIT) {
        return time
               || lookout_seed_fail(at, "%s() needs a date or a timestamp; \"%s\" is a %s",
                                    calls[call].name, field->name.data,
                                    lookout_type_name(field->type));
    }
    for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++) {
        if (strcmp(calls[call].name, any[i]) == 0) {
            return true;
        }
    }
    return numeric(field) || field->type == LOOKOUT_BOOLEAN
           || lookout_seed_fail(at, "%s() needs a number; \"%s\" is a %s", calls[call].name,
                                field->name.data, lookout_type_name(field->type));
}


/* Parts "sum(amount_usd)" into the call's row of the table (N_CALLS: none) and the field. */
static bool
split_head(lookout_seed_at_t at, lookout_str_t head, size_t *call, lookout_str_t *name)
{
    const char *open = memchr(head.data, '(', head.len);
    lookout_str_t word;

    *call = N_CALLS;
    *name = head;
    if (open == NULL) {
        return true;
    }
    if (head.data[head.len - 1] != ')') {
        return lookout_seed_fail(at, "\"%.*s\" has no closing parenthesis",
                                 LOOKOUT_STR_ARG(head));
    }
    word = trimmed(head.data, open);
    *name = trimmed(open + 1, head.data + head.len - 1);
    for (size_t i = 0; i < N_CALLS; i++) {
        if (lookout_str_is(word, calls[i].name)) {
            *call = i;
            return true;
        }
    }
    return lookout_seed_fail(at, "\"%.*s\" is no aggregate, no time unit and not bin",
                             LOOKOUT_STR_ARG(word));
}


static bool
add_head(lookout_seed_t *seed, cJSON *channel, size_t call, const lookout_field_t *field,
         lookout_str_t name)
{
    static const char *const keys[] = { "aggregate", "timeUnit" };

    if (name.len > 0 && !add_text(seed, channel, "field", name)) {
        return false;
    }
    if (call < N_CALLS
        && (calls[call].call == BIN
                ? cJSON_AddTrueToObject(channel, "bin")
                : cJSON_AddStringToObject(channel, keys[calls[call].call], calls[call].name))
               == NULL) {
        return lookout_seed_no_memory();
    }
    return cJSON_AddStringToObject(channel, "type", type_of(field, call)) != NULL
           || lookout_seed_no_memory();
}


static bool
fill_channel(lookout_seed_t *seed, const lookout_seed_source_t *source, lookout_seed_at_t at,
             lookout_str_t text, bool drifted, cJSON *channel)
{
    const char *end = text.data + text.len, *bar = memchr(text.data, '|', text.len);
    lookout_str_t head = trimmed(text.data, bar == NULL ? end : bar), name;
    const lookout_field_t *field;
    size_t call;

    if (head.len == 0) {
        return lookout_seed_fail(at, "names no field");
    }
    if (!split_head(at, head, &call, &name)) {
        return false;
    }
    field = lookout_fields_find((lookout_fields_t){ source->fields, source->n_fields }, name);
    if (field == NULL && !drifted
        && !(name.len == 0 && call < N_CALLS && strcmp(calls[call].name, "count") == 0)) {
        return lookout_seed_fail(at, "%s has no field \"%.*s\"%s", source->name.data,
                                 LOOKOUT_STR_ARG(name),
                                 lookout_seed_field_hint(seed, source, name));
    }
    if ((field != NULL && call < N_CALLS && !check_call(at, call, field))
        || !add_head(seed, channel, call, field, name)) {
        return false;
    }
    while (bar != NULL) {
        const char *start = bar + 1;

        bar = memchr(start, '|', (size_t) (end - start));
        if (!add_option(seed, at, channel, trimmed(start, bar == NULL ? end : bar))) {
            return false;
        }
    }
    return true;
}


cJSON *
lookout_seed_channel(lookout_seed_t *seed, const lookout_seed_source_t *source,
                     lookout_seed_at_t at, lookout_str_t text, bool drifted)
{
    cJSON *channel = cJSON_CreateObject();

    if (channel == NULL) {
        lookout_seed_no_memory();
        return NULL;
    }
    if (!fill_channel(seed, source, at, text, drifted, channel)) {
        cJSON_Delete(channel);
        return NULL;
    }
    return channel;
}


lookout_str_t
lookout_seed_channel_title(lookout_seed_t *seed, const lookout_seed_source_t *source,
                           const cJSON *channel)
{
    const cJSON *name = lookout_json_get(channel, "field"), *call;
    const lookout_field_t *field = NULL;
    lookout_str_t label = source->rows_are, title;

    if (cJSON_IsString(name)) {
        label = lookout_str(name->valuestring);
        field =
            lookout_fields_find((lookout_fields_t){ source->fields, source->n_fields }, label);
        label = field == NULL ? label : field->label;
    }
    call = lookout_json_get(channel, "aggregate");
    if (call == NULL) {
        call = lookout_json_get(channel, "timeUnit");
    }
    for (size_t i = 0; i < N_CALLS && call != NULL && cJSON_IsString(call); i++) {
        const char *mark = strstr(calls[i].title, "%s");

        if (strcmp(calls[i].name, call->valuestring) == 0) {
            title = lookout_arena_printf(seed->arena, "%.*s%s%s", (int) (mark - calls[i].title),
                                         calls[i].title, label.data, mark + 2);
            return title.data == NULL ? label : title;
        }
    }
    return label;
}
