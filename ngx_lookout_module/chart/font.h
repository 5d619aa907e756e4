/*
 * Fonts: measuring text, the same for both painters, and the bitmaps of glyphs for the one that
 * needs them. FreeType's objects are for one thread at a time, so each render takes a set of
 * fonts of its own and gives it back with its caches warm; there are as many sets as renders
 * have ever run at once.
 */

#ifndef LOOKOUT_CHART_FONT_H
#define LOOKOUT_CHART_FONT_H

#include <stdint.h>

#include "../base/str.h"

#define LOOKOUT_COVER 16 /* a pixel that a shape covers wholly; 0 is not at all */

/* What SVG asks its viewer for. The first has the same widths as the next two. */
#define LOOKOUT_FONT_FAMILY "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"

typedef struct lookout_fonts_s lookout_fonts_t;

typedef struct {
    const uint8_t *cover; /* width * height values, 0 to LOOKOUT_COVER */
    int left;             /* pixels from the pen's pixel to the bitmap's left edge */
    int top;              /* pixels from the pen's pixel up to the bitmap's upper edge */
    int width;
    int height;
} lookout_glyph_t;

/* How a text looks. */
typedef struct {
    double size; /* pixels per em */
    bool bold;
    int angle; /* degrees, clockwise; its baseline is turned around its beginning */
} lookout_type_style_t;

/* A set of fonts, to be given back; NULL without memory. */
lookout_fonts_t *lookout_fonts_take(void);
void lookout_fonts_give(lookout_fonts_t *fonts);

/* Frees the sets that nobody has taken. */
void lookout_fonts_drop(void);

/* Is there a font at all? Without one, widths are estimates and nothing can be painted. */
bool lookout_fonts_any(lookout_fonts_t *fonts);

/* FreeType's own handle (an FT_Library), whose rasterizer fills the shapes. */
void *lookout_fonts_library(lookout_fonts_t *fonts);

/* The width of a text on one line, in pixels. */
double lookout_fonts_width(lookout_fonts_t *fonts, lookout_str_t text, double size, bool bold);

/* Calls emit for each glyph of the text that has something to show, with the pixel in which its
 * pen stands; the baseline begins at (x, y). False without memory. */
bool lookout_fonts_glyphs(
    lookout_fonts_t *fonts, lookout_str_t text, lookout_type_style_t style, double x, double y,
    void (*emit)(void *data, const lookout_glyph_t *glyph, int pen_x, int pen_y), void *data);

#endif
