/*
 * Unit tests of views: filters and their merging, drift, statistics, the preview.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool_driver.h"

#define VIEW(id) "'viewId':'" id "'"


static void
test_query_view_data(void **state)
{
    char id[64];
    driver_t *d = *state;

    ask_well(d, "query_view_data", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_keys(d, ""),
                        "queryId viewId executedAt appliedFilters columns rows rowCount "
                        "pageSize nextCursor truncated warnings");
    assert_int_equal(part_size(d, "appliedFilters"), 1);
    assert_string_equal(part_text(d, "appliedFilters/0/field"), "is_won");
    assert_true(cJSON_IsFalse(part(d, "appliedFilters/0/value")));
    assert_int_equal(part_number(d, "rowCount"), 2);
    assert_int_equal(part_number(d, "pageSize"), 100);
    (void) snprintf(id, sizeof(id), "%s", part_text(d, "queryId"));

    /* An override replaces the saved filter on its field, and adds to the others. */
    ask_well(
        d, "query_view_data",
        "{" VIEW(
            LITTLE_VW_STAGE) ",'filterOverrides':[{'field':'stage','op':'in','value':"
                             "['Won','Lead']},{'field':'is_won','op':'eq','value':true}]}");
    assert_int_equal(part_size(d, "appliedFilters"), 2);
    assert_string_equal(part_text(d, "appliedFilters/0/field"), "is_won");
    assert_true(cJSON_IsTrue(part(d, "appliedFilters/0/value")));
    assert_string_equal(part_text(d, "appliedFilters/1/field"), "stage");
    assert_int_equal(part_number(d, "rowCount"), 1);
    assert_string_equal(part_text(d, "rows/0/0"), "Won");
    assert_string_not_equal(part_text(d, "queryId"), id);

    assert_int_equal(
        ask(d, "query_view_data",
            "{" VIEW(LITTLE_VW_STAGE) ",'filterOverrides':[{'field':'stagee','op':'eq',"
                                      "'value':'Won'}]}"),
        LOOKOUT_INVALID_FILTER);
    error_says(d, "\"suggestions\":[\"stage\"]");

    assert_int_equal(ask(d, "query_view_data", "{" VIEW(LITTLE_VW_DELETED) "}"),
                     LOOKOUT_VIEW_NOT_FOUND);
    error_says(d, "list_views");
}


static void
test_view_rows_page_to_their_cap(void **state)
{
    int page;
    char cursor[512];
    driver_t *d = *state;

    ask_well(d, "query_view_data", "{" VIEW(LITTLE_VW_ROWS) ",'pageSize':400}");
    for (page = 0; page < 2; page++) {
        assert_int_equal(part_number(d, "rowCount"), 400);
        assert_true(cJSON_IsFalse(part(d, "truncated")));
        (void) snprintf(cursor, sizeof(cursor), "%s", part_text(d, "nextCursor"));
        ask_well(d, "query_view_data",
                 "{" VIEW(LITTLE_VW_ROWS) ",'pageSize':400,'cursor':'%s'}", cursor);
    }
    assert_int_equal(part_number(d, "rowCount"), 200);
    assert_true(part_null(d, "nextCursor"));
    assert_true(cJSON_IsTrue(part(d, "truncated")));

    assert_int_equal(ask(d, "query_view_data", "{" VIEW(LITTLE_VW_ROWS) ",'pageSize':1000}"),
                     LOOKOUT_RESULT_TOO_LARGE);
    ask_well(d, "query_view_data",
             "{" VIEW(LITTLE_VW_ROWS) ",'pageSize':1000,'filterOverrides':[{'field':'deal_id',"
                                      "'op':'lte','value':1000}]}");
    assert_int_equal(part_number(d, "rowCount"), 1000);
}


static void
test_saved_filters_that_went_wrong(void **state)
{
    driver_t *d = *state;

    assert_int_equal(ask(d, "query_view_data", "{" VIEW(LITTLE_VW_BAD_FILTER) "}"),
                     LOOKOUT_INVALID_FILTER);
    error_says(d, "saved with the view");
    error_says(d, "\"field\":\"stage\"");
    ask_well(d, "query_view_data",
             "{" VIEW(LITTLE_VW_BAD_FILTER) ",'filterOverrides':[{'field':'stage','op':'eq',"
                                            "'value':'Lead'}]}");
    assert_int_equal(part_size(d, "appliedFilters"), 1);
}


static void
test_drifted_views(void **state)
{
    driver_t *d = *state;

    assert_int_equal(ask(d, "get_view", "{" VIEW(LITTLE_VW_DRIFTED) "}"), LOOKOUT_SCHEMA_DRIFT);
    error_says(d, "{\"viewId\":\"" LITTLE_VW_DRIFTED
                  "\",\"missingFields\":[\"owner\",\"territory\"],\"availableFields\":["
                  "\"deal_id\",\"stage\",\"amount_usd\",\"is_won\",\"close_date\",\"note\"]}");
    error_says(d, "query_datasource");
    assert_int_equal(ask(d, "query_view_data", "{" VIEW(LITTLE_VW_DRIFTED) "}"),
                     LOOKOUT_SCHEMA_DRIFT);
}


static void
test_get_view(void **state)
{
    driver_t *d = *state;

    ask_well(d, "get_view", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_keys(d, ""),
                        "id name description chartType encoding savedFilters workbook "
                        "datasource updatedAt statistics preview warnings");
    assert_string_equal(part_text(d, "encoding/y/aggregate"), "sum");
    assert_string_equal(part_text(d, "workbook/name"), "Sales Reviews");
    assert_string_equal(part_keys(d, "datasource"), "id name status");
    assert_string_equal(part_keys(d, "preview"), "columns rows rowCount");
    assert_int_equal(part_number(d, "preview/rowCount"), 2);
    assert_int_equal(part_size(d, "preview/rows"), 2);

    /* Under the saved filter: won deals are out. */
    assert_string_equal(part_text(d, "statistics/0/name"), "stage");
    assert_int_equal(part_number(d, "statistics/0/distinct"), 2);
    assert_string_equal(part_text(d, "statistics/0/top/0/value"), "Lead");
    assert_string_equal(part_text(d, "statistics/0/top/1/value"), "Proposal");
    assert_true(d->call.cacheable);
    assert_int_equal(d->call.n_deps, 2);
}


/* The place of a column in the statistics. */
static int
statistic(driver_t *d, const char *name)
{
    int i;
    char path[64];

    for (i = 0; i < part_size(d, "statistics"); i++) {
        (void) snprintf(path, sizeof(path), "statistics/%d/name", i);
        if (strcmp(part_text(d, path), name) == 0) {
            return i;
        }
    }
    fail_msg("there are no statistics of %s", name);
    return -1;
}


static double
statistic_number(driver_t *d, const char *column, const char *what)
{
    char path[64];

    (void) snprintf(path, sizeof(path), "statistics/%d/%s", statistic(d, column), what);
    return part_number(d, path);
}


static const char *
statistic_text(driver_t *d, const char *column, const char *what)
{
    char path[64];

    (void) snprintf(path, sizeof(path), "statistics/%d/%s", statistic(d, column), what);
    return part_text(d, path);
}


static void
test_statistics(void **state)
{
    char path[64];
    driver_t *d = *state;

    ask_well(d, "get_view", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_int_equal(part_number(d, "preview/rowCount"), 50);

    assert_int_equal(statistic_number(d, "deal_id", "count"), 6000);
    assert_int_equal(statistic_number(d, "deal_id", "distinct"), 6000);
    assert_int_equal(statistic_number(d, "deal_id", "min"), 1);
    assert_int_equal(statistic_number(d, "deal_id", "max"), 6000);
    assert_float_equal(statistic_number(d, "deal_id", "mean"), 3000.5, 1e-9);
    assert_float_equal(statistic_number(d, "deal_id", "median"), 3000.5, 1e-9);
    /* of 1..n: sqrt(n (n + 1) / 12) */
    assert_float_equal(statistic_number(d, "deal_id", "stddev"), 1732.195139, 1e-5);

    assert_int_equal(statistic_number(d, "amount_usd", "nulls"), 60);
    assert_int_equal(statistic_number(d, "amount_usd", "distinct"), 5940);
    assert_float_equal(statistic_number(d, "amount_usd", "min"), 10.5, 1e-9);

    assert_int_equal(statistic_number(d, "note", "nulls"), 600);
    assert_int_equal(statistic_number(d, "note", "top/0/count"), 1);

    assert_int_equal(statistic_number(d, "stage", "distinct"), 3);
    assert_string_equal(statistic_text(d, "stage", "top/0/value"), "Lead");
    assert_int_equal(statistic_number(d, "stage", "top/0/count"), 2000);

    assert_int_equal(statistic_number(d, "is_won", "top/0/count"), 4000);
    (void) snprintf(path, sizeof(path), "statistics/%d/top/0/value", statistic(d, "is_won"));
    assert_true(cJSON_IsFalse(part(d, path)));

    assert_string_equal(statistic_text(d, "close_date", "min"), "2026-01-01");
    assert_string_equal(statistic_text(d, "close_date", "max"), "2026-12-31");
    assert_int_equal(statistic_number(d, "close_date", "distinct"), 365);
}


static void
test_statistics_of_nothing_and_of_one(void **state)
{
    driver_t *d = *state;

    ask_well(d, "get_view", "{" VIEW(LITTLE_VW_EMPTY) "}");
    assert_int_equal(part_number(d, "preview/rowCount"), 0);
    assert_int_equal(statistic_number(d, "total", "count"), 0);
    assert_true(part_null(d, "statistics/0/min"));
    assert_true(part_null(d, "statistics/1/max"));
    assert_true(part_null(d, "statistics/1/mean"));
    assert_true(part_null(d, "statistics/1/median"));

    little_company_sales(d->catalog, 1);
    ask_well(d, "get_view", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_float_equal(statistic_number(d, "amount_usd", "mean"), 10.5, 1e-9);
    assert_float_equal(statistic_number(d, "amount_usd", "median"), 10.5, 1e-9);
    (void) statistic(d, "deal_id");
    assert_int_equal(part_number(d, "preview/rowCount"), 1);
}


static void
test_statistics_know_their_limits(void **state)
{
    driver_t *d = *state;

    d->settings.query_memory = 64 << 10;
    assert_int_equal(ask(d, "get_view", "{" VIEW(LITTLE_VW_ROWS) "}"),
                     LOOKOUT_RESULT_TOO_LARGE);

    d->settings.query_memory = 64 << 20;
    d->settings.query_timeout_ms = 0;
    assert_int_equal(ask(d, "get_view", "{" VIEW(LITTLE_VW_ROWS) "}"), LOOKOUT_QUERY_TIMEOUT);
}


/* Sixty deals with notes of that many bytes. */
static void
write_long_notes(driver_t *d, int bytes)
{
    char sql[512];

    (void) snprintf(
        sql, sizeof(sql),
        "CREATE TABLE extract (deal_id INTEGER, stage TEXT, amount_usd REAL, is_won INTEGER,"
        " close_date TEXT, note TEXT) STRICT; INSERT INTO extract WITH RECURSIVE deal (i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM deal WHERE i < 60) SELECT i, 'Won', i, 1,"
        " '2026-01-01', hex(zeroblob(%d)) || i FROM deal",
        bytes / 2);
    little_company_extract(d->catalog, "sales.db", sql);
}


static void
test_a_preview_shrinks_to_the_envelope(void **state)
{
    driver_t *d = *state;

    write_long_notes(d, 8000);
    ask_well(d, "get_view", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_string_equal(part_text(d, "warnings/0/code"), "RESPONSE_TRUNCATED");
    assert_true(part_number(d, "preview/rowCount") > 10);
    assert_int_equal(part_size(d, "preview/rows"), part_number(d, "preview/rowCount"));
    assert_int_equal(part_number(d, "warnings/0/details/returnedRows")
                         + part_number(d, "warnings/0/details/droppedRows"),
                     50);
    assert_int_equal(statistic_number(d, "note", "count"), 60);

    /* The statistics name five notes: alone they are too much now. */
    write_long_notes(d, 60000);
    assert_int_equal(ask(d, "get_view", "{" VIEW(LITTLE_VW_ROWS) "}"),
                     LOOKOUT_ENVELOPE_TOO_LARGE);
    error_says(d, "query_view_data");
}


static void
test_a_field_of_another_type_is_drift_too(void **state)
{
    driver_t *d = *state;

    little_company_catalog(d->catalog,
                           "UPDATE field SET data_type = 'string' WHERE name = 'amount_usd'");
    assert_int_equal(ask(d, "get_view", "{" VIEW(LITTLE_VW_STAGE) "}"), LOOKOUT_SCHEMA_DRIFT);
    error_says(d, "{\"viewId\":\"" LITTLE_VW_STAGE "\",\"missingFields\":[]");
    error_says(d, "\"mismatchedFields\":[{\"field\":\"amount_usd\"");
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, driver_setup, driver_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_query_view_data),
        TEST(test_view_rows_page_to_their_cap),
        TEST(test_saved_filters_that_went_wrong),
        TEST(test_drifted_views),
        TEST(test_get_view),
        TEST(test_statistics),
        TEST(test_statistics_of_nothing_and_of_one),
        TEST(test_statistics_know_their_limits),
        TEST(test_a_preview_shrinks_to_the_envelope),
        TEST(test_a_field_of_another_type_is_drift_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
