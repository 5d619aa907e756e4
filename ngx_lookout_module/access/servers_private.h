/*
 * What the files of scoped servers share.
 */

#ifndef LOOKOUT_SERVERS_PRIVATE_H
#define LOOKOUT_SERVERS_PRIVATE_H

#include "servers_check.h"

/* Scopes found lately, by the hash of their token. */
typedef struct {
    struct lookout_servers_slot_s *slots; /* NULL: nothing is kept */
    size_t n;
    lookout_arena_t *arena; /* of the scopes */
    uint64_t opened;        /* the file, and its state, that they were read from */
    int64_t changes;
} lookout_servers_cache_t;

struct lookout_servers_s {
    const lookout_servers_settings_t *settings;
    lookout_state_t state;
    lookout_servers_cache_t cache;
    char broken[LOOKOUT_STATE_WHY]; /* a row without its seal; empty: nothing new */
    char told[LOOKOUT_STATE_WHY];   /* of state.why or broken, to the log */
    char line[LOOKOUT_STATE_WHY];   /* what lookout_servers_trouble gave */
};

/* What one operation works on. */
typedef struct {
    lookout_servers_t *servers;
    lookout_arena_t *arena;
    int64_t now;
    const cJSON *body;
    lookout_server_rotation_t rotation;
    lookout_server_t *server; /* the one it is about; of a list, the first of them */
    char token[LOOKOUT_SERVER_TOKEN_LEN + 1]; /* a new one; empty: none */
    int64_t after, limit;                     /* of a list */
    size_t n;                                 /* servers found, or removed */
    lookout_servers_result_e result;
    lookout_error_t error; /* of INVALID and UNAVAILABLE */
} lookout_servers_act_t;

/* Notes, for the log, that the row of that server is not to be trusted. */
void lookout_servers_distrust(lookout_servers_t *servers, const lookout_server_t *server);

/* An operation on the server with that id, which goes to *server; {NULL, 0}: on none yet. A
 * malformed id is that of none, and then the result says so. */
lookout_servers_act_t
lookout_servers_begin(lookout_servers_t *servers, lookout_arena_t *arena,
                      lookout_server_t *server, lookout_str_t id, int64_t now);

/* Runs the work of an operation, as lookout_state_run does, unless it has failed already. True
 * when it went well; else op->result says how it did not. */
bool lookout_servers_run(lookout_servers_act_t *op, bool write, int (*work)(void *));

/* For work(): reads the row that stmt stands on; false when it is not to be trusted, and then
 * the operation has failed. */
bool lookout_servers_read_row(lookout_servers_act_t *op, sqlite3_stmt *stmt,
                              lookout_server_t *server);

/* Ends an operation that has failed: writes the error, and gives the result. */
lookout_servers_result_e
lookout_servers_refuse(const lookout_servers_act_t *op, lookout_buf_t *out);

#endif
