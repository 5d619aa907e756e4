/*
 * The tools that answer with a task. Such a task is no more than its id, which says what it is,
 * since when and for how long, so that its state follows from the clock:
 *
 *     conformance.<kind>.<start, s>.<duration, s>.<a random number>.<a name, base64url>
 *
 * Only a cancelled one has to be remembered. That is done in the process, so the suite runs
 * against a server with one worker.
 */

#include "conformance.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"

#define TASKS_PREFIX "conformance."
#define TASKS_TTL 600 /* s */
#define TASKS_POLL_MS 100
#define TASKS_ID_SIZE 128
#define TASKS_CANCELLED 64 /* that are remembered: the last ones */

typedef enum { TASK_COMPUTE, TASK_FAILING, TASK_BROKEN, TASK_NAMED, TASK_KINDS } task_kind_e;

/* What an id says. */
typedef struct {
    int64_t kind; /* task_kind_e */
    int64_t start;
    int64_t duration;
    lookout_str_t name;
} task_parts_t;

static struct {
    pthread_mutex_t lock;
    size_t n; /* noted so far */
    struct {
        char id[TASKS_ID_SIZE];
        int64_t at;
    } rows[TASKS_CANCELLED];
} tasks_cancelled = { .lock = PTHREAD_MUTEX_INITIALIZER };


static bool
tasks_owns(lookout_str_t id)
{
    size_t len = sizeof(TASKS_PREFIX) - 1;

    return id.len > len && id.len < TASKS_ID_SIZE && memcmp(id.data, TASKS_PREFIX, len) == 0;
}


/* Answers with a new task. */
static lookout_code_e
tasks_start(lookout_call_t *call, task_kind_e kind, int64_t duration, lookout_str_t name)
{
    int64_t now = lookout_now();
    uint32_t nonce = 0;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    (void) lookout_random(&nonce, sizeof(nonce));
    lookout_buf_printf(&b, TASKS_PREFIX "%d.%" PRId64 ".%" PRId64 ".%" PRIu32 ".", (int) kind,
                       now, duration, nonce);
    lookout_base64url(&b, name.data, name.len);

    call->task = (lookout_task_t){
        .id =
            b.failed ? LOOKOUT_STR_NONE : lookout_arena_copy(call->arena, lookout_buf_text(&b)),
        .status = LOOKOUT_TASK_WORKING,
        .created_at = now,
        .updated_at = now,
        .ttl_ms = TASKS_TTL * 1000,
        .poll_ms = TASKS_POLL_MS,
    };
    lookout_buf_free(&b);

    if (call->task.id.data == NULL) {
        return lookout_fail_memory(&call->error);
    }
    return call->task.id.len < TASKS_ID_SIZE
               ? LOOKOUT_OK
               : lookout_call_fail(call, LOOKOUT_INVALID_INPUT, LOOKOUT_STR_NONE,
                                   "The name is too long to be part of a task's id.");
}


/* A number and the dot behind it; false: there is none. */
static bool
tasks_number(const char **at, int64_t *value)
{
    char *end;

    *value = strtoll(*at, &end, 10);
    if (end == *at || *end != '.' || *value < 0) {
        return false;
    }
    *at = end + 1;
    return true;
}


static bool
tasks_parse(lookout_call_t *call, task_parts_t *parts)
{
    int n;
    int64_t nonce, now = lookout_now();
    const char *at;
    uint8_t *name = lookout_arena_alloc(call->arena, TASKS_ID_SIZE);
    lookout_str_t id = lookout_arena_copy(call->arena, call->task.id);

    if (id.data == NULL || name == NULL) {
        return false;
    }
    at = id.data + sizeof(TASKS_PREFIX) - 1;
    if (!tasks_number(&at, &parts->kind) || parts->kind >= TASK_KINDS
        || !tasks_number(&at, &parts->start) || !tasks_number(&at, &parts->duration)
        || !tasks_number(&at, &nonce) || parts->start > now
        || parts->start + TASKS_TTL <= now) {
        return false;
    }

    n = lookout_base64url_decode(lookout_str(at), name, TASKS_ID_SIZE);
    parts->name = (lookout_str_t){ (const char *) name, n < 0 ? 0 : (size_t) n };
    return n >= 0;
}


/* When it was cancelled; 0: it was not. */
static int64_t
tasks_cancelled_at(lookout_str_t id)
{
    size_t i;
    int64_t at = 0;

    (void) pthread_mutex_lock(&tasks_cancelled.lock);
    for (i = 0; i < TASKS_CANCELLED && at == 0; i++) {
        if (lookout_str_is(id, tasks_cancelled.rows[i].id)) {
            at = tasks_cancelled.rows[i].at;
        }
    }
    (void) pthread_mutex_unlock(&tasks_cancelled.lock);
    return at;
}


/* What a task that has come to its end ended with. */
static void
tasks_end(lookout_call_t *call, const task_parts_t *parts)
{
    call->task.status =
        parts->kind == TASK_BROKEN ? LOOKOUT_TASK_FAILED : LOOKOUT_TASK_COMPLETED;

    switch (parts->kind) {
    case TASK_COMPUTE:
        (void) lookout_conformance_say(call, "Computed.");
        break;

    case TASK_NAMED:
        (void) lookout_conformance_say(call, "Worked for %.*s.", LOOKOUT_STR_ARG(parts->name));
        break;

    default:
        (void) lookout_call_fail(call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                                 "This job was made to end in an error.");
    }
}


static lookout_code_e
tasks_get(lookout_call_t *call)
{
    int64_t now = lookout_now();
    lookout_task_t *task = &call->task;
    task_parts_t parts;

    if (!tasks_parse(call, &parts)) {
        return lookout_call_fail(call, LOOKOUT_INVALID_INPUT, LOOKOUT_STR_NONE,
                                 "There is no such task.");
    }

    task->created_at = parts.start;
    task->ttl_ms = TASKS_TTL * 1000;
    task->poll_ms = TASKS_POLL_MS;
    task->updated_at = tasks_cancelled_at(task->id);

    if (task->updated_at != 0) {
        task->status = LOOKOUT_TASK_CANCELLED;
    } else if (now < parts.start + parts.duration) {
        task->status = LOOKOUT_TASK_WORKING;
        task->updated_at = parts.start;
    } else {
        task->updated_at = parts.start + parts.duration;
        tasks_end(call, &parts);
    }
    return LOOKOUT_OK;
}


static lookout_code_e
tasks_cancel(lookout_call_t *call)
{
    size_t i;
    lookout_code_e code = tasks_get(call);

    call->error.code = LOOKOUT_OK;
    if (code != LOOKOUT_OK) {
        return code;
    }
    if (call->task.status == LOOKOUT_TASK_WORKING) {
        (void) pthread_mutex_lock(&tasks_cancelled.lock);
        i = tasks_cancelled.n++ % TASKS_CANCELLED;
        memcpy(tasks_cancelled.rows[i].id, call->task.id.data, call->task.id.len);
        tasks_cancelled.rows[i].id[call->task.id.len] = '\0';
        tasks_cancelled.rows[i].at = lookout_now();
        (void) pthread_mutex_unlock(&tasks_cancelled.lock);
    }
    return LOOKOUT_OK;
}


const lookout_tasks_t lookout_conformance_tasks = {
    .owns = tasks_owns,
    .get = tasks_get,
    .cancel = tasks_cancel,
};


lookout_code_e
lookout_conformance_compute(lookout_call_t *call)
{
    int64_t seconds = lookout_arg_int(call, "seconds", 0);

    if (call->as_task && seconds > 0) {
        return tasks_start(call, TASK_COMPUTE, seconds, LOOKOUT_STR(""));
    }
    if (seconds > 0 && call->watch.slice_ns != 0) {
        return LOOKOUT_NEEDS_THREAD;
    }
    lookout_conformance_sleep(seconds * 1000);
    return lookout_conformance_say(call, "Computed.");
}


lookout_code_e
lookout_conformance_failing(lookout_call_t *call)
{
    return tasks_start(call, TASK_FAILING, 1, LOOKOUT_STR(""));
}


lookout_code_e
lookout_conformance_broken(lookout_call_t *call)
{
    return tasks_start(call, TASK_BROKEN, 1, LOOKOUT_STR(""));
}


lookout_code_e
lookout_conformance_named(lookout_call_t *call)
{
    lookout_str_t name = lookout_conformance_answer(call, "user_name", "name");

    return name.data == NULL ? lookout_conformance_name(call)
                             : tasks_start(call, TASK_NAMED, 1, name);
}
