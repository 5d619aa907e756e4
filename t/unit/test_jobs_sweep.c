/*
 * Unit tests of the jobs' housekeeping: by age, by size, what dead writers left, what no job
 * knows, jobs that nobody ends, and one sweep at a time.
 */

#include "jobs_fixture.h"

#include <fcntl.h>
#include <sys/file.h>
#include <utime.h>

#define RENDER LOOKOUT_JOB_RENDER
#define EXPORT LOOKOUT_JOB_EXPORT
#define HOUR 3600
#define DAY 86400

static lookout_jobs_t *jobs;


static int
setup(void **state)
{
    assert_int_equal(fixture_setup(state), 0);
    jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    assert_non_null(jobs);
    return 0;
}


static int
teardown(void **state)
{
    lookout_jobs_destroy(jobs);
    return fixture_teardown(state);
}


static lookout_jobs_swept_t
sweep(int64_t max_age, int64_t max_bytes)
{
    lookout_jobs_limits_t limits = { max_age, max_bytes };
    lookout_jobs_swept_t swept;

    assert_int_equal(lookout_jobs_sweep(jobs, &limits, NULL, arena, &swept, &error),
                     LOOKOUT_OK);
    assert_false(swept.elsewhere);
    return swept;
}


/* Makes the job look unused for so long. */
static void
set_unused(const lookout_job_t *job, int64_t seconds)
{
    char text[160];

    (void) snprintf(text, sizeof(text), "UPDATE job SET last_used_at = %lld WHERE id = '%.31s'",
                    (long long) (lookout_now() - seconds), job->id);
    (void) sql(text);
}


static bool
there(const lookout_job_t *job)
{
    return access(job->files[0].file.data, F_OK) == 0;
}


/* Writes a file of n bytes that was last written so long ago. */
static void
put_file(const char *path, size_t n, int64_t seconds)
{
    struct utimbuf times = { lookout_now() - seconds, lookout_now() - seconds };
    int fd = open(path, O_CREAT | O_WRONLY, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t) n), 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(utime(path, &times), 0);
}


static void
test_nothing_to_do(void **state)
{
    lookout_jobs_swept_t swept = sweep(DAY, 1000); /* not even a state file */

    (void) state;
    assert_int_equal(swept.jobs + swept.files + swept.bytes + swept.kept_bytes, 0);
    (void) done(jobs, EXPORT, "x", 10);
    swept = sweep(0, 0);
    assert_int_equal(swept.jobs + swept.files + swept.bytes, 0);
    assert_int_equal(swept.kept_bytes, 20);
}


static void
test_by_age(void **state)
{
    lookout_job_t old = done(jobs, EXPORT, "old", 100), young = done(jobs, RENDER, "young", 30);
    lookout_job_t now;
    lookout_jobs_swept_t swept;
    char path[256];

    (void) state;
    set_unused(&old, DAY + 10);
    set_unused(&young, DAY - 10);
    swept = sweep(DAY, 0);
    assert_int_equal(swept.jobs, 1);
    assert_int_equal(swept.bytes, 200);
    assert_int_equal(swept.kept_bytes, 30);
    assert_false(there(&old));
    assert_true(there(&young));
    (void) snprintf(path, sizeof(path), "%s/exports/views/%s", root, old.id);
    assert_int_not_equal(access(path, F_OK), 0); /* nor its folder */

    assert_int_equal(lookout_jobs_get(jobs, arena, EXPORT, lookout_str(old.id), &now, &error),
                     LOOKOUT_JOB_NOT_FOUND);
    assert_non_null(strstr(error.details.data, "\"reason\":\"expired\""));
    assert_non_null(strstr(error.message.data, "removed"));
    assert_int_equal(lookout_jobs_start(jobs, arena, EXPORT, lookout_str(old.id), &now, &error),
                     LOOKOUT_JOB_NOT_FOUND);

    now = done(jobs, EXPORT, "old", 100);
    assert_string_equal(now.id, old.id);
    assert_true(there(&old));
    assert_true(now.created_at >= old.created_at);
}


static void
test_by_size(void **state)
{
    lookout_job_t jobs_of[5], running;
    lookout_jobs_swept_t swept;

    (void) state;
    for (int i = 0; i < 5; i++) {
        char what[16];

        (void) snprintf(what, sizeof(what), "%d", i);
        jobs_of[i] = done(jobs, RENDER, what, 1000);
        set_unused(&jobs_of[i], HOUR - i);
    }
    running = claim(jobs, RENDER, "running", LOOKOUT_CLAIM_MINE);
    (void) sql("UPDATE job SET last_used_at = 1, created_at = 1 WHERE status = 'running'");
    /* The oldest but one is used, and so is the last to go. */
    (void) claim(jobs, RENDER, "1", LOOKOUT_CLAIM_FINISHED);

    swept = sweep(0, 3000);
    assert_int_equal(swept.jobs, 2);
    assert_int_equal(swept.kept_bytes, 3000);
    assert_false(there(&jobs_of[0]));
    assert_true(there(&jobs_of[1]));
    assert_false(there(&jobs_of[2]));
    assert_true(there(&jobs_of[3]));
    assert_int_equal(sweep(0, 3000).jobs, 0);

    /* One that was used a moment ago is spared, however little room there is. */
    swept = sweep(0, 1);
    assert_int_equal(swept.jobs, 2);
    assert_true(there(&jobs_of[1]));
    assert_int_equal(work(jobs, &running, 10), LOOKOUT_OK);
    assert_int_equal(running.status, LOOKOUT_JOB_DONE);
}


static void
test_stops_when_told(void **state)
{
    lookout_jobs_limits_t limits = { HOUR, 0 };
    volatile sig_atomic_t quit = 1;
    lookout_watch_t watch = { .quit = &quit };
    lookout_jobs_swept_t swept;
    lookout_job_t old = done(jobs, RENDER, "x", 10);

    (void) state;
    set_unused(&old, DAY);
    assert_int_equal(lookout_jobs_sweep(jobs, &limits, &watch, arena, &swept, &error),
                     LOOKOUT_OK);
    assert_int_equal(swept.jobs, 0);
    assert_true(there(&old));
}


static void
test_one_at_a_time(void **state)
{
    lookout_jobs_limits_t limits = { HOUR, 0 };
    lookout_jobs_swept_t swept;
    lookout_job_t old = done(jobs, RENDER, "x", 10);
    char path[160];
    int fd;

    (void) state;
    set_unused(&old, DAY);
    (void) snprintf(path, sizeof(path), "%s.sweep", state_path);
    fd = open(path, O_CREAT | O_RDWR, 0600);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(lookout_jobs_sweep(jobs, &limits, NULL, arena, &swept, &error),
                     LOOKOUT_OK);
    assert_true(swept.elsewhere);
    assert_true(there(&old));
    assert_int_equal(close(fd), 0);
    assert_int_equal(sweep(HOUR, 0).jobs, 1);
}


static void
test_aside(void **state)
{
    lookout_job_t job = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE);
    lookout_jobs_file_t *mine = lookout_jobs_file_open(jobs, arena, &job, 0);
    static const struct {
        const char *name;
        int64_t age;
        bool stays;
    } files[] = {
        /* the dead: a pid that no process has, or another boot */
        { "job_a.0.1.4194305-1-00000000-1", 0, false },
        { "job_a.1.1.1-1-ffffffff-1", 0, false },
        { "job_a.0.1.nonsense", 0, false },
        /* nobody knows whose */
        { "other", HOUR - 60, true },
        { "another", HOUR + 60, false },
        { "a.b", HOUR + 60, false },
    };
    lookout_jobs_swept_t swept;
    char path[256];

    (void) state;
    assert_non_null(mine);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void) snprintf(path, sizeof(path), "%s/.aside/%s", root, files[i].name);
        put_file(path, 100, files[i].age);
    }
    swept = sweep(0, 0);
    assert_int_equal(swept.files, 5);
    assert_int_equal(swept.bytes, 500);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void) snprintf(path, sizeof(path), "%s/.aside/%s", root, files[i].name);
        assert_int_equal(access(path, F_OK) == 0, files[i].stays);
    }
    assert_int_equal(count_files(root), 2); /* with the one that is being written */
}


/* Files that no job knows are looked for when the state is new, and then once a day. */
static void
test_unknown_files(void **state)
{
    lookout_job_t export = done(jobs, EXPORT, "x", 10), render = done(jobs, RENDER, "x", 10);
    lookout_jobs_swept_t swept;
    char path[256], fresh[256], lost[256];

    (void) state;
    (void) snprintf(fresh, sizeof(fresh), "%s/renders/views/" VIEW "/000000000000.png", root);
    put_file(fresh, 50, 60);
    (void) snprintf(path, sizeof(path), "%s/renders/views/" VIEW "/000000000001.png", root);
    put_file(path, 50, HOUR);
    (void) snprintf(lost, sizeof(lost), "%s/exports/views/job_aaaaaaaaaaaaaaaaaaaaaa", root);
    assert_int_equal(mkdir(lost, 0700), 0);
    (void) snprintf(lost, sizeof(lost), "%s/exports/views/job_aaaaaaaaaaaaaaaaaaaaaa/data.csv",
                    root);
    put_file(lost, 50, HOUR);
    for (size_t i = 0; i < 2; i++) {
        put_file(export.files[i].file.data, 10, HOUR);
    }
    put_file(render.files[0].file.data, 10, HOUR);

    swept = sweep(0, 0);
    assert_int_equal(swept.files, 2);
    assert_int_equal(swept.bytes, 100);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_not_equal(access(lost, F_OK), 0);
    *strrchr(lost, '/') = '\0';
    assert_int_not_equal(access(lost, F_OK), 0);
    assert_int_equal(access(fresh, F_OK), 0); /* it may be just now coming to be known */
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    (void) claim(jobs, RENDER, "x", LOOKOUT_CLAIM_FINISHED);

    put_file(fresh, 50, HOUR);
    assert_int_equal(sweep(0, 0).files, 0); /* tomorrow */
    (void) sql("UPDATE housekeeping SET walked_at = walked_at - 86401");
    assert_int_equal(sweep(0, 0).files, 1);
    assert_int_equal(count_files(root), 3);
}


static void
test_abandoned(void **state)
{
    lookout_job_t live, now;

    (void) state;
    (void) claim(jobs, EXPORT, "lost", LOOKOUT_CLAIM_MINE);
    (void) sql("UPDATE job SET created_at = created_at - 700");
    (void) claim(jobs, EXPORT, "recent", LOOKOUT_CLAIM_MINE);
    (void) sql("UPDATE job SET owner = '4194305-1-00000000-1'");
    live = claim(jobs, EXPORT, "live", LOOKOUT_CLAIM_MINE);
    (void) sql("UPDATE job SET created_at = created_at - 700 WHERE owner NOT LIKE '4194305-%'");

    (void) sweep(0, 0);
    assert_int_equal(sql("SELECT count(*) FROM job WHERE status = 'failed'"
                         " AND error_code = 'JOB_INTERRUPTED'"),
                     1);
    assert_int_equal(sql("SELECT count(*) FROM job WHERE status = 'running'"), 2);
    assert_int_equal(lookout_jobs_get(jobs, arena, EXPORT, lookout_str(live.id), &now, &error),
                     LOOKOUT_OK);
    assert_int_equal(now.status, LOOKOUT_JOB_RUNNING);
    assert_false(now.abandoned);

    /* Which is no reason not to do it when it is asked for. */
    now = claim(jobs, EXPORT, "lost", LOOKOUT_CLAIM_MINE);
    assert_int_equal(work(jobs, &now, 10), LOOKOUT_OK);
    (void) claim(jobs, EXPORT, "recent", LOOKOUT_CLAIM_MINE);
}


static void
test_forgets(void **state)
{
    lookout_job_t job = done(jobs, EXPORT, "x", 10), now;

    (void) state;
    set_unused(&job, DAY);
    assert_int_equal(sweep(HOUR, 0).jobs, 1);
    set_unused(&job, 6 * DAY);
    (void) sweep(HOUR, 0);
    assert_int_equal(sql("SELECT count(*) FROM job"), 1);
    set_unused(&job, 8 * DAY);
    (void) sweep(HOUR, 0);
    assert_int_equal(sql("SELECT count(*) FROM job"), 0);
    assert_int_equal(lookout_jobs_get(jobs, arena, EXPORT, lookout_str(job.id), &now, &error),
                     LOOKOUT_JOB_NOT_FOUND);
    assert_non_null(strstr(error.details.data, "\"reason\":\"unknown\""));
}


/* A file that cannot be removed ends the sweep; it does not turn in circles. */
static void
test_cannot_remove(void **state)
{
    lookout_job_t job = done(jobs, RENDER, "x", 10);

    (void) state;
    assert_int_equal(unlink(job.files[0].file.data), 0);
    assert_int_equal(mkdir(job.files[0].file.data, 0700), 0); /* not even by root */
    set_unused(&job, DAY);
    assert_int_equal(sweep(HOUR, 0).jobs, 0);
    assert_non_null(lookout_jobs_trouble(jobs));
    assert_int_equal(rmdir(job.files[0].file.data), 0);
    assert_int_equal(sweep(HOUR, 0).jobs, 1);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_to_do),   TEST(test_by_age),        TEST(test_by_size),
        TEST(test_stops_when_told), TEST(test_one_at_a_time), TEST(test_aside),
        TEST(test_unknown_files),   TEST(test_abandoned),     TEST(test_forgets),
        TEST(test_cannot_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
