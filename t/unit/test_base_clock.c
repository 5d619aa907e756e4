/*
 * Unit tests of time: every day of ten thousand years against a calendar that counts, and what
 * is and what is not a timestamp.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/clock.h"

#define DAY 86400
#define FIRST (-62167219200LL) /* 0000-01-01T00:00:00Z */
#define LAST 253402300799LL    /* 9999-12-31T23:59:59Z */


static void
test_every_day(void **state)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year = 0, month = 1, mday = 1;
    int64_t seconds = FIRST, parsed;
    char expected[64], got[LOOKOUT_ISO8601_SIZE];

    (void) state;
    while (year < 10000) {
        int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        int of_day = (int) ((seconds / DAY * 7919 % DAY + DAY) % DAY);

        (void) snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02dZ", year,
                        month, mday, of_day / 3600, of_day / 60 % 60, of_day % 60);
        lookout_iso8601(got, seconds + of_day);
        if (memcmp(got, expected, LOOKOUT_ISO8601_SIZE) != 0) {
            assert_string_equal(got, expected);
        }
        if (!lookout_iso8601_parse(lookout_str(got), &parsed) || parsed != seconds + of_day
            || !lookout_iso8601_parse((lookout_str_t){ got, 10 }, &parsed)
            || parsed != seconds) {
            fail_msg("%s is not read", got);
        }
        seconds += DAY;
        if (++mday > lengths[month - 1] + (month == 2 && leap)) {
            mday = 1;
            month++;
        }
        if (month > 12) {
            month = 1;
            year++;
        }
    }
    assert_int_equal(seconds, LAST + 1);
}


static void
test_format(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        { 0, "1970-01-01T00:00:00Z" },          { -1, "1969-12-31T23:59:59Z" },
        { 1777846440, "2026-05-03T22:14:00Z" }, { FIRST, "0000-01-01T00:00:00Z" },
        { LAST, "9999-12-31T23:59:59Z" },       { FIRST - 1, "0000-01-01T00:00:00Z" },
        { LAST + 1, "9999-12-31T23:59:59Z" },   { INT64_MIN, "0000-01-01T00:00:00Z" },
        { INT64_MAX, "9999-12-31T23:59:59Z" },
    };
    char got[LOOKOUT_ISO8601_SIZE];

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lookout_iso8601(got, cases[i].seconds);
        assert_string_equal(got, cases[i].text);
    }
}


static void
test_parse(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {
        { "2026-05-03T22:14:00Z", 1777846440 },
        { "2026-05-03T22:14:00.5Z", 1777846440 },
        { "2026-05-03T22:14:00.999999999999Z", 1777846440 },
        { "2026-05-04T00:14:00+02:00", 1777846440 },
        { "2026-05-03T16:44:00-05:30", 1777846440 },
        { "2026-05-03T22:14:00.25+00:00", 1777846440 },
        { "2026-05-03T22:14:00-00:00", 1777846440 },
        { "2026-05-03", 1777766400 },
        { "1969-12-31T23:59:59Z", -1 },
        { "2024-02-29", 1709164800 },
        { "0000-01-01T00:00:00+23:59", FIRST - 86340 },
    };
    int64_t seconds;

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(lookout_iso8601_parse(lookout_str(cases[i].text), &seconds));
        assert_int_equal(seconds, cases[i].seconds);
    }
}


static void
test_parse_refuses(void **state)
{
    static const char *const texts[] = {
        "",
        "2026",
        "2026-05",
        "2026-05-3",
        "2026-5-03",
        "26-05-03",
        "2026/05/03",
        "2026-02-30",
        "2026-02-29",
        "1900-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "2026-04-31",
        "+2026-05-03",
        "2026-05-03 ",
        " 2026-05-03",
        "2026-05-03T",
        "2026-05-03Z",
        "2026-05-03T22:14Z",
        "2026-05-03T22:14:00",
        "2026-05-03 22:14:00Z",
        "2026-05-03t22:14:00z",
        "2026-05-03T24:00:00Z",
        "2026-05-03T22:60:00Z",
        "2026-05-03T22:14:60Z",
        "2026-05-03T22:14:00.Z",
        "2026-05-03T22:14:00,5Z",
        "2026-05-03T22:14:00ZZ",
        "2026-05-03T22:14:00Z+02:00",
        "2026-05-03T22:14:00+0200",
        "2026-05-03T22:14:00+02",
        "2026-05-03T22:14:00+24:00",
        "2026-05-03T22:14:00+02:60",
        "2026-05-03T22:14:00+02:00Z",
        "2026-05-03T-1:14:00Z",
        "2026-05-03T22:14:0\xc2\xb2Z",
        "yesterday",
    };
    int64_t seconds = 77;

    (void) state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (lookout_iso8601_parse(lookout_str(texts[i]), &seconds)) {
            fail_msg("\"%s\" was taken for a timestamp", texts[i]);
        }
    }
    assert_false(lookout_iso8601_parse((lookout_str_t){ "2026-05-03\0", 11 }, &seconds));
    assert_false(lookout_iso8601_parse(LOOKOUT_STR_NONE, &seconds));
    assert_int_equal(seconds, 77);
}


static void
test_date_valid(void **state)
{
    (void) state;
    assert_true(lookout_date_valid(LOOKOUT_STR("2026-12-31")));
    assert_true(lookout_date_valid(LOOKOUT_STR("2000-02-29")));
    assert_true(lookout_date_valid(LOOKOUT_STR("0000-02-29")));
    assert_true(lookout_date_valid(LOOKOUT_STR("9999-12-31")));
    assert_false(lookout_date_valid(LOOKOUT_STR("2026-02-30")));
    assert_false(lookout_date_valid(LOOKOUT_STR("2100-02-29")));
    assert_false(lookout_date_valid(LOOKOUT_STR("2026-06-31")));
    assert_false(lookout_date_valid(LOOKOUT_STR("2026-12-32")));
    assert_false(lookout_date_valid(LOOKOUT_STR("2026-12-3")));
    assert_false(lookout_date_valid(LOOKOUT_STR("2026-12-311")));
    assert_false(lookout_date_valid(LOOKOUT_STR("2026-12-31T00:00:00Z")));
    assert_false(lookout_date_valid(LOOKOUT_STR("")));
    assert_false(lookout_date_valid(LOOKOUT_STR_NONE));
}


static void
test_clocks(void **state)
{
    uint64_t before = lookout_monotonic_ns();
    int64_t now = lookout_now();

    (void) state;
    assert_true(now >= (int64_t) time(NULL) - 1 && now <= (int64_t) time(NULL));
    for (int i = 0; i < 1000; i++) {
        uint64_t after = lookout_monotonic_ns();

        assert_true(after >= before);
        before = after;
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day),  cmocka_unit_test(test_format),
        cmocka_unit_test(test_parse),      cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_date_valid), cmocka_unit_test(test_clocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
