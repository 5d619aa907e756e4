/*
 * Unit tests of JWK Sets: what is taken in, what is passed over and why. Whether a key was
 * read right is seen by what it makes of a signature.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openssl/err.h>

#include "jwt_maker.h"
#include "../../ngx_lookout_module/access/jwks.h"
#include "../../ngx_lookout_module/base/digest.h"

#define RS256_HEADER "{\"alg\":\"RS256\"}"
#define ES256_HEADER "{\"alg\":\"ES256\"}"

static EVP_PKEY *rsa, *ec;
static char why[512];


/* The set of a text, which has to be a good one. */
static lookout_jwks_t *
parse(lookout_buf_t *text)
{
    lookout_jwks_t *jwks = lookout_jwks_parse(lookout_buf_text(text), why, sizeof(why));

    lookout_buf_free(text);
    if (jwks == NULL) {
        fail_msg("refused: %s", why);
    }
    return jwks;
}


/* A text that is refused, with a reason that holds `expected`. */
static void
assert_refused(const char *text, const char *expected)
{
    assert_null(lookout_jwks_parse(lookout_str(text), why, sizeof(why)));
    if (strstr(why, expected) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", why, expected);
    }
}


/* A set with this key alone is refused. */
static void
assert_key_refused(const EVP_PKEY *key, const char *more, const char *expected)
{
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    jwt_maker_set(&text, key, more);
    lookout_buf_putc(&text, '\0');
    assert_refused(text.data, expected);
    lookout_buf_free(&text);
}


/* What the set says of a token's signature. */
static lookout_jwks_verdict_e
check_token(const lookout_jwks_t *jwks, lookout_jwt_alg_e alg, const char *kid,
            lookout_str_t token)
{
    uint8_t signature[2048];
    size_t dot = token.len;
    int n;

    while (token.data[--dot] != '.') {
    }
    n = lookout_base64url_decode((lookout_str_t){ token.data + dot + 1, token.len - dot - 1 },
                                 signature, sizeof(signature));
    assert_true(n > 0);
    return lookout_jwks_check(jwks, alg, lookout_str(kid), (lookout_str_t){ token.data, dot },
                              (lookout_str_t){ (const char *) signature, (size_t) n });
}


/* What the set says of a text that `key` signs. */
static lookout_jwks_verdict_e
check(const lookout_jwks_t *jwks, EVP_PKEY *key, const char *kid)
{
    bool is_rsa = EVP_PKEY_is_a(key, "RSA");
    lookout_buf_t token = LOOKOUT_BUF_INIT;
    lookout_jwks_verdict_e verdict;

    jwt_maker_token(&token, key, is_rsa ? RS256_HEADER : ES256_HEADER, LOOKOUT_STR("{}"));
    verdict = check_token(jwks, is_rsa ? LOOKOUT_JWT_RS256 : LOOKOUT_JWT_ES256, kid,
                          lookout_buf_text(&token));
    lookout_buf_free(&token);
    return verdict;
}


static void
test_two_keys(void **state)
{
    lookout_jwks_t *jwks;
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    (void) state;
    lookout_buf_puts(&text, "{\"keys\":[");
    jwt_maker_jwk(&text, rsa, ",\"kid\":\"r\",\"alg\":\"RS256\",\"use\":\"sig\",\"d\":\"AQ\"");
    lookout_buf_putc(&text, ',');
    jwt_maker_jwk(&text, ec, ",\"kid\":\"e\",\"key_ops\":[\"sign\",\"verify\"],\"x5c\":[7]");
    lookout_buf_puts(&text, "],\"more\":null}");
    lookout_sha256(lookout_buf_text(&text), digest);
    jwks = parse(&text);

    assert_string_equal(why, "");
    assert_int_equal(lookout_jwks_count(jwks), 2);
    assert_memory_equal(lookout_jwks_digest(jwks), digest, sizeof(digest));
    assert_int_equal(check(jwks, rsa, "r"), LOOKOUT_JWKS_GOOD);
    assert_int_equal(check(jwks, ec, "e"), LOOKOUT_JWKS_GOOD);
    assert_int_equal(check(jwks, rsa, NULL), LOOKOUT_JWKS_GOOD);
    assert_int_equal(check(jwks, ec, NULL), LOOKOUT_JWKS_GOOD);
    assert_int_equal(check(jwks, rsa, "e"), LOOKOUT_JWKS_NO_KEY);
    assert_int_equal(check(jwks, ec, "r"), LOOKOUT_JWKS_NO_KEY);
    assert_int_equal(check(jwks, rsa, "R"), LOOKOUT_JWKS_NO_KEY);
    assert_int_equal(check(jwks, rsa, ""), LOOKOUT_JWKS_NO_KEY);
    lookout_jwks_destroy(jwks);
}


/* Leading zeros of n change nothing, and neither does an exponent of 3. */
static void
test_odd_numbers(void **state)
{
    unsigned char n[513] = { 0 };
    size_t len = jwt_maker_number(rsa, "n", n + 1, sizeof(n) - 1);
    lookout_jwks_t *jwks;
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    (void) state;
    lookout_buf_puts(&text, "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"");
    lookout_base64url(&text, n, len + 1);
    lookout_buf_puts(&text, "\"},{\"kty\":\"RSA\",\"e\":\"Aw\",\"n\":\"");
    lookout_base64url(&text, n, len + 1);
    lookout_buf_puts(&text, "\"}]}");
    jwks = parse(&text);
    assert_int_equal(lookout_jwks_count(jwks), 2);
    assert_int_equal(check(jwks, rsa, NULL), LOOKOUT_JWKS_GOOD);
    lookout_jwks_destroy(jwks);
}


/* The largest and the smallest sizes that are taken, and the ones beyond. */
static void
test_rsa_sizes(void **state)
{
    static const struct {
        size_t bytes;
        unsigned char top;
        const char *refused;
    } sizes[] = {
        { 128, 0x80, "the modulus n has 1024 bits; from 2048 to 8192 are accepted" },
        { 256, 0x7f, "the modulus n has 2047 bits" },
        { 256, 0x80, NULL },
        { 1024, 0xff, NULL },
        { 1025, 0x01, "the modulus n has 8193 bits" },
        { 1033, 0x01, "n is not base64url without padding, or longer than 1032 bytes" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char n[1100];
        lookout_buf_t text = LOOKOUT_BUF_INIT;
        lookout_jwks_t *jwks;

        memset(n, 0x5b, sizeof(n));
        n[0] = sizes[i].top;
        lookout_buf_puts(&text, "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"");
        lookout_base64url(&text, n, sizes[i].bytes);
        lookout_buf_puts(&text, "\"}]}");
        lookout_buf_putc(&text, '\0');
        if (sizes[i].refused != NULL) {
            assert_refused(text.data, sizes[i].refused);
        } else {
            jwks = lookout_jwks_parse(lookout_str(text.data), why, sizeof(why));
            assert_non_null(jwks);
            lookout_jwks_destroy(jwks);
        }
        lookout_buf_free(&text);
    }
}


static void
test_real_small_key(void **state)
{
    EVP_PKEY *small = jwt_maker_rsa(1024);

    (void) state;
    assert_key_refused(small, ",\"kid\":\"old\"",
                       "keys[0] (kid old) is passed over: the modulus n has 1024 bits");
    EVP_PKEY_free(small);
}


static void
test_bad_rsa(void **state)
{
    static const struct {
        const char *e; /* as JSON */
        const char *refused;
    } cases[] = {
        { "\"AQ\"", "the exponent e is not an odd number from 3" },    /* 1 */
        { "\"AA\"", "the exponent e is not an odd number from 3" },    /* 0 */
        { "\"BA\"", "the exponent e is not an odd number from 3" },    /* 4 */
        { "\"AQAAAAAAAAAB\"", "the exponent e is not an odd number" }, /* 65 bits */
        { "\"\"", "e is missing or no string" },
        { "65537", "e is missing or no string" },
        { "\"AQAB=\"", "e is not base64url" },
        { "\"AQ+B\"", "e is not base64url" },
        { "\"AQA B\"", "e is not base64url" },
    };
    unsigned char n[512];
    size_t len = jwt_maker_number(rsa, "n", n, sizeof(n));

    (void) state;
    for (size_t i = 0; i <= sizeof(cases) / sizeof(cases[0]); i++) {
        bool even = i == sizeof(cases) / sizeof(cases[0]);
        lookout_buf_t text = LOOKOUT_BUF_INIT;

        n[len - 1] ^= even ? 1 : 0;
        lookout_buf_puts(&text, "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"");
        lookout_base64url(&text, n, len);
        lookout_buf_printf(&text, "\",\"e\":%s}]}", even ? "\"AQAB\"" : cases[i].e);
        lookout_buf_putc(&text, '\0');
        assert_refused(text.data, even ? "the modulus n is even" : cases[i].refused);
        lookout_buf_free(&text);
    }
    assert_refused("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\"}]}",
                   "n is missing or no string");
}


/* A P-256 key from raw coordinates. */
static void
assert_point_refused(const unsigned char *x, size_t x_len, const unsigned char *y, size_t y_len,
                     const char *expected)
{
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    lookout_buf_puts(&text, "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"");
    lookout_base64url(&text, x, x_len);
    lookout_buf_puts(&text, "\",\"y\":\"");
    lookout_base64url(&text, y, y_len);
    lookout_buf_puts(&text, "\"}]}");
    lookout_buf_putc(&text, '\0');
    assert_refused(text.data, expected);
    lookout_buf_free(&text);
}


static void
test_bad_ec(void **state)
{
    unsigned char x[33] = { 0 }, y[33] = { 0 }, zeros[32] = { 0 }, ones[32];
    size_t x_len = jwt_maker_number(ec, "qx", x, 32), y_len = jwt_maker_number(ec, "qy", y, 32);

    (void) state;
    memset(ones, 0xff, sizeof(ones));
    memmove(x + 32 - x_len, x, x_len); /* a shorter number: zeros come first */
    memset(x, 0, 32 - x_len);
    memmove(y + 32 - y_len, y, y_len);
    memset(y, 0, 32 - y_len);

    assert_point_refused(x, 31, y, 32, "x has 31 bytes instead of 32");
    assert_point_refused(x, 32, y, 33, "y is not base64url without padding, or longer");
    assert_point_refused(zeros, 32, zeros, 32, "does not lie on the curve");
    assert_point_refused(ones, 32, ones, 32, "does not lie on the curve");
    for (int bit = 0; bit < 256; bit += 17) {
        y[bit / 8] ^= (unsigned char) (1 << bit % 8);
        assert_point_refused(x, 32, y, 32, "does not lie on the curve P-256");
        y[bit / 8] ^= (unsigned char) (1 << bit % 8);
    }
    assert_refused("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\"}]}",
                   "x has 1 bytes instead of 32");
    assert_refused("{\"keys\":[{\"kty\":\"EC\",\"x\":\"AQ\",\"y\":\"AQ\"}]}",
                   "its curve crv is not P-256");
}


static void
test_other_keys(void **state)
{
    static const struct {
        const char *more;
        const char *refused;
    } cases[] = {
        { ",\"use\":\"enc\"", "its use or key_ops say" },
        { ",\"use\":7", "its use or key_ops say" },
        { ",\"key_ops\":[\"sign\"]", "its use or key_ops say" },
        { ",\"key_ops\":\"verify\"", "its use or key_ops say" },
        { ",\"key_ops\":[]", "its use or key_ops say" },
        { ",\"alg\":\"RS512\"", "its alg is not RS256, the one for RSA keys here" },
        { ",\"alg\":\"PS256\"", "its alg is not RS256" },
        { ",\"alg\":\"HS256\"", "its alg is not RS256" },
        { ",\"alg\":\"ES256\"", "its alg is not RS256" },
        { ",\"alg\":\"none\"", "its alg is not RS256" },
        { ",\"alg\":null", "its alg is not RS256" },
        { ",\"kid\":7", "its kid is no string" },
        { ",\"kid\":\"caf\xc3\xa9\",\"use\":\"enc\"", "keys[0] is passed over" },
        { ",\"kid\":\"0123456789012345678901234567890123456789x\",\"use\":\"enc\"",
          "keys[0] (kid 0123456789012345678901234567890123456789...) is passed over" },
    };
    EVP_PKEY *p384 = jwt_maker_ec("P-384");

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_key_refused(rsa, cases[i].more, cases[i].refused);
    }
    assert_key_refused(ec, ",\"alg\":\"RS256\"", "its alg is not ES256, the one for EC keys");
    assert_key_refused(p384, "", "its curve crv is not P-256");
    EVP_PKEY_free(p384);
    assert_refused("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQAB\"}]}", "neither RSA nor EC");
    assert_refused("{\"keys\":[{\"kty\":\"OKP\"}]}", "neither RSA nor EC");
    assert_refused("{\"keys\":[{\"kty\":\"rsa\"}]}", "neither RSA nor EC");
    assert_refused("{\"keys\":[{}]}", "keys[0] is passed over: its kty is neither");
    assert_refused("{\"keys\":[null]}", "neither RSA nor EC");
}


static void
test_bad_sets(void **state)
{
    (void) state;
    assert_refused("", "it is not JSON: at byte 0");
    assert_refused("{\"keys\":[}", "it is not JSON: at byte 9");
    assert_refused("{\"keys\":[],\"keys\":[]}", "it is not JSON");
    assert_refused("[]", "it is no JWK Set");
    assert_refused("{}", "it is no JWK Set");
    assert_refused("{\"Keys\":[]}", "it is no JWK Set");
    assert_refused("{\"keys\":{}}", "it is no JWK Set");
    assert_refused("{\"keys\":[]}", "its array \"keys\" is empty");
    assert_null(lookout_jwks_parse(LOOKOUT_STR_NONE, why, 1));
    assert_string_equal(why, "");
}


/* One good key is enough; the first of the others is named. */
static void
test_passed_over(void **state)
{
    lookout_jwks_t *jwks;
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    (void) state;
    lookout_buf_puts(&text, "{\"keys\":[{\"kty\":\"OKP\",\"kid\":\"ed\"},7,");
    jwt_maker_jwk(&text, ec, "");
    lookout_buf_puts(&text, "]}");
    jwks = parse(&text);
    assert_int_equal(lookout_jwks_count(jwks), 1);
    assert_string_equal(why, "keys[0] (kid ed) is passed over: its kty is neither RSA nor EC");
    assert_int_equal(check(jwks, ec, NULL), LOOKOUT_JWKS_GOOD);
    assert_int_equal(check(jwks, ec, "ed"), LOOKOUT_JWKS_NO_KEY);
    assert_int_equal(check(jwks, ec, ""), LOOKOUT_JWKS_NO_KEY); /* empty is not absent */
    lookout_jwks_destroy(jwks);
}


/* A set of `before` keys of another issuer, then ours. */
static lookout_jwks_t *
crowd(const EVP_PKEY *other, unsigned before, const char *more)
{
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    lookout_buf_puts(&text, "{\"keys\":[");
    for (unsigned i = 0; i < before; i++) {
        jwt_maker_jwk(&text, other, more);
        lookout_buf_putc(&text, ',');
    }
    jwt_maker_jwk(&text, ec, more);
    lookout_buf_puts(&text, "]}");
    return parse(&text);
}


static void
test_many_keys(void **state)
{
    EVP_PKEY *other = jwt_maker_ec("P-256");
    lookout_jwks_t *jwks;
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    (void) state;
    jwks = crowd(other, LOOKOUT_JWKS_TRIES - 1, "");
    assert_int_equal(check(jwks, ec, NULL), LOOKOUT_JWKS_GOOD);
    lookout_jwks_destroy(jwks);
    jwks = crowd(other, LOOKOUT_JWKS_TRIES, "");
    assert_int_equal(check(jwks, ec, NULL), LOOKOUT_JWKS_BAD); /* the ninth is not tried */
    lookout_jwks_destroy(jwks);

    /* Keys that share a kid are tried in turn. */
    jwks = crowd(other, 2, ",\"kid\":\"same\"");
    assert_int_equal(check(jwks, ec, "same"), LOOKOUT_JWKS_GOOD);
    assert_int_equal(check(jwks, other, "same"), LOOKOUT_JWKS_GOOD);
    assert_int_equal(check(jwks, rsa, "same"), LOOKOUT_JWKS_NO_KEY);
    lookout_jwks_destroy(jwks);

    jwks = crowd(other, LOOKOUT_JWKS_KEYS - 1, "");
    assert_int_equal(lookout_jwks_count(jwks), LOOKOUT_JWKS_KEYS);
    lookout_jwks_destroy(jwks);

    lookout_buf_puts(&text, "{\"keys\":[");
    for (unsigned i = 0; i <= LOOKOUT_JWKS_KEYS; i++) {
        lookout_buf_puts(&text, i == 0 ? "7" : ",7");
    }
    lookout_buf_puts(&text, "]}");
    lookout_buf_putc(&text, '\0');
    assert_refused(text.data, "it holds 65 keys; 64 is the most that is read");
    lookout_buf_free(&text);
    EVP_PKEY_free(other);
}


/* Failures leave nothing in OpenSSL's queue, where nginx would find it and log it; and what was
 * there before stays. */
static void
test_error_queue(void **state)
{
    lookout_jwks_t *jwks;
    lookout_buf_t text = LOOKOUT_BUF_INIT, token = LOOKOUT_BUF_INIT;
    EVP_PKEY *other = jwt_maker_rsa(2048);
    unsigned char zeros[32] = { 0 };

    (void) state;
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 7);
    assert_point_refused(zeros, 32, zeros, 32, "does not lie on the curve");
    jwt_maker_set(&text, rsa, "");
    jwks = parse(&text);
    jwt_maker_token(&token, other, RS256_HEADER, LOOKOUT_STR("{}"));
    assert_int_equal(check_token(jwks, LOOKOUT_JWT_RS256, NULL, lookout_buf_text(&token)),
                     LOOKOUT_JWKS_BAD);
    assert_int_equal(ERR_GET_REASON(ERR_get_error()), 7);
    assert_int_equal(ERR_get_error(), 0);
    lookout_buf_free(&token);
    lookout_jwks_destroy(jwks);
    EVP_PKEY_free(other);
}


static void
test_nothing(void **state)
{
    (void) state;
    lookout_jwks_destroy(NULL);
}


static int
set_up(void **state)
{
    (void) state;
    rsa = jwt_maker_rsa(2048);
    ec = jwt_maker_ec("P-256");
    return 0;
}


static int
tear_down(void **state)
{
    (void) state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    return 0;
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_keys),    cmocka_unit_test(test_odd_numbers),
        cmocka_unit_test(test_rsa_sizes),   cmocka_unit_test(test_real_small_key),
        cmocka_unit_test(test_bad_rsa),     cmocka_unit_test(test_bad_ec),
        cmocka_unit_test(test_other_keys),  cmocka_unit_test(test_bad_sets),
        cmocka_unit_test(test_passed_over), cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_error_queue), cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
