/*
 * OAuth access tokens that an issuer signed: JSON Web Tokens (RFC 7519), of the profile of
 * RFC 9068 as far as it matters to a resource server. A token is good when a key of the issuer
 * signed it (RS256 or ES256), and it says that it comes from that issuer, is meant for this
 * server, and is neither too old nor too young.
 *
 *     base64url({"alg","kid","typ"}) "." base64url({"iss","aud","exp",...}) "." base64url(sig)
 */

#ifndef LOOKOUT_JWT_H
#define LOOKOUT_JWT_H

#include "jwks.h"
#include "jwt_cache.h"
#include "../base/arena.h"

#define LOOKOUT_JWT_MAX 8192  /* bytes of a token */
#define LOOKOUT_JWT_LEEWAY 60 /* seconds; a usual difference between two clocks */

/* Why a token is refused: X(name, the "error" of RFC 6750 that the challenge carries).
 * UNAVAILABLE is no fault of the token's: this server has no keys, or no memory. */
#define LOOKOUT_JWT_REASONS(X)                                                                 \
    X(MALFORMED, "invalid_token")   /* no JWT at all */                                        \
    X(UNSUPPORTED, "invalid_token") /* alg, typ or crit: none that is accepted here */         \
    X(UNKNOWN_KEY, "invalid_token") /* signed with a key that the set does not hold */         \
    X(FORGED, "invalid_token")      /* the signature is not that key's */                      \
    X(CLAIMS, "invalid_token")      /* a claim is missing, or of the wrong shape */            \
    X(ISSUER, "invalid_token")      /* somebody else's */                                      \
    X(AUDIENCE, "invalid_token")    /* for somebody else */                                    \
    X(EXPIRED, "invalid_token")                                                                \
    X(NOT_YET, "invalid_token")                                                                \
    X(SCOPE, "insufficient_scope") /* good, but it does not allow this: 403 */                 \
    X(UNAVAILABLE, "temporarily_unavailable")

typedef enum {
    LOOKOUT_JWT_GOOD = 0,
#define LOOKOUT_JWT_REASON_ENUM(name, error) LOOKOUT_JWT_##name,
    LOOKOUT_JWT_REASONS(LOOKOUT_JWT_REASON_ENUM)
#undef LOOKOUT_JWT_REASON_ENUM
} lookout_jwt_reason_e;

/* What this server asks of a token. A refusal may name one of the scopes, so they are to be
 * made of the characters that RFC 6749, section 3.3, has for them. */
typedef struct {
    lookout_str_t issuer;           /* must equal "iss" */
    const lookout_str_t *audiences; /* one of them must stand in "aud" */
    size_t n_audiences;
    const lookout_str_t *scopes; /* each must have been granted */
    size_t n_scopes;
    int64_t now;    /* seconds since 1970 */
    int64_t leeway; /* seconds that the issuer's clock may differ from ours */
} lookout_jwt_rules_t;

/* What a good token says; {NULL, 0}: it does not say. The texts are the issuer's and may hold
 * any characters: escape them for logs. All live as long as the arena. */
typedef struct {
    lookout_str_t subject;   /* "sub": the user, or the client itself */
    lookout_str_t client_id; /* "client_id", or what issuers call it instead */
    lookout_str_t token_id;  /* "jti" */
    int64_t expires_at;      /* seconds since 1970, without the leeway */
    const lookout_str_t *scopes;
    size_t n_scopes;
} lookout_jwt_claims_t;

typedef struct {
    lookout_jwt_reason_e reason;
    const char
        *message; /* for error_description: ASCII without " and \; in the arena or static */
} lookout_jwt_refusal_t;

/* Checks a token. `jwks` NULL: there is no set yet. `cache` (may be NULL) spares the check of
 * the signature when the same token comes again. True with *claims filled in; or false with
 * *refusal, and *claims empty. With the reason SCOPE the token is good all the same, and
 * *claims is filled in, too. */
bool lookout_jwt_verify(lookout_arena_t *arena, const lookout_jwks_t *jwks,
                        lookout_jwt_cache_t *cache, lookout_str_t token,
                        const lookout_jwt_rules_t *rules, lookout_jwt_claims_t *claims,
                        lookout_jwt_refusal_t *refusal);

/* The "error" of a challenge, as the table has it; "" for GOOD. */
const char *lookout_jwt_error(lookout_jwt_reason_e reason);

/* Was a scope granted? */
bool lookout_jwt_has_scope(const lookout_jwt_claims_t *claims, lookout_str_t scope);

#endif
