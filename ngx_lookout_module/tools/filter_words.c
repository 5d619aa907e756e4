/*
 * Each operator has its words; long lists end in "+12 more", because a subtitle is one line.
 */

#include "filter_words.h"

#include "../base/json.h"

#define SHOWN 3              /* values of a list */
#define SEPARATOR " \u00b7 " /* a middle dot */

static const struct {
    const char *op;
    const char *before; /* the value, or the first of them */
    const char *between;
} words[] = {
    { "eq", ": ", "" },
    { "neq", " is not ", "" },
    { "in", ": ", ", " },
    { "not_in", " is not ", ", " },
    { "gt", " > ", "" },
    { "gte", " \u2265 ", "" },
    { "lt", " < ", "" },
    { "lte", " \u2264 ", "" },
    { "between", ": ", " to " },
    { "like", " like ", "" },
    { "is_null", " is empty", "" },
    { "not_null", " is not empty", "" },
};

#define N_WORDS (sizeof(words) / sizeof(words[0]))


static void
value_words(lookout_buf_t *b, const cJSON *value)
{
    int64_t n;

    if (cJSON_IsBool(value)) {
        lookout_buf_puts(b, cJSON_IsTrue(value) ? "yes" : "no");
    } else if (lookout_json_int_value(value, &n)) {
        lookout_buf_int(b, n); /* 84000 rather than 84000.0 */
    } else if (cJSON_IsNumber(value)) {
        lookout_buf_double(b, value->valuedouble);
    } else if (cJSON_IsString(value)) {
        lookout_buf_str(b, lookout_str(value->valuestring));
    }
}


static void
list_words(lookout_buf_t *b, const cJSON *values, const char *between)
{
    int i = 0;
    int n = cJSON_GetArraySize(values);
    const cJSON *value;

    cJSON_ArrayForEach(value, values)
    {
        if (i == SHOWN && n > SHOWN + 1) { /* "+1 more" is no shorter than the one */
            lookout_buf_printf(b, " +%d more", n - i);
            return;
        }
        if (i++ != 0) {
            lookout_buf_puts(b, between);
        }
        value_words(b, value);
    }
}


static void
one_filter(lookout_buf_t *b, const cJSON *filter, lookout_fields_t fields)
{
    size_t i;
    const cJSON *value = lookout_json_get(filter, "value");
    lookout_str_t name = lookout_str(cJSON_GetStringValue(lookout_json_get(filter, "field")));
    lookout_str_t op = lookout_str(cJSON_GetStringValue(lookout_json_get(filter, "op")));
    const lookout_field_t *field = lookout_fields_find(fields, name);

    for (i = 0; i < N_WORDS - 1 && !lookout_str_is(op, words[i].op); i++) {
        /* the last one it is, if none before */
    }

    lookout_buf_str(b, field != NULL && field->label.len != 0 ? field->label : name);
    lookout_buf_puts(b, words[i].before);
    if (cJSON_IsArray(value)) {
        list_words(b, value, words[i].between);
    } else {
        value_words(b, value);
    }
}


void
lookout_filter_words(lookout_buf_t *b, const cJSON *filters, lookout_fields_t fields)
{
    const cJSON *filter;
    bool first = true;

    cJSON_ArrayForEach(filter, filters)
    {
        lookout_buf_puts(b, first ? "" : SEPARATOR);
        one_filter(b, filter, fields);
        first = false;
    }
}
