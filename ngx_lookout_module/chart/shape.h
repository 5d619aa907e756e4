/*
 * Text in the order in which it is drawn.
 */

#ifndef LOOKOUT_CHART_SHAPE_H
#define LOOKOUT_CHART_SHAPE_H

#include <stdint.h>

#include "../base/str.h"

#define LOOKOUT_RUN_MAX 1024 /* characters of a text that are drawn */

/* The characters of a text from left to right; returns how many, LOOKOUT_RUN_MAX at most. Words
 * that run from right to left are turned around, with numbers in them left as they are, and
 * Arabic letters take the forms that join them to their neighbours. */
size_t lookout_shape(lookout_str_t text, uint32_t *out);

#endif
