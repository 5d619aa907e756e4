/*
 * Unit tests of the jobs' state file: damaged in many ways, of another version or kind, removed
 * while it is open.
 */

#include "jobs_fixture.h"

#include <fcntl.h>

#define EXPORT LOOKOUT_JOB_EXPORT

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


static void
overwrite(const char *path, off_t at, size_t n)
{
    char garbage[8192];
    int fd = open(path, O_WRONLY);

    memset(garbage, 0xa5, sizeof(garbage));
    assert_true(fd >= 0 && n <= sizeof(garbage));
    assert_int_equal(pwrite(fd, garbage, n, at), n);
    assert_int_equal(close(fd), 0);
}


/* Another process's state is damaged under it; here it is only opened now. */
static void
assert_made_anew(const char *said)
{
    lookout_jobs_t *loop = lookout_jobs_create(&settings, LOOKOUT_JOBS_LOOP);
    lookout_job_request_t request = request_of(EXPORT, "x");
    char aside[160];
    const char *line;
    lookout_job_t job;

    assert_int_equal(lookout_jobs_claim(loop, arena, &request, LOOKOUT_JOBS_DO, &job, &error),
                     LOOKOUT_NEEDS_THREAD);
    assert_null(lookout_jobs_trouble(loop));
    (void) done(jobs, EXPORT, "x", 10);
    line = lookout_jobs_trouble(jobs);
    assert_non_null(line);
    assert_non_null(strstr(line, said));
    assert_null(lookout_jobs_trouble(jobs));
    (void) snprintf(aside, sizeof(aside), "%s.corrupt", state_path);
    assert_int_equal(access(aside, F_OK), 0);
    assert_int_equal(sql("SELECT count(*) FROM job"), 1);
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    assert_int_equal(lookout_jobs_claim(loop, arena, &request, LOOKOUT_JOBS_DO, &job, &error),
                     LOOKOUT_OK);
    assert_int_equal(job.claim, LOOKOUT_CLAIM_FINISHED);
    lookout_jobs_destroy(loop);
}


static void
reopen(void)
{
    lookout_jobs_destroy(jobs);
    jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    assert_non_null(jobs);
}


static void
test_garbage(void **state)
{
    (void) state;
    (void) done(jobs, EXPORT, "x", 10);
    reopen();
    overwrite(state_path, 0, 8192);
    assert_made_anew("was damaged");
}


/* The header is fine; a page of the table is not. */
static void
test_bad_page(void **state)
{
    (void) state;
    (void) done(jobs, EXPORT, "x", 10);
    (void) sql("PRAGMA wal_checkpoint(TRUNCATE)");
    reopen();
    overwrite(state_path, 4096, 8192);
    assert_made_anew("was damaged");
}


static void
test_truncated(void **state)
{
    (void) state;
    (void) done(jobs, EXPORT, "x", 10);
    (void) sql("PRAGMA wal_checkpoint(TRUNCATE)");
    reopen();
    assert_int_equal(truncate(state_path, 5000), 0);
    assert_made_anew("was damaged");
}


static void
test_without_its_table(void **state)
{
    (void) state;
    (void) done(jobs, EXPORT, "x", 10);
    (void) sql("DROP TABLE job");
    reopen();
    assert_made_anew("was damaged");
}


/* Damaged while it is open: found by the statement that trips over it. */
static void
test_damaged_while_open(void **state)
{
    (void) state;
    for (int i = 0; i < 40; i++) {
        char what[16];

        (void) snprintf(what, sizeof(what), "n%d", i);
        (void) claim(jobs, EXPORT, what, LOOKOUT_CLAIM_MINE);
    }
    (void) sql("PRAGMA wal_checkpoint(TRUNCATE)");
    for (off_t page = 1; page < 10; page++) {
        overwrite(state_path, page * 4096, 4096);
    }
    (void) sql("PRAGMA user_version = 2"); /* so that the cached pages are seen to be old */
    assert_made_anew("was damaged");
}


/* Found when the job ends, after its files have their names: the new state has it, done. */
static void
test_damaged_at_the_end(void **state)
{
    lookout_job_t job = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE);
    int64_t page = sql("SELECT rootpage FROM sqlite_schema WHERE name = 'job_by_use'");
    const char *line;

    (void) state;
    assert_true(page > 1);
    (void) sql("PRAGMA wal_checkpoint(TRUNCATE)");
    overwrite(state_path, (page - 1) * 4096, 4096);
    (void) sql("PRAGMA user_version = 2");
    assert_int_equal(work(jobs, &job, 10), LOOKOUT_OK);
    assert_int_equal(job.status, LOOKOUT_JOB_DONE);
    line = lookout_jobs_trouble(jobs);
    assert_non_null(line);
    assert_non_null(strstr(line, "was damaged"));
    assert_null(lookout_jobs_trouble(jobs));
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    assert_int_equal(sql("SELECT count(*) FROM job"), 1);
}


static void
test_earlier_version(void **state)
{
    (void) state;
    (void) done(jobs, EXPORT, "x", 10);
    (void) sql("DROP TABLE task");
    (void) sql("PRAGMA user_version = 1");
    reopen();
    assert_made_anew("earlier Lookout");
}


/* What is not ours, or of a later version, is not touched. */
static void
test_foreign(void **state)
{
    static const char *const changes[] = { "PRAGMA user_version = 3",
                                           "PRAGMA application_id = 77" };
    lookout_job_request_t request = request_of(EXPORT, "x");
    struct stat before, after;
    const char *line;
    lookout_job_t job;

    (void) state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        (void) done(jobs, EXPORT, i == 0 ? "a" : "b", 10);
        (void) sql(changes[i]);
        reopen();
        assert_int_equal(stat(state_path, &before), 0);
        assert_int_equal(
            lookout_jobs_claim(jobs, arena, &request, LOOKOUT_JOBS_DO, &job, &error),
            LOOKOUT_INTERNAL_ERROR);
        line = lookout_jobs_trouble(jobs);
        assert_non_null(line);
        assert_non_null(strstr(line, "of another kind"));
        assert_int_equal(stat(state_path, &after), 0);
        assert_int_equal(after.st_ino, before.st_ino);
        (void) sql("PRAGMA user_version = 2");
        (void) sql("PRAGMA application_id = 0x4c4b4a42");
        (void) claim(jobs, EXPORT, "a", LOOKOUT_CLAIM_FINISHED);
    }
}


/* Removed while it is open, by itself or with all that lies beside it. */
static void
test_removed(void **state)
{
    lookout_jobs_t *other = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    lookout_job_t job, mine;
    char path[160];

    (void) state;
    mine = claim(jobs, EXPORT, "mine", LOOKOUT_CLAIM_MINE);
    (void) done(other, EXPORT, "x", 10);
    assert_int_equal(unlink(state_path), 0);
    (void) done(jobs, EXPORT, "x", 10);
    (void) claim(other, EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    /* Work that was under way ends well in the new state. */
    assert_int_equal(work(jobs, &mine, 10), LOOKOUT_OK);
    assert_int_equal(mine.status, LOOKOUT_JOB_DONE);
    (void) claim(other, EXPORT, "mine", LOOKOUT_CLAIM_FINISHED);
    assert_int_equal(sql("PRAGMA integrity_check(1)"), 0);

    (void) snprintf(path, sizeof(path), "%s/state", folder);
    assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    job = done(other, EXPORT, "x", 10);
    assert_int_equal(lookout_jobs_get(jobs, arena, EXPORT, lookout_str(job.id), &job, &error),
                     LOOKOUT_OK);
    lookout_jobs_destroy(other);
    (void) claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
}


static void
expect_done(lookout_jobs_t *own)
{
    lookout_job_request_t request = request_of(EXPORT, "x");
    lookout_job_t job;

    CHECK(lookout_jobs_claim(own, arena, &request, LOOKOUT_JOBS_DO, &job, &error)
          == LOOKOUT_OK);
    CHECK(job.claim == LOOKOUT_CLAIM_FINISHED);
    CHECK(lookout_jobs_trouble(own) == NULL);
}


/* The last process to have the old file open closes it, and leaves the new one alone. */
static void
test_old_file_closed(void **state)
{
    int ready[2], go[2];
    char c = 'x';
    pid_t pid;

    (void) state;
    assert_int_equal(pipe(ready) + pipe(go), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        lookout_jobs_t *old = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
        lookout_job_request_t request = request_of(EXPORT, "old");
        lookout_job_t job;

        CHECK(lookout_jobs_claim(old, arena, &request, LOOKOUT_JOBS_DO, &job, &error)
              == LOOKOUT_OK);
        CHECK(write(ready[1], &c, 1) == 1 && read(go[0], &c, 1) == 1);
        lookout_jobs_destroy(old);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(unlink(state_path), 0);
    (void) done(jobs, EXPORT, "x", 10);
    assert_int_equal(write(go[1], &c, 1), 1);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(in_child(expect_done));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(close(ready[i]) + close(go[i]), 0);
    }
}


static void
test_state_in_no_folder(void **state)
{
    lookout_job_request_t request = request_of(EXPORT, "x");
    lookout_job_t job;
    char path[160];
    struct stat st;
    int fd;

    (void) state;
    (void) done(jobs, EXPORT, "x", 10); /* the folders were made */
    (void) snprintf(path, sizeof(path), "%s/state", folder);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777 & ~0750, 0);
    assert_int_equal(stat(state_path, &st), 0);
    assert_int_equal(st.st_mode & 0777 & ~0640, 0);

    assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    fd = open(path, O_CREAT | O_WRONLY, 0600); /* a file where the folder should be */
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(lookout_jobs_claim(jobs, arena, &request, LOOKOUT_JOBS_DO, &job, &error),
                     LOOKOUT_INTERNAL_ERROR);
    assert_non_null(lookout_jobs_trouble(jobs));
    assert_int_equal(unlink(path), 0);
    (void) done(jobs, EXPORT, "x", 10);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_garbage),
        TEST(test_bad_page),
        TEST(test_truncated),
        TEST(test_without_its_table),
        TEST(test_damaged_while_open),
        TEST(test_damaged_at_the_end),
        TEST(test_earlier_version),
        TEST(test_foreign),
        TEST(test_removed),
        TEST(test_old_file_closed),
        TEST(test_state_in_no_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
