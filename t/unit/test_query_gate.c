/*
 * The SQL gate: what an agent's statement may and may not be, and what it is told.
 */

#include "query_fixture.h"

#include "../../ngx_lookout_module/query/gate.h"
#include "../../ngx_lookout_module/query/rows.h"


static lookout_code_e
prepare(fixture_t *f, const char *sql, sqlite3_stmt **stmt, bool *clock)
{
    f->error = (lookout_error_t){ 0 };
    return lookout_gate_prepare(f->arena, &f->extract, lookout_str(sql), stmt, clock,
                                &f->error);
}


/* The first row as JSON; fails unless the statement compiles and gives one. */
static const char *
first_row(fixture_t *f, const char *sql)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    sqlite3_stmt *stmt;
    const char *text;
    int i, rc;

    assert_code(f, prepare(f, sql, &stmt, NULL), LOOKOUT_OK);
    rc = sqlite3_step(stmt);
    if (rc != SQLITE_ROW) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(f->extract.db.sql));
    }
    lookout_json_open(&b, '[');
    for (i = 0; i < sqlite3_column_count(stmt); i++) {
        lookout_run_value(&b, stmt, i,
                          sqlite3_column_type(stmt, i) == SQLITE_FLOAT ? LOOKOUT_FLOAT
                                                                       : LOOKOUT_INTEGER);
    }
    lookout_json_close(&b, ']');
    text = fixture_text(f, lookout_buf_text(&b));
    lookout_buf_free(&b);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    lookout_gate_leave(&f->extract);
    return text;
}


static void
refused(fixture_t *f, const char *sql, lookout_code_e code, const char *construct)
{
    sqlite3_stmt *stmt;
    lookout_code_e got = prepare(f, sql, &stmt, NULL);
    const char *detail =
        fixture_detail(f, code == LOOKOUT_INVALID_QUERY ? "reason" : "construct");

    if (got != code) {
        fail_msg("%s: got %s (%.*s), wanted %s", sql, lookout_code_name(got),
                 LOOKOUT_STR_ARG(f->error.message), lookout_code_name(code));
    }
    if (construct != NULL && strcmp(detail, construct) != 0) {
        fail_msg("%s: details %.*s, wanted %s", sql, LOOKOUT_STR_ARG(f->error.details),
                 construct);
    }
    assert_null(stmt);
    /* Names that are none of an agent's business. */
    assert_null(strstr(fixture_text(f, f->error.message), "main.extract"));
    assert_null(strstr(fixture_text(f, f->error.details), "main.extract"));
}


static void
test_allowed(void **state)
{
    static const char *const good[][2] = {
        { "SELECT COUNT(*) FROM data", "[6]" },
        { "select count(*) from DATA;", "[6]" },
        { " ; /* c */ SELECT 1 FROM data -- x", "[1]" },
        { "SELECT 1", "[1]" },
        { "VALUES (1, 2)", "[1,2]" },
        { "SELECT \"stage\" FROM data ORDER BY 1", "[\"Closed Won\"]" },
        { "SELECT d.stage FROM data AS d JOIN data e USING (stage) ORDER BY 1 DESC",
          "[\"Proposal\"]" },
        { "SELECT stage FROM temp.data LIMIT 1", "[\"Discovery\"]" },
        { "SELECT COUNT(*) FROM temp.data", "[6]" },
        { "SELECT COUNT(*) FROM (SELECT * FROM data LIMIT 4)", "[4]" },
        { "SELECT COUNT(*) FROM (SELECT 1 FROM data LIMIT 4)", "[4]" },
        { "SELECT COUNT(*) FROM data a, data b", "[36]" },
        { "SELECT EXISTS (SELECT 1 FROM data WHERE quantity > 2)", "[1]" },
        { "SELECT (SELECT COUNT(*) FROM data) FROM data LIMIT 1", "[6]" },
        { "SELECT stage FROM data WHERE stage IN (SELECT stage FROM data WHERE is_won)"
          " UNION SELECT 'A' ORDER BY 1",
          "[\"A\"]" },
        { "WITH extract AS (SELECT stage FROM data WHERE is_won) SELECT COUNT(*) FROM extract",
          "[2]" },
        { "WITH c AS (SELECT 1 AS x) SELECT COUNT(*) FROM c", "[1]" },
        { "WITH data AS (SELECT 7 AS x) SELECT x FROM data", "[7]" },
        { "WITH a AS (SELECT * FROM data), b AS (SELECT * FROM a) SELECT COUNT(*) FROM a, b",
          "[36]" },
        { "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)"
          " SELECT SUM(i) FROM n",
          "[15]" },
        { "SELECT ROW_NUMBER() OVER (PARTITION BY stage ORDER BY quantity) FROM data LIMIT 1",
          "[1]" },
        { "SELECT value FROM json_each('[5,6]') ORDER BY 1", "[5]" },
        { "SELECT COUNT(*) FROM json_tree('{\"a\":[1,2]}')", "[4]" },
        { "SELECT COUNT(*) FROM json_each('[1,2,3]')", "[3]" },
        { "SELECT '{\"a\":3}' ->> 'a'", "[3]" },
        { "SELECT strftime('%Y', '2026-05-01') || 'x'", "[\"2026x\"]" },
        { "SELECT median(quantity) FROM data WHERE quantity < 10", "[3.0]" },
        { "SELECT median(amount_usd), COUNT(amount_usd) FROM data", "[1500.5,5]" },
        { "SELECT variance(quantity), round(stdev(quantity), 6) FROM data WHERE quantity < 10",
          "[2.5,1.581139]" },
        { "SELECT stdev(1), variance(NULL), median(NULL), median('x')",
          "[null,null,null,null]" },
        { "SELECT COUNT(*) FROM data WHERE owner LIKE 'åSE%'", "[1]" },
        { "SELECT COUNT(*) FROM data WHERE owner LIKE 'ana'", "[2]" },
        { "SELECT 'EXPLAIN' AS \"delete\", 'a;b' AS x", "[\"EXPLAIN\",\"a;b\"]" },
        { "SELECT power(2, 3), floor(2.5), iif(1, 2, 3)", "[8.0,2.0,2]" },
    };
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_string_equal(first_row(*state, good[i][0]), good[i][1]);
    }
}


static void
test_forbidden_statements(void **state)
{
    static const char *const bad[] = {
        "DELETE FROM data",
        "DELETE FROM data; SELECT 1 FROM data",
        "INSERT INTO data VALUES (1)",
        "INSERT INTO users VALUES (1)",
        "REPLACE INTO data VALUES (1)",
        "UPDATE data SET stage = 'x'",
        "WITH a AS (SELECT 1) DELETE FROM data",
        "WITH a AS (SELECT 1) INSERT INTO main.extract SELECT 1",
        "WITH a(x) AS (SELECT 1), b AS (SELECT 2) UPDATE main.extract SET stage = 'x'",
        "DROP TABLE extract",
        "DROP VIEW data",
        "CREATE TABLE t (x)",
        "CREATE TEMP TABLE t AS SELECT * FROM data",
        "CREATE VIRTUAL TABLE t USING fts5(x)",
        "ALTER TABLE main.extract RENAME TO y",
        "PRAGMA user_version",
        "PRAGMA table_info(data)",
        "PRAGMA query_only = 0",
        "ATTACH '/etc/passwd' AS p",
        "ATTACH DATABASE 'x.db' AS x",
        "DETACH main",
        "VACUUM",
        "VACUUM INTO '/tmp/stolen.db'",
        "ANALYZE",
        "REINDEX",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT a",
        "RELEASE a",
        "EXPLAIN SELECT 1",
        "EXPLAIN QUERY PLAN SELECT * FROM data",
        "/**/ -- x\n explain select 1",
        "TRUNCATE TABLE data",
        "GRANT ALL ON data TO me",
        "SHOW TABLES",
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        refused(f, bad[i], LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, "statement");
        assert_string_equal(fixture_text(f, f->error.message),
                            "Only SELECT statements are permitted.");
    }
    refused(f, "WITH a AS (SELECT 1) DELETE FROM data", LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, NULL);
    assert_string_equal(fixture_detail(f, "name"), "DELETE");
    assert_int_equal(access("/tmp/stolen.db", F_OK), -1);
}


static void
test_several_statements(void **state)
{
    static const char *const bad[] = {
        "SELECT 1; SELECT 2",     "SELECT 1 FROM data; DELETE FROM data",
        "SELECT 1; ; -- c\n ; x", "SELECT 1; \";\"",
        "SELECT 1; [;]",
    };
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        refused(*state, bad[i], LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, "statements");
    }
    assert_string_equal(first_row(*state, "SELECT 3; ; /* over; */ -- end"), "[3]");
}


static void
test_forbidden_tables(void **state)
{
    static const char *const bad[] = {
        "SELECT * FROM users",
        "SELECT 1 FROM users",
        "SELECT * FROM data JOIN users USING (stage)",
        "SELECT * FROM extract",
        "SELECT COUNT(*) FROM extract",
        "SELECT 1 FROM Extract",
        "SELECT * FROM main.extract",
        "SELECT stage FROM main.extract",
        "SELECT COUNT(*) FROM main.extract",
        "SELECT COUNT(*) FROM \"main\".\"extract\"",
        "SELECT COUNT(*) FROM data, main.extract",
        "SELECT COUNT(*) FROM (SELECT 1 FROM main.extract LIMIT 3)",
        "SELECT (SELECT COUNT(*) FROM main.extract) FROM data",
        "SELECT * FROM temp.extract",
        "WITH data AS (SELECT stage FROM main.extract) SELECT * FROM data",
        "WITH data AS (SELECT 1 FROM main.extract) SELECT COUNT(*) FROM data",
        "WITH extract AS (SELECT stage FROM main.extract) SELECT * FROM extract",
        "SELECT * FROM main.data",
        "SELECT name FROM sqlite_schema",
        "SELECT COUNT(*) FROM sqlite_schema",
        "SELECT 1 FROM sqlite_master",
        "SELECT sql FROM temp.sqlite_master",
        "SELECT COUNT(*) FROM sqlite_temp_schema",
        "SELECT * FROM main.sqlite_schema",
        "SELECT 1 FROM sqlite_sequence",
        "SELECT * FROM sqlite_dbpage",
        "SELECT * FROM sqlite_stmt",
        "SELECT * FROM dbstat",
        "SELECT COUNT(*) FROM dbstat",
        "SELECT * FROM bytecode('SELECT 1')",
        "SELECT * FROM pragma_table_info('data')",
        "SELECT 1 FROM pragma_database_list",
        "SELECT COUNT(*) FROM pragma_function_list()",
        "SELECT * FROM pragma_compile_options",
        "SELECT * FROM generate_series(1, 10)",
        "SELECT * FROM fts5vocab",
        "SELECT * FROM rtree",
        "SELECT * FROM other.data",
    };
    fixture_t *f = *state;
    size_t i, round;

    /* Twice: what SQLite remembers of the first time must not open the door. */
    for (round = 0; round < 2; round++) {
        for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
            refused(f, bad[i], LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, "table");
        }
    }
    refused(f, "SELECT * FROM users", LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, "table");
    assert_string_equal(fixture_detail(f, "name"), "users");
    assert_string_equal(fixture_detail(f, "allowed"), "[\"data\"]");
    assert_non_null(strstr(fixture_text(f, f->error.message), "The only table is data"));
}


static void
test_forbidden_functions(void **state)
{
    static const char *const bad[] = {
        "SELECT load_extension('x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT edit('x')",
        "SELECT sqlite_version()",
        "SELECT sqlite_source_id()",
        "SELECT sqlite_compileoption_get(1)",
        "SELECT sqlite_compileoption_used('X')",
        "SELECT sqlite_log(1, 'x')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT random()",
        "SELECT stage FROM data ORDER BY random()",
        "SELECT randomblob(4)",
        "SELECT zeroblob(1000000000)",
        "SELECT last_insert_rowid()",
        "SELECT changes()",
        "SELECT total_changes()",
        "SELECT 'a' REGEXP 'b'",
        "SELECT 'a' MATCH 'b'",
        "SELECT no_such_function(1)",
        "SELECT cuont(stage) FROM data",
        "SELECT json_patch('{}', '{}')",
        "SELECT \"load_extension\"('x')",
        "SELECT (WITH c AS (SELECT random() AS r) SELECT r FROM c)",
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        refused(f, bad[i], LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, "function");
    }
    refused(f, "SELECT cuont(stage) FROM data", LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, "function");
    assert_string_equal(fixture_detail(f, "name"), "cuont");
    assert_non_null(strstr(fixture_detail(f, "suggestions"), "\"count\""));
    refused(f, "SELECT 'a' REGEXP 'b'", LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, "function");
    assert_non_null(strstr(fixture_text(f, f->error.message), "LIKE"));
}


static void
test_parse_errors(void **state)
{
    static const char *const bad[] = {
        "SELEC 1",
        "SELECT",
        "SELECT FROM data",
        "SELECT * FROM data WHERE",
        "SELECT ((1)",
        "SELECT 'open",
        "hello",
        "SELECT * FROM data ORDER BY 99",
        "SELECT sum(stage, 1) FROM data",
        "SELECT 1 UNION SELECT 1, 2",
        "SELECT count(*) FROM data WHERE count(*) > 1",
        "WITH data AS (SELECT * FROM data) SELECT * FROM data",
        "SELECT median(quantity) OVER () FROM data",
        "SELECT 1 INTO OUTFILE 'x'",
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        refused(f, bad[i], LOOKOUT_SQL_PARSE_ERROR, NULL);
        assert_true(strlen(fixture_detail(f, "sqliteMessage")) > 0);
    }
}


static void
test_unknown_columns(void **state)
{
    fixture_t *f = *state;

    refused(f, "SELECT stage, amuont_usd FROM data", LOOKOUT_SQL_PARSE_ERROR, NULL);
    assert_non_null(strstr(fixture_detail(f, "suggestions"), "\"amount_usd\""));
    assert_string_equal(fixture_detail(f, "sqliteMessage"), "no such column: amuont_usd");
    assert_string_equal(fixture_detail(f, "offset"), "14");
    assert_non_null(strstr(fixture_text(f, f->error.message), "Did you mean \"amount_usd\"?"));

    refused(f, " ;\n SELECT d.regoin FROM data d", LOOKOUT_SQL_PARSE_ERROR, NULL);
    assert_non_null(strstr(fixture_detail(f, "suggestions"), "\"region\""));
    assert_string_equal(fixture_detail(f, "offset"), "11");

    /* Double quotes never make a string. */
    refused(f, "SELECT * FROM data WHERE stage = \"Proposal\"", LOOKOUT_SQL_PARSE_ERROR, NULL);
    assert_non_null(strstr(fixture_text(f, f->error.message), "'single quotes'"));

    refused(f, "SELECT rowid FROM data", LOOKOUT_SQL_PARSE_ERROR, NULL);
    refused(f, "SELECT _rowid_ FROM data", LOOKOUT_SQL_PARSE_ERROR, NULL);
}


/* Repeats a text: prefix, n times the unit, suffix. */
static const char *
repeated(fixture_t *f, const char *prefix, const char *unit, int n, const char *suffix)
{
    size_t len = strlen(unit), at = strlen(prefix);
    char *text = lookout_arena_alloc(f->arena, at + len * (size_t) n + strlen(suffix) + 1);

    (void) strcpy(text, prefix);
    for (; n > 0; n--, at += len) {
        (void) strcpy(text + at, unit);
    }
    (void) strcpy(text + at, suffix);
    return text;
}


static void
test_invalid_queries(void **state)
{
    fixture_t *f = *state;
    sqlite3_stmt *stmt;

    refused(f, "", LOOKOUT_INVALID_QUERY, "empty");
    refused(f, " \n\t", LOOKOUT_INVALID_QUERY, "empty");
    refused(f, ";;", LOOKOUT_INVALID_QUERY, "empty");
    refused(f, "-- nothing", LOOKOUT_INVALID_QUERY, "empty");
    refused(f, "/* open", LOOKOUT_INVALID_QUERY, "empty");
    refused(f, "SELECT * FROM data WHERE stage = ?", LOOKOUT_INVALID_QUERY, "parameter");
    refused(f, "SELECT :a", LOOKOUT_INVALID_QUERY, "parameter");
    refused(f, "SELECT 'a\xff'", LOOKOUT_INVALID_QUERY, "bad_text");
    assert_code(f,
                lookout_gate_prepare(f->arena, &f->extract,
                                     (lookout_str_t){ "SELECT 1\0; DROP", 15 }, &stmt, NULL,
                                     &f->error),
                LOOKOUT_INVALID_QUERY);
    assert_string_equal(fixture_detail(f, "reason"), "bad_text");
    refused(f, repeated(f, "SELECT 1", " ", 8192, ""), LOOKOUT_INVALID_QUERY, "too_long");
    assert_string_equal(first_row(f, repeated(f, "SELECT 1", " ", 8192 - 8, "")), "[1]");
}


/* The n-th WITH expression uses the one before it twice: 2^n SELECTs. */
static const char *
unfolding(fixture_t *f, int n)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const char *text;
    int i;

    lookout_buf_puts(&b, "WITH a0 AS (SELECT 1 x FROM data)");
    for (i = 1; i < n; i++) {
        lookout_buf_printf(&b, ", \"A%d\" (x) AS NOT MATERIALIZED (SELECT 1 FROM a%d, a%d z)",
                           i, i - 1, i - 1);
    }
    lookout_buf_printf(&b, " SELECT 1 FROM a%d LIMIT 1", n - 1);
    text = fixture_text(f, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return text;
}


static void
test_bombs(void **state)
{
    fixture_t *f = *state;
    const char *arm = ", (SELECT 1 FROM data UNION ALL SELECT 2 FROM data)";

    assert_string_equal(first_row(f, unfolding(f, 6)), "[1]");
    refused(f, unfolding(f, 40), LOOKOUT_INVALID_QUERY, "too_complex");
    refused(f, unfolding(f, 100), LOOKOUT_INVALID_QUERY, "too_complex");
    refused(f, repeated(f, "SELECT 1 FROM data d", arm, 40, ""), LOOKOUT_INVALID_QUERY,
            "too_complex");
    refused(f, repeated(f, "SELECT ", "(", 200, repeated(f, "1", ")", 200, "")),
            LOOKOUT_INVALID_QUERY, "too_complex");
    refused(f, repeated(f, "SELECT 1", "+1", 200, ""), LOOKOUT_INVALID_QUERY, "too_complex");
    refused(f, repeated(f, "SELECT 1", ",1", 300, ""), LOOKOUT_INVALID_QUERY, "too_complex");
    refused(f, repeated(f, "SELECT 1", " UNION SELECT 1", 30, ""), LOOKOUT_INVALID_QUERY,
            "too_complex");
    refused(f, repeated(f, "SELECT coalesce(1", ",1", 100, ")"), LOOKOUT_INVALID_QUERY,
            "too_complex");
    refused(f, repeated(f, "SELECT 1 FROM data d", ", data", 80, ""), LOOKOUT_INVALID_QUERY,
            "too_complex");
    refused(f, repeated(f, "SELECT ", "a(", 4000, ""), LOOKOUT_INVALID_QUERY, "too_complex");
}


static void
test_clock(void **state)
{
    static const struct {
        const char *sql;
        bool clock;
    } cases[] = {
        { "SELECT strftime('%Y-%m', close_date) FROM data", false },
        { "SELECT date(close_date, 'start of month'), 'know' FROM data",
          true }, /* to be safe */
        { "SELECT date(close_date, 'start of month') FROM data", false },
        { "SELECT 'now'", false },
        { "SELECT date('now')", true },
        { "SELECT DATETIME('NOW', '-1 day')", true },
        { "SELECT date ( )", true },
        { "SELECT strftime('%Y')", true },
        { "SELECT strftime('%Y', (SELECT max(close_date) FROM data))", false },
        { "SELECT CURRENT_TIMESTAMP", true },
        { "SELECT current_date", true },
        { "SELECT COUNT(*) FROM data", false },
        { "SELECT row_number() OVER (), date(close_date) FROM data", false },
    };
    sqlite3_stmt *stmt;
    size_t i;
    bool clock;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        clock = !cases[i].clock;
        assert_code((fixture_t *) *state, prepare(*state, cases[i].sql, &stmt, &clock),
                    LOOKOUT_OK);
        if (clock != cases[i].clock) {
            fail_msg("%s", cases[i].sql);
        }
        (void) sqlite3_finalize(stmt);
        lookout_gate_leave(&((fixture_t *) *state)->extract);
    }
}


/* After the gate, the server's own statements run freely, and still cannot write. */
static void
test_leave(void **state)
{
    fixture_t *f = *state;
    sqlite3 *sql = f->extract.db.sql;
    sqlite3_stmt *stmt;

    refused(f, "SELECT * FROM main.extract", LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, "table");
    assert_int_equal(sqlite3_exec(sql, "SELECT * FROM main.extract", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_code(f, prepare(f, "SELECT stage FROM data", &stmt, NULL), LOOKOUT_OK);
    assert_int_equal(sqlite3_exec(sql, "SELECT * FROM main.extract", NULL, NULL, NULL),
                     SQLITE_AUTH);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    (void) sqlite3_finalize(stmt);
    lookout_gate_leave(&f->extract);
    assert_int_equal(sqlite3_exec(sql, "SELECT * FROM main.extract", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(sql, "DELETE FROM main.extract", NULL, NULL, NULL),
                         SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(sql, "CREATE TEMP TABLE t (x)", NULL, NULL, NULL),
                         SQLITE_OK);
}


static void
test_text_functions(void **state)
{
    static const char *const cases[][2] = {
        { "SELECT 'Straße' LIKE 'STRASSE', 'ÉCOLE' LIKE 'école', 'Ω' LIKE 'ω'", "[0,1,1]" },
        { "SELECT 'abc' LIKE '%', '' LIKE '%', 'abc' LIKE '_b_', 'abc' LIKE '__'",
          "[1,1,1,0]" },
        { "SELECT 'abcabd' LIKE '%ab_d', 'abcabd' LIKE '%abd', 'xay' LIKE '%a%', 'x' LIKE ''",
          "[0,1,1,0]" },
        { "SELECT '50%' LIKE '50\\%' ESCAPE '\\', '500' LIKE '50\\%' ESCAPE '\\',"
          " 'a' LIKE 'a\\' ESCAPE '\\'",
          "[1,0,0]" },
        { "SELECT '100 \u212a' LIKE '%k', 'xxabab' LIKE '%Aba%', 'xay' LIKE '%å%'", "[1,1,0]" },
        { "SELECT 'åb' LIKE '_b', NULL LIKE 'a', 'a' LIKE NULL, 12 LIKE '1%'",
          "[1,null,null,1]" },
        { "SELECT 'abc' GLOB 'a*c', 'ABC' GLOB 'a*c', 'abc' GLOB '?[a-c]?', 'abc' GLOB "
          "'a[^b]c'",
          "[1,0,1,0]" },
        { "SELECT 'a]c' GLOB 'a[]]c', 'a-c' GLOB 'a[x-]c', 'abc' GLOB 'a[b', 'å' GLOB '[å-ö]'",
          "[1,1,0,1]" },
        { "SELECT instr('hållo', 'l'), instr('abc', 'x'), instr('abc', ''), instr(NULL, 'a')",
          "[3,0,1,null]" },
        { "SELECT replace('aXbX', 'X', 'yy'), replace('abc', '', 'z'), replace('aaa', 'aa', "
          "'b')",
          "[\"ayybyy\",\"abc\",\"ba\"]" },
        { "SELECT replace('abc', 'abc', ''), replace('a', 'aa', 'b'), replace(NULL, 'a', 'b')",
          "[\"\",\"a\",null]" },
        { "SELECT lower('ÅSE Ab'), upper('åse ab'), lower(NULL), upper(12), lower('')",
          "[\"åse ab\",\"ÅSE AB\",null,\"12\",\"\"]" },
        { "SELECT length(lower(CAST(x'fffefd' AS TEXT))), upper(char(0x250)) = char(0x2c6f)",
          "[3,1]" },
        { "SELECT trim('  a b '), ltrim('  a '), rtrim(' a  '), trim('xåax', 'åx'), trim('   "
          "')",
          "[\"a b\",\"a \",\" a\",\"a\",\"\"]" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(first_row(f, cases[i][0]), cases[i][1]);
    }
    /* A pattern that takes others exponential time. */
    assert_string_equal(
        first_row(f, repeated(f, "SELECT printf('%.500c', 'a') LIKE '", "%a", 100, "%b'")),
        "[0]");
}


/* median against its definition, over many orders of values: rising, falling, equal, mixed. */
static void
test_median(void **state)
{
    static const char *const values[] = {
        "i", "-i", "i % 2", "7", "i * 7919 % 1009", "abs(i - 50)", "i * i % 31 - i / 3.0"
    };
    fixture_t *f = *state;
    const char *sql;
    size_t i;
    int n;

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        for (n = 1; n < 120; n += 7) {
            sql =
                lookout_arena_printf(
                    f->arena,
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                    "%d), v(x) AS (SELECT %s FROM n), s(x, at) AS (SELECT x, row_number() OVER "
                    "(ORDER BY x) FROM v) SELECT abs(median(x) - (SELECT avg(x) FROM s WHERE "
                    "at "
                    "IN ((%d + 1) / 2, (%d + 2) / 2))) < 1e-9 FROM v",
                    n, values[i], n, n)
                    .data;
            assert_string_equal(first_row(f, sql), "[1]");
        }
    }
}


static void
test_extract_replaced(void **state)
{
    fixture_t *f = *state;
    char version[sizeof(f->extract.version)];

    (void) strcpy(version, f->extract.version);
    assert_true(strlen(version) > 8);
    fixture_open(f);
    assert_string_equal(f->extract.version, version);

    fixture_write(f, fixture_schema, "PRAGMA user_version = 78;");
    fixture_open(f);
    assert_string_not_equal(f->extract.version, version);
    assert_string_equal(first_row(f, "SELECT COUNT(*) FROM data"), "[0]");

    fixture_write(f, "PRAGMA application_id = 0x4c4b4f45; CREATE TABLE other (x);", NULL);
    assert_code(f, lookout_extract_fresh(&f->extract, f->path, f->arena, &f->error),
                LOOKOUT_DATASOURCE_OFFLINE);
    assert_string_equal(fixture_detail(f, "reason"), "extract_unreadable");
    assert_null(strstr(fixture_text(f, f->error.message), f->folder));
    assert_non_null(strstr(f->extract.db.why, "extract"));

    assert_int_equal(unlink(f->path), 0);
    assert_code(f, lookout_extract_fresh(&f->extract, f->path, f->arena, &f->error),
                LOOKOUT_DATASOURCE_OFFLINE);
    fixture_write(f, fixture_schema, fixture_rows);
    fixture_open(f);
    assert_string_equal(first_row(f, "SELECT COUNT(*) FROM data"), "[6]");
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_allowed),
        TEST(test_forbidden_statements),
        TEST(test_several_statements),
        TEST(test_forbidden_tables),
        TEST(test_forbidden_functions),
        TEST(test_parse_errors),
        TEST(test_unknown_columns),
        TEST(test_invalid_queries),
        TEST(test_bombs),
        TEST(test_clock),
        TEST(test_leave),
        TEST(test_text_functions),
        TEST(test_median),
        TEST(test_extract_replaced),
    };

    return cmocka_run_group_tests_name("query gate", tests, NULL, NULL);
}
