/*
 * Unit tests of tasks: who may cancel what, how work that nobody wants any more ends, what a
 * task says afterwards, and claims that race with cancellations in other processes.
 */

#include "jobs_fixture.h"

#include "../../ngx_lookout_module/jobs/private.h"

#define EXPORT LOOKOUT_JOB_EXPORT
#define RENDER LOOKOUT_JOB_RENDER
#define NOTE "{\"tool\":\"create_view_render\",\"inline\":\"none\"}"
#define WEEK 604800

static lookout_jobs_t *jobs, *loop;


static int
setup(void **state)
{
    assert_int_equal(fixture_setup(state), 0);
    jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    loop = lookout_jobs_create(&settings, LOOKOUT_JOBS_LOOP);
    assert_non_null(jobs);
    assert_non_null(loop);
    return 0;
}


static int
teardown(void **state)
{
    lookout_jobs_destroy(jobs);
    lookout_jobs_destroy(loop);
    return fixture_teardown(state);
}


static lookout_job_task_t
open_task(lookout_job_kind_e kind, const char *what, lookout_claim_e expected)
{
    lookout_job_request_t request = request_of(kind, what);
    lookout_job_task_t task;

    assert_int_equal(lookout_jobs_task_claim(jobs, arena, &request, LOOKOUT_JOBS_DO,
                                             LOOKOUT_STR(NOTE), &task, &error),
                     LOOKOUT_OK);
    assert_int_equal(task.job.claim, expected);
    assert_int_equal(task.status,
                     expected == LOOKOUT_CLAIM_FINISHED ? LOOKOUT_JOB_TASK_COMPLETED
                     : expected == LOOKOUT_CLAIM_FAILED ? LOOKOUT_JOB_TASK_FAILED
                                                        : LOOKOUT_JOB_TASK_WORKING);
    assert_int_equal(task.ended_at != 0, task.status != LOOKOUT_JOB_TASK_WORKING);
    return task;
}


/* Reads a task, on the event loop. */
static lookout_job_task_t
look_up(const lookout_job_task_t *task, lookout_job_task_status_e expected)
{
    lookout_job_task_t now;

    assert_int_equal(lookout_jobs_task_get(loop, arena, lookout_str(task->id), &now, &error),
                     LOOKOUT_OK);
    assert_int_equal(now.status, expected);
    assert_string_equal(now.id, task->id);
    assert_int_equal(now.ended_at != 0, expected != LOOKOUT_JOB_TASK_WORKING);
    return now;
}


static void
cancel(const lookout_job_task_t *task, lookout_job_task_status_e expected)
{
    lookout_job_task_t now;

    assert_int_equal(lookout_jobs_task_cancel(jobs, arena, lookout_str(task->id), &now, &error),
                     LOOKOUT_OK);
    assert_int_equal(now.status, expected);
    (void) look_up(task, expected);
}


static void
assert_gone(lookout_str_t id, const char *reason)
{
    lookout_job_task_t now;
    lookout_code_e (*const calls[])(lookout_jobs_t *, lookout_arena_t *, lookout_str_t,
                                    lookout_job_task_t *, lookout_error_t *) = {
        lookout_jobs_task_get, lookout_jobs_task_start, lookout_jobs_task_cancel
    };

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        assert_int_equal(calls[i](loop, arena, id, &now, &error), LOOKOUT_JOB_NOT_FOUND);
        assert_non_null(strstr(error.details.data, reason));
        assert_int_equal(strstr(error.details.data, "taskId") != NULL,
                         strcmp(reason, "malformed") != 0);
    }
}


/* Is the job still its owner's, as the owner is told when it asks? */
static bool
goes_on(lookout_job_t *job)
{
    job->told_ns = 0; /* it asked a while ago */
    return lookout_jobs_progress(jobs, job, 7);
}


static lookout_job_t
get_job(const char *id)
{
    lookout_job_t job;

    assert_int_equal(lookout_jobs_get(loop, arena, EXPORT, lookout_str(id), &job, &error),
                     LOOKOUT_OK);
    return job;
}


/* ---- a task's life ---- */

static void
test_life(void **state)
{
    lookout_job_request_t request = request_of(RENDER, "x");
    lookout_job_task_t task, now, second;

    (void) state;
    assert_int_equal(lookout_jobs_task_claim(loop, arena, &request, LOOKOUT_JOBS_DO,
                                             LOOKOUT_STR(NOTE), &task, &error),
                     LOOKOUT_NEEDS_THREAD);
    task = open_task(RENDER, "x", LOOKOUT_CLAIM_MINE);
    assert_true(lookout_id_valid(lookout_str(task.id), "task_"));
    now = look_up(&task, LOOKOUT_JOB_TASK_WORKING);
    assert_string_equal(now.note.data, NOTE);
    assert_string_equal(now.job.id, task.job.id);
    assert_int_equal(now.job.status, LOOKOUT_JOB_RUNNING);
    assert_int_equal(now.created_at, task.created_at);

    second = open_task(RENDER, "x", LOOKOUT_CLAIM_BUSY);
    assert_string_equal(second.job.id, task.job.id);
    assert_string_not_equal(second.id, task.id);

    assert_int_equal(work(jobs, &task.job, 10), LOOKOUT_OK);
    now = look_up(&task, LOOKOUT_JOB_TASK_COMPLETED);
    assert_int_equal(now.job.status, LOOKOUT_JOB_DONE);
    assert_int_equal(now.job.rows, 10);
    assert_int_equal(now.ended_at, now.job.completed_at);
    (void) look_up(&second, LOOKOUT_JOB_TASK_COMPLETED);

    /* What is finished has a task that has ended as well. */
    assert_int_equal(lookout_jobs_task_claim(loop, arena, &request, LOOKOUT_JOBS_DO,
                                             LOOKOUT_STR(NOTE), &task, &error),
                     LOOKOUT_NEEDS_THREAD);
    (void) sql("UPDATE job SET completed_at = completed_at - 10");
    task = open_task(RENDER, "x", LOOKOUT_CLAIM_FINISHED);
    now = look_up(&task, LOOKOUT_JOB_TASK_COMPLETED);
    assert_int_equal(now.ended_at, now.job.completed_at);
    assert_int_equal(now.ended_at, task.ended_at);
    assert_true(now.created_at > now.ended_at);
    assert_string_equal(now.note.data, NOTE);
    cancel(&task, LOOKOUT_JOB_TASK_COMPLETED);
    assert_int_equal(sql("SELECT count(*) FROM task"), 3);
}


/* Of what has ended, equal requests get one task: it is there for long enough, and nobody can
 * change it. */
static void
test_equal(void **state)
{
    lookout_job_request_t request = request_of(EXPORT, "x");
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE), now;
    lookout_job_task_t cancelled = open_task(EXPORT, "x", LOOKOUT_CLAIM_BUSY);

    (void) state;
    cancel(&cancelled, LOOKOUT_JOB_TASK_CANCELLED);
    assert_int_equal(work(jobs, &first.job, 10), LOOKOUT_OK);
    (void) sql("UPDATE task SET created_at = created_at - 1000");
    for (int i = 0; i < 3; i++) {
        now = open_task(EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
        assert_string_equal(now.id, first.id);
        assert_int_equal(now.created_at, first.created_at - 1000);
        assert_int_equal(now.created_at, look_up(&now, LOOKOUT_JOB_TASK_COMPLETED).created_at);
    }
    assert_int_equal(sql("SELECT count(*) FROM task"), 2);

    /* Answered in another way. */
    assert_int_equal(lookout_jobs_task_claim(jobs, arena, &request, LOOKOUT_JOBS_DO,
                                             LOOKOUT_STR("{}"), &now, &error),
                     LOOKOUT_OK);
    assert_string_not_equal(now.id, first.id);
    assert_string_equal(look_up(&now, LOOKOUT_JOB_TASK_COMPLETED).note.data, "{}");
    assert_string_equal(open_task(EXPORT, "x", LOOKOUT_CLAIM_FINISHED).id, first.id);

    /* One that is soon forgotten is given to nobody any more. */
    (void) sql("UPDATE task SET created_at = created_at - 302400");
    now = open_task(EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    assert_string_not_equal(now.id, first.id);
    (void) look_up(&first, LOOKOUT_JOB_TASK_COMPLETED);
    assert_string_equal(open_task(EXPORT, "x", LOOKOUT_CLAIM_FINISHED).id, now.id);

    /* Nor is that of another time that the job was done. */
    (void) sql("UPDATE job SET completed_at = completed_at + 1");
    assert_string_not_equal(open_task(EXPORT, "x", LOOKOUT_CLAIM_FINISHED).id, now.id);
    assert_int_equal(sql("SELECT count(*) FROM task"), 5);
}


static void
test_names(void **state)
{
    (void) state;
    assert_string_equal(lookout_job_task_status_name(LOOKOUT_JOB_TASK_WORKING), "working");
    assert_string_equal(lookout_job_task_status_name(LOOKOUT_JOB_TASK_COMPLETED), "completed");
    assert_string_equal(lookout_job_task_status_name(LOOKOUT_JOB_TASK_FAILED), "failed");
    assert_string_equal(lookout_job_task_status_name(LOOKOUT_JOB_TASK_CANCELLED), "cancelled");
}


static void
test_no_such_task(void **state)
{
    static const char *const malformed[] = { "", "task_", "job_abcdefghijklmnopqrstuv",
                                             "task_abcdefghijklmnopqrst'v" };

    (void) state;
    (void) done(jobs, EXPORT, "x", 10);
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        assert_gone(lookout_str(malformed[i]), "malformed");
    }
    assert_gone(LOOKOUT_STR("task_abcdefghijklmnopqrstuv"), "unknown");
}


/* ---- cancelling ---- */

static void
test_one_of_two(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);
    lookout_job_task_t second = open_task(EXPORT, "x", LOOKOUT_CLAIM_BUSY);

    (void) state;
    cancel(&first, LOOKOUT_JOB_TASK_CANCELLED);
    cancel(&first, LOOKOUT_JOB_TASK_CANCELLED);
    assert_true(goes_on(&first.job));
    assert_false(look_up(&second, LOOKOUT_JOB_TASK_WORKING).job.abandoned);
    assert_int_equal(work(jobs, &first.job, 10), LOOKOUT_OK);
    assert_int_equal(first.job.status, LOOKOUT_JOB_DONE);
    (void) look_up(&first, LOOKOUT_JOB_TASK_CANCELLED);
    (void) look_up(&second, LOOKOUT_JOB_TASK_COMPLETED);
}


static void
test_last_one(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE), now;
    lookout_job_task_t second = open_task(EXPORT, "x", LOOKOUT_CLAIM_BUSY);
    lookout_arena_t *memory = lookout_arena_create();
    lookout_job_t job = first.job;

    (void) state;
    assert_non_null(lookout_jobs_file_open(jobs, memory, &job, 0));
    cancel(&second, LOOKOUT_JOB_TASK_CANCELLED);
    assert_int_equal(lookout_jobs_task_cancel(loop, arena, lookout_str(first.id), &now, &error),
                     LOOKOUT_NEEDS_THREAD);
    cancel(&first, LOOKOUT_JOB_TASK_CANCELLED);

    /* The owner is told, and again when it asks at once. */
    assert_false(goes_on(&job));
    assert_true(job.lost);
    assert_false(lookout_jobs_progress(jobs, &job, 7));
    assert_int_equal(lookout_jobs_release(jobs, arena, &job, &error), LOOKOUT_OK);
    lookout_arena_destroy(memory);
    assert_int_equal(count_files(root), 0);

    /* The job is as if it had not been begun. */
    job = get_job(job.id);
    assert_int_equal(job.status, LOOKOUT_JOB_QUEUED);
    assert_true(job.abandoned);
    assert_int_equal(job.started_at, 0);
    assert_int_equal(job.rows, 0);
    job = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE);
    assert_int_equal(job.interruptions, 0);
    assert_int_equal(work(jobs, &job, 10), LOOKOUT_OK);
    assert_int_equal(job.status, LOOKOUT_JOB_DONE);
    (void) look_up(&first, LOOKOUT_JOB_TASK_CANCELLED);
}


/* An owner that has not heard yet changes nothing: neither by its end, nor by its failure. */
static void
test_late_owner(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE), second;
    lookout_job_t late = first.job, also = first.job;

    (void) state;
    cancel(&first, LOOKOUT_JOB_TASK_CANCELLED);
    assert_int_equal(work(jobs, &late, 5), LOOKOUT_OK);
    assert_int_equal(late.status, LOOKOUT_JOB_QUEUED);

    second = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);
    assert_int_equal(lookout_jobs_fail(jobs, arena, &also, LOOKOUT_STR("QUERY_TIMEOUT"),
                                       LOOKOUT_STR("It took too long."), &error),
                     LOOKOUT_OK);
    assert_int_equal(also.status, LOOKOUT_JOB_RUNNING);
    (void) look_up(&second, LOOKOUT_JOB_TASK_WORKING);
    assert_int_equal(work(jobs, &second.job, 10), LOOKOUT_OK);
    assert_int_equal(look_up(&second, LOOKOUT_JOB_TASK_COMPLETED).job.rows, 10);
    assert_int_equal(count_files(root), 2);
}


/* A job that a plain caller has asked for is done, whatever tasks there are. */
static void
test_plain_callers(void **state)
{
    lookout_job_request_t request = request_of(EXPORT, "x");
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE), second;
    lookout_job_t job;

    (void) state;
    assert_int_equal(lookout_jobs_claim(loop, arena, &request, LOOKOUT_JOBS_DO, &job, &error),
                     LOOKOUT_NEEDS_THREAD);
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_BUSY);
    (void) claim(loop, EXPORT, "x", LOOKOUT_CLAIM_BUSY); /* that is known now */
    cancel(&first, LOOKOUT_JOB_TASK_CANCELLED);
    assert_true(goes_on(&first.job));

    /* For as long as it runs, and no longer. */
    assert_int_equal(lookout_jobs_fail(jobs, arena, &first.job, LOOKOUT_STR("QUERY_TIMEOUT"),
                                       LOOKOUT_STR("It took too long."), &error),
                     LOOKOUT_OK);
    (void) sql("UPDATE job SET retry_at = 0");
    second = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);
    cancel(&second, LOOKOUT_JOB_TASK_CANCELLED);
    assert_false(goes_on(&second.job));

    job = claim(jobs, EXPORT, "y", LOOKOUT_CLAIM_MINE);
    second = open_task(EXPORT, "y", LOOKOUT_CLAIM_BUSY);
    cancel(&second, LOOKOUT_JOB_TASK_CANCELLED);
    assert_true(goes_on(&job));
}


/* Also when its owner, which began it for a task, has to give it back. */
static void
test_wanted_and_released(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE), second;

    (void) state;
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_BUSY);
    cancel(&first, LOOKOUT_JOB_TASK_CANCELLED);
    assert_int_equal(lookout_jobs_release(jobs, arena, &first.job, &error), LOOKOUT_OK);
    second = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);
    cancel(&second, LOOKOUT_JOB_TASK_CANCELLED);
    assert_true(goes_on(&second.job));
}


/* Cancelled between the look at the task and the claim of its job. */
static void
test_withdrawn(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);
    lookout_claimant_t who = { .task = lookout_str(first.id) };
    lookout_job_t job;

    (void) state;
    cancel(&first, LOOKOUT_JOB_TASK_CANCELLED);
    assert_int_equal(lookout_jobs_start_for(jobs, arena, &who, EXPORT,
                                            lookout_str(first.job.id), &job, &error),
                     LOOKOUT_OK);
    assert_int_equal(job.claim, LOOKOUT_CLAIM_NONE);
    assert_true(get_job(first.job.id).abandoned);
}


/* A plain caller that starts by id what a task's client gave back wants it, too. */
static void
test_started_by_id(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE), second;
    lookout_job_t job;

    (void) state;
    cancel(&first, LOOKOUT_JOB_TASK_CANCELLED);
    assert_int_equal(
        lookout_jobs_start(jobs, arena, EXPORT, lookout_str(first.job.id), &job, &error),
        LOOKOUT_OK);
    assert_int_equal(job.claim, LOOKOUT_CLAIM_MINE);
    second = open_task(EXPORT, "x", LOOKOUT_CLAIM_BUSY);
    cancel(&second, LOOKOUT_JOB_TASK_CANCELLED);
    assert_true(goes_on(&job));
}


/* A task that has ended cannot be cancelled; that can be said on the loop. */
static void
test_too_late(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE), now;

    (void) state;
    assert_int_equal(work(jobs, &first.job, 10), LOOKOUT_OK);
    assert_int_equal(lookout_jobs_task_cancel(loop, arena, lookout_str(first.id), &now, &error),
                     LOOKOUT_OK);
    assert_int_equal(now.status, LOOKOUT_JOB_TASK_COMPLETED);
    cancel(&first, LOOKOUT_JOB_TASK_COMPLETED);
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
}


/* ---- afterwards ---- */

/* A failure stays the task's, when the job is tried again by somebody else. */
static void
test_failed(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE), second, now;

    (void) state;
    assert_int_equal(lookout_jobs_fail(jobs, arena, &first.job, LOOKOUT_STR("QUERY_TIMEOUT"),
                                       LOOKOUT_STR("It took too long."), &error),
                     LOOKOUT_OK);
    second = open_task(EXPORT, "x", LOOKOUT_CLAIM_FAILED);
    now = look_up(&second, LOOKOUT_JOB_TASK_FAILED);
    assert_string_equal(now.job.error_code.data, "QUERY_TIMEOUT");
    assert_int_equal(now.ended_at, second.ended_at);
    assert_string_equal(second.id, first.id);
    (void) sql("UPDATE job SET retry_at = 0");
    second = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);
    for (int i = 0; i < 2; i++) {
        now = look_up(&first, LOOKOUT_JOB_TASK_FAILED);
        assert_int_equal(now.job.status, LOOKOUT_JOB_FAILED);
        assert_string_equal(now.job.error_code.data, "QUERY_TIMEOUT");
        assert_string_equal(now.job.error_message.data, "It took too long.");
        assert_int_equal(now.job.completed_at, now.ended_at);
        assert_false(now.job.abandoned);
        assert_int_equal(now.job.rows, 0);
        cancel(&first, LOOKOUT_JOB_TASK_FAILED);
        if (i == 0) {
            assert_int_equal(work(jobs, &second.job, 10), LOOKOUT_OK);
        }
    }
    (void) look_up(&second, LOOKOUT_JOB_TASK_COMPLETED);
}


static void
sweep(int64_t max_age)
{
    lookout_jobs_limits_t limits = { .max_age = max_age };
    lookout_jobs_swept_t swept;

    assert_int_equal(lookout_jobs_sweep(jobs, &limits, NULL, arena, &swept, &error),
                     LOOKOUT_OK);
    assert_false(swept.elsewhere);
}


static void
test_swept(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE), second;
    lookout_job_task_t cancelled = open_task(EXPORT, "x", LOOKOUT_CLAIM_BUSY);

    (void) state;
    cancel(&cancelled, LOOKOUT_JOB_TASK_CANCELLED);
    assert_int_equal(work(jobs, &first.job, 10), LOOKOUT_OK);
    (void) sql("UPDATE job SET last_used_at = last_used_at - 4000");
    sweep(3600);
    assert_gone(lookout_str(first.id), "expired");
    (void) look_up(&cancelled, LOOKOUT_JOB_TASK_CANCELLED);

    /* When the job is done once more, its result is that of the earlier task as well. */
    second = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);
    assert_gone(lookout_str(first.id), "expired");
    assert_int_equal(work(jobs, &second.job, 10), LOOKOUT_OK);
    (void) look_up(&first, LOOKOUT_JOB_TASK_COMPLETED);

    /* Its file removed behind the server's back. */
    assert_int_equal(unlink(second.job.files[0].file.data), 0);
    assert_gone(lookout_str(second.id), "expired");

    (void) sql(
        "UPDATE task SET created_at = created_at - 604900, ended_at = ended_at - 604700");
    sweep(0);
    (void) look_up(&cancelled, LOOKOUT_JOB_TASK_CANCELLED);
    (void) sql("UPDATE task SET ended_at = ended_at - 200");
    sweep(0);
    assert_gone(lookout_str(cancelled.id), "unknown");
    assert_gone(lookout_str(first.id), "unknown");
    assert_int_equal(sql("SELECT count(*) FROM task"), 0);
}


/* However many are made, so many that have ended are kept: the latest. */
static void
test_swept_many(void **state)
{
    lookout_job_task_t oldest = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE), old, latest;
    lookout_job_task_t working = open_task(EXPORT, "y", LOOKOUT_CLAIM_MINE);

    (void) state;
    cancel(&oldest, LOOKOUT_JOB_TASK_CANCELLED);
    (void) sql("UPDATE task SET created_at = created_at - 30, ended_at = ended_at - 30"
               " WHERE ended_at > 0");
    old = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);
    assert_int_equal(work(jobs, &old.job, 10), LOOKOUT_OK);
    (void) sql("UPDATE task SET created_at = created_at - 20, ended_at = ended_at - 20"
               " WHERE status = 'completed'");
    /* Of a job that was done long ago, and asked for now. */
    latest = open_task(EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    (void) sql("UPDATE task SET ended_at = 1000 WHERE status = 'completed'"
               " AND created_at = (SELECT max(created_at) FROM task)");
    sweep(0);
    (void) look_up(&oldest, LOOKOUT_JOB_TASK_CANCELLED);

    (void) sql(
        "WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n"
        " WHERE value < 99998)"
        " INSERT INTO task SELECT 'task_' || value, 'job_', '', 'cancelled', t.ended_at + 10,"
        " t.ended_at + 10, '', '' FROM n,"
        " (SELECT max(ended_at) AS ended_at FROM task) t");
    sweep(0);
    assert_int_equal(sql("SELECT count(*) FROM task WHERE ended_at > 0"),
                     LOOKOUT_JOB_TASKS_MAX);
    assert_gone(lookout_str(oldest.id), "unknown");
    (void) look_up(&old, LOOKOUT_JOB_TASK_COMPLETED);
    (void) look_up(&latest, LOOKOUT_JOB_TASK_COMPLETED);

    (void) sql("INSERT INTO task SELECT id || 'x', job_id, note, status, created_at, ended_at,"
               " '', '' FROM task WHERE status = 'cancelled' LIMIT 1");
    sweep(0);
    assert_gone(lookout_str(old.id), "unknown");
    (void) look_up(&latest, LOOKOUT_JOB_TASK_COMPLETED);
    (void) look_up(&working, LOOKOUT_JOB_TASK_WORKING);
}


/* Tasks that still work are kept, unless their job is no more. */
static void
test_swept_while_working(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);

    (void) state;
    (void) sql("UPDATE task SET created_at = created_at - 700000");
    sweep(3600);
    (void) look_up(&first, LOOKOUT_JOB_TASK_WORKING);
    (void) sql("DELETE FROM job");
    assert_gone(lookout_str(first.id), "expired");
    sweep(3600);
    assert_gone(lookout_str(first.id), "unknown");
}


/* What was given back is forgotten, where what was interrupted is a failure. */
static void
test_swept_unwanted(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);
    lookout_job_task_t second = open_task(EXPORT, "y", LOOKOUT_CLAIM_MINE);
    lookout_job_task_t now;
    lookout_job_t job;

    (void) state;
    cancel(&first, LOOKOUT_JOB_TASK_CANCELLED);
    assert_int_equal(lookout_jobs_release(jobs, arena, &second.job, &error), LOOKOUT_OK);
    sweep(0);
    assert_int_equal(sql("SELECT count(*) FROM job"), 2);
    (void) sql("UPDATE job SET created_at = created_at - 700");
    sweep(0);
    assert_int_equal(sql("SELECT count(*) FROM job"), 1);
    assert_int_equal(
        lookout_jobs_get(loop, arena, EXPORT, lookout_str(first.job.id), &job, &error),
        LOOKOUT_JOB_NOT_FOUND);
    assert_non_null(strstr(error.details.data, "unknown"));
    (void) look_up(&first, LOOKOUT_JOB_TASK_CANCELLED);
    now = look_up(&second, LOOKOUT_JOB_TASK_FAILED);
    assert_string_equal(now.job.error_code.data, LOOKOUT_JOB_INTERRUPTED);
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE);
}


static void
test_ttl(void **state)
{
    static const struct {
        lookout_job_task_status_e status;
        int64_t ended_at, used_at, max_age, expected; /* the task was created at 1000 */
    } rows[] = {
        { LOOKOUT_JOB_TASK_WORKING, 0, 1000, 0, WEEK },
        { LOOKOUT_JOB_TASK_WORKING, 0, 1000, 3600, 3600 },
        { LOOKOUT_JOB_TASK_WORKING, 0, 990, 3600, 3600 },
        { LOOKOUT_JOB_TASK_COMPLETED, 1010, 1010, 0, WEEK + 10 },
        { LOOKOUT_JOB_TASK_COMPLETED, 1010, 1010, 3600, 3610 },
        { LOOKOUT_JOB_TASK_COMPLETED, 1010, 2000, 3600, 4600 },
        { LOOKOUT_JOB_TASK_COMPLETED, 1010, WEEK, 3600, WEEK + 10 },
        { LOOKOUT_JOB_TASK_FAILED, 1010, 1010, 3600, WEEK + 10 },
        { LOOKOUT_JOB_TASK_CANCELLED, 1010, 0, 3600, WEEK + 10 },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        lookout_job_task_t task = { .status = rows[i].status,
                                    .created_at = 1000,
                                    .ended_at = rows[i].ended_at,
                                    .job = { .last_used_at = rows[i].used_at } };
        lookout_jobs_limits_t limits = { .max_age = rows[i].max_age };

        assert_int_equal(lookout_jobs_task_ttl(&task, &limits), rows[i].expected);
    }
}


/* Of a state without them, as of one whose jobs are gone, nothing is to be had. */
static void
test_without_their_table(void **state)
{
    lookout_job_task_t first = open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);

    (void) state;
    (void) sql("DROP TABLE task");
    lookout_jobs_destroy(jobs);
    jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    (void) open_task(EXPORT, "x", LOOKOUT_CLAIM_MINE);
    assert_non_null(strstr(lookout_jobs_trouble(jobs), "was damaged"));
    assert_gone(lookout_str(first.id), "unknown");
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_life),
        TEST(test_equal),
        TEST(test_names),
        TEST(test_no_such_task),
        TEST(test_one_of_two),
        TEST(test_last_one),
        TEST(test_late_owner),
        TEST(test_plain_callers),
        TEST(test_wanted_and_released),
        TEST(test_withdrawn),
        TEST(test_started_by_id),
        TEST(test_too_late),
        TEST(test_failed),
        TEST(test_swept),
        TEST(test_swept_many),
        TEST(test_swept_while_working),
        TEST(test_swept_unwanted),
        TEST(test_ttl),
        TEST(test_without_their_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
