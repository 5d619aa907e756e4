/*
 * Bars: over one another when their values add up, side by side when not (a stack of averages
 * means nothing), each as long as the encoding does not say otherwise. Bars stand on whole
 * pixels with equal gaps as long as there are pixels enough.
 */

#include <math.h>
#include <stdlib.h>

#include "../base/json.h"
#include "series.h"

#define THICKNESS 0.7  /* of a band: what the bars take */
#define GROUPED 0.82   /* the same where several stand side by side */
#define MAX_THICK 84.0 /* units */
#define MIN_BAND 13.2  /* units a bar whose category has no place in an order should have */
#define ROUNDED 3.0    /* units */
#define MAX_VALUES 24  /* bars that have their value written on them */

typedef enum { STACKED, GROUPS, NORMALIZED } mode_e;

typedef struct {
    lookout_plot_t *plot;
    lookout_table_t table;
    lookout_unit_t unit;
    mode_e mode;
    bool vertical;
    const lookout_chart_channel_t *value; /* NULL: rows are counted */
    const lookout_chart_channel_t *category;
    bool values; /* each bar has its value written on it */
} bars_t;


/* --- What is drawn --- */

/* Which channel is measured, and so which way the bars stand. */
static void
find_channels(bars_t *b)
{
    const lookout_chart_channel_t *x = &b->plot->chart->channels[LOOKOUT_CH_X];
    const lookout_chart_channel_t *y = &b->plot->chart->channels[LOOKOUT_CH_Y];
    bool x_measures = x->measure == LOOKOUT_QUANTITATIVE && x->end == NULL;
    bool y_measures = y->measure == LOOKOUT_QUANTITATIVE && y->end == NULL;

    b->vertical =
        !x_measures || (y_measures && (*y->aggregate != '\0' || *x->aggregate == '\0'));
    b->category = b->vertical ? x : y;
    b->value = b->vertical ? y : x;
    if (b->value->measure != LOOKOUT_QUANTITATIVE) {
        b->value = NULL;
    }
}


static mode_e
find_mode(const bars_t *b)
{
    const cJSON *stack = b->value == NULL ? NULL : lookout_json_get(b->value->spec, "stack");

    if (stack != NULL && cJSON_IsString(stack)
        && strcmp(stack->valuestring, "normalize") == 0) {
        return NORMALIZED;
    }
    if (cJSON_IsNull(stack) || cJSON_IsFalse(stack)) {
        return GROUPS;
    }
    if (cJSON_IsTrue(stack) || cJSON_IsString(stack)) {
        return STACKED;
    }
    return b->value == NULL || b->value->additive ? STACKED : GROUPS;
}


/* --- Too many categories --- */

static double
size_of(const bars_t *b, size_t category)
{
    double size = 0, v;
    size_t s;

    for (s = 0; s < b->table.n_series; s++) {
        v = lookout_table_at(&b->table, s, category);
        size += isnan(v) ? 0 : fabs(v);
    }
    return size;
}


typedef struct {
    double size;
    size_t category;
} ranked_t;


static int
larger_first(const void *a, const void *b)
{
    const ranked_t *x = a, *y = b;

    if (x->size != y->size) {
        return x->size > y->size ? -1 : 1;
    }
    return (x->category > y->category) - (x->category < y->category);
}


/* Keeps the largest categories that there is room for, the largest first. */
static void
keep_largest(bars_t *b, size_t most)
{
    lookout_categories_t *c = &b->table.categories;
    ranked_t *ranked = lookout_plot_alloc(b->plot, c->n, sizeof(*ranked));
    lookout_str_t *labels = lookout_plot_alloc(b->plot, most, sizeof(*labels));
    double *values = lookout_plot_alloc(b->plot, most * b->table.n_series, sizeof(*values));
    size_t i, s;

    if (c->n <= most || c->ordered || b->plot->scene.failed) {
        return;
    }
    for (i = 0; i < c->n; i++) {
        ranked[i] = (ranked_t){ size_of(b, i), i };
    }
    qsort(ranked, c->n, sizeof(*ranked), larger_first);
    for (i = 0; i < most; i++) {
        labels[i] = c->labels[ranked[i].category];
        for (s = 0; s < b->table.n_series; s++) {
            values[s * most + i] = lookout_table_at(&b->table, s, ranked[i].category);
        }
    }
    b->plot->note = lookout_plot_printf(
        b->plot, "The largest %zu of %zu; +%zu others not shown", most, c->n, c->n - most);
    c->labels = labels;
    c->keys = NULL; /* texts have none, and only texts are dropped */
    c->n = most;
    b->table.values = values;
}


/* --- The axes --- */

/* Do all labels lie under their bands, on two lines at most? */
static bool
labels_lie(bars_t *b, double length)
{
    const lookout_categories_t *c = &b->table.categories;
    double room = length / (double) c->n - 0.7 * b->plot->font;
    lookout_str_t lines[LOOKOUT_MAX_LINES];
    size_t i;
    bool whole;

    for (i = 0; i < c->n; i++) {
        (void) lookout_label_wrap(b->plot, c->labels[i], b->plot->font, false, room, 2, lines,
                                  &whole);
        if (!whole) {
            return false;
        }
    }
    return true;
}


/* The height that lying bars have, without what is above and below them. */
static double
lying_height(const bars_t *b)
{
    double height = b->plot->scene.height, high = height / b->plot->u;

    return height - (high < 230 ? 82 : high < 330 ? 115 : 140) * b->plot->u;
}


/* Long names are read more easily beside lying bars. */
static void
turn_if_better(bars_t *b)
{
    const lookout_categories_t *c = &b->table.categories;
    double each = b->mode == GROUPS ? 10.0 * (double) b->table.n_series : 0;

    if (!b->vertical || c->ordered || c->n < 3
        || fmax(17, each) * b->plot->u * (double) c->n > lying_height(b)
        || labels_lie(b, b->plot->scene.width * 0.88)) {
        return;
    }
    b->vertical = false;
}


/* The least and the largest end of any bar. */
static void
extent(bars_t *b, double *lo, double *hi)
{
    size_t i, s;

    *lo = *hi = 0;
    for (i = 0; i < b->table.categories.n; i++) {
        double up = 0, down = 0;

        for (s = 0; s < b->table.n_series; s++) {
            double v = lookout_table_at(&b->table, s, i);

            if (isnan(v)) {
                continue;
            }
            if (b->mode == GROUPS) {
                up = fmax(up, v);
                down = fmin(down, v);
            } else if (v >= 0) {
                up += v;
            } else {
                down += v;
            }
        }
        *lo = fmin(*lo, down);
        *hi = fmax(*hi, up);
    }
}


/* Turns values into parts of their category's whole. */
static void
normalize(bars_t *b)
{
    size_t n = b->table.categories.n, i, s;

    for (i = 0; i < n; i++) {
        double whole = size_of(b, i);

        for (s = 0; s < b->table.n_series && whole > 0; s++) {
            b->table.values[s * n + i] /= whole;
        }
    }
    b->unit = (lookout_unit_t){ .prefix = "", .ratio = true };
}


static void
make_axes(bars_t *b)
{
    lookout_plot_t *plot = b->plot;
    lookout_axis_t *value = b->vertical ? &plot->y : &plot->x;
    lookout_axis_t *category = b->vertical ? &plot->x : &plot->y;
    lookout_str_t title = b->value == NULL ? LOOKOUT_STR("Number of rows") : b->value->title;

    *value = (lookout_axis_t){ .kind = LOOKOUT_AXIS_LINEAR, .title = title, .unit = b->unit };
    extent(b, &value->lo, &value->hi);
    if (b->vertical && b->table.n_series == 1 && b->table.categories.n <= MAX_VALUES) {
        value->hi *= 1.05; /* for the figures over the bars */
        value->lo *= 1.05;
    }
    if (b->mode == NORMALIZED) {
        value->tight = true;
        value->title = lookout_plot_printf(plot, "%.*s, share", LOOKOUT_STR_ARG(title));
    }
    lookout_categories_axis(&b->table.categories, b->category->title, category);
}


/* --- Bars --- */

/* One bar from value `from` to `to`, `at` pixels along the categories and `thick` wide. */
static lookout_mark_t *
draw_bar(bars_t *b, double at, double thick, double from, double to, lookout_color_t color,
         bool end)
{
    const lookout_axis_t *axis = b->vertical ? &b->plot->y : &b->plot->x;
    double p = lookout_axis_at(axis, from), q = lookout_axis_at(axis, to);
    double lo = fmin(p, q), size = fabs(q - p);
    lookout_rect_t box;
    lookout_mark_t *mark;

    if (size < 1 && from != to) { /* a small value is not nothing */
        lo = q < p ? p - 1 : p;
        size = 1;
    }
    box = b->vertical ? (lookout_rect_t){ at, lo, thick, size }
                      : (lookout_rect_t){ lo, at, size, thick };
    mark = lookout_scene_rect(&b->plot->scene, box, color);
    if (end && thick >= 5) {
        mark->u.rect.radius = fmin(fmin(ROUNDED * b->plot->u, thick / 4), size);
        mark->u.rect.corners = b->vertical
                                   ? (to >= from ? LOOKOUT_ROUND_TOP : LOOKOUT_ROUND_BOTTOM)
                                   : (to >= from ? LOOKOUT_ROUND_RIGHT : LOOKOUT_ROUND_LEFT);
    }
    return mark;
}


/* Writes a bar's value beyond its end, or inside of it when there is no room. */
static void
write_value(bars_t *b, double middle, double v, lookout_color_t color)
{
    lookout_plot_t *plot = b->plot;
    lookout_buf_t text = LOOKOUT_BUF_INIT;
    double end = lookout_axis_at(b->vertical ? &plot->y : &plot->x, v), gap = 5 * plot->u;
    lookout_str_t label;
    double width;

    lookout_number_short(&text, v, b->unit);
    label = lookout_plot_text(plot, &text);
    if (b->vertical) {
        (void) lookout_label_add(plot, label, middle,
                                 v >= 0 ? end - gap : end + gap + 0.75 * plot->font_small,
                                 LOOKOUT_MIDDLE, plot->font_small, LOOKOUT_INK_SOFT);
        return;
    }
    width = lookout_label_width(plot, label, plot->font_small, false);
    if (v >= 0 ? end + gap + width > plot->scene.width - 2 : end - gap - width < plot->area.x) {
        (void) lookout_label_add(plot, label, v >= 0 ? end - gap : end + gap,
                                 middle + 0.35 * plot->font_small,
                                 v >= 0 ? LOOKOUT_END : LOOKOUT_START, plot->font_small,
                                 lookout_color_ink_on(color));
    } else {
        (void) lookout_label_add(
            plot, label, v >= 0 ? end + gap : end - gap, middle + 0.35 * plot->font_small,
            v >= 0 ? LOOKOUT_START : LOOKOUT_END, plot->font_small, LOOKOUT_INK_SOFT);
    }
}


static lookout_color_t
color_of(const bars_t *b, size_t series, size_t category)
{
    return b->table.by_category ? lookout_color_series(category)
                                : b->table.series[series].color;
}


/* The last series above (or below) zero in a category: the one whose end is rounded. */
static size_t
last_of(const bars_t *b, size_t category, bool negative)
{
    size_t s, last = SIZE_MAX;

    for (s = 0; s < b->table.n_series; s++) {
        double v = lookout_table_at(&b->table, s, category);

        if (negative ? v < 0 : v > 0) {
            last = s;
        }
    }
    return last;
}


static void
draw_stack(bars_t *b, size_t category, double at, double thick)
{
    double up = 0, down = 0;
    size_t top = last_of(b, category, false), bottom = last_of(b, category, true), s;

    for (s = 0; s < b->table.n_series; s++) {
        double v = lookout_table_at(&b->table, s, category);
        double from = v < 0 ? down : up;
        lookout_mark_t *mark;

        if (isnan(v) || v == 0) {
            continue;
        }
        mark = draw_bar(b, at, thick, from, from + v, color_of(b, s, category),
                        s == top || s == bottom);
        if (s != top && s != bottom) { /* a thin seam to the next one */
            lookout_rect_t *box = &mark->u.rect.box;

            if (b->vertical && box->h > 3) {
                box->y += v > 0 ? 1 : 0;
                box->h -= 1;
            } else if (!b->vertical && box->w > 3) {
                box->x += v > 0 ? 0 : 1;
                box->w -= 1;
            }
        }
        mark->tip =
            lookout_tip(b->plot, b->table.categories.labels[category],
                        b->table.split ? b->table.series[s].name : LOOKOUT_STR(""), v, b->unit);
        if (v < 0) {
            down += v;
        } else {
            up += v;
        }
        if (b->values) {
            write_value(b, at + thick / 2, v, mark->color);
        }
    }
}


static void
draw_group(bars_t *b, size_t category, double at, double thick)
{
    double each = thick / (double) b->table.n_series, gap = each >= 6 ? 1 : 0;
    size_t s;

    if (each >= 4) {
        double whole = floor(each) * (double) b->table.n_series;

        at += floor((thick - whole) / 2);
        each = floor(each);
    }
    for (s = 0; s < b->table.n_series; s++) {
        double v = lookout_table_at(&b->table, s, category);
        lookout_mark_t *mark;

        if (isnan(v) || v == 0) {
            continue;
        }
        mark = draw_bar(b, at + each * (double) s, each - gap, 0, v, color_of(b, s, category),
                        true);
        mark->tip =
            lookout_tip(b->plot, b->table.categories.labels[category],
                        b->table.split ? b->table.series[s].name : LOOKOUT_STR(""), v, b->unit);
        if (b->values) {
            write_value(b, at + each * ((double) s + 0.5), v, mark->color);
        }
    }
}


/* Is there room for every value, and are they few enough to be read? */
static bool
room_for_values(bars_t *b)
{
    const lookout_axis_t *axis = b->vertical ? &b->plot->x : &b->plot->y;
    size_t i;

    if (b->table.n_series != 1 || b->table.categories.n > MAX_VALUES) {
        return false;
    }
    if (!b->vertical) {
        return axis->step >= 1.2 * b->plot->font_small;
    }
    for (i = 0; i < b->table.categories.n; i++) {
        double v = lookout_table_at(&b->table, 0, i);
        lookout_buf_t text = LOOKOUT_BUF_INIT;

        if (isnan(v)) {
            continue;
        }
        lookout_number_short(&text, v, b->unit);
        if (lookout_label_width(b->plot, lookout_plot_text(b->plot, &text), b->plot->font_small,
                                false)
                + 6 * b->plot->u
            > axis->step) {
            return false;
        }
    }
    return true;
}


static void
draw_bars(bars_t *b)
{
    const lookout_axis_t *axis = b->vertical ? &b->plot->x : &b->plot->y;
    double share = b->mode == GROUPS && b->table.n_series > 1 ? GROUPED : THICKNESS;
    double thick = axis->step * share, most = MAX_THICK * b->plot->u, at;
    size_t i;

    if (b->mode == GROUPS) {
        most *= fmax(1, (double) b->table.n_series * 0.7);
    }
    thick = fmin(thick, fmax(most, 1));
    if (axis->step >= 5) {
        thick = fmax(1, round(thick));
        if (fmod(axis->step - thick, 2) == 1 && thick > 3 && axis->step == floor(axis->step)) {
            thick--; /* the same to the left and to the right */
        }
    } else if (axis->step < 2) {
        thick = axis->step;
    }
    b->values = room_for_values(b);
    for (i = 0; i < b->table.categories.n && !(i % 64 == 0 && lookout_plot_over(b->plot));
         i++) {
        at = lookout_axis_at(axis, (double) i) - thick / 2;
        if (axis->step == floor(axis->step)) {
            at = round(at);
        }
        if (b->mode == GROUPS) {
            draw_group(b, i, at, thick);
        } else {
            draw_stack(b, i, at, thick);
        }
    }
}


void
lookout_draw_bar(lookout_plot_t *plot)
{
    bars_t b = { .plot = plot };
    double lo, hi, length;

    find_channels(&b);
    if (!lookout_table(plot, b.category, b.value, true, LOOKOUT_REST_MERGED, &b.table)) {
        return;
    }
    b.mode = find_mode(&b);
    if (b.table.n_series == 1 && b.mode == STACKED) {
        b.mode = GROUPS;
    }
    turn_if_better(&b);
    length = b.vertical ? plot->scene.width * 0.9 : lying_height(&b);
    keep_largest(&b, (size_t) fmax(4, length / (MIN_BAND * plot->u)));
    extent(&b, &lo, &hi);
    b.unit = b.value == NULL ? (lookout_unit_t){ .prefix = "", .whole = true }
                             : lookout_unit_of(b.value, lo, hi);
    if (b.mode == NORMALIZED) {
        normalize(&b);
    }
    lookout_table_legend(plot, &b.table, LOOKOUT_LEGEND_BOXES);
    make_axes(&b);
    lookout_frame_draw(plot);
    lookout_frame_axes(plot);
    draw_bars(&b);
    lookout_frame_baseline(plot, !b.vertical);
}
