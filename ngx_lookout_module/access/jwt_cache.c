/*
 * A table of rows of four entries. The digest names the row; in it, a new entry takes the place
 * of one that is over, or else of the one that was used least recently. Only tokens that the
 * issuer signed get in, so nobody can aim at a row.
 */

#include "jwt_cache.h"

#include <stdlib.h>

#include "../base/digest.h"

#define WAYS 4

typedef struct {
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    int64_t until;
    uint64_t used; /* the table's tick at its last use; 0: never filled */
} entry_t;

struct lookout_jwt_cache_s {
    uint64_t tick;
    uint64_t hits;
    uint64_t misses;
    size_t n_rows;
    entry_t rows[][WAYS];
};


lookout_jwt_cache_t *
lookout_jwt_cache_create(size_t entries)
{
    size_t n_rows = entries / WAYS + (entries % WAYS != 0 || entries == 0);
    lookout_jwt_cache_t *cache;

    if (n_rows > SIZE_MAX / 2 / sizeof(cache->rows[0])) {
        return NULL;
    }
    cache = calloc(1, sizeof(lookout_jwt_cache_t) + n_rows * sizeof(cache->rows[0]));
    if (cache != NULL) {
        cache->n_rows = n_rows;
    }
    return cache;
}


void
lookout_jwt_cache_destroy(lookout_jwt_cache_t *cache)
{
    free(cache);
}


/* The token's digest, keyed with the set's, and the row that it belongs to. */
static entry_t *
find_row(lookout_jwt_cache_t *cache, const lookout_jwks_t *jwks, lookout_str_t token,
         uint8_t digest[LOOKOUT_DIGEST_SIZE])
{
    uint64_t number;
    lookout_key_t key;

    _Static_assert(LOOKOUT_KEY_SIZE == LOOKOUT_DIGEST_SIZE, "a digest serves as a key");
    memcpy(key.bytes, lookout_jwks_digest(jwks), sizeof(key.bytes));
    lookout_hmac(&key, token, digest);
    memcpy(&number, digest, sizeof(number));
    return cache->rows[number % cache->n_rows];
}


bool
lookout_jwt_cache_knows(lookout_jwt_cache_t *cache, const lookout_jwks_t *jwks,
                        lookout_str_t token, int64_t now)
{
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    entry_t *row = find_row(cache, jwks, token, digest);

    for (size_t i = 0; i < WAYS; i++) {
        if (row[i].used != 0 && now < row[i].until
            && lookout_same_bytes(row[i].digest, digest, sizeof(digest))) {
            row[i].used = ++cache->tick;
            cache->hits++;
            return true;
        }
    }
    cache->misses++;
    return false;
}


/* Does entry a make room before entry b? */
static bool
goes_before(const entry_t *a, const entry_t *b, int64_t now)
{
    bool a_over = a->used == 0 || now >= a->until;
    bool b_over = b->used == 0 || now >= b->until;

    return a_over != b_over ? a_over : a->used < b->used;
}


void
lookout_jwt_cache_keep(lookout_jwt_cache_t *cache, const lookout_jwks_t *jwks,
                       lookout_str_t token, int64_t now, int64_t until)
{
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    entry_t *row = find_row(cache, jwks, token, digest);
    entry_t *place = &row[0];

    if (now >= until) {
        return;
    }
    for (size_t i = 0; i < WAYS; i++) {
        if (row[i].used != 0 && lookout_same_bytes(row[i].digest, digest, sizeof(digest))) {
            place = &row[i];
            break;
        }
        if (goes_before(&row[i], place, now)) {
            place = &row[i];
        }
    }
    memcpy(place->digest, digest, sizeof(digest));
    place->until = until;
    place->used = ++cache->tick;
}


void
lookout_jwt_cache_counts(const lookout_jwt_cache_t *cache, uint64_t *hits, uint64_t *misses)
{
    *hits = cache->hits;
    *misses = cache->misses;
}
