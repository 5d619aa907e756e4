/*
 * Tasks in the MCP room, over a surface whose tasks end as their ids say: who gets one, what
 * becomes of it, and what a client is told that cannot have one.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "mcp/server.h"

static char cancelled[64]; /* the id that was cancelled last */


/* A task that is called as the tool's argument says. */
static lookout_code_e
run_start(lookout_call_t *call)
{
    if (!call->as_task) {
        lookout_buf_puts(call->out, "{\"done\":true}");
        return LOOKOUT_OK;
    }
    call->task = (lookout_task_t){ .id = lookout_arg_str(call, "id"),
                                   .status = LOOKOUT_TASK_WORKING,
                                   .created_at = 1,
                                   .updated_at = 1,
                                   .ttl_ms = -1,
                                   .poll_ms = 500 };
    return LOOKOUT_OK;
}


static bool
task_owns(lookout_str_t id)
{
    return id.len > 2 && memcmp(id.data, "t-", 2) == 0;
}


static lookout_code_e
task_get(lookout_call_t *call)
{
    lookout_task_t *task = &call->task;

    task->created_at = task->updated_at = 1;
    task->ttl_ms = 60000;
    task->poll_ms = 500;
    if (lookout_str_is(task->id, "t-done")) {
        task->status = LOOKOUT_TASK_COMPLETED;
        lookout_buf_puts(call->out, "{\"done\":true}");
    } else if (lookout_str_is(task->id, "t-error")) {
        task->status = LOOKOUT_TASK_COMPLETED;
        lookout_buf_puts(call->out, "{\"half\":");
        (void) lookout_call_fail(call, LOOKOUT_VIEW_NOT_FOUND, LOOKOUT_STR("{\"viewId\":1}"),
                                 "No such view.");
    } else if (lookout_str_is(task->id, "t-failed")) {
        task->status = LOOKOUT_TASK_FAILED;
        (void) lookout_call_fail(call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                                 "The disk is full.");
    } else if (!lookout_str_is(task->id, "t-works")) {
        return lookout_call_fail(call, LOOKOUT_INVALID_INPUT, LOOKOUT_STR_NONE, "No.");
    }
    return LOOKOUT_OK;
}


static lookout_code_e
task_cancel(lookout_call_t *call)
{
    (void) snprintf(cancelled, sizeof(cancelled), "%.*s", LOOKOUT_STR_ARG(call->task.id));
    return task_get(call);
}


static const lookout_schema_t start_in[] = {
    { .name = "id", .kind = LOOKOUT_SCHEMA_STRING, .required = true }, { 0 }
};
static const lookout_tool_t tools[] = { { .name = "maybe",
                                          .title = "Maybe",
                                          .description = "A task for who can take one.",
                                          .input = start_in,
                                          .as_task = true,
                                          .run = run_start },
                                        { .name = "only",
                                          .title = "Only",
                                          .description = "A task, or nothing.",
                                          .input = start_in,
                                          .as_task = true,
                                          .task_only = true,
                                          .run = run_start },
                                        { 0 } };
static const lookout_tasks_t tasks = { task_owns, task_get, task_cancel };
static const lookout_surface_t surface = { .tools = tools, .tasks = &tasks };
static const lookout_surface_t *const surfaces[] = { &surface, NULL };

static lookout_mcp_t *mcp;
static char reply[4096];
static const char *headers[8]; /* name, value, ..., NULL */


static lookout_str_t
header(void *data, const char *name)
{
    const char **h = data;

    for (; *h != NULL; h += 2) {
        if (strcasecmp(h[0], name) == 0) {
            return lookout_str(h[1]);
        }
    }
    return LOOKOUT_STR_NONE;
}


/* Sends a message; the reply is in `reply`; returns the HTTP status. */
static int
post(const char *body)
{
    lookout_exchange_t x = { .arena = lookout_arena_create(),
                             .body = lookout_str(body),
                             .headers = { header, headers } };

    assert_non_null(x.arena);
    assert_int_equal(lookout_mcp_begin(mcp, &x), LOOKOUT_MCP_DONE);
    assert_true(x.out.len < sizeof(reply));
    memcpy(reply, x.out.data, x.out.len);
    reply[x.out.len] = '\0';
    lookout_exchange_free(&x);
    lookout_arena_destroy(x.arena);
    return x.status;
}


/* A modern request; `extensions` is what the client declares of them. */
static int
ask(const char *method, const char *name, const char *params, const char *extensions)
{
    char body[1024];
    const char *h[] = {
        "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", method, "Mcp-Name", name, NULL
    };

    memcpy(headers, h, sizeof(h));
    (void) snprintf(body, sizeof(body),
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{%s,\"_meta\":{"
                    "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                    "\"io.modelcontextprotocol/clientCapabilities\":{\"extensions\":{%s}}}}}",
                    method, params, extensions);
    return post(body);
}


#define TASKS "\"io.modelcontextprotocol/tasks\":{}"
#define CALL(tool) "\"name\":\"" tool "\",\"arguments\":{\"id\":\"t-works\"}"

#define HAS(text)                                                                              \
    do {                                                                                       \
        if (strstr(reply, (text)) == NULL) {                                                   \
            fail_msg("no %s in %s", (text), reply);                                            \
        }                                                                                      \
    } while (0)
#define LACKS(text) assert_null(strstr(reply, (text)))


static int
setup(void **state)
{
    lookout_mcp_config_t config = { .name = "test",
                                    .title = "Test",
                                    .version = "1",
                                    .instructions = "Do it.",
                                    .surfaces = surfaces,
                                    .structured_content = true,
                                    .slice_ns = 2000000 };

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
test_who_gets_a_task(void **state)
{
    (void) state;

    assert_int_equal(ask("tools/call", "maybe", CALL("maybe"), TASKS), 200);
    HAS("\"resultType\":\"task\"");
    HAS("\"taskId\":\"t-works\",\"status\":\"working\"");
    HAS("\"createdAt\":\"1970-01-01T00:00:01Z\"");
    HAS("\"ttlMs\":null,\"pollIntervalMs\":500");
    LACKS("\"content\"");

    assert_int_equal(ask("tools/call", "maybe", CALL("maybe"), ""), 200);
    HAS("\"structuredContent\":{\"done\":true}");
    HAS("\"resultType\":\"complete\"");
    LACKS("taskId");
}


static void
test_task_only(void **state)
{
    (void) state;

    assert_int_equal(ask("tools/call", "only", CALL("only"), TASKS), 200);
    HAS("\"resultType\":\"task\"");

    assert_int_equal(ask("tools/call", "only", CALL("only"), ""), 400);
    HAS("\"code\":-32021");
    HAS("\"data\":{\"requiredCapabilities\":{\"extensions\":{" TASKS "}}}");

    headers[0] = NULL;
    assert_int_equal(post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
                          "\"params\":{" CALL("only") "}}"),
                     200);
    HAS("\"code\":-32600");
    HAS("only revision 2026-07-28 has tasks");
}


static void
test_get(void **state)
{
    (void) state;

    assert_int_equal(ask("tasks/get", "t-works", "\"taskId\":\"t-works\"", TASKS), 200);
    HAS("\"status\":\"working\"");
    HAS("\"resultType\":\"complete\"");
    LACKS("\"result\":{\"content\"");

    ask("tasks/get", "t-done", "\"taskId\":\"t-done\"", TASKS);
    HAS("\"status\":\"completed\"");
    HAS("\"ttlMs\":60000,\"result\":{\"content\":[");
    HAS("\"structuredContent\":{\"done\":true},\"isError\":false,\"resultType\":\"complete\"}");
    LACKS("pollIntervalMs");

    ask("tasks/get", "t-error", "\"taskId\":\"t-error\"", TASKS);
    HAS("\"status\":\"completed\"");
    HAS("\"result\":{\"content\":[{\"type\":\"text\",\"text\":"
        "\"{\\\"error\\\":{\\\"code\\\":\\\"VIEW_NOT_FOUND\\\"");
    HAS("\"isError\":true,\"resultType\":\"complete\"}");
    LACKS("half");

    ask("tasks/get", "t-failed", "\"taskId\":\"t-failed\"", TASKS);
    HAS("\"status\":\"failed\"");
    HAS("\"error\":{\"code\":-32603,\"message\":\"The disk is full.\","
        "\"data\":{\"code\":\"INTERNAL_ERROR\",\"details\":{}}}");
    LACKS("isError");
}


static void
test_unknown(void **state)
{
    size_t i;
    static const char *const methods[] = { "tasks/get", "tasks/update", "tasks/cancel" };

    (void) state;
    for (i = 0; i < 3; i++) {
        assert_int_equal(ask(methods[i], "t-x", "\"taskId\":\"t-x\"", TASKS), 200);
        HAS("\"code\":-32602");
        HAS("\"data\":{\"taskId\":\"t-x\"}");

        assert_int_equal(ask(methods[i], "other", "\"taskId\":\"other\"", TASKS), 200);
        HAS("Task not found");

        assert_int_equal(ask(methods[i], "t-done", "\"taskId\":\"t-done\"", ""), 400);
        HAS("\"code\":-32021");
    }
    assert_int_equal(ask("tasks/list", "x", "\"taskId\":\"x\"", TASKS), 404);
    HAS("\"code\":-32601");
}


static void
test_update_and_cancel(void **state)
{
    (void) state;

    ask("tasks/update", "t-works", "\"taskId\":\"t-works\",\"inputResponses\":{\"k\":{}}",
        TASKS);
    HAS("\"result\":{\"resultType\":\"complete\"");
    LACKS("status");

    ask("tasks/cancel", "t-works", "\"taskId\":\"t-works\"", TASKS);
    HAS("\"result\":{\"resultType\":\"complete\"");
    assert_string_equal(cancelled, "t-works");
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_gets_a_task),
        cmocka_unit_test(test_task_only),
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_update_and_cancel),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
