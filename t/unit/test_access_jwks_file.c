/*
 * Unit tests of the file of a JWK Set, as an operator refreshes, breaks, loses and mends it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "jwt_maker.h"
#include "../../ngx_lookout_module/access/jwks.h"
#include "../../ngx_lookout_module/base/digest.h"

static EVP_PKEY *ec;
static char folder[64], path[96];


/* Is the set in use the one of this key, as put_file writes it? */
static bool
is_of(const lookout_jwks_t *jwks, const EVP_PKEY *key)
{
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    lookout_buf_t set = LOOKOUT_BUF_INIT;

    jwt_maker_set(&set, key, "");
    lookout_sha256(lookout_buf_text(&set), digest);
    lookout_buf_free(&set);
    return memcmp(lookout_jwks_digest(jwks), digest, sizeof(digest)) == 0;
}


/* Writes beside and renames, as an operator's tool does. NULL: no text, but a key's set. */
static void
put_file(const char *text, const EVP_PKEY *key)
{
    char aside[112];
    FILE *f;
    lookout_buf_t set = LOOKOUT_BUF_INIT;

    if (text != NULL) {
        lookout_buf_puts(&set, text);
    } else {
        jwt_maker_set(&set, key, "");
    }
    (void) snprintf(aside, sizeof(aside), "%s.new", path);
    f = fopen(aside, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(set.data, 1, set.len, f), set.len);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(rename(aside, path), 0);
    lookout_buf_free(&set);
}


static void
assert_why(const lookout_jwks_file_t *file, const char *expected)
{
    const char *said = lookout_jwks_file_why(file);

    if (strncmp(said, path, strlen(path)) != 0 || strstr(said, expected) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", said, expected);
    }
}


static void
test_file(void **state)
{
    EVP_PKEY *next = jwt_maker_ec("P-256");
    lookout_jwks_file_t *file = lookout_jwks_file_create(path);
    const lookout_jwks_t *jwks;

    (void) state;
    assert_non_null(file);
    assert_null(lookout_jwks_file_keys(file));

    /* Not there: said once. */
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_BROKEN);
    assert_why(file, "cannot be read: No such file");
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_SAME);
    assert_null(lookout_jwks_file_keys(file));

    put_file(NULL, ec);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_LOADED);
    assert_string_equal(lookout_jwks_file_why(file), "");
    jwks = lookout_jwks_file_keys(file);
    assert_true(is_of(jwks, ec));
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_SAME);
    assert_ptr_equal(lookout_jwks_file_keys(file), jwks);

    /* Broken: said once, and the old set stays. */
    put_file("{\"keys\":[", NULL);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_BROKEN);
    assert_why(file, ": it is not JSON: at byte 9");
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_SAME);
    assert_ptr_equal(lookout_jwks_file_keys(file), jwks);
    assert_true(is_of(jwks, ec));

    /* Broken in another way; gone; and mended, with another key. */
    put_file("{\"keys\":[]}", NULL);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_BROKEN);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_BROKEN);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_SAME);
    assert_ptr_equal(lookout_jwks_file_keys(file), jwks);
    put_file(NULL, next);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_LOADED);
    jwks = lookout_jwks_file_keys(file);
    assert_true(is_of(jwks, next));
    assert_false(is_of(jwks, ec));

    lookout_jwks_file_destroy(file);
    EVP_PKEY_free(next);
    assert_int_equal(unlink(path), 0);
}


/* Moved away and back: the same file is read again, for it was out of sight. */
static void
test_file_back(void **state)
{
    char away[112];
    lookout_jwks_file_t *file = lookout_jwks_file_create(path);

    (void) state;
    (void) snprintf(away, sizeof(away), "%s.away", path);
    put_file(NULL, ec);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_LOADED);
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_BROKEN);
    assert_int_equal(rename(away, path), 0);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_LOADED);
    assert_string_equal(lookout_jwks_file_why(file), "");
    lookout_jwks_file_destroy(file);
    lookout_jwks_file_destroy(NULL);
    assert_int_equal(unlink(path), 0);
}


static void
test_file_kinds(void **state)
{
    FILE *f;
    lookout_jwks_file_t *file = lookout_jwks_file_create(path);

    (void) state;
    assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes into it, and nobody waits */
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_BROKEN);
    assert_why(file, "cannot be read: it is not a plain file");
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_SAME);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_SAME); /* the same news */
    assert_int_equal(rmdir(path), 0);

    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fseek(f, LOOKOUT_JWKS_FILE_MAX, SEEK_SET), 0);
    assert_int_equal(fputc(' ', f), ' ');
    assert_int_equal(fclose(f), 0);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_BROKEN);
    assert_why(file, "has more than 524288 bytes");
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_SAME);
    assert_null(lookout_jwks_file_keys(file));

    /* The keys that were passed over are told with the path. */
    put_file("{\"keys\":[{\"kty\":\"OKP\"}]}", NULL);
    assert_int_equal(lookout_jwks_file_refresh(file), LOOKOUT_JWKS_BROKEN);
    assert_why(file, ": keys[0] is passed over: its kty is neither RSA nor EC");
    lookout_jwks_file_destroy(file);
    assert_int_equal(unlink(path), 0);
}


static int
set_up(void **state)
{
    (void) state;
    ec = jwt_maker_ec("P-256");
    (void) snprintf(folder, sizeof(folder), "/tmp/lookout-test-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void) snprintf(path, sizeof(path), "%s/jwks.json", folder);
    return 0;
}


static int
tear_down(void **state)
{
    (void) state;
    EVP_PKEY_free(ec);
    return rmdir(folder); /* fails when a test left something there */
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_file_back),
        cmocka_unit_test(test_file_kinds),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
