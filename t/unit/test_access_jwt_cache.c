/*
 * Unit tests of the memory for tokens whose signature was good: that it spares the check, and
 * nothing but that check.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "jwt_maker.h"
#include "../../ngx_lookout_module/access/jwt.h"

#define NOW 1780000000
#define LEEWAY 60
#define ENTRIES 8
#define HEADER "{\"alg\":\"ES256\"}"

static EVP_PKEY *key, *next_key;
static lookout_jwks_t *jwks, *next_jwks;
static lookout_jwt_cache_t *cache;
static lookout_jwt_rules_t rules;
static const lookout_str_t audience = { "lookout", 7 };
static const lookout_str_t scope = { "write", 5 };


static lookout_jwks_t *
set_of(const EVP_PKEY *one, const char *more)
{
    char why[256];
    lookout_jwks_t *made;
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    jwt_maker_set(&text, one, more);
    made = lookout_jwks_parse(lookout_buf_text(&text), why, sizeof(why));
    assert_non_null(made);
    lookout_buf_free(&text);
    return made;
}


static void
make_token(lookout_buf_t *token, int64_t expires)
{
    lookout_buf_t payload = LOOKOUT_BUF_INIT;

    lookout_buf_printf(&payload, "{\"iss\":\"i\",\"aud\":\"lookout\",\"exp\":%lld}",
                       (long long) expires);
    jwt_maker_token(token, key, HEADER, lookout_buf_text(&payload));
    lookout_buf_free(&payload);
}


static lookout_jwt_reason_e
verify(const lookout_jwks_t *keys, lookout_str_t token)
{
    lookout_jwt_claims_t claims;
    lookout_jwt_refusal_t refusal;
    lookout_arena_t *arena = lookout_arena_create();

    assert_non_null(arena);
    (void) lookout_jwt_verify(arena, keys, cache, token, &rules, &claims, &refusal);
    lookout_arena_destroy(arena);
    return refusal.reason;
}


static void
assert_counts(uint64_t expected_hits, uint64_t expected_misses)
{
    uint64_t hits, misses;

    lookout_jwt_cache_counts(cache, &hits, &misses);
    assert_int_equal(hits, expected_hits);
    assert_int_equal(misses, expected_misses);
}


static void
test_spares_the_check(void **state)
{
    lookout_buf_t token = LOOKOUT_BUF_INIT;

    (void) state;
    make_token(&token, NOW + 300);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
    assert_counts(0, 1);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
    assert_counts(2, 1);
    lookout_buf_free(&token);
}


/* It is the cache that is asked, and the answer is taken: a token with a wrong signature that
 * somebody kept is good. */
static void
test_is_asked(void **state)
{
    lookout_buf_t token = LOOKOUT_BUF_INIT;

    (void) state;
    make_token(&token, NOW + 300);
    lookout_buf_cut(&token, token.len - 2); /* 63 bytes of signature are left */
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_FORGED);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_FORGED);
    assert_counts(0, 2); /* what was refused is not kept */
    lookout_jwt_cache_keep(cache, jwks, lookout_buf_text(&token), NOW, NOW + 1);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
    assert_counts(1, 2);
    lookout_buf_free(&token);
}


/* What the token says is held against the rules each time. */
static void
test_claims_are_read_anew(void **state)
{
    lookout_buf_t token = LOOKOUT_BUF_INIT;

    (void) state;
    make_token(&token, NOW + 300);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
    rules.n_audiences = 0;
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_AUDIENCE);
    rules.n_audiences = 1;
    rules.issuer = LOOKOUT_STR("j");
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_ISSUER);
    rules.issuer = LOOKOUT_STR("i");
    rules.n_scopes = 1;
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_SCOPE);
    rules.n_scopes = 0;
    rules.leeway = 0;
    rules.now = NOW + 300;
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_EXPIRED);
    assert_counts(4, 1);
    lookout_buf_free(&token);
}


/* A token that is good but does not allow this comes again, too: it is kept. One that is good
 * for nobody here is not. */
static void
test_what_is_kept(void **state)
{
    lookout_buf_t token = LOOKOUT_BUF_INIT;

    (void) state;
    make_token(&token, NOW + 300);
    rules.issuer = LOOKOUT_STR("j");
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_ISSUER);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_ISSUER);
    assert_counts(0, 2);
    rules.issuer = LOOKOUT_STR("i");
    rules.n_scopes = 1;
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_SCOPE);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_SCOPE);
    assert_counts(1, 3);
    rules.n_scopes = 0;

    lookout_buf_reset(&token);
    jwt_maker_token(
        &token, key, HEADER,
        LOOKOUT_STR("{\"iss\":\"i\",\"aud\":\"lookout\",\"exp\":1780000300,\"sub\":7}"));
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_CLAIMS);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_CLAIMS);
    assert_counts(1, 5);
    lookout_buf_free(&token);
}


static void
test_expires_with_the_token(void **state)
{
    lookout_buf_t token = LOOKOUT_BUF_INIT;

    (void) state;
    make_token(&token, NOW + 300);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
    rules.now = NOW + 300 + LEEWAY - 1;
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
    assert_counts(1, 1);
    rules.now++;
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_EXPIRED);
    assert_counts(1, 2);

    lookout_jwt_cache_keep(cache, jwks, LOOKOUT_STR("over"), NOW, NOW);
    assert_false(lookout_jwt_cache_knows(cache, jwks, LOOKOUT_STR("over"), NOW - 1));
    lookout_buf_free(&token);
}


/* With another set nothing is known; a key that was taken out of the set signs nothing more. */
static void
test_another_set(void **state)
{
    lookout_jwks_t *same = set_of(key, ""), *renamed = set_of(key, ",\"name\":1");
    lookout_buf_t token = LOOKOUT_BUF_INIT;

    (void) state;
    make_token(&token, NOW + 300);
    assert_int_equal(verify(jwks, lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
    assert_int_equal(verify(next_jwks, lookout_buf_text(&token)), LOOKOUT_JWT_FORGED);
    assert_int_equal(verify(next_jwks, lookout_buf_text(&token)), LOOKOUT_JWT_FORGED);
    assert_counts(0, 3);
    assert_int_equal(verify(renamed, lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
    assert_counts(0, 4);
    assert_int_equal(verify(same, lookout_buf_text(&token)), LOOKOUT_JWT_GOOD);
    assert_counts(1, 4); /* the same text, read again, is the same set */
    lookout_jwks_destroy(same);
    lookout_jwks_destroy(renamed);
    lookout_buf_free(&token);
}


/* A name for a token; the cache does not look into it. */
static lookout_str_t
name_of(char buf[16], int i)
{
    (void) snprintf(buf, 16, "token %d", i);
    return lookout_str(buf);
}


static int
count_known(int n, int64_t now)
{
    char buf[16];
    int known = 0;

    for (int i = 0; i < n; i++) {
        known += lookout_jwt_cache_knows(cache, jwks, name_of(buf, i), now);
    }
    return known;
}


static void
test_is_bounded(void **state)
{
    char buf[16];

    (void) state;
    for (int i = 0; i < 1000; i++) {
        lookout_jwt_cache_keep(cache, jwks, name_of(buf, i), NOW, NOW + 300);
        assert_true(lookout_jwt_cache_knows(cache, jwks, name_of(buf, i), NOW));
    }
    assert_int_equal(count_known(1000, NOW), ENTRIES);
    assert_int_equal(count_known(1000, NOW + 300), 0);
}


/* A row of four: the least recently used goes, but one that is over goes first. */
static void
test_who_makes_room(void **state)
{
    lookout_jwt_cache_t *row = lookout_jwt_cache_create(1); /* rounded up to four */
    char buf[16];

    (void) state;
    assert_non_null(row);
    for (int i = 0; i < 4; i++) {
        lookout_jwt_cache_keep(row, jwks, name_of(buf, i), NOW, NOW + 300);
    }
    assert_true(lookout_jwt_cache_knows(row, jwks, name_of(buf, 0), NOW));
    lookout_jwt_cache_keep(row, jwks, name_of(buf, 4), NOW, NOW + 300);
    assert_false(lookout_jwt_cache_knows(row, jwks, name_of(buf, 1), NOW));
    assert_true(lookout_jwt_cache_knows(row, jwks, name_of(buf, 0), NOW));

    /* Kept again: in its own place, with the new time; the others stay. */
    lookout_jwt_cache_keep(row, jwks, name_of(buf, 4), NOW, NOW + 10);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(lookout_jwt_cache_knows(row, jwks, name_of(buf, i), NOW), i != 1);
    }

    /* 4 is the most recently used, and over. */
    lookout_jwt_cache_keep(row, jwks, name_of(buf, 5), NOW + 10, NOW + 300);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(lookout_jwt_cache_knows(row, jwks, name_of(buf, i), NOW + 10),
                         i != 1 && i != 4);
    }
    lookout_jwt_cache_destroy(row);
}


static void
test_sizes(void **state)
{
    lookout_jwt_cache_t *none = lookout_jwt_cache_create(0);

    (void) state;
    assert_non_null(none); /* it has a row all the same */
    lookout_jwt_cache_destroy(none);
    assert_null(lookout_jwt_cache_create(SIZE_MAX));
    lookout_jwt_cache_destroy(NULL);
}


static int
set_up(void **state)
{
    (void) state;
    key = jwt_maker_ec("P-256");
    next_key = jwt_maker_ec("P-256");
    jwks = set_of(key, "");
    next_jwks = set_of(next_key, "");
    return 0;
}


static int
new_cache(void **state)
{
    (void) state;
    cache = lookout_jwt_cache_create(ENTRIES);
    rules = (lookout_jwt_rules_t){
        .issuer = LOOKOUT_STR("i"),
        .audiences = &audience,
        .n_audiences = 1,
        .scopes = &scope,
        .now = NOW,
        .leeway = LEEWAY,
    };
    return cache == NULL;
}


static int
drop_cache(void **state)
{
    (void) state;
    lookout_jwt_cache_destroy(cache);
    return 0;
}


static int
tear_down(void **state)
{
    (void) state;
    lookout_jwks_destroy(jwks);
    lookout_jwks_destroy(next_jwks);
    EVP_PKEY_free(key);
    EVP_PKEY_free(next_key);
    return 0;
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_spares_the_check, new_cache, drop_cache),
        cmocka_unit_test_setup_teardown(test_is_asked, new_cache, drop_cache),
        cmocka_unit_test_setup_teardown(test_claims_are_read_anew, new_cache, drop_cache),
        cmocka_unit_test_setup_teardown(test_what_is_kept, new_cache, drop_cache),
        cmocka_unit_test_setup_teardown(test_expires_with_the_token, new_cache, drop_cache),
        cmocka_unit_test_setup_teardown(test_another_set, new_cache, drop_cache),
        cmocka_unit_test_setup_teardown(test_is_bounded, new_cache, drop_cache),
        cmocka_unit_test_setup_teardown(test_who_makes_room, new_cache, drop_cache),
        cmocka_unit_test(test_sizes),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
