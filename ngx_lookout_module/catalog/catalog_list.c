/*
 * Lists of catalogue objects: one page of what fits the conditions, in the order of names or,
 * with a search text, with the best match first. One row more than the page is read, to know
 * whether there is another page.
 */

#include "objects.h"


static void
list_begin(lookout_reader_t *reader, const lookout_list_t *list, lookout_slice_t *slice)
{
    slice->n = 0;
    slice->more = false;

    lookout_reader_bind_text(reader, ":q", list->q);
    lookout_reader_bind_text(reader, ":contains", list->name_contains);
    lookout_reader_bind_text(reader, ":connection_type", list->connection_type);
    lookout_reader_bind_text(reader, ":workbook_id", list->workbook_id);
    lookout_reader_bind_text(reader, ":chart_type", list->chart_type);
    if (list->has_updated_after) {
        lookout_reader_bind_int(reader, ":updated_after", list->updated_after);
    }
    lookout_reader_bind_int(reader, ":limit", (int64_t) slice->limit + 1);
    lookout_reader_bind_int(reader, ":offset", slice->offset);
}


/* The next object's place among the page's items; NULL when the page is complete. */
static void *
list_next(lookout_reader_t *reader, lookout_slice_t *slice, void *items, size_t size)
{
    if (!lookout_reader_next(reader)) {
        return NULL;
    }

    if (slice->n == slice->limit) {
        slice->more = true;
        return NULL;
    }

    return (char *) items + size * slice->n++;
}


/* Room for a page of objects; NULL, and the reader fails, without memory. */
static void *
list_room(lookout_reader_t *reader, const lookout_slice_t *slice, size_t size)
{
    void *items;

    items = lookout_arena_alloc(reader->arena, size * ((size_t) slice->limit + 1));
    if (items == NULL) {
        reader->code = lookout_fail_memory(reader->error);
    }
    return items;
}


lookout_code_e
lookout_catalog_datasources(lookout_catalog_t *catalog, lookout_arena_t *arena,
                            const lookout_list_t *list, lookout_slice_t *slice,
                            lookout_datasource_t **items, lookout_error_t *error)
{
    lookout_reader_t reader;
    lookout_datasource_t *item;

    lookout_reader_begin(&reader, catalog,
                         list->q.data != NULL ? LOOKOUT_STATEMENT_SEARCH_DATASOURCES
                                              : LOOKOUT_STATEMENT_LIST_DATASOURCES,
                         arena, error);

    *items = list_room(&reader, slice, sizeof(**items));
    list_begin(&reader, list, slice);

    while ((item = list_next(&reader, slice, *items, sizeof(**items))) != NULL) {
        lookout_reader_datasource(&reader, item);
    }
    return lookout_reader_end(&reader);
}


lookout_code_e
lookout_catalog_workbooks(lookout_catalog_t *catalog, lookout_arena_t *arena,
                          const lookout_list_t *list, lookout_slice_t *slice,
                          lookout_workbook_t **items, lookout_error_t *error)
{
    lookout_reader_t reader;
    lookout_workbook_t *item;

    lookout_reader_begin(&reader, catalog,
                         list->q.data != NULL ? LOOKOUT_STATEMENT_SEARCH_WORKBOOKS
                                              : LOOKOUT_STATEMENT_LIST_WORKBOOKS,
                         arena, error);

    *items = list_room(&reader, slice, sizeof(**items));
    list_begin(&reader, list, slice);

    while ((item = list_next(&reader, slice, *items, sizeof(**items))) != NULL) {
        lookout_reader_workbook(&reader, item);
    }
    return lookout_reader_end(&reader);
}


lookout_code_e
lookout_catalog_views(lookout_catalog_t *catalog, lookout_arena_t *arena,
                      const lookout_list_t *list, lookout_slice_t *slice,
                      lookout_view_t **items, lookout_error_t *error)
{
    lookout_reader_t reader;
    lookout_view_t *item;
    lookout_statement_e statement;

    if (list->q.data != NULL) {
        statement = LOOKOUT_STATEMENT_SEARCH_VIEWS;
    } else if (list->workbook_id.data != NULL) {
        statement = LOOKOUT_STATEMENT_LIST_VIEWS_OF_WORKBOOK;
    } else {
        statement = LOOKOUT_STATEMENT_LIST_VIEWS;
    }

    lookout_reader_begin(&reader, catalog, statement, arena, error);

    *items = list_room(&reader, slice, sizeof(**items));
    list_begin(&reader, list, slice);

    while ((item = list_next(&reader, slice, *items, sizeof(**items))) != NULL) {
        lookout_reader_view(&reader, item);
    }
    return lookout_reader_end(&reader);
}


lookout_code_e
lookout_catalog_workbook_views(lookout_catalog_t *catalog, lookout_arena_t *arena,
                               lookout_str_t workbook_id, lookout_view_t **items, size_t *n,
                               lookout_error_t *error)
{
    size_t cap = 0;
    lookout_view_t *more;
    lookout_reader_t reader;

    *n = 0;
    *items = NULL;

    lookout_reader_begin(&reader, catalog, LOOKOUT_STATEMENT_WORKBOOK_VIEWS, arena, error);
    lookout_reader_bind_text(&reader, ":id", workbook_id);

    while (lookout_reader_next(&reader)) {
        if (*n == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            more = lookout_arena_alloc(arena, cap * sizeof(*more));
            if (more == NULL) {
                reader.code = lookout_fail_memory(error);
                break;
            }
            if (*n > 0) {
                memcpy(more, *items, *n * sizeof(*more));
            }
            *items = more;
        }
        lookout_reader_view(&reader, &(*items)[(*n)++]);
    }
    return lookout_reader_end(&reader);
}
