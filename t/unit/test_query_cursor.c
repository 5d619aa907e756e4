/*
 * Cursors: what was written reads back, and nothing else does.
 */

#include "query_fixture.h"

#include "../../ngx_lookout_module/query/cursor.h"

static const lookout_key_t key = { { 1, 2, 3 } };
static const lookout_cursor_bond_t bond = { { "query_datasource\0{}", 19 }, { "v1", 2 } };


static lookout_str_t
written(fixture_t *f, const lookout_key_t *k, lookout_cursor_bond_t b, uint32_t offset)
{
    lookout_buf_t text = LOOKOUT_BUF_INIT;
    lookout_str_t copy;

    lookout_cursor_write(&text, k, b, offset);
    copy = lookout_arena_copy(f->arena, lookout_buf_text(&text));
    lookout_buf_free(&text);
    assert_non_null(copy.data);
    return copy;
}


static void
refused(fixture_t *f, lookout_cursor_bond_t b, lookout_str_t text, const char *reason)
{
    uint32_t offset = 99;

    assert_code(f, lookout_cursor_read(f->arena, &key, b, text, &offset, &f->error),
                LOOKOUT_INVALID_CURSOR);
    assert_string_equal(fixture_detail(f, "reason"), reason);
    assert_int_equal(offset, 99);
}


static void
test_round_trip(void **state)
{
    static const uint32_t offsets[] = { 0, 1, 500, 4999, 0x01020304, UINT32_MAX };
    fixture_t *f = *state;
    uint32_t offset;
    size_t i;

    for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        assert_code(f,
                    lookout_cursor_read(f->arena, &key, bond,
                                        written(f, &key, bond, offsets[i]), &offset, &f->error),
                    LOOKOUT_OK);
        assert_int_equal(offset, offsets[i]);
    }
}


static void
test_bond(void **state)
{
    fixture_t *f = *state;
    lookout_cursor_bond_t other = bond, newer = bond;
    lookout_str_t text = written(f, &key, bond, 500);

    other.scope.len--;
    newer.version = LOOKOUT_STR("v2");
    refused(f, other, text, "foreign");
    refused(f, newer, text, "data_refreshed");
    newer.scope = other.scope;
    refused(f, newer, text, "foreign");
}


static void
test_altered(void **state)
{
    fixture_t *f = *state;
    lookout_key_t other_key = { { 9 } };
    lookout_str_t text = written(f, &key, bond, 500);
    char *copy = lookout_arena_alloc(f->arena, text.len + 2);
    size_t i;

    memcpy(copy, text.data, text.len);
    for (i = 0; i < text.len; i++) {
        copy[i] ^= 1;
        refused(f, bond, (lookout_str_t){ copy, text.len }, "malformed");
        copy[i] ^= 1;
        refused(f, bond, (lookout_str_t){ copy, i }, "malformed");
    }
    copy[text.len] = 'A';
    refused(f, bond, (lookout_str_t){ copy, text.len + 1 }, "malformed");
    refused(f, bond, LOOKOUT_STR("not-a-cursor"), "malformed");
    refused(f, bond, written(f, &other_key, bond, 500), "malformed");
}


/* Signed by us, but for something else. */
static void
test_other_purpose(void **state)
{
    fixture_t *f = *state;
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    lookout_sign(&text, &key, "token", LOOKOUT_STR("AAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    refused(f, bond, lookout_buf_text(&text), "malformed");
    lookout_buf_reset(&text);
    lookout_sign(&text, &key, "cursor", LOOKOUT_STR("AAAA"));
    refused(f, bond, lookout_buf_text(&text), "malformed");
    lookout_buf_free(&text);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_round_trip),
        TEST(test_bond),
        TEST(test_altered),
        TEST(test_other_purpose),
    };

    return cmocka_run_group_tests_name("query cursor", tests, NULL, NULL);
}
