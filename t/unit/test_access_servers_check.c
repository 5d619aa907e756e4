/*
 * Unit tests of the bodies of scoped servers: every way in which one can be wrong, all problems
 * at once, and what a change changes.
 */

#include "servers_fixture.h"

#define ID "abcdefghijklmnopqrstuv"

/* A body, and the problem it has: its path, and a part of its message. */
typedef struct {
    const char *body;
    const char *path;
    const char *message;
} bad_t;

/* Bodies that neither make nor change a server. */
static const bad_t bad[] = {
    { "", "", "is not JSON" },
    { "{\"name\": \"x\",}", "", "is not JSON" },
    { "{\"name\": \"x\"} {}", "", "is not JSON" },
    { "{\"name\": \"x\", \"name\": \"y\"}", "", "is not JSON" },
    { "[]", "", "must be an object (got an array)" },
    { "null", "", "must be an object (got null)" },

    { "{\"name\": 5}", "/name", "must be a string (got a number)" },
    { "{\"name\": null}", "/name", "must be a string (got null)" },
    { "{\"name\": \"\"}", "/name", "1 to 128 characters" },
    { "{\"name\": \"  \"}", "/name", "can be seen" },
    { "{\"name\": \"a\\nb\"}", "/name", "one line" },
    { "{\"name\": \"a\\u009bb\"}", "/name", "one line" },
    { "{\"name\": \"x\", \"nam\": 1}", "/nam", "did you mean name?" },
    { "{\"name\": \"x\", \"nonsense\": null}", "/nonsense", "not a member of a scoped server" },
    { "{\"name\": \"x\", \"id\": \"mcp_" ID "\"}", "/id", "set by the server" },
    { "{\"name\": \"x\", \"url\": \"https://x/\"}", "/url", "rotate_token" },
    { "{\"name\": \"x\", \"methods\": [\"read\"]}", "/methods", "stands in config" },

    { "{\"name\": \"x\", \"expires_at\": 5}", "/expires_at", "ISO 8601" },
    { "{\"name\": \"x\", \"expires_at\": \"soon\"}", "/expires_at", "ISO 8601" },
    { "{\"name\": \"x\", \"expires_at\": \"2028-01-01\"}", "/expires_at", "with its zone" },
    { "{\"name\": \"x\", \"expires_at\": \"2028-01-01T00:00:00\"}", "/expires_at", "its zone" },
    { "{\"name\": \"x\", \"expires_at\": \"2028-02-30T00:00:00Z\"}", "/expires_at", "ISO" },
    { "{\"name\": \"x\", \"expires_at\": \"2027-01-15T08:00:00Z\"}", "/expires_at", "future" },
    { "{\"name\": \"x\", \"expires_at\": \"2027-01-15T10:00:00+02:00\"}", "/expires_at",
      "it is 2027-01-15T08:00:00Z now" },

    { "{\"name\": \"x\", \"require_api_token_auth\": \"yes\"}", "/require_api_token_auth",
      "true or false" },
    { "{\"name\": \"x\", \"rotate_token\": 1}", "/rotate_token", "true or false" },
    { "{\"name\": \"x\", \"grace_seconds\": 5}", "/grace_seconds", "rotate_token" },
    { "{\"name\": \"x\", \"rotate_token\": false, \"grace_seconds\": 5}", "/grace_seconds",
      "rotate_token" },
    { "{\"name\": \"x\", \"grace_seconds\": -1}", "/grace_seconds", "0 to 86400" },
    { "{\"name\": \"x\", \"grace_seconds\": 86401}", "/grace_seconds", "0 to 86400" },
    { "{\"name\": \"x\", \"grace_seconds\": 1.5}", "/grace_seconds", "whole number" },

    { "{\"name\": \"x\", \"config\": []}", "/config", "must be an object (got an array)" },
    { "{\"name\": \"x\", \"config\": {\"tag\": []}}", "/config/tag", "did you mean tags?" },
    { "{\"name\": \"x\", \"config\": {\"expires_at\": null}}", "/config/expires_at",
      "beside config" },
    { "{\"name\": \"x\", \"config\": {\"a/b~c\": 1}}", "/config/a~1b~0c", "not a member" },
    { "{\"name\": \"x\", \"config\": {\"methods\": \"read\"}}", "/config/methods", "an array" },
    { "{\"name\": \"x\", \"config\": {\"methods\": []}}", "/config/methods", "not be empty" },
    { "{\"name\": \"x\", \"config\": {\"methods\": [1]}}", "/config/methods/0", "a string" },
    { "{\"name\": \"x\", \"config\": {\"methods\": [\"read\", null]}}", "/config/methods/1",
      "a string" },
    { "{\"name\": \"x\", \"config\": {\"methods\": [\"lists\"]}}", "/config/methods/0",
      "did you mean list?" },
    { "{\"name\": \"x\", \"config\": {\"methods\": [\"Read\"]}}", "/config/methods/0",
      "is no method" },
    { "{\"name\": \"x\", \"config\": {\"methods\": [\"\"]}}", "/config/methods/0",
      "is no method" },
    { "{\"name\": \"x\", \"config\": {\"tags\": [\"Views\"]}}", "/config/tags/0", "be a tag" },
    { "{\"name\": \"x\", \"config\": {\"tags\": [\"\"]}}", "/config/tags/0", "must be a tag" },
    { "{\"name\": \"x\", \"config\": {\"tags\": []}}", "/config/tags", "must not be empty" },
    { "{\"name\": \"x\", \"config\": {\"datasources\": [\"wb_" ID "\"]}}",
      "/config/datasources/0", "must be an id: ds_" },
    { "{\"name\": \"x\", \"config\": {\"datasources\": {}}}", "/config/datasources", "array" },
    { "{\"name\": \"x\", \"config\": {\"workbooks\": [\"wb_" ID "\"]}}", "/config/workbooks",
      "must be an object with ids, tags or both" },
    { "{\"name\": \"x\", \"config\": {\"workbooks\": {}}}", "/config/workbooks", "needs ids" },
    { "{\"name\": \"x\", \"config\": {\"workbooks\": {\"ids\": [\"wb_1\"]}}}",
      "/config/workbooks/ids/0", "must be an id: wb_" },
    { "{\"name\": \"x\", \"config\": {\"workbooks\": {\"tags\": [\"\"]}}}",
      "/config/workbooks/tags/0", "1 to 64 characters" },
    { "{\"name\": \"x\", \"config\": {\"workbooks\": {\"tags\": [\"a\"], \"tag\": 1}}}",
      "/config/workbooks/tag", "did you mean tags?" },

    { "{\"name\": \"x\", \"config\": {\"filters\": {}}}", "/config/filters", "an array" },
    { "{\"name\": \"x\", \"config\": {\"filters\": []}}", "/config/filters", "not be empty" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [\"region\"]}}", "/config/filters/0",
      "must be an object" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"op\": \"is_null\"}]}}",
      "/config/filters/0/field", "is required" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": 1, \"op\": \"is_null\"}]}}",
      "/config/filters/0/field", "must be a string" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"\", \"op\": \"is_null\"}]}}",
      "/config/filters/0/field", "1 to 128" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\"}]}}",
      "/config/filters/0/op", "is required" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"is_null\","
      " \"datasourceId\": 1}]}}",
      "/config/filters/0/datasourceId", "must be a string" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"is_null\","
      " \"datasourceId\": \"wb_aaaaaaaaaaaaaaaaaaaaaa\"}]}}",
      "/config/filters/0/datasourceId", "ds_" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"==\"}]}}",
      "/config/filters/0/op", "eq, in, between, is_null" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"eq\"}]}}",
      "/config/filters/0/value", "is required" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"eq\","
      " \"value\": null}]}}",
      "/config/filters/0/value", "(got null)" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"eq\","
      " \"value\": [1]}]}}",
      "/config/filters/0/value", "must be a string, a number" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"in\","
      " \"value\": 1}]}}",
      "/config/filters/0/value", "an array of 1 to 1000 values" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"in\","
      " \"value\": []}]}}",
      "/config/filters/0/value", "an array of 1 to 1000 values" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"in\","
      " \"value\": [1, {}]}]}}",
      "/config/filters/0/value/1", "(got an object)" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"between\","
      " \"value\": [1]}]}}",
      "/config/filters/0/value", "an array of 2 values" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"is_null\","
      " \"value\": 1}]}}",
      "/config/filters/0/value", "leave it out" },
    { "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"eq\","
      " \"value\": 1, \"not\": true}]}}",
      "/config/filters/0/not", "not a member of a filter" },
};


/* The problems that an answer names. */
static const cJSON *
problems(const cJSON *json)
{
    const cJSON *error = lookout_json_get(json, "error");

    assert_string_equal(text_of(error, "code"), "INVALID_INPUT");
    assert_int_equal(strncmp(text_of(error, "message"), "Nothing was done: ", 18), 0);
    return lookout_json_get(lookout_json_get(error, "details"), "errors");
}


/* The answer names this one problem. */
static void
assert_problem(const cJSON *json, const bad_t *row)
{
    const cJSON *errors = problems(json);
    const cJSON *first = cJSON_GetArrayItem(errors, 0);

    if (cJSON_GetArraySize(errors) != 1 || strcmp(text_of(first, "path"), row->path) != 0
        || strstr(text_of(first, "message"), row->message) == NULL) {
        fail_msg("%s: %s", row->body, cJSON_Print(errors));
    }
}


static void
test_bad_bodies(void **state)
{
    lookout_buf_t out = LOOKOUT_BUF_INIT;
    cJSON *before;

    (void) state;
    (void) create("{\"name\": \"x\"}");
    before = get_at(NOW, LOOKOUT_SERVERS_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_problem(create_at(bad[i].body, NOW, LOOKOUT_SERVERS_INVALID), &bad[i]);
        assert_problem(change_at(bad[i].body, NOW, LOOKOUT_SERVERS_INVALID), &bad[i]);
    }
    /* Nothing was made, and nothing changed. */
    assert_true(cJSON_Compare(before, get_at(NOW, LOOKOUT_SERVERS_OK), true));
    assert_int_equal(revoke_server(id), LOOKOUT_SERVERS_OK);
    assert_int_equal(lookout_servers_list(writer, arena, 20, LOOKOUT_STR_NONE, NOW, &out),
                     LOOKOUT_SERVERS_OK);
    assert_string_equal(json_of(answer(&out), "items"), "[]");
}


/* What only a new server may not have. */
static void
test_bad_new(void **state)
{
    static const bad_t rows[] = {
        { "{}", "/name", "is required and missing" },
        { "{\"name\": \"x\", \"rotate_token\": true}", "/rotate_token", "that exists" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_problem(create_at(rows[i].body, NOW, LOOKOUT_SERVERS_INVALID), &rows[i]);
    }
}


/* A text of n times that one, in front of and behind others. */
static const char *
many(const char *front, const char *s, size_t n, const char *back)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t copy;

    lookout_buf_puts(&b, front);
    while (n-- > 0) {
        lookout_buf_puts(&b, s);
    }
    lookout_buf_puts(&b, back);
    copy = lookout_arena_copy(arena, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return copy.data;
}


static void
test_sizes(void **state)
{
    static const char filter[] = ", {\"field\": \"a\", \"op\": \"is_null\"}";
    const char *open = "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\":"
                       " \"is_null\"}";
    bad_t row = { NULL, "/name", "it is 129" };

    (void) state;
    (void) create(many("{\"name\": \"", "\xc3\xa9", 128, "\"}"));
    row.body = many("{\"name\": \"", "\xc3\xa9", 129, "\"}");
    assert_problem(create_at(row.body, NOW, LOOKOUT_SERVERS_INVALID), &row);

    (void) create(many("{\"name\": \"x\", \"config\": {\"tags\": [\"", "t", 64, "\"]}}"));
    row = (bad_t){ many("{\"name\": \"x\", \"config\": {\"tags\": [\"", "t", 65, "\"]}}"),
                   "/config/tags/0", "1 to 64" };
    assert_problem(create_at(row.body, NOW, LOOKOUT_SERVERS_INVALID), &row);

    (void) create(many(open, filter, 63, "]}}"));
    row = (bad_t){ many(open, filter, 64, "]}}"), "/config/filters", "it has 65" };
    assert_problem(create_at(row.body, NOW, LOOKOUT_SERVERS_INVALID), &row);

    open = "{\"name\": \"x\", \"config\": {\"filters\": [{\"field\": \"a\", \"op\": \"eq\","
           " \"value\": \"";
    (void) create(many(open, "v", 1024, "\"}]}}"));
    row = (bad_t){ many(open, "v", 1025, "\"}]}}"), "/config/filters/0/value", "it is 1025" };
    assert_problem(create_at(row.body, NOW, LOOKOUT_SERVERS_INVALID), &row);

    (void) create(
        many("{\"name\": \"x\", \"config\": {\"tags\": [\"a\"", ", \"a\"", 99, "]}}"));
    row =
        (bad_t){ many("{\"name\": \"x\", \"config\": {\"tags\": [\"a\"", ", \"a\"", 100, "]}}"),
                 "/config/tags", "it has 101" };
    assert_problem(create_at(row.body, NOW, LOOKOUT_SERVERS_INVALID), &row);

    (void) create(many("{\"name\": \"x\"", " ", LOOKOUT_SERVERS_BODY_MAX - 13, "}"));
    row = (bad_t){ many("{\"name\": \"x\"", " ", LOOKOUT_SERVERS_BODY_MAX - 12, "}"), "",
                   "it has 262145" };
    assert_problem(create_at(row.body, NOW, LOOKOUT_SERVERS_INVALID), &row);
}


/* Each problem is named, with its place, in one answer. */
static void
test_all_at_once(void **state)
{
    static const char *const paths[] = {
        "/colour",
        "/name",
        "/config/methodes",
        "/config/methods/1",
        "/config/tags",
        "/config/datasources/0",
        "/config/workbooks/ids/0",
        "/config/filters/0/op",
        "/config/filters/1/value",
        "/expires_at",
        "/require_api_token_auth",
        "/grace_seconds",
    };
    const cJSON *errors, *item;
    size_t i = 0;

    (void) state;
    errors = problems(create_at(
        "{\"colour\": 1, \"name\": \"\", \"config\": {\"methodes\": [], \"methods\": [\"read\","
        " \"reed\"], \"tags\": [], \"datasources\": [\"x\"], \"workbooks\": {\"ids\": [\"x\"]},"
        " \"filters\": [{\"field\": \"a\", \"op\": \"is\"}, {\"field\": \"a\", \"op\": "
        "\"eq\"}]},"
        " \"expires_at\": \"2020-01-01T00:00:00Z\", \"require_api_token_auth\": 1,"
        " \"grace_seconds\": 1}",
        NOW, LOOKOUT_SERVERS_INVALID));
    cJSON_ArrayForEach(item, errors)
    {
        assert_true(i < sizeof(paths) / sizeof(paths[0]));
        assert_string_equal(text_of(item, "path"), paths[i++]);
    }
    assert_int_equal(i, sizeof(paths) / sizeof(paths[0]));
}


/* A change touches what it names, and nothing else; null clears. */
static void
test_changes(void **state)
{
    static const struct {
        const char *body;
        const char *config;
    } rows[] = {
        { "{}",
          "{\"methods\":[\"read\"],\"tags\":[\"a\"],\"workbooks\":{\"ids\":[\"wb_" ID "\"]}}" },
        { "{\"config\": {\"tags\": [\"b\", \"c\"]}}",
          "{\"methods\":[\"read\"],\"tags\":[\"b\",\"c\"],\"workbooks\":{\"ids\":[\"wb_" ID
          "\"]}}" },
        { "{\"config\": {\"tags\": null}}",
          "{\"methods\":[\"read\"],\"workbooks\":{\"ids\":[\"wb_" ID "\"]}}" },
        { "{\"config\": {\"workbooks\": {\"tags\": [\"T\"]}}}",
          "{\"methods\":[\"read\"],\"workbooks\":{\"ids\":[\"wb_" ID "\"],\"tags\":[\"T\"]}}" },
        { "{\"config\": {\"workbooks\": {\"ids\": null}}}",
          "{\"methods\":[\"read\"],\"workbooks\":{\"tags\":[\"T\"]}}" },
        { "{\"config\": {\"workbooks\": null, \"filters\": [{\"field\": \"a\", \"op\": \"eq\","
          " \"value\": -1e3}]}}",
          "{\"methods\":[\"read\"],\"filters\":[{\"field\":\"a\",\"op\":\"eq\",\"value\":-1000"
          "}]}" },
        { "{\"config\": {}}",
          "{\"methods\":[\"read\"],\"filters\":[{\"field\":\"a\",\"op\":\"eq\",\"value\":-1000"
          "}]}" },
        { "{\"config\": null}", "{}" },
    };
    lookout_scope_t scope;
    char updated[32];
    cJSON *json;

    (void) state;
    (void) create("{\"name\": \"x\", \"config\": {\"methods\": [\"read\"], \"tags\": [\"a\"],"
                  " \"workbooks\": {\"ids\": [\"wb_" ID "\"]}},"
                  " \"expires_at\": \"2028-01-01T00:00:00Z\","
                  " \"require_api_token_auth\": true}");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json = change_at(rows[i].body, NOW + 1 + (int64_t) i, LOOKOUT_SERVERS_OK);
        assert_string_equal(json_of(json, "config"), rows[i].config);
        assert_string_equal(text_of(json, "name"), "x");
        assert_string_equal(text_of(json, "expires_at"), "2028-01-01T00:00:00Z");
        assert_string_equal(json_of(json, "require_api_token_auth"), "true");
        assert_string_equal(text_of(json, "created_at"), "2027-01-15T08:00:00Z");
        (void) snprintf(updated, sizeof(updated), "2027-01-15T08:00:%02zuZ", i + 1);
        assert_string_equal(text_of(json, "updated_at"), updated);
        assert_int_equal(find_at(token, NOW, &scope), LOOKOUT_SERVER_GOOD);
        assert_int_equal(scope.version, i + 2);
    }
    json = change("{\"name\": \"y\", \"expires_at\": null, \"require_api_token_auth\": null}");
    assert_string_equal(text_of(json, "name"), "y");
    assert_string_equal(json_of(json, "expires_at"), "null");
    assert_string_equal(json_of(json, "require_api_token_auth"), "false");
}


/* A change cannot leave what could not have been made. */
static void
test_change_checked_as_a_whole(void **state)
{
    static const bad_t row = { "{\"config\": {\"workbooks\": {\"tags\": null}}}",
                               "/config/workbooks", "needs ids, tags or both" };

    (void) state;
    (void) create("{\"name\": \"x\", \"config\": {\"workbooks\": {\"tags\": [\"T\"]}}}");
    assert_problem(change_at(row.body, NOW, LOOKOUT_SERVERS_INVALID), &row);
    assert_string_equal(json_of(get_at(NOW, LOOKOUT_SERVERS_OK), "config"),
                        "{\"workbooks\":{\"tags\":[\"T\"]}}");
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_bad_bodies),  TEST(test_bad_new), TEST(test_sizes),
        TEST(test_all_at_once), TEST(test_changes), TEST(test_change_checked_as_a_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
