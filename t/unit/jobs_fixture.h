/*
 * For the unit tests of jobs: a folder of their own with a state file and a root, requests,
 * work that writes files, and looks at the state behind the room's back.
 */

#ifndef JOBS_FIXTURE_H
#define JOBS_FIXTURE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* nftw, unshare */
#endif

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "../../ngx_lookout_module/base/clock.h"
#include "../../ngx_lookout_module/jobs/jobs.h"

#define VIEW "vw_abcdefghijklmnopqrstuv"
#define UNUSED __attribute__((unused))

static char folder[64], state_path[128], root[128];
static lookout_jobs_settings_t settings;
static lookout_arena_t *arena;
static lookout_error_t error;


static UNUSED int
fixture_setup(void **state)
{
    (void) state;
    (void) strcpy(folder, "/tmp/lookout-jobs-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void) snprintf(state_path, sizeof(state_path), "%s/state/jobs.db", folder);
    (void) snprintf(root, sizeof(root), "%s/data/fs", folder);
    settings = LOOKOUT_JOBS_SETTINGS(state_path, root);
    arena = lookout_arena_create();
    assert_non_null(arena);
    return 0;
}


static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void) st;
    (void) type;
    (void) ftw;
    return remove(path);
}


static UNUSED int
fixture_teardown(void **state)
{
    (void) state;
    lookout_arena_destroy(arena);
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}


/* A request of that kind whose key is the digest of `what`. */
static UNUSED lookout_job_request_t
request_of(lookout_job_kind_e kind, const char *what)
{
    lookout_job_request_t request = {
        .kind = kind,
        .view_id = LOOKOUT_STR(VIEW),
        .format = kind == LOOKOUT_JOB_RENDER ? LOOKOUT_STR("svg") : LOOKOUT_STR("csv"),
        .inputs = LOOKOUT_STR("{\"viewId\":\"" VIEW "\"}"),
    };

    lookout_sha256(lookout_str(what), request.key);
    return request;
}


static UNUSED lookout_job_t
claim_as(lookout_jobs_t *jobs, lookout_job_kind_e kind, const char *what,
         lookout_jobs_how_e how, lookout_claim_e expected)
{
    lookout_job_request_t request = request_of(kind, what);
    lookout_job_t job;

    assert_int_equal(lookout_jobs_claim(jobs, arena, &request, how, &job, &error), LOOKOUT_OK);
    assert_int_equal(job.claim, expected);
    return job;
}


static UNUSED lookout_job_t
claim(lookout_jobs_t *jobs, lookout_job_kind_e kind, const char *what, lookout_claim_e expected)
{
    return claim_as(jobs, kind, what, LOOKOUT_JOBS_DO, expected);
}


/* Writes the job's files, each with `bytes` bytes. */
static UNUSED lookout_code_e
work(lookout_jobs_t *jobs, lookout_job_t *job, size_t bytes)
{
    lookout_jobs_file_t *files[LOOKOUT_JOB_FILES];

    for (size_t i = 0; i < job->n_files; i++) {
        files[i] = lookout_jobs_file_open(jobs, arena, job, i);
        if (files[i] == NULL) {
            return LOOKOUT_INTERNAL_ERROR;
        }
        for (size_t n = 0; n < bytes && lookout_jobs_file_spill(files[i]); n++) {
            lookout_buf_putc(lookout_jobs_file_buf(files[i]), (char) ('a' + n % 26));
        }
    }
    return lookout_jobs_finish(jobs, arena, job, files, (int64_t) bytes, &error);
}


/* Claims, works, finishes. */
static UNUSED lookout_job_t
done(lookout_jobs_t *jobs, lookout_job_kind_e kind, const char *what, size_t bytes)
{
    lookout_job_t job = claim(jobs, kind, what, LOOKOUT_CLAIM_MINE);

    assert_int_equal(work(jobs, &job, bytes), LOOKOUT_OK);
    assert_int_equal(job.status, LOOKOUT_JOB_DONE);
    return job;
}


/* Runs SQL on the state, as nobody but a test does; gives the first number of the result. */
static UNUSED int64_t
sql(const char *text)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    int64_t n = 0;
    int rc;

    assert_int_equal(sqlite3_open(state_path, &db), SQLITE_OK);
    (void) sqlite3_busy_timeout(db, 5000);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        n = sqlite3_column_int64(stmt, 0);
    }
    assert_int_equal(rc, SQLITE_DONE);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return n;
}


static int files_seen;

static int
count_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void) path;
    (void) st;
    (void) ftw;
    files_seen += type == FTW_F;
    return 0;
}


/* How many files there are below a path. */
static UNUSED int
count_files(const char *path)
{
    files_seen = 0;
    (void) nftw(path, count_entry, 16, FTW_PHYS);
    return files_seen;
}


static UNUSED void
sleep_ms(unsigned ms)
{
    assert_int_equal(usleep(ms * 1000), 0);
}


/* In a child process, where cmocka's assertions mean nothing. */
#define CHECK(truth)                                                                           \
    do {                                                                                       \
        if (!(truth)) {                                                                        \
            (void) fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #truth);                 \
            _exit(1);                                                                          \
        }                                                                                      \
    } while (0)

/* Runs body(n) in a child process. */
static UNUSED pid_t
start(void (*body)(int), int n)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        body(n);
        _exit(0);
    }
    return pid;
}


static UNUSED void
assert_ends_well(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}


/* Of a child that never ends by itself, but when a check of its fails. */
static UNUSED void
kill_now(pid_t pid)
{
    int status;

    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}


/* Leaves a file with that name in the folder; and waits for one. */
static UNUSED void
leave_mark(const char *name)
{
    char path[256];
    int fd;

    (void) snprintf(path, sizeof(path), "%s/%s", folder, name);
    fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1) {
        abort();
    }
    (void) close(fd);
}


static UNUSED off_t
marks(const char *name)
{
    char path[256];
    struct stat st;

    (void) snprintf(path, sizeof(path), "%s/%s", folder, name);
    return stat(path, &st) == 0 ? st.st_size : 0;
}


static UNUSED void
await_mark(const char *name)
{
    while (marks(name) == 0) {
        (void) usleep(1000);
    }
}


#define SKIPPED 77 /* exit status of a child that may not do what the test needs */


/* Runs body(jobs) in a child, which may limit itself as it likes. False when it had to skip. */
static UNUSED bool
in_child(void (*body)(lookout_jobs_t *))
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        lookout_jobs_t *own = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);

        CHECK(own != NULL);
        body(own);
        lookout_jobs_destroy(own);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) != SKIPPED) {
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    return WEXITSTATUS(status) == 0;
}

#endif
