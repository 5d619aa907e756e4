/*
 * As much of bidirectional text as one line of a label needs: a paragraph's direction from its
 * first letter, runs turned around by two levels, brackets mirrored; and Arabic joined by means
 * of Unicode's presentation forms, which fonts without a shaping engine can show. Texts without
 * such letters, nearly all, take none of this.
 */

#include <stdbool.h>

#include "../base/utf8.h"
#include "shape.h"

#define FORMS(first, isolated, n)                                                              \
    {                                                                                          \
        first, isolated, n                                                                     \
    }

/* A letter, its isolated form, and how many forms follow in the order isolated, final, initial,
 * medial: 1 joins nothing, 2 joins the letter before it, 4 both. */
static const struct {
    uint16_t letter;
    uint16_t isolated;
    uint8_t n;
} arabic[] = {
    FORMS(0x0621, 0xfe80, 1), FORMS(0x0622, 0xfe81, 2), FORMS(0x0623, 0xfe83, 2),
    FORMS(0x0624, 0xfe85, 2), FORMS(0x0625, 0xfe87, 2), FORMS(0x0626, 0xfe89, 4),
    FORMS(0x0627, 0xfe8d, 2), FORMS(0x0628, 0xfe8f, 4), FORMS(0x0629, 0xfe93, 2),
    FORMS(0x062a, 0xfe95, 4), FORMS(0x062b, 0xfe99, 4), FORMS(0x062c, 0xfe9d, 4),
    FORMS(0x062d, 0xfea1, 4), FORMS(0x062e, 0xfea5, 4), FORMS(0x062f, 0xfea9, 2),
    FORMS(0x0630, 0xfeab, 2), FORMS(0x0631, 0xfead, 2), FORMS(0x0632, 0xfeaf, 2),
    FORMS(0x0633, 0xfeb1, 4), FORMS(0x0634, 0xfeb5, 4), FORMS(0x0635, 0xfeb9, 4),
    FORMS(0x0636, 0xfebd, 4), FORMS(0x0637, 0xfec1, 4), FORMS(0x0638, 0xfec5, 4),
    FORMS(0x0639, 0xfec9, 4), FORMS(0x063a, 0xfecd, 4), FORMS(0x0641, 0xfed1, 4),
    FORMS(0x0642, 0xfed5, 4), FORMS(0x0643, 0xfed9, 4), FORMS(0x0644, 0xfedd, 4),
    FORMS(0x0645, 0xfee1, 4), FORMS(0x0646, 0xfee5, 4), FORMS(0x0647, 0xfee9, 4),
    FORMS(0x0648, 0xfeed, 2), FORMS(0x0649, 0xfeef, 2), FORMS(0x064a, 0xfef1, 4),
    FORMS(0x067e, 0xfb56, 4), FORMS(0x0686, 0xfb7a, 4), FORMS(0x0698, 0xfb8a, 2),
    FORMS(0x06a9, 0xfb8e, 4), FORMS(0x06af, 0xfb92, 4), FORMS(0x06cc, 0xfbfc, 4),
};

#define N_ARABIC (sizeof(arabic) / sizeof(arabic[0]))
#define LAM 0x0644
#define TATWEEL 0x0640


static bool
is_rtl(uint32_t c)
{
    return (c >= 0x590 && c <= 0x8ff && !(c >= 0x660 && c <= 0x669)
            && !(c >= 0x6f0 && c <= 0x6f9))
           || (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfefc);
}


static bool
is_digit(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 0x660 && c <= 0x669) || (c >= 0x6f0 && c <= 0x6f9);
}


/* A letter of a script that runs from left to right. */
static bool
is_ltr(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0xc0 && c < 0x590)
           || (c >= 0x900 && c < 0x2000) || (c >= 0x2e80 && c < 0xfb1d);
}


/* --- Arabic --- */

static bool
is_mark(uint32_t c)
{
    return (c >= 0x64b && c <= 0x65f) || c == 0x670;
}


static int
find_letter(uint32_t c)
{
    size_t i;

    for (i = 0; i < N_ARABIC; i++) {
        if (arabic[i].letter == c) {
            return (int) i;
        }
    }
    return -1;
}


static bool
joins_next(uint32_t c)
{
    int i = find_letter(c);

    return c == TATWEEL || (i >= 0 && arabic[i].n == 4);
}


static bool
joins_previous(uint32_t c)
{
    int i = find_letter(c);

    return c == TATWEEL || (i >= 0 && arabic[i].n >= 2);
}


/* The ligature of lam and a form of alef, isolated; 0: none. */
static uint32_t
lam_alef(uint32_t alef)
{
    switch (alef) {
    case 0x0622:
        return 0xfef5;
    case 0x0623:
        return 0xfef7;
    case 0x0625:
        return 0xfef9;
    case 0x0627:
        return 0xfefb;
    default:
        return 0;
    }
}


/* Replaces letters by their joined forms, in place; returns the new number. */
static size_t
join(uint32_t *c, size_t n)
{
    uint32_t previous = 0; /* the letter before, marks passed over, as it was written */
    size_t i, next, out = 0;

    for (i = 0; i < n; i++) {
        int letter = find_letter(c[i]);
        bool before, after;

        if (letter < 0) {
            previous = is_mark(c[i]) ? previous : c[i];
            c[out++] = c[i];
            continue;
        }
        before = joins_next(previous) && joins_previous(c[i]);
        if (c[i] == LAM && i + 1 < n && lam_alef(c[i + 1]) != 0) {
            previous = c[i + 1];
            c[out++] = lam_alef(c[i + 1]) + before;
            i++;
            continue;
        }
        for (next = i + 1; next < n && is_mark(c[next]); next++) {
        }
        after = arabic[letter].n == 4 && next < n && joins_previous(c[next]);
        previous = c[i];
        c[out++] = arabic[letter].isolated + (uint32_t) ((after ? 2 : 0) + (before ? 1 : 0));
    }
    return out;
}


/* --- Order --- */

static uint32_t
mirrored(uint32_t c)
{
    static const char pairs[] = "()[]{}<>";
    const char *at = c != 0 && c < 0x80 ? strchr(pairs, (int) c) : NULL;

    return at == NULL ? c : (uint32_t) (unsigned char) pairs[(at - pairs) ^ 1];
}


/* Levels: 0 left to right, 1 right to left, 2 left to right inside of that. */
static void
find_levels(const uint32_t *c, size_t n, uint8_t *levels)
{
    uint8_t base = 0, last;
    size_t i, j;

    for (i = 0; i < n && !is_ltr(c[i]) && !is_rtl(c[i]); i++) {
    }
    base = i < n && is_rtl(c[i]) ? 1 : 0;
    last = base;
    for (i = 0; i < n; i++) {
        if (is_rtl(c[i])) {
            last = levels[i] = 1;
        } else if (is_ltr(c[i])) {
            levels[i] = base == 1 ? 2 : 0;
            last = levels[i];
        } else if (is_digit(c[i])) {
            levels[i] = last == 1 ? 2 : last;
        } else {
            for (j = i; j < n && !is_rtl(c[j]) && !is_ltr(c[j]) && !is_digit(c[j]); j++) {
            }
            /* Between two of a kind it is of their kind, else of the whole's. */
            levels[i] = j < n && (is_rtl(c[j]) || (is_digit(c[j]) && last == 1)) && last == 1
                            ? 1
                        : j < n && is_ltr(c[j]) && last == 2 ? 2
                                                             : base;
        }
    }
}


static void
reverse(uint32_t *c, uint8_t *levels, size_t from, size_t to)
{
    while (from + 1 < to) {
        uint32_t keep = c[--to];
        uint8_t level = levels[to];

        c[to] = c[from];
        levels[to] = levels[from];
        c[from] = keep;
        levels[from++] = level;
    }
}


static void
reorder(uint32_t *c, size_t n)
{
    uint8_t levels[LOOKOUT_RUN_MAX], least;
    size_t i, from;

    find_levels(c, n, levels);
    for (i = 0; i < n; i++) {
        if (levels[i] == 1) {
            c[i] = mirrored(c[i]);
        }
    }
    for (least = 2; least >= 1; least--) {
        for (i = 0; i < n; i++) {
            for (from = i; i < n && levels[i] >= least; i++) {
            }
            reverse(c, levels, from, i);
        }
    }
}


size_t
lookout_shape(lookout_str_t text, uint32_t *out)
{
    bool turn = false;
    size_t i = 0, n = 0, len;

    while (i < text.len && n < LOOKOUT_RUN_MAX) {
        len = lookout_utf8_next(text.data + i, text.len - i, &out[n]);
        if (len == 0) {
            out[n] = 0xfffd;
            len = 1;
        }
        turn = turn || is_rtl(out[n]);
        i += len;
        n++;
    }
    if (turn) {
        n = join(out, n);
        reorder(out, n);
    }
    return n;
}
