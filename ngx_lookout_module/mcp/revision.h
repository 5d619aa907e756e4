/*
 * The revisions of MCP that are spoken here, and the checks that the modern one (2026-07-28,
 * stateless, no handshake) asks for before a method is looked at. "Legacy" are the three
 * revisions that begin with `initialize`. Each request says for itself which era it is in.
 */

#ifndef LOOKOUT_REVISION_H
#define LOOKOUT_REVISION_H

#include "message.h"
#include "registry.h"

#define LOOKOUT_REVISION_MODERN "2026-07-28"
#define LOOKOUT_REVISION_BATCH "2025-03-26"  /* the one with batches; also: no header sent */
#define LOOKOUT_REVISION_LEGACY "2025-11-25" /* offered when a client asks for an unknown one */

/* The revisions' names, newest first, ended by NULL. */
extern const char *const lookout_revisions[];

/* A request header by its name, any case; {NULL, 0} when it was not sent. Of a header of the
 * protocol (Mcp-*) that was sent several times LOOKOUT_HEADER_REPEATED, which is no header's
 * value: which of them counts, others on the way may see differently. */
#define LOOKOUT_HEADER_REPEATED LOOKOUT_STR("\n")

typedef struct {
    lookout_str_t (*get)(void *data, const char *name);
    void *data;
} lookout_headers_t;

/* Is that a revision from before 2026-07-28 that is spoken here? */
bool lookout_revision_legacy(lookout_str_t version);

/* Modern if params._meta names a protocol version, or the header one of 2026-07-28 or later; or
 * if the header was sent several times, which the modern checks refuse. */
bool lookout_revision_modern(const lookout_headers_t *headers, const cJSON *params);

/* The modern era's checks 1 to 7, in their order; false with *refusal filled in. `subject` is
 * the member of params that Mcp-Name mirrors, NULL when the method has none; `tool_input` the
 * input table of the tool that a tools/call names, NULL when it names none. */
bool lookout_revision_check(lookout_arena_t *arena, const lookout_headers_t *headers,
                            const lookout_message_t *message, const char *subject,
                            const lookout_schema_t *tool_input, lookout_refusal_t *refusal);

/* The legacy era's one check: a version header, when sent, names a legacy revision. */
bool lookout_revision_check_legacy(lookout_arena_t *arena, const lookout_headers_t *headers,
                                   lookout_refusal_t *refusal);

/* Does a legacy client of that version (as its header says) know resource_link? The revisions
 * from 2025-06-18 on do. */
bool lookout_revision_links(const lookout_headers_t *headers);

/* {"supported": [...], "requested": "..."}: for an error's data. */
lookout_str_t lookout_revision_data(lookout_arena_t *arena, lookout_str_t requested);

#endif
