/*
 * Columns and rows as text. A cell is written by the type that its column has, not by what
 * SQLite happens to hold, so that a column reads the same in every row.
 *
 * A cell is fetched from its row once, and asked for its type, its text and its length after
 * that: each sqlite3_column_* call would look it up again, a fifth of the whole cost. What
 * sqlite3_column_value gives may be read like that because no connection of the server is ever
 * in two threads at once.
 */

#include "rows.h"


void
lookout_columns_json(lookout_columns_t columns, lookout_buf_t *b)
{
    size_t i;

    lookout_json_open(b, '[');
    for (i = 0; i < columns.n; i++) {
        lookout_json_open(b, '{');
        lookout_json_key(b, "name");
        lookout_json_str(b, columns.items[i].name);
        lookout_json_key(b, "type");
        lookout_json_cstr(b, lookout_type_name(columns.items[i].type));
        lookout_json_key(b, "semanticRole");
        lookout_json_cstr(b, lookout_role_name(columns.items[i].role));
        lookout_json_key(b, "nullable");
        lookout_json_bool(b, columns.items[i].nullable);
        lookout_json_close(b, '}');
    }
    lookout_json_close(b, ']');
}


static lookout_str_t
value_text(sqlite3_value *value)
{
    const char *text = (const char *) sqlite3_value_text(value);

    /* SQLite gives NULL for a text cell only when it runs out of memory, which the next step
     * reports. */
    return text == NULL ? LOOKOUT_STR("")
                        : (lookout_str_t){ text, (size_t) sqlite3_value_bytes(value) };
}


static bool
is_text(lookout_type_e type)
{
    return type == LOOKOUT_STRING || type == LOOKOUT_DATE || type == LOOKOUT_TIMESTAMP;
}


/* A number or a boolean, which look the same in JSON and in CSV. */
static void
number(lookout_buf_t *b, sqlite3_value *value, int storage, lookout_type_e type)
{
    if (storage == SQLITE_FLOAT || type == LOOKOUT_FLOAT) {
        lookout_buf_double(b, sqlite3_value_double(value));
    } else if (type == LOOKOUT_BOOLEAN) {
        lookout_buf_puts(b, sqlite3_value_int64(value) != 0 ? "true" : "false");
    } else {
        lookout_buf_int(b, sqlite3_value_int64(value));
    }
}


/* The value alone, without the comma that the lookout_json_* calls put before it. */
static void
cell_json(lookout_buf_t *b, sqlite3_value *value, lookout_type_e type)
{
    int storage = sqlite3_value_type(value);

    if (storage == SQLITE_NULL || storage == SQLITE_BLOB) {
        lookout_buf_puts(b, "null");
    } else if (storage == SQLITE_TEXT || is_text(type)) {
        lookout_buf_putc(b, '"');
        lookout_buf_json_escape(b, value_text(value));
        lookout_buf_putc(b, '"');
    } else {
        number(b, value, storage, type);
    }
}


void
lookout_run_value(lookout_buf_t *b, sqlite3_stmt *stmt, int column, lookout_type_e type)
{
    lookout_json_raw(b, LOOKOUT_STR("")); /* the comma, where one belongs */
    cell_json(b, sqlite3_column_value(stmt, column), type);
}


void
lookout_row_json(lookout_buf_t *b, sqlite3_stmt *stmt, lookout_columns_t columns)
{
    size_t i;

    lookout_json_open(b, '[');
    for (i = 0; i < columns.n; i++) {
        if (i != 0) {
            lookout_buf_putc(b, ',');
        }
        cell_json(b, sqlite3_column_value(stmt, (int) i), columns.items[i].type);
    }
    lookout_buf_putc(b, ']');
}


/* Text with quotes around it where they are needed. Few need them, so it is copied while it is
 * looked at, and written again if it does. */
static void
csv_text(lookout_buf_t *b, lookout_str_t s)
{
    static const bool special[256] = {
        [','] = true, ['"'] = true, ['\r'] = true, ['\n'] = true
    };
    bool quote = s.len == 0 || s.data[0] == ' ' || s.data[s.len - 1] == ' ';
    const char *at = s.data, *end = s.data + s.len, *p;
    char *out = lookout_buf_reserve(b, s.len);

    if (out == NULL) {
        return;
    }
    for (p = at; p < end; p++) {
        *out++ = *p;
        quote |= special[(unsigned char) *p];
    }
    if (!quote) {
        b->len += s.len;
        return;
    }

    lookout_buf_putc(b, '"');
    while ((p = memchr(at, '"', (size_t) (end - at))) != NULL) {
        lookout_buf_add(b, at, (size_t) (p + 1 - at));
        lookout_buf_putc(b, '"');
        at = p + 1;
    }
    lookout_buf_add(b, at, (size_t) (end - at));
    lookout_buf_putc(b, '"');
}


static void
cell_csv(lookout_buf_t *b, sqlite3_value *value, lookout_type_e type)
{
    int storage = sqlite3_value_type(value);
    double real;

    if (storage == SQLITE_NULL || storage == SQLITE_BLOB) {
        return;
    }
    if (storage == SQLITE_TEXT || is_text(type)) {
        csv_text(b, value_text(value));
        return;
    }
    if (storage == SQLITE_FLOAT) {
        real = sqlite3_value_double(value);
        if (real - real != 0) {
            return; /* infinite: null, as in JSON */
        }
    }
    number(b, value, storage, type);
}


void
lookout_csv_header(lookout_buf_t *b, lookout_columns_t columns)
{
    size_t i;

    for (i = 0; i < columns.n; i++) {
        if (i != 0) {
            lookout_buf_putc(b, ',');
        }
        csv_text(b, columns.items[i].name);
    }
    lookout_buf_putc(b, '\n');
}


void
lookout_csv_row(lookout_buf_t *b, sqlite3_stmt *stmt, lookout_columns_t columns)
{
    size_t i, start = b->len;

    for (i = 0; i < columns.n; i++) {
        if (i != 0) {
            lookout_buf_putc(b, ',');
        }
        cell_csv(b, sqlite3_column_value(stmt, (int) i), columns.items[i].type);
    }
    if (columns.n == 1 && b->len == start) {
        /* Most readers skip an empty line: a lone null is written as "" all the same. */
        lookout_buf_puts(b, "\"\"");
    }
    lookout_buf_putc(b, '\n');
}
