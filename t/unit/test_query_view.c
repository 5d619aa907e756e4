/*
 * What a view shows: columns, groups, time units, bins, order; drift; and the index that covers
 * it.
 */

#include "query_fixture.h"

#include "../../ngx_lookout_module/query/run.h"
#include "../../ngx_lookout_module/query/view.h"


static lookout_code_e
compile(fixture_t *f, const char *encoding, const char *filters_json, lookout_sql_t *sql,
        lookout_columns_t *columns)
{
    lookout_filters_t filters = { NULL, 0 };

    f->error = (lookout_error_t){ 0 };
    if (filters_json != NULL) {
        assert_code(f,
                    lookout_filters_parse(f->arena, fixture_json(f, filters_json),
                                          f->extract.fields, &filters, &f->error),
                    LOOKOUT_OK);
    }
    return lookout_view_compile(f->arena, &f->extract, fixture_json(f, encoding), filters, NULL,
                                sql, columns, &f->error);
}


/* The column names, then the rows: "a,b: [1,2],[3,4]". */
static const char *
view(fixture_t *f, const char *encoding, const char *filters)
{
    static const lookout_page_t page = { .page_size = 1000, .row_cap = 2000 };
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_columns_t columns;
    lookout_result_t result;
    sqlite3_stmt *stmt;
    lookout_sql_t sql;
    const char *text;
    size_t i;

    assert_code(f, compile(f, encoding, filters, &sql, &columns), LOOKOUT_OK);
    if (lookout_sql_prepare(&sql, f->extract.db.sql, &stmt) != SQLITE_OK) {
        fail_msg("%.*s: %s", (int) sql.text->len, sql.text->data,
                 sqlite3_errmsg(f->extract.db.sql));
    }
    assert_code(
        f, lookout_run(f->arena, &f->extract, stmt, columns, &page, NULL, &result, &f->error),
        LOOKOUT_OK);
    assert_int_equal(sqlite3_column_count(stmt), (int) columns.n);
    for (i = 0; i < columns.n; i++) {
        assert_string_equal(sqlite3_column_name(stmt, (int) i),
                            fixture_text(f, columns.items[i].name));
        lookout_buf_puts(&b, i == 0 ? "" : ",");
        lookout_buf_str(&b, columns.items[i].name);
    }
    (void) sqlite3_finalize(stmt);
    lookout_buf_puts(&b, ": ");
    lookout_buf_str(&b, lookout_buf_text(&result.rows));
    text = fixture_text(f, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return text;
}


/* "type/role" of a column, with a ? when it may be null. */
static const char *
column(fixture_t *f, const char *encoding, size_t i)
{
    lookout_columns_t columns;
    lookout_sql_t sql;

    assert_code(f, compile(f, encoding, NULL, &sql, &columns), LOOKOUT_OK);
    assert_true(i < columns.n);
    return lookout_arena_printf(f->arena, "%s/%s%s", lookout_type_name(columns.items[i].type),
                                lookout_role_name(columns.items[i].role),
                                columns.items[i].nullable ? "?" : "")
        .data;
}


static void
check(fixture_t *f, const char *const (*cases)[2], size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (strcmp(view(f, cases[i][0], NULL), cases[i][1]) != 0) {
            fail_msg("%s\n gives %s\n   not %s", cases[i][0], view(f, cases[i][0], NULL),
                     cases[i][1]);
        }
    }
}

#define CHECK(f, cases) check(f, cases, sizeof(cases) / sizeof((cases)[0]))


static void
test_grouped(void **state)
{
    static const char *const cases[][2] = {
        { "{\"y\":{\"aggregate\":\"sum\",\"field\":\"amount_usd\"},\"x\":{\"field\":\"stage\"}"
          "}",
          "stage,sum_amount_usd: [\"Closed Won\",350.25],[\"Discovery\",84000.0],"
          "[\"Negotiation\",20000.0],[\"Proposal\",1500.5]" },
        { "{\"x\":{\"field\":\"region\"},\"y\":{\"aggregate\":\"count\"}}",
          "region,count: [\"APAC\",1],[\"EMEA\",3],[\"NA\",1],[null,1]" },
        { "{\"x\":{\"field\":\"is_won\"},\"y\":{\"aggregate\":\"mean\",\"field\":\"amount_"
          "usd\"},"
          "\"size\":{\"aggregate\":\"count\",\"field\":\"*\"}}",
          "is_won,mean_amount_usd,count: [false,35166.833333333336,4],[true,175.125,2]" },
        { "{\"theta\":{\"aggregate\":\"count\"}}", "count: [6]" },
        { "{\"x\":{\"aggregate\":\"median\",\"field\":\"amount_usd\"},"
          "\"y\":{\"aggregate\":\"min\",\"field\":\"close_date\"},"
          "\"size\":{\"aggregate\":\"max\",\"field\":\"owner\"},"
          "\"color\":{\"aggregate\":\"distinct\",\"field\":\"region\"},"
          "\"detail\":[{\"aggregate\":\"valid\",\"field\":\"region\"},"
          "{\"aggregate\":\"missing\",\"field\":\"region\"}],"
          "\"tooltip\":[{\"aggregate\":\"sum\",\"field\":\"is_won\"},"
          "{\"aggregate\":\"median\",\"field\":\"amount_usd\"}]}",
          "median_amount_usd,min_close_date,distinct_region,max_owner,valid_region,"
          "missing_region,sum_is_won: [1500.5,\"2025-12-31\",3,\"Åse Lindqvist\",5,1,2]" },
        { "{\"x\":{\"field\":\"stage\"},\"color\":{\"value\":\"red\"},\"opacity\":{\"datum\":1}"
          ","
          "\"y\":{\"aggregate\":\"stdev\",\"field\":\"amount_usd\"}}",
          "stage,stdev_amount_usd: [\"Closed Won\",106.24279387327877],[\"Discovery\",null],"
          "[\"Negotiation\",null],[\"Proposal\",null]" },
    };

    CHECK(*state, cases);
}


static void
test_rows(void **state)
{
    static const char *const cases[][2] = {
        { "{\"x\":{\"field\":\"quantity\"},\"y\":{\"field\":\"amount_usd\"},"
          "\"tooltip\":[{\"field\":\"quantity\"},{\"field\":\"is_won\"}]}",
          "quantity,amount_usd,is_won: [1,84000.0,false],[2,1500.5,false],[3,null,false],"
          "[4,20000.0,false],[9007199254740993,100.0,true],[5,250.25,true]" },
        { "{\"x\":{\"field\":\"quantity\",\"sort\":\"descending\"}}",
          "quantity: [9007199254740993],[5],[4],[3],[2],[1]" },
        { "{\"x\":{\"field\":\"quantity\",\"sort\":\"-y\"},\"y\":{\"field\":\"amount_usd\"}}",
          "quantity,amount_usd: [1,84000.0],[4,20000.0],[2,1500.5],[5,250.25],"
          "[9007199254740993,100.0],[3,null]" },
        { "{\"x\":{\"field\":\"quantity\",\"sort\":{\"field\":\"owner\"}}}",
          "quantity: [5],[4],[3],[2],[9007199254740993],[1]" },
        { "{\"x\":{\"field\":\"region\",\"sort\":\"ascending\"},\"y\":{\"field\":\"quantity\"}"
          "}",
          "region,quantity: [\"APAC\",9007199254740993],[\"EMEA\",1],[\"EMEA\",4],[\"EMEA\",5],"
          "[\"NA\",2],[null,3]" },
        { "{\"x\":{\"field\":\"quantity\",\"sort\":null}}",
          "quantity: [1],[2],[3],[4],[9007199254740993],[5]" },
        { "{\"x\":{\"field\":\"created_at\",\"timeUnit\":\"yearmonth\"}}",
          "yearmonth_created_at: [\"2025-12-01\"],[\"2026-01-01\"],[\"2026-01-01\"],"
          "[\"2026-02-01\"],[\"2026-03-01\"],[\"2026-03-01\"]" },
    };

    CHECK(*state, cases);
}


static void
test_time_units(void **state)
{
    /* Of 2026-02-28T23:59:59Z, a Saturday. */
    static const char *const cases[][3] = {
        { "year", "\"2026-01-01\"", "date/time" },
        { "yearquarter", "\"2026-01-01\"", "date/time" },
        { "yearmonth", "\"2026-02-01\"", "date/time" },
        { "utcyearmonth", "\"2026-02-01\"", "date/time" },
        { "yearweek", "\"2026-02-22\"", "date/time" },
        { "yearmonthdate", "\"2026-02-28\"", "date/time" },
        { "yearmonthdatehours", "\"2026-02-28T23:00:00Z\"", "timestamp/time" },
        { "quarter", "1", "integer/dimension" },
        { "month", "2", "integer/dimension" },
        { "date", "28", "integer/dimension" },
        { "day", "6", "integer/dimension" },
        { "hours", "23", "integer/dimension" },
    };
    static const char only[] = "[{\"field\":\"quantity\",\"op\":\"eq\",\"value\":4}]";
    fixture_t *f = *state;
    char encoding[256], wanted[128];
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void) snprintf(encoding, sizeof(encoding),
                        "{\"x\":{\"field\":\"created_at\",\"timeUnit\":\"%s\"},"
                        "\"y\":{\"aggregate\":\"count\"}}",
                        cases[i][0]);
        (void) snprintf(wanted, sizeof(wanted), "%s_created_at,count: [%s,1]",
                        cases[i][0] + (cases[i][0][0] == 'u' ? 3 : 0), cases[i][1]);
        assert_string_equal(view(f, encoding, only), wanted);
        assert_string_equal(column(f, encoding, 0), cases[i][2]);
    }
    /* Quarters begin in January, April, July, October; null stays null. */
    assert_string_equal(view(f,
                             "{\"x\":{\"field\":\"close_date\",\"timeUnit\":\"yearquarter\"},"
                             "\"y\":{\"aggregate\":\"count\"}}",
                             NULL),
                        "yearquarter_close_date,count: "
                        "[\"2025-10-01\",1],[\"2026-01-01\",3],[\"2026-04-01\",1],"
                        "[null,1]");
}


static void
test_bins(void **state)
{
    static const char few[] = "[{\"field\":\"quantity\",\"op\":\"lte\",\"value\":5}]";
    static const char none[] = "[{\"field\":\"quantity\",\"op\":\"lt\",\"value\":0}]";
    static const char big[] = "[{\"field\":\"amount_usd\",\"op\":\"gte\",\"value\":1000}]";
    fixture_t *f = *state;

    /* 1 to 5 in at most 4: steps of 1, and 5 belongs to the last. */
    assert_string_equal(view(f,
                             "{\"x\":{\"field\":\"quantity\",\"bin\":{\"maxbins\":4}},"
                             "\"y\":{\"aggregate\":\"count\"}}",
                             few),
                        "bin_quantity,bin_quantity_end,count: [1,2,1],[2,3,1],[3,4,1],[4,5,2]");
    assert_string_equal(view(f,
                             "{\"x\":{\"field\":\"quantity\",\"bin\":{\"step\":2}},"
                             "\"y\":{\"aggregate\":\"count\"}}",
                             few),
                        "bin_quantity,bin_quantity_end,count: [0,2,1],[2,4,2],[4,6,2]");
    assert_string_equal(view(f,
                             "{\"x\":{\"field\":\"amount_usd\",\"bin\":true},"
                             "\"y\":{\"aggregate\":\"count\"}}",
                             big),
                        "bin_amount_usd,bin_amount_usd_end,count: [0.0,10000.0,1],"
                        "[20000.0,30000.0,1],[80000.0,90000.0,1]");
    assert_string_equal(view(f,
                             "{\"x\":{\"field\":\"quantity\",\"bin\":{\"step\":0.3}},"
                             "\"y\":{\"aggregate\":\"count\"}}",
                             "[{\"field\":\"quantity\",\"op\":\"eq\",\"value\":3}]"),
                        "bin_quantity,bin_quantity_end,count: [3.0,3.3,1]");
    assert_string_equal(view(f,
                             "{\"x\":{\"field\":\"amount_usd\",\"bin\":true},"
                             "\"y\":{\"aggregate\":\"count\"}}",
                             none),
                        "bin_amount_usd,bin_amount_usd_end,count: ");
    /* Nulls are a bin of their own, last; row-level bins do not group. */
    assert_string_equal(view(f,
                             "{\"x\":{\"field\":\"amount_usd\",\"bin\":{\"step\":50000}},"
                             "\"y\":{\"aggregate\":\"count\"}}",
                             NULL),
                        "bin_amount_usd,bin_amount_usd_end,count: [0.0,50000.0,4],"
                        "[50000.0,100000.0,1],[null,null,1]");
    assert_string_equal(view(f, "{\"x\":{\"field\":\"quantity\",\"bin\":{\"step\":2}}}", few),
                        "bin_quantity,bin_quantity_end: [0,2],[2,4],[2,4],[4,6],[4,6]");
    assert_string_equal(column(f, "{\"x\":{\"field\":\"quantity\",\"bin\":{\"step\":2}}}", 1),
                        "integer/dimension");
    assert_string_equal(column(f, "{\"x\":{\"field\":\"amount_usd\",\"bin\":true}}", 0),
                        "float/dimension?");
}


static void
test_sort(void **state)
{
    static const char *const cases[][2] = {
        { "{\"x\":{\"field\":\"region\",\"sort\":\"descending\"},\"y\":{\"aggregate\":"
          "\"count\"}}",
          "region,count: [\"NA\",1],[\"EMEA\",3],[\"APAC\",1],[null,1]" },
        { "{\"x\":{\"field\":\"region\",\"sort\":\"-y\"},\"y\":{\"aggregate\":\"count\"}}",
          "region,count: [\"EMEA\",3],[\"APAC\",1],[\"NA\",1],[null,1]" },
        { "{\"x\":{\"field\":\"region\",\"sort\":{\"encoding\":\"y\",\"order\":\"descending\"}}"
          ","
          "\"y\":{\"aggregate\":\"count\"}}",
          "region,count: [\"EMEA\",3],[\"APAC\",1],[\"NA\",1],[null,1]" },
        { "{\"x\":{\"field\":\"region\",\"sort\":\"y\"},"
          "\"y\":{\"aggregate\":\"sum\",\"field\":\"amount_usd\"}}",
          "region,sum_amount_usd: [\"APAC\",100.0],[\"NA\",1500.5],[\"EMEA\",104250.25],"
          "[null,null]" },
        { "{\"x\":{\"field\":\"region\",\"sort\":{\"field\":\"amount_usd\",\"op\":\"max\","
          "\"order\":\"descending\"}},\"y\":{\"aggregate\":\"count\"}}",
          "region,count: [\"EMEA\",3],[\"NA\",1],[\"APAC\",1],[null,1]" },
        { "{\"x\":{\"field\":\"region\",\"sort\":{\"op\":\"count\"}},"
          "\"y\":{\"aggregate\":\"sum\",\"field\":\"is_won\"}}",
          "region,sum_is_won: [\"APAC\",1],[\"NA\",0],[null,0],[\"EMEA\",1]" },
        { "{\"x\":{\"field\":\"region\",\"sort\":{\"order\":\"descending\"}},"
          "\"y\":{\"aggregate\":\"count\"}}",
          "region,count: [\"NA\",1],[\"EMEA\",3],[\"APAC\",1],[null,1]" },
        { "{\"x\":{\"field\":\"stage\",\"sort\":[\"Proposal\",\"Discovery\"]},"
          "\"y\":{\"aggregate\":\"count\"}}",
          "stage,count: [\"Proposal\",2],[\"Discovery\",1],[\"Closed Won\",2],"
          "[\"Negotiation\",1]" },
        { "{\"x\":{\"field\":\"is_won\",\"sort\":[true]},\"y\":{\"aggregate\":\"count\"}}",
          "is_won,count: [true,2],[false,4]" },
        { "{\"x\":{\"field\":\"stage\",\"sort\":null},\"y\":{\"aggregate\":\"count\"}}",
          "stage,count: [\"Discovery\",1],[\"Proposal\",2],[\"Negotiation\",1],"
          "[\"Closed Won\",2]" },
        /* Two columns group: the values of x stay together, by their totals. */
        { "{\"x\":{\"field\":\"is_won\",\"sort\":\"y\"},\"color\":{\"field\":\"region\"},"
          "\"y\":{\"aggregate\":\"sum\",\"field\":\"amount_usd\"}}",
          "is_won,sum_amount_usd,region: [true,100.0,\"APAC\"],[true,250.25,\"EMEA\"],"
          "[false,104000.0,\"EMEA\"],[false,1500.5,\"NA\"],[false,null,null]" },
        /* A measure's sort turns its axis, not the rows. */
        { "{\"x\":{\"field\":\"is_won\"},\"y\":{\"aggregate\":\"count\",\"sort\":"
          "\"descending\"}}",
          "is_won,count: [false,4],[true,2]" },
    };

    CHECK(*state, cases);
}


static void
test_filters(void **state)
{
    fixture_t *f = *state;

    assert_string_equal(
        view(f,
             "{\"x\":{\"field\":\"region\",\"sort\":[\"NA\"]},\"y\":{\"aggregate\":\"count\"}}",
             "[{\"field\":\"close_quarter\",\"op\":\"in\",\"value\":[\"2026Q1\",\"2026Q2\"]},"
             "{\"field\":\"region\",\"op\":\"not_null\"}]"),
        "region,count: [\"NA\",1],[\"APAC\",1],[\"EMEA\",2]");
}


static void
test_columns(void **state)
{
    static const char x[] =
        "{\"x\":{\"field\":\"stage\"},\"y\":{\"aggregate\":\"%s\",\"field\":"
        "\"%s\"}}";
    static const char *const cases[][3] = {
        { "count", "owner", "integer/measure" },
        { "distinct", "region", "integer/measure" },
        { "sum", "amount_usd", "float/measure?" },
        { "sum", "quantity", "integer/measure" },
        { "mean", "quantity", "float/measure" },
        { "stdev", "quantity", "float/measure?" },
        { "median", "amount_usd", "float/measure?" },
        { "min", "close_date", "date/time?" },
        { "max", "owner", "string/dimension" },
        { "max", "quantity", "integer/measure" },
    };
    fixture_t *f = *state;
    char encoding[160];
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void) snprintf(encoding, sizeof(encoding), x, cases[i][0], cases[i][1]);
        assert_string_equal(column(f, encoding, 0), "string/dimension");
        assert_string_equal(column(f, encoding, 1), cases[i][2]);
    }
    /* Over no rows at all, everything but counts is null. */
    assert_string_equal(column(f, "{\"y\":{\"aggregate\":\"sum\",\"field\":\"quantity\"}}", 0),
                        "integer/measure?");
    assert_string_equal(column(f, "{\"y\":{\"aggregate\":\"count\"}}", 0), "integer/measure");
}


static void
test_drift(void **state)
{
    fixture_t *f = *state;
    lookout_columns_t columns;
    lookout_sql_t sql;

    assert_code(f,
                compile(f,
                        "{\"x\":{\"field\":\"stage\",\"sort\":{\"field\":\"gone3\"}},"
                        "\"y\":{\"aggregate\":\"sum\",\"field\":\"gone\"},"
                        "\"tooltip\":[{\"field\":\"gone2\"},{\"field\":\"gone\"}]}",
                        NULL, &sql, &columns),
                LOOKOUT_SCHEMA_DRIFT);
    assert_string_equal(fixture_detail(f, "missingFields"), "[\"gone3\",\"gone\",\"gone2\"]");
    assert_non_null(strstr(fixture_detail(f, "availableFields"), "\"close_quarter\""));
    assert_non_null(strstr(fixture_text(f, f->error.message), "\"gone2\""));

    assert_code(f,
                compile(f,
                        "{\"x\":{\"field\":\"stage\",\"timeUnit\":\"year\"},"
                        "\"y\":{\"aggregate\":\"sum\",\"field\":\"owner\"},"
                        "\"color\":{\"field\":\"close_date\",\"timeUnit\":\"hours\"},"
                        "\"size\":{\"field\":\"is_won\",\"bin\":true}}",
                        NULL, &sql, &columns),
                LOOKOUT_SCHEMA_DRIFT);
    assert_string_equal(fixture_detail(f, "missingFields"), "[]");
    assert_string_equal(
        fixture_detail(f, "mismatchedFields"),
        "[{\"field\":\"stage\",\"type\":\"string\",\"needs\":\"a date or timestamp\"},"
        "{\"field\":\"owner\",\"type\":\"string\",\"needs\":\"a number\"},"
        "{\"field\":\"close_date\",\"type\":\"date\",\"needs\":\"a timestamp\"},"
        "{\"field\":\"is_won\",\"type\":\"boolean\",\"needs\":\"a number\"}]");
}


static void
test_bad_encodings(void **state)
{
    static const char *const bad[] = {
        "[]",
        "{}",
        "{\"x\":{\"value\":1}}",
        "{\"x\":7}",
        "{\"colour\":{\"field\":\"stage\"}}",
        "{\"x\":{\"field\":7}}",
        "{\"x\":{\"field\":\"stage\",\"aggregate\":\"sume\"}}",
        "{\"x\":{\"aggregate\":\"sum\"}}",
        "{\"x\":{\"field\":\"stage\",\"aggregate\":7}}",
        "{\"x\":{\"field\":\"close_date\",\"timeUnit\":\"fortnight\"}}",
        "{\"x\":{\"field\":\"quantity\",\"bin\":7}}",
        "{\"x\":{\"field\":\"quantity\",\"bin\":{\"maxbins\":0}}}",
        "{\"x\":{\"field\":\"quantity\",\"bin\":{\"step\":-1}}}",
        "{\"x\":{\"field\":\"quantity\",\"bin\":true,\"aggregate\":\"sum\"}}",
        "{\"x\":{\"field\":\"stage\",\"sort\":\"sideways\"}}",
        "{\"x\":{\"field\":\"stage\",\"sort\":7}}",
        "{\"x\":{\"field\":\"stage\",\"sort\":[]}}",
        "{\"x\":{\"field\":\"stage\",\"sort\":[{}]}}",
        "{\"x\":{\"field\":\"stage\",\"sort\":{\"op\":\"count\"}}}",
        "{\"x\":{\"field\":\"stage\",\"sort\":{\"field\":\"owner\",\"op\":\"sum\"}},"
        "\"y\":{\"aggregate\":\"count\"}}",
        "{\"x\":{\"field\":\"stage\",\"sort\":{\"field\":\"owner\",\"op\":\"sume\"}}}",
    };
    fixture_t *f = *state;
    lookout_columns_t columns;
    lookout_sql_t sql;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (compile(f, bad[i], NULL, &sql, &columns) != LOOKOUT_INTERNAL_ERROR) {
            fail_msg("%s", bad[i]);
        }
        assert_string_equal(fixture_detail(f, "reason"), "bad_encoding");
    }
}


static void
test_fields(void **state)
{
    lookout_str_t names[8];
    const cJSON *tree = fixture_json(
        *state, "{\"y\":{\"field\":\"b\",\"sort\":{\"field\":\"c\"}},\"x\":{\"field\":\"a\"},"
                "\"size\":{\"aggregate\":\"count\"},\"tooltip\":[{\"field\":\"a\"},"
                "{\"field\":\"d\"}]}");

    assert_int_equal(lookout_view_fields(tree, names, 8), 4);
    assert_true(lookout_str_is(names[0], "a") && lookout_str_is(names[1], "b")
                && lookout_str_is(names[2], "c") && lookout_str_is(names[3], "d"));
    assert_int_equal(lookout_view_fields(tree, names, 2), 2);
    assert_int_equal(lookout_view_fields(NULL, names, 8), 0);
}


/* Names that collide stay apart. */
static void
test_names(void **state)
{
    static const lookout_field_t fields[] = {
        FIELD("count", LOOKOUT_INTEGER, LOOKOUT_MEASURE, false, "[]", false),
        FIELD("odd \"name\"", LOOKOUT_STRING, LOOKOUT_DIMENSION, false, "[]", false),
    };
    fixture_t *f = *state;

    fixture_write(f,
                  "PRAGMA application_id = 0x4c4b4f45; CREATE TABLE extract "
                  "(\"count\" INTEGER NOT NULL, \"odd \"\"name\"\"\" TEXT NOT NULL) STRICT;"
                  "INSERT INTO extract VALUES (7, 'a');",
                  NULL);
    fixture_open(f);
    f->extract.fields = (lookout_fields_t){ fields, 2 };
    assert_string_equal(view(f,
                             "{\"x\":{\"field\":\"count\"},\"y\":{\"aggregate\":\"count\"},"
                             "\"color\":{\"field\":\"odd \\\"name\\\"\"}}",
                             NULL),
                        "count,count_2,odd \"name\": [7,1,\"a\"]");
}


/* The query plan's lines, one behind the other. */
static const char *
plan(fixture_t *f, const char *encoding)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_columns_t columns;
    lookout_sql_t sql, explain;
    sqlite3_stmt *stmt;
    const char *text;

    assert_code(f, compile(f, encoding, NULL, &sql, &columns), LOOKOUT_OK);
    assert_true(lookout_sql_init(&explain, f->arena));
    lookout_buf_puts(explain.text, "EXPLAIN QUERY PLAN ");
    lookout_buf_str(explain.text, lookout_buf_text(sql.text));
    explain.binds = sql.binds;
    explain.n_binds = sql.n_binds;
    assert_int_equal(lookout_sql_prepare(&explain, f->extract.db.sql, &stmt), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        lookout_buf_puts(&b, (const char *) sqlite3_column_text(stmt, 3));
        lookout_buf_putc(&b, '\n');
    }
    (void) sqlite3_finalize(stmt);
    text = fixture_text(f, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return text;
}


static void
test_index(void **state)
{
    static const struct {
        const char *encoding;
        const char *index; /* NULL: none */
    } cases[] = {
        { "{\"x\":{\"field\":\"stage\"},\"y\":{\"aggregate\":\"sum\",\"field\":\"amount_usd\"}"
          "}",
          "\"stage\", \"amount_usd\"" },
        { "{\"y\":{\"field\":\"stage\",\"sort\":\"-x\"},\"x\":{\"aggregate\":\"count\"}}",
          "\"stage\"" },
        { "{\"x\":{\"field\":\"close_date\",\"timeUnit\":\"yearmonth\"},"
          "\"y\":{\"aggregate\":\"sum\",\"field\":\"amount_usd\"},\"color\":{\"field\":"
          "\"region\"}}",
          "substr(\"close_date\",1,7)||'-01', \"region\", \"close_date\", \"amount_usd\"" },
        { "{\"x\":{\"field\":\"created_at\",\"timeUnit\":\"yearweek\"},"
          "\"y\":{\"aggregate\":\"distinct\",\"field\":\"owner\"}}",
          "date(\"created_at\",'weekday 6','-6 days'), \"created_at\", \"owner\"" },
        { "{\"x\":{\"field\":\"created_at\",\"timeUnit\":\"day\"},"
          "\"y\":{\"field\":\"created_at\",\"timeUnit\":\"hours\"},"
          "\"color\":{\"aggregate\":\"mean\",\"field\":\"amount_usd\"}}",
          "CAST(strftime('%w',\"created_at\") AS INTEGER), "
          "CAST(substr(\"created_at\",12,2) AS INTEGER), \"created_at\", \"amount_usd\"" },
        { "{\"x\":{\"field\":\"stage\",\"sort\":null},"
          "\"y\":{\"aggregate\":\"median\",\"field\":\"amount_usd\"}}",
          "\"stage\", \"amount_usd\"" },
        { "{\"y\":{\"aggregate\":\"count\"}}", NULL },
        { "{\"x\":{\"field\":\"stage\"}}", NULL },
        { "{\"x\":{\"field\":\"amount_usd\",\"bin\":true},\"y\":{\"aggregate\":\"count\"}}",
          NULL },
        { "{\"x\":{\"field\":\"gone\"},\"y\":{\"aggregate\":\"count\"}}", NULL },
    };
    fixture_t *f = *state;
    const char *steps, *before;
    lookout_str_t index;
    char *create;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        index =
            lookout_view_index(f->arena, fixture_json(f, cases[i].encoding), f->extract.fields);
        if (cases[i].index == NULL) {
            assert_null(index.data);
            continue;
        }
        assert_string_equal(fixture_text(f, index), cases[i].index);
        before = view(f, cases[i].encoding, NULL);

        create = lookout_arena_alloc(f->arena, sizeof(fixture_rows) + index.len + 64);
        (void) sprintf(create, "%sCREATE INDEX i ON extract (%.*s); ANALYZE;", fixture_rows,
                       LOOKOUT_STR_ARG(index));
        fixture_write(f, fixture_schema, create);
        fixture_open(f);
        steps = plan(f, cases[i].encoding);
        if (strstr(steps, "USING COVERING INDEX i") == NULL
            || strstr(steps, "TEMP B-TREE FOR GROUP BY") != NULL) {
            fail_msg("%s: %s", cases[i].encoding, steps);
        }
        assert_string_equal(view(f, cases[i].encoding, NULL), before);
        fixture_write(f, fixture_schema, fixture_rows);
        fixture_open(f);
    }
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_grouped), TEST(test_rows),    TEST(test_time_units),    TEST(test_bins),
        TEST(test_sort),    TEST(test_filters), TEST(test_columns),       TEST(test_drift),
        TEST(test_fields),  TEST(test_names),   TEST(test_bad_encodings), TEST(test_index),
    };

    return cmocka_run_group_tests_name("query view", tests, NULL, NULL);
}
