/*
 * JSON that comes in. cJSON parses it, after a strict scan of our own, because cJSON by itself
 * lets through what RFC 8259 forbids (trailing text, raw control characters, broken UTF-8, 01,
 * \u0000 that cuts a string) and what nobody can act on safely (duplicate keys, nesting that
 * eats the stack, integers that a double changes).
 */

#ifndef LOOKOUT_JSON_H
#define LOOKOUT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "arena.h"
#include "str.h"

#define LOOKOUT_JSON_DEPTH 64                   /* levels of nesting that are accepted */
#define LOOKOUT_JSON_INT_MAX 9007199254740991LL /* 2^53 - 1: a JSON integer beyond is refused */

typedef struct {
    size_t offset;   /* of the byte where the text stopped being acceptable */
    const char *why; /* "a string has no closing quote", ... (static, or in the arena) */
} lookout_json_error_t;

/* Parses all of text. The tree lives as long as the arena. NULL with *error filled in when the
 * text is not strict JSON as above. Strings of the tree never hold a NUL. */
cJSON *
lookout_json_parse(lookout_arena_t *arena, lookout_str_t text, lookout_json_error_t *error);

/* The raw bytes of the value of a member of the outermost object of `text`, which
 * lookout_json_parse has accepted: for echoing an id as it was written, and for hashing
 * arguments. {NULL, 0} when there is no such member. */
lookout_str_t lookout_json_member(lookout_str_t text, const char *name);

/* A member by its exact name (cJSON's own default folds case), or NULL. */
cJSON *lookout_json_get(const cJSON *object, const char *name);

/* Is it a number without a fraction, in the exact range? Then *value is set. */
bool lookout_json_int_value(const cJSON *item, int64_t *value);

/* "a string", "an array", "null", ...: for messages. */
const char *lookout_json_kind(const cJSON *item);

#endif
