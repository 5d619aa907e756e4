/*
 * A server over a table of test tools, without a web server and without any BI: messages go in,
 * replies come out. What the tests of the MCP room's exchanges share; one test file is one
 * program, so the state is its own.
 */

#ifndef MCP_FIXTURE_H
#define MCP_FIXTURE_H

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
static inline lookout_code_e
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


static inline lookout_code_e
run_heavy(lookout_call_t *call)
{
    if (call->watch.slice_ns != 0) {
        return LOOKOUT_NEEDS_THREAD;
    }
    lookout_buf_puts(call->out, "{\"heavy\":true}");
    return LOOKOUT_OK;
}


static inline lookout_code_e
run_fail(lookout_call_t *call)
{
    lookout_buf_puts(call->out, "{\"half\":");
    return lookout_call_fail(call, LOOKOUT_VIEW_NOT_FOUND, LOOKOUT_STR("{\"viewId\":\"x\"}"),
                             "There is no \"%s\".", "x");
}


/* Asks nothing, and wants to be called again. */
static inline lookout_code_e
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

static const lookout_tool_t fixture_tools[] = {
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
static const lookout_surface_t surface = { .tools = fixture_tools };
static const lookout_surface_t *const surfaces[] = { &surface, NULL };

static const char heavy[] = "{\"jsonrpc\":\"2.0\",\"id\":\"h\",\"method\":\"tools/call\","
                            "\"params\":{\"name\":\"heavy\"}}";

static lookout_mcp_t *mcp;
static lookout_exchange_t x;
static struct lookout_session_s session;
static char reply[65536];
static const char *sent_headers[16]; /* name, value, ..., NULL */


static inline lookout_str_t
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


static inline lookout_mcp_step_e
begin(const char *body, size_t len)
{
    x = (lookout_exchange_t){ .arena = lookout_arena_create(),
                              .body = { body, len },
                              .headers = { header, sent_headers },
                              .session = &session };
    assert_non_null(x.arena);
    return lookout_mcp_begin(mcp, &x);
}


static inline void
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
static inline int
post_bytes(const char *body, size_t len)
{
    if (begin(body, len) == LOOKOUT_MCP_DEFERRED) {
        lookout_mcp_work(mcp, &x);
        lookout_mcp_end(mcp, &x);
    }
    end();
    return x.status;
}


static inline int
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
static inline void
modern(const char *method, const char *name)
{
    const char *h[] = { "MCP-Protocol-Version",           "2026-07-28", "Mcp-Method", method,
                        name == NULL ? NULL : "Mcp-Name", name,         NULL };

    memcpy(sent_headers, h, sizeof(h));
}


static inline void
legacy(void)
{
    sent_headers[0] = NULL;
}


static inline int
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


static inline int
teardown(void **state)
{
    (void) state;
    lookout_mcp_destroy(mcp);
    return 0;
}

#endif
