/*
 * The config of a scoped server: checking it, writing it in our own spelling, and reading it
 * back as a scope.
 *
 * A change is merged where it is read: each member is the given one, else the stored one, and a
 * given null is none. So there is one set of rules for what is made and what is changed.
 */

#include "../base/text.h"
#include "servers_check.h"

#define LIST_MAX 100         /* entries of a list */
#define FILTERS_MAX 64       /* as many as a call may have */
#define FIELD_MAX 128        /* characters of a field's name */
#define WORKBOOK_TAG_MAX 64  /* characters */
#define FILTER_TEXT_MAX 1024 /* bytes of a value */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

typedef struct {
    const lookout_servers_settings_t *settings;
    lookout_problems_t *p;
    lookout_buf_t *out;
} config_t;

/* A list of texts, and what each of them has to be. */
typedef struct {
    const char *name;
    void (*check)(lookout_problems_t *p, lookout_str_t text);
} list_t;


void
lookout_server_members(lookout_problems_t *p, const cJSON *object, const char *const *names,
                       size_t n, const char *what, const char *(*hint)(const char *name))
{
    lookout_str_t texts[16];
    const char *more;
    const cJSON *member;
    size_t i, back;

    for (i = 0; i < n; i++) {
        texts[i] = lookout_str(names[i]);
    }
    cJSON_ArrayForEach(member, object)
    {
        for (i = 0; i < n && strcmp(names[i], member->string) != 0; i++) {
        }
        if (i < n) {
            continue;
        }
        back = lookout_problems_enter(p, member->string);
        more = hint == NULL ? NULL : hint(member->string);
        if (more != NULL) {
            lookout_problem(p, "%s", more);
        } else if (lookout_nearest(p->arena, lookout_str(member->string), texts, n, &i, 1)
                   == 1) {
            lookout_problem(p, "is not a member of %s (did you mean %s?)", what, names[i]);
        } else {
            lookout_problem(p, "is not a member of %s", what);
        }
        lookout_problems_leave(p, back);
    }
}


/* A member of what was given, or else of what is stored; a given null is none. */
static const cJSON *
pick(const cJSON *given, const cJSON *stored, const char *name)
{
    const cJSON *item = lookout_json_get(given, name);

    if (item == NULL) {
        item = lookout_json_get(stored, name);
    }
    return cJSON_IsNull(item) ? NULL : item;
}


/* ---- lists of texts ---- */

static void
check_method(lookout_problems_t *p, lookout_str_t text)
{
    lookout_str_t names[LOOKOUT_METHODS];
    size_t i, nearest;

    if (lookout_method_find(text) < LOOKOUT_METHODS) {
        return;
    }
    for (i = 0; i < LOOKOUT_METHODS; i++) {
        names[i] = lookout_str(lookout_method_name(i));
    }
    if (lookout_nearest(p->arena, text, names, LOOKOUT_METHODS, &nearest, 1) == 1) {
        lookout_problem(p, "is no method (did you mean %s?)", names[nearest].data);
    } else {
        lookout_problem(p,
                        "is no method: the methods are read, write, list, get, create, "
                        "update, delete, run (got \"%.40s\")",
                        text.data);
    }
}


static void
check_tag(lookout_problems_t *p, lookout_str_t text)
{
    bool good = text.len >= 1 && text.len <= 64;

    for (size_t i = 0; i < text.len && good; i++) {
        char c = text.data[i];

        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }
    if (!good) {
        lookout_problem(p, "must be a tag: 1 to 64 of a-z, 0-9, _ and - (got \"%.60s\")",
                        text.data);
    }
}


static void
check_id(lookout_problems_t *p, lookout_str_t text, const char *prefix)
{
    if (!lookout_id_valid(text, prefix)) {
        lookout_problem(p, "must be an id: %s and 22 characters of a-z and 0-9 (got \"%.60s\")",
                        prefix, text.data);
    }
}


static void
check_datasource(lookout_problems_t *p, lookout_str_t text)
{
    check_id(p, text, "ds_");
}


static void
check_workbook(lookout_problems_t *p, lookout_str_t text)
{
    check_id(p, text, "wb_");
}


/* Workbooks' tags are their owners' to name. */
static void
check_workbook_tag(lookout_problems_t *p, lookout_str_t text)
{
    size_t length = lookout_utf8_length(text);

    if (length < 1 || length > WORKBOOK_TAG_MAX) {
        lookout_problem(p, "must be 1 to %d characters long (it is %zu)", WORKBOOK_TAG_MAX,
                        length);
    }
}


/* Does the same text stand before the item? */
static bool
repeats(const cJSON *list, const cJSON *item)
{
    const cJSON *earlier;

    cJSON_ArrayForEach(earlier, list)
    {
        if (earlier == item) {
            break;
        }
        if (cJSON_IsString(earlier) && strcmp(earlier->valuestring, item->valuestring) == 0) {
            return true;
        }
    }
    return false;
}


/* Is it an array of 1 to `max` entries? */
static bool
is_list(lookout_problems_t *p, const cJSON *array, size_t max)
{
    size_t n = (size_t) cJSON_GetArraySize(array);

    if (!cJSON_IsArray(array)) {
        lookout_problem(p, "must be an array (got %s)", lookout_json_kind(array));
    } else if (n == 0) {
        lookout_problem(p, "must not be empty: leave it out, or give null, for no limit");
    } else if (n > max) {
        lookout_problem(p, "may have %zu entries (it has %zu)", max, n);
    } else {
        return true;
    }
    return false;
}


/* Checks and writes a list; what stands in it twice is written once. */
static void
read_list(config_t *c, const cJSON *array, list_t list)
{
    const cJSON *item;
    size_t index = 0, back, back_list;

    if (array == NULL) {
        return;
    }
    back_list = lookout_problems_enter(c->p, list.name);
    lookout_json_key(c->out, list.name);
    lookout_json_open(c->out, '[');
    if (is_list(c->p, array, LIST_MAX)) {
        cJSON_ArrayForEach(item, array)
        {
            back = lookout_problems_enter_item(c->p, index++);
            if (!cJSON_IsString(item)) {
                lookout_problem(c->p, "must be a string (got %s)", lookout_json_kind(item));
            } else if (!repeats(array, item)) {
                list.check(c->p, lookout_str(item->valuestring));
                lookout_json_cstr(c->out, item->valuestring);
            }
            lookout_problems_leave(c->p, back);
        }
    }
    lookout_json_close(c->out, ']');
    lookout_problems_leave(c->p, back_list);
}


static void
read_workbooks(config_t *c, const cJSON *given, const cJSON *stored)
{
    static const char *const members[] = { "ids", "tags" };
    const cJSON *now = pick(given, stored, "workbooks");
    const cJSON *before = lookout_json_get(stored, "workbooks");
    const cJSON *ids, *tags;
    size_t back = lookout_problems_enter(c->p, "workbooks");

    if (now != NULL && !cJSON_IsObject(now)) {
        lookout_problem(c->p, "must be an object with ids, tags or both (got %s)",
                        lookout_json_kind(now));
    } else if (now != NULL) {
        lookout_server_members(c->p, now, members, COUNT(members), "config.workbooks", NULL);
        ids = pick(now, before, "ids");
        tags = pick(now, before, "tags");
        if (ids == NULL && tags == NULL) {
            lookout_problem(c->p, "needs ids, tags or both; leave it out, or give null, for no "
                                  "limit");
        }
        lookout_json_key(c->out, "workbooks");
        lookout_json_open(c->out, '{');
        read_list(c, ids, (list_t){ "ids", check_workbook });
        read_list(c, tags, (list_t){ "tags", check_workbook_tag });
        lookout_json_close(c->out, '}');
    }
    lookout_problems_leave(c->p, back);
}


/* ---- filters ---- */

static const lookout_servers_op_t *
read_op(config_t *c, const cJSON *filter)
{
    const lookout_servers_settings_t *settings = c->settings;
    const cJSON *item = lookout_json_get(filter, "op");
    size_t i, back = lookout_problems_enter(c->p, "op");
    const lookout_servers_op_t *op = NULL;
    lookout_buf_t names = LOOKOUT_BUF_INIT;

    for (i = 0; i < settings->n_ops; i++) {
        lookout_buf_printf(&names, "%s%s", i == 0 ? "" : ", ", settings->ops[i].name);
        if (cJSON_IsString(item) && strcmp(item->valuestring, settings->ops[i].name) == 0) {
            op = &settings->ops[i];
        }
    }
    if (item == NULL) {
        lookout_problem(c->p, "is required and missing");
    } else if (op == NULL) {
        lookout_problem(c->p, "must be one of: %.*s",
                        LOOKOUT_STR_ARG(lookout_buf_text(&names)));
    } else {
        lookout_json_key(c->out, "op");
        lookout_json_cstr(c->out, op->name);
    }
    lookout_buf_free(&names);
    lookout_problems_leave(c->p, back);
    return op;
}


static void
read_scalar(config_t *c, const cJSON *item)
{
    int64_t n;

    if (cJSON_IsString(item) && strlen(item->valuestring) <= FILTER_TEXT_MAX) {
        lookout_json_cstr(c->out, item->valuestring);
    } else if (cJSON_IsString(item)) {
        lookout_problem(c->p, "may be %d bytes long (it is %zu)", FILTER_TEXT_MAX,
                        strlen(item->valuestring));
    } else if (cJSON_IsBool(item)) {
        lookout_json_bool(c->out, cJSON_IsTrue(item));
    } else if (lookout_json_int_value(item, &n)) {
        lookout_json_int(c->out, n);
    } else if (cJSON_IsNumber(item)) {
        lookout_json_double(c->out, item->valuedouble);
    } else {
        lookout_problem(c->p, "must be a string, a number, true or false (got %s)",
                        lookout_json_kind(item));
    }
}


/* The values of an operator that takes an array of them. */
static void
read_values(config_t *c, const lookout_servers_op_t *op, const cJSON *array)
{
    const cJSON *item;
    size_t n = (size_t) cJSON_GetArraySize(array), index = 0, back;

    if (!cJSON_IsArray(array) || n < op->min || n > op->max) {
        if (op->min == op->max) {
            lookout_problem(c->p, "must be an array of %zu values for %s", op->min, op->name);
        } else {
            lookout_problem(c->p, "must be an array of %zu to %zu values for %s", op->min,
                            op->max, op->name);
        }
        return;
    }
    lookout_json_key(c->out, "value");
    lookout_json_open(c->out, '[');
    cJSON_ArrayForEach(item, array)
    {
        back = lookout_problems_enter_item(c->p, index++);
        read_scalar(c, item);
        lookout_problems_leave(c->p, back);
    }
    lookout_json_close(c->out, ']');
}


static void
read_value(config_t *c, const lookout_servers_op_t *op, const cJSON *value)
{
    size_t back = lookout_problems_enter(c->p, "value");

    if (op->max == 0) {
        if (value != NULL) {
            lookout_problem(c->p, "does not go with %s: leave it out", op->name);
        }
    } else if (value == NULL) {
        lookout_problem(c->p, "is required and missing");
    } else if (op->max > 1) {
        read_values(c, op, value);
    } else {
        lookout_json_key(c->out, "value");
        read_scalar(c, value);
    }
    lookout_problems_leave(c->p, back);
}


static void
read_field(config_t *c, const cJSON *filter)
{
    const cJSON *item = lookout_json_get(filter, "field");
    size_t length, back = lookout_problems_enter(c->p, "field");

    if (item == NULL) {
        lookout_problem(c->p, "is required and missing");
    } else if (!cJSON_IsString(item)) {
        lookout_problem(c->p, "must be a string (got %s)", lookout_json_kind(item));
    } else {
        length = lookout_utf8_length(lookout_str(item->valuestring));
        if (length < 1 || length > FIELD_MAX) {
            lookout_problem(c->p, "must be 1 to %d characters long (it is %zu)", FIELD_MAX,
                            length);
        }
        lookout_json_key(c->out, "field");
        lookout_json_cstr(c->out, item->valuestring);
    }
    lookout_problems_leave(c->p, back);
}


/* The one source that a filter is for; without it the filter is for all. */
static void
read_source(config_t *c, const cJSON *filter)
{
    const cJSON *item = lookout_json_get(filter, "datasourceId");
    size_t back = lookout_problems_enter(c->p, "datasourceId");

    if (item != NULL && !cJSON_IsString(item)) {
        lookout_problem(c->p, "must be a string (got %s)", lookout_json_kind(item));
    } else if (item != NULL) {
        check_datasource(c->p, lookout_str(item->valuestring));
        lookout_json_key(c->out, "datasourceId");
        lookout_json_cstr(c->out, item->valuestring);
    }
    lookout_problems_leave(c->p, back);
}


static void
read_filters(config_t *c, const cJSON *array)
{
    static const char *const members[] = { "field", "op", "value", "datasourceId" };
    const lookout_servers_op_t *op;
    const cJSON *item;
    size_t index = 0, back, back_list;

    if (array == NULL) {
        return;
    }
    back_list = lookout_problems_enter(c->p, "filters");
    lookout_json_key(c->out, "filters");
    lookout_json_open(c->out, '[');
    if (is_list(c->p, array, FILTERS_MAX)) {
        cJSON_ArrayForEach(item, array)
        {
            back = lookout_problems_enter_item(c->p, index++);
            if (!cJSON_IsObject(item)) {
                lookout_problem(c->p, "must be an object with field, op and value (got %s)",
                                lookout_json_kind(item));
            } else {
                lookout_server_members(c->p, item, members, COUNT(members), "a filter", NULL);
                lookout_json_open(c->out, '{');
                read_field(c, item);
                op = read_op(c, item);
                if (op != NULL) {
                    read_value(c, op, lookout_json_get(item, "value"));
                }
                read_source(c, item);
                lookout_json_close(c->out, '}');
            }
            lookout_problems_leave(c->p, back);
        }
    }
    lookout_json_close(c->out, ']');
    lookout_problems_leave(c->p, back_list);
}


/* ---- the whole ---- */

/* What to say of a member that stands beside config. */
static const char *
hint(const char *name)
{
    static const char *const outside[] = { "name", "expires_at", "require_api_token_auth",
                                           "rotate_token", "grace_seconds" };

    for (size_t i = 0; i < COUNT(outside); i++) {
        if (strcmp(outside[i], name) == 0) {
            return "stands beside config, not in it";
        }
    }
    return NULL;
}


void
lookout_server_config(const lookout_servers_settings_t *settings, lookout_problems_t *p,
                      const cJSON *given, const cJSON *stored, lookout_buf_t *out)
{
    static const char *const members[] = { "methods", "tags", "datasources", "workbooks",
                                           "filters" };
    config_t c = { settings, p, out };

    lookout_server_members(p, given, members, COUNT(members), "config", hint);
    lookout_json_open(out, '{');
    read_list(&c, pick(given, stored, "methods"), (list_t){ "methods", check_method });
    read_list(&c, pick(given, stored, "tags"), (list_t){ "tags", check_tag });
    read_list(&c, pick(given, stored, "datasources"),
              (list_t){ "datasources", check_datasource });
    read_workbooks(&c, given, stored);
    read_filters(&c, pick(given, stored, "filters"));
    lookout_json_close(out, '}');
}


/* ---- as a scope ---- */

/* A list of the config as one of a scope; its texts are the tree's. */
static bool
scope_list(lookout_arena_t *arena, const cJSON *array, lookout_scope_list_t *list)
{
    lookout_str_t *items;
    const cJSON *item;

    if (array == NULL) {
        return true;
    }
    items =
        lookout_arena_alloc(arena, ((size_t) cJSON_GetArraySize(array) + 1) * sizeof(*items));
    if (items == NULL || !cJSON_IsArray(array)) {
        return false;
    }
    list->items = items;
    cJSON_ArrayForEach(item, array)
    {
        if (!cJSON_IsString(item)) {
            return false;
        }
        items[list->n++] = lookout_str(item->valuestring);
    }
    return list->n != 0;
}


static bool
scope_methods(const cJSON *array, unsigned *methods)
{
    const cJSON *item;
    size_t method;

    if (array == NULL) {
        *methods = LOOKOUT_METHODS_ALL;
        return true;
    }
    *methods = 0;
    cJSON_ArrayForEach(item, array)
    {
        method = cJSON_IsString(item) ? lookout_method_find(lookout_str(item->valuestring))
                                      : LOOKOUT_METHODS;
        if (method == LOOKOUT_METHODS) {
            return false;
        }
        *methods |= 1u << method;
    }
    return *methods != 0;
}


bool
lookout_server_scope(lookout_arena_t *arena, const lookout_server_t *server,
                     lookout_scope_t *scope)
{
    lookout_json_error_t error;
    const cJSON *config = lookout_json_parse(arena, server->config, &error);
    const cJSON *workbooks = lookout_json_get(config, "workbooks");
    lookout_str_t filters = lookout_json_member(server->config, "filters");

    *scope = (lookout_scope_t){
        .id = lookout_arena_copy(arena, lookout_str(server->id)),
        .name = server->name,
        .version = server->version,
        .filters = filters.data == NULL ? filters : lookout_arena_copy(arena, filters),
        .expires_at = server->expires_at,
        .token_auth = server->token_auth,
    };
    if (cJSON_IsObject(config) && scope->id.data != NULL
        && (scope->filters.data == NULL) == (filters.data == NULL)
        && scope_methods(lookout_json_get(config, "methods"), &scope->methods)
        && scope_list(arena, lookout_json_get(config, "tags"), &scope->tags)
        && scope_list(arena, lookout_json_get(config, "datasources"), &scope->datasources)
        && scope_list(arena, lookout_json_get(workbooks, "ids"), &scope->workbooks)
        && scope_list(arena, lookout_json_get(workbooks, "tags"), &scope->workbook_tags)) {
        return true;
    }
    *scope = (lookout_scope_t){ 0 };
    return false;
}
