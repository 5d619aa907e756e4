/*
 * Views are tried before they are put in place: each that shows an extract is compiled over it
 * with its saved filters, by the code that the server does it with. So a view that nobody could
 * open is a mistake with a file and a place, not a surprise for its reader.
 */

#include "../ngx_lookout_module/query/extract.h"
#include "../ngx_lookout_module/query/filter.h"
#include "../ngx_lookout_module/query/view.h"
#include "seed.h"

typedef struct {
    lookout_seed_t *seed;
    lookout_extract_t extract;
} check_t;


static lookout_code_e
compile(check_t *check, lookout_arena_t *arena, const lookout_seed_view_t *view,
        lookout_error_t *error)
{
    lookout_filters_t filters;
    lookout_watch_t watch = { 0 };
    lookout_columns_t columns;
    lookout_sql_t sql;
    lookout_code_e code =
        lookout_filters_parse(arena, view->filters, check->extract.fields, &filters, error);

    if (code != LOOKOUT_OK) {
        return code;
    }
    if (!lookout_sql_init(&sql, arena)) {
        return lookout_fail_memory(error);
    }
    return lookout_view_compile(arena, &check->extract, view->encoding, filters, &watch, &sql,
                                &columns, error);
}


/* A drifted view has to fail, and for the reason that it is marked with. */
static bool
try_view(lookout_seed_view_t *view, void *data)
{
    check_t *check = data;
    lookout_arena_t *arena = lookout_arena_create();
    lookout_error_t error = { 0 };
    lookout_code_e code;
    bool good;

    if (arena == NULL) {
        return lookout_seed_no_memory();
    }
    code = compile(check, arena, view, &error);
    good = view->drifted ? code == LOOKOUT_SCHEMA_DRIFT : code == LOOKOUT_OK;
    if (!good && view->drifted) {
        lookout_seed_fail(view->at, "is marked as \"drifted\", but %s has all its fields",
                          view->source->name.data);
    } else if (!good) {
        lookout_seed_fail(view->at, "the view \"%s\" cannot be shown: %.*s", view->name.data,
                          LOOKOUT_STR_ARG(error.message));
    }
    lookout_arena_destroy(arena);
    return good;
}


bool
lookout_seed_check_views(lookout_seed_t *seed, const lookout_seed_source_t *source,
                         const char *path)
{
    check_t check = { .seed = seed };
    lookout_error_t error;
    bool good;

    if (lookout_extract_fresh(&check.extract, path, seed->arena, &error) != LOOKOUT_OK) {
        lookout_seed_fail((lookout_seed_at_t){ path, NULL }, "cannot be read back: %s",
                          check.extract.db.why);
        return false;
    }
    check.extract.fields = (lookout_fields_t){ source->fields, source->n_fields };
    good = lookout_seed_views_of(seed, source, try_view, &check);
    lookout_extract_close(&check.extract);
    return good;
}
