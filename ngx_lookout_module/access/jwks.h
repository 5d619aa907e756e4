/*
 * The keys of an OAuth issuer, with which the signatures of its access tokens are checked: a
 * JWK Set (RFC 7517), kept in a file that the operator refreshes.
 *
 * RSA keys of 2048 to 8192 bits check RS256, EC keys on P-256 check ES256. Keys of other kinds,
 * for other uses, or malformed ones are passed over, as the RFC wants it; private members are
 * never looked at.
 *
 * One user at a time: the worker's event loop.
 */

#ifndef LOOKOUT_JWKS_H
#define LOOKOUT_JWKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/str.h"

#define LOOKOUT_JWKS_KEYS 64               /* in a set */
#define LOOKOUT_JWKS_TRIES 8               /* keys that are tried on one signature */
#define LOOKOUT_JWKS_FILE_MAX (512 * 1024) /* bytes */

/* The algorithms that are accepted, as "alg" spells them: X(name). */
#define LOOKOUT_JWT_ALGS(X)                                                                    \
    X(RS256)                                                                                   \
    X(ES256)

typedef enum {
#define LOOKOUT_JWT_ALG_ENUM(name) LOOKOUT_JWT_##name,
    LOOKOUT_JWT_ALGS(LOOKOUT_JWT_ALG_ENUM)
#undef LOOKOUT_JWT_ALG_ENUM
        LOOKOUT_JWT_ALG_COUNT
} lookout_jwt_alg_e;

typedef struct lookout_jwks_s lookout_jwks_t;

/* Reads the text of a set. NULL when it is none, or holds no key that can be used: then why
 * says what is wrong with it, or with which key. For a good set why names the first of the keys
 * that were passed over, or is empty. `size`: bytes of why, at least 1; about 256 is enough.
 * The caller destroys the set. */
lookout_jwks_t *lookout_jwks_parse(lookout_str_t text, char *why, size_t size);
void lookout_jwks_destroy(lookout_jwks_t *jwks);

/* Keys that can be used. */
size_t lookout_jwks_count(const lookout_jwks_t *jwks);

/* The SHA-256 of the set's text: the same set, read again, is the same. */
const uint8_t *lookout_jwks_digest(const lookout_jwks_t *jwks);

typedef enum {
    LOOKOUT_JWKS_GOOD,
    LOOKOUT_JWKS_BAD,   /* no key that fits made this signature */
    LOOKOUT_JWKS_NO_KEY /* the set has no key of that kid for that algorithm */
} lookout_jwks_verdict_e;

/* Checks a signature (its bytes) over a text. A kid selects the keys that carry it; without one
 * ({NULL, 0}) all keys of the algorithm are tried; in either case no more than
 * LOOKOUT_JWKS_TRIES, in the order of the set. */
lookout_jwks_verdict_e
lookout_jwks_check(const lookout_jwks_t *jwks, lookout_jwt_alg_e alg, lookout_str_t kid,
                   lookout_str_t text, lookout_str_t signature);

/* The file. */
typedef struct lookout_jwks_file_s lookout_jwks_file_t;

typedef enum {
    LOOKOUT_JWKS_SAME,   /* nothing new since the last look */
    LOOKOUT_JWKS_LOADED, /* a new set is in use; what is empty, or names a key passed over */
    LOOKOUT_JWKS_BROKEN  /* newly unreadable or wrong: the set before, if any, stays in use */
} lookout_jwks_news_e;

/* For the file at `path` (copied). Reads nothing yet; NULL without memory. */
lookout_jwks_file_t *lookout_jwks_file_create(const char *path);
void lookout_jwks_file_destroy(lookout_jwks_file_t *file);

/* Looks at the path, and reads the file when it is another one than before, or one that could
 * not be opened. One stat(2) when nothing changed. News is told once: log it with
 * lookout_jwks_file_why. Sets that were in use before are gone. */
lookout_jwks_news_e lookout_jwks_file_refresh(lookout_jwks_file_t *file);

/* The set in use, until the next refresh; NULL: there never was a good one. */
const lookout_jwks_t *lookout_jwks_file_keys(const lookout_jwks_file_t *file);

/* What is wrong with the file as it stands, with its path; or, when its set is in use, the keys
 * of it that were passed over; or "". */
const char *lookout_jwks_file_why(const lookout_jwks_file_t *file);

#endif
