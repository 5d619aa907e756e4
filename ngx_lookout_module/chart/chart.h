/*
 * Drawing a view: rows become marks, marks a scene of primitives, and the scene a PNG or
 * SVG. The same chart gives the same bytes in any process: no clock, no locale, no random
 * number goes in.
 *
 * How a caller goes about it, on any thread:
 *
 *     code = lookout_chart_create(arena, &spec, &chart, error);  (before the query: it refuses
 *                                                                 what cannot be drawn)
 *     for each row:
 *         for each column that lookout_chart_wants(chart, column):
 *             lookout_chart_number(chart, column, v), _text(...) or _null(...)
 *         if (!lookout_chart_end_row(chart)) -> out of memory, or the row limit
 *     code = lookout_chart_render(chart, LOOKOUT_CHART_PNG, &out, error);
 */

#ifndef LOOKOUT_CHART_H
#define LOOKOUT_CHART_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "../base/arena.h"
#include "../base/buf.h"
#include "../base/error.h"
#include "../base/field.h"

#define LOOKOUT_CHART_MIN_WIDTH 200
#define LOOKOUT_CHART_MIN_HEIGHT 150
#define LOOKOUT_CHART_MAX_SIDE 4096

typedef enum { LOOKOUT_CHART_PNG, LOOKOUT_CHART_SVG } lookout_chart_format_e;

/* A column of the result, as the view's query gives it. */
typedef struct {
    lookout_str_t name;
    lookout_type_e type;
} lookout_chart_column_t;

/* What to draw. Everything it points to has to live as long as the chart. */
typedef struct {
    lookout_str_t chart_type; /* "bar", "line", ... */
    const cJSON *encoding;    /* the view's, Vega-Lite's vocabulary */
    lookout_str_t title;      /* may be absent */
    lookout_str_t subtitle;   /* may be absent: the filters that were applied, and the like */
    uint32_t width;           /* pixels, within the limits above */
    uint32_t height;
    const lookout_chart_column_t *columns; /* all of the result's, in its order */
    size_t n_columns;
    bool (*over)(void *data); /* asked now and then: is it time to stop? May be NULL */
    void *over_data;
} lookout_chart_spec_t;

typedef struct lookout_chart_s lookout_chart_t;

/* A chart without rows yet; it lives as long as the arena. Each channel of the encoding is
 * matched with the column that carries it, by the names that a view's query gives its columns
 * (sum_amount_usd, yearmonth_close_date, bin_x with bin_x_end, ...).
 *
 * Errors: CHART_TYPE_UNSUPPORTED, details {chartType, supported}; INVALID_INPUT, details
 * {errors}: a size out of range; INTERNAL_ERROR, details {reason: "bad_encoding", channel}: the
 * encoding lacks a channel that this type of chart cannot do without. */
lookout_code_e lookout_chart_create(lookout_arena_t *arena, const lookout_chart_spec_t *spec,
                                    lookout_chart_t **chart, lookout_error_t *error);

/* Does the chart look at the column at all? */
bool lookout_chart_wants(const lookout_chart_t *chart, size_t column);

/* The value of a column in the row that is being filled; what is not set is null. A number that
 * is not finite is null. Text is copied; in a column of dates or timestamps it is read as such,
 * and is null when it is none. */
void lookout_chart_null(lookout_chart_t *chart, size_t column);
void lookout_chart_number(lookout_chart_t *chart, size_t column, double value);
void lookout_chart_text(lookout_chart_t *chart, size_t column, lookout_str_t value);

/* Ends the row. False when memory ran out. */
bool lookout_chart_end_row(lookout_chart_t *chart);

/* Appends the file to *out. Errors: LOOKOUT_CANCELLED (over() said so; *out is to be dropped),
 * INTERNAL_ERROR (no memory; no font on this machine, for a PNG). */
lookout_code_e lookout_chart_render(lookout_chart_t *chart, lookout_chart_format_e format,
                                    lookout_buf_t *out, lookout_error_t *error);

/* Frees the fonts that renders keep between them: at the end of a process, when no render is
 * under way. */
void lookout_chart_shutdown(void);

#endif
