/*
 * Reading filters: every way in which one can be wrong has its reason and its message, and a
 * value is read by the type of its field, once, into the form in which it is compared, shown
 * and bound.
 */

#include <errno.h>
#include <stdlib.h>

#include "../base/clock.h"
#include "../base/text.h"
#include "filter_op.h"
#include "functions.h"

#define SUGGESTIONS_MAX 3
#define FEW 12 /* known values: all of them are shown when none is near */

/* What the reading of one filter goes through. */
typedef struct {
    lookout_arena_t *arena;
    lookout_error_t *error;
    lookout_fields_t fields;
    size_t index; /* of the filter in its array */
    const char *op;
    lookout_str_t field;
} reader_t;


/* --- Errors --- */

/* INVALID_FILTER. `more` are members of details beside index, field, op and reason, as built by
 * the caller without brackets (it is freed here), or NULL. */
static lookout_code_e __attribute__((format(printf, 4, 5)))
invalid(reader_t *r, const char *reason, lookout_buf_t *more, const char *format, ...)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t text;
    va_list args;

    va_start(args, format);
    text = lookout_arena_vprintf(r->arena, format, args);
    va_end(args);

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "index");
    lookout_json_int(&b, (int64_t) r->index);
    if (r->field.data != NULL) {
        lookout_json_key(&b, "field");
        lookout_json_str(&b, r->field);
    }
    if (r->op != NULL) {
        lookout_json_key(&b, "op");
        lookout_json_cstr(&b, r->op);
    }
    lookout_json_key(&b, "reason");
    lookout_json_cstr(&b, reason);
    if (more != NULL) {
        lookout_json_raw(&b, lookout_buf_text(more));
        lookout_buf_free(more);
    }
    lookout_json_close(&b, '}');
    return lookout_fail(r->arena, r->error, LOOKOUT_INVALID_FILTER,
                        lookout_details(r->arena, &b), "Filter %zu: %.*s", r->index,
                        LOOKOUT_STR_ARG(text));
}


/* Appends "key": [names] for those that `pick` names, or all when it is NULL. */
static void
list_names(lookout_buf_t *b, const char *key, const lookout_str_t *names, const size_t *pick,
           size_t n)
{
    size_t i;

    lookout_json_key(b, key);
    lookout_json_open(b, '[');
    for (i = 0; i < n; i++) {
        lookout_json_str(b, names[pick == NULL ? i : pick[i]]);
    }
    lookout_json_close(b, ']');
}


/* " Did you mean x?" for the nearest names, which go into *b as suggestions; "" without any. */
static const char *
did_you_mean(reader_t *r, lookout_str_t word, const lookout_str_t *names, size_t n,
             lookout_buf_t *b)
{
    size_t found[SUGGESTIONS_MAX], n_found;
    lookout_str_t text = LOOKOUT_STR("");

    n_found = lookout_nearest(r->arena, word, names, n, found, SUGGESTIONS_MAX);
    list_names(b, "suggestions", names, found, n_found);
    if (n_found != 0) {
        text = lookout_arena_printf(r->arena, " Did you mean \"%.*s\"?",
                                    LOOKOUT_STR_ARG(names[found[0]]));
    }
    return text.data == NULL ? "" : text.data;
}


static lookout_code_e
unknown_field(reader_t *r)
{
    lookout_buf_t more = LOOKOUT_BUF_INIT;
    lookout_str_t *names;
    size_t i;

    names = lookout_arena_alloc(r->arena, (r->fields.n + 1) * sizeof(*names));
    if (names == NULL) {
        return lookout_fail_memory(r->error);
    }
    for (i = 0; i < r->fields.n; i++) {
        names[i] = r->fields.items[i].name;
    }
    return invalid(r, "unknown_field", &more,
                   "the datasource has no field \"%.*s\".%s get_datasource lists its fields.",
                   LOOKOUT_STR_ARG(r->field),
                   did_you_mean(r, r->field, names, r->fields.n, &more));
}


/* "eq, neq, ...": the operators that fit a field of that type. */
static const char *
op_names(reader_t *r, unsigned types)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t text;
    size_t i;

    for (i = 0; i < LOOKOUT_FILTER_N_OPS; i++) {
        if ((lookout_filter_op_table[i].types & types) != 0) {
            lookout_buf_puts(&b, b.len == 0 ? "" : ", ");
            lookout_buf_puts(&b, lookout_filter_op_table[i].name);
        }
    }
    text = lookout_details(r->arena, &b);
    return text.data == NULL ? "" : text.data;
}


static lookout_code_e
unknown_op(reader_t *r, const char *given)
{
    lookout_buf_t more = LOOKOUT_BUF_INIT;
    lookout_str_t names[LOOKOUT_FILTER_N_OPS];
    const char *hint;
    size_t i;

    for (i = 0; i < LOOKOUT_FILTER_N_OPS; i++) {
        names[i] = lookout_str(lookout_filter_op_table[i].name);
    }
    hint = did_you_mean(r, lookout_str(given), names, LOOKOUT_FILTER_N_OPS, &more);
    list_names(&more, "allowed", names, NULL, LOOKOUT_FILTER_N_OPS);
    return invalid(r, "unknown_operator", &more,
                   "there is no operator \"%s\".%s Operators: %s.", given, hint,
                   op_names(r, ~0u));
}


static lookout_code_e
op_unfit(reader_t *r, const lookout_field_t *field)
{
    lookout_buf_t more = LOOKOUT_BUF_INIT;
    lookout_str_t names[LOOKOUT_FILTER_N_OPS];
    size_t i, n = 0;

    for (i = 0; i < LOOKOUT_FILTER_N_OPS; i++) {
        if ((lookout_filter_op_table[i].types & LOOKOUT_TYPE_BIT(field->type)) != 0) {
            names[n++] = lookout_str(lookout_filter_op_table[i].name);
        }
    }
    list_names(&more, "allowed", names, NULL, n);
    return invalid(r, "operator_not_supported", &more,
                   "%s does not work on %.*s, which is of type %s; these do: %s.", r->op,
                   LOOKOUT_STR_ARG(r->field), lookout_type_name(field->type),
                   op_names(r, LOOKOUT_TYPE_BIT(field->type)));
}


static lookout_code_e
wrong_type(reader_t *r, const lookout_field_t *field, const cJSON *value, const char *wanted)
{
    return invalid(r, "wrong_type", NULL, "%.*s is of type %s: its values are %s, not %s.",
                   LOOKOUT_STR_ARG(r->field), lookout_type_name(field->type), wanted,
                   lookout_json_kind(value));
}


/* --- Values --- */

static lookout_code_e
read_integer(reader_t *r, const lookout_field_t *field, const cJSON *value, lookout_bind_t *out)
{
    const char *digits;
    char *end;

    out->kind = LOOKOUT_BIND_INT;
    if (cJSON_IsNumber(value) && lookout_json_int_value(value, &out->integer)) {
        return LOOKOUT_OK;
    }
    if (cJSON_IsString(value)) {
        digits = value->valuestring + (value->valuestring[0] == '-');
        errno = 0;
        out->integer = strtoll(value->valuestring, &end, 10);
        if (digits[0] >= '0' && digits[0] <= '9' && *end == '\0' && errno == 0) {
            return LOOKOUT_OK;
        }
    }
    return wrong_type(r, field, value,
                      "whole numbers (beyond 2^53 as a string of digits, up to 64 bits)");
}


/* A date as it is. */
static lookout_code_e
read_date(reader_t *r, lookout_str_t text, lookout_bind_t *out)
{
    if (!lookout_date_valid(text)) {
        return invalid(r, "bad_date", NULL, "\"%.*s\" is not a calendar day as YYYY-MM-DD.",
                       LOOKOUT_STR_ARG(text));
    }
    out->text = text;
    return LOOKOUT_OK;
}


/* A date stays one and means the whole day; a timestamp goes to UTC and the extract's form. */
static lookout_code_e
read_timestamp(reader_t *r, lookout_str_t text, lookout_bind_t *out)
{
    char iso[LOOKOUT_ISO8601_SIZE];
    int64_t seconds;

    if (text.len == LOOKOUT_DATE_LEN && lookout_date_valid(text)) {
        out->text = text;
        return LOOKOUT_OK;
    }
    if (!lookout_iso8601_parse(text, &seconds)) {
        return invalid(r, "bad_timestamp", NULL,
                       "\"%.*s\" is neither a timestamp (2026-03-31T18:00:00Z) nor a day "
                       "(2026-03-31).",
                       LOOKOUT_STR_ARG(text));
    }
    lookout_iso8601(iso, seconds);
    out->text = lookout_arena_copy(r->arena, lookout_str(iso));
    return out->text.data == NULL ? lookout_fail_memory(r->error) : LOOKOUT_OK;
}


static lookout_code_e
read_text(reader_t *r, const lookout_filter_op_t *op, const lookout_field_t *field,
          const cJSON *value, lookout_bind_t *out)
{
    lookout_str_t text;
    size_t max = field->type == LOOKOUT_STRING && strcmp(op->name, "like") == 0
                     ? LOOKOUT_PATTERN_MAX
                     : LOOKOUT_FILTER_STRING_MAX;

    if (!cJSON_IsString(value)) {
        return wrong_type(r, field, value,
                          field->type == LOOKOUT_STRING ? "strings"
                          : field->type == LOOKOUT_DATE ? "dates as strings (\"2026-03-31\")"
                                                        : "timestamps as strings "
                                                          "(\"2026-03-31T18:00:00Z\")");
    }
    text = lookout_str(value->valuestring);
    if (text.len > max) {
        return invalid(r, "too_long", NULL, "the value is longer than %zu bytes.", max);
    }
    out->kind = LOOKOUT_BIND_TEXT;
    if (field->type == LOOKOUT_DATE) {
        return read_date(r, text, out);
    }
    if (field->type == LOOKOUT_TIMESTAMP) {
        return read_timestamp(r, text, out);
    }
    out->text = text;
    return LOOKOUT_OK;
}


/* One value, by its field's type. Texts are copied into the arena. */
static lookout_code_e
read_value(reader_t *r, const lookout_filter_op_t *op, const lookout_field_t *field,
           const cJSON *value, lookout_bind_t *out)
{
    lookout_code_e code;

    switch (field->type) {
    case LOOKOUT_BOOLEAN:
        out->kind = LOOKOUT_BIND_INT;
        out->integer = cJSON_IsTrue(value);
        return cJSON_IsBool(value) ? LOOKOUT_OK : wrong_type(r, field, value, "true or false");
    case LOOKOUT_INTEGER:
        return read_integer(r, field, value, out);
    case LOOKOUT_FLOAT:
        out->kind = LOOKOUT_BIND_DOUBLE;
        out->real = value->valuedouble;
        return cJSON_IsNumber(value) ? LOOKOUT_OK : wrong_type(r, field, value, "numbers");
    default:
        code = read_text(r, op, field, value, out);
        if (code == LOOKOUT_OK) {
            out->text = lookout_arena_copy(r->arena, out->text);
            code = out->text.data == NULL ? lookout_fail_memory(r->error) : LOOKOUT_OK;
        }
        return code;
    }
}


/* The values that a field of text is known to have; NULL when they are not all known. */
static lookout_str_t *
known_values(reader_t *r, const lookout_field_t *field, size_t *n)
{
    lookout_json_error_t error;
    lookout_str_t *values;
    const cJSON *array, *item;

    if (!field->samples_complete || field->type != LOOKOUT_STRING) {
        return NULL;
    }
    array = lookout_json_parse(r->arena, field->sample_values, &error);
    if (!cJSON_IsArray(array)) {
        return NULL;
    }
    values = lookout_arena_alloc(r->arena,
                                 ((size_t) cJSON_GetArraySize(array) + 1) * sizeof(*values));
    *n = 0;
    cJSON_ArrayForEach(item, array)
    {
        if (values != NULL && cJSON_IsString(item)) {
            values[(*n)++] = lookout_str(item->valuestring);
        }
    }
    return values;
}


/* Refuses a value that the field never has, where all are known: a misspelling, most likely,
 * and an empty result would hide it. */
static lookout_code_e
check_known(reader_t *r, const lookout_filter_t *filter)
{
    lookout_buf_t more = LOOKOUT_BUF_INIT;
    lookout_str_t *known, value;
    const char *hint;
    size_t i, k, n = 0;

    known = known_values(r, filter->field, &n);
    if (known == NULL) {
        return LOOKOUT_OK;
    }
    for (i = 0; i < filter->n_values; i++) {
        value = filter->values[i].text;
        for (k = 0; k < n && !lookout_str_eq(known[k], value); k++) {
        }
        if (k < n) {
            continue;
        }
        hint = did_you_mean(r, value, known, n, &more);
        if (hint[0] == '\0' && n <= FEW) {
            lookout_buf_reset(&more);
            list_names(&more, "suggestions", known, NULL, n);
            hint = " details.suggestions lists all that do.";
        }
        return invalid(r, "unknown_value", &more,
                       "the value \"%.*s\" does not occur in %.*s.%s", LOOKOUT_STR_ARG(value),
                       LOOKOUT_STR_ARG(r->field), hint);
    }
    return LOOKOUT_OK;
}


/* Is the range of a between empty? Of a timestamp and a day, what both have decides. */
static bool
empty_range(const lookout_filter_t *filter)
{
    lookout_bind_t low = filter->values[0], high = filter->values[1];

    if (low.kind == LOOKOUT_BIND_TEXT && filter->field->type == LOOKOUT_TIMESTAMP
        && low.text.len != high.text.len) {
        low.text.len = high.text.len = LOOKOUT_DATE_LEN;
    }
    return lookout_filter_compare(&low, &high) > 0;
}


static lookout_code_e
read_values(reader_t *r, const cJSON *value, lookout_filter_t *filter)
{
    const lookout_filter_op_t *op = filter->op;
    bool list = op->arity == LOOKOUT_TAKES_TWO || op->arity == LOOKOUT_TAKES_LIST;
    int n = list ? cJSON_GetArraySize(value) : 1;
    const cJSON *item;
    lookout_code_e code;

    if (list && !cJSON_IsArray(value)) {
        return invalid(r, "wrong_type", NULL, "%s takes an array of values, not %s.", op->name,
                       lookout_json_kind(value));
    }
    if (op->arity == LOOKOUT_TAKES_TWO && n != 2) {
        return invalid(r, "wrong_count", NULL,
                       "between takes exactly two values, [lowest, highest], both inclusive; "
                       "here are %d.",
                       n);
    }
    if (op->arity == LOOKOUT_TAKES_LIST && (n < 1 || n > LOOKOUT_FILTER_VALUES_MAX)) {
        return invalid(r, "wrong_count", NULL, "%s takes 1 to %d values; here are %d.",
                       op->name, LOOKOUT_FILTER_VALUES_MAX, n);
    }

    filter->values = lookout_arena_alloc(r->arena, (size_t) n * sizeof(*filter->values));
    if (filter->values == NULL) {
        return lookout_fail_memory(r->error);
    }
    for (item = list ? value->child : value; item != NULL; item = list ? item->next : NULL) {
        code = read_value(r, op, filter->field, item, &filter->values[filter->n_values++]);
        if (code != LOOKOUT_OK) {
            return code;
        }
    }
    if (op->arity == LOOKOUT_TAKES_TWO && empty_range(filter)) {
        return invalid(r, "empty_range", NULL,
                       "between takes [lowest, highest], and here the first is higher than the "
                       "second.");
    }
    if (strcmp(op->name, "eq") == 0 || strcmp(op->name, "in") == 0) {
        return check_known(r, filter);
    }
    return LOOKOUT_OK;
}


/* --- Filters --- */

/* Refuses members that a filter does not have, so that a misspelt one is not overlooked. */
static lookout_code_e
check_members(reader_t *r, const cJSON *object)
{
    const cJSON *member;

    if (!cJSON_IsObject(object)) {
        return invalid(r, "not_an_object", NULL,
                       "a filter is an object {\"field\", \"op\", \"value\"}, not %s.",
                       lookout_json_kind(object));
    }
    cJSON_ArrayForEach(member, object)
    {
        if (strcmp(member->string, "field") != 0 && strcmp(member->string, "op") != 0
            && strcmp(member->string, "value") != 0) {
            return invalid(r, "unknown_member", NULL,
                           "a filter has no member \"%.100s\", only field, op and value.",
                           member->string);
        }
    }
    return LOOKOUT_OK;
}


static lookout_code_e
read_field_and_op(reader_t *r, const cJSON *object, lookout_filter_t *filter)
{
    const cJSON *field = lookout_json_get(object, "field"),
                *op = lookout_json_get(object, "op");
    size_t i;

    if (!cJSON_IsString(field)) {
        return invalid(r, "field_missing", NULL,
                       "the filter needs a member \"field\", the name of a field.");
    }
    r->field = lookout_str(field->valuestring);
    filter->field = lookout_fields_find(r->fields, r->field);
    if (filter->field == NULL) {
        return unknown_field(r);
    }
    if (!cJSON_IsString(op)) {
        return invalid(r, "op_missing", NULL, "the filter needs a member \"op\", one of %s.",
                       op_names(r, LOOKOUT_TYPE_BIT(filter->field->type)));
    }
    r->op = op->valuestring;
    for (i = 0; i < LOOKOUT_FILTER_N_OPS
                && strcmp(lookout_filter_op_table[i].name, op->valuestring) != 0;
         i++) {
    }
    if (i == LOOKOUT_FILTER_N_OPS) {
        return unknown_op(r, op->valuestring);
    }
    filter->op = &lookout_filter_op_table[i];
    return (lookout_filter_op_table[i].types & LOOKOUT_TYPE_BIT(filter->field->type)) == 0
               ? op_unfit(r, filter->field)
               : LOOKOUT_OK;
}


static lookout_code_e
read_filter(reader_t *r, const cJSON *object, lookout_filter_t *filter)
{
    const cJSON *value;
    lookout_code_e code;

    code = check_members(r, object);
    if (code == LOOKOUT_OK) {
        code = read_field_and_op(r, object, filter);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    value = lookout_json_get(object, "value");
    if (filter->op->arity == LOOKOUT_TAKES_NONE) {
        return value == NULL || cJSON_IsNull(value)
                   ? LOOKOUT_OK
                   : invalid(r, "value_not_allowed", NULL, "%s takes no value.", r->op);
    }
    if (value == NULL || cJSON_IsNull(value)) {
        return invalid(r, "value_missing", NULL,
                       "%s needs a value. To ask for missing values use is_null or not_null.",
                       r->op);
    }
    return read_values(r, value, filter);
}


lookout_code_e
lookout_filters_parse(lookout_arena_t *arena, const cJSON *array, lookout_fields_t fields,
                      lookout_filters_t *out, lookout_error_t *error)
{
    reader_t r = { .arena = arena, .error = error, .fields = fields };
    const cJSON *item;
    lookout_code_e code;
    int n;

    *out = (lookout_filters_t){ NULL, 0 };
    if (array == NULL || cJSON_IsNull(array)) {
        return LOOKOUT_OK;
    }
    if (!cJSON_IsArray(array)) {
        return invalid(&r, "not_an_array", NULL, "filters are an array of objects, not %s.",
                       lookout_json_kind(array));
    }
    n = cJSON_GetArraySize(array);
    if (n > LOOKOUT_FILTERS_MAX) {
        return invalid(&r, "too_many", NULL, "there are %d filters, and at most %d are taken.",
                       n, LOOKOUT_FILTERS_MAX);
    }
    out->items = lookout_arena_alloc(arena, ((size_t) n + 1) * sizeof(*out->items));
    if (out->items == NULL) {
        return lookout_fail_memory(error);
    }
    cJSON_ArrayForEach(item, array)
    {
        r.index = out->n;
        r.op = NULL;
        r.field = LOOKOUT_STR_NONE;
        code = read_filter(&r, item, &out->items[out->n]);
        if (code != LOOKOUT_OK) {
            return code;
        }
        out->n++;
    }
    return LOOKOUT_OK;
}
