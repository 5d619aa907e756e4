/*
 * Unit tests of JSON that comes in: what is accepted, what is refused, where and why, and what
 * is read out of it.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/buf.h"
#include "../../ngx_lookout_module/base/json.h"

#define MUTATIONS 200000


/* Parses a copy that ends where its memory ends, so that ASan sees any look beyond. */
static cJSON *
parse(lookout_arena_t *arena, lookout_str_t text, lookout_json_error_t *error)
{
    char *exact = malloc(text.len == 0 ? 1 : text.len);
    cJSON *tree;

    assert_non_null(exact);
    memcpy(exact, text.data, text.len);
    *error = (lookout_json_error_t){ 0, NULL };
    tree = lookout_json_parse(arena, (lookout_str_t){ exact, text.len }, error);
    assert_true((tree == NULL) == (error->why != NULL));
    free(exact);
    return tree;
}


static void
test_accepted(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "\"\"",
        "0",
        "-0",
        "-1.5e+3",
        " \t\r\n[ 1 , { \"a\" : [ ] , \"b\" : { } } ] \n",
        "{\"a\":1,\"A\":2,\"\":3,\" a\":4,\"b\":{\"a\":{\"a\":1}},\"c\":[{\"a\":1},{\"a\":1}]}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\\u09aF\\uAf09\"",
        "\"caf\xc3\xa9 \xf0\x9f\x98\x80 \x7f \xe2\x80\xa8\"",
        "9007199254740991",
        "-9007199254740991",
        "9007199254740993.0",
        "1e308",
        "1.7976931348623157e308",
        "1e-400",
        "[0.1234567890123456789012345678901234567890123456789012345678901]",
        "{\"0\":1,\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1}",
    };
    lookout_json_error_t error;

    (void) state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        lookout_arena_t *arena = lookout_arena_create();
        cJSON *tree = parse(arena, lookout_str(texts[i]), &error);

        if (tree == NULL) {
            fail_msg("%s: %s at %zu", texts[i], error.why, error.offset);
        }
        lookout_arena_destroy(arena);
    }
}


static const struct {
    const char *text;
    size_t offset;
    const char *why; /* a part of it */
} refused[] = {
    { "", 0, "the text is empty" },
    { " \n", 2, "the text is empty" },
    { "\xef\xbb\xbf{}", 0, "byte order mark" },
    { "{} {}", 3, "more text follows" },
    { "nullx", 4, "more text follows" },
    { "1]", 1, "more text follows" },
    { "[1 2]", 3, "a comma is missing between elements" },
    { "{\"a\":1 \"b\":2}", 7, "a comma is missing between members" },
    { "[1,]", 3, "a comma stands before a closing bracket" },
    { "{\"a\":1,}", 7, "a comma stands before a closing bracket" },
    { "[,1]", 1, "a value is missing" },
    { "[1,,2]", 3, "a value is missing" },
    { "{\"a\":}", 5, "a value is missing" },
    { "{\"a\" 1}", 5, "a colon is missing" },
    { "{\"a\"}", 4, "a colon is missing" },
    { "{a:1}", 1, "member's name in double quotes" },
    { "{1:1}", 1, "member's name in double quotes" },
    { "{,}", 1, "member's name in double quotes" },
    { "{'a':1}", 1, "member's name in double quotes" },
    { "{\"a\":1,b:2}", 7, "member's name in double quotes" },
    { "['a']", 1, "single quotes" },
    { "[1, // one\n2]", 4, "no comments" },
    { "[", 1, "ends where a value is expected" },
    { "[1,", 3, "ends where a value is expected" },
    { "{\"a\":", 5, "ends where a value is expected" },
    { "{", 1, "an object is not closed" },
    { "{\"a\":1", 6, "an object is not closed" },
    { "{\"a\":1,", 7, "an object is not closed" },
    { "[1", 2, "an array is not closed" },
    { "[1}", 2, "does not fit" },
    { "{\"a\":1]", 6, "does not fit" },
    { "]", 0, "a value is missing" },
    { "\"abc", 0, "no closing quote" },
    { "[\"abc]", 1, "no closing quote" },
    { "\"abc\\", 0, "no closing quote" },
    { "\"abc\\\"", 0, "no closing quote" },
    { "\"a\nb\"", 2, "a control character" },
    { "\"a\x1f\"", 2, "a control character" },
    { "\"\\x41\"", 1, "a backslash" },
    { "\"\\U0041\"", 1, "a backslash" },
    { "\"\\'\"", 1, "a backslash" },
    { "\"\\u12\"", 1, "four hexadecimal digits" },
    { "\"\\u12G4\"", 1, "four hexadecimal digits" },
    { "\"\\u", 1, "four hexadecimal digits" },
    { "\"ab\\u0000\"", 3, "\\u0000" },
    { "\"\\uD800\"", 1, "half of a surrogate pair" },
    { "\"\\uD83D\\n\"", 1, "half of a surrogate pair" },
    { "\"\\uD83Dx\"", 1, "half of a surrogate pair" },
    { "\"\\uD83D\\uD83D\"", 1, "half of a surrogate pair" },
    { "\"\\uDE00\"", 1, "half of a surrogate pair" },
    { "\"\\uDE00\\uD83D\"", 1, "half of a surrogate pair" },
    { "\"\\uD83D\\uDE0\"", 1, "half of a surrogate pair" },
    { "\"a\x80\"", 2, "UTF-8" },
    { "\"\xc3\"", 1, "UTF-8" },
    { "\"\xc0\xaf\"", 1, "UTF-8" },
    { "\"\xe0\x80\xaf\"", 1, "UTF-8" },
    { "\"\xed\xa0\x80\"", 1, "UTF-8" },
    { "\"\xf4\x90\x80\x80\"", 1, "UTF-8" },
    { "\"\xff\"", 1, "UTF-8" },
    { "{\"\xff\":1}", 2, "UTF-8" },
    { "01", 0, "a needless 0" },
    { "-01", 0, "a needless 0" },
    { "00.5", 0, "a needless 0" },
    { "-", 0, "a minus sign" },
    { "-a", 0, "a minus sign" },
    { "[--1]", 1, "a minus sign" },
    { "+1", 0, "not a JSON value" },
    { ".5", 0, "not a JSON value" },
    { "1.", 0, "no digit behind its decimal point" },
    { "1.e5", 0, "no digit behind its decimal point" },
    { "1e", 0, "no digit in its exponent" },
    { "1e+", 0, "no digit in its exponent" },
    { "0x10", 1, "more text follows" },
    { "NaN", 0, "not a JSON value" },
    { "Infinity", 0, "not a JSON value" },
    { "True", 0, "not a JSON value" },
    { "nul", 0, "not a JSON value" },
    { "\xc3\xa9", 0, "not a JSON value" },
    { "9007199254740992", 0, "send it as a string" },
    { "-9007199254740992", 0, "send it as a string" },
    { "[18446744073709551617]", 1, "send it as a string" },
    { "1e309", 0, "too large for a double" },
    { "[-1.5e999]", 1, "too large for a double" },
    { "0.12345678901234567890123456789012345678901234567890123456789012", 0, "longer than 63" },
    { "{\"a\":1,\"a\":2}", 7, "member \"a\" appears twice" },
    { "{\"a\":1,\"b\":2,\"\\u0061\":3}", 13, "member \"a\" appears twice" },
    { "{\"\\n\":1,\"\\n\":2}", 8, "member \"\\n\" appears twice" },
    { "{\"\":1,\"\":2}", 6, "member \"\" appears twice" },
    { "[{\"x\":{\"a\":1,\"b\":[{}],\"a\":2},\"y\":1}]", 22, "member \"a\" appears twice" },
    { "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}", 10,
      "member \"\xf0\x9f\x98\x80\" appears" },
    { "{\"0\":1,\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"3\":"
      "1,"
      "\"1\":1}",
      61, "member \"3\" appears twice" },
    { "{\"0123456789012345678901234567890123456789012345678901234567890123456789\":1,"
      "\"0123456789012345678901234567890123456789012345678901234567890123456789\":1}",
      76, "member \"0123456789012345678901234567890123456789012345678901234567890123\" app" },
};


static void
test_refused(void **state)
{
    lookout_json_error_t error;

    (void) state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        lookout_arena_t *arena = lookout_arena_create();

        if (parse(arena, lookout_str(refused[i].text), &error) != NULL) {
            fail_msg("%s was accepted", refused[i].text);
        }
        if (strstr(error.why, refused[i].why) == NULL || error.offset != refused[i].offset) {
            fail_msg("%s: %s at %zu, not %s at %zu", refused[i].text, error.why, error.offset,
                     refused[i].why, refused[i].offset);
        }
        lookout_arena_destroy(arena);
    }
}


static void
test_nul_bytes(void **state)
{
    static const struct {
        lookout_str_t text;
        size_t offset;
    } cases[] = {
        { LOOKOUT_STR("\0"), 0 },          { LOOKOUT_STR("1\0"), 1 },
        { LOOKOUT_STR("\"a\0b\""), 2 },    { LOOKOUT_STR("[\0]"), 1 },
        { LOOKOUT_STR("[1\0]"), 2 },       { LOOKOUT_STR("{\0}"), 1 },
        { LOOKOUT_STR("{\"a\"\0:1}"), 4 }, { LOOKOUT_STR("\"\\\0\""), 1 },
    };
    lookout_arena_t *arena = lookout_arena_create();
    lookout_json_error_t error;

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_null(parse(arena, cases[i].text, &error));
        assert_int_equal(error.offset, cases[i].offset);
    }
    assert_null(parse(arena, (lookout_str_t){ "", 0 }, &error));
    assert_null(lookout_json_parse(arena, LOOKOUT_STR_NONE, &error));
    lookout_arena_destroy(arena);
}


static void
test_depth(void **state)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_json_error_t error;

    (void) state;
    for (int depth = LOOKOUT_JSON_DEPTH; depth <= 100000; depth += 1 + depth / 2) {
        lookout_buf_reset(&b);
        for (int i = 0; i < depth; i++) {
            lookout_buf_puts(&b, i % 2 == 0 ? "[" : "{\"a\":");
        }
        lookout_buf_puts(&b, "1");
        for (int i = depth - 1; i >= 0; i--) {
            lookout_buf_puts(&b, i % 2 == 0 ? "]" : "}");
        }
        if (depth == LOOKOUT_JSON_DEPTH) {
            assert_non_null(parse(arena, lookout_buf_text(&b), &error));
        } else {
            assert_null(parse(arena, lookout_buf_text(&b), &error));
            assert_string_equal(error.why, "values are nested more than 64 levels deep");
            assert_int_equal(error.offset, 6 * LOOKOUT_JSON_DEPTH / 2);
        }
    }
    /* Wide is not deep. */
    lookout_buf_reset(&b);
    lookout_json_open(&b, '[');
    for (int i = 0; i < 50000; i++) {
        lookout_json_raw(&b, LOOKOUT_STR("[{}]"));
    }
    lookout_json_close(&b, ']');
    assert_non_null(parse(arena, lookout_buf_text(&b), &error));
    lookout_buf_free(&b);
    lookout_arena_destroy(arena);
}


static void
test_many_members(void **state)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_json_error_t error;
    size_t twin;

    (void) state;
    for (int round = 0; round < 2; round++) {
        lookout_buf_reset(&b);
        lookout_json_open(&b, '{');
        for (int i = 0; i < 100000; i++) {
            lookout_buf_printf(&b, "\"k%d\":1,", i * 7919 % 100000);
        }
        twin = b.len;
        lookout_buf_puts(&b, round == 0 ? "\"k100000\":1}" : "\"k4711\":1}");
        assert_true((parse(arena, lookout_buf_text(&b), &error) != NULL) == (round == 0));
    }
    assert_string_equal(error.why, "member \"k4711\" appears twice in an object");
    assert_int_equal(error.offset, twin);
    lookout_buf_free(&b);
    lookout_arena_destroy(arena);
}


static void
test_values(void **state)
{
    static const char text[] =
        "{\"s\":\"caf\\u00e9 \\uD83D\\uDE00\\n\",\"i\":-42,\"f\":1.5,\"big\":9007199254740991,"
        "\"e\":1e3,\"far\":1e17,\"huge\":1e300,\"t\":true,\"F\":false,\"n\":null,\"a\":[],"
        "\"o\":{},\"odd\":9007199254740993.0}";
    static const struct {
        const char *name;
        const char *kind;
    } kinds[] = {
        { "s", "a string" }, { "i", "a number" }, { "t", "true" },      { "F", "false" },
        { "n", "null" },     { "a", "an array" }, { "o", "an object" }, { "none", "nothing" },
    };
    lookout_arena_t *arena = lookout_arena_create();
    lookout_json_error_t error;
    cJSON *tree = parse(arena, LOOKOUT_STR(text), &error);
    int64_t n = 0;

    (void) state;
    assert_non_null(tree);
    assert_string_equal(lookout_json_get(tree, "s")->valuestring,
                        "caf\xc3\xa9 \xf0\x9f\x98\x80\n");
    assert_null(lookout_json_get(tree, "S"));
    assert_true(cJSON_IsTrue(lookout_json_get(tree, "t")));
    assert_true(cJSON_IsFalse(lookout_json_get(tree, "F")));
    assert_null(lookout_json_get(lookout_json_get(tree, "a"), "s"));
    assert_null(lookout_json_get(lookout_json_get(tree, "s"), "s"));
    assert_null(lookout_json_get(NULL, "s"));

    assert_true(lookout_json_int_value(lookout_json_get(tree, "i"), &n));
    assert_int_equal(n, -42);
    assert_true(lookout_json_int_value(lookout_json_get(tree, "big"), &n));
    assert_int_equal(n, LOOKOUT_JSON_INT_MAX);
    assert_true(lookout_json_int_value(lookout_json_get(tree, "e"), &n));
    assert_int_equal(n, 1000);
    assert_false(lookout_json_int_value(lookout_json_get(tree, "f"), &n));
    assert_false(lookout_json_int_value(lookout_json_get(tree, "far"), &n));
    assert_false(lookout_json_int_value(lookout_json_get(tree, "huge"), &n));
    assert_false(lookout_json_int_value(lookout_json_get(tree, "odd"), &n));
    assert_false(lookout_json_int_value(lookout_json_get(tree, "t"), &n));
    assert_false(lookout_json_int_value(lookout_json_get(tree, "s"), &n));
    assert_false(lookout_json_int_value(NULL, &n));
    assert_int_equal(n, 1000);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        assert_string_equal(lookout_json_kind(lookout_json_get(tree, kinds[i].name)),
                            kinds[i].kind);
    }
    lookout_arena_destroy(arena);
}


static void
test_member(void **state)
{
    static const struct {
        const char *text;
        const char *name;
        const char *raw; /* NULL: there is none */
    } cases[] = {
        { "{\"id\":1}", "id", "1" },
        { " {\n\"id\" :\t1.50e1 , \"x\":2}", "id", "1.50e1" },
        { "{\"id\":\"a\\\"}{\\u00e9\",\"x\":2}", "id", "\"a\\\"}{\\u00e9\"" },
        { "{\"x\":2,\"id\":{\"id\":[1,{\"a\":\"]}\"}]} }", "id",
          "{\"id\":[1,{\"a\":\"]}\"}]}" },
        { "{\"x\":{\"id\":1},\"y\":[{\"id\":2}],\"z\":\"id\"}", "id", NULL },
        { "{\"x\":\"\\\\\",\"id\":null}", "id", "null" },
        { "{\"x\":\"\",\"id\":[]}", "id", "[]" },
        { "{\"i\\u0064\":-7}", "id", "-7" },
        { "{\"id\\u0000\":1}", "id", NULL },
        { "{\"idx\":1,\"i\":2,\"\":3}", "id", NULL },
        { "{\"idx\":1,\"i\":2,\"\":3}", "", "3" },
        { "{\"\\ud83d\\ude00\":true}", "\xf0\x9f\x98\x80", "true" },
        { "{\"a\":[1 , [ 2 ] ,\"]\"] ,\"id\":false }", "id", "false" },
        { "{}", "id", NULL },
        { "[{\"id\":1}]", "id", NULL },
        { "\"id\"", "id", NULL },
        { "7", "id", NULL },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lookout_str_t raw = lookout_json_member(lookout_str(cases[i].text), cases[i].name);

        if (!lookout_str_is(raw, cases[i].raw)) {
            fail_msg("%s: %.*s", cases[i].text, LOOKOUT_STR_ARG(raw));
        }
        assert_true((raw.data == NULL) == (cases[i].raw == NULL));
    }
    assert_null(lookout_json_member(LOOKOUT_STR(""), "id").data);
}


/* Texts with random faults: whatever is accepted, cJSON and lookout_json_member agree on. */
static void
test_mutations(void **state)
{
    static const char seed[] =
        "{\"jsonrpc\":\"2.0\",\"id\":17,\"params\":{\"a\":[1,-2.5e3,\"\\u00e9"
        "\xc3\xa9\\\"\"],\"b\":null},\"x\":[true,{\"y\":{}}]}";
    static const char bytes[] = "{}[],:\"\\u0019-+.eE \n\0\x80\xc3\xa9"
                                "dntf";
    unsigned random = 1, accepted = 0;
    lookout_json_error_t error;

    (void) state;
    for (int i = 0; i < MUTATIONS; i++) {
        lookout_arena_t *arena = lookout_arena_create();
        char text[sizeof(seed)];
        size_t len = sizeof(seed) - 1;
        cJSON *tree;

        memcpy(text, seed, sizeof(seed));
        for (int j = i % 3; j >= 0; j--) {
            random = random * 1664525 + 1013904223;
            text[(random >> 8) % len] = bytes[(random >> 24) % (sizeof(bytes) - 1)];
        }
        if (i % 5 == 0) {
            len = (random >> 4) % len;
        }
        tree = parse(arena, (lookout_str_t){ text, len }, &error);
        if (tree != NULL) {
            const cJSON *item = cJSON_IsObject(tree) ? tree->child : NULL;

            for (; item != NULL; item = item->next) {
                lookout_str_t raw =
                    lookout_json_member((lookout_str_t){ text, len }, item->string);
                cJSON *again = parse(arena, raw, &error);

                assert_non_null(again);
                assert_true(cJSON_Compare(again, item, true));
            }
            accepted++;
        } else {
            assert_true(error.offset <= len);
        }
        lookout_arena_destroy(arena);
    }
    assert_true(accepted > MUTATIONS / 100);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_nul_bytes),    cmocka_unit_test(test_depth),
        cmocka_unit_test(test_many_members), cmocka_unit_test(test_values),
        cmocka_unit_test(test_member),       cmocka_unit_test(test_mutations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
