/*
 * The legend: a line or a few of names with their colours under the subtitle, and for
 * quantities a ramp of colours with its two ends.
 */

#include <math.h>

#include "plot.h"

#define MAX_ROWS 3
#define RAMP_PARTS 32

/* Where the next entry goes. */
typedef struct {
    double left, right; /* of the room */
    double x, y;        /* y: top of the row */
    double row;         /* height of a row */
    int rows;           /* begun */
    int max_rows;
} cursor_t;


/* Makes room for something `width` wide; false when the rows are full. */
static bool
advance(cursor_t *c, double width)
{
    if (c->x + width > c->right && c->x > c->left) {
        if (c->rows == c->max_rows) {
            return false;
        }
        c->rows++;
        c->x = c->left;
        c->y += c->row;
    }
    return true;
}


static double
swatch_width(const lookout_plot_t *plot)
{
    return plot->legend.kind == LOOKOUT_LEGEND_LINES ? 16 * plot->u : 10 * plot->u;
}


static void
draw_swatch(lookout_plot_t *plot, double x, double y, double row, lookout_color_t color)
{
    double middle = round(y + row / 2), size = round(10 * plot->u);
    lookout_mark_t *mark;
    lookout_point_t *point;

    switch (plot->legend.kind) {
    case LOOKOUT_LEGEND_LINES:
        mark = lookout_scene_rect(&plot->scene,
                                  (lookout_rect_t){ x, middle - round(1.5 * plot->u),
                                                    16 * plot->u, round(3 * plot->u) },
                                  color);
        mark->u.rect.radius = 1.5 * plot->u;
        mark->u.rect.corners = LOOKOUT_ROUND_ALL;
        break;
    case LOOKOUT_LEGEND_DOTS:
        point = lookout_scene_points(&plot->scene, 1);
        if (point == NULL) {
            return;
        }
        *point = (lookout_point_t){ x + size / 2, middle };
        mark = lookout_scene_add(&plot->scene, LOOKOUT_DISCS, color);
        mark->u.discs.centers = point;
        mark->u.discs.n = 1;
        mark->u.discs.radius = 4.5 * plot->u;
        break;
    default:
        mark = lookout_scene_rect(
            &plot->scene, (lookout_rect_t){ round(x), middle - floor(size / 2), size, size },
            color);
        mark->u.rect.radius = 2.5 * plot->u;
        mark->u.rect.corners = LOOKOUT_ROUND_ALL;
    }
}


static void
put_text(lookout_plot_t *plot, cursor_t *c, lookout_str_t text, lookout_color_t color)
{
    (void) lookout_label_add(plot, text, c->x, c->y + c->row / 2 + 0.35 * plot->font,
                             LOOKOUT_START, plot->font, color);
    c->x += lookout_label_width(plot, text, plot->font, false);
}


static lookout_str_t
title_label(lookout_plot_t *plot, const cursor_t *c, lookout_str_t title)
{
    return lookout_label_fit(plot, title, plot->font, false, (c->right - c->left) / 2);
}


static double
title_width(lookout_plot_t *plot, const cursor_t *c, lookout_str_t title)
{
    title = title_label(plot, c, title);
    return title.len > 0 ? lookout_label_width(plot, title, plot->font, false) + 10 * plot->u
                         : 0;
}


static void
put_title(lookout_plot_t *plot, cursor_t *c, lookout_str_t title)
{
    if (title.len > 0) {
        title = title_label(plot, c, title);
        put_text(plot, c, title, LOOKOUT_INK_FAINT);
        c->x += 10 * plot->u;
    }
}


/* The width that the entry takes, with the space behind it. */
static double
entry_width(lookout_plot_t *plot, lookout_str_t label)
{
    return swatch_width(plot) + 6 * plot->u
           + lookout_label_width(plot, label, plot->font, false);
}


static lookout_str_t
entry_label(lookout_plot_t *plot, const cursor_t *c, size_t i)
{
    return lookout_label_fit(plot, plot->legend.entries[i].label, plot->font, false,
                             0.4 * (c->right - c->left));
}


/* How many entries find a place, when the last row keeps `reserve` pixels free. */
static size_t
places(lookout_plot_t *plot, cursor_t c, double reserve)
{
    size_t i;

    for (i = 0; i < plot->legend.n; i++) {
        double width = entry_width(plot, entry_label(plot, &c, i));

        if (c.rows == c.max_rows && c.x + width + reserve > c.right) {
            break;
        }
        if (!advance(&c, width)) {
            break;
        }
        c.x += width + 16 * plot->u;
    }
    return i;
}


static void
draw_entries(lookout_plot_t *plot, cursor_t *c)
{
    const lookout_legend_t *legend = &plot->legend;
    cursor_t titled = *c;
    size_t n, i;

    titled.x += title_width(plot, c, legend->title);
    n = places(plot, titled, 0);
    if (n == legend->n) {
        put_title(plot, c, legend->title);
    } else { /* names are worth more than what they are names of */
        n = places(plot, *c, 0);
    }
    if (n < legend->n) {
        n = places(plot, *c,
                   lookout_label_width(plot, LOOKOUT_STR("+888 others"), plot->font, false)
                       + 16 * plot->u);
    }
    for (i = 0; i < n; i++) {
        lookout_str_t label = entry_label(plot, c, i);

        (void) advance(c, entry_width(plot, label));
        draw_swatch(plot, c->x, c->y, c->row, legend->entries[i].color);
        c->x += swatch_width(plot) + 6 * plot->u;
        put_text(plot, c, label, LOOKOUT_INK_SOFT);
        c->x += 16 * plot->u;
    }
    if (n < legend->n) {
        put_text(plot, c,
                 lookout_plot_printf(plot, legend->n - n == 1 ? "+%zu other" : "+%zu others",
                                     legend->n - n),
                 LOOKOUT_INK_FAINT);
    }
}


static lookout_str_t
end_label(lookout_plot_t *plot, double v)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_number_short(&b, v, plot->legend.unit);
    return lookout_plot_text(plot, &b);
}


static void
draw_ramp(lookout_plot_t *plot, cursor_t *c)
{
    const lookout_legend_t *legend = &plot->legend;
    lookout_str_t lo = end_label(plot, legend->lo), hi = end_label(plot, legend->hi);
    double part = fmax(2, round(4 * plot->u)), high = round(10 * plot->u), x;
    double need = lookout_label_width(plot, lo, plot->font, false)
                  + lookout_label_width(plot, hi, plot->font, false) + 20 * plot->u;
    int parts = RAMP_PARTS, i;

    put_title(plot, c, legend->ramp_title);
    while (parts > 8 && c->x + need + parts * part > c->right) {
        parts -= 4;
    }
    (void) advance(c, need + parts * part);
    put_text(plot, c, lo, LOOKOUT_INK_SOFT);
    x = round(c->x + 6 * plot->u);
    for (i = 0; i < parts; i++) {
        double t = (i + 0.5) / parts;
        lookout_color_t color =
            legend->diverging ? lookout_color_diverging(2 * t - 1) : lookout_color_ramp(t);

        (void) lookout_scene_rect(
            &plot->scene,
            (lookout_rect_t){ x + i * part, round(c->y + c->row / 2 - high / 2), part, high },
            color);
    }
    c->x = x + parts * part + 6 * plot->u;
    put_text(plot, c, hi, LOOKOUT_INK_SOFT);
    c->x += 16 * plot->u;
}


double
lookout_legend_draw(lookout_plot_t *plot, double x, double y, double width)
{
    const lookout_legend_t *legend = &plot->legend;
    cursor_t c = { .left = x, .right = x + width, .x = x, .y = y, .rows = 1 };

    c.row = round(1.65 * plot->font);
    c.max_rows = plot->scene.height < 220 * plot->u   ? 1
                 : plot->scene.height < 400 * plot->u ? 2
                                                      : MAX_ROWS;
    if (legend->kind == LOOKOUT_LEGEND_NONE && !legend->ramp && legend->size_note.len == 0) {
        return 0;
    }
    if (legend->kind != LOOKOUT_LEGEND_NONE) {
        draw_entries(plot, &c);
    }
    if (legend->ramp) {
        draw_ramp(plot, &c);
    }
    if (legend->size_note.len > 0
        && advance(&c, lookout_label_width(plot, legend->size_note, plot->font, false))) {
        put_text(plot, &c,
                 lookout_label_fit(plot, legend->size_note, plot->font, false, c.right - c.x),
                 LOOKOUT_INK_FAINT);
    }
    return c.y + c.row - y + 4 * plot->u;
}
