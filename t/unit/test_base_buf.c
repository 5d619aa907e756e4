/*
 * Unit tests of the text buffer: growing and failing, numbers, JSON's escapes, and where the
 * JSON calls put their commas.
 */

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/buf.h"

#define RANDOM_DOUBLES 200000

/* Requests that no machine can meet have to give NULL under ASan too, not an abort. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}


static uint64_t
next_random(void)
{
    static uint64_t x = 0x9e3779b97f4a7c15u;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}


static void
assert_text(const lookout_buf_t *b, const char *expected, size_t len)
{
    lookout_str_t text = lookout_buf_text(b);

    assert_false(b->failed);
    if (text.len != len || memcmp(text.data, expected, len) != 0) {
        print_error("expected %s\n     got %.*s\n", expected, LOOKOUT_STR_ARG(text));
    }
    assert_int_equal(text.len, len);
    assert_memory_equal(text.data, expected, len);
}


static void
test_adding(void **state)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    char *p;

    (void) state;
    assert_non_null(lookout_buf_text(&b).data); /* empty, not absent */
    lookout_buf_add(&b, NULL, 0);
    lookout_buf_str(&b, LOOKOUT_STR_NONE);
    lookout_buf_add(&b, "a\0b", 3);
    lookout_buf_str(&b, LOOKOUT_STR("cd"));
    lookout_buf_puts(&b, "ef");
    lookout_buf_putc(&b, 'g');
    lookout_buf_printf(&b, "%d%s", 12, "h");
    p = lookout_buf_reserve(&b, 3);
    assert_non_null(p);
    memcpy(p, "xyz", 3);
    b.len += 2;
    assert_text(&b, "a\0bcdefg12hxy", 13);
    lookout_buf_cut(&b, 100);
    assert_int_equal(b.len, 13);
    lookout_buf_cut(&b, 1);
    assert_text(&b, "a", 1);
    lookout_buf_reset(&b);
    assert_text(&b, "", 0);
    assert_true(b.cap > 0);
    lookout_buf_free(&b);
    assert_null(b.data);
    lookout_buf_puts(&b, "again");
    assert_text(&b, "again", 5);
    lookout_buf_free(&b);
}


static void
test_growing(void **state)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    size_t len = 0;

    (void) state;
    for (int i = 0; i < 2000; i++) {
        lookout_buf_printf(&b, "%*d", i % 700, i);
        len += (size_t) (i % 700 > 4 ? i % 700 : snprintf(NULL, 0, "%*d", i % 700, i));
        lookout_buf_putc(&b, '|');
        len++;
        assert_int_equal(b.len, len);
        assert_int_equal(b.data[len - 1], '|');
        assert_int_equal(b.data[len - 2], '0' + i % 10);
    }
    lookout_buf_free(&b);
}


static void
test_failing(void **state)
{
    static const size_t sizes[] = { SIZE_MAX, SIZE_MAX / 2, (size_t) PTRDIFF_MAX - 64 };

    (void) state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        lookout_buf_t b = LOOKOUT_BUF_INIT;

        lookout_buf_puts(&b, "text");
        assert_null(lookout_buf_reserve(&b, sizes[i]));
        assert_true(b.failed);
        /* All that follows is swallowed, small as it is. */
        lookout_buf_putc(&b, 'x');
        lookout_buf_printf(&b, "x");
        lookout_buf_int(&b, 1);
        lookout_buf_double(&b, 1);
        lookout_buf_json_escape(&b, LOOKOUT_STR("\"\n"));
        lookout_json_open(&b, '{');
        lookout_json_key(&b, "k");
        lookout_json_close(&b, '}');
        assert_null(lookout_buf_reserve(&b, 1));
        assert_int_equal(b.len, 4);
        assert_true(b.failed);
        assert_null(lookout_buf_text(&b).data);
        lookout_buf_free(&b);
        assert_false(b.failed);
        lookout_buf_puts(&b, "text");
        assert_text(&b, "text", 4);
        lookout_buf_free(&b);
    }
}


static void
test_int(void **state)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    int64_t n = 1;
    char expected[32];

    (void) state;
    for (int i = 0; i < 100000; i++) {
        if (i < 3000) {
            n = i - 1500;
        } else if (i < 3064) {
            n = (int64_t) ((UINT64_C(1) << (i - 3000)) - (uint64_t) (i % 2));
        } else {
            n = (int64_t) (next_random() >> (i % 64));
        }
        lookout_buf_reset(&b);
        lookout_buf_int(&b, n);
        assert_text(&b, expected,
                    (size_t) snprintf(expected, sizeof(expected), "%lld", (long long) n));
    }
    lookout_buf_reset(&b);
    lookout_buf_int(&b, INT64_MIN);
    lookout_buf_putc(&b, ' ');
    lookout_buf_int(&b, INT64_MAX);
    assert_text(&b, "-9223372036854775808 9223372036854775807", 40);
    lookout_buf_free(&b);
}


static const struct {
    double d;
    const char *text;
} doubles[] = {
    { 0.0, "0.0" },
    { -0.0, "-0.0" },
    { 1.0, "1.0" },
    { -0.5, "-0.5" },
    { 84000.0, "84000.0" },
    { 0.1, "0.1" },
    { 0.05, "0.05" },
    { 1.05, "1.05" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 1.0 / 3, "0.3333333333333333" },
    { 2.0 / 3, "0.6666666666666666" },
    { 100.01, "100.01" },
    { 1234.5678, "1234.5678" },
    { -98765.123456, "-98765.123456" },
    { 0.0001, "0.0001" },
    { 0.00012345678, "0.00012345678" },
    { 0.00001, "1e-5" },
    { -1.5e-7, "-1.5e-7" },
    { 123456789012345.0, "123456789012345.0" },
    { 12345678901234.5, "12345678901234.5" },
    { 999999999999999.0, "999999999999999.0" },
    { 999999999999999.9, "999999999999999.9" },
    { 1e15, "1e+15" },
    { 1234567890123456.0, "1234567890123456.0" },
    { 9007199254740991.0, "9007199254740991.0" },
    { 9007199254740992.0, "9007199254740992.0" },
    { 1e22, "1e+22" },
    { 1e23, "1e+23" },
    { 1e300, "1e+300" },
    { 5e-324, "5e-324" },
    { 2.5e-323, "2.5e-323" },
    { DBL_MIN, "2.2250738585072014e-308" },
    { DBL_MAX, "1.7976931348623157e+308" },
    { 0x1p-44, "5.684341886080802e-14" },
    { 0x1p-1017, "7.120236347223045e-307" }, /* not the nearest of 16 digits, but 16 do */
    { -0x1p-1007, "-7.291122019556398e-304" },
    { NAN, "null" },
    { INFINITY, "null" },
    { -INFINITY, "null" },
};


static void
test_double_texts(void **state)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    (void) state;
    for (size_t i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
        lookout_buf_reset(&b);
        lookout_buf_double(&b, doubles[i].d);
        assert_text(&b, doubles[i].text, strlen(doubles[i].text));
    }
    lookout_buf_free(&b);
}


/* Significant digits of a decimal text. */
static int
count_digits(const char *text)
{
    int digits = 0, zeros = 0;

    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text == '0') {
            zeros += digits > 0;
        } else if (*text >= '1' && *text <= '9') {
            digits += zeros + 1;
            zeros = 0;
        }
    }
    return digits;
}


/* The text has to read back as d, bit by bit, look like a float, and be the shortest. */
static void
check_double(double d)
{
    static lookout_buf_t b;
    char shorter[64];
    double back;
    int digits;

    lookout_buf_reset(&b);
    lookout_buf_double(&b, d);
    lookout_buf_putc(&b, '\0');
    assert_false(b.failed);
    back = strtod(b.data, NULL);
    if (memcmp(&back, &d, sizeof(d)) != 0) {
        print_error("%s is not %a\n", b.data, d);
    }
    assert_memory_equal(&back, &d, sizeof(d));
    assert_non_null(strpbrk(b.data, ".e"));
    assert_true(strlen(b.data) <= 25);
    assert_int_equal(strspn(b.data, "0123456789.+-e"), strlen(b.data));

    digits = count_digits(b.data);
    if (digits > 1) {
        (void) snprintf(shorter, sizeof(shorter), "%.*e", digits - 2, d);
        assert_true(strtod(shorter, NULL) != d);
    }
}


static void
test_double_round_trip(void **state)
{
    (void) state;
    for (int i = 0; i < RANDOM_DOUBLES; i++) { /* any bits */
        uint64_t bits = next_random();
        double d;

        if (i % 4 == 0) {
            bits &= UINT64_C(0x800fffffffffffff); /* denormal */
        }
        memcpy(&d, &bits, sizeof(d));
        if (isfinite(d)) {
            check_double(d);
        }
    }
    for (int i = 0; i < RANDOM_DOUBLES; i++) { /* decimals, and their neighbours */
        double d = (double) (int64_t) (next_random() >> (i % 60)) / pow(10, i % 9);

        check_double(d);
        check_double(-nextafter(d, INFINITY));
        check_double(nextafter(d, -INFINITY));
    }
    for (int e = -1074; e < 1024; e++) { /* powers of two and of ten */
        check_double(ldexp(1, e));
        check_double(nextafter(ldexp(1, e), 0));
    }
    for (int e = -323; e < 309; e++) {
        check_double(pow(10, e));
    }
}


static const struct {
    const char *from;
    const char *to;
} escapes[] = {
    { "", "" },
    { "plain text", "plain text" },
    { "\"q\\b\"", "\\\"q\\\\b\\\"" },
    { "/", "/" },
    { "\b\f\n\r\t", "\\b\\f\\n\\r\\t" },
    { "\x01\x1f\x7f", "\\u0001\\u001f\x7f" },
    { "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
      "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
    { "\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x80\xa8\xe2\x80\xa9" },
    { "\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf",
      "\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf" },
    { "a\x80z", "a\xef\xbf\xbdz" },
    { "a\xc3", "a\xef\xbf\xbd" },
    { "\xc3\"", "\xef\xbf\xbd\\\"" },
    { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xc1\xbf", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xf5", "\xef\xbf\xbd" },
    { "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xe2\x82z", "\xef\xbf\xbd\xef\xbf\xbdz" },
};


static void
test_escape(void **state)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    (void) state;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        lookout_buf_reset(&b);
        lookout_buf_json_escape(&b, lookout_str(escapes[i].from));
        assert_text(&b, escapes[i].to, strlen(escapes[i].to));
    }
    lookout_buf_reset(&b);
    lookout_buf_json_escape(&b, (lookout_str_t){ "a\0b", 3 });
    lookout_buf_json_escape(&b, LOOKOUT_STR_NONE);
    /* A character cut off by the counted end, though its last byte follows in memory. */
    lookout_buf_json_escape(&b, (lookout_str_t){ "\xc3\xa9", 1 });
    assert_text(&b, "a\\u0000b\xef\xbf\xbd", 11);
    lookout_buf_free(&b);
}


static void
test_json(void **state)
{
    static const char expected[] =
        "{\"id\":\"a,\",\"n\":[1,-2.5,true,false,null,null,null],\"raw\":{\"x\":1},"
        "\"empty\":{},\"list\":[[],[{}],\"\"],\"colon\":\":\",\"last\":\"{\"}";
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    (void) state;
    lookout_json_open(&b, '{');
    lookout_json_key(&b, "id");
    lookout_json_str(&b, LOOKOUT_STR("a,"));
    lookout_json_key(&b, "n");
    lookout_json_open(&b, '[');
    lookout_json_int(&b, 1);
    lookout_json_double(&b, -2.5);
    lookout_json_bool(&b, true);
    lookout_json_bool(&b, false);
    lookout_json_null(&b);
    lookout_json_str(&b, LOOKOUT_STR_NONE);
    lookout_json_cstr(&b, NULL);
    lookout_json_close(&b, ']');
    lookout_json_key(&b, "raw");
    lookout_json_raw(&b, LOOKOUT_STR("{\"x\":1}"));
    lookout_json_key(&b, "empty");
    lookout_json_open(&b, '{');
    lookout_json_close(&b, '}');
    lookout_json_key(&b, "list");
    lookout_json_open(&b, '[');
    lookout_json_open(&b, '[');
    lookout_json_close(&b, ']');
    lookout_json_open(&b, '[');
    lookout_json_open(&b, '{');
    lookout_json_close(&b, '}');
    lookout_json_close(&b, ']');
    lookout_json_cstr(&b, "");
    lookout_json_close(&b, ']');
    lookout_json_key(&b, "colon");
    lookout_json_cstr(&b, ":");
    lookout_json_key(&b, "last");
    lookout_json_cstr(&b, "{");
    lookout_json_close(&b, '}');
    assert_text(&b, expected, strlen(expected));
    lookout_buf_free(&b);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adding),       cmocka_unit_test(test_growing),
        cmocka_unit_test(test_failing),      cmocka_unit_test(test_int),
        cmocka_unit_test(test_double_texts), cmocka_unit_test(test_double_round_trip),
        cmocka_unit_test(test_escape),       cmocka_unit_test(test_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
