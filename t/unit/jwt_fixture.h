/*
 * For the unit tests of access tokens: an issuer with a key of each kind, a server that trusts
 * it, and what that server makes of a token. A test program includes it once.
 */

#ifndef JWT_FIXTURE_H
#define JWT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "jwt_maker.h"
#include "../../ngx_lookout_module/access/jwt.h"

#define UNUSED __attribute__((unused))
#define NOW 1780000000
#define LEEWAY 60
#define ISSUER "https://issuer.example/"
#define CLAIMS                                                                                 \
    "\"iss\":\"https://issuer.example/\",\"aud\":\"https://bi.example/mcp\",\"sub\":\"ann\","  \
    "\"client_id\":\"agent\",\"jti\":\"t1\",\"iat\":1779999900"
#define PAYLOAD "{" CLAIMS ",\"exp\":1780000300,\"scope\":\"read lookout:write\"}"
#define RS256 "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"r\"}"
#define ES256 "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"e\"}"

static EVP_PKEY *rsa, *ec;
static lookout_jwks_t *jwks; /* rsa as "r", ec as "e" */
static const lookout_str_t audiences[] = { { "https://bi.example/mcp", 22 }, { "lookout", 7 } };
static lookout_jwt_rules_t rules;
static lookout_arena_t *arena;
static lookout_jwt_claims_t claims;
static lookout_jwt_refusal_t refusal;


/* Is the message fit for a quoted string of a header, and for a reader? */
static void
assert_message_fit(void)
{
    assert_true(strlen(refusal.message) > 10);
    for (const char *p = refusal.message; *p != '\0'; p++) {
        assert_true(*p >= ' ' && *p <= '~' && *p != '"' && *p != '\\');
    }
}


static lookout_jwt_reason_e
verify_with(const lookout_jwks_t *keys, lookout_str_t token)
{
    lookout_arena_destroy(arena); /* of the call before */
    arena = lookout_arena_create();
    assert_non_null(arena);
    if (lookout_jwt_verify(arena, keys, NULL, token, &rules, &claims, &refusal)) {
        assert_int_equal(refusal.reason, LOOKOUT_JWT_GOOD);
    } else {
        assert_int_not_equal(refusal.reason, LOOKOUT_JWT_GOOD);
        assert_true(claims.expires_at == 0 || refusal.reason == LOOKOUT_JWT_SCOPE);
        assert_message_fit();
    }
    return refusal.reason;
}


static UNUSED lookout_jwt_reason_e
verify(lookout_str_t token)
{
    return verify_with(jwks, token);
}


/* Signs and verifies. */
static UNUSED lookout_jwt_reason_e
signed_by(EVP_PKEY *key, const char *header, lookout_str_t payload)
{
    lookout_buf_t token = LOOKOUT_BUF_INIT;
    lookout_jwt_reason_e reason;

    jwt_maker_token(&token, key, header, payload);
    reason = verify(lookout_buf_text(&token));
    lookout_buf_free(&token); /* the claims must not depend on it */
    return reason;
}


/* A well-signed token with this payload. */
static UNUSED lookout_jwt_reason_e
says(const char *payload)
{
    return signed_by(ec, ES256, lookout_str(payload));
}


static UNUSED void
assert_message(const char *expected)
{
    if (strstr(refusal.message, expected) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", refusal.message, expected);
    }
}


static UNUSED void
assert_text(lookout_str_t s, const char *expected)
{
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.data, expected, s.len);
}


static UNUSED int
fixture_setup(void **state)
{
    char why[256];
    lookout_buf_t set = LOOKOUT_BUF_INIT;

    (void) state;
    rsa = jwt_maker_rsa(2048);
    ec = jwt_maker_ec("P-256");
    lookout_buf_puts(&set, "{\"keys\":[");
    jwt_maker_jwk(&set, rsa, ",\"kid\":\"r\"");
    lookout_buf_putc(&set, ',');
    jwt_maker_jwk(&set, ec, ",\"kid\":\"e\"");
    lookout_buf_puts(&set, "]}");
    jwks = lookout_jwks_parse(lookout_buf_text(&set), why, sizeof(why));
    lookout_buf_free(&set);
    rules = (lookout_jwt_rules_t){
        .issuer = LOOKOUT_STR(ISSUER),
        .audiences = audiences,
        .n_audiences = 2,
        .now = NOW,
        .leeway = LEEWAY,
    };
    return jwks == NULL;
}


static UNUSED int
fixture_teardown(void **state)
{
    (void) state;
    lookout_arena_destroy(arena);
    lookout_jwks_destroy(jwks);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    return 0;
}

#endif
