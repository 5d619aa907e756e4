/*
 * Ramps are interpolated in OKLab, where equal steps look equal.
 */

#include <math.h>

#include "color.h"

#define RAMP_STEPS 40 /* more shades than an eye tells apart */

typedef struct {
    double l, a, b;
} lab_t;

/* Found by search: whatever two are picked, they differ by 9 and more in OKLab (of 100), also
 * as people without one of the three kinds of cones see them; the first five by more. */
static const lookout_color_t series[LOOKOUT_PALETTE] = {
    0x2f62d9, /* blue */
    0xe8890c, /* orange */
    0x0f9ca0, /* teal */
    0xc81e4f, /* crimson */
    0x8bbcf3, /* sky */
    0x83259a, /* violet */
    0xd0c81f, /* yellow */
    0x4d5f12, /* olive */
    0xfbb59f, /* peach */
    0x77647f, /* mauve */
};

/* Sequential: stops from light to dark. */
static const lookout_color_t ramp[] = { 0xe6f0fb, 0xa9cdf2, 0x5f9fe0, 0x2f6cc0, 0x163d80 };

static const lookout_color_t diverging[] = { 0xb04a0a, 0xf0a35c, 0xf4f4f5, 0x6ea6e0, 0x1c4f9c };


static double
linear(unsigned channel)
{
    double c = channel / 255.0;

    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}


static unsigned
gamma_of(double c)
{
    c = c <= 0.0031308 ? 12.92 * c : 1.055 * pow(c, 1 / 2.4) - 0.055;
    return (unsigned) lrint(fmin(1, fmax(0, c)) * 255);
}


static lab_t
to_lab(lookout_color_t c)
{
    double r = linear(c >> 16 & 255), g = linear(c >> 8 & 255), b = linear(c & 255);
    double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);

    return (lab_t){ 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
                    1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
                    0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s };
}


static lookout_color_t
from_lab(lab_t c)
{
    double l = c.l + 0.3963377774 * c.a + 0.2158037573 * c.b;
    double m = c.l - 0.1055613458 * c.a - 0.0638541728 * c.b;
    double s = c.l - 0.0894841775 * c.a - 1.2914855480 * c.b;

    l = l * l * l;
    m = m * m * m;
    s = s * s * s;
    return gamma_of(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s) << 16
           | gamma_of(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s) << 8
           | gamma_of(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
}


lookout_color_t
lookout_color_mix(lookout_color_t a, lookout_color_t b, double t)
{
    lab_t from = to_lab(a), to = to_lab(b);

    return from_lab((lab_t){ from.l + (to.l - from.l) * t, from.a + (to.a - from.a) * t,
                             from.b + (to.b - from.b) * t });
}


lookout_color_t
lookout_color_series(size_t i)
{
    lookout_color_t c = series[i % LOOKOUT_PALETTE];

    return i < LOOKOUT_PALETTE ? c : lookout_color_mix(c, LOOKOUT_PAPER, 0.35);
}


/* At t (0 to 1) among evenly spaced stops, in RAMP_STEPS steps. */
static lookout_color_t
among(const lookout_color_t *stops, size_t n, double t)
{
    double at = round(fmin(1, fmax(0, t)) * RAMP_STEPS) / RAMP_STEPS * (double) (n - 1);
    size_t i = (size_t) at;

    if (i >= n - 1) {
        return stops[n - 1];
    }
    return lookout_color_mix(stops[i], stops[i + 1], at - (double) i);
}


lookout_color_t
lookout_color_ramp(double t)
{
    return among(ramp, sizeof(ramp) / sizeof(ramp[0]), t);
}


lookout_color_t
lookout_color_diverging(double t)
{
    return among(diverging, sizeof(diverging) / sizeof(diverging[0]), (t + 1) / 2);
}


static double
luminance(lookout_color_t c)
{
    return 0.2126 * linear(c >> 16 & 255) + 0.7152 * linear(c >> 8 & 255)
           + 0.0722 * linear(c & 255);
}


double
lookout_color_contrast(lookout_color_t a, lookout_color_t b)
{
    double la = luminance(a), lb = luminance(b);

    return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}


lookout_color_t
lookout_color_ink_on(lookout_color_t paper)
{
    /* White is taken a little early: on middling colours it looks calmer than black. */
    return lookout_color_contrast(paper, LOOKOUT_PAPER) * 1.6
                   >= lookout_color_contrast(paper, LOOKOUT_INK)
               ? LOOKOUT_PAPER
               : LOOKOUT_INK;
}
