/*
 * Scopes: the table of methods, and the questions that are asked of a scope.
 */

#include "scope.h"

#include "../base/buf.h"

static const char *const names[LOOKOUT_METHODS] = {
    [LOOKOUT_METHOD_LIST] = "list",     [LOOKOUT_METHOD_GET] = "get",
    [LOOKOUT_METHOD_CREATE] = "create", [LOOKOUT_METHOD_UPDATE] = "update",
    [LOOKOUT_METHOD_DELETE] = "delete", [LOOKOUT_METHOD_RUN] = "run",
    [LOOKOUT_METHOD_READ] = "read",     [LOOKOUT_METHOD_WRITE] = "write",
};

const lookout_scope_t lookout_scope_open = { .methods = LOOKOUT_METHODS_ALL };


const char *
lookout_method_name(size_t method)
{
    return method < LOOKOUT_METHODS ? names[method] : NULL;
}


size_t
lookout_method_find(lookout_str_t name)
{
    size_t i = 0;

    while (i < LOOKOUT_METHODS && !lookout_str_is(name, names[i])) {
        i++;
    }
    return i;
}


static bool
list_has(lookout_scope_list_t list, lookout_str_t s)
{
    size_t i = 0;

    while (i < list.n && !lookout_str_eq(list.items[i], s)) {
        i++;
    }
    return i < list.n;
}


/* The group that a tool belongs to. */
static unsigned
group_of(bool writes)
{
    return writes ? LOOKOUT_METHOD_WRITE : LOOKOUT_METHOD_READ;
}


static bool
methods_allow(const lookout_scope_t *scope, unsigned verb, bool writes)
{
    return verb <= LOOKOUT_METHOD_RUN
           && (scope->methods & (1u << verb | 1u << group_of(writes))) != 0;
}


static bool
tags_allow(const lookout_scope_t *scope, const char *const *tags)
{
    if (scope->tags.n == 0) {
        return true;
    }
    for (; tags != NULL && *tags != NULL; tags++) {
        if (list_has(scope->tags, lookout_str(*tags))) {
            return true;
        }
    }
    return false;
}


bool
lookout_scope_allows_tool(const lookout_scope_t *scope, unsigned verb, const char *const *tags,
                          bool writes)
{
    return methods_allow(scope, verb, writes) && tags_allow(scope, tags);
}


/* What the scope has: "the methods list, get and the tags queries". */
static void
write_scope(lookout_buf_t *b, const lookout_scope_t *scope)
{
    size_t i, n = 0;

    if (scope->methods == LOOKOUT_METHODS_ALL) {
        lookout_buf_puts(b, "all methods");
    } else {
        for (i = 0; i < LOOKOUT_METHODS; i++) {
            if ((scope->methods & 1u << i) != 0) {
                lookout_buf_printf(b, "%s%s", n++ == 0 ? "the methods " : ", ", names[i]);
            }
        }
        lookout_buf_puts(b, n == 0 ? "no methods" : "");
    }
    lookout_buf_puts(b, " and ");
    for (i = 0; i < scope->tags.n; i++) {
        lookout_buf_puts(b, i == 0 ? "the tags " : ", ");
        lookout_buf_str(b, scope->tags.items[i]);
    }
    lookout_buf_puts(b, i == 0 ? "all tags" : "");
}


/* What the tool needs: "the method run (or read) and one of the tags datasources, queries". */
static void
write_need(lookout_buf_t *b, unsigned verb, const char *const *tags, bool writes)
{
    lookout_buf_printf(b, "the method %s (or %s)",
                       verb <= LOOKOUT_METHOD_RUN ? names[verb] : "?", names[group_of(writes)]);
    if (tags == NULL || *tags == NULL) {
        lookout_buf_puts(b, " and a scope without tags");
        return;
    }
    lookout_buf_puts(b, tags[1] == NULL ? " and the tag " : " and one of the tags ");
    for (size_t i = 0; tags[i] != NULL; i++) {
        lookout_buf_printf(b, "%s%s", i == 0 ? "" : ", ", tags[i]);
    }
}


lookout_str_t
lookout_scope_lacks(const lookout_scope_t *scope, lookout_arena_t *arena, const char *tool,
                    unsigned verb, const char *const *tags, bool writes)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t text = LOOKOUT_STR_NONE;

    lookout_buf_puts(&b, "The scope of this server");
    if (scope->name.len != 0) {
        lookout_buf_puts(&b, ", \"");
        lookout_buf_str(&b, scope->name);
        lookout_buf_puts(&b, "\",");
    }
    lookout_buf_puts(&b, " has ");
    write_scope(&b, scope);
    lookout_buf_printf(&b, "; %s needs ", tool);
    write_need(&b, verb, tags, writes);
    lookout_buf_puts(&b, ". Use a tool that tools/list shows, or ask the operator for a server "
                         "with that scope.");
    if (!b.failed) {
        text = lookout_arena_copy(arena, lookout_buf_text(&b));
    }
    lookout_buf_free(&b);
    return text;
}


bool
lookout_scope_has_datasource(const lookout_scope_t *scope, lookout_str_t id)
{
    return scope->datasources.n == 0 || list_has(scope->datasources, id);
}


bool
lookout_scope_has_workbook(const lookout_scope_t *scope, lookout_str_t id,
                           const lookout_str_t *tags, size_t n_tags)
{
    size_t i = 0;

    if ((scope->workbooks.n == 0 && scope->workbook_tags.n == 0)
        || list_has(scope->workbooks, id)) {
        return true;
    }
    while (i < n_tags && !list_has(scope->workbook_tags, tags[i])) {
        i++;
    }
    return i < n_tags;
}


bool
lookout_scope_limits_data(const lookout_scope_t *scope)
{
    return scope->datasources.n != 0 || scope->workbooks.n != 0 || scope->workbook_tags.n != 0
           || scope->filters.data != NULL;
}


static bool
copy_text(lookout_arena_t *arena, lookout_str_t *s)
{
    if (s->data != NULL) {
        *s = lookout_arena_copy(arena, *s);
        return s->data != NULL;
    }
    return true;
}


static bool
copy_list(lookout_arena_t *arena, lookout_scope_list_t *list)
{
    lookout_str_t *items;

    if (list->n == 0) {
        return true;
    }
    items = lookout_arena_alloc(arena, list->n * sizeof(*items));
    if (items == NULL) {
        return false;
    }
    for (size_t i = 0; i < list->n; i++) {
        items[i] = list->items[i];
        if (!copy_text(arena, &items[i])) {
            return false;
        }
    }
    list->items = items;
    return true;
}


bool
lookout_scope_copy(lookout_arena_t *arena, const lookout_scope_t *from, lookout_scope_t *to)
{
    *to = *from;
    return copy_text(arena, &to->id) && copy_text(arena, &to->name)
           && copy_text(arena, &to->filters) && copy_list(arena, &to->tags)
           && copy_list(arena, &to->datasources) && copy_list(arena, &to->workbooks)
           && copy_list(arena, &to->workbook_tags);
}
