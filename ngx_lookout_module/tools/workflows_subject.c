/*
 * What a workflow is about: the datasource, the workbook, the view that its arguments name. A
 * person types an id, a name, or about a name; the catalogue's fuzzy search finds it. The best
 * match is taken, and when others could have been meant they are told of. A view is looked for
 * in the workbook that is named beside it.
 */

#include "workflows.h"

#include "../base/id.h"
#include "../base/text.h"

#define SUBJECT_MATCHES 6     /* the best, and others to be told of */
#define SUBJECT_SUGGESTIONS 5 /* when nothing matches */
#define SUBJECT_WORDS 8       /* of what was typed, that suggestions are looked for by */

/* A catalogue object as far as it is needed here. */
typedef struct {
    lookout_str_t id;
    lookout_str_t name;
    lookout_str_t place; /* of a view: its workbook's name */
} subject_t;

typedef struct {
    subject_t items[SUBJECT_MATCHES];
    size_t n;
} subjects_t;

typedef struct {
    const char *argument;
    const char *prefix; /* of its ids */
    const char *lists;  /* the tool that names what there is */
    const char *name_slot;
    const char *id_slot;
    lookout_code_e (*search)(lookout_workflow_run_t *run, const lookout_list_t *list,
                             subjects_t *out);
} subject_kind_t;


static lookout_code_e
search_datasources(lookout_workflow_run_t *run, const lookout_list_t *list, subjects_t *out)
{
    lookout_code_e code;
    lookout_slice_t slice = { .limit = SUBJECT_MATCHES };
    lookout_datasource_t *items;

    code = lookout_catalog_datasources(run->catalog, run->call->arena, list, &slice, &items,
                                       &run->call->error);
    for (out->n = 0; code == LOOKOUT_OK && out->n < slice.n; out->n++) {
        out->items[out->n] =
            (subject_t){ items[out->n].id, items[out->n].name, LOOKOUT_STR_NONE };
    }
    return code;
}


static lookout_code_e
search_workbooks(lookout_workflow_run_t *run, const lookout_list_t *list, subjects_t *out)
{
    lookout_code_e code;
    lookout_slice_t slice = { .limit = SUBJECT_MATCHES };
    lookout_workbook_t *items;

    code = lookout_catalog_workbooks(run->catalog, run->call->arena, list, &slice, &items,
                                     &run->call->error);
    for (out->n = 0; code == LOOKOUT_OK && out->n < slice.n; out->n++) {
        out->items[out->n] =
            (subject_t){ items[out->n].id, items[out->n].name, LOOKOUT_STR_NONE };
    }
    return code;
}


static lookout_code_e
search_views(lookout_workflow_run_t *run, const lookout_list_t *list, subjects_t *out)
{
    lookout_code_e code;
    lookout_list_t narrowed = *list;
    lookout_slice_t slice = { .limit = SUBJECT_MATCHES };
    lookout_view_t *items;

    narrowed.workbook_id = run->workbook_id;
    code = lookout_catalog_views(run->catalog, run->call->arena, &narrowed, &slice, &items,
                                 &run->call->error);
    for (out->n = 0; code == LOOKOUT_OK && out->n < slice.n; out->n++) {
        out->items[out->n] =
            (subject_t){ items[out->n].id, items[out->n].name, items[out->n].workbook_name };
    }
    return code;
}


/* The workbook before the view that is in it. */
static const subject_kind_t kinds[] = {
    { "datasource", "ds_", "list_datasources", "datasource.name", "datasource.id",
      search_datasources },
    { "workbook", "wb_", "list_workbooks", "workbook.name", "workbook.id", search_workbooks },
    { "view", "vw_", "list_views", "view.name", "view.id", search_views },
};


/* Adds names that are not there yet. */
static void
suggest(lookout_str_t *names, size_t *n, const subjects_t *found)
{
    size_t i, k;

    for (i = 0; i < found->n && *n < SUBJECT_SUGGESTIONS; i++) {
        for (k = 0; k < *n && !lookout_str_eq(names[k], found->items[i].name); k++) {
            /* looks for the same */
        }
        if (k == *n) {
            names[(*n)++] = found->items[i].name;
        }
    }
}


/* Names that share a word with what was typed; when there are none, the first ones there are. */
static lookout_code_e
subject_suggestions(lookout_workflow_run_t *run, const subject_kind_t *kind,
                    lookout_str_t typed, lookout_str_t *names, size_t *n)
{
    size_t at, len, words = 0;
    subjects_t found;
    lookout_code_e code = LOOKOUT_OK;
    lookout_list_t list = { 0 };

    for (at = 0; code == LOOKOUT_OK && at < typed.len && *n < SUBJECT_SUGGESTIONS
                 && words < SUBJECT_WORDS;
         at += len + 1) {
        for (len = 0; at + len < typed.len && typed.data[at + len] != ' '; len++) {
            /* to the end of the word */
        }
        if (len > 2) {
            words++;
            list.q = (lookout_str_t){ typed.data + at, len };
            code = kind->search(run, &list, &found);
            if (code == LOOKOUT_OK) {
                suggest(names, n, &found);
            }
        }
    }
    if (code == LOOKOUT_OK && *n == 0) {
        list.q = LOOKOUT_STR_NONE;
        code = kind->search(run, &list, &found);
        if (code == LOOKOUT_OK) {
            suggest(names, n, &found);
        }
    }
    return code;
}


static lookout_code_e
subject_unknown(lookout_workflow_run_t *run, const subject_kind_t *kind, lookout_str_t typed)
{
    size_t i, n = 0;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t names[SUBJECT_SUGGESTIONS], suggestions;
    lookout_call_t *call = run->call;
    lookout_code_e code;
    const char *where =
        kind->prefix[0] == 'v' && run->workbook_id.data != NULL ? " in that workbook" : "";

    code = subject_suggestions(run, kind, typed, names, &n);
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_json_open(&b, '[');
    for (i = 0; i < n; i++) {
        lookout_json_str(&b, names[i]);
    }
    lookout_json_close(&b, ']');
    suggestions = lookout_arena_copy(call->arena, lookout_buf_text(&b));
    lookout_buf_free(&b);

    return lookout_workflow_refuse(
        call, kind->argument,
        lookout_arena_printf(call->arena,
                             "names nothing%s: there is no %s like %.*s. %s names what there "
                             "is; details.suggestions has some.",
                             where, kind->argument,
                             LOOKOUT_STR_ARG(lookout_workflow_quote(call, typed)), kind->lists),
        suggestions);
}


/* Appends to the list in a slot. */
static void
slot_append(lookout_workflow_run_t *run, const char *slot, lookout_str_t item)
{
    lookout_str_t before = lookout_workflow_value(run, slot);

    lookout_workflow_set(run, slot,
                         before.data == NULL
                             ? item
                             : lookout_arena_printf(run->call->arena, "%.*s, %.*s",
                                                    LOOKOUT_STR_ARG(before),
                                                    LOOKOUT_STR_ARG(item)));
}


/* "Bookings" (vw_..., in the workbook "EMEA") */
static lookout_str_t
other_text(lookout_call_t *call, const subject_t *other)
{
    lookout_str_t name = lookout_workflow_quote(call, other->name), place;

    if (other->place.data == NULL) {
        return lookout_arena_printf(call->arena, "%.*s (%.*s)", LOOKOUT_STR_ARG(name),
                                    LOOKOUT_STR_ARG(other->id));
    }
    place = lookout_workflow_quote(call, other->place);
    return lookout_arena_printf(call->arena, "%.*s (%.*s, in the workbook %.*s)",
                                LOOKOUT_STR_ARG(name), LOOKOUT_STR_ARG(other->id),
                                LOOKOUT_STR_ARG(place));
}


/* Notes what the typed name could have meant beside the first match: where that has this very
 * name, others that have it too; else all that have it about. */
static void
subject_doubts(lookout_workflow_run_t *run, lookout_str_t typed, const subjects_t *found)
{
    size_t i;
    bool same;
    lookout_str_t name;
    lookout_call_t *call = run->call;
    lookout_str_t wanted = lookout_fold(call->arena, typed);

    same = lookout_str_eq(lookout_fold(call->arena, found->items[0].name), wanted);
    if (!same) {
        slot_append(run, "guess", lookout_workflow_quote(call, typed));
    }
    for (i = 1; i < found->n; i++) {
        name = lookout_fold(call->arena, found->items[i].name);
        if (same ? lookout_str_eq(name, wanted) : lookout_fuzzy_score(wanted, name) > 0) {
            slot_append(run, "others", other_text(call, &found->items[i]));
        }
    }
}


/* Finds the object that the argument names, and gives its id. */
static lookout_code_e
subject_find(lookout_workflow_run_t *run, const subject_kind_t *kind, lookout_str_t typed,
             lookout_str_t *id)
{
    lookout_code_e code;
    subjects_t found;
    lookout_list_t list = { .q = typed };

    if (lookout_id_valid(typed, kind->prefix)) {
        *id = typed;
        return LOOKOUT_OK;
    }

    code = kind->search(run, &list, &found);
    if (code != LOOKOUT_OK) {
        return code;
    }
    if (found.n == 0) {
        return subject_unknown(run, kind, typed);
    }
    subject_doubts(run, typed, &found);
    *id = found.items[0].id;
    return LOOKOUT_OK;
}


/* Gives what is found its slots. */
static void
subject_set(lookout_workflow_run_t *run, const subject_kind_t *kind, lookout_str_t id,
            lookout_str_t name)
{
    lookout_workflow_set(run, kind->id_slot, id);
    lookout_workflow_set(run, kind->name_slot, lookout_workflow_quote(run->call, name));
}


static lookout_code_e
datasource_set(lookout_workflow_run_t *run, lookout_str_t id)
{
    lookout_code_e code;
    lookout_call_t *call = run->call;
    lookout_datasource_t source;

    code = lookout_catalog_datasource(run->catalog, call->arena, id, &source, &call->error);
    if (code == LOOKOUT_OK) {
        run->datasource_id = source.id;
        subject_set(run, &kinds[0], source.id, source.name);
    }
    return code;
}


static lookout_code_e
workbook_set(lookout_workflow_run_t *run, lookout_str_t id)
{
    lookout_code_e code;
    lookout_call_t *call = run->call;
    lookout_workbook_t workbook;

    code = lookout_catalog_workbook(run->catalog, call->arena, id, &workbook, &call->error);
    if (code == LOOKOUT_OK) {
        run->workbook_id = workbook.id;
        subject_set(run, &kinds[1], workbook.id, workbook.name);
    }
    return code;
}


static lookout_code_e
view_set(lookout_workflow_run_t *run, lookout_str_t id)
{
    lookout_code_e code;
    lookout_call_t *call = run->call;
    lookout_view_t view;

    code = lookout_catalog_view(run->catalog, call->arena, id, &view, &call->error);
    if (code != LOOKOUT_OK) {
        return code;
    }
    run->view_id = view.id;
    subject_set(run, &kinds[2], view.id, view.name);
    lookout_workflow_set(run, "view.type", view.chart_type);
    lookout_workflow_set(run, "view.workbook",
                         lookout_workflow_quote(call, view.workbook_name));
    return datasource_set(run, view.datasource_id);
}


lookout_code_e
lookout_workflow_resolve(lookout_workflow_run_t *run)
{
    size_t i;
    lookout_str_t typed, id = LOOKOUT_STR_NONE;
    lookout_code_e code;
    static lookout_code_e (*const set[])(
        lookout_workflow_run_t *, lookout_str_t) = { datasource_set, workbook_set, view_set };

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        typed = lookout_workflow_argument(run->call, kinds[i].argument);
        if (typed.data == NULL || typed.len > LOOKOUT_WORKFLOW_NAME_MAX) {
            continue;
        }
        code = subject_find(run, &kinds[i], typed, &id);
        if (code == LOOKOUT_OK) {
            code = set[i](run, id);
        }
        if (code == LOOKOUT_DATASOURCE_NOT_FOUND || code == LOOKOUT_WORKBOOK_NOT_FOUND
            || code == LOOKOUT_VIEW_NOT_FOUND) {
            return subject_unknown(run, &kinds[i], typed);
        }
        if (code != LOOKOUT_OK) {
            return code;
        }
    }
    return LOOKOUT_OK;
}
