/*
 * Building statements: text in a buffer, values in a list beside it, put together when the
 * statement is prepared.
 */

#include "sql.h"

#define BINDS_FIRST 16


static void
free_buf(void *data)
{
    lookout_buf_free(data);
}


bool
lookout_sql_init(lookout_sql_t *sql, lookout_arena_t *arena)
{
    *sql = (lookout_sql_t){ .arena = arena };
    sql->text = lookout_arena_alloc(arena, sizeof(lookout_buf_t));
    if (sql->text == NULL) {
        return false;
    }
    *sql->text = LOOKOUT_BUF_INIT;
    return lookout_arena_defer(arena, free_buf, sql->text);
}


void
lookout_sql_name(lookout_sql_t *sql, lookout_str_t name)
{
    size_t i;

    lookout_buf_putc(sql->text, '"');
    for (i = 0; i < name.len; i++) {
        if (name.data[i] == '"') {
            lookout_buf_putc(sql->text, '"');
        }
        lookout_buf_putc(sql->text, name.data[i]);
    }
    lookout_buf_putc(sql->text, '"');
}


bool
lookout_sql_bind(lookout_sql_t *sql, lookout_bind_t value)
{
    lookout_bind_t *binds;
    size_t cap;

    if (sql->spell_doubles && value.kind == LOOKOUT_BIND_DOUBLE) {
        lookout_buf_double(sql->text, value.real);
        return !sql->text->failed;
    }
    if (sql->n_binds == sql->cap_binds) {
        cap = sql->cap_binds == 0 ? BINDS_FIRST : sql->cap_binds * 2;
        binds = lookout_arena_alloc(sql->arena, cap * sizeof(*binds));
        if (binds == NULL) {
            return false;
        }
        if (sql->n_binds != 0) {
            memcpy(binds, sql->binds, sql->n_binds * sizeof(*binds));
        }
        sql->binds = binds;
        sql->cap_binds = cap;
    }
    sql->binds[sql->n_binds++] = value;
    lookout_buf_putc(sql->text, '?');
    return !sql->text->failed;
}


bool
lookout_sql_bind_int(lookout_sql_t *sql, int64_t v)
{
    return lookout_sql_bind(sql, (lookout_bind_t){ .kind = LOOKOUT_BIND_INT, .integer = v });
}


bool
lookout_sql_bind_double(lookout_sql_t *sql, double v)
{
    return lookout_sql_bind(sql, (lookout_bind_t){ .kind = LOOKOUT_BIND_DOUBLE, .real = v });
}


bool
lookout_sql_bind_text(lookout_sql_t *sql, lookout_str_t v)
{
    return lookout_sql_bind(sql, (lookout_bind_t){ .kind = LOOKOUT_BIND_TEXT, .text = v });
}


static int
bind_value(sqlite3_stmt *stmt, int i, const lookout_bind_t *bind)
{
    switch (bind->kind) {
    case LOOKOUT_BIND_INT:
        return sqlite3_bind_int64(stmt, i, bind->integer);
    case LOOKOUT_BIND_DOUBLE:
        return sqlite3_bind_double(stmt, i, bind->real);
    default:
        /* NULL would bind a null, an empty string may come without memory of its own. */
        return sqlite3_bind_text64(stmt, i, bind->text.len == 0 ? "" : bind->text.data,
                                   bind->text.len, SQLITE_STATIC, SQLITE_UTF8);
    }
}


int
lookout_sql_prepare(lookout_sql_t *sql, sqlite3 *db, sqlite3_stmt **stmt)
{
    lookout_str_t text = lookout_buf_text(sql->text);
    size_t i;
    int rc;

    *stmt = NULL;
    if (text.data == NULL) {
        return SQLITE_NOMEM;
    }
    rc = sqlite3_prepare_v2(db, text.data, (int) text.len, stmt, NULL);
    for (i = 0; rc == SQLITE_OK && i < sql->n_binds; i++) {
        rc = bind_value(*stmt, (int) i + 1, &sql->binds[i]);
    }
    if (rc != SQLITE_OK) {
        (void) sqlite3_finalize(*stmt);
        *stmt = NULL;
    }
    return rc;
}


lookout_str_t
lookout_details(lookout_arena_t *arena, lookout_buf_t *b)
{
    lookout_str_t text = lookout_buf_text(b), copy = LOOKOUT_STR_NONE;

    if (text.data != NULL) {
        copy = lookout_arena_copy(arena, text);
    }
    lookout_buf_free(b);
    return copy;
}
