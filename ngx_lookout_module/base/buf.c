/*
 * The text buffer. Every function that writes goes through reserve(), the only place where the
 * memory grows (by doubling) and where running out of it is noticed.
 *
 * lookout_buf_int, lookout_buf_double and lookout_buf_json_escape are called for every cell of
 * every row that leaves the server, up to 100,000 rows at a time: they look more laboured than
 * a printf would, and are many times faster.
 */

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "utf8.h"

#define CAP_FIRST 256
#define INT_SIZE 20    /* -9223372036854775808 */
#define DOUBLE_SIZE 40 /* a sign, 17 digits, point, exponent, or a plain decimal; with slack */

/* Below it every integer is exact, and every decimal of so many digits is the only one that
 * reads as its double. */
#define DECIMAL_MAX 1e15

/* How a byte leaves in a JSON string: as it is (0), after a backslash ('n' in \n), as \u00XX,
 * or as a part of a character beyond ASCII, to be checked. */
#define ESCAPE_HEX 'u'
#define ESCAPE_UTF8 'x'
#define EIGHT(v) v, v, v, v, v, v, v, v

/* clang-format off */
static const char escapes[256] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',
    [0x10] = EIGHT('u'), EIGHT('u'),
    ['"'] = '"', ['\\'] = '\\',
    [0x80] = EIGHT('x'), EIGHT('x'), EIGHT('x'), EIGHT('x'),
             EIGHT('x'), EIGHT('x'), EIGHT('x'), EIGHT('x'),
             EIGHT('x'), EIGHT('x'), EIGHT('x'), EIGHT('x'),
             EIGHT('x'), EIGHT('x'), EIGHT('x'), EIGHT('x'),
};

static const char two_digits[] =
    "00010203040506070809" "10111213141516171819" "20212223242526272829"
    "30313233343536373839" "40414243444546474849" "50515253545556575859"
    "60616263646566676869" "70717273747576777879" "80818283848586878889"
    "90919293949596979899";
/* clang-format on */


static char *
grow(lookout_buf_t *b, size_t more)
{
    size_t cap = b->cap == 0 ? CAP_FIRST : b->cap;
    char *data;

    if (more > PTRDIFF_MAX - b->len) {
        b->failed = true;
        return NULL;
    }
    while (cap < b->len + more) {
        cap *= 2;
    }
    data = realloc(b->data, cap);
    if (data == NULL) {
        b->failed = true;
        return NULL;
    }
    b->data = data;
    b->cap = cap;
    return data + b->len;
}


static inline char *
reserve(lookout_buf_t *b, size_t more)
{
    if (b->failed) {
        return NULL;
    }
    if (b->data != NULL && b->cap - b->len >= more) {
        return b->data + b->len;
    }
    return grow(b, more);
}


void
lookout_buf_free(lookout_buf_t *b)
{
    free(b->data);
    *b = LOOKOUT_BUF_INIT;
}


void
lookout_buf_reset(lookout_buf_t *b)
{
    b->len = 0;
    b->failed = false;
}


char *
lookout_buf_reserve(lookout_buf_t *b, size_t more)
{
    return reserve(b, more);
}


void
lookout_buf_add(lookout_buf_t *b, const char *data, size_t len)
{
    char *p = reserve(b, len);

    if (p != NULL && len != 0) {
        memcpy(p, data, len);
        b->len += len;
    }
}


void
lookout_buf_str(lookout_buf_t *b, lookout_str_t s)
{
    lookout_buf_add(b, s.data, s.len);
}


void
lookout_buf_puts(lookout_buf_t *b, const char *s)
{
    lookout_buf_add(b, s, strlen(s));
}


void
lookout_buf_putc(lookout_buf_t *b, char c)
{
    char *p = reserve(b, 1);

    if (p != NULL) {
        *p = c;
        b->len++;
    }
}


void
lookout_buf_printf(lookout_buf_t *b, const char *format, ...)
{
    size_t room = 128;
    va_list args;
    char *p;
    int len;

    do {
        p = reserve(b, room);
        if (p == NULL) {
            return;
        }
        va_start(args, format);
        len = vsnprintf(p, b->cap - b->len, format, args);
        va_end(args);
        if (len < 0) {
            b->failed = true;
            return;
        }
        room = (size_t) len + 1;
    } while (room > b->cap - b->len);
    b->len += (size_t) len;
}


void
lookout_buf_cut(lookout_buf_t *b, size_t len)
{
    if (len < b->len) {
        b->len = len;
    }
}


lookout_str_t
lookout_buf_text(const lookout_buf_t *b)
{
    if (b->failed) {
        return LOOKOUT_STR_NONE;
    }
    return (lookout_str_t){ b->data == NULL ? "" : b->data, b->len };
}


/* Writes n's digits so that they end before `end`; returns where they begin. */
static char *
digits_before(char *end, uint64_t n)
{
    while (n >= 100) {
        end -= 2;
        memcpy(end, two_digits + n % 100 * 2, 2);
        n /= 100;
    }
    if (n >= 10) {
        end -= 2;
        memcpy(end, two_digits + n * 2, 2);
    } else {
        *--end = (char) ('0' + n);
    }
    return end;
}


void
lookout_buf_int(lookout_buf_t *b, int64_t n)
{
    char digits[INT_SIZE], *end = digits + sizeof(digits);
    char *p = digits_before(end, n < 0 ? 0 - (uint64_t) n : (uint64_t) n);

    if (n < 0) {
        *--p = '-';
    }
    lookout_buf_add(b, p, (size_t) (end - p));
}


/* A double that is a decimal of at most 15 digits, up to six of them behind the point, as
 * amounts, rates and coordinates are. With n = d * 10^k rounded, n / 10^k == d (both n and 10^k
 * are exact, and division rounds correctly) says that n with its point put in reads back as d;
 * and two decimals of so few digits never read as the same double, so it is also the shortest.
 * Returns the length, 0 when d is no such decimal. */
static size_t
short_decimal(char *out, double d)
{
    static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };
    double size = fabs(d), scaled;
    char digits[INT_SIZE], *end = digits + sizeof(digits), *p;
    size_t whole, k, len = 0;
    uint64_t n = 0;

    for (k = 0; k < sizeof(powers) / sizeof(powers[0]); k++) {
        scaled = size * powers[k];
        if (scaled >= DECIMAL_MAX) {
            return 0;
        }
        n = (uint64_t) (scaled + 0.5);
        if ((double) n / powers[k] == size) {
            break;
        }
    }
    if (k == sizeof(powers) / sizeof(powers[0])) {
        return 0;
    }

    if (signbit(d)) {
        out[len++] = '-';
    }
    p = digits_before(end, n);
    while ((size_t) (end - p) <= k) {
        *--p = '0'; /* 0.05: n is 5, k is 2, and 005 is needed */
    }
    whole = (size_t) (end - p) - k;
    memcpy(out + len, p, whole);
    len += whole;
    out[len++] = '.';
    if (k == 0) {
        out[len++] = '0';
    } else {
        memcpy(out + len, p + whole, k);
        len += k;
    }
    return len;
}


/* The shortest text of any finite double, by trying: as many digits as are needed to read it
 * back. What was a decimal of up to 15 digits, 15 give back as it was, so fewer are of use to
 * denormal numbers only. */
static void
any_decimal(char *out, double d)
{
    int exponent, precision = fabs(d) < DBL_MIN ? 1 : DBL_DIG;

    for (; precision < DBL_DECIMAL_DIG; precision++) {
        (void) snprintf(out, DOUBLE_SIZE, "%.*g", precision, d);
        if (strtod(out, NULL) == d) {
            return;
        }
    }
    /* Below a power of two doubles lie twice as dense as above it. The nearest decimal of 16
     * digits may there be one below that reads as another double, while one farther above does
     * not: it is sought half-way to where the next double takes over. */
    if (fabs(frexp(d, &exponent)) == 0.5) {
        (void) snprintf(out, DOUBLE_SIZE, "%.*Lg", DBL_DECIMAL_DIG - 1,
                        (long double) d * (1 + 0x1p-54L));
        if (strtod(out, NULL) == d) {
            return;
        }
    }
    (void) snprintf(out, DOUBLE_SIZE, "%.*g", DBL_DECIMAL_DIG, d);
}


/* Makes printf's %g text JSON's: a point whatever the locale says, a fraction or an exponent,
 * no leading zeros in the exponent (1e-05 becomes 1e-5). Returns the length. */
static size_t
tidy_decimal(char *text)
{
    size_t len = strlen(text);
    char *exponent = strchr(text, 'e');
    char *point = strchr(text, ',');

    if (point != NULL) {
        *point = '.';
    }
    if (exponent != NULL) {
        char *digits = exponent + 2; /* behind the sign */
        size_t zeros = strspn(digits, "0");

        memmove(digits, digits + zeros, len - (size_t) (digits - text) - zeros + 1);
        return len - zeros;
    }
    if (strchr(text, '.') == NULL) {
        memcpy(text + len, ".0", 3);
        len += 2;
    }
    return len;
}


void
lookout_buf_double(lookout_buf_t *b, double d)
{
    char text[DOUBLE_SIZE];
    double size = fabs(d);
    size_t len = 0;

    if (!isfinite(d)) {
        lookout_buf_add(b, "null", 4);
        return;
    }
    if (size == 0 || (size >= 1e-4 && size < DECIMAL_MAX)) {
        len = short_decimal(text, d);
    }
    if (len == 0) {
        any_decimal(text, d);
        len = tidy_decimal(text);
    }
    lookout_buf_add(b, text, len);
}


/* Appends the bytes from `from` to `to`, then what stands for the byte at `to`. */
static void
escape_one(lookout_buf_t *b, const char *from, const char *to, char how)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char c = (unsigned char) *to;
    char *p;

    lookout_buf_add(b, from, (size_t) (to - from));
    if (how == ESCAPE_UTF8) {
        lookout_buf_add(b, "\xef\xbf\xbd", 3); /* U+FFFD */
        return;
    }
    p = reserve(b, 6);
    if (p == NULL) {
        return;
    }
    p[0] = '\\';
    p[1] = how;
    b->len += 2;
    if (how == ESCAPE_HEX) {
        p[2] = '0';
        p[3] = '0';
        p[4] = hex[c >> 4];
        p[5] = hex[c & 15];
        b->len += 4;
    }
}


void
lookout_buf_json_escape(lookout_buf_t *b, lookout_str_t s)
{
    const char *p = s.data, *end, *clean = s.data;

    if (s.len == 0) {
        return;
    }
    end = p + s.len;
    while (p < end) {
        char how = escapes[(unsigned char) *p];

        if (how == 0) {
            p++;
            continue;
        }
        if (how == ESCAPE_UTF8) {
            uint32_t c;
            size_t len = lookout_utf8_next(p, (size_t) (end - p), &c);

            if (len != 0) {
                p += len;
                continue;
            }
        }
        escape_one(b, clean, p, how);
        clean = ++p;
    }
    lookout_buf_add(b, clean, (size_t) (end - clean));
}


/* The comma that parts a value or a key from what came before it. */
static void
separate(lookout_buf_t *b)
{
    char last = b->len == 0 ? '[' : b->data[b->len - 1];

    if (last != '{' && last != '[' && last != ':' && last != ',') {
        lookout_buf_putc(b, ',');
    }
}


void
lookout_json_open(lookout_buf_t *b, char bracket)
{
    separate(b);
    lookout_buf_putc(b, bracket);
}


void
lookout_json_close(lookout_buf_t *b, char bracket)
{
    lookout_buf_putc(b, bracket);
}


void
lookout_json_key(lookout_buf_t *b, const char *key)
{
    separate(b);
    lookout_buf_putc(b, '"');
    lookout_buf_puts(b, key);
    lookout_buf_add(b, "\":", 2);
}


void
lookout_json_str(lookout_buf_t *b, lookout_str_t s)
{
    if (s.data == NULL) {
        lookout_json_null(b);
        return;
    }
    separate(b);
    lookout_buf_putc(b, '"');
    lookout_buf_json_escape(b, s);
    lookout_buf_putc(b, '"');
}


void
lookout_json_cstr(lookout_buf_t *b, const char *s)
{
    lookout_json_str(b, lookout_str(s));
}


void
lookout_json_int(lookout_buf_t *b, int64_t n)
{
    separate(b);
    lookout_buf_int(b, n);
}


void
lookout_json_double(lookout_buf_t *b, double d)
{
    separate(b);
    lookout_buf_double(b, d);
}


void
lookout_json_bool(lookout_buf_t *b, bool v)
{
    separate(b);
    lookout_buf_puts(b, v ? "true" : "false");
}


void
lookout_json_null(lookout_buf_t *b)
{
    separate(b);
    lookout_buf_add(b, "null", 4);
}


void
lookout_json_raw(lookout_buf_t *b, lookout_str_t json)
{
    separate(b);
    lookout_buf_str(b, json);
}
