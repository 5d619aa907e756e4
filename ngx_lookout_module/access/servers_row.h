/*
 * A scoped server as it is kept: its row in the file, the seal on it, and the SQL.
 */

#ifndef LOOKOUT_SERVERS_ROW_H
#define LOOKOUT_SERVERS_ROW_H

#include "../base/id.h"
#include "../base/state.h"
#include "servers.h"

#define LOOKOUT_SERVER_ID "mcp_"

typedef struct {
    int64_t number; /* in the order of their making; 0: not kept yet */
    char id[LOOKOUT_ID_MAX];
    lookout_str_t name;
    lookout_str_t config; /* JSON, checked and in our own spelling */
    int64_t expires_at;   /* s since 1970; 0: never */
    bool token_auth;
    uint8_t hash[LOOKOUT_DIGEST_SIZE];     /* of the token */
    uint8_t old_hash[LOOKOUT_DIGEST_SIZE]; /* of the one before it, good before old_until */
    int64_t old_until;                     /* 0: there is none */
    int64_t created_at, updated_at;
    int64_t version; /* 1, 2, ... with every change */
} lookout_server_t;

typedef enum {
    LOOKOUT_SERVERS_SQL_GET,  /* (id): whole rows, as for the next two */
    LOOKOUT_SERVERS_SQL_FIND, /* (hash): the row that has it as its token's or its old one's */
    LOOKOUT_SERVERS_SQL_LIST, /* (after, now, limit): not expired, by number */
    LOOKOUT_SERVERS_SQL_ADD,  /* (all but number) */
    LOOKOUT_SERVERS_SQL_UPDATE,  /* (all but number), by id */
    LOOKOUT_SERVERS_SQL_REMOVE,  /* (id, now): unless expired */
    LOOKOUT_SERVERS_SQL_EXPIRED, /* (now): removes the expired */
    LOOKOUT_SERVERS_SQL_GRACED, /* (now, after): the next row whose old token's grace is over */
    LOOKOUT_SERVERS_SQL_CHANGES, /* (): differs when another connection has written */
    LOOKOUT_SERVERS_SQL_CHECKPOINT,
    LOOKOUT_SERVERS_STATEMENTS
} lookout_servers_sql_e;

/* The file that scoped servers are kept in. */
extern const lookout_state_kind_t lookout_servers_state;

/* A token: "lks_" and 24 random bytes as base64url; terminated. False without random bytes. */
#define LOOKOUT_SERVER_TOKEN_LEN 36
bool lookout_server_mint_token(char token[LOOKOUT_SERVER_TOKEN_LEN + 1]);

/* The hash that a token is kept and found by. False when it has not the form of one. */
bool lookout_server_hash(const lookout_key_t *key, lookout_str_t token,
                         uint8_t out[LOOKOUT_DIGEST_SIZE]);

/* Reads the row that stmt stands on; its texts into the arena. False when it does not carry the
 * seal of this key, or without memory. server->id is filled in all the same. */
bool lookout_server_read(sqlite3_stmt *stmt, const lookout_key_t *key, lookout_arena_t *arena,
                         lookout_server_t *server);

/* For work(): adds the server, or updates it, and seals it. SQLite's result code. */
int lookout_server_write(lookout_state_t *state, lookout_servers_sql_e how,
                         const lookout_key_t *key, const lookout_server_t *server);

#endif
