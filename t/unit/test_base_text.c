/*
 * Unit tests of text: UTF-8, folding, fuzzy search and the proposals for a misspelt word.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/text.h"
#include "../../ngx_lookout_module/base/utf8.h"


static void
test_utf8_valid(void **state)
{
    static const char *const good[] = {
        "",
        "ascii",
        "\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
    };
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "a\xc3",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc3(",
        "\xe0\x9f\xbf",
        "\xe2\x82",
        "\xe2(\x82",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x9f\x98",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
        "\xe2\x82\xac\x82",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(lookout_utf8_valid(lookout_str(good[i])));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (lookout_utf8_valid(lookout_str(bad[i]))) {
            fail_msg("malformed text %zu was accepted", i);
        }
    }
    assert_true(lookout_utf8_valid((lookout_str_t){ "a\0b", 3 }));
    assert_false(lookout_utf8_valid((lookout_str_t){ "\xc3\xa9", 1 }));
    assert_true(lookout_utf8_valid(LOOKOUT_STR_NONE));
}


/* Every code point there and back, and nothing that is none. */
static void
test_utf8_all_characters(void **state)
{
    (void) state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char bytes[4];
        uint32_t back = 0;
        size_t len = lookout_utf8_put(bytes, c);
        size_t read = lookout_utf8_next(bytes, len, &back);

        if (c >= 0xd800 && c <= 0xdfff) {
            assert_int_equal(read, 0);
        } else if (read != len || back != c
                   || lookout_utf8_length((lookout_str_t){ bytes, len }) != 1) {
            fail_msg("U+%04X", (unsigned) c);
        } else if (len > 1) {
            assert_int_equal(lookout_utf8_next(bytes, len - 1, &back), 0);
        }
    }
    assert_int_equal(lookout_utf8_length(LOOKOUT_STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")),
                     4);
    assert_int_equal(lookout_utf8_length(LOOKOUT_STR("")), 0);
}


static void
test_fold(void **state)
{
    static const struct {
        const char *from;
        const char *to;
    } cases[] = {
        { "", "" },
        { "Sales Pipeline 2026 [@`{", "sales pipeline 2026 [@`{" },
        { "\xc3\x89"
          "COLE \xc3\x9c"
          "BER",
          "\xc3\xa9"
          "cole \xc3\xbc"
          "ber" },
        { "STRASSE", "strasse" },
        { "Stra\xc3\x9f"
          "e",
          "strasse" },
        { "STRA\xe1\xba\x9e"
          "E",
          "strasse" },
        { "\xce\xa3\xce\x91\xce\xa3", "\xcf\x83\xce\xb1\xcf\x83" }, /* capital sigmas */
        { "\xcf\x83\xce\xb1\xcf\x82", "\xcf\x83\xce\xb1\xcf\x83" }, /* a final one */
        { "\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\x92\xd0\x90",
          "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0" },                 /* Cyrillic */
        { "\xc8\xba\xc8\xba\xc8\xba", "\xe2\xb1\xa5\xe2\xb1\xa5\xe2\xb1\xa5" }, /* grows */
        { "\xe2\x84\xaa", "k" },                                    /* the Kelvin sign */
        { "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8" },                 /* Deseret */
        { "\xe5\xa3\xb2\xe4\xb8\x8a", "\xe5\xa3\xb2\xe4\xb8\x8a" }, /* no case */
        { "A\xff"
          "B\xc3",
          "a\xff"
          "b\xc3" }, /* no UTF-8 */
    };
    lookout_arena_t *arena = lookout_arena_create();

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lookout_str_t folded = lookout_fold(arena, lookout_str(cases[i].from)), again;

        assert_non_null(folded.data);
        assert_string_equal(folded.data, cases[i].to);
        assert_int_equal(folded.len, strlen(cases[i].to));
        again = lookout_fold(arena, folded);
        assert_true(lookout_str_eq(folded, again));
    }
    assert_int_equal(lookout_fold(arena, LOOKOUT_STR_NONE).len, 0);
    assert_null(lookout_fold(arena, (lookout_str_t){ "x", SIZE_MAX - 1 }).data);
    lookout_arena_destroy(arena);
}


static void
test_contains(void **state)
{
    (void) state;
    assert_true(lookout_contains(LOOKOUT_STR("sales pipeline"), LOOKOUT_STR("es pi")));
    assert_true(lookout_contains(LOOKOUT_STR("sales"), LOOKOUT_STR("sales")));
    assert_true(lookout_contains(LOOKOUT_STR("sales"), LOOKOUT_STR("")));
    assert_true(lookout_contains(LOOKOUT_STR(""), LOOKOUT_STR("")));
    assert_true(lookout_contains(LOOKOUT_STR_NONE, LOOKOUT_STR_NONE));
    assert_false(lookout_contains(LOOKOUT_STR("sales"), LOOKOUT_STR("sales ")));
    assert_false(lookout_contains(LOOKOUT_STR("sales"), LOOKOUT_STR("slaes")));
    assert_false(lookout_contains(LOOKOUT_STR(""), LOOKOUT_STR("s")));
}


static void
test_is_letter(void **state)
{
    (void) state;
    assert_true(lookout_is_letter('a') && lookout_is_letter('Z') && lookout_is_letter('0')
                && lookout_is_letter('9'));
    assert_true(lookout_is_letter(0xe9) && lookout_is_letter(0x416)
                && lookout_is_letter(0x58f2));
    assert_false(lookout_is_letter(' ') || lookout_is_letter('_') || lookout_is_letter('@'));
    assert_false(lookout_is_letter(0x2013) || lookout_is_letter(0x3002)
                 || lookout_is_letter(0x1f600));
}


static int
score(const char *query, const char *text)
{
    lookout_arena_t *arena = lookout_arena_create();
    int result = lookout_fuzzy_score(lookout_fold(arena, lookout_str(query)),
                                     lookout_fold(arena, lookout_str(text)));

    lookout_arena_destroy(arena);
    assert_in_range(result, 0, 1000);
    return result;
}


static void
test_fuzzy_finds(void **state)
{
    static const char *const pairs[][2] = {
        { "slaes pipline", "Sales Pipeline" },
        { "prod usage", "Product Usage" },
        { "usage product", "Product Usage" },
        { "product_usage", "Product Usage" },
        { "salespipeline", "Sales Pipeline" },
        { "sale spipelin", "Sales Pipeline" },
        { "Pipe Line", "Sales Pipeline" },
        { "slae", "Sales Pipeline" },
        { "custmer", "Customer Health" },
        { "customers", "Customer Health" },
        { "helth", "Customer Health" },
        { "cafe", "Caf\xc3\xa9 Revenue" },
        { "caf\xc3\xa9", "Cafe Revenue" },
        { "cafe\xcc\x81", "Caf\xc3\xa9 Revenue" },
        { "munchen", "Umsatz M\xc3\xbcnchen" },
        { "strasse", "Stra\xc3\x9f"
                     "enverkauf" },
        { "aerlig", "\xc3\xa6rlig" },
        { "lodz", "\xc5\x81\xc3\xb3"
                  "d\xc5\xba" },
        { "nguyen", "Nguy\xe1\xbb\x85n" },
        { "\xe5\xa3\xb2\xe4\xb8\x8a", "\xe6\x9c\x88\xe6\xac\xa1\xe5\xa3\xb2\xe4\xb8\x8a" },
        { "q3", "Bookings by Region, Q3" },
        { "line", "Sales Pipeline" },
        { "p", "Product Usage" },
        { "a&b", "Plan A, Plan B" },
        { "%", "100 % of quota" },
        { "sales sales", "Sales Pipeline" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (score(pairs[i][0], pairs[i][1]) == 0) {
            fail_msg("\"%s\" does not find \"%s\"", pairs[i][0], pairs[i][1]);
        }
    }
}


static void
test_fuzzy_does_not_find(void **state)
{
    static const char *const pairs[][2] = {
        { "sales churn", "Sales Pipeline" },
        { "zz", "Sales Pipeline" },
        { "al", "Sales Pipeline" }, /* two letters inside of a word */
        { "ct", "Cat" },
        { "2025", "Revenue 2026" },
        { "q3", "Bookings Q4" },
        { "marketing", "Sales Pipeline" },
        { "inventory", "Product Usage" },
        { "xyzzy", "Support Tickets" },
        { "!", "Sales Pipeline" },
        { "", "Sales Pipeline" },
        { "sales", "" },
        { "sales", "---" },
        { "sales pipeline of the west", "Sales Pipeline" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (score(pairs[i][0], pairs[i][1]) != 0) {
            fail_msg("\"%s\" finds \"%s\"", pairs[i][0], pairs[i][1]);
        }
    }
}


/* For each query: texts from the best answer down, each strictly better than the next. */
static void
test_fuzzy_order(void **state)
{
    static const char *const orders[][10] = {
        { "sales pipeline", "Sales Pipeline", "Sales-Pipeline", "Sales Pipeline Review",
          "Pipeline Sales Review", "Sales Pipelines", "Presales Pipelines", "Slaes Pipeline",
          "Slaes Pipline Review" },
        { "usage", "usage", "Product Usage", "Product Usage by Region and Plan", "Usages",
          "Unusaged", "Usaeg" },
        { "region", "Region", "Sales Region", "Revenue by Region", "Regional Sales",
          "Interregional", "Regoin" },
        { "mrr", "MRR", "MRR Movement", "Monthly MRR Movement" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        int above = 1001;

        for (size_t j = 1; j < 10 && orders[i][j] != NULL; j++) {
            int below = score(orders[i][0], orders[i][j]);

            if (below >= above || below == 0) {
                fail_msg("\"%s\": \"%s\" has %d, the one above %d", orders[i][0], orders[i][j],
                         below, above);
            }
            above = below;
        }
    }
    assert_int_equal(score("Sales Pipeline", "sALES pIPELINE"), 1000);
    assert_int_equal(score("", ""), 1000);
}


/* Whatever is thrown at it, it answers within its bounds (ASan sees to the rest). */
static void
test_fuzzy_any_bytes(void **state)
{
    unsigned random = 7;

    (void) state;
    for (int i = 0; i < 20000; i++) {
        char query[300], text[300];
        size_t sizes[2] = { (size_t) i % 300, (size_t) i * 7 % 300 };
        int result;

        for (size_t j = 0; j < 300; j++) {
            random = random * 1664525 + 1013904223;
            query[j] = i % 2 == 0 ? (char) (random >> 24) : "ab c"[random >> 30];
            text[j] = i % 2 == 0 ? (char) (random >> 16) : "ab c"[(random >> 20) & 3];
        }
        result = lookout_fuzzy_score((lookout_str_t){ query, sizes[0] },
                                     (lookout_str_t){ text, sizes[1] });
        assert_in_range(result, 0, 1000);
    }
}


static void
assert_nearest(const char *word, const lookout_str_t *candidates, size_t n, size_t max,
               const char *expected)
{
    lookout_arena_t *arena = lookout_arena_create();
    size_t indexes[9] = { 99, 99, 99, 99, 99, 99, 99, 99, 99 };
    size_t found = lookout_nearest(arena, lookout_str(word), candidates, n, indexes, max);
    char got[256] = "";
    size_t len = 0;

    assert_true(found <= max);
    for (size_t i = 0; i < found; i++) {
        assert_true(indexes[i] < n);
        len += (size_t) snprintf(got + len, sizeof(got) - len, "%s%s", i == 0 ? "" : " ",
                                 candidates[indexes[i]].data);
    }
    assert_int_equal(indexes[max], 99);
    assert_string_equal(got, expected);
    lookout_arena_destroy(arena);
}


static void
test_nearest(void **state)
{
    static const lookout_str_t fields[] = {
        LOOKOUT_STR("stage"),      LOOKOUT_STR("amount_usd"), LOOKOUT_STR("region"),
        LOOKOUT_STR("owner"),      LOOKOUT_STR("close_date"), LOOKOUT_STR("close_quarter"),
        LOOKOUT_STR("created_at"), LOOKOUT_STR("is_won"),     LOOKOUT_STR("id"),
    };
    const size_t n = sizeof(fields) / sizeof(fields[0]);

    (void) state;
    assert_nearest("regoin", fields, n, 3, "region");
    assert_nearest("Region", fields, n, 3, "region");
    assert_nearest("amount", fields, n, 3, "amount_usd");
    assert_nearest("ammount_usd", fields, n, 3, "amount_usd");
    assert_nearest("deal_amount", fields, n, 3, "amount_usd");
    assert_nearest("stage_name", fields, n, 3, "stage");
    assert_nearest("closedate", fields, n, 3, "close_date");
    assert_nearest("close", fields, n, 3, "close_date close_quarter");
    assert_nearest("close_dat", fields, n, 1, "close_date");
    assert_nearest("close_quater", fields, n, 3, "close_quarter");
    assert_nearest("owners", fields, n, 3, "owner");
    assert_nearest("won", fields, n, 3, "is_won");
    assert_nearest("ids", fields, n, 3, "id");
    assert_nearest("xyzzy", fields, n, 3, "");
    assert_nearest("", fields, n, 3, "");
    assert_nearest("___", fields, n, 3, "");
    assert_nearest("region", fields, n, 0, "");
    assert_nearest("region", fields, 0, 3, "");
}


static void
test_nearest_keeps_order(void **state)
{
    static const lookout_str_t values[] = {
        LOOKOUT_STR("tart"), LOOKOUT_STR("cart"), LOOKOUT_STR("Part"),
        LOOKOUT_STR("dart"), LOOKOUT_STR("part"),
    };

    (void) state;
    assert_nearest("part", values, 5, 2, "Part part");
    assert_nearest("zart", values, 5, 8, "tart cart Part dart part");
    assert_nearest("zart", values, 5, 3, "tart cart Part");
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_valid),
        cmocka_unit_test(test_utf8_all_characters),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_contains),
        cmocka_unit_test(test_is_letter),
        cmocka_unit_test(test_fuzzy_finds),
        cmocka_unit_test(test_fuzzy_does_not_find),
        cmocka_unit_test(test_fuzzy_order),
        cmocka_unit_test(test_fuzzy_any_bytes),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_nearest_keeps_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
