/*
 * The result cache: answers of tool calls and of resources that were read, as the bytes that go
 * out. An answer is good while each file that it was made from still stands at its path, and
 * until the moment when it changes by itself; since the files never change in place, nothing else
 * has to be asked. Least recently used answers make room for new ones. One user: the worker's
 * event loop.
 */

#ifndef LOOKOUT_ANSWERS_H
#define LOOKOUT_ANSWERS_H

#include "registry.h"

typedef struct lookout_answers_s lookout_answers_t;

typedef struct {
    lookout_str_t text; /* valid until the next call of lookout_answers_keep */
    int64_t rows;
} lookout_answer_t;

/* A cache of at most max_bytes of keys and texts; NULL without memory. */
lookout_answers_t *lookout_answers_create(size_t max_bytes);
void lookout_answers_destroy(lookout_answers_t *answers);

/* The answer under a key (any bytes), if there is one that is still good. */
bool
lookout_answers_find(lookout_answers_t *answers, lookout_str_t key, lookout_answer_t *answer);

/* Copies an answer into the cache. One larger than an eighth of the cache is not kept. */
void
lookout_answers_keep(lookout_answers_t *answers, lookout_str_t key, lookout_answer_t answer,
                     const lookout_dep_t *deps, size_t n_deps, int64_t until);

#endif
