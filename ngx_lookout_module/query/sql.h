/*
 * A statement in the making: its text and the values bound to its parameters, which are all
 * written `?` and bound in order. Values from outside only ever enter by binding.
 */

#ifndef LOOKOUT_SQL_H
#define LOOKOUT_SQL_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "../base/arena.h"
#include "../base/buf.h"

typedef struct {
    enum { LOOKOUT_BIND_INT, LOOKOUT_BIND_DOUBLE, LOOKOUT_BIND_TEXT } kind;
    int64_t integer;
    double real;
    lookout_str_t text; /* lives as long as the call's arena */
} lookout_bind_t;

typedef struct {
    lookout_buf_t *text;   /* in the arena, and its memory is freed with the arena */
    lookout_bind_t *binds; /* in the arena */
    size_t n_binds;
    size_t cap_binds;
    bool spell_doubles; /* doubles are written into the text instead of being bound: for
                         * sqlite3_expanded_sql, which rounds them to 15 digits */
    lookout_arena_t *arena;
} lookout_sql_t;

/* An empty statement. False without memory. */
bool lookout_sql_init(lookout_sql_t *sql, lookout_arena_t *arena);

/* "name", with quotes doubled. */
void lookout_sql_name(lookout_sql_t *sql, lookout_str_t name);

/* Appends `?` and its value. False without memory. */
bool lookout_sql_bind(lookout_sql_t *sql, lookout_bind_t value);
bool lookout_sql_bind_int(lookout_sql_t *sql, int64_t v);
bool lookout_sql_bind_double(lookout_sql_t *sql, double v);
bool lookout_sql_bind_text(lookout_sql_t *sql, lookout_str_t v);

/* Prepares the text and binds the values; SQLite's result code. On failure *stmt is NULL. The
 * caller finalizes *stmt, while the arena lives. */
int lookout_sql_prepare(lookout_sql_t *sql, sqlite3 *db, sqlite3_stmt **stmt);

/* Moves what was built in *b, a JSON object, into the arena, for the details of an error, and
 * frees *b. {NULL, 0} without memory. */
lookout_str_t lookout_details(lookout_arena_t *arena, lookout_buf_t *b);

#endif
