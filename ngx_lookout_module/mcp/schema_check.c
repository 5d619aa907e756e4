/*
 * Checking a call's arguments against the rows of a schema table. Every problem is named, each
 * with the JSON Pointer of its place, so that a model can mend the whole call at once. A value
 * whose row has a range_code of its own (INVALID_PAGE_SIZE) is answered with that when nothing
 * else is wrong.
 */

#include "schema.h"

#include <stdio.h>

#include "../base/clock.h"
#include "../base/id.h"
#include "../base/text.h"

#define SCHEMA_PROBLEMS_MAX 20

typedef struct {
    lookout_arena_t *arena;
    lookout_buf_t errors; /* the array of {path, message} */
    size_t n;             /* problems, also those beyond the ones written down */
    char path[256];
    size_t path_len;
    char first[320]; /* the first problem, for the message */

    const lookout_schema_t *ranged; /* a row with a range_code that was out of its range */
    int64_t ranged_value;
} schema_check_t;

static void check_value(schema_check_t *check, const lookout_schema_t *row, const cJSON *value);


static void check_problem(schema_check_t *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));


static void
check_problem(schema_check_t *check, const char *format, ...)
{
    va_list args;
    lookout_str_t message;

    if (check->n++ >= SCHEMA_PROBLEMS_MAX) {
        return;
    }

    va_start(args, format);
    message = lookout_arena_vprintf(check->arena, format, args);
    va_end(args);

    if (check->n == 1) {
        snprintf(check->first, sizeof(check->first), "%.*s%s%.*s", (int) check->path_len,
                 check->path, check->path_len == 0 ? "" : ": ", LOOKOUT_STR_ARG(message));
    }

    lookout_json_open(&check->errors, '{');
    lookout_json_key(&check->errors, "path");
    lookout_json_str(&check->errors, (lookout_str_t){ check->path, check->path_len });
    lookout_json_key(&check->errors, "message");
    lookout_json_str(&check->errors, message);
    lookout_json_close(&check->errors, '}');
}


/* Adds a step to the path, as a JSON Pointer writes it; returns the length to go back to. */
static size_t
check_enter(schema_check_t *check, const char *name)
{
    size_t before = check->path_len;
    const char *p;

    if (check->path_len + 1 < sizeof(check->path)) {
        check->path[check->path_len++] = '/';
    }

    for (p = name; *p != '\0' && check->path_len + 2 < sizeof(check->path); p++) {
        if (*p == '~' || *p == '/') {
            check->path[check->path_len++] = '~';
            check->path[check->path_len++] = *p == '~' ? '0' : '1';
            continue;
        }
        check->path[check->path_len++] = *p;
    }
    return before;
}


/* A list of values for a message: a, b or c. */
static lookout_str_t
check_values_text(schema_check_t *check, const lookout_schema_t *row)
{
    size_t i;
    lookout_buf_t text = LOOKOUT_BUF_INIT;
    lookout_str_t copy;
    const char *value;

    for (i = 0; (value = row->values != NULL ? row->values[i] : row->value_at(i)) != NULL;
         i++) {
        lookout_buf_printf(&text, "%s%s", i == 0 ? "" : ", ", value);
    }

    copy = lookout_arena_copy(check->arena, lookout_buf_text(&text));
    lookout_buf_free(&text);
    return copy;
}


static void
check_enum(schema_check_t *check, const lookout_schema_t *row, const char *given)
{
    size_t i;
    lookout_str_t values;
    const char *value;

    for (i = 0; (value = row->values != NULL ? row->values[i] : row->value_at(i)) != NULL;
         i++) {
        if (strcmp(value, given) == 0) {
            return;
        }
    }

    values = check_values_text(check, row);
    check_problem(check, "must be one of: %.*s (got \"%.80s\")", LOOKOUT_STR_ARG(values),
                  given);
}


static void
check_string(schema_check_t *check, const lookout_schema_t *row, const char *given)
{
    int64_t length;
    int64_t seconds;
    lookout_str_t s = lookout_str(given);

    if (row->id != NULL) {
        if (!lookout_id_valid(s, row->id)) {
            check_problem(check,
                          "must be an id: %s and 22 characters of a-z and 0-9 (got \"%.60s\")",
                          row->id, given);
        }
        return;
    }

    if (row->values != NULL || row->value_at != NULL) {
        check_enum(check, row, given);
        return;
    }

    if (row->format != NULL && strcmp(row->format, "date-time") == 0) {
        if (!lookout_iso8601_parse(s, &seconds)) {
            check_problem(
                check,
                "must be a date or an ISO 8601 timestamp such as 2026-05-03T22:14:00Z "
                "(got \"%.60s\")",
                given);
        }
        return;
    }

    if (row->max != 0) {
        length = (int64_t) (row->bytes ? s.len : lookout_utf8_length(s));
        if (length < row->min || length > row->max) {
            check_problem(check, "must be %lld to %lld %s long (it is %lld)",
                          (long long) row->min, (long long) row->max,
                          row->bytes ? "bytes" : "characters", (long long) length);
        }
    }
}


static void
check_integer(schema_check_t *check, const lookout_schema_t *row, const cJSON *value)
{
    int64_t n;

    if (!lookout_json_int_value(value, &n)) {
        check_problem(check, "must be a whole number");
        return;
    }

    if (row->max == 0 || (n >= row->min && n <= row->max)) {
        return;
    }

    if (row->range_code != LOOKOUT_OK) {
        check->ranged = row;
        check->ranged_value = n;
    }
    check_problem(check, "must be %lld to %lld (got %lld)", (long long) row->min,
                  (long long) row->max, (long long) n);
}


static void
check_array(schema_check_t *check, const lookout_schema_t *row, const cJSON *value)
{
    int i;
    char index[16];
    size_t back;
    const cJSON *item;

    i = cJSON_GetArraySize(value);
    if (row->max != 0 && (i < row->min || i > row->max)) {
        check_problem(check, "must have %lld to %lld items (it has %d)", (long long) row->min,
                      (long long) row->max, i);
        return;
    }
    if (row->by_tool || row->children == NULL) {
        return;
    }

    i = 0;
    cJSON_ArrayForEach(item, value)
    {
        snprintf(index, sizeof(index), "%d", i++);
        back = check_enter(check, index);
        check_value(check, row->children, item);
        check->path_len = back;
    }
}


/* The property with the name nearest to an unknown one. */
static lookout_str_t
check_nearest(schema_check_t *check, const lookout_schema_t *rows, const char *name)
{
    size_t n = 0;
    size_t at;
    lookout_str_t names[64];

    for (; rows->name != NULL && n < 64; rows++) {
        names[n++] = lookout_str(rows->name);
    }

    return lookout_nearest(check->arena, lookout_str(name), names, n, &at, 1) == 1
               ? names[at]
               : LOOKOUT_STR_NONE;
}


static void
check_object(schema_check_t *check, const lookout_schema_t *rows, const cJSON *object,
             bool open)
{
    size_t back;
    lookout_str_t nearest;
    const cJSON *member;
    const lookout_schema_t *row;

    for (row = rows; row->name != NULL; row++) {
        back = check_enter(check, row->name);
        member = lookout_json_get(object, row->name);

        if (member == NULL) {
            if (row->required) {
                check_problem(check, "is required and missing");
            }
        } else {
            check_value(check, row, member);
        }
        check->path_len = back;
    }

    if (open) {
        return;
    }

    cJSON_ArrayForEach(member, object)
    {
        for (row = rows; row->name != NULL; row++) {
            if (strcmp(row->name, member->string) == 0) {
                break;
            }
        }
        if (row->name != NULL) {
            continue;
        }

        back = check_enter(check, member->string);
        nearest = check_nearest(check, rows, member->string);
        if (nearest.data != NULL) {
            check_problem(check, "is not a parameter of this tool (did you mean %.*s?)",
                          LOOKOUT_STR_ARG(nearest));
        } else {
            check_problem(check, "is not a parameter of this tool");
        }
        check->path_len = back;
    }
}


static bool
check_kind(const lookout_schema_t *row, const cJSON *value)
{
    switch (row->kind) {
    case LOOKOUT_SCHEMA_OBJECT:
        return cJSON_IsObject(value);
    case LOOKOUT_SCHEMA_ARRAY:
        return cJSON_IsArray(value);
    case LOOKOUT_SCHEMA_STRING:
        return cJSON_IsString(value);
    case LOOKOUT_SCHEMA_INTEGER:
    case LOOKOUT_SCHEMA_NUMBER:
        return cJSON_IsNumber(value);
    case LOOKOUT_SCHEMA_BOOLEAN:
        return cJSON_IsBool(value);
    case LOOKOUT_SCHEMA_SCALARS:
    case LOOKOUT_SCHEMA_ANY:
        break;
    }
    return true;
}


static void
check_value(schema_check_t *check, const lookout_schema_t *row, const cJSON *value)
{
    static const char *const wants[] = {
        [LOOKOUT_SCHEMA_OBJECT] = "an object", [LOOKOUT_SCHEMA_ARRAY] = "an array",
        [LOOKOUT_SCHEMA_STRING] = "a string",  [LOOKOUT_SCHEMA_INTEGER] = "a whole number",
        [LOOKOUT_SCHEMA_NUMBER] = "a number",  [LOOKOUT_SCHEMA_BOOLEAN] = "true or false",
        [LOOKOUT_SCHEMA_SCALARS] = "a value",
    };

    if (cJSON_IsNull(value) && row->nullable) {
        return;
    }

    if (!check_kind(row, value)) {
        check_problem(check, "must be %s (got %s)", wants[row->kind], lookout_json_kind(value));
        return;
    }

    switch (row->kind) {
    case LOOKOUT_SCHEMA_STRING:
        check_string(check, row, value->valuestring);
        break;
    case LOOKOUT_SCHEMA_INTEGER:
        check_integer(check, row, value);
        break;
    case LOOKOUT_SCHEMA_ARRAY:
        check_array(check, row, value);
        break;
    case LOOKOUT_SCHEMA_OBJECT:
        if (row->children != NULL && !row->by_tool) {
            check_object(check, row->children, value, row->open);
        }
        break;
    default:
        break;
    }
}


static lookout_code_e
check_ranged(schema_check_t *check, lookout_error_t *error)
{
    const lookout_schema_t *row = check->ranged;

    return lookout_fail(
        check->arena, error, row->range_code,
        lookout_arena_printf(check->arena,
                             "{\"path\":\"/%s\",\"min\":%lld,\"max\":%lld,\"value\":%lld}",
                             row->name, (long long) row->min, (long long) row->max,
                             (long long) check->ranged_value),
        "%s must be %lld to %lld (got %lld)%s%s.", row->name, (long long) row->min,
        (long long) row->max, (long long) check->ranged_value,
        row->preset != NULL ? "; left out it is " : "", row->preset != NULL ? row->preset : "");
}


lookout_code_e
lookout_schema_check(lookout_arena_t *arena, const lookout_schema_t *properties,
                     const cJSON *args, lookout_error_t *error)
{
    lookout_str_t details;
    schema_check_t check = { .arena = arena, .errors = LOOKOUT_BUF_INIT };
    static const cJSON none = { .type = cJSON_Object };

    lookout_buf_puts(&check.errors, "{\"errors\":[");
    check_object(&check, properties, args == NULL ? &none : args, false);

    if (check.n == 0) {
        lookout_buf_free(&check.errors);
        return LOOKOUT_OK;
    }

    lookout_buf_puts(&check.errors, "]}");
    details = check.errors.failed ? LOOKOUT_STR_NONE
                                  : lookout_arena_copy(arena, lookout_buf_text(&check.errors));
    lookout_buf_free(&check.errors);

    if (check.ranged != NULL && check.n == 1) {
        return check_ranged(&check, error);
    }

    return lookout_fail(arena, error, LOOKOUT_INVALID_INPUT, details,
                        "The arguments do not fit the tool's input schema: %s%s.", check.first,
                        check.n == 1 ? "" : " (and more: details.errors lists every problem)");
}
