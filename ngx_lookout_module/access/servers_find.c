/*
 * Finding the server of a token, on the event loop.
 *
 * Scopes that were found are kept in memory, by the hash of their token. Each lookup first asks
 * SQLite for the file's data_version, which is another as soon as any connection of any process
 * has committed; then all that is kept is dropped. That costs a look at the path and one at the
 * -shm, some microseconds, and there is no moment in which a revoked token is still good. What
 * is unknown is not kept: guesses at tokens fill no memory.
 *
 * A token is compared by its HMAC: how long that takes says nothing of the token.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "servers_private.h"

#define SLOTS 1024    /* a power of two */
#define SLOTS_MAX 512 /* in use: then all are dropped, and filled again as they are asked for */

typedef struct lookout_servers_slot_s {
    uint8_t hash[LOOKOUT_DIGEST_SIZE];
    bool used;
    int64_t until; /* s since 1970: an old token that is good until then; 0: the present one */
    lookout_scope_t scope;
} slot_t;

typedef struct {
    lookout_servers_t *servers;
    lookout_arena_t *arena; /* the caller's */
    uint8_t hash[LOOKOUT_DIGEST_SIZE];
    bool found, trusted;
    int64_t until;
    lookout_scope_t scope;
} find_t;


void
lookout_servers_forget(lookout_servers_t *servers)
{
    lookout_servers_cache_t *cache = &servers->cache;

    if (cache->slots != NULL && cache->n != 0) {
        explicit_bzero(cache->slots, SLOTS * sizeof(*cache->slots));
    }
    lookout_arena_destroy(cache->arena);
    cache->arena = NULL;
    cache->n = 0;
}


/* The slot of that hash, or the free one where it would be. */
static slot_t *
slot_of(const lookout_servers_cache_t *cache, const uint8_t *hash)
{
    size_t i = ((size_t) hash[0] << 8 | hash[1]) % SLOTS;

    while (cache->slots[i].used
           && !lookout_same_bytes(cache->slots[i].hash, hash, LOOKOUT_DIGEST_SIZE)) {
        i = (i + 1) % SLOTS;
    }
    return &cache->slots[i];
}


/* Keeps what was found; without memory it is not kept. */
static void
keep(lookout_servers_t *servers, const find_t *find)
{
    lookout_servers_cache_t *cache = &servers->cache;
    lookout_scope_t scope;
    slot_t *slot;

    if (cache->n == SLOTS_MAX) {
        lookout_servers_forget(servers);
    }
    if (cache->slots == NULL) {
        cache->slots = calloc(SLOTS, sizeof(*cache->slots));
    }
    if (cache->arena == NULL) {
        cache->arena = lookout_arena_create();
    }
    if (cache->slots == NULL || cache->arena == NULL
        || !lookout_scope_copy(cache->arena, &find->scope, &scope)) {
        return;
    }
    slot = slot_of(cache, find->hash);
    memcpy(slot->hash, find->hash, sizeof(slot->hash));
    slot->scope = scope;
    slot->until = find->until;
    slot->used = true;
    cache->n++;
}


/* Drops what is kept when the file is another, or was written to. */
static int
check_changes(lookout_servers_t *servers)
{
    lookout_servers_cache_t *cache = &servers->cache;
    sqlite3_stmt *stmt = lookout_state_statement(&servers->state, LOOKOUT_SERVERS_SQL_CHANGES);
    int64_t changes = 0;
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&servers->state);
    }
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        changes = sqlite3_column_int64(stmt, 0);
    }
    rc = lookout_state_done(stmt, rc);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (cache->changes != changes || cache->opened != servers->state.opened) {
        lookout_servers_forget(servers);
        cache->changes = changes;
        cache->opened = servers->state.opened;
    }
    return SQLITE_OK;
}


/* Makes a scope of the row that the statement stands on. */
static void
take_row(find_t *find, sqlite3_stmt *stmt)
{
    lookout_servers_t *servers = find->servers;
    lookout_server_t server;

    find->found = true;
    find->trusted = lookout_server_read(stmt, servers->settings->key, find->arena, &server)
                    && lookout_server_scope(find->arena, &server, &find->scope);
    if (!find->trusted) {
        lookout_servers_distrust(servers, &server);
        return;
    }
    if (lookout_same_bytes(server.hash, find->hash, sizeof(server.hash))) {
        find->until = 0;
    } else if (server.old_until != 0
               && lookout_same_bytes(server.old_hash, find->hash, sizeof(server.old_hash))) {
        find->until = server.old_until;
    } else {
        find->found = false; /* the index said so, the row does not */
        return;
    }
    keep(servers, find);
}


static int
look(void *data)
{
    find_t *find = data;
    lookout_servers_t *servers = find->servers;
    sqlite3_stmt *stmt;
    slot_t *slot;
    int rc = check_changes(servers);

    find->found = false;
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (servers->cache.n != 0 && (slot = slot_of(&servers->cache, find->hash))->used) {
        find->found = true;
        find->until = slot->until;
        find->trusted = lookout_scope_copy(find->arena, &slot->scope, &find->scope);
        return find->trusted ? SQLITE_OK : SQLITE_NOMEM;
    }
    stmt = lookout_state_statement(&servers->state, LOOKOUT_SERVERS_SQL_FIND);
    if (stmt == NULL) {
        return lookout_state_error(&servers->state);
    }
    (void) sqlite3_bind_blob(stmt, 1, find->hash, sizeof(find->hash), SQLITE_STATIC);
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        take_row(find, stmt);
    }
    return lookout_state_done(stmt, rc);
}


/* Is there no file at all? Then there are no servers either. */
static bool
no_file(const lookout_servers_t *servers)
{
    return access(servers->settings->path, F_OK) != 0 && errno == ENOENT;
}


lookout_server_found_e
lookout_servers_find(lookout_servers_t *servers, lookout_arena_t *arena, lookout_str_t token,
                     int64_t now, lookout_scope_t *scope)
{
    find_t find = { .servers = servers, .arena = arena };
    int rc;

    *scope = (lookout_scope_t){ 0 };
    if (!lookout_server_hash(servers->settings->key, token, find.hash)) {
        return LOOKOUT_SERVER_UNKNOWN;
    }
    rc = lookout_state_run(&servers->state, false, look, &find);
    if (rc != SQLITE_OK) {
        lookout_servers_forget(servers);
        if (servers->state.reader && no_file(servers)) {
            servers->state.why[0] = '\0';
            return LOOKOUT_SERVER_UNKNOWN;
        }
        return (rc & 0xff) == SQLITE_BUSY && servers->state.reader ? LOOKOUT_SERVER_BUSY
                                                                   : LOOKOUT_SERVER_UNAVAILABLE;
    }
    if (!find.found) {
        return LOOKOUT_SERVER_UNKNOWN;
    }
    if (!find.trusted) {
        return LOOKOUT_SERVER_UNAVAILABLE;
    }
    if (find.scope.expires_at != 0 && now >= find.scope.expires_at) {
        return LOOKOUT_SERVER_EXPIRED;
    }
    if (find.until != 0 && now >= find.until) {
        return LOOKOUT_SERVER_UNKNOWN;
    }
    *scope = find.scope;
    return LOOKOUT_SERVER_GOOD;
}
