/*
 * Colours: the palette of series, which people with any of the common colour blindnesses can
 * tell apart, the ramps of quantities, and what is readable on what.
 */

#ifndef LOOKOUT_CHART_COLOR_H
#define LOOKOUT_CHART_COLOR_H

#include "scene.h"

#define LOOKOUT_INK 0x1f2937       /* titles, values */
#define LOOKOUT_INK_SOFT 0x4b5563  /* labels of axes and legends */
#define LOOKOUT_INK_FAINT 0x6b7280 /* subtitles, titles of axes, notes */
#define LOOKOUT_GRID 0xe8eaee
#define LOOKOUT_AXIS 0x9aa2af
#define LOOKOUT_PAPER 0xffffff
#define LOOKOUT_OTHERS 0xb8bfc9 /* what is summed up or blank */

#define LOOKOUT_PALETTE 10

/* The colour of series number i; they begin anew after LOOKOUT_PALETTE, a shade lighter. */
lookout_color_t lookout_color_series(size_t i);

/* t of the way from a to b. */
lookout_color_t lookout_color_mix(lookout_color_t a, lookout_color_t b, double t);

/* A ramp of one hue, light to dark, t from 0 to 1, in steps too small to see. */
lookout_color_t lookout_color_ramp(double t);

/* From one colour over near white to another, t from -1 to 1. */
lookout_color_t lookout_color_diverging(double t);

/* The better readable of dark ink and white on a colour. */
lookout_color_t lookout_color_ink_on(lookout_color_t paper);

/* WCAG's contrast ratio, 1 to 21. */
double lookout_color_contrast(lookout_color_t a, lookout_color_t b);

#endif
