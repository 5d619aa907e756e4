/*
 * The payload that is signed is "<expiry in seconds>.<nonce>", the nonce 12 random bytes as
 * base64url. The name in logs is "t-" and the nonce's first 10 characters.
 */

#include "token.h"

#include <stdio.h>

#define TOKEN_PREFIX "lk_"
#define TOKEN_NONCE 12
#define TOKEN_MAX 256


bool
lookout_token_mint(lookout_buf_t *b, const lookout_key_t *key, int64_t expires)
{
    uint8_t nonce[TOKEN_NONCE];
    lookout_buf_t payload = LOOKOUT_BUF_INIT;

    if (!lookout_random(nonce, sizeof(nonce))) {
        return false;
    }

    lookout_buf_int(&payload, expires);
    lookout_buf_putc(&payload, '.');
    lookout_base64url(&payload, nonce, sizeof(nonce));

    if (!payload.failed) {
        lookout_buf_puts(b, TOKEN_PREFIX);
        lookout_sign(b, key, "token", lookout_buf_text(&payload));
    }
    b->failed |= payload.failed;
    lookout_buf_free(&payload);
    return !b->failed;
}


/* The payload's parts. It is signed, so it has the form that we gave it. */
static bool
token_read(lookout_str_t payload, int64_t *expires, lookout_str_t *nonce)
{
    size_t i;

    *expires = 0;
    for (i = 0; i < payload.len && payload.data[i] >= '0' && payload.data[i] <= '9'; i++) {
        *expires = *expires * 10 + (payload.data[i] - '0');
    }
    if (i == 0 || i >= payload.len || i > 18 || payload.data[i] != '.') {
        return false;
    }
    *nonce = (lookout_str_t){ payload.data + i + 1, payload.len - i - 1 };
    return nonce->len >= 10;
}


lookout_token_state_e
lookout_token_check(const lookout_key_t *key, lookout_str_t token, int64_t now,
                    char caller[LOOKOUT_TOKEN_CALLER_SIZE])
{
    int64_t expires;
    size_t prefix = sizeof(TOKEN_PREFIX) - 1;
    lookout_str_t payload, nonce;

    if (token.len <= prefix || token.len > TOKEN_MAX
        || memcmp(token.data, TOKEN_PREFIX, prefix) != 0) {
        return LOOKOUT_TOKEN_INVALID;
    }

    token.data += prefix;
    token.len -= prefix;
    if (!lookout_unsign(key, "token", token, &payload)
        || !token_read(payload, &expires, &nonce)) {
        return LOOKOUT_TOKEN_INVALID;
    }
    if (now >= expires) {
        return LOOKOUT_TOKEN_EXPIRED;
    }

    snprintf(caller, LOOKOUT_TOKEN_CALLER_SIZE, "t-%.10s", nonce.data);
    return LOOKOUT_TOKEN_GOOD;
}
