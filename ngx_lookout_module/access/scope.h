/*
 * A scope: what one caller may use, decided once, when the request comes in, and not changed
 * while it is answered. It has methods (what a tool does), tags (what a tool is about), sources
 * (which datasources and workbooks) and filters (which rows). What is not limited is open, but
 * for the methods: a scope that is all zeros allows no tool.
 *
 * Methods. A tool has one verb: list, get, create, update, delete or run; and it writes or only
 * reads. A scope names verbs, or the groups: `read` is every tool that only reads, whatever its
 * verb (so also those that run a query, draw a chart or export one), `write` every tool that
 * writes. A tool is allowed when its verb is named or its group is.
 *
 * Tags. A tool is allowed when it has one of the scope's tags. Both methods and tags must allow
 * it.
 */

#ifndef LOOKOUT_SCOPE_H
#define LOOKOUT_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/arena.h"
#include "../base/str.h"

/* The verbs, in the order of the tools' tables, and then the groups. A method's bit is
 * 1 << its number. */
enum {
    LOOKOUT_METHOD_LIST,
    LOOKOUT_METHOD_GET,
    LOOKOUT_METHOD_CREATE,
    LOOKOUT_METHOD_UPDATE,
    LOOKOUT_METHOD_DELETE,
    LOOKOUT_METHOD_RUN,
    LOOKOUT_METHOD_READ,
    LOOKOUT_METHOD_WRITE,
    LOOKOUT_METHODS
};

#define LOOKOUT_METHODS_ALL ((1u << LOOKOUT_METHODS) - 1)

/* "list", "get", ...; NULL from LOOKOUT_METHODS on. */
const char *lookout_method_name(size_t method);

/* The number of the method of that name; LOOKOUT_METHODS when there is none. */
size_t lookout_method_find(lookout_str_t name);

typedef struct {
    const lookout_str_t *items;
    size_t n; /* 0: not limited */
} lookout_scope_list_t;

/* All texts are terminated and live in the arena that it was made in. */
typedef struct {
    lookout_str_t id; /* mcp_...; {NULL, 0}: no scoped server, but the open scope */
    lookout_str_t name;
    int64_t version; /* changes with every change of the server: for what is cached or signed */
    unsigned methods;
    lookout_scope_list_t tags;
    lookout_scope_list_t datasources; /* ids */
    lookout_scope_list_t workbooks; /* ids; a workbook is in scope when it is listed here ... */
    lookout_scope_list_t workbook_tags; /* ... or has one of these */
    lookout_str_t filters; /* a JSON array of {field, op, value} that apply always; {NULL, 0}:
                            * none */
    int64_t expires_at;    /* s since 1970; 0: never */
    bool token_auth;       /* a Bearer token is needed besides */
} lookout_scope_t;

/* Of callers of the plain endpoint: every tool, every source, every row. */
extern const lookout_scope_t lookout_scope_open;

/* May the scope use a tool with that verb (LOOKOUT_METHOD_LIST ... RUN), those tags (ended by
 * NULL; NULL: none), that writes or only reads? */
bool lookout_scope_allows_tool(const lookout_scope_t *scope, unsigned verb,
                               const char *const *tags, bool writes);

/* Why lookout_scope_allows_tool says no, and which scope would say yes, as a sentence or two
 * for a model; in the arena. {NULL, 0} without memory. */
lookout_str_t
lookout_scope_lacks(const lookout_scope_t *scope, lookout_arena_t *arena, const char *tool,
                    unsigned verb, const char *const *tags, bool writes);

/* Is the datasource, or the workbook with these tags, in scope? A view is when its workbook and
 * its datasource are. */
bool lookout_scope_has_datasource(const lookout_scope_t *scope, lookout_str_t id);
bool lookout_scope_has_workbook(const lookout_scope_t *scope, lookout_str_t id,
                                const lookout_str_t *tags, size_t n_tags);

/* Does the scope limit anything but tools: sources or rows? */
bool lookout_scope_limits_data(const lookout_scope_t *scope);

/* A copy that lives in the arena. False without memory. */
bool
lookout_scope_copy(lookout_arena_t *arena, const lookout_scope_t *from, lookout_scope_t *to);

#endif
