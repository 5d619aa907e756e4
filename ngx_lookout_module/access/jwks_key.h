/*
 * One key of a JWK Set: built from its JSON Web Key, and used to check a signature. What a key
 * is good for is settled when it is read: an RSA key checks RS256, an EC key on P-256 checks
 * ES256, and neither can be talked into anything else. For jwks.c.
 */

#ifndef LOOKOUT_JWKS_KEY_H
#define LOOKOUT_JWKS_KEY_H

#include <openssl/evp.h>

#include "jwks.h"
#include "../base/json.h"

#define LOOKOUT_JWKS_RSA_MIN 2048 /* bits of the modulus; fewer can be broken */
#define LOOKOUT_JWKS_RSA_MAX 8192 /* more would hold up the event loop */
#define LOOKOUT_JWKS_WHY_SIZE 160

typedef struct {
    EVP_PKEY *pkey; /* the public half */
    lookout_jwt_alg_e alg;
    lookout_str_t kid; /* {NULL, 0}: it has none */
} lookout_jwks_key_t;

/* Builds a key from a member of "keys". False with a reason in why (a part of a sentence about
 * the key) when this server cannot use it. The caller frees key->pkey with EVP_PKEY_free;
 * key->kid is a part of `item`. */
bool lookout_jwks_key_read(const cJSON *item, lookout_jwks_key_t *key,
                           char why[LOOKOUT_JWKS_WHY_SIZE]);

/* Is it the signature that this key's other half makes over the text? */
bool lookout_jwks_key_signed(const lookout_jwks_key_t *key, lookout_str_t text,
                             lookout_str_t signature);

#endif
