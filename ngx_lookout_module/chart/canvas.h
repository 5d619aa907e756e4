/*
 * The canvas of the PNG painter: a palette image of libgd's, one byte a pixel, of which the
 * palette grows while shapes are painted. A shape covers a pixel in sixteenths, and each
 * mixture of two colours that occurs gets an entry of its own; when all 256 are taken, the
 * nearest does.
 */

#ifndef LOOKOUT_CHART_CANVAS_H
#define LOOKOUT_CHART_CANVAS_H

#include "font.h"
#include "gd.h"
#include "scene.h"

typedef struct {
    int width;
    int height;
    gdImagePtr image; /* owned; its rows hold entries of the palette below */
    lookout_color_t palette[256];
    int n_colors;
    uint16_t *mixtures[256]; /* by colour painted with: [colour beneath][cover], entry + 1 */
    bool failed;             /* memory ran out */
} lookout_canvas_t;

/* What to paint with. */
typedef struct {
    int entry;   /* of the palette */
    int opacity; /* sixteenths */
} lookout_paint_t;

/* A canvas all of one colour. False without memory, or without libgd. */
bool lookout_canvas_init(lookout_canvas_t *canvas, uint32_t width, uint32_t height,
                         lookout_color_t background);
void lookout_canvas_free(lookout_canvas_t *canvas);

/* The entry of a colour, or of the nearest one when the palette is full. */
lookout_paint_t
lookout_canvas_paint(lookout_canvas_t *canvas, lookout_color_t color, double opacity);

/* n pixels from (x, y) to the right, which are inside, each covered so far (sixteenths). */
void lookout_canvas_span(lookout_canvas_t *canvas, int x, int y, int n, int cover,
                         lookout_paint_t paint);

/* An upright rectangle, at any fraction of a pixel. */
void lookout_canvas_rect(lookout_canvas_t *canvas, lookout_rect_t box, lookout_paint_t paint);

void lookout_canvas_disc(lookout_canvas_t *canvas, lookout_point_t center, double radius,
                         lookout_paint_t paint);

void lookout_canvas_glyph(lookout_canvas_t *canvas, const lookout_glyph_t *glyph, int pen_x,
                          int pen_y, lookout_paint_t paint);

/* Appends the canvas as a PNG file. False without memory. */
bool lookout_canvas_png(const lookout_canvas_t *canvas, lookout_buf_t *out);

#endif
