/*
 * What a view shows, as SQL. A view's encoding speaks Vega-Lite's vocabulary: channels (x, y,
 * color, size, theta, shape, row, column, detail, text, tooltip, order, opacity, ...), each
 * with `field` and `type` and, where wanted, `aggregate`, `timeUnit`, `bin`, `sort`, `stack`,
 * `title`; detail, text and tooltip may be arrays of such channels. With an aggregate anywhere
 * the rows are grouped by the other channels; without one they are the rows themselves. Filters
 * apply to the source rows, before grouping.
 *
 * Columns are the channels in that order, each once. Names, Vega-Lite's own: the field's name;
 * `count`; `sum_amount_usd`, `mean_...`, `average_...`, `median_...`, `min_...`, `max_...`,
 * `distinct_...`, `stdev_...`, `variance_...`, `valid_...`, `missing_...`; for time units
 * `year_close_date`, `quarter_`, `month_`, `yearquarter_`, `yearmonth_`, `yearweek_` (from
 * Sunday, as in Vega-Lite), `yearmonthdate_`, `yearmonthdatehours_`, `day_` (0 is Sunday),
 * `date_`, `hours_`; for bins `bin_amount_usd` and, right behind it, `bin_amount_usd_end`.
 * Units that keep the year give the first day of the period as a date, others an integer.
 *
 * Order: grouped rows by the grouping columns, ascending and nulls last, or as a channel's
 * `sort` says: "ascending", "descending", another channel ("y", "-y"), {encoding, order},
 * {field, op, order}, an array of values (others behind it), null (in the order of the source).
 * Where several channels group, a sort by a measure goes by its total over the channel's value.
 * Source rows come in their own order unless a channel has a sort.
 */

#ifndef LOOKOUT_VIEW_H
#define LOOKOUT_VIEW_H

#include "extract.h"
#include "filter.h"
#include "rows.h"

/* Every field an encoding names, each once, `max` at most; returns how many. Borrowed from the
 * tree. */
size_t lookout_view_fields(const cJSON *encoding, lookout_str_t *names, size_t max);

/* Compiles encoding + filters into *sql over the rows that the extract shows, with the columns
 * it gives (in the arena). The tree has to live as long as the arena. Binning looks at the
 * extract (the least and the largest value under the same filters), within the watch, which it
 * sets on the connection and takes off.
 *
 * Errors: SCHEMA_DRIFT, details {missingFields, mismatchedFields, availableFields}: a field
 * that `extract->fields` lacks, or whose type does not bear what the encoding does with it (the
 * sum of a text). INTERNAL_ERROR, details {reason: "bad_encoding", channel?}: the encoding
 * itself is malformed, which is for the view's author to mend. And those of
 * lookout_run_failed. */
lookout_code_e
lookout_view_compile(lookout_arena_t *arena, lookout_extract_t *extract, const cJSON *encoding,
                     lookout_filters_t filters, lookout_watch_t *watch, lookout_sql_t *sql,
                     lookout_columns_t *columns, lookout_error_t *error);

/* For the writer of extracts: the column list of the index that covers what a view without
 * filters asks of the table (grouping expressions first, then what is aggregated, then the
 * fields behind the expressions), as it stands between the parentheses of CREATE INDEX. {NULL,
 * 0} when an index would not help (no grouping, a binned column) or the encoding is not
 * good. */
lookout_str_t
lookout_view_index(lookout_arena_t *arena, const cJSON *encoding, lookout_fields_t fields);

#endif
