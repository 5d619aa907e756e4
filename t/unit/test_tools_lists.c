/*
 * Unit tests of the tools that list and describe: shapes, pages, cursors, the envelope, and a
 * catalogue that cannot be read.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/clock.h"
#include "../../ngx_lookout_module/mcp/schema.h"
#include "tool_driver.h"

#define SALES "'datasourceId':'" LITTLE_SALES "'"
#define VIEW(id) "'viewId':'" id "'"


static void
test_the_table_is_fit_to_be_published(void **state)
{
    size_t n = 0, total = 0;
    const char *p;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const lookout_tool_t *tool;

    (void) state;
    LOOKOUT_ROWS(tool, lookout_tools)
    {
        n++;
        for (p = tool->name; *p != '\0'; p++) {
            assert_true((*p >= 'a' && *p <= 'z') || *p == '_');
        }
        assert_true(strlen(tool->title) > 0);
        assert_true(strlen(tool->description) > 80);
        assert_non_null(tool->access.tags[0]);
        assert_false(tool->access.writes || tool->destructive || tool->not_idempotent);

        lookout_buf_reset(&b);
        lookout_schema_json(&b, tool->input, true);
        lookout_schema_json(&b, tool->output, false);
        assert_false(b.failed);
        total += b.len + strlen(tool->description);
    }
    assert_int_equal(n, 12);
    assert_true(total < 23000); /* every client pays for it, in tokens */
    lookout_buf_free(&b);
}


/* A prompt is hidden from who may not use its tools: a name that is none would hide nothing. */
static void
test_prompts_name_tools_that_exist(void **state)
{
    const lookout_tool_t *tool;
    const lookout_prompt_t *prompt;
    const char *const *name;

    (void) state;
    LOOKOUT_ROWS(prompt, lookout_prompts)
    {
        assert_non_null(prompt->tools[0]);
        for (name = prompt->tools; *name != NULL; name++) {
            LOOKOUT_ROWS(tool, lookout_tools)
            {
                if (strcmp(tool->name, *name) == 0) {
                    break;
                }
            }
            assert_non_null(tool->name);
        }
    }
}


static void
test_list_datasources(void **state)
{
    driver_t *d = *state;

    ask_well(d, "list_datasources", "{'nameContains':'SALES','pageSize':20}");
    assert_string_equal(part_keys(d, ""), "items nextCursor warnings");
    assert_int_equal(part_size(d, "items"), 1);
    assert_string_equal(part_keys(d, "items/0"),
                        "id name connectionType status lastRefreshedAt fieldCount");
    assert_string_equal(part_text(d, "items/0/id"), LITTLE_SALES);
    assert_string_equal(part_text(d, "items/0/status"), "online");
    assert_int_equal(part_number(d, "items/0/fieldCount"), 6);
    assert_int_equal(strlen(part_text(d, "items/0/lastRefreshedAt")), 20);
    assert_true(part_null(d, "nextCursor"));
    assert_int_equal(part_size(d, "warnings"), 0);
    assert_int_equal(d->call.rows, 1);
    assert_true(d->call.cacheable);
    assert_int_equal(d->call.n_deps, 1);
    assert_int_equal(d->call.until, 0);

    ask_well(d, "list_datasources", "{'q':'slaes pipline'}");
    assert_string_equal(part_text(d, "items/0/name"), "Sales Pipeline");
    ask_well(d, "list_datasources", "{'connectionType':'bigquery'}");
    assert_string_equal(part_text(d, "items/0/status"), "offline");
    ask_well(d, "list_datasources", "{'q':'sales','connectionType':'bigquery'}");
    assert_int_equal(part_size(d, "items"), 0);
}


static void
test_list_paging(void **state)
{
    int i;
    char cursor[512];
    driver_t *d = *state;
    static const char *const names[] = { "CAFÉ Umsatz", "lost extract", "Marketing Spend",
                                         "Sales Pipeline", "Support Tickets" };

    ask_well(d, "list_datasources", "{'pageSize':1}");
    for (i = 0;; i++) {
        assert_string_equal(part_text(d, "items/0/name"), names[i]);
        if (part_null(d, "nextCursor")) {
            break;
        }
        (void) snprintf(cursor, sizeof(cursor), "%s", part_text(d, "nextCursor"));
        ask_well(d, "list_datasources", "{'pageSize':1,'cursor':'%s'}", cursor);
    }
    assert_int_equal(i, 4);

    /* The size of the next page is free; it ends the list here. */
    ask_well(d, "list_datasources", "{'pageSize':2}");
    (void) snprintf(cursor, sizeof(cursor), "%s", part_text(d, "nextCursor"));
    ask_well(d, "list_datasources", "{'pageSize':3,'cursor':'%s'}", cursor);
    assert_int_equal(part_size(d, "items"), 3);
    assert_true(part_null(d, "nextCursor"));
}


static void
test_page_sizes_have_a_range(void **state)
{
    driver_t *d = *state;

    assert_int_equal(ask(d, "list_views", "{'pageSize':101}"), LOOKOUT_INVALID_PAGE_SIZE);
    error_says(d, "\"max\":100");
    assert_int_equal(ask(d, "list_views", "{'pageSize':0}"), LOOKOUT_INVALID_PAGE_SIZE);
    assert_int_equal(ask(d, "query_datasource", "{" SALES ",'sql':'SELECT 1','pageSize':5001}"),
                     LOOKOUT_INVALID_PAGE_SIZE);
    assert_int_equal(ask(d, "query_view_data", "{" VIEW(LITTLE_VW_ROWS) ",'pageSize':1001}"),
                     LOOKOUT_INVALID_PAGE_SIZE);
}


static void
test_cursors_belong_to_their_call_and_data(void **state)
{
    char cursor[512];
    driver_t *d = *state;

    ask_well(d, "list_datasources", "{'pageSize':1}");
    (void) snprintf(cursor, sizeof(cursor), "%s", part_text(d, "nextCursor"));

    assert_int_equal(ask(d, "list_datasources", "{'q':'sales','cursor':'%s'}", cursor),
                     LOOKOUT_INVALID_CURSOR);
    error_says(d, "\"foreign\"");
    assert_int_equal(ask(d, "list_views", "{'cursor':'%s'}", cursor), LOOKOUT_INVALID_CURSOR);
    error_says(d, "\"foreign\"");
    assert_int_equal(ask(d, "list_datasources", "{'cursor':'%sA'}", cursor),
                     LOOKOUT_INVALID_CURSOR);
    error_says(d, "\"malformed\"");
    assert_int_equal(ask(d, "list_datasources", "{'cursor':''}"), LOOKOUT_INVALID_CURSOR);

    little_company_catalog(d->catalog, "PRAGMA user_version = 5");
    assert_int_equal(ask(d, "list_datasources", "{'cursor':'%s'}", cursor),
                     LOOKOUT_INVALID_CURSOR);
    error_says(d, "\"data_refreshed\"");
}


static void
test_lists_shrink_to_the_envelope(void **state)
{
    int seen = 0;
    int pages = 0;
    char cursor[512] = "";
    driver_t *d = *state;

    little_company_catalog(
        d->catalog,
        "INSERT INTO workbook WITH RECURSIVE w (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM w"
        " WHERE i < 90) SELECT printf('wb_%022d', i), printf('Book %03d', i),"
        " hex(zeroblob(3500)), 'Ana', '[]', 0, NULL FROM w");

    ask_well(d, "list_workbooks", "{'nameContains':'book ','pageSize':100}");
    assert_string_equal(part_text(d, "warnings/0/code"), "RESPONSE_TRUNCATED");
    assert_int_equal(part_number(d, "warnings/0/details/returnedRows"), part_size(d, "items"));
    assert_int_equal(part_number(d, "warnings/0/details/returnedRows")
                         + part_number(d, "warnings/0/details/droppedRows"),
                     90);
    assert_int_equal(d->call.rows, part_size(d, "items"));

    for (;;) {
        char name[32];

        (void) snprintf(name, sizeof(name), "Book %03d", seen + 1);
        assert_string_equal(part_text(d, "items/0/name"), name);
        seen += part_size(d, "items");
        pages++;
        if (part_null(d, "nextCursor")) {
            break;
        }
        (void) snprintf(cursor, sizeof(cursor), "%s", part_text(d, "nextCursor"));
        ask_well(d, "list_workbooks", "{'nameContains':'book ','pageSize':100,'cursor':'%s'}",
                 cursor);
    }
    assert_int_equal(seen, 90);
    assert_true(pages > 1);

    little_company_catalog(d->catalog, "UPDATE workbook SET description = hex(zeroblob(140000))"
                                       " WHERE id = '" LITTLE_WB_EMPTY "'");
    assert_int_equal(ask(d, "list_workbooks", "{'nameContains':'archive'}"),
                     LOOKOUT_ENVELOPE_TOO_LARGE);
    error_says(d, "\"maxBytes\":262144");
    assert_int_equal(ask(d, "get_workbook", "{'workbookId':'" LITTLE_WB_EMPTY "'}"),
                     LOOKOUT_ENVELOPE_TOO_LARGE);
    ask_well(d, "list_workbooks", "{'nameContains':'sales'}");
}


static void
test_get_datasource(void **state)
{
    driver_t *d = *state;

    ask_well(d, "get_datasource", "{" SALES "}");
    assert_string_equal(part_keys(d, ""),
                        "id name connectionType status lastRefreshedAt fieldCount description "
                        "freshnessSlaSeconds rowCount fields warnings");
    assert_int_equal(part_size(d, "fields"), 6);
    assert_string_equal(part_keys(d, "fields/1"),
                        "name label dataType semanticRole nullable description sampleValues");
    assert_string_equal(part_text(d, "fields/1/sampleValues/0"), "Lead");
    assert_string_equal(part_text(d, "fields/4/dataType"), "date");
    assert_int_equal(part_size(d, "warnings"), 0);

    /* The answer holds until the source gets stale. */
    assert_true(d->call.cacheable);
    assert_true(d->call.until > lookout_now() + 80000);

    ask_well(d, "get_datasource", "{'datasourceId':'" LITTLE_MARKETING "'}");
    assert_string_equal(part_text(d, "status"), "offline");

    assert_int_equal(ask(d, "get_datasource", "{'datasourceId':'" LITTLE_DELETED "'}"),
                     LOOKOUT_DATASOURCE_NOT_FOUND);
    error_says(d, "list_datasources");
    assert_int_equal(ask(d, "get_datasource", "{'datasourceId':'ds_4hk2g8r9m1p3v7q5x6w8a2'}"),
                     LOOKOUT_DATASOURCE_NOT_FOUND);
    assert_int_equal(ask(d, "get_datasource", "{'datasourceId':'sales'}"),
                     LOOKOUT_INVALID_INPUT);
    assert_int_equal(ask(d, "get_datasource", "{}"), LOOKOUT_INVALID_INPUT);
}


static void
test_list_views(void **state)
{
    driver_t *d = *state;

    ask_well(d, "list_views", "{'workbookId':'" LITTLE_WB_SALES "','q':'stage'}");
    assert_string_equal(part_keys(d, "items/0"),
                        "id name description chartType updatedAt workbook datasource");
    assert_string_equal(part_keys(d, "items/0/workbook"), "id name");
    assert_string_equal(part_keys(d, "items/0/datasource"), "id name status");
    assert_string_equal(part_text(d, "items/0/datasource/name"), "Sales Pipeline");

    ask_well(d, "list_views", "{'chartType':'pie'}");
    assert_string_equal(part_text(d, "items/0/datasource/status"), "offline");

    assert_int_equal(ask(d, "list_views", "{'chartType':'pyramid'}"), LOOKOUT_INVALID_INPUT);
    assert_int_equal(ask(d, "list_views", "{'workbookId':'" LITTLE_WB_DELETED "'}"),
                     LOOKOUT_WORKBOOK_NOT_FOUND);
    error_says(d, "list_workbooks");
}


static void
test_workbooks(void **state)
{
    driver_t *d = *state;

    ask_well(d, "list_workbooks", "{'updatedAfter':'2026-03-01T00:00:00Z','q':'sales'}");
    assert_string_equal(part_keys(d, "items/0"),
                        "id name description ownerName tags viewCount updatedAt");
    assert_string_equal(part_text(d, "items/0/tags/1"), "emea");
    ask_well(d, "list_workbooks", "{'updatedAfter':'2027-01-01'}");
    assert_int_equal(part_size(d, "items"), 0);
    assert_int_equal(ask(d, "list_workbooks", "{'updatedAfter':'yesterday'}"),
                     LOOKOUT_INVALID_INPUT);

    ask_well(d, "get_workbook", "{'workbookId':'" LITTLE_WB_SALES "'}");
    assert_string_equal(
        part_keys(d, ""),
        "id name description ownerName tags viewCount updatedAt views warnings");
    assert_int_equal(part_size(d, "views"), part_number(d, "viewCount"));
    assert_string_equal(part_keys(d, "views/0"), "id name chartType datasourceId");
    assert_string_equal(part_text(d, "views/0/name"), "Deals");
    assert_string_equal(part_text(d, "views/1/name"), "Amount by stage");

    assert_int_equal(ask(d, "get_workbook", "{'workbookId':'" LITTLE_WB_DELETED "'}"),
                     LOOKOUT_WORKBOOK_NOT_FOUND);
}


static void
test_a_bad_catalogue_is_reported_once_and_recovers(void **state)
{
    driver_t *d = *state;
    const char *trouble;

    little_company_file(d->catalog, "no catalogue", 12);
    assert_int_equal(ask(d, "list_views", "{}"), LOOKOUT_INTERNAL_ERROR);
    error_says(d, "catalogue_unreadable");
    trouble = lookout_session_trouble(d->session);
    assert_non_null(trouble);
    assert_non_null(strstr(trouble, "catalog.db"));
    assert_int_equal(ask(d, "list_views", "{}"), LOOKOUT_INTERNAL_ERROR);
    assert_null(lookout_session_trouble(d->session));

    little_company_catalog(d->catalog, NULL);
    ask_well(d, "list_views", "{}");
    assert_null(lookout_session_trouble(d->session));
}


/* Texts of the catalogue with bytes that JSON cannot carry as they are. */
static void
test_odd_texts_leave_as_good_json(void **state)
{
    driver_t *d = *state;

    little_company_catalog(d->catalog,
                           "UPDATE workbook SET name = 'Say \"hi\" \\ ' || char(9, 1),"
                           " owner_name = CAST(x'41ff42' AS TEXT),"
                           " tags = '[ \"\\u00e4\\n\" ]'"
                           " WHERE id = '" LITTLE_WB_SALES "'");
    ask_well(d, "get_workbook", "{'workbookId':'" LITTLE_WB_SALES "'}");
    assert_string_equal(part_text(d, "name"), "Say \"hi\" \\ \t\x01");
    assert_string_equal(part_text(d, "ownerName"), "A\xef\xbf\xbd"
                                                   "B");
    assert_string_equal(part_text(d, "tags/0"), "ä\n");
    ask_well(d, "list_workbooks", "{'q':'say hi'}");
    assert_int_equal(part_size(d, "items"), 1);

    little_company_catalog(d->catalog, "UPDATE workbook SET tags = '[\"' || x'ff' || '\"]'"
                                       " WHERE id = '" LITTLE_WB_SALES "'");
    assert_int_equal(ask(d, "list_workbooks", "{}"), LOOKOUT_INTERNAL_ERROR);
    error_says(d, LITTLE_WB_SALES);
    ask_well(d, "list_workbooks", "{'nameContains':'desk'}");
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, driver_setup, driver_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_is_fit_to_be_published),
        cmocka_unit_test(test_prompts_name_tools_that_exist),
        TEST(test_list_datasources),
        TEST(test_list_paging),
        TEST(test_page_sizes_have_a_range),
        TEST(test_cursors_belong_to_their_call_and_data),
        TEST(test_lists_shrink_to_the_envelope),
        TEST(test_get_datasource),
        TEST(test_list_views),
        TEST(test_workbooks),
        TEST(test_odd_texts_leave_as_good_json),
        TEST(test_a_bad_catalogue_is_reported_once_and_recovers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
