/*
 * Unit tests of scoped servers: what is made, read, listed, changed, rotated, revoked, expired
 * and purged; and which tokens are good.
 */

#include "servers_fixture.h"

#include "../../ngx_lookout_module/base/id.h"


/* The request of the page that describes managed servers, and its answer. */
static void
test_seed_example(void **state)
{
    cJSON *json =
        create("{\"name\": \"Looker Admin Agent\", \"config\": {\"methods\":"
               " [\"read\", \"write\"], \"tags\": [\"users\", \"roles\", \"queries\"]},"
               " \"expires_at\": \"2027-12-31T23:59:59Z\"}");

    (void) state;
    assert_true(lookout_id_valid(STR(id), "mcp_"));
    assert_string_equal(text_of(json, "name"), "Looker Admin Agent");
    assert_string_equal(json_of(json, "config"),
                        "{\"methods\":[\"read\",\"write\"],\"tags\":[\"users\",\"roles\","
                        "\"queries\"]}");
    assert_string_equal(text_of(json, "expires_at"), "2027-12-31T23:59:59Z");
    assert_string_equal(json_of(json, "require_api_token_auth"), "false");
    assert_string_equal(text_of(json, "created_at"), "2027-01-15T08:00:00Z");
    assert_string_equal(text_of(json, "updated_at"), "2027-01-15T08:00:00Z");
    assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);
}


static void
test_least(void **state)
{
    cJSON *json = create("{\"name\": \"x\"}");
    lookout_scope_t scope;

    (void) state;
    assert_string_equal(json_of(json, "config"), "{}");
    assert_string_equal(json_of(json, "expires_at"), "null");
    assert_int_equal(find_at(token, NOW, &scope), LOOKOUT_SERVER_GOOD);
    assert_int_equal(scope.methods, LOOKOUT_METHODS_ALL);
    assert_false(lookout_scope_limits_data(&scope));
    assert_false(scope.token_auth);
    assert_int_equal(scope.version, 1);
}


static void
test_whole_scope(void **state)
{
    lookout_scope_t scope;
    int i;

    (void) state;
    (void) create(
        "{\"name\": \"Größe\", \"config\": {\"methods\": [\"list\", \"run\", \"list\"],"
        " \"tags\": [\"views\"], \"datasources\": [\"ds_abcdefghijklmnopqrstuv\"],"
        " \"workbooks\": {\"ids\": [\"wb_abcdefghijklmnopqrstuv\"], \"tags\": [\"Q3 plans\"]},"
        " \"filters\": [{\"field\": \"region\", \"op\": \"in\", \"value\": [\"EMEA\", 7, 1.5,"
        " true]}, {\"field\": \"x\", \"op\": \"is_null\"}]},"
        " \"require_api_token_auth\": true, \"expires_at\": \"2027-01-15T10:00:01+02:00\"}");
    for (i = 0; i < 2; i++) { /* from the file, and from memory */
        assert_int_equal(find_at(token, NOW, &scope), LOOKOUT_SERVER_GOOD);
        assert_string_equal(scope.id.data, id);
        assert_string_equal(scope.name.data, "Größe");
        assert_int_equal(scope.methods, 1u << LOOKOUT_METHOD_LIST | 1u << LOOKOUT_METHOD_RUN);
        assert_int_equal(scope.tags.n, 1);
        assert_string_equal(scope.tags.items[0].data, "views");
        assert_string_equal(scope.datasources.items[0].data, "ds_abcdefghijklmnopqrstuv");
        assert_string_equal(scope.workbooks.items[0].data, "wb_abcdefghijklmnopqrstuv");
        assert_string_equal(scope.workbook_tags.items[0].data, "Q3 plans");
        assert_string_equal(scope.filters.data,
                            "[{\"field\":\"region\",\"op\":\"in\",\"value\":[\"EMEA\",7,1.5,"
                            "true]},{\"field\":\"x\",\"op\":\"is_null\"}]");
        assert_true(scope.token_auth);
        assert_int_equal(scope.expires_at, NOW + 1);
    }
}


/* The token is shown once, and neither kept nor shown again. */
static void
test_get_shows_no_token(void **state)
{
    cJSON *json;

    (void) state;
    (void) create("{\"name\": \"once\"}");
    json = get_at(NOW, LOOKOUT_SERVERS_OK);
    assert_string_equal(text_of(json, "name"), "once");
    assert_null(lookout_json_get(json, "url"));
    assert_null(lookout_json_get(change("{\"name\": \"twice\"}"), "url"));
}


static void
test_not_found(void **state)
{
    static const char *const ids[] = { "", "mcp_", "mcp_abcdefghijklmnopqrstuv",
                                       "ds_abcdefghijklmnopqrstuv", "' OR 1=1 --" };
    lookout_buf_t out = LOOKOUT_BUF_INIT;
    cJSON *json;

    (void) state;
    (void) create("{\"name\": \"x\"}");
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        assert_int_equal(lookout_servers_get(writer, arena, STR(ids[i]), NOW, &out),
                         LOOKOUT_SERVERS_NOT_FOUND);
        json = lookout_json_get(answer(&out), "error");
        assert_string_equal(text_of(json, "code"), "SERVER_NOT_FOUND");
        assert_int_equal(
            lookout_servers_change(writer, arena, STR(ids[i]), STR("{}"), BASE, NOW, &out),
            LOOKOUT_SERVERS_NOT_FOUND);
        (void) answer(&out);
        assert_int_equal(revoke_server(ids[i]), LOOKOUT_SERVERS_NOT_FOUND);
    }
    assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);
}


static cJSON *
list(int64_t limit, const char *cursor, lookout_servers_result_e expected)
{
    lookout_buf_t out = LOOKOUT_BUF_INIT;

    assert_int_equal(lookout_servers_list(writer, arena, limit, STR(cursor), NOW, &out),
                     expected);
    return answer(&out);
}


static void
test_list(void **state)
{
    const char *cursor = NULL;
    char body[64], seen[16] = "";
    const cJSON *json, *item;
    int i;

    (void) state;
    assert_string_equal(json_of(list(20, NULL, LOOKOUT_SERVERS_OK), "items"), "[]");
    for (i = 0; i < 5; i++) {
        (void) snprintf(body, sizeof(body), "{\"name\": \"%c\"}", 'a' + i);
        (void) create(body);
    }
    (void) create("{\"name\": \"z\", \"expires_at\": \"2027-01-15T08:00:01Z\"}");
    sql("UPDATE server SET expires_at = 1 WHERE name = 'z'"); /* expired, not purged yet */
    do {
        json = list(2, cursor, LOOKOUT_SERVERS_OK);
        cJSON_ArrayForEach(item, lookout_json_get(json, "items"))
        {
            assert_null(lookout_json_get(item, "url"));
            (void) strcat(seen, text_of(item, "name"));
        }
        (void) strcat(seen, ".");
        cursor = text_of(json, "nextCursor");
    } while (cursor != NULL);
    assert_string_equal(seen, "ab.cd.e.");

    (void) list(0, NULL, LOOKOUT_SERVERS_INVALID);
    (void) list(101, NULL, LOOKOUT_SERVERS_INVALID);
    (void) list(20, "", LOOKOUT_SERVERS_INVALID);
    (void) list(20, "1x", LOOKOUT_SERVERS_INVALID);
    (void) list(20, "1234567890123456789", LOOKOUT_SERVERS_INVALID);
}


static void
test_expiry_to_the_second(void **state)
{
    lookout_scope_t scope;

    (void) state;
    (void) create("{\"name\": \"x\", \"expires_at\": \"2027-01-15T08:01:40Z\"}");
    assert_int_equal(find_at(token, NOW + 99, &scope), LOOKOUT_SERVER_GOOD);
    assert_int_equal(find_at(token, NOW + 100, &scope), LOOKOUT_SERVER_EXPIRED);
    assert_int_equal(scope.methods, 0);
    (void) get_at(NOW + 99, LOOKOUT_SERVERS_OK);
    (void) get_at(NOW + 100, LOOKOUT_SERVERS_NOT_FOUND);
    /* Nothing brings it back. */
    (void) change_at("{\"expires_at\": null}", NOW + 100, LOOKOUT_SERVERS_NOT_FOUND);
    assert_int_equal(purge_at(NOW + 99), 0);
    assert_int_equal(purge_at(NOW + 100), 1);
    assert_int_equal(find_at(token, NOW, &scope), LOOKOUT_SERVER_UNKNOWN);
}


static void
test_longer_expiry(void **state)
{
    lookout_scope_t scope;

    (void) state;
    (void) create("{\"name\": \"x\", \"expires_at\": \"2027-01-15T08:01:40Z\"}");
    assert_int_equal(find_at(token, NOW + 100, &scope), LOOKOUT_SERVER_EXPIRED);
    (void) change("{\"expires_at\": \"2027-01-15T08:01:41Z\"}");
    assert_int_equal(find_at(token, NOW + 100, &scope), LOOKOUT_SERVER_GOOD);
    (void) change("{\"expires_at\": null}");
    assert_int_equal(find_at(token, NOW + 1000000, &scope), LOOKOUT_SERVER_GOOD);
}


/* Does a file hold these bytes? */
static bool
file_holds(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(name, "rb");
    char *data = NULL;
    size_t size = 0, room = 1 << 20;
    bool holds;

    if (file == NULL) {
        return false;
    }
    data = malloc(room);
    assert_non_null(data);
    size = fread(data, 1, room, file);
    assert_true(size < room);
    (void) fclose(file);
    holds = memmem(data, size, bytes, n) != NULL;
    free(data);
    return holds;
}


static bool
kept_anywhere(const void *bytes, size_t n)
{
    return file_holds(beside(""), bytes, n) || file_holds(beside("-wal"), bytes, n);
}


/* The first bytes of the stored hash of the last server's token, or of its old one's. */
static void
stored_hash(const char *column, uint8_t out[LOOKOUT_DIGEST_SIZE])
{
    char statement[128];
    sqlite3_stmt *stmt;
    sqlite3 *db;

    (void) snprintf(statement, sizeof(statement), "SELECT %s FROM server WHERE id = '%s'",
                    column, id);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, statement, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_int_equal(sqlite3_column_bytes(stmt, 0), LOOKOUT_DIGEST_SIZE);
    memcpy(out, sqlite3_column_blob(stmt, 0), LOOKOUT_DIGEST_SIZE);
    (void) sqlite3_finalize(stmt);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}


static void
test_purge_leaves_nothing(void **state)
{
    static const char name[] = "A name that nobody is to find again";
    uint8_t hash[LOOKOUT_DIGEST_SIZE];
    char body[160];

    (void) state;
    (void) snprintf(body, sizeof(body),
                    "{\"name\": \"%s\", \"expires_at\": \"2027-01-15T08:00:10Z\"}", name);
    (void) create(body);
    stored_hash("hash", hash);
    assert_false(kept_anywhere(token, strlen(token)));
    assert_true(kept_anywhere(name, sizeof(name) - 1));
    assert_true(kept_anywhere(hash, sizeof(hash)));

    assert_int_equal(purge_at(NOW + 10), 1);
    assert_false(kept_anywhere(name, sizeof(name) - 1));
    assert_false(kept_anywhere(hash, sizeof(hash)));
    assert_false(kept_anywhere(id, strlen(id)));
}


static void
test_revoke(void **state)
{
    uint8_t hash[LOOKOUT_DIGEST_SIZE];

    (void) state;
    (void) create("{\"name\": \"x\"}");
    assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);
    stored_hash("hash", hash);
    assert_int_equal(revoke_server(id), LOOKOUT_SERVERS_OK);
    assert_int_equal(find(token), LOOKOUT_SERVER_UNKNOWN);
    assert_false(kept_anywhere(hash, sizeof(hash)));
    assert_false(kept_anywhere(id, strlen(id)));
    assert_int_equal(revoke_server(id), LOOKOUT_SERVERS_NOT_FOUND);
}


static void
test_rotation_at_once(void **state)
{
    char old[64];
    cJSON *json;

    (void) state;
    (void) create("{\"name\": \"x\"}");
    (void) strcpy(old, token);
    assert_int_equal(find(old), LOOKOUT_SERVER_GOOD);
    json = change("{\"rotate_token\": true}");
    note_token(json);
    assert_string_not_equal(old, token);
    assert_null(lookout_json_get(json, "previous_url_until"));
    assert_int_equal(find(old), LOOKOUT_SERVER_UNKNOWN);
    assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);
}


static void
test_rotation_with_grace(void **state)
{
    uint8_t hash[LOOKOUT_DIGEST_SIZE];
    char first[64], second[64];
    lookout_scope_t scope;
    cJSON *json;

    (void) state;
    (void) create("{\"name\": \"x\", \"config\": {\"tags\": [\"views\"]}}");
    (void) strcpy(first, token);
    json = change("{\"rotate_token\": true, \"grace_seconds\": 60}");
    assert_string_equal(text_of(json, "previous_url_until"), "2027-01-15T08:01:00Z");
    note_token(json);
    (void) strcpy(second, token);
    /* Both, with the same scope, until the second at which the grace is over. */
    assert_int_equal(find_at(first, NOW + 59, &scope), LOOKOUT_SERVER_GOOD);
    assert_string_equal(scope.tags.items[0].data, "views");
    assert_int_equal(find_at(second, NOW + 59, &scope), LOOKOUT_SERVER_GOOD);
    assert_int_equal(find_at(first, NOW + 60, &scope), LOOKOUT_SERVER_UNKNOWN);
    assert_int_equal(find_at(second, NOW + 60, &scope), LOOKOUT_SERVER_GOOD);

    /* What is changed meanwhile holds for both. */
    (void) change("{\"config\": {\"tags\": [\"queries\"]}}");
    assert_int_equal(find_at(first, NOW, &scope), LOOKOUT_SERVER_GOOD);
    assert_string_equal(scope.tags.items[0].data, "queries");

    /* A purge takes the old hash when its time has come, and leaves the server. */
    stored_hash("old_hash", hash);
    (void) purge_at(NOW + 59);
    assert_true(kept_anywhere(hash, sizeof(hash)));
    (void) purge_at(NOW + 60);
    assert_false(kept_anywhere(hash, sizeof(hash)));
    assert_int_equal(find(first), LOOKOUT_SERVER_UNKNOWN);
    assert_int_equal(find(second), LOOKOUT_SERVER_GOOD);
}


/* Only the last token before the present one can be in its grace. */
static void
test_rotation_twice(void **state)
{
    char tokens[3][64];

    (void) state;
    (void) create("{\"name\": \"x\"}");
    (void) strcpy(tokens[0], token);
    for (int i = 1; i < 3; i++) {
        note_token(change("{\"rotate_token\": true, \"grace_seconds\": 86400}"));
        (void) strcpy(tokens[i], token);
    }
    assert_int_equal(find(tokens[0]), LOOKOUT_SERVER_UNKNOWN);
    assert_int_equal(find(tokens[1]), LOOKOUT_SERVER_GOOD);
    assert_int_equal(find(tokens[2]), LOOKOUT_SERVER_GOOD);
    assert_int_equal(revoke_server(id), LOOKOUT_SERVERS_OK);
    assert_int_equal(find(tokens[1]), LOOKOUT_SERVER_UNKNOWN);
    assert_int_equal(find(tokens[2]), LOOKOUT_SERVER_UNKNOWN);
}


/* Every text that is not the token, letter for letter, is unknown. */
static void
test_wrong_tokens(void **state)
{
    char wrong[128], other[64];
    size_t i, n;

    (void) state;
    (void) create("{\"name\": \"other\"}");
    (void) strcpy(other, token);
    (void) create("{\"name\": \"x\"}");
    n = strlen(token);
    assert_int_equal(n, 36);
    for (i = 0; i < n; i++) {
        (void) strcpy(wrong, token);
        wrong[i] = wrong[i] == 'a' ? 'b' : 'a'; /* one character is another */
        assert_int_equal(find(wrong), LOOKOUT_SERVER_UNKNOWN);
        (void) strcpy(wrong, token);
        wrong[i] ^= 0x20; /* the case of a letter */
        assert_int_equal(find(wrong), LOOKOUT_SERVER_UNKNOWN);
        (void) strcpy(wrong, token);
        wrong[i] = '\0'; /* cut short */
        assert_int_equal(find(wrong), LOOKOUT_SERVER_UNKNOWN);
        if (i + 1 < n && token[i] != token[i + 1]) {
            (void) strcpy(wrong, token);
            wrong[i] = token[i + 1];
            wrong[i + 1] = token[i];
            assert_int_equal(find(wrong), LOOKOUT_SERVER_UNKNOWN);
        }
    }
    (void) snprintf(wrong, sizeof(wrong), "%sA", token);
    assert_int_equal(find(wrong), LOOKOUT_SERVER_UNKNOWN);
    (void) snprintf(wrong, sizeof(wrong), "%s=", token);
    assert_int_equal(find(wrong), LOOKOUT_SERVER_UNKNOWN);
    (void) snprintf(wrong, sizeof(wrong), "/%s", token);
    assert_int_equal(find(wrong), LOOKOUT_SERVER_UNKNOWN);
    (void) snprintf(wrong, sizeof(wrong), "%.18s%s", other, token + 18); /* halves of two */
    assert_int_equal(find(wrong), LOOKOUT_SERVER_UNKNOWN);
    assert_int_equal(find(id), LOOKOUT_SERVER_UNKNOWN);
    assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);
    assert_int_equal(find(other), LOOKOUT_SERVER_GOOD);
}


/* An overlong text is refused by its length, and one of bytes by its form. */
static void
test_odd_tokens(void **state)
{
    static char huge[1 << 20];
    lookout_scope_t scope;
    lookout_str_t nul;

    (void) state;
    (void) create("{\"name\": \"x\"}");
    memset(huge, 'A', sizeof(huge));
    assert_int_equal(
        lookout_servers_find(reader, arena, (lookout_str_t){ huge, sizeof(huge) }, NOW, &scope),
        LOOKOUT_SERVER_UNKNOWN);
    assert_int_equal(lookout_servers_find(reader, arena, LOOKOUT_STR_NONE, NOW, &scope),
                     LOOKOUT_SERVER_UNKNOWN);
    nul = lookout_arena_copy(arena, STR(token));
    ((char *) nul.data)[20] = '\0';
    assert_int_equal(lookout_servers_find(reader, arena, nul, NOW, &scope),
                     LOOKOUT_SERVER_UNKNOWN);
}


/* Another key knows none of the tokens, and trusts none of the rows. */
static void
test_other_key(void **state)
{
    lookout_key_t other = { "the key of somebody else, of 32" };
    lookout_servers_settings_t theirs = settings;
    lookout_servers_t *servers;
    lookout_scope_t scope;
    lookout_buf_t out = LOOKOUT_BUF_INIT;

    (void) state;
    (void) create("{\"name\": \"x\"}");
    theirs.key = &other;
    servers = lookout_servers_open(&theirs, LOOKOUT_SERVERS_THREAD);
    assert_int_equal(lookout_servers_find(servers, arena, STR(token), NOW, &scope),
                     LOOKOUT_SERVER_UNKNOWN);
    assert_int_equal(lookout_servers_list(servers, arena, 20, LOOKOUT_STR_NONE, NOW, &out),
                     LOOKOUT_SERVERS_UNAVAILABLE);
    assert_non_null(strstr(json_of(answer(&out), "error"), id));
    assert_non_null(strstr(lookout_servers_trouble(servers), id));
    assert_null(lookout_servers_trouble(servers));
    assert_int_equal(lookout_servers_revoke(servers, arena, STR(id), NOW, &out),
                     LOOKOUT_SERVERS_OK);
    (void) answer(&out);
    lookout_servers_close(servers);
    assert_int_equal(find(token), LOOKOUT_SERVER_UNKNOWN);
}


/* The reader's memory is emptied and filled again as more servers are used than it holds. */
static void
test_many(void **state)
{
    static char tokens[600][64];
    size_t i;

    (void) state;
    for (i = 0; i < 600; i++) {
        (void) create("{\"name\": \"x\"}");
        (void) strcpy(tokens[i], token);
    }
    for (i = 0; i < 1800; i++) {
        assert_int_equal(find(tokens[i * 7 % 600]), LOOKOUT_SERVER_GOOD);
    }
    lookout_servers_forget(reader);
    assert_int_equal(find(tokens[0]), LOOKOUT_SERVER_GOOD);
}


/* A reader never writes. */
static void
test_reader(void **state)
{
    lookout_buf_t out = LOOKOUT_BUF_INIT;
    int64_t purged;

    (void) state;
    assert_int_equal(find("lks_abcdefghijklmnopqrstuvwxyzabcdef"), LOOKOUT_SERVER_UNKNOWN);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_null(lookout_servers_trouble(reader));
    assert_int_equal(
        lookout_servers_create(reader, arena, STR("{\"name\": \"x\"}"), BASE, NOW, &out),
        LOOKOUT_SERVERS_UNAVAILABLE);
    (void) answer(&out);
    assert_false(lookout_servers_purge(reader, NOW, &purged));
    assert_int_not_equal(access(path, F_OK), 0);
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_seed_example),
        TEST(test_least),
        TEST(test_whole_scope),
        TEST(test_get_shows_no_token),
        TEST(test_not_found),
        TEST(test_list),
        TEST(test_expiry_to_the_second),
        TEST(test_longer_expiry),
        TEST(test_purge_leaves_nothing),
        TEST(test_revoke),
        TEST(test_rotation_at_once),
        TEST(test_rotation_with_grace),
        TEST(test_rotation_twice),
        TEST(test_wrong_tokens),
        TEST(test_odd_tokens),
        TEST(test_other_key),
        TEST(test_many),
        TEST(test_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
