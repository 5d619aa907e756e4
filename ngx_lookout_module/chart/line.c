/*
 * Lines and areas over moments, quantities or categories. A line breaks where its value is null
 * and goes straight on where there is no row; areas of several series are stacked.
 */

#include <math.h>

#include "../base/json.h"
#include "series.h"

#define STROKE 2.2        /* units */
#define DOTS_UP_TO 24     /* points of a line that are marked one by one */
#define POINTS_A_PIXEL 4  /* more are thinned out */
#define ZERO_WITHIN 0.6   /* zero is shown when it is this near, in parts of the largest */
#define FILL_OPACITY 0.16 /* under a single line */

typedef struct {
    lookout_plot_t *plot;
    lookout_table_t table;
    lookout_unit_t unit;
    const lookout_chart_channel_t *value; /* NULL: rows are counted */
    bool stacked;
    bool normalized;
    double *base; /* where the next series stands, per category */
} lines_t;


/* --- Axes --- */

static void
extent(lines_t *l, double *lo, double *hi)
{
    size_t n = l->table.categories.n, i, s;

    *lo = INFINITY;
    *hi = -INFINITY;
    for (i = 0; i < n; i++) {
        double sum = 0;

        for (s = 0; s < l->table.n_series; s++) {
            double v = lookout_table_at(&l->table, s, i);

            if (isnan(v)) {
                continue;
            }
            sum = l->stacked ? sum + v : v;
            *lo = fmin(*lo, sum);
            *hi = fmax(*hi, sum);
        }
    }
    if (!(*hi >= *lo)) {
        *lo = *hi = 0;
    }
}


static void
value_axis(lines_t *l, bool area)
{
    lookout_axis_t *axis = &l->plot->y;
    lookout_str_t title = l->value == NULL ? LOOKOUT_STR("Number of rows") : l->value->title;
    double lo, hi;

    extent(l, &lo, &hi);
    l->unit = l->value == NULL ? (lookout_unit_t){ .prefix = "", .whole = true }
                               : lookout_unit_of(l->value, lo, hi);
    *axis = (lookout_axis_t){ .kind = LOOKOUT_AXIS_LINEAR, .title = title };
    if (l->normalized) {
        l->unit = (lookout_unit_t){ .prefix = "", .ratio = true };
        axis->title = lookout_plot_printf(l->plot, "%.*s, share", LOOKOUT_STR_ARG(title));
        axis->tight = true;
        lo = 0;
        hi = 1;
    } else if (area || lo == hi || (lo >= 0 && lo <= ZERO_WITHIN * hi)) {
        lo = fmin(lo, 0);
        hi = fmax(hi, 0);
    } else if (hi <= 0 && hi >= ZERO_WITHIN * lo) {
        hi = 0;
    }
    axis->lo = lo;
    axis->hi = hi;
    axis->unit = l->unit;
}


/* Drops the category of rows without a moment or number: it has no place on the axis. */
static void
drop_blank(lines_t *l)
{
    lookout_categories_t *c = &l->table.categories;
    size_t n = c->n, s;

    if (!c->blank || c->keys == NULL) {
        return;
    }
    for (s = 1; s < l->table.n_series; s++) {
        memmove(l->table.values + s * (n - 1), l->table.values + s * n,
                (n - 1) * sizeof(*l->table.values));
        memmove(l->table.seen + s * (n - 1), l->table.seen + s * n, n - 1);
    }
    c->n--;
    c->blank = false;
    l->plot->note = LOOKOUT_STR("Rows without a value on the horizontal axis are not shown");
}


static void
place_axis(lines_t *l)
{
    const lookout_chart_channel_t *x = &l->plot->chart->channels[LOOKOUT_CH_X];
    const lookout_categories_t *c = &l->table.categories;
    lookout_axis_t *axis = &l->plot->x;

    lookout_categories_axis(c, x->title, axis);
    if (c->keys != NULL && c->n > 0 && x->measure != LOOKOUT_DISCRETE) {
        axis->kind = c->temporal ? LOOKOUT_AXIS_TIME : LOOKOUT_AXIS_LINEAR;
        axis->n_bands = 0;
        axis->tight = true;
        axis->plain = true;
        axis->lo = c->keys[0];
        axis->hi = c->keys[c->n - 1];
        axis->unit = lookout_unit_of(x, axis->lo, axis->hi);
    }
}


static double
x_of(const lines_t *l, size_t category)
{
    const lookout_axis_t *axis = &l->plot->x;

    return lookout_axis_at(axis, axis->kind == LOOKOUT_AXIS_BAND
                                     ? (double) category
                                     : l->table.categories.keys[category]);
}


/* --- Lines --- */

/* Of the points that fall into the same quarter of a pixel only the outermost stay. */
static size_t
thin(lookout_point_t *points, size_t n, double width)
{
    size_t out = 0, i, from;

    if ((double) n < POINTS_A_PIXEL * width) {
        return n;
    }
    for (from = 0; from < n; from = i) {
        size_t low = from, high = from, a, b;

        for (i = from; i < n && floor(points[i].x * 2) == floor(points[from].x * 2); i++) {
            low = points[i].y < points[low].y ? i : low;
            high = points[i].y > points[high].y ? i : high;
        }
        a = low < high ? low : high;
        b = low < high ? high : low;
        points[out++] = points[a];
        if (b != a) {
            points[out++] = points[b];
        }
    }
    return out;
}


/* Is the series one of those behind the others? */
static bool
is_faint(const lines_t *l, size_t series)
{
    return series >= l->table.n_series - l->table.n_faint;
}


static void
draw_stroke(lines_t *l, lookout_point_t *points, size_t n, size_t series)
{
    lookout_plot_t *plot = l->plot;
    const lookout_series_t *s = &l->table.series[series];
    double part = is_faint(l, series) ? 0.5 : l->table.n_series > 6 ? 0.85 : 1;
    lookout_mark_t *mark;

    if (n > 1) {
        mark = lookout_scene_add(&plot->scene, LOOKOUT_POLYLINE, s->color);
        mark->u.path.points = points;
        mark->u.path.n = thin(points, n, plot->area.w);
        mark->u.path.width = STROKE * plot->u * part;
        mark->tip = l->table.split ? s->name : LOOKOUT_STR("");
    }
}


/* Dots at the points of one series: at all of them when they are few, else at those that no
 * line reaches. */
static void
draw_dots(lines_t *l, size_t series, bool all)
{
    lookout_plot_t *plot = l->plot;
    size_t n = l->table.categories.n, i, count = 0;
    lookout_point_t *points = lookout_scene_points(&plot->scene, n);
    lookout_mark_t *mark;

    for (i = 0; points != NULL && i < n; i++) {
        double v = lookout_table_at(&l->table, series, i);
        size_t before = i, after = i + 1;

        if (isnan(v)) {
            continue;
        }
        while (before > 0 && !l->table.seen[series * n + before - 1]) {
            before--; /* over categories without a row the line goes on */
        }
        while (after < n && !l->table.seen[series * n + after]) {
            after++;
        }
        if (all
            || ((before == 0 || isnan(lookout_table_at(&l->table, series, before - 1)))
                && (after == n || isnan(lookout_table_at(&l->table, series, after))))) {
            points[count++] = (lookout_point_t){ x_of(l, i), lookout_axis_at(&plot->y, v) };
        }
    }
    if (count > 0) {
        mark = lookout_scene_add(&plot->scene, LOOKOUT_DISCS, l->table.series[series].color);
        mark->u.discs.centers = points;
        mark->u.discs.n = count;
        mark->u.discs.radius = (is_faint(l, series) ? 2 : n == 1 ? 5 : 3.2) * plot->u;
    }
}


/* The band between the line and zero, for one series alone. */
static void
draw_fill(lines_t *l, const lookout_point_t *points, size_t n, lookout_color_t color)
{
    lookout_point_t *outline = lookout_scene_points(&l->plot->scene, n + 2);
    const lookout_axis_t *y = &l->plot->y;
    double zero = lookout_axis_at(y, fmin(fmax(0, y->lo), y->hi));
    lookout_mark_t *mark;

    if (outline == NULL || n < 2) {
        return;
    }
    memcpy(outline + 1, points, n * sizeof(*points));
    outline[0] = (lookout_point_t){ points[0].x, zero };
    outline[n + 1] = (lookout_point_t){ points[n - 1].x, zero };
    mark = lookout_scene_add(&l->plot->scene, LOOKOUT_POLYGON, color);
    mark->opacity = FILL_OPACITY;
    mark->u.path.points = outline;
    mark->u.path.n = n + 2;
}


/* One series, piece by piece between its nulls. */
static void
draw_line(lines_t *l, size_t series, bool fill)
{
    size_t n = l->table.categories.n, i, count = 0;
    lookout_point_t *points = lookout_scene_points(&l->plot->scene, n);

    for (i = 0; points != NULL && i <= n; i++) {
        double v = i < n ? lookout_table_at(&l->table, series, i) : NAN;

        if (i < n && isnan(v) && !l->table.seen[series * n + i]) {
            continue; /* no row */
        }
        if (!isnan(v)) {
            points[count++] = (lookout_point_t){ x_of(l, i), lookout_axis_at(&l->plot->y, v) };
            continue;
        }
        if (fill) {
            draw_fill(l, points, thin(points, count, l->plot->area.w),
                      l->table.series[series].color);
        }
        draw_stroke(l, points, count, series);
        points += count;
        count = 0;
    }
}


static void
draw_lines(lines_t *l, bool fill)
{
    size_t s, n = l->table.categories.n;
    double room = l->plot->area.w / (double) (n > 0 ? n : 1);
    bool dots = n <= DOTS_UP_TO && room > 16 * l->plot->u;

    for (s = l->table.n_series; s-- > 0 && !lookout_plot_over(l->plot);) {
        draw_line(l, s, fill);
    }
    for (s = l->table.n_series; s-- > 0 && !lookout_plot_over(l->plot);) {
        draw_dots(l, s, dots && !is_faint(l, s));
    }
}


/* --- Stacked areas --- */

/* Values as parts of their category's whole. */
static void
normalize(lines_t *l)
{
    size_t n = l->table.categories.n, i, s;

    for (i = 0; i < n; i++) {
        double whole = 0;

        for (s = 0; s < l->table.n_series; s++) {
            double v = lookout_table_at(&l->table, s, i);

            whole += isnan(v) ? 0 : fabs(v);
        }
        for (s = 0; s < l->table.n_series && whole > 0; s++) {
            l->table.values[s * n + i] = fabs(l->table.values[s * n + i]) / whole;
        }
    }
}


static void
draw_layer(lines_t *l, size_t series)
{
    size_t n = l->table.categories.n, i, lower;
    lookout_point_t *points = lookout_scene_points(&l->plot->scene, 2 * n);
    lookout_point_t *edge = lookout_scene_points(&l->plot->scene, n);
    lookout_mark_t *mark;

    if (points == NULL || edge == NULL || n == 0) {
        return;
    }
    for (i = 0; i < n; i++) {
        double v = lookout_table_at(&l->table, series, i), x = x_of(l, i);

        points[i] = (lookout_point_t){ x, lookout_axis_at(&l->plot->y, l->base[i]) };
        l->base[i] += isnan(v) ? 0 : v;
        edge[i] = (lookout_point_t){ x, lookout_axis_at(&l->plot->y, l->base[i]) };
    }
    lower = thin(points, n, l->plot->area.w);
    n = thin(edge, n, l->plot->area.w);
    for (i = 0; i < n; i++) {
        points[lower + i] = edge[n - 1 - i];
    }
    mark = lookout_scene_add(&l->plot->scene, LOOKOUT_POLYGON, l->table.series[series].color);
    mark->u.path.points = points;
    mark->u.path.n = lower + n;
    mark->tip = l->table.split ? l->table.series[series].name : LOOKOUT_STR("");
    if (n > 1 && series + 1 < l->table.n_series) { /* a seam to the next one */
        mark = lookout_scene_add(&l->plot->scene, LOOKOUT_POLYLINE, LOOKOUT_PAPER);
        mark->u.path.points = edge;
        mark->u.path.n = n;
        mark->u.path.width = fmax(1, 0.9 * l->plot->u);
    }
}


static void
draw_layers(lines_t *l)
{
    size_t s;

    l->base = lookout_plot_alloc(l->plot, l->table.categories.n, sizeof(*l->base));
    for (s = 0; l->base != NULL && s < l->table.n_series && !lookout_plot_over(l->plot); s++) {
        draw_layer(l, s);
    }
}


/* --- All --- */

static void
draw(lookout_plot_t *plot, bool area)
{
    const lookout_chart_channel_t *y = &plot->chart->channels[LOOKOUT_CH_Y];
    lines_t l = { .plot = plot };
    const cJSON *stack;

    l.value = y->measure == LOOKOUT_QUANTITATIVE ? y : NULL;
    if (!lookout_table(plot, &plot->chart->channels[LOOKOUT_CH_X], l.value, false,
                       area ? LOOKOUT_REST_MERGED : LOOKOUT_REST_FAINT, &l.table)) {
        return;
    }
    drop_blank(&l);
    stack = lookout_json_get(y->spec, "stack");
    l.normalized = area && cJSON_IsString(stack) && l.table.n_series > 1
                   && strcmp(stack->valuestring, "normalize") == 0;
    l.stacked = area && l.table.n_series > 1 && !cJSON_IsNull(stack) && !cJSON_IsFalse(stack);
    if (l.table.categories.n == 0) {
        lookout_frame_empty(plot, "No values to show");
        return;
    }
    if (l.normalized) {
        normalize(&l);
    }
    lookout_table_legend(plot, &l.table, area ? LOOKOUT_LEGEND_BOXES : LOOKOUT_LEGEND_LINES);
    value_axis(&l, area);
    place_axis(&l);
    lookout_frame_draw(plot);
    lookout_frame_axes(plot);
    if (l.stacked && l.table.categories.n > 1) {
        draw_layers(&l);
    } else {
        draw_lines(&l, area && l.table.n_series == 1);
    }
    lookout_frame_baseline(plot, false);
}


void
lookout_draw_line(lookout_plot_t *plot)
{
    draw(plot, false);
}


void
lookout_draw_area(lookout_plot_t *plot)
{
    draw(plot, true);
}
