/*
 * Running a statement to a page of a result: stepping under a watch, skipping the rows of earlier pages, writing rows
 * from sqlite3_column_* straight into text (positional JSON arrays, or CSV), and the four
 * signals of pagination and truncation. Rows never become trees.
 */

#ifndef LOOKOUT_RUN_H
#define LOOKOUT_RUN_H

#include <stdint.h>

#include "../base/buf.h"
#include "../base/error.h"
#include "../base/field.h"
#include "extract.h"

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

typedef enum { LOOKOUT_ROWS_JSON, LOOKOUT_ROWS_CSV } lookout_rows_format_e;

/* What is asked for. */
typedef struct {
    uint32_t offset;    /* rows that earlier pages gave */
    uint32_t page_size; /* rows */
    uint32_t row_cap;   /* rows over all pages */
    size_t max_bytes;   /* of the whole envelope, columns and rows, less what the caller adds */
    lookout_rows_format_e format;
} lookout_page_t;

/* What came. */
typedef struct {
    lookout_columns_t columns;
    lookout_buf_t
        rows; /* JSON: [..],[..] without the outer brackets. CSV (RFC 4180, CRLF... see run.c): with a header line */
    uint32_t row_count;   /* rows in this page */
    uint32_t next_offset; /* where the next page begins; 0: there is none */
    bool truncated;       /* the cap or the deadline cut the result: paging cannot recover it */
    uint32_t
        dropped; /* rows of this page that max_bytes had no room for (next_offset then points at them) */
} lookout_result_t;

/* Steps `stmt` (owned by the caller). `columns` are known beforehand for a view; for free SQL pass n == 0
 * and they are found out: a column that is a field of the extract carries the field's type, role and nullability; any other is
 * typed by the values seen (all integers: integer; numbers: float; else string), nullable, with the role measure when numeric and dimension otherwise.
 * Errors: QUERY_TIMEOUT (deadline, no row yet), RESULT_TOO_LARGE (page_size == row_cap, first page, and there is more; or memory), INVALID_QUERY (a run-time error
 * of SQLite's, with its message), ENVELOPE_TOO_LARGE (one row alone does not fit), LOOKOUT_NEEDS_THREAD, LOOKOUT_CANCELLED. The rows buffer is freed with the arena. */
lookout_code_e
lookout_run(lookout_arena_t *arena, lookout_extract_t *extract, sqlite3_stmt *stmt,
            lookout_columns_t columns, const lookout_page_t *page, lookout_watch_t *watch,
            lookout_result_t *result, lookout_error_t *error);

/* Appends the value of a result's column as JSON: booleans as true/false, floats with a fraction,
 * integers of any size exactly, NaN and infinities as null, blobs as null. */
void lookout_run_value(lookout_buf_t *b, sqlite3_stmt *stmt, int column, lookout_type_e type);

/* Appends [{"name", "type", "semanticRole", "nullable"}, ...]. */
void lookout_columns_json(lookout_columns_t columns, lookout_buf_t *b);

#endif
