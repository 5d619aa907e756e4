/*
 * What the operator asks of scoped servers: make, read, list and change (servers_remove.c:
 * revoke and purge).
 *
 * Each is one transaction. A body is checked as a whole before anything is written, and a
 * change is checked against the row as it stands in that transaction, so that of two changes
 * at once the second is made to what the first left.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "servers_private.h"

lookout_servers_t *
lookout_servers_open(const lookout_servers_settings_t *settings, lookout_servers_mode_e mode)
{
    lookout_servers_t *servers = calloc(1, sizeof(*servers));

    if (servers != NULL) {
        servers->settings = settings;
        servers->state.kind = &lookout_servers_state;
        servers->state.path = settings->path;
        servers->state.reader = mode == LOOKOUT_SERVERS_LOOP;
    }
    return servers;
}


void
lookout_servers_close(lookout_servers_t *servers)
{
    if (servers != NULL) {
        lookout_servers_forget(servers);
        free(servers->cache.slots);
        lookout_state_close(&servers->state);
        free(servers);
    }
}


void
lookout_servers_distrust(lookout_servers_t *servers, const lookout_server_t *server)
{
    (void) snprintf(
        servers->broken, sizeof(servers->broken),
        "the scoped server %s in %s does not carry the seal of this key: its row was "
        "altered, or made with another key file; it is refused until it is revoked, "
        "or the file or the key put back",
        server->id, servers->settings->path);
}


const char *
lookout_servers_trouble(lookout_servers_t *servers)
{
    const char *now = servers->broken[0] != '\0' ? servers->broken : servers->state.why;

    if (servers->state.event[0] != '\0') {
        (void) snprintf(servers->line, sizeof(servers->line), "%s", servers->state.event);
        servers->state.event[0] = '\0';
        return servers->line;
    }
    if (strcmp(servers->told, now) == 0) {
        return NULL;
    }
    (void) snprintf(servers->told, sizeof(servers->told), "%s", now);
    return servers->told[0] == '\0' ? NULL : servers->told;
}


/* ---- answers ---- */

static void
write_time(lookout_buf_t *out, const char *key, int64_t seconds)
{
    char time[LOOKOUT_ISO8601_SIZE];

    lookout_iso8601(time, seconds);
    lookout_json_key(out, key);
    lookout_json_cstr(out, seconds == 0 ? NULL : time);
}


/* A server as the operator sees it; with its url when the token is new. */
static void
write_server(const lookout_servers_act_t *op, const lookout_server_t *server,
             lookout_str_t base, lookout_buf_t *out)
{
    lookout_buf_t url = LOOKOUT_BUF_INIT;

    lookout_json_open(out, '{');
    lookout_json_key(out, "id");
    lookout_json_cstr(out, server->id);
    lookout_json_key(out, "name");
    lookout_json_str(out, server->name);
    lookout_json_key(out, "config");
    lookout_json_raw(out, server->config);
    write_time(out, "expires_at", server->expires_at);
    lookout_json_key(out, "require_api_token_auth");
    lookout_json_bool(out, server->token_auth);
    if (op->token[0] != '\0') {
        lookout_buf_str(&url, base);
        lookout_buf_putc(&url, '/');
        lookout_buf_puts(&url, op->token);
        lookout_json_key(out, "url");
        lookout_json_str(out, lookout_buf_text(&url));
        out->failed |= url.failed;
        lookout_buf_free(&url);
    }
    if (server->old_until > op->now) {
        write_time(out, "previous_url_until", server->old_until);
    }
    write_time(out, "created_at", server->created_at);
    write_time(out, "updated_at", server->updated_at);
    lookout_json_close(out, '}');
}


static void
write_error(const char *code, const lookout_error_t *error, lookout_buf_t *out)
{
    lookout_json_open(out, '{');
    lookout_json_key(out, "error");
    lookout_json_open(out, '{');
    lookout_json_key(out, "code");
    lookout_json_cstr(out, code);
    lookout_json_key(out, "message");
    lookout_json_str(out, error->message);
    if (error->details.data != NULL) {
        lookout_json_key(out, "details");
        lookout_json_raw(out, error->details);
    }
    lookout_json_close(out, '}');
    lookout_json_close(out, '}');
}


/* Ends an operation that did not go well: the body of the error. */
lookout_servers_result_e
lookout_servers_refuse(const lookout_servers_act_t *op, lookout_buf_t *out)
{
    static const lookout_error_t not_found = {
        .message = LOOKOUT_STR("There is no scoped server with that id: it is unknown, revoked "
                               "or expired. List the servers for those that there are."),
    };

    switch (op->result) {
    case LOOKOUT_SERVERS_INVALID:
        write_error(lookout_code_name(LOOKOUT_INVALID_INPUT), &op->error, out);
        break;
    case LOOKOUT_SERVERS_NOT_FOUND:
        write_error("SERVER_NOT_FOUND", &not_found, out);
        break;
    default:
        write_error(lookout_code_name(LOOKOUT_INTERNAL_ERROR), &op->error, out);
    }
    return op->result;
}


/* ---- operations ---- */

/* Says that the file cannot be used. */
static void
unavailable(lookout_servers_act_t *op)
{
    op->result = LOOKOUT_SERVERS_UNAVAILABLE;
    (void) lookout_fail(
        op->arena, &op->error, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
        "The scoped servers cannot be read or written at the moment, and nothing "
        "was changed. The server's log says why; mend that and try again.");
}


/* Runs the work of an operation, unless it has failed already. True when it went well. */
bool
lookout_servers_run(lookout_servers_act_t *op, bool write, int (*work)(void *))
{
    if (op->result != LOOKOUT_SERVERS_OK) {
        return false;
    }
    if (op->servers->state.reader
        || lookout_state_run(&op->servers->state, write, work, op) != SQLITE_OK) {
        unavailable(op);
    }
    return op->result == LOOKOUT_SERVERS_OK;
}


/* What a code of servers_check.c comes to. */
static bool
accepted(lookout_servers_act_t *op, lookout_code_e code)
{
    if (code != LOOKOUT_OK) {
        op->result = code == LOOKOUT_INVALID_INPUT ? LOOKOUT_SERVERS_INVALID
                                                   : LOOKOUT_SERVERS_UNAVAILABLE;
    }
    return code == LOOKOUT_OK;
}


/* Reads the row that stmt stands on; false when it is not to be trusted. */
bool
lookout_servers_read_row(lookout_servers_act_t *op, sqlite3_stmt *stmt,
                         lookout_server_t *server)
{
    if (lookout_server_read(stmt, op->servers->settings->key, op->arena, server)) {
        return true;
    }
    lookout_servers_distrust(op->servers, server);
    op->result = LOOKOUT_SERVERS_UNAVAILABLE;
    (void) lookout_fail(op->arena, &op->error, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                        "The row of scoped server %s was altered outside Lookout, or made with "
                        "another key file, and is not trusted. Revoke it, or put back the file "
                        "or the key.",
                        server->id);
    return false;
}


/* Reads the server of op->server->id as it stands. */
static int
load(lookout_servers_act_t *op)
{
    sqlite3_stmt *stmt = lookout_state_statement(&op->servers->state, LOOKOUT_SERVERS_SQL_GET);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&op->servers->state);
    }
    (void) sqlite3_bind_text(stmt, 1, op->server->id, -1, SQLITE_TRANSIENT);
    rc = sqlite3_step(stmt);
    op->result = LOOKOUT_SERVERS_OK;
    if (rc == SQLITE_DONE
        || (rc == SQLITE_ROW && lookout_servers_read_row(op, stmt, op->server)
            && op->server->expires_at != 0 && op->server->expires_at <= op->now)) {
        op->result = LOOKOUT_SERVERS_NOT_FOUND;
    }
    return lookout_state_done(stmt, rc);
}


/* An operation on one server. A malformed id is that of none. */
lookout_servers_act_t
lookout_servers_begin(lookout_servers_t *servers, lookout_arena_t *arena,
                      lookout_server_t *server, lookout_str_t id, int64_t now)
{
    lookout_servers_act_t op = {
        .servers = servers, .arena = arena, .now = now, .server = server
    };

    *server = (lookout_server_t){ 0 };
    if (id.data == NULL) {
        return op;
    }
    if (lookout_id_valid(id, LOOKOUT_SERVER_ID)) {
        memcpy(server->id, id.data, id.len);
    } else {
        op.result = LOOKOUT_SERVERS_NOT_FOUND;
    }
    return op;
}


/* Gives the server a new token. */
static bool
renew_token(lookout_servers_act_t *op)
{
    return lookout_server_mint_token(op->token)
           && lookout_server_hash(op->servers->settings->key, lookout_str(op->token),
                                  op->server->hash);
}


static int
work_add(void *data)
{
    lookout_servers_act_t *op = data;

    return lookout_server_write(&op->servers->state, LOOKOUT_SERVERS_SQL_ADD,
                                op->servers->settings->key, op->server);
}


lookout_servers_result_e
lookout_servers_create(lookout_servers_t *servers, lookout_arena_t *arena, lookout_str_t body,
                       lookout_str_t base, int64_t now, lookout_buf_t *out)
{
    lookout_server_t server;
    lookout_servers_act_t op =
        lookout_servers_begin(servers, arena, &server, LOOKOUT_STR_NONE, now);
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    cJSON *json;

    if (accepted(&op, lookout_server_parse(arena, body, &json, &op.error))
        && accepted(&op, lookout_server_apply(servers->settings, arena, json, now, &server,
                                              &op.rotation, &op.error))) {
        if (lookout_random(digest, sizeof(digest)) && renew_token(&op)) {
            lookout_id_mint(server.id, LOOKOUT_SERVER_ID, digest);
            server.created_at = server.updated_at = now;
            server.version = 1;
        } else {
            unavailable(&op);
        }
    }
    if (!lookout_servers_run(&op, true, work_add)) {
        return lookout_servers_refuse(&op, out);
    }
    write_server(&op, &server, base, out);
    return LOOKOUT_SERVERS_OK;
}


static int
work_change(void *data)
{
    lookout_servers_act_t *op = data;
    lookout_server_t *server = op->server;
    uint8_t before[LOOKOUT_DIGEST_SIZE];
    int rc = load(op);

    if (rc != SQLITE_OK || op->result != LOOKOUT_SERVERS_OK
        || !accepted(op, lookout_server_apply(op->servers->settings, op->arena, op->body,
                                              op->now, server, &op->rotation, &op->error))) {
        return rc;
    }
    if (op->rotation.wanted) {
        memcpy(before, server->hash, sizeof(before));
        if (!renew_token(op)) {
            return SQLITE_NOMEM;
        }
        server->old_until = op->rotation.grace == 0 ? 0 : op->now + op->rotation.grace;
        memset(server->old_hash, 0, sizeof(server->old_hash));
        if (server->old_until != 0) {
            memcpy(server->old_hash, before, sizeof(before));
        }
    }
    server->updated_at = op->now;
    server->version++;
    return lookout_server_write(&op->servers->state, LOOKOUT_SERVERS_SQL_UPDATE,
                                op->servers->settings->key, server);
}


lookout_servers_result_e
lookout_servers_change(lookout_servers_t *servers, lookout_arena_t *arena, lookout_str_t id,
                       lookout_str_t body, lookout_str_t base, int64_t now, lookout_buf_t *out)
{
    lookout_server_t server;
    lookout_servers_act_t op = lookout_servers_begin(servers, arena, &server, id, now);
    cJSON *json = NULL;

    if (op.result == LOOKOUT_SERVERS_OK
        && accepted(&op, lookout_server_parse(arena, body, &json, &op.error))) {
        op.body = json;
    }
    if (!lookout_servers_run(&op, true, work_change)) {
        return lookout_servers_refuse(&op, out);
    }
    write_server(&op, &server, base, out);
    return LOOKOUT_SERVERS_OK;
}


static int
work_get(void *data)
{
    return load(data);
}


lookout_servers_result_e
lookout_servers_get(lookout_servers_t *servers, lookout_arena_t *arena, lookout_str_t id,
                    int64_t now, lookout_buf_t *out)
{
    lookout_server_t server;
    lookout_servers_act_t op = lookout_servers_begin(servers, arena, &server, id, now);

    if (!lookout_servers_run(&op, false, work_get)) {
        return lookout_servers_refuse(&op, out);
    }
    write_server(&op, &server, LOOKOUT_STR_NONE, out);
    return LOOKOUT_SERVERS_OK;
}


/* ---- lists ---- */

static int
work_list(void *data)
{
    lookout_servers_act_t *op = data;
    sqlite3_stmt *stmt = lookout_state_statement(&op->servers->state, LOOKOUT_SERVERS_SQL_LIST);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&op->servers->state);
    }
    op->n = 0;
    (void) sqlite3_bind_int64(stmt, 1, op->after);
    (void) sqlite3_bind_int64(stmt, 2, op->now);
    (void) sqlite3_bind_int64(stmt, 3, op->limit + 1);
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW
           && lookout_servers_read_row(op, stmt, &op->server[op->n])) {
        op->n++;
    }
    return lookout_state_done(stmt, rc);
}


/* Reads where a page begins: what an earlier page gave as nextCursor. */
static bool
read_cursor(lookout_str_t cursor, int64_t *after)
{
    *after = 0;
    for (size_t i = 0; i < cursor.len; i++) {
        if (cursor.data[i] < '0' || cursor.data[i] > '9' || cursor.len > 18) {
            return false;
        }
        *after = *after * 10 + (cursor.data[i] - '0');
    }
    return cursor.data == NULL || cursor.len != 0;
}


static void
check_page(lookout_servers_act_t *op, lookout_str_t cursor)
{
    lookout_problems_t p;
    lookout_str_t details;
    size_t back;

    lookout_problems_begin(&p, op->arena);
    if (op->limit < 1 || op->limit > LOOKOUT_SERVERS_PAGE_MAX) {
        back = lookout_problems_enter(&p, "limit");
        lookout_problem(&p, "must be 1 to %d (got %lld)", LOOKOUT_SERVERS_PAGE_MAX,
                        (long long) op->limit);
        lookout_problems_leave(&p, back);
    }
    if (!read_cursor(cursor, &op->after)) {
        back = lookout_problems_enter(&p, "cursor");
        lookout_problem(&p, "must be the nextCursor of an earlier page");
        lookout_problems_leave(&p, back);
    }
    details = lookout_problems_end(&p);
    if (p.n != 0) {
        (void) accepted(op, lookout_fail(op->arena, &op->error, LOOKOUT_INVALID_INPUT, details,
                                         "The list cannot be given: %s.", p.first));
    }
}


lookout_servers_result_e
lookout_servers_list(lookout_servers_t *servers, lookout_arena_t *arena, int64_t limit,
                     lookout_str_t cursor, int64_t now, lookout_buf_t *out)
{
    lookout_servers_act_t op = {
        .servers = servers, .arena = arena, .now = now, .limit = limit
    };
    char next[24];
    size_t i;

    check_page(&op, cursor);
    if (op.result == LOOKOUT_SERVERS_OK) {
        op.server = lookout_arena_alloc(arena, ((size_t) limit + 1) * sizeof(*op.server));
        if (op.server == NULL) {
            unavailable(&op);
        }
    }
    if (!lookout_servers_run(&op, false, work_list)) {
        return lookout_servers_refuse(&op, out);
    }
    lookout_json_open(out, '{');
    lookout_json_key(out, "items");
    lookout_json_open(out, '[');
    for (i = 0; i < op.n && i < (size_t) limit; i++) {
        write_server(&op, &op.server[i], LOOKOUT_STR_NONE, out);
    }
    lookout_json_close(out, ']');
    lookout_json_key(out, "nextCursor");
    if (op.n > (size_t) limit) {
        (void) snprintf(next, sizeof(next), "%lld", (long long) op.server[i - 1].number);
        lookout_json_cstr(out, next);
    } else {
        lookout_json_null(out);
    }
    lookout_json_close(out, '}');
    return LOOKOUT_SERVERS_OK;
}
