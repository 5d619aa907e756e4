/*
 * Bearer tokens: signed, expiring, stateless. Any worker on any machine with the key can check
 * one, and none is stored. A token reads lk_<expiry>.<nonce>.<signature>; it says nothing but how
 * long it is good for and who it is (the nonce), so that a log can tell callers apart.
 */

#ifndef LOOKOUT_TOKEN_H
#define LOOKOUT_TOKEN_H

#include "../base/digest.h"

#define LOOKOUT_TOKEN_CALLER_SIZE 16 /* the caller's name with its NUL */

typedef enum {
    LOOKOUT_TOKEN_GOOD,
    LOOKOUT_TOKEN_INVALID, /* not one of ours, or altered */
    LOOKOUT_TOKEN_EXPIRED
} lookout_token_state_e;

/* Appends a new token that is good until `expires` (seconds since 1970). False without random
 * bytes or memory. */
bool lookout_token_mint(lookout_buf_t *b, const lookout_key_t *key, int64_t expires);

/* Checks a token at the time `now`. For a good one `caller` is set to the name that logs show. */
lookout_token_state_e lookout_token_check(const lookout_key_t *key, lookout_str_t token,
                                          int64_t now, char caller[LOOKOUT_TOKEN_CALLER_SIZE]);

#endif
