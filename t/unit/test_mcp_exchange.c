/*
 * The MCP room: what a client may send and what comes back, in both eras, before a tool runs.
 */

#include "mcp_fixture.h"


static void
test_parse_errors(void **state)
{
    size_t i;
    static const char *const bad[] = { "",
                                       "{",
                                       "{}x",
                                       "nul",
                                       "{\"a\":1,\"a\":2}",
                                       "[1,]",
                                       "{\"a\":01}",
                                       "{\"a\":\"\\ud800\"}",
                                       "\"\\u0000\"",
                                       "{\"a\":123456789012345678901}",
                                       "\xff",
                                       "{'a':1}" };

    (void) state;
    legacy();
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(post(bad[i]), 400);
        HAS("\"code\":-32700");
        LACKS("\"id\"");
    }
    assert_int_equal(post_bytes("{\"a\":\0}", 7), 400);
    HAS("-32700");
}


static void
test_invalid_requests(void **state)
{
    size_t i;
    static const char *const bad[] = {
        "1",
        "\"x\"",
        "null",
        "{}",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "[]",
    };

    (void) state;
    legacy();
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(post(bad[i]), 400);
        HAS("\"code\":-32600");
    }
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}"),
                     400);
    HAS("-32602");
}


static void
test_ids_are_echoed(void **state)
{
    (void) state;
    legacy();
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":9007199254740991,\"method\":\"ping\"}"),
                     200);
    HAS("{\"jsonrpc\":\"2.0\",\"id\":9007199254740991,\"result\":{}}");
    post("{\"jsonrpc\":\"2.0\", \"id\" : \"a\\u00e9\\\"\" ,\"method\":\"ping\"}");
    HAS("\"id\":\"a\\u00e9\\\"\",");
}


static void
test_initialize(void **state)
{
    (void) state;
    legacy();
    post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{"
         "\"protocolVersion\":"
         "\"2025-06-18\",\"capabilities\":{},\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}"
         "}");
    HAS("\"protocolVersion\":\"2025-06-18\"");
    HAS("\"serverInfo\":{\"name\":\"test\",\"title\":\"Test\",\"version\":\"1\"}");
    LACKS("resultType");

    /* Unknown, and the modern one, which has no handshake: the newest that has. */
    post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{"
         "\"protocolVersion\":"
         "\"1999-01-01\"}}");
    HAS("\"protocolVersion\":\"2025-11-25\"");

    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\"}"), 200);
    HAS("-32602");

    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"),
                     202);
    assert_string_equal(reply, "");
}


static void
test_tools_list(void **state)
{
    (void) state;
    legacy();
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"), 200);
    HAS("\"name\":\"echo\"");
    HAS("\"additionalProperties\":false");
    HAS("\"readOnlyHint\":true");
    HAS("\"destructiveHint\":true");
    HAS("\"pattern\":\"^ds_[a-z0-9]{22}$\"");
    HAS("\"x-mcp-header\":\"Text\"");
    LACKS("ttlMs");

    modern("tools/list", NULL);
    post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}");
    HAS("\"ttlMs\":");
    HAS("\"cacheScope\":\"public\"");
    HAS("\"resultType\":\"complete\"");

    post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
         "list\",\"params\":{\"cursor\":\"\"," META "}}");
    HAS("\"name\":\"echo\"");
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{"
                          "\"cursor\":\"x\"," META "}}"),
                     200);
    HAS("-32602");

    /* The manifest says the same. */
    assert_non_null(
        strstr(lookout_mcp_manifest(mcp).data, "\"name\":\"test\",\"version\":\"1\""));
}


static void
test_modern_checks_in_order(void **state)
{
    (void) state;

    /* 1: the version header is missing, or another one. */
    sent_headers[0] = NULL;
    assert_int_equal(
        post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}"),
        400);
    HAS("-32020");
    modern("tools/list", NULL);
    sent_headers[1] = "2026-07-29";
    post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}");
    HAS("-32020");

    /* 2: the body lacks what _meta must carry. */
    modern("tools/list", NULL);
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"), 400);
    HAS("-32602");
    post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
         "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}");
    HAS("-32602");
    HAS("clientCapabilities");

    /* 3: a version that nobody speaks. */
    sent_headers[1] = "2099-01-01";
    assert_int_equal(
        post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":{\"_meta\":{"
             "\"io.modelcontextprotocol/protocolVersion\":\"2099-01-01\","
             "\"io.modelcontextprotocol/clientCapabilities\":{}}}}"),
        400);
    HAS("-32022");
    HAS("\"supported\":[\"2026-07-28\"");
    HAS("\"requested\":\"2099-01-01\"");

    /* 4: the method header. */
    modern("tools/call", NULL);
    post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}");
    HAS("-32020");
    modern("Tools/List", NULL);
    post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}");
    HAS("-32020");
    modern(" tools/list ", NULL);
    assert_int_equal(
        post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}"),
        200);

    /* 7: the log level. */
    modern("tools/list", NULL);
    assert_int_equal(
        post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
             "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
             "\"io.modelcontextprotocol/clientCapabilities\":{},"
             "\"io.modelcontextprotocol/logLevel\":\"loud\"}}}"),
        400);
    HAS("-32602");

    /* 8: methods that the modern era does not have. */
    modern("ping", NULL);
    assert_int_equal(
        post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" META "}}"), 404);
    HAS("-32601");
    legacy();
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\"}"),
                     200);
    HAS("-32601");
}


static void
test_modern_names_and_params(void **state)
{
    const char *body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
                       "\"name\":\"echo\",\"arguments\":{\"text\":\"hé\"}," META "}}";

    (void) state;
    dep_path[0] = '\0';

    modern("tools/call", NULL);
    assert_int_equal(post(body), 400);
    HAS("-32020");
    HAS("Mcp-Name");

    modern("tools/call", "heavy");
    post(body);
    HAS("differs from params.name");

    /* The argument's own header: missing, wrong, broken base64, right. */
    modern("tools/call", "echo");
    post(body);
    HAS("Mcp-Param-Text is missing");
    sent_headers[6] = "mcp-param-text";
    sent_headers[7] = "no";
    sent_headers[8] = NULL;
    post(body);
    HAS("differs from the argument");
    sent_headers[7] = "=?base64?!!?=";
    post(body);
    HAS("is not valid base64");
    sent_headers[7] = "=?base64?aMOp?=";
    assert_int_equal(post(body), 200);
    HAS("\"isError\":false");
    HAS("io.modelcontextprotocol/serverInfo");

    /* Sent for an argument that is not there. */
    sent_headers[1 + 4] = "echo";
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
                          "\"name\":\"echo\",\"arguments\":{}," META "}}"),
                     400);
    HAS("the argument is absent");
}


static void
test_batch(void **state)
{
    (void) state;
    legacy();
    dep_path[0] = '\0';

    assert_int_equal(
        post("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},"
             "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"},"
             " {\"jsonrpc\":\"2.0\",\"id\":\"t,]\",\"method\":\"tools/call\",\"params\":{"
             "\"name\":\"heavy\"}},7,"
             "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"nope\"}]"),
        200);
    HAS("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}},{\"jsonrpc\":\"2.0\",\"id\":\"t,]\",");
    HAS("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600");
    HAS("\"id\":3,\"error\":{\"code\":-32601");
    assert_int_equal(reply[strlen(reply) - 1], ']');

    assert_int_equal(post("[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}]"),
                     202);
    assert_string_equal(reply, "");

    sent_headers[0] = "MCP-Protocol-Version";
    sent_headers[1] = "2025-06-18";
    sent_headers[2] = NULL;
    assert_int_equal(post("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]"), 400);
    HAS("-32600");
}


/* A header that came twice is refused, whatever its values. */
static void
test_repeated_headers(void **state)
{
    size_t i, n;
    static const char body[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
        "\"name\":\"echo\",\"arguments\":{\"text\":\"a\"}," META "}}";
    static const char *const twice[][2] = {
        { "MCP-Protocol-Version", "2026-07-28" },
        { "mcp-protocol-version", "2025-11-25" },
        { "Mcp-Method", "tools/call" },
        { "Mcp-Name", "echo" },
        { "Mcp-Param-Text", "a" },
    };

    (void) state;
    for (i = 0; i < sizeof(twice) / sizeof(twice[0]); i++) {
        modern("tools/call", "echo");
        for (n = 0; sent_headers[n] != NULL; n++) { /* void */
        }
        sent_headers[n++] = "Mcp-Param-Text";
        sent_headers[n++] = "a";
        sent_headers[n] = NULL;
        assert_int_equal(post(body), 200);

        sent_headers[n++] = twice[i][0];
        sent_headers[n++] = twice[i][1];
        sent_headers[n] = NULL;
        assert_int_equal(post(body), 400);
        HAS("-32020");
        HAS("more than once");
    }

    /* Which era it is, the header cannot tell. */
    modern("tools/list", NULL);
    sent_headers[2] = sent_headers[0];
    sent_headers[3] = "2025-11-25";
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"), 400);
    HAS("-32020");
}


static void
test_legacy_version_header(void **state)
{
    (void) state;
    sent_headers[0] = "MCP-Protocol-Version";
    sent_headers[1] = "2024-11-05";
    sent_headers[2] = NULL;
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"), 400);
    HAS("\"requested\":\"2024-11-05\"");
    sent_headers[1] = "2025-11-25";
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"), 200);

    /* A client's answer to a request that we never sent. */
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"), 202);
}


static void
test_no_session(void **state)
{
    (void) state;
    legacy();
    begin(heavy, strlen(heavy));
    x.session = NULL;
    lookout_mcp_work(mcp, &x);
    lookout_mcp_end(mcp, &x);
    end();
    assert_int_equal(x.status, 500);
    HAS("out of memory");
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_errors),
        cmocka_unit_test(test_invalid_requests),
        cmocka_unit_test(test_ids_are_echoed),
        cmocka_unit_test(test_initialize),
        cmocka_unit_test(test_tools_list),
        cmocka_unit_test(test_modern_checks_in_order),
        cmocka_unit_test(test_modern_names_and_params),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_repeated_headers),
        cmocka_unit_test(test_legacy_version_header),
        cmocka_unit_test(test_no_session),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
