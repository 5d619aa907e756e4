/*
 * Unit tests of the file of scoped servers: several processes at it, damage of every kind, and
 * what is left of a server that somebody else has touched. Whatever happens to the file, no
 * token comes to open more than it did.
 */

#include "servers_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <signal.h>

#define WRITERS 3
#define ROUNDS 12


/* ---- processes ---- */

/* A child that answers each byte it is sent with what a lookup of `token` gives, or with 'A' and
 * the number of tags for a good one. */
static pid_t
start_finder(int ask[2], int tell[2])
{
    lookout_server_found_e found;
    lookout_scope_t scope;
    char byte;
    pid_t pid;

    assert_int_equal(pipe(ask), 0);
    assert_int_equal(pipe(tell), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid != 0) {
        return pid;
    }
    (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void) close(ask[1]);
    reader = lookout_servers_open(&settings, LOOKOUT_SERVERS_LOOP);
    while (read(ask[0], &byte, 1) == 1 && byte == '?') {
        found = find_at(token, NOW, &scope);
        byte = found == LOOKOUT_SERVER_GOOD ? (char) ('A' + (int) scope.tags.n)
                                            : (char) ('0' + (int) found);
        if (write(tell[1], &byte, 1) != 1) {
            break;
        }
    }
    _exit(0);
}


static char
ask_finder(const int ask[2], const int tell[2])
{
    char byte = '?';

    assert_int_equal(write(ask[1], &byte, 1), 1);
    assert_int_equal(read(tell[0], &byte, 1), 1);
    return byte;
}


static void
test_seen_by_other_processes(void **state)
{
    int ask[2][2], tell[2][2], status;
    pid_t pids[2];
    size_t i;

    (void) state;
    (void) create("{\"name\": \"x\"}");
    for (i = 0; i < 2; i++) {
        pids[i] = start_finder(ask[i], tell[i]);
    }
    for (int round = 0; round < 50; round++) {
        for (i = 0; i < 2; i++) {
            assert_int_equal(ask_finder(ask[i], tell[i]),
                             'A' + (round == 0 ? 0 : 2 - round % 2));
        }
        (void) change(round % 2 == 0 ? "{\"config\": {\"tags\": [\"a\"]}}"
                                     : "{\"config\": {\"tags\": [\"a\", \"b\"]}}");
    }
    assert_int_equal(revoke_server(id), LOOKOUT_SERVERS_OK);
    for (i = 0; i < 2; i++) {
        assert_int_equal(ask_finder(ask[i], tell[i]), '0' + LOOKOUT_SERVER_UNKNOWN);
        assert_int_equal(write(ask[i][1], "q", 1), 1);
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
        (void) close(ask[i][0]);
        (void) close(ask[i][1]);
        (void) close(tell[i][0]);
        (void) close(tell[i][1]);
    }
}


/* One of several writers: makes servers of its own, and changes the one that all share. */
static void
write_much(int n)
{
    lookout_buf_t out = LOOKOUT_BUF_INIT;
    lookout_arena_t *memory;
    char body[128];
    int64_t purged;

    writer = lookout_servers_open(&settings, LOOKOUT_SERVERS_THREAD);
    for (int i = 0; i < ROUNDS; i++) {
        memory = lookout_arena_create();
        (void) snprintf(body, sizeof(body), "{\"name\": \"%d.%d\"}", n, i);
        if (lookout_servers_create(writer, memory, STR(body), BASE, NOW, &out)
            != LOOKOUT_SERVERS_OK) {
            _exit(1);
        }
        (void) snprintf(body, sizeof(body), "{\"config\": {\"%s\": [\"%s\"]}}",
                        n == 0   ? "methods"
                        : n == 1 ? "tags"
                                 : "datasources",
                        n == 2 ? "ds_abcdefghijklmnopqrstuv" : "list");
        if (lookout_servers_change(writer, memory, STR(id), STR(body), BASE, NOW, &out)
            != LOOKOUT_SERVERS_OK) {
            _exit(2);
        }
        (void) lookout_servers_purge(writer, NOW, &purged);
        lookout_buf_free(&out);
        lookout_arena_destroy(memory);
    }
    lookout_servers_close(writer);
    _exit(0);
}


static void
test_writers_at_once(void **state)
{
    lookout_buf_t out = LOOKOUT_BUF_INIT;
    lookout_scope_t scope;
    pid_t pids[WRITERS];
    int i, status;

    (void) state;
    (void) create("{\"name\": \"shared\"}");
    for (i = 0; i < WRITERS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
            write_much(i);
        }
    }
    for (i = 0; i < WRITERS; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    /* No change was lost: each took what the others had left. */
    assert_int_equal(find_at(token, NOW, &scope), LOOKOUT_SERVER_GOOD);
    assert_int_equal(scope.version, 1 + WRITERS * ROUNDS);
    assert_int_equal(scope.methods, 1u << LOOKOUT_METHOD_LIST);
    assert_int_equal(scope.tags.n, 1);
    assert_int_equal(scope.datasources.n, 1);
    assert_int_equal(lookout_servers_list(writer, arena, 100, LOOKOUT_STR_NONE, NOW, &out),
                     LOOKOUT_SERVERS_OK);
    assert_int_equal(cJSON_GetArraySize(lookout_json_get(answer(&out), "items")),
                     1 + WRITERS * ROUNDS);
}


/* The event loop reads on while somebody is in the middle of writing. */
static void
test_reader_does_not_wait(void **state)
{
    sqlite3 *db;

    (void) state;
    (void) create("{\"name\": \"x\"}");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE; DELETE FROM server", 0, 0, 0),
                     SQLITE_OK);
    assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);
    assert_int_equal(sqlite3_exec(db, "COMMIT", 0, 0, 0), SQLITE_OK);
    assert_int_equal(find(token), LOOKOUT_SERVER_UNKNOWN);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}


static void *
purge_often(void *data)
{
    lookout_servers_t *servers = lookout_servers_open(&settings, LOOKOUT_SERVERS_THREAD);
    int64_t purged;

    for (int i = 0; i < 60; i++) {
        (void) lookout_servers_purge(servers, NOW, &purged);
    }
    lookout_servers_close(servers);
    return data;
}


/* In the middle of checkpoints a good token is good, or has to be asked for again: never
 * unknown. */
static void
test_finds_while_purging(void **state)
{
    lookout_server_found_e found;
    pthread_t thread;

    (void) state;
    (void) create("{\"name\": \"x\"}");
    assert_int_equal(pthread_create(&thread, NULL, purge_often, NULL), 0);
    for (int i = 0; i < 3000; i++) {
        found = find(token);
        assert_true(found == LOOKOUT_SERVER_GOOD || found == LOOKOUT_SERVER_BUSY);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);
}


/* ---- damage ---- */

/* Opens both handles anew, as a worker that starts does. */
static void
start_again(void)
{
    lookout_servers_close(writer);
    lookout_servers_close(reader);
    writer = lookout_servers_open(&settings, LOOKOUT_SERVERS_THREAD);
    reader = lookout_servers_open(&settings, LOOKOUT_SERVERS_LOOP);
}


static size_t
file_size(void)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return (size_t) st.st_size;
}


static unsigned char *
read_file(size_t *size)
{
    unsigned char *data;
    int fd = open(path, O_RDONLY);

    *size = file_size();
    data = lookout_arena_alloc(arena, *size);
    assert_non_null(data);
    assert_int_equal(pread(fd, data, *size, 0), *size);
    (void) close(fd);
    return data;
}


/* Writes a whole file where the other was, with nothing beside it. */
static void
put_file(const void *data, size_t size)
{
    int fd;

    (void) unlink(path);
    (void) unlink(beside("-wal"));
    (void) unlink(beside("-shm"));
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    (void) close(fd);
}


/* A file with two servers, complete in itself; the token is that of the narrow one. */
static unsigned char *
good_file(size_t *size)
{
    (void) create("{\"name\": \"wide\"}");
    (void) create("{\"name\": \"narrow\", \"config\": {\"methods\": [\"list\"],"
                  " \"tags\": [\"views\"]}, \"expires_at\": \"2027-06-01T00:00:00Z\","
                  " \"require_api_token_auth\": true}");
    (void) purge_at(NOW);
    return read_file(size);
}


/* The log is told something that says `what`. */
static void
assert_told(lookout_servers_t *servers, const char *what)
{
    const char *line = lookout_servers_trouble(servers);

    if (line == NULL || strstr(line, what) == NULL) {
        fail_msg("%s: %s", what, line == NULL ? "nothing" : line);
    }
}


/* Nobody is served, everybody is told, and the file is left alone. */
static void
assert_refused(const unsigned char *data, size_t size)
{
    unsigned char *now;
    size_t n;

    assert_int_equal(find(token), LOOKOUT_SERVER_UNAVAILABLE);
    assert_told(reader, path);
    assert_null(lookout_servers_trouble(reader));
    (void) create_at("{\"name\": \"y\"}", NOW, LOOKOUT_SERVERS_UNAVAILABLE);
    assert_told(writer, path);
    now = read_file(&n);
    assert_int_equal(n, size);
    assert_memory_equal(now, data, n);
}


static void
test_damaged(void **state)
{
    size_t size;
    unsigned char *good = good_file(&size);
    unsigned char *bad = lookout_arena_alloc(arena, size);

    (void) state;
    memcpy(bad, good, size);
    memset(bad, 'x', 100); /* no SQLite file at all */
    put_file(bad, size);
    start_again();
    assert_refused(bad, size);

    memcpy(bad, good, size);
    memset(bad + 100, 0xa5, size - 100); /* nothing but the header is left */
    put_file(bad, size);
    start_again();
    assert_refused(bad, size);

    put_file(good, size); /* the copy is put back */
    assert_int_not_equal(find(token), LOOKOUT_SERVER_UNKNOWN);
    (void) get_at(NOW, LOOKOUT_SERVERS_OK);
    assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);
    assert_null(lookout_servers_trouble(reader));
}


static void
test_foreign(void **state)
{
    size_t size;
    unsigned char *data;

    (void) state;
    (void) create("{\"name\": \"x\"}");
    start_again();
    (void) unlink(path);
    (void) unlink(beside("-wal"));
    (void) unlink(beside("-shm"));
    sql("CREATE TABLE theirs (x); PRAGMA application_id = 77");
    data = read_file(&size);
    (void) create_at("{\"name\": \"y\"}", NOW, LOOKOUT_SERVERS_UNAVAILABLE);
    assert_told(writer, "of another kind");
    assert_int_not_equal(find(token), LOOKOUT_SERVER_GOOD);
    assert_int_equal(file_size(), size);
    assert_memory_equal(read_file(&size), data, size);
}


/* Any byte that turns over: the token still opens exactly what it did, or nothing. */
static void
test_any_byte(void **state)
{
    size_t size, opened = 0, refused = 0;
    unsigned char *good = good_file(&size), *bad = lookout_arena_alloc(arena, size);
    lookout_arena_t *whole = arena;
    lookout_scope_t scope;

    (void) state;
    memcpy(bad, good, size);
    for (size_t i = 0; i < size; i += good[i] == 0 ? 23 : 1) {
        if (good[i] == 0 && i % 4096 > 64 && i % 4096 < 3000) {
            continue; /* the free middle of a page */
        }
        bad[i] ^= i % 2 == 0 ? 0x01 : 0x20;
        put_file(bad, size);
        start_again();
        arena = lookout_arena_create();
        if (find_at(token, NOW, &scope) == LOOKOUT_SERVER_GOOD) {
            opened++;
            assert_int_equal(scope.methods, 1u << LOOKOUT_METHOD_LIST);
            assert_int_equal(scope.tags.n, 1);
            assert_string_equal(scope.tags.items[0].data, "views");
            assert_string_equal(scope.name.data, "narrow");
            assert_string_equal(scope.id.data, id);
            assert_int_equal(scope.expires_at, 1811808000);
            assert_true(scope.token_auth);
        } else {
            refused++;
            assert_int_equal(scope.methods, 0);
        }
        lookout_arena_destroy(arena);
        arena = whole;
        bad[i] = good[i];
    }
    assert_true(opened > 100);
    assert_true(refused > 100);
}


/* What somebody who can write the file, and has not the key, may try. */
static void
test_altered_rows(void **state)
{
    static const char *const statements[] = {
        "UPDATE server SET config = '{}' WHERE name = 'narrow'",
        "UPDATE server SET expires_at = 0 WHERE name = 'narrow'",
        "UPDATE server SET expires_at = expires_at + 1 WHERE name = 'narrow'",
        "UPDATE server SET token_auth = 0 WHERE name = 'narrow'",
        "UPDATE server SET name = 'narro', id = 'mcp_' || substr(id, 5) WHERE name = 'narrow'",
        "UPDATE server SET id = 'mcp_abcdefghijklmnopqrstuv' WHERE name = 'narrow'",
        "UPDATE server SET version = 7 WHERE name = 'narrow'",
        "UPDATE server SET seal = x'00' WHERE name = 'narrow'",
        "UPDATE server SET seal = (SELECT seal FROM server WHERE name = 'wide')"
        " WHERE name = 'narrow'",
        /* the narrow one's token on the wide one's row, as its own or as an old one */
        "UPDATE server SET hash = randomblob(32) WHERE name = 'narrow';"
        "UPDATE server SET hash = (SELECT h FROM copy) WHERE name = 'wide'",
        "UPDATE server SET hash = randomblob(32) WHERE name = 'narrow';"
        "UPDATE server SET old_hash = (SELECT h FROM copy), old_until = 9999999999"
        " WHERE name = 'wide'",
    };
    lookout_scope_t scope;
    size_t size;
    unsigned char *good;

    (void) state;
    (void) good_file(&size);
    sql("CREATE TABLE copy (h); INSERT INTO copy SELECT hash FROM server"
        " WHERE name = 'narrow'");
    (void) purge_at(NOW);
    good = read_file(&size);
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        put_file(good, size);
        start_again();
        (void) get_at(NOW, LOOKOUT_SERVERS_OK);
        assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);
        sql(statements[i]);
        assert_int_equal(find_at(token, NOW, &scope), LOOKOUT_SERVER_UNAVAILABLE);
        assert_int_equal(scope.methods, 0);
        assert_told(reader, "the seal");
    }
    /* It can be revoked all the same. */
    sql("UPDATE server SET id = (SELECT 'mcp_aaaaaaaaaaaaaaaaaaaaaa') WHERE name = 'wide'");
    assert_int_equal(revoke_server("mcp_aaaaaaaaaaaaaaaaaaaaaa"), LOOKOUT_SERVERS_OK);
    assert_int_equal(find(token), LOOKOUT_SERVER_UNKNOWN);
}


/* Without the file there are no servers; and that is said, when there had been some. */
static void
test_gone(void **state)
{
    (void) state;
    (void) create("{\"name\": \"x\"}");
    assert_null(lookout_servers_trouble(writer));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(find(token), LOOKOUT_SERVER_UNKNOWN);
    (void) get_at(NOW, LOOKOUT_SERVERS_NOT_FOUND);
    assert_told(writer, "is gone");
    assert_null(lookout_servers_trouble(writer));
    assert_int_equal(find(token), LOOKOUT_SERVER_UNKNOWN);
    (void) create("{\"name\": \"y\"}");
    assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);

    (void) purge_at(NOW);
    start_again();
    assert_int_equal(truncate(path, 0), 0);
    assert_int_not_equal(find(token), LOOKOUT_SERVER_GOOD);
    (void) get_at(NOW, LOOKOUT_SERVERS_NOT_FOUND);
    assert_told(writer, "emptied");
    assert_int_equal(find(token), LOOKOUT_SERVER_UNKNOWN);
}


/* A copy that was put back without what lay beside it: a thread makes that again. */
static void
test_put_back(void **state)
{
    lookout_scope_t scope;
    size_t size;
    unsigned char *good = good_file(&size);

    (void) state;
    lookout_servers_close(reader);
    reader = lookout_servers_open(&settings, LOOKOUT_SERVERS_LOOP);
    put_file(good, size);
    (void) unlink(beside(".lock"));
    assert_int_equal(find(token), LOOKOUT_SERVER_BUSY);
    assert_int_equal(lookout_servers_find(writer, arena, STR(token), NOW, &scope),
                     LOOKOUT_SERVER_GOOD);
    assert_int_equal(find(token), LOOKOUT_SERVER_GOOD);
    assert_null(lookout_servers_trouble(reader));
}


int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_seen_by_other_processes),
        TEST(test_writers_at_once),
        TEST(test_reader_does_not_wait),
        TEST(test_finds_while_purging),
        TEST(test_damaged),
        TEST(test_foreign),
        TEST(test_any_byte),
        TEST(test_altered_rows),
        TEST(test_gone),
        TEST(test_put_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
