/*
 * Unit tests of the small vocabularies: error codes, ids, types and roles of fields.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/error.h"
#include "../../ngx_lookout_module/base/field.h"
#include "../../ngx_lookout_module/base/id.h"


static void
test_code_names(void **state)
{
    (void) state;
    assert_string_equal(lookout_code_name(LOOKOUT_OK), "");
    assert_string_equal(lookout_code_name(LOOKOUT_DATASOURCE_OFFLINE), "DATASOURCE_OFFLINE");
    assert_string_equal(lookout_code_name(LOOKOUT_INVALID_INPUT), "INVALID_INPUT");
    assert_string_equal(lookout_code_name(LOOKOUT_INTERNAL_ERROR), "INTERNAL_ERROR");
    assert_string_equal(lookout_code_name(LOOKOUT_NEEDS_THREAD), "");
    assert_string_equal(lookout_code_name(LOOKOUT_CANCELLED), "");
    assert_string_equal(lookout_code_name((lookout_code_e) 1000), "");
    /* Names are the enum's, in its order. */
    assert_int_equal(LOOKOUT_INTERNAL_ERROR, 23);
}


static void
test_fail(void **state)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_error_t e = { 0 };

    (void) state;
    assert_int_equal(lookout_fail(arena, &e, LOOKOUT_INVALID_INPUT, LOOKOUT_STR("{\"a\":1}"),
                                  "%s is %d", "n", 5),
                     LOOKOUT_INVALID_INPUT);
    assert_int_equal(e.code, LOOKOUT_INVALID_INPUT);
    assert_true(lookout_str_is(e.message, "n is 5"));
    assert_true(lookout_str_is(e.details, "{\"a\":1}"));

    (void) lookout_fail(arena, &e, LOOKOUT_VIEW_NOT_FOUND, LOOKOUT_STR_NONE, "no view");
    assert_int_equal(e.code, LOOKOUT_VIEW_NOT_FOUND);
    assert_null(e.details.data);

    assert_int_equal(lookout_fail_memory(&e), LOOKOUT_INTERNAL_ERROR);
    assert_int_equal(e.code, LOOKOUT_INTERNAL_ERROR);
    assert_true(e.message.len > 0);
    assert_null(e.details.data);
    lookout_arena_destroy(arena);
}


static void
test_id_valid(void **state)
{
    (void) state;
    assert_true(lookout_id_valid(LOOKOUT_STR("ds_abcdefghijklmnopqrstuv"), "ds_"));
    assert_true(lookout_id_valid(LOOKOUT_STR("ds_0123456789abcdefghijyz"), "ds_"));
    assert_true(lookout_id_valid(LOOKOUT_STR("job_abcdefghijklmnopqrstuv"), "job_"));
    assert_false(lookout_id_valid(LOOKOUT_STR("wb_abcdefghijklmnopqrstuv"), "ds_"));
    assert_false(lookout_id_valid(LOOKOUT_STR("ds_abcdefghijklmnopqrstu"), "ds_"));
    assert_false(lookout_id_valid(LOOKOUT_STR("ds_abcdefghijklmnopqrstuvw"), "ds_"));
    assert_false(lookout_id_valid(LOOKOUT_STR("ds_abcdefghijklmnopqrstuV"), "ds_"));
    assert_false(lookout_id_valid(LOOKOUT_STR("ds_abcdefghijklmnopqrstu-"), "ds_"));
    assert_false(lookout_id_valid(LOOKOUT_STR("ds_abcdefghij\0lmnopqrstuv"), "ds_"));
    assert_false(lookout_id_valid(LOOKOUT_STR("ds_abcdefghijklmnopqrst\xc3\xa9"), "ds_"));
    assert_false(lookout_id_valid(LOOKOUT_STR("ds_"), "ds_"));
    assert_false(lookout_id_valid(LOOKOUT_STR(""), "ds_"));
    assert_false(lookout_id_valid(LOOKOUT_STR_NONE, "ds_"));
}


static void
test_id_mint(void **state)
{
    uint8_t digest[32] = { 0 };
    char id[LOOKOUT_ID_MAX];

    (void) state;
    lookout_id_mint(id, "ds_", digest);
    assert_string_equal(id, "ds_aaaaaaaaaaaaaaaaaaaaaa");
    memset(digest, 0xff, sizeof(digest));
    lookout_id_mint(id, "job_", digest);
    assert_string_equal(id, "job_7777777777777777777777");
    /* RFC 4648's base32 of these bytes, in lower case, as another program gives it. */
    for (size_t i = 0; i < sizeof(digest); i++) {
        digest[i] = (uint8_t) (i * 17 + 4);
    }
    lookout_id_mint(id, "vw_", digest);
    assert_string_equal(id, "vw_aqksmn2ilfvhxde5v275by");
    assert_true(lookout_id_valid(lookout_str(id), "vw_"));
    /* Only the first 110 bits count. */
    digest[13] ^= 0x03;
    digest[14] ^= 0xff;
    lookout_id_mint(id, "vw_", digest);
    assert_string_equal(id, "vw_aqksmn2ilfvhxde5v275by");
    digest[13] ^= 0x04;
    lookout_id_mint(id, "vw_", digest);
    assert_string_not_equal(id, "vw_aqksmn2ilfvhxde5v275by");
    /* The longest prefix there is room for. */
    lookout_id_mint(id, "ninechar_", digest);
    assert_int_equal(strlen(id), LOOKOUT_ID_MAX - 1);
}


static void
test_type_and_role_names(void **state)
{
    static const char *const types[] = { "string",  "integer", "float",
                                         "boolean", "date",    "timestamp" };
    static const char *const roles[] = { "dimension", "measure", "time", "identifier" };
    lookout_type_e type = LOOKOUT_DATE;
    lookout_role_e role = LOOKOUT_TIME;

    (void) state;
    for (int i = 0; i < 6; i++) {
        assert_string_equal(lookout_type_name((lookout_type_e) i), types[i]);
        assert_true(lookout_type_parse(lookout_str(types[i]), &type));
        assert_int_equal(type, i);
    }
    for (int i = 0; i < 4; i++) {
        assert_string_equal(lookout_role_name((lookout_role_e) i), roles[i]);
        assert_true(lookout_role_parse(lookout_str(roles[i]), &role));
        assert_int_equal(role, i);
    }
    assert_false(lookout_type_parse(LOOKOUT_STR("String"), &type));
    assert_false(lookout_type_parse(LOOKOUT_STR("dates"), &type));
    assert_false(lookout_type_parse(LOOKOUT_STR(""), &type));
    assert_false(lookout_role_parse(LOOKOUT_STR("measur"), &role));
    assert_int_equal(type, LOOKOUT_TIMESTAMP); /* left alone */
    assert_int_equal(role, LOOKOUT_IDENTIFIER);
}


static void
test_fields_find(void **state)
{
    const lookout_field_t items[] = { { .name = LOOKOUT_STR("stage") },
                                      { .name = LOOKOUT_STR("stages") } };
    const lookout_fields_t fields = { items, 2 }, none = { NULL, 0 };

    (void) state;
    assert_ptr_equal(lookout_fields_find(fields, LOOKOUT_STR("stages")), &items[1]);
    assert_ptr_equal(lookout_fields_find(fields, LOOKOUT_STR("stage")), &items[0]);
    assert_null(lookout_fields_find(fields, LOOKOUT_STR("Stage")));
    assert_null(lookout_fields_find(fields, LOOKOUT_STR("")));
    assert_null(lookout_fields_find(none, LOOKOUT_STR("stage")));
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_names),
        cmocka_unit_test(test_fail),
        cmocka_unit_test(test_id_valid),
        cmocka_unit_test(test_id_mint),
        cmocka_unit_test(test_type_and_role_names),
        cmocka_unit_test(test_fields_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
