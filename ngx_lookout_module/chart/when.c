/*
 * The proleptic Gregorian calendar, computed with integers: no time zone, no locale, no libc
 * call that takes a lock.
 */

#include <math.h>

#include "when.h"

#define DAY 86400.0
#define MAX_MOMENT 1e12 /* seconds; some 30,000 years either way */

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

/* Steps that a time axis may take, finest first, with a typical length in seconds. */
static const struct {
    lookout_step_t step;
    double seconds;
} steps[] = { { { LOOKOUT_BY_SECOND, 1 }, 1 },
              { { LOOKOUT_BY_SECOND, 5 }, 5 },
              { { LOOKOUT_BY_SECOND, 15 }, 15 },
              { { LOOKOUT_BY_SECOND, 30 }, 30 },
              { { LOOKOUT_BY_MINUTE, 1 }, 60 },
              { { LOOKOUT_BY_MINUTE, 5 }, 300 },
              { { LOOKOUT_BY_MINUTE, 15 }, 900 },
              { { LOOKOUT_BY_MINUTE, 30 }, 1800 },
              { { LOOKOUT_BY_HOUR, 1 }, 3600 },
              { { LOOKOUT_BY_HOUR, 3 }, 10800 },
              { { LOOKOUT_BY_HOUR, 6 }, 21600 },
              { { LOOKOUT_BY_HOUR, 12 }, 43200 },
              { { LOOKOUT_BY_DAY, 1 }, DAY },
              { { LOOKOUT_BY_DAY, 2 }, 2 * DAY },
              { { LOOKOUT_BY_WEEK, 1 }, 7 * DAY },
              { { LOOKOUT_BY_WEEK, 2 }, 14 * DAY },
              { { LOOKOUT_BY_MONTH, 1 }, 30.4 * DAY },
              { { LOOKOUT_BY_MONTH, 3 }, 91.3 * DAY },
              { { LOOKOUT_BY_QUARTER, 1 }, 91.3 * DAY },
              { { LOOKOUT_BY_MONTH, 6 }, 182.6 * DAY },
              { { LOOKOUT_BY_QUARTER, 2 }, 182.6 * DAY } };

#define N_STEPS (sizeof(steps) / sizeof(steps[0]))
#define YEAR (365.2425 * DAY)


/* --- The calendar --- */

static int64_t
days_from_civil(int64_t y, int m, int d)
{
    int64_t era, yoe, doy;

    y -= m <= 2;
    era = (y >= 0 ? y : y - 399) / 400;
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}


lookout_civil_t
lookout_when_civil(double when)
{
    int64_t all = (int64_t) floor(fmax(-MAX_MOMENT, fmin(MAX_MOMENT, when)));
    int64_t z = all / 86400 - (all % 86400 < 0), rest = all - z * 86400, era, doe, yoe, doy, mp;
    lookout_civil_t c;

    z += 719468;
    era = (z >= 0 ? z : z - 146096) / 146097;
    doe = z - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    c.day = (int) (doy - (153 * mp + 2) / 5 + 1);
    c.month = (int) (mp < 10 ? mp + 3 : mp - 9);
    c.year = yoe + era * 400 + (c.month <= 2);
    c.hour = (int) (rest / 3600);
    c.minute = (int) (rest / 60 % 60);
    c.second = (int) (rest % 60);
    return c;
}


/* The number at text[at..at + n), or -1. */
static int
digits(lookout_str_t text, size_t at, size_t n)
{
    int value = 0;
    size_t i;

    if (at + n > text.len) {
        return -1;
    }
    for (i = at; i < at + n; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return -1;
        }
        value = 10 * value + (text.data[i] - '0');
    }
    return value;
}


double
lookout_when_parse(lookout_str_t text)
{
    int y = digits(text, 0, 4), m = digits(text, 5, 2), d = digits(text, 8, 2);
    int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    double when;

    if (y < 0 || m < 1 || m > 12 || d < 1 || d > 31 || text.data[4] != '-'
        || text.data[7] != '-') {
        return NAN;
    }
    when = (double) days_from_civil(y, m, d) * DAY;
    if (text.len > 10 && hour >= 0 && minute >= 0) {
        when += hour * 3600.0 + minute * 60.0 + (second < 0 ? 0 : second);
    }
    return when;
}


/* --- Steps --- */

static int
months_of(lookout_step_t step)
{
    switch (step.by) {
    case LOOKOUT_BY_MONTH:
        return step.count;
    case LOOKOUT_BY_QUARTER:
        return 3 * step.count;
    case LOOKOUT_BY_YEAR:
        return 12 * step.count;
    default:
        return 0;
    }
}


static double
seconds_of(lookout_step_t step)
{
    static const double seconds[] = { 1, 60, 3600, DAY, 7 * DAY };

    return step.by <= LOOKOUT_BY_WEEK ? seconds[step.by] * step.count : 0;
}


double
lookout_when_floor(double when, lookout_step_t step)
{
    int count = months_of(step);
    lookout_civil_t c;
    int64_t month;
    double size, origin;

    if (count > 0) {
        c = lookout_when_civil(when);
        month = c.year * 12 + c.month - 1;
        month -= ((month % count) + count) % count;
        return (double) days_from_civil(month / 12, (int) (month % 12) + 1, 1) * DAY;
    }
    if (step.by == LOOKOUT_BY_DAY && step.count > 1) {
        c = lookout_when_civil(when); /* 1, 3, 5, ... of each month */
        return ((double) days_from_civil(c.year, c.month, 1)
                + floor((c.day - 1.0) / step.count) * step.count)
               * DAY;
    }
    size = seconds_of(step);
    origin = step.by == LOOKOUT_BY_WEEK ? 3 * DAY : 0; /* 1970-01-04 was a Sunday */
    return floor((when - origin) / size) * size + origin;
}


double
lookout_when_next(double begin, lookout_step_t step)
{
    int count = months_of(step);

    if (count > 0) {
        return lookout_when_floor(begin + count * 30.44 * DAY + 16 * DAY, step);
    }
    if (step.by == LOOKOUT_BY_DAY && step.count > 1) {
        double next = begin + seconds_of(step);
        lookout_civil_t c = lookout_when_civil(next);

        /* No tick on the 31st right before that on the 1st. */
        if (c.day == 31 || lookout_when_civil(begin).month != c.month) {
            return lookout_when_floor(next + (c.day == 31 ? DAY : 0),
                                      (lookout_step_t){ LOOKOUT_BY_MONTH, 1 });
        }
        return next;
    }
    return begin + seconds_of(step);
}


lookout_step_t
lookout_when_step(double lo, double hi, size_t max, lookout_by_e least)
{
    static const int nice[] = { 1, 2, 5 };
    double span = hi - lo, room = max < 1 ? 1 : (double) max;
    int power, i;
    size_t s;

    for (s = 0; s < N_STEPS; s++) {
        bool by_quarter = steps[s].step.by == LOOKOUT_BY_QUARTER;

        /* Quarters only when the data count in them. */
        if (steps[s].step.by >= least && by_quarter == (least == LOOKOUT_BY_QUARTER)
            && span / steps[s].seconds + 1 <= room) {
            return steps[s].step;
        }
    }
    for (power = 1; power < 100000; power *= 10) {
        for (i = 0; i < 3; i++) {
            if (span / (YEAR * nice[i] * power) + 1 <= room) {
                return (lookout_step_t){ LOOKOUT_BY_YEAR, nice[i] * power };
            }
        }
    }
    return (lookout_step_t){ LOOKOUT_BY_YEAR, power };
}


int
lookout_when_unit(const char *name)
{
    static const struct {
        const char *name;
        lookout_by_e by;
    } units[] = {
        { "year", LOOKOUT_BY_YEAR },         { "yearquarter", LOOKOUT_BY_QUARTER },
        { "yearmonth", LOOKOUT_BY_MONTH },   { "yearweek", LOOKOUT_BY_WEEK },
        { "yearmonthdate", LOOKOUT_BY_DAY }, { "yearmonthdatehours", LOOKOUT_BY_HOUR },
    };
    size_t i;

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(units[i].name, name) == 0) {
            return (int) units[i].by;
        }
    }
    return -1;
}


lookout_by_e
lookout_when_grain(const double *moments, size_t n)
{
    static const lookout_by_e grains[] = { LOOKOUT_BY_YEAR,  LOOKOUT_BY_QUARTER,
                                           LOOKOUT_BY_MONTH, LOOKOUT_BY_DAY,
                                           LOOKOUT_BY_HOUR,  LOOKOUT_BY_MINUTE };
    size_t grain = 0, i;

    for (i = 0; i < n; i++) {
        while (!isnan(moments[i]) && grain < sizeof(grains) / sizeof(grains[0])
               && lookout_when_floor(moments[i], (lookout_step_t){ grains[grain], 1 })
                      != moments[i]) {
            grain++;
        }
    }
    return grain < sizeof(grains) / sizeof(grains[0]) ? grains[grain] : LOOKOUT_BY_SECOND;
}


/* --- Writing --- */

static void
clock_time(lookout_buf_t *b, const lookout_civil_t *c, lookout_by_e by)
{
    lookout_buf_printf(b, by == LOOKOUT_BY_SECOND ? "%02d:%02d:%02d" : "%02d:%02d", c->hour,
                       c->minute, c->second);
}


void
lookout_when_full(lookout_buf_t *b, double when, lookout_by_e by)
{
    lookout_civil_t c = lookout_when_civil(when);

    switch (by) {
    case LOOKOUT_BY_YEAR:
        break;
    case LOOKOUT_BY_QUARTER:
        lookout_buf_printf(b, "Q%d ", (c.month + 2) / 3);
        break;
    case LOOKOUT_BY_MONTH:
        lookout_buf_printf(b, "%s ", months[c.month - 1]);
        break;
    default:
        lookout_buf_printf(b, "%d %s ", c.day, months[c.month - 1]);
    }
    lookout_buf_int(b, c.year);
    if (by <= LOOKOUT_BY_HOUR) {
        lookout_buf_putc(b, ' ');
        clock_time(b, &c, by);
    }
}


void
lookout_when_tick(lookout_buf_t *b, double when, lookout_by_e by)
{
    lookout_civil_t c = lookout_when_civil(when);

    switch (by) {
    case LOOKOUT_BY_YEAR:
        lookout_buf_int(b, c.year);
        break;
    case LOOKOUT_BY_QUARTER:
        lookout_buf_printf(b, "Q%d", (c.month + 2) / 3);
        break;
    case LOOKOUT_BY_MONTH:
        lookout_buf_puts(b, months[c.month - 1]);
        break;
    case LOOKOUT_BY_WEEK:
    case LOOKOUT_BY_DAY:
        lookout_buf_printf(b, "%d %s", c.day, months[c.month - 1]);
        break;
    default:
        clock_time(b, &c, by);
    }
}


void
lookout_when_context(lookout_buf_t *b, double when, lookout_by_e by)
{
    if (by < LOOKOUT_BY_DAY) {
        lookout_when_full(b, when, LOOKOUT_BY_DAY);
    } else if (by != LOOKOUT_BY_YEAR) {
        lookout_buf_int(b, lookout_when_civil(when).year);
    }
}


bool
lookout_when_part(lookout_buf_t *b, const char *unit, double value)
{
    int part = value >= 0 && value < 100 ? (int) value : -1;

    if (strcmp(unit, "day") == 0 && part >= 0 && part < 7) {
        lookout_buf_puts(b, days[part]);
    } else if (strcmp(unit, "month") == 0 && part >= 1 && part <= 12) {
        lookout_buf_puts(b, months[part - 1]);
    } else if (strcmp(unit, "quarter") == 0 && part >= 1 && part <= 4) {
        lookout_buf_printf(b, "Q%d", part);
    } else if (strcmp(unit, "hours") == 0 && part >= 0 && part < 24) {
        lookout_buf_printf(b, "%02d:00", part);
    } else {
        return false;
    }
    return true;
}
