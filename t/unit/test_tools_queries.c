/*
 * Unit tests of the tools that read data: pages, the signals of truncation, cursors, CSV, stale
 * and offline sources, and what goes to a thread.
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
#include "tool_driver.h"

#define SALES "'datasourceId':'" LITTLE_SALES "'"
#define VIEW(id) "'viewId':'" id "'"


static void
test_query_datasource(void **state)
{
    driver_t *d = *state;

    ask_well(d, "query_datasource",
             "{" SALES
             ",'sql':'SELECT stage, COUNT(*) AS n, SUM(amount_usd) AS total FROM data "
             "GROUP BY stage ORDER BY n DESC, stage'}");
    assert_string_equal(part_keys(d, ""),
                        "queryId datasourceId executedAt columns rows rowCount pageSize "
                        "nextCursor truncated warnings");
    assert_memory_equal(part_text(d, "queryId"), "qry_", 4);
    assert_string_equal(part_text(d, "datasourceId"), LITTLE_SALES);
    assert_string_equal(part_keys(d, "columns/0"), "name type semanticRole nullable");
    assert_string_equal(part_text(d, "columns/0/type"), "string");
    assert_string_equal(part_text(d, "columns/1/type"), "integer");
    assert_string_equal(part_text(d, "columns/2/type"), "float");
    assert_string_equal(part_text(d, "columns/2/semanticRole"), "measure");
    assert_int_equal(part_number(d, "rowCount"), 3);
    assert_int_equal(part_number(d, "pageSize"), 500);
    assert_string_equal(part_text(d, "rows/0/0"), "Lead");
    assert_int_equal(part_number(d, "rows/0/1"), 2000);
    assert_true(part_null(d, "nextCursor"));
    assert_true(cJSON_IsFalse(part(d, "truncated")));
    assert_int_equal(d->call.rows, 3);
    assert_true(d->call.cacheable);
    assert_int_equal(d->call.n_deps, 2);

    ask_well(d, "query_datasource", "{" SALES ",'sql':'SELECT CURRENT_DATE'}");
    assert_false(d->call.cacheable);
}


static void
test_query_pages_to_the_row_cap(void **state)
{
    int page;
    char id[64];
    char cursor[512];
    driver_t *d = *state;

    ask_well(d, "query_datasource",
             "{" SALES ",'sql':'SELECT deal_id FROM data','pageSize':2000}");
    (void) snprintf(id, sizeof(id), "%s", part_text(d, "queryId"));

    for (page = 0; page < 2; page++) {
        assert_int_equal(part_number(d, "rows/0/0"), 1 + page * 2000);
        assert_int_equal(part_number(d, "rowCount"), 2000);
        assert_true(cJSON_IsFalse(part(d, "truncated")));
        (void) snprintf(cursor, sizeof(cursor), "%s", part_text(d, "nextCursor"));
        ask_well(d, "query_datasource",
                 "{" SALES ",'sql':'SELECT deal_id FROM data','pageSize':2000,'cursor':'%s'}",
                 cursor);
        assert_string_equal(part_text(d, "queryId"), id);
    }

    /* 5000 rows are given, the other 1000 are out of reach. */
    assert_int_equal(part_number(d, "rowCount"), 1000);
    assert_true(part_null(d, "nextCursor"));
    assert_true(cJSON_IsTrue(part(d, "truncated")));

    assert_int_equal(ask(d, "query_datasource",
                         "{" SALES ",'sql':'SELECT deal_id FROM data','pageSize':5000}"),
                     LOOKOUT_RESULT_TOO_LARGE);
    ask_well(d, "query_datasource",
             "{" SALES ",'sql':'SELECT deal_id FROM data LIMIT 5000','pageSize':5000}");
    assert_int_equal(part_number(d, "rowCount"), 5000);
    assert_true(cJSON_IsFalse(part(d, "truncated")));
}


static void
test_wide_rows_are_cut_to_the_envelope_and_none_is_lost(void **state)
{
    int pages = 0;
    int seen = 0;
    char cursor[512];
    driver_t *d = *state;

    ask_well(d, "query_datasource",
             "{" SALES ",'sql':'SELECT * FROM data LIMIT 4000','pageSize':3000}");
    assert_string_equal(part_text(d, "warnings/0/code"), "RESPONSE_TRUNCATED");
    assert_int_equal(part_number(d, "warnings/0/details/returnedRows")
                         + part_number(d, "warnings/0/details/droppedRows"),
                     3000);

    for (;;) {
        assert_int_equal(part_number(d, "rows/0/0"), seen + 1);
        assert_true(cJSON_IsFalse(part(d, "truncated")));
        seen += (int) part_number(d, "rowCount");
        assert_int_equal(part_size(d, "rows"), part_number(d, "rowCount"));
        pages++;
        if (part_null(d, "nextCursor")) {
            break;
        }
        (void) snprintf(cursor, sizeof(cursor), "%s", part_text(d, "nextCursor"));
        ask_well(d, "query_datasource",
                 "{" SALES ",'sql':'SELECT * FROM data LIMIT 4000','pageSize':3000,"
                 "'cursor':'%s'}",
                 cursor);
    }
    assert_int_equal(seen, 4000);
    assert_true(pages >= 3);
}


static void
test_csv(void **state)
{
    const char *csv;
    driver_t *d = *state;

    ask_well(d, "query_datasource",
             "{" SALES ",'sql':'SELECT deal_id, amount_usd, is_won, note FROM data WHERE "
             "deal_id IN (3, 50)','format':'csv'}");
    assert_string_equal(part_keys(d, ""),
                        "queryId datasourceId executedAt columns csv rowCount pageSize "
                        "nextCursor truncated warnings");
    csv = part_text(d, "csv");
    assert_memory_equal(csv, "deal_id,amount_usd,is_won,note\n3,31.5,true,\"Deal 00003, \"\"si",
                        60);
    assert_non_null(strstr(csv, "\n50,,false,\n"));
    assert_int_equal(part_number(d, "rowCount"), 2);

    /* A full envelope of CSV stays under the cap too, quotes and all. */
    ask_well(d, "query_datasource",
             "{" SALES ",'sql':'SELECT * FROM data','format':'csv','pageSize':4000}");
    assert_string_equal(part_text(d, "warnings/0/code"), "RESPONSE_TRUNCATED");
}


static void
test_query_errors(void **state)
{
    driver_t *d = *state;

    assert_int_equal(ask(d, "query_datasource", "{" SALES ",'sql':'DELETE FROM data'}"),
                     LOOKOUT_SQL_FORBIDDEN_CONSTRUCT);
    assert_int_equal(ask(d, "query_datasource", "{" SALES ",'sql':'SELEC 1'}"),
                     LOOKOUT_SQL_PARSE_ERROR);
    assert_int_equal(ask(d, "query_datasource", "{" SALES ",'sql':'SELECT stge FROM data'}"),
                     LOOKOUT_SQL_PARSE_ERROR);
    error_says(d, "stage");
    assert_int_equal(ask(d, "query_datasource", "{" SALES ",'sql':''}"), LOOKOUT_INVALID_INPUT);

    /* The gate is closed again after an error: the views' own SQL runs. */
    ask_well(d, "query_view_data", "{" VIEW(LITTLE_VW_STAGE) "}");

    d->settings.query_timeout_ms = 50;
    assert_int_equal(
        ask(d, "query_datasource", "{" SALES ",'sql':'SELECT count(*) FROM data a, data b'}"),
        LOOKOUT_QUERY_TIMEOUT);
}


static void
test_query_cursors_notice_a_refreshed_extract(void **state)
{
    char cursor[512];
    driver_t *d = *state;

    ask_well(d, "query_datasource", "{" SALES ",'sql':'SELECT deal_id FROM data'}");
    (void) snprintf(cursor, sizeof(cursor), "%s", part_text(d, "nextCursor"));

    assert_int_equal(ask(d, "query_datasource",
                         "{" SALES ",'sql':'SELECT stage FROM data','cursor':'%s'}", cursor),
                     LOOKOUT_INVALID_CURSOR);
    error_says(d, "\"foreign\"");

    little_company_sales(d->catalog, 3000);
    assert_int_equal(ask(d, "query_datasource",
                         "{" SALES ",'sql':'SELECT deal_id FROM data','cursor':'%s'}", cursor),
                     LOOKOUT_INVALID_CURSOR);
    error_says(d, "\"data_refreshed\"");

    ask_well(d, "query_datasource", "{" SALES ",'sql':'SELECT count(*) AS n FROM data'}");
    assert_int_equal(part_number(d, "rows/0/0"), 3000);
}


static void
assert_stale(driver_t *d)
{
    assert_int_equal(part_size(d, "warnings"), 1);
    assert_string_equal(part_text(d, "warnings/0/code"), "EXTRACT_STALE");
    assert_string_equal(part_keys(d, "warnings/0/details"),
                        "datasourceId lastRefreshedAt freshnessSlaSeconds ageSeconds");
    assert_string_equal(part_text(d, "warnings/0/details/datasourceId"), LITTLE_SUPPORT);
    assert_true(part_number(d, "warnings/0/details/ageSeconds") >= LITTLE_STALE_AGE);
    assert_non_null(strstr(part_text(d, "warnings/0/message"), "2 hours ago"));
    assert_true(d->call.until <= lookout_now() + 60);
}


static void
test_stale_sources_warn(void **state)
{
    driver_t *d = *state;

    ask_well(d, "get_datasource", "{'datasourceId':'" LITTLE_SUPPORT "'}");
    assert_stale(d);
    ask_well(d, "query_datasource",
             "{'datasourceId':'" LITTLE_SUPPORT "','sql':'SELECT * FROM data'}");
    assert_int_equal(part_size(d, "rows"), 10);
    assert_stale(d);
    ask_well(d, "get_view", "{" VIEW(LITTLE_VW_TICKETS) "}");
    assert_stale(d);
    ask_well(d, "query_view_data", "{" VIEW(LITTLE_VW_TICKETS) "}");
    assert_stale(d);

    /* Lists show no data of it. */
    ask_well(d, "list_views", "{'q':'tickets'}");
    assert_int_equal(part_size(d, "warnings"), 0);
}


static void
test_offline_sources(void **state)
{
    driver_t *d = *state;

    assert_int_equal(ask(d, "query_datasource",
                         "{'datasourceId':'" LITTLE_MARKETING "','sql':'SELECT 1 FROM data'}"),
                     LOOKOUT_DATASOURCE_OFFLINE);
    error_says(d,
               "{\"datasourceId\":\"" LITTLE_MARKETING
               "\",\"name\":\"Marketing Spend\",\"status\":\"offline\","
               "\"lastRefreshedAt\":\"2026-01-01T00:00:00Z\",\"reason\":\"source_offline\"}");
    error_says(d, "list_datasources");
    assert_int_equal(ask(d, "get_view", "{" VIEW(LITTLE_VW_ADS) "}"),
                     LOOKOUT_DATASOURCE_OFFLINE);
    assert_int_equal(ask(d, "query_view_data", "{" VIEW(LITTLE_VW_ADS) "}"),
                     LOOKOUT_DATASOURCE_OFFLINE);
    assert_null(lookout_session_trouble(d->session));
}


static void
test_a_missing_extract_is_reported_once_and_recovers(void **state)
{
    driver_t *d = *state;
    char path[512];
    const char *trouble;

    assert_int_equal(ask(d, "query_view_data", "{" VIEW(LITTLE_VW_LOST) "}"),
                     LOOKOUT_DATASOURCE_OFFLINE);
    error_says(d, "\"reason\":\"extract_unreadable\"");

    trouble = lookout_session_trouble(d->session);
    assert_non_null(trouble);
    assert_non_null(strstr(trouble, "nowhere.db"));
    assert_null(lookout_session_trouble(d->session));

    assert_int_equal(ask(d, "query_view_data", "{" VIEW(LITTLE_VW_LOST) "}"),
                     LOOKOUT_DATASOURCE_OFFLINE);
    assert_null(lookout_session_trouble(d->session));
    ask_well(d, "query_datasource", "{" SALES ",'sql':'SELECT count(*) FROM data'}");

    (void) snprintf(path, sizeof(path), "%s", little_company_path(d->catalog, "sales.db"));
    assert_int_equal(rename(path, little_company_path(d->catalog, "nowhere.db")), 0);
    ask_well(d, "query_datasource",
             "{'datasourceId':'" LITTLE_LOST "','sql':'SELECT count(*) FROM data'}");
    assert_int_equal(ask(d, "query_datasource", "{" SALES ",'sql':'SELECT 1 FROM data'}"),
                     LOOKOUT_DATASOURCE_OFFLINE);
    trouble = lookout_session_trouble(d->session);
    assert_non_null(trouble);
    assert_non_null(strstr(trouble, "sales.db"));
}


static void
test_large_sources_go_to_a_thread_at_once(void **state)
{
    driver_t *d = *state;

    d->slice_ns = lookout_monotonic_ns() + 60000000000u;
    assert_int_equal(
        ask(d, "query_datasource", "{" SALES ",'sql':'SELECT deal_id FROM data LIMIT 1'}"),
        LOOKOUT_NEEDS_THREAD);
    assert_int_equal(ask(d, "query_view_data", "{" VIEW(LITTLE_VW_STAGE) "}"),
                     LOOKOUT_NEEDS_THREAD);
    assert_int_equal(ask(d, "get_view", "{" VIEW(LITTLE_VW_STAGE) "}"), LOOKOUT_NEEDS_THREAD);

    /* What needs no data, and what is wrong anyway, is answered right there. */
    ask_well(d, "get_datasource", "{" SALES "}");
    ask_well(d, "query_view_data", "{" VIEW(LITTLE_VW_TICKETS) "}");
    assert_int_equal(
        ask(d, "query_view_data",
            "{" VIEW(LITTLE_VW_STAGE) ",'filterOverrides':[{'field':'x','op':'is_null'}]}"),
        LOOKOUT_INVALID_FILTER);

    d->slice_ns = 1;
    d->settings.thread_rows = 1000000;
    assert_int_equal(
        ask(d, "query_datasource", "{" SALES ",'sql':'SELECT sum(amount_usd) FROM data'}"),
        LOOKOUT_NEEDS_THREAD);
}


/* More datasources than a session keeps open: those that were closed are opened again. */
static void
test_more_extracts_than_are_kept_open(void **state)
{
    int i;
    int round;
    driver_t *d = *state;

    little_company_catalog(
        d->catalog,
        "INSERT INTO datasource WITH RECURSIVE d (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM d"
        " WHERE i < 40) SELECT printf('ds_%022d', i), printf('Source %d', i), '', 'csv',"
        " 'online', unixepoch(), 86400, 10, replace(hex(zeroblob(i)), '00', './') ||"
        " 'support.db', NULL FROM d;"
        "INSERT INTO field SELECT d.id, 0, 'priority', 'P', 'integer', 'measure', 0, '', '[]', "
        "0"
        " FROM datasource d WHERE d.connection_type = 'csv'");

    for (round = 0; round < 2; round++) {
        for (i = 1; i <= 40; i++) {
            ask_well(d, "query_datasource",
                     "{'datasourceId':'ds_%022d','sql':'SELECT count(*) FROM data'}", i);
            assert_int_equal(part_number(d, "rows/0/0"), 10);
        }
    }
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, driver_setup, driver_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_query_datasource),
        TEST(test_query_pages_to_the_row_cap),
        TEST(test_wide_rows_are_cut_to_the_envelope_and_none_is_lost),
        TEST(test_csv),
        TEST(test_query_errors),
        TEST(test_query_cursors_notice_a_refreshed_extract),
        TEST(test_stale_sources_warn),
        TEST(test_offline_sources),
        TEST(test_a_missing_extract_is_reported_once_and_recovers),
        TEST(test_large_sources_go_to_a_thread_at_once),
        TEST(test_more_extracts_than_are_kept_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
