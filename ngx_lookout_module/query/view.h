/*
 * What a view shows, as SQL. A view's encoding speaks Vega-Lite's vocabulary: channels (x, y, color, size,
 * theta, shape, row, column, detail, text, tooltip, order, opacity), each with `field` and `type` and, where wanted, `aggregate`, `timeUnit`, `bin`,
 * `sort`, `stack`, `title`; detail and tooltip may be arrays of such channels. With an aggregate anywhere the rows are grouped by the other channels;
 * without one they are the rows themselves. Filters apply to the source rows, before grouping.
 *
 * Columns are the channels in that order, each once. Names, Vega-Lite's own: the field's name; `count`;
 * `sum_amount_usd`, `mean_...`, `median_...`, `min_`, `max_`, `distinct_`, `stdev_`...; `yearmonth_close_date`;
 * `bin_amount_usd` and `bin_amount_usd_end`.
 */

#ifndef LOOKOUT_VIEW_H
#define LOOKOUT_VIEW_H

#include "extract.h"
#include "filter.h"
#include "run.h"

/* Every field an encoding names, each once. Borrowed from the tree. */
size_t lookout_view_fields(const cJSON *encoding, lookout_str_t *names, size_t max);

/* Compiles encoding + filters into *sql over the extract's table, with the columns it gives (in the arena).
 * A field that `extract->fields` lacks: SCHEMA_DRIFT with details {missingFields, availableFields}.
 * Binning looks at the extract (min and max under the same filters), within the watch. */
lookout_code_e
lookout_view_compile(lookout_arena_t *arena, lookout_extract_t *extract, const cJSON *encoding,
                     lookout_filters_t filters, lookout_watch_t *watch, lookout_sql_t *sql,
                     lookout_columns_t *columns, lookout_error_t *error);

/* For the writer of extracts: the column list of the index that covers what a view without filters asks of the
 * table (grouping expressions first, then what is aggregated), as it stands between the parentheses of CREATE
 * INDEX. Returns {NULL, 0} when an index would not help (no grouping, a binned column, ...). */
lookout_str_t
lookout_view_index(lookout_arena_t *arena, const cJSON *encoding, lookout_fields_t fields);

#endif
