/*
 * The claims of a token. Texts of the token never get into a message: who sent it knows them,
 * and a header is no place for what a stranger wrote. Times are compared as doubles, since a
 * NumericDate may have a fraction; those of the years that are accepted are exact to the
 * microsecond.
 */

#include "jwt_claims.h"

#include "../base/clock.h"

#define TIME_MAX 253402300799.0 /* the end of the year 9999; more is not in seconds */

/* What issuers call the client that the token was given to. */
static const char *const client_names[] = { "client_id", "azp", "cid", "appid" };

/* Where they put the scopes. */
static const char *const scope_names[] = { "scope", "scp" };


bool
lookout_jwt_refuse(lookout_jwt_refusal_t *refusal, lookout_jwt_reason_e reason,
                   const char *message)
{
    if (message == NULL) {
        reason = LOOKOUT_JWT_UNAVAILABLE;
        message = "the server has no memory to read the access token";
    }
    refusal->reason = reason;
    refusal->message = message;
    return false;
}


/* A claim that has to be a string when it is there. */
static bool
read_string(lookout_arena_t *arena, const cJSON *payload, const char *name, lookout_str_t *out,
            lookout_jwt_refusal_t *refusal)
{
    const cJSON *claim = lookout_json_get(payload, name);

    *out = LOOKOUT_STR_NONE;
    if (claim == NULL) {
        return true;
    }
    if (!cJSON_IsString(claim)) {
        return lookout_jwt_refuse(
            refusal, LOOKOUT_JWT_CLAIMS,
            lookout_arena_printf(arena,
                                 "the claim %s of the access token is %s; "
                                 "a string is expected",
                                 name, lookout_json_kind(claim))
                .data);
    }
    *out = lookout_str(claim->valuestring);
    return true;
}


/* A claim that has to be a time when it is there: a number of seconds. *there says whether it
 * is, and *out what it says. */
static bool
read_time(lookout_arena_t *arena, const cJSON *payload, const char *name, bool *there,
          double *out, lookout_jwt_refusal_t *refusal)
{
    const cJSON *claim = lookout_json_get(payload, name);

    *there = claim != NULL;
    *out = 0;
    if (claim == NULL) {
        return true;
    }
    *out = claim->valuedouble;
    if (!cJSON_IsNumber(claim) || !(*out >= 0 && *out <= TIME_MAX)) {
        return lookout_jwt_refuse(
            refusal, LOOKOUT_JWT_CLAIMS,
            lookout_arena_printf(arena,
                                 "the claim %s of the access token is not a time: a number of "
                                 "seconds since 1970 is expected",
                                 name)
                .data);
    }
    return true;
}


static bool
check_issuer(lookout_arena_t *arena, const cJSON *payload, const lookout_jwt_rules_t *rules,
             lookout_jwt_refusal_t *refusal)
{
    lookout_str_t iss;

    if (!read_string(arena, payload, "iss", &iss, refusal)) {
        return false;
    }
    if (iss.data == NULL) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_CLAIMS,
                                  "the access token does not name its issuer: iss is missing");
    }
    if (rules->issuer.len == 0 || !lookout_str_eq(iss, rules->issuer)) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_ISSUER,
                                  "the access token comes from another issuer than the one "
                                  "that this server trusts");
    }
    return true;
}


/* Is it one of the audiences that this server goes by? */
static bool
is_ours(const cJSON *audience, const lookout_jwt_rules_t *rules)
{
    lookout_str_t name = lookout_str(audience->valuestring);

    for (size_t i = 0; i < rules->n_audiences; i++) {
        if (name.len > 0 && lookout_str_eq(name, rules->audiences[i])) {
            return true;
        }
    }
    return false;
}


static bool
check_audience(const cJSON *payload, const lookout_jwt_rules_t *rules,
               lookout_jwt_refusal_t *refusal)
{
    const cJSON *item, *aud = lookout_json_get(payload, "aud");
    bool ours = false, strings = cJSON_IsString(aud) || cJSON_IsArray(aud);

    if (cJSON_IsString(aud)) {
        ours = is_ours(aud, rules);
    } else if (cJSON_IsArray(aud)) {
        cJSON_ArrayForEach(item, aud)
        {
            strings = strings && cJSON_IsString(item);
            ours = ours || (cJSON_IsString(item) && is_ours(item, rules));
        }
    }
    if (!strings) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_CLAIMS,
                                  "the access token does not say whom it is for: aud must be a "
                                  "string or an array of strings");
    }
    if (!ours) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_AUDIENCE,
                                  "the access token is not for this server; ask the issuer for "
                                  "one whose audience is this resource");
    }
    return true;
}


/* exp, nbf and iat. A token is good up to the second before exp, and the leeway beyond it. */
static bool
check_times(lookout_arena_t *arena, const cJSON *payload, const lookout_jwt_rules_t *rules,
            lookout_jwt_claims_t *claims, lookout_jwt_refusal_t *refusal)
{
    double exp, nbf, iat, now = (double) rules->now, leeway = (double) rules->leeway;
    bool expires, starts, dated;
    char when[LOOKOUT_ISO8601_SIZE];

    if (!read_time(arena, payload, "exp", &expires, &exp, refusal)
        || !read_time(arena, payload, "nbf", &starts, &nbf, refusal)
        || !read_time(arena, payload, "iat", &dated, &iat, refusal)) {
        return false;
    }
    if (!expires) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_CLAIMS,
                                  "the access token never expires: exp is missing");
    }
    claims->expires_at = (int64_t) exp;
    if (now >= exp + leeway) {
        lookout_iso8601(when, claims->expires_at);
        return lookout_jwt_refuse(
            refusal, LOOKOUT_JWT_EXPIRED,
            lookout_arena_printf(arena,
                                 "the access token expired at %s; ask the issuer for a "
                                 "new one",
                                 when)
                .data);
    }
    if ((starts && now + leeway < nbf) || (dated && now + leeway < iat)) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_NOT_YET,
                                  "the access token is not good yet: its nbf or iat lies in "
                                  "the future");
    }
    return true;
}


/* The characters of a scope (RFC 6749, section 3.3). */
static bool
is_scope_char(char c)
{
    return c > ' ' && c <= '~' && c != '"' && c != '\\';
}


/* Adds the scopes of a text to `scopes`, which has room. False when it holds other characters
 * than scopes and the spaces between them. */
static bool
split_scopes(lookout_str_t text, lookout_str_t *scopes, size_t *n)
{
    for (size_t i = 0; i < text.len;) {
        size_t start = i;

        while (i < text.len && is_scope_char(text.data[i])) {
            i++;
        }
        if (i > start) {
            scopes[(*n)++] = (lookout_str_t){ text.data + start, i - start };
        } else if (text.data[i++] != ' ') {
            return false;
        }
    }
    return true;
}


/* Scopes as a string with spaces between them, or an array of strings. */
static bool
read_scopes(lookout_arena_t *arena, const cJSON *payload, lookout_jwt_claims_t *claims,
            lookout_jwt_refusal_t *refusal)
{
    static const char wrong[] =
        "the scopes of the access token are malformed: a string of names "
        "with spaces between them, or an array of names, is expected";
    const cJSON *claim = NULL, *item;
    lookout_str_t *scopes;
    size_t room = 0;
    bool good = true;

    for (size_t i = 0; i < sizeof(scope_names) / sizeof(scope_names[0]) && claim == NULL; i++) {
        claim = lookout_json_get(payload, scope_names[i]);
    }
    if (claim == NULL) {
        return true;
    }

    if (cJSON_IsString(claim)) {
        room = strlen(claim->valuestring) / 2 + 1;
    } else if (cJSON_IsArray(claim)) {
        room = (size_t) cJSON_GetArraySize(claim) + 1;
    } else {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_CLAIMS, wrong);
    }
    scopes = lookout_arena_alloc(arena, room * sizeof(lookout_str_t));
    if (scopes == NULL) {
        return lookout_jwt_refuse(refusal, LOOKOUT_JWT_UNAVAILABLE, NULL);
    }

    claims->scopes = scopes;
    if (cJSON_IsString(claim)) {
        good = split_scopes(lookout_str(claim->valuestring), scopes, &claims->n_scopes);
    } else {
        cJSON_ArrayForEach(item, claim)
        {
            /* One name an item: a space in it would make two of what the issuer calls one. */
            good = good && cJSON_IsString(item) && strchr(item->valuestring, ' ') == NULL
                   && split_scopes(lookout_str(item->valuestring), scopes, &claims->n_scopes);
        }
    }
    return good || lookout_jwt_refuse(refusal, LOOKOUT_JWT_CLAIMS, wrong);
}


bool
lookout_jwt_has_scope(const lookout_jwt_claims_t *claims, lookout_str_t scope)
{
    for (size_t i = 0; i < claims->n_scopes; i++) {
        if (lookout_str_eq(claims->scopes[i], scope)) {
            return true;
        }
    }
    return false;
}


static bool
check_scopes(lookout_arena_t *arena, const lookout_jwt_rules_t *rules,
             const lookout_jwt_claims_t *claims, lookout_jwt_refusal_t *refusal)
{
    for (size_t i = 0; i < rules->n_scopes; i++) {
        if (!lookout_jwt_has_scope(claims, rules->scopes[i])) {
            return lookout_jwt_refuse(
                refusal, LOOKOUT_JWT_SCOPE,
                lookout_arena_printf(
                    arena,
                    "the access token lacks the scope %.*s; ask the issuer for "
                    "one that has it",
                    LOOKOUT_STR_ARG(rules->scopes[i]))
                    .data);
        }
    }
    return true;
}


static bool
read_names(lookout_arena_t *arena, const cJSON *payload, lookout_jwt_claims_t *claims,
           lookout_jwt_refusal_t *refusal)
{
    if (!read_string(arena, payload, "sub", &claims->subject, refusal)
        || !read_string(arena, payload, "jti", &claims->token_id, refusal)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(client_names) / sizeof(client_names[0]); i++) {
        if (claims->client_id.data == NULL
            && !read_string(arena, payload, client_names[i], &claims->client_id, refusal)) {
            return false;
        }
    }
    return true;
}


bool
lookout_jwt_claims_check(lookout_arena_t *arena, const cJSON *payload,
                         const lookout_jwt_rules_t *rules, lookout_jwt_claims_t *claims,
                         lookout_jwt_refusal_t *refusal)
{
    return check_issuer(arena, payload, rules, refusal)
           && check_audience(payload, rules, refusal)
           && check_times(arena, payload, rules, claims, refusal)
           && read_names(arena, payload, claims, refusal)
           && read_scopes(arena, payload, claims, refusal)
           && check_scopes(arena, rules, claims, refusal);
}
