/*
 * Unit tests of reading SQLite files that others replace: good files under any name, every kind
 * of bad one, replacement, and the watch that stops statements.
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/clock.h"
#include "../../ngx_lookout_module/base/db.h"

#define KIND 0x4c4b4f43u
#define ENDLESS                                                                                \
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "                        \
    "SELECT count(*) FROM n"

static char folder[64];
static int closings;


/* folder/name; the caller frees it. */
static char *
at(const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);

    assert_non_null(path);
    (void) snprintf(path, size, "%s/%s", folder, name);
    return path;
}


/* Writes a file of that kind with one table `t` of `rows` rows. */
static void
write_db(const char *path, uint32_t kind, int version, int rows)
{
    char sql[512];
    sqlite3 *db;

    (void) unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    (void) snprintf(sql, sizeof(sql),
                    "PRAGMA application_id = %u; PRAGMA user_version = %d;"
                    "CREATE TABLE t (x, y);"
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                    " LIMIT %d) INSERT INTO t SELECT i, hex(zeroblob(50)) FROM n",
                    kind, version, rows);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}


/* Overwrites bytes of a file and moves its time on, as a new file would have another. */
static void
scribble(const char *path, off_t offset, const void *bytes, size_t len)
{
    struct timespec times[2] = { { 1, 0 }, { offset + 2, 0 } };
    int fd = open(path, O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, offset), (ssize_t) len);
    assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(close(fd), 0);
}


static int64_t
number(sqlite3 *sql, const char *text)
{
    sqlite3_stmt *stmt;
    int64_t n;

    assert_int_equal(sqlite3_prepare_v2(sql, text, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    n = sqlite3_column_int64(stmt, 0);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    return n;
}


static void
count_closing(void *data)
{
    lookout_db_t *db = data;

    assert_non_null(db->sql); /* still open, to finalize statements on */
    closings++;
}


static lookout_db_state_e
fresh(lookout_db_t *db, const char *path)
{
    return lookout_db_fresh(db, path, KIND, count_closing, db);
}


static void
assert_fails(const char *path, const char *why)
{
    lookout_db_t db = { 0 };

    for (int i = 0; i < 3; i++) {
        assert_int_equal(fresh(&db, path), LOOKOUT_DB_FAILED);
        assert_null(db.sql);
        assert_non_null(strstr(db.why, path));
        if (strstr(db.why, why) == NULL) {
            fail_msg("\"%s\", not \"%s\"", db.why, why);
        }
    }
    lookout_db_close(&db);
}


static void
test_any_name(void **state)
{
    static const char *const names[] = {
        "plain.db",
        "a b.db",
        "a?immutable=0&mode=rw.db",
        "a#b.db",
        "100%25.db",
        "%00.db",
        "caf\xc3\xa9\xff.db",
        "a'b\"c\\d.db",
        ":memory:",
        "a&b=c;d+e,f@g!$(h)*[i].db",
    };
    char here[512];

    (void) state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = at(names[i]);
        lookout_db_t db = { 0 };

        write_db(path, KIND, (int) i + 1, 10);
        assert_int_equal(fresh(&db, path), LOOKOUT_DB_OPENED);
        assert_int_equal(lookout_db_user_version(&db), i + 1);
        assert_int_equal(number(db.sql, "SELECT count(*) FROM t"), 10);
        assert_int_equal(fresh(&db, path), LOOKOUT_DB_SAME);
        lookout_db_close(&db);
        assert_null(db.sql);

        /* The same as a relative path, and with a needless slash before it. */
        assert_non_null(getcwd(here, sizeof(here)));
        assert_int_equal(chdir(folder), 0);
        assert_int_equal(lookout_db_fresh(&db, names[i], KIND, NULL, NULL), LOOKOUT_DB_OPENED);
        lookout_db_close(&db);
        assert_int_equal(chdir(here), 0);
        (void) snprintf(here, sizeof(here), "/%s", path);
        assert_int_equal(lookout_db_fresh(&db, here, KIND, NULL, NULL), LOOKOUT_DB_OPENED);
        lookout_db_close(&db);

        assert_int_equal(unlink(path), 0);
        free(path);
    }
}


static void
test_settings(void **state)
{
    char *path = at("x.db"), *attached = at("y.db");
    lookout_db_t db = { 0 };
    char sql[256];
    int enabled = -1;

    (void) state;
    write_db(path, KIND, 1, 10);
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_OPENED);
    assert_int_equal(sqlite3_db_readonly(db.sql, "main"), 1);
    assert_int_equal(sqlite3_exec(db.sql, "DELETE FROM t", NULL, NULL, NULL), SQLITE_READONLY);
    assert_int_equal(sqlite3_exec(db.sql, "SELECT load_extension('x')", NULL, NULL, NULL),
                     SQLITE_ERROR);
    assert_int_equal(
        sqlite3_db_config(db.sql, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, -1, &enabled), 0);
    assert_int_equal(enabled, 0);
    assert_int_equal(sqlite3_db_config(db.sql, SQLITE_DBCONFIG_DEFENSIVE, -1, &enabled), 0);
    assert_int_equal(enabled, 1);
    assert_int_equal(sqlite3_db_config(db.sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, -1, &enabled),
                     0);
    assert_int_equal(enabled, 0);
    assert_int_equal(number(db.sql, "PRAGMA temp_store"), 1);
    /* A view of one's own is possible all the same; a file beside it is not made. */
    assert_int_equal(
        sqlite3_exec(db.sql, "CREATE TEMP VIEW data AS SELECT x FROM t", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(number(db.sql, "SELECT sum(x) FROM data"), 55);
    (void) snprintf(sql, sizeof(sql), "ATTACH '%s' AS other; CREATE TABLE other.z (a)",
                    attached);
    assert_int_not_equal(sqlite3_exec(db.sql, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(access(attached, F_OK), -1);
    lookout_db_close(&db);
    assert_int_equal(unlink(path), 0);
    free(path);
    free(attached);
}


static void
test_bad_files(void **state)
{
    static const unsigned char three_pages[] = { 0, 0, 0, 3 }, zeros[100] = { 0 },
                               wal[] = { 2, 2 }, odd_page[] = { 0x03, 0x01 };
    char *path = at("x.db"), garbage[4096];
    lookout_db_t db = { 0 };
    struct stat st;

    (void) state;
    assert_fails(path, "No such file");
    assert_fails(folder, "not a regular file");

    memset(garbage, 'g', sizeof(garbage));
    assert_int_equal(close(open(path, O_WRONLY | O_CREAT, 0600)), 0);
    assert_fails(path, "is empty");
    scribble(path, 0, garbage, 50);
    assert_fails(path, "not a SQLite file");
    scribble(path, 0, garbage, sizeof(garbage));
    assert_fails(path, "not a SQLite file");
    scribble(path, 0, "SQLite format 3", 16);
    assert_fails(path, "not a SQLite file");

    write_db(path, KIND + 1, 1, 10);
    assert_fails(path, "of another kind: application_id 0x4c4b4f44, not 0x4c4b4f43");
    write_db(path, KIND, 1, 10);
    scribble(path, 16, odd_page, 2);
    assert_fails(path, "not a SQLite file");
    write_db(path, KIND, 1, 10);
    scribble(path, 18, wal, 2);
    assert_fails(path, "WAL");

    /* Cut short at every place that matters. */
    write_db(path, KIND, 1, 1000);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size > 10 * 4096);
    for (off_t size = st.st_size - 1; size > 100; size = size * 2 / 3) {
        assert_int_equal(truncate(path, size), 0);
        assert_fails(path, "is truncated");
    }
    assert_int_equal(truncate(path, 99), 0);
    assert_fails(path, "not a SQLite file");

    /* A good header, and nonsense behind it. */
    write_db(path, KIND, 1, 1000);
    scribble(path, 100, garbage, sizeof(garbage) - 100);
    assert_fails(path, "cannot be read");
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_FAILED);
    assert_int_equal(db.id.size, st.st_size); /* remembered: it is not tried again as it is */
    write_db(path, KIND, 1, 1000);
    scribble(path, 100, zeros, sizeof(zeros));
    assert_fails(path, "cannot be read");

    /* Damage that only shows when it is read ends that read, and nothing else. */
    write_db(path, KIND, 1, 1000);
    scribble(path, 4096 * 5, garbage, sizeof(garbage));
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_OPENED);
    assert_int_equal(sqlite3_exec(db.sql, "SELECT sum(x + length(y)) FROM t", NULL, NULL, NULL),
                     SQLITE_CORRUPT);
    lookout_db_close(&db);

    /* An old writer's page count is not taken at its word. */
    write_db(path, KIND, 1, 1);
    scribble(path, 28, three_pages, 4);
    assert_fails(path, "is truncated: 8192 of 12288 bytes");
    scribble(path, 92, zeros, 4);
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_OPENED);
    lookout_db_close(&db);

    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_fails(path, "not a regular file");
    assert_int_equal(unlink(path), 0);
    free(path);
}


static void
test_replacement(void **state)
{
    char *path = at("x.db"), *aside = at("x.new"), *away = at("x.old");
    lookout_db_t db = { 0 };
    char why[sizeof(db.why)];
    sqlite3 *before;

    (void) state;
    closings = 0;
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_FAILED);
    assert_int_equal(db.missing, ENOENT);
    write_db(path, KIND, 1, 10);
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_OPENED);
    assert_int_equal(db.missing, 0);
    assert_string_equal(db.why, "");
    assert_int_equal(closings, 0);
    before = db.sql;

    write_db(aside, KIND, 2, 20);
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_SAME); /* not its path */
    assert_ptr_equal(db.sql, before);
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(number(db.sql, "SELECT count(*) FROM t"), 10); /* goes on with the old */
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_OPENED);
    assert_int_equal(closings, 1);
    assert_int_equal(lookout_db_user_version(&db), 2);
    assert_int_equal(number(db.sql, "SELECT count(*) FROM t"), 20);

    assert_int_equal(rename(path, away), 0); /* gone, and back */
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_FAILED);
    assert_int_equal(closings, 2);
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_FAILED);
    assert_int_equal(closings, 2);
    assert_int_equal(rename(away, path), 0);
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_OPENED);
    assert_int_equal(lookout_db_user_version(&db), 2);

    write_db(aside, KIND + 1, 3, 30); /* replaced by a bad one, then by the good one again */
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_FAILED);
    assert_int_equal(closings, 3);
    assert_null(db.sql);
    memcpy(why, db.why, sizeof(why));
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_FAILED);
    assert_string_equal(db.why, why);
    assert_int_equal(rename(away, path), 0);
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_OPENED);

    lookout_db_close(&db); /* closed by hand: opened again when asked for */
    assert_int_equal(fresh(&db, path), LOOKOUT_DB_OPENED);
    assert_int_equal(closings, 3);
    lookout_db_close(&db);
    lookout_db_close(&db);
    assert_int_equal(unlink(path), 0);
    free(path);
    free(aside);
    free(away);
}


static void
test_file_id(void **state)
{
    char *path = at("x");
    lookout_file_id_t a, b;

    (void) state;
    memset(&a, 0xff, sizeof(a));
    errno = 0;
    assert_false(lookout_file_id(path, &a));
    assert_int_equal(errno, ENOENT);
    assert_int_equal(close(open(path, O_WRONLY | O_CREAT, 0600)), 0);
    memset(&a, 0xff, sizeof(a));
    memset(&b, 0x11, sizeof(b));
    assert_true(lookout_file_id(path, &a));
    assert_true(lookout_file_id(path, &b));
    assert_memory_equal(&a, &b, sizeof(a));
    scribble(path, 0, "x", 1);
    assert_true(lookout_file_id(path, &b));
    assert_memory_not_equal(&a, &b, sizeof(a));
    assert_int_equal(b.size, 1);
    assert_int_equal(unlink(path), 0);
    free(path);
}


/* Runs an endless statement under the watch; it has to end by it. */
static void
assert_stops(sqlite3 *sql, lookout_watch_t watch, lookout_stop_e why)
{
    lookout_watch_set(sql, &watch);
    assert_int_equal(sqlite3_exec(sql, ENDLESS, NULL, NULL, NULL), SQLITE_INTERRUPT);
    assert_int_equal(watch.stopped, why);
    assert_true(lookout_watch_over(&watch)); /* and stays stopped */
    assert_int_equal(watch.stopped, why);
    lookout_watch_set(sql, NULL);
}


static void
test_watch(void **state)
{
    static const volatile sig_atomic_t quit = 1, stay = 0;
    atomic_bool cancelled = true, wanted = false;
    uint64_t now = lookout_monotonic_ns(), later = now + 3600000000000u;
    lookout_watch_t watch = { 0 };
    sqlite3 *sql;

    (void) state;
    assert_int_equal(sqlite3_open(":memory:", &sql), SQLITE_OK);

    assert_stops(sql, (lookout_watch_t){ .deadline_ns = now + 5000000 }, LOOKOUT_STOP_DEADLINE);
    assert_true(lookout_monotonic_ns() >= now + 5000000);
    assert_stops(sql, (lookout_watch_t){ .slice_ns = 1 }, LOOKOUT_STOP_SLICE);
    assert_stops(sql, (lookout_watch_t){ .slice_ns = 1, .deadline_ns = later },
                 LOOKOUT_STOP_SLICE);
    assert_stops(sql, (lookout_watch_t){ .slice_ns = later, .deadline_ns = 1 },
                 LOOKOUT_STOP_DEADLINE);
    assert_stops(sql, (lookout_watch_t){ .cancelled = &cancelled }, LOOKOUT_STOP_CANCELLED);
    assert_stops(sql, (lookout_watch_t){ .cancelled = &wanted, .quit = &quit },
                 LOOKOUT_STOP_CANCELLED);
    assert_stops(sql, (lookout_watch_t){ .memory = 1 }, LOOKOUT_STOP_MEMORY);

    /* The order, when several hold. */
    assert_stops(sql,
                 (lookout_watch_t){
                     .deadline_ns = 1, .slice_ns = 1, .cancelled = &cancelled, .memory = 1 },
                 LOOKOUT_STOP_CANCELLED);
    assert_stops(sql, (lookout_watch_t){ .deadline_ns = 1, .slice_ns = 1, .memory = 1 },
                 LOOKOUT_STOP_MEMORY);
    assert_stops(sql, (lookout_watch_t){ .deadline_ns = 1, .slice_ns = 1 }, LOOKOUT_STOP_SLICE);

    /* Within its bounds, or without any, nothing is stopped. */
    assert_false(lookout_watch_over(&watch));
    watch = (lookout_watch_t){ .deadline_ns = later,
                               .slice_ns = later,
                               .cancelled = &wanted,
                               .quit = &stay,
                               .memory = 1 << 30 };
    lookout_watch_set(sql, &watch);
    assert_int_equal(number(sql, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                                 "FROM n LIMIT 50000) SELECT count(*) FROM n"),
                     50000);
    assert_false(lookout_watch_over(&watch));
    assert_int_equal(watch.stopped, LOOKOUT_STOP_NONE);
    lookout_watch_set(sql, NULL);
    assert_int_equal(sqlite3_close(sql), SQLITE_OK);
}


static int
make_folder(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void) state;
    (void) snprintf(folder, sizeof(folder), "%.40s/lookout-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    return mkdtemp(folder) == NULL ? -1 : 0;
}


static int
remove_folder(void **state)
{
    (void) state;
    return rmdir(folder); /* fails when a test left something there */
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_name),  cmocka_unit_test(test_settings),
        cmocka_unit_test(test_bad_files), cmocka_unit_test(test_replacement),
        cmocka_unit_test(test_file_id),   cmocka_unit_test(test_watch),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
