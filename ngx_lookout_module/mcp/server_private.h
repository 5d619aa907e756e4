/*
 * What the files of this room share and nobody else sees.
 */

#ifndef LOOKOUT_SERVER_PRIVATE_H
#define LOOKOUT_SERVER_PRIVATE_H

#include "server.h"

struct lookout_mcp_s {
    lookout_mcp_config_t config;
    lookout_answers_t *answers; /* NULL: no cache. Event loop only */

    /* Written once. */
    lookout_buf_t tools_json;  /* the array of tools/list */
    lookout_buf_t info_json;   /* serverInfo */
    lookout_buf_t modern_tail; /* what ends every modern result, with its closing brace */
    lookout_buf_t manifest;
};

/* A method that clients call. It writes the result into exchange->out, or fills in the refusal. */
typedef enum { METHOD_DONE, METHOD_REFUSED, METHOD_DEFERRED } method_outcome_e;

typedef struct {
    const char *name;
    bool modern;
    bool legacy;
    method_outcome_e (*run)(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                            lookout_refusal_t *refusal);
} lookout_method_t;

/* The method of that name in that era, or NULL. */
const lookout_method_t *lookout_method_find(lookout_str_t name, bool modern);

/* Ends a result in `b` that was begun with lookout_message_result and an open brace: what the
 * exchange's era adds, and both closing braces. */
void lookout_method_finish(const lookout_mcp_t *mcp, const lookout_exchange_t *exchange,
                           lookout_buf_t *b);

/* tools/call, in two halves: see call.c. */
method_outcome_e lookout_call_begin(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                                    lookout_refusal_t *refusal);
void lookout_call_work(const lookout_mcp_t *mcp, lookout_exchange_t *exchange);
void lookout_call_end(lookout_mcp_t *mcp, lookout_exchange_t *exchange);

#endif
