/*
 * Unit tests of tasks with several processes: an owner that hears of a cancellation in the
 * middle of a long statement, owners that are killed, claims at the very moment of a
 * cancellation, and all of that at random.
 */

#include "jobs_fixture.h"

#include "../../ngx_lookout_module/jobs/tasks.h"

#define EXPORT LOOKOUT_JOB_EXPORT
#define BYTES 300
#define ROUNDS 40
#define KEYS 5
#define ACTORS 4

static lookout_job_task_t shared; /* what a child is to know of its parent's task */


static lookout_code_e
claim_task(lookout_jobs_t *jobs, lookout_arena_t *memory, const char *what,
           lookout_job_task_t *task)
{
    lookout_job_request_t request = request_of(EXPORT, what);

    return lookout_jobs_task_claim(jobs, memory, &request, LOOKOUT_JOBS_DO, LOOKOUT_STR("n"),
                                   task, &error);
}


/* ---- in the middle of a statement ---- */

typedef struct {
    lookout_jobs_t *jobs;
    lookout_job_t *job;
} owner_t;


static bool
is_lost(void *data)
{
    owner_t *owner = data;

    if (marks("running") == 0) {
        leave_mark("running");
    }
    return !lookout_jobs_progress(owner->jobs, owner->job, 0);
}


static void
cancel_when_running(int n)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    lookout_job_task_t task;

    (void) n;
    await_mark("running");
    CHECK(lookout_jobs_task_cancel(jobs, arena, lookout_str(shared.id), &task, &error)
          == LOOKOUT_OK);
    CHECK(task.status == LOOKOUT_JOB_TASK_CANCELLED);
    lookout_jobs_destroy(jobs);
}


/* The statement has no end of its own. */
static void
test_long_statement(void **state)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    owner_t owner = { jobs, &shared.job };
    lookout_watch_t watch = { .deadline_ns = lookout_monotonic_ns() + 60000000000u,
                              .over = is_lost,
                              .over_data = &owner };
    sqlite3 *db;
    pid_t pid;

    (void) state;
    assert_int_equal(claim_task(jobs, arena, "x", &shared), LOOKOUT_OK);
    assert_int_equal(shared.job.claim, LOOKOUT_CLAIM_MINE);
    pid = start(cancel_when_running, 0);

    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    lookout_watch_set(db, &watch);
    assert_int_equal(sqlite3_exec(db,
                                  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1"
                                  " FROM n) SELECT count(*) FROM n",
                                  NULL, NULL, NULL),
                     SQLITE_INTERRUPT);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(watch.stopped, LOOKOUT_STOP_CANCELLED);
    assert_true(shared.job.lost);
    assert_ends_well(pid);

    assert_int_equal(lookout_jobs_release(jobs, arena, &shared.job, &error), LOOKOUT_OK);
    assert_int_equal(shared.job.status, LOOKOUT_JOB_QUEUED);
    (void) done(jobs, EXPORT, "x", 10);
    lookout_jobs_destroy(jobs);
}


/* ---- owners that are killed ---- */

/* Claims a task, leaves its id for others, and waits for the end. */
static void
hold_task(int n)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    lookout_job_task_t task;
    char path[256];
    FILE *file;

    (void) n;
    CHECK(claim_task(jobs, arena, "x", &task) == LOOKOUT_OK);
    CHECK(task.job.claim == LOOKOUT_CLAIM_MINE);
    CHECK(lookout_jobs_file_open(jobs, arena, &task.job, 0) != NULL);
    (void) snprintf(path, sizeof(path), "%s/id", folder);
    file = fopen(path, "w");
    CHECK(file != NULL && fputs(task.id, file) >= 0 && fclose(file) == 0);
    leave_mark("held");
    for (;;) {
        (void) pause();
    }
}


static void
start_and_kill(char id[LOOKOUT_ID_MAX])
{
    char path[256];
    FILE *file;
    pid_t pid = start(hold_task, 0);

    await_mark("held");
    kill_now(pid);
    (void) snprintf(path, sizeof(path), "%s/id", folder);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(id, LOOKOUT_ID_MAX, file));
    assert_int_equal(fclose(file), 0);
}


/* Its task outlives it, and whoever asks for the task goes on with the work. */
static void
test_owner_killed(void **state)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    lookout_jobs_t *loop = lookout_jobs_create(&settings, LOOKOUT_JOBS_LOOP);
    char id[LOOKOUT_ID_MAX];
    lookout_job_task_t task, again;

    (void) state;
    start_and_kill(id);
    assert_int_equal(lookout_jobs_task_get(loop, arena, lookout_str(id), &task, &error),
                     LOOKOUT_OK);
    assert_int_equal(task.status, LOOKOUT_JOB_TASK_WORKING);
    assert_true(task.job.abandoned);
    assert_int_equal(lookout_jobs_task_start(loop, arena, lookout_str(id), &task, &error),
                     LOOKOUT_NEEDS_THREAD);
    assert_int_equal(lookout_jobs_task_start(jobs, arena, lookout_str(id), &task, &error),
                     LOOKOUT_OK);
    assert_int_equal(task.job.claim, LOOKOUT_CLAIM_MINE);
    assert_int_equal(lookout_jobs_task_start(jobs, arena, lookout_str(id), &again, &error),
                     LOOKOUT_OK);
    assert_int_equal(again.job.claim, LOOKOUT_CLAIM_BUSY);

    /* It is still only the task that wants the job. */
    assert_int_equal(lookout_jobs_task_cancel(jobs, arena, lookout_str(id), &again, &error),
                     LOOKOUT_OK);
    task.job.told_ns = 0;
    assert_false(lookout_jobs_progress(jobs, &task.job, 1));
    lookout_jobs_destroy(jobs);
    lookout_jobs_destroy(loop);
}


/* A cancelled task does not have its job done, whether nobody does it or another. */
static void
test_cancelled_is_not_started(void **state)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    char id[LOOKOUT_ID_MAX];
    lookout_job_task_t task;

    (void) state;
    start_and_kill(id);
    assert_int_equal(lookout_jobs_task_cancel(jobs, arena, lookout_str(id), &task, &error),
                     LOOKOUT_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lookout_jobs_task_start(jobs, arena, lookout_str(id), &task, &error),
                         LOOKOUT_OK);
        assert_int_equal(task.status, LOOKOUT_JOB_TASK_CANCELLED);
        assert_int_equal(task.job.claim, LOOKOUT_CLAIM_NONE);
        assert_int_equal(sql("SELECT count(*) FROM job WHERE owner = ''"), 1 - i);
        if (i == 0) { /* not counted as one that kills its owners */
            assert_int_equal(claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE).interruptions, 0);
        }
    }
    lookout_jobs_destroy(jobs);
}


/* ---- races ---- */

/* Does a job that is the caller's, asking at each step whether to go on. */
static void
work_on(lookout_jobs_t *jobs, lookout_arena_t *memory, lookout_job_t *job)
{
    lookout_jobs_file_t *files[LOOKOUT_JOB_FILES];

    for (size_t i = 0; i < job->n_files; i++) {
        files[i] = lookout_jobs_file_open(jobs, memory, job, i);
        CHECK(files[i] != NULL);
        for (int n = 0; n < BYTES; n++) {
            lookout_buf_putc(lookout_jobs_file_buf(files[i]), 'a');
        }
        job->told_ns = 0;
        if (!lookout_jobs_progress(jobs, job, BYTES)) {
            CHECK(lookout_jobs_release(jobs, memory, job, &error) == LOOKOUT_OK);
            return;
        }
    }
    CHECK(lookout_jobs_finish(jobs, memory, job, files, BYTES, &error) == LOOKOUT_OK);
}


/* Asks for a task and cancels it. False when there was nothing to cancel. */
static bool
change_ones_mind(lookout_jobs_t *jobs, lookout_arena_t *memory, const char *what, bool alone)
{
    lookout_job_task_t task, now;
    lookout_code_e code;

    CHECK(claim_task(jobs, memory, what, &task) == LOOKOUT_OK);
    if (task.status != LOOKOUT_JOB_TASK_WORKING) {
        return false;
    }
    code = lookout_jobs_task_cancel(jobs, memory, lookout_str(task.id), &now, &error);
    /* Done, and swept already. */
    CHECK(code == LOOKOUT_OK || (!alone && code == LOOKOUT_JOB_NOT_FOUND));
    if (task.job.claim == LOOKOUT_CLAIM_MINE) {
        work_on(jobs, memory, &task.job);
    }
    return true;
}


/* Asks for a task and sees it through. `alone`: no owner is ever killed, so it never has to go
 * on with work that another left. */
static void
see_through(lookout_jobs_t *jobs, lookout_arena_t *memory, const char *what, bool alone)
{
    lookout_job_task_t task;
    lookout_code_e code;

    CHECK(claim_task(jobs, memory, what, &task) == LOOKOUT_OK);
    while (task.status == LOOKOUT_JOB_TASK_WORKING) {
        if (task.job.claim == LOOKOUT_CLAIM_MINE) {
            work_on(jobs, memory, &task.job);
        }
        code = lookout_jobs_task_get(jobs, memory, lookout_str(task.id), &task, &error);
        if (code == LOOKOUT_OK && task.status == LOOKOUT_JOB_TASK_WORKING
            && task.job.abandoned) {
            CHECK(!alone);
            code = lookout_jobs_task_start(jobs, memory, lookout_str(task.id), &task, &error);
        }
        if (code != LOOKOUT_OK) {
            CHECK(!alone && code == LOOKOUT_JOB_NOT_FOUND); /* swept already */
            return;
        }
        CHECK(task.status != LOOKOUT_JOB_TASK_CANCELLED);
        CHECK(!alone || task.status != LOOKOUT_JOB_TASK_FAILED);
        (void) usleep(200);
    }
}


/* The same without a task. */
static void
see_to(lookout_jobs_t *jobs, lookout_arena_t *memory, const char *what, bool alone)
{
    lookout_job_request_t request = request_of(EXPORT, what);
    lookout_job_t job;

    for (;;) {
        CHECK(lookout_jobs_claim(jobs, memory, &request, LOOKOUT_JOBS_DO, &job, &error)
              == LOOKOUT_OK);
        if (job.claim == LOOKOUT_CLAIM_FINISHED) {
            return;
        }
        if (job.claim == LOOKOUT_CLAIM_MINE) {
            work_on(jobs, memory, &job);
            CHECK(job.status == LOOKOUT_JOB_DONE);
            return;
        }
        CHECK(lookout_jobs_get(jobs, memory, EXPORT, lookout_str(job.id), &job, &error)
                  == LOOKOUT_OK
              || !alone);
        CHECK(!alone || !job.abandoned); /* from the claim on it is wanted */
        (void) usleep(200);
    }
}


/* Two cancel again and again, until the two others, who do not, have the job done. */
static void
race(int n)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    char key[32];

    await_mark("go");
    for (int i = 0; i < ROUNDS; i++) {
        lookout_arena_t *memory = lookout_arena_create();

        CHECK(jobs != NULL && memory != NULL);
        (void) snprintf(key, sizeof(key), "key %d", i);
        if (n < 2) {
            while (change_ones_mind(jobs, memory, key, true)) {
            }
        } else if (n == 2 || i % 4 == 0) {
            see_through(jobs, memory, key, true);
        } else if (i % 4 == 1) {
            see_to(jobs, memory, key, true);
        }
        lookout_arena_destroy(memory);
    }
    CHECK(lookout_jobs_trouble(jobs) == NULL);
    lookout_jobs_destroy(jobs);
}


static void
test_race(void **state)
{
    pid_t pids[ACTORS];

    (void) state;
    for (int i = 0; i < ACTORS; i++) {
        pids[i] = start(race, i);
    }
    leave_mark("go");
    for (int i = 0; i < ACTORS; i++) {
        assert_ends_well(pids[i]);
    }
    assert_int_equal(sql("SELECT count(*) FROM job WHERE status = 'done'"), ROUNDS);
    assert_int_equal(sql("SELECT count(*) FROM task WHERE status = 'working'"), 0);
    assert_int_equal(sql("SELECT count(*) FROM task WHERE status = 'failed'"), 0);
    assert_true(sql("SELECT count(*) FROM task WHERE status = 'cancelled'") > 0);
    assert_int_equal(count_files(root), 2 * ROUNDS);
}


/* ---- chaos ---- */

static void
act(int n)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    lookout_jobs_limits_t few = { .max_bytes = 2 * BYTES };
    lookout_jobs_swept_t swept;
    char key[32];

    srand((unsigned) getpid());
    for (;;) {
        lookout_arena_t *memory = lookout_arena_create();

        CHECK(jobs != NULL && memory != NULL);
        (void) snprintf(key, sizeof(key), "key %d", rand() % KEYS);
        switch (rand() % 4) {
        case 0:
            see_through(jobs, memory, key, false);
            break;
        case 1:
            see_to(jobs, memory, key, false);
            break;
        default:
            (void) change_ones_mind(jobs, memory, key, false);
        }
        if (rand() % ACTORS == n) {
            CHECK(lookout_jobs_sweep(jobs, &few, NULL, memory, &swept, &error) == LOOKOUT_OK);
        }
        lookout_arena_destroy(memory);
    }
}


static void
test_chaos(void **state)
{
    lookout_jobs_t *jobs;
    lookout_jobs_limits_t none = { 0 };
    lookout_jobs_swept_t swept;
    pid_t pids[ACTORS];
    char key[32];

    (void) state;
    settings.retry_after = 0;
    settings.spare = -1;
    for (int i = 0; i < ACTORS; i++) {
        pids[i] = start(act, i);
    }
    srand(20261122);
    for (int i = 0; i < 60; i++) {
        int victim = rand() % ACTORS;

        sleep_ms(5 + (unsigned) rand() % 25);
        kill_now(pids[victim]);
        pids[victim] = start(act, victim);
    }
    for (int i = 0; i < ACTORS; i++) {
        assert_int_equal(waitpid(pids[i], NULL, WNOHANG), 0); /* no check of its failed */
        kill_now(pids[i]);
    }

    /* Whatever state they left it in, all can be had, and no task waits for ever. */
    jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    for (int i = 0; i < KEYS; i++) {
        (void) snprintf(key, sizeof(key), "key %d", i);
        see_to(jobs, arena, key, false);
    }
    assert_int_equal(lookout_jobs_sweep(jobs, &none, NULL, arena, &swept, &error), LOOKOUT_OK);
    assert_int_equal(sql("SELECT count(*) FROM job WHERE status = 'done'"), KEYS);
    assert_int_equal(sql("SELECT count(*) FROM task WHERE status = 'working'"), 0);
    assert_true(sql("SELECT count(*) FROM task WHERE status = 'cancelled'") > 0);
    assert_int_equal(count_files(root), 2 * KEYS);
    assert_null(lookout_jobs_trouble(jobs));
    lookout_jobs_destroy(jobs);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_long_statement), TEST(test_owner_killed), TEST(test_cancelled_is_not_started),
        TEST(test_race),           TEST(test_chaos),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
