/*
 * Reading what an operator sends, and what is kept: bodies, and the config of a server.
 */

#ifndef LOOKOUT_SERVERS_CHECK_H
#define LOOKOUT_SERVERS_CHECK_H

#include "../base/error.h"
#include "../base/json.h"
#include "../base/problems.h"
#include "servers_row.h"

/* A token that is asked for anew. */
typedef struct {
    bool wanted;
    int64_t grace; /* s that the old one stays good */
} lookout_server_rotation_t;

/* Parses a body, which has to be one JSON object. INVALID_INPUT else. The tree lives as long as
 * the arena. */
lookout_code_e lookout_server_parse(lookout_arena_t *arena, lookout_str_t text, cJSON **body,
                                    lookout_error_t *error);

/* Applies a body to a server: a new one (version 0), or one that is kept. All of it or, with
 * INVALID_INPUT and every problem in error->details, nothing. */
lookout_code_e
lookout_server_apply(const lookout_servers_settings_t *settings, lookout_arena_t *arena,
                     const cJSON *body, int64_t now, lookout_server_t *server,
                     lookout_server_rotation_t *rotation, lookout_error_t *error);

/* ---- servers_config.c ---- */

/* Checks what `given` makes of the config `stored` (either may be NULL) and appends the outcome
 * to *out, in our own spelling. Problems are noted, and then *out is of no use. */
void lookout_server_config(const lookout_servers_settings_t *settings, lookout_problems_t *p,
                           const cJSON *given, const cJSON *stored, lookout_buf_t *out);

/* Notes each member of the object whose name is not among the n that it may have. `hint` (may
 * be NULL) says more of a name, or gives NULL. */
void
lookout_server_members(lookout_problems_t *p, const cJSON *object, const char *const *names,
                       size_t n, const char *what, const char *(*hint)(const char *name));

/* The scope that a kept server gives. False when its config is not one that was checked, or
 * without memory. */
bool lookout_server_scope(lookout_arena_t *arena, const lookout_server_t *server,
                          lookout_scope_t *scope);

#endif
