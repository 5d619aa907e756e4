/*
 * Unit tests of renders and exports: envelopes, files, what is done once and what again, how
 * jobs fail, and jobs that lost their owner.
 */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/tools/filter_words.h"
#include "tool_driver.h"

#define VIEW(id) "'viewId':'" id "'"

static const volatile sig_atomic_t stop_now = 1;

#define RENDER_KEYS                                                                            \
    "filePath fileUrl inlineBase64 mimeType width height format appliedFilters cached "        \
    "createdAt completedAt"
#define EXPORT_KEYS                                                                            \
    "resultPath manifestPath fileUrl manifestUrl format rowCount inlineCsv appliedFilters "    \
    "cached createdAt completedAt"


/* A copy of a text of the last answer, which the next call frees; in a ring of a few. */
static const char *
keep(const driver_t *d, const char *path)
{
    static char texts[4][256];
    static size_t next;
    char *text = texts[next++ % 4];

    (void) snprintf(text, sizeof(texts[0]), "%s", part_text(d, path));
    return text;
}


/* The file that a path of an answer means on this machine. */
static const char *
on_disk(const driver_t *d, const char *path)
{
    static char file[512];

    (void) snprintf(file, sizeof(file), "%s/%s", d->folder, path);
    return file;
}


/* Its bytes; the caller frees them. */
static lookout_str_t
read_file(const driver_t *d, const char *path)
{
    const size_t most = 4 << 20;
    char *data = calloc(1, most);
    FILE *in = fopen(on_disk(d, path), "rb");
    size_t n;

    assert_non_null(data);
    if (in == NULL) {
        fail_msg("%s is not there", on_disk(d, path));
        return LOOKOUT_STR_NONE;
    }
    n = fread(data, 1, most - 1, in);
    assert_int_equal(fclose(in), 0);
    return (lookout_str_t){ data, n };
}


static void
drop_text(lookout_str_t text)
{
    free((char *) text.data);
}


/* The call's content blocks but for the text. */
static const cJSON *
blocks(const driver_t *d)
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


/* A session that the event loop would have, for the next calls; the thread's is kept in *own. */
static void
to_loop(driver_t *d, lookout_session_t **own)
{
    *own = d->session;
    d->session = lookout_session_create(&d->settings, LOOKOUT_JOBS_LOOP);
    assert_non_null(d->session);
    d->slice_ns = UINT64_MAX;
}


static void
from_loop(driver_t *d, lookout_session_t *own)
{
    lookout_session_destroy(d->session);
    d->session = own;
    d->slice_ns = 0;
}


/* Begins a job that the order to stop interrupts at once; its id. */
static const char *
interrupted(driver_t *d, const char *tool, const char *args)
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


static void
test_render(void **state)
{
    const char *id, *path;
    lookout_str_t file;
    driver_t *d = *state;

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_keys(d, ""), "renderJobId status " RENDER_KEYS " warnings");
    id = keep(d, "renderJobId");
    path = keep(d, "filePath");
    assert_int_equal(strlen(id), 25);
    assert_memory_equal(id, "rj_", 3);
    assert_string_equal(part_text(d, "status"), "succeeded");
    assert_true(part_null(d, "fileUrl"));
    assert_memory_equal(part_text(d, "inlineBase64"), "iVBORw0KGgo", 11);
    assert_string_equal(part_text(d, "mimeType"), "image/png");
    assert_string_equal(part_text(d, "format"), "png");
    assert_int_equal(part_number(d, "width"), 960);
    assert_int_equal(part_number(d, "height"), 540);
    assert_string_equal(part_text(d, "appliedFilters/0/field"), "is_won");
    assert_true(cJSON_IsFalse(part(d, "cached")));
    assert_int_equal(part_size(d, "warnings"), 0);
    assert_int_equal(d->blocks.len, 0);
    assert_false(d->call.cacheable);

    assert_memory_equal(path, "fs/renders/views/" LITTLE_VW_STAGE "/", 43);
    assert_int_equal(strlen(path), 43 + 12 + 4);
    file = read_file(d, path);
    assert_memory_equal(file.data, "\x89PNG\r\n\x1a\n", 8);
    drop_text(file);

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'width':960,'format':'png'}");
    assert_string_equal(part_text(d, "renderJobId"), id);
    assert_string_equal(part_text(d, "filePath"), path);
    assert_true(cJSON_IsTrue(part(d, "cached")));

    ask_well(d, "get_render_job", "{'renderJobId':'%s'}", id);
    assert_string_equal(part_keys(d, ""), "renderJobId status " RENDER_KEYS " warnings");
    assert_string_equal(part_text(d, "filePath"), path);
    assert_memory_equal(part_text(d, "inlineBase64"), "iVBORw0KGgo", 11);

    /* Another size, format or filter is another job. */
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'width':961}");
    assert_string_not_equal(part_text(d, "renderJobId"), id);
    assert_true(cJSON_IsFalse(part(d, "cached")));
    ask_well(d, "create_view_render",
             "{" VIEW(LITTLE_VW_STAGE) ",'filterOverrides':[{'field':'is_won','op':'eq',"
                                       "'value':true}]}");
    assert_string_not_equal(part_text(d, "renderJobId"), id);
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'format':'svg'}");
    assert_string_not_equal(part_text(d, "renderJobId"), id);
    assert_string_equal(part_text(d, "mimeType"), "image/svg+xml");
    file = read_file(d, part_text(d, "filePath"));
    assert_memory_equal(file.data, "<svg ", 5);
    assert_non_null(strstr(file.data, "Amount by stage"));
    assert_non_null(strstr(file.data, "Won: no"));
    drop_text(file);
}


static void
test_inline_variants(void **state)
{
    const cJSON *content;
    const cJSON *link;
    driver_t *d = *state;

    d->files_url = "https://bi.example/files";
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'inline':'image'}");
    assert_true(part_null(d, "inlineBase64"));
    content = blocks(d);
    assert_int_equal(cJSON_GetArraySize(content), 2);
    assert_string_equal(lookout_json_get(content->child, "type")->valuestring, "image");
    assert_string_equal(lookout_json_get(content->child, "mimeType")->valuestring, "image/png");
    assert_memory_equal(lookout_json_get(content->child, "data")->valuestring, "iVBORw0KGgo",
                        11);
    link = content->child->next;
    assert_string_equal(lookout_json_get(link, "type")->valuestring, "resource_link");
    assert_string_equal(lookout_json_get(link, "uri")->valuestring, part_text(d, "fileUrl"));
    assert_string_equal(lookout_json_get(link, "title")->valuestring, "Amount by stage");
    assert_memory_equal(part_text(d, "fileUrl"), "https://bi.example/files/", 25);
    assert_non_null(strstr(part_text(d, "fileUrl"), "/renders/views/" LITTLE_VW_STAGE "/"));

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'inline':'none'}");
    assert_true(part_null(d, "inlineBase64"));
    assert_true(cJSON_IsTrue(part(d, "cached")));
    assert_int_equal(cJSON_GetArraySize(blocks(d)), 1);

    /* What has no room says so. */
    ask_well(d, "create_view_render",
             "{" VIEW(LITTLE_VW_ROWS) ",'format':'svg','width':2000,'height':2000}");
    assert_true(part_null(d, "inlineBase64"));
    assert_string_equal(part_text(d, "warnings/0/code"), "RESPONSE_TRUNCATED");
    assert_string_equal(part_text(d, "warnings/0/details/omitted"), "inlineBase64");
    assert_int_equal(cJSON_GetArraySize(blocks(d)), 1);
    ask_well(d, "create_view_render",
             "{" VIEW(LITTLE_VW_ROWS) ",'format':'svg','width':2000,'height':2000,"
                                      "'inline':'none'}");
    assert_int_equal(part_size(d, "warnings"), 0);
}


static void
test_done_once_and_again(void **state)
{
    lookout_code_e code;
    lookout_str_t first, second;
    lookout_session_t *own;
    const char *id, *path;
    driver_t *d = *state;

    to_loop(d, &own);
    code = ask(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_int_equal(code, LOOKOUT_NEEDS_THREAD);
    from_loop(d, own);

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    id = keep(d, "renderJobId");
    path = keep(d, "filePath");
    first = read_file(d, path);

    /* What is done is answered on the event loop. */
    to_loop(d, &own);
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_true(cJSON_IsTrue(part(d, "cached")));
    ask_well(d, "get_render_job", "{'renderJobId':'%s'}", id);
    assert_true(cJSON_IsTrue(part(d, "cached")));
    from_loop(d, own);

    /* A file that is gone makes the job unknown, until somebody asks for the picture again. */
    assert_int_equal(unlink(on_disk(d, path)), 0);
    assert_int_equal(ask(d, "get_render_job", "{'renderJobId':'%s'}", id),
                     LOOKOUT_RENDER_JOB_NOT_FOUND);
    error_says(d, "\"reason\":\"expired\"");
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_text(d, "renderJobId"), id);
    assert_string_equal(part_text(d, "filePath"), path);
    assert_true(cJSON_IsFalse(part(d, "cached")));
    second = read_file(d, path);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.data, second.data, first.len);
    drop_text(first);
    drop_text(second);

    /* New data, with the same time: a new job. */
    little_company_sales(d->catalog, LITTLE_SALES_ROWS / 2);
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_not_equal(part_text(d, "renderJobId"), id);
}


static void
test_refusals(void **state)
{
    driver_t *d = *state;

#define REFUSED(tool, args, code) assert_int_equal(ask(d, tool, "%s", args), (code))
    REFUSED("create_view_render", "{" VIEW(LITTLE_VW_DELETED) "}", LOOKOUT_VIEW_NOT_FOUND);
    REFUSED("create_view_render", "{" VIEW(LITTLE_VW_ADS) "}", LOOKOUT_DATASOURCE_OFFLINE);
    REFUSED("create_view_render", "{" VIEW(LITTLE_VW_LOST) "}", LOOKOUT_DATASOURCE_OFFLINE);
    REFUSED("create_view_render", "{" VIEW(LITTLE_VW_DRIFTED) "}", LOOKOUT_SCHEMA_DRIFT);
    error_says(d, "\"missingFields\":[\"owner\",\"territory\"]");
    REFUSED("create_view_render", "{" VIEW(LITTLE_VW_BAD_FILTER) "}", LOOKOUT_INVALID_FILTER);
    REFUSED("create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'width':199}",
            LOOKOUT_INVALID_INPUT);
    REFUSED("create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'height':4097}",
            LOOKOUT_INVALID_INPUT);
    REFUSED("create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'format':'jpg'}",
            LOOKOUT_INVALID_INPUT);
    REFUSED("create_view_render", "{" VIEW(LITTLE_VW_STAGE) ",'inline':'yes'}",
            LOOKOUT_INVALID_INPUT);
    REFUSED("export_view_csv", "{" VIEW(LITTLE_VW_DELETED) "}", LOOKOUT_VIEW_NOT_FOUND);
    REFUSED("export_view_csv",
            "{" VIEW(LITTLE_VW_ROWS) ",'filterOverrides':[{'field':'stag','op':'eq',"
                                     "'value':'Won'}]}",
            LOOKOUT_INVALID_FILTER);
    error_says(d, "stage");

    REFUSED("get_render_job", "{'renderJobId':'rj_z4mq6sv8c1pkw0n3xtg2hr'}",
            LOOKOUT_RENDER_JOB_NOT_FOUND);
    error_says(d, "\"reason\":\"unknown\"");
    REFUSED("get_render_job", "{'renderJobId':'job_8a2x6w5q1y3z2c5v7n9b3p'}",
            LOOKOUT_INVALID_INPUT);
    REFUSED("get_job", "{'jobId':'job_8a2x6w5q1y3z2c5v7n9b3p'}", LOOKOUT_JOB_NOT_FOUND);
    REFUSED("get_job", "{'jobId':'job_8a2x'}", LOOKOUT_INVALID_INPUT);

    /* Drift that only compiling finds: the sum of what has become a text. */
    little_company_catalog(d->catalog,
                           "UPDATE field SET data_type = 'string' WHERE name = 'amount_usd'");
    REFUSED("create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}", LOOKOUT_SCHEMA_DRIFT);
    error_says(d, LITTLE_VW_STAGE);
#undef REFUSED
}


static void
test_filters_that_fill_the_envelope(void **state)
{
    int i;
    char *values;
    size_t n = 0;
    driver_t *d = *state;

    values = calloc(1, 400000);
    assert_non_null(values);
    for (i = 0; i < 300; i++) {
        n += (size_t) sprintf(values + n, "%s'%03d%0900d'", i == 0 ? "" : ",", i, 0);
    }
    assert_int_equal(
        ask(d, "export_view_csv",
            "{" VIEW(LITTLE_VW_ROWS) ",'filterOverrides':[{'field':'note','op':'in',"
                                     "'value':[%s]}]}",
            values),
        LOOKOUT_ENVELOPE_TOO_LARGE);
    free(values);
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
    id = keep(d, "renderJobId");
    assert_string_equal(part_text(d, "status"), "failed");
    assert_string_equal(part_text(d, "error/code"), "CHART_TYPE_UNSUPPORTED");
    assert_string_equal(part_keys(d, "error"), "code message");
    assert_true(part_null(d, "filePath"));
    assert_true(part_null(d, "inlineBase64"));
    assert_true(cJSON_IsFalse(part(d, "cached")));

    to_loop(d, &own);
    ask_well(d, "get_render_job", "{'renderJobId':'%s'}", id);
    assert_string_equal(part_text(d, "error/code"), "CHART_TYPE_UNSUPPORTED");
    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_string_equal(part_text(d, "renderJobId"), id);
    assert_true(cJSON_IsFalse(part(d, "cached")));
    from_loop(d, own);

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
test_export(void **state)
{
    const char *id, *path;
    lookout_str_t file;
    driver_t *d = *state;

    d->files_url = "https://bi.example/files";
    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_keys(d, ""), "jobId status " EXPORT_KEYS " warnings");
    id = keep(d, "jobId");
    path = keep(d, "resultPath");
    assert_memory_equal(id, "job_", 4);
    assert_string_equal(part_text(d, "status"), "completed");
    assert_string_equal(part_text(d, "format"), "csv");
    assert_int_equal(part_number(d, "rowCount"), 2);
    assert_memory_equal(part_text(d, "inlineCsv"), "stage,sum_amount_usd\nLead,", 26);
    assert_true(cJSON_IsFalse(part(d, "cached")));
    assert_non_null(strstr(path, id));
    assert_int_equal(cJSON_GetArraySize(blocks(d)), 2);
    assert_non_null(strstr(part_text(d, "manifestUrl"), "/manifest.json"));

    file = read_file(d, path);
    assert_string_equal(file.data, part_text(d, "inlineCsv"));
    drop_text(file);

    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_text(d, "jobId"), id);
    assert_true(cJSON_IsTrue(part(d, "cached")));
    ask_well(d, "get_job", "{'jobId':'%s'}", id);
    assert_string_equal(part_keys(d, ""), "jobId status " EXPORT_KEYS " warnings");
    assert_string_equal(part_text(d, "resultPath"), path);
    assert_memory_equal(part_text(d, "inlineCsv"), "stage,sum_amount_usd\nLead,", 26);

    /* An empty result is a header. */
    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_EMPTY) "}");
    assert_string_equal(part_text(d, "inlineCsv"), "day,total\n");
    assert_int_equal(part_number(d, "rowCount"), 0);
}


static void
test_a_long_export_and_its_manifest(void **state)
{
    size_t i;
    int lines = 0;
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    char hex[2 * LOOKOUT_DIGEST_SIZE + 1];
    lookout_str_t csv, text;
    lookout_json_error_t problem;
    const cJSON *manifest;
    driver_t *d = *state;

    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_int_equal(part_number(d, "rowCount"), LITTLE_SALES_ROWS);
    assert_true(part_null(d, "inlineCsv"));
    assert_int_equal(part_size(d, "warnings"), 0);
    assert_int_equal(d->exchange.progress_total, LITTLE_SALES_ROWS);
    assert_true(d->exchange.progress_done > LITTLE_SALES_ROWS / 2);

    csv = read_file(d, part_text(d, "resultPath"));
    for (i = 0; i < csv.len; i++) {
        lines += csv.data[i] == '\n';
    }
    assert_int_equal(lines, 1 + LITTLE_SALES_ROWS);
    assert_non_null(strstr(csv.data, ",\"Deal 00001, \"\"signed\"\" in 0"));

    text = read_file(d, part_text(d, "manifestPath"));
    text.len -= text.data[text.len - 1] == '\n';
    manifest = lookout_json_parse(d->arena, text, &problem);
    assert_non_null(manifest);
    assert_string_equal(lookout_json_get(manifest, "viewId")->valuestring, LITTLE_VW_ROWS);
    assert_int_equal(lookout_json_get(manifest, "rowCount")->valuedouble, LITTLE_SALES_ROWS);
    assert_int_equal(lookout_json_get(manifest, "bytes")->valuedouble, csv.len);
    assert_int_equal(cJSON_GetArraySize(lookout_json_get(manifest, "columns")), 6);
    assert_int_equal(cJSON_GetArraySize(lookout_json_get(manifest, "appliedFilters")), 0);

    lookout_sha256(csv, digest);
    for (i = 0; i < LOOKOUT_DIGEST_SIZE; i++) {
        (void) sprintf(hex + 2 * i, "%02x", digest[i]);
    }
    assert_string_equal(lookout_json_get(manifest, "sha256")->valuestring, hex);
    drop_text(csv);
    drop_text(text);

    /* How long it will be is not known of filtered and of grouped rows. */
    ask_well(d, "export_view_csv",
             "{" VIEW(LITTLE_VW_ROWS) ",'filterOverrides':[{'field':'is_won','op':'eq',"
                                      "'value':true}]}");
    assert_int_equal(d->exchange.progress_total, 0);
    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_TICKETS) "}");
    assert_int_equal(d->exchange.progress_total, 0);
}


static void
test_stale_data_warns(void **state)
{
    const char *id;
    driver_t *d = *state;

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_TICKETS) "}");
    assert_string_equal(part_text(d, "warnings/0/code"), "EXTRACT_STALE");
    id = keep(d, "renderJobId");
    ask_well(d, "get_render_job", "{'renderJobId':'%s'}", id);
    assert_string_equal(part_text(d, "warnings/0/code"), "EXTRACT_STALE");
    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_TICKETS) "}");
    assert_string_equal(part_text(d, "warnings/0/code"), "EXTRACT_STALE");

    /* A job is as old as the data that it was made of; one whose source is gone has no age. */
    little_company_catalog(d->catalog, "UPDATE datasource SET last_refreshed_at = unixepoch()"
                                       " WHERE id = '" LITTLE_SUPPORT "'");
    ask_well(d, "get_render_job", "{'renderJobId':'%s'}", id);
    assert_string_equal(part_text(d, "warnings/0/code"), "EXTRACT_STALE");
    little_company_catalog(d->catalog, "UPDATE datasource SET deleted_at = 1"
                                       " WHERE id = '" LITTLE_SUPPORT "'");
    ask_well(d, "get_render_job", "{'renderJobId':'%s'}", id);
    assert_string_equal(part_text(d, "status"), "succeeded");
    assert_int_equal(part_size(d, "warnings"), 0);
}


static void
test_a_job_without_owner_is_done_again(void **state)
{
    const char *id;
    lookout_session_t *own;
    driver_t *d = *state;

    id = interrupted(d, "create_view_render",
                     "{" VIEW(LITTLE_VW_STAGE) ",'format':'svg','width':500,'filterOverrides':"
                                               "[{'field':'amount_usd','op':'gt','value':5}]}");
    to_loop(d, &own);
    assert_int_equal(ask(d, "get_render_job", "{'renderJobId':'%s'}", id),
                     LOOKOUT_NEEDS_THREAD);
    from_loop(d, own);

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

    id = interrupted(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
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
    id = interrupted(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    little_company_sales(d->catalog, 10);
    ask_well(d, "get_job", "{'jobId':'%s'}", id);
    assert_string_equal(part_text(d, "status"), "failed");
    assert_string_equal(part_text(d, "error/code"), "INTERNAL_ERROR");
    assert_non_null(strstr(part_text(d, "error/message"), "export_view_csv"));
    assert_true(part_null(d, "inlineCsv"));

    /* So is the view. */
    id = interrupted(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
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
    id = interrupted(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");

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


static const char *
words(const char *json)
{
    static char text[512];
    static const lookout_field_t fields[] = {
        { .name = { "region", 6 }, .label = { "Region", 6 } },
        { .name = { "amount", 6 }, .label = { "Amount (USD)", 12 } },
    };
    lookout_json_error_t problem;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_arena_t *arena = lookout_arena_create();

    assert_non_null(arena);
    lookout_filter_words(&b, lookout_json_parse(arena, lookout_str(json), &problem),
                         (lookout_fields_t){ fields, 2 });
    (void) snprintf(text, sizeof(text), "%.*s", (int) b.len, b.data == NULL ? "" : b.data);
    lookout_buf_free(&b);
    lookout_arena_destroy(arena);
    return text;
}


static void
test_filters_in_words(void **state)
{
    (void) state;
#define FILTER(field, op, value)                                                               \
    "{\"field\":\"" field "\",\"op\":\"" op "\",\"value\":" value "}"
    assert_string_equal(words("[]"), "");
    assert_string_equal(words("[" FILTER("region", "eq", "\"EMEA\"") "," FILTER("amount", "gte",
                                                                                "84000.0") "]"),
                        "Region: EMEA \u00b7 Amount (USD) \u2265 84000");
    assert_string_equal(words("[" FILTER("amount", "between", "[0.5,2]") "]"),
                        "Amount (USD): 0.5 to 2");
    assert_string_equal(words("[" FILTER("region", "in", "[\"A\",\"B\",\"C\",\"D\"]") "]"),
                        "Region: A, B, C, D");
    assert_string_equal(
        words("[" FILTER("region", "not_in", "[\"A\",\"B\",\"C\",\"D\",\"E\"]") "]"),
        "Region is not A, B, C +2 more");
    assert_string_equal(words("[{\"field\":\"gone\",\"op\":\"is_null\"}]"), "gone is empty");
    assert_string_equal(words("[{\"field\":\"gone\",\"op\":\"not_null\"}]"),
                        "gone is not empty");
    assert_string_equal(words("[" FILTER("region", "like", "\"E%\"") "]"), "Region like E%");
    assert_string_equal(words("[" FILTER("region", "neq", "true") "]"), "Region is not yes");
#undef FILTER
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, driver_setup, driver_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_render),
        TEST(test_inline_variants),
        TEST(test_done_once_and_again),
        TEST(test_refusals),
        TEST(test_filters_that_fill_the_envelope),
        TEST(test_jobs_that_fail),
        TEST(test_time_limits),
        TEST(test_export),
        TEST(test_a_long_export_and_its_manifest),
        TEST(test_stale_data_warns),
        TEST(test_a_job_without_owner_is_done_again),
        TEST(test_what_can_no_longer_be_done_fails),
        TEST(test_a_job_of_somebody_else),
        TEST(test_state_that_cannot_be_kept),
        cmocka_unit_test(test_filters_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
