/*
 * Unit tests of renders and exports as tasks: who gets one, what it comes to, work that is
 * taken away or left behind, and what of it can be said on the event loop.
 */

#define _GNU_SOURCE /* asprintf */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "job_driver.h"

#define WEEK_MS 604800000

static const volatile sig_atomic_t stop_now = 1;
static char task_id[64]; /* of the task of the last begin() */


/* Runs statements on the jobs' state; the number that the last one gives. */
static int64_t
state_sql(const driver_t *d, const char *text)
{
    int64_t n = -1;
    char path[512];
    sqlite3 *sql;
    sqlite3_stmt *stmt;
    const char *rest = text;

    (void) snprintf(path, sizeof(path), "%s/jobs.db", d->folder);
    assert_int_equal(sqlite3_open(path, &sql), SQLITE_OK);
    while (*rest != '\0') {
        assert_int_equal(sqlite3_prepare_v2(sql, rest, -1, &stmt, &rest), SQLITE_OK);
        while (sqlite3_step(stmt) == SQLITE_ROW) {
            n = sqlite3_column_int64(stmt, 0);
        }
        assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    }
    assert_int_equal(sqlite3_close(sql), SQLITE_OK);
    return n;
}


/* Calls a tool for a client that takes tasks; there has to be one then, in this status. */
static void
begin(driver_t *d, const char *tool, const char *args, lookout_task_status_e expected)
{
    d->as_task = true;
    ask_well(d, tool, "%s", args);
    d->as_task = false;
    assert_non_null(d->call.task.id.data);
    assert_int_equal(d->call.task.status, expected);
    (void) snprintf(task_id, sizeof(task_id), "%s", d->call.task.id.data);
    assert_true(lookout_surface.tasks->owns(lookout_str(task_id)));
}


/* The same, when the order to stop comes before the work. */
static void
begin_and_stop(driver_t *d, const char *tool, const char *args)
{
    d->quit = &stop_now;
    begin(d, tool, args, LOOKOUT_TASK_WORKING);
    d->quit = NULL;
}


static void
look_up(driver_t *d, lookout_task_status_e expected)
{
    assert_int_equal(ask_task(d, lookout_surface.tasks->get, task_id), LOOKOUT_OK);
    assert_int_equal(d->call.error.code, LOOKOUT_OK); /* else the result were an error */
    assert_int_equal(d->call.task.status, expected);
    assert_string_equal(d->call.task.id.data, task_id);
    assert_int_equal(d->result != NULL, expected == LOOKOUT_TASK_COMPLETED);
}


static void
look_up_on_loop(driver_t *d, lookout_task_status_e expected)
{
    lookout_session_t *own;

    job_to_loop(d, &own);
    look_up(d, expected);
    job_from_loop(d, own);
}


static void
cancel(driver_t *d)
{
    assert_int_equal(ask_task(d, lookout_surface.tasks->cancel, task_id), LOOKOUT_OK);
}


static void
on_loop_needs_thread(driver_t *d, lookout_code_e (*what)(lookout_call_t *call))
{
    lookout_session_t *own;

    job_to_loop(d, &own);
    assert_int_equal(ask_task(d, what, task_id), LOOKOUT_NEEDS_THREAD);
    job_from_loop(d, own);
}


/* The last call's envelope and blocks, to be freed. */
static char *
said(const driver_t *d)
{
    char *text = NULL;

    assert_true(asprintf(&text, "%.*s\n%.*s", (int) d->out.len, d->out.data,
                         (int) d->blocks.len, d->blocks.len == 0 ? "" : d->blocks.data)
                > 0);
    return text;
}


static void
test_same_as_the_tool(void **state)
{
    static const struct {
        const char *tool;
        const char *args;
        const char *message;
        int poll_ms;
    } rows[] = {
        { "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}", "Rendered: 2 rows.", 200 },
        { "create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'inline':'image'}",
          "Rendered: 2 rows.", 200 },
        { "create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'inline':'none','format':'svg'}",
          "Rendered: 2 rows.", 200 },
        { "export_view_csv", "{" VIEW(LITTLE_VW_STAGE) "}", "Exported: 2 rows.", 1000 },
    };
    size_t i;
    char *plain, *as_task;
    lookout_session_t *own;
    driver_t *d = *state;

    d->files_url = NULL; /* links are signed by the second */
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        job_to_loop(d, &own);
        d->as_task = true;
        assert_int_equal(ask(d, rows[i].tool, "%s", rows[i].args), LOOKOUT_NEEDS_THREAD);
        job_from_loop(d, own);

        begin(d, rows[i].tool, rows[i].args, LOOKOUT_TASK_COMPLETED);
        assert_int_equal(d->call.task.ttl_ms, WEEK_MS);
        assert_int_equal(d->call.task.poll_ms, rows[i].poll_ms);
        assert_true(d->call.task.updated_at >= d->call.task.created_at);
        look_up_on_loop(d, LOOKOUT_TASK_COMPLETED);
        assert_string_equal(d->call.task.message.data, rows[i].message);
        as_task = said(d);
        ask_well(d, rows[i].tool, "%s", rows[i].args);
        plain = said(d);
        assert_string_equal(as_task, plain);
        free(as_task);
        free(plain);

        /* What is done has a task, too. */
        begin(d, rows[i].tool, rows[i].args, LOOKOUT_TASK_COMPLETED);
        look_up_on_loop(d, LOOKOUT_TASK_COMPLETED);
    }
}


static void
test_what_fails(void **state)
{
    int i;
    driver_t *d = *state;

    /* Before there is a job: the call. */
    d->as_task = true;
    assert_int_equal(ask(d, "export_view_csv", "{" VIEW("vw_abcdefghijklmnopqrstuv") "}"),
                     LOOKOUT_VIEW_NOT_FOUND);
    assert_null(d->call.task.id.data);

    /* Later: the job, of which the task has the envelope; also when it failed before. */
    little_company_catalog(d->catalog,
                           "UPDATE view SET chart_type = 'map' WHERE name = 'Deals'");
    for (i = 0; i < 2; i++) {
        begin(d, "create_view_render", "{" VIEW(LITTLE_VW_ROWS) "}", LOOKOUT_TASK_COMPLETED);
        look_up_on_loop(d, LOOKOUT_TASK_COMPLETED);
        assert_string_equal(part_keys(d, ""),
                            "renderJobId status " RENDER_KEYS " error warnings");
        assert_string_equal(part_text(d, "status"), "failed");
        assert_string_equal(part_text(d, "error/message"), d->call.task.message.data);
    }
}


/* Cancelled between the claim and the first row: the work does not begin. */
static void
test_taken_away(void **state)
{
    static const char taken[] =
        "CREATE TRIGGER taken AFTER INSERT ON task BEGIN"
        " UPDATE task SET status = 'cancelled', ended_at = 1 WHERE id = NEW.id;"
        " UPDATE job SET ticket = 1, status = 'queued', owner = '' WHERE id = NEW.job_id; END";
    static const char *const tools[] = { "create_view_render", "export_view_csv" };
    size_t i;
    driver_t *d = *state;

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'width':300}");
    (void) state_sql(d, taken);
    for (i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
        begin(d, tools[i], "{" VIEW(LITTLE_VW_STAGE) "}", LOOKOUT_TASK_CANCELLED);
        assert_int_equal(d->call.watch.stopped, LOOKOUT_STOP_CANCELLED);
        assert_null(d->call.watch.over);
        assert_int_equal(state_sql(d, "SELECT count(*) FROM job WHERE status = 'queued'"), 1);
        look_up_on_loop(d, LOOKOUT_TASK_CANCELLED);
        assert_string_equal(d->call.task.message.data, "Cancelled.");

        ask_well(d, tools[i], "{" VIEW(LITTLE_VW_STAGE) "}");
        assert_true(cJSON_IsFalse(part(d, "cached")));
        assert_int_equal(state_sql(d, "SELECT count(*) FROM job WHERE status = 'queued'"), 0);
        look_up(d, LOOKOUT_TASK_CANCELLED);
    }
}


/* A plain caller's job that was taken away is told of as it is now. */
static void
test_taken_away_from_a_plain_caller(void **state)
{
    driver_t *d = *state;

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    (void) state_sql(d, "CREATE TRIGGER taken AFTER INSERT ON job BEGIN UPDATE job SET"
                        " ticket = 1, status = 'failed', error_code = 'QUERY_TIMEOUT',"
                        " completed_at = 1, owner = '' WHERE id = NEW.id; END");
    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_string_equal(part_text(d, "status"), "failed");
    assert_string_equal(part_text(d, "error/code"), "QUERY_TIMEOUT");
}


/* Whose process is told to stop leaves a task that goes on when it is asked for. */
static void
test_left_behind(void **state)
{
    driver_t *d = *state;

    begin_and_stop(d, "create_view_render",
                   "{" VIEW(LITTLE_VW_STAGE) ",'inline':'image','width':500}");
    assert_string_equal(d->call.task.message.data, "Rendering.");
    on_loop_needs_thread(d, lookout_surface.tasks->get);
    look_up(d, LOOKOUT_TASK_COMPLETED);
    assert_int_equal(part_number(d, "width"), 500);
    assert_true(part_null(d, "inlineBase64"));
    assert_string_equal(
        lookout_json_get(cJSON_GetArrayItem(job_blocks(d), 0), "type")->valuestring, "image");
    look_up_on_loop(d, LOOKOUT_TASK_COMPLETED);

    /* Told to stop once more, it stays to be done. */
    begin_and_stop(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    d->quit = &stop_now;
    look_up(d, LOOKOUT_TASK_WORKING);
    d->quit = NULL;
    look_up(d, LOOKOUT_TASK_COMPLETED);
    assert_int_equal(part_number(d, "rowCount"), LITTLE_SALES_ROWS);

    /* In too short a time. */
    begin_and_stop(d, "export_view_csv", "{" VIEW(LITTLE_VW_STAGE) "}");
    d->settings.export_timeout_ms = 0;
    look_up(d, LOOKOUT_TASK_COMPLETED);
    assert_string_equal(part_text(d, "error/code"), "QUERY_TIMEOUT");

    /* Over data that are no longer there. */
    begin_and_stop(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'format':'svg'}");
    little_company_sales(d->catalog, 10);
    look_up(d, LOOKOUT_TASK_COMPLETED);
    assert_string_equal(part_text(d, "status"), "failed");
    assert_string_equal(part_text(d, "error/code"), "INTERNAL_ERROR");
}


static void
test_cancelled(void **state)
{
    char first[64];
    driver_t *d = *state;

    begin_and_stop(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    (void) snprintf(first, sizeof(first), "%s", task_id);
    on_loop_needs_thread(d, lookout_surface.tasks->cancel);
    cancel(d);
    cancel(d);
    look_up_on_loop(d, LOOKOUT_TASK_CANCELLED);
    look_up(d, LOOKOUT_TASK_CANCELLED);
    assert_int_equal(state_sql(d, "SELECT count(*) FROM job WHERE status = 'queued'"), 1);

    /* Another's is not cancelled with it. */
    begin(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}", LOOKOUT_TASK_COMPLETED);
    assert_string_not_equal(task_id, first);
    cancel(d);
    look_up(d, LOOKOUT_TASK_COMPLETED);
    (void) snprintf(task_id, sizeof(task_id), "%s", first);
    look_up(d, LOOKOUT_TASK_CANCELLED);
}


static void
test_no_such_task(void **state)
{
    static const char *const foreign[] = { "", "task_", "task_ABCDEFGHIJKLMNOPQRSTUV",
                                           "job_abcdefghijklmnopqrstuv" };
    lookout_code_e (*const calls[])(lookout_call_t *) = { lookout_surface.tasks->get,
                                                          lookout_surface.tasks->cancel };
    size_t i;
    driver_t *d = *state;

    for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        assert_false(lookout_surface.tasks->owns(lookout_str(foreign[i])));
    }
    begin(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}", LOOKOUT_TASK_COMPLETED);
    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        assert_int_equal(ask_task(d, calls[i], "task_abcdefghijklmnopqrstuv"),
                         LOOKOUT_INVALID_INPUT);
        error_says(d, "\"reason\":\"unknown\"");
        error_says(d, "task_abcdefghijklmnopqrstuv");
    }

    look_up(d, LOOKOUT_TASK_COMPLETED);
    assert_int_equal(unlink(job_file(d, part_text(d, "manifestPath"))), 0);
    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        assert_int_equal(ask_task(d, calls[i], task_id), LOOKOUT_INVALID_INPUT);
        error_says(d, "\"reason\":\"expired\"");
    }
}


static void
test_notes_that_cannot_be_read(void **state)
{
    static const char *const notes[] = { "", "{", "[]", "{\"tool\":1}",
                                         "{\"tool\":\"get_view\"}" };
    size_t i;
    char text[128];
    driver_t *d = *state;

    begin(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}", LOOKOUT_TASK_COMPLETED);
    for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        (void) snprintf(text, sizeof(text), "UPDATE task SET note = '%s'", notes[i]);
        (void) state_sql(d, text);
        assert_int_equal(ask_task(d, lookout_surface.tasks->get, task_id),
                         LOOKOUT_INTERNAL_ERROR);
        error_says(d, "same arguments");
    }
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, driver_setup, driver_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_same_as_the_tool), TEST(test_what_fails),
        TEST(test_taken_away),       TEST(test_taken_away_from_a_plain_caller),
        TEST(test_left_behind),      TEST(test_cancelled),
        TEST(test_no_such_task),     TEST(test_notes_that_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
