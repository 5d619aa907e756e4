/*
 * The MCP room over a table of test tools: what a client may send and what comes back, in both
 * eras, without a web server and without any BI.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <strings.h>

#include "mcp/server.h"

struct lookout_session_s {
    int runs;
};

static int tool_runs;
static char dep_path[64];


/* Echoes its text; counts its runs; depends on a file, so that it can be cached. */
static lookout_code_e
run_echo(lookout_call_t *call)
{
    lookout_file_id_t id;

    tool_runs++;
    lookout_json_open(call->out, '{');
    lookout_json_key(call->out, "text");
    lookout_json_str(call->out, lookout_arg_str(call, "text"));
    lookout_json_key(call->out, "times");
    lookout_json_int(call->out, lookout_arg_int(call, "times", 1));
    lookout_json_close(call->out, '}');

    call->rows = 7;
    if (dep_path[0] != '\0') {
        assert_true(lookout_file_id(dep_path, &id));
        call->cacheable = true;
        lookout_call_depends(call, dep_path, &id);
    }
    return LOOKOUT_OK;
}


static lookout_code_e
run_heavy(lookout_call_t *call)
{
    if (call->watch.slice_ns != 0) {
        return LOOKOUT_NEEDS_THREAD;
    }
    lookout_buf_puts(call->out, "{\"heavy\":true}");
    return LOOKOUT_OK;
}


static lookout_code_e
run_fail(lookout_call_t *call)
{
    lookout_buf_puts(call->out, "{\"half\":");
    return lookout_call_fail(call, LOOKOUT_VIEW_NOT_FOUND, LOOKOUT_STR("{\"viewId\":\"x\"}"),
                             "There is no \"%s\".", "x");
}


/* Asks nothing, and wants to be called again. */
static lookout_code_e
run_again(lookout_call_t *call)
{
    if (lookout_call_recall(call).data == NULL) {
        return lookout_call_remember(call, LOOKOUT_STR("state"));
    }
    lookout_buf_puts(call->out, "{\"again\":true}");
    return LOOKOUT_OK;
}


static const char *const colours[] = { "red", "green", NULL };

static const lookout_schema_t echo_in[] = {
    { .name = "text",
      .kind = LOOKOUT_SCHEMA_STRING,
      .required = true,
      .min = 1,
      .max = 10,
      .header = "Text" },
    { .name = "times",
      .kind = LOOKOUT_SCHEMA_INTEGER,
      .min = 1,
      .max = 100,
      .preset = "20",
      .range_code = LOOKOUT_INVALID_PAGE_SIZE },
    { .name = "colour", .kind = LOOKOUT_SCHEMA_STRING, .values = colours },
    { .name = "since", .kind = LOOKOUT_SCHEMA_STRING, .format = "date-time" },
    { .name = "id", .kind = LOOKOUT_SCHEMA_STRING, .id = "ds_" },
    { .name = NULL },
};
static const lookout_schema_t none_in[] = { { .name = NULL } };
static const lookout_schema_t any_out[] = {
    { .name = "text", .kind = LOOKOUT_SCHEMA_STRING, .nullable = true },
    { .name = NULL },
};

static const lookout_tool_t tools[] = {
    { .name = "echo",
      .title = "Echo",
      .description = "Says it again.",
      .input = echo_in,
      .output = any_out,
      .run = run_echo },
    { .name = "heavy",
      .title = "Heavy",
      .description = "Needs a thread.",
      .input = none_in,
      .output = any_out,
      .run = run_heavy },
    { .name = "fail",
      .title = "Fail",
      .description = "Fails.",
      .input = none_in,
      .output = any_out,
      .run = run_fail,
      .access = { .writes = true },
      .destructive = true },
    { .name = "again",
      .title = "Again",
      .description = "Takes two rounds.",
      .input = none_in,
      .output = any_out,
      .run = run_again },
    { .name = NULL },
};
static const lookout_surface_t surface = { .tools = tools };
static const lookout_surface_t *const surfaces[] = { &surface, NULL };

static const char heavy[] = "{\"jsonrpc\":\"2.0\",\"id\":\"h\",\"method\":\"tools/call\","
                            "\"params\":{\"name\":\"heavy\"}}";

static lookout_mcp_t *mcp;
static lookout_exchange_t x;
static struct lookout_session_s session;
static char reply[65536];
static const char *sent_headers[16]; /* name, value, ..., NULL */


static lookout_str_t
header(void *data, const char *name)
{
    const char **h = data;
    lookout_str_t value = LOOKOUT_STR_NONE;

    for (; *h != NULL; h += 2) {
        if (strcasecmp(h[0], name) == 0) {
            value = value.data == NULL ? lookout_str(h[1]) : LOOKOUT_HEADER_REPEATED;
        }
    }
    return value;
}


static lookout_mcp_step_e
begin(const char *body, size_t len)
{
    x = (lookout_exchange_t){ .arena = lookout_arena_create(),
                              .body = { body, len },
                              .headers = { header, sent_headers },
                              .session = &session };
    assert_non_null(x.arena);
    return lookout_mcp_begin(mcp, &x);
}


static void
end(void)
{
    assert_true(x.out.len < sizeof(reply));
    if (x.out.len != 0) {
        memcpy(reply, x.out.data, x.out.len);
    }
    reply[x.out.len] = '\0';
    lookout_exchange_free(&x);
    lookout_arena_destroy(x.arena);
}


/* Sends a message; the reply is in `reply`; returns the HTTP status. */
static int
post_bytes(const char *body, size_t len)
{
    if (begin(body, len) == LOOKOUT_MCP_DEFERRED) {
        lookout_mcp_work(mcp, &x);
        lookout_mcp_end(mcp, &x);
    }
    end();
    return x.status;
}


static int
post(const char *body)
{
    return post_bytes(body, strlen(body));
}


#define HAS(text)                                                                              \
    do {                                                                                       \
        if (strstr(reply, (text)) == NULL) {                                                   \
            fail_msg("no %s in %s", (text), reply);                                            \
        }                                                                                      \
    } while (0)
#define LACKS(text) assert_null(strstr(reply, (text)))

#define META                                                                                   \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                   \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"

/* Headers of a modern call of `method` (and `name`, or NULL). */
static void
modern(const char *method, const char *name)
{
    const char *h[] = { "MCP-Protocol-Version",           "2026-07-28", "Mcp-Method", method,
                        name == NULL ? NULL : "Mcp-Name", name,         NULL };

    memcpy(sent_headers, h, sizeof(h));
}


static void
legacy(void)
{
    sent_headers[0] = NULL;
}


static int
setup(void **state)
{
    lookout_mcp_config_t config = {
        .name = "test",
        .title = "Test",
        .version = "1",
        .instructions = "Do it.",
        .surfaces = surfaces,
        .structured_content = true,
        .slice_ns = 2000000,
        .cache_bytes = 1 << 20,
    };

    (void) state;
    mcp = lookout_mcp_create(&config);
    return mcp == NULL;
}


static int
teardown(void **state)
{
    (void) state;
    lookout_mcp_destroy(mcp);
    return 0;
}


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
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_cache),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_record_meanwhile),
        cmocka_unit_test(test_batch_left),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_repeated_headers),
        cmocka_unit_test(test_rounds_of_others),
        cmocka_unit_test(test_legacy_version_header),
        cmocka_unit_test(test_no_session),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
