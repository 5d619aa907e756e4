/*
 * Unit tests of scopes: which methods and tags allow which tool, which sources are in scope, and
 * what is said of a tool that is not.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/access/scope.h"

#define BIT(method) (1u << LOOKOUT_METHOD_##method)

static const char *const none[] = { NULL };
static const char *const queries[] = { "datasources", "queries", NULL };
static const char *const users[] = { "users", NULL };

static const lookout_str_t tag_queries[] = { { "queries", 7 } };
static const lookout_str_t tag_two[] = { { "looks", 5 }, { "users", 5 } };
static const lookout_str_t tag_prefix[] = { { "quer", 4 }, { "queriess", 8 } };

/* No tags; {queries}; {looks, users}; some that only resemble. */
static const lookout_scope_list_t any = { NULL, 0 };
static const lookout_scope_list_t one = { tag_queries, 1 };
static const lookout_scope_list_t two = { tag_two, 2 };
static const lookout_scope_list_t near = { tag_prefix, 2 };


static void
test_tools(void **state)
{
    static const struct {
        unsigned methods;
        const lookout_scope_list_t *scope_tags;
        unsigned verb;
        const char *const *tags;
        bool writes;
        bool allowed;
    } rows[] = {
        /* verbs */
        { BIT(LIST), &any, LOOKOUT_METHOD_LIST, queries, false, true },
        { BIT(LIST), &any, LOOKOUT_METHOD_GET, queries, false, false },
        { BIT(LIST) | BIT(GET), &any, LOOKOUT_METHOD_GET, queries, false, true },
        { BIT(LIST) | BIT(GET), &any, LOOKOUT_METHOD_RUN, queries, false, false },
        { BIT(RUN), &any, LOOKOUT_METHOD_RUN, queries, false, true },
        { BIT(RUN), &any, LOOKOUT_METHOD_RUN, queries, true, true },
        { BIT(CREATE), &any, LOOKOUT_METHOD_CREATE, users, true, true },
        { BIT(CREATE), &any, LOOKOUT_METHOD_UPDATE, users, true, false },
        { BIT(UPDATE), &any, LOOKOUT_METHOD_DELETE, users, true, false },
        { BIT(DELETE), &any, LOOKOUT_METHOD_DELETE, users, true, true },
        /* groups: by what the tool does, not by its verb */
        { BIT(READ), &any, LOOKOUT_METHOD_LIST, queries, false, true },
        { BIT(READ), &any, LOOKOUT_METHOD_GET, queries, false, true },
        { BIT(READ), &any, LOOKOUT_METHOD_RUN, queries, false, true },
        { BIT(READ), &any, LOOKOUT_METHOD_RUN, queries, true, false },
        { BIT(READ), &any, LOOKOUT_METHOD_CREATE, queries, false, true },
        { BIT(READ), &any, LOOKOUT_METHOD_CREATE, users, true, false },
        { BIT(READ), &any, LOOKOUT_METHOD_UPDATE, users, true, false },
        { BIT(READ), &any, LOOKOUT_METHOD_DELETE, users, true, false },
        { BIT(WRITE), &any, LOOKOUT_METHOD_DELETE, users, true, true },
        { BIT(WRITE), &any, LOOKOUT_METHOD_RUN, users, true, true },
        { BIT(WRITE), &any, LOOKOUT_METHOD_RUN, queries, false, false },
        { BIT(WRITE), &any, LOOKOUT_METHOD_LIST, queries, false, false },
        { BIT(READ) | BIT(WRITE), &any, LOOKOUT_METHOD_DELETE, users, true, true },
        { BIT(READ) | BIT(CREATE), &any, LOOKOUT_METHOD_CREATE, users, true, true },
        { BIT(READ) | BIT(CREATE), &any, LOOKOUT_METHOD_DELETE, users, true, false },
        /* tags: one of them, whole, and together with the methods */
        { LOOKOUT_METHODS_ALL, &one, LOOKOUT_METHOD_RUN, queries, false, true },
        { LOOKOUT_METHODS_ALL, &one, LOOKOUT_METHOD_LIST, users, false, false },
        { LOOKOUT_METHODS_ALL, &two, LOOKOUT_METHOD_LIST, users, false, true },
        { LOOKOUT_METHODS_ALL, &two, LOOKOUT_METHOD_RUN, queries, false, false },
        { LOOKOUT_METHODS_ALL, &near, LOOKOUT_METHOD_RUN, queries, false, false },
        { LOOKOUT_METHODS_ALL, &one, LOOKOUT_METHOD_RUN, none, false, false },
        { LOOKOUT_METHODS_ALL, &one, LOOKOUT_METHOD_RUN, NULL, false, false },
        { LOOKOUT_METHODS_ALL, &any, LOOKOUT_METHOD_RUN, none, false, true },
        { BIT(READ), &two, LOOKOUT_METHOD_LIST, users, true, false },
        { BIT(LIST), &one, LOOKOUT_METHOD_RUN, queries, false, false },
        /* nothing opens a scope without methods, or a verb that there is not */
        { 0, &any, LOOKOUT_METHOD_LIST, queries, false, false },
        { LOOKOUT_METHODS_ALL, &any, LOOKOUT_METHOD_READ, queries, false, false },
        { LOOKOUT_METHODS_ALL, &any, 40, queries, false, false },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        lookout_scope_t scope = { .methods = rows[i].methods, .tags = *rows[i].scope_tags };

        if (lookout_scope_allows_tool(&scope, rows[i].verb, rows[i].tags, rows[i].writes)
            != rows[i].allowed) {
            fail_msg("row %zu", i);
        }
    }
}


static void
test_open_and_empty(void **state)
{
    const lookout_scope_t zeros = { 0 };

    (void) state;
    for (unsigned verb = 0; verb <= LOOKOUT_METHOD_RUN; verb++) {
        assert_true(lookout_scope_allows_tool(&lookout_scope_open, verb, users, true));
        assert_true(lookout_scope_allows_tool(&lookout_scope_open, verb, NULL, false));
        assert_false(lookout_scope_allows_tool(&zeros, verb, users, true));
        assert_false(lookout_scope_allows_tool(&zeros, verb, NULL, false));
    }
    assert_false(lookout_scope_limits_data(&lookout_scope_open));
}


static void
test_names(void **state)
{
    (void) state;
    for (size_t i = 0; i < LOOKOUT_METHODS; i++) {
        assert_int_equal(lookout_method_find(lookout_str(lookout_method_name(i))), i);
    }
    assert_null(lookout_method_name(LOOKOUT_METHODS));
    assert_int_equal(lookout_method_find(LOOKOUT_STR("List")), LOOKOUT_METHODS);
    assert_int_equal(lookout_method_find(LOOKOUT_STR("")), LOOKOUT_METHODS);
}


static void
test_sources(void **state)
{
    static const lookout_str_t ids[] = { { "wb_a", 4 }, { "wb_b", 4 } };
    static const lookout_str_t finance[] = { { "old", 3 }, { "finance", 7 } };
    lookout_scope_t scope = lookout_scope_open;

    (void) state;
    assert_true(lookout_scope_has_datasource(&scope, LOOKOUT_STR("ds_x")));
    assert_true(lookout_scope_has_workbook(&scope, LOOKOUT_STR("wb_x"), NULL, 0));

    scope.datasources = (lookout_scope_list_t){ ids, 2 };
    assert_true(lookout_scope_limits_data(&scope));
    assert_true(lookout_scope_has_datasource(&scope, LOOKOUT_STR("wb_b")));
    assert_false(lookout_scope_has_datasource(&scope, LOOKOUT_STR("wb_")));
    assert_false(lookout_scope_has_datasource(&scope, LOOKOUT_STR("wb_bb")));
    assert_false(lookout_scope_has_datasource(&scope, LOOKOUT_STR_NONE));
    assert_true(lookout_scope_has_workbook(&scope, LOOKOUT_STR("wb_x"), NULL, 0));

    scope = lookout_scope_open;
    scope.workbooks = (lookout_scope_list_t){ ids, 2 };
    assert_true(lookout_scope_has_workbook(&scope, LOOKOUT_STR("wb_a"), NULL, 0));
    assert_false(lookout_scope_has_workbook(&scope, LOOKOUT_STR("wb_x"), finance, 2));

    /* By id or by tag. */
    scope.workbook_tags = (lookout_scope_list_t){ finance + 1, 1 };
    assert_true(lookout_scope_has_workbook(&scope, LOOKOUT_STR("wb_a"), NULL, 0));
    assert_true(lookout_scope_has_workbook(&scope, LOOKOUT_STR("wb_x"), finance, 2));
    assert_false(lookout_scope_has_workbook(&scope, LOOKOUT_STR("wb_x"), finance, 1));

    scope.workbooks = (lookout_scope_list_t){ NULL, 0 };
    assert_false(lookout_scope_has_workbook(&scope, LOOKOUT_STR("wb_a"), NULL, 0));
    assert_true(lookout_scope_limits_data(&scope));

    scope = lookout_scope_open;
    scope.filters = LOOKOUT_STR("[]");
    assert_true(lookout_scope_limits_data(&scope));
}


/* The message names what the server has, and what would do. */
static void
test_lacks(void **state)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_scope_t scope = { .name = LOOKOUT_STR("Desk"), .methods = BIT(LIST) | BIT(GET) };

    (void) state;
    assert_string_equal(
        lookout_scope_lacks(&scope, arena, "query_datasource", LOOKOUT_METHOD_RUN, queries,
                            false)
            .data,
        "The scope of this server, \"Desk\", has the methods list, get and all tags; "
        "query_datasource needs the method run (or read) and one of the tags datasources, "
        "queries. Use a tool that tools/list shows, or ask the operator for a server with that "
        "scope.");
    scope = (lookout_scope_t){ .methods = LOOKOUT_METHODS_ALL, .tags = two };
    assert_string_equal(
        lookout_scope_lacks(&scope, arena, "wipe", LOOKOUT_METHOD_DELETE, none, true).data,
        "The scope of this server has all methods and the tags looks, users; wipe needs the "
        "method delete (or write) and a scope without tags. Use a tool that tools/list shows, "
        "or ask the operator for a server with that scope.");
    lookout_arena_destroy(arena);
}


/* A copy shares nothing with what it was made from. */
static void
test_copy(void **state)
{
    lookout_arena_t *first = lookout_arena_create(), *second = lookout_arena_create();
    lookout_str_t *items = lookout_arena_alloc(first, sizeof(*items));
    lookout_scope_t from = { .methods = 5, .version = 9, .expires_at = 7, .token_auth = true };
    lookout_scope_t to;

    (void) state;
    *items = lookout_arena_copy(first, LOOKOUT_STR("views"));
    from.id = lookout_arena_copy(first, LOOKOUT_STR("mcp_1"));
    from.tags = from.datasources = (lookout_scope_list_t){ items, 1 };
    from.workbooks = from.workbook_tags = from.tags;
    assert_true(lookout_scope_copy(second, &from, &to));
    lookout_arena_destroy(first);
    assert_string_equal(to.id.data, "mcp_1");
    assert_null(to.name.data);
    assert_null(to.filters.data);
    assert_string_equal(to.tags.items[0].data, "views");
    assert_string_equal(to.datasources.items[0].data, "views");
    assert_string_equal(to.workbooks.items[0].data, "views");
    assert_string_equal(to.workbook_tags.items[0].data, "views");
    assert_true(to.methods == 5 && to.version == 9 && to.expires_at == 7 && to.token_auth);
    lookout_arena_destroy(second);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tools), cmocka_unit_test(test_open_and_empty),
        cmocka_unit_test(test_names), cmocka_unit_test(test_sources),
        cmocka_unit_test(test_lacks), cmocka_unit_test(test_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
