/*
 * Painting into a palette from the start spares the conversion from true colour, three quarters
 * of the memory and most of the time that compressing takes. The mixtures are remembered by
 * (beneath, painted with, cover), so that a pixel at an edge costs one look-up.
 */

#include <math.h>
#include <stdlib.h>

#include "canvas.h"

#define LEVELS (LOOKOUT_COVER + 1)

/* Squared distances at which two mixtures count as one colour: larger as the palette fills, so
 * that its last entries are kept for what is really new. */
static const struct {
    int colors; /* up to so many in the palette */
    int same;
} tolerances[] = { { 96, 10 }, { 160, 40 }, { 224, 100 }, { 256, 240 } };


bool
lookout_canvas_init(lookout_canvas_t *canvas, uint32_t width, uint32_t height,
                    lookout_color_t background)
{
    *canvas = (lookout_canvas_t){ .width = (int) width, .height = (int) height };
    canvas->image =
        lookout_gd() == NULL ? NULL : lookout_gd()->ImageCreate((int) width, (int) height);
    canvas->palette[0] = background;
    canvas->n_colors = 1;
    return canvas->image != NULL;
}


void
lookout_canvas_free(lookout_canvas_t *canvas)
{
    size_t i;

    for (i = 0; i < 256; i++) {
        free(canvas->mixtures[i]);
    }
    if (canvas->image != NULL) {
        lookout_gd()->ImageDestroy(canvas->image);
        canvas->image = NULL;
    }
}


/* The entry of the colour: one within `same` of it (-1: what the palette affords), a new one,
 * or the nearest. */
static int
find_color(lookout_canvas_t *canvas, lookout_color_t color, int same)
{
    int best = 0, least = INT32_MAX, i;

    if (same < 0) {
        for (i = 0; canvas->n_colors > tolerances[i].colors; i++) {
        }
        same = tolerances[i].same;
    }
    for (i = 0; i < canvas->n_colors; i++) {
        int r = (int) (canvas->palette[i] >> 16 & 255) - (int) (color >> 16 & 255);
        int g = (int) (canvas->palette[i] >> 8 & 255) - (int) (color >> 8 & 255);
        int b = (int) (canvas->palette[i] & 255) - (int) (color & 255);
        int distance = r * r + g * g + b * b;

        if (distance < least) {
            least = distance;
            best = i;
        }
    }
    if (least <= same || canvas->n_colors == 256) {
        return best;
    }
    canvas->palette[canvas->n_colors] = color;
    return canvas->n_colors++;
}


lookout_paint_t
lookout_canvas_paint(lookout_canvas_t *canvas, lookout_color_t color, double opacity)
{
    return (lookout_paint_t){ find_color(canvas, color, 0),
                              (int) lrint(fmin(1, fmax(0, opacity)) * LOOKOUT_COVER) };
}


/* cover sixteenths of one channel of `over`, the rest of `under`. */
static unsigned
mix(lookout_color_t under, lookout_color_t over, int shift, int cover)
{
    int u = (int) (under >> shift & 255), o = (int) (over >> shift & 255);

    return (unsigned) (u + ((o - u) * cover + (o >= u ? 8 : -8)) / LOOKOUT_COVER);
}


/* The entry for a pixel of entry `under` painted over so far. */
static inline uint8_t
mixture(lookout_canvas_t *canvas, uint8_t under, int entry, int cover)
{
    uint16_t *known = canvas->mixtures[entry], *at;
    lookout_color_t a, b;

    if (known == NULL) {
        known = calloc((size_t) 256 * LEVELS, sizeof(*known));
        if (known == NULL) {
            canvas->failed = true;
            return under;
        }
        canvas->mixtures[entry] = known;
    }
    at = &known[under * LEVELS + cover];
    if (*at == 0) {
        a = canvas->palette[under];
        b = canvas->palette[entry];
        *at = (uint16_t) (1
                          + find_color(canvas,
                                       mix(a, b, 16, cover) << 16 | mix(a, b, 8, cover) << 8
                                           | mix(a, b, 0, cover),
                                       -1));
    }
    return (uint8_t) (*at - 1);
}


void
lookout_canvas_span(lookout_canvas_t *canvas, int x, int y, int n, int cover,
                    lookout_paint_t paint)
{
    uint8_t *p = canvas->image->pixels[y] + x;
    uint8_t under, result;
    int i;

    cover = (cover * paint.opacity + LOOKOUT_COVER / 2) / LOOKOUT_COVER;
    if (cover >= LOOKOUT_COVER) {
        memset(p, paint.entry, (size_t) n);
        return;
    }
    if (cover <= 0 || n <= 0) {
        return;
    }
    under = *p;
    result = mixture(canvas, under, paint.entry, cover);
    for (i = 0; i < n; i++) {
        if (p[i] != under) {
            under = p[i];
            result = mixture(canvas, under, paint.entry, cover);
        }
        p[i] = result;
    }
}


/* How much of pixel i lies between lo and hi, 0 to 1. */
static double
overlap(int i, double lo, double hi)
{
    return fmax(0, fmin(hi, i + 1) - fmax(lo, i));
}


void
lookout_canvas_rect(lookout_canvas_t *canvas, lookout_rect_t box, lookout_paint_t paint)
{
    double x1 = fmax(0, box.x), y1 = fmax(0, box.y);
    double x2 = fmin(canvas->width, box.x + box.w), y2 = fmin(canvas->height, box.y + box.h);
    int left = (int) floor(x1), right = (int) ceil(x2), y;
    int whole_from = (int) ceil(x1), whole_to = (int) floor(x2);

    if (!(x1 < x2) || !(y1 < y2)) {
        return;
    }
    for (y = (int) floor(y1); y < (int) ceil(y2); y++) {
        double rows = overlap(y, y1, y2);

        if (whole_from > whole_to) { /* all inside one column */
            lookout_canvas_span(canvas, left, y, 1, (int) lrint(rows * (x2 - x1) * 16), paint);
            continue;
        }
        if (left < whole_from) {
            lookout_canvas_span(canvas, left, y, 1,
                                (int) lrint(rows * overlap(left, x1, x2) * 16), paint);
        }
        if (whole_from < whole_to) {
            lookout_canvas_span(canvas, whole_from, y, whole_to - whole_from,
                                (int) lrint(rows * 16), paint);
        }
        if (whole_to < right) {
            lookout_canvas_span(canvas, whole_to, y, 1,
                                (int) lrint(rows * overlap(whole_to, x1, x2) * 16), paint);
        }
    }
}


void
lookout_canvas_disc(lookout_canvas_t *canvas, lookout_point_t center, double radius,
                    lookout_paint_t paint)
{
    int top = (int) floor(fmax(0, center.y - radius - 0.5)), y, x;
    int bottom = (int) ceil(fmin(canvas->height, center.y + radius + 0.5));
    double inside = fmax(0, radius - 0.5), edge = radius + 0.5;

    for (y = top; y < bottom; y++) {
        double dy = y + 0.5 - center.y, reach = edge * edge - dy * dy, half;
        int from, to;

        if (reach <= 0) {
            continue;
        }
        half = sqrt(reach);
        from = (int) fmax(0, floor(center.x - half));
        to = (int) fmin(canvas->width, ceil(center.x + half));
        for (x = from; x < to; x++) {
            double dx = x + 0.5 - center.x, d2 = dx * dx + dy * dy;
            int cover = LOOKOUT_COVER;

            if (d2 > inside * inside) {
                cover = (int) lrint((edge - sqrt(d2)) * LOOKOUT_COVER);
            }
            if (cover > 0) {
                lookout_canvas_span(canvas, x, y, 1,
                                    cover < LOOKOUT_COVER ? cover : LOOKOUT_COVER, paint);
            }
        }
    }
}


void
lookout_canvas_glyph(lookout_canvas_t *canvas, const lookout_glyph_t *glyph, int pen_x,
                     int pen_y, lookout_paint_t paint)
{
    int left = pen_x + glyph->left, top = pen_y - glyph->top, x, y, cover;
    uint8_t *p;

    for (y = 0; y < glyph->height; y++) {
        const uint8_t *row = glyph->cover + (size_t) y * (size_t) glyph->width;

        if (top + y < 0 || top + y >= canvas->height) {
            continue;
        }
        for (x = 0; x < glyph->width; x++) {
            if (row[x] == 0 || left + x < 0 || left + x >= canvas->width) {
                continue;
            }
            cover = (row[x] * paint.opacity + LOOKOUT_COVER / 2) / LOOKOUT_COVER;
            p = canvas->image->pixels[top + y] + left + x;
            *p = cover >= LOOKOUT_COVER ? (uint8_t) paint.entry
                                        : mixture(canvas, *p, paint.entry, cover);
        }
    }
}
