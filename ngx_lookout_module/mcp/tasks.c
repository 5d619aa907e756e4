/*
 * Tasks (extension io.modelcontextprotocol/tasks, 2026-07-28): a tool's answer as a handle that
 * the client asks for later. Which tools give one, and what becomes of it, is the surfaces'
 * affair (lookout_tasks_t); this file finds the surface whose task an id is, and writes what the
 * protocol wants to hear. No task here ever waits for input: tasks/update is acknowledged, and
 * its answers, which nobody asked for, are dropped as the protocol has it.
 */

#include "server_private.h"

#include "../base/clock.h"


static const char *const task_statuses[] = {
    [LOOKOUT_TASK_WORKING] = "working",
    [LOOKOUT_TASK_COMPLETED] = "completed",
    [LOOKOUT_TASK_FAILED] = "failed",
    [LOOKOUT_TASK_CANCELLED] = "cancelled",
};


static void
task_time(lookout_buf_t *b, const char *key, int64_t seconds)
{
    char text[LOOKOUT_ISO8601_SIZE];

    lookout_iso8601(text, seconds);
    lookout_json_key(b, key);
    lookout_json_cstr(b, text);
}


static void
task_json(lookout_buf_t *b, const lookout_task_t *task)
{
    lookout_json_key(b, "taskId");
    lookout_json_str(b, task->id);
    lookout_json_key(b, "status");
    lookout_json_cstr(b, task_statuses[task->status]);
    if (task->message.data != NULL) {
        lookout_json_key(b, "statusMessage");
        lookout_json_str(b, task->message);
    }
    task_time(b, "createdAt", task->created_at);
    task_time(b, "lastUpdatedAt", task->updated_at);
    lookout_json_key(b, "ttlMs");
    if (task->ttl_ms < 0) {
        lookout_json_null(b);
    } else {
        lookout_json_int(b, task->ttl_ms);
    }
    if (task->status == LOOKOUT_TASK_WORKING) {
        lookout_json_key(b, "pollIntervalMs");
        lookout_json_int(b, task->poll_ms);
    }
}


bool
lookout_call_is_task(const lookout_call_t *call)
{
    return call->as_task && call->task.id.data != NULL;
}


void
lookout_task_reply(const lookout_mcp_t *mcp, const lookout_exchange_t *exchange,
                   lookout_buf_t *b)
{
    lookout_result_begin(exchange, b);
    if (exchange->turn.kind == &lookout_kind_tool
        || exchange->turn.kind == &lookout_kind_task) {
        task_json(b, &exchange->call.task);
    }
    lookout_result_end(mcp, exchange, b,
                       exchange->turn.kind == &lookout_kind_tool ? "task" : "complete");
}


bool
lookout_tasks_refuse(const lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    if (!exchange->modern || exchange->batch) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_REQUEST,
                              LOOKOUT_STR("This tool answers with a task; only revision " //
                                          LOOKOUT_REVISION_MODERN " has tasks, with the "
                                          "extension " LOOKOUT_EXTENSION_TASKS),
                              LOOKOUT_STR_NONE);
    }
    return lookout_refuse(
        refusal, 400, LOOKOUT_RPC_MISSING_CAPABILITY,
        LOOKOUT_STR("Missing required client capability: tasks need the extension "
                    "\"" LOOKOUT_EXTENSION_TASKS "\" in clientCapabilities.extensions"),
        LOOKOUT_STR("{\"requiredCapabilities\":{\"extensions\":{\"" LOOKOUT_EXTENSION_TASKS
                    "\":{}}}}"));
}


/* There is no such task. `details` is a JSON object, or {NULL, 0}. */
static bool
task_unknown(lookout_exchange_t *exchange, lookout_str_t message, lookout_str_t details,
             lookout_refusal_t *refusal)
{
    lookout_buf_t data = LOOKOUT_BUF_INIT;

    if (details.data == NULL) {
        lookout_json_open(&data, '{');
        lookout_json_key(&data, "taskId");
        lookout_json_str(&data, lookout_shown(exchange->call.task.id));
        lookout_json_close(&data, '}');
        details = lookout_arena_copy(exchange->arena, lookout_buf_text(&data));
        lookout_buf_free(&data);
    }
    return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS, message, details);
}


static bool
task_target(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    const cJSON *id = lookout_json_get(exchange->message.params, "taskId");
    const lookout_surface_t *const *set;

    if (!lookout_client_extension(exchange, LOOKOUT_EXTENSION_TASKS)) {
        return lookout_tasks_refuse(exchange, refusal);
    }
    if (!cJSON_IsString(id)) {
        return lookout_refuse(
            refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
            LOOKOUT_STR("Invalid params: params.taskId must be the task's id, "
                        "a text"),
            LOOKOUT_STR_NONE);
    }

    exchange->call.as_task = true;
    exchange->call.task.id = lookout_str(id->valuestring);
    for (set = mcp->config.surfaces; *set != NULL; set++) {
        if ((*set)->tasks != NULL && (*set)->tasks->owns(exchange->call.task.id)) {
            exchange->turn.tasks = (*set)->tasks;
            return true;
        }
    }
    return task_unknown(exchange,
                        LOOKOUT_STR("Task not found: it never was, or it has expired; send the "
                                    "tools/call again"),
                        LOOKOUT_STR_NONE, refusal);
}


/* INVALID_INPUT of the surface means: there is no such task. */
static void
task_failed(lookout_exchange_t *exchange, lookout_code_e code)
{
    lookout_refusal_t refusal;
    const lookout_error_t *error = &exchange->call.error;

    if (code == LOOKOUT_INVALID_INPUT) {
        task_unknown(exchange, error->message, error->details, &refusal);
        lookout_request_refuse(exchange, &refusal);
    } else {
        lookout_request_error(exchange);
    }
}


static lookout_code_e
task_get_run(lookout_exchange_t *exchange)
{
    exchange->call.task = (lookout_task_t){ .id = exchange->call.task.id, .ttl_ms = -1 };
    return exchange->turn.tasks->get(&exchange->call);
}


/* What a completed task ended with: the tool's result, or its error. */
static void
task_result_json(const lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    lookout_buf_t *b = &exchange->out;
    bool is_error = exchange->call.error.code != LOOKOUT_OK;

    if (is_error) {
        lookout_buf_reset(&exchange->result);
        lookout_call_error_json(&exchange->result, &exchange->call.error);
    }
    lookout_json_key(b, "result");
    lookout_json_open(b, '{');
    lookout_call_result(b, mcp, exchange, lookout_buf_text(&exchange->result), is_error);
    lookout_json_key(b, "resultType"); /* it is one by itself, and clients check it as one */
    lookout_json_cstr(b, "complete");
    lookout_json_close(b, '}');
    b->failed |= exchange->result.failed;
}


/* What a failed task ended with: a JSON-RPC error. */
static void
task_error_json(lookout_buf_t *b, const lookout_error_t *error)
{
    lookout_json_key(b, "error");
    lookout_json_open(b, '{');
    lookout_json_key(b, "code");
    lookout_json_int(b, LOOKOUT_RPC_INTERNAL_ERROR);
    lookout_json_key(b, "message");
    lookout_json_str(b, error->message);
    lookout_json_key(b, "data");
    lookout_json_open(b, '{');
    lookout_error_members(b, error, false);
    lookout_json_close(b, '}');
    lookout_json_close(b, '}');
}


static void
task_get_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    if (code != LOOKOUT_OK) {
        task_failed(exchange, code);
        return;
    }

    lookout_result_begin(exchange, &exchange->out);
    task_json(&exchange->out, &exchange->call.task);
    if (exchange->call.task.status == LOOKOUT_TASK_COMPLETED) {
        task_result_json(mcp, exchange);
    } else if (exchange->call.task.status == LOOKOUT_TASK_FAILED) {
        task_error_json(&exchange->out, &exchange->call.error);
    }
    lookout_result_end(mcp, exchange, &exchange->out, "complete");
}


const lookout_kind_t lookout_kind_task = {
    .target = task_target,
    .run = task_get_run,
    .reply = task_get_reply,
};


/* The empty result that acknowledges. */
static void
task_ack(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    if (code != LOOKOUT_OK) {
        task_failed(exchange, code);
        return;
    }
    lookout_result_begin(exchange, &exchange->out);
    lookout_result_end(mcp, exchange, &exchange->out, "complete");
}


const lookout_kind_t lookout_kind_task_update = {
    .target = task_target,
    .run = task_get_run,
    .reply = task_ack,
};


static lookout_code_e
task_stop_run(lookout_exchange_t *exchange)
{
    return exchange->turn.tasks->cancel(&exchange->call);
}


const lookout_kind_t lookout_kind_task_stop = {
    .target = task_target,
    .run = task_stop_run,
    .reply = task_ack,
};
