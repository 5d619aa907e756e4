/*
 * Characters beyond ASCII: counting, folding, telling letters from the rest. What is a letter
 * and what its lower case is, glibc's C.UTF-8 locale knows; it is asked through a locale object
 * of our own, so neither the process's locale nor the environment matters.
 */

#define _GNU_SOURCE /* memmem */

#include <locale.h>
#include <pthread.h>
#include <wctype.h>

#include "text.h"
#include "utf8.h"

#define SMALL_SHARP_S 0xdf
#define CAPITAL_SHARP_S 0x1e9e
#define LONG_S 0x17f
#define FINAL_SIGMA 0x3c2
#define SIGMA 0x3c3

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t unicode; /* (locale_t) 0 on a system without C.UTF-8: then only ASCII folds */


static void
make_locale(void)
{
    unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
}


static locale_t
get_locale(void)
{
    (void) pthread_once(&once, make_locale);
    return unicode;
}


bool
lookout_utf8_valid(lookout_str_t s)
{
    size_t at = 0;
    uint32_t c;

    while (at < s.len) {
        size_t len = lookout_utf8_next(s.data + at, s.len - at, &c);

        if (len == 0) {
            return false;
        }
        at += len;
    }
    return true;
}


size_t
lookout_utf8_length(lookout_str_t s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        n += (s.data[i] & 0xc0) != 0x80; /* each character has one byte that begins it */
    }
    return n;
}


/* The lower case of a character beyond ASCII, after Unicode's simple case folding. */
static uint32_t
fold_character(uint32_t c, locale_t locale)
{
    if (c == FINAL_SIGMA) {
        return SIGMA;
    }
    if (c == LONG_S) {
        return 's';
    }
    return locale == (locale_t) 0 ? c : (uint32_t) towlower_l((wint_t) c, locale);
}


lookout_str_t
lookout_fold(lookout_arena_t *arena, lookout_str_t s)
{
    locale_t locale = get_locale();
    char *folded, *out;
    uint32_t c;

    /* Some letters of two bytes have a lower case of three; none grows more. */
    if (s.len > SIZE_MAX / 2
        || (folded = out = lookout_arena_alloc(arena, s.len + s.len / 2 + 1)) == NULL) {
        return LOOKOUT_STR_NONE;
    }
    for (size_t at = 0, len; at < s.len; at += len) {
        len = lookout_utf8_next(s.data + at, s.len - at, &c);
        if (len == 0) {
            len = 1;
            *out++ = s.data[at]; /* no character: kept as it is */
        } else if (c < 0x80) {
            *out++ = (char) (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        } else if (c == SMALL_SHARP_S || c == CAPITAL_SHARP_S) {
            *out++ = 's'; /* STRASSE is the upper case of straße, and has to find it */
            *out++ = 's';
        } else {
            out += lookout_utf8_put(out, fold_character(c, locale));
        }
    }
    return (lookout_str_t){ folded, (size_t) (out - folded) };
}


bool
lookout_contains(lookout_str_t hay, lookout_str_t needle)
{
    return needle.len == 0
           || (hay.len != 0 && memmem(hay.data, hay.len, needle.data, needle.len) != NULL);
}


bool
lookout_is_letter(uint32_t c)
{
    locale_t locale;

    if (c < 0x80) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    }
    locale = get_locale();
    return locale == (locale_t) 0 || iswalnum_l((wint_t) c, locale);
}
