/*
 * Unit tests of jobs with several processes and threads: equal claims at once, owners that are
 * killed, files that are looked at while they are made. Also who is alive and who is not.
 */

#include "jobs_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

#include "../../ngx_lookout_module/jobs/owner.h"

#define KEYS 12
#define WORKERS 4
#define BYTES 60000


static const char *
key_name(char out[32], int n)
{
    (void) snprintf(out, 32, "key %d", n);
    return out;
}


/* Claims until the job is done, by whomever; does it when it is to be done. True when it did
 * it. */
static bool
see_to(lookout_jobs_t *jobs, lookout_arena_t *memory, lookout_job_kind_e kind, const char *what,
       size_t bytes)
{
    lookout_job_request_t request = request_of(kind, what);
    lookout_jobs_file_t *files[LOOKOUT_JOB_FILES];
    lookout_code_e code;
    lookout_error_t e;
    lookout_job_t job;

    for (;;) {
        CHECK(lookout_jobs_claim(jobs, memory, &request, LOOKOUT_JOBS_DO, &job, &e)
              == LOOKOUT_OK);
        if (job.claim == LOOKOUT_CLAIM_FINISHED) {
            return false;
        }
        if (job.claim == LOOKOUT_CLAIM_MINE) {
            break;
        }
        code = lookout_jobs_wait(jobs, memory, kind, lookout_str(job.id), 1000, NULL, &job, &e);
        /* Done, and swept already: to be claimed again. */
        CHECK(code == LOOKOUT_OK || code == lookout_job_kinds[kind].unknown);
    }
    for (size_t i = 0; i < job.n_files; i++) {
        files[i] = lookout_jobs_file_open(jobs, memory, &job, i);
        CHECK(files[i] != NULL);
        for (size_t n = 0; n < bytes; n++) {
            lookout_buf_putc(lookout_jobs_file_buf(files[i]), (char) ('a' + n % 26));
        }
        CHECK(lookout_jobs_file_spill(files[i]));
    }
    CHECK(lookout_jobs_finish(jobs, memory, &job, files, 1, &e) == LOOKOUT_OK);
    return job.status == LOOKOUT_JOB_DONE;
}


/* ---- at once ---- */

static void
race(int n)
{
    lookout_arena_t *memory = lookout_arena_create();
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    char key[32];

    (void) n;
    CHECK(memory != NULL && jobs != NULL);
    if (n >= 0) {
        await_mark("go");
    }
    for (int i = 0; i < KEYS; i++) {
        if (see_to(jobs, memory, i % 2 == 0 ? LOOKOUT_JOB_EXPORT : LOOKOUT_JOB_RENDER,
                   key_name(key, i), 1000)) {
            leave_mark(key);
        }
    }
    CHECK(lookout_jobs_trouble(jobs) == NULL);
    lookout_jobs_destroy(jobs);
    lookout_arena_destroy(memory);
}


static void
assert_each_done_once(void)
{
    char key[32];

    for (int i = 0; i < KEYS; i++) {
        assert_int_equal(marks(key_name(key, i)), 1);
    }
    assert_int_equal(sql("SELECT count(*) FROM job WHERE status = 'done'"), KEYS);
    assert_int_equal(count_files(root), KEYS + KEYS / 2);
    assert_int_equal(sql("PRAGMA integrity_check(1)"), 0);
}


/* The first claims also race to make the state file and the folders. */
static void
test_processes_at_once(void **state)
{
    pid_t pids[WORKERS];

    (void) state;
    for (int i = 0; i < WORKERS; i++) {
        pids[i] = start(race, i);
    }
    leave_mark("go");
    for (int i = 0; i < WORKERS; i++) {
        assert_ends_well(pids[i]);
    }
    assert_each_done_once();
}


static void *
race_thread(void *data)
{
    (void) data;
    race(-1);
    return NULL;
}


static void
test_threads_at_once(void **state)
{
    pthread_t threads[WORKERS];

    (void) state;
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, race_thread, NULL), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_each_done_once();
}


/* ---- killed ---- */

/* Claims, writes half, says so, and waits for the end. */
static void
half_way(int n)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    lookout_job_request_t request = request_of(LOOKOUT_JOB_EXPORT, "x");
    lookout_jobs_file_t *file;
    lookout_job_t job;

    CHECK(lookout_jobs_claim(jobs, arena, &request,
                             n == 1 ? LOOKOUT_JOBS_QUEUE : LOOKOUT_JOBS_DO, &job, &error)
          == LOOKOUT_OK);
    CHECK(job.claim == LOOKOUT_CLAIM_MINE);
    if (n == 0) {
        file = lookout_jobs_file_open(jobs, arena, &job, 0);
        CHECK(file != NULL);
        for (int i = 0; i < 600000; i++) {
            lookout_buf_putc(lookout_jobs_file_buf(file), 'a');
            CHECK(lookout_jobs_file_spill(file));
        }
    }
    leave_mark("half");
    for (;;) {
        (void) pause();
    }
}


static void
test_owner_killed(void **state)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    lookout_jobs_t *loop = lookout_jobs_create(&settings, LOOKOUT_JOBS_LOOP);
    lookout_jobs_limits_t none = { 0 };
    lookout_jobs_swept_t swept;
    lookout_job_t job, now;
    pid_t owner = start(half_way, 0);

    (void) state;
    await_mark("half");
    job = claim(jobs, LOOKOUT_JOB_EXPORT, "x", LOOKOUT_CLAIM_BUSY);
    assert_false(job.abandoned);
    assert_int_equal(count_files(root), 1); /* aside */
    assert_int_not_equal(access(job.files[0].file.data, F_OK), 0);
    assert_int_equal(lookout_jobs_sweep(jobs, &none, NULL, arena, &swept, &error), LOOKOUT_OK);
    assert_int_equal(swept.files, 0); /* its writer lives */

    /* Killed, and not even waited for by its parent. */
    assert_int_equal(kill(owner, SIGKILL), 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(lookout_jobs_get(loop, arena, LOOKOUT_JOB_EXPORT, lookout_str(job.id),
                                          &now, &error),
                         LOOKOUT_OK);
        if (now.abandoned) {
            break;
        }
        sleep_ms(2);
    }
    assert_true(now.abandoned);
    assert_int_equal(now.status, LOOKOUT_JOB_RUNNING);
    assert_int_equal(waitpid(owner, NULL, 0), owner);

    assert_int_equal(lookout_jobs_sweep(jobs, &none, NULL, arena, &swept, &error), LOOKOUT_OK);
    assert_int_equal(swept.files, 1);
    assert_true(swept.bytes >= 262144);
    assert_int_equal(count_files(root), 0);

    assert_int_equal(
        lookout_jobs_start(jobs, arena, LOOKOUT_JOB_EXPORT, lookout_str(job.id), &now, &error),
        LOOKOUT_OK);
    assert_int_equal(now.claim, LOOKOUT_CLAIM_MINE);
    assert_string_equal(now.id, job.id);
    assert_int_equal(work(jobs, &now, 10), LOOKOUT_OK);
    (void) claim(jobs, LOOKOUT_JOB_EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    lookout_jobs_destroy(jobs);
    lookout_jobs_destroy(loop);
}


static void
test_queued_by_the_dead(void **state)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    pid_t owner = start(half_way, 1);

    (void) state;
    await_mark("half");
    (void) claim_as(jobs, LOOKOUT_JOB_EXPORT, "x", LOOKOUT_JOBS_QUEUE, LOOKOUT_CLAIM_BUSY);
    kill_now(owner);
    (void) claim_as(jobs, LOOKOUT_JOB_EXPORT, "x", LOOKOUT_JOBS_QUEUE, LOOKOUT_CLAIM_MINE);
    assert_int_equal(sql("SELECT interruptions FROM job"), 0); /* nobody worked on it */
    lookout_jobs_destroy(jobs);
}


/* A job that kills whoever works on it is not tried for ever. */
static void
test_deadly_job(void **state)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    char path[256];
    lookout_job_t job;

    (void) state;
    (void) snprintf(path, sizeof(path), "%s/half", folder);
    for (int i = 0; i < 4; i++) {
        pid_t owner = start(half_way, 0);

        await_mark("half");
        kill_now(owner);
        assert_int_equal(unlink(path), 0);
    }
    job = claim(jobs, LOOKOUT_JOB_EXPORT, "x", LOOKOUT_CLAIM_FAILED);
    assert_string_equal(job.error_code.data, LOOKOUT_JOB_INTERRUPTED);
    assert_int_equal(job.status, LOOKOUT_JOB_FAILED);
    (void) claim(jobs, LOOKOUT_JOB_EXPORT, "x", LOOKOUT_CLAIM_FAILED);
    (void) sql("UPDATE job SET retry_at = 0");
    job = claim(jobs, LOOKOUT_JOB_EXPORT, "x", LOOKOUT_CLAIM_MINE);
    assert_int_equal(work(jobs, &job, 10), LOOKOUT_OK);
    (void) claim(jobs, LOOKOUT_JOB_EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    lookout_jobs_destroy(jobs);
}


/* Killed in the middle of a transaction. */
static void
hold_lock(int n)
{
    sqlite3 *db;

    (void) n;
    CHECK(sqlite3_open(state_path, &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, "BEGIN IMMEDIATE; DELETE FROM job", NULL, NULL, NULL) == SQLITE_OK);
    leave_mark("held");
    for (;;) {
        (void) pause();
    }
}


static void
test_killed_in_a_transaction(void **state)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    pid_t owner;

    (void) state;
    (void) done(jobs, LOOKOUT_JOB_EXPORT, "x", 10);
    owner = start(hold_lock, 0);
    await_mark("held");
    kill_now(owner);
    (void) claim(jobs, LOOKOUT_JOB_EXPORT, "x", LOOKOUT_CLAIM_FINISHED);
    (void) done(jobs, LOOKOUT_JOB_EXPORT, "y", 10);
    assert_null(lookout_jobs_trouble(jobs));
    lookout_jobs_destroy(jobs);
}


/* ---- chaos ---- */

static void
worker(int n)
{
    lookout_jobs_t *jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    lookout_jobs_limits_t few = { .max_bytes = (int64_t) 5 * BYTES };
    lookout_jobs_swept_t swept;
    char key[32];

    srand((unsigned) getpid());
    for (;;) {
        lookout_arena_t *memory = lookout_arena_create();
        int k = rand() % KEYS;

        CHECK(memory != NULL);
        (void) see_to(jobs, memory, k % 2 == 0 ? LOOKOUT_JOB_EXPORT : LOOKOUT_JOB_RENDER,
                      key_name(key, k), BYTES);
        if (rand() % 4 == n) {
            CHECK(lookout_jobs_sweep(jobs, &few, NULL, memory, &swept, &error) == LOOKOUT_OK);
        }
        lookout_arena_destroy(memory);
    }
}


/* Is the file that clients may see, if it is there at all, whole? */
static int
whole_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    char text[BYTES + 1];
    ssize_t n;
    int fd;

    (void) st;
    (void) ftw;
    if (type != FTW_F || strstr(path, "/.aside/") != NULL || (fd = open(path, O_RDONLY)) < 0) {
        return 0;
    }
    n = read(fd, text, sizeof(text));
    (void) close(fd);
    if (n != BYTES || text[0] != 'a' || text[BYTES - 1] != 'a' + (BYTES - 1) % 26) {
        (void) fprintf(stderr, "%s: %zd bytes\n", path, n);
        return 1;
    }
    files_seen++;
    return 0;
}


static void
watcher(int n)
{
    (void) n;
    while (marks("stop") == 0) {
        files_seen = 0;
        CHECK(nftw(root, whole_entry, 16, FTW_PHYS) <= 0);
        if (files_seen > 0 && marks("seen") == 0) {
            leave_mark("seen");
        }
    }
}


static void
test_chaos(void **state)
{
    lookout_jobs_t *jobs;
    lookout_jobs_limits_t none = { 0 };
    lookout_jobs_swept_t swept;
    pid_t pids[WORKERS], looking;
    char key[32];

    (void) state;
    settings.retry_after = 0;
    settings.spare = -1;
    for (int i = 0; i < WORKERS; i++) {
        pids[i] = start(worker, i);
    }
    looking = start(watcher, 0);
    srand(20260503);
    for (int i = 0; i < 80; i++) {
        int victim = rand() % WORKERS;

        sleep_ms(5 + (unsigned) rand() % 30);
        kill_now(pids[victim]);
        pids[victim] = start(worker, victim);
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(waitpid(pids[i], NULL, WNOHANG), 0); /* no check of its failed */
        kill_now(pids[i]);
    }
    await_mark("seen");
    leave_mark("stop");
    assert_ends_well(looking);

    /* Whatever state they left it in, all can be had, and nothing is left over. */
    jobs = lookout_jobs_create(&settings, LOOKOUT_JOBS_THREAD);
    for (int i = 0; i < KEYS; i++) {
        (void) see_to(jobs, arena, i % 2 == 0 ? LOOKOUT_JOB_EXPORT : LOOKOUT_JOB_RENDER,
                      key_name(key, i), BYTES);
    }
    assert_int_equal(lookout_jobs_sweep(jobs, &none, NULL, arena, &swept, &error), LOOKOUT_OK);
    assert_int_equal(sql("SELECT count(*) FROM job WHERE status = 'done'"), KEYS);
    assert_int_equal(count_files(root), KEYS + KEYS / 2);
    assert_int_equal(swept.kept_bytes, (KEYS + KEYS / 2) * BYTES);
    assert_null(lookout_jobs_trouble(jobs));
    lookout_jobs_destroy(jobs);
}


/* ---- who is alive ---- */

static void
rest(int n)
{
    (void) n;
    for (;;) {
        (void) pause();
    }
}


static void
name_itself(int n)
{
    char name[LOOKOUT_OWNER_SIZE], path[256];
    int fd;

    (void) prctl(PR_SET_NAME, "a) Z 1 2 (b");
    lookout_owner_self(name);
    (void) snprintf(path, sizeof(path), "%s/name", folder);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    CHECK(write(fd, name, sizeof(name)) == (ssize_t) sizeof(name));
    leave_mark("named");
    rest(n);
}


static void
test_owners(void **state)
{
    char self[LOOKOUT_OWNER_SIZE], name[LOOKOUT_OWNER_SIZE], path[256], boot[9];
    static const char *const none[] = {
        "", "1", "-", "1-2", "1-2-3", "x-1-00000000-1", "1-1-zzzzzzzz-1", "1-1-00000000-1-1"
    };
    unsigned long long pid, born, space;
    siginfo_t info;
    pid_t child;
    int fd;

    (void) state;
    lookout_owner_self(self);
    assert_int_equal(lookout_owner_state(lookout_str(self), self), LOOKOUT_OWNER_ALIVE);
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_int_equal(lookout_owner_state(lookout_str(none[i]), self), LOOKOUT_OWNER_DEAD);
    }
    assert_int_equal(sscanf(self, "%llu-%llu-%8[0-9a-f]-%llu", &pid, &born, boot, &space), 4);
    assert_int_equal(pid, getpid());
    assert_true(born > 0 && space > 0);

    /* The same pid, of a process that started at another time; of another boot; elsewhere. */
    (void) snprintf(name, sizeof(name), "%llu-%llu-%s-%llu", pid, born + 1, boot, space);
    assert_int_equal(lookout_owner_state(lookout_str(name), self), LOOKOUT_OWNER_DEAD);
    boot[0] = boot[0] == '0' ? '1' : '0';
    (void) snprintf(name, sizeof(name), "%llu-%llu-%s-%llu", pid, born, boot, space);
    assert_int_equal(lookout_owner_state(lookout_str(name), self), LOOKOUT_OWNER_DEAD);
    boot[0] = self[strcspn(self, "-") + 1 + strcspn(strchr(self, '-') + 1, "-") + 1];
    (void) snprintf(name, sizeof(name), "%llu-%llu-%s-%llu", pid, born, boot, space + 1);
    assert_int_equal(lookout_owner_state(lookout_str(name), self), LOOKOUT_OWNER_UNKNOWN);

    /* Another process, with a name that is meant to mislead. */
    child = start(name_itself, 0);
    await_mark("named");
    (void) snprintf(path, sizeof(path), "%s/name", folder);
    fd = open(path, O_RDONLY);
    assert_int_equal(read(fd, name, sizeof(name)), sizeof(name));
    assert_int_equal(close(fd), 0);
    assert_int_equal(lookout_owner_state(lookout_str(name), self), LOOKOUT_OWNER_ALIVE);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t) child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(lookout_owner_state(lookout_str(name), self), LOOKOUT_OWNER_DEAD);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(lookout_owner_state(lookout_str(name), self), LOOKOUT_OWNER_DEAD);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_owners),
        TEST(test_processes_at_once),
        TEST(test_threads_at_once),
        TEST(test_owner_killed),
        TEST(test_queued_by_the_dead),
        TEST(test_deadly_job),
        TEST(test_killed_in_a_transaction),
        TEST(test_chaos),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
