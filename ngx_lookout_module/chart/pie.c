/*
 * Pies and donuts: slices from the largest on, clockwise from the top, small ones summed up.
 * Names and shares stand beside the slices, in two columns in which none covers another; a
 * picture that is too small for that gets a list of them at the right, or a legend on top.
 */

#include <math.h>
#include <stdlib.h>

#include "series.h"

#define MAX_SLICES 10
#define LEAST 0.008 /* of the whole: slices below are summed up, when there are several */
#define HOLE 0.6    /* of the radius */
#define LINE 1.25
#define LIST_LINE 1.3

typedef struct {
    lookout_str_t name;
    double value;
    lookout_color_t color;
    double from, to; /* radians */
    bool right;      /* its label stands at the right */
    double y;        /* of its label's middle */
} slice_t;

typedef struct {
    lookout_plot_t *plot;
    slice_t slices[MAX_SLICES + 2];
    size_t n;
    double whole;
    lookout_unit_t unit;
    lookout_point_t center;
    double radius;
    double inner;
} pie_t;


/* --- Slices --- */

static int
by_size(const void *a, const void *b)
{
    const slice_t *x = a, *y = b;

    return (x->value < y->value) - (x->value > y->value);
}


/* All slices with a positive value, largest first; returns how many. */
static size_t
collect(lookout_plot_t *plot, const lookout_categories_t *categories,
        const lookout_data_column_t *value, slice_t *slices, double *whole, size_t *negative)
{
    size_t row, i, n = 0;

    for (i = 0; i < categories->n; i++) {
        slices[i].name = categories->labels[i];
        slices[i].color = LOOKOUT_AXIS;
    }
    for (row = 0; row < plot->chart->n_rows; row++) {
        double v = lookout_data_number(value, row);

        slices[categories->of_row[row]].value += isnan(v) ? 0 : v;
    }
    for (i = 0; i < categories->n; i++) {
        *negative += slices[i].value < 0;
        if (slices[i].value > 0) {
            slices[n] = slices[i];
            *whole += slices[n++].value;
        }
    }
    qsort(slices, n, sizeof(*slices), by_size);
    return n;
}


/* Keeps the largest and sums up the rest. */
static void
choose(pie_t *p, const slice_t *all, size_t n)
{
    size_t keep = n, i;
    double rest = 0, at = 0;

    if (keep > MAX_SLICES) {
        keep = MAX_SLICES - 1;
    }
    while (keep > 2 && all[keep - 1].value < LEAST * p->whole) {
        keep--;
    }
    if (keep + 1 == n) { /* one alone keeps its name */
        keep = n;
    }
    for (i = 0; i < n; i++) {
        if (i < keep) {
            p->slices[i] = all[i];
            p->slices[i].color = lookout_color_series(i);
        } else {
            rest += all[i].value;
        }
    }
    p->n = keep;
    if (keep < n) {
        p->slices[p->n++] =
            (slice_t){ .name = lookout_plot_printf(p->plot, "%zu others", n - keep),
                       .value = rest,
                       .color = LOOKOUT_OTHERS };
    }
    for (i = 0; i < p->n; i++) {
        p->slices[i].from = 2 * M_PI * at / p->whole;
        at += p->slices[i].value;
        p->slices[i].to = 2 * M_PI * at / p->whole;
    }
}


/* The angle at which the slice has its label: one alone has it at the right. */
static double
middle_of(const pie_t *p, const slice_t *s)
{
    return p->n == 1 ? M_PI / 2 : (s->from + s->to) / 2;
}


static lookout_str_t
share(pie_t *p, double value)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    double part = value / p->whole;

    /* No more precision than a pie has. */
    part = part >= 0.0995 ? round(part * 100) / 100 : round(part * 1000) / 1000;
    lookout_number_short(&b, part, (lookout_unit_t){ .prefix = "", .ratio = true });
    return lookout_plot_text(p->plot, &b);
}


/* --- Labels --- */

/* Moves the labels of one side apart, each as little as the ones before it allow, and back up
 * again from the foot. */
static void
spread(slice_t **side, size_t n, double top, double bottom, double line)
{
    double at = top;
    size_t i;

    for (i = 0; i < n; i++) {
        side[i]->y = fmax(side[i]->y, at);
        at = side[i]->y + line;
    }
    at = bottom;
    for (i = n; i-- > 0;) {
        side[i]->y = fmin(side[i]->y, at);
        at = side[i]->y - line;
    }
}


/* Sorts the few labels of one side by height. */
static void
sort_side(slice_t **side, size_t n)
{
    size_t i, j;

    for (i = 1; i < n; i++) {
        slice_t *s = side[i];

        for (j = i; j > 0 && side[j - 1]->y > s->y; j--) {
            side[j] = side[j - 1];
        }
        side[j] = s;
    }
}


static void
place_side(pie_t *p, bool right)
{
    slice_t *side[MAX_SLICES + 2] = { NULL };
    size_t n = 0, i;

    for (i = 0; i < p->n; i++) {
        slice_t *s = &p->slices[i];
        double middle = middle_of(p, s);

        if ((sin(middle) >= 0) == right) {
            s->right = right;
            s->y = p->center.y - cos(middle) * (p->radius + 12 * p->plot->u);
            side[n++] = s;
        }
    }
    sort_side(side, n);
    spread(side, n, p->plot->area.y + 0.6 * p->plot->font,
           p->plot->area.y + p->plot->area.h - 0.6 * p->plot->font, LINE * p->plot->font);
}


/* The slice's name and share, joined to it by a line. */
static void
draw_label(pie_t *p, const slice_t *s, double room)
{
    lookout_plot_t *plot = p->plot;
    double u = plot->u, middle = middle_of(p, s), side = s->right ? 1 : -1;
    double x = p->center.x + side * (p->radius + 22 * u), part;
    lookout_str_t percent = share(p, s->value), name;
    lookout_point_t *line = lookout_scene_points(&plot->scene, 3);
    lookout_mark_t *mark;

    if (line == NULL) {
        return;
    }
    line[0] = (lookout_point_t){ p->center.x + sin(middle) * (p->radius + 3 * u),
                                 p->center.y - cos(middle) * (p->radius + 3 * u) };
    line[1] = (lookout_point_t){ x - side * 8 * u, s->y };
    line[2] = (lookout_point_t){ x, s->y };
    mark = lookout_scene_add(&plot->scene, LOOKOUT_POLYLINE, 0xc3c8d0);
    mark->u.path.points = line;
    mark->u.path.n = 3;
    mark->u.path.width = fmax(1, plot->u);
    part = lookout_label_width(plot, percent, plot->font, true) + 6 * u;
    name = lookout_label_fit(plot, s->name, plot->font, false, room - part);
    x += side * 5 * u;
    if (s->right) {
        (void) lookout_label_add(plot, name, x, s->y + 0.35 * plot->font, LOOKOUT_START,
                                 plot->font, LOOKOUT_INK_SOFT);
        x += name.len > 0 ? lookout_label_width(plot, name, plot->font, false) + 6 * u : 0;
        (void) lookout_label_bold(plot, percent, x, s->y + 0.35 * plot->font, LOOKOUT_START,
                                  plot->font, LOOKOUT_INK);
    } else {
        (void) lookout_label_bold(plot, percent, x, s->y + 0.35 * plot->font, LOOKOUT_END,
                                  plot->font, LOOKOUT_INK);
        (void) lookout_label_add(plot, name, x - part, s->y + 0.35 * plot->font, LOOKOUT_END,
                                 plot->font, LOOKOUT_INK_SOFT);
    }
}


static double
widest_label(pie_t *p)
{
    double width = 0;
    size_t i;

    for (i = 0; i < p->n; i++) {
        width =
            fmax(width, lookout_label_width(p->plot, p->slices[i].name, p->plot->font, false)
                            + lookout_label_width(p->plot, share(p, p->slices[i].value),
                                                  p->plot->font, true));
    }
    return width + 11 * p->plot->u;
}


/* Names in a legend, for pictures without room at the sides. */
static void
legend(pie_t *p, lookout_str_t title)
{
    lookout_legend_t *l = &p->plot->legend;
    size_t i;

    l->kind = LOOKOUT_LEGEND_BOXES;
    l->title = title;
    l->entries = lookout_plot_alloc(p->plot, p->n, sizeof(*l->entries));
    for (i = 0; l->entries != NULL && i < p->n; i++) {
        lookout_str_t percent = share(p, p->slices[i].value);

        l->entries[i] =
            (lookout_legend_entry_t){ lookout_plot_printf(p->plot, "%.*s %.*s",
                                                          LOOKOUT_STR_ARG(p->slices[i].name),
                                                          LOOKOUT_STR_ARG(percent)),
                                      p->slices[i].color };
        l->n = i + 1;
    }
}


/* Has a small picture room for a list of all slices beside the pie, below the titles? */
static bool
room_for_list(const pie_t *p)
{
    const lookout_scene_t *scene = &p->plot->scene;

    return scene->width >= 1.2 * scene->height
           && LIST_LINE * p->plot->font * (double) p->n <= scene->height - 64 * p->plot->u;
}


/* Draws the list at the right and takes its width off the area. */
static void
draw_list(pie_t *p)
{
    lookout_plot_t *plot = p->plot;
    lookout_rect_t *area = &plot->area;
    double row = LIST_LINE * plot->font, swatch = round(9 * plot->u),
           left = swatch + 5 * plot->u;
    double width = fmin(left + widest_label(p), 0.6 * area->w), x, y, part;
    size_t i;

    x = round(area->x + area->w - width);
    y = area->y + (area->h - row * (double) p->n) / 2;
    for (i = 0; i < p->n; i++, y += row) {
        slice_t *s = &p->slices[i];
        lookout_str_t percent = share(p, s->value), name;
        double base = y + row / 2 + 0.35 * plot->font;

        part = lookout_label_width(plot, percent, plot->font, true) + 6 * plot->u;
        name = lookout_label_fit(plot, s->name, plot->font, false, width - left - part);
        (void) lookout_scene_rect(
            &plot->scene, (lookout_rect_t){ x, round(y + (row - swatch) / 2), swatch, swatch },
            s->color);
        (void) lookout_label_add(plot, name, x + left, base, LOOKOUT_START, plot->font,
                                 LOOKOUT_INK_SOFT);
        (void) lookout_label_bold(plot, percent, x + width, base, LOOKOUT_END, plot->font,
                                  LOOKOUT_INK);
    }
    area->w -= width + 8 * plot->u;
}


/* --- All --- */

static void
draw_slices(pie_t *p)
{
    size_t i;

    for (i = 0; i < p->n; i++) {
        slice_t *s = &p->slices[i];
        lookout_mark_t *mark = lookout_scene_add(&p->plot->scene, LOOKOUT_SECTOR, s->color);

        mark->u.sector.center = p->center;
        mark->u.sector.outer = p->radius;
        mark->u.sector.inner = p->inner;
        mark->u.sector.from = s->from;
        mark->u.sector.to = s->to;
        mark->tip = lookout_tip(p->plot, s->name, LOOKOUT_STR(""), s->value, p->unit);
    }
    for (i = 0; p->n > 1 && i < p->n; i++) { /* seams */
        double a = p->slices[i].from;

        (void) lookout_scene_line(
            &p->plot->scene, p->center.x + sin(a) * p->inner, p->center.y - cos(a) * p->inner,
            p->center.x + sin(a) * (p->radius + 1), p->center.y - cos(a) * (p->radius + 1),
            1.6 * p->plot->u, LOOKOUT_PAPER);
    }
}


/* The sum of all, inside of the ring. */
static void
draw_total(pie_t *p, lookout_str_t title)
{
    lookout_plot_t *plot = p->plot;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t lines[LOOKOUT_MAX_LINES], total;
    double size = fmin(24 * plot->u, p->inner * 0.42), y;
    size_t n, i;
    bool whole;

    lookout_number_short(&b, p->whole, p->unit);
    total = lookout_plot_text(plot, &b);
    if (lookout_label_width(plot, total, size, true) > 1.7 * p->inner) {
        return;
    }
    n = lookout_label_wrap(plot, title, plot->font_small, false, 1.4 * p->inner, 2, lines,
                           &whole);
    if (!whole || p->inner < 3.4 * plot->font_small) {
        n = 0;
    }
    y = p->center.y + 0.36 * size - 0.6 * LINE * plot->font_small * (double) n;
    (void) lookout_label_bold(plot, total, p->center.x, y, LOOKOUT_MIDDLE, size, LOOKOUT_INK);
    for (i = 0; i < n; i++) {
        y += LINE * plot->font_small + (i == 0 ? 3 * plot->u : 0);
        (void) lookout_label_add(plot, lines[i], p->center.x, y, LOOKOUT_MIDDLE,
                                 plot->font_small, LOOKOUT_INK_FAINT);
    }
}


static void
draw_pie(pie_t *p, bool ring, lookout_str_t title, lookout_str_t names)
{
    lookout_plot_t *plot = p->plot;
    double label = fmin(widest_label(p), 0.3 * plot->scene.width), reach;
    bool beside = plot->scene.width > 300 * plot->u && plot->scene.height > 190 * plot->u;
    bool listed = !beside && names.len > 0 && room_for_list(p);
    size_t i;

    if (!beside && names.len > 0 && !listed) {
        legend(p, names);
    }
    lookout_frame_draw(plot);
    if (listed) {
        draw_list(p);
    }
    p->center =
        (lookout_point_t){ plot->area.x + plot->area.w / 2, plot->area.y + plot->area.h / 2 };
    reach = plot->area.w / 2 - (beside ? label + 27 * plot->u : 0);
    p->radius = fmax(8, fmin(plot->area.h / 2 - (beside ? 16 * plot->u : 0), reach));
    p->inner = ring ? HOLE * p->radius : 0;
    draw_slices(p);
    if (beside && (names.len > 0)) {
        place_side(p, true);
        place_side(p, false);
        for (i = 0; i < p->n; i++) {
            draw_label(p, &p->slices[i], plot->area.w / 2 - p->radius - 27 * plot->u);
        }
    }
    if (ring) {
        draw_total(p, title);
    }
}


static void
draw(lookout_plot_t *plot, bool ring)
{
    const lookout_chart_channel_t *theta = &plot->chart->channels[LOOKOUT_CH_THETA];
    const lookout_chart_channel_t *by = &plot->chart->channels[LOOKOUT_CH_COLOR];
    lookout_categories_t categories = { .n = 0 };
    size_t n, negative = 0;
    pie_t p = { .plot = plot };
    slice_t *all;

    if (by->column == NULL) {
        by = &plot->chart->channels[LOOKOUT_CH_DETAIL];
    }
    if (by->column != NULL) {
        if (!lookout_categories(plot, by, false, &categories)) {
            return;
        }
    } else { /* nothing to tell slices apart: all is one */
        categories.of_row =
            lookout_plot_alloc(plot, plot->chart->n_rows, sizeof(*categories.of_row));
        categories.labels = lookout_plot_alloc(plot, 1, sizeof(*categories.labels));
        categories.n = 1;
    }
    all = lookout_plot_alloc(plot, categories.n, sizeof(*all));
    if (plot->scene.failed || all == NULL) {
        return;
    }
    n = collect(plot, &categories, theta->column, all, &p.whole, &negative);
    if (n == 0) {
        lookout_frame_empty(plot, "No positive values to show");
        return;
    }
    if (negative > 0) {
        plot->note = lookout_plot_printf(plot, "%zu with a negative value %s not shown",
                                         negative, negative == 1 ? "is" : "are");
    }
    p.unit = lookout_unit_of(theta, 0, p.whole);
    choose(&p, all, n);
    draw_pie(&p, ring, theta->title, by->title);
}


void
lookout_draw_pie(lookout_plot_t *plot)
{
    draw(plot, false);
}


void
lookout_draw_donut(lookout_plot_t *plot)
{
    draw(plot, true);
}
