/*
 * Heatmaps: a cell for each crossing of two sets of categories, coloured by its value on a ramp
 * of one hue, or on a diverging one when values lie on both sides of zero. Cells that are large
 * enough have their value written in.
 */

#include <math.h>

#include "series.h"

#define CELLS_A_LOOK 1024
#define SHADES 41

typedef struct {
    lookout_plot_t *plot;
    lookout_categories_t x, y;
    double *values; /* [y * x.n + x] */
    uint32_t *counts;
    lookout_unit_t unit;
    double lo, hi;
    bool diverging;
    lookout_color_t shades[SHADES];       /* the ramp, from lo to hi */
    const lookout_chart_channel_t *value; /* NULL: rows are counted */
} heatmap_t;


/* --- Values --- */

static bool
fill(heatmap_t *h)
{
    size_t n_rows = h->plot->chart->n_rows, n = h->x.n * h->y.n, row, at;

    h->values = lookout_plot_alloc(h->plot, n, sizeof(*h->values));
    h->counts = lookout_plot_alloc(h->plot, n, sizeof(*h->counts));
    if (h->values == NULL || h->counts == NULL) {
        return false;
    }
    for (row = 0; row < n_rows; row++) {
        double v = h->value == NULL ? 1 : lookout_data_number(h->value->column, row);

        at = h->y.of_row[row] * h->x.n + h->x.of_row[row];
        if (!isnan(v)) {
            h->values[at] += v;
            h->counts[at]++;
        }
    }
    h->lo = INFINITY;
    h->hi = -INFINITY;
    for (at = 0; at < n; at++) {
        if (h->counts[at] == 0) {
            continue;
        }
        if (h->value != NULL && !h->value->additive) {
            h->values[at] /= h->counts[at];
        }
        h->lo = fmin(h->lo, h->values[at]);
        h->hi = fmax(h->hi, h->values[at]);
    }
    return true;
}


static lookout_color_t
color_of(const heatmap_t *h, double v)
{
    double most = fmax(-h->lo, h->hi);
    double t = h->diverging    ? (v / most + 1) / 2
               : h->hi > h->lo ? (v - h->lo) / (h->hi - h->lo)
                               : 0.5;

    return h->shades[lrint(t * (SHADES - 1))];
}


/* --- Cells --- */

static lookout_str_t
short_number(heatmap_t *h, double v)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_number_short(&b, v, h->unit);
    return lookout_plot_text(h->plot, &b);
}


/* Does the widest value fit into a cell? */
static bool
room_for_values(heatmap_t *h, double width, double height)
{
    size_t at;

    if (height < 1.5 * h->plot->font_small || h->x.n * h->y.n > 1000) {
        return false;
    }
    for (at = 0; at < h->x.n * h->y.n; at++) {
        if (h->counts[at] > 0
            && lookout_label_width(h->plot, short_number(h, h->values[at]), h->plot->font_small,
                                   false)
                       + 5 * h->plot->u
                   > width) {
            return false;
        }
    }
    return true;
}


static void
draw_cell(heatmap_t *h, size_t x, size_t y, bool written, double gap, bool tips)
{
    lookout_plot_t *plot = h->plot;
    double v = h->values[y * h->x.n + x];
    double left = round(plot->x.from + plot->x.step * (double) x);
    double top = round(plot->y.from + plot->y.step * (double) y);
    double width = round(plot->x.from + plot->x.step * (double) (x + 1)) - left - gap;
    double height = round(plot->y.from + plot->y.step * (double) (y + 1)) - top - gap;
    lookout_mark_t *mark;

    if (h->counts[y * h->x.n + x] == 0) {
        return;
    }
    mark = lookout_scene_rect(
        &plot->scene, (lookout_rect_t){ left, top, fmax(width, 0.5), fmax(height, 0.5) },
        color_of(h, v));
    if (gap > 0) {
        mark->u.rect.radius = fmin(2.5 * plot->u, plot->y.step / 5);
        mark->u.rect.corners = LOOKOUT_ROUND_ALL;
    }
    if (tips) {
        mark->tip = lookout_tip(plot, h->x.labels[x], h->y.labels[y], v, h->unit);
    }
    if (written) {
        (void) lookout_label_add(plot, short_number(h, v), left + width / 2,
                                 top + height / 2 + 0.36 * plot->font_small, LOOKOUT_MIDDLE,
                                 plot->font_small, lookout_color_ink_on(mark->color));
    }
}


static void
draw_cells(heatmap_t *h)
{
    lookout_plot_t *plot = h->plot;
    double least = fmin(plot->x.step, plot->y.step);
    double gap = least >= 12 ? fmax(1, round(1.6 * plot->u)) : least >= 6 ? 1 : 0;
    bool written = room_for_values(h, plot->x.step - gap, plot->y.step - gap);
    bool tips = h->x.n * h->y.n <= 5000;
    size_t x, y;

    for (x = 0; x < SHADES; x++) {
        double t = (double) x / (SHADES - 1);

        h->shades[x] =
            h->diverging ? lookout_color_diverging(2 * t - 1) : lookout_color_ramp(t);
    }
    for (y = 0; y < h->y.n; y++) {
        for (x = 0; x < h->x.n; x++) {
            if ((y * h->x.n + x) % CELLS_A_LOOK == 0 && lookout_plot_over(plot)) {
                return;
            }
            draw_cell(h, x, y, written, gap, tips);
        }
    }
}


void
lookout_draw_heatmap(lookout_plot_t *plot)
{
    const lookout_chart_channel_t *x = &plot->chart->channels[LOOKOUT_CH_X];
    const lookout_chart_channel_t *y = &plot->chart->channels[LOOKOUT_CH_Y];
    const lookout_chart_channel_t *color = &plot->chart->channels[LOOKOUT_CH_COLOR];
    heatmap_t h = { .plot = plot };

    if (color->column != NULL && color->measure == LOOKOUT_QUANTITATIVE) {
        h.value = color;
    }
    if (!lookout_categories(plot, x, true, &h.x) || !lookout_categories(plot, y, true, &h.y)
        || !fill(&h)) {
        return;
    }
    if (!(h.hi >= h.lo)) {
        lookout_frame_empty(plot, "No values to show");
        return;
    }
    h.unit = h.value == NULL ? (lookout_unit_t){ .prefix = "", .whole = true }
                             : lookout_unit_of(h.value, h.lo, h.hi);
    h.diverging = h.lo < 0 && h.hi > 0;
    plot->legend.ramp = true;
    plot->legend.diverging = h.diverging;
    plot->legend.lo = h.diverging ? -fmax(-h.lo, h.hi) : h.lo;
    plot->legend.hi = h.diverging ? fmax(-h.lo, h.hi) : h.hi;
    plot->legend.unit = h.unit;
    plot->legend.ramp_title = h.value == NULL ? LOOKOUT_STR("Number of rows") : color->title;
    lookout_categories_axis(&h.x, x->title, &plot->x);
    lookout_categories_axis(&h.y, y->title, &plot->y);
    lookout_frame_draw(plot);
    lookout_frame_axes(plot);
    draw_cells(&h);
}
