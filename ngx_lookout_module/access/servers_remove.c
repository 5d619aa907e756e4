/*
 * Removing scoped servers: one that is revoked, those that have expired, and what they leave.
 *
 * What was removed has to be gone from the disk: secure_delete overwrites it in the file,
 * and a checkpoint, right after a revocation, empties the -wal, which still has it. Every purge
 * does so too, should that one have met a reader.
 */

#include "servers_private.h"


/* Runs a statement that removes rows, of that id or of any; op->n: how many. */
static int
change_rows(lookout_servers_act_t *op, lookout_servers_sql_e which, const char *id)
{
    sqlite3_stmt *stmt = lookout_state_statement(&op->servers->state, which);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&op->servers->state);
    }
    if (id != NULL) {
        (void) sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
    }
    (void) sqlite3_bind_int64(stmt, id == NULL ? 1 : 2, op->now);
    rc = lookout_state_done(stmt, sqlite3_step(stmt));
    op->n = rc == SQLITE_OK ? (size_t) sqlite3_changes(op->servers->state.sql) : 0;
    return rc;
}


/* Empties the -wal, so that the file alone has what there is. SQLITE_BUSY when somebody is
 * reading it. */
static int
work_checkpoint(void *data)
{
    lookout_servers_act_t *op = data;
    sqlite3_stmt *stmt =
        lookout_state_statement(&op->servers->state, LOOKOUT_SERVERS_SQL_CHECKPOINT);
    bool busy = false;
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&op->servers->state);
    }
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        busy = sqlite3_column_int(stmt, 0) != 0;
    }
    rc = lookout_state_done(stmt, rc);
    return rc == SQLITE_OK && busy ? SQLITE_BUSY : rc;
}


static int
work_revoke(void *data)
{
    lookout_servers_act_t *op = data;
    int rc = change_rows(op, LOOKOUT_SERVERS_SQL_REMOVE, op->server->id);

    op->result = rc == SQLITE_OK && op->n == 0 ? LOOKOUT_SERVERS_NOT_FOUND : LOOKOUT_SERVERS_OK;
    return rc;
}


lookout_servers_result_e
lookout_servers_revoke(lookout_servers_t *servers, lookout_arena_t *arena, lookout_str_t id,
                       int64_t now, lookout_buf_t *out)
{
    lookout_server_t server;
    lookout_servers_act_t op = lookout_servers_begin(servers, arena, &server, id, now);

    if (!lookout_servers_run(&op, true, work_revoke)) {
        return lookout_servers_refuse(&op, out);
    }
    (void) lookout_state_run(&servers->state, false, work_checkpoint, &op);
    lookout_json_open(out, '{');
    lookout_json_key(out, "id");
    lookout_json_cstr(out, server.id);
    lookout_json_key(out, "revoked");
    lookout_json_bool(out, true);
    lookout_json_close(out, '}');
    return LOOKOUT_SERVERS_OK;
}


/* The next server whose old token is no longer good; its number goes to op->after, 0 when there
 * is none. */
static int
next_graced(lookout_servers_act_t *op)
{
    sqlite3_stmt *stmt =
        lookout_state_statement(&op->servers->state, LOOKOUT_SERVERS_SQL_GRACED);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&op->servers->state);
    }
    (void) sqlite3_bind_int64(stmt, 1, op->now);
    (void) sqlite3_bind_int64(stmt, 2, op->after);
    op->after = 0;
    op->result = LOOKOUT_SERVERS_OK;
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        (void) lookout_servers_read_row(op, stmt, op->server);
        op->after = op->server->number;
    }
    return lookout_state_done(stmt, rc);
}


static int
work_purge(void *data)
{
    lookout_servers_act_t *op = data;
    int rc = change_rows(op, LOOKOUT_SERVERS_SQL_EXPIRED, NULL);

    op->after = 0;
    while (rc == SQLITE_OK && (rc = next_graced(op)) == SQLITE_OK && op->after != 0) {
        if (op->result == LOOKOUT_SERVERS_OK) {
            op->server->old_until = 0;
            memset(op->server->old_hash, 0, sizeof(op->server->old_hash));
            rc = lookout_server_write(&op->servers->state, LOOKOUT_SERVERS_SQL_UPDATE,
                                      op->servers->settings->key, op->server);
        }
    }
    op->result = LOOKOUT_SERVERS_OK; /* a row that is not trusted opens nothing, and stays */
    return rc;
}


bool
lookout_servers_purge(lookout_servers_t *servers, int64_t now, int64_t *purged)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_server_t server;
    bool done = false;
    lookout_servers_act_t op;

    *purged = 0;
    if (arena == NULL) {
        return false;
    }
    op = lookout_servers_begin(servers, arena, &server, LOOKOUT_STR_NONE, now);
    if (lookout_servers_run(&op, true, work_purge)) {
        *purged = (int64_t) op.n;
        done = lookout_state_run(&servers->state, false, work_checkpoint, &op) == SQLITE_OK;
    }
    lookout_arena_destroy(arena);
    return done;
}
