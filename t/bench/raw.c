/*
 * The floor under a query: the same statement on the same file with nothing but SQLite.
 *
 *     raw EXTRACT TABLE
 *
 * Reads a statement a line, over the view `data` of the table, runs it to its end with every value
 * fetched as text, and answers a line: its wall time in microseconds, and its plan. Being asked in
 * turn with the server, it sees the same weather on the machine.
 */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *db;


static void
fail(const char *what)
{
    fprintf(stderr, "raw: %s: %s\n", what, db == NULL ? "no memory" : sqlite3_errmsg(db));
    exit(1);
}


static double
now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double) ts.tv_sec * 1e6 + (double) ts.tv_nsec / 1e3;
}


static sqlite3_stmt *
prepare(const char *sql)
{
    sqlite3_stmt *stmt;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        fail(sql);
    }
    return stmt;
}


static void
run(const char *sql)
{
    sqlite3_stmt *stmt = prepare(sql);
    int rc;

    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            (void) sqlite3_column_text(stmt, i);
        }
    }
    sqlite3_finalize(stmt);
    if (rc != SQLITE_DONE) {
        fail(sql);
    }
}


static void
print_plan(const char *sql)
{
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    sqlite3_stmt *stmt;

    if (explain == NULL) {
        fail(sql);
    }
    stmt = prepare(explain);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        printf(" %s;", (const char *) sqlite3_column_text(stmt, 3));
    }
    sqlite3_finalize(stmt);
    sqlite3_free(explain);
}


int
main(int argc, char **argv)
{
    char *uri, *view, sql[4096];
    double start, end;

    if (argc != 3) {
        fprintf(stderr, "usage: raw EXTRACT TABLE\n");
        return 2;
    }
    uri = sqlite3_mprintf("file:%s?immutable=1", argv[1]);
    view = sqlite3_mprintf("CREATE TEMP VIEW data AS SELECT * FROM main.\"%w\"", argv[2]);
    if (uri == NULL || view == NULL
        || sqlite3_open_v2(uri, &db,
                           SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL)
               != SQLITE_OK) {
        fail(argv[1]);
    }
    run(view);

    while (fgets(sql, sizeof(sql), stdin) != NULL) {
        sql[strcspn(sql, "\n")] = '\0';
        start = now_us();
        run(sql);
        end = now_us();
        printf("%.0f", end - start);
        print_plan(sql);
        putchar('\n');
        fflush(stdout);
    }

    sqlite3_close(db);
    sqlite3_free(uri);
    sqlite3_free(view);
    return 0;
}
