/*
 * Unit tests of the texts of charts: their order and forms, cutting them short, breaking them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/text.h"
#include "../../ngx_lookout_module/chart/plot.h"
#include "../../ngx_lookout_module/chart/series.h"
#include "../../ngx_lookout_module/chart/shape.h"


static void
check_shape(const char *text, const uint32_t *wanted, size_t n)
{
    uint32_t out[LOOKOUT_RUN_MAX];

    assert_int_equal(lookout_shape(lookout_str(text), out), n);
    assert_memory_equal(out, wanted, n * sizeof(*wanted));
}


static void
test_shape(void **state)
{
    static const uint32_t plain[] = { 'A', 0xe9, 0x8ca1, 0x1f600 };
    /* "beh lam-alef dal": beh begins and joins, lam-alef ends the word's first part. */
    static const uint32_t arabic[] = { 0xfea9, 0xfefc, 0xfe91 };
    static const uint32_t hebrew[] = { 0x5d2, '2', '0', '2', '6', ' ', 0x5d1, 0x5d0 };
    static const uint32_t mixed[] = { 'A', ' ', 0x5d1, 0x5d0, ' ', 'B' };
    static const uint32_t bracket[] = { '(', 0x5d1, ')', 0x5d0 };

    (void) state;
    check_shape("A\xc3\xa9\xe8\xb2\xa1\xf0\x9f\x98\x80", plain, 4);
    check_shape("\xd8\xa8\xd9\x84\xd8\xa7\xd8\xaf", arabic, 3);
    check_shape("\xd7\x90\xd7\x91 2026\xd7\x92", hebrew, 8);
    check_shape("A \xd7\x90\xd7\x91 B", mixed, 6);
    check_shape("\xd7\x90(\xd7\x91)", bracket, 4);
    check_shape("", plain, 0);
}


/* A text longer than is drawn is cut, not overrun. */
static void
test_shape_long(void **state)
{
    uint32_t out[LOOKOUT_RUN_MAX];
    size_t len = 4 * LOOKOUT_RUN_MAX;
    char *text = malloc(len);

    (void) state;
    assert_non_null(text);
    for (size_t i = 0; i + 1 < len; i += 2) {
        memcpy(text + i, "\xd8\xa8", 2);
    }
    assert_int_equal(lookout_shape((lookout_str_t){ text, len }, out), LOOKOUT_RUN_MAX);
    free(text);
}


static void
with_plot(void (*check)(lookout_plot_t *plot))
{
    lookout_plot_t plot = { .arena = lookout_arena_create(), .u = 1, .font = 12 };

    plot.fonts = lookout_fonts_take();
    assert_non_null(plot.arena);
    assert_non_null(plot.fonts);
    assert_true(lookout_fonts_any(plot.fonts));
    plot.scene.arena = plot.arena;
    check(&plot);
    lookout_fonts_give(plot.fonts);
    lookout_arena_destroy(plot.arena);
}


static void
check_width(lookout_plot_t *plot)
{
    double one = lookout_label_width(plot, LOOKOUT_STR("n"), 12, false);

    assert_true(one > 4 && one < 10);
    assert_float_equal(lookout_label_width(plot, LOOKOUT_STR("nn"), 24, false), 4 * one, 1e-6);
    assert_true(lookout_label_width(plot, LOOKOUT_STR("n"), 12, true) >= one);
    assert_float_equal(lookout_label_width(plot, LOOKOUT_STR(""), 12, false), 0, 1e-9);
    /* Digits are as wide as each other, so that columns of numbers line up. */
    assert_float_equal(lookout_label_width(plot, LOOKOUT_STR("111"), 12, false),
                       lookout_label_width(plot, LOOKOUT_STR("000"), 12, false), 1e-6);
}


static void
test_width(void **state)
{
    (void) state;
    with_plot(check_width);
}


static void
check_fit(lookout_plot_t *plot)
{
    static const char *const texts[] = {
        "Customer Success and Professional Services",
        "\xe8\xb2\xa1\xe5\x8b\x99\xe3\x83\xbb\xe6\xb3\x95\xe5\x8b\x99\xe3\x83\xbb\xe6\x9c\xac",
        "e\xcc\x81"
        "e\xcc\x81"
        "e\xcc\x81"
        "e\xcc\x81"
        "e\xcc\x81"
        "e\xcc\x81",
        "\xd8\xa7\xd9\x84\xd9\x85\xd8\xa8\xd9\x8a\xd8\xb9\xd8\xa7\xd8\xaa",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        lookout_str_t text = lookout_str(texts[i]);
        double whole = lookout_label_width(plot, text, 12, false);

        assert_true(lookout_str_eq(lookout_label_fit(plot, text, 12, false, whole + 1), text));
        for (double width = 0; width < whole; width += 3) {
            lookout_str_t cut = lookout_label_fit(plot, text, 12, false, width);

            assert_true(lookout_utf8_valid(cut));
            assert_true(cut.len < text.len + 3);
            assert_true(cut.len == 0 || lookout_label_width(plot, cut, 12, false) <= width);
            assert_true(cut.len == 0 || memcmp(cut.data + cut.len - 3, "\xe2\x80\xa6", 3) == 0);
        }
    }
}


static void
test_fit(void **state)
{
    (void) state;
    with_plot(check_fit);
}


static void
check_wrap(lookout_plot_t *plot)
{
    lookout_str_t lines[LOOKOUT_MAX_LINES], text = LOOKOUT_STR("Closed Won this quarter");
    bool whole;

    assert_int_equal(lookout_label_wrap(plot, text, 12, false, 1000, 2, lines, &whole), 1);
    assert_true(whole);
    assert_int_equal(lookout_label_wrap(plot, text, 12, false, 75, 2, lines, &whole), 2);
    assert_true(whole);
    assert_true(lookout_str_is(lines[0], "Closed Won"));
    assert_true(lookout_str_is(lines[1], "this quarter"));
    assert_int_equal(lookout_label_wrap(plot, text, 12, false, 75, 1, lines, &whole), 1);
    assert_false(whole);
    assert_int_equal(
        lookout_label_wrap(plot, LOOKOUT_STR("  "), 12, false, 75, 2, lines, &whole), 0);
}


static void
test_wrap(void **state)
{
    (void) state;
    with_plot(check_wrap);
}


static void
test_natural(void **state)
{
    static const char *const sorted[] = { "", "A 2", "a 2b", "A 10", "item", "Item 1", "Z9" };
    const size_t n = sizeof(sorted) / sizeof(sorted[0]);

    (void) state;
    for (size_t i = 0; i + 1 < n; i++) {
        assert_true(lookout_natural(lookout_str(sorted[i]), lookout_str(sorted[i + 1])) < 0);
        assert_true(lookout_natural(lookout_str(sorted[i + 1]), lookout_str(sorted[i])) > 0);
        assert_int_equal(lookout_natural(lookout_str(sorted[i]), lookout_str(sorted[i])), 0);
    }
}


static int
finish(void **state)
{
    (void) state;
    lookout_fonts_drop();
    return 0;
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape), cmocka_unit_test(test_shape_long),
        cmocka_unit_test(test_width), cmocka_unit_test(test_fit),
        cmocka_unit_test(test_wrap),  cmocka_unit_test(test_natural),
    };

    return cmocka_run_group_tests(tests, NULL, finish);
}
