/*
 * JSON that comes in: first our own strict scan, then cJSON, which builds the tree.
 *
 * The two have to agree on what they read. So the scan also refuses the little that is JSON but
 * that cJSON does not read as written: a number longer than its 63 bytes, a NUL in a string.
 */

#include <math.h>

#include "json.h"
#include "json_scan.h"


static void
delete_tree(void *tree)
{
    cJSON_Delete(tree);
}


cJSON *
lookout_json_parse(lookout_arena_t *arena, lookout_str_t text, lookout_json_error_t *error)
{
    cJSON *tree;

    if (!lookout_json_scan(arena, text, error)) {
        return NULL;
    }
    tree = cJSON_ParseWithLengthOpts(text.data, text.len, NULL, 0);
    if (tree == NULL || !lookout_arena_defer(arena, delete_tree, tree)) {
        *error = (lookout_json_error_t){ 0, "the server has no memory to read it" };
        return NULL;
    }
    return tree;
}


static const char *
skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) {
        p++;
    }
    return p;
}


/* From an opening quote to behind the closing one. */
static const char *
skip_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++) {
        if (*p == '\\') {
            p++;
        }
    }
    return p < end ? p + 1 : end;
}


/* From the first byte of a value to behind its last. */
static const char *
skip_value(const char *p, const char *end)
{
    size_t depth = 0;

    while (p < end) {
        switch (*p) {
        case '"':
            p = skip_string(p, end);
            break;
        case '{':
        case '[':
            depth++;
            p++;
            break;
        case '}':
        case ']':
            depth--;
            p++;
            break;
        default: /* a scalar, or what stands between values in brackets */
            do {
                p++;
            } while (p < end && strchr("[]{}\", \n\r\t", *p) == NULL);
        }
        if (depth == 0) {
            break;
        }
    }
    return p;
}


/* Does a string, given without its quotes, say `name`? */
static bool
raw_is(lookout_str_t raw, const char *name)
{
    const char *p = raw.data, *end = p + raw.len;
    size_t left = strlen(name);

    while (p < end) {
        char out[4] = { *p, 0, 0, 0 };
        size_t len = 1;

        p += *p == '\\' ? lookout_json_unescape(p, end, out, &len) : 1;
        if (len > left || memcmp(out, name, len) != 0) {
            return false;
        }
        name += len;
        left -= len;
    }
    return left == 0;
}


lookout_str_t
lookout_json_member(lookout_str_t text, const char *name)
{
    const char *p, *end = text.data + text.len;

    p = skip_space(text.data, end);
    if (p == end || *p != '{') {
        return LOOKOUT_STR_NONE;
    }
    p = skip_space(p + 1, end);
    while (p < end && *p == '"') {
        const char *after = skip_string(p, end), *value;
        lookout_str_t raw = { p + 1, (size_t) (after - p) - 2 };

        value = skip_space(after, end);
        value = skip_space(value + (value < end), end); /* behind the colon */
        p = skip_value(value, end);
        if (raw_is(raw, name)) {
            return (lookout_str_t){ value, (size_t) (p - value) };
        }
        p = skip_space(p, end);
        p = skip_space(p + (p < end), end); /* behind the comma */
    }
    return LOOKOUT_STR_NONE;
}


cJSON *
lookout_json_get(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}


bool
lookout_json_int_value(const cJSON *item, int64_t *value)
{
    if (!cJSON_IsNumber(item) || fabs(item->valuedouble) > (double) LOOKOUT_JSON_INT_MAX
        || trunc(item->valuedouble) != item->valuedouble) {
        return false;
    }
    *value = (int64_t) item->valuedouble;
    return true;
}


const char *
lookout_json_kind(const cJSON *item)
{
    static const struct {
        int type;
        const char *kind;
    } kinds[] = {
        { cJSON_String, "a string" }, { cJSON_Number, "a number" },
        { cJSON_True, "true" },       { cJSON_False, "false" },
        { cJSON_Array, "an array" },  { cJSON_Object, "an object" },
        { cJSON_NULL, "null" },
    };

    for (size_t i = 0; item != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if ((item->type & 0xff) == kinds[i].type) {
            return kinds[i].kind;
        }
    }
    return "nothing";
}
