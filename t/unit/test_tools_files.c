/*
 * Unit tests of what renders and exports give: envelopes, files, what comes inline, and what is
 * refused.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/tools/filter_words.h"
#include "job_driver.h"


static void
test_render(void **state)
{
    const char *id, *path;
    lookout_str_t file;
    driver_t *d = *state;

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_keys(d, ""), "renderJobId status " RENDER_KEYS " warnings");
    id = job_text(d, "renderJobId");
    path = job_text(d, "filePath");
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
    file = job_bytes(d, path);
    assert_memory_equal(file.data, "\x89PNG\r\n\x1a\n", 8);
    job_bytes_free(file);

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
    file = job_bytes(d, part_text(d, "filePath"));
    assert_memory_equal(file.data, "<svg ", 5);
    assert_non_null(strstr(file.data, "Amount by stage"));
    assert_non_null(strstr(file.data, "Won: no"));
    job_bytes_free(file);
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
    content = job_blocks(d);
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
    assert_int_equal(cJSON_GetArraySize(job_blocks(d)), 1);

    /* What has no room says so. */
    ask_well(d, "create_view_render",
             "{" VIEW(LITTLE_VW_ROWS) ",'format':'svg','width':2000,'height':2000}");
    assert_true(part_null(d, "inlineBase64"));
    assert_string_equal(part_text(d, "warnings/0/code"), "RESPONSE_TRUNCATED");
    assert_string_equal(part_text(d, "warnings/0/details/omitted"), "inlineBase64");
    assert_int_equal(cJSON_GetArraySize(job_blocks(d)), 1);
    ask_well(d, "create_view_render",
             "{" VIEW(LITTLE_VW_ROWS) ",'format':'svg','width':2000,'height':2000,"
                                      "'inline':'none'}");
    assert_int_equal(part_size(d, "warnings"), 0);
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
test_export(void **state)
{
    const char *id, *path;
    lookout_str_t file;
    driver_t *d = *state;

    d->files_url = "https://bi.example/files";
    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_string_equal(part_keys(d, ""), "jobId status " EXPORT_KEYS " warnings");
    id = job_text(d, "jobId");
    path = job_text(d, "resultPath");
    assert_memory_equal(id, "job_", 4);
    assert_string_equal(part_text(d, "status"), "completed");
    assert_string_equal(part_text(d, "format"), "csv");
    assert_int_equal(part_number(d, "rowCount"), 2);
    assert_memory_equal(part_text(d, "inlineCsv"), "stage,sum_amount_usd\nLead,", 26);
    assert_true(cJSON_IsFalse(part(d, "cached")));
    assert_non_null(strstr(path, id));
    assert_int_equal(cJSON_GetArraySize(job_blocks(d)), 2);
    assert_non_null(strstr(part_text(d, "manifestUrl"), "/manifest.json"));

    file = job_bytes(d, path);
    assert_string_equal(file.data, part_text(d, "inlineCsv"));
    job_bytes_free(file);

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


/* Was the client told how many rows there will be? */
static bool
told_total(driver_t *d)
{
    lookout_buf_t *notes = &d->exchange.notes;

    lookout_buf_putc(notes, '\0');
    assert_non_null(strstr(notes->data, "\"progress\":"));
    return strstr(notes->data, ",\"total\":") != NULL;
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
    assert_true(told_total(d));

    csv = job_bytes(d, part_text(d, "resultPath"));
    for (i = 0; i < csv.len; i++) {
        lines += csv.data[i] == '\n';
    }
    assert_int_equal(lines, 1 + LITTLE_SALES_ROWS);
    assert_non_null(strstr(csv.data, ",\"Deal 00001, \"\"signed\"\" in 0"));

    text = job_bytes(d, part_text(d, "manifestPath"));
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
    job_bytes_free(csv);
    job_bytes_free(text);

    /* How long it will be is not known of filtered and of grouped rows. */
    ask_well(d, "export_view_csv",
             "{" VIEW(LITTLE_VW_ROWS) ",'filterOverrides':[{'field':'is_won','op':'eq',"
                                      "'value':true}]}");
    assert_false(told_total(d));
    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_TICKETS) "}");
    assert_false(told_total(d));
}


static void
test_stale_data_warns(void **state)
{
    const char *id;
    driver_t *d = *state;

    ask_well(d, "create_view_render", "{" VIEW(LITTLE_VW_TICKETS) "}");
    assert_string_equal(part_text(d, "warnings/0/code"), "EXTRACT_STALE");
    id = job_text(d, "renderJobId");
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
        TEST(test_render),           TEST(test_inline_variants),
        TEST(test_refusals),         TEST(test_filters_that_fill_the_envelope),
        TEST(test_export),           TEST(test_a_long_export_and_its_manifest),
        TEST(test_stale_data_warns), cmocka_unit_test(test_filters_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
