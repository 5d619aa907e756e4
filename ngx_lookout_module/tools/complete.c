/*
 * Completion over the catalogue's lists, which already find what people type, and over the
 * runbook's codes in the same way.
 *
 * Values are collected before any is added: an id that was found by its beginning and by its
 * object's name, or a name that two views have, is one value, and counts once in the total.
 */

#include "complete.h"

#include <stdlib.h>

#include "../base/id.h"
#include "../base/text.h"
#include "runbook.h"
#include "session.h"

#define TYPED_MAX 256 /* characters that are worth looking for, as of a list's q */
#define ID_PART 6     /* characters of an id that are no word by chance */
#define SLICE 1000    /* objects that are read at once */

/* The kinds of objects, as far as completion tells them apart. */
typedef enum { DATASOURCES, WORKBOOKS, VIEWS } complete_kind_e;

static const char *const prefixes[] = {
    [DATASOURCES] = "ds_",
    [WORKBOOKS] = "wb_",
    [VIEWS] = "vw_",
};

typedef struct {
    lookout_str_t id;
    lookout_str_t name;
} object_t;

typedef struct {
    lookout_str_t text;
    size_t at; /* its place among the values */
    int score; /* of a code: how well it answers what was typed */
} value_t;

typedef struct {
    lookout_call_t *call;
    lookout_str_t typed; /* folded */
    value_t *items;      /* in the arena */
    size_t n;
    size_t cap;
} values_t;


/* ---- values ---- */

static bool
values_add(values_t *values, lookout_str_t text, int score)
{
    value_t *more;

    if (values->n == values->cap) {
        values->cap = values->cap == 0 ? 64 : values->cap * 2;
        more = lookout_arena_alloc(values->call->arena, values->cap * sizeof(*more));
        if (more == NULL) {
            return false;
        }
        if (values->n > 0) {
            memcpy(more, values->items, values->n * sizeof(*more));
        }
        values->items = more;
    }
    values->items[values->n] = (value_t){ text, values->n, score };
    values->n++;
    return true;
}


static int
by_place(const void *a, const void *b)
{
    size_t left = ((const value_t *) a)->at, right = ((const value_t *) b)->at;

    return left < right ? -1 : left > right;
}


static int
by_score(const void *a, const void *b)
{
    int left = ((const value_t *) a)->score, right = ((const value_t *) b)->score;

    return left != right ? right - left : by_place(a, b);
}


static int
by_text(const void *a, const void *b)
{
    const value_t *left = a, *right = b;
    size_t n = left->text.len < right->text.len ? left->text.len : right->text.len;
    int order = n == 0 ? 0 : memcmp(left->text.data, right->text.data, n);

    if (order != 0) {
        return order;
    }
    return left->text.len != right->text.len ? (left->text.len < right->text.len ? -1 : 1)
                                             : by_place(a, b);
}


/* Adds each value to the answer once, in the order in which they were collected. */
static void
values_tell(values_t *values)
{
    size_t i, n = 0;

    if (values->n == 0) {
        return;
    }
    qsort(values->items, values->n, sizeof(value_t), by_text);
    for (i = 0; i < values->n; i++) {
        if (i == 0 || !lookout_str_eq(values->items[i].text, values->items[n - 1].text)) {
            values->items[n++] = values->items[i];
        }
    }
    qsort(values->items, n, sizeof(value_t), by_place);
    for (i = 0; i < n; i++) {
        lookout_completion_add(values->call, values->items[i].text);
    }
}


/* What was typed, without the spaces around it. */
static lookout_str_t
typed_text(const lookout_call_t *call)
{
    lookout_str_t s = lookout_completion_typed(call);

    while (s.len > 0 && s.data[0] == ' ') {
        s.data++;
        s.len--;
    }
    while (s.len > 0 && s.data[s.len - 1] == ' ') {
        s.len--;
    }
    return s;
}


/* False, with *code, when there is nothing to look for. */
static bool
values_begin(values_t *values, lookout_call_t *call, lookout_code_e *code)
{
    lookout_str_t typed = typed_text(call);

    *values = (values_t){ .call = call };
    *code = LOOKOUT_OK;
    if (lookout_utf8_length(typed) > TYPED_MAX) {
        return false;
    }
    values->typed = lookout_fold(call->arena, typed);
    if (values->typed.data == NULL) {
        *code = lookout_fail_memory(&call->error);
        return false;
    }
    return true;
}


/* ---- objects of the catalogue ---- */

/* A slice of a list, as ids and names. */
static lookout_code_e
read_objects(lookout_call_t *call, lookout_catalog_t *catalog, complete_kind_e kind,
             const lookout_list_t *list, lookout_slice_t *slice, object_t *objects)
{
    size_t i;
    lookout_code_e code;
    lookout_view_t *views = NULL;
    lookout_workbook_t *workbooks = NULL;
    lookout_datasource_t *sources = NULL;

    switch (kind) {
    case DATASOURCES:
        code = lookout_catalog_datasources(catalog, call->arena, list, slice, &sources,
                                           &call->error);
        break;
    case WORKBOOKS:
        code = lookout_catalog_workbooks(catalog, call->arena, list, slice, &workbooks,
                                         &call->error);
        break;
    default:
        code = lookout_catalog_views(catalog, call->arena, list, slice, &views, &call->error);
    }

    for (i = 0; code == LOOKOUT_OK && i < slice->n; i++) {
        objects[i] = kind == DATASOURCES ? (object_t){ sources[i].id, sources[i].name }
                     : kind == WORKBOOKS ? (object_t){ workbooks[i].id, workbooks[i].name }
                                         : (object_t){ views[i].id, views[i].name };
    }
    return code;
}


/* Collects the ids or the names of a whole list; of those objects only whose id holds `part`,
 * when that is given. */
static lookout_code_e
collect(values_t *values, lookout_catalog_t *catalog, complete_kind_e kind,
        const lookout_list_t *list, lookout_str_t part, bool names)
{
    size_t i;
    lookout_code_e code;
    lookout_slice_t slice = { .limit = SLICE };
    object_t *objects = lookout_arena_alloc(values->call->arena, SLICE * sizeof(*objects));

    if (objects == NULL) {
        return lookout_fail_memory(&values->call->error);
    }
    do {
        code = read_objects(values->call, catalog, kind, list, &slice, objects);
        if (code != LOOKOUT_OK) {
            return code;
        }
        for (i = 0; i < slice.n; i++) {
            if ((part.data == NULL || lookout_contains(objects[i].id, part))
                && !values_add(values, names ? objects[i].name : objects[i].id, 0)) {
                return lookout_fail_memory(&values->call->error);
            }
        }
        slice.offset += (uint32_t) slice.n;
    } while (slice.more);
    return LOOKOUT_OK;
}


/* Is it the beginning of an id, or enough of one? */
static bool
is_id_part(lookout_str_t typed, const char *prefix)
{
    size_t i, n = strlen(prefix);

    for (i = 0; i < typed.len; i++) {
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_", typed.data[i]) == NULL) {
            return false;
        }
    }
    return typed.len >= ID_PART || (typed.len >= n && memcmp(typed.data, prefix, n) == 0);
}


/* The id of what an argument says: an id, or a name as people type it. {NULL, 0}: nothing. */
static lookout_code_e
find_id(lookout_call_t *call, lookout_catalog_t *catalog, complete_kind_e kind,
        const char *argument, lookout_str_t *id)
{
    lookout_code_e code;
    object_t object;
    lookout_slice_t slice = { .limit = 1 };
    lookout_list_t list = { .q = lookout_arg_str(call, argument) };

    *id = LOOKOUT_STR_NONE;
    if (list.q.len == 0 || lookout_utf8_length(list.q) > TYPED_MAX) {
        return LOOKOUT_OK;
    }
    if (lookout_id_valid(list.q, prefixes[kind])) {
        *id = list.q;
        return LOOKOUT_OK;
    }
    code = read_objects(call, catalog, kind, &list, &slice, &object);
    if (code == LOOKOUT_OK && slice.n == 1) {
        *id = object.id;
    }
    return code;
}


static lookout_code_e
complete_objects(lookout_call_t *call, complete_kind_e kind, bool names)
{
    bool by_id;
    values_t values;
    lookout_code_e code;
    lookout_list_t list = { 0 };
    lookout_catalog_t *catalog;

    if (!values_begin(&values, call, &code)) {
        return code;
    }
    by_id = is_id_part(values.typed, prefixes[kind]);

    code = lookout_session_catalog(call, &catalog);
    if (code == LOOKOUT_OK && kind == VIEWS) {
        code = find_id(call, catalog, WORKBOOKS, "workbook", &list.workbook_id);
    }
    if (code == LOOKOUT_OK && by_id) {
        code = collect(&values, catalog, kind, &list, values.typed, names);
    }
    if (code == LOOKOUT_OK && !(by_id && values.n > 0)) {
        list.q = values.typed.len == 0 ? LOOKOUT_STR_NONE : values.typed;
        code = collect(&values, catalog, kind, &list, LOOKOUT_STR_NONE, names);
    }
    if (code == LOOKOUT_OK) {
        values_tell(&values);
    }
    return code;
}


lookout_code_e
lookout_complete_datasource_id(lookout_call_t *call)
{
    return complete_objects(call, DATASOURCES, false);
}


lookout_code_e
lookout_complete_workbook_id(lookout_call_t *call)
{
    return complete_objects(call, WORKBOOKS, false);
}


lookout_code_e
lookout_complete_view_id(lookout_call_t *call)
{
    return complete_objects(call, VIEWS, false);
}


lookout_code_e
lookout_complete_datasource_name(lookout_call_t *call)
{
    return complete_objects(call, DATASOURCES, true);
}


lookout_code_e
lookout_complete_workbook_name(lookout_call_t *call)
{
    return complete_objects(call, WORKBOOKS, true);
}


lookout_code_e
lookout_complete_view_name(lookout_call_t *call)
{
    return complete_objects(call, VIEWS, true);
}


/* ---- codes ---- */

lookout_code_e
lookout_complete_code(lookout_call_t *call)
{
    int score;
    size_t i;
    values_t values;
    lookout_code_e code;
    const lookout_runbook_row_t *row;

    if (!values_begin(&values, call, &code)) {
        return code;
    }
    for (row = lookout_runbook; row->code != NULL; row++) {
        score = values.typed.len == 0
                    ? 1
                    : lookout_fuzzy_score(values.typed,
                                          lookout_fold(call->arena, lookout_str(row->code)));
        if (score > 0 && !values_add(&values, lookout_str(row->code), score)) {
            return lookout_fail_memory(&call->error);
        }
    }
    if (values.n > 0) {
        qsort(values.items, values.n, sizeof(value_t), by_score);
    }
    for (i = 0; i < values.n; i++) {
        lookout_completion_add(call, values.items[i].text);
    }
    return LOOKOUT_OK;
}
