/*
 * The numbers of a key are base64url; OpenSSL makes an EVP_PKEY of them. It checks that a point
 * lies on its curve; that the numbers of an RSA key are no trap (a short modulus, an exponent
 * of 1, for which anybody can sign) is checked here.
 *
 * OpenSSL notes each failure in a queue of the thread, and nginx reports what it finds there
 * when it next speaks TLS. So each function that may fail takes its own notes off again.
 */

#include "jwks_key.h"

#include <stdarg.h>
#include <stdio.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "../base/digest.h"

#define COORDINATE 32              /* bytes of x, y, r and s on P-256 */
#define POINT (1 + 2 * COORDINATE) /* 04, x, y */
#define SIGNATURE_DER_MAX 72       /* of r and s */
#define NUMBER_MAX_BYTES 1032      /* of n: 8192 bits, and some leading zeros */
#define EXPONENT_BITS_MAX 64

static bool refuse(char why[LOOKOUT_JWKS_WHY_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));


static bool
refuse(char why[LOOKOUT_JWKS_WHY_SIZE], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void) vsnprintf(why, LOOKOUT_JWKS_WHY_SIZE, format, args);
    va_end(args);
    return false;
}


/* A member that is a string, or NULL. */
static const char *
string_of(const cJSON *item, const char *name)
{
    const cJSON *member = lookout_json_get(item, name);

    return cJSON_IsString(member) ? member->valuestring : NULL;
}


/* The bytes of a base64url member; -1 with a reason when there are none to be had. */
static int
bytes_of(const cJSON *item, const char *name, uint8_t *out, size_t cap,
         char why[LOOKOUT_JWKS_WHY_SIZE])
{
    int n;
    const char *text = string_of(item, name);

    if (text == NULL || *text == '\0') {
        (void) refuse(why, "%s is missing or no string", name);
        return -1;
    }
    n = lookout_base64url_decode(lookout_str(text), out, cap);
    if (n < 0) {
        (void) refuse(why, "%s is not base64url without padding, or longer than %zu bytes",
                      name, cap);
    }
    return n;
}


/* A public key of the type from OpenSSL's parameters; NULL when they are no such key. */
static EVP_PKEY *
make_pkey(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

    if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1) {
        (void) EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
    }
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}


static EVP_PKEY *
make_rsa(const BIGNUM *n, const BIGNUM *e)
{
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();

    if (build != NULL && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1
        && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1) {
        params = OSSL_PARAM_BLD_to_param(build);
    }
    if (params != NULL) {
        pkey = make_pkey("RSA", params);
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    return pkey;
}


static bool
rsa_numbers_sound(const BIGNUM *n, const BIGNUM *e, char why[LOOKOUT_JWKS_WHY_SIZE])
{
    if (BN_num_bits(n) < LOOKOUT_JWKS_RSA_MIN || BN_num_bits(n) > LOOKOUT_JWKS_RSA_MAX) {
        return refuse(why, "the modulus n has %d bits; from %d to %d are accepted",
                      BN_num_bits(n), LOOKOUT_JWKS_RSA_MIN, LOOKOUT_JWKS_RSA_MAX);
    }
    if (!BN_is_odd(n)) {
        return refuse(why, "the modulus n is even, so it is not an RSA key");
    }
    if (!BN_is_odd(e) || BN_is_one(e) || BN_num_bits(e) > EXPONENT_BITS_MAX) {
        return refuse(why, "the exponent e is not an odd number from 3 to %d bits",
                      EXPONENT_BITS_MAX);
    }
    return true;
}


static EVP_PKEY *
read_rsa(const cJSON *item, char why[LOOKOUT_JWKS_WHY_SIZE])
{
    uint8_t n_bytes[NUMBER_MAX_BYTES], e_bytes[NUMBER_MAX_BYTES];
    int n_len = bytes_of(item, "n", n_bytes, sizeof(n_bytes), why);
    int e_len = n_len < 0 ? -1 : bytes_of(item, "e", e_bytes, sizeof(e_bytes), why);
    BIGNUM *n, *e;
    EVP_PKEY *pkey = NULL;

    if (e_len < 0) {
        return NULL;
    }

    n = BN_bin2bn(n_bytes, n_len, NULL);
    e = BN_bin2bn(e_bytes, e_len, NULL);
    if (n == NULL || e == NULL) {
        (void) refuse(why, "there is no memory to read it");
    } else if (rsa_numbers_sound(n, e, why)) {
        pkey = make_rsa(n, e);
        if (pkey == NULL) {
            (void) refuse(why, "OpenSSL does not accept n and e as an RSA key");
        }
    }
    BN_free(n);
    BN_free(e);
    return pkey;
}


static EVP_PKEY *
read_ec(const cJSON *item, char why[LOOKOUT_JWKS_WHY_SIZE])
{
    static const char *const names[] = { "x", "y" };
    uint8_t point[POINT] = { 0x04 };
    char group[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
        OSSL_PARAM_construct_end(),
    };
    const char *crv = string_of(item, "crv");
    EVP_PKEY *pkey;

    if (crv == NULL || strcmp(crv, group) != 0) {
        (void) refuse(why, "its curve crv is not P-256");
        return NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        int n = bytes_of(item, names[i], point + 1 + i * COORDINATE, COORDINATE, why);

        if (n >= 0 && n != COORDINATE) {
            (void) refuse(why, "%s has %d bytes instead of %d", names[i], n, COORDINATE);
        }
        if (n != COORDINATE) {
            return NULL;
        }
    }

    pkey = make_pkey("EC", params);
    if (pkey == NULL) {
        (void) refuse(why, "the point x, y does not lie on the curve P-256");
    }
    return pkey;
}


/* The kinds of key that are read. */
static const struct {
    const char *kty;
    const char *alg_name;
    lookout_jwt_alg_e alg;
    EVP_PKEY *(*read)(const cJSON *item, char why[LOOKOUT_JWKS_WHY_SIZE]);
} kinds[] = {
    { "RSA", "RS256", LOOKOUT_JWT_RS256, read_rsa },
    { "EC", "ES256", LOOKOUT_JWT_ES256, read_ec },
};


/* key_ops: absent, or a list that holds "verify". */
static bool
may_verify(const cJSON *ops)
{
    const cJSON *op;

    if (ops == NULL) {
        return true;
    }
    if (cJSON_IsArray(ops)) {
        cJSON_ArrayForEach(op, ops)
        {
            if (cJSON_IsString(op) && strcmp(op->valuestring, "verify") == 0) {
                return true;
            }
        }
    }
    return false;
}


/* Is a member absent, or the string that is wanted? */
static bool
absent_or(const cJSON *item, const char *name, const char *wanted)
{
    const char *text = string_of(item, name);

    return lookout_json_get(item, name) == NULL || (text != NULL && strcmp(text, wanted) == 0);
}


bool
lookout_jwks_key_read(const cJSON *item, lookout_jwks_key_t *key,
                      char why[LOOKOUT_JWKS_WHY_SIZE])
{
    size_t i;
    const char *kty = string_of(item, "kty");

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kty != NULL && strcmp(kty, kinds[i].kty) == 0) {
            break;
        }
    }
    if (i == sizeof(kinds) / sizeof(kinds[0])) {
        return refuse(why, "its kty is neither RSA nor EC");
    }
    if (!absent_or(item, "use", "sig") || !may_verify(lookout_json_get(item, "key_ops"))) {
        return refuse(why, "its use or key_ops say that it is not for checking signatures");
    }
    if (!absent_or(item, "alg", kinds[i].alg_name)) {
        return refuse(why, "its alg is not %s, the one for %s keys here", kinds[i].alg_name,
                      kinds[i].kty);
    }
    if (lookout_json_get(item, "kid") != NULL && string_of(item, "kid") == NULL) {
        return refuse(why, "its kid is no string");
    }

    (void) ERR_set_mark();
    key->alg = kinds[i].alg;
    key->kid = lookout_str(string_of(item, "kid"));
    key->pkey = kinds[i].read(item, why);
    (void) ERR_pop_to_mark();
    return key->pkey != NULL;
}


/* A signature of ES256, r and s one after the other, in the form that EVP takes. Returns its
 * length; 0 when it is none. */
static size_t
signature_der(lookout_str_t raw, uint8_t der[SIGNATURE_DER_MAX])
{
    const uint8_t *bytes = (const uint8_t *) raw.data;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = NULL, *s = NULL;
    int len = 0;

    if (pair != NULL && raw.len == 2 * COORDINATE) {
        r = BN_bin2bn(bytes, COORDINATE, NULL);
        s = BN_bin2bn(bytes + COORDINATE, COORDINATE, NULL);
        if (r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
            r = s = NULL; /* the pair's now */
            len = i2d_ECDSA_SIG(pair, &der);
        }
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return len > 0 ? (size_t) len : 0;
}


bool
lookout_jwks_key_signed(const lookout_jwks_key_t *key, lookout_str_t text,
                        lookout_str_t signature)
{
    bool good = false;
    uint8_t der[SIGNATURE_DER_MAX];
    const uint8_t *bytes = (const uint8_t *) signature.data;
    size_t len = signature.len;
    EVP_MD_CTX *ctx;

    (void) ERR_set_mark();
    if (key->alg == LOOKOUT_JWT_ES256) {
        len = signature_der(signature, der);
        bytes = der;
    }
    ctx = len == 0 ? NULL : EVP_MD_CTX_new();
    if (ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key->pkey) == 1) {
        good = EVP_DigestVerify(ctx, bytes, len, (const uint8_t *) text.data, text.len) == 1;
    }
    EVP_MD_CTX_free(ctx);
    (void) ERR_pop_to_mark();
    return good;
}
