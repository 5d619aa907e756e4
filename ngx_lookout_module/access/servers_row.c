/*
 * Rows of scoped servers.
 *
 * The seal is an HMAC over all that a row says. It is there because SQLite has no checksums: a
 * byte that a failing disk turned over, or a hand that does not know the key, could else make a
 * scope wider, and nobody would see. secure_delete overwrites what a row leaves behind when it
 * goes or is written anew.
 */

#include "servers_row.h"

#define TOKEN_PREFIX "lks_"
#define TOKEN_BYTES 24 /* 192 random bits */

#define COLUMNS                                                                                \
    "id, name, config, expires_at, token_auth, hash, old_hash, old_until, created_at,"         \
    " updated_at, version, seal"

/* The columns of a row that is read. */
enum {
    AT_NUMBER,
    AT_ID, /* from here on the number is also that of the parameter that writes it */
    AT_NAME,
    AT_CONFIG,
    AT_EXPIRES_AT,
    AT_TOKEN_AUTH,
    AT_HASH,
    AT_OLD_HASH,
    AT_OLD_UNTIL,
    AT_CREATED_AT,
    AT_UPDATED_AT,
    AT_VERSION,
    AT_SEAL
};

static const char *const sql[LOOKOUT_SERVERS_STATEMENTS] = {
    [LOOKOUT_SERVERS_SQL_GET] = "SELECT number, " COLUMNS " FROM server WHERE id = ?1",

    [LOOKOUT_SERVERS_SQL_FIND] = "SELECT number, " COLUMNS " FROM server WHERE hash = ?1"
                                 " UNION ALL"
                                 " SELECT number, " COLUMNS " FROM server WHERE old_hash = ?1",

    [LOOKOUT_SERVERS_SQL_LIST] = "SELECT number, " COLUMNS " FROM server WHERE number > ?1"
                                 " AND (expires_at = 0 OR expires_at > ?2)"
                                 " ORDER BY number LIMIT ?3",

    [LOOKOUT_SERVERS_SQL_ADD] = "INSERT INTO server (" COLUMNS ") VALUES"
                                " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",

    [LOOKOUT_SERVERS_SQL_UPDATE] =
        "UPDATE server SET name = ?2, config = ?3, expires_at = ?4, token_auth = ?5,"
        " hash = ?6, old_hash = ?7, old_until = ?8, created_at = ?9, updated_at = ?10,"
        " version = ?11, seal = ?12 WHERE id = ?1",

    [LOOKOUT_SERVERS_SQL_REMOVE] = "DELETE FROM server WHERE id = ?1"
                                   " AND (expires_at = 0 OR expires_at > ?2)",

    [LOOKOUT_SERVERS_SQL_EXPIRED] =
        "DELETE FROM server WHERE expires_at <> 0 AND expires_at <= ?1",

    [LOOKOUT_SERVERS_SQL_GRACED] = "SELECT number, " COLUMNS " FROM server"
                                   " WHERE old_until <> 0 AND old_until <= ?1"
                                   " AND number > ?2 ORDER BY number LIMIT 1",

    [LOOKOUT_SERVERS_SQL_CHANGES] = "PRAGMA data_version",

    [LOOKOUT_SERVERS_SQL_CHECKPOINT] = "PRAGMA wal_checkpoint(TRUNCATE)",
};

static const char schema[] = "CREATE TABLE server ("
                             "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
                             "  id TEXT NOT NULL UNIQUE,"
                             "  name TEXT NOT NULL,"
                             "  config TEXT NOT NULL,"        /* JSON */
                             "  expires_at INTEGER NOT NULL," /* s since 1970; 0: never */
                             "  token_auth INTEGER NOT NULL,"
                             "  hash BLOB NOT NULL UNIQUE,"  /* HMAC of the token */
                             "  old_hash BLOB UNIQUE,"       /* NULL: none */
                             "  old_until INTEGER NOT NULL," /* 0: none */
                             "  created_at INTEGER NOT NULL,"
                             "  updated_at INTEGER NOT NULL,"
                             "  version INTEGER NOT NULL,"
                             "  seal BLOB NOT NULL" /* HMAC of all the others but number */
                             ") STRICT";

_Static_assert(LOOKOUT_SERVERS_STATEMENTS <= LOOKOUT_STATE_STATEMENTS, "room for each");

/* FULL: a server that was revoked stays revoked after a power loss. */
const lookout_state_kind_t lookout_servers_state = {
    .what = "the file of scoped servers",
    .lost = NULL,
    .application_id = 0x4c4b5356, /* "LKSV" */
    .version = 1,
    .schema = schema,
    .pragmas = "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
               "PRAGMA cache_size = -512",
    .writer = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
              "PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 256",
    .sql = sql,
    .probes = { LOOKOUT_SERVERS_SQL_FIND, LOOKOUT_SERVERS_SQL_GET },
};


bool
lookout_server_mint_token(char token[LOOKOUT_SERVER_TOKEN_LEN + 1])
{
    uint8_t bytes[TOKEN_BYTES];
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    bool good = lookout_random(bytes, sizeof(bytes));

    lookout_buf_puts(&b, TOKEN_PREFIX);
    lookout_base64url(&b, bytes, sizeof(bytes));
    good = good && !b.failed && b.len == LOOKOUT_SERVER_TOKEN_LEN;
    if (good) {
        memcpy(token, b.data, b.len);
        token[b.len] = '\0';
    }
    lookout_buf_free(&b);
    return good;
}


bool
lookout_server_hash(const lookout_key_t *key, lookout_str_t token,
                    uint8_t out[LOOKOUT_DIGEST_SIZE])
{
    static const char purpose[] = "server-token."; /* a cursor or a link is no token */
    const size_t prefix = sizeof(TOKEN_PREFIX) - 1;
    char text[sizeof(purpose) - 1 + LOOKOUT_SERVER_TOKEN_LEN];
    uint8_t bytes[TOKEN_BYTES];

    if (token.len != LOOKOUT_SERVER_TOKEN_LEN || memcmp(token.data, TOKEN_PREFIX, prefix) != 0
        || lookout_base64url_decode((lookout_str_t){ token.data + prefix, token.len - prefix },
                                    bytes, sizeof(bytes))
               != TOKEN_BYTES) {
        return false;
    }
    memcpy(text, purpose, sizeof(purpose) - 1);
    memcpy(text + sizeof(purpose) - 1, token.data, token.len);
    lookout_hmac(key, (lookout_str_t){ text, sizeof(text) }, out);
    return true;
}


/* The seal of a server; false without memory. */
static bool
seal_of(const lookout_key_t *key, const lookout_server_t *server,
        uint8_t out[LOOKOUT_DIGEST_SIZE])
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    bool good;

    lookout_buf_puts(&b, "server-row.");
    lookout_buf_printf(&b, "%s %zu ", server->id, server->name.len);
    lookout_buf_str(&b, server->name);
    lookout_buf_printf(&b, " %zu ", server->config.len);
    lookout_buf_str(&b, server->config);
    lookout_buf_printf(&b, " %lld %d %lld %lld %lld %lld ", (long long) server->expires_at,
                       server->token_auth, (long long) server->old_until,
                       (long long) server->created_at, (long long) server->updated_at,
                       (long long) server->version);
    lookout_buf_add(&b, (const char *) server->hash, sizeof(server->hash));
    lookout_buf_add(&b, (const char *) server->old_hash, sizeof(server->old_hash));
    good = !b.failed;
    if (good) {
        lookout_hmac(key, lookout_buf_text(&b), out);
    }
    lookout_buf_free(&b);
    return good;
}


/* A column as text, or as bytes. */
static lookout_str_t
text_at(sqlite3_stmt *stmt, int column)
{
    const char *data = sqlite3_column_blob(stmt, column);

    return (lookout_str_t){ data == NULL ? "" : data,
                            (size_t) sqlite3_column_bytes(stmt, column) };
}


/* A column that holds a digest; NULL is one of zeros. */
static bool
digest_at(sqlite3_stmt *stmt, int column, uint8_t out[LOOKOUT_DIGEST_SIZE])
{
    lookout_str_t bytes = text_at(stmt, column);

    memset(out, 0, LOOKOUT_DIGEST_SIZE);
    if (sqlite3_column_type(stmt, column) == SQLITE_NULL) {
        return true;
    }
    if (bytes.len != LOOKOUT_DIGEST_SIZE) {
        return false;
    }
    memcpy(out, bytes.data, bytes.len);
    return true;
}


bool
lookout_server_read(sqlite3_stmt *stmt, const lookout_key_t *key, lookout_arena_t *arena,
                    lookout_server_t *server)
{
    lookout_str_t id = text_at(stmt, AT_ID);
    uint8_t seal[LOOKOUT_DIGEST_SIZE], right[LOOKOUT_DIGEST_SIZE];
    bool whole;

    *server = (lookout_server_t){
        .number = sqlite3_column_int64(stmt, AT_NUMBER),
        .name = lookout_arena_copy(arena, text_at(stmt, AT_NAME)),
        .config = lookout_arena_copy(arena, text_at(stmt, AT_CONFIG)),
        .expires_at = sqlite3_column_int64(stmt, AT_EXPIRES_AT),
        .token_auth = sqlite3_column_int(stmt, AT_TOKEN_AUTH) != 0,
        .old_until = sqlite3_column_int64(stmt, AT_OLD_UNTIL),
        .created_at = sqlite3_column_int64(stmt, AT_CREATED_AT),
        .updated_at = sqlite3_column_int64(stmt, AT_UPDATED_AT),
        .version = sqlite3_column_int64(stmt, AT_VERSION),
    };
    whole = lookout_id_valid(id, LOOKOUT_SERVER_ID) && server->name.data != NULL
            && server->config.data != NULL;
    memcpy(server->id, id.data, id.len < LOOKOUT_ID_MAX ? id.len : LOOKOUT_ID_MAX - 1);
    whole = digest_at(stmt, AT_HASH, server->hash) && whole;
    whole = digest_at(stmt, AT_OLD_HASH, server->old_hash) && whole;
    whole = digest_at(stmt, AT_SEAL, seal) && whole;
    return whole && seal_of(key, server, right)
           && lookout_same_bytes(seal, right, sizeof(seal));
}


int
lookout_server_write(lookout_state_t *state, lookout_servers_sql_e how,
                     const lookout_key_t *key, const lookout_server_t *server)
{
    sqlite3_stmt *stmt = lookout_state_statement(state, how);
    uint8_t seal[LOOKOUT_DIGEST_SIZE];

    if (stmt == NULL) {
        return lookout_state_error(state);
    }
    if (!seal_of(key, server, seal)) {
        return SQLITE_NOMEM;
    }
    (void) sqlite3_bind_text(stmt, AT_ID, server->id, -1, SQLITE_STATIC);
    (void) sqlite3_bind_text(stmt, AT_NAME, server->name.data, (int) server->name.len,
                             SQLITE_STATIC);
    (void) sqlite3_bind_text(stmt, AT_CONFIG, server->config.data, (int) server->config.len,
                             SQLITE_STATIC);
    (void) sqlite3_bind_int64(stmt, AT_EXPIRES_AT, server->expires_at);
    (void) sqlite3_bind_int(stmt, AT_TOKEN_AUTH, server->token_auth);
    (void) sqlite3_bind_blob(stmt, AT_HASH, server->hash, sizeof(server->hash), SQLITE_STATIC);
    if (server->old_until != 0) {
        (void) sqlite3_bind_blob(stmt, AT_OLD_HASH, server->old_hash, sizeof(server->old_hash),
                                 SQLITE_STATIC);
    }
    (void) sqlite3_bind_int64(stmt, AT_OLD_UNTIL, server->old_until);
    (void) sqlite3_bind_int64(stmt, AT_CREATED_AT, server->created_at);
    (void) sqlite3_bind_int64(stmt, AT_UPDATED_AT, server->updated_at);
    (void) sqlite3_bind_int64(stmt, AT_VERSION, server->version);
    (void) sqlite3_bind_blob(stmt, AT_SEAL, seal, sizeof(seal), SQLITE_STATIC);
    return lookout_state_done(stmt, sqlite3_step(stmt));
}
