/*
 * Hashes and signatures (OpenSSL's): SHA-256, HMAC-SHA256 with the server's key, base64, and
 * the key file that every worker and every machine of a deployment shares.
 */

#ifndef LOOKOUT_DIGEST_H
#define LOOKOUT_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "str.h"

#define LOOKOUT_DIGEST_SIZE 32
#define LOOKOUT_KEY_SIZE 32

typedef struct {
    uint8_t bytes[LOOKOUT_KEY_SIZE];
} lookout_key_t;

void lookout_sha256(lookout_str_t data, uint8_t out[LOOKOUT_DIGEST_SIZE]);

void
lookout_hmac(const lookout_key_t *key, lookout_str_t data, uint8_t out[LOOKOUT_DIGEST_SIZE]);

/* Compares n bytes in a time that does not depend on where they differ. */
bool lookout_same_bytes(const void *a, const void *b, size_t n);

/* Fills out with n bytes from the system's random source; false when there are none to be
 * had. */
bool lookout_random(void *out, size_t n);

/* Base64url without padding (RFC 4648, section 5). Decoding refuses any other character,
 * padding, and non-zero spare bits, so that one value has one spelling. Returns the number of
 * bytes written, or -1 when text is malformed or cap too small. */
void lookout_base64url(lookout_buf_t *b, const void *data, size_t len);
int lookout_base64url_decode(lookout_str_t text, uint8_t *out, size_t cap);

/* Base64 as mail and MCP have it (RFC 4648, section 4): + and /, padded with =. */
void lookout_base64(lookout_buf_t *b, const void *data, size_t len);

/* A signed text: payload "." base64url(HMAC(purpose "." payload)). The purpose ("token",
 * "cursor"; without a dot) keeps one kind from being passed off as another. lookout_sign
 * appends it; the payload must not lie in b itself. lookout_unsign gives the payload, a part of
 * `text`, when the signature is right. */
void lookout_sign(lookout_buf_t *b, const lookout_key_t *key, const char *purpose,
                  lookout_str_t payload);
bool lookout_unsign(const lookout_key_t *key, const char *purpose, lookout_str_t text,
                    lookout_str_t *payload);

/* Reads the key file (64 hexadecimal digits and a newline, for its owner's eyes only: one that
 * group or others may open is refused). When there is none it is made: random, mode 0600,
 * written aside and linked into place, so that processes that start at once end up with one
 * key. False with a message in why (size bytes) that names the path. */
bool lookout_key_load(const char *path, lookout_key_t *key, char *why, size_t size);

#endif
