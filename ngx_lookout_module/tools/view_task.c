/*
 * From a task's row to what its client hears. What the row does not say of how to write the
 * result is in the task's note: the tool, and the one argument that says what comes with the
 * answer. The note also says which scopes the task is there for.
 */

#include "view_task.h"

#include "../jobs/tasks.h"
#include "envelope.h"
#include "job_scope.h"
#include "policy.h"

static const lookout_view_job_kind_t *const kinds[] = {
    &lookout_view_renders,
    &lookout_view_exports,
};


/* {"tool", and the argument that says how to answer}; and what says who may see the task, which
 * outlasts its job: the view, and the data policy ("" for all rows). */
static lookout_str_t
note_text(const lookout_view_job_t *vj)
{
    const lookout_view_job_kind_t *kind = vj->kind;
    lookout_str_t policy = lookout_policy_name(vj->call->arena, vj->query.limits);
    lookout_str_t how = LOOKOUT_STR_NONE;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    if (kind->how != NULL) {
        how = lookout_arg_str(vj->call, kind->how);
    }

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "tool");
    lookout_json_cstr(&b, lookout_job_kinds[kind->kind].tool);
    if (how.data != NULL) {
        lookout_json_key(&b, kind->how);
        lookout_json_str(&b, how);
    }
    lookout_json_key(&b, "viewId");
    lookout_json_str(&b, vj->query.view.id);
    lookout_json_key(&b, LOOKOUT_JOB_POLICY);
    lookout_json_str(&b, policy);
    lookout_json_close(&b, '}');
    b.failed = b.failed || policy.data == NULL;
    return lookout_details(vj->call->arena, &b);
}


/* The kind of job that a note is about; NULL: it is no note. */
static const lookout_view_job_kind_t *
kind_of(const cJSON *note)
{
    size_t i;
    const cJSON *tool = lookout_json_get(note, "tool");

    for (i = 0; cJSON_IsString(tool) && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(tool->valuestring, lookout_job_kinds[kinds[i]->kind].tool) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}


/* Makes the note the call's arguments, if it is one. */
static const lookout_view_job_kind_t *
read_note(lookout_call_t *call, lookout_str_t note)
{
    lookout_json_error_t problem;
    const cJSON *args = lookout_json_parse(call->arena, note, &problem);
    const lookout_view_job_kind_t *kind = kind_of(args);

    call->args = kind != NULL ? args : call->args;
    return kind;
}


/* ---- what a task is now ---- */

/* For people: "Exporting: 51200 rows so far.". */
static lookout_str_t
message_text(lookout_arena_t *arena, const lookout_view_job_kind_t *kind,
             const lookout_job_task_t *task)
{
    long long rows = task->job.rows;

    switch (task->status) {
    case LOOKOUT_JOB_TASK_WORKING:
        return rows == 0 ? lookout_arena_printf(arena, "%s.", kind->at_work)
                         : lookout_arena_printf(arena, "%s: %lld row%s so far.", kind->at_work,
                                                rows, rows == 1 ? "" : "s");
    case LOOKOUT_JOB_TASK_COMPLETED:
        return lookout_arena_printf(arena, "%s: %lld row%s.", kind->at_end, rows,
                                    rows == 1 ? "" : "s");
    case LOOKOUT_JOB_TASK_FAILED:
        return task->job.error_message;
    case LOOKOUT_JOB_TASK_CANCELLED:
    case LOOKOUT_JOB_TASK_STATUSES:
        break;
    }
    return LOOKOUT_STR("Cancelled.");
}


static int64_t
later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}


/* Fills in call->task. A job that failed is a result that was had: its task is completed. */
static lookout_code_e
show(lookout_call_t *call, const lookout_view_job_kind_t *kind, const lookout_job_task_t *task)
{
    static const lookout_task_status_e statuses[LOOKOUT_JOB_TASK_STATUSES] = {
        [LOOKOUT_JOB_TASK_WORKING] = LOOKOUT_TASK_WORKING,
        [LOOKOUT_JOB_TASK_COMPLETED] = LOOKOUT_TASK_COMPLETED,
        [LOOKOUT_JOB_TASK_FAILED] = LOOKOUT_TASK_COMPLETED,
        [LOOKOUT_JOB_TASK_CANCELLED] = LOOKOUT_TASK_CANCELLED,
    };
    const lookout_jobs_limits_t *limits = &lookout_session_settings(call->session)->file_limits;

    call->task = (lookout_task_t){
        .id = lookout_arena_copy(call->arena, lookout_str(task->id)),
        .status = statuses[task->status],
        .message = message_text(call->arena, kind, task),
        .created_at = task->created_at,
        .updated_at = later(task->created_at, later(task->ended_at, task->job.started_at)),
        .ttl_ms = lookout_jobs_task_ttl(task, limits) * 1000,
        .poll_ms = kind->look_ms,
    };
    return call->task.id.data == NULL || call->task.message.data == NULL
               ? lookout_fail_memory(&call->error)
               : LOOKOUT_OK;
}


/* What the protocol room wants to hear of a task that is not there. */
static lookout_code_e
told(lookout_call_t *call, lookout_code_e code)
{
    if (code == LOOKOUT_JOB_NOT_FOUND) {
        code = call->error.code = LOOKOUT_INVALID_INPUT;
    }
    return code;
}


/* ---- doing the work ---- */

/* The client was told of the task, so from here on the task is the answer, whatever becomes of
 * the work: who is told to stop, or cannot note its end, leaves it to whoever asks next. */
static lookout_code_e
show_worked(lookout_view_job_t *vj, lookout_job_task_t *task)
{
    lookout_call_t *call = vj->call;
    lookout_str_t id = call->task.id;
    lookout_code_e code;

    lookout_view_job_close(vj);
    code = lookout_jobs_task_get(vj->jobs, call->arena, id, task, &call->error);
    if (code == LOOKOUT_OK) {
        call->error = (lookout_error_t){ .code = LOOKOUT_OK };
        code = show(call, vj->kind, task);
    }
    return told(call, code);
}


lookout_code_e
lookout_view_task_create(lookout_view_job_t *vj, const lookout_job_request_t *request,
                         lookout_code_e compiled)
{
    lookout_call_t *call = vj->call;
    lookout_str_t note = note_text(vj);
    lookout_job_task_t task;
    lookout_code_e code;

    if (note.data == NULL) {
        return lookout_fail_memory(&call->error);
    }
    code = lookout_jobs_task_claim(vj->jobs, call->arena, request, LOOKOUT_JOBS_DO, note, &task,
                                   &call->error);
    if (code == LOOKOUT_OK) {
        code = show(call, vj->kind, &task);
    }
    if (code != LOOKOUT_OK || task.job.claim != LOOKOUT_CLAIM_MINE) {
        return code;
    }

    lookout_call_detach(call, LOOKOUT_STR_NONE);
    vj->job = task.job;
    (void) lookout_view_job_do(vj, compiled);
    return show_worked(vj, &task);
}


/* Goes on with the work of a task whose job nobody is at any more. */
static lookout_code_e
go_on(lookout_call_t *call, const lookout_view_job_kind_t *kind, lookout_job_task_t *task)
{
    const cJSON *inputs;
    lookout_view_job_t vj;
    lookout_code_e code;

    if (call->watch.slice_ns != 0) {
        return LOOKOUT_NEEDS_THREAD;
    }
    lookout_view_job_init(&vj, call, kind);
    code = lookout_jobs_task_start(vj.jobs, call->arena, call->task.id, task, &call->error);
    if (code == LOOKOUT_OK) {
        code = show(call, kind, task);
    }
    if (code != LOOKOUT_OK || task->job.claim != LOOKOUT_CLAIM_MINE) {
        return code;
    }

    lookout_call_detach(call, LOOKOUT_STR_NONE);
    vj.job = task->job;
    code = lookout_view_job_recall(&vj, &inputs);
    (void) (code == LOOKOUT_OK ? lookout_view_job_redo(&vj, inputs)
                               : lookout_view_job_do(&vj, code));
    call->watch.stopped = LOOKOUT_STOP_NONE; /* it was the work that was stopped */
    return show_worked(&vj, task);
}


/* ---- the surface's ---- */

static bool
owns(lookout_str_t id)
{
    return lookout_id_valid(id, LOOKOUT_JOB_TASK_PREFIX);
}


/* The result of the tool. */
static lookout_code_e
write_result(lookout_call_t *call, const lookout_view_job_kind_t *kind,
             const lookout_job_task_t *task)
{
    const cJSON *inputs;
    lookout_view_job_t vj;
    lookout_code_e code;

    lookout_view_job_init(&vj, call, kind);
    vj.job = task->job;
    code = lookout_view_job_recall(&vj, &inputs);
    if (code == LOOKOUT_OK) {
        code = lookout_view_job_answer(&vj, inputs);
    }
    lookout_view_job_close(&vj);
    return code;
}


static lookout_str_t
note_member(const cJSON *note, const char *name)
{
    const cJSON *item = lookout_json_get(note, name);

    return cJSON_IsString(item) ? lookout_str(item->valuestring) : LOOKOUT_STR_NONE;
}


/* What a task tells is what the tool does that makes it, and the one that asks for its job. */
static bool
may_use(const lookout_call_t *call, const cJSON *note)
{
    const lookout_view_job_kind_t *kind = kind_of(note);

    return kind == NULL || lookout_call_may(call, lookout_job_kinds[kind->kind].tool)
           || lookout_call_may(call, kind->poll);
}


/* Reads the call's task, unless its scope does not show it, or has neither of its tools: then
 * it is unknown, whatever has become of it. */
static lookout_code_e
find(lookout_call_t *call, lookout_job_task_t *task)
{
    lookout_jobs_t *jobs = lookout_session_jobs(call->session);
    lookout_json_error_t problem;
    const cJSON *note;
    bool shown = false;
    lookout_code_e code;

    code = lookout_jobs_task_get(jobs, call->arena, call->task.id, task, &call->error);
    if (code == LOOKOUT_OK) {
        note = lookout_json_parse(call->arena, task->note, &problem);
        code = lookout_job_shown(call, note_member(note, "viewId"),
                                 note_member(note, LOOKOUT_JOB_POLICY), &shown);
        shown = shown && may_use(call, note);
    }
    return (code == LOOKOUT_OK && !shown)
                   || (code == LOOKOUT_JOB_NOT_FOUND && lookout_policy_limits(call))
               ? lookout_jobs_task_unknown(jobs, call->arena, call->task.id, &call->error)
               : code;
}


static lookout_code_e
get(lookout_call_t *call)
{
    const lookout_view_job_kind_t *kind;
    lookout_job_task_t task;
    lookout_code_e code;

    code = find(call, &task);
    if (code != LOOKOUT_OK) {
        return told(call, code);
    }
    kind = read_note(call, task.note);
    if (kind == NULL) {
        return lookout_call_fail(call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                                 "What the server noted about this task cannot be read. Call "
                                 "the tool again with the same arguments.");
    }

    if (task.status == LOOKOUT_JOB_TASK_WORKING && task.job.abandoned) {
        code = go_on(call, kind, &task);
    }
    if (code == LOOKOUT_OK) {
        code = show(call, kind, &task);
    }
    if (code == LOOKOUT_OK && call->task.status == LOOKOUT_TASK_COMPLETED) {
        code = write_result(call, kind, &task);
    }
    return told(call, code);
}


static lookout_code_e
cancel(lookout_call_t *call)
{
    lookout_jobs_t *jobs = lookout_session_jobs(call->session);
    lookout_job_task_t task;
    lookout_code_e code = find(call, &task);

    if (code == LOOKOUT_OK) {
        code = lookout_jobs_task_cancel(jobs, call->arena, call->task.id, &task, &call->error);
    }
    return told(call, code);
}


const lookout_tasks_t lookout_view_tasks = {
    .owns = owns,
    .get = get,
    .cancel = cancel,
};
