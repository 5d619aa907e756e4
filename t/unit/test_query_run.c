/*
 * Running statements: columns and cells, pages and their four signals, limits.
 */

#include "query_fixture.h"

#include "../../ngx_lookout_module/query/gate.h"
#include "../../ngx_lookout_module/query/run.h"

typedef struct {
    lookout_result_t result;
    const char *columns;
    const char *rows;
} run_t;

#define NUMBERS                                                                                \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) SELECT %s "  \
    "FROM n"

static const lookout_page_t whole = { .page_size = 100, .row_cap = 1000 };


static lookout_code_e
run_under(fixture_t *f, const char *sql, lookout_page_t page, lookout_watch_t *watch,
          run_t *run)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    sqlite3_stmt *stmt;
    lookout_code_e code;

    f->error = (lookout_error_t){ 0 };
    assert_code(
        f,
        lookout_gate_prepare(f->arena, &f->extract, lookout_str(sql), &stmt, NULL, &f->error),
        LOOKOUT_OK);
    code = lookout_run(f->arena, &f->extract, stmt, (lookout_columns_t){ NULL, 0 }, &page,
                       watch, &run->result, &f->error);
    (void) sqlite3_finalize(stmt);
    lookout_gate_leave(&f->extract);
    lookout_columns_json(run->result.columns, &b);
    run->columns = fixture_text(f, lookout_buf_text(&b));
    run->rows = fixture_text(f, lookout_buf_text(&run->result.rows));
    lookout_buf_free(&b);
    return code;
}


static run_t
run(fixture_t *f, const char *sql, lookout_page_t page)
{
    run_t r;

    assert_code(f, run_under(f, sql, page, NULL, &r), LOOKOUT_OK);
    return r;
}


/* A statement that gives the numbers from 1. */
static const char *
numbers(fixture_t *f, const char *count, const char *what)
{
    return lookout_arena_printf(f->arena, NUMBERS, count, what).data;
}


/* The product's published sample. */
static void
test_sample(void **state)
{
    run_t r = run(*state,
                  "SELECT stage, COUNT(*) AS n, SUM(amount_usd) AS total FROM data WHERE "
                  "close_quarter='2026Q1' GROUP BY stage ORDER BY total DESC",
                  whole);

    assert_string_equal(
        r.columns,
        "[{\"name\":\"stage\",\"type\":\"string\",\"semanticRole\":\"dimension\","
        "\"nullable\":false},"
        "{\"name\":\"n\",\"type\":\"integer\",\"semanticRole\":\"measure\",\"nullable\":true},"
        "{\"name\":\"total\",\"type\":\"float\",\"semanticRole\":\"measure\",\"nullable\":true}"
        "]");
    assert_string_equal(r.rows, "[\"Discovery\",1,84000.0],[\"Negotiation\",1,20000.0],"
                                "[\"Proposal\",2,1500.5]");
    assert_int_equal(r.result.row_count, 3);
    assert_int_equal(r.result.next_offset, 0);
    assert_false(r.result.truncated);
    assert_int_equal(r.result.dropped, 0);
}


static void
test_cells(void **state)
{
    run_t r = run(
        *state, "SELECT * FROM data WHERE quantity > 2 ORDER BY quantity DESC LIMIT 3", whole);

    assert_string_equal(
        r.rows,
        "[\"Closed Won\",\"APAC\",\"bo\",100.0,9007199254740993,true,\"2026-04-30\",\"2026Q2\","
        "\"2026-03-01T08:00:00Z\"],"
        "[\"Closed Won\",\"EMEA\",\"\",250.25,5,true,\"2025-12-31\",\"2025Q4\","
        "\"2026-03-02T09:00:00Z\"],"
        "[\"Negotiation\",\"EMEA\",\"ANA\",20000.0,4,false,\"2026-02-28\",\"2026Q1\","
        "\"2026-02-28T23:59:59Z\"]");
    r = run(
        *state,
        "SELECT 9223372036854775807 AS a, -9223372036854775807 - 1 AS b, 9e999 AS c, -9e999 "
        "AS d, CAST('a' AS BLOB) AS e, 'x\"\\' AS f, char(1, 10) AS g, CAST(x'ff61' AS TEXT) "
        "AS h, 1e300 AS i, NULL AS j",
        whole);
    assert_string_equal(r.rows, "[9223372036854775807,-9223372036854775808,null,null,null,"
                                "\"x\\\"\\\\\",\"\\u0001\\n\",\"\xef\xbf\xbd"
                                "a\",1e+300,null]");
}


/* Types of expressions, and of columns that are not what their first SELECT says. */
static void
test_types(void **state)
{
    static const struct {
        const char *sql;
        const char *type;
        const char *rows;
    } cases[] = {
        { "SELECT 1 AS x UNION ALL SELECT 2", "integer/measure", "[1],[2]" },
        { "SELECT 1 AS x UNION ALL SELECT 2.5 UNION ALL SELECT 3", "float/measure",
          "[1.0],[2.5],[3.0]" },
        { "SELECT 2.5 AS x UNION ALL SELECT 1", "float/measure", "[2.5],[1.0]" },
        { "SELECT NULL AS x UNION ALL SELECT 2.5", "float/measure", "[null],[2.5]" },
        { "SELECT 1 AS x UNION ALL SELECT 'a' UNION ALL SELECT 2.5", "string/dimension",
          "[\"1\"],[\"a\"],[\"2.5\"]" },
        { "SELECT NULL AS x", "string/dimension", "[null]" },
        { "SELECT 1 AS x WHERE 0", "string/dimension", "" },
        { "SELECT is_won AS x FROM data WHERE quantity = 1 UNION ALL SELECT 1",
          "boolean/dimension", "[false],[true]" },
        { "SELECT is_won AS x FROM data WHERE quantity = 1 UNION ALL SELECT 2",
          "integer/measure", "[0],[2]" },
        { "SELECT close_date AS x FROM data WHERE quantity = 1", "date/time",
          "[\"2026-01-15\"]" },
        { "SELECT close_date AS x FROM data WHERE quantity = 1 UNION ALL SELECT 'never'",
          "string/dimension", "[\"2026-01-15\"],[\"never\"]" },
        { "SELECT created_at AS x FROM data WHERE quantity = 1", "timestamp/time",
          "[\"2025-12-31T23:30:00Z\"]" },
        { "SELECT quantity AS x FROM data WHERE quantity = 1 UNION ALL SELECT 0.5",
          "float/measure", "[1.0],[0.5]" },
        { "SELECT stage AS x FROM data WHERE quantity = 1 UNION ALL SELECT 5",
          "string/dimension", "[\"Discovery\"],[\"5\"]" },
        { "SELECT MAX(quantity) AS x FROM data WHERE quantity < 10", "integer/measure", "[5]" },
        { "WITH c AS (SELECT stage AS s FROM data WHERE quantity = 1) SELECT s AS x FROM c",
          "string/dimension", "[\"Discovery\"]" },
    };
    fixture_t *f = *state;
    char type[64];
    size_t i;
    run_t r;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        r = run(f, cases[i].sql, whole);
        (void) snprintf(type, sizeof(type), "%s/%s",
                        lookout_type_name(r.result.columns.items[0].type),
                        lookout_role_name(r.result.columns.items[0].role));
        if (strcmp(type, cases[i].type) != 0 || strcmp(r.rows, cases[i].rows) != 0) {
            fail_msg("%s: %s %s", cases[i].sql, type, r.rows);
        }
    }
    /* An outer join makes nulls where the field has none. */
    r = run(f, "SELECT b.stage FROM data a LEFT JOIN data b ON b.quantity = a.quantity + 100",
            whole);
    assert_true(r.result.columns.items[0].nullable);
}


/* The second page types its columns as the first did. */
static void
test_types_over_pages(void **state)
{
    lookout_page_t second = { .offset = 1, .page_size = 10, .row_cap = 100 };
    run_t r = run(*state, "SELECT 1.5 AS x UNION ALL SELECT 2", second);

    assert_string_equal(r.rows, "[2.0]");
}


static void
test_names(void **state)
{
    run_t r = run(*state,
                  "SELECT stage, stage, COUNT(*), 1 AS stage, 2 AS stage_2, d.stage, 'x' "
                  "FROM data d",
                  whole);
    static const char *const names[] = { "stage",     "stage_2", "COUNT(*)", "stage_3",
                                         "stage_2_2", "stage_4", "'x'" };
    size_t i;

    assert_int_equal(r.result.columns.n, 7);
    for (i = 0; i < 7; i++) {
        assert_string_equal(fixture_text(*state, r.result.columns.items[i].name), names[i]);
    }
}


static void
test_csv(void **state)
{
    lookout_page_t page = whole;
    run_t r;

    page.format = LOOKOUT_ROWS_CSV;
    r = run(
        *state,
        "SELECT stage, owner, amount_usd, is_won, close_date, region FROM data WHERE quantity "
        "IN (1, 3, 5) ORDER BY quantity",
        page);
    assert_string_equal(r.rows, "stage,owner,amount_usd,is_won,close_date,region\n"
                                "Discovery,Åse Lindqvist,84000.0,false,2026-01-15,EMEA\n"
                                "Proposal,\"Zoë, \"\"Z\"\"\",,false,,\n"
                                "Closed Won,\"\",250.25,true,2025-12-31,EMEA\n");
    assert_int_equal(r.result.row_count, 3);
    r = run(
        *state,
        "SELECT ' a' AS \"x,y\", 'b ' AS \"q\"\"q\", 'c\nd' AS c, 'e\rf' AS d, 'g''h' AS e, "
        "9e999 AS f",
        page);
    assert_string_equal(r.rows, "\"x,y\",\"q\"\"q\",c,d,e,f\n"
                                "\" a\",\"b \",\"c\nd\",\"e\rf\",g'h,\n");
    r = run(*state, "SELECT 1 AS a UNION ALL SELECT 2.5", page);
    assert_string_equal(r.rows, "a\n1.0\n2.5\n");
    r = run(*state, "SELECT NULL AS a", page);
    assert_string_equal(r.rows, "a\n\"\"\n");
}


static void
test_pages(void **state)
{
    fixture_t *f = *state;
    lookout_page_t page = { .page_size = 4, .row_cap = 10 };
    run_t r;

    /* Exactly a page. */
    r = run(f, numbers(f, "4", "i"), page);
    assert_string_equal(r.rows, "[1],[2],[3],[4]");
    assert_int_equal(r.result.next_offset, 0);
    assert_false(r.result.truncated);

    /* Three pages. */
    r = run(f, numbers(f, "9", "i"), page);
    assert_int_equal(r.result.next_offset, 4);
    page.offset = 4;
    r = run(f, numbers(f, "9", "i"), page);
    assert_string_equal(r.rows, "[5],[6],[7],[8]");
    assert_int_equal(r.result.next_offset, 8);
    assert_false(r.result.truncated);
    page.offset = 8;
    r = run(f, numbers(f, "9", "i"), page);
    assert_string_equal(r.rows, "[9]");
    assert_int_equal(r.result.next_offset, 0);
    assert_false(r.result.truncated);

    /* As many rows as the cap: complete. One more: cut. */
    r = run(f, numbers(f, "10", "i"), page);
    assert_string_equal(r.rows, "[9],[10]");
    assert_int_equal(r.result.next_offset, 0);
    assert_false(r.result.truncated);
    r = run(f, numbers(f, "11", "i"), page);
    assert_string_equal(r.rows, "[9],[10]");
    assert_int_equal(r.result.next_offset, 0);
    assert_true(r.result.truncated);

    /* A page behind the end is empty. */
    page.offset = 9;
    r = run(f, numbers(f, "3", "i"), page);
    assert_string_equal(r.rows, "");
    assert_int_equal(r.result.row_count, 0);
    assert_int_equal(r.result.next_offset, 0);
}


static void
test_row_cap_outright(void **state)
{
    fixture_t *f = *state;
    lookout_page_t page = { .page_size = 10, .row_cap = 10 };
    run_t r;

    r = run(f, numbers(f, "10", "i"), page);
    assert_int_equal(r.result.row_count, 10);
    assert_code(f, run_under(f, numbers(f, "11", "i"), page, NULL, &r),
                LOOKOUT_RESULT_TOO_LARGE);
    assert_string_equal(fixture_detail(f, "rowCap"), "10");
}


static void
test_max_bytes(void **state)
{
    fixture_t *f = *state;
    lookout_page_t page = { .page_size = 6, .row_cap = 100 };
    run_t r = run(f, numbers(f, "9", "i AS abc"), page);
    size_t columns = strlen(r.columns), i;
    uint32_t rows = 1;

    for (i = 0; rows < 6; i++) {
        page.max_bytes = columns + 24 + i;
        r = run(f, numbers(f, "9", "i AS abc"), page);
        assert_true(strlen(r.columns) + strlen(r.rows) <= page.max_bytes);
        assert_in_range(r.result.row_count, rows, rows + 1);
        rows = r.result.row_count;
        assert_int_equal(r.result.dropped, 6 - rows);
        assert_int_equal(r.result.next_offset, rows);
        assert_false(r.result.truncated);
    }
    assert_in_range(i, 16, 24); /* a row is three bytes and a comma */

    /* Paging goes on right behind the last row, to the end. */
    page.offset = 3;
    page.page_size = 3;
    r = run(f, numbers(f, "6", "i AS abc"), page);
    assert_string_equal(r.rows, "[4],[5],[6]");
    assert_int_equal(r.result.next_offset, 0);

    /* At the cap too: what was dropped can still be had. */
    page.offset = 94;
    page.page_size = 100;
    page.max_bytes = columns + 35;
    r = run(f, numbers(f, "200", "i AS abc"), page);
    assert_in_range(r.result.row_count, 2, 4);
    assert_int_equal(r.result.dropped, 6 - r.result.row_count);
    assert_int_equal(r.result.next_offset, 94 + r.result.row_count);
    assert_false(r.result.truncated);

    page.offset = 0;
    page.max_bytes = columns + 16;
    assert_code(f, run_under(f, numbers(f, "9", "i AS abc"), page, NULL, &r),
                LOOKOUT_ENVELOPE_TOO_LARGE);
}


/* CSV counts as it stands in a JSON string: a line end and a quote are two bytes each. */
static void
test_max_bytes_csv(void **state)
{
    fixture_t *f = *state;
    lookout_page_t page = { .page_size = 6, .row_cap = 100, .format = LOOKOUT_ROWS_CSV };
    const char *sql = "SELECT owner FROM data WHERE quantity = 3";
    run_t r = run(f, sql, page);
    lookout_buf_t escaped = LOOKOUT_BUF_INIT;
    size_t needed;

    assert_string_equal(r.rows, "owner\n\"Zoë, \"\"Z\"\"\"\n");
    lookout_buf_json_escape(&escaped, lookout_str(r.rows));
    needed = strlen(r.columns) + 16 + escaped.len;
    lookout_buf_free(&escaped);
    page.max_bytes = needed;
    assert_int_equal(run(f, sql, page).result.row_count, 1);
    page.max_bytes = needed - 1;
    assert_code(f, run_under(f, sql, page, NULL, &r), LOOKOUT_ENVELOPE_TOO_LARGE);
}


/* A row that is given at once, and then nothing for ever. */
static const char *
stuck(fixture_t *f)
{
    return lookout_arena_printf(
               f->arena, "SELECT 1 AS x UNION ALL SELECT i FROM (" NUMBERS ") WHERE i < 0",
               "1000000000000", "i")
        .data;
}


static void
test_deadline(void **state)
{
    fixture_t *f = *state;
    lookout_watch_t watch = { .deadline_ns = lookout_monotonic_ns() + 50000000 };
    run_t r;

    assert_code(f, run_under(f, stuck(f), whole, &watch, &r), LOOKOUT_OK);
    assert_string_equal(r.rows, "[1]");
    assert_true(r.result.truncated);
    assert_int_equal(r.result.next_offset, 0);

    watch = (lookout_watch_t){ .deadline_ns = lookout_monotonic_ns() + 50000000 };
    assert_code(f, run_under(f, numbers(f, "1000000000000", "COUNT(*)"), whole, &watch, &r),
                LOOKOUT_QUERY_TIMEOUT);

    /* Over before it began. */
    watch = (lookout_watch_t){ .deadline_ns = 1 };
    assert_code(f, run_under(f, "SELECT 1", whole, &watch, &r), LOOKOUT_QUERY_TIMEOUT);

    /* The watch is off again. */
    assert_string_equal(run(f, numbers(f, "100000", "COUNT(*)"), whole).rows, "[100000]");
}


/* A single call of a function that would run for minutes is stopped too. */
static void
test_deadline_in_function(void **state)
{
    static const char *const sql[] = {
        "WITH s(t) AS (SELECT replace(printf('%.900c', '0'), '0', printf('%.1000c', 'a'))) "
        "SELECT COUNT(*) FROM s, data a, data b, data c, data d WHERE s.t LIKE "
        "'%aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'",
        "WITH s(t) AS (SELECT replace(printf('%.900c', '0'), '0', printf('%.1000c', 'a'))) "
        "SELECT COUNT(*) FROM s, data a, data b, data c, data d, data e, data f WHERE "
        "instr(s.t || a.quantity || b.quantity || c.quantity || d.quantity, 'b') + "
        "length(replace(s.t || e.quantity || f.quantity, 'b', 'c')) + "
        "length(trim(s.t || a.quantity || e.quantity || f.quantity, 'xyza')) < 0",
    };
    fixture_t *f = *state;
    lookout_watch_t watch;
    uint64_t start, took;
    size_t i;
    run_t r;

    for (i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
        start = lookout_monotonic_ns();
        watch = (lookout_watch_t){ .deadline_ns = start + 50000000 };
        assert_code(f, run_under(f, sql[i], whole, &watch, &r), LOOKOUT_QUERY_TIMEOUT);
        took = lookout_monotonic_ns() - start;
        assert_true(took < 2000000000); /* without the functions' own look: minutes */
    }
}


static void
test_other_stops(void **state)
{
    fixture_t *f = *state;
    const char *sql = numbers(f, "1000000000000", "COUNT(*)");
    atomic_bool cancelled = true;
    lookout_watch_t watch = { .slice_ns = lookout_monotonic_ns() + 1000000 };
    run_t r;

    assert_code(f, run_under(f, sql, whole, &watch, &r), LOOKOUT_NEEDS_THREAD);
    watch = (lookout_watch_t){ .slice_ns = lookout_monotonic_ns() + 1000000 };
    assert_code(f, run_under(f, stuck(f), whole, &watch, &r), LOOKOUT_NEEDS_THREAD);
    watch = (lookout_watch_t){ .cancelled = &cancelled };
    assert_code(f, run_under(f, sql, whole, &watch, &r), LOOKOUT_CANCELLED);
    watch = (lookout_watch_t){ .memory = sqlite3_memory_used() + 2000000 };
    assert_code(f,
                run_under(f, numbers(f, "1000000000000", "json_group_array(printf('%d', i))"),
                          whole, &watch, &r),
                LOOKOUT_RESULT_TOO_LARGE);
    watch = (lookout_watch_t){ .memory = sqlite3_memory_used() + 2000000 };
    assert_code(f, run_under(f, numbers(f, "1000000000000", "median(i)"), whole, &watch, &r),
                LOOKOUT_RESULT_TOO_LARGE);
}


static void
test_runtime_errors(void **state)
{
    fixture_t *f = *state;
    run_t r;

    assert_code(f, run_under(f, "SELECT json_extract('{', '$.a')", whole, NULL, &r),
                LOOKOUT_INVALID_QUERY);
    assert_string_equal(fixture_detail(f, "sqliteMessage"), "malformed JSON");
    assert_code(f,
                run_under(f,
                          "SELECT SUM(quantity + 9223372036854775000 - 9007199254741000) "
                          "FROM data",
                          whole, NULL, &r),
                LOOKOUT_INVALID_QUERY);
    assert_code(f, run_under(f, "SELECT printf('%2000000d', 1)", whole, NULL, &r),
                LOOKOUT_RESULT_TOO_LARGE);
    assert_code(f,
                run_under(f,
                          "SELECT replace(printf('%.1000c', 'a'), 'a', printf('%.9000c', 'b'))",
                          whole, NULL, &r),
                LOOKOUT_RESULT_TOO_LARGE);
    assert_code(f, run_under(f, numbers(f, "400000", "group_concat(i)"), whole, NULL, &r),
                LOOKOUT_RESULT_TOO_LARGE);
    assert_code(f, run_under(f, "SELECT 'a' LIKE printf('%.300c', '%')", whole, NULL, &r),
                LOOKOUT_INVALID_QUERY);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_sample),      TEST(test_cells),
        TEST(test_types),       TEST(test_types_over_pages),
        TEST(test_names),       TEST(test_csv),
        TEST(test_pages),       TEST(test_row_cap_outright),
        TEST(test_max_bytes),   TEST(test_max_bytes_csv),
        TEST(test_deadline),    TEST(test_deadline_in_function),
        TEST(test_other_stops), TEST(test_runtime_errors),
    };

    return cmocka_run_group_tests_name("query run", tests, NULL, NULL);
}
