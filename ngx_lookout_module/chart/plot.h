/*
 * A chart while it is laid out: the scene that it becomes, the fonts that measure it, its frame
 * (title, subtitle, legend, axes) and what is left for the marks.
 *
 * All lengths that depend on the size of the picture are multiples of `u`, the unit: 1 at
 * 960 x 540, more in larger pictures, a little less in smaller ones.
 */

#ifndef LOOKOUT_CHART_PLOT_H
#define LOOKOUT_CHART_PLOT_H

#include "color.h"
#include "data.h"
#include "font.h"
#include "number.h"
#include "paint.h"
#include "when.h"

#define LOOKOUT_MAX_LINES 4 /* of a wrapped text */

/* --- Axes --- */

typedef enum { LOOKOUT_AXIS_BAND, LOOKOUT_AXIS_LINEAR, LOOKOUT_AXIS_TIME } lookout_axis_e;

/* What stands at a place of an axis. */
typedef struct {
    double at;             /* pixels: x of a horizontal axis, y of a vertical one */
    double value;          /* of a linear or time axis */
    lookout_str_t label;   /* may be empty: a tick without text */
    lookout_str_t context; /* the line below it, of a time axis */
} lookout_axis_tick_t;

typedef struct {
    lookout_axis_e kind;
    lookout_str_t title; /* may be empty */
    double from, to;     /* pixels where lo and hi (or the first and last band) lie */

    /* Linear and time: what is to be covered; layout widens a linear one to round numbers. */
    double lo, hi;
    bool tight; /* do not widen */
    bool plain; /* no grid: little marks at the axis instead */
    lookout_unit_t unit;
    lookout_by_e grain; /* of a time axis: no tick is finer */

    /* Bands. */
    size_t n_bands;
    const lookout_str_t *labels; /* of each band */
    const double *moments;       /* of bands that stand for periods, else NULL */
    bool ordered;                /* labels may be left out: their order tells what is between */
    double step;                 /* pixels from band to band */

    /* From layout. */
    lookout_axis_tick_t *ticks;
    size_t n_ticks;
    int angle;         /* of the labels, degrees */
    double labels_use; /* pixels across that labels need: height below, or width at the left */
} lookout_axis_t;

/* --- Legends --- */

typedef enum {
    LOOKOUT_LEGEND_NONE,
    LOOKOUT_LEGEND_BOXES,
    LOOKOUT_LEGEND_LINES,
    LOOKOUT_LEGEND_DOTS
} lookout_legend_e;

typedef struct {
    lookout_str_t label;
    lookout_color_t color;
} lookout_legend_entry_t;

typedef struct {
    lookout_legend_e kind;
    lookout_str_t title;
    lookout_legend_entry_t *entries;
    size_t n;

    /* A ramp of colours from lo to hi, beside or instead of the entries. */
    bool ramp;
    bool diverging;
    lookout_str_t ramp_title;
    double lo, hi;
    lookout_unit_t unit;

    lookout_str_t size_note; /* what the size of dots means; may be empty */
} lookout_legend_t;

/* --- The plot --- */

typedef struct {
    lookout_arena_t *arena;
    const lookout_chart_t *chart;
    lookout_fonts_t *fonts;
    lookout_scene_t scene;
    lookout_stop_t stop;
    bool stopped;
    double u;
    double font;       /* size of labels */
    double font_small; /* of notes */
    lookout_axis_t x, y;
    lookout_legend_t legend;
    lookout_str_t note;  /* at the foot: what is not shown; may be empty */
    lookout_rect_t area; /* for the marks */
} lookout_plot_t;

/* Is it time to stop, or did memory run out? Then drawing ends. */
bool lookout_plot_over(lookout_plot_t *plot);

/* Text built with lookout_buf_t, moved into the arena; frees *b. */
lookout_str_t lookout_plot_text(lookout_plot_t *plot, lookout_buf_t *b);

/* printf into the arena; empty without memory. */
lookout_str_t lookout_plot_printf(lookout_plot_t *plot, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Memory of the arena for n things of a size; sets scene.failed when there is none. */
void *lookout_plot_alloc(lookout_plot_t *plot, size_t n, size_t size);

/* label.c: texts in their places. */

double
lookout_label_width(const lookout_plot_t *plot, lookout_str_t text, double size, bool bold);

/* The text, or as much of it as fits with an ellipsis behind; empty when not even one letter
 * does. */
lookout_str_t lookout_label_fit(lookout_plot_t *plot, lookout_str_t text, double size,
                                bool bold, double width);

/* Breaks the text into at most max_lines (up to LOOKOUT_MAX_LINES) that fit, the last with an
 * ellipsis when something is lost. Returns how many; *whole tells whether nothing is. */
size_t lookout_label_wrap(lookout_plot_t *plot, lookout_str_t text, double size, bool bold,
                          double width, size_t max_lines, lookout_str_t *lines, bool *whole);

/* Adds a text whose baseline is anchored at (x, y). */
lookout_mark_t *lookout_label_add(lookout_plot_t *plot, lookout_str_t text, double x, double y,
                                  lookout_anchor_e anchor, double size, lookout_color_t color);
lookout_mark_t *lookout_label_bold(lookout_plot_t *plot, lookout_str_t text, double x, double y,
                                   lookout_anchor_e anchor, double size, lookout_color_t color);

/* axis.c: finds the ticks of an axis that is `length` pixels long (area `across` the other
 * way), and the room that its labels need. */
void lookout_axis_layout(lookout_plot_t *plot, lookout_axis_t *axis, bool vertical,
                         double length, double across);
void lookout_axis_place(lookout_axis_t *axis, double from, double to);
void lookout_axis_draw_grid(lookout_plot_t *plot, const lookout_axis_t *axis, bool vertical);
void lookout_axis_draw_labels(lookout_plot_t *plot, const lookout_axis_t *axis, bool vertical);

/* The pixel of a value, or of the middle of a band. */
double lookout_axis_at(const lookout_axis_t *axis, double value);

/* legend.c: the height that the legend takes in so much width, drawn with its top at y. */
double lookout_legend_draw(lookout_plot_t *plot, double x, double y, double width);

/* frame.c: draws title, subtitle, legend and note, and sets the area to what is left... */
void lookout_frame_draw(lookout_plot_t *plot);
/* ... and with axes: lays them out, draws grid and labels, and narrows the area. */
void lookout_frame_axes(lookout_plot_t *plot);
/* The line along value 0 of a linear axis, or along the foot; to be drawn over the marks. */
void lookout_frame_baseline(lookout_plot_t *plot, bool vertical);
/* Writes that there is nothing to draw, in the middle. */
void lookout_frame_empty(lookout_plot_t *plot, const char *text);

/* The types. Each draws all of the chart. */
void lookout_draw_bar(lookout_plot_t *plot);
void lookout_draw_line(lookout_plot_t *plot);
void lookout_draw_area(lookout_plot_t *plot);
void lookout_draw_pie(lookout_plot_t *plot);
void lookout_draw_donut(lookout_plot_t *plot);
void lookout_draw_treemap(lookout_plot_t *plot);
void lookout_draw_histogram(lookout_plot_t *plot);
void lookout_draw_scatter(lookout_plot_t *plot);
void lookout_draw_heatmap(lookout_plot_t *plot);

#endif
