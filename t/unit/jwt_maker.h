/*
 * An issuer of access tokens, for tests: makes keys, their JWK Sets, and tokens, also such as
 * no honest issuer would make. Everything fails the test when it cannot be done.
 */

#ifndef JWT_MAKER_H
#define JWT_MAKER_H

#include <openssl/evp.h>

#include "../../ngx_lookout_module/base/buf.h"

/* New key pairs; the caller frees them with EVP_PKEY_free. */
EVP_PKEY *jwt_maker_rsa(unsigned bits);
EVP_PKEY *jwt_maker_ec(const char *curve);

/* Appends the public half as a JSON Web Key: kty, n and e, or crv, x and y, and then `more`,
 * members with a comma before each ("" for none). */
void jwt_maker_jwk(lookout_buf_t *b, const EVP_PKEY *key, const char *more);

/* Appends a JWK Set of one key. */
void jwt_maker_set(lookout_buf_t *b, const EVP_PKEY *key, const char *more);

/* Appends a token: header and payload, any texts, as base64url, and the signature of the key
 * over both (RS256 or ES256, as the key's type has it). */
void
jwt_maker_token(lookout_buf_t *b, EVP_PKEY *key, const char *header, lookout_str_t payload);

/* The same with the HMAC-SHA256 of a secret. */
void jwt_maker_hmac_token(lookout_buf_t *b, lookout_str_t secret, const char *header,
                          const char *payload);

/* A big number of the key's ("n", "e", "qx", "qy") as bytes without leading zeros. Returns how
 * many. */
size_t jwt_maker_number(const EVP_PKEY *key, const char *name, unsigned char *out, size_t cap);

#endif
