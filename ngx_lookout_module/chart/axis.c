/*
 * Axes: which ticks they have, what stands at each, and how that is kept from overlapping. A
 * label is shown whole on one line where there is room; else broken into lines, turned, or,
 * when the order of the others tells what is missing, left out.
 */

#include <math.h>

#include "plot.h"

#define TURN (-40)   /* degrees, of labels that are too long to lie */
#define LINE 1.2     /* a line's height, in font sizes */
#define GAP 0.7      /* between neighbouring labels, in font sizes */
#define UPRIGHT 1.05 /* between upright labels, in font sizes */
#define MAX_TICKS 200
#define Y_LABELS 0.32 /* of the picture's width, at most, for the labels at the left */
#define X_LABELS 0.30 /* of the height, at most, for turned labels below */


double
lookout_axis_at(const lookout_axis_t *axis, double value)
{
    if (axis->kind == LOOKOUT_AXIS_BAND) {
        return axis->from + (axis->to > axis->from ? 1 : -1) * axis->step * (value + 0.5);
    }
    if (!(axis->hi > axis->lo)) {
        return (axis->from + axis->to) / 2;
    }
    return axis->from + (axis->to - axis->from) * (value - axis->lo) / (axis->hi - axis->lo);
}


static lookout_axis_tick_t *
add_tick(lookout_axis_t *axis, double value, lookout_str_t label)
{
    lookout_axis_tick_t *tick = &axis->ticks[axis->n_ticks++];

    *tick = (lookout_axis_tick_t){ .value = value, .label = label };
    return tick;
}


static double
widest(const lookout_plot_t *plot, const lookout_axis_t *axis)
{
    double width = 0;
    size_t i;

    for (i = 0; i < axis->n_ticks; i++) {
        width = fmax(width, lookout_label_width(plot, axis->ticks[i].label, plot->font, false));
    }
    return width;
}


/* --- Linear axes --- */

static void
layout_linear(lookout_plot_t *plot, lookout_axis_t *axis, bool vertical, double length)
{
    double room = vertical ? 60 * plot->u : 96 * plot->u;
    size_t wanted = (size_t) fmax(2, fmin(10, length / room)), i;
    double lo = axis->lo, hi = axis->hi;

    for (;;) {
        lookout_ticks_t ticks = lookout_ticks(lo, hi, wanted, axis->unit.whole);

        axis->n_ticks = 0;
        for (i = 0; i < ticks.n && i < MAX_TICKS; i++) {
            lookout_buf_t b = LOOKOUT_BUF_INIT;
            double v = lookout_tick(&ticks, i);

            if (axis->tight && (v < lo - (hi - lo) * 1e-9 || v > hi + (hi - lo) * 1e-9)) {
                continue;
            }
            lookout_tick_label(&b, &ticks, i, axis->unit);
            (void) add_tick(axis, v, lookout_plot_text(plot, &b));
        }
        if (!axis->tight) {
            axis->lo = lookout_tick(&ticks, 0);
            axis->hi = lookout_tick(&ticks, ticks.n - 1);
        }
        if (vertical || wanted <= 2
            || (widest(plot, axis) + GAP * plot->font) * (double) (ticks.n - 1) <= length) {
            break;
        }
        wanted--;
    }
    axis->labels_use = vertical ? widest(plot, axis) : LINE * plot->font;
}


/* --- Time --- */

/* Gives each tick its context, where that is not the one of the tick before. */
static void
add_contexts(lookout_plot_t *plot, lookout_axis_t *axis, lookout_by_e by, double length)
{
    lookout_str_t last = LOOKOUT_STR("");
    double span = axis->hi - axis->lo, first = 0, width;
    lookout_axis_tick_t *ticks = axis->ticks, *shown = NULL;
    size_t i;

    for (i = 0; i < axis->n_ticks; i++) {
        lookout_buf_t b = LOOKOUT_BUF_INIT;
        lookout_str_t context;

        lookout_when_context(&b, ticks[i].value, by);
        context = lookout_plot_text(plot, &b);
        if (!lookout_str_eq(context, last)) {
            double at = axis->n_bands > 0
                            ? ticks[i].at
                            : (span > 0 ? (ticks[i].value - axis->lo) / span * length : 0);

            width = lookout_label_width(plot, context, plot->font, false) + GAP * plot->font;
            if (shown != NULL && at - first < width) {
                shown->context = LOOKOUT_STR(""); /* the later one says more */
            }
            ticks[i].context = context;
            shown = &ticks[i];
            first = at;
            last = context;
        }
    }
}


/* The width that a tick of a unit needs. */
static double
time_room(const lookout_plot_t *plot, lookout_by_e by)
{
    lookout_str_t typical = by == LOOKOUT_BY_SECOND  ? LOOKOUT_STR("00:00:00")
                            : by <= LOOKOUT_BY_HOUR  ? LOOKOUT_STR("00:00")
                            : by <= LOOKOUT_BY_WEEK  ? LOOKOUT_STR("30 May")
                            : by <= LOOKOUT_BY_MONTH ? LOOKOUT_STR("May")
                                                     : LOOKOUT_STR("2026");

    return lookout_label_width(plot, typical, plot->font, false) + 1.6 * plot->font;
}


/* The step whose ticks fit into the length. */
static lookout_step_t
time_step(const lookout_plot_t *plot, const lookout_axis_t *axis, double length)
{
    lookout_by_e by = axis->grain;
    lookout_step_t step;
    size_t most;

    for (;;) {
        most = (size_t) fmax(2, fmin(14, length / time_room(plot, by)));
        step = lookout_when_step(axis->lo, axis->hi, most, axis->grain);
        if (step.by <= by) {
            return step;
        }
        by = step.by;
    }
}


static void
layout_time(lookout_plot_t *plot, lookout_axis_t *axis, bool vertical, double length)
{
    lookout_step_t step = time_step(plot, axis, vertical ? length * 2 : length);
    double at = lookout_when_floor(axis->lo, step);

    axis->n_ticks = 0;
    while (at <= axis->hi && axis->n_ticks < MAX_TICKS) {
        if (at >= axis->lo) {
            lookout_buf_t b = LOOKOUT_BUF_INIT;

            if (vertical) {
                lookout_when_full(&b, at, step.by);
            } else {
                lookout_when_tick(&b, at, step.by);
            }
            (void) add_tick(axis, at, lookout_plot_text(plot, &b));
        }
        at = lookout_when_next(at, step);
    }
    if (axis->n_ticks == 0) { /* all inside of one step */
        lookout_buf_t b = LOOKOUT_BUF_INIT;

        lookout_when_full(&b, axis->lo, axis->grain);
        (void) add_tick(axis, axis->lo, lookout_plot_text(plot, &b));
    } else if (!vertical) {
        add_contexts(plot, axis, step.by, length);
    }
    axis->labels_use = vertical                     ? widest(plot, axis)
                       : step.by == LOOKOUT_BY_YEAR ? LINE * plot->font
                                                    : 2 * LINE * plot->font;
}


/* Bands that stand for periods: those at which a tick of a time axis begins. */
static void
layout_period_bands(lookout_plot_t *plot, lookout_axis_t *axis, double length)
{
    lookout_step_t step;
    double last = NAN;
    size_t i;

    axis->lo = axis->moments[0];
    axis->hi = axis->moments[axis->n_bands - 1];
    step = time_step(plot, axis, length);
    axis->n_ticks = 0;
    for (i = 0; i < axis->n_bands && axis->n_ticks < MAX_TICKS; i++) {
        double begin = lookout_when_floor(axis->moments[i], step);
        bool starts = isnan(last) ? axis->moments[i] == begin || axis->n_bands == 1
                                        || step.by <= LOOKOUT_BY_WEEK
                                  : begin != last;

        if (starts) {
            lookout_buf_t b = LOOKOUT_BUF_INIT;

            lookout_when_tick(&b, axis->moments[i],
                              step.by == LOOKOUT_BY_WEEK ? LOOKOUT_BY_DAY : step.by);
            add_tick(axis, axis->moments[i], lookout_plot_text(plot, &b))->at =
                (double) i / (double) axis->n_bands * length;
            axis->ticks[axis->n_ticks - 1].value = axis->moments[i];
        }
        last = begin;
    }
    add_contexts(plot, axis, step.by, length);
    axis->labels_use = step.by == LOOKOUT_BY_YEAR ? LINE * plot->font : 2 * LINE * plot->font;
    for (i = 0; i < axis->n_ticks; i++) { /* from here on a band's number */
        axis->ticks[i].value = round(axis->ticks[i].at / length * (double) axis->n_bands);
    }
}


/* --- Bands below --- */

static void
all_bands(lookout_axis_t *axis, size_t every)
{
    size_t i;

    axis->n_ticks = 0;
    for (i = 0; i < axis->n_bands; i += every) {
        (void) add_tick(axis, (double) i, axis->labels[i]);
    }
}


/* Breaks every label into two lines of the width, the second as the tick's context; false when
 * one does not fit. */
static bool
in_two_lines(lookout_plot_t *plot, lookout_axis_t *axis, double width)
{
    lookout_str_t lines[LOOKOUT_MAX_LINES];
    size_t i, n;
    bool whole;

    for (i = 0; i < axis->n_ticks; i++) {
        n = lookout_label_wrap(plot, axis->labels[i], plot->font, false, width, 2, lines,
                               &whole);
        if (!whole) {
            return false;
        }
        axis->ticks[i].label = n > 0 ? lines[0] : LOOKOUT_STR("");
        axis->ticks[i].context = n > 1 ? lines[1] : LOOKOUT_STR("");
    }
    return true;
}


/* Turns the labels, by 40 degrees where their lines then have room, else upright; what is too
 * long gets an ellipsis. */
static void
turn_labels(lookout_plot_t *plot, lookout_axis_t *axis, double step, double across)
{
    double most = X_LABELS * across, sine, use = 0;
    size_t every = 1, i;

    axis->angle = step >= 1.75 * plot->font ? TURN : -90;
    if (step < UPRIGHT * plot->font) {
        every = (size_t) ceil(UPRIGHT * plot->font / step);
    }
    all_bands(axis, every);
    sine = sin(-axis->angle * M_PI / 180);
    for (i = 0; i < axis->n_ticks; i++) {
        lookout_axis_tick_t *tick = &axis->ticks[i];

        tick->label =
            lookout_label_fit(plot, tick->label, plot->font, false, (most - plot->font) / sine);
        use = fmax(use, lookout_label_width(plot, tick->label, plot->font, false) * sine);
    }
    axis->labels_use = use + plot->font * 0.8;
}


static void
layout_bands_below(lookout_plot_t *plot, lookout_axis_t *axis, double length, double across)
{
    double step = length / (double) axis->n_bands, width, gap = GAP * plot->font;
    size_t every;

    axis->angle = 0;
    axis->labels_use = LINE * plot->font;
    all_bands(axis, 1);
    width = widest(plot, axis);
    if (width + gap <= step) {
        return;
    }
    if (step >= 3.5 * plot->font && in_two_lines(plot, axis, step - gap)) {
        axis->labels_use = 2 * LINE * plot->font;
        return;
    }
    all_bands(axis, 1);
    every = (size_t) ceil((width + gap) / step);
    if (axis->ordered && width < 7 * plot->font) {
        all_bands(axis, every);
        return;
    }
    turn_labels(plot, axis, step, across);
}


/* --- Bands at the left --- */

static void
layout_bands_left(lookout_plot_t *plot, lookout_axis_t *axis, double length)
{
    double step = length / (double) axis->n_bands, most = Y_LABELS * plot->scene.width;
    lookout_str_t lines[LOOKOUT_MAX_LINES];
    size_t every = (size_t) fmax(1, ceil(1.15 * plot->font / step)), i, n;
    bool whole;

    if (axis->moments != NULL && every > 1) {
        every = (size_t) ceil(1.6 * plot->font / step);
    }
    all_bands(axis, every);
    axis->labels_use = 0;
    for (i = 0; i < axis->n_ticks; i++) {
        lookout_axis_tick_t *tick = &axis->ticks[i];

        if (step >= 2.5 * LINE * plot->font) {
            n = lookout_label_wrap(plot, tick->label, plot->font, false, most, 2, lines,
                                   &whole);
            tick->label = n > 0 ? lines[0] : LOOKOUT_STR("");
            tick->context = n > 1 ? lines[1] : LOOKOUT_STR("");
        } else {
            tick->label = lookout_label_fit(plot, tick->label, plot->font, false, most);
        }
        axis->labels_use =
            fmax(axis->labels_use,
                 fmax(lookout_label_width(plot, tick->label, plot->font, false),
                      lookout_label_width(plot, tick->context, plot->font, false)));
    }
}


/* --- All --- */

void
lookout_axis_layout(lookout_plot_t *plot, lookout_axis_t *axis, bool vertical, double length,
                    double across)
{
    size_t most = axis->kind == LOOKOUT_AXIS_BAND ? axis->n_bands + 1 : 0;

    axis->ticks =
        lookout_plot_alloc(plot, most < MAX_TICKS ? MAX_TICKS : most, sizeof(*axis->ticks));
    axis->n_ticks = 0;
    axis->angle = 0;
    axis->labels_use = 0;
    if (axis->ticks == NULL || length < 1) {
        return;
    }
    switch (axis->kind) {
    case LOOKOUT_AXIS_LINEAR:
        layout_linear(plot, axis, vertical, length);
        break;
    case LOOKOUT_AXIS_TIME:
        layout_time(plot, axis, vertical, length);
        break;
    default:
        if (axis->n_bands == 0) {
            return;
        }
        if (vertical) {
            layout_bands_left(plot, axis, length);
        } else if (axis->moments != NULL) {
            layout_period_bands(plot, axis, length);
        } else {
            layout_bands_below(plot, axis, length, across);
        }
    }
}


void
lookout_axis_place(lookout_axis_t *axis, double from, double to)
{
    double length = fabs(to - from), n = (double) axis->n_bands, rest;
    size_t i;

    if (axis->kind == LOOKOUT_AXIS_BAND && axis->n_bands > 0) {
        axis->step = length / n;
        rest = length - floor(axis->step) * n;
        if (axis->step >= 5 && rest < 0.12 * length) { /* whole pixels: equal gaps */
            axis->step = floor(axis->step);
            from += floor(rest / 2);
            to = from + axis->step * n;
        }
    }
    axis->from = from;
    axis->to = to;
    for (i = 0; i < axis->n_ticks; i++) {
        axis->ticks[i].at = lookout_axis_at(axis, axis->ticks[i].value);
    }
}


void
lookout_axis_draw_grid(lookout_plot_t *plot, const lookout_axis_t *axis, bool vertical)
{
    lookout_rect_t area = plot->area;
    double width = fmax(1, round(plot->u));
    double foot = area.y + area.h;
    size_t i;

    if (axis->kind == LOOKOUT_AXIS_BAND) {
        return;
    }
    for (i = 0; i < axis->n_ticks; i++) {
        double at = floor(axis->ticks[i].at) + (fmod(width, 2) == 1 ? 0.5 : 0);

        if (axis->plain) {
            (void) lookout_scene_line(&plot->scene, at, foot, at, foot + round(4 * plot->u),
                                      width, LOOKOUT_AXIS);
            continue;
        }

        if (vertical) {
            (void) lookout_scene_line(&plot->scene, area.x, at, area.x + area.w, at, width,
                                      LOOKOUT_GRID);
        } else {
            (void) lookout_scene_line(&plot->scene, at, area.y, at, area.y + area.h, width,
                                      LOOKOUT_GRID);
        }
    }
}


static void
draw_left(lookout_plot_t *plot, const lookout_axis_t *axis)
{
    double x = plot->area.x - 8 * plot->u;
    size_t i;

    for (i = 0; i < axis->n_ticks; i++) {
        const lookout_axis_tick_t *tick = &axis->ticks[i];
        double y = tick->at + 0.35 * plot->font;

        if (tick->context.len > 0) {
            y -= LINE * plot->font / 2;
            (void) lookout_label_add(plot, tick->context, x, y + LINE * plot->font, LOOKOUT_END,
                                     plot->font, LOOKOUT_INK_SOFT);
        }
        (void) lookout_label_add(plot, tick->label, x, y, LOOKOUT_END, plot->font,
                                 LOOKOUT_INK_SOFT);
    }
}


static void
draw_turned(lookout_plot_t *plot, const lookout_axis_t *axis, double y)
{
    double a = axis->angle * M_PI / 180;
    size_t i;

    for (i = 0; i < axis->n_ticks; i++) {
        /* The end of the text lies under its band, half its height to the side. */
        lookout_mark_t *mark = lookout_label_add(
            plot, axis->ticks[i].label, axis->ticks[i].at - 0.35 * plot->font * sin(a),
            y + 0.35 * plot->font * cos(a) + 0.2 * plot->font, LOOKOUT_END, plot->font,
            LOOKOUT_INK_SOFT);

        mark->u.text.angle = axis->angle;
    }
}


/* Keeps a centred text inside of the picture. */
static double
inside(const lookout_plot_t *plot, lookout_str_t text, double x)
{
    double half = lookout_label_width(plot, text, plot->font, false) / 2;
    double edge = 4 * plot->u;

    return fmax(edge + half, fmin(plot->scene.width - edge - half, x));
}


void
lookout_axis_draw_labels(lookout_plot_t *plot, const lookout_axis_t *axis, bool vertical)
{
    double y = plot->area.y + plot->area.h + 6 * plot->u;
    size_t i;

    if (vertical) {
        draw_left(plot, axis);
        return;
    }
    if (axis->angle != 0) {
        draw_turned(plot, axis, y);
        return;
    }
    for (i = 0; i < axis->n_ticks; i++) {
        const lookout_axis_tick_t *tick = &axis->ticks[i];

        (void) lookout_label_add(plot, tick->label, inside(plot, tick->label, tick->at),
                                 y + plot->font, LOOKOUT_MIDDLE, plot->font, LOOKOUT_INK_SOFT);
        if (tick->context.len > 0) {
            (void) lookout_label_add(plot, tick->context, inside(plot, tick->context, tick->at),
                                     y + (1 + LINE) * plot->font, LOOKOUT_MIDDLE, plot->font,
                                     LOOKOUT_INK_SOFT);
        }
    }
}
