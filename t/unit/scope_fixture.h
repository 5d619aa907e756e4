/*
 * What the tests of restricted extracts share: two files. In `all` half of the rows is out of
 * scope and made so that computing almost anything from them fails; `visible` has the other
 * half alone. Whatever is asked of `all` under the restriction must answer as `visible` does.
 */

#ifndef SCOPE_FIXTURE_H
#define SCOPE_FIXTURE_H

#include "../../ngx_lookout_module/query/gate.h"
#include "query_fixture.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define VISIBLE "[{\"field\":\"region\",\"op\":\"eq\",\"value\":\"EMEA\"}]"

static const lookout_field_t fields[] = {
    FIELD("region", LOOKOUT_STRING, LOOKOUT_DIMENSION, true, "[]", false),
    FIELD("owner", LOOKOUT_STRING, LOOKOUT_DIMENSION, true, "[]", false),
    FIELD("bomb", LOOKOUT_INTEGER, LOOKOUT_MEASURE, true, "[]", false),
    FIELD("amount", LOOKOUT_FLOAT, LOOKOUT_MEASURE, true, "[]", false),
    FIELD("doc", LOOKOUT_STRING, LOOKOUT_DIMENSION, true, "[]", false),
    FIELD("mark", LOOKOUT_STRING, LOOKOUT_DIMENSION, true, "[]", false),
    FIELD("is_won", LOOKOUT_BOOLEAN, LOOKOUT_DIMENSION, true, "[]", false),
    FIELD("day", LOOKOUT_DATE, LOOKOUT_TIME, true, "[]", false),
    FIELD("at", LOOKOUT_TIMESTAMP, LOOKOUT_TIME, true, "[]", false),
};

static const char schema[] =
    "PRAGMA synchronous = OFF; PRAGMA application_id = 0x4c4b4f45; PRAGMA user_version = 5;"
    "CREATE TABLE extract (region TEXT, owner TEXT, bomb INTEGER, amount REAL, doc TEXT,"
    " mark TEXT, is_won INTEGER, day TEXT, at TEXT) STRICT;";

/* Rows come in turns, so that neither order nor place tells them apart. */
static const char rows[] =
    "INSERT INTO extract WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
    " WHERE i < 120) SELECT 'EMEA', 'owner ' || (i % 7), i % 5 + 1, i * 1.5,"
    " json_object('a', i), '!', i % 2, date('2026-01-01', i || ' days'),"
    " strftime('%Y-%m-%dT%H:%M:%SZ', '2026-01-01', i || ' hours') FROM n;";
static const char hidden_rows[] =
    "INSERT INTO extract (region, owner, bomb, amount, doc, mark, is_won, day, at)"
    " SELECT CASE bomb WHEN 1 THEN NULL WHEN 2 THEN 'emea' ELSE 'NA' END, 'HIDDEN ' || owner,"
    " -9223372036854775807 - 1, 1e308, '{broken', printf('%.*c', 400, 'x'), 1 - is_won,"
    " '1999-01-01', '1999-01-01T00:00:00Z' FROM extract;";

static const char indexes[] =
    "CREATE INDEX i1 ON extract (bomb); CREATE INDEX i2 ON extract (owner, bomb);"
    "CREATE INDEX i3 ON extract (doc, region); CREATE INDEX i4 ON extract (region);"
    "CREATE INDEX i5 ON extract (amount, bomb, doc);"
    "CREATE INDEX i6 ON extract (length(owner));";

/* What moves SQLite to other plans: no indexes; indexes; and what it is told of them, true, or
 * such that the restriction looks like the last thing to test. */
static const char *const plans[] = {
    "",
    indexes,
    "ANALYZE;",
    "DELETE FROM sqlite_stat1; INSERT INTO sqlite_stat1 VALUES"
    " ('extract', 'i4', '1000000 1000000'), ('extract', 'i1', '1000000 1'),"
    " ('extract', 'i2', '1000000 1 1'), ('extract', 'i5', '1000000 1 1 1');",
};

typedef struct {
    fixture_t all;
    fixture_t visible;
} pair_t;


/* ---- the two files ---- */

static inline void
begin(fixture_t *f, const char *name)
{
    f->arena = lookout_arena_create();
    (void) strcpy(f->folder, "/tmp/lookout-scope-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void) snprintf(f->path, sizeof(f->path), "%s/%s.db", f->folder, name);
}


static inline void
write_file(fixture_t *f, bool hidden, size_t plan)
{
    char sql[8192];
    size_t i;

    (void) snprintf(sql, sizeof(sql), "%s%s", rows, hidden ? hidden_rows : "");
    for (i = 0; i <= plan; i++) {
        (void) strcat(sql, plans[i]);
    }
    fixture_write(f, schema, sql);
    fixture_open(f);
    f->extract.fields = (lookout_fields_t){ fields, COUNT(fields) };
}


static inline lookout_filters_t
filters_of(fixture_t *f, const char *json)
{
    lookout_filters_t filters;

    assert_code(f,
                lookout_filters_parse(f->arena, fixture_json(f, json), f->extract.fields,
                                      &filters, &f->error),
                LOOKOUT_OK);
    return filters;
}


static inline void
restrict_to(fixture_t *f, const char *json)
{
    lookout_filters_t filters = { NULL, 0 };

    if (json != NULL) {
        filters = filters_of(f, json);
    }
    assert_code(f, lookout_extract_restrict(f->arena, &f->extract, filters, &f->error),
                LOOKOUT_OK);
}


static inline void
with_plan(pair_t *p, size_t plan)
{
    lookout_extract_close(&p->all.extract);
    lookout_extract_close(&p->visible.extract);
    write_file(&p->all, true, plan);
    write_file(&p->visible, false, plan);
    restrict_to(&p->all, VISIBLE);
}


static inline int
setup(void **state)
{
    pair_t *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    begin(&p->all, "all");
    begin(&p->visible, "visible");
    with_plan(p, 0);
    *state = p;
    return 0;
}


static inline int
teardown(void **state)
{
    pair_t *p = *state;
    fixture_t *files[] = { &p->all, &p->visible };
    size_t i;

    for (i = 0; i < COUNT(files); i++) {
        lookout_extract_close(&files[i]->extract);
        lookout_arena_destroy(files[i]->arena);
        (void) unlink(files[i]->path);
        (void) rmdir(files[i]->folder);
    }
    free(p);
    return 0;
}


/* ---- asking ---- */

static inline int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}


/* The rows of a statement as lines, sorted, as where a statement does not ask for an order any
 * is right; then how it ended. */
static const char *
lines(fixture_t *f, sqlite3_stmt *stmt)
{
    const char *line[2000];
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t text;
    size_t i, n = 0;
    int k, rc;

    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW && n < COUNT(line)) {
        lookout_buf_reset(&b);
        for (k = 0; k < sqlite3_column_count(stmt); k++) {
            text = lookout_str((const char *) sqlite3_column_text(stmt, k));
            lookout_buf_str(&b, text.data == NULL ? LOOKOUT_STR("NULL") : text);
            lookout_buf_putc(&b, '|');
        }
        line[n++] = lookout_arena_copy(f->arena, lookout_buf_text(&b)).data;
    }
    qsort(line, n, sizeof(*line), by_text);
    lookout_buf_reset(&b);
    for (i = 0; i < n; i++) {
        lookout_buf_puts(&b, line[i]);
        lookout_buf_putc(&b, '\n');
    }
    lookout_buf_printf(&b, "%d %s", rc,
                       rc == SQLITE_DONE ? "" : sqlite3_errmsg(f->extract.db.sql));
    text = lookout_arena_copy(f->arena, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return text.data;
}


/* What an analyst's statement comes to. */
static const char *
asked(fixture_t *f, const char *sql)
{
    sqlite3_stmt *stmt;
    const char *text;
    lookout_code_e code =
        lookout_gate_prepare(f->arena, &f->extract, lookout_str(sql), &stmt, NULL, &f->error);

    if (code != LOOKOUT_OK) {
        return lookout_arena_printf(f->arena, "%s %.*s", lookout_code_name(code),
                                    LOOKOUT_STR_ARG(f->error.message))
            .data;
    }
    text = lines(f, stmt);
    (void) sqlite3_finalize(stmt);
    lookout_gate_leave(&f->extract);
    return text;
}


static inline void
same(pair_t *p, const char *sql)
{
    const char *all = asked(&p->all, sql), *visible = asked(&p->visible, sql);

    if (strcmp(all, visible) != 0) {
        fail_msg("%s\nthe restricted file says\n%s\nand should say\n%s", sql, all, visible);
    }
    if (strstr(all, "HIDDEN") != NULL) {
        fail_msg("%s\nshows\n%s", sql, all);
    }
}


/* Frees what was asked so far. */
static inline void
forget(pair_t *p)
{
    lookout_arena_destroy(p->all.arena);
    lookout_arena_destroy(p->visible.arena);
    p->all.arena = lookout_arena_create();
    p->visible.arena = lookout_arena_create();
}

#endif
