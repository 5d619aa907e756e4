/*
 * JSON-RPC 2.0: one message of a request body, taken apart, and the replies' outer form.
 *
 * An id is a string or a whole number; it is echoed from the raw bytes, so that no number is changed on its way. A message
 * without one is a notification. Errors of the protocol itself are {code, message, data};
 * those of a tool call are results (see reply.h).
 */

#ifndef LOOKOUT_MESSAGE_H
#define LOOKOUT_MESSAGE_H

#include "../base/buf.h"
#include "../base/json.h"

/* JSON-RPC's own codes, and those that MCP reserves (spec 2026-07-28). */
#define LOOKOUT_RPC_PARSE_ERROR (-32700)
#define LOOKOUT_RPC_INVALID_REQUEST (-32600)
#define LOOKOUT_RPC_METHOD_NOT_FOUND (-32601)
#define LOOKOUT_RPC_INVALID_PARAMS (-32602)
#define LOOKOUT_RPC_INTERNAL_ERROR (-32603)
#define LOOKOUT_RPC_HEADER_MISMATCH (-32020)
#define LOOKOUT_RPC_MISSING_CAPABILITY (-32021)
#define LOOKOUT_RPC_UNSUPPORTED_VERSION (-32022)
#define LOOKOUT_RPC_RESOURCE_NOT_FOUND (-32002) /* legacy; modern: LOOKOUT_RPC_INVALID_PARAMS */

typedef enum {
    LOOKOUT_MESSAGE_REQUEST,
    LOOKOUT_MESSAGE_NOTIFICATION,
    LOOKOUT_MESSAGE_RESPONSE, /* a client's answer to a request: we send none, so it is dropped */
    LOOKOUT_MESSAGE_INVALID
} lookout_message_kind_e;

/* Why a message is refused: an HTTP status and a JSON-RPC error. */
typedef struct {
    int status;
    int code;
    lookout_str_t message;
    lookout_str_t data; /* JSON, or {NULL, 0} */
} lookout_refusal_t;

typedef struct {
    lookout_message_kind_e kind;
    lookout_str_t id; /* raw JSON; {NULL, 0}: none, or not a valid one */
    lookout_str_t method;
    const cJSON *params; /* an object, or NULL */
    lookout_str_t text;  /* the raw bytes of the whole message */
} lookout_message_t;

/* Takes a parsed message apart. For LOOKOUT_MESSAGE_INVALID *refusal says why. */
void lookout_message_read(const cJSON *tree, lookout_str_t text, lookout_message_t *message,
                          lookout_refusal_t *refusal);

/* The raw bytes of each item of a JSON array that has been parsed already; returns how many were written. */
size_t lookout_message_split(lookout_str_t array, lookout_str_t *items, size_t max);

/* Fills in *refusal; returns false, so that a check can `return lookout_refuse(...)`. */
bool lookout_refuse(lookout_refusal_t *refusal, int status, int code, lookout_str_t message,
                    lookout_str_t data);

/* Appends {"jsonrpc":"2.0","id":...,"error":{...}}; without an id the member is left out. */
void
lookout_message_error(lookout_buf_t *b, lookout_str_t id, const lookout_refusal_t *refusal);

/* Appends {"jsonrpc":"2.0","id":...,"result": and leaves the value and one closing brace to the caller. */
void lookout_message_result(lookout_buf_t *b, lookout_str_t id);

#endif
