/*
 * The views of a connection: what an analyst's statement and the server's own read.
 *
 *     all rows     data -> v<random> -> Main.eXtract
 *     restricted   data -> v<random> -> Main.eXtract WHERE ... LIMIT -1
 *     own          r<random> -> main.extract WHERE ... LIMIT -1
 *
 * LIMIT -1 takes away no row: it is a barrier. SQLite folds a view into the statement that
 * reads it where it can, and evaluates the conditions of both in the order that it finds
 * cheapest; so an analyst's own condition could be computed on rows that he may not see, and
 * tell of them by failing (abs(-9223372036854775808), json('{')). With a limit inside, a view
 * is never folded into a statement that has a condition, a join, a group or an aggregate, and
 * no condition is moved into it, since each of these could change which rows the limit takes.
 * (What is folded without any of these, SQLite computes from rows that fit.) The server's own
 * statements have no expressions of anybody else's that could fail, but they compare with
 * values that others choose, and how long that takes would tell of hidden rows too.
 *
 * The filters' values are bound to a statement, and the text of the view is what SQLite says
 * that this statement comes to. Doubles alone are written here, and read back to be sure, as
 * SQLite rounds them to 15 digits; and texts may not have a NUL, where it would cut them off.
 */

#include <math.h>
#include <stdio.h>

#include "gate_parts.h"

#define OWN "SELECT rowid AS rowid, * FROM main." LOOKOUT_EXTRACT_TABLE
#define BARRIER " LIMIT -1"


bool
lookout_gate_exec(lookout_extract_t *extract, const char *what, const char *text)
{
    if (sqlite3_exec(extract->db.sql, text, NULL, NULL, NULL) == SQLITE_OK) {
        return true;
    }
    (void) snprintf(extract->db.why, sizeof(extract->db.why), "%s: %s", what,
                    sqlite3_errmsg(extract->db.sql));
    return false;
}


/* Copies a word with a capital here and there, as the random bits say. */
static void
spell(char *out, const char *word, unsigned bits)
{
    for (; *word != '\0'; word++, bits >>= 1) {
        *out++ = (char) ((bits & 1) != 0 ? *word - ('a' - 'A') : *word);
    }
    *out = '\0';
}


bool
lookout_gate_views(lookout_extract_t *extract)
{
    lookout_gate_t *gate = extract->gate;
    uint64_t bits[2];
    char text[512];

    sqlite3_randomness(sizeof(bits), bits);
    (void) snprintf(gate->inner, sizeof(gate->inner), "v%016llx", (unsigned long long) bits[0]);
    spell(gate->schema, "main", (unsigned) bits[1] | 1); /* at least one capital each */
    spell(gate->table, LOOKOUT_EXTRACT_TABLE, (unsigned) (bits[1] >> 8) | 1);
    (void) snprintf(gate->rows, sizeof(gate->rows), "main." LOOKOUT_EXTRACT_TABLE);
    (void) snprintf(text, sizeof(text),
                    "CREATE TEMP VIEW %s AS SELECT * FROM %s.%s;"
                    "CREATE TEMP VIEW " LOOKOUT_EXTRACT_ALIAS " AS SELECT * FROM temp.%s;"
                    "CREATE TEMP VIEW " LOOKOUT_EXTRACT_TABLE
                    " AS SELECT * FROM main." LOOKOUT_EXTRACT_TABLE ";"
                    "PRAGMA query_only = 1;",
                    gate->inner, gate->schema, gate->table, gate->inner);
    return lookout_gate_exec(extract, "cannot make the view data", text);
}


const char *
lookout_extract_rows(const lookout_extract_t *extract)
{
    return extract->gate->rows;
}


lookout_code_e
lookout_extract_unfit(lookout_arena_t *arena, lookout_error_t *error)
{
    return lookout_fail(
        arena, error, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR("{\"reason\":\"scope_filter\"}"),
        "The row filters of this server's scope do not fit this datasource, so "
        "none of its rows can be shown. The operator has to mend the filters of "
        "the scope; asking again does not help until then.");
}


/* ---- restrictions ---- */

/* Does the literal that stands for the double in the text of a view mean this double? */
static bool
reads_back(sqlite3 *sql, double value)
{
    lookout_buf_t text = LOOKOUT_BUF_INIT;
    sqlite3_stmt *stmt = NULL;
    bool same = false;

    if (!isfinite(value)) {
        return false;
    }
    lookout_buf_puts(&text, "SELECT ");
    lookout_buf_double(&text, value);
    if (!text.failed
        && sqlite3_prepare_v2(sql, text.data, (int) text.len, &stmt, NULL) == SQLITE_OK
        && sqlite3_step(stmt) == SQLITE_ROW) {
        same = sqlite3_column_type(stmt, 0) == SQLITE_FLOAT
               && sqlite3_column_double(stmt, 0) == value;
    }
    (void) sqlite3_finalize(stmt);
    lookout_buf_free(&text);
    return same;
}


/* Can every value stand in the text of a view as it is? */
static bool
values_fit(sqlite3 *sql, lookout_filters_t filters)
{
    const lookout_bind_t *value;
    size_t i, k;

    for (i = 0; i < filters.n; i++) {
        for (k = 0; k < filters.items[i].n_values; k++) {
            value = &filters.items[i].values[k];
            if (value->kind == LOOKOUT_BIND_DOUBLE ? !reads_back(sql, value->real)
                : value->kind == LOOKOUT_BIND_TEXT
                    ? value->text.len != 0
                          && memchr(value->text.data, '\0', value->text.len) != NULL
                    : false) {
                return false;
            }
        }
    }
    return true;
}


/* What tells one restriction from another: the predicate and, behind it, its values. False
 * without memory. */
static bool
digest_of(const lookout_sql_t *where, uint8_t out[LOOKOUT_DIGEST_SIZE])
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const lookout_bind_t *bind;
    size_t i;
    bool ok;

    lookout_buf_str(&b, lookout_buf_text(where->text));
    for (i = 0; i < where->n_binds; i++) {
        bind = &where->binds[i];
        if (bind->kind == LOOKOUT_BIND_TEXT) {
            lookout_buf_printf(&b, "\nt%zu:", bind->text.len);
            lookout_buf_str(&b, bind->text);
        } else {
            lookout_buf_puts(&b, "\ni");
            lookout_buf_int(&b, bind->integer);
        }
    }
    ok = !b.failed;
    if (ok) {
        lookout_sha256(lookout_buf_text(&b), out);
    }
    lookout_buf_free(&b);
    return ok;
}


/* Appends `CREATE TEMP VIEW name AS ` and what SQLite makes of `head` + the predicate + `tail`
 * with its values. False when it makes nothing of it: a column is not there, or it is too long.
 * */
static bool
add_view(lookout_arena_t *arena, const lookout_extract_t *extract, const lookout_sql_t *where,
         const char *name, const char *head, const char *tail, lookout_buf_t *text)
{
    lookout_sql_t sql;
    sqlite3_stmt *stmt = NULL;
    char *expanded = NULL;

    if (!lookout_sql_init(&sql, arena)) {
        return false;
    }
    sql.binds = where->binds;
    sql.n_binds = where->n_binds;
    lookout_buf_puts(sql.text, head);
    lookout_buf_str(sql.text, lookout_buf_text(where->text));
    lookout_buf_puts(sql.text, tail);
    if (lookout_sql_prepare(&sql, extract->db.sql, &stmt) == SQLITE_OK) {
        expanded = sqlite3_expanded_sql(stmt);
    }
    (void) sqlite3_finalize(stmt);
    if (expanded == NULL) {
        return false;
    }
    lookout_buf_printf(text, "CREATE TEMP VIEW %s AS ", name);
    lookout_buf_puts(text, expanded);
    lookout_buf_putc(text, ';');
    sqlite3_free(expanded);
    return true;
}


/* Puts the views in place; `where` has no text: of all rows. */
static bool
change_views(lookout_arena_t *arena, lookout_extract_t *extract, const lookout_sql_t *where)
{
    lookout_gate_t *gate = extract->gate;
    bool limited = where->text->len != 0;
    lookout_buf_t text = LOOKOUT_BUF_INIT;
    char head[64];
    uint64_t bits;
    bool ok;

    (void) snprintf(head, sizeof(head), "SELECT * FROM %s.%s", gate->schema, gate->table);
    lookout_buf_printf(&text, "PRAGMA query_only = 0; DROP VIEW temp.%s;", gate->inner);
    if (gate->restricted) {
        lookout_buf_printf(&text, "DROP VIEW %s;", gate->rows);
    }
    if (limited) {
        sqlite3_randomness(sizeof(bits), &bits);
        (void) snprintf(gate->rows, sizeof(gate->rows), "temp.r%016llx",
                        (unsigned long long) bits);
    } else {
        (void) snprintf(gate->rows, sizeof(gate->rows), "main." LOOKOUT_EXTRACT_TABLE);
    }
    ok = add_view(arena, extract, where, gate->inner, head, limited ? BARRIER : "", &text)
         && (!limited
             || add_view(arena, extract, where, gate->rows + sizeof("temp.") - 1, OWN, BARRIER,
                         &text));
    lookout_buf_puts(&text, "PRAGMA query_only = 1;");
    lookout_buf_putc(&text, '\0');
    ok = ok && !text.failed && lookout_gate_exec(extract, "cannot restrict", text.data);
    lookout_buf_free(&text);
    gate->restricted = limited;
    return ok;
}


/* The restriction is not in force, so nothing may be read. The file itself is good: it may be
 * opened again. */
static void
shut(lookout_extract_t *extract)
{
    lookout_extract_close(extract);
    extract->db.why[0] = '\0';
}


lookout_code_e
lookout_extract_restrict(lookout_arena_t *arena, lookout_extract_t *extract,
                         lookout_filters_t filters, lookout_error_t *error)
{
    lookout_gate_t *gate = extract->gate;
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    lookout_sql_t where;
    size_t i;

    if (filters.n == 0 && !gate->restricted) {
        return LOOKOUT_OK;
    }
    if (!lookout_sql_init(&where, arena)) {
        shut(extract);
        return lookout_fail_memory(error);
    }
    where.spell_doubles = true;
    if (!lookout_filters_where(filters, &where) || !digest_of(&where, digest)) {
        shut(extract);
        return lookout_fail_memory(error);
    }
    if (gate->restricted && memcmp(gate->restriction, digest, sizeof(digest)) == 0) {
        return LOOKOUT_OK;
    }
    if (!values_fit(extract->db.sql, filters) || !change_views(arena, extract, &where)) {
        shut(extract);
        return lookout_extract_unfit(arena, error);
    }
    memcpy(gate->restriction, digest, sizeof(digest));
    gate->conditions = filters.n;
    gate->values = 0;
    for (i = 0; i < filters.n; i++) {
        gate->values += filters.items[i].n_values + 1;
    }
    return LOOKOUT_OK;
}
