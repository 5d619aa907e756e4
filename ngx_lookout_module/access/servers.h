/*
 * Scoped servers: addresses, https://HOST/mcp/TOKEN, behind each of which an agent finds a
 * part of what Lookout can do: some tools, some sources, some rows, until some day. An
 * operator makes, changes and revokes them with JSON bodies:
 *
 *     {"name": "Finance agent",
 *      "config": {"methods": ["read"],            // or list get create update delete run write
 *                 "tags": ["queries", "views"],
 *                 "datasources": ["ds_..."],
 *                 "workbooks": {"ids": ["wb_..."], "tags": ["finance"]},
 *                 "filters": [{"field": "region", "op": "eq", "value": "EMEA"}]},
 *      "expires_at": "2027-01-31T00:00:00Z",
 *      "require_api_token_auth": false}
 *
 * All but the name may be left out or null: not limited; scope.h says what they mean. A list is
 * never empty. An answer is the same object with id, created_at and updated_at, and with url
 * when the token in it is new: it is shown that once.
 *
 * They are kept in one SQLite file in WAL mode that all workers share. It is a file of its own,
 * because what is in it cannot be made again. A commit is flushed to the disk before it is
 * answered. Of a token only its HMAC with the server's key is kept, and each row is sealed with
 * the same key: a row that anything else than Lookout wrote opens nothing. When the file is
 * damaged no token is good until the operator has put it right.
 *
 * A change holds at once, in every worker: each lookup asks SQLite whether anybody wrote to the
 * file since the last one.
 *
 * Threads. A lookout_servers_t has one user at a time and belongs to the process that opened
 * it (after a fork the child opens its own). One of mode LOOKOUT_SERVERS_LOOP is for
 * lookout_servers_find alone, and never waits; one of mode LOOKOUT_SERVERS_THREAD may wait up
 * to five seconds for another writer, and can do everything. Do not use either in nginx's
 * master: root would own the files.
 */

#ifndef LOOKOUT_SERVERS_H
#define LOOKOUT_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/arena.h"
#include "../base/buf.h"
#include "../base/digest.h"
#include "scope.h"

#define LOOKOUT_SERVERS_BODY_MAX 262144 /* bytes of a body that is accepted */
#define LOOKOUT_SERVERS_PAGE_MAX 100    /* servers of one list */
#define LOOKOUT_SERVERS_GRACE_MAX 86400 /* s that an old token may outlive its rotation */

/* An operator that a filter may have, and how many values it takes; with max above 1 they are
 * an array. */
typedef struct {
    const char *name;
    size_t min, max;
} lookout_servers_op_t;

/* Outlives the lookout_servers_t opened with it, as does what it refers to. */
typedef struct {
    const char *path; /* the SQLite file; ".lock" lies beside it. A missing folder is made */
    const lookout_key_t *key;
    const lookout_servers_op_t *ops;
    size_t n_ops;
} lookout_servers_settings_t;

typedef struct lookout_servers_s lookout_servers_t;

typedef enum { LOOKOUT_SERVERS_LOOP, LOOKOUT_SERVERS_THREAD } lookout_servers_mode_e;

/* NULL without memory. The file is opened, and made, when it is first needed. */
lookout_servers_t *
lookout_servers_open(const lookout_servers_settings_t *settings, lookout_servers_mode_e mode);

/* NULL is fine. */
void lookout_servers_close(lookout_servers_t *servers);

/* One line for the server's log on what went wrong and was not told yet (with paths, which no
 * client should see); NULL: nothing new. Valid until the next call. */
const char *lookout_servers_trouble(lookout_servers_t *servers);

/*
 * What the operator asks for. (thread) Each appends one JSON object to *out: what the result
 * is, or {"error": {code, message, details}}. `now` is in seconds since 1970, `base` what
 * comes before "/TOKEN" in a url: "https://HOST/mcp".
 */

typedef enum {
    LOOKOUT_SERVERS_OK,         /* 200; 201 for a new one */
    LOOKOUT_SERVERS_INVALID,    /* 400, INVALID_INPUT: details.errors names every problem, as
                                 * {path, message}; nothing was changed */
    LOOKOUT_SERVERS_NOT_FOUND,  /* 404, SERVER_NOT_FOUND: unknown, revoked or expired */
    LOOKOUT_SERVERS_UNAVAILABLE /* 503, INTERNAL_ERROR: the file cannot be read or written */
} lookout_servers_result_e;

/* Makes a server of the body. */
lookout_servers_result_e
lookout_servers_create(lookout_servers_t *servers, lookout_arena_t *arena, lookout_str_t body,
                       lookout_str_t base, int64_t now, lookout_buf_t *out);

/* Changes what the body has: a member that is null is cleared, config and config.workbooks are
 * changed member by member, lists are replaced whole. {"rotate_token": true} gives a new url;
 * the old token is good for `grace_seconds` more (0 when left out), one before it no longer. */
lookout_servers_result_e
lookout_servers_change(lookout_servers_t *servers, lookout_arena_t *arena, lookout_str_t id,
                       lookout_str_t body, lookout_str_t base, int64_t now, lookout_buf_t *out);

lookout_servers_result_e lookout_servers_get(lookout_servers_t *servers, lookout_arena_t *arena,
                                             lookout_str_t id, int64_t now, lookout_buf_t *out);

/* {"items": [...], "nextCursor"}: up to `limit` servers, oldest first, from the cursor on
 * ({NULL, 0}: the beginning). INVALID when limit is not 1 to LOOKOUT_SERVERS_PAGE_MAX, or the
 * cursor is none. */
lookout_servers_result_e
lookout_servers_list(lookout_servers_t *servers, lookout_arena_t *arena, int64_t limit,
                     lookout_str_t cursor, int64_t now, lookout_buf_t *out);

/* Removes it with its secrets, at once and for all workers. {"id", "revoked": true}. */
lookout_servers_result_e
lookout_servers_revoke(lookout_servers_t *servers, lookout_arena_t *arena, lookout_str_t id,
                       int64_t now, lookout_buf_t *out);

/* (thread) Removes expired servers and tokens whose grace is over, and every trace of what was
 * ever removed, from the file and its -wal. To be called each minute or so. False when it could
 * not be done, or not all of it; the next call does the rest. *purged: servers removed. */
bool lookout_servers_purge(lookout_servers_t *servers, int64_t now, int64_t *purged);

/*
 * What a request asks for.
 */

typedef enum {
    LOOKOUT_SERVER_GOOD,
    LOOKOUT_SERVER_UNKNOWN,    /* 401: no token of ours, or revoked, or rotated out */
    LOOKOUT_SERVER_EXPIRED,    /* 401 as well; the difference is for the log */
    LOOKOUT_SERVER_BUSY,       /* (loop) it would have to wait: ask again on a thread */
    LOOKOUT_SERVER_UNAVAILABLE /* 503: the file is damaged or cannot be read */
} lookout_server_found_e;

/* Finds the server of a token, as it stood in the path, undecoded. *scope, in the arena, is set
 * for GOOD alone, and is all zeros otherwise. For the event loop, some microseconds. */
lookout_server_found_e
lookout_servers_find(lookout_servers_t *servers, lookout_arena_t *arena, lookout_str_t token,
                     int64_t now, lookout_scope_t *scope);

/* Forgets what lookout_servers_find keeps in memory, so that nothing of a purged server is left
 * in an idle worker. */
void lookout_servers_forget(lookout_servers_t *servers);

#endif
