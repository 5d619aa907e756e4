/*
 * Which URI fits which template, and what its variables are then. Most URIs are compared with
 * several templates and fit one: nothing is made before the text in front of the first variable
 * is the same.
 */

#include "registry.h"

#define TEMPLATE_NAME_MAX 64 /* bytes of a variable's name, with its NUL */


static int
template_hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}


/* The value of a variable, with %XX undone; NULL for what cannot be. */
static cJSON *
template_value(lookout_arena_t *arena, lookout_str_t text)
{
    int high, low;
    size_t i, n = 0;
    char *value = lookout_arena_alloc(arena, text.len + 1);

    for (i = 0; value != NULL && i < text.len; i++) {
        value[n] = text.data[i];
        if (text.data[i] == '%') {
            high = i + 2 < text.len ? template_hex(text.data[i + 1]) : -1;
            low = i + 2 < text.len ? template_hex(text.data[i + 2]) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0)) {
                return NULL;
            }
            value[n] = (char) (high * 16 + low);
            i += 2;
        }
        n++;
    }
    if (value == NULL) {
        return NULL;
    }
    value[n] = '\0';
    return cJSON_CreateString(value);
}


static void
template_free(void *data)
{
    cJSON_Delete(data);
}


/* An empty object in the arena. */
static cJSON *
template_values(lookout_arena_t *arena)
{
    cJSON *values = cJSON_CreateObject();

    return values != NULL && lookout_arena_defer(arena, template_free, values) ? values : NULL;
}


/* Moves both on over the text that stands before the next variable, or the end; false when it
 * differs. */
static bool
template_text(const char **template, lookout_str_t *uri)
{
    size_t n = strcspn(*template, "{");

    if (uri->len < n || memcmp(*template, uri->data, n) != 0) {
        return false;
    }
    *template += n;
    uri->data += n;
    uri->len -= n;
    return true;
}


/* Moves both on over a variable, and adds its value. */
static bool
template_variable(lookout_arena_t *arena, const char **template, lookout_str_t *uri,
                  cJSON *values)
{
    cJSON *value;
    char name[TEMPLATE_NAME_MAX];
    const char *close = strchr(*template, '}');
    size_t n = close == NULL ? sizeof(name) : (size_t) (close - *template - 1);

    if (n >= sizeof(name)) {
        return false;
    }
    memcpy(name, *template + 1, n);
    name[n] = '\0';
    *template = close + 1;

    for (n = 0; n < uri->len && uri->data[n] != '/' && uri->data[n] != **template; n++) {
        /* void */
    }
    value = n == 0 ? NULL : template_value(arena, (lookout_str_t){ uri->data, n });
    if (value == NULL || !cJSON_AddItemToObject(values, name, value)) {
        cJSON_Delete(value);
        return false;
    }
    uri->data += n;
    uri->len -= n;
    return true;
}


cJSON *
lookout_template_match(lookout_arena_t *arena, const char *template, lookout_str_t uri)
{
    cJSON *values = NULL;

    while (template_text(&template, &uri)) {
        if (*template == '\0' && uri.len != 0) {
            return NULL;
        }
        if (values == NULL && (values = template_values(arena)) == NULL) {
            return NULL;
        }
        if (*template == '\0') {
            return values;
        }
        if (!template_variable(arena, &template, &uri, values)) {
            return NULL;
        }
    }
    return NULL;
}
