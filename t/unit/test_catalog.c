/*
 * Unit tests of the catalogue: lists and their order, search, what is hidden, broken rows,
 * files that are missing or damaged, and that it recovers.
 */

#define _GNU_SOURCE /* memmem */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/clock.h"
#include "../../ngx_lookout_module/catalog/catalog.h"
#include "little_company.h"

typedef struct {
    char path[256];
    lookout_catalog_t *catalog;
    lookout_arena_t *arena;
    lookout_error_t error;
} company_t;


static int
setup(void **state)
{
    company_t *c = calloc(1, sizeof(*c));

    assert_non_null(c);
    little_company_make(c->path, sizeof(c->path));
    c->catalog = lookout_catalog_create(c->path);
    c->arena = lookout_arena_create();
    assert_non_null(c->catalog);
    assert_non_null(c->arena);
    *state = c;
    return 0;
}


static int
teardown(void **state)
{
    company_t *c = *state;

    lookout_catalog_destroy(c->catalog);
    lookout_arena_destroy(c->arena);
    little_company_drop(c->path);
    free(c);
    return 0;
}


static void
open_catalog(company_t *c)
{
    lookout_code_e code = lookout_catalog_fresh(c->catalog, c->arena, &c->error);

    if (code != LOOKOUT_OK) {
        print_error("%s\n", lookout_catalog_why(c->catalog));
    }
    assert_int_equal(code, LOOKOUT_OK);
}


static void
assert_says(lookout_str_t text, const char *part)
{
    if (text.data == NULL || memmem(text.data, text.len, part, strlen(part)) == NULL) {
        print_error("\"%.*s\" does not say \"%s\"\n", LOOKOUT_STR_ARG(text), part);
        fail();
    }
}


/* The names of a page of datasources, workbooks or views, with | between them. */
static const char *
names_of(company_t *c, char kind, const lookout_list_t *list, lookout_slice_t *slice)
{
    size_t i;
    static char names[4096];
    lookout_str_t name;
    lookout_code_e code;
    lookout_datasource_t *d = NULL;
    lookout_workbook_t *w = NULL;
    lookout_view_t *v = NULL;

    open_catalog(c);
    if (kind == 'd') {
        code = lookout_catalog_datasources(c->catalog, c->arena, list, slice, &d, &c->error);
    } else if (kind == 'w') {
        code = lookout_catalog_workbooks(c->catalog, c->arena, list, slice, &w, &c->error);
    } else {
        code = lookout_catalog_views(c->catalog, c->arena, list, slice, &v, &c->error);
    }
    assert_int_equal(code, LOOKOUT_OK);

    names[0] = '\0';
    for (i = 0; i < slice->n; i++) {
        name = kind == 'd' ? d[i].name : kind == 'w' ? w[i].name : v[i].name;
        (void) snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%.*s",
                        i == 0 ? "" : "|", LOOKOUT_STR_ARG(name));
    }
    return names;
}


static const char *
all_names(company_t *c, char kind, const lookout_list_t *list)
{
    lookout_slice_t slice = { .limit = 100 };
    const char *names = names_of(c, kind, list, &slice);

    assert_false(slice.more);
    return names;
}


static void
test_lists_are_ordered_and_hide_what_is_deleted(void **state)
{
    company_t *c = *state;
    lookout_list_t list = { 0 };

    assert_string_equal(all_names(c, 'd', &list),
                        "CAFÉ Umsatz|lost extract|Marketing Spend|Sales Pipeline|Support "
                        "Tickets");
    assert_string_equal(all_names(c, 'w', &list), "archive|Help Desk|Sales Reviews");
    assert_string_equal(all_names(c, 'v', &list),
                        "Ad spend|Amount by stage|Deals|Deals by owner|Lost|Lost deals|Tickets "
                        "by priority|Umsatz im Café");
}


static void
test_pages_follow_each_other(void **state)
{
    company_t *c = *state;
    lookout_list_t list = { 0 };
    lookout_slice_t slice = { .limit = 2 };

    assert_string_equal(names_of(c, 'd', &list, &slice), "CAFÉ Umsatz|lost extract");
    assert_true(slice.more);

    slice.offset = 2;
    assert_string_equal(names_of(c, 'd', &list, &slice), "Marketing Spend|Sales Pipeline");
    assert_true(slice.more);

    slice.offset = 4;
    assert_string_equal(names_of(c, 'd', &list, &slice), "Support Tickets");
    assert_false(slice.more);

    slice.offset = 5;
    assert_string_equal(names_of(c, 'd', &list, &slice), "");
    assert_false(slice.more);

    /* A page that ends exactly with the list is the last one. */
    slice = (lookout_slice_t){ .limit = 5 };
    (void) names_of(c, 'd', &list, &slice);
    assert_int_equal(slice.n, 5);
    assert_false(slice.more);
}


static void
test_filters_combine(void **state)
{
    company_t *c = *state;
    lookout_list_t list = { .name_contains = LOOKOUT_STR("CAFé") };

    assert_string_equal(all_names(c, 'd', &list), "CAFÉ Umsatz");
    assert_string_equal(all_names(c, 'v', &list), "Umsatz im Café");

    list = (lookout_list_t){ .connection_type = LOOKOUT_STR("POSTGRES") };
    assert_string_equal(all_names(c, 'd', &list), "CAFÉ Umsatz|lost extract|Sales Pipeline");

    list.name_contains = LOOKOUT_STR("s");
    assert_string_equal(all_names(c, 'd', &list), "CAFÉ Umsatz|lost extract|Sales Pipeline");
    list.name_contains = LOOKOUT_STR("sale");
    assert_string_equal(all_names(c, 'd', &list), "Sales Pipeline");

    /* % and _ stand for themselves. */
    list = (lookout_list_t){ .name_contains = LOOKOUT_STR("%") };
    assert_string_equal(all_names(c, 'd', &list), "");

    list = (lookout_list_t){ .chart_type = LOOKOUT_STR("bar") };
    assert_string_equal(all_names(c, 'v', &list),
                        "Amount by stage|Deals by owner|Lost|Tickets by priority");
    list.workbook_id = LOOKOUT_STR(LITTLE_WB_SALES);
    assert_string_equal(all_names(c, 'v', &list), "Amount by stage|Deals by owner");
    list.q = LOOKOUT_STR("owner");
    assert_string_equal(all_names(c, 'v', &list), "Deals by owner");
}


static void
test_updated_after_is_strict(void **state)
{
    company_t *c = *state;
    lookout_list_t list = { .has_updated_after = true, .updated_after = 1774999999 };

    assert_string_equal(all_names(c, 'w', &list), "Help Desk|Sales Reviews");
    list.updated_after = 1775000000;
    assert_string_equal(all_names(c, 'w', &list), "Help Desk");
    list.updated_after = 0;
    assert_string_equal(all_names(c, 'w', &list), "archive|Help Desk|Sales Reviews");
}


static void
test_search_forgives_and_ranks(void **state)
{
    company_t *c = *state;
    lookout_slice_t slice = { .limit = 1 };
    lookout_list_t list = { .q = LOOKOUT_STR("slaes pipline") };

    assert_string_equal(all_names(c, 'd', &list), "Sales Pipeline");

    list.q = LOOKOUT_STR("TICKETS");
    assert_string_equal(all_names(c, 'd', &list), "Support Tickets");

    /* The name counts more than a tag or the description. */
    list.q = LOOKOUT_STR("sales");
    assert_string_equal(names_of(c, 'w', &list, &slice), "Sales Reviews");
    list.q = LOOKOUT_STR("deals");
    assert_string_equal(names_of(c, 'v', &list, &slice), "Deals");

    /* By tag, and by words that stand in different places. */
    list.q = LOOKOUT_STR("emea");
    assert_string_equal(all_names(c, 'w', &list), "Sales Reviews");
    list.q = LOOKOUT_STR("reviews pipeline emea");
    assert_string_equal(all_names(c, 'w', &list), "Sales Reviews");

    list.q = LOOKOUT_STR("xylophone");
    assert_string_equal(all_names(c, 'd', &list), "");
    list.q = LOOKOUT_STR("?!");
    assert_string_equal(all_names(c, 'd', &list), "");
}


static void
test_one_datasource(void **state)
{
    company_t *c = *state;
    lookout_datasource_t d;

    open_catalog(c);
    assert_int_equal(lookout_catalog_datasource(c->catalog, c->arena, LOOKOUT_STR(LITTLE_SALES),
                                                &d, &c->error),
                     LOOKOUT_OK);
    assert_true(lookout_str_is(d.name, "Sales Pipeline"));
    assert_true(lookout_str_is(d.connection_type, "postgres"));
    assert_true(d.online);
    assert_int_equal(d.freshness_sla_seconds, 86400);
    assert_int_equal(d.field_count, 6);
    assert_int_equal(d.row_count, 6000);
    assert_string_equal(d.extract_path.data, little_company_path(c->path, "sales.db"));

    assert_int_equal(d.fields.n, 6);
    assert_true(lookout_str_is(d.fields.items[0].name, "deal_id"));
    assert_int_equal(d.fields.items[0].role, LOOKOUT_IDENTIFIER);
    assert_true(
        lookout_str_is(d.fields.items[1].sample_values, "[\"Lead\", \"Proposal\", \"Won\"]"));
    assert_true(d.fields.items[1].samples_complete);
    assert_true(d.fields.items[2].nullable);
    assert_int_equal(d.fields.items[2].type, LOOKOUT_FLOAT);
    assert_int_equal(d.fields.items[4].type, LOOKOUT_DATE);
}


static void
test_one_view_and_workbook(void **state)
{
    company_t *c = *state;
    lookout_view_t v;
    lookout_view_t *views;
    lookout_workbook_t w;
    size_t n;

    open_catalog(c);
    assert_int_equal(
        lookout_catalog_view(c->catalog, c->arena, LOOKOUT_STR(LITTLE_VW_ADS), &v, &c->error),
        LOOKOUT_OK);
    assert_true(lookout_str_is(v.workbook_name, "Sales Reviews"));
    assert_true(lookout_str_is(v.datasource_id, LITTLE_MARKETING));
    assert_false(v.datasource_online);
    assert_says(v.encoding, "\"channel\"");
    assert_true(lookout_str_is(v.saved_filters, "[]"));

    assert_int_equal(lookout_catalog_workbook(c->catalog, c->arena,
                                              LOOKOUT_STR(LITTLE_WB_SALES), &w, &c->error),
                     LOOKOUT_OK);
    assert_int_equal(w.view_count, 5);
    assert_true(lookout_str_is(w.tags, "[\"sales\", \"emea\"]"));

    assert_int_equal(
        lookout_catalog_workbook_views(c->catalog, c->arena, w.id, &views, &n, &c->error),
        LOOKOUT_OK);
    assert_int_equal(n, 5);
    assert_true(lookout_str_is(views[0].name, "Deals"));
    assert_true(lookout_str_is(views[4].name, "Ad spend"));

    assert_int_equal(lookout_catalog_workbook_views(c->catalog, c->arena,
                                                    LOOKOUT_STR(LITTLE_WB_EMPTY), &views, &n,
                                                    &c->error),
                     LOOKOUT_OK);
    assert_int_equal(n, 0);
}


static void
test_what_is_not_there(void **state)
{
    company_t *c = *state;
    lookout_view_t v;
    lookout_workbook_t w;
    lookout_datasource_t d;

    open_catalog(c);
    assert_int_equal(lookout_catalog_datasource(c->catalog, c->arena,
                                                LOOKOUT_STR(LITTLE_DELETED), &d, &c->error),
                     LOOKOUT_DATASOURCE_NOT_FOUND);
    assert_says(c->error.message, "list_datasources");
    assert_true(lookout_str_is(c->error.details, "{\"datasourceId\":\"" LITTLE_DELETED "\"}"));

    assert_int_equal(lookout_catalog_workbook(c->catalog, c->arena,
                                              LOOKOUT_STR(LITTLE_WB_DELETED), &w, &c->error),
                     LOOKOUT_WORKBOOK_NOT_FOUND);
    assert_says(c->error.message, "list_workbooks");

    assert_int_equal(lookout_catalog_view(c->catalog, c->arena, LOOKOUT_STR(LITTLE_VW_DELETED),
                                          &v, &c->error),
                     LOOKOUT_VIEW_NOT_FOUND);
    assert_says(c->error.message, "list_views");
    assert_int_equal(lookout_catalog_view(c->catalog, c->arena,
                                          LOOKOUT_STR("vw_ofdeletedsource2222222"), &v,
                                          &c->error),
                     LOOKOUT_VIEW_NOT_FOUND);
    assert_int_equal(lookout_catalog_view(c->catalog, c->arena,
                                          LOOKOUT_STR("'; DROP TABLE view"), &v, &c->error),
                     LOOKOUT_VIEW_NOT_FOUND);
}


static void
test_broken_rows_are_named_and_others_go_on(void **state)
{
    company_t *c = *state;
    lookout_view_t v;
    lookout_workbook_t w;
    lookout_datasource_t d;

    little_company_catalog(
        c->path, "UPDATE workbook SET tags = '[\"sales\"' WHERE id = '" LITTLE_WB_SALES "';"
                 "UPDATE view SET encoding = '[]' WHERE id = '" LITTLE_VW_STAGE "';"
                 "UPDATE view SET saved_filters = '[1]' WHERE id = '" LITTLE_VW_ROWS "';"
                 "UPDATE field SET sample_values = '[{}]' WHERE name = 'priority';");
    open_catalog(c);

    assert_int_equal(lookout_catalog_workbook(c->catalog, c->arena,
                                              LOOKOUT_STR(LITTLE_WB_SALES), &w, &c->error),
                     LOOKOUT_INTERNAL_ERROR);
    assert_says(c->error.message, LITTLE_WB_SALES);
    assert_says(c->error.details, "\"catalogue_row_broken\"");
    assert_says(c->error.details, "\"column\":\"tags\"");
    assert_says(lookout_str(lookout_catalog_why(c->catalog)), LITTLE_WB_SALES);

    assert_int_equal(
        lookout_catalog_view(c->catalog, c->arena, LOOKOUT_STR(LITTLE_VW_STAGE), &v, &c->error),
        LOOKOUT_INTERNAL_ERROR);
    assert_says(c->error.details, "\"column\":\"encoding\"");

    assert_int_equal(
        lookout_catalog_view(c->catalog, c->arena, LOOKOUT_STR(LITTLE_VW_ROWS), &v, &c->error),
        LOOKOUT_INTERNAL_ERROR);
    assert_says(c->error.details, "\"column\":\"saved_filters\"");

    assert_int_equal(lookout_catalog_datasource(c->catalog, c->arena,
                                                LOOKOUT_STR(LITTLE_SUPPORT), &d, &c->error),
                     LOOKOUT_INTERNAL_ERROR);
    assert_says(c->error.details, "field.sample_values");

    assert_int_equal(lookout_catalog_datasource(c->catalog, c->arena, LOOKOUT_STR(LITTLE_SALES),
                                                &d, &c->error),
                     LOOKOUT_OK);
    assert_int_equal(lookout_catalog_workbook(c->catalog, c->arena,
                                              LOOKOUT_STR(LITTLE_WB_SUPPORT), &w, &c->error),
                     LOOKOUT_OK);
}


/* The catalogue cannot be read now; the message names no path, the reason for the log does. */
static void
assert_unreadable(company_t *c, const char *why)
{
    assert_int_equal(lookout_catalog_fresh(c->catalog, c->arena, &c->error),
                     LOOKOUT_INTERNAL_ERROR);
    assert_says(c->error.message, "operator");
    assert_null(memmem(c->error.message.data, c->error.message.len, c->path, strlen(c->path)));
    assert_true(lookout_str_is(c->error.details, "{\"reason\":\"catalogue_unreadable\"}"));
    assert_says(lookout_str(lookout_catalog_why(c->catalog)), why);
    assert_says(lookout_str(lookout_catalog_why(c->catalog)), c->path);

    /* and again, now from memory */
    assert_int_equal(lookout_catalog_fresh(c->catalog, c->arena, &c->error),
                     LOOKOUT_INTERNAL_ERROR);
}


static void
test_bad_files_are_refused_and_good_ones_taken_again(void **state)
{
    company_t *c = *state;
    const lookout_list_t list = { .connection_type = LOOKOUT_STR("snowflake") };

    open_catalog(c);

    assert_int_equal(unlink(c->path), 0);
    assert_unreadable(c, "No such file");

    little_company_file(c->path, "", 0);
    assert_unreadable(c, "empty");

    little_company_file(c->path, "hello, world", 12);
    assert_unreadable(c, "SQLite");

    /* An extract is a SQLite file, but no catalogue. */
    assert_int_equal(rename(little_company_path(c->path, "sales.db"), c->path), 0);
    assert_unreadable(c, "another kind");

    little_company_catalog(c->path, "DROP TABLE field");
    assert_unreadable(c, "no such table: field");

    little_company_catalog(c->path, "ALTER TABLE view RENAME COLUMN encoding TO spec");
    assert_unreadable(c, "no such column");

    little_company_catalog(c->path, NULL);
    assert_string_equal(all_names(c, 'd', &list), "Support Tickets");
    assert_string_equal(lookout_catalog_why(c->catalog), "");
}


static void
test_truncated_and_damaged_files(void **state)
{
    company_t *c = *state;
    char bytes[65536];
    size_t size;
    FILE *file;
    lookout_view_t v;
    lookout_code_e code;

    file = fopen(c->path, "rb");
    assert_non_null(file);
    size = fread(bytes, 1, sizeof(bytes), file);
    (void) fclose(file);
    assert_true(size > 8192 && size < sizeof(bytes));

    little_company_file(c->path, bytes, size / 2);
    assert_unreadable(c, "truncated");

    /* Pages full of nonsense, behind a good header and schema: found when they are read. */
    memset(bytes + 4096, 0x5a, size - 4096);
    little_company_file(c->path, bytes, size);
    code = lookout_catalog_fresh(c->catalog, c->arena, &c->error);
    if (code == LOOKOUT_OK) {
        code = lookout_catalog_view(c->catalog, c->arena, LOOKOUT_STR(LITTLE_VW_STAGE), &v,
                                    &c->error);
    }
    assert_int_equal(code, LOOKOUT_INTERNAL_ERROR);
    assert_true(lookout_str_is(c->error.details, "{\"reason\":\"catalogue_unreadable\"}"));
    assert_says(lookout_str(lookout_catalog_why(c->catalog)), "malformed");

    little_company_catalog(c->path, NULL);
    open_catalog(c);
}


static void
test_the_version_is_that_of_the_contents(void **state)
{
    company_t *c = *state;
    char bytes[65536];
    char first[64];
    size_t size;
    FILE *file;
    lookout_catalog_t *copy;

    open_catalog(c);
    (void) snprintf(first, sizeof(first), "%.*s",
                    LOOKOUT_STR_ARG(lookout_catalog_version(c->catalog)));

    file = fopen(c->path, "rb");
    assert_non_null(file);
    size = fread(bytes, 1, sizeof(bytes), file);
    (void) fclose(file);
    little_company_file(little_company_path(c->path, "copy.db"), bytes, size);

    copy = lookout_catalog_create(little_company_path(c->path, "copy.db"));
    assert_non_null(copy);
    assert_int_equal(lookout_catalog_fresh(copy, c->arena, &c->error), LOOKOUT_OK);
    assert_true(lookout_str_is(lookout_catalog_version(copy), first));
    lookout_catalog_destroy(copy);

    little_company_catalog(c->path, "PRAGMA user_version = 7");
    open_catalog(c);
    assert_false(lookout_str_is(lookout_catalog_version(c->catalog), first));

    little_company_catalog(
        c->path, "UPDATE workbook SET name = 'Sales Revised' WHERE id = '" LITTLE_WB_SALES "'");
    open_catalog(c);
    assert_false(lookout_str_is(lookout_catalog_version(c->catalog), first));
}


static void
test_a_watch_bounds_reads(void **state)
{
    company_t *c = *state;
    atomic_bool cancelled = true;
    lookout_view_t *items;
    lookout_slice_t slice = { .limit = 5 };
    lookout_watch_t watch = { .slice_ns = 1 };
    const lookout_list_t list = { .q = LOOKOUT_STR("umsatz") };

    little_company_catalog(
        c->path,
        "INSERT INTO view WITH RECURSIVE more (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM more"
        " WHERE i < 2000) SELECT printf('vw_%022d', i), '" LITTLE_WB_SALES "', '" LITTLE_SALES
        "', i + 10, 'View', 'One of many.', 'bar', '{}', '[]', 0, NULL FROM more");
    open_catalog(c);

    lookout_catalog_watch(c->catalog, &watch);
    assert_int_equal(
        lookout_catalog_views(c->catalog, c->arena, &list, &slice, &items, &c->error),
        LOOKOUT_NEEDS_THREAD);

    watch = (lookout_watch_t){ .cancelled = &cancelled };
    assert_int_equal(
        lookout_catalog_views(c->catalog, c->arena, &list, &slice, &items, &c->error),
        LOOKOUT_CANCELLED);

    watch = (lookout_watch_t){ .deadline_ns = 1 };
    assert_int_equal(
        lookout_catalog_views(c->catalog, c->arena, &list, &slice, &items, &c->error),
        LOOKOUT_QUERY_TIMEOUT);

    watch = (lookout_watch_t){ .deadline_ns = lookout_monotonic_ns() + 60000000000u };
    assert_int_equal(
        lookout_catalog_views(c->catalog, c->arena, &list, &slice, &items, &c->error),
        LOOKOUT_OK);
    assert_int_equal(slice.n, 1);
    lookout_catalog_watch(c->catalog, NULL);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_lists_are_ordered_and_hide_what_is_deleted),
        TEST(test_pages_follow_each_other),
        TEST(test_filters_combine),
        TEST(test_updated_after_is_strict),
        TEST(test_search_forgives_and_ranks),
        TEST(test_one_datasource),
        TEST(test_one_view_and_workbook),
        TEST(test_what_is_not_there),
        TEST(test_broken_rows_are_named_and_others_go_on),
        TEST(test_bad_files_are_refused_and_good_ones_taken_again),
        TEST(test_truncated_and_damaged_files),
        TEST(test_the_version_is_that_of_the_contents),
        TEST(test_a_watch_bounds_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
