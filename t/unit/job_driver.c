/*
 * What the unit tests of renders and exports do beside calling tools.
 */

#include "job_driver.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const volatile sig_atomic_t stop_now = 1;


const char *
job_text(const driver_t *d, const char *path)
{
    static char texts[4][256];
    static size_t next;
    char *text = texts[next++ % 4];

    (void) snprintf(text, sizeof(texts[0]), "%s", part_text(d, path));
    return text;
}


const char *
job_file(const driver_t *d, const char *path)
{
    static char file[512];

    (void) snprintf(file, sizeof(file), "%s/%s", d->folder, path);
    return file;
}


lookout_str_t
job_bytes(const driver_t *d, const char *path)
{
    const size_t most = 4 << 20;
    char *data = calloc(1, most);
    FILE *in = fopen(job_file(d, path), "rb");
    size_t n;

    assert_non_null(data);
    if (in == NULL) {
        fail_msg("%s is not there", job_file(d, path));
        return LOOKOUT_STR_NONE;
    }
    n = fread(data, 1, most - 1, in);
    assert_int_equal(fclose(in), 0);
    return (lookout_str_t){ data, n };
}


void
job_bytes_free(lookout_str_t text)
{
    free((char *) text.data);
}


const cJSON *
job_blocks(const driver_t *d)
{
    lookout_json_error_t problem;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const cJSON *tree;

    lookout_json_open(&b, '[');
    lookout_buf_str(&b, lookout_buf_text(&d->blocks));
    lookout_json_close(&b, ']');
    tree = lookout_json_parse(d->arena, lookout_buf_text(&b), &problem);
    lookout_buf_free(&b);
    assert_non_null(tree);
    return tree;
}


void
job_to_loop(driver_t *d, lookout_session_t **own)
{
    *own = d->session;
    d->session = lookout_session_create(&d->settings, LOOKOUT_JOBS_LOOP);
    assert_non_null(d->session);
    d->slice_ns = UINT64_MAX;
}


void
job_from_loop(driver_t *d, lookout_session_t *own)
{
    lookout_session_destroy(d->session);
    d->session = own;
    d->slice_ns = 0;
}


const char *
job_interrupted(driver_t *d, const char *tool, const char *args)
{
    static char id[64];
    sqlite3 *sql;
    sqlite3_stmt *stmt;
    char path[512];

    d->quit = &stop_now;
    assert_int_equal(ask(d, tool, "%s", args), LOOKOUT_CANCELLED);
    d->quit = NULL;

    (void) snprintf(path, sizeof(path), "%s/jobs.db", d->folder);
    assert_int_equal(sqlite3_open(path, &sql), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(sql, "SELECT id FROM job WHERE status = 'queued'", -1, &stmt, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    (void) snprintf(id, sizeof(id), "%s", (const char *) sqlite3_column_text(stmt, 0));
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    assert_int_equal(sqlite3_close(sql), SQLITE_OK);
    return id;
}
