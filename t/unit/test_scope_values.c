/*
 * Restrictions themselves: one after another on the same connection, of any value and size, and
 * what the server's own statements read under them.
 */

#include <float.h>
#include <math.h>

#include "../../ngx_lookout_module/query/run.h"
#include "../../ngx_lookout_module/query/view.h"
#include "scope_fixture.h"


/* ---- changing ---- */

static int
rows_shown(fixture_t *f)
{
    return atoi(asked(f, "SELECT count(*) FROM data"));
}


static int
own_rows(fixture_t *f)
{
    sqlite3_stmt *stmt;
    int n;
    const char *sql = lookout_arena_printf(f->arena, "SELECT count(*), max(rowid) FROM %s",
                                           lookout_extract_rows(&f->extract))
                          .data;

    assert_int_equal(sqlite3_prepare_v2(f->extract.db.sql, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    n = sqlite3_column_int(stmt, 0);
    assert_true(n == 0 || sqlite3_column_int(stmt, 1) > 0);
    (void) sqlite3_finalize(stmt);
    return n;
}


static void
test_changes(void **state)
{
    static const struct {
        const char *filters; /* NULL: none */
        int rows;
    } steps[] = {
        { VISIBLE, 120 },
        { VISIBLE, 120 },
        { NULL, 240 },
        { NULL, 240 },
        { "[{\"field\":\"region\",\"op\":\"eq\",\"value\":\"NA\"}]", 72 },
        { "[{\"field\":\"region\",\"op\":\"eq\",\"value\":\"nowhere\"}]", 0 },
        { "[{\"field\":\"region\",\"op\":\"is_null\"}]", 24 },
        { NULL, 240 },
        { "[{\"field\":\"bomb\",\"op\":\"gt\",\"value\":0},{\"field\":\"bomb\",\"op\":\"lte\","
          "\"value\":2}]",
          48 },
        { "[{\"field\":\"bomb\",\"op\":\"eq\",\"value\":\"-9223372036854775808\"}]", 120 },
        { "[{\"field\":\"is_won\",\"op\":\"eq\",\"value\":true},{\"field\":\"region\",\"op\":"
          "\"neq\",\"value\":\"NA\"}]",
          60 + 12 },
        { "[{\"field\":\"at\",\"op\":\"eq\",\"value\":\"2026-01-02\"}]", 24 },
        { "[{\"field\":\"day\",\"op\":\"between\",\"value\":[\"2026-01-02\",\"2026-01-03\"]}]",
          2 },
        { "[{\"field\":\"owner\",\"op\":\"like\",\"value\":\"OWNER _\"}]", 120 },
        { "[{\"field\":\"owner\",\"op\":\"in\",\"value\":[\"owner 1\",\"HIDDEN owner 1\"]}]",
          36 },
        { VISIBLE, 120 },
        { NULL, 240 },
    };
    pair_t *p = *state;
    size_t i;

    for (i = 0; i < COUNT(steps); i++) {
        restrict_to(&p->all, steps[i].filters);
        assert_int_equal(rows_shown(&p->all), steps[i].rows);
        assert_int_equal(own_rows(&p->all), steps[i].rows);
    }

    /* The connection is as closed to writing as before. */
    assert_int_equal(
        sqlite3_exec(p->all.extract.db.sql, "CREATE TEMP TABLE t (a)", NULL, NULL, NULL),
        SQLITE_READONLY);
}


/* An unchanged restriction, and none, cost no statement: nothing is compiled. */
static int
count_traces(unsigned kind, void *data, void *stmt, void *text)
{
    (void) kind;
    (void) stmt;
    (void) text;
    ++*(int *) data;
    return 0;
}


static void
test_unchanged(void **state)
{
    pair_t *p = *state;
    int n = 0;

    sqlite3_trace_v2(p->all.extract.db.sql, SQLITE_TRACE_STMT, count_traces, &n);
    restrict_to(&p->all, VISIBLE);
    assert_int_equal(n, 0);
    restrict_to(&p->all, NULL);
    assert_true(n > 0);
    n = 0;
    restrict_to(&p->all, NULL);
    assert_int_equal(n, 0);
    assert_string_equal(lookout_extract_rows(&p->all.extract), "main.extract");
}


/* A file that takes the other's place is as open as any new one, until it is restricted. */
static void
test_new_file(void **state)
{
    pair_t *p = *state;

    write_file(&p->all, true, 1);
    assert_int_equal(rows_shown(&p->all), 240);
    restrict_to(&p->all, VISIBLE);
    assert_int_equal(rows_shown(&p->all), 120);
}


/* ---- values ---- */

/* A value, and the doubles on both sides of it. */
static void
add_neighbours(sqlite3_stmt *insert, double value)
{
    const double values[] = { nextafter(value, -DBL_MAX), value, nextafter(value, DBL_MAX) };
    size_t i;

    for (i = 0; i < COUNT(values); i++) {
        assert_int_equal(sqlite3_bind_double(insert, 1, values[i]), SQLITE_OK);
        assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
        assert_int_equal(sqlite3_reset(insert), SQLITE_OK);
    }
}


/* An extract of these amounts and their neighbours alone. */
static void
write_amounts(fixture_t *f, const double *amounts, size_t n)
{
    sqlite3 *db;
    sqlite3_stmt *insert;
    size_t i;

    lookout_extract_close(&f->extract);
    fixture_write(f, schema, NULL);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "INSERT INTO extract (amount) VALUES (?)", -1, &insert, NULL),
        SQLITE_OK);
    for (i = 0; i < n; i++) {
        add_neighbours(insert, amounts[i]);
    }
    (void) sqlite3_finalize(insert);
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    fixture_open(f);
    f->extract.fields = (lookout_fields_t){ fields, COUNT(fields) };
}


/* One filter with a value that no JSON need have. */
static lookout_code_e
restrict_to_value(fixture_t *f, const char *field, lookout_bind_t value)
{
    lookout_filter_t filter =
        filters_of(f, "[{\"field\":\"amount\",\"op\":\"eq\",\"value\":1}]").items[0];

    filter.field = lookout_fields_find(f->extract.fields, lookout_str(field));
    filter.values = &value;
    return lookout_extract_restrict(f->arena, &f->extract, (lookout_filters_t){ &filter, 1 },
                                    &f->error);
}


/* The one amount that is shown. */
static double
amount_shown(fixture_t *f)
{
    sqlite3_stmt *stmt;
    double amount;

    assert_code(f,
                lookout_gate_prepare(f->arena, &f->extract,
                                     LOOKOUT_STR("SELECT amount FROM data"), &stmt, NULL,
                                     &f->error),
                LOOKOUT_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    amount = sqlite3_column_double(stmt, 0);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    (void) sqlite3_finalize(stmt);
    lookout_gate_leave(&f->extract);
    return amount;
}


/* Each double shows itself, and neither of its neighbours: it is in the view to its last bit.
 * */
static void
test_doubles(void **state)
{
    static const double special[] = {
        0.1 + 0.2,
        1.0 / 3,
        -1.0 / 3,
        1e15 + 0.3,
        123456789.123456789,
        4.35,
        1e22,
        9007199254740994.0,
        5e-5,
        0.0001,
        1e100,
        -84000.1,
        2.5,
        3.141592653589793,
    };
    fixture_t *f = &((pair_t *) *state)->all;
    double amounts[1000];
    uint32_t random = 99;
    size_t i;

    for (i = 0; i < COUNT(amounts); i++) {
        random = random * 1664525 + 1013904223;
        amounts[i] = i < COUNT(special)
                         ? special[i]
                         : (random + (double) i / 7) * pow(10, (double) (i % 24) - 12);
    }
    write_amounts(f, amounts, COUNT(amounts));
    for (i = 0; i < COUNT(amounts); i++) {
        assert_code(f,
                    restrict_to_value(
                        f, "amount",
                        (lookout_bind_t){ .kind = LOOKOUT_BIND_DOUBLE, .real = amounts[i] }),
                    LOOKOUT_OK);
        assert_true(amount_shown(f) == amounts[i]);
        assert_int_equal(own_rows(f), 1);
    }
}


/* What cannot stand in the text of a view shows nothing at all, and leaves nothing behind. */
static void
test_unfit_values(void **state)
{
    static const lookout_field_t more[] = {
        FIELD("amount", LOOKOUT_FLOAT, LOOKOUT_MEASURE, true, "[]", false),
        FIELD("gone", LOOKOUT_STRING, LOOKOUT_DIMENSION, true, "[]", false),
        FIELD("owner", LOOKOUT_STRING, LOOKOUT_DIMENSION, true, "[]", false),
    };
    static const struct {
        const char *field;
        lookout_bind_t value;
    } unfit[] = {
        { "amount", { .kind = LOOKOUT_BIND_DOUBLE, .real = INFINITY } },
        { "amount", { .kind = LOOKOUT_BIND_DOUBLE, .real = NAN } },
        { "owner", { .kind = LOOKOUT_BIND_TEXT, .text = LOOKOUT_STR("EMEA\0") } },
        { "gone", { .kind = LOOKOUT_BIND_TEXT, .text = LOOKOUT_STR("gone") } },
    };
    fixture_t *f = &((pair_t *) *state)->all;
    size_t i;

    for (i = 0; i < COUNT(unfit); i++) {
        f->extract.fields = (lookout_fields_t){ more, COUNT(more) };
        assert_code(f, restrict_to_value(f, unfit[i].field, unfit[i].value),
                    LOOKOUT_INTERNAL_ERROR);
        assert_string_equal(fixture_text(f, f->error.details), "{\"reason\":\"scope_filter\"}");
        assert_null(f->extract.db.sql);
        assert_null(f->extract.gate);

        fixture_open(f);
        assert_int_equal(rows_shown(f), 240);
    }
}


/* Texts and names are what they are, whatever SQL might take them for. */
static void
test_texts(void **state)
{
    static const lookout_field_t odd[] = {
        FIELD("a \"b\" ? ?1 :c @d $e -- '", LOOKOUT_STRING, LOOKOUT_DIMENSION, true, "[]",
              false),
        FIELD("id", LOOKOUT_INTEGER, LOOKOUT_IDENTIFIER, true, "[]", false),
    };
    static const char *const texts[] = {
        "'",  "''",   "' OR 1=1 --", "\"",    "\\",  "?",      "?1",
        ":a", "$x",   "@p",          "%",     "_",   ";",      "'; DROP VIEW data; --",
        "\n", "\t\r", "/* */",       "x'41'", "é",   "日本語", "\xf0\x9f\x8d\xb0",
        " ",  "",     "NULL",        "0",     "1e5", "--",     "a'b\"c?d",
    };
    fixture_t *f = &((pair_t *) *state)->all;
    char *sql;
    size_t i;

    lookout_extract_close(&f->extract);
    sql = sqlite3_mprintf("PRAGMA synchronous = OFF; PRAGMA application_id = 0x4c4b4f45;"
                          "CREATE TABLE extract (\"%w\" TEXT, id INTEGER) STRICT;",
                          odd[0].name.data);
    for (i = 0; i < COUNT(texts); i++) {
        sql =
            sqlite3_mprintf("%z INSERT INTO extract VALUES (%Q, %d);", sql, texts[i], (int) i);
    }
    fixture_write(f, sql, NULL);
    sqlite3_free(sql);
    fixture_open(f);
    f->extract.fields = (lookout_fields_t){ odd, COUNT(odd) };

    for (i = 0; i < COUNT(texts); i++) {
        lookout_bind_t value = { .kind = LOOKOUT_BIND_TEXT, .text = lookout_str(texts[i]) };
        lookout_filter_t filter =
            filters_of(f, "[{\"field\":\"id\",\"op\":\"eq\",\"value\":1}]").items[0];

        filter.field = &odd[0];
        filter.values = &value;
        assert_code(f,
                    lookout_extract_restrict(f->arena, &f->extract,
                                             (lookout_filters_t){ &filter, 1 }, &f->error),
                    LOOKOUT_OK);
        assert_int_equal(rows_shown(f), 1);
        assert_int_equal(own_rows(f), 1);
        assert_int_equal(atoi(asked(f, "SELECT id FROM data")), (int) i);
    }
}


/* ---- sizes ---- */

/* A large restriction takes nothing of what an analyst's statement may have. */
static void
test_large(void **state)
{
    pair_t *p = *state;
    fixture_t *f = &p->all;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const char *deep, *wide;
    size_t i;

    lookout_buf_puts(&b, "SELECT count(*) FROM data WHERE EXISTS (SELECT 1 FROM data WHERE ");
    for (i = 0; i < 90; i++) {
        lookout_buf_puts(&b, "bomb + (");
    }
    lookout_buf_putc(&b, '1');
    for (i = 0; i < 91; i++) {
        lookout_buf_putc(&b, ')');
    }
    deep = lookout_arena_copy(f->arena, lookout_buf_text(&b)).data;
    lookout_buf_reset(&b);
    lookout_buf_puts(&b, "SELECT count(*) FROM data");
    for (i = 0; i < 10; i++) {
        lookout_buf_puts(&b, " WHERE bomb IN (SELECT bomb FROM data");
    }
    for (i = 0; i < 10; i++) {
        lookout_buf_putc(&b, ')');
    }
    wide = lookout_arena_copy(f->arena, lookout_buf_text(&b)).data;

    same(p, deep);
    same(p, wide);

    lookout_buf_reset(&b);
    for (i = 0; i < 63; i++) {
        lookout_buf_printf(&b, "%s{\"field\":\"amount\",\"op\":\"neq\",\"value\":%zu.25}",
                           i == 0 ? "[" : ",", i);
    }
    lookout_buf_puts(&b, ",{\"field\":\"region\",\"op\":\"in\",\"value\":[\"EMEA\"");
    for (i = 0; i < 999; i++) {
        lookout_buf_printf(&b, ",\"some other region with a long name %zu\"", i);
    }
    lookout_buf_puts(&b, "]}]");
    restrict_to(f, lookout_arena_copy(f->arena, lookout_buf_text(&b)).data);
    lookout_buf_free(&b);

    assert_int_equal(rows_shown(f), 120);
    same(p, deep);
    same(p, wide);
}


/* ---- the server's own ---- */

/* Columns keep their types, roles and names. */
static void
test_columns(void **state)
{
    pair_t *p = *state;
    fixture_t *files[] = { &p->all, &p->visible };
    const char *text[2];
    size_t i;

    for (i = 0; i < 2; i++) {
        fixture_t *f = files[i];
        const lookout_page_t page = { .page_size = 10, .row_cap = 100 };
        lookout_buf_t b = LOOKOUT_BUF_INIT;
        lookout_result_t result;
        sqlite3_stmt *stmt;

        assert_code(f,
                    lookout_gate_prepare(f->arena, &f->extract,
                                         LOOKOUT_STR("SELECT *, bomb + 1 AS x FROM data ORDER "
                                                     "BY amount"),
                                         &stmt, NULL, &f->error),
                    LOOKOUT_OK);
        assert_code(f,
                    lookout_run(f->arena, &f->extract, stmt, (lookout_columns_t){ 0 }, &page,
                                NULL, &result, &f->error),
                    LOOKOUT_OK);
        (void) sqlite3_finalize(stmt);
        lookout_gate_leave(&f->extract);
        lookout_columns_json(result.columns, &b);
        lookout_buf_str(&b, lookout_buf_text(&result.rows));
        text[i] = lookout_arena_copy(f->arena, lookout_buf_text(&b)).data;
        lookout_buf_free(&b);
    }
    assert_string_equal(text[0], text[1]);
    assert_non_null(strstr(text[0], "\"boolean\""));
    assert_non_null(strstr(text[0], "\"timestamp\""));
}


static const char *
viewed(fixture_t *f, const char *encoding, const char *filters)
{
    lookout_columns_t columns;
    sqlite3_stmt *stmt;
    const char *text;
    lookout_sql_t sql;

    assert_code(f,
                lookout_view_compile(f->arena, &f->extract, fixture_json(f, encoding),
                                     filters_of(f, filters), NULL, &sql, &columns, &f->error),
                LOOKOUT_OK);
    assert_int_equal(lookout_sql_prepare(&sql, f->extract.db.sql, &stmt), SQLITE_OK);
    text = lines(f, stmt);
    (void) sqlite3_finalize(stmt);
    return text;
}


static void
test_views(void **state)
{
#define X(field, more) "{\"x\":{\"field\":\"" field "\"" more "},"
    static const char *const encodings[] = {
        X("owner", "") "\"y\":{\"aggregate\":\"count\"}}",
        X("owner", ",\"sort\":\"-y\"") "\"y\":{\"field\":\"bomb\",\"aggregate\":\"sum\"}}",
        X("owner", ",\"sort\":null") "\"y\":{\"field\":\"bomb\",\"aggregate\":\"min\"}}",
        X("bomb", ",\"bin\":true") "\"y\":{\"aggregate\":\"count\"}}",
        X("amount", ",\"bin\":{\"maxbins\":7}") "\"y\":{\"aggregate\":\"count\"}}",
        X("day", ",\"timeUnit\":\"yearmonth\"") "\"y\":{\"field\":\"amount\",\"aggregate\":"
                                                "\"median\"}}",
        X("amount", "") "\"y\":{\"field\":\"bomb\"},\"color\":{\"field\":\"region\"}}",
        "{\"y\":{\"field\":\"bomb\",\"aggregate\":\"sum\"}}",
        "{\"y\":{\"field\":\"amount\",\"aggregate\":\"max\"}}",
    };
    static const char *const filters[] = {
        "[]",
        "[{\"field\":\"owner\",\"op\":\"like\",\"value\":\"%1%\"}]",
        "[{\"field\":\"region\",\"op\":\"eq\",\"value\":\"NA\"}]",
        "[{\"field\":\"region\",\"op\":\"is_null\"}]",
        "[{\"field\":\"bomb\",\"op\":\"lt\",\"value\":2}]",
    };
    pair_t *p = *state;
    size_t plan, i, k;

    for (plan = 0; plan < COUNT(plans); plan++) {
        with_plan(p, plan);
        for (i = 0; i < COUNT(encodings); i++) {
            for (k = 0; k < COUNT(filters); k++) {
                assert_string_equal(viewed(&p->all, encodings[i], filters[k]),
                                    viewed(&p->visible, encodings[i], filters[k]));
            }
        }
        forget(p);
    }
}


/* ---- time ---- */

/* What a statement costs SQLite, in its own steps. */
static int
cost(sqlite3_stmt *stmt)
{
    int n;

    while (sqlite3_step(stmt) == SQLITE_ROW) {
    }
    n = sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 0);
    (void) sqlite3_finalize(stmt);
    return n;
}


static int
cost_of_view(fixture_t *f, const char *filters)
{
    lookout_columns_t columns;
    sqlite3_stmt *stmt;
    lookout_sql_t sql;

    assert_code(f,
                lookout_view_compile(
                    f->arena, &f->extract,
                    fixture_json(f, "{\"x\":{\"field\":\"owner\"},\"y\":{\"field\":\"bomb\","
                                    "\"aggregate\":\"sum\"}}"),
                    filters_of(f, filters), NULL, &sql, &columns, &f->error),
                LOOKOUT_OK);
    assert_int_equal(lookout_sql_prepare(&sql, f->extract.db.sql, &stmt), SQLITE_OK);
    return cost(stmt);
}


static int
cost_of_query(fixture_t *f, const char *where)
{
    sqlite3_stmt *stmt;
    const char *sql =
        lookout_arena_printf(f->arena, "SELECT sum(bomb) FROM data WHERE %s", where).data;

    assert_code(
        f,
        lookout_gate_prepare(f->arena, &f->extract, lookout_str(sql), &stmt, NULL, &f->error),
        LOOKOUT_OK);
    lookout_gate_leave(&f->extract);
    return cost(stmt);
}


/* A value that hidden rows have costs as much to look for as one that no row has: who asks
 * cannot tell from the time. */
static void
test_costs(void **state)
{
    static const char *const filters[][2] = {
        { "[{\"field\":\"owner\",\"op\":\"like\",\"value\":\"HIDDEN%\"}]",
          "[{\"field\":\"owner\",\"op\":\"like\",\"value\":\"NOBODY%\"}]" },
        { "[{\"field\":\"owner\",\"op\":\"eq\",\"value\":\"HIDDEN owner 1\"}]",
          "[{\"field\":\"owner\",\"op\":\"eq\",\"value\":\"NOBODY owner 1\"}]" },
        { "[{\"field\":\"bomb\",\"op\":\"lt\",\"value\":0}]",
          "[{\"field\":\"bomb\",\"op\":\"gt\",\"value\":99}]" },
        { "[{\"field\":\"region\",\"op\":\"eq\",\"value\":\"NA\"}]",
          "[{\"field\":\"region\",\"op\":\"eq\",\"value\":\"XX\"}]" },
    };
    static const char *const wheres[][2] = {
        { "owner LIKE 'HIDDEN%'", "owner LIKE 'NOBODY%'" },
        { "owner = 'HIDDEN owner 1'", "owner = 'NOBODY owner 1'" },
        { "bomb = -9223372036854775808", "bomb = 9223372036854775807" },
        { "region = 'NA' AND abs(bomb) > 0", "region = 'XX' AND abs(bomb) > 0" },
    };
    pair_t *p = *state;
    size_t plan, i;

    for (plan = 0; plan < COUNT(plans); plan++) {
        with_plan(p, plan);
        for (i = 0; i < COUNT(filters); i++) {
            assert_int_equal(cost_of_view(&p->all, filters[i][0]),
                             cost_of_view(&p->all, filters[i][1]));
        }
        for (i = 0; i < COUNT(wheres); i++) {
            assert_int_equal(cost_of_query(&p->all, wheres[i][0]),
                             cost_of_query(&p->all, wheres[i][1]));
        }
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unchanged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_new_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_doubles, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unfit_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_views, setup, teardown),
        cmocka_unit_test_setup_teardown(test_costs, setup, teardown),
    };

    return cmocka_run_group_tests_name("scope_values", tests, NULL, NULL);
}
