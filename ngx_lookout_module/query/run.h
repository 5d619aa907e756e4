/*
 * Running a statement to a page of a result: stepping under a watch, skipping the rows of
 * earlier pages, writing rows straight into text, and the four signals of pagination and
 * truncation.
 */

#ifndef LOOKOUT_RUN_H
#define LOOKOUT_RUN_H

#include <stdint.h>

#include "../base/buf.h"
#include "../base/error.h"
#include "extract.h"
#include "rows.h"

typedef enum { LOOKOUT_ROWS_JSON, LOOKOUT_ROWS_CSV } lookout_rows_format_e;

/* What is asked for. */
typedef struct {
    uint32_t offset;    /* rows that earlier pages gave */
    uint32_t page_size; /* rows */
    uint32_t row_cap;   /* rows over all pages */
    size_t max_bytes;   /* for columns and rows as they stand in the envelope (CSV: escaped as
                         * a JSON string); 0: no limit */
    lookout_rows_format_e format;
} lookout_page_t;

/* What came. */
typedef struct {
    lookout_columns_t columns; /* in the arena */

    /* JSON: [..],[..] without the outer brackets; CSV: with the header line. Its memory belongs
     * to the arena: read it only. */
    lookout_buf_t rows;

    uint32_t row_count;   /* rows in this page */
    uint32_t next_offset; /* where the next page begins; 0: there is none */
    bool truncated;       /* the cap or the deadline cut the result: paging cannot recover it */

    /* Rows of this page that max_bytes had no room for; next_offset then points at the first of
     * them. At least so many, when the deadline came while they were counted. */
    uint32_t dropped;
} lookout_result_t;

/* Steps `stmt`, which the caller owns and finalizes, under the watch (NULL: none), which is set
 * on the connection for the time of the call and then taken off.
 *
 * `columns` are known beforehand for a view. For free SQL pass n == 0 and they are found out: a
 * column that is a field of the extract carries the field's type, role and nullability (as long
 * as the values bear it out: a UNION or an outer join may not); any other is typed by the
 * values of this page and those before it (all integers: integer; numbers: float; else string),
 * nullable, a measure when numeric and a dimension otherwise.
 *
 * Errors: QUERY_TIMEOUT (deadline, no row yet), RESULT_TOO_LARGE (page_size == row_cap, first
 * page, and there is more; or a value or the whole grew past the memory limits), INVALID_QUERY
 * (another run-time error of SQLite's, with its message), ENVELOPE_TOO_LARGE (one row alone
 * does not fit), DATASOURCE_OFFLINE (the file is damaged), LOOKOUT_NEEDS_THREAD,
 * LOOKOUT_CANCELLED. */
lookout_code_e
lookout_run(lookout_arena_t *arena, lookout_extract_t *extract, sqlite3_stmt *stmt,
            lookout_columns_t columns, const lookout_page_t *page, lookout_watch_t *watch,
            lookout_result_t *result, lookout_error_t *error);

/* What it means that a step ended with neither a row nor the end: the errors above, as a value.
 * For whoever steps a statement on an extract without lookout_run. */
lookout_code_e lookout_run_failed(lookout_arena_t *arena, lookout_extract_t *extract, int rc,
                                  const lookout_watch_t *watch, lookout_error_t *error);

#endif
