/*
 * Unit tests of jobs when storage fails: a full disk, a limit on files, folders and files that
 * cannot be written.
 */

#include "jobs_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#define EXPORT LOOKOUT_JOB_EXPORT
#define NOBODY 65534

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


/* Claims and works in a child: the job ends as failed with that code, and nothing is left. */
static void
check_fails(lookout_jobs_t *own, const char *what, const char *code)
{
    lookout_job_request_t request = request_of(EXPORT, what);
    lookout_job_t job, now;
    const char *line;

    CHECK(lookout_jobs_claim(own, arena, &request, LOOKOUT_JOBS_DO, &job, &error)
          == LOOKOUT_OK);
    CHECK(job.claim == LOOKOUT_CLAIM_MINE);
    CHECK(work(own, &job, (size_t) 2 << 20) == LOOKOUT_OK);
    CHECK(job.status == LOOKOUT_JOB_FAILED);
    CHECK(strcmp(job.error_code.data, code) == 0);
    CHECK(strstr(job.error_message.data, root) == NULL); /* that is for the log alone */
    CHECK(count_files(root) == 0);
    line = lookout_jobs_trouble(own);
    CHECK(line != NULL && strstr(line, root) != NULL);
    CHECK(lookout_jobs_trouble(own) == NULL);
    CHECK(lookout_jobs_get(own, arena, EXPORT, lookout_str(job.id), &now, &error)
          == LOOKOUT_OK);
    CHECK(now.status == LOOKOUT_JOB_FAILED && strcmp(now.error_code.data, code) == 0);
}


/* When there is room again, the job is done. */
static void
assert_done_later(const char *what)
{
    (void) sql("UPDATE job SET retry_at = 0");
    (void) done(jobs, EXPORT, what, (size_t) 2 << 20);
    (void) claim(jobs, EXPORT, what, LOOKOUT_CLAIM_FINISHED);
    assert_int_equal(count_files(root), 2);
    assert_null(lookout_jobs_trouble(jobs));
}


static void
with_small_files(lookout_jobs_t *own)
{
    struct rlimit limit = { 1 << 20, 1 << 20 };

    (void) signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    check_fails(own, "x", LOOKOUT_JOB_STORAGE_FULL);
}


static void
test_file_limit(void **state)
{
    (void) state;
    (void) done(jobs, EXPORT, "first", 10); /* while the state file may still be made */
    (void) sql("UPDATE job SET last_used_at = 1");
    assert_int_equal(nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    assert_true(in_child(with_small_files));
    assert_done_later("x");
}


/* The root on a file system of its own, of one megabyte. */
static void
with_full_disk(lookout_jobs_t *own)
{
    CHECK(mkdir(root, 0700) == 0);
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
        || mount("none", root, "tmpfs", 0, "size=1m") != 0) {
        _exit(SKIPPED);
    }
    check_fails(own, "x", LOOKOUT_JOB_STORAGE_FULL);
}


static void
test_full_disk(void **state)
{
    char data[160];

    (void) state;
    (void) snprintf(data, sizeof(data), "%s/data", folder);
    assert_int_equal(mkdir(data, 0700), 0);
    if (!in_child(with_full_disk)) {
        skip();
    }
    assert_done_later("x");
}


/* The state itself on a full disk: claims fail, and say why; work under way is not lost for
 * ever. */
static void
with_full_state_disk(lookout_jobs_t *own)
{
    lookout_job_request_t request = request_of(EXPORT, "x");
    char path[160], big[4096] = "";
    lookout_job_t job, other;
    int fd;

    (void) snprintf(path, sizeof(path), "%s/state", folder);
    CHECK(mkdir(path, 0700) == 0);
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
        || mount("none", path, "tmpfs", 0, "size=1m") != 0) {
        _exit(SKIPPED);
    }
    CHECK(lookout_jobs_claim(own, arena, &request, LOOKOUT_JOBS_DO, &job, &error)
          == LOOKOUT_OK);
    (void) snprintf(path, sizeof(path), "%s/state/big", folder);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    while (write(fd, big, sizeof(big)) > 0) {
    }
    (void) close(fd);

    for (int i = 0; i < 40; i++) { /* until what room the files have is used up */
        char what[16];

        (void) snprintf(what, sizeof(what), "y%d", i);
        request = request_of(EXPORT, what);
        if (lookout_jobs_claim(own, arena, &request, LOOKOUT_JOBS_DO, &other, &error)
            != LOOKOUT_OK) {
            break;
        }
    }
    CHECK(lookout_jobs_claim(own, arena, &request, LOOKOUT_JOBS_DO, &other, &error)
          == LOOKOUT_INTERNAL_ERROR);
    CHECK(strstr(error.message.data, "disk is full") != NULL);
    CHECK(lookout_jobs_trouble(own) != NULL);
    CHECK(work(own, &job, 10) == LOOKOUT_INTERNAL_ERROR);

    CHECK(unlink(path) == 0);
    CHECK(lookout_jobs_claim(own, arena, &request, LOOKOUT_JOBS_DO, &other, &error)
          == LOOKOUT_OK);
    CHECK(sql("PRAGMA integrity_check(1)") == 0);
    (void) sql("UPDATE job SET beat_at = beat_at - 1000"); /* two minutes later */
    (void) done(own, EXPORT, "x", 10);
}


static void
test_full_state_disk(void **state)
{
    (void) state;
    if (!in_child(with_full_state_disk)) {
        skip();
    }
}


static void
as_nobody(void)
{
    if (geteuid() != 0) {
        return; /* permissions hold for us as they are */
    }
    CHECK(setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}


/* Gives all of the test's folder to nobody, as the server's worker is no root. */
static int
give_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void) st;
    (void) type;
    (void) ftw;
    return chown(path, NOBODY, NOBODY);
}


static void
give_to_nobody(void)
{
    if (geteuid() == 0) {
        assert_int_equal(nftw(folder, give_entry, 16, FTW_PHYS), 0);
    }
}


static void
with_closed_root(lookout_jobs_t *own)
{
    as_nobody();
    check_fails(own, "x", LOOKOUT_JOB_STORAGE_UNAVAILABLE);
}


static void
test_closed_root(void **state)
{
    (void) state;
    (void) done(jobs, EXPORT, "first", 10);
    assert_int_equal(nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    assert_int_equal(mkdir(root, 0500), 0);
    give_to_nobody();
    assert_true(in_child(with_closed_root));
    assert_int_equal(chmod(root, 0700), 0);
    assert_done_later("x");
}


/* The file can be written, but not be given its name: nothing is left of it either. */
static void
with_closed_exports(lookout_jobs_t *own)
{
    as_nobody();
    check_fails(own, "x", LOOKOUT_JOB_STORAGE_UNAVAILABLE);
}


static void
test_closed_exports(void **state)
{
    char path[160];

    (void) state;
    (void) done(jobs, EXPORT, "first", 10);
    (void) snprintf(path, sizeof(path), "%s/exports", root);
    assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    assert_int_equal(mkdir(path, 0500), 0);
    give_to_nobody();
    assert_true(in_child(with_closed_exports));
    assert_int_equal(chmod(path, 0700), 0);
    assert_done_later("x");
}


/* One of two files cannot have its name: then the other does not keep its own. */
static void
test_name_taken(void **state)
{
    lookout_job_t job = done(jobs, EXPORT, "x", 10);

    (void) state;
    assert_int_equal(unlink(job.files[0].file.data), 0);
    assert_int_equal(mkdir(job.files[0].file.data, 0700), 0);
    job = claim(jobs, EXPORT, "x", LOOKOUT_CLAIM_MINE);
    assert_int_equal(work(jobs, &job, 10), LOOKOUT_OK);
    assert_int_equal(job.status, LOOKOUT_JOB_FAILED);
    assert_string_equal(job.error_code.data, LOOKOUT_JOB_STORAGE_UNAVAILABLE);
    assert_int_equal(count_files(root), 0);
    assert_non_null(lookout_jobs_trouble(jobs));
    assert_int_equal(rmdir(job.files[0].file.data), 0);
    assert_done_later("x");
}


static void
with_closed_state(lookout_jobs_t *own)
{
    lookout_job_request_t request = request_of(EXPORT, "x");
    lookout_job_t job;

    as_nobody();
    CHECK(lookout_jobs_claim(own, arena, &request, LOOKOUT_JOBS_DO, &job, &error)
          == LOOKOUT_INTERNAL_ERROR);
    CHECK(strstr(error.message.data, folder) == NULL);
    CHECK(lookout_jobs_trouble(own) != NULL);
    CHECK(lookout_jobs_claim(own, arena, &request, LOOKOUT_JOBS_DO, &job, &error)
          == LOOKOUT_INTERNAL_ERROR);
    CHECK(lookout_jobs_trouble(own) == NULL); /* told once */
}


/* A state file that can be read and not be written. */
static void
test_closed_state(void **state)
{
    (void) state;
    (void) done(jobs, EXPORT, "first", 10);
    give_to_nobody();
    assert_int_equal(chmod(state_path, 0400), 0);
    assert_true(in_child(with_closed_state));
    assert_int_equal(chmod(state_path, 0600), 0);
    (void) claim(jobs, EXPORT, "first", LOOKOUT_CLAIM_FINISHED);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_file_limit),   TEST(test_full_disk),      TEST(test_full_state_disk),
        TEST(test_closed_root),  TEST(test_closed_exports), TEST(test_name_taken),
        TEST(test_closed_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
