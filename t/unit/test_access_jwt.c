/*
 * Unit tests of access tokens that an issuer signed: their form and their signature, and what
 * an attacker makes of both.
 */

#include "jwt_fixture.h"

#include <openssl/pem.h>

#include "../../ngx_lookout_module/base/digest.h"


static lookout_jwt_reason_e
header_says(const char *header)
{
    return signed_by(ec, header, LOOKOUT_STR(PAYLOAD));
}


static void
test_good(void **state)
{
    (void) state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            signed_by(i == 0 ? rsa : ec, i == 0 ? RS256 : ES256, LOOKOUT_STR(PAYLOAD)),
            LOOKOUT_JWT_GOOD);
        assert_string_equal(refusal.message, "");
        assert_text(claims.subject, "ann");
        assert_text(claims.client_id, "agent");
        assert_text(claims.token_id, "t1");
        assert_int_equal(claims.expires_at, 1780000300);
        assert_int_equal(claims.n_scopes, 2);
        assert_text(claims.scopes[0], "read");
        assert_text(claims.scopes[1], "lookout:write");
        assert_true(lookout_jwt_has_scope(&claims, LOOKOUT_STR("read")));
        assert_false(lookout_jwt_has_scope(&claims, LOOKOUT_STR("rea")));
        assert_false(lookout_jwt_has_scope(&claims, LOOKOUT_STR("write")));
        assert_false(lookout_jwt_has_scope(&claims, LOOKOUT_STR("")));
    }

    /* The least that a token may say. */
    assert_int_equal(says("{\"iss\":\"" ISSUER "\",\"aud\":\"lookout\",\"exp\":1780000001}"),
                     LOOKOUT_JWT_GOOD);
    assert_null(claims.subject.data);
    assert_null(claims.client_id.data);
    assert_null(claims.token_id.data);
    assert_int_equal(claims.n_scopes, 0);
}


/* An example of RFC 7515 (appendix A.3): a signature that was not made here. Its claims are
 * those of no access token, so the refusal for them says that the signature was good. */
static void
test_rfc_example(void **state)
{
    static const char set[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
                              "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                              "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
    static const char token[] =
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
        "pmWQxfKTUJqPP3-Kg6NU1Q";
    char why[256];
    lookout_jwks_t *keys = lookout_jwks_parse(LOOKOUT_STR(set), why, sizeof(why));

    (void) state;
    assert_non_null(keys);
    assert_int_equal(verify_with(keys, LOOKOUT_STR(token)), LOOKOUT_JWT_ISSUER);
    assert_int_equal(verify_with(jwks, LOOKOUT_STR(token)), LOOKOUT_JWT_FORGED);
    lookout_jwks_destroy(keys);
}


static void
test_header(void **state)
{
    static const struct {
        const char *header;
        lookout_jwt_reason_e reason;
    } cases[] = {
        { "{\"alg\":\"ES256\"}", LOOKOUT_JWT_GOOD },
        { "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", LOOKOUT_JWT_GOOD },
        { "{\"alg\":\"ES256\",\"typ\":\"jwt\"}", LOOKOUT_JWT_GOOD },
        { "{\"alg\":\"ES256\",\"typ\":\"application/at+JWT\"}", LOOKOUT_JWT_GOOD },
        { "{\"alg\":\"ES256\",\"typ\":\"id+jwt\"}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"ES256\",\"typ\":\"dpop+jwt\"}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"ES256\",\"typ\":\"JWT \"}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"ES256\",\"typ\":\"\"}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"ES256\",\"typ\":null}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"ES256\",\"crit\":[\"exp\"],\"exp\":1}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"ES256\",\"crit\":[]}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"ES256\",\"crit\":null}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"es256\"}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"ES256 \"}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"ES384\"}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":[\"ES256\"]}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":null}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"ALG\":\"ES256\"}", LOOKOUT_JWT_UNSUPPORTED },
        { "{}", LOOKOUT_JWT_UNSUPPORTED },
        { "{\"alg\":\"none\",\"alg\":\"ES256\"}", LOOKOUT_JWT_MALFORMED },
        { "{\"alg\":\"ES256\",\"\\u0061lg\":\"ES256\"}", LOOKOUT_JWT_MALFORMED },
        { "{\"alg\":\"ES256\\u0000\"}", LOOKOUT_JWT_MALFORMED },
        { "{\"alg\":\"ES256\"} x", LOOKOUT_JWT_MALFORMED },
        { "[\"ES256\"]", LOOKOUT_JWT_MALFORMED },
        { "\"ES256\"", LOOKOUT_JWT_MALFORMED },
        { "", LOOKOUT_JWT_MALFORMED },
        { "{\"alg\":\"ES256\",\"kid\":7}", LOOKOUT_JWT_MALFORMED },
        { "{\"alg\":\"ES256\",\"kid\":null}", LOOKOUT_JWT_MALFORMED },
        { "{\"alg\":\"ES256\",\"kid\":\"\"}", LOOKOUT_JWT_UNKNOWN_KEY },
        { "{\"alg\":\"ES256\",\"kid\":\"E\"}", LOOKOUT_JWT_UNKNOWN_KEY },
        { "{\"alg\":\"ES256\",\"kid\":\"../../etc/passwd\"}", LOOKOUT_JWT_UNKNOWN_KEY },
        { "{\"alg\":\"ES256\",\"kid\":\"r\"}", LOOKOUT_JWT_UNKNOWN_KEY },
        { "{\"alg\":\"RS256\",\"kid\":\"e\"}", LOOKOUT_JWT_UNKNOWN_KEY },
        { "{\"alg\":\"RS256\",\"kid\":\"r\"}", LOOKOUT_JWT_FORGED },
        { "{\"alg\":\"RS256\"}", LOOKOUT_JWT_FORGED },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (header_says(cases[i].header) != cases[i].reason) {
            fail_msg("%s: %d", cases[i].header, refusal.reason);
        }
    }
}


/* No signature, under every spelling of "none". */
static void
test_none(void **state)
{
    static const char *const names[] = { "none", "None", "NONE", "nOnE", "" };

    (void) state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        lookout_buf_t token = LOOKOUT_BUF_INIT, header = LOOKOUT_BUF_INIT;

        lookout_buf_printf(&header, "{\"alg\":\"%s\",\"kid\":\"e\"}", names[i]);
        lookout_buf_putc(&header, '\0');
        jwt_maker_token(&token, ec, header.data, LOOKOUT_STR(PAYLOAD));
        assert_int_equal(verify(lookout_buf_text(&token)), LOOKOUT_JWT_UNSUPPORTED);
        while (token.data[token.len - 1] != '.') {
            lookout_buf_cut(&token, token.len - 1);
        }
        assert_int_equal(verify(lookout_buf_text(&token)), LOOKOUT_JWT_UNSUPPORTED);
        lookout_buf_cut(&token, token.len - 1);
        assert_int_equal(verify(lookout_buf_text(&token)), LOOKOUT_JWT_MALFORMED);
        lookout_buf_free(&token);
        lookout_buf_free(&header);
    }
}


/* The public key as the secret of an HMAC, in each form that somebody may have it in. */
static void
test_hmac_with_public_key(void **state)
{
    static const char *const headers[] = { "{\"alg\":\"HS256\",\"kid\":\"r\"}", RS256 };
    lookout_buf_t token = LOOKOUT_BUF_INIT, secrets[3] = { LOOKOUT_BUF_INIT };
    BIO *pem = BIO_new(BIO_s_mem());
    unsigned char *der = NULL, n[512];
    char *text;
    int len = i2d_PUBKEY(rsa, &der);
    long pem_len;

    (void) state;
    assert_true(len > 0);
    lookout_buf_add(&secrets[0], (const char *) der, (size_t) len);
    OPENSSL_free(der);
    assert_int_equal(PEM_write_bio_PUBKEY(pem, rsa), 1);
    pem_len = BIO_get_mem_data(pem, &text);
    lookout_buf_add(&secrets[1], text, (size_t) pem_len);
    BIO_free(pem);
    lookout_buf_add(&secrets[2], (const char *) n, jwt_maker_number(rsa, "n", n, sizeof(n)));

    for (size_t i = 0; i < 6; i++) {
        lookout_buf_reset(&token);
        jwt_maker_hmac_token(&token, lookout_buf_text(&secrets[i / 2]), headers[i % 2],
                             PAYLOAD);
        assert_int_equal(verify(lookout_buf_text(&token)),
                         i % 2 == 0 ? LOOKOUT_JWT_UNSUPPORTED : LOOKOUT_JWT_FORGED);
    }
    for (size_t i = 0; i < 3; i++) {
        lookout_buf_free(&secrets[i]);
    }
    lookout_buf_free(&token);
}


/* A key of the attacker's: in our name, without a name, and brought along in the header. */
static void
test_foreign_key(void **state)
{
    EVP_PKEY *other_ec = jwt_maker_ec("P-256"), *other_rsa = jwt_maker_rsa(2048);
    lookout_buf_t header = LOOKOUT_BUF_INIT;

    (void) state;
    assert_int_equal(signed_by(other_ec, ES256, LOOKOUT_STR(PAYLOAD)), LOOKOUT_JWT_FORGED);
    assert_int_equal(signed_by(other_rsa, RS256, LOOKOUT_STR(PAYLOAD)), LOOKOUT_JWT_FORGED);
    assert_int_equal(signed_by(other_ec, "{\"alg\":\"ES256\"}", LOOKOUT_STR(PAYLOAD)),
                     LOOKOUT_JWT_FORGED);
    assert_message("signature of the access token is wrong");

    lookout_buf_puts(&header, "{\"alg\":\"ES256\",\"jku\":\"https://evil.example/\",\"jwk\":");
    jwt_maker_jwk(&header, other_ec, "");
    lookout_buf_puts(&header, "}");
    lookout_buf_putc(&header, '\0');
    assert_int_equal(signed_by(other_ec, header.data, LOOKOUT_STR(PAYLOAD)),
                     LOOKOUT_JWT_FORGED);
    assert_int_equal(signed_by(ec, header.data, LOOKOUT_STR(PAYLOAD)), LOOKOUT_JWT_GOOD);
    lookout_buf_free(&header);
    EVP_PKEY_free(other_ec);
    EVP_PKEY_free(other_rsa);
}


/* Header, payload and signature of good tokens, put together anew. */
static void
test_swapped_parts(void **state)
{
    lookout_buf_t made[3] = { LOOKOUT_BUF_INIT }, token = LOOKOUT_BUF_INIT;
    lookout_str_t parts[3][3];
    int good = 0;

    (void) state;
    jwt_maker_token(&made[0], ec, ES256, LOOKOUT_STR(PAYLOAD));
    jwt_maker_token(&made[1], ec, "{\"alg\":\"ES256\"}",
                    LOOKOUT_STR("{" CLAIMS ",\"exp\":1790000000}"));
    jwt_maker_token(&made[2], rsa, RS256, LOOKOUT_STR("{" CLAIMS ",\"exp\":1780000099}"));
    for (int i = 0; i < 3; i++) {
        const char *p = made[i].data, *end = p + made[i].len;

        for (int k = 0; k < 3; k++) {
            const char *dot = memchr(p, '.', (size_t) (end - p));

            dot = dot == NULL ? end : dot;
            parts[i][k] = (lookout_str_t){ p, (size_t) (dot - p) };
            p = dot + 1;
        }
    }
    for (int i = 0; i < 27; i++) {
        lookout_buf_reset(&token);
        lookout_buf_str(&token, parts[i / 9][0]);
        lookout_buf_putc(&token, '.');
        lookout_buf_str(&token, parts[i / 3 % 3][1]);
        lookout_buf_putc(&token, '.');
        lookout_buf_str(&token, parts[i % 3][2]);
        if (verify(lookout_buf_text(&token)) == LOOKOUT_JWT_GOOD) {
            assert_true(i == 0 || i == 13 || i == 26);
            good++;
        } else {
            assert_int_equal(refusal.reason, LOOKOUT_JWT_FORGED);
        }
    }
    assert_int_equal(good, 3);
    for (int i = 0; i < 3; i++) {
        lookout_buf_free(&made[i]);
    }
    lookout_buf_free(&token);
}


/* Each bit of each byte turned over, and each length that is too short. */
static void
test_every_bit(void **state)
{
    (void) state;
    for (int k = 0; k < 2; k++) {
        lookout_buf_t token = LOOKOUT_BUF_INIT;

        jwt_maker_token(&token, k == 0 ? rsa : ec, k == 0 ? RS256 : ES256,
                        LOOKOUT_STR(PAYLOAD));
        for (size_t i = 0; i < token.len * 8; i++) {
            token.data[i / 8] = (char) (token.data[i / 8] ^ 1 << i % 8);
            if (verify(lookout_buf_text(&token)) == LOOKOUT_JWT_GOOD) {
                fail_msg("good with bit %zu of byte %zu turned over", i % 8, i / 8);
            }
            token.data[i / 8] = (char) (token.data[i / 8] ^ 1 << i % 8);
        }
        for (size_t len = 0; len < token.len; len++) {
            if (verify((lookout_str_t){ token.data, len }) == LOOKOUT_JWT_GOOD) {
                fail_msg("good when cut to %zu of %zu bytes", len, token.len);
            }
        }
        assert_int_equal(verify(lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
        lookout_buf_free(&token);
    }
}


/* Padding, white space and further parts at each place of a token. */
static void
test_inserted(void **state)
{
    static const lookout_str_t extras[] = { { "=", 1 },  { "==", 2 }, { " ", 1 },
                                            { "\n", 1 }, { "\0", 1 }, { ".", 1 },
                                            { "A", 1 },  { ".A", 2 }, { "+", 1 } };
    lookout_buf_t token = LOOKOUT_BUF_INIT, longer = LOOKOUT_BUF_INIT;

    (void) state;
    jwt_maker_token(&token, ec, ES256, LOOKOUT_STR(PAYLOAD));
    for (size_t i = 0; i <= token.len; i++) {
        for (size_t k = 0; k < sizeof(extras) / sizeof(extras[0]); k++) {
            lookout_buf_reset(&longer);
            lookout_buf_add(&longer, token.data, i);
            lookout_buf_str(&longer, extras[k]);
            lookout_buf_add(&longer, token.data + i, token.len - i);
            if (verify(lookout_buf_text(&longer)) == LOOKOUT_JWT_GOOD) {
                fail_msg("good with \"%.*s\" at byte %zu", LOOKOUT_STR_ARG(extras[k]), i);
            }
        }
    }
    lookout_buf_free(&token);
    lookout_buf_free(&longer);
}


static void
test_no_token(void **state)
{
    static const char *const texts[] = {
        "", ".", "..", "...", "a.b", "a.b.c", "{}.x.", "lk_1.a", "e30.e30.", "e30.e30.e30"
    };

    (void) state;
    assert_int_equal(verify(LOOKOUT_STR_NONE), LOOKOUT_JWT_MALFORMED);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        lookout_jwt_reason_e reason = verify(lookout_str(texts[i]));

        assert_int_equal(reason, strncmp(texts[i], "e30", 3) == 0 ? LOOKOUT_JWT_UNSUPPORTED
                                                                  : LOOKOUT_JWT_MALFORMED);
    }
}


/* A signature of ES256 in DER, too short, too long, and of zeros, for which a careless check
 * finds any text signed. */
static void
test_es256_signatures(void **state)
{
    static const size_t sizes[] = { 0, 1, 63, 64, 65, 70, 71, 72, 96, 128 };
    lookout_buf_t token = LOOKOUT_BUF_INIT;
    unsigned char der[80], zeros[128] = { 0 };
    size_t dot, len = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    (void) state;
    jwt_maker_token(&token, ec, ES256, LOOKOUT_STR(PAYLOAD));
    for (dot = token.len - 1; token.data[dot] != '.'; dot--) {
    }
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, ec), 1);
    assert_int_equal(EVP_DigestSign(ctx, der, &len, (unsigned char *) token.data, dot), 1);
    EVP_MD_CTX_free(ctx);
    lookout_buf_cut(&token, dot + 1);
    lookout_base64url(&token, der, len);
    assert_int_equal(verify(lookout_buf_text(&token)), LOOKOUT_JWT_FORGED);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        lookout_buf_cut(&token, dot + 1);
        lookout_base64url(&token, zeros, sizes[i]);
        assert_int_equal(verify(lookout_buf_text(&token)), LOOKOUT_JWT_FORGED);
    }
    lookout_buf_free(&token);
}


static void
test_size(void **state)
{
    lookout_buf_t payload = LOOKOUT_BUF_INIT, token = LOOKOUT_BUF_INIT;
    lookout_jwt_reason_e reason;

    (void) state;
    for (size_t pad = 5500; pad < 6500; pad++) { /* a claim that makes it longer and longer */
        lookout_buf_reset(&payload);
        lookout_buf_reset(&token);
        lookout_buf_printf(&payload, "{" CLAIMS ",\"exp\":1780000300,\"pad\":\"%*s\"}",
                           (int) pad, "");
        jwt_maker_token(&token, ec, ES256, lookout_buf_text(&payload));
        reason = verify(lookout_buf_text(&token));
        assert_int_equal(reason, token.len <= 8192 ? LOOKOUT_JWT_GOOD : LOOKOUT_JWT_MALFORMED);
        if (token.len > 8192) {
            break;
        }
        assert_true(pad < 6499);
    }
    assert_true(token.len <= 8194); /* no size was left out */
    lookout_buf_free(&payload);
    lookout_buf_free(&token);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_rfc_example),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_hmac_with_public_key),
        cmocka_unit_test(test_foreign_key),
        cmocka_unit_test(test_swapped_parts),
        cmocka_unit_test(test_every_bit),
        cmocka_unit_test(test_inserted),
        cmocka_unit_test(test_no_token),
        cmocka_unit_test(test_es256_signatures),
        cmocka_unit_test(test_size),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
