/*
 * Filters: reading, refusing, merging, what they select and how they are shown.
 */

#include "query_fixture.h"

#include "../../ngx_lookout_module/query/filter.h"


static lookout_code_e
parse(fixture_t *f, const char *json, lookout_filters_t *filters)
{
    f->error = (lookout_error_t){ 0 };
    return lookout_filters_parse(f->arena, fixture_json(f, json), f->extract.fields, filters,
                                 &f->error);
}


/* The rowids that a WHERE of the filters leaves, "1,2,5". */
static const char *
selected(fixture_t *f, lookout_filters_t filters)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    sqlite3_stmt *stmt;
    lookout_sql_t sql;
    const char *text;

    assert_true(lookout_sql_init(&sql, f->arena));
    lookout_buf_puts(sql.text, "SELECT rowid FROM main.extract");
    assert_true(lookout_filters_where(filters, &sql));
    lookout_buf_puts(sql.text, " ORDER BY rowid");
    if (lookout_sql_prepare(&sql, f->extract.db.sql, &stmt) != SQLITE_OK) {
        fail_msg("%.*s: %s", (int) sql.text->len, sql.text->data,
                 sqlite3_errmsg(f->extract.db.sql));
    }
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        lookout_buf_printf(&b, "%s%d", b.len == 0 ? "" : ",", sqlite3_column_int(stmt, 0));
    }
    text = fixture_text(f, lookout_buf_text(&b));
    lookout_buf_free(&b);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    return text;
}


static const char *
shown(fixture_t *f, lookout_filters_t filters)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const char *text;

    lookout_filters_json(filters, &b);
    text = fixture_text(f, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return text;
}


static void
test_operators(void **state)
{
    static const char *const cases[][2] = {
        { "[]", "1,2,3,4,5,6" },
        { "[{\"field\":\"region\",\"op\":\"eq\",\"value\":\"EMEA\"}]", "1,4,6" },
        { "[{\"field\":\"region\",\"op\":\"neq\",\"value\":\"EMEA\"}]", "2,5" },
        { "[{\"field\":\"region\",\"op\":\"in\",\"value\":[\"EMEA\",\"NA\"]}]", "1,2,4,6" },
        { "[{\"field\":\"region\",\"op\":\"not_in\",\"value\":[\"EMEA\",\"NA\"]}]", "5" },
        { "[{\"field\":\"region\",\"op\":\"is_null\"}]", "3" },
        { "[{\"field\":\"region\",\"op\":\"not_null\",\"value\":null}]", "1,2,4,5,6" },
        { "[{\"field\":\"quantity\",\"op\":\"gt\",\"value\":4}]", "5,6" },
        { "[{\"field\":\"quantity\",\"op\":\"gte\",\"value\":4}]", "4,5,6" },
        { "[{\"field\":\"quantity\",\"op\":\"lt\",\"value\":2}]", "1" },
        { "[{\"field\":\"quantity\",\"op\":\"lte\",\"value\":2}]", "1,2" },
        { "[{\"field\":\"quantity\",\"op\":\"eq\",\"value\":\"9007199254740993\"}]", "5" },
        { "[{\"field\":\"quantity\",\"op\":\"between\",\"value\":[2,4]}]", "2,3,4" },
        { "[{\"field\":\"amount_usd\",\"op\":\"between\",\"value\":[100,1500.5]}]", "2,5,6" },
        { "[{\"field\":\"amount_usd\",\"op\":\"neq\",\"value\":100}]", "1,2,4,6" },
        { "[{\"field\":\"is_won\",\"op\":\"eq\",\"value\":true}]", "5,6" },
        { "[{\"field\":\"is_won\",\"op\":\"in\",\"value\":[false]}]", "1,2,3,4" },
        { "[{\"field\":\"close_quarter\",\"op\":\"gte\",\"value\":\"2026Q1\"}]", "1,2,3,4,5" },
        { "[{\"field\":\"owner\",\"op\":\"like\",\"value\":\"åse%\"}]", "1" },
        { "[{\"field\":\"owner\",\"op\":\"like\",\"value\":\"%n_\"}]", "2,4" },
        { "[{\"field\":\"owner\",\"op\":\"like\",\"value\":\"%ZOË%\"}]", "3" },
        { "[{\"field\":\"owner\",\"op\":\"eq\",\"value\":\"\"}]", "6" },
        { "[{\"field\":\"owner\",\"op\":\"eq\",\"value\":\"x' OR 1=1 --\"}]", "" },
        { "[{\"field\":\"close_date\",\"op\":\"lt\",\"value\":\"2026-02-28\"}]", "1,2,6" },
        { "[{\"field\":\"close_date\",\"op\":\"between\",\"value\":[\"2026-02-28\",\"2026-04-"
          "30\"]}]",
          "4,5" },
        { "[{\"field\":\"region\",\"op\":\"eq\",\"value\":\"EMEA\"},"
          "{\"field\":\"quantity\",\"op\":\"gte\",\"value\":4},"
          "{\"field\":\"quantity\",\"op\":\"lt\",\"value\":5}]",
          "4" },
    };
    lookout_filters_t filters;
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_code(f, parse(f, cases[i][0], &filters), LOOKOUT_OK);
        if (strcmp(selected(f, filters), cases[i][1]) != 0) {
            fail_msg("%s: %s, not %s", cases[i][0], selected(f, filters), cases[i][1]);
        }
    }
    assert_code(f,
                lookout_filters_parse(f->arena, NULL, f->extract.fields, &filters, &f->error),
                LOOKOUT_OK);
    assert_int_equal(filters.n, 0);
}


/* created_at: 1: 2025-12-31T23:30:00Z, 2: 2026-01-01T00:00:00Z, 3: 2026-01-31T12:00:00Z,
 * 4: 2026-02-28T23:59:59Z, 5: 2026-03-01T08:00:00Z, 6: 2026-03-02T09:00:00Z. */
static void
test_timestamps(void **state)
{
    static const struct {
        const char *op;
        const char *value;
        const char *rows;
    } cases[] = {
        { "eq", "\"2026-02-28\"", "4" },
        { "neq", "\"2026-02-28\"", "1,2,3,5,6" },
        { "gt", "\"2026-02-28\"", "5,6" },
        { "gte", "\"2026-02-28\"", "4,5,6" },
        { "lt", "\"2026-02-28\"", "1,2,3" },
        { "lte", "\"2026-02-28\"", "1,2,3,4" },
        { "between", "[\"2026-01-01\",\"2026-02-28\"]", "2,3,4" },
        { "between", "[\"2026-01-01\",\"2026-02-28T12:00:00Z\"]", "2,3" },
        { "between", "[\"2026-02-28T12:00:00Z\",\"2026-02-28\"]", "4" },
        { "eq", "\"2026-03-01T08:00:00Z\"", "5" },
        { "eq", "\"2026-03-01T10:00:00+02:00\"", "5" },
        { "gte", "\"2026-01-01T01:00:00+01:00\"", "2,3,4,5,6" },
        { "in", "[\"2026-02-28\",\"2026-03-01T08:00:00Z\",\"2026-03-02\"]", "4,5,6" },
        { "not_in", "[\"2026-02-28\",\"2026-03-01T08:00:00Z\"]", "1,2,3,6" },
    };
    lookout_filters_t filters;
    fixture_t *f = *state;
    char json[256];
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void) snprintf(json, sizeof(json),
                        "[{\"field\":\"created_at\",\"op\":\"%s\",\"value\":%s}]", cases[i].op,
                        cases[i].value);
        assert_code(f, parse(f, json, &filters), LOOKOUT_OK);
        if (strcmp(selected(f, filters), cases[i].rows) != 0) {
            fail_msg("%s: %s", json, selected(f, filters));
        }
    }
}


static void
test_refused(void **state)
{
    static const char *const cases[][3] = {
        /* filters, reason, a part of the message */
        { "{}", "not_an_array", "array" },
        { "[1]", "not_an_object", "object" },
        { "[{\"field\":\"region\",\"op\":\"eq\",\"val\":\"x\"}]", "unknown_member", "val" },
        { "[{\"op\":\"eq\",\"value\":\"x\"}]", "field_missing", "field" },
        { "[{\"field\":7,\"op\":\"eq\",\"value\":\"x\"}]", "field_missing", "field" },
        { "[{\"field\":\"regoin\",\"op\":\"eq\",\"value\":\"x\"}]", "unknown_field",
          "Did you mean \"region\"?" },
        { "[{\"field\":\"region\",\"value\":\"x\"}]", "op_missing", "between" },
        { "[{\"field\":\"region\",\"op\":\"equals\",\"value\":\"x\"}]", "unknown_operator",
          "not_in" },
        { "[{\"field\":\"region\",\"op\":\"betwen\",\"value\":\"x\"}]", "unknown_operator",
          "Did you mean \"between\"?" },
        { "[{\"field\":\"quantity\",\"op\":\"like\",\"value\":\"1%\"}]",
          "operator_not_supported", "integer" },
        { "[{\"field\":\"is_won\",\"op\":\"gt\",\"value\":true}]", "operator_not_supported",
          "boolean" },
        { "[{\"field\":\"region\",\"op\":\"eq\"}]", "value_missing", "is_null" },
        { "[{\"field\":\"region\",\"op\":\"eq\",\"value\":null}]", "value_missing", "is_null" },
        { "[{\"field\":\"region\",\"op\":\"is_null\",\"value\":true}]", "value_not_allowed",
          "no value" },
        { "[{\"field\":\"region\",\"op\":\"eq\",\"value\":5}]", "wrong_type", "string" },
        { "[{\"field\":\"region\",\"op\":\"eq\",\"value\":[\"x\"]}]", "wrong_type", "string" },
        { "[{\"field\":\"quantity\",\"op\":\"eq\",\"value\":1.5}]", "wrong_type", "whole" },
        { "[{\"field\":\"quantity\",\"op\":\"eq\",\"value\":\"12x\"}]", "wrong_type", "whole" },
        { "[{\"field\":\"quantity\",\"op\":\"eq\",\"value\":\" 12\"}]", "wrong_type", "whole" },
        { "[{\"field\":\"quantity\",\"op\":\"eq\",\"value\":\"\"}]", "wrong_type", "whole" },
        { "[{\"field\":\"quantity\",\"op\":\"eq\",\"value\":\"9223372036854775808\"}]",
          "wrong_type", "64 bits" },
        { "[{\"field\":\"amount_usd\",\"op\":\"eq\",\"value\":\"5\"}]", "wrong_type",
          "numbers" },
        { "[{\"field\":\"is_won\",\"op\":\"eq\",\"value\":1}]", "wrong_type", "true or false" },
        { "[{\"field\":\"close_date\",\"op\":\"eq\",\"value\":20260101}]", "wrong_type",
          "2026-03-31" },
        { "[{\"field\":\"close_date\",\"op\":\"eq\",\"value\":\"2026-02-30\"}]", "bad_date",
          "2026-02-30" },
        { "[{\"field\":\"close_date\",\"op\":\"eq\",\"value\":\"2026-01-01T00:00:00Z\"}]",
          "bad_date", "YYYY-MM-DD" },
        { "[{\"field\":\"created_at\",\"op\":\"eq\",\"value\":\"yesterday\"}]", "bad_timestamp",
          "yesterday" },
        { "[{\"field\":\"region\",\"op\":\"in\",\"value\":\"EMEA\"}]", "wrong_type", "array" },
        { "[{\"field\":\"region\",\"op\":\"in\",\"value\":[]}]", "wrong_count", "1 to 1000" },
        { "[{\"field\":\"region\",\"op\":\"in\",\"value\":[null]}]", "wrong_type", "null" },
        { "[{\"field\":\"quantity\",\"op\":\"between\",\"value\":[1]}]", "wrong_count", "two" },
        { "[{\"field\":\"quantity\",\"op\":\"between\",\"value\":[1,2,3]}]", "wrong_count",
          "3" },
        { "[{\"field\":\"quantity\",\"op\":\"between\",\"value\":[2,1]}]", "empty_range",
          "higher" },
        { "[{\"field\":\"created_at\",\"op\":\"between\","
          "\"value\":[\"2026-01-02\",\"2026-01-01T12:00:00Z\"]}]",
          "empty_range", "higher" },
        { "[{\"field\":\"stage\",\"op\":\"eq\",\"value\":\"Propsal\"}]", "unknown_value",
          "Did you mean \"Proposal\"?" },
        { "[{\"field\":\"stage\",\"op\":\"in\",\"value\":[\"Proposal\",\"zzzz\"]}]",
          "unknown_value", "zzzz" },
    };
    lookout_filters_t filters;
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (parse(f, cases[i][0], &filters) != LOOKOUT_INVALID_FILTER
            || strcmp(fixture_detail(f, "reason"), cases[i][1]) != 0
            || strstr(fixture_text(f, f->error.message), cases[i][2]) == NULL) {
            fail_msg("%s: %.*s %.*s", cases[i][0], LOOKOUT_STR_ARG(f->error.message),
                     LOOKOUT_STR_ARG(f->error.details));
        }
        (void) fixture_json(f, fixture_text(f, f->error.details));
    }
}


static void
test_details(void **state)
{
    lookout_filters_t filters;
    fixture_t *f = *state;

    assert_code(f,
                parse(f,
                      "[{\"field\":\"region\",\"op\":\"is_null\"},"
                      "{\"field\":\"stage\",\"op\":\"eq\",\"value\":\"nowhere near\"}]",
                      &filters),
                LOOKOUT_INVALID_FILTER);
    assert_string_equal(fixture_text(f, f->error.details),
                        "{\"index\":1,\"field\":\"stage\",\"op\":\"eq\",\"reason\":"
                        "\"unknown_value\",\"suggestions\":[\"Discovery\",\"Proposal\","
                        "\"Negotiation\",\"Closed Won\"]}");
    assert_code(f, parse(f, "[{\"field\":\"is_won\",\"op\":\"lt\",\"value\":true}]", &filters),
                LOOKOUT_INVALID_FILTER);
    assert_string_equal(fixture_detail(f, "allowed"),
                        "[\"eq\",\"neq\",\"in\",\"not_in\",\"is_null\",\"not_null\"]");
    assert_string_equal(lookout_filter_ops()[0], "eq");
    assert_string_equal(lookout_filter_ops()[11], "not_null");
    assert_null(lookout_filter_ops()[12]);
}


/* A filter array of n copies, or a value array of n numbers. */
static const char *
many(fixture_t *f, const char *open, const char *unit, int n, const char *close)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const char *text;
    int i;

    lookout_buf_puts(&b, open);
    for (i = 0; i < n; i++) {
        lookout_buf_puts(&b, i == 0 ? "" : ",");
        lookout_buf_puts(&b, unit);
    }
    lookout_buf_puts(&b, close);
    text = fixture_text(f, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return text;
}


static void
test_limits(void **state)
{
    static const char open[] = "[{\"field\":\"quantity\",\"op\":\"in\",\"value\":[";
    lookout_filters_t filters;
    fixture_t *f = *state;
    char json[1200];
    const char *one;

    assert_code(f, parse(f, many(f, open, "3", 1000, "]}]"), &filters), LOOKOUT_OK);
    assert_string_equal(selected(f, filters), "3");
    assert_code(f, parse(f, many(f, open, "3", 1001, "]}]"), &filters), LOOKOUT_INVALID_FILTER);
    assert_string_equal(fixture_detail(f, "reason"), "wrong_count");

    one = many(f, "{\"field\":\"quantity\",\"op\":\"in\",\"value\":[", "4", 1000, "]}");
    assert_code(f, parse(f, many(f, "[", one, LOOKOUT_FILTERS_MAX, "]"), &filters), LOOKOUT_OK);
    assert_string_equal(selected(f, filters), "4");
    assert_code(f, parse(f, many(f, "[", one, LOOKOUT_FILTERS_MAX + 1, "]"), &filters),
                LOOKOUT_INVALID_FILTER);
    assert_string_equal(fixture_detail(f, "reason"), "too_many");

    (void) snprintf(json, sizeof(json),
                    "[{\"field\":\"owner\",\"op\":\"eq\",\"value\":\"%01024d\"}]", 0);
    assert_code(f, parse(f, json, &filters), LOOKOUT_OK);
    (void) snprintf(json, sizeof(json),
                    "[{\"field\":\"owner\",\"op\":\"eq\",\"value\":\"%01025d\"}]", 0);
    assert_code(f, parse(f, json, &filters), LOOKOUT_INVALID_FILTER);
    assert_string_equal(fixture_detail(f, "reason"), "too_long");
    (void) snprintf(json, sizeof(json),
                    "[{\"field\":\"owner\",\"op\":\"like\",\"value\":\"%0256d\"}]", 0);
    assert_code(f, parse(f, json, &filters), LOOKOUT_OK);
    assert_string_equal(selected(f, filters), "");
    (void) snprintf(json, sizeof(json),
                    "[{\"field\":\"owner\",\"op\":\"like\",\"value\":\"%0257d\"}]", 0);
    assert_code(f, parse(f, json, &filters), LOOKOUT_INVALID_FILTER);
}


static void
test_merge(void **state)
{
    lookout_filters_t saved, overrides, merged, again;
    fixture_t *f = *state;
    const char *text;

    assert_code(f,
                parse(f,
                      "[{\"field\":\"stage\",\"op\":\"neq\",\"value\":\"Discovery\"},"
                      "{\"field\":\"quantity\",\"op\":\"gte\",\"value\":1},"
                      "{\"field\":\"quantity\",\"op\":\"lt\",\"value\":9},"
                      "{\"field\":\"is_won\",\"op\":\"eq\",\"value\":false}]",
                      &saved),
                LOOKOUT_OK);
    assert_code(f,
                parse(f,
                      "[{\"field\":\"quantity\",\"op\":\"in\",\"value\":"
                      "[2,\"9007199254740993\"]},"
                      "{\"field\":\"created_at\",\"op\":\"lte\",\"value\":"
                      "\"2026-05-01T00:00:00+01:00\"},"
                      "{\"field\":\"created_at\",\"op\":\"gt\",\"value\":\"2020-01-01\"},"
                      "{\"field\":\"amount_usd\",\"op\":\"between\",\"value\":[1,2000]},"
                      "{\"field\":\"region\",\"op\":\"not_null\"}]",
                      &overrides),
                LOOKOUT_OK);
    assert_code(f, lookout_filters_merge(f->arena, saved, overrides, &merged, &f->error),
                LOOKOUT_OK);
    text = "[{\"field\":\"amount_usd\",\"op\":\"between\",\"value\":[1.0,2000.0]},"
           "{\"field\":\"created_at\",\"op\":\"gt\",\"value\":\"2020-01-01\"},"
           "{\"field\":\"created_at\",\"op\":\"lte\",\"value\":\"2026-04-30T23:00:00Z\"},"
           "{\"field\":\"is_won\",\"op\":\"eq\",\"value\":false},"
           "{\"field\":\"quantity\",\"op\":\"in\",\"value\":[2,\"9007199254740993\"]},"
           "{\"field\":\"region\",\"op\":\"not_null\"},"
           "{\"field\":\"stage\",\"op\":\"neq\",\"value\":\"Discovery\"}]";
    assert_string_equal(shown(f, merged), text);
    assert_string_equal(selected(f, merged), "2");

    /* What is shown can be sent. */
    assert_code(f, parse(f, text, &again), LOOKOUT_OK);
    assert_string_equal(shown(f, again), text);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_operators), TEST(test_timestamps), TEST(test_refused),
        TEST(test_details),   TEST(test_limits),     TEST(test_merge),
    };

    return cmocka_run_group_tests_name("query filter", tests, NULL, NULL);
}
