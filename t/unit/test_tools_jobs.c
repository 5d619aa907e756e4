/*
 * Unit tests of renders and exports as jobs: what is done once and what again, how jobs fail,
 * and jobs that lost their owner or have another.
 */

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


static void
test_done_once_and_again(void **state)
{
    lookout_code_e code;
    lookout_str_t first, second;
    lookout_session_t *own;
    const char *id, *path;
    driver_t *d = *state;

    job_to_loop(d, &own);
    code = ask(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_int_equal(code, LOOKOUT_NEEDS_THREAD);
    job_from_loop(d, own);

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    id = job_text(d, "renderJobId");
    path = job_text(d, "filePath");
    first = job_bytes(d, path);

    /* What is done is answered on the event loop. */
    job_to_loop(d, &own);
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_true(cJSON_IsTrue(part(d, "cached")));
    ask_well(d, "get_render_job", "{'renderJobId':'%s'}", id);
    assert_true(cJSON_IsTrue(part(d, "cached")));
    job_from_loop(d, own);

    /* A file that is gone makes the job unknown, until somebody asks for the picture again. */
    assert_int_equal(unlink(job_file(d, path)), 0);
    assert_int_equal(ask(d, "get_render_job", "{'renderJobId':'%s'}", id),
                     LOOKOUT_RENDER_JOB_NOT_FOUND);
    error_says(d, "\"reason\":\"expired\"");
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_text(d, "renderJobId"), id);
    assert_string_equal(part_text(d, "filePath"), path);
    assert_true(cJSON_IsFalse(part(d, "cached")));
    second = job_bytes(d, path);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.data, second.data, first.len);
    job_bytes_free(first);
    job_bytes_free(second);

    /* New data, with the same time: a new job. */
    little_company_sales(d->catalog, LITTLE_SALES_ROWS / 2);
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_not_equal(part_text(d, "renderJobId"), id);
}


static void
test_jobs_that_fail(void **state)
{
    const char *id;
    lookout_session_t *own;
    driver_t *d = *state;

    little_company_catalog(d->catalog,
                           "UPDATE view SET chart_type = 'map' WHERE name = 'Deals'");
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_string_equal(part_keys(d, ""), "renderJobId status " RENDER_KEYS " error warnings");
    id = job_text(d, "renderJobId");
    assert_string_equal(part_text(d, "status"), "failed");
    assert_string_equal(part_text(d, "error/code"), "CHART_TYPE_UNSUPPORTED");
    assert_string_equal(part_keys(d, "error"), "code message");
    assert_true(part_null(d, "filePath"));
    assert_true(part_null(d, "inlineBase64"));
    assert_true(cJSON_IsFalse(part(d, "cached")));

    job_to_loop(d, &own);
    ask_well(d, "get_render_job", "{'renderJobId':'%s'}", id);
    assert_string_equal(part_text(d, "error/code"), "CHART_TYPE_UNSUPPORTED");
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_string_equal(part_text(d, "renderJobId"), id);
    assert_true(cJSON_IsFalse(part(d, "cached")));
    job_from_loop(d, own);

    /* What is not drawn can be exported. */
    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_string_equal(part_text(d, "status"), "completed");
}


static void
test_time_limits(void **state)
{
    driver_t *d = *state;

    d->settings.render_timeout_ms = d->settings.export_timeout_ms = 0;
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_text(d, "status"), "failed");
    assert_string_equal(part_text(d, "error/code"), "RENDER_TIMEOUT");
    assert_non_null(strstr(part_text(d, "error/message"), "within 0 seconds"));
    assert_true(part(d, "completedAt")->valuestring != NULL);

    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_string_equal(part_text(d, "status"), "failed");
    assert_string_equal(part_text(d, "error/code"), "QUERY_TIMEOUT");
    assert_true(part_null(d, "rowCount"));
    assert_true(part_null(d, "resultPath"));

    /* A moment later that is still the answer. */
    d->settings.render_timeout_ms = 30000;
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_text(d, "error/code"), "RENDER_TIMEOUT");
}


static void
test_a_job_without_owner_is_done_again(void **state)
{
    const char *id;
    lookout_session_t *own;
    driver_t *d = *state;

    id = job_interrupted(
        d, "create_view_render",
        "{" VIEW(LITTLE_VW_STAGE) ",'format':'svg','width':500,'filterOverrides':"
                                  "[{'field':'amount_usd','op':'gt','value':5}]}");
    job_to_loop(d, &own);
    assert_int_equal(ask(d, "get_render_job", "{'renderJobId':'%s'}", id),
                     LOOKOUT_NEEDS_THREAD);
    job_from_loop(d, own);

    ask_well(d, "get_render_job", "{'renderJobId':'%s'}", id);
    assert_string_equal(part_text(d, "renderJobId"), id);
    assert_string_equal(part_text(d, "status"), "succeeded");
    assert_int_equal(part_number(d, "width"), 500);
    assert_int_equal(part_size(d, "appliedFilters"), 2);
    assert_true(cJSON_IsFalse(part(d, "cached")));

    /* The same call finds it, so it is the same inputs that were worked on. */
    ask_well(d, "create_view_render",
             "{" VIEW(LITTLE_VW_STAGE) ",'format':'svg','width':500,'filterOverrides':"
                                       "[{'field':'amount_usd','op':'gt','value':5}]}");
    assert_string_equal(part_text(d, "renderJobId"), id);
    assert_true(cJSON_IsTrue(part(d, "cached")));

    id = job_interrupted(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    ask_well(d, "get_job", "{'jobId':'%s'}", id);
    assert_string_equal(part_text(d, "status"), "completed");
    assert_int_equal(part_number(d, "rowCount"), LITTLE_SALES_ROWS);
}


static void
test_what_can_no_longer_be_done_fails(void **state)
{
    const char *id;
    driver_t *d = *state;

    /* The data it was asked for are gone. */
    id = job_interrupted(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    little_company_sales(d->catalog, 10);
    ask_well(d, "get_job", "{'jobId':'%s'}", id);
    assert_string_equal(part_text(d, "status"), "failed");
    assert_string_equal(part_text(d, "error/code"), "INTERNAL_ERROR");
    assert_non_null(strstr(part_text(d, "error/message"), "export_view_csv"));
    assert_true(part_null(d, "inlineCsv"));

    /* So is the view. */
    id = job_interrupted(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    little_company_catalog(d->catalog,
                           "UPDATE view SET deleted_at = 1 WHERE id = '" LITTLE_VW_STAGE "'");
    ask_well(d, "get_render_job", "{'renderJobId':'%s'}", id);
    assert_string_equal(part_text(d, "status"), "failed");
    assert_string_equal(part_text(d, "error/code"), "VIEW_NOT_FOUND");
}


static void
test_a_job_of_somebody_else(void **state)
{
    const char *id;
    lookout_job_t job;
    lookout_error_t error;
    lookout_session_t *other;
    lookout_arena_t *arena = lookout_arena_create();
    lookout_jobs_t *jobs;
    driver_t *d = *state;

    assert_non_null(arena);
    id = job_interrupted(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");

    other = lookout_session_create(&d->settings, LOOKOUT_JOBS_THREAD);
    assert_non_null(other);
    jobs = lookout_session_jobs(other);
    assert_int_equal(
        lookout_jobs_start(jobs, arena, LOOKOUT_JOB_EXPORT, lookout_str(id), &job, &error),
        LOOKOUT_OK);
    assert_int_equal(job.claim, LOOKOUT_CLAIM_MINE);
    assert_true(lookout_jobs_progress(jobs, &job, 1234));

    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_string_equal(part_keys(d, ""),
                        "jobId status pollAfterMs resultPath manifestPath fileUrl manifestUrl "
                        "format rowCount inlineCsv appliedFilters cached createdAt completedAt "
                        "progress warnings");
    assert_string_equal(part_text(d, "jobId"), id);
    assert_string_equal(part_text(d, "status"), "running");
    assert_int_equal(part_number(d, "pollAfterMs"), 1000);
    assert_int_equal(part_number(d, "progress/rowsWritten"), 1234);
    assert_true(part_null(d, "resultPath"));
    assert_true(part_null(d, "rowCount"));
    assert_true(part_null(d, "completedAt"));

    ask_well(d, "get_job", "{'jobId':'%s'}", id);
    assert_string_equal(part_text(d, "status"), "running");

    /* What the disk did is the server's affair, and told as that. */
    assert_int_equal(lookout_jobs_fail(jobs, arena, &job, LOOKOUT_STR(LOOKOUT_JOB_STORAGE_FULL),
                                       LOOKOUT_STR("The disk is full."), &error),
                     LOOKOUT_OK);
    ask_well(d, "get_job", "{'jobId':'%s'}", id);
    assert_string_equal(part_text(d, "status"), "failed");
    assert_string_equal(part_text(d, "error/code"), "INTERNAL_ERROR");
    assert_string_equal(part_text(d, "error/message"), "The disk is full.");
    assert_string_equal(part_text(d, "error/details/reason"), "STORAGE_FULL");

    lookout_session_destroy(other);
    lookout_arena_destroy(arena);
}


static void
test_state_that_cannot_be_kept(void **state)
{
    driver_t *d = *state;

    /* A file stands where the folder should be. */
    little_company_file(d->folder, "x", 1);
    assert_int_equal(ask(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}"),
                     LOOKOUT_INTERNAL_ERROR);
    error_says(d, "operator");
    assert_non_null(lookout_session_trouble(d->session));
    assert_int_equal(unlink(d->folder), 0);

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_text(d, "status"), "succeeded");
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, driver_setup, driver_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_done_once_and_again),
        TEST(test_jobs_that_fail),
        TEST(test_time_limits),
        TEST(test_a_job_without_owner_is_done_again),
        TEST(test_what_can_no_longer_be_done_fails),
        TEST(test_a_job_of_somebody_else),
        TEST(test_state_that_cannot_be_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
