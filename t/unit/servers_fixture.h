/*
 * For the unit tests of scoped servers: a folder with a file of them, a handle that writes and
 * one that reads, and short ways to ask them.
 */

#ifndef SERVERS_FIXTURE_H
#define SERVERS_FIXTURE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "../../ngx_lookout_module/access/servers.h"
#include "../../ngx_lookout_module/base/json.h"

#define UNUSED __attribute__((unused))
#define NOW 1800000000 /* 2027-01-15T08:00:00Z */
#define BASE LOOKOUT_STR("https://bi.example/mcp")
#define STR(s) lookout_str(s)

static const lookout_servers_op_t ops[] = {
    { "eq", 1, 1 },
    { "in", 1, 1000 },
    { "between", 2, 2 },
    { "is_null", 0, 0 },
};
static lookout_key_t key = { "the key of these tests, 32 bytes" };
static char folder[64], path[96];
static lookout_servers_settings_t settings = { path, &key, ops, sizeof(ops) / sizeof(ops[0]) };
static lookout_servers_t *writer, *reader;
static lookout_arena_t *arena;
static char id[32], token[64]; /* of the server that was made last */


static UNUSED const char *
beside(const char *suffix)
{
    static char name[128];

    (void) snprintf(name, sizeof(name), "%s%s", path, suffix);
    return name;
}


static UNUSED int
setup(void **state)
{
    (void) state;
    (void) strcpy(folder, "/tmp/lookout-servers-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void) snprintf(path, sizeof(path), "%s/servers.db", folder);
    arena = lookout_arena_create();
    writer = lookout_servers_open(&settings, LOOKOUT_SERVERS_THREAD);
    reader = lookout_servers_open(&settings, LOOKOUT_SERVERS_LOOP);
    assert_true(arena != NULL && writer != NULL && reader != NULL);
    return 0;
}


static UNUSED int
teardown(void **state)
{
    static const char *const suffixes[] = { "", "-wal", "-shm", ".lock", ".copy" };

    (void) state;
    lookout_servers_close(writer);
    lookout_servers_close(reader);
    lookout_arena_destroy(arena);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        (void) unlink(beside(suffixes[i]));
    }
    return rmdir(folder);
}


/* What was written, parsed. */
static UNUSED cJSON *
answer(lookout_buf_t *out)
{
    lookout_json_error_t why = { 0, "" };
    lookout_str_t text = lookout_arena_copy(arena, lookout_buf_text(out));
    cJSON *json = lookout_json_parse(arena, text, &why);

    if (json == NULL) {
        fail_msg("not JSON: %s in %s", why.why, text.data);
    }
    lookout_buf_free(out);
    return json;
}


static UNUSED const char *
text_of(const cJSON *json, const char *name)
{
    const cJSON *item = lookout_json_get(json, name);

    return cJSON_IsString(item) ? item->valuestring : NULL;
}


/* The member as JSON; "absent" when there is none. */
static UNUSED const char *
json_of(const cJSON *json, const char *name)
{
    const cJSON *item = lookout_json_get(json, name);
    char *text = item == NULL ? NULL : cJSON_PrintUnformatted(item);
    lookout_str_t copy = lookout_arena_copy(arena, STR(text == NULL ? "absent" : text));

    free(text);
    return copy.data;
}


/* Takes the token out of a url that was just shown. */
static UNUSED void
note_token(const cJSON *json)
{
    const char *url = text_of(json, "url");

    assert_non_null(url);
    assert_int_equal(strncmp(url, BASE.data, BASE.len), 0);
    (void) snprintf(token, sizeof(token), "%s", url + BASE.len + 1);
}


static UNUSED cJSON *
create_at(const char *body, int64_t now, lookout_servers_result_e expected)
{
    lookout_buf_t out = LOOKOUT_BUF_INIT;
    lookout_servers_result_e result =
        lookout_servers_create(writer, arena, STR(body), BASE, now, &out);
    cJSON *json = answer(&out);

    if (result != expected) {
        fail_msg("%d, not %d: %s", (int) result, (int) expected, cJSON_Print(json));
    }
    if (result == LOOKOUT_SERVERS_OK) {
        (void) snprintf(id, sizeof(id), "%s", text_of(json, "id"));
        note_token(json);
    }
    return json;
}


static UNUSED cJSON *
create(const char *body)
{
    return create_at(body, NOW, LOOKOUT_SERVERS_OK);
}


static UNUSED cJSON *
change_at(const char *body, int64_t now, lookout_servers_result_e expected)
{
    lookout_buf_t out = LOOKOUT_BUF_INIT;
    lookout_servers_result_e result =
        lookout_servers_change(writer, arena, STR(id), STR(body), BASE, now, &out);
    cJSON *json = answer(&out);

    if (result != expected) {
        fail_msg("%d, not %d: %s", (int) result, (int) expected, cJSON_Print(json));
    }
    return json;
}


static UNUSED cJSON *
change(const char *body)
{
    return change_at(body, NOW, LOOKOUT_SERVERS_OK);
}


static UNUSED cJSON *
get_at(int64_t now, lookout_servers_result_e expected)
{
    lookout_buf_t out = LOOKOUT_BUF_INIT;

    assert_int_equal(lookout_servers_get(writer, arena, STR(id), now, &out), expected);
    return answer(&out);
}


static UNUSED lookout_server_found_e
find_at(const char *text, int64_t now, lookout_scope_t *scope)
{
    return lookout_servers_find(reader, arena, STR(text), now, scope);
}


static UNUSED lookout_server_found_e
find(const char *text)
{
    lookout_scope_t scope;
    lookout_server_found_e found = find_at(text, NOW, &scope);

    if (found != LOOKOUT_SERVER_GOOD) {
        /* What is not good allows nothing, whatever the caller makes of it. */
        assert_int_equal(scope.methods, 0);
    }
    return found;
}


static UNUSED lookout_servers_result_e
revoke_server(const char *which)
{
    lookout_buf_t out = LOOKOUT_BUF_INIT;
    lookout_servers_result_e result =
        lookout_servers_revoke(writer, arena, STR(which), NOW, &out);

    (void) answer(&out);
    return result;
}


static UNUSED int64_t
purge_at(int64_t now)
{
    int64_t purged;

    assert_true(lookout_servers_purge(writer, now, &purged));
    return purged;
}


/* Runs a statement on the file behind the room's back. */
static UNUSED void
sql(const char *statement)
{
    sqlite3 *db;
    char *why = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    (void) sqlite3_busy_timeout(db, 5000);
    if (sqlite3_exec(db, statement, NULL, NULL, &why) != SQLITE_OK) {
        fail_msg("%s: %s", statement, why);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#endif
