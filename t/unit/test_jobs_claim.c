/*
 * Unit tests of jobs: what a claim comes to, ids and paths, following, ending, and what the
 * event loop may and may not do.
 */

#include "jobs_fixture.h"

#define RENDER LOOKOUT_JOB_RENDER
#define EXPORT LOOKOUT_JOB_EXPORT

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


static void
assert_text(lookout_str_t s, const char *expected)
{
    assert_non_null(s.data);
    assert_string_equal(s.data, expected);
    assert_int_equal(s.len, strlen(expected));
}


static void
test_names(void **state)
{
    lookout_job_request_t request = request_of(RENDER, "a");
    lookout_job_t render = claim(jobs, RENDER, "a", LOOKOUT_CLAIM_MINE);
    lookout_job_t export = claim(jobs, EXPORT, "a", LOOKOUT_CLAIM_MINE);
    char expected[256];

    (void) state;
    /* sha256("a") = ca978112ca1bbdca... */
    assert_text(render.files[0].path, "fs/renders/views/" VIEW "/ca978112ca1b.svg");
    (void) snprintf(expected, sizeof(expected), "%s/renders/views/" VIEW "/ca978112ca1b.svg",
                    root);
    assert_text(render.files[0].file, expected);
    assert_int_equal(render.n_files, 1);
    assert_true(lookout_id_valid(lookout_str(render.id), "rj_"));
    lookout_id_mint(expected, "rj_", request.key);
    assert_string_equal(render.id, expected);

    assert_int_equal(export.n_files, 2);
    lookout_id_mint(expected, "job_", request.key);
    assert_string_equal(export.id, expected);
    (void) snprintf(expected, sizeof(expected), "fs/exports/views/%s/data.csv", export.id);
    assert_text(export.files[0].path, expected);
    (void) snprintf(expected, sizeof(expected), "fs/exports/views/%s/manifest.json", export.id);
    assert_text(export.files[1].path, expected);

    assert_string_equal(lookout_job_status_name(RENDER, LOOKOUT_JOB_DONE), "succeeded");
    assert_string_equal(lookout_job_status_name(EXPORT, LOOKOUT_JOB_DONE), "completed");
}


/* What would become part of a path is looked at. */
static void
test_refuses_paths(void **state)
{
    static const char *const views[] = { "",
                                         "vw_",
                                         "vw_../../../../../../etc",
                                         "vw_abcdefghijklmnopqrstu/",
                                         "ds_abcdefghijklmnopqrstuv",
                                         VIEW "x" };
    lookout_job_request_t request = request_of(RENDER, "a");
    lookout_job_t job;

    (void) state;
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
        request.view_id = lookout_str(views[i]);
        assert_int_equal(
            lookout_jobs_claim(jobs, arena, &request, LOOKOUT_JOBS_DO, &job, &error),
            LOOKOUT_INTERNAL_ERROR);
    }
    request = request_of(RENDER, "a");
    request.format = LOOKOUT_STR("csv");
    assert_int_equal(lookout_jobs_claim(jobs, arena, &request, LOOKOUT_JOBS_DO, &job, &error),
                     LOOKOUT_INTERNAL_ERROR);
    assert_int_equal(count_files(root), 0);
}


static void
test_done_once(void **state)
{
    lookout_job_t first = done(jobs, EXPORT, "x", 1000), again;
    int64_t now = lookout_now();
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    (void) state;
    assert_int_equal(first.rows, 1000);
    assert_int_equal(first.files[0].size, 1000);
    assert_true(now - first.created_at < 5 && now - first.completed_at < 5);
    assert_true(first.completed_at >= first.started_at && first.started_at > 0);

    again = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    assert_string_equal(again.id, first.id);
    assert_text(again.files[0].path, first.files[0].path.data);
    assert_text(again.request.inputs, "{\"viewId\":\"" VIEW "\"}");
    assert_int_equal(again.rows, 1000);
    assert_int_equal(again.created_at, first.created_at);
    assert_int_equal(again.completed_at, first.completed_at);

    /* After a restart, too; and another key is another job. */
    lookout_jobs_destroy(jobs);
    jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    again = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    assert_string_equal(again.id, first.id);
    assert_text(again.files[1].path, first.files[1].path.data);
    again = claim(jobs, EXPORT, "y", LOOKOUT_CLAIM_MINE);
    assert_string_not_equal(again.id, first.id);

    assert_true(lookout_jobs_read(&first, 0, &b));
    assert_int_equal(b.len, 1000);
    assert_memory_equal(b.data, "abcdefghijklmnopqrstuvwxyzab", 28);
    lookout_buf_free(&b);
    assert_int_equal(sql("SELECT count(*) FROM job"), 2);
    assert_int_equal(count_files(root), 2); /* nothing is left aside */
}


static void
test_missing_file_is_redone(void **state)
{
    lookout_job_t job = done(jobs, EXPORT, "x", 100);
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    (void) state;
    assert_int_equal(unlink(job.files[1].file.data), 0);
    assert_int_equal(lookout_jobs_get(jobs, arena, EXPORT, lookout_str(job.id), &job, &error),
                     LOOKOUT_JOB_NOT_FOUND);
    assert_text(
        error.details,
        lookout_arena_printf(arena, "{\"jobId\":\"%s\",\"reason\":\"expired\"}", job.id).data);
    job = done(jobs, EXPORT, "x", 100);
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_FINISHED);

    /* A file that was cut short is as good as missing. */
    assert_int_equal(truncate(job.files[0].file.data, 99), 0);
    assert_false(lookout_jobs_read(&job, 0, &b));
    assert_int_equal(b.len, 0);
    lookout_buf_free(&b);
    (void) done(jobs, EXPORT, "x", 100);
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
}


static void
test_failure_is_kept_for_a_while(void **state)
{
    lookout_job_t job = claim(jobs, RENDER, "x", LOOKOUT_CLAIM_MINE), now;

    (void) state;
    assert_int_equal(lookout_jobs_fail(jobs, arena, &job, LOOKOUT_STR("RENDER_TIMEOUT"),
                                       LOOKOUT_STR("It took more than 5 s."), &error),
                     LOOKOUT_OK);
    now = claim(jobs, RENDER, "x", LOOKOUT_CLAIM_FAILED);
    assert_text(now.error_code, "RENDER_TIMEOUT");
    assert_text(now.error_message, "It took more than 5 s.");
    assert_true(now.retry_at > now.completed_at && now.completed_at > 0);
    assert_int_equal(lookout_jobs_get(jobs, arena, RENDER, lookout_str(job.id), &now, &error),
                     LOOKOUT_OK);
    assert_int_equal(now.status, LOOKOUT_JOB_FAILED);

    (void) sql("UPDATE job SET retry_at = 1");
    now = claim(jobs, RENDER, "x", LOOKOUT_CLAIM_MINE);
    assert_int_equal(now.error_code.len, 0);
    assert_int_equal(work(jobs, &now, 10), LOOKOUT_OK);
    now = claim(jobs, RENDER, "x", LOOKOUT_CLAIM_FINISHED);
    assert_int_equal(now.error_code.len, 0);

    /* A time to retry that a clock set back has left far ahead does not hold for ever. */
    job = claim(jobs, RENDER, "y", LOOKOUT_CLAIM_MINE);
    assert_int_equal(
        lookout_jobs_fail(jobs, arena, &job, LOOKOUT_STR("X"), LOOKOUT_STR("x"), &error),
        LOOKOUT_OK);
    (void) sql("UPDATE job SET retry_at = retry_at + 100000 WHERE status = 'failed'");
    (void) claim(jobs, RENDER, "y", LOOKOUT_CLAIM_MINE);
}


static void
test_queue(void **state)
{
    lookout_job_t job = claim_as(jobs, EXPORT, "x", LOOKOUT_JOBS_QUEUE, LOOKOUT_CLAIM_MINE),
                  now;

    (void) state;
    assert_int_equal(job.status, LOOKOUT_JOB_QUEUED);
    assert_int_equal(job.started_at, 0);
    now = claim_as(jobs, EXPORT, "x", LOOKOUT_JOBS_QUEUE, LOOKOUT_CLAIM_BUSY);
    assert_false(now.abandoned);

    /* The task that it was queued for knows nothing but the id. */
    assert_int_equal(lookout_jobs_start(jobs, arena, EXPORT, lookout_str(job.id), &now, &error),
                     LOOKOUT_OK);
    assert_int_equal(now.claim, LOOKOUT_CLAIM_MINE);
    assert_int_equal(now.status, LOOKOUT_JOB_RUNNING);
    assert_text(now.request.view_id, VIEW);
    assert_text(now.request.format, "csv");
    assert_memory_equal(now.request.key, job.request.key, LOOKOUT_DIGEST_SIZE);
    assert_int_equal(now.created_at, job.created_at);
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_BUSY);
    assert_int_equal(work(jobs, &now, 10), LOOKOUT_OK);
    assert_int_equal(lookout_jobs_start(jobs, arena, EXPORT, lookout_str(job.id), &now, &error),
                     LOOKOUT_OK);
    assert_int_equal(now.claim, LOOKOUT_CLAIM_FINISHED);

    /* A queued job goes to whoever is ready to do it now. */
    (void) claim_as(jobs, EXPORT, "y", LOOKOUT_JOBS_QUEUE, LOOKOUT_CLAIM_MINE);
    job = claim(jobs, EXPORT, "y", LOOKOUT_CLAIM_MINE);
    assert_int_equal(lookout_jobs_start(jobs, arena, EXPORT, lookout_str(job.id), &now, &error),
                     LOOKOUT_OK);
    assert_int_equal(now.claim, LOOKOUT_CLAIM_BUSY);
}


static void
test_release(void **state)
{
    lookout_job_t job = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE), now;

    (void) state;
    assert_int_equal(lookout_jobs_release(jobs, arena, &job, &error), LOOKOUT_OK);
    assert_int_equal(lookout_jobs_get(jobs, arena, EXPORT, lookout_str(job.id), &now, &error),
                     LOOKOUT_OK);
    assert_int_equal(now.status, LOOKOUT_JOB_QUEUED);
    assert_true(now.abandoned);
    now = claim_as(jobs, EXPORT, "x", LOOKOUT_JOBS_QUEUE, LOOKOUT_CLAIM_MINE);
    assert_int_equal(sql("SELECT interruptions FROM job"), 0);
}


static void
test_not_found(void **state)
{
    static const char *const ids[] = { "", "rj_", "job_x", "rj_aaaaaaaaaaaaaaaaaaaaaa",
                                       "job_aaaaaaaaaaaaaaaaaaaaaaa" };
    lookout_job_t job;

    (void) state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        assert_int_equal(
            lookout_jobs_get(jobs, arena, EXPORT, lookout_str(ids[i]), &job, &error),
            LOOKOUT_JOB_NOT_FOUND);
        assert_int_equal(
            lookout_jobs_start(jobs, arena, EXPORT, lookout_str(ids[i]), &job, &error),
            LOOKOUT_JOB_NOT_FOUND);
    }
    assert_int_equal(lookout_jobs_get(jobs, arena, RENDER,
                                      LOOKOUT_STR("rj_aaaaaaaaaaaaaaaaaaaaaa"), &job, &error),
                     LOOKOUT_RENDER_JOB_NOT_FOUND);
    assert_text(error.details,
                "{\"renderJobId\":\"rj_aaaaaaaaaaaaaaaaaaaaaa\",\"reason\":\"unknown\"}");
    assert_non_null(strstr(error.message.data, "create_view_render"));
}


/* The loop reads what is there, and leaves all else to a thread. */
static void
test_event_loop(void **state)
{
    lookout_job_request_t x = request_of(RENDER, "x");
    lookout_job_t job, mine;
    lookout_jobs_limits_t none = { 0 };
    lookout_jobs_swept_t swept;
    sqlite3 *other;

    (void) state;
    assert_int_equal(lookout_jobs_claim(loop, arena, &x, LOOKOUT_JOBS_DO, &job, &error),
                     LOOKOUT_NEEDS_THREAD); /* no state file yet */
    assert_int_not_equal(access(state_path, F_OK), 0);
    assert_int_equal(lookout_jobs_get(loop, arena, RENDER,
                                      LOOKOUT_STR("rj_aaaaaaaaaaaaaaaaaaaaaa"), &job, &error),
                     LOOKOUT_NEEDS_THREAD);

    mine = claim(jobs, RENDER, "x", LOOKOUT_CLAIM_MINE);
    assert_int_equal(lookout_jobs_claim(loop, arena, &x, LOOKOUT_JOBS_DO, &job, &error),
                     LOOKOUT_OK);
    assert_int_equal(job.claim, LOOKOUT_CLAIM_BUSY);
    assert_int_equal(work(jobs, &mine, 10), LOOKOUT_OK);
    assert_int_equal(lookout_jobs_claim(loop, arena, &x, LOOKOUT_JOBS_DO, &job, &error),
                     LOOKOUT_OK);
    assert_int_equal(job.claim, LOOKOUT_CLAIM_FINISHED);

    /* A writer in the middle of its transaction does not make it wait. */
    assert_int_equal(sqlite3_open(state_path, &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other, "BEGIN IMMEDIATE; UPDATE job SET row_count = 7", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(lookout_jobs_get(loop, arena, RENDER, lookout_str(job.id), &job, &error),
                     LOOKOUT_OK);
    assert_int_equal(job.rows, 10);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);

    /* It is time to note that the job is in use: that is a write. */
    (void) sql("UPDATE job SET last_used_at = last_used_at - 3600");
    assert_int_equal(lookout_jobs_get(loop, arena, RENDER, lookout_str(job.id), &job, &error),
                     LOOKOUT_NEEDS_THREAD);
    assert_int_equal(lookout_jobs_get(jobs, arena, RENDER, lookout_str(job.id), &job, &error),
                     LOOKOUT_OK);
    assert_int_equal(lookout_jobs_get(loop, arena, RENDER, lookout_str(job.id), &job, &error),
                     LOOKOUT_OK);
    assert_true(lookout_now() - job.last_used_at < 5);

    assert_int_equal(lookout_jobs_sweep(loop, &none, NULL, arena, &swept, &error),
                     LOOKOUT_NEEDS_THREAD);
    assert_int_equal(lookout_jobs_release(loop, arena, &job, &error), LOOKOUT_NEEDS_THREAD);
    assert_int_equal(
        lookout_jobs_wait(loop, arena, RENDER, lookout_str(job.id), 1, NULL, &job, &error),
        LOOKOUT_NEEDS_THREAD);
}


static void
test_use_is_noted_once_a_minute(void **state)
{
    (void) state;
    (void) done(jobs, RENDER, "x", 10);
    (void) sql("UPDATE job SET last_used_at = last_used_at - 30");
    (void) claim(jobs, RENDER, "x", LOOKOUT_CLAIM_FINISHED);
    assert_true(lookout_now() - sql("SELECT last_used_at FROM job") >= 30);
    (void) sql("UPDATE job SET last_used_at = last_used_at - 31");
    (void) claim(jobs, RENDER, "x", LOOKOUT_CLAIM_FINISHED);
    assert_true(lookout_now() - sql("SELECT last_used_at FROM job") < 5);
    /* A clock that was set back does not keep a job for ever. */
    (void) sql("UPDATE job SET last_used_at = last_used_at + 100000");
    (void) claim(jobs, RENDER, "x", LOOKOUT_CLAIM_FINISHED);
    assert_true(lookout_now() - sql("SELECT last_used_at FROM job") >= 0);
}


static void
test_progress(void **state)
{
    lookout_job_t job = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE), now;

    (void) state;
    (void) sql("UPDATE job SET beat_at = 0");
    assert_true(lookout_jobs_progress(jobs, &job, 1234));
    assert_int_equal(sql("SELECT row_count FROM job"), 1234);
    assert_true(sql("SELECT beat_at FROM job") > 0);
    assert_true(lookout_jobs_progress(jobs, &job, 1300)); /* too soon to be written */
    assert_int_equal(sql("SELECT row_count FROM job"), 1234);
    assert_int_equal(lookout_jobs_get(loop, arena, EXPORT, lookout_str(job.id), &now, &error),
                     LOOKOUT_OK);
    assert_int_equal(now.status, LOOKOUT_JOB_RUNNING);
    assert_int_equal(now.rows, 1234);
    sleep_ms(510);
    assert_true(lookout_jobs_progress(jobs, &job, 1400));
    assert_int_equal(sql("SELECT row_count FROM job"), 1400);
}


/* An owner that seemed to be gone, and comes back when another has the job. */
static void
test_taken_away(void **state)
{
    lookout_job_t old = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE), new, late = old;
    lookout_job_t rewritten;

    (void) state;
    (void) sql("UPDATE job SET beat_at = beat_at - 121");
    new = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE);
    assert_int_equal(sql("SELECT interruptions FROM job"), 1);
    assert_false(lookout_jobs_progress(jobs, &old, 5));

    assert_int_equal(work(jobs, &old, 50), LOOKOUT_OK);
    assert_int_equal(old.status, LOOKOUT_JOB_RUNNING); /* the other's */
    assert_int_equal(count_files(root), 0);
    rewritten = late;
    assert_int_equal(
        lookout_jobs_fail(jobs, arena, &rewritten, LOOKOUT_STR("X"), LOOKOUT_STR("x"), &error),
        LOOKOUT_OK);
    assert_int_equal(rewritten.status, LOOKOUT_JOB_RUNNING);
    assert_int_equal(lookout_jobs_release(jobs, arena, &late, &error), LOOKOUT_OK);
    assert_int_equal(late.status, LOOKOUT_JOB_RUNNING);

    assert_int_equal(work(jobs, &new, 60), LOOKOUT_OK);
    assert_int_equal(new.status, LOOKOUT_JOB_DONE);
    assert_int_equal(new.files[0].size, 60);
    assert_int_equal(sql("SELECT interruptions FROM job"), 0);
}


static void
test_wait(void **state)
{
    lookout_job_t job = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE), now;
    uint64_t start = lookout_monotonic_ns(), ms;
    atomic_bool left = true;
    lookout_watch_t watch = { .cancelled = &left };

    (void) state;
    assert_int_equal(
        lookout_jobs_wait(jobs, arena, EXPORT, lookout_str(job.id), 120, NULL, &now, &error),
        LOOKOUT_OK);
    ms = (lookout_monotonic_ns() - start) / 1000000;
    assert_true(ms >= 120 && ms < 2000);
    assert_int_equal(now.status, LOOKOUT_JOB_RUNNING);
    assert_int_equal(lookout_jobs_wait(jobs, arena, EXPORT, lookout_str(job.id), 60000, &watch,
                                       &now, &error),
                     LOOKOUT_CANCELLED);
    assert_int_equal(work(jobs, &job, 1), LOOKOUT_OK);
    assert_int_equal(
        lookout_jobs_wait(jobs, arena, EXPORT, lookout_str(job.id), 60000, NULL, &now, &error),
        LOOKOUT_OK);
    assert_int_equal(now.status, LOOKOUT_JOB_DONE);
}


/* Two keys that agree in the 48 bits that a render's name holds. */
static void
test_same_name(void **state)
{
    lookout_job_request_t request = request_of(RENDER, "x");
    lookout_job_t first = done(jobs, RENDER, "x", 10), second, now;

    (void) state;
    request.key[31] ^= 1;
    request.key[9] ^= 1;
    assert_int_equal(
        lookout_jobs_claim(jobs, arena, &request, LOOKOUT_JOBS_DO, &second, &error),
        LOOKOUT_OK);
    assert_int_equal(second.claim, LOOKOUT_CLAIM_MINE);
    assert_string_not_equal(second.id, first.id);
    assert_text(second.files[0].path, first.files[0].path.data);
    assert_int_equal(work(jobs, &second, 20), LOOKOUT_OK);
    assert_int_equal(lookout_jobs_get(jobs, arena, RENDER, lookout_str(first.id), &now, &error),
                     LOOKOUT_RENDER_JOB_NOT_FOUND);
    (void) claim(jobs, RENDER, "x", LOOKOUT_CLAIM_MINE);
}


static void
test_file(void **state)
{
    lookout_job_t job = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE);
    lookout_jobs_file_t *files[2], *dropped = lookout_jobs_file_open(jobs, arena, &job, 0);
    lookout_buf_t all = LOOKOUT_BUF_INIT;
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    char hex[65], expected[65];
    struct stat st;

    (void) state;
    files[0] = lookout_jobs_file_open(jobs, arena, &job, 0);
    files[1] = lookout_jobs_file_open(jobs, arena, &job, 1);
    for (int i = 0; i < 1000000; i++) { /* several chunks, and a hint to the kernel */
        lookout_buf_printf(lookout_jobs_file_buf(files[0]), "%d,row\n", i);
        lookout_buf_printf(&all, "%d,row\n", i);
        assert_true(lookout_jobs_file_spill(files[0]));
    }
    assert_true(lookout_jobs_file_close(files[0]));
    assert_true(lookout_jobs_file_close(files[0]));
    assert_null(lookout_jobs_file_buf(files[0]));
    assert_int_equal(lookout_jobs_file_size(files[0]), all.len);
    lookout_sha256(lookout_buf_text(&all), digest);
    for (int i = 0; i < LOOKOUT_DIGEST_SIZE; i++) {
        (void) snprintf(expected + 2 * i, 3, "%02x", digest[i]);
    }
    lookout_jobs_file_sha256(files[0], hex);
    assert_string_equal(hex, expected);

    lookout_jobs_file_abort(dropped);
    assert_int_equal(count_files(root), 2);
    assert_int_equal(lookout_jobs_finish(jobs, arena, &job, files, 1000000, &error),
                     LOOKOUT_OK);
    assert_int_equal(job.status, LOOKOUT_JOB_DONE);
    assert_int_equal(job.files[0].size, all.len);
    assert_int_equal(job.files[1].size, 0);
    assert_int_equal(count_files(root), 2);
    assert_int_equal(stat(job.files[0].file.data, &st), 0);
    assert_int_equal(st.st_mode & 0777 & ~0640, 0);
    lookout_buf_reset(&all);
    assert_true(lookout_jobs_read(&job, 0, &all));
    lookout_sha256(lookout_buf_text(&all), digest);
    for (int i = 0; i < LOOKOUT_DIGEST_SIZE; i++) {
        (void) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
    assert_string_equal(hex, expected);
    lookout_buf_free(&all);

    /* The end of the arena is the end of a file that was never finished. */
    job = claim(jobs, EXPORT, "y", LOOKOUT_CLAIM_MINE);
    assert_non_null(lookout_jobs_file_open(jobs, arena, &job, 0));
    assert_int_equal(count_files(root), 3);
    lookout_arena_destroy(arena);
    arena = lookout_arena_create();
    assert_int_equal(count_files(root), 2);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_names),
        TEST(test_refuses_paths),
        TEST(test_done_once),
        TEST(test_missing_file_is_redone),
        TEST(test_failure_is_kept_for_a_while),
        TEST(test_queue),
        TEST(test_release),
        TEST(test_not_found),
        TEST(test_event_loop),
        TEST(test_use_is_noted_once_a_minute),
        TEST(test_progress),
        TEST(test_taken_away),
        TEST(test_wait),
        TEST(test_same_name),
        TEST(test_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
