/*
 * A hash table with chains, and a list in the order of last use. An entry is one block of memory:
 * the head, the dependencies' paths, the key, the text.
 */

#include "answers.h"

#include <stdlib.h>
#include <time.h>

#include "../base/clock.h"
#include "../base/digest.h"

#define ANSWERS_BUCKETS 1024

typedef struct answers_entry_s answers_entry_t;

struct answers_entry_s {
    answers_entry_t *chain;
    answers_entry_t *newer;
    answers_entry_t *older;
    uint64_t hash;
    size_t size; /* of the whole block */
    lookout_str_t key;
    lookout_answer_t answer;
    int64_t until;
    uint64_t looked; /* the tick of the last look at the files */
    size_t n_deps;
    lookout_dep_t deps[LOOKOUT_DEPS_MAX];
};

struct lookout_answers_s {
    answers_entry_t *buckets[ANSWERS_BUCKETS];
    answers_entry_t *newest;
    answers_entry_t *oldest;
    size_t used;
    size_t max;
    uint64_t seed; /* so that nobody outside can aim for one bucket */
};


lookout_answers_t *
lookout_answers_create(size_t max_bytes)
{
    lookout_answers_t *answers = calloc(1, sizeof(lookout_answers_t));

    if (answers != NULL) {
        answers->max = max_bytes;
        (void) lookout_random(&answers->seed, sizeof(answers->seed));
    }
    return answers;
}


/* FNV-1a from a random start. */
static uint64_t
answers_hash(const lookout_answers_t *answers, lookout_str_t key)
{
    size_t i;
    uint64_t hash = 14695981039346656037ULL ^ answers->seed;

    for (i = 0; i < key.len; i++) {
        hash = (hash ^ (unsigned char) key.data[i]) * 1099511628211ULL;
    }
    return hash ^ hash >> 32;
}


static void
answers_unlink(lookout_answers_t *answers, answers_entry_t *entry)
{
    if (entry->newer != NULL) {
        entry->newer->older = entry->older;
    } else {
        answers->newest = entry->older;
    }

    if (entry->older != NULL) {
        entry->older->newer = entry->newer;
    } else {
        answers->oldest = entry->newer;
    }
}


static void
answers_push(lookout_answers_t *answers, answers_entry_t *entry)
{
    entry->newer = NULL;
    entry->older = answers->newest;
    *(answers->newest != NULL ? &answers->newest->newer : &answers->oldest) = entry;
    answers->newest = entry;
}


static void
answers_drop(lookout_answers_t *answers, answers_entry_t *entry)
{
    answers_entry_t **link = &answers->buckets[entry->hash % ANSWERS_BUCKETS];

    while (*link != entry) {
        link = &(*link)->chain;
    }
    *link = entry->chain;

    answers_unlink(answers, entry);
    answers->used -= entry->size;
    free(entry);
}


void
lookout_answers_destroy(lookout_answers_t *answers)
{
    if (answers == NULL) {
        return;
    }
    while (answers->oldest != NULL) {
        answers_drop(answers, answers->oldest);
    }
    free(answers);
}


static answers_entry_t *
answers_lookup(lookout_answers_t *answers, lookout_str_t key, uint64_t hash)
{
    answers_entry_t *entry = answers->buckets[hash % ANSWERS_BUCKETS];

    while (entry != NULL && (entry->hash != hash || !lookout_str_eq(entry->key, key))) {
        entry = entry->chain;
    }
    return entry;
}


/* The kernel's coarse clock: it moves every few milliseconds, and costs no system call. */
static uint64_t
answers_tick(void)
{
    struct timespec now = { 0, 0 };

    (void) clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}


/* Looks at an entry's files once a tick: a popular answer would else cost two system calls each
 * time, a third of all it costs. */
static bool
answers_good(answers_entry_t *entry)
{
    size_t i;
    uint64_t tick = answers_tick();
    lookout_file_id_t id;

    if (entry->until != 0 && lookout_now() >= entry->until) {
        return false;
    }
    if (entry->looked == tick) {
        return true;
    }
    entry->looked = tick;

    for (i = 0; i < entry->n_deps; i++) {
        if (!lookout_file_id(entry->deps[i].path, &id)
            || memcmp(&id, &entry->deps[i].id, sizeof(id)) != 0) {
            return false;
        }
    }
    return true;
}


bool
lookout_answers_find(lookout_answers_t *answers, lookout_str_t key, lookout_answer_t *answer)
{
    answers_entry_t *entry = answers_lookup(answers, key, answers_hash(answers, key));

    if (entry == NULL) {
        return false;
    }
    if (!answers_good(entry)) {
        answers_drop(answers, entry);
        return false;
    }

    if (entry != answers->newest) {
        answers_unlink(answers, entry);
        answers_push(answers, entry);
    }
    *answer = entry->answer;
    return true;
}


/* Copies s to *place and moves *place behind it. */
static const char *
answers_place(char **place, const char *s, size_t len)
{
    char *at = *place;

    memcpy(at, s, len);
    *place += len;
    return at;
}


void
lookout_answers_keep(lookout_answers_t *answers, lookout_str_t key, lookout_answer_t answer,
                     const lookout_dep_t *deps, size_t n_deps, int64_t until)
{
    char *place;
    size_t i, size;
    uint64_t hash;
    answers_entry_t *entry;

    size = sizeof(answers_entry_t) + key.len + answer.text.len;
    for (i = 0; i < n_deps; i++) {
        size += strlen(deps[i].path) + 1;
    }
    if (size > answers->max / 8) {
        return;
    }

    hash = answers_hash(answers, key);
    entry = answers_lookup(answers, key, hash);
    if (entry != NULL) {
        answers_drop(answers, entry);
    }
    while (answers->oldest != NULL && answers->used + size > answers->max) {
        /* The analyzer does not see that the drop moves `oldest` on. */
        answers_drop(answers, answers->oldest); /* NOLINT(clang-analyzer-unix.Malloc) */
    }

    entry = calloc(1, size);
    if (entry == NULL) {
        return;
    }

    place = (char *) (entry + 1);
    entry->hash = hash;
    entry->size = size;
    entry->until = until;
    entry->n_deps = n_deps;
    for (i = 0; i < n_deps; i++) {
        entry->deps[i].id = deps[i].id;
        entry->deps[i].path = answers_place(&place, deps[i].path, strlen(deps[i].path) + 1);
    }
    entry->key = (lookout_str_t){ answers_place(&place, key.data, key.len), key.len };
    entry->answer = answer;
    entry->answer.text.data = answers_place(&place, answer.text.data, answer.text.len);

    entry->chain = answers->buckets[hash % ANSWERS_BUCKETS];
    answers->buckets[hash % ANSWERS_BUCKETS] = entry;
    answers_push(answers, entry);
    answers->used += size;
}
