/*
 * Scopes over the catalogue: what a caller can find of it, in every way there is to ask. What
 * is out of scope must answer as what does not exist.
 */

#include "scope_cases.h"

static const struct {
    const char *list; /* the tool */
    const char *get;
    const char *variable;
    const char *nobody;
    const char *ids[8];
} kinds[] = {
    { "list_datasources",
      "get_datasource",
      "datasourceId",
      NO_SOURCE,
      { LITTLE_SALES, LITTLE_SUPPORT, LITTLE_MARKETING, LITTLE_LOST, LITTLE_CAFE,
        LITTLE_DELETED } },
    { "list_workbooks",
      "get_workbook",
      "workbookId",
      NO_BOOK,
      { LITTLE_WB_SALES, LITTLE_WB_SUPPORT, LITTLE_WB_EMPTY, LITTLE_WB_DELETED } },
    { "list_views",
      "get_view",
      "viewId",
      NO_VIEW,
      { LITTLE_VW_STAGE, LITTLE_VW_ROWS, LITTLE_VW_DRIFTED, LITTLE_VW_ADS, LITTLE_VW_TICKETS,
        LITTLE_VW_LOST, LITTLE_VW_EMPTY, LITTLE_VW_DELETED } },
};


/* "name,name" of the last list, or "name count,name count" of workbooks. */
static const char *
names(const driver_t *d)
{
    static char text[1024];
    const cJSON *item, *count;

    text[0] = '\0';
    cJSON_ArrayForEach(item, part(d, "items"))
    {
        count = lookout_json_get(item, "viewCount");
        (void) snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
                        text[0] == '\0' ? "" : ",",
                        lookout_json_get(item, "name")->valuestring);
        if (count != NULL) {
            (void) snprintf(text + strlen(text), sizeof(text) - strlen(text), " %d",
                            count->valueint);
        }
    }
    return text;
}


static void
test_lists(void **state)
{
    size_t i;
    driver_t *d = *state;

    for (i = 0; i < COUNT(scopes); i++) {
        d->scope = &scopes[i].scope;
        ask_well(d, "list_datasources", "{}");
        assert_string_equal(names(d), scopes[i].sources);
        ask_well(d, "list_workbooks", "{}");
        assert_string_equal(names(d), scopes[i].workbooks);
        ask_well(d, "list_views", "{}");
        assert_string_equal(names(d), scopes[i].views);
    }
}


static bool
has(const char *list, const char *name)
{
    const char *at = strstr(list, name);

    return at != NULL && (at == list || at[-1] == ',')
           && strchr(", ", at[strlen(name)]) != NULL;
}


/* No way of searching finds more than the list has. */
static void
test_searches(void **state)
{
    static const char *const words[] = { "sales",   "deals", "amount",  "umsatz", "spend",
                                         "tickets", "help",  "archive", "emea",   "lost" };
    const char *allowed, *how;
    size_t i, k, w;
    const cJSON *item;
    driver_t *d = *state;

    for (i = 0; i < COUNT(scopes); i++) {
        d->scope = &scopes[i].scope;
        for (k = 0; k < COUNT(kinds); k++) {
            for (w = 0; w < 2 * COUNT(words); w++) {
                how = w % 2 == 0 ? "q" : "nameContains";
                ask_well(d, kinds[k].list, "{'%s':'%s'}", how, words[w / 2]);
                allowed = k == 0   ? scopes[i].sources
                          : k == 1 ? scopes[i].workbooks
                                   : scopes[i].views;
                cJSON_ArrayForEach(item, part(d, "items"))
                {
                    assert_true(has(allowed, lookout_json_get(item, "name")->valuestring));
                }
            }
        }
    }
}


static bool
resource_unknown(driver_t *d, size_t kind, const char *id)
{
    static const char *const resources[] = { "datasource", "workbook", "view" };
    const char *hidden;

    if (ask_resource(d, resources[kind], kinds[kind].variable, id) == LOOKOUT_OK) {
        return false;
    }
    hidden = error_text(d, id);
    (void) ask_resource(d, resources[kind], kinds[kind].variable, kinds[kind].nobody);
    return strcmp(hidden, error_text(d, kinds[kind].nobody)) == 0;
}


/* Is the object in the list, as the last call gave it? */
static bool
listed(const driver_t *d, const char *id)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, part(d, "items"))
    {
        if (strcmp(lookout_json_get(item, "id")->valuestring, id) == 0) {
            return true;
        }
    }
    return false;
}


static void
test_unknown(void **state)
{
    static const struct {
        const char *tool;
        size_t kind;
        const char *more;
    } others[] = {
        { "query_datasource", 0, ",'sql':'SELECT 1'" },
        { "query_datasource", 0, ",'sql':'DROP TABLE data'" },
        { "query_datasource", 0, ",'sql':'SELECT 1','cursor':'x'" },
        { "list_views", 1, "" },
        { "query_view_data", 2, "" },
        { "query_view_data", 2, ",'filterOverrides':[{'field':'x','op':'eq','value':1}]" },
        { "create_view_render", 2, "" },
        { "export_view_csv", 2, "" },
    };
    size_t i, k, n, o;
    const char *id;
    driver_t *d = *state;

    for (i = 0; i < COUNT(scopes); i++) {
        d->scope = &scopes[i].scope;
        for (k = 0; k < COUNT(kinds); k++) {
            for (n = 0; n < COUNT(kinds[k].ids) && (id = kinds[k].ids[n]) != NULL; n++) {
                ask_well(d, kinds[k].list, "{}");
                if (listed(d, id)) {
                    (void) ask(d, kinds[k].get, "{'%s':'%s'}", kinds[k].variable, id);
                    assert_false(d->code == LOOKOUT_DATASOURCE_NOT_FOUND
                                 || d->code == LOOKOUT_WORKBOOK_NOT_FOUND
                                 || d->code == LOOKOUT_VIEW_NOT_FOUND);
                    continue;
                }
                fails_as_unknown(d, kinds[k].get, kinds[k].variable, id, kinds[k].nobody, "");
                assert_true(resource_unknown(d, k, id));
                for (o = 0; o < COUNT(others); o++) {
                    if (others[o].kind == k) {
                        fails_as_unknown(d, others[o].tool, kinds[k].variable, id,
                                         kinds[k].nobody, others[o].more);
                    }
                }
            }
        }
    }
}


/* A workbook shows its views in scope, and counts those. */
static void
test_workbook(void **state)
{
    driver_t *d = *state;

    d->scope = &(const lookout_scope_t){ .datasources = LIST(S(LITTLE_MARKETING)) };
    ask_well(d, "get_workbook", "{'workbookId':'" LITTLE_WB_SALES "'}");
    assert_int_equal(part_size(d, "views"), 1);
    assert_string_equal(part_text(d, "views/0/name"), "Ad spend");
    ask_well(d, "list_views", "{'workbookId':'" LITTLE_WB_SALES "'}");
    assert_int_equal(part_size(d, "items"), 1);
    ask_well(d, "list_views", "{'workbookId':'" LITTLE_WB_SALES "','q':'deals'}");
    assert_int_equal(part_size(d, "items"), 0);
    ask_well(d, "list_views", "{'workbookId':'" LITTLE_WB_SUPPORT "'}");
    assert_int_equal(part_size(d, "items"), 0);
}


/* Tags that are no JSON are an error of their workbook, and in a scope of tags it has none. */
static void
test_broken_tags(void **state)
{
    driver_t *d = *state;

    little_company_catalog(
        d->catalog, "UPDATE workbook SET tags = '[\"emea\"' WHERE id = '" LITTLE_WB_SUPPORT
                    "'; UPDATE workbook SET tags = '[[\"emea\"], {\"t\": \"emea\"}, 1]'"
                    " WHERE id = '" LITTLE_WB_EMPTY "'");
    d->scope = &(const lookout_scope_t){ .workbook_tags = LIST(S("emea"), S("1")) };
    ask_well(d, "list_workbooks", "{}");
    assert_string_equal(names(d), "Sales Reviews 5");
    fails_as_unknown(d, "get_workbook", "workbookId", LITTLE_WB_SUPPORT, NO_BOOK, "");
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, driver_setup, driver_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_lists),    TEST(test_searches),    TEST(test_unknown),
        TEST(test_workbook), TEST(test_broken_tags),
    };

    return cmocka_run_group_tests_name("scope_catalog", tests, NULL, NULL);
}
