/*
 * What get_view says of a view's rows: statistics a column, over all rows, and the first rows
 * as a sample.
 *
 *     every column        count (rows, nulls included), nulls, distinct (values, without null)
 *     integer, float      min, max, mean, median, stddev (of a sample: n - 1)
 *     string, boolean     top: the five most frequent values, {value, count}
 *     date, timestamp     min, max
 */

#ifndef LOOKOUT_STATISTICS_H
#define LOOKOUT_STATISTICS_H

#include "../query/run.h"
#include "session.h"

#define LOOKOUT_PREVIEW_ROWS 50

/* The texts belong to the arena. */
typedef struct {
    lookout_columns_t columns;
    const lookout_buf_t *statistics;   /* a JSON array, an object a column */
    const lookout_buf_t *rows;         /* [..],[..] */
    size_t ends[LOOKOUT_PREVIEW_ROWS]; /* length of `rows` up to the end of each row */
    size_t n;                          /* rows in the sample */
} lookout_sample_t;

/* Steps the statement (the caller's) to its end, under the call's watch. Errors: those of
 * lookout_run_failed; RESULT_TOO_LARGE when the different values need more memory than a query
 * may have. */
lookout_code_e
lookout_sample(lookout_call_t *call, lookout_extract_t *extract, sqlite3_stmt *stmt,
               lookout_columns_t columns, lookout_sample_t *sample);

#endif
