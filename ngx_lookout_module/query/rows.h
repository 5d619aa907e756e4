/*
 * The columns of a result, and its rows as text: positional JSON arrays, or CSV lines. Rows go
 * from sqlite3_column_* straight into the buffer and never become trees.
 */

#ifndef LOOKOUT_ROWS_H
#define LOOKOUT_ROWS_H

#include <sqlite3.h>

#include "../base/buf.h"
#include "../base/field.h"

typedef struct {
    lookout_str_t name; /* as the column leaves, unique in its result */
    lookout_type_e type;
    lookout_role_e role;
    bool nullable;
} lookout_column_t;

typedef struct {
    lookout_column_t *items;
    size_t n;
} lookout_columns_t;

/* Appends [{"name", "type", "semanticRole", "nullable"}, ...]. */
void lookout_columns_json(lookout_columns_t columns, lookout_buf_t *b);

/* Appends the value of a result's column as JSON: booleans as true/false, floats with a
 * fraction, integers of any size exactly, NaN, infinities and blobs as null, a number in a
 * column of text as a string. */
void lookout_run_value(lookout_buf_t *b, sqlite3_stmt *stmt, int column, lookout_type_e type);

/* Appends the row that stmt stands on: [1,"a",null]. */
void lookout_row_json(lookout_buf_t *b, sqlite3_stmt *stmt, lookout_columns_t columns);

/* CSV as RFC 4180 has it, but for the end of a line, which is "\n" as in the product's
 * published samples (readers of RFC 4180 take either). A cell is quoted when it holds a comma,
 * a quote, CR or LF, or begins or ends with a space. Null is an empty cell, the empty string is
 * "". Values look as in JSON otherwise. lookout_csv_header appends the line of names,
 * lookout_csv_row the line of the row that stmt stands on. */
void lookout_csv_header(lookout_buf_t *b, lookout_columns_t columns);
void lookout_csv_row(lookout_buf_t *b, sqlite3_stmt *stmt, lookout_columns_t columns);

#endif
