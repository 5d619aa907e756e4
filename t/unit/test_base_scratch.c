/*
 * Scratch files: counted while a query sorts, given back when it ends, refused beyond the limit.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/scratch.h"

/* Sorts some 12 MB, far more than SQLite's cache holds. */
static const char sorting[] =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000)"
    " SELECT n, hex(zeroblob(60)) || n AS t FROM c ORDER BY t DESC, n % 7";


static sqlite3 *
open_memory(void)
{
    sqlite3 *sql;

    assert_non_null(lookout_scratch_vfs());
    assert_int_equal(sqlite3_open_v2(":memory:", &sql,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                     lookout_scratch_vfs()),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(sql, "PRAGMA temp_store = FILE", NULL, NULL, NULL),
                     SQLITE_OK);
    return sql;
}


static void
test_counted(void **state)
{
    int rows;
    sqlite3 *sql = open_memory();
    sqlite3_stmt *stmt;

    (void) state;
    lookout_scratch_limit(64 * 1024 * 1024);
    assert_int_equal(lookout_scratch_used(), 0);
    assert_int_equal(sqlite3_prepare_v2(sql, sorting, -1, &stmt, NULL), SQLITE_OK);

    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_true(lookout_scratch_used() > 4 * 1024 * 1024);
    for (rows = 1; sqlite3_step(stmt) == SQLITE_ROW; rows++) {
    }
    assert_int_equal(rows, 100000);

    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    assert_int_equal(lookout_scratch_used(), 0);
    assert_int_equal(sqlite3_close(sql), SQLITE_OK);
}


static void
test_refused(void **state)
{
    sqlite3 *sql = open_memory();
    sqlite3_stmt *stmt;

    (void) state;
    lookout_scratch_limit(1024 * 1024);
    assert_int_equal(sqlite3_prepare_v2(sql, sorting, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_FULL);
    (void) sqlite3_finalize(stmt);
    assert_int_equal(lookout_scratch_used(), 0);

    /* The next one has its room again. */
    lookout_scratch_limit(64 * 1024 * 1024);
    assert_int_equal(sqlite3_prepare_v2(sql, sorting, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    (void) sqlite3_finalize(stmt);
    assert_int_equal(sqlite3_close(sql), SQLITE_OK);
}


static void
test_other_files(void **state)
{
    char path[] = "/tmp/lookout-scratch-XXXXXX";
    sqlite3 *sql;
    int fd = mkstemp(path);

    (void) state;
    assert_true(fd >= 0);
    close(fd);
    lookout_scratch_limit(0);
    assert_int_equal(sqlite3_open_v2(path, &sql, SQLITE_OPEN_READWRITE, lookout_scratch_vfs()),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(sql, "CREATE TABLE t (a); INSERT INTO t VALUES (1)", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(sql), SQLITE_OK);
    assert_int_equal(lookout_scratch_used(), 0);
    unlink(path);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_other_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
