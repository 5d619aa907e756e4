/*
 * The table of values by category and series.
 */

#include <math.h>
#include <stdlib.h>

#include "series.h"

#define ROWS_A_LOOK 8192  /* between two questions whether to stop */
#define FAINT_UP_TO 10000 /* categories: grey series over more would take too much memory */

/* A series on its way to a place and a colour. */
typedef struct {
    lookout_str_t name;
    double total;
    uint32_t id; /* among the colour's categories */
    uint32_t place;
    double rank; /* in the encoding's sort, or its key */
    bool blank;
} candidate_t;


/* --- Order --- */

static int
by_rank(const void *x, const void *y)
{
    const candidate_t *a = x, *b = y;
    int order;

    if (a->blank != b->blank) {
        return a->blank ? 1 : -1;
    }
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    order = lookout_natural(a->name, b->name);
    return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}


static int
by_total(const void *x, const void *y)
{
    const candidate_t *a = x, *b = y;

    if (a->total != b->total) {
        return a->total > b->total ? -1 : 1;
    }
    return by_rank(x, y);
}


/* --- Series --- */

/* What there is to choose from, with the totals. */
static candidate_t *
candidates(lookout_plot_t *plot, const lookout_chart_channel_t *color,
           const lookout_categories_t *colors, const lookout_data_column_t *value)
{
    candidate_t *c = lookout_plot_alloc(plot, colors->n, sizeof(*c));
    size_t i;

    if (c == NULL) {
        return NULL;
    }
    for (i = 0; i < colors->n; i++) {
        c[i].id = (uint32_t) i;
        c[i].name = colors->labels[i];
        c[i].blank = colors->blank && i + 1 == colors->n;
        c[i].rank = colors->keys != NULL && !c[i].blank
                        ? colors->keys[i]
                        : lookout_listed(color->spec, c[i].name);
    }
    for (i = 0; i < plot->chart->n_rows; i++) {
        double v = value == NULL ? 1 : lookout_data_number(value, i);

        if (!isnan(v)) {
            c[colors->of_row[i]].total += fabs(v);
        }
    }
    return c;
}


/* Adds the series behind those with a colour: none of them, their sum or themselves. */
static void
add_rest(lookout_plot_t *plot, const candidate_t *c, size_t n, lookout_rest_e rest,
         uint32_t *place, lookout_table_t *out)
{
    size_t faint = n < LOOKOUT_MAX_FAINT ? n : LOOKOUT_MAX_FAINT, i;

    if (rest == LOOKOUT_REST_MERGED) {
        for (i = 0; i < n; i++) {
            place[c[i].id] = (uint32_t) out->n_series;
        }
        out->series[out->n_series++] =
            (lookout_series_t){ lookout_plot_printf(plot, "%zu others", n), LOOKOUT_OTHERS, 0 };
        return;
    }
    out->n_faint = rest == LOOKOUT_REST_FAINT ? faint : 0;
    out->hidden = n - out->n_faint;
    for (i = 0; i < out->n_faint; i++) {
        place[c[i].id] = (uint32_t) out->n_series;
        out->series[out->n_series++] =
            (lookout_series_t){ c[i].name, LOOKOUT_OTHERS, c[i].total };
    }
}


bool
lookout_series_choose(lookout_plot_t *plot, const lookout_data_column_t *value,
                      lookout_rest_e rest, uint32_t *of_row, lookout_table_t *out)
{
    const lookout_chart_channel_t *color = &plot->chart->channels[LOOKOUT_CH_COLOR];
    size_t n_rows = plot->chart->n_rows, n, i;
    lookout_categories_t colors;
    candidate_t *c;
    uint32_t *place;

    if (!lookout_categories(plot, color, false, &colors)) {
        return false;
    }
    c = candidates(plot, color, &colors, value);
    place = lookout_plot_alloc(plot, colors.n, sizeof(*place));
    out->series =
        lookout_plot_alloc(plot, LOOKOUT_MAX_SERIES + LOOKOUT_MAX_FAINT, sizeof(*out->series));
    if (c == NULL || place == NULL || out->series == NULL) {
        return false;
    }
    n = colors.n;
    if (n > LOOKOUT_MAX_SERIES) {
        qsort(c, n, sizeof(*c), by_total);
        n = LOOKOUT_MAX_SERIES;
    }
    qsort(c, n, sizeof(*c), by_rank);
    memset(place, 0xff, colors.n * sizeof(*place));
    for (i = 0; i < n; i++) {
        place[c[i].id] = (uint32_t) i;
        out->series[i] = (lookout_series_t){
            c[i].name, c[i].blank ? LOOKOUT_OTHERS : lookout_color_series(i), c[i].total
        };
    }
    out->n_series = n;
    if (colors.n > n) {
        add_rest(plot, c + n, colors.n - n, rest, place, out);
    }
    for (i = 0; i < n_rows; i++) {
        of_row[i] = place[colors.of_row[i]];
    }
    return true;
}


static bool
single(lookout_plot_t *plot, lookout_str_t name, lookout_table_t *out)
{
    out->series = lookout_plot_alloc(plot, 1, sizeof(*out->series));
    if (out->series == NULL) {
        return false;
    }
    out->series[0] = (lookout_series_t){ name, lookout_color_series(0), 0 };
    out->n_series = 1;
    return true;
}


/* --- The table --- */

static bool
fill_values(lookout_plot_t *plot, const lookout_data_column_t *value, const uint32_t *of_row,
            lookout_table_t *out)
{
    size_t n_rows = plot->chart->n_rows, n = out->categories.n * out->n_series, row, at;

    out->values = lookout_plot_alloc(plot, n, sizeof(*out->values));
    out->seen = lookout_plot_alloc(plot, n, 1);
    if (out->values == NULL || out->seen == NULL) {
        return false;
    }
    for (at = 0; at < n; at++) {
        out->values[at] = NAN;
    }
    for (row = 0; row < n_rows; row++) {
        uint32_t series = of_row == NULL ? 0 : of_row[row];
        double v = value == NULL ? 1 : lookout_data_number(value, row);

        if (row % ROWS_A_LOOK == 0 && lookout_plot_over(plot)) {
            return false;
        }
        if (series == UINT32_MAX) {
            continue;
        }
        at = series * out->categories.n + out->categories.of_row[row];
        out->seen[at] = 1;
        if (!isnan(v)) {
            out->values[at] = isnan(out->values[at]) ? v : out->values[at] + v;
        }
    }
    return true;
}


bool
lookout_table(lookout_plot_t *plot, const lookout_chart_channel_t *categories,
              const lookout_chart_channel_t *value, bool fill, lookout_rest_e rest,
              lookout_table_t *out)
{
    const lookout_chart_channel_t *color = &plot->chart->channels[LOOKOUT_CH_COLOR];
    const lookout_data_column_t *numbers = value == NULL ? NULL : value->column;
    uint32_t *of_row = NULL;
    bool split = color->column != NULL && color->measure != LOOKOUT_QUANTITATIVE;

    *out = (lookout_table_t){ .n_series = 0 };
    if (!lookout_categories(plot, categories, fill, &out->categories)) {
        return false;
    }
    if (split && color->column == categories->column) {
        split = false;
        out->by_category = out->categories.n <= LOOKOUT_MAX_SERIES;
    }
    if (split) {
        of_row = lookout_plot_alloc(plot, plot->chart->n_rows, sizeof(*of_row));
        if (rest == LOOKOUT_REST_MERGED && value != NULL && !value->additive) {
            rest = LOOKOUT_REST_HIDDEN;
        } else if (rest == LOOKOUT_REST_FAINT && out->categories.n > FAINT_UP_TO) {
            rest = LOOKOUT_REST_HIDDEN;
        }
        if (of_row == NULL || !lookout_series_choose(plot, numbers, rest, of_row, out)) {
            return false;
        }
    } else if (!single(plot, value == NULL ? LOOKOUT_STR("") : value->title, out)) {
        return false;
    }
    out->split = split;
    return fill_values(plot, numbers, of_row, out);
}


void
lookout_table_legend(lookout_plot_t *plot, const lookout_table_t *table, lookout_legend_e kind)
{
    const lookout_chart_channel_t *color = &plot->chart->channels[LOOKOUT_CH_COLOR];
    size_t n = table->n_series - table->n_faint, i;
    lookout_legend_entry_t *entries;

    if (!table->split) {
        return;
    }
    entries = lookout_plot_alloc(plot, n + 1, sizeof(*entries));
    for (i = 0; entries != NULL && i < n; i++) {
        entries[i] = (lookout_legend_entry_t){ table->series[i].name, table->series[i].color };
    }
    if (entries != NULL && table->n_faint > 0) {
        entries[n++] =
            (lookout_legend_entry_t){ lookout_plot_printf(plot, "%zu others", table->n_faint),
                                      LOOKOUT_OTHERS };
    }
    plot->legend.kind = kind;
    plot->legend.title = color->title;
    plot->legend.entries = entries;
    plot->legend.n = entries != NULL ? n : 0;
    if (table->hidden > 0) {
        plot->note = lookout_plot_printf(plot, "+%zu others, the smallest, are not shown",
                                         table->hidden);
    }
}


lookout_str_t
lookout_tip(lookout_plot_t *plot, lookout_str_t category, lookout_str_t series, double value,
            lookout_unit_t unit)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_buf_str(&b, category);
    if (series.len > 0) {
        lookout_buf_puts(&b, category.len > 0 ? ", " : "");
        lookout_buf_str(&b, series);
    }
    lookout_buf_puts(&b, ": ");
    lookout_number_exact(&b, value, unit);
    return lookout_plot_text(plot, &b);
}
