/*
 * A token is taken apart in one direction: its three parts, the header, the signature, and only
 * then what it says. Nothing that the header brings along (a key, the address of one) is used:
 * it selects one of our keys, and that key alone decides with which algorithm it checks.
 */

#include "jwt.h"

#include <strings.h>

#include "jwt_claims.h"
#include "../base/digest.h"

typedef struct {
    lookout_str_t header; /* base64url, as the two others */
    lookout_str_t payload;
    lookout_str_t signature;
    lookout_str_t signed_text; /* header and payload, and the dot between them */
} parts_t;

typedef struct {
    lookout_jwt_alg_e alg;
    lookout_str_t kid; /* {NULL, 0}: none */
} header_t;

/* The words for what may stand in "alg"; indexed by lookout_jwt_alg_e. */
static const char *const alg_names[] = {
#define ALG_NAME(name) #name,
    LOOKOUT_JWT_ALGS(ALG_NAME)
#undef ALG_NAME
};


const char *
lookout_jwt_error(lookout_jwt_reason_e reason)
{
    static const char *const errors[] = { "",
#define REASON_ERROR(name, error) error,
                                          LOOKOUT_JWT_REASONS(REASON_ERROR)
#undef REASON_ERROR
    };

    return errors[reason];
}


/* Exactly three parts with dots between them. */
static bool
split(lookout_str_t token, parts_t *parts)
{
    size_t n = 0, start = 0, i;
    lookout_str_t pieces[3];

    for (i = 0; i <= token.len; i++) {
        if (i == token.len || token.data[i] == '.') {
            if (n == 3) {
                return false;
            }
            pieces[n++] = (lookout_str_t){ token.data + start, i - start };
            start = i + 1;
        }
    }
    if (n != 3) {
        return false;
    }
    *parts = (parts_t){
        pieces[0], pieces[1], pieces[2], { token.data, pieces[0].len + 1 + pieces[1].len }
    };
    return true;
}


/* The bytes of a part, in the arena; {NULL, 0} when it is not base64url, or without memory. */
static lookout_str_t
decode(lookout_arena_t *arena, lookout_str_t part)
{
    char *bytes = lookout_arena_alloc(arena, part.len + 1);
    int n = bytes == NULL ? -1 : lookout_base64url_decode(part, (uint8_t *) bytes, part.len);

    return n < 0 ? LOOKOUT_STR_NONE : (lookout_str_t){ bytes, (size_t) n };
}


/* A part that has to be a JSON object. */
static const cJSON *
decode_object(lookout_arena_t *arena, lookout_str_t part)
{
    lookout_json_error_t error;
    lookout_str_t text = decode(arena, part);
    const cJSON *tree = text.data == NULL ? NULL : lookout_json_parse(arena, text, &error);

    return cJSON_IsObject(tree) ? tree : NULL;
}


/* typ: absent, JWT, or at+jwt, a media type whose "application/" may be left out. */
static bool
is_accepted_type(const cJSON *typ)
{
    static const char prefix[] = "application/";
    const char *name;

    if (typ == NULL) {
        return true;
    }
    if (!cJSON_IsString(typ)) {
        return false;
    }
    name = typ->valuestring;
    if (strncasecmp(name, prefix, sizeof(prefix) - 1) == 0) {
        name += sizeof(prefix) - 1;
    }
    return strcasecmp(name, "at+jwt") == 0 || strcasecmp(name, "JWT") == 0;
}


static bool
read_alg(const cJSON *alg, lookout_jwt_alg_e *out)
{
    for (size_t i = 0; cJSON_IsString(alg) && i < LOOKOUT_JWT_ALG_COUNT; i++) {
        if (strcmp(alg->valuestring, alg_names[i]) == 0) {
            *out = (lookout_jwt_alg_e) i;
            return true;
        }
    }
    return false;
}


static bool
read_header(lookout_arena_t *arena, lookout_str_t part, header_t *header,
            lookout_jwt_refusal_t *refusal)
{
    const cJSON *kid, *tree = decode_object(arena, part);

    if (tree == NULL) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_MALFORMED,
                                  "the access token is not a JWT: its header is not a JSON "
                                  "object in base64url");
    }
    if (lookout_json_get(tree, "crit") != NULL) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_UNSUPPORTED,
                                  "the header of the access token asks for extensions by crit; "
                                  "none is supported");
    }
    if (!is_accepted_type(lookout_json_get(tree, "typ"))) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_UNSUPPORTED,
                                  "the token is of another typ than at+jwt or JWT, so it is no "
                                  "access token");
    }
    if (!read_alg(lookout_json_get(tree, "alg"), &header->alg)) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_UNSUPPORTED,
                                  "the access token is signed with another alg than RS256 or "
                                  "ES256, the two that are accepted");
    }

    kid = lookout_json_get(tree, "kid");
    if (kid != NULL && !cJSON_IsString(kid)) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_MALFORMED,
                                  "the kid in the header of the access token is no string");
    }
    header->kid = kid == NULL ? LOOKOUT_STR_NONE : lookout_str(kid->valuestring);
    return true;
}


static bool
check_signature(lookout_arena_t *arena, const lookout_jwks_t *jwks, const parts_t *parts,
                const header_t *header, lookout_jwt_refusal_t *refusal)
{
    lookout_str_t signature = decode(arena, parts->signature);

    if (signature.data == NULL) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_MALFORMED,
                                  "the signature of the access token is not base64url without "
                                  "padding");
    }
    switch (lookout_jwks_check(jwks, header->alg, header->kid, parts->signed_text, signature)) {
    case LOOKOUT_JWKS_GOOD:
        return true;
    case LOOKOUT_JWKS_NO_KEY:
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_UNKNOWN_KEY,
                                  "this server has no key of the kid and alg that the access "
                                  "token names; its JWK Set may have to be refreshed");
    case LOOKOUT_JWKS_BAD:
        break;
    }
    return lookout_jwt_refuse(refusal, LOOKOUT_JWT_FORGED,
                              "the signature of the access token is wrong");
}


/* Is the token of the issuer's making? Without a look at what it says. */
static bool
check_origin(lookout_arena_t *arena, const lookout_jwks_t *jwks, lookout_jwt_cache_t *cache,
             lookout_str_t token, const parts_t *parts, int64_t now, bool *known,
             lookout_jwt_refusal_t *refusal)
{
    header_t header = { 0 };

    *known = cache != NULL && lookout_jwt_cache_knows(cache, jwks, token, now);
    return *known
           || (read_header(arena, parts->header, &header, refusal)
               && check_signature(arena, jwks, parts, &header, refusal));
}


bool
lookout_jwt_verify(lookout_arena_t *arena, const lookout_jwks_t *jwks,
                   lookout_jwt_cache_t *cache, lookout_str_t token,
                   const lookout_jwt_rules_t *rules, lookout_jwt_claims_t *claims,
                   lookout_jwt_refusal_t *refusal)
{
    bool known, good;
    parts_t parts;
    const cJSON *payload;

    *claims = (lookout_jwt_claims_t){ 0 };
    *refusal = (lookout_jwt_refusal_t){ LOOKOUT_JWT_GOOD, "" };

    if (jwks == NULL) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_UNAVAILABLE,
                                  "this server has no keys to check access tokens with; its "
                                  "operator has to look into its log");
    }
    if (token.len > LOOKOUT_JWT_MAX) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_MALFORMED,
                                  "the access token is longer than 8192 bytes");
    }
    if (!split(token, &parts)) {
        return lookout_jwt_refuse(
            refusal, LOOKOUT_JWT_MALFORMED,
            "the access token is not a JWT: three parts with dots between "
            "them are expected");
    }
    if (!check_origin(arena, jwks, cache, token, &parts, rules->now, &known, refusal)) {
        return false;
    }

    payload = decode_object(arena, parts.payload);
    if (payload == NULL) {
        return lookout_jwt_refuse(
            refusal, LOOKOUT_JWT_CLAIMS,
            "the claims of the access token are not a strict JSON object");
    }
    good = lookout_jwt_claims_check(arena, payload, rules, claims, refusal);
    if (cache != NULL && !known && (good || refusal->reason == LOOKOUT_JWT_SCOPE)) {
        lookout_jwt_cache_keep(cache, jwks, token, rules->now,
                               claims->expires_at + rules->leeway);
    }
    if (!good && refusal->reason != LOOKOUT_JWT_SCOPE) {
        *claims = (lookout_jwt_claims_t){ 0 }; /* what was read of them so far */
    }
    return good;
}
