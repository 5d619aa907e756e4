/*
 * Moments: seconds since 1970 in UTC, as doubles. Reading them, taking them apart, writing them
 * as people do, and the ticks of a time axis.
 */

#ifndef LOOKOUT_CHART_WHEN_H
#define LOOKOUT_CHART_WHEN_H

#include "../base/buf.h"

typedef enum {
    LOOKOUT_BY_SECOND,
    LOOKOUT_BY_MINUTE,
    LOOKOUT_BY_HOUR,
    LOOKOUT_BY_DAY,
    LOOKOUT_BY_WEEK,
    LOOKOUT_BY_MONTH,
    LOOKOUT_BY_QUARTER,
    LOOKOUT_BY_YEAR
} lookout_by_e;

/* So many of a unit: three months, fifteen minutes. */
typedef struct {
    lookout_by_e by;
    int count;
} lookout_step_t;

typedef struct {
    int64_t year;
    int month; /* 1 to 12 */
    int day;
    int hour;
    int minute;
    int second;
} lookout_civil_t;

/* YYYY-MM-DD or YYYY-MM-DDTHH:MM[:SS]..., UTC; NaN when it is neither. */
double lookout_when_parse(lookout_str_t text);

lookout_civil_t lookout_when_civil(double when);

/* The last moment not after `when` at which a step begins, and the one after that beginning. */
double lookout_when_floor(double when, lookout_step_t step);
double lookout_when_next(double begin, lookout_step_t step);

/* The smallest sensible step that is no finer than `least` and makes at most `max` ticks from
 * lo to hi. */
lookout_step_t lookout_when_step(double lo, double hi, size_t max, lookout_by_e least);

/* The unit in which a time unit of an encoding counts ("yearmonth": months); -1: none of
 * them. */
int lookout_when_unit(const char *name);

/* The coarsest unit at whose beginnings all n moments (NaN: passed over) lie. */
lookout_by_e lookout_when_grain(const double *moments, size_t n);

/* Appends the moment, as precise as the unit: "Mar 2026", "Q1 2026", "2026", "12 Mar 2026",
 * "12 Mar 2026 14:30". */
void lookout_when_full(lookout_buf_t *b, double when, lookout_by_e by);

/* Appends what stands at a tick, and what stands below it when it is not that of the tick
 * before: "Mar" over "2026", "14:30" over "12 Mar 2026", "2026" over nothing. */
void lookout_when_tick(lookout_buf_t *b, double when, lookout_by_e by);
void lookout_when_context(lookout_buf_t *b, double when, lookout_by_e by);

/* "Mon", "Mar", "Q2" or "14:00" for a part of a date ("day", "month", "quarter", "hours");
 * false when the unit is none that has names. */
bool lookout_when_part(lookout_buf_t *b, const char *unit, double value);

#endif
