/*
 * A set and its keys live in one arena of the set's own. The JSON is read in another one, which
 * is gone when the set is made, and with it whatever private members stood in the text.
 */

#include "jwks.h"

#include <stdarg.h>
#include <stdio.h>

#include "jwks_key.h"
#include "../base/digest.h"

#define KID_SHOWN 40 /* bytes of a kid in a message */
#define LABEL_SIZE (KID_SHOWN + 40)

struct lookout_jwks_s {
    lookout_arena_t *arena; /* holds this, too */
    size_t n;
    lookout_jwks_key_t keys[LOOKOUT_JWKS_KEYS];
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
};

/* Where the reading of a set stands. */
typedef struct {
    lookout_jwks_t *jwks;
    char *why;
    size_t size;
    size_t passed; /* keys that cannot be used; the first is named in why */
} reading_t;


/* "keys[2] (kid abc)", or without the kid when there is none that can be shown in a log. */
static void
label_key(char out[LABEL_SIZE], size_t index, const cJSON *item)
{
    const cJSON *kid = lookout_json_get(item, "kid");
    const char *p = cJSON_IsString(kid) ? kid->valuestring : "";
    size_t len = strlen(p);

    for (size_t i = 0; i < len; i++) {
        if (p[i] < ' ' || p[i] > '~') {
            len = 0;
        }
    }
    if (len == 0) {
        (void) snprintf(out, LABEL_SIZE, "keys[%zu]", index);
    } else {
        (void) snprintf(out, LABEL_SIZE, "keys[%zu] (kid %.*s%s)", index, KID_SHOWN, p,
                        len > KID_SHOWN ? "..." : "");
    }
}


static void
free_pkey(void *pkey)
{
    EVP_PKEY_free(pkey);
}


/* Takes one member of "keys" into the set, or passes it over. False without memory. */
static bool
take_key(reading_t *r, size_t index, const cJSON *item)
{
    lookout_jwks_t *jwks = r->jwks;
    lookout_jwks_key_t *key = &jwks->keys[jwks->n];
    char why[LOOKOUT_JWKS_WHY_SIZE], label[LABEL_SIZE];

    if (!lookout_jwks_key_read(item, key, why)) {
        if (r->passed++ == 0) {
            label_key(label, index, item);
            (void) snprintf(r->why, r->size, "%s is passed over: %s", label, why);
        }
        return true;
    }
    if (!lookout_arena_defer(jwks->arena, free_pkey, key->pkey)) {
        return false;
    }
    if (key->kid.data != NULL) {
        key->kid = lookout_arena_copy(jwks->arena, key->kid);
        if (key->kid.data == NULL) {
            return false;
        }
    }
    jwks->n++;
    return true;
}


static bool refuse(reading_t *r, const char *format, ...) __attribute__((format(printf, 2, 3)));


static bool
refuse(reading_t *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void) vsnprintf(r->why, r->size, format, args);
    va_end(args);
    return false;
}


static bool
read_keys(reading_t *r, const cJSON *keys)
{
    size_t index = 0;
    const cJSON *item;
    int n = cJSON_IsArray(keys) ? cJSON_GetArraySize(keys) : -1;

    if (n < 0) {
        return refuse(r, "it is no JWK Set: an object with an array \"keys\" is expected");
    }
    if (n == 0) {
        return refuse(r, "its array \"keys\" is empty");
    }
    if (n > LOOKOUT_JWKS_KEYS) {
        return refuse(r, "it holds %d keys; %d is the most that is read", n, LOOKOUT_JWKS_KEYS);
    }

    cJSON_ArrayForEach(item, keys)
    {
        if (!take_key(r, index++, item)) {
            return refuse(r, "there is no memory to read it");
        }
    }
    return r->jwks->n > 0; /* else why names the first key, and what is wrong with it */
}


/* Reads the text into the set; `scratch` is for the JSON. */
static bool
read_set(reading_t *r, lookout_arena_t *scratch, lookout_str_t text)
{
    lookout_json_error_t error;
    const cJSON *tree = lookout_json_parse(scratch, text, &error);

    if (tree == NULL) {
        return refuse(r, "it is not JSON: at byte %zu, %s", error.offset, error.why);
    }
    return read_keys(r, lookout_json_get(tree, "keys"));
}


lookout_jwks_t *
lookout_jwks_parse(lookout_str_t text, char *why, size_t size)
{
    lookout_arena_t *scratch = lookout_arena_create();
    lookout_arena_t *arena = scratch == NULL ? NULL : lookout_arena_create();
    lookout_jwks_t *jwks =
        arena == NULL ? NULL : lookout_arena_alloc(arena, sizeof(lookout_jwks_t));
    reading_t r = { .jwks = jwks, .why = why, .size = size };

    *why = '\0';
    if (jwks == NULL) {
        (void) refuse(&r, "there is no memory to read it");
        lookout_arena_destroy(arena);
    } else {
        jwks->arena = arena;
        lookout_sha256(text, jwks->digest);
        if (!read_set(&r, scratch, text)) {
            lookout_jwks_destroy(jwks);
            jwks = NULL;
        }
    }
    lookout_arena_destroy(scratch);
    return jwks;
}


void
lookout_jwks_destroy(lookout_jwks_t *jwks)
{
    if (jwks != NULL) {
        lookout_arena_destroy(jwks->arena);
    }
}


size_t
lookout_jwks_count(const lookout_jwks_t *jwks)
{
    return jwks->n;
}


const uint8_t *
lookout_jwks_digest(const lookout_jwks_t *jwks)
{
    return jwks->digest;
}


lookout_jwks_verdict_e
lookout_jwks_check(const lookout_jwks_t *jwks, lookout_jwt_alg_e alg, lookout_str_t kid,
                   lookout_str_t text, lookout_str_t signature)
{
    unsigned tried = 0;

    for (size_t i = 0; i < jwks->n && tried < LOOKOUT_JWKS_TRIES; i++) {
        const lookout_jwks_key_t *key = &jwks->keys[i];

        if (key->alg != alg
            || (kid.data != NULL
                && (key->kid.data == NULL || !lookout_str_eq(key->kid, kid)))) {
            continue;
        }
        if (lookout_jwks_key_signed(key, text, signature)) {
            return LOOKOUT_JWKS_GOOD;
        }
        tried++;
    }
    return tried == 0 ? LOOKOUT_JWKS_NO_KEY : LOOKOUT_JWKS_BAD;
}
