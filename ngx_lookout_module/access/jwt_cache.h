/*
 * Tokens whose signature was found good a while ago. Checking one costs tens of microseconds on
 * the event loop, and a client sends the same token with each of its requests.
 *
 * Only the signature is remembered: what the token says (its times, audience, scopes) is read
 * anew at each use, so nothing that is in here makes a token good for longer or for more. A
 * token is known by a digest over itself and the JWK Set that it was checked with; when the set
 * changes, no token is known any more. Of a fixed size; one user, the worker's event loop.
 */

#ifndef LOOKOUT_JWT_CACHE_H
#define LOOKOUT_JWT_CACHE_H

#include "jwks.h"

#define LOOKOUT_JWT_CACHE_ENTRIES 1024 /* a good number; 48 bytes each */

typedef struct lookout_jwt_cache_s lookout_jwt_cache_t;

/* For at least one and at most `entries` tokens, rounded up to a multiple of four; NULL without
 * memory. */
lookout_jwt_cache_t *lookout_jwt_cache_create(size_t entries);
void lookout_jwt_cache_destroy(lookout_jwt_cache_t *cache);

/* Was the token's signature found good with this very set, and is it before the time that it
 * was kept until? `now`: seconds since 1970. */
bool lookout_jwt_cache_knows(lookout_jwt_cache_t *cache, const lookout_jwks_t *jwks,
                             lookout_str_t token, int64_t now);

/* Remembers it until a time. The oldest or least used of a few others may have to go. */
void lookout_jwt_cache_keep(lookout_jwt_cache_t *cache, const lookout_jwks_t *jwks,
                            lookout_str_t token, int64_t now, int64_t until);

/* How often knows() said yes, and how often no. */
void
lookout_jwt_cache_counts(const lookout_jwt_cache_t *cache, uint64_t *hits, uint64_t *misses);

#endif
