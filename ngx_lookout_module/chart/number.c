/*
 * Formatting without printf's %f and locale: a number is scaled to an integer of the digits
 * that are wanted, which is then written with a point and separators.
 */

#include <math.h>
#include <stdio.h>

#include "number.h"

#define MINUS "\xe2\x88\x92"  /* U+2212, as wide as a digit */
#define NBSP "\xc2\xa0"       /* never breaks a percentage in two */
#define GROUPED_BELOW 10000.0 /* 2,000 is written out, 20K is not */
#define EXPONENT_FROM 1e15
#define EXPONENT_BELOW 1e-5

static const struct {
    double size;
    const char *suffix;
} scales[] = { { 1e12, "T" }, { 1e9, "B" }, { 1e6, "M" }, { 1e3, "K" } };

static const struct {
    const char *ending;
    const char *prefix;
} currencies[] = {
    { "_usd", "$" }, { "_eur", "\xe2\x82\xac" }, { "_gbp", "\xc2\xa3" }, { "_jpy", "\xc2\xa5" }
};


static bool
ends_with(lookout_str_t s, const char *ending)
{
    size_t len = strlen(ending);

    return s.len >= len && memcmp(s.data + s.len - len, ending, len) == 0;
}


lookout_unit_t
lookout_unit_of(const lookout_chart_channel_t *channel, double lo, double hi)
{
    static const char *const ratios[] = { "_rate", "_ratio", "_share", "probability" };
    static const char *const counts[] = { "count", "distinct", "valid", "missing" };
    lookout_str_t name = channel->column->name;
    lookout_unit_t unit = { .prefix = "" };
    size_t i;

    for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        if (strcmp(channel->aggregate, counts[i]) == 0) {
            unit.whole = true;
            return unit;
        }
    }
    unit.whole = channel->column->type == LOOKOUT_INTEGER;
    for (i = 0; i < sizeof(currencies) / sizeof(currencies[0]); i++) {
        if (ends_with(name, currencies[i].ending)) {
            unit.prefix = currencies[i].prefix;
        }
    }
    unit.percent = ends_with(name, "_pct") || ends_with(name, "_percent");
    for (i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++) {
        unit.ratio = unit.ratio || (ends_with(name, ratios[i]) && lo >= -1 && hi <= 1);
    }
    return unit;
}


/* --- Ticks --- */

static double
power_of_ten(int power)
{
    return power >= 0 ? pow(10, power) : 1 / pow(10, -power);
}


/* i steps: for fractions divided, not multiplied, so that 3 * 0.1 is 0.3. */
static double
steps(const lookout_ticks_t *ticks, int64_t i)
{
    double v = (double) i * ticks->factor;

    return ticks->power >= 0 ? v * pow(10, ticks->power) : v / pow(10, -ticks->power);
}


double
lookout_tick(const lookout_ticks_t *ticks, size_t i)
{
    return steps(ticks, ticks->first + (int64_t) i);
}


double
lookout_tick_step(const lookout_ticks_t *ticks)
{
    return steps(ticks, 1);
}


/* The next round step. */
static void
widen(lookout_ticks_t *ticks)
{
    if (ticks->factor == 5) {
        ticks->factor = 1;
        ticks->power++;
    } else {
        ticks->factor = ticks->factor == 1 ? 2 : 5;
    }
}


lookout_ticks_t
lookout_ticks(double lo, double hi, size_t wanted, bool whole)
{
    lookout_ticks_t ticks = { .factor = 1 };
    double room = wanted < 1 ? 1 : (double) wanted, step;

    if (!(hi > lo)) { /* one value */
        step = fmax(fabs(lo) * 0.1, whole ? 1 : fabs(lo) > 0 ? 0 : 1);
        lo = lo > 0 ? fmax(0, lo - step) : lo - step;
        hi += step;
    }
    step = (hi - lo) / room;
    ticks.power = (int) floor(log10(step));
    if (whole && ticks.power < 0) {
        ticks.power = 0;
    }
    while (lookout_tick_step(&ticks) < step * 0.84) {
        widen(&ticks);
    }
    for (;;) {
        double first, last;

        step = lookout_tick_step(&ticks);
        first = floor(lo / step + 1e-9);
        last = ceil(hi / step - 1e-9);
        if (fabs(first) < 9e15 && fabs(last) < 9e15 && last - first <= room + 1) {
            ticks.first = (int64_t) first;
            ticks.n = (size_t) (last - first) + 1;
            return ticks;
        }
        widen(&ticks);
    }
}


/* --- Writing --- */

/* |v| with so many decimals, separators between thousands. */
static void
fixed(lookout_buf_t *b, double v, int decimals)
{
    double scaled = round(fabs(v) * power_of_ten(decimals));
    char digits[40];
    int n, i, point;

    if (!(scaled < 1e18)) {
        lookout_buf_double(b, v);
        return;
    }
    n = snprintf(digits, sizeof(digits), "%0*lld", decimals + 1, (long long) scaled);
    point = n - decimals;
    for (i = 0; i < n; i++) {
        if (i == point) {
            lookout_buf_putc(b, '.');
        } else if (i > 0 && i < point && (point - i) % 3 == 0) {
            lookout_buf_putc(b, ',');
        }
        lookout_buf_putc(b, digits[i]);
    }
}


/* The fewest decimals, at most `most`, that show v (up to a relative error of 1e-9). */
static int
decimals_of(double v, int most)
{
    int decimals = 0;

    while (decimals < most) {
        double scaled = fabs(v) * power_of_ten(decimals);

        if (fabs(scaled - round(scaled)) <= 1e-9 * fmax(1, scaled)) {
            break;
        }
        decimals++;
    }
    return decimals;
}


/* "3e-7", "1.2e18". */
static void
exponent(lookout_buf_t *b, double v, int digits)
{
    int power = (int) floor(log10(fabs(v)));
    double m = fabs(v) / pow(10, power);

    if (round(m * power_of_ten(digits)) >= 10 * power_of_ten(digits)) {
        m /= 10;
        power++;
    }
    m = round(m * power_of_ten(digits)) / power_of_ten(digits);
    fixed(b, m, decimals_of(m, digits));
    lookout_buf_putc(b, 'e');
    lookout_buf_int(b, power);
}


/* The largest scale that v reaches (after rounding): its index, or -1 for none. */
static int
scale_of(double v)
{
    size_t i;

    for (i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
        if (fabs(v) >= scales[i].size * 0.9995) {
            return (int) i;
        }
    }
    return -1;
}


static void
tail(lookout_buf_t *b, lookout_unit_t unit)
{
    if (unit.percent || unit.ratio) {
        lookout_buf_puts(b, NBSP "%");
    }
}


static void
head(lookout_buf_t *b, double v, lookout_unit_t unit)
{
    if (v < 0) {
        lookout_buf_puts(b, MINUS);
    }
    lookout_buf_puts(b, unit.prefix);
}


void
lookout_tick_label(lookout_buf_t *b, const lookout_ticks_t *ticks, size_t i,
                   lookout_unit_t unit)
{
    double v = lookout_tick(ticks, i), step = lookout_tick_step(ticks), most;
    double last = fmax(fabs(lookout_tick(ticks, 0)), fabs(lookout_tick(ticks, ticks->n - 1)));
    int scale;

    if (unit.ratio) {
        v *= 100;
        step *= 100;
        last *= 100;
    }
    head(b, v, unit);
    if (last >= EXPONENT_FROM || step < EXPONENT_BELOW) {
        if (v == 0) {
            lookout_buf_putc(b, '0');
        } else {
            exponent(b, v, 6);
        }
        tail(b, unit);
        return;
    }
    /* Of an axis all or none: 5K beside 10K. Steps too fine are written out: 12,345. */
    scale = last >= GROUPED_BELOW ? scale_of(v) : -1;
    if (scale >= 0 && decimals_of(step / scales[scale].size, 7) > 2) {
        scale = -1;
    }
    most = scale >= 0 ? scales[scale].size : 1;
    fixed(b, v / most, scale >= 0 ? decimals_of(v / most, 3) : decimals_of(step, 7));
    if (scale >= 0) {
        lookout_buf_puts(b, scales[scale].suffix);
    }
    tail(b, unit);
}


void
lookout_number_short(lookout_buf_t *b, double v, lookout_unit_t unit)
{
    int scale, decimals;
    double shown;

    if (unit.ratio) {
        v *= 100;
    }
    head(b, v, unit);
    if (v != 0 && (fabs(v) >= EXPONENT_FROM || fabs(v) < EXPONENT_BELOW)) {
        exponent(b, v, 2);
        tail(b, unit);
        return;
    }
    scale = fabs(v) < GROUPED_BELOW ? -1 : scale_of(v);
    shown = scale >= 0 ? v / scales[scale].size : v;
    decimals = fabs(shown) >= 99.95 ? 0 : fabs(shown) >= 9.995 ? 1 : 2;
    if (v != 0 && fabs(shown) < 1) {
        decimals = 2 - (int) floor(log10(fabs(shown)));
    }
    shown = round(shown * power_of_ten(decimals)) / power_of_ten(decimals);
    fixed(b, shown, decimals_of(shown, decimals));
    if (scale >= 0) {
        lookout_buf_puts(b, scales[scale].suffix);
    }
    tail(b, unit);
}


void
lookout_number_exact(lookout_buf_t *b, double v, lookout_unit_t unit)
{
    if (unit.ratio) {
        v *= 100;
    }
    if (v != 0 && (fabs(v) >= EXPONENT_FROM || fabs(v) < 1e-3)) {
        head(b, v, unit);
        exponent(b, v, 6);
    } else {
        head(b, v, unit);
        fixed(b, v, decimals_of(v, fabs(v) >= 100 || *unit.prefix != '\0' ? 2 : 4));
    }
    tail(b, unit);
}
