/*
 * The errors of a tool call. Codes are the stable list of the product's contract; they come out
 * of the one table below. An error is a value: the code, a message that says what is wrong and
 * what to do, and details for a machine. A function that can fail returns the code (LOOKOUT_OK,
 * 0, when all went well) and fills in the error it was given.
 */

#ifndef LOOKOUT_ERROR_H
#define LOOKOUT_ERROR_H

#include "arena.h"
#include "str.h"

/* X(code): an error that can end a call. EXTRACT_STALE and RESPONSE_TRUNCATED are warnings. */
#define LOOKOUT_CODES(X)                                                                       \
    X(DATASOURCE_OFFLINE)                                                                      \
    X(DATASOURCE_NOT_FOUND)                                                                    \
    X(WORKBOOK_NOT_FOUND)                                                                      \
    X(VIEW_NOT_FOUND)                                                                          \
    X(JOB_NOT_FOUND)                                                                           \
    X(RENDER_JOB_NOT_FOUND)                                                                    \
    X(EXTRACT_STALE)                                                                           \
    X(QUERY_TIMEOUT)                                                                           \
    X(RESULT_TOO_LARGE)                                                                        \
    X(INVALID_FILTER)                                                                          \
    X(INVALID_QUERY)                                                                           \
    X(SQL_FORBIDDEN_CONSTRUCT)                                                                 \
    X(SQL_PARSE_ERROR)                                                                         \
    X(CHART_TYPE_UNSUPPORTED)                                                                  \
    X(SCHEMA_DRIFT)                                                                            \
    X(INVALID_INPUT)                                                                           \
    X(INVALID_PAGE_SIZE)                                                                       \
    X(INVALID_CURSOR)                                                                          \
    X(RESPONSE_TRUNCATED)                                                                      \
    X(ENVELOPE_TOO_LARGE)                                                                      \
    X(RATE_LIMITED)                                                                            \
    X(TOOL_NOT_FOUND)                                                                          \
    X(INTERNAL_ERROR)

typedef enum {
    LOOKOUT_OK = 0,
#define LOOKOUT_CODE_ENUM(code) LOOKOUT_##code,
    LOOKOUT_CODES(LOOKOUT_CODE_ENUM)
#undef LOOKOUT_CODE_ENUM
    /* Not errors, and never shown: the call has to be run again on a thread, where it has time;
     * the client has left and nobody wants the answer; the client is to be asked for something
     * first; it did not say that it can do what the call needs. */
    LOOKOUT_NEEDS_THREAD,
    LOOKOUT_CANCELLED,
    LOOKOUT_NEEDS_INPUT,
    LOOKOUT_NEEDS_CAPABILITY
} lookout_code_e;

typedef struct {
    lookout_code_e code;
    lookout_str_t message; /* for a reader, human or model */
    lookout_str_t details; /* a JSON object as text, or {NULL, 0} */
} lookout_error_t;

/* "INVALID_INPUT" and so on; "" for what is not an error. */
const char *lookout_code_name(lookout_code_e code);

/* Fills in *e with the code, a printf'ed message (in the arena) and details (a JSON object as
 * text that lives as long as the arena, or LOOKOUT_STR_NONE), and returns the code. */
lookout_code_e lookout_fail(lookout_arena_t *arena, lookout_error_t *e, lookout_code_e code,
                            lookout_str_t details, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Out of memory, said without any: INTERNAL_ERROR. */
lookout_code_e lookout_fail_memory(lookout_error_t *e);

#endif
