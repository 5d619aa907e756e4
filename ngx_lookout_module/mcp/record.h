/*
 * Records: what is to be remembered of each message of an exchange, for the audit trail and the
 * counters. One is made when a message that wants an answer has come to its end; a batch makes
 * several. Texts live as long as the exchange.
 */

#ifndef LOOKOUT_RECORD_H
#define LOOKOUT_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "../base/buf.h"
#include "../base/error.h"
#include "../base/str.h"

#define LOOKOUT_RECORD_DIGEST 32 /* hexadecimal digits */

typedef struct lookout_record_s lookout_record_t;

struct lookout_record_s {
    lookout_record_t *next;
    const char *method;    /* the server's own text; NULL: not a method that it has */
    lookout_str_t subject; /* the tool, the prompt, the resource's row; empty: none */
    int tool;              /* its place among the server's tools; -1: no tool was called */
    lookout_code_e code;   /* of a call that failed; LOOKOUT_OK: it did not */
    lookout_str_t error;   /* "INVALID_INPUT", "-32601"; empty: none */
    int64_t rows;          /* -1: not row-shaped, or not known yet */
    int64_t bytes;         /* of the reply to this message */
    uint64_t ns;           /* from its begin to its end */
    bool cached;           /* the result cache had it */
    bool detached;         /* answered before the work was done */
    char digest[LOOKOUT_RECORD_DIGEST + 1]; /* of the bytes of the arguments, the uri or the
                                             * task's id, the first half of their SHA-256;
                                             * empty: there were none */
    lookout_str_t trace; /* the trace id of _meta.traceparent (W3C); empty: none */
};

/* Appends the record as one line of JSON with its newline: the audit trail. `caller` and `scope`
 * say on whose behalf it was; empty: nobody in particular. */
void lookout_record_json(lookout_buf_t *b, const lookout_record_t *record, int64_t unix_ms,
                         lookout_str_t caller, lookout_str_t scope);

#endif
