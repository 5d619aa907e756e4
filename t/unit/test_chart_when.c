/*
 * Unit tests of the calendar of charts.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/chart/when.h"

#define DAY 86400.0


static double
at(const char *text)
{
    return lookout_when_parse(lookout_str(text));
}


static void
test_parse(void **state)
{
    static const char *const bad[] = { "",           "2026",       "2026-13-01",
                                       "2026-00-01", "2026-01-00", "2026-01-32",
                                       "20260101",   "x026-01-01", "2026/01/01" };

    (void) state;
    assert_true(at("1970-01-01") == 0);
    assert_true(at("1970-01-02") == DAY);
    assert_true(at("2000-03-01") == 951868800);
    assert_true(at("2026-03-14T21:07:30Z") == 1773522450);
    assert_true(at("1969-12-31T23:59:59Z") == -1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_true(isnan(at(bad[i])));
    }
}


/* Every day of some centuries comes back as itself. */
static void
test_civil(void **state)
{
    char text[48];

    (void) state;
    for (int64_t day = -200000; day < 200000; day += 7) {
        lookout_civil_t c = lookout_when_civil((double) day * DAY + 3661);

        (void) snprintf(text, sizeof(text), "%04d-%02d-%02d", (int) c.year, c.month, c.day);
        assert_true(at(text) == (double) day * DAY);
        assert_int_equal(c.hour, 1);
        assert_int_equal(c.minute, 1);
        assert_int_equal(c.second, 1);
    }
}


static void
check_floor(const char *when, lookout_by_e by, int count, const char *begin, const char *next)
{
    lookout_step_t step = { by, count };

    assert_true(lookout_when_floor(at(when), step) == at(begin));
    assert_true(lookout_when_next(at(begin), step) == at(next));
}


static void
test_steps(void **state)
{
    (void) state;
    check_floor("2026-05-17", LOOKOUT_BY_YEAR, 1, "2026-01-01", "2027-01-01");
    check_floor("2026-05-17", LOOKOUT_BY_YEAR, 5, "2025-01-01", "2030-01-01");
    check_floor("2026-05-17", LOOKOUT_BY_QUARTER, 1, "2026-04-01", "2026-07-01");
    check_floor("2026-05-17", LOOKOUT_BY_MONTH, 1, "2026-05-01", "2026-06-01");
    check_floor("2026-12-31", LOOKOUT_BY_MONTH, 3, "2026-10-01", "2027-01-01");
    check_floor("2026-05-14", LOOKOUT_BY_WEEK, 1, "2026-05-10", "2026-05-17");
    check_floor("2026-05-14T23:10:00Z", LOOKOUT_BY_DAY, 1, "2026-05-14", "2026-05-15");
    check_floor("2026-05-14T23:10:00Z", LOOKOUT_BY_HOUR, 6, "2026-05-14T18:00:00Z",
                "2026-05-15");
    check_floor("2024-02-29", LOOKOUT_BY_MONTH, 1, "2024-02-01", "2024-03-01");
}


static void
check_step(const char *lo, const char *hi, size_t max, lookout_by_e least, lookout_by_e by,
           int count)
{
    lookout_step_t step = lookout_when_step(at(lo), at(hi), max, least);

    assert_int_equal(step.by, by);
    assert_int_equal(step.count, count);
}


static void
test_choice_of_step(void **state)
{
    (void) state;
    check_step("2026-01-01", "2026-01-10", 12, LOOKOUT_BY_DAY, LOOKOUT_BY_DAY, 1);
    check_step("2026-01-01", "2026-12-31", 14, LOOKOUT_BY_DAY, LOOKOUT_BY_MONTH, 1);
    check_step("2024-01-01", "2026-05-01", 12, LOOKOUT_BY_MONTH, LOOKOUT_BY_MONTH, 3);
    check_step("2024-01-01", "2026-05-01", 12, LOOKOUT_BY_QUARTER, LOOKOUT_BY_QUARTER, 1);
    check_step("1900-01-01", "2026-05-01", 8, LOOKOUT_BY_DAY, LOOKOUT_BY_YEAR, 20);
    check_step("2026-01-01T10:00:00Z", "2026-01-01T10:04:00Z", 8, LOOKOUT_BY_SECOND,
               LOOKOUT_BY_MINUTE, 1);
}


static void
test_grain(void **state)
{
    double months[] = { at("2026-01-01"), NAN, at("2026-05-01") };
    double quarters[] = { at("2026-01-01"), at("2026-04-01") };
    double days[] = { at("2026-01-01"), at("2026-05-03") };
    double times[] = { at("2026-01-01"), at("2026-05-03T10:11:12Z") };

    (void) state;
    assert_int_equal(lookout_when_grain(months, 3), LOOKOUT_BY_MONTH);
    assert_int_equal(lookout_when_grain(quarters, 2), LOOKOUT_BY_QUARTER);
    assert_int_equal(lookout_when_grain(days, 2), LOOKOUT_BY_DAY);
    assert_int_equal(lookout_when_grain(times, 2), LOOKOUT_BY_SECOND);
    assert_int_equal(lookout_when_unit("yearmonth"), LOOKOUT_BY_MONTH);
    assert_int_equal(lookout_when_unit("hours"), -1);
}


static void
check_words(void (*write)(lookout_buf_t *, double, lookout_by_e), const char *when,
            lookout_by_e by, const char *wanted)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    write(&b, at(when), by);
    lookout_buf_putc(&b, '\0');
    assert_string_equal(b.data, wanted);
    lookout_buf_free(&b);
}


static void
test_words(void **state)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    (void) state;
    check_words(lookout_when_full, "2026-03-01", LOOKOUT_BY_MONTH, "Mar 2026");
    check_words(lookout_when_full, "2026-04-01", LOOKOUT_BY_QUARTER, "Q2 2026");
    check_words(lookout_when_full, "2026-04-05", LOOKOUT_BY_DAY, "5 Apr 2026");
    check_words(lookout_when_full, "2026-04-05T07:08:00Z", LOOKOUT_BY_MINUTE,
                "5 Apr 2026 07:08");
    check_words(lookout_when_tick, "2026-03-01", LOOKOUT_BY_MONTH, "Mar");
    check_words(lookout_when_context, "2026-03-01", LOOKOUT_BY_MONTH, "2026");
    check_words(lookout_when_tick, "2026-04-05T07:08:00Z", LOOKOUT_BY_HOUR, "07:08");
    check_words(lookout_when_context, "2026-04-05T07:08:00Z", LOOKOUT_BY_HOUR, "5 Apr 2026");
    check_words(lookout_when_context, "2026-01-01", LOOKOUT_BY_YEAR, "");
    assert_true(lookout_when_part(&b, "day", 0));
    assert_true(lookout_when_part(&b, "month", 12));
    assert_true(lookout_when_part(&b, "quarter", 3));
    assert_true(lookout_when_part(&b, "hours", 7));
    assert_false(lookout_when_part(&b, "month", 13));
    assert_false(lookout_when_part(&b, "date", 3));
    lookout_buf_putc(&b, '\0');
    assert_string_equal(b.data, "SunDecQ307:00");
    lookout_buf_free(&b);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse), cmocka_unit_test(test_civil),
        cmocka_unit_test(test_steps), cmocka_unit_test(test_choice_of_step),
        cmocka_unit_test(test_grain), cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
