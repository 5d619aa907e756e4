/*
 * Scopes over data: what the rows say under a scope's filters in every tool that reads them,
 * whose jobs and tasks can be had; and that calls of different scopes that follow one another
 * on one session do not know of each other.
 */

#include "scope_cases.h"

/* ---- rows ---- */

static void
test_rows(void **state)
{
    driver_t *d = *state;

    scope_is(d, ROWS_WON);
    ask_well(d, "query_datasource",
             "{'datasourceId':'" LITTLE_SALES
             "','sql':'SELECT stage, count(*) AS n FROM data GROUP BY 1'}");
    assert_int_equal(part_size(d, "rows"), 1);
    assert_string_equal(part_text(d, "rows/0/0"), "Won");
    assert_int_equal(part_number(d, "rows/0/1"), 2000);
    assert_string_equal(part_text(d, "appliedFilters/0/value"), "Won");

    /* An override on the same field narrows, and lifts nothing. */
    ask_well(d, "query_view_data", "{" VIEW(LITTLE_VW_ROWS) ",'pageSize':3}");
    assert_int_equal(part_size(d, "appliedFilters"), 1);
    assert_string_equal(part_text(d, "rows/0/2"), "Won");
    ask_well(d, "query_view_data",
             "{" VIEW(LITTLE_VW_ROWS) ",'filterOverrides':[{'field':'stage','op':'in','value':"
                                      "['Lead','Proposal']}]}");
    assert_int_equal(part_size(d, "appliedFilters"), 2);
    assert_int_equal(part_size(d, "rows"), 0);
    ask_well(d, "query_view_data",
             "{" VIEW(LITTLE_VW_ROWS) ",'filterOverrides':[{'field':'stage','op':'eq','value':"
                                      "'Won'},{'field':'deal_id','op':'lte','value':6}]}");
    assert_int_equal(part_size(d, "appliedFilters"), 2);
    assert_int_equal(part_size(d, "rows"), 2);

    /* Statistics and the preview; the saved filter holds beside the scope's: no row is left. */
    ask_well(d, "get_view", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_int_equal(part_number(d, "statistics/0/count"), 2000);
    assert_int_equal(part_number(d, "statistics/2/distinct"), 1);
    assert_string_equal(part_text(d, "statistics/2/top/0/value"), "Won");
    assert_string_equal(part_text(d, "preview/rows/7/2"), "Won");
    ask_well(d, "get_view", "{" VIEW(LITTLE_VW_STAGE) "}");
    assert_int_equal(part_number(d, "statistics/0/count"), 0);
    assert_int_equal(part_size(d, "appliedFilters"), 2);

    /* Values that the caller cannot see are not proposed. */
    assert_int_equal(ask(d, "query_view_data",
                         "{" VIEW(LITTLE_VW_ROWS) ",'filterOverrides':[{'field':'stage','op':"
                                                  "'eq','value':'Leed'}]}"),
                     LOOKOUT_OK);

    scope_is(d, ROWS_LEADS);
    ask_well(d, "query_datasource",
             "{'datasourceId':'" LITTLE_SALES "','sql':'SELECT DISTINCT stage FROM data'}");
    assert_int_equal(part_size(d, "rows"), 1);
    assert_string_equal(part_text(d, "rows/0/0"), "Lead");
    ask_well(d, "query_datasource",
             "{'datasourceId':'" LITTLE_SUPPORT "','sql':'SELECT count(*) FROM data'}");
    assert_int_equal(part_number(d, "rows/0/0"), 10);
    assert_string_equal(part_keys(d, ""),
                        "queryId datasourceId executedAt columns rows rowCount pageSize "
                        "nextCursor truncated warnings");
}


/* get_datasource tells of the visible rows, or of none. */
static void
test_samples(void **state)
{
    const cJSON *item;
    driver_t *d = *state;

    scope_is(d, ROWS_WON);
    ask_well(d, "get_datasource", "{'datasourceId':'" LITTLE_SALES "'}");
    assert_int_equal(part_number(d, "rowCount"), 2000);
    assert_string_equal(part_text(d, "appliedFilters/0/field"), "stage");
    assert_int_equal(part_size(d, "fields/1/sampleValues"), 1);
    assert_string_equal(part_text(d, "fields/1/sampleValues/0"), "Won");
    assert_int_equal(part_size(d, "fields/3/sampleValues"), 1);
    assert_true(cJSON_IsTrue(part(d, "fields/3/sampleValues/0")));
    assert_int_equal(part_size(d, "fields/0/sampleValues"), 5);
    cJSON_ArrayForEach(item, part(d, "fields/0/sampleValues"))
    {
        assert_int_equal(item->valueint % 3, 0);
    }
    assert_true(d->call.cacheable);
    assert_int_equal(d->call.n_deps, 2);

    /* As a resource, and without a field's values in a completion. */
    assert_int_equal(ask_resource(d, "datasource", "datasourceId", LITTLE_SALES), LOOKOUT_OK);
    lookout_buf_putc(&d->out, '\0');
    assert_null(strstr(d->out.data, "Proposal"));

    /* Large ones are left to a thread. */
    d->slice_ns = UINT64_MAX;
    assert_int_equal(ask(d, "get_datasource", "{'datasourceId':'" LITTLE_SALES "'}"),
                     LOOKOUT_NEEDS_THREAD);
    d->slice_ns = 0;

    /* Offline, or without a file: the fields alone. */
    d->scope = &(const lookout_scope_t){
        .filters = S("[{\"field\":\"channel\",\"op\":\"eq\",\"value\":\"Search\"}]")
    };
    ask_well(d, "get_datasource", "{'datasourceId':'" LITTLE_MARKETING "'}");
    assert_true(part_null(d, "rowCount"));
    assert_int_equal(part_size(d, "fields/0/sampleValues"), 0);
    assert_int_equal(part_size(d, "appliedFilters"), 1);
    d->scope = &(
        const lookout_scope_t){ .filters = S("[{\"field\":\"n\",\"op\":\"gt\",\"value\":1}]") };
    ask_well(d, "get_datasource", "{'datasourceId':'" LITTLE_LOST "'}");
    assert_true(part_null(d, "rowCount"));
    assert_false(d->call.cacheable);

    /* So too where the extract has lost a field, or where counting takes too long. */
    scope_is(d, ROWS_WON);
    little_company_catalog(d->catalog,
                           "INSERT INTO field VALUES ('" LITTLE_SALES
                           "', 6, 'lost', 'Lost', 'string', 'dimension', 0, '', '[\"x\"]', 1)");
    ask_well(d, "get_datasource", "{'datasourceId':'" LITTLE_SALES "'}");
    assert_true(part_null(d, "rowCount"));
    assert_int_equal(part_size(d, "fields/6/sampleValues"), 0);
    little_company_catalog(d->catalog, NULL);
    d->settings.query_timeout_ms = 0;
    ask_well(d, "get_datasource", "{'datasourceId':'" LITTLE_SALES "'}");
    assert_true(part_null(d, "rowCount"));
    assert_false(d->call.cacheable);
    d->settings.query_timeout_ms = 30000;

    /* Of a source that no filter limits, the catalogue's. */
    scope_is(d, ROWS_LEADS);
    ask_well(d, "get_datasource", "{'datasourceId':'" LITTLE_SUPPORT "'}");
    assert_int_equal(part_number(d, "rowCount"), 10);
    assert_int_equal(part_size(d, "fields/1/sampleValues"), 3);
    assert_null(lookout_json_get(d->result, "appliedFilters"));
}


/* Filters that cannot be applied show nothing, and only the operator hears which they are. */
static void
test_unfit_filters(void **state)
{
#define ON_SALES(rest) "[{\"datasourceId\":\"" LITTLE_SALES "\"," rest "}]"
    static const struct {
        const char *filters;
        bool everything; /* not even the catalogue can be told */
    } unfit[] = {
        { "[{\"field\":\"stage\",\"op\":\"regexp\",\"value\":\"W\"}]", false },
        { "[{\"field\":\"stage\",\"op\":\"eq\",\"value\":7}]", false },
        { "[{\"field\":\"stage\",\"op\":\"eq\"}]", false },
        { "[{\"field\":\"stage\"}]", false },
        { "[{\"field\":\"stage\",\"op\":\"between\",\"value\":[\"b\",\"a\"]}]", false },
        { "[{\"field\":\"stage\",\"op\":\"eq\",\"value\":\"Won\",\"or\":1}]", false },
        { "[{\"field\":\"close_date\",\"op\":\"gt\",\"value\":\"yesterday\"}]", false },
        { "[{\"field\":\"is_won\",\"op\":\"gt\",\"value\":false}]", false },
        { ON_SALES("\"field\":\"nothing\",\"op\":\"is_null\""), false },
        { ON_SALES("\"field\":\"stage\",\"op\":\"eq\",\"value\":null"), false },
        { "{}", true },
        { "[", true },
        { "", true },
        { "null", true },
        { "7", true },
        { "[7]", true },
        { "[{}]", true },
        { "[{\"field\":7,\"op\":\"is_null\"}]", true },
        { "[{\"op\":\"is_null\"}]", true },
        { "[{\"field\":\"stage\",\"op\":\"not_null\",\"datasourceId\":7}]", true },
        { "[{\"field\":\"stage\",\"op\":\"not_null\",\"datasourceId\":null}]", true },
    };
    static const char *const calls[][2] = {
        { "list_datasources", "{}" },
        { "query_datasource",
          "{'datasourceId':'" LITTLE_SALES "','sql':'SELECT 1 FROM data'}" },
        { "get_datasource", "{'datasourceId':'" LITTLE_SALES "'}" },
        { "get_view", "{" VIEW(LITTLE_VW_ROWS) "}" },
        { "query_view_data", "{" VIEW(LITTLE_VW_ROWS) "}" },
        { "create_view_render", "{" VIEW(LITTLE_VW_STAGE) "}" },
        { "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}" },
    };
    size_t i, k;
    driver_t *d = *state;

    for (i = 0; i < COUNT(unfit); i++) {
        d->scope = &(const lookout_scope_t){ .filters = lookout_str(unfit[i].filters) };
        for (k = 0; k < COUNT(calls); k++) {
            (void) ask(d, calls[k][0], "%s", calls[k][1]);
            if (k == 0 && !unfit[i].everything) {
                assert_int_equal(d->code, LOOKOUT_OK);
                continue;
            }
            assert_int_equal(d->code, LOOKOUT_INTERNAL_ERROR);
            assert_true(lookout_str_is(d->call.error.details, "{\"reason\":\"scope_filter\"}"));
            error_says(d, "operator");
            assert_int_equal(d->out.len, 0);
        }
    }

    scope_is(d, NONE);
    ask_well(d, "query_datasource",
             "{'datasourceId':'" LITTLE_SALES "','sql':'SELECT count(*) FROM data'}");
    assert_int_equal(part_number(d, "rows/0/0"), LITTLE_SALES_ROWS);
}


/* ---- one after another ---- */

/* The last call's answer, without the time of day. */
static const char *
answer_text(const driver_t *d, lookout_arena_t *arena)
{
    lookout_str_t text;
    char *at;

    if (d->code != LOOKOUT_OK) {
        return lookout_arena_printf(arena, "%d %.*s %.*s", (int) d->code,
                                    LOOKOUT_STR_ARG(d->call.error.message),
                                    LOOKOUT_STR_ARG(d->call.error.details))
            .data;
    }
    text = lookout_arena_copy(arena, lookout_buf_text(&d->out));
    at = strstr((char *) text.data, "\"executedAt\":\"");
    if (at != NULL) {
        memset(at + 14, '*', 20);
    }
    return text.data;
}


/* Each call of a long, mixed sequence on one session answers as the same call on a session that
 * has not seen another scope. */
static void
test_sequence(void **state)
{
    static const char *const calls[][2] = {
        { "list_datasources", "{}" },
        { "list_datasources", "{'q':'sales'}" },
        { "list_workbooks", "{}" },
        { "list_views", "{}" },
        { "list_views", "{'q':'deals'}" },
        { "get_workbook", "{'workbookId':'" LITTLE_WB_SALES "'}" },
        { "get_datasource", "{'datasourceId':'" LITTLE_SALES "'}" },
        { "get_datasource", "{'datasourceId':'" LITTLE_SUPPORT "'}" },
        { "query_datasource",
          "{'datasourceId':'" LITTLE_SALES
          "','sql':'SELECT stage, count(*) FROM data GROUP BY 1 ORDER BY 1'}" },
        { "query_datasource", "{'datasourceId':'" LITTLE_SALES "','sql':'SELECT nothing FROM"
                              " data'}" },
        { "query_datasource",
          "{'datasourceId':'" LITTLE_SUPPORT "','sql':'SELECT count(*) FROM data'}" },
        { "get_view", "{" VIEW(LITTLE_VW_STAGE) "}" },
        { "query_view_data", "{" VIEW(LITTLE_VW_ROWS) ",'pageSize':2}" },
        { "query_view_data", "{" VIEW(LITTLE_VW_TICKETS) "}" },
        { "query_view_data", "{" VIEW(LITTLE_VW_DRIFTED) "}" },
        { "query_view_data", "{" VIEW(LITTLE_VW_STAGE) ",'filterOverrides':[{'field':'stage',"
                                                       "'op':'eq','value':'Lead'}]}" },
    };
    static const lookout_scope_t broken = { .filters = S("[{\"field\":\"stage\"}]") };
    size_t i;
    uint32_t random = 4711;
    const char *mixed;
    driver_t *d = *state;
    lookout_session_t *shared = d->session;
    lookout_arena_t *arena = lookout_arena_create();

    /* A stale source would say in each answer how old it is. */
    little_company_catalog(d->catalog,
                           "UPDATE datasource SET freshness_sla_seconds = 4000000000");
    for (i = 0; i < 1200; i++) {
        const char *const *call;

        random = random * 1664525 + 1013904223;
        call = calls[(random >> 8) % COUNT(calls)];
        scope_is(d, (random >> 16) % COUNT(scopes));
        if (i % 17 == 0) {
            d->scope = &broken;
        } else if (i % 2 == 0) {
            scope_is(d, (random >> 20) % 2 == 0 ? ROWS_WON : NONE);
        }

        (void) ask(d, call[0], "%s", call[1]);
        mixed = answer_text(d, arena);
        d->session = lookout_session_create(&d->settings, LOOKOUT_JOBS_THREAD);
        assert_non_null(d->session);
        (void) ask(d, call[0], "%s", call[1]);
        assert_string_equal(mixed, answer_text(d, arena));
        lookout_session_destroy(d->session);
        d->session = shared;
    }
    lookout_arena_destroy(arena);
}


/* ---- jobs ---- */

/* Jobs of the same rows are one, whoever's scope they are of; others' are not there. */
static void
test_jobs(void **state)
{
    static const lookout_scope_t won = { .id = S("mcp_one"), .filters = S(WON) };
    const lookout_scope_t won_too = {
        .id = S("mcp_two"),
        .version = 7,
        .workbooks = LIST(S(LITTLE_WB_SALES)),
        .filters = S("[ {\"value\" : \"Won\", \"op\" : \"eq\", \"field\" : \"stage\", "
                     "\"datasourceId\" : \"" LITTLE_SALES "\" } ]"),
    };
    const lookout_scope_t won_elsewhere = { .workbooks = LIST(S(LITTLE_WB_SUPPORT)),
                                            .filters = S(WON) };
    static const struct {
        const char *make;
        const char *get;
        const char *id;
        const char *resource;
        const char *nobody;
        const char *path;
    } tools[] = {
        { "export_view_csv", "get_job", "jobId", "export", "job_22222222222222222222aa",
          "resultPath" },
        { "create_view_render", "get_render_job", "renderJobId", "render",
          "rj_22222222222222222222aa", "filePath" },
    };
    char id[64], open_id[64];
    const char *hidden;
    size_t i, k;
    driver_t *d = *state;
    const lookout_scope_t *others[] = { NULL, &scopes[SALES].scope, &scopes[ROWS_LEADS].scope,
                                        &won_elsewhere, &scopes[DESK].scope };

    for (i = 0; i < COUNT(tools); i++) {
        d->scope = NULL;
        ask_well(d, tools[i].make, "{" VIEW(LITTLE_VW_ROWS) "}");
        (void) snprintf(open_id, sizeof(open_id), "%s", part_text(d, tools[i].id));

        /* A scope that limits other things does the same work. */
        d->scope = &scopes[SALES].scope;
        ask_well(d, tools[i].make, "{" VIEW(LITTLE_VW_ROWS) "}");
        assert_string_equal(part_text(d, tools[i].id), open_id);

        d->scope = &won;
        ask_well(d, tools[i].make, "{" VIEW(LITTLE_VW_ROWS) "}");
        (void) snprintf(id, sizeof(id), "%s", part_text(d, tools[i].id));
        assert_string_not_equal(id, open_id);
        assert_true(cJSON_IsFalse(part(d, "cached")));
        assert_int_equal(part_size(d, "appliedFilters"), 1);

        d->scope = &won_too;
        ask_well(d, tools[i].make, "{" VIEW(LITTLE_VW_ROWS) "}");
        assert_string_equal(part_text(d, tools[i].id), id);
        assert_true(cJSON_IsTrue(part(d, "cached")));
        ask_well(d, tools[i].get, "{'%s':'%s'}", tools[i].id, id);
        assert_int_equal(ask_resource(d, tools[i].resource, tools[i].id, id), LOOKOUT_OK);
        fails_as_unknown(d, tools[i].get, tools[i].id, open_id, tools[i].nobody, "");

        for (k = 0; k < COUNT(others); k++) {
            d->scope = others[k];
            fails_as_unknown(d, tools[i].get, tools[i].id, id, tools[i].nobody, "");
            assert_int_not_equal(ask_resource(d, tools[i].resource, tools[i].id, id),
                                 LOOKOUT_OK);
            hidden = error_text(d, id);
            assert_int_not_equal(
                ask_resource(d, tools[i].resource, tools[i].id, tools[i].nobody), LOOKOUT_OK);
            assert_string_equal(hidden, error_text(d, tools[i].nobody));
        }
    }
}


/* The same filters of the caller's own are another job than those of its scope, and the file
 * has no row more. */
static void
test_exported_rows(void **state)
{
    char id[64];
    lookout_str_t file;
    driver_t *d = *state;

    d->scope = NULL;
    ask_well(d, "export_view_csv",
             "{" VIEW(LITTLE_VW_ROWS) ",'filterOverrides':[{'field':'stage','op':'eq','value':"
                                      "'Won'}]}");
    (void) snprintf(id, sizeof(id), "%s", part_text(d, "jobId"));
    scope_is(d, ROWS_WON);
    ask_well(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}");
    assert_string_not_equal(part_text(d, "jobId"), id);
    assert_int_equal(part_number(d, "rowCount"), 2000);
    file = job_bytes(d, part_text(d, "resultPath"));
    assert_null(strstr(file.data, ",Lead,"));
    assert_null(strstr(file.data, ",Proposal,"));
    assert_non_null(strstr(file.data, ",Won,"));
    job_bytes_free(file);
}


/* Work that was interrupted is taken up by callers of the same scope alone. */
static void
test_interrupted(void **state)
{
    char id[64];
    driver_t *d = *state;

    scope_is(d, ROWS_WON);
    (void) snprintf(id, sizeof(id), "%s",
                    job_interrupted(d, "export_view_csv", "{" VIEW(LITTLE_VW_ROWS) "}"));
    scope_is(d, NONE);
    fails_as_unknown(d, "get_job", "jobId", id, "job_22222222222222222222aa", "");
    scope_is(d, ROWS_WON);
    ask_well(d, "get_job", "{'jobId':'%s'}", id);
    assert_string_equal(part_text(d, "status"), "completed");
    assert_int_equal(part_number(d, "rowCount"), 2000);
}


/* Tasks are their scope's too, to look at and to cancel; cancelled ones as well. */
static void
test_tasks(void **state)
{
    static const char nobody[] = "task_22222222222222222222aa";
    static const volatile sig_atomic_t stop_now = 1;
    lookout_code_e (*const what[])(lookout_call_t * call) = { lookout_surface.tasks->get,
                                                              lookout_surface.tasks->cancel };
    const size_t others[] = { NONE, SALES, DESK, ROWS_LEADS };
    char id[64];
    const char *hidden;
    size_t i, k, round;
    driver_t *d = *state;

    for (round = 0; round < 3; round++) {
        scope_is(d, ROWS_WON);
        d->as_task = true;
        d->quit = round == 0 ? NULL : &stop_now;
        ask_well(d, "export_view_csv",
                 "{" VIEW(LITTLE_VW_ROWS) ",'filterOverrides':[{'field':"
                                          "'deal_id','op':'gt','value':%d}]}",
                 (int) round);
        d->as_task = false;
        d->quit = NULL;
        (void) snprintf(id, sizeof(id), "%s", d->call.task.id.data);
        if (round == 2) {
            assert_int_equal(ask_task(d, lookout_surface.tasks->cancel, id), LOOKOUT_OK);
        }

        for (i = 0; i < COUNT(others); i++) {
            scope_is(d, others[i]);
            for (k = 0; k < COUNT(what); k++) {
                assert_int_equal(ask_task(d, what[k], id), LOOKOUT_INVALID_INPUT);
                hidden = error_text(d, id);
                assert_int_equal(ask_task(d, what[k], nobody), LOOKOUT_INVALID_INPUT);
                assert_string_equal(hidden, error_text(d, nobody));
            }
        }

        scope_is(d, ROWS_WON);
        assert_int_equal(ask_task(d, lookout_surface.tasks->get, id), LOOKOUT_OK);
        assert_int_equal(d->call.task.status,
                         round == 2 ? LOOKOUT_TASK_CANCELLED : LOOKOUT_TASK_COMPLETED);
    }
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, driver_setup, driver_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_rows),        TEST(test_samples), TEST(test_unfit_filters),
        TEST(test_sequence),    TEST(test_jobs),    TEST(test_exported_rows),
        TEST(test_interrupted), TEST(test_tasks),
    };

    return cmocka_run_group_tests_name("scope_data", tests, NULL, NULL);
}
