/*
 * A view made ready to be read: its definition, its datasource, the filters that apply, and the
 * statement that gives its rows. What every tool does that shows what is behind a view.
 */

#ifndef LOOKOUT_VIEW_QUERY_H
#define LOOKOUT_VIEW_QUERY_H

#include "../query/run.h"
#include "../query/view.h"
#include "session.h"

typedef struct {
    lookout_call_t *call;
    lookout_view_t view;
    lookout_datasource_t source;
    lookout_extract_t *extract;
    const cJSON *encoding;
    lookout_filters_t limits;  /* of the call's scope; the extract is restricted to them */
    lookout_filters_t asked;   /* the saved filters with the call's overrides merged in */
    lookout_filters_t filters; /* both: what applies, for whoever shows it */
    lookout_str_t version;     /* of the data and of the view's definition */
} lookout_view_query_t;

/* Finds the view that the call's argument viewId names and resolves its filters with the call's
 * filterOverrides, when the tool has such an argument. VIEW_NOT_FOUND, DATASOURCE_OFFLINE,
 * SCHEMA_DRIFT (details {viewId, missingFields, availableFields}), INVALID_FILTER. */
lookout_code_e lookout_view_query_open(lookout_view_query_t *query, lookout_call_t *call);

/* The same for a view and overrides (NULL: none) that are not the call's own arguments. */
lookout_code_e lookout_view_query_open_as(lookout_view_query_t *query, lookout_call_t *call,
                                          lookout_str_t view_id, const cJSON *overrides);

/* Compiles the view. The caller finalizes *stmt. LOOKOUT_NEEDS_THREAD at once when the view's
 * datasource is too large for the event loop; QUERY_TIMEOUT and the like when binning has to
 * look at the data. */
lookout_code_e lookout_view_query_prepare(lookout_view_query_t *query, sqlite3_stmt **stmt,
                                          lookout_columns_t *columns);

#endif
