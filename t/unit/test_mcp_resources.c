/*
 * Resources without a server and without any BI: which URI fits which template, listing page by
 * page, over tables that change between the pages, and what is kept of what was read.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <cmocka.h>

#include "mcp/server.h"

struct lookout_session_s {
    int unused;
};

static lookout_arena_t *arena;


static int
setup_arena(void **state)
{
    (void) state;
    arena = lookout_arena_create();
    return arena == NULL;
}


static int
teardown_arena(void **state)
{
    (void) state;
    lookout_arena_destroy(arena);
    return 0;
}


/* ---- templates ---- */

/* The values as "name=value name=value"; NULL: it does not fit. */
static const char *
match(const char *template, const char *uri)
{
    static char text[256];
    const cJSON *item, *values;

    values = lookout_template_match(arena, template, lookout_str(uri));
    if (values == NULL) {
        return NULL;
    }
    text[0] = '\0';
    cJSON_ArrayForEach(item, values)
    {
        (void) snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s=%s",
                        text[0] == '\0' ? "" : " ", item->string, item->valuestring);
    }
    return text;
}


static void
test_match(void **state)
{
    (void) state;
    assert_string_equal(match("a://b", "a://b"), "");
    assert_string_equal(match("a://b/{id}", "a://b/x"), "id=x");
    assert_string_equal(match("a://b/{id}", "a://b/%78%2fy"), "id=x/y");
    assert_string_equal(match("a://b/{id}", "a://b/%C3%A9"), "id=\xc3\xa9");
    assert_string_equal(match("a://b/{id}", "a://b/a b{}"), "id=a b{}");
    assert_string_equal(match("a://b/{id}/c", "a://b/x/c"), "id=x");
    assert_string_equal(match("a://{x}/{y}", "a://1/2"), "x=1 y=2");
    assert_string_equal(match("a://{x}.{y}", "a://1.2.3"), "x=1 y=2.3");
    assert_string_equal(match("{x}", "abc"), "x=abc");
}


static void
test_no_match(void **state)
{
    size_t i;
    static const char *const cases[][2] = {
        { "a://b", "a://b/" },
        { "a://b", "a://" },
        { "a://b", "" },
        { "a://b", "A://b" },
        { "a://b/{id}", "a://b/" },
        { "a://b/{id}", "a://b" },
        { "a://b/{id}", "a://b/x/" },
        { "a://b/{id}", "a://b/x/y" },
        { "a://b/{id}", "a://b//x" },
        { "a://b/{id}", "a://b/../x" },
        { "a://b/{id}", "a://b/%" },
        { "a://b/{id}", "a://b/%4" },
        { "a://b/{id}", "a://b/%g1" },
        { "a://b/{id}", "a://b/%1g" },
        { "a://b/{id}", "a://b/%00" },
        { "a://b/{id}", "a://b/x%00y" },
        { "a://b/{id}/c", "a://b/x" },
        { "a://b/{id}/c", "a://b//c" },
        { "a://b/{id}/c", "a://b/x/d" },
        /* Templates that nobody should write. */
        { "a://{id", "a://x" },
        { "a://{a}{b}", "a://x" },
        { "a://{a_name_that_is_longer_than_any_variable_should_ever_be_called_by_far}",
          "a://x" },
    };

    (void) state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (match(cases[i][0], cases[i][1]) != NULL) {
            fail_msg("%s fits %s", cases[i][1], cases[i][0]);
        }
    }
}


/* ---- listing ---- */

static int n_plain, n_begun; /* resources that the two templates have */
static const char *version;  /* of the second */
static bool slow;            /* the second needs a thread */


static int n_read;           /* runs of read_kept */
static const char *dep_path; /* the file that it depends on; NULL: none, so it is not kept */
static int64_t own_ttl;      /* ms; 0: the row's */


static lookout_code_e
read_kept(lookout_call_t *call)
{
    lookout_file_id_t id;

    n_read++;
    lookout_buf_printf(call->out, "\"%d\"", n_read);
    call->rows = 3;
    if (dep_path != NULL) {
        assert_true(lookout_file_id(dep_path, &id));
        call->cacheable = true;
        lookout_call_depends(call, dep_path, &id);
    }
    if (own_ttl != 0) {
        call->ttl_ms = own_ttl;
    }
    return LOOKOUT_OK;
}


static lookout_code_e
read_any(lookout_call_t *call)
{
    call->mime = "text/plain";
    lookout_buf_puts(call->out, "text");
    return LOOKOUT_OK;
}


static bool
add(lookout_call_t *call, const char *folder, int i)
{
    return lookout_resource_add(call, lookout_arena_printf(call->arena, "t://%s/%d", folder, i),
                                lookout_arena_printf(call->arena, "%s-%d", folder, i),
                                LOOKOUT_STR_NONE, LOOKOUT_STR_NONE);
}


/* Begins with its first each time. */
static lookout_code_e
list_plain(lookout_call_t *call)
{
    int i;

    for (i = 0; i < n_plain && add(call, "plain", i); i++) { /* void */
    }
    return LOOKOUT_OK;
}


static lookout_code_e
list_begun(lookout_call_t *call)
{
    int64_t i;
    lookout_code_e code;

    if (slow && call->watch.slice_ns != 0) {
        return LOOKOUT_NEEDS_THREAD;
    }
    code = lookout_resource_begin(call, lookout_str(version), &i);
    for (; code == LOOKOUT_OK && i < n_begun && add(call, "begun", (int) i); i++) { /* void */
    }
    return code;
}


static const lookout_argument_t variables[] = { { .name = "n", .description = "n" },
                                                { .name = NULL } };
static const lookout_resource_t resources[] = {
    { .uri = "t://one",
      .name = "one",
      .title = "One",
      .description = "One.",
      .mime = "text/plain",
      .read = read_any },
    { .uri = "t://plain/{n}",
      .name = "plain",
      .title = "Plain",
      .description = "Plain.",
      .mime = "text/plain",
      .variables = variables,
      .read = read_any,
      .list = list_plain },
    { .uri = "t://unlisted/{n}",
      .name = "unlisted",
      .title = "Unlisted",
      .description = "Unlisted.",
      .mime = "text/plain",
      .variables = variables,
      .read = read_any },
    { .uri = "t://begun/{n}",
      .name = "begun",
      .title = "Begun",
      .description = "Begun.",
      .variables = variables,
      .read = read_any,
      .list = list_begun },
    { .name = NULL },
};
static const lookout_resource_t last[] = {
    { .uri = "t://kept/{n}",
      .name = "kept",
      .title = "Kept",
      .description = "Kept.",
      .mime = "text/plain",
      .variables = variables,
      .ttl_ms = 1234,
      .read = read_kept },
    { .uri = "t://last",
      .name = "last",
      .title = "Last",
      .description = "Last.",
      .mime = "text/plain",
      .read = read_any },
    { .name = NULL },
};
static const lookout_surface_t surface = { .resources = resources };
static const lookout_surface_t other = { .resources = last };
static const lookout_surface_t *const surfaces[] = { &surface, &other, NULL };
static const lookout_surface_t *const fewer[] = { &other, NULL };

static lookout_mcp_t *mcp;
static cJSON *reply;


static bool modern;
static const char *sent_uri;  /* the header Mcp-Name */
static const char *scope_key; /* of the permit */
static bool cached;           /* the last reply */
static int64_t rows;


/* Those of resources/read, when the request is a modern one. */
static lookout_str_t
header(void *data, const char *name)
{
    (void) data;
    if (!modern) {
        return LOOKOUT_STR_NONE;
    }
    return strcasecmp(name, "MCP-Protocol-Version") == 0 ? LOOKOUT_STR("2026-07-28")
           : strcasecmp(name, "Mcp-Method") == 0         ? LOOKOUT_STR("resources/read")
           : strcasecmp(name, "Mcp-Name") == 0           ? lookout_str(sent_uri)
                                                         : LOOKOUT_STR_NONE;
}


static lookout_mcp_t *
make_server(const lookout_surface_t *const *set)
{
    lookout_mcp_config_t config = {
        .name = "test",
        .title = "Test",
        .version = "1",
        .instructions = "Do it.",
        .surfaces = set,
        .slice_ns = 1000000000,
        .key = { { 7 } },
        .cache_bytes = 1 << 20,
    };

    return lookout_mcp_create(&config);
}


static int
setup(void **state)
{
    (void) state;
    n_plain = n_begun = 0;
    version = "v1";
    slow = modern = false;
    scope_key = "";
    reply = NULL;
    n_read = 0;
    dep_path = NULL;
    own_ttl = 0;
    mcp = make_server(surfaces);
    return mcp == NULL;
}


static int
teardown(void **state)
{
    (void) state;
    cJSON_Delete(reply);
    lookout_mcp_destroy(mcp);
    return 0;
}


/* Sends a request; gives what its reply has under `key`, or NULL. */
static const cJSON *
post(lookout_mcp_t *server, const char *method, const char *params, const char *key)
{
    char body[8192];
    struct lookout_session_s session = { 0 };
    lookout_exchange_t x = { .arena = lookout_arena_create(),
                             .headers = { header, NULL },
                             .session = &session,
                             .permit = { .key = lookout_str(scope_key) } };

    (void) snprintf(body, sizeof(body),
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method,
                    params);
    x.body = lookout_str(body);
    assert_non_null(x.arena);
    if (lookout_mcp_begin(server, &x) == LOOKOUT_MCP_DEFERRED) {
        lookout_mcp_work(server, &x);
        lookout_mcp_end(server, &x);
    }
    cached = x.turn.cached;
    rows = x.rows;
    cJSON_Delete(reply);
    reply = cJSON_ParseWithLength(x.out.data, x.out.len);
    assert_non_null(reply);
    lookout_exchange_free(&x);
    lookout_arena_destroy(x.arena);
    return lookout_json_get(reply, key);
}


/* One page: how many resources it has; `cursor` in and out, empty when it was the last. Each
 * URI is appended to `uris` with a space. */
static int
page(char *cursor, size_t size, lookout_buf_t *uris)
{
    char params[512];
    const cJSON *item, *next, *result;
    int n = 0;

    (void) snprintf(params, sizeof(params), "{\"cursor\":\"%s\"}", cursor);
    result = post(mcp, "resources/list", params, "result");
    assert_non_null(result);
    cJSON_ArrayForEach(item, lookout_json_get(result, "resources"))
    {
        lookout_buf_printf(uris, "%s ", lookout_json_get(item, "uri")->valuestring);
        n++;
    }
    next = lookout_json_get(result, "nextCursor");
    (void) snprintf(cursor, size, "%s", next == NULL ? "" : next->valuestring);
    return n;
}


/* What all pages should be together. */
static void
wanted(lookout_buf_t *uris)
{
    int i;

    lookout_buf_puts(uris, "t://one ");
    for (i = 0; i < n_plain; i++) {
        lookout_buf_printf(uris, "t://plain/%d ", i);
    }
    for (i = 0; i < n_begun; i++) {
        lookout_buf_printf(uris, "t://begun/%d ", i);
    }
    lookout_buf_puts(uris, "t://last ");
}


static void
lists_all(int plain, int begun)
{
    int n, pages = 0;
    char cursor[256] = "";
    lookout_buf_t got = LOOKOUT_BUF_INIT, want = LOOKOUT_BUF_INIT;

    n_plain = plain;
    n_begun = begun;
    wanted(&want);
    do {
        n = page(cursor, sizeof(cursor), &got);
        assert_int_equal(n == 100 || cursor[0] == '\0', true);
        pages++;
    } while (cursor[0] != '\0');
    assert_int_equal(pages, (plain + begun + 2 + 99) / 100);
    if (!lookout_str_eq(lookout_buf_text(&got), lookout_buf_text(&want))) {
        fail_msg("%d, %d: %.*s", plain, begun, (int) got.len, got.data);
    }
    lookout_buf_free(&got);
    lookout_buf_free(&want);
}


/* Pages end within a row, at its beginning, at its end, and with the list. */
static void
test_pages(void **state)
{
    (void) state;
    lists_all(0, 0);
    lists_all(98, 0);
    lists_all(99, 0);
    lists_all(100, 0);
    lists_all(0, 98);
    lists_all(0, 99);
    lists_all(0, 250);
    lists_all(99, 100);
    lists_all(250, 0);
    lists_all(199, 199);
    lists_all(150, 151);
    slow = true;
    lists_all(150, 151);
}


static void
test_members(void **state)
{
    const cJSON *list;

    (void) state;
    n_begun = 1;
    list = lookout_json_get(post(mcp, "resources/list", "{}", "result"), "resources");
    assert_string_equal(lookout_json_get(cJSON_GetArrayItem(list, 0), "mimeType")->valuestring,
                        "text/plain");
    assert_string_equal(lookout_json_get(cJSON_GetArrayItem(list, 1), "name")->valuestring,
                        "begun-0");
    assert_null(lookout_json_get(cJSON_GetArrayItem(list, 1), "mimeType"));
    assert_null(lookout_json_get(cJSON_GetArrayItem(list, 1), "title"));

    list = lookout_json_get(post(mcp, "resources/templates/list", "{}", "result"),
                            "resourceTemplates");
    assert_int_equal(cJSON_GetArraySize(list), 4);
    assert_null(lookout_json_get(cJSON_GetArrayItem(list, 2), "mimeType"));
}


/* The cursor of a first page that ends in `begun`. */
static void
first_page(char *cursor, size_t size)
{
    lookout_buf_t uris = LOOKOUT_BUF_INIT;

    n_begun = 200;
    cursor[0] = '\0';
    assert_int_equal(page(cursor, size, &uris), 100);
    lookout_buf_free(&uris);
}


static void
refused(lookout_mcp_t *server, const char *cursor, const char *reason)
{
    char params[512];
    const cJSON *error, *data;

    (void) snprintf(params, sizeof(params), "{\"cursor\":\"%s\"}", cursor);
    error = post(server, "resources/list", params, "error");
    assert_non_null(error);
    assert_int_equal(lookout_json_get(error, "code")->valueint, -32602);
    data = lookout_json_get(error, "data");
    assert_string_equal(lookout_json_get(data, "code")->valuestring, "INVALID_CURSOR");
    assert_string_equal(
        lookout_json_get(lookout_json_get(data, "details"), "reason")->valuestring, reason);
}


static void
test_cursors(void **state)
{
    char cursor[256];
    lookout_mcp_t *server;

    (void) state;
    first_page(cursor, sizeof(cursor));
    version = "v2";
    refused(mcp, cursor, "data_refreshed");
    version = "v1";
    cursor[strlen(cursor) - 1] ^= 1;
    refused(mcp, cursor, "malformed");
    refused(mcp, "begun 99 v1", "malformed");

    /* A row that went away with an upgrade. */
    first_page(cursor, sizeof(cursor));
    server = make_server(fewer);
    refused(server, cursor, "data_refreshed");
    lookout_mcp_destroy(server);
}


static void
test_read(void **state)
{
    const cJSON *content;

    (void) state;
    content = lookout_json_get(
        post(mcp, "resources/read", "{\"uri\":\"t://begun/7\"}", "result"), "contents");
    assert_string_equal(
        lookout_json_get(cJSON_GetArrayItem(content, 0), "mimeType")->valuestring,
        "text/plain");
    assert_null(post(mcp, "resources/read", "{\"uri\":\"t://begun/\"}", "result"));
    assert_int_equal(lookout_json_get(lookout_json_get(reply, "error"), "code")->valueint,
                     -32002);
}


/* Reads t://kept/1; gives the text, which tells the runs of the row's function. */
static const char *
kept(const char *more)
{
    char params[512];
    const cJSON *result;

    sent_uri = "t://kept/1";
    (void) snprintf(params, sizeof(params), "{\"uri\":\"t://kept/1\",\"_meta\":{%s}%s}",
                    modern ? "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                             "\"io.modelcontextprotocol/clientCapabilities\":{}"
                           : "",
                    more);
    result = post(mcp, "resources/read", params, "result");
    assert_non_null(result);
    if (modern) {
        assert_int_equal(lookout_json_get(result, "ttlMs")->valueint,
                         own_ttl != 0 ? own_ttl : 1234);
        assert_string_equal(lookout_json_get(result, "cacheScope")->valuestring, "private");
        assert_string_equal(lookout_json_get(result, "resultType")->valuestring, "complete");
    } else {
        assert_int_equal(cJSON_GetArraySize(result), 1);
    }
    result = cJSON_GetArrayItem(lookout_json_get(result, "contents"), 0);
    assert_string_equal(lookout_json_get(result, "uri")->valuestring, "t://kept/1");
    assert_int_equal(rows, 3);
    return lookout_json_get(result, "text")->valuestring;
}


static void
test_read_again(void **state)
{
    int fd;
    char path[] = "/tmp/lookout-test-XXXXXX";

    (void) state;
    fd = mkstemp(path);
    assert_true(fd >= 0);
    dep_path = path;

    /* Both eras, one answer. */
    assert_string_equal(kept(""), "\"1\"");
    assert_false(cached);
    assert_string_equal(kept(""), "\"1\"");
    assert_true(cached);
    modern = true;
    assert_string_equal(kept(""), "\"1\"");
    assert_true(cached);

    /* A second round is none that a key tells, and is not kept either. */
    assert_string_equal(kept(",\"inputResponses\":{}"), "\"2\"");
    assert_false(cached);
    assert_string_equal(kept(""), "\"1\"");

    /* Another scope has its own. */
    scope_key = "s";
    assert_string_equal(kept(""), "\"3\"");
    modern = false;
    assert_string_equal(kept(""), "\"3\"");
    scope_key = "";
    assert_string_equal(kept(""), "\"1\"");

    /* The file changed. */
    assert_int_equal(write(fd, "x", 1), 1);
    usleep(20000);
    assert_string_equal(kept(""), "\"4\"");
    assert_string_equal(kept(""), "\"4\"");
    close(fd);
    unlink(path);
}


/* What depends on something else than files, and what has a time to live of its own. */
static void
test_not_kept(void **state)
{
    (void) state;
    assert_string_equal(kept(""), "\"1\"");
    assert_string_equal(kept(""), "\"2\"");
    dep_path = "/";
    own_ttl = 99;
    modern = true;
    assert_string_equal(kept(""), "\"3\"");
    assert_string_equal(kept(""), "\"4\"");
    own_ttl = 0;
    assert_string_equal(kept(""), "\"5\"");
    assert_string_equal(kept(""), "\"5\"");
}


/* A URI as long as a message may be is not told back whole, nor with half a character. */
static void
test_long_uri(void **state)
{
    char params[4096];
    const cJSON *error;

    (void) state;
    (void) snprintf(params, sizeof(params), "{\"uri\":\"%0255d\u00e9%02000d\"}", 0, 0);
    error = post(mcp, "resources/read", params, "error");
    assert_int_equal(
        strlen(lookout_json_get(lookout_json_get(error, "data"), "uri")->valuestring), 255);

    (void) snprintf(params, sizeof(params), "{\"uri\":\"%0254d\u00e9%02000d\"}", 0, 0);
    error = post(mcp, "resources/read", params, "error");
    assert_int_equal(
        strlen(lookout_json_get(lookout_json_get(error, "data"), "uri")->valuestring), 256);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_match, setup_arena, teardown_arena),
        cmocka_unit_test_setup_teardown(test_no_match, setup_arena, teardown_arena),
        cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_members, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cursors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_uri, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
