/*
 * The issuer of tests: OpenSSL does the work.
 */

#include "jwt_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/digest.h"

#define COORDINATE 32


EVP_PKEY *
jwt_maker_rsa(unsigned bits)
{
    EVP_PKEY *key = EVP_RSA_gen(bits);

    assert_non_null(key);
    return key;
}


EVP_PKEY *
jwt_maker_ec(const char *curve)
{
    EVP_PKEY *key = EVP_EC_gen(curve);

    assert_non_null(key);
    return key;
}


size_t
jwt_maker_number(const EVP_PKEY *key, const char *name, unsigned char *out, size_t cap)
{
    BIGNUM *n = NULL;
    int len;

    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &n), 1);
    assert_true((size_t) BN_num_bytes(n) <= cap);
    len = BN_bn2bin(n, out);
    BN_free(n);
    return (size_t) len;
}


/* Appends "name":"base64url of the number, of at least `width` bytes". */
static void
add_number(lookout_buf_t *b, const EVP_PKEY *key, const char *name, const char *param,
           size_t width)
{
    unsigned char bytes[2048], padded[2048] = { 0 };
    size_t n = jwt_maker_number(key, param, bytes, sizeof(bytes));
    size_t zeros = n < width ? width - n : 0;

    memcpy(padded + zeros, bytes, n);
    lookout_buf_printf(b, ",\"%s\":\"", name);
    lookout_base64url(b, padded, zeros + n);
    lookout_buf_puts(b, "\"");
}


void
jwt_maker_jwk(lookout_buf_t *b, const EVP_PKEY *key, const char *more)
{
    if (EVP_PKEY_is_a(key, "RSA")) {
        lookout_buf_puts(b, "{\"kty\":\"RSA\"");
        add_number(b, key, "n", OSSL_PKEY_PARAM_RSA_N, 0);
        add_number(b, key, "e", OSSL_PKEY_PARAM_RSA_E, 0);
    } else {
        size_t width = ((size_t) EVP_PKEY_get_bits(key) + 7) / 8;

        lookout_buf_printf(b, "{\"kty\":\"EC\",\"crv\":\"P-%d\"", EVP_PKEY_get_bits(key));
        add_number(b, key, "x", OSSL_PKEY_PARAM_EC_PUB_X, width);
        add_number(b, key, "y", OSSL_PKEY_PARAM_EC_PUB_Y, width);
    }
    lookout_buf_puts(b, more);
    lookout_buf_putc(b, '}');
    assert_false(b->failed);
}


void
jwt_maker_set(lookout_buf_t *b, const EVP_PKEY *key, const char *more)
{
    lookout_buf_puts(b, "{\"keys\":[");
    jwt_maker_jwk(b, key, more);
    lookout_buf_puts(b, "]}");
}


/* Appends the two parts that are signed, with their dot. Returns where they begin. */
static size_t
add_parts(lookout_buf_t *b, const char *header, lookout_str_t payload)
{
    size_t start = b->len;

    lookout_base64url(b, header, strlen(header));
    lookout_buf_putc(b, '.');
    lookout_base64url(b, payload.data, payload.len);
    assert_false(b->failed);
    return start;
}


/* Turns a signature of ECDSA in DER into r and s, one after the other. */
static size_t
raw_signature(unsigned char *signature, size_t len)
{
    const unsigned char *p = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &p, (long) len);

    assert_non_null(pair);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, COORDINATE), COORDINATE);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + COORDINATE, COORDINATE),
                     COORDINATE);
    ECDSA_SIG_free(pair);
    return 2 * COORDINATE;
}


void
jwt_maker_token(lookout_buf_t *b, EVP_PKEY *key, const char *header, lookout_str_t payload)
{
    unsigned char signature[2048];
    size_t start = add_parts(b, header, payload), len = sizeof(signature);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    assert_non_null(ctx);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &len,
                                    (const unsigned char *) b->data + start, b->len - start),
                     1);
    EVP_MD_CTX_free(ctx);
    if (EVP_PKEY_is_a(key, "EC")) {
        len = raw_signature(signature, len);
    }
    lookout_buf_putc(b, '.');
    lookout_base64url(b, signature, len);
    assert_false(b->failed);
}


void
jwt_maker_hmac_token(lookout_buf_t *b, lookout_str_t secret, const char *header,
                     const char *payload)
{
    unsigned char mac[LOOKOUT_DIGEST_SIZE];
    size_t start = add_parts(b, header, lookout_str(payload));

    assert_non_null(HMAC(EVP_sha256(), secret.data, (int) secret.len,
                         (const unsigned char *) b->data + start, b->len - start, mac, NULL));
    lookout_buf_putc(b, '.');
    lookout_base64url(b, mac, sizeof(mac));
    assert_false(b->failed);
}
