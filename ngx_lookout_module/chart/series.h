/*
 * Rows as categories (places along an axis) and series (colours), and the numbers at their
 * crossings: what bars, lines, areas, pies and heatmaps have in common.
 */

#ifndef LOOKOUT_CHART_SERIES_H
#define LOOKOUT_CHART_SERIES_H

#include "plot.h"

#define LOOKOUT_MAX_SERIES 10 /* that get a colour of their own */
#define LOOKOUT_MAX_FAINT 90  /* that are there besides, in grey */

typedef struct {
    size_t n;
    lookout_str_t *labels;
    double *keys;     /* of categories that are numbers or moments, else NULL */
    uint32_t *of_row; /* the category of each row */
    bool temporal;
    bool ordered; /* numbers, moments, parts of dates: an order that anybody knows */
    bool blank;   /* the last one is that of rows without a value */
    lookout_by_e grain;
} lookout_categories_t;

/* The categories of a channel, in the order that its `sort` asks for; without one as they first
 * occur when the rows are sorted by a measure, else ascending (texts as people sort).
 * Quantities and moments always ascend; nulls are last. With `fill`, periods that no row is of
 * are put in between (as long as they are not too many). False when it is time to stop or
 * memory ran out. */
bool lookout_categories(lookout_plot_t *plot, const lookout_chart_channel_t *channel, bool fill,
                        lookout_categories_t *out);

/* Compares as people sort: numbers inside of texts by their value, and case does not count. */
int lookout_natural(lookout_str_t a, lookout_str_t b);

/* Where a channel's own list of values has the name: behind all of them when it does not; 0
 * without a list. */
double lookout_listed(const cJSON *spec, lookout_str_t name);

typedef struct {
    lookout_str_t name;
    lookout_color_t color;
    double total; /* sum of absolute values */
} lookout_series_t;

typedef struct {
    lookout_categories_t categories;
    lookout_series_t *series;
    size_t n_series;
    size_t n_faint;   /* the last of them: grey, without a name in the legend */
    double *values;   /* [series * categories.n + category]; NaN: no value */
    uint8_t *seen;    /* likewise: is there a row at all? */
    size_t hidden;    /* series that are not among them */
    bool split;       /* the colour channel makes the series */
    bool by_category; /* the colours tell the categories apart, not series */
} lookout_table_t;

/* What becomes of the series beyond LOOKOUT_MAX_SERIES, the smallest. */
typedef enum {
    LOOKOUT_REST_HIDDEN,
    LOOKOUT_REST_MERGED, /* summed up as one */
    LOOKOUT_REST_FAINT   /* behind the others, LOOKOUT_MAX_FAINT of them */
} lookout_rest_e;

/* Makes the table of a value over categories by colour. `value` NULL counts rows. Where sums of
 * the value make no sense, a rest that is to be merged is hidden. False as above. */
bool lookout_table(lookout_plot_t *plot, const lookout_chart_channel_t *categories,
                   const lookout_chart_channel_t *value, bool fill, lookout_rest_e rest,
                   lookout_table_t *out);

/* The series alone: chooses them by the sums of a value (NULL: by rows), gives them names and
 * colours in *out, and each row its number in of_row (UINT32_MAX: hidden). */
bool lookout_series_choose(lookout_plot_t *plot, const lookout_data_column_t *value,
                           lookout_rest_e rest, uint32_t *of_row, lookout_table_t *out);

static inline double
lookout_table_at(const lookout_table_t *table, size_t series, size_t category)
{
    return table->values[series * table->categories.n + category];
}

/* Fills the plot's legend with the series, unless there is but one. */
void
lookout_table_legend(lookout_plot_t *plot, const lookout_table_t *table, lookout_legend_e kind);

/* An axis of the categories. */
void lookout_categories_axis(const lookout_categories_t *categories, lookout_str_t title,
                             lookout_axis_t *axis);

/* "Won, EMEA: $1,234.50" as the tip of a mark; empty parts are left out. */
lookout_str_t lookout_tip(lookout_plot_t *plot, lookout_str_t category, lookout_str_t series,
                          double value, lookout_unit_t unit);

#endif
