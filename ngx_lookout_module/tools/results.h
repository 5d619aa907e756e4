/*
 * What the two query tools share: format, page and cursor in; rows out, as positional arrays or
 * CSV, with the four signals of pagination and truncation:
 *
 *     nextCursor set, truncated false     there are more pages
 *     nextCursor null, truncated false    all of it was given
 *     nextCursor null, truncated true     the row cap or the time limit cut it
 *     warning RESPONSE_TRUNCATED          the envelope had no room for all rows of the page;
 *                                         nextCursor goes on right after the last one given
 */

#ifndef LOOKOUT_RESULTS_H
#define LOOKOUT_RESULTS_H

#include "../base/id.h"
#include "../query/cursor.h"
#include "../query/run.h"
#include "session.h"

/* The limits of a query tool. */
typedef struct {
    uint32_t page;     /* rows a page, when the call does not say */
    uint32_t row_cap;  /* rows over all pages, and so the largest page */
    const char *cures; /* what to do when the envelope is full, beside paging */
} lookout_result_limits_t;

typedef struct {
    lookout_call_t *call;
    const lookout_datasource_t *source;
    lookout_extract_t *extract;
    const lookout_result_limits_t *limits;
    lookout_page_t page;
    lookout_cursor_bond_t bond;
    int64_t now;
    char query_id[LOOKOUT_ID_MAX];
} lookout_answer_t;

/* Reads the call's format, page and cursor. `version` names the data: a cursor over another
 * version is INVALID_CURSOR, and the queryId, which is minted from the call and the version, is
 * the same for all pages. */
lookout_code_e
lookout_answer_begin(lookout_answer_t *answer, lookout_call_t *call,
                     const lookout_datasource_t *source, lookout_extract_t *extract,
                     lookout_str_t version, const lookout_result_limits_t *limits);

/* Begins the result: queryId, the member `key` with the id of what was queried, executedAt. The
 * tool may add members of its own after it. */
void lookout_answer_open(lookout_answer_t *answer, const char *key, lookout_str_t id);

/* Runs the statement (the caller's) to the page, and writes the rest of the result. Errors:
 * those of lookout_run. */
lookout_code_e
lookout_answer_rows(lookout_answer_t *answer, sqlite3_stmt *stmt, lookout_columns_t columns);

#endif
