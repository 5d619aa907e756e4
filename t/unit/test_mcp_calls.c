/*
 * The MCP room: calls of tools, from their arguments to the result, its record and the cache; and
 * what a second round and a client that left make of them.
 */

#include "mcp_fixture.h"


static void
test_call(void **state)
{
    (void) state;
    legacy();
    dep_path[0] = '\0';

    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
                          "\"name\":\"echo\",\"arguments\":{\"text\":\"a\\\"b\"}}}"),
                     200);
    assert_string_equal(
        reply, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":"
               "\"text\",\"text\":\"{\\\"text\\\":\\\"a\\\\\\\"b\\\",\\\"times\\\":1}\"}],"
               "\"structuredContent\":{\"text\":\"a\\\"b\",\"times\":1},"
               "\"isError\":false}}");
    assert_int_equal(x.rows, 7);
    assert_true(lookout_str_is(x.subject, "echo"));

    /* A tool's error: a result, and nothing of its half-written answer. */
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
                          "\"name\":\"fail\"}}"),
                     200);
    HAS("\"isError\":true");
    HAS("VIEW_NOT_FOUND");
    LACKS("half");
    LACKS("structuredContent");
    assert_true(lookout_str_is(x.error, "VIEW_NOT_FOUND"));

    /* Heavy ones come back from a thread. */
    assert_int_equal(begin(heavy, strlen(heavy)), LOOKOUT_MCP_DEFERRED);
    lookout_mcp_work(mcp, &x);
    lookout_mcp_end(mcp, &x);
    end();
    HAS("\"id\":\"h\"");
    HAS("\"heavy\":true");

    /* Unknown tools, and what is no call at all. */
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
                          "\"name\":\"ehco\"}}"),
                     200);
    HAS("-32602");
    HAS("\"code\":\"TOOL_NOT_FOUND\"");
    HAS("\"suggestions\":[\"echo\"]");
    post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{}}");
    HAS("-32602");
    post(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\","
        "\"arguments\":[]}}");
    HAS("-32602");
}


/* Calls echo with these arguments and expects a tool error whose text has each of the two. */
static void
refuses(const char *args, const char *code, const char *what)
{
    char body[1024];

    snprintf(
        body, sizeof(body),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\","
        "\"arguments\":%s}}",
        args);
    assert_int_equal(post(body), 200);
    HAS("\"isError\":true");
    HAS(code);
    HAS(what);
}


static void
test_arguments(void **state)
{
    (void) state;
    legacy();
    refuses("{}", "INVALID_INPUT", "/text: is required");
    refuses("{\"text\":5}", "INVALID_INPUT", "must be a string (got a number)");
    refuses("{\"text\":\"\"}", "INVALID_INPUT", "1 to 10 characters");
    refuses("{\"text\":\"12345678901\"}", "INVALID_INPUT", "it is 11");
    refuses("{\"text\":\"a\",\"txet\":1}", "INVALID_INPUT", "(did you mean text?)");
    refuses("{\"text\":\"a\",\"times\":0}", "INVALID_PAGE_SIZE",
            "times must be 1 to 100 (got 0)");
    refuses("{\"text\":\"a\",\"times\":101}", "INVALID_PAGE_SIZE", "max\\\":100");
    refuses("{\"text\":\"a\",\"times\":1.5}", "INVALID_INPUT", "whole number");
    refuses("{\"text\":\"a\",\"times\":\"5\"}", "INVALID_INPUT", "/times");
    refuses("{\"text\":5,\"times\":0}", "INVALID_INPUT", "/times");
    refuses("{\"text\":\"a\",\"colour\":\"blue\"}", "INVALID_INPUT", "red, green");
    refuses("{\"text\":\"a\",\"since\":\"2026-02-30\"}", "INVALID_INPUT", "ISO 8601");
    refuses("{\"text\":\"a\",\"id\":\"ds_x\"}", "INVALID_INPUT", "22 characters");
    refuses("{\"text\":\"a\",\"a/b~c\":1}", "INVALID_INPUT", "/a~1b~0c");
    refuses("{\"text\":null}", "INVALID_INPUT", "null");
}


static void
test_cache(void **state)
{
    int fd;
    const char *body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
                       "\"name\":\"echo\",\"arguments\":{\"text\":\"cache\"}}}";
    char first[4096];

    (void) state;
    legacy();
    strcpy(dep_path, "/tmp/lookout-test-XXXXXX");
    fd = mkstemp(dep_path);
    assert_true(fd >= 0);

    tool_runs = 0;
    post(body);
    strcpy(first, reply);
    assert_int_equal(x.rows, 7);
    post(body);
    assert_int_equal(tool_runs, 1);
    assert_string_equal(reply, first);
    assert_int_equal(x.rows, 7);

    /* The file changed: asked again, once the cache has looked (every few milliseconds). */
    assert_int_equal(write(fd, "x", 1), 1);
    usleep(20000);
    post(body);
    assert_int_equal(tool_runs, 2);
    post(body);
    assert_int_equal(tool_runs, 2);

    /* The file is gone: asked again, and not kept. */
    close(fd);
    unlink(dep_path);
    dep_path[0] = '\0';
    usleep(20000);
    post(body);
    post(body);
    assert_int_equal(tool_runs, 4);
}


/* What is told of a deferred exchange while a thread has it: nothing that the thread changes, and
 * nothing of its arena. */
static void
test_record_meanwhile(void **state)
{
    size_t n = 0;
    lookout_record_t record;
    lookout_exchange_t seen;
    static const char batch[] =
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},"
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"},"
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/"
        "call\",\"params\":{\"name\":\"heavy\"}},"
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/"
        "call\",\"params\":{\"name\":\"none\"}},7]";

    (void) state;
    legacy();
    assert_int_equal(begin(heavy, strlen(heavy)), LOOKOUT_MCP_DEFERRED);
    seen = x;
    seen.arena = NULL;
    assert_true(lookout_mcp_record(&seen, &n, &record));
    assert_string_equal(record.method, "tools/call");
    assert_true(lookout_str_is(record.subject, "heavy"));
    assert_false(lookout_mcp_record(&seen, &n, &record));
    assert_null(x.records);
    lookout_mcp_work(mcp, &x);
    end();

    assert_int_equal(begin(batch, strlen(batch)), LOOKOUT_MCP_DEFERRED);
    seen = x;
    seen.arena = NULL;
    seen.message = (lookout_message_t){ .kind = LOOKOUT_MESSAGE_INVALID };
    n = 0;
    assert_true(lookout_mcp_record(&seen, &n, &record));
    assert_string_equal(record.method, "ping");
    assert_int_equal(record.tool, -1);
    assert_true(lookout_mcp_record(&seen, &n, &record));
    assert_string_equal(record.method, "tools/call");
    assert_true(lookout_str_is(record.subject, "heavy"));
    assert_true(lookout_mcp_record(&seen, &n, &record));
    assert_int_equal(record.subject.len, 0);
    assert_true(lookout_mcp_record(&seen, &n, &record));
    assert_null(record.method);
    assert_false(lookout_mcp_record(&seen, &n, &record));
    lookout_mcp_work(mcp, &x);
    end();
}


/* A wrong name as long as a message may be is neither compared nor told back whole. */
static void
test_long_name(void **state)
{
    char body[4096];

    (void) state;
    legacy();
    (void) snprintf(
        body, sizeof(body),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"%03000d\"}}",
        0);
    assert_int_equal(post(body), 200);
    HAS("TOOL_NOT_FOUND");
    assert_true(strlen(reply) < 600);
}


/* One message as `caller`, in a scope of that key. */
static void
post_as(const char *body, lookout_str_t caller, lookout_str_t key)
{
    x = (lookout_exchange_t){ .arena = lookout_arena_create(),
                              .body = lookout_str(body),
                              .headers = { header, sent_headers },
                              .session = &session,
                              .caller = caller,
                              .permit = { .key = key } };
    assert_non_null(x.arena);
    assert_int_equal(lookout_mcp_begin(mcp, &x), LOOKOUT_MCP_DONE);
    end();
}


/* A requestState is its caller's, also where the names of two would make one text. */
static void
test_rounds_of_others(void **state)
{
    char body[4096];
    char *from, *to;

    (void) state;
    modern("tools/call", "again");
    post_as("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
            "\"name\":\"again\"," META "}}",
            LOOKOUT_STR("a\nb"), LOOKOUT_STR(""));
    HAS("input_required");
    from = strstr(reply, "\"requestState\":\"");
    assert_non_null(from);
    to = strchr(from + 16, '"');
    (void) snprintf(body, sizeof(body),
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
                    "\"name\":\"again\",%.*s\"," META "}}",
                    (int) (to - from), from);

    post_as(body, LOOKOUT_STR("a"), LOOKOUT_STR("b\n"));
    HAS("another caller");
    post_as(body, LOOKOUT_STR("a\nb"), LOOKOUT_STR(""));
    HAS("again\":true");
}


/* What a batch has left is not begun when nobody can read it. */
static void
test_batch_left(void **state)
{
    static const char batch[] =
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
        "call\",\"params\":{\"name\":\"heavy\"}},"
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\","
        "\"arguments\":{\"text\":\"x\"}}}]";
    int left;

    (void) state;
    legacy();
    dep_path[0] = '\0';
    for (left = 0; left < 2; left++) {
        tool_runs = 0;
        assert_int_equal(begin(batch, strlen(batch)), LOOKOUT_MCP_DEFERRED);
        atomic_store(&x.left, left);
        lookout_mcp_work(mcp, &x);
        assert_int_equal(tool_runs, !left);
        assert_non_null(x.records);
        assert_int_equal(x.records->next != NULL, !left);
        end();
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call),       cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_cache),      cmocka_unit_test(test_record_meanwhile),
        cmocka_unit_test(test_long_name),  cmocka_unit_test(test_rounds_of_others),
        cmocka_unit_test(test_batch_left),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
