/*
 * A view of a description: one line with a name, a chart, channels and filters. Here it becomes
 * what the catalogue holds: an encoding in Vega-Lite's words with a title on every channel, the
 * saved filters, and, where the description says nothing, a sentence made of both.
 */

#include <stdlib.h>
#include <string.h>

#include "../ngx_lookout_module/base/buf.h"
#include "../ngx_lookout_module/base/json.h"
#include "seed.h"

#define WORDS_OF_SOURCES 64
#define EDIT_DAYS 75 /* views were last edited up to so long before their workbook */

/* In the order of columns. */
static const char *const channel_names[] = { "x",       "y",     "color",   "size",   "theta",
                                             "shape",   "row",   "column",  "detail", "text",
                                             "tooltip", "order", "opacity", NULL };

static const char *const charts[] = { "bar",     "line",    "area",      "pie",
                                      "donut",   "treemap", "histogram", "scatter",
                                      "heatmap", "map",     NULL };

static const char *const view_keys[] = { "name",    "key",     "about",   "chart",   "source",
                                         "filters", "updated", "deleted", "drifted", "x",
                                         "y",       "color",   "size",    "theta",   "shape",
                                         "row",     "column",  "detail",  "text",    "tooltip",
                                         "order",   "opacity", NULL };

/* How a filter reads in a sentence: "Region is EMEA", "Close Date is before 2026-05-15". */
static const struct {
    const char *op;
    const char *words;
    const char *of_time;
} operators[] = {
    { "eq", "is", "is" },
    { "neq", "is not", "is not" },
    { "in", "is one of", "is one of" },
    { "not_in", "is none of", "is none of" },
    { "gt", "is over", "is after" },
    { "gte", "is at least", "is from" },
    { "lt", "is under", "is before" },
    { "lte", "is at most", "is up to" },
    { "between", "is between", "is between" },
    { "like", "is like", "is like" },
    { "is_null", "is empty", "is empty" },
    { "not_null", "is known", "is known" },
};


static bool
print_json(lookout_seed_t *seed, const cJSON *json, lookout_str_t *text)
{
    char *printed = cJSON_PrintUnformatted(json);

    if (printed == NULL || !lookout_arena_defer(seed->arena, free, printed)) {
        return lookout_seed_no_memory();
    }
    *text = lookout_str(printed);
    return true;
}


static void
free_json(void *json)
{
    cJSON_Delete(json);
}


/* A channel written out in full: its field has to be there. */
static bool
check_full(lookout_seed_t *seed, const lookout_seed_view_t *view, lookout_seed_at_t at,
           const cJSON *channel)
{
    const cJSON *field = lookout_json_get(channel, "field");
    const lookout_seed_source_t *source = view->source;
    lookout_str_t name;

    if (field == NULL) {
        return lookout_json_get(channel, "aggregate") != NULL
               || lookout_seed_fail(at, "needs a \"field\" or an \"aggregate\"");
    }
    if (!cJSON_IsString(field)) {
        return lookout_seed_fail(at, "\"field\" has to be a string");
    }
    name = lookout_str(field->valuestring);
    return view->drifted
           || lookout_fields_find((lookout_fields_t){ source->fields, source->n_fields }, name)
                  != NULL
           || lookout_seed_fail(at, "%s has no field \"%s\"%s", source->name.data, name.data,
                                lookout_seed_field_hint(seed, source, name));
}


static cJSON *
read_channel(lookout_seed_t *seed, const lookout_seed_view_t *view, lookout_seed_at_t at,
             const cJSON *json)
{
    cJSON *channel = NULL;
    lookout_str_t title;

    if (cJSON_IsString(json)) {
        channel = lookout_seed_channel(seed, view->source, at, lookout_str(json->valuestring),
                                       view->drifted);
    } else if (!cJSON_IsObject(json)) {
        lookout_seed_fail(at, "a channel is a text (\"sum(amount_usd)\") or an object, not %s",
                          lookout_json_kind(json));
    } else if (check_full(seed, view, at, json)) {
        channel = cJSON_Duplicate(json, true);
    }
    if (channel == NULL || lookout_json_get(channel, "title") != NULL) {
        return channel;
    }
    title = lookout_seed_channel_title(seed, view->source, channel);
    if (cJSON_AddStringToObject(channel, "title", title.data) == NULL) {
        lookout_seed_no_memory();
        cJSON_Delete(channel);
        return NULL;
    }
    return channel;
}


/* detail, text and tooltip may be lists of channels. */
static cJSON *
read_channels(lookout_seed_t *seed, const lookout_seed_view_t *view, lookout_seed_at_t at,
              const cJSON *list)
{
    cJSON *channels = cJSON_CreateArray(), *channel;
    const cJSON *item;
    int i = 0;

    cJSON_ArrayForEach(item, list)
    {
        channel = read_channel(seed, view, lookout_seed_below(seed, at, NULL, i++), item);
        if (channel == NULL || !cJSON_AddItemToArray(channels, channel)) {
            cJSON_Delete(channels);
            return NULL;
        }
    }
    return channels;
}


static bool
read_encoding(lookout_seed_t *seed, lookout_seed_view_t *view, const cJSON *json)
{
    const char *const *name;
    const cJSON *item;
    cJSON *channel;

    view->encoding = cJSON_CreateObject();
    if (view->encoding == NULL
        || !lookout_arena_defer(seed->arena, free_json, view->encoding)) {
        return lookout_seed_no_memory();
    }
    for (name = channel_names; *name != NULL; name++) {
        lookout_seed_at_t at = lookout_seed_below(seed, view->at, *name, -1);

        item = lookout_json_get(json, *name);
        if (item == NULL) {
            continue;
        }
        if (cJSON_IsArray(item) && strcmp(*name, "detail") != 0 && strcmp(*name, "text") != 0
            && strcmp(*name, "tooltip") != 0) {
            return lookout_seed_fail(at, "only detail, text and tooltip may be lists");
        }
        channel = cJSON_IsArray(item) ? read_channels(seed, view, at, item)
                                      : read_channel(seed, view, at, item);
        if (channel == NULL) {
            return false;
        }
        cJSON_AddItemToObject(view->encoding, *name, channel);
    }
    if (view->encoding->child == NULL) {
        return lookout_seed_fail(view->at,
                                 "shows nothing: give it channels (x, y, color, ...)");
    }
    return print_json(seed, view->encoding, &view->encoding_text);
}


/* ["region", "eq", "EMEA"] or {"field": "region", ...} to the latter. */
static bool
add_filter(lookout_seed_t *seed, lookout_seed_view_t *view, lookout_seed_at_t at,
           const cJSON *json)
{
    static const char *const keys[] = { "field", "op", "value", NULL };
    cJSON *filter = cJSON_CreateObject();
    const cJSON *item;
    int i = 0;

    if (filter == NULL || !cJSON_AddItemToArray(view->filters, filter)) {
        return lookout_seed_no_memory();
    }
    if (cJSON_IsObject(json)) {
        if (!lookout_seed_known(seed, at, json, keys)) {
            return false;
        }
        for (i = 0; keys[i] != NULL; i++) {
            item = lookout_json_get(json, keys[i]);
            if (item != NULL) {
                cJSON_AddItemToObject(filter, keys[i], cJSON_Duplicate(item, true));
            }
        }
        return true;
    }
    if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) < 2 || cJSON_GetArraySize(json) > 3) {
        return lookout_seed_fail(at, "a filter is written [\"region\", \"eq\", \"EMEA\"]");
    }
    cJSON_ArrayForEach(item, json)
    {
        cJSON_AddItemToObject(filter, keys[i++], cJSON_Duplicate(item, true));
    }
    return true;
}


static const char *
filter_field(const cJSON *filter)
{
    const cJSON *field = cJSON_IsArray(filter) ? cJSON_GetArrayItem(filter, 0)
                                               : lookout_json_get(filter, "field");

    return cJSON_IsString(field) ? field->valuestring : "";
}


/* Does a filter of the list speak of the same field? Then it stands in for the workbook's. */
static bool
replaced(const cJSON *list, const cJSON *filter)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (strcmp(filter_field(item), filter_field(filter)) == 0) {
            return true;
        }
    }
    return false;
}


/* The workbook's filters hold for all of its views of the datasource whose description it is
 * in; a view adds its own. */
static bool
read_filters(lookout_seed_t *seed, const lookout_seed_source_t *source,
             const lookout_seed_workbook_t *workbook, lookout_seed_view_t *view,
             const cJSON *json)
{
    const cJSON *shared = NULL, *own = NULL, *item;
    lookout_seed_at_t at;
    int i = 0;

    view->filters = cJSON_CreateArray();
    if (view->filters == NULL || !lookout_arena_defer(seed->arena, free_json, view->filters)) {
        return lookout_seed_no_memory();
    }
    if (!lookout_seed_list(workbook->at, workbook->json, "filters", LOOKOUT_SEED_OPTIONAL,
                           &shared)
        || !lookout_seed_list(view->at, json, "filters", LOOKOUT_SEED_OPTIONAL, &own)) {
        return false;
    }
    cJSON_ArrayForEach(item, shared)
    {
        at = lookout_seed_below(seed, workbook->at, "filters", i++);
        if (view->source == source && !replaced(own, item)
            && !add_filter(seed, view, at, item)) {
            return false;
        }
    }
    i = 0;
    cJSON_ArrayForEach(item, own)
    {
        at = lookout_seed_below(seed, view->at, "filters", i++);
        if (!add_filter(seed, view, at, item)) {
            return false;
        }
    }
    return print_json(seed, view->filters, &view->filters_text);
}


/* The titles of the channels with an aggregate, or of the others, joined. */
static bool
say_channels(const lookout_seed_view_t *view, bool aggregated, lookout_buf_t *b)
{
    const cJSON *channel, *first, *last = NULL, *title;
    bool any = false;

    cJSON_ArrayForEach(channel, view->encoding)
    {
        first = cJSON_IsArray(channel) ? channel->child : channel;
        if (first != NULL && (lookout_json_get(first, "aggregate") != NULL) == aggregated) {
            last = channel;
        }
    }
    cJSON_ArrayForEach(channel, view->encoding)
    {
        first = cJSON_IsArray(channel) ? channel->child : channel;
        if (first == NULL || (lookout_json_get(first, "aggregate") != NULL) != aggregated) {
            continue;
        }
        title = lookout_json_get(first, "title");
        lookout_buf_puts(b, !any ? "" : channel == last ? " and " : ", ");
        lookout_buf_puts(b, cJSON_IsString(title) ? title->valuestring : "");
        any = true;
    }
    return any;
}


static void
say_value(const cJSON *value, lookout_buf_t *b)
{
    const cJSON *item;
    bool first = true;

    if (cJSON_IsArray(value)) {
        cJSON_ArrayForEach(item, value)
        {
            lookout_buf_puts(b, first ? "" : item->next == NULL ? " and " : ", ");
            say_value(item, b);
            first = false;
        }
    } else if (cJSON_IsString(value)) {
        lookout_buf_puts(b, value->valuestring);
    } else if (cJSON_IsBool(value)) {
        lookout_buf_puts(b, cJSON_IsTrue(value) ? "true" : "false");
    } else if (cJSON_IsNumber(value)) {
        lookout_buf_printf(b, "%.15g", value->valuedouble);
    }
}


static void
say_filters(const lookout_seed_view_t *view, lookout_buf_t *b)
{
    const lookout_fields_t fields = { view->source->fields, view->source->n_fields };
    const cJSON *filter, *op, *value;
    const lookout_field_t *field;
    const char *joint = ", where ";
    bool time;

    cJSON_ArrayForEach(filter, view->filters)
    {
        field = lookout_fields_find(fields, lookout_str(filter_field(filter)));
        op = lookout_json_get(filter, "op");
        value = lookout_json_get(filter, "value");
        lookout_buf_puts(b, joint);
        lookout_buf_str(b, field == NULL ? lookout_str(filter_field(filter)) : field->label);
        time =
            field != NULL && (field->type == LOOKOUT_DATE || field->type == LOOKOUT_TIMESTAMP);
        for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
            if (cJSON_IsString(op) && strcmp(op->valuestring, operators[i].op) == 0) {
                lookout_buf_printf(b, " %s", time ? operators[i].of_time : operators[i].words);
            }
        }
        if (value != NULL) {
            lookout_buf_putc(b, ' ');
            say_value(value, b);
        }
        joint = " and ";
    }
}


/* "Total Amount (USD) by Stage and Region, where Region is EMEA." */
static bool
say_view(lookout_seed_t *seed, lookout_seed_view_t *view)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT, by = LOOKOUT_BUF_INIT;
    bool measured = say_channels(view, true, &b);

    if (say_channels(view, false, &by)) {
        lookout_buf_puts(&b, measured ? " by " : "Row by row: ");
        lookout_buf_str(&b, lookout_buf_text(&by));
    }
    say_filters(view, &b);
    lookout_buf_putc(&b, '.');
    view->description = b.failed || by.failed
                            ? LOOKOUT_STR_NONE
                            : lookout_arena_copy(seed->arena, lookout_buf_text(&b));
    lookout_buf_free(&b);
    lookout_buf_free(&by);
    return view->description.data != NULL || lookout_seed_no_memory();
}


static bool
find_source(lookout_seed_t *seed, lookout_seed_source_t *own, const cJSON *json,
            lookout_seed_view_t *view)
{
    lookout_str_t slug = LOOKOUT_STR_NONE, slugs[WORDS_OF_SOURCES];
    size_t n = 0;

    view->source = own;
    if (!lookout_seed_text(view->at, json, "source", LOOKOUT_SEED_OPTIONAL, &slug)) {
        return false;
    }
    if (slug.data == NULL) {
        return true;
    }
    for (size_t i = 0; i < seed->n_sources; i++) {
        if (lookout_str_is(slug, seed->sources[i].slug)) {
            view->source = &seed->sources[i];
            return true;
        }
        if (n < WORDS_OF_SOURCES) {
            slugs[n++] = lookout_str(seed->sources[i].slug);
        }
    }
    return lookout_seed_fail(view->at, "\"source\" names \"%s\", but there is no %s.json%s",
                             slug.data, slug.data, lookout_seed_hint(seed, slug, slugs, n));
}


static bool
find_chart(lookout_seed_t *seed, const cJSON *json, lookout_seed_view_t *view)
{
    lookout_str_t chart = LOOKOUT_STR_NONE, words[sizeof(charts) / sizeof(charts[0])];
    size_t n;

    if (!lookout_seed_text(view->at, json, "chart", LOOKOUT_SEED_REQUIRED, &chart)) {
        return false;
    }
    for (n = 0; charts[n] != NULL; n++) {
        if (lookout_str_is(chart, charts[n])) {
            view->chart = charts[n];
            return true;
        }
        words[n] = lookout_str(charts[n]);
    }
    return lookout_seed_fail(view->at, "there is no chart \"%s\"%s", chart.data,
                             lookout_seed_hint(seed, chart, words, n));
}


/* The id hangs on the view's key, or its name, under its workbook's; the time of the last edit
 * is made up, in the months before the workbook's, unless it is given. */
static bool
identify(lookout_seed_t *seed, const lookout_seed_source_t *source,
         const lookout_seed_workbook_t *workbook, lookout_str_t key, lookout_seed_view_t *view)
{
    const char *slug = lookout_seed_slug(seed, key, '-');
    uint64_t hash;

    if (slug == NULL) {
        return false;
    }
    if (!lookout_seed_id(seed, view->id, "vw_", "view:%s/%s/%s", source->slug, workbook->slug,
                         slug)) {
        return false;
    }
    if (view->updated_at == 0) {
        hash = lookout_seed_hash(view->id);
        view->updated_at = workbook->updated_at
                           - (int64_t) (hash % EDIT_DAYS) * LOOKOUT_SEED_DAY
                           - (int64_t) ((hash >> 32) % 3600);
    }
    return true;
}


bool
lookout_seed_view(lookout_seed_t *seed, lookout_seed_source_t *source,
                  lookout_seed_workbook_t *workbook, const cJSON *json,
                  lookout_seed_view_t *view)
{
    lookout_str_t key, about = LOOKOUT_STR_NONE;

    if (!lookout_seed_known(seed, view->at, json, view_keys)
        || !lookout_seed_text(view->at, json, "name", LOOKOUT_SEED_REQUIRED, &view->name)) {
        return false;
    }
    key = view->name;
    if (!lookout_seed_text(view->at, json, "key", LOOKOUT_SEED_OPTIONAL, &key)
        || !lookout_seed_text(view->at, json, "about", LOOKOUT_SEED_OPTIONAL, &about)
        || !lookout_seed_date(view->at, json, "updated", &view->updated_at)
        || !lookout_seed_date(view->at, json, "deleted", &view->deleted_at)
        || !lookout_seed_flag(view->at, json, "drifted", &view->drifted)
        || !find_source(seed, source, json, view) || !find_chart(seed, json, view)
        || !read_encoding(seed, view, json) || !read_filters(seed, source, workbook, view, json)
        || !identify(seed, source, workbook, key, view)) {
        return false;
    }
    view->description = about;
    return about.data != NULL || say_view(seed, view);
}
