/*
 * Restricted extracts, as an attacker would try them: whatever is asked of the file with hidden
 * rows must answer as the file without them does, to the letter, errors included.
 */

#include "scope_fixture.h"

/* Each fails on every hidden row, and on none that is visible. */
static const char *const bombs[] = {
    "abs(d.bomb)",
    "json_extract(d.doc, '$.a')",
    "json(d.doc)",
    "(d.doc -> '$.a')",
    "json_array_length(d.doc)",
    "('x' LIKE d.mark)",
    "('a' LIKE 'a' ESCAPE d.mark)",
    "('x' GLOB d.mark)",
    "printf('%*d', -d.bomb, 1)",
    "CASE WHEN d.owner LIKE 'HIDDEN%' THEN abs(d.bomb) ELSE 1 END",
    "iif(d.region IS NOT 'EMEA', abs(-9223372036854775807 - 1), 1)",
    "(SELECT abs(d.bomb))",
    "(d.bomb - 1)",
    "length(d.owner)",
    "d.owner",
    "d.amount * 10",
};

/* Where a statement can have an expression $ over a row d of data. */
static const char *const shapes[] = {
    "SELECT $ FROM data d",
    "SELECT d.*, $ FROM data d",
    "SELECT 1 FROM data d WHERE $ IS NOT NULL",
    "SELECT count(*) FROM data d WHERE $ IS NOT NULL",
    "SELECT count(*) FROM data d WHERE d.region = 'NA' AND $ IS NOT NULL",
    "SELECT count(*) FROM data d WHERE d.owner LIKE 'HIDDEN%' AND $ IS NOT NULL",
    "SELECT count(*) FROM data d WHERE d.bomb < 0 AND $ IS NOT NULL",
    "SELECT count(*) FROM data d WHERE d.bomb = -9223372036854775808 OR $ IS NULL",
    "SELECT d.owner FROM data d WHERE $ IS NOT NULL ORDER BY d.amount LIMIT 3",
    "SELECT d.owner FROM data d WHERE $ IN (SELECT 1)",
    "SELECT d.owner FROM data d WHERE ($, 1) IN (SELECT e.bomb, 1 FROM data e)",
    "SELECT d.owner FROM data d WHERE +$ BETWEEN -1 AND 'z'",
    "SELECT CASE WHEN d.region = 'NA' THEN $ ELSE 0 END FROM data d",
    "SELECT CASE $ WHEN 1 THEN 2 END FROM data d WHERE d.amount > 0",
    "SELECT d.owner FROM data d ORDER BY $",
    "SELECT d.owner FROM data d ORDER BY $ DESC, d.amount LIMIT 1",
    "SELECT min(d.owner), max(d.owner) FROM data d WHERE $ IS NOT NULL",
    "SELECT min($) FROM data d",
    "SELECT max($), min(d.bomb), max(d.owner), sum(d.amount) FROM data d",
    "SELECT count($), count(DISTINCT $), sum(d.bomb) FROM data d",
    "SELECT count(*) FILTER (WHERE $ IS NOT NULL) FROM data d",
    "SELECT group_concat(d.owner) FILTER (WHERE $ IS NULL) FROM data d",
    "SELECT $, count(*) FROM data d GROUP BY $",
    "SELECT d.owner, max($) FROM data d GROUP BY d.owner HAVING max($) IS NOT NULL",
    "SELECT d.region, count(*) FROM data d GROUP BY 1 HAVING count(*) > 0 ORDER BY max($)",
    "SELECT DISTINCT $ FROM data d",
    "SELECT DISTINCT d.region FROM data d WHERE $ IS NOT NULL",
    "SELECT DISTINCT d.owner FROM data d ORDER BY $",
    "SELECT count(x) FROM (SELECT $ AS x FROM data d LIMIT 5 OFFSET 2)",
    "SELECT d.owner FROM data d ORDER BY d.amount LIMIT 1000 OFFSET 119",
    "SELECT d.owner FROM data d LIMIT (SELECT count($) FROM data d)",
    "SELECT count(*) FROM data d JOIN data e ON $ IS NOT NULL AND e.owner = d.owner",
    "SELECT count(*) FROM data e JOIN data d ON $ = e.bomb",
    "SELECT count(*) FROM data e LEFT JOIN data d ON e.bomb < 0 AND $ IS NOT NULL",
    "SELECT count(*) FROM data e LEFT JOIN data d ON e.owner = d.owner WHERE $ IS NULL",
    "SELECT count(*) FROM data e RIGHT JOIN data d ON e.owner = d.owner AND $ IS NULL",
    "SELECT count(*) FROM data e FULL JOIN data d ON e.bomb = d.bomb AND $ IS NULL",
    "SELECT count(*) FROM data d CROSS JOIN (SELECT 1) WHERE $ IS NOT NULL",
    "SELECT count(*) FROM data d NATURAL JOIN data WHERE $ IS NOT NULL",
    "SELECT count(*) FROM data d JOIN data e USING (owner, bomb) WHERE $ IS NOT NULL",
    "SELECT count(*) FROM json_each('[1,2]') j, data d WHERE $ IS NOT NULL",
    "SELECT count(*) FROM data d, json_each('[' || d.bomb || ']') j WHERE $ = j.value",
    "SELECT count(*) FROM data d, json_each(d.doc) j WHERE $ IS NOT NULL",
    "SELECT count(*) FROM data d LEFT JOIN json_tree(d.doc) j ON $ IS NOT NULL",
    "SELECT count(*) FROM data d WHERE EXISTS (SELECT 1 FROM json_each(d.doc) WHERE $ IS NULL)",
    "WITH c AS (SELECT * FROM data) SELECT count(*) FROM c d WHERE $ IS NOT NULL",
    "WITH c AS MATERIALIZED (SELECT * FROM data) SELECT count(*) FROM c d WHERE $ IS NOT NULL",
    "WITH c AS NOT MATERIALIZED (SELECT * FROM data) SELECT $ FROM c d WHERE d.bomb < 0",
    "WITH c AS (SELECT * FROM data) SELECT count(*) FROM c d, c e WHERE $ = e.bomb",
    "WITH c AS (SELECT $ AS x FROM data d) SELECT count(x) FROM c WHERE x IS NOT NULL",
    "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3)"
    " SELECT count(*) FROM c, data d WHERE $ IS NOT NULL",
    "WITH RECURSIVE c (i) AS (SELECT min($) FROM data d UNION SELECT d.bomb FROM data d, c"
    " WHERE $ IS NOT NULL LIMIT 5) SELECT count(*) FROM c",
    "SELECT * FROM (SELECT d.*, $ AS x FROM data d) WHERE x IS NOT NULL",
    "SELECT count(*) FROM (SELECT * FROM data) d WHERE $ IS NOT NULL",
    "SELECT count(*) FROM (SELECT * FROM (SELECT * FROM data WHERE bomb < 9)) d WHERE $ > 0",
    "SELECT count(*) FROM (SELECT DISTINCT * FROM data) d WHERE $ IS NOT NULL",
    "SELECT count(*) FROM (SELECT * FROM data ORDER BY bomb) d WHERE $ IS NOT NULL",
    "SELECT count(*) FROM (SELECT * FROM data LIMIT 200) d WHERE $ IS NOT NULL",
    "SELECT count(*) FROM (SELECT * FROM data UNION ALL SELECT * FROM data) d"
    " WHERE $ IS NOT NULL",
    "SELECT count(*) FROM (SELECT * FROM data EXCEPT SELECT * FROM data WHERE bomb = 1) d"
    " WHERE $ IS NOT NULL",
    "SELECT count(*) FROM (SELECT owner, doc, mark, region, amount, max(bomb) AS bomb FROM data"
    " GROUP BY owner) d WHERE $ IS NOT NULL",
    "SELECT $ FROM data d UNION ALL SELECT $ FROM data d WHERE d.bomb < 0",
    "SELECT $ FROM data d UNION SELECT d.bomb FROM data d",
    "SELECT d.owner FROM data d INTERSECT SELECT d.owner FROM data d WHERE $ IS NOT NULL",
    "SELECT d.owner FROM data d EXCEPT SELECT d.owner FROM data d WHERE $ IS NOT NULL",
    "SELECT (SELECT $) FROM data d",
    "SELECT (SELECT max($) FROM data d WHERE d.bomb = e.bomb) FROM data e",
    "SELECT (SELECT e.bomb FROM data e WHERE $ = e.bomb LIMIT 1) FROM data d",
    "SELECT count(*) FROM data e WHERE EXISTS (SELECT 1 FROM data d WHERE $ IS NOT NULL AND"
    " d.bomb > e.bomb)",
    "SELECT count(*) FROM data e WHERE NOT EXISTS (SELECT 1 FROM data d WHERE d.bomb < 0 AND $"
    " IS NOT NULL)",
    "SELECT count(*) FROM data e WHERE e.owner IN (SELECT d.owner FROM data d WHERE $ IS NOT"
    " NULL)",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM data d WHERE d.region IS NULL AND $ IS NULL)",
    "SELECT 1 WHERE 'NA' IN (SELECT d.region FROM data d WHERE $ IS NOT NULL)",
    "SELECT sum($) OVER () FROM data d",
    "SELECT row_number() OVER (ORDER BY $) FROM data d",
    "SELECT rank() OVER (PARTITION BY $ ORDER BY d.amount) FROM data d",
    "SELECT lag($) OVER (ORDER BY d.amount), lead($, 3) OVER (ORDER BY d.day) FROM data d",
    "SELECT first_value($) OVER w, last_value(d.owner) OVER w FROM data d"
    " WINDOW w AS (ORDER BY d.amount ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
    "SELECT count(*) FILTER (WHERE $ IS NOT NULL) OVER (ORDER BY d.bomb) FROM data d",
    "SELECT * FROM (SELECT d.owner, $ AS x, row_number() OVER (ORDER BY d.amount) AS r"
    " FROM data d) WHERE r < 4",
    "SELECT * FROM (SELECT d.owner AS o, row_number() OVER (PARTITION BY d.owner ORDER BY"
    " d.amount) AS r FROM data d WHERE $ IS NOT NULL) WHERE o LIKE 'H%' OR r = 1",
    "SELECT ntile(abs(d.bomb)) OVER (ORDER BY d.amount, $) FROM data d",
    "SELECT nth_value(d.owner, abs(d.bomb)) OVER (ORDER BY d.amount, $) FROM data d",
    "SELECT median(d.amount), stdev(d.bomb) FROM data d WHERE $ IS NOT NULL",
    "SELECT length(json_group_array($)) FROM data d",
    "SELECT length(json_group_object(d.owner, $)) FROM data d",
    "SELECT d.rowid, $ FROM data d",
    "SELECT count(*) FROM data d WHERE d.rowid > 0 AND $ IS NULL",
    "SELECT count(*) FROM data d INDEXED BY i1 WHERE $ IS NULL",
    "SELECT count(*) FROM data d NOT INDEXED WHERE $ IS NOT NULL",
    "SELECT count(*) FROM data d WHERE likely($ IS NOT NULL)",
    "SELECT * FROM (VALUES (1), (2)) v JOIN data d ON $ = v.column1",
    "SELECT count(*) FROM data d WHERE d.bomb IN (-9223372036854775808, 1) AND $ IS NOT NULL",
    "SELECT count(*) FROM data d WHERE length(d.owner) > 8 AND $ IS NOT NULL",
    "SELECT count(*) FROM data d WHERE (d.owner, d.bomb) > ('HIDDEN', -9) AND $ IS NOT NULL",
    "SELECT max(d.bomb) FROM data d WHERE d.owner GLOB 'HIDDEN*' OR d.owner > 'o'",
    "SELECT count(*) FROM data AS d WHERE d.doc = '{broken' OR $ = 2",
    "SELECT total(d.amount), avg(d.amount) FROM data d WHERE d.amount > 1e300 OR $ IS NOT NULL",
};


/* The text of a shape with an expression in it. */
static const char *
filled(pair_t *p, const char *shape, const char *expression)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t text;

    for (; *shape != '\0'; shape++) {
        if (*shape == '$' && strncmp(shape, "$.", 2) != 0) {
            lookout_buf_puts(&b, expression);
        } else {
            lookout_buf_putc(&b, *shape);
        }
    }
    text = lookout_arena_copy(p->all.arena, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return text.data;
}


static void
test_attacks(void **state)
{
    pair_t *p = *state;
    size_t plan, i, k;

    for (plan = 0; plan < COUNT(plans); plan++) {
        with_plan(p, plan);
        for (i = 0; i < COUNT(shapes); i++) {
            for (k = 0; k < COUNT(bombs); k++) {
                same(p, filled(p, shapes[i], bombs[k]));
            }
            forget(p);
        }
    }
}


/* The bombs do go off where the rows are not hidden: else the test above would prove nothing.
 * */
static void
test_bombs(void **state)
{
    pair_t *p = *state;
    size_t k, loud = 0;

    restrict_to(&p->all, NULL);
    for (k = 0; k < COUNT(bombs); k++) {
        const char *all = asked(&p->all, filled(p, shapes[0], bombs[k]));

        assert_string_not_equal(all, asked(&p->visible, filled(p, shapes[0], bombs[k])));
        loud += strstr(all, "\n1 ") != NULL || strncmp(all, "1 ", 2) == 0;
    }
    assert_true(loud >= 9);
}


/* Statements put together at random out of the shapes: one inside another. */
static void
test_nested_attacks(void **state)
{
    static const char *const around[] = {
        "SELECT count(*) FROM (%s)",
        "SELECT count(*) FROM (SELECT * FROM (%s) LIMIT 7)",
        "WITH z AS (%s) SELECT count(*) FROM z, data d WHERE abs(d.bomb) > 0",
        "WITH z AS (%s) SELECT * FROM z UNION ALL SELECT * FROM z",
        "SELECT (SELECT count(*) FROM (%s)), abs(d.bomb) FROM data d",
        "SELECT d.owner FROM data d WHERE EXISTS (%s) AND json_extract(d.doc, '$.a') > 2",
        "SELECT count(*) FROM data d LEFT JOIN (%s) ON abs(d.bomb) > 2",
    };
    pair_t *p = *state;
    uint32_t random = 12345;
    size_t i, pick[3];

    with_plan(p, COUNT(plans) - 1);
    for (i = 0; i < 1500; i++) {
        size_t k;

        for (k = 0; k < 3; k++) {
            random = random * 1664525 + 1013904223;
            pick[k] = random >> 8;
        }
        same(p, filled(p,
                       lookout_arena_printf(p->all.arena, around[pick[0] % COUNT(around)],
                                            shapes[pick[1] % COUNT(shapes)])
                           .data,
                       bombs[pick[2] % COUNT(bombs)]));
        if (i % 100 == 0) {
            forget(p);
        }
    }
}


/* The spelling of the table under which the gate lets a statement count rows can be guessed. */
static void
test_guessed_spellings(void **state)
{
    static const char word[] = "mainextract";
    pair_t *p = *state;
    fixture_t *f = &p->all;
    unsigned bits, guessed = 0;
    int turn;

    for (turn = 0; turn < 2; turn++) {
        restrict_to(f, turn == 0 ? NULL : VISIBLE);
        for (bits = 0; bits < 1u << (sizeof(word) - 1); bits++) {
            char name[16], sql[64];
            sqlite3_stmt *stmt;
            size_t i;

            for (i = 0; i < sizeof(word) - 1; i++) {
                name[i] = (char) (word[i] - ((bits >> i & 1) != 0 ? 'a' - 'A' : 0));
            }
            (void) snprintf(sql, sizeof(sql), "SELECT count(*) FROM %.4s.%.7s", name, name + 4);
            if (lookout_gate_prepare(f->arena, &f->extract, lookout_str(sql), &stmt, NULL,
                                     &f->error)
                == LOOKOUT_OK) {
                assert_int_equal(turn, 0);
                guessed++;
                (void) sqlite3_finalize(stmt);
                lookout_gate_leave(&f->extract);
            }
        }
    }
    assert_int_equal(guessed, 1); /* unrestricted; it tells no more than data itself */
}


/* Everything else that is not data stays out of reach under a restriction too. */
static void
test_other_names(void **state)
{
    static const char *const names[] = {
        "extract",
        "main.extract",
        "temp.extract",
        "sqlite_schema",
        "temp.sqlite_schema",
        "sqlite_stat1",
        "sqlite_temp_schema",
        "main.data",
        "pragma_table_info('data')",
        "extract d NOT INDEXED",
        "dbstat",
        "\"main\".\"extract\"",
    };
    pair_t *p = *state;
    const char *own;
    size_t i;

    with_plan(p, 2);
    own = lookout_extract_rows(&p->all.extract);
    for (i = 0; i <= COUNT(names); i++) {
        const char *name = i < COUNT(names) ? names[i] : own;
        const char *sql = lookout_arena_printf(p->all.arena, "SELECT * FROM %s", name).data;
        const char *count =
            lookout_arena_printf(p->all.arena, "SELECT count(*) FROM %s", name).data;
        const char *with =
            lookout_arena_printf(p->all.arena,
                                 "WITH data AS (SELECT * FROM %s) SELECT * FROM data", name)
                .data;

        assert_non_null(strstr(asked(&p->all, sql), "SQL_"));
        assert_non_null(strstr(asked(&p->all, count), "SQL_"));
        assert_non_null(strstr(asked(&p->all, with), "SQL_"));
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_attacks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bombs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nested_attacks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_guessed_spellings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_names, setup, teardown),
    };

    return cmocka_run_group_tests_name("scope_rows", tests, NULL, NULL);
}
