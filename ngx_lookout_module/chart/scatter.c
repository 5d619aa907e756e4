/*
 * Scatter plots: a dot for each row, on axes of quantities, moments or categories; coloured by
 * series or on a ramp, as large as the size channel says. Where dots are many they get smaller
 * and let others shine through; those that fall onto one spot are drawn once.
 */

#include <math.h>
#include <stdlib.h>

#include "series.h"

#define RADIUS 3.6    /* units, when they are few */
#define LEAST_DOT 2.5 /* units: of the least and the largest value of the size channel */
#define LARGEST_DOT 18.0
#define RAMP_STEPS 24
#define ROWS_A_LOOK 8192
#define ZERO_WITHIN 0.25 /* zero is shown when it is this near, in parts of the largest */
#define SPOTS 3          /* dots of one series on one spot; more look no different */

typedef struct {
    lookout_plot_t *plot;
    lookout_categories_t x, y; /* of axes with bands */
    lookout_table_t colors;    /* its series alone */
    uint32_t *series;          /* of each row; NULL: all are one */
    const lookout_chart_channel_t *ramp, *size;
    double ramp_lo, ramp_hi, size_lo, size_hi;
    double radius, opacity;
    size_t shown;
} scatter_t;


static bool
extent(const lookout_plot_t *plot, const lookout_data_column_t *column, double *lo, double *hi)
{
    size_t row;

    *lo = INFINITY;
    *hi = -INFINITY;
    for (row = 0; row < plot->chart->n_rows; row++) {
        double v = lookout_data_number(column, row);

        if (!isnan(v)) {
            *lo = v < *lo ? v : *lo;
            *hi = v > *hi ? v : *hi;
        }
    }
    return *hi >= *lo;
}


/* Sets up the axis of a channel; false when it has no values, or it is time to stop. */
static bool
make_axis(scatter_t *s, const lookout_chart_channel_t *channel,
          lookout_categories_t *categories, lookout_axis_t *axis)
{
    double lo, hi, room;

    if (channel->measure == LOOKOUT_DISCRETE) {
        if (!lookout_categories(s->plot, channel, false, categories)) {
            return false;
        }
        lookout_categories_axis(categories, channel->title, axis);
        axis->moments = NULL;
        return true;
    }
    if (!extent(s->plot, channel->column, &lo, &hi)) {
        return false;
    }
    *axis = (lookout_axis_t){ .title = channel->title, .lo = lo, .hi = hi };
    if (channel->measure == LOOKOUT_TEMPORAL) {
        axis->kind = LOOKOUT_AXIS_TIME;
        axis->grain = lookout_when_grain(channel->column->numbers, s->plot->chart->n_rows);
        room = hi > lo ? 0.015 * (hi - lo) : 43200;
        axis->lo -= room;
        axis->hi += room;
        return true;
    }
    axis->kind = LOOKOUT_AXIS_LINEAR;
    axis->unit = lookout_unit_of(channel, lo, hi);
    /* Large dots are not points. */
    room = s->plot->chart->channels[LOOKOUT_CH_SIZE].column != NULL ? 0.05 : 0;
    axis->lo -= lo == 0 ? 0 : room * (hi - lo);
    axis->hi += hi == 0 ? 0 : room * (hi - lo);
    if (lo > 0 && lo <= ZERO_WITHIN * hi) {
        axis->lo = 0;
    } else if (hi < 0 && hi >= ZERO_WITHIN * lo) {
        axis->hi = 0;
    }
    return true;
}


/* --- Colour and size --- */

static bool
make_colors(scatter_t *s)
{
    const lookout_chart_channel_t *color = &s->plot->chart->channels[LOOKOUT_CH_COLOR];
    lookout_legend_t *legend = &s->plot->legend;

    if (color->column != NULL && color->measure == LOOKOUT_QUANTITATIVE) {
        if (extent(s->plot, color->column, &s->ramp_lo, &s->ramp_hi)) {
            s->ramp = color;
            legend->ramp = true;
            legend->ramp_title = color->title;
            legend->lo = s->ramp_lo;
            legend->hi = s->ramp_hi;
            legend->unit = lookout_unit_of(color, s->ramp_lo, s->ramp_hi);
        }
    } else if (color->column != NULL) {
        s->series = lookout_plot_alloc(s->plot, s->plot->chart->n_rows, sizeof(*s->series));
        if (s->series == NULL
            || !lookout_series_choose(s->plot, NULL, LOOKOUT_REST_MERGED, s->series,
                                      &s->colors)) {
            return false;
        }
        s->colors.split = true;
        lookout_table_legend(s->plot, &s->colors, LOOKOUT_LEGEND_DOTS);
    }
    return true;
}


static void
make_sizes(scatter_t *s)
{
    const lookout_chart_channel_t *size = &s->plot->chart->channels[LOOKOUT_CH_SIZE];
    size_t n = s->plot->chart->n_rows;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_unit_t unit;
    double many = fmax(1, (double) n / 150);

    s->radius = fmax(0.8, RADIUS / pow(many, 0.22)) * s->plot->u;
    s->opacity = fmax(0.5, 0.8 / pow(many, 0.12));
    if (size->column == NULL || size->measure != LOOKOUT_QUANTITATIVE
        || !extent(s->plot, size->column, &s->size_lo, &s->size_hi)) {
        return;
    }
    s->size = size;
    s->opacity *= 0.8;
    unit = lookout_unit_of(size, s->size_lo, s->size_hi);
    lookout_buf_puts(&b, "Size: ");
    lookout_buf_str(&b, size->title);
    lookout_buf_puts(&b, ", ");
    lookout_number_short(&b, s->size_lo, unit);
    lookout_buf_puts(&b, " to ");
    lookout_number_short(&b, s->size_hi, unit);
    s->plot->legend.size_note = lookout_plot_text(s->plot, &b);
}


/* The number of the layer that a row's dot is in: its series, or its step on the ramp. */
static size_t
layer_of(const scatter_t *s, size_t row)
{
    if (s->ramp != NULL) {
        double v = lookout_data_number(s->ramp->column, row), span = s->ramp_hi - s->ramp_lo;

        if (isnan(v)) {
            return RAMP_STEPS; /* grey */
        }
        return (size_t) (span > 0 ? (v - s->ramp_lo) / span * (RAMP_STEPS - 1) + 0.5
                                  : RAMP_STEPS / 2.0);
    }
    return s->series == NULL ? 0 : s->series[row];
}


static lookout_color_t
layer_color(const scatter_t *s, size_t layer)
{
    if (s->ramp != NULL) {
        /* The palest tints would be lost on white. */
        return layer == RAMP_STEPS
                   ? LOOKOUT_OTHERS
                   : lookout_color_ramp(0.18 + 0.82 * (double) layer / (RAMP_STEPS - 1));
    }
    return s->series == NULL ? lookout_color_series(0) : s->colors.series[layer].color;
}


/* --- Dots --- */

/* A place for a category's dots: those of one band would lie on one line, so they are strewn
 * over it, by row, the same way every time. */
static double
strewn(const lookout_axis_t *axis, uint32_t band, size_t row)
{
    uint32_t h = (uint32_t) row * 2654435761u;
    double part = (double) ((h ^ h >> 15) & 0xffff) / 65535.0 - 0.5;

    return lookout_axis_at(axis, band) + part * axis->step * 0.55;
}


static bool
place(const scatter_t *s, size_t row, lookout_point_t *at)
{
    const lookout_plot_t *plot = s->plot;
    const lookout_chart_channel_t *x = &plot->chart->channels[LOOKOUT_CH_X];
    const lookout_chart_channel_t *y = &plot->chart->channels[LOOKOUT_CH_Y];

    at->x = s->x.of_row != NULL
                ? strewn(&plot->x, s->x.of_row[row], row)
                : lookout_axis_at(&plot->x, lookout_data_number(x->column, row));
    at->y = s->y.of_row != NULL
                ? strewn(&plot->y, s->y.of_row[row], row + 7919)
                : lookout_axis_at(&plot->y, lookout_data_number(y->column, row));
    return !isnan(at->x) && !isnan(at->y);
}


static double
radius_of(const scatter_t *s, size_t row)
{
    double v, t;

    if (s->size == NULL) {
        return s->radius;
    }
    v = lookout_data_number(s->size->column, row);
    if (isnan(v)) {
        return LEAST_DOT * s->plot->u;
    }
    t = s->size_hi > s->size_lo ? (v - s->size_lo) / (s->size_hi - s->size_lo) : 0.5;
    return (LEAST_DOT + (LARGEST_DOT - LEAST_DOT) * sqrt(t)) * s->plot->u
           * fmax(0.3, pow(60 / fmax(60, (double) s->plot->chart->n_rows), 0.2));
}


/* Dots of one layer in the making. */
typedef struct {
    lookout_point_t *points;
    float *radii;
    size_t n, cap;
} layer_t;


static int
larger_first(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (x[2] < y[2]) - (x[2] > y[2]);
}


/* Large dots first, so that they do not hide small ones. */
static void
sort_layer(scatter_t *s, layer_t *layer)
{
    double(*all)[3] = lookout_plot_alloc(s->plot, layer->n, sizeof(*all));
    size_t i;

    if (all == NULL) {
        return;
    }
    for (i = 0; i < layer->n; i++) {
        all[i][0] = layer->points[i].x;
        all[i][1] = layer->points[i].y;
        all[i][2] = (double) layer->radii[i];
    }
    qsort(all, layer->n, sizeof(*all), larger_first);
    for (i = 0; i < layer->n; i++) {
        layer->points[i] = (lookout_point_t){ all[i][0], all[i][1] };
        layer->radii[i] = (float) all[i][2];
    }
}


/* Counts how many rows each layer has, and makes room for them. */
static layer_t *
make_layers(scatter_t *s, size_t n_layers)
{
    layer_t *layers = lookout_plot_alloc(s->plot, n_layers, sizeof(*layers));
    size_t row, i;

    if (layers == NULL) {
        return NULL;
    }
    for (row = 0; row < s->plot->chart->n_rows; row++) {
        layers[layer_of(s, row)].cap++;
    }
    for (i = 0; i < n_layers; i++) {
        layers[i].points = lookout_scene_points(&s->plot->scene, layers[i].cap);
        layers[i].radii = lookout_plot_alloc(s->plot, layers[i].cap, sizeof(float));
    }
    return s->plot->scene.failed ? NULL : layers;
}


/* Has this half pixel its fill of dots of the layer already? The table counts, roughly when it
 * gets full: then a dot more is drawn, never one too few. */
static bool
crowded(uint32_t *spots, size_t mask, lookout_point_t at, size_t layer)
{
    uint32_t x = (uint32_t) (int) (at.x * 2), y = (uint32_t) (int) (at.y * 2);
    uint32_t key = (x * 73856093u ^ y * 19349663u ^ (uint32_t) layer * 83492791u) & 0x3fffffff;
    uint32_t mixed = key * 2654435761u;
    size_t slot = (mixed ^ mixed >> 15) & mask;

    if (spots[slot] >> 2 != key) {
        spots[slot] = key << 2 | 1;
        return false;
    }
    if ((spots[slot] & 3) == SPOTS) {
        return true;
    }
    spots[slot]++;
    return false;
}


static bool
fill_layers(scatter_t *s, layer_t *layers)
{
    size_t n_rows = s->plot->chart->n_rows, row, mask = (1 << 18) - 1;
    uint32_t *spots = NULL;
    lookout_point_t at;

    if (n_rows > 4000 && s->size == NULL) {
        spots = lookout_plot_alloc(s->plot, mask + 1, sizeof(*spots));
    }
    for (row = 0; row < n_rows; row++) {
        layer_t *layer = &layers[layer_of(s, row)];

        if (row % ROWS_A_LOOK == 0 && lookout_plot_over(s->plot)) {
            return false;
        }
        if (!place(s, row, &at)) {
            continue;
        }
        s->shown++;
        if (spots != NULL && crowded(spots, mask, at, (size_t) (layer - layers))) {
            continue;
        }
        layer->points[layer->n] = at;
        layer->radii[layer->n++] = (float) radius_of(s, row);
    }
    return true;
}


static void
draw_dots(scatter_t *s)
{
    size_t n_layers = s->ramp != NULL     ? RAMP_STEPS + 1
                      : s->series != NULL ? s->colors.n_series
                                          : 1;
    layer_t *layers = make_layers(s, n_layers);
    size_t i;

    if (layers == NULL || !fill_layers(s, layers)) {
        return;
    }
    for (i = 0; i < n_layers; i++) {
        lookout_mark_t *mark;

        if (layers[i].n == 0) {
            continue;
        }
        if (s->size != NULL) {
            sort_layer(s, &layers[i]);
        }
        mark = lookout_scene_add(&s->plot->scene, LOOKOUT_DISCS, layer_color(s, i));
        mark->opacity = s->opacity;
        mark->u.discs.centers = layers[i].points;
        mark->u.discs.n = layers[i].n;
        mark->u.discs.radius = s->radius;
        mark->u.discs.radii = s->size != NULL ? layers[i].radii : NULL;
    }
}


/* How many rows have a place on both axes? */
static size_t
count_placed(const scatter_t *s, const lookout_chart_channel_t *x,
             const lookout_chart_channel_t *y)
{
    size_t row, n = 0;

    for (row = 0; row < s->plot->chart->n_rows; row++) {
        n += (x->measure == LOOKOUT_DISCRETE || !isnan(lookout_data_number(x->column, row)))
             && (y->measure == LOOKOUT_DISCRETE || !isnan(lookout_data_number(y->column, row)));
    }
    return n;
}


void
lookout_draw_scatter(lookout_plot_t *plot)
{
    const lookout_chart_channel_t *x = &plot->chart->channels[LOOKOUT_CH_X];
    const lookout_chart_channel_t *y = &plot->chart->channels[LOOKOUT_CH_Y];
    scatter_t s = { .plot = plot };
    size_t placed;

    if (!make_axis(&s, x, &s.x, &plot->x) || !make_axis(&s, y, &s.y, &plot->y)) {
        if (!lookout_plot_over(plot)) {
            lookout_frame_empty(plot, "No values to show");
        }
        return;
    }
    placed = count_placed(&s, x, y);
    if (placed < plot->chart->n_rows) {
        plot->note = lookout_plot_printf(plot, "%zu of %zu rows lack a value and are not shown",
                                         plot->chart->n_rows - placed, plot->chart->n_rows);
    }
    make_sizes(&s);
    if (!make_colors(&s)) {
        return;
    }
    lookout_frame_draw(plot);
    lookout_frame_axes(plot);
    draw_dots(&s);
    lookout_frame_baseline(plot, false);
}
