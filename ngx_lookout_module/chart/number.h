/*
 * Numbers as people write them, and round numbers for axes.
 */

#ifndef LOOKOUT_CHART_NUMBER_H
#define LOOKOUT_CHART_NUMBER_H

#include "data.h"

/* What the numbers of a column are of. */
typedef struct {
    const char *prefix; /* "$", or "" */
    bool percent;       /* 45 is 45 % */
    bool ratio;         /* 0.45 is 45 % */
    bool whole;         /* counts: never between two integers */
} lookout_unit_t;

/* Evenly spaced round numbers: n of them, i-th: lookout_tick. */
typedef struct {
    int64_t first; /* in steps */
    size_t n;
    int factor; /* the step is factor * 10^power: 1, 2 or 5 */
    int power;
} lookout_ticks_t;

/* The unit of a channel's numbers, by its column's name and its values (lo to hi). */
lookout_unit_t lookout_unit_of(const lookout_chart_channel_t *channel, double lo, double hi);

/* Ticks that enclose lo to hi (finite, lo <= hi), about `wanted` of them and no more than one
 * more. A single value gets an axis around it. */
lookout_ticks_t lookout_ticks(double lo, double hi, size_t wanted, bool whole);
double lookout_tick(const lookout_ticks_t *ticks, size_t i);
double lookout_tick_step(const lookout_ticks_t *ticks);

/* Appends tick number i: "0", "$1.5M", "2,000", "45 %", "-0.02", "3e-7". */
void lookout_tick_label(lookout_buf_t *b, const lookout_ticks_t *ticks, size_t i,
                        lookout_unit_t unit);

/* Appends a value in three significant digits: "$1.23M", "1,234", "45.6 %", "0.0123". */
void lookout_number_short(lookout_buf_t *b, double v, lookout_unit_t unit);

/* Appends a value as exactly as a reader may want it: "$1,234,567.89". */
void lookout_number_exact(lookout_buf_t *b, double v, lookout_unit_t unit);

#endif
