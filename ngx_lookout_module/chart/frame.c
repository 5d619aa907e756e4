/*
 * The frame: from the edge inwards title, subtitle, legend; a note at the foot; axes with their
 * titles; and what is left is the area for the marks.
 */

#include <math.h>

#include "plot.h"

#define TITLE 17.0 /* size of type, in units */
#define LINE 1.3


/* Draws up to max_lines of a text at the top of the area and takes them off it. */
static void
draw_lines(lookout_plot_t *plot, lookout_str_t text, double size, bool bold, size_t max_lines,
           lookout_color_t color)
{
    lookout_str_t lines[LOOKOUT_MAX_LINES];
    bool whole;
    size_t n = lookout_label_wrap(plot, text, size, bold, plot->area.w, max_lines, lines,
                                  &whole),
           i;

    for (i = 0; i < n; i++) {
        double y = plot->area.y + size;

        if (bold) {
            (void) lookout_label_bold(plot, lines[i], plot->area.x, y, LOOKOUT_START, size,
                                      color);
        } else {
            (void) lookout_label_add(plot, lines[i], plot->area.x, y, LOOKOUT_START, size,
                                     color);
        }
        plot->area.y += LINE * size;
        plot->area.h -= LINE * size;
    }
}


static void
draw_note(lookout_plot_t *plot)
{
    lookout_str_t note =
        lookout_label_fit(plot, plot->note, plot->font_small, false, plot->area.w);

    if (note.len > 0) {
        (void) lookout_label_add(plot, note, plot->area.x + plot->area.w,
                                 plot->area.y + plot->area.h - 0.2 * plot->font_small,
                                 LOOKOUT_END, plot->font_small, LOOKOUT_INK_FAINT);
        plot->area.h -= 1.7 * plot->font_small;
    }
}


void
lookout_frame_draw(lookout_plot_t *plot)
{
    const lookout_chart_spec_t *spec = &plot->chart->spec;
    double pad = fmax(8, 16 * plot->u), used;
    bool low = plot->scene.height < 300 * plot->u;

    plot->area = (lookout_rect_t){ pad, pad * 0.9, plot->scene.width - 2 * pad,
                                   plot->scene.height - 1.7 * pad };
    if (spec->title.len > 0) {
        draw_lines(plot, plot->scene.title, (low ? 14 : TITLE) * plot->u, true, low ? 1 : 2,
                   LOOKOUT_INK);
        plot->area.y += 2 * plot->u;
        plot->area.h -= 2 * plot->u;
    }
    if (spec->subtitle.len > 0 && plot->scene.height >= 200 * plot->u) {
        draw_lines(plot, lookout_data_clean(plot->arena, spec->subtitle), plot->font, false,
                   low ? 1 : 2, LOOKOUT_INK_FAINT);
    }
    used = lookout_legend_draw(plot, plot->area.x, plot->area.y + 4 * plot->u, plot->area.w);
    used += used > 0 ? 4 * plot->u : 0;
    used += spec->title.len + spec->subtitle.len > 0 || used > 0 ? 8 * plot->u : 0;
    used +=
        used > 0 && used < 10 * plot->u && plot->scene.height > 240 * plot->u ? 6 * plot->u : 0;
    plot->area.y += used;
    plot->area.h -= used;
    draw_note(plot);
}


/* How far the turned labels of a lower axis reach to the left of the picture's inner edge. */
static double
overhang(const lookout_plot_t *plot, const lookout_axis_t *axis, double left, double length)
{
    double most = left, a = axis->angle * M_PI / 180, step;
    size_t i;

    if (axis->angle == 0 || axis->n_bands == 0) {
        return most;
    }
    step = length / (double) axis->n_bands;
    for (i = 0; i < axis->n_ticks; i++) {
        double reach =
            lookout_label_width(plot, axis->ticks[i].label, plot->font, false) * cos(a)
            + 0.4 * plot->font;

        most = fmax(most, reach - step * (axis->ticks[i].value + 0.5));
    }
    return fmin(most, length * 0.3);
}


/* Lays out an axis that covers lo to hi. It may be done again with another length: from the same
 * values, not from the round numbers around them. */
static void
lay_out(lookout_plot_t *plot, lookout_axis_t *axis, double lo, double hi, double length,
        double across)
{
    axis->lo = lo;
    axis->hi = hi;
    lookout_axis_layout(plot, axis, axis == &plot->y, length, across);
}


void
lookout_frame_axes(lookout_plot_t *plot)
{
    lookout_rect_t outer = plot->area;
    const lookout_axis_t x = plot->x, y = plot->y;
    double high = plot->scene.height / plot->u;
    double small = plot->font, above, below, left = 0, right = 10 * plot->u, length;
    double title_below;
    lookout_str_t title;
    int turn;

    /* Where there is little room, the marks need it more than the titles of the axes. */
    plot->x.title = high < 330 ? LOOKOUT_STR("") : plot->x.title;
    plot->y.title = high < 230 ? LOOKOUT_STR("") : plot->y.title;
    title_below = plot->x.title.len > 0 ? 1.6 * small : 0;

    above = plot->y.title.len > 0 ? 1.9 * small : 0.5 * plot->font;
    below = 2.4 * plot->font + title_below;
    for (turn = 0; turn < 2; turn++) {
        lay_out(plot, &plot->y, y.lo, y.hi, outer.h - above - below, outer.w);
        left = plot->y.labels_use + 8 * plot->u;
        lay_out(plot, &plot->x, x.lo, x.hi, outer.w - left - right, outer.h);
        length = overhang(plot, &plot->x, left, outer.w - left - right);
        if (length > left) {
            left = length;
            lay_out(plot, &plot->x, x.lo, x.hi, outer.w - left - right, outer.h);
        }
        below = plot->x.labels_use + 9 * plot->u + title_below;
    }
    plot->area =
        (lookout_rect_t){ round(outer.x + left), round(outer.y + above),
                          floor(outer.w - left - right), floor(outer.h - above - below) };
    plot->area.w = fmax(plot->area.w, 10);
    plot->area.h = fmax(plot->area.h, 10);
    lookout_axis_place(&plot->x, plot->area.x, plot->area.x + plot->area.w);
    if (plot->y.kind == LOOKOUT_AXIS_BAND) {
        lookout_axis_place(&plot->y, plot->area.y, plot->area.y + plot->area.h);
    } else {
        lookout_axis_place(&plot->y, plot->area.y + plot->area.h, plot->area.y);
    }
    lookout_axis_draw_grid(plot, &plot->y, true);
    lookout_axis_draw_grid(plot, &plot->x, false);
    lookout_axis_draw_labels(plot, &plot->y, true);
    lookout_axis_draw_labels(plot, &plot->x, false);
    if (plot->y.title.len > 0) {
        title = lookout_label_fit(plot, plot->y.title, small, false, outer.w);
        (void) lookout_label_add(plot, title, outer.x, outer.y + small * 0.8, LOOKOUT_START,
                                 small, LOOKOUT_INK_FAINT);
    }
    if (plot->x.title.len > 0) {
        title = lookout_label_fit(plot, plot->x.title, small, false, outer.w);
        (void) lookout_label_add(plot, title, plot->area.x + plot->area.w,
                                 outer.y + outer.h - 0.15 * small, LOOKOUT_END, small,
                                 LOOKOUT_INK_FAINT);
    }
}


void
lookout_frame_baseline(lookout_plot_t *plot, bool vertical)
{
    const lookout_axis_t *axis = vertical ? &plot->x : &plot->y;
    lookout_rect_t area = plot->area;
    double width = fmax(1, round(plot->u)), half = fmod(width, 2) == 1 ? 0.5 : 0, at;
    bool zero = axis->kind == LOOKOUT_AXIS_LINEAR && axis->lo <= 0 && axis->hi >= 0;

    if (vertical) {
        at = floor(zero ? lookout_axis_at(axis, 0) : area.x) + half;
        (void) lookout_scene_line(&plot->scene, at, area.y, at, area.y + area.h, width,
                                  LOOKOUT_AXIS);
    } else {
        at = floor(zero ? lookout_axis_at(axis, 0) : area.y + area.h) + half;
        (void) lookout_scene_line(&plot->scene, area.x, at, area.x + area.w, at, width,
                                  LOOKOUT_AXIS);
    }
}


void
lookout_frame_empty(lookout_plot_t *plot, const char *text)
{
    plot->legend = (lookout_legend_t){ .kind = LOOKOUT_LEGEND_NONE };
    lookout_frame_draw(plot);
    (void) lookout_label_add(
        plot, lookout_label_fit(plot, lookout_str(text), 1.2 * plot->font, false, plot->area.w),
        plot->area.x + plot->area.w / 2, plot->area.y + plot->area.h / 2, LOOKOUT_MIDDLE,
        1.2 * plot->font, LOOKOUT_INK_FAINT);
}
