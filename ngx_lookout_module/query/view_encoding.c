/*
 * Reading encodings. Three tables, of channels, aggregates and time units, say what is known;
 * fields are looked up in what the datasource has now, and all that do not fit any more are
 * reported at once.
 */

#define _GNU_SOURCE /* memmem */

#include <math.h>

#include "view_encoding.h"

#define MAX_BINS 10 /* when the encoding does not say, as in Vega-Lite */
#define MAX_BINS_LIMIT 1000

static const char *const channels[] = {
    "x",      "y",    "x2",      "y2",     "longitude", "latitude", "color",  "fill",
    "stroke", "size", "theta",   "radius", "shape",     "row",      "column", "facet",
    "detail", "text", "tooltip", "order",  "opacity",   "key",
};

#define N_CHANNELS (sizeof(channels) / sizeof(channels[0]))

static const lookout_aggregate_t aggregates[] = {
    { "count", "COUNT(*)", LOOKOUT_GIVES_COUNT, false, "SUM" },
    { "valid", "COUNT($)", LOOKOUT_GIVES_COUNT, false, "SUM" },
    { "missing", "(COUNT(*)-COUNT($))", LOOKOUT_GIVES_COUNT, false, "SUM" },
    { "distinct", "COUNT(DISTINCT $)", LOOKOUT_GIVES_COUNT, false, "SUM" },
    { "sum", "SUM($)", LOOKOUT_GIVES_SUM, true, "SUM" },
    { "mean", "AVG($)", LOOKOUT_GIVES_FLOAT, true, "AVG" },
    { "average", "AVG($)", LOOKOUT_GIVES_FLOAT, true, "AVG" },
    { "median", "median($)", LOOKOUT_GIVES_FLOAT, true, "AVG" },
    { "stdev", "stdev($)", LOOKOUT_GIVES_SPREAD, true, "AVG" },
    { "variance", "variance($)", LOOKOUT_GIVES_SPREAD, true, "AVG" },
    { "min", "MIN($)", LOOKOUT_GIVES_FIELD, false, "MIN" },
    { "max", "MAX($)", LOOKOUT_GIVES_FIELD, false, "MAX" },
};

/* Cut out of the text, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ, wherever that gives the answer: the
 * date functions cost ten times as much. */
static const lookout_time_unit_t units[] = {
    { "year", "substr($,1,4)||'-01-01'", LOOKOUT_DATE, false },
    { "yearquarter", "substr($,1,5)||substr('01040710',(substr($,6,2)-1)/3*2+1,2)||'-01'",
      LOOKOUT_DATE, false },
    { "yearmonth", "substr($,1,7)||'-01'", LOOKOUT_DATE, false },
    { "yearweek", "date($,'weekday 6','-6 days')", LOOKOUT_DATE, false },
    { "yearmonthdate", "substr($,1,10)", LOOKOUT_DATE, false },
    { "yearmonthdatehours", "substr($,1,13)||':00:00Z'", LOOKOUT_TIMESTAMP, true },
    { "quarter", "(substr($,6,2)+2)/3", LOOKOUT_INTEGER, false },
    { "month", "CAST(substr($,6,2) AS INTEGER)", LOOKOUT_INTEGER, false },
    { "date", "CAST(substr($,9,2) AS INTEGER)", LOOKOUT_INTEGER, false },
    { "day", "CAST(strftime('%w',$) AS INTEGER)", LOOKOUT_INTEGER, false },
    { "hours", "CAST(substr($,12,2) AS INTEGER)", LOOKOUT_INTEGER, true },
};

/* What the reading of one encoding goes through. */
typedef struct {
    lookout_arena_t *arena;
    lookout_error_t *error;
    lookout_fields_t fields;
    lookout_buf_t missing;    /* names of fields, as members of a JSON array */
    lookout_buf_t mismatched; /* {field, type, needs}, likewise */
} reader_t;


const lookout_aggregate_t *
lookout_aggregate_find(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(aggregates) / sizeof(aggregates[0]); i++) {
        if (strcmp(aggregates[i].name, name) == 0) {
            return &aggregates[i];
        }
    }
    return NULL;
}


static const lookout_time_unit_t *
find_unit(const char *name)
{
    size_t i;

    if (strncmp(name, "utc", 3) == 0) {
        name += 3; /* all times here are UTC */
    }
    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(units[i].name, name) == 0) {
            return &units[i];
        }
    }
    return NULL;
}


const lookout_channel_t *
lookout_encoding_channel(const lookout_encoding_t *encoding, const char *name, size_t len)
{
    size_t i;

    for (i = 0; i < encoding->n; i++) {
        if (strlen(encoding->items[i].name) == len
            && memcmp(encoding->items[i].name, name, len) == 0) {
            return &encoding->items[i];
        }
    }
    return NULL;
}


static bool
is_number(const lookout_field_t *field)
{
    return field->type == LOOKOUT_INTEGER || field->type == LOOKOUT_FLOAT;
}


bool
lookout_aggregate_fits(const lookout_aggregate_t *aggregate, const lookout_field_t *field)
{
    return !aggregate->numbers
           || (field != NULL && (is_number(field) || field->type == LOOKOUT_BOOLEAN));
}


lookout_code_e
lookout_encoding_bad(lookout_arena_t *arena, lookout_error_t *error, const char *channel,
                     const char *format, ...)
{
    lookout_buf_t details = LOOKOUT_BUF_INIT;
    lookout_str_t what;
    va_list args;

    va_start(args, format);
    what = lookout_arena_vprintf(arena, format, args);
    va_end(args);
    lookout_json_open(&details, '{');
    lookout_json_key(&details, "reason");
    lookout_json_cstr(&details, "bad_encoding");
    if (channel != NULL) {
        lookout_json_key(&details, "channel");
        lookout_json_cstr(&details, channel);
    }
    lookout_json_close(&details, '}');
    return lookout_fail(arena, error, LOOKOUT_INTERNAL_ERROR, lookout_details(arena, &details),
                        "This view's encoding cannot be drawn up%s%s: %.*s. Its author has to "
                        "correct it; query_datasource reaches the same data.",
                        channel == NULL ? "" : ", at channel ", channel == NULL ? "" : channel,
                        LOOKOUT_STR_ARG(what));
}


/* --- Walking the tree --- */

/* The channel objects of one name: the member itself, or the members of an array. Starts with
 * previous NULL; NULL at the end. */
static const cJSON *
next_object(const cJSON *encoding, size_t channel, const cJSON *previous)
{
    const cJSON *member = lookout_json_get(encoding, channels[channel]);

    if (cJSON_IsArray(member)) {
        return previous == NULL ? member->child : previous->next;
    }
    return previous == NULL ? member : NULL;
}


/* Adds a name that is not there yet. */
static size_t
add_name(const cJSON *item, lookout_str_t *names, size_t n, size_t max)
{
    size_t i;

    if (!cJSON_IsString(item)) {
        return n;
    }
    for (i = 0; i < n; i++) {
        if (lookout_str_is(names[i], item->valuestring)) {
            return n;
        }
    }
    if (n < max) {
        names[n++] = lookout_str(item->valuestring);
    }
    return n;
}


size_t
lookout_view_fields(const cJSON *encoding, lookout_str_t *names, size_t max)
{
    const cJSON *object, *sort;
    size_t i, n = 0;

    for (i = 0; i < N_CHANNELS; i++) {
        object = NULL;
        while ((object = next_object(encoding, i, object)) != NULL) {
            n = add_name(lookout_json_get(object, "field"), names, n, max);
            sort = lookout_json_get(object, "sort");
            n = add_name(lookout_json_get(sort, "field"), names, n, max);
        }
    }
    return n;
}


/* --- One channel --- */

/* Notes that the field's type does not do. */
static void
mismatch(reader_t *r, const lookout_field_t *field, const char *needs)
{
    lookout_buf_t *b = &r->mismatched;

    lookout_json_open(b, '{');
    lookout_json_key(b, "field");
    lookout_json_str(b, field->name);
    lookout_json_key(b, "type");
    lookout_json_cstr(b, lookout_type_name(field->type));
    lookout_json_key(b, "needs");
    lookout_json_cstr(b, needs);
    lookout_json_close(b, '}');
}


/* The field of that name; NULL and a note when there is none any more. */
static const lookout_field_t *
find_field(reader_t *r, const char *name)
{
    const lookout_field_t *field = lookout_fields_find(r->fields, lookout_str(name));
    lookout_buf_t quoted = LOOKOUT_BUF_INIT;

    if (field == NULL) {
        lookout_json_cstr(&quoted, name);
        if (quoted.failed || r->missing.len == 0
            || memmem(r->missing.data, r->missing.len, quoted.data, quoted.len) == NULL) {
            lookout_json_cstr(&r->missing, name);
        }
        lookout_buf_free(&quoted);
    }
    return field;
}


static lookout_code_e
read_aggregate(reader_t *r, const cJSON *object, lookout_channel_t *channel)
{
    const cJSON *item = lookout_json_get(object, "aggregate");

    if (item == NULL || cJSON_IsNull(item)) {
        return LOOKOUT_OK;
    }
    channel->aggregate =
        cJSON_IsString(item) ? lookout_aggregate_find(item->valuestring) : NULL;
    if (channel->aggregate == NULL) {
        return lookout_encoding_bad(
            r->arena, r->error, channel->name,
            "the aggregate %.64s is not one of count, valid, missing, "
            "distinct, sum, mean, average, median, stdev, variance, min, "
            "max",
            cJSON_IsString(item) ? item->valuestring : lookout_json_kind(item));
    }
    return LOOKOUT_OK;
}


static lookout_code_e
read_unit(reader_t *r, const cJSON *object, lookout_channel_t *channel)
{
    const cJSON *item = lookout_json_get(object, "timeUnit");

    if (cJSON_IsObject(item)) {
        item = lookout_json_get(item, "unit");
    }
    if (item == NULL || cJSON_IsNull(item)) {
        return LOOKOUT_OK;
    }
    channel->unit = cJSON_IsString(item) ? find_unit(item->valuestring) : NULL;
    if (channel->unit == NULL) {
        return lookout_encoding_bad(r->arena, r->error, channel->name,
                                    "the timeUnit %.64s is not one of year, yearquarter, "
                                    "yearmonth, yearweek, yearmonthdate, yearmonthdatehours, "
                                    "quarter, month, date, day, hours",
                                    cJSON_IsString(item) ? item->valuestring
                                                         : lookout_json_kind(item));
    }
    return LOOKOUT_OK;
}


static lookout_code_e
read_bin(reader_t *r, const cJSON *object, lookout_channel_t *channel)
{
    const cJSON *bin = lookout_json_get(object, "bin"), *item;
    int64_t max_bins = MAX_BINS;

    if (bin == NULL || cJSON_IsNull(bin) || cJSON_IsFalse(bin)) {
        return LOOKOUT_OK;
    }
    if (!cJSON_IsTrue(bin) && !cJSON_IsObject(bin)) {
        return lookout_encoding_bad(r->arena, r->error, channel->name,
                                    "bin is true or an object, not %s", lookout_json_kind(bin));
    }
    channel->binned = true;
    item = lookout_json_get(bin, "maxbins");
    if (item != NULL
        && !(lookout_json_int_value(item, &max_bins) && max_bins >= 1
             && max_bins <= MAX_BINS_LIMIT)) {
        return lookout_encoding_bad(r->arena, r->error, channel->name,
                                    "maxbins is a whole number from 1 to %d", MAX_BINS_LIMIT);
    }
    channel->max_bins = (int) max_bins;
    item = lookout_json_get(bin, "step");
    if (item != NULL) {
        if (!cJSON_IsNumber(item) || !(item->valuedouble > 0) || !isfinite(item->valuedouble)) {
            return lookout_encoding_bad(r->arena, r->error, channel->name,
                                        "step is a number above 0");
        }
        channel->step = item->valuedouble;
    }
    return LOOKOUT_OK;
}


/* Looks the field up and checks that its type bears what is done with it. */
static lookout_code_e
read_field(reader_t *r, const cJSON *object, lookout_channel_t *channel)
{
    const cJSON *item = lookout_json_get(object, "field");
    const lookout_field_t *field;

    if (!cJSON_IsString(item)) {
        return lookout_encoding_bad(r->arena, r->error, channel->name,
                                    "field has to be the name of a field");
    }
    if (((channel->aggregate != NULL) + (channel->unit != NULL) + channel->binned) > 1) {
        return lookout_encoding_bad(r->arena, r->error, channel->name,
                                    "only one of aggregate, timeUnit and bin is possible");
    }
    channel->field = field = find_field(r, item->valuestring);
    if (field == NULL) {
        return LOOKOUT_OK;
    }
    if ((channel->aggregate != NULL && !lookout_aggregate_fits(channel->aggregate, field))
        || (channel->binned && !is_number(field))) {
        mismatch(r, field, "a number");
    } else if (channel->unit != NULL && field->type != LOOKOUT_TIMESTAMP
               && (field->type != LOOKOUT_DATE || channel->unit->timestamps)) {
        mismatch(r, field, channel->unit->timestamps ? "a timestamp" : "a date or timestamp");
    }
    return LOOKOUT_OK;
}


/* Reads one channel's object. A constant ({"value": ..}, {"datum": ..}) leaves *channel without
 * field and aggregate, and is none. */
static lookout_code_e
read_channel(reader_t *r, const cJSON *object, lookout_channel_t *channel)
{
    const cJSON *sort = lookout_json_get(object, "sort");
    const cJSON *sort_field = lookout_json_get(sort, "field");
    lookout_code_e code;

    if (!cJSON_IsObject(object)) {
        return lookout_encoding_bad(r->arena, r->error, channel->name,
                                    "a channel is an object, not %s",
                                    lookout_json_kind(object));
    }
    code = read_aggregate(r, object, channel);
    if (code == LOOKOUT_OK) {
        code = read_unit(r, object, channel);
    }
    if (code == LOOKOUT_OK) {
        code = read_bin(r, object, channel);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }
    channel->sort = sort;
    if (cJSON_IsString(sort_field)) {
        (void) find_field(r, sort_field->valuestring);
    }
    if (channel->aggregate != NULL && strcmp(channel->aggregate->name, "count") == 0) {
        return LOOKOUT_OK; /* counts rows, whatever field is named with it */
    }
    if (lookout_json_get(object, "field") == NULL && channel->aggregate == NULL
        && channel->unit == NULL && !channel->binned) {
        return LOOKOUT_OK;
    }
    return read_field(r, object, channel);
}


/* --- The encoding --- */

static lookout_code_e
drifted(reader_t *r)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t missing = lookout_buf_text(&r->missing);
    lookout_str_t mismatched = lookout_buf_text(&r->mismatched);
    size_t i;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "missingFields");
    lookout_json_open(&b, '[');
    lookout_buf_str(&b, missing);
    lookout_json_close(&b, ']');
    lookout_json_key(&b, "mismatchedFields");
    lookout_json_open(&b, '[');
    lookout_buf_str(&b, mismatched);
    lookout_json_close(&b, ']');
    lookout_json_key(&b, "availableFields");
    lookout_json_open(&b, '[');
    for (i = 0; i < r->fields.n; i++) {
        lookout_json_str(&b, r->fields.items[i].name);
    }
    lookout_json_close(&b, ']');
    lookout_json_close(&b, '}');
    return lookout_fail(
        r->arena, r->error, LOOKOUT_SCHEMA_DRIFT, lookout_details(r->arena, &b),
        "This view does not fit its datasource any more: %s %.*s. Its author has "
        "to adapt it; query_datasource reaches the fields that there are.",
        missing.len != 0 ? "it names fields that the datasource no longer has,"
                         : "fields have changed their type,",
        LOOKOUT_STR_ARG(missing.len != 0 ? missing : mismatched));
}


/* Refuses a member that is no channel. */
static lookout_code_e
check_names(reader_t *r, const cJSON *encoding)
{
    const cJSON *member;
    size_t i;

    if (!cJSON_IsObject(encoding)) {
        return lookout_encoding_bad(r->arena, r->error, NULL,
                                    "an encoding is an object of channels, not %s",
                                    lookout_json_kind(encoding));
    }
    cJSON_ArrayForEach(member, encoding)
    {
        for (i = 0; i < N_CHANNELS && strcmp(channels[i], member->string) != 0; i++) {
        }
        if (i == N_CHANNELS) {
            return lookout_encoding_bad(r->arena, r->error, member->string,
                                        "there is no such channel");
        }
    }
    return LOOKOUT_OK;
}


static size_t
count_objects(const cJSON *encoding)
{
    const cJSON *object;
    size_t i, n = 0;

    for (i = 0; i < N_CHANNELS; i++) {
        object = NULL;
        while ((object = next_object(encoding, i, object)) != NULL) {
            n++;
        }
    }
    return n;
}


static lookout_code_e
read_channels(reader_t *r, const cJSON *encoding, lookout_encoding_t *out)
{
    lookout_channel_t *channel;
    const cJSON *object;
    lookout_code_e code;
    size_t i;

    out->items =
        lookout_arena_alloc(r->arena, (count_objects(encoding) + 1) * sizeof(*out->items));
    if (out->items == NULL) {
        return lookout_fail_memory(r->error);
    }
    for (i = 0; i < N_CHANNELS; i++) {
        object = NULL;
        while ((object = next_object(encoding, i, object)) != NULL) {
            channel = &out->items[out->n];
            *channel = (lookout_channel_t){ .name = channels[i] };
            code = read_channel(r, object, channel);
            if (code != LOOKOUT_OK) {
                return code;
            }
            if (channel->field != NULL || channel->aggregate != NULL) {
                out->grouped = out->grouped || channel->aggregate != NULL;
                out->n++;
            }
        }
    }
    return LOOKOUT_OK;
}


lookout_code_e
lookout_encoding_read(lookout_arena_t *arena, const cJSON *encoding, lookout_fields_t fields,
                      lookout_encoding_t *out, lookout_error_t *error)
{
    reader_t r = { .arena = arena, .error = error, .fields = fields };
    lookout_code_e code;

    *out = (lookout_encoding_t){ .n = 0 };
    code = check_names(&r, encoding);
    if (code == LOOKOUT_OK) {
        code = read_channels(&r, encoding, out);
    }
    if (code == LOOKOUT_OK && (r.missing.failed || r.mismatched.failed)) {
        code = lookout_fail_memory(error);
    }
    if (code == LOOKOUT_OK && (r.missing.len != 0 || r.mismatched.len != 0)) {
        code = drifted(&r);
    }
    if (code == LOOKOUT_OK && out->n == 0) {
        code = lookout_encoding_bad(arena, error, NULL, "it has no channel with a field");
    }
    lookout_buf_free(&r.missing);
    lookout_buf_free(&r.mismatched);
    return code;
}
