/*
 * Histograms: bars over the bins that the query made, side by side on an axis of the values
 * themselves. Rows that come without bins are put into some here. A colour stacks them.
 */

#include <math.h>

#include "series.h"

#define BINS 30 /* at most, when they are made here */

typedef struct {
    lookout_plot_t *plot;
    lookout_table_t table;
    lookout_chart_channel_t bins; /* the x channel, with columns of bounds */
    const lookout_chart_channel_t *value;
    double *ends; /* upper bound by category */
    double least, most;
    lookout_unit_t unit;
} histogram_t;


/* --- Bins made here --- */

/* A column of numbers beside the table's own, one for each row. */
static lookout_data_column_t *
new_column(lookout_plot_t *plot, const lookout_data_column_t *like)
{
    lookout_data_column_t *column = lookout_plot_alloc(plot, 1, sizeof(*column));

    if (column != NULL) {
        column->name = like->name;
        column->type = LOOKOUT_FLOAT;
        column->numbers =
            lookout_plot_alloc(plot, plot->chart->n_rows, sizeof(*column->numbers));
    }
    return column == NULL || column->numbers == NULL ? NULL : column;
}


/* Puts each row into a bin: columns of lower and upper bounds. */
static bool
make_bins(histogram_t *h)
{
    const lookout_data_column_t *x = h->bins.column;
    size_t n_rows = h->plot->chart->n_rows, row;
    lookout_data_column_t *from = new_column(h->plot, x), *to = new_column(h->plot, x);
    double lo = INFINITY, hi = -INFINITY, v, step;
    lookout_ticks_t ticks;

    if (from == NULL || to == NULL) {
        return false;
    }
    for (row = 0; row < n_rows; row++) {
        v = lookout_data_number(x, row);
        lo = isnan(v) ? lo : fmin(lo, v);
        hi = isnan(v) ? hi : fmax(hi, v);
    }
    if (!(hi >= lo)) {
        lo = hi = 0;
    }
    ticks = lookout_ticks(lo, hi, BINS, x->type == LOOKOUT_INTEGER);
    step = lookout_tick_step(&ticks);
    for (row = 0; row < n_rows; row++) {
        v = lookout_data_number(x, row);
        if (isnan(v)) {
            from->numbers[row] = to->numbers[row] = NAN;
            continue;
        }
        v = floor((v - lookout_tick(&ticks, 0)) / step + 1e-9);
        v = fmin(v, (double) ticks.n - 2);
        from->numbers[row] = lookout_tick(&ticks, (size_t) fmax(0, v));
        to->numbers[row] = lookout_tick(&ticks, (size_t) fmax(0, v) + 1);
    }
    h->bins.column = from;
    h->bins.end = to;
    return true;
}


/* --- Drawing --- */

/* The upper bound of every bin; where there is none, or none that is above the lower one, the
 * next bin's lower one. */
static bool
find_ends(histogram_t *h)
{
    const lookout_categories_t *c = &h->table.categories;
    size_t row, i, n = c->n - (c->blank ? 1 : 0);

    h->ends = lookout_plot_alloc(h->plot, c->n, sizeof(*h->ends));
    if (h->ends == NULL || c->of_row == NULL) {
        return false;
    }
    for (row = 0; row < h->plot->chart->n_rows; row++) {
        double v = lookout_data_number(h->bins.end, row);

        if (!isnan(v)) {
            h->ends[c->of_row[row]] = v;
        }
    }
    for (i = 0; i < n; i++) {
        double next = i + 1 < n ? c->keys[i + 1] : c->keys[i] + fmax(1, fabs(c->keys[i]) * 0.1);

        if (!(h->ends[i] > c->keys[i] && h->ends[i] <= next)
            && (i + 1 < n || h->ends[i] <= c->keys[i])) {
            h->ends[i] = next;
        }
    }
    return true;
}


/* Rows without a value have no bin. */
static void
note_blank(histogram_t *h)
{
    lookout_categories_t *c = &h->table.categories;
    double sum = 0;
    size_t s;

    if (!c->blank) {
        return;
    }
    for (s = 0; s < h->table.n_series; s++) {
        double v = lookout_table_at(&h->table, s, c->n - 1);

        sum += isnan(v) ? 0 : v;
    }
    if (sum > 0) {
        lookout_buf_t b = LOOKOUT_BUF_INIT;

        lookout_number_short(&b, sum, h->unit);
        lookout_buf_puts(&b, " without a value not shown");
        h->plot->note = lookout_plot_text(h->plot, &b);
    }
}


/* How far the bars of the first n bins reach below and above zero; sets the unit, too. */
static void
measure(histogram_t *h, size_t n)
{
    size_t i, s;

    for (i = 0; i < n; i++) {
        double up = 0, down = 0;

        for (s = 0; s < h->table.n_series; s++) {
            double v = lookout_table_at(&h->table, s, i);

            up += v > 0 ? v : 0;
            down += v < 0 ? v : 0;
        }
        h->most = fmax(h->most, up);
        h->least = fmin(h->least, down);
    }
    h->unit = h->value == NULL ? (lookout_unit_t){ .prefix = "", .whole = true }
                               : lookout_unit_of(h->value, h->least, h->most);
}


static void
make_axes(histogram_t *h, size_t n)
{
    const lookout_categories_t *c = &h->table.categories;
    lookout_plot_t *plot = h->plot;

    plot->y = (lookout_axis_t){ .kind = LOOKOUT_AXIS_LINEAR,
                                .title = h->value == NULL ? LOOKOUT_STR("Number of rows")
                                                          : h->value->title,
                                .lo = h->least,
                                .hi = h->most,
                                .unit = h->unit };
    plot->x = (lookout_axis_t){ .kind = LOOKOUT_AXIS_LINEAR,
                                .title = h->bins.title,
                                .tight = true,
                                .plain = true,
                                .lo = c->keys[0],
                                .hi = h->ends[n - 1],
                                .unit = lookout_unit_of(&h->plot->chart->channels[LOOKOUT_CH_X],
                                                        c->keys[0], h->ends[n - 1]) };
    plot->x.unit.whole = false;
}


static void
draw_bin(histogram_t *h, size_t bin)
{
    lookout_plot_t *plot = h->plot;
    double left = round(lookout_axis_at(&plot->x, h->table.categories.keys[bin]));
    double right = round(lookout_axis_at(&plot->x, h->ends[bin])), up = 0, down = 0;
    double gap = right - left >= 5 ? fmax(1, round(plot->u)) : 0;
    size_t s;

    for (s = 0; s < h->table.n_series; s++) {
        double v = lookout_table_at(&h->table, s, bin), top, bottom;
        lookout_mark_t *mark;

        if (isnan(v) || v == 0) {
            continue;
        }
        bottom = lookout_axis_at(&plot->y, v > 0 ? up : down);
        top = lookout_axis_at(&plot->y, (v > 0 ? up : down) + v);
        if (fabs(bottom - top) < 1) {
            top = v > 0 ? bottom - 1 : bottom + 1; /* a small bin is not an empty one */
        }
        mark = lookout_scene_rect(&plot->scene,
                                  (lookout_rect_t){ left, fmin(top, bottom),
                                                    fmax(right - left - gap, 0.6),
                                                    fabs(bottom - top) },
                                  h->table.series[s].color);
        if (h->table.n_series == 1 && right - left >= 8) {
            mark->u.rect.radius = fmin(2 * plot->u, fabs(bottom - top));
            mark->u.rect.corners = v > 0 ? LOOKOUT_ROUND_TOP : LOOKOUT_ROUND_BOTTOM;
        }
        mark->tip =
            lookout_tip(plot, h->table.categories.labels[bin],
                        h->table.split ? h->table.series[s].name : LOOKOUT_STR(""), v, h->unit);
        up += v > 0 ? v : 0;
        down += v < 0 ? v : 0;
    }
}


void
lookout_draw_histogram(lookout_plot_t *plot)
{
    const lookout_chart_channel_t *y = &plot->chart->channels[LOOKOUT_CH_Y];
    histogram_t h = { .plot = plot, .bins = plot->chart->channels[LOOKOUT_CH_X] };
    size_t n, i;

    if (h.bins.measure != LOOKOUT_QUANTITATIVE) {
        lookout_draw_bar(plot); /* nothing to bin: the count of each value */
        return;
    }
    h.value = y->column != NULL && y->measure == LOOKOUT_QUANTITATIVE ? y : NULL;
    if ((h.bins.end == NULL && !make_bins(&h))
        || !lookout_table(plot, &h.bins, h.value, false, LOOKOUT_REST_MERGED, &h.table)
        || !find_ends(&h)) {
        plot->scene.failed = plot->scene.failed || !plot->stopped;
        return;
    }
    n = h.table.categories.n - (h.table.categories.blank ? 1 : 0);
    measure(&h, n);
    if (n == 0) {
        lookout_frame_empty(plot, "No values to show");
        return;
    }
    note_blank(&h);
    make_axes(&h, n);
    lookout_table_legend(plot, &h.table, LOOKOUT_LEGEND_BOXES);
    lookout_frame_draw(plot);
    lookout_frame_axes(plot);
    for (i = 0; i < n && !(i % 64 == 0 && lookout_plot_over(plot)); i++) {
        draw_bin(&h, i);
    }
    lookout_frame_baseline(plot, false);
}
