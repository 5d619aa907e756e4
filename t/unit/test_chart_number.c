/*
 * Unit tests of the numbers of charts: ticks, and how numbers are written.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/chart/number.h"

#define PLAIN ((lookout_unit_t){ .prefix = "" })
#define USD ((lookout_unit_t){ .prefix = "$" })
#define PERCENT ((lookout_unit_t){ .prefix = "", .percent = true })
#define RATIO ((lookout_unit_t){ .prefix = "", .ratio = true })
#define NBSP "\xc2\xa0"
#define MINUS "\xe2\x88\x92"


static void
check_text(lookout_buf_t *b, const char *wanted)
{
    lookout_buf_putc(b, '\0');
    assert_string_equal(b->data, wanted);
    lookout_buf_free(b);
}


/* All labels of an axis in a row, with bars between. */
static void
check_axis(double lo, double hi, size_t wanted, bool whole, lookout_unit_t unit,
           const char *labels)
{
    lookout_ticks_t ticks = lookout_ticks(lo, hi, wanted, whole);
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    for (size_t i = 0; i < ticks.n; i++) {
        lookout_buf_puts(&b, i == 0 ? "" : "|");
        lookout_tick_label(&b, &ticks, i, unit);
    }
    check_text(&b, labels);
}


static void
test_axes(void **state)
{
    (void) state;
    check_axis(0, 10, 5, false, PLAIN, "0|2|4|6|8|10");
    check_axis(0, 4210000, 5, false, USD, "$0|$1M|$2M|$3M|$4M|$5M");
    check_axis(0, 1400, 4, false, PLAIN, "0|500|1,000|1,500");
    check_axis(0, 23000, 5, false, PLAIN, "0|5K|10K|15K|20K|25K");
    check_axis(0, 2.3e6, 5, false, USD, "$0|$500K|$1M|$1.5M|$2M|$2.5M");
    check_axis(0, 0.3, 3, false, PLAIN, "0.0|0.1|0.2|0.3");
    check_axis(0, 1, 5, false, RATIO,
               "0" NBSP "%|20" NBSP "%|40" NBSP "%|60" NBSP "%|80" NBSP "%|100" NBSP "%");
    check_axis(-12, 15, 6, false, PERCENT,
               MINUS "15" NBSP "%|" MINUS "10" NBSP "%|" MINUS "5" NBSP "%|0" NBSP "%|5" NBSP
                     "%|10" NBSP "%|15" NBSP "%");
    check_axis(0, 3, 10, true, PLAIN, "0|1|2|3");
    check_axis(12345, 12349, 4, false, PLAIN, "12,345|12,346|12,347|12,348|12,349");
    check_axis(0, 4.4e-7, 4, false, PLAIN, "0|1e-7|2e-7|3e-7|4e-7|5e-7");
    check_axis(0, 4.4e17, 4, false, PLAIN, "0|1e17|2e17|3e17|4e17|5e17");
}


/* Whatever the numbers: the ticks enclose them, are not too many, and rise. */
static void
test_ticks_enclose(void **state)
{
    static const double values[] = { 0,    1,     -1,    7,      0.1,    -0.3, 1e-12,
                                     1e12, 1e-30, 1e250, -1e250, 123456, 3e-9 };
    const size_t n = sizeof(values) / sizeof(values[0]);

    (void) state;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            for (size_t wanted = 1; wanted < 12; wanted += 3) {
                double lo = fmin(values[i], values[j]), hi = fmax(values[i], values[j]);
                lookout_ticks_t ticks = lookout_ticks(lo, hi, wanted, false);
                double slack = 1e-6 * lookout_tick_step(&ticks);

                assert_true(ticks.n >= 2 && ticks.n <= wanted + 2);
                assert_true(lookout_tick(&ticks, 0) <= lo + slack);
                assert_true(lookout_tick(&ticks, ticks.n - 1) >= hi - slack);
                assert_true(lookout_tick(&ticks, 1) > lookout_tick(&ticks, 0));
            }
        }
    }
}


static void
test_short(void **state)
{
    static const struct {
        double v;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { 42, "42" },
        { 9999, "9,999" },
        { 12345, "12.3K" },
        { 999949, "1M" },
        { 1234567, "1.23M" },
        { -1500, MINUS "1,500" },
        { 0.0123, "0.0123" },
        { 3.14159, "3.14" },
        { 99.96, "100" },
        { 4.4e17, "4.4e17" },
        { 3.2e-7, "3.2e-7" },
        { 9.99e12, "9.99T" },
        { 45.67, "45.7" },
        { 2e9, "2B" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lookout_buf_t b = LOOKOUT_BUF_INIT;

        lookout_number_short(&b, cases[i].v, PLAIN);
        check_text(&b, cases[i].text);
    }
}


static void
test_units(void **state)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    (void) state;
    lookout_number_short(&b, -1234567, USD);
    check_text(&b, MINUS "$1.23M");
    lookout_number_short(&b, 0.456, RATIO);
    check_text(&b, "45.6" NBSP "%");
    lookout_number_short(&b, 45, PERCENT);
    check_text(&b, "45" NBSP "%");
    lookout_number_exact(&b, 1234567.891, USD);
    check_text(&b, "$1,234,567.89");
    lookout_number_exact(&b, 42, PLAIN);
    check_text(&b, "42");
    lookout_number_exact(&b, 0.12345, PLAIN);
    check_text(&b, "0.1235");
}


static lookout_unit_t
unit_of(const char *name, const char *aggregate, lookout_type_e type, double hi)
{
    lookout_data_column_t column = { .name = lookout_str(name), .type = type };
    lookout_chart_channel_t channel = { .column = &column, .aggregate = aggregate };

    return lookout_unit_of(&channel, 0, hi);
}


static void
test_unit_of(void **state)
{
    (void) state;
    assert_string_equal(unit_of("sum_amount_usd", "sum", LOOKOUT_FLOAT, 1e6).prefix, "$");
    assert_string_equal(unit_of("amount_eur", "", LOOKOUT_FLOAT, 1e6).prefix, "\xe2\x82\xac");
    assert_string_equal(unit_of("distinct_amount_usd", "distinct", LOOKOUT_INTEGER, 9).prefix,
                        "");
    assert_true(unit_of("mean_discount_pct", "mean", LOOKOUT_FLOAT, 30).percent);
    assert_true(unit_of("mean_bounce_rate", "mean", LOOKOUT_FLOAT, 0.7).ratio);
    assert_false(unit_of("mean_bounce_rate", "mean", LOOKOUT_FLOAT, 70).ratio);
    assert_true(unit_of("count", "count", LOOKOUT_INTEGER, 70).whole);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_axes),    cmocka_unit_test(test_ticks_enclose),
        cmocka_unit_test(test_short),   cmocka_unit_test(test_units),
        cmocka_unit_test(test_unit_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
