/*
 * The names of members seen so far in the objects of a JSON text that are still open: a stack,
 * on which an inner object's names lie above those of the outer ones.
 */

#ifndef LOOKOUT_JSON_NAMES_H
#define LOOKOUT_JSON_NAMES_H

#include "str.h"

#define LOOKOUT_JSON_NAMES_FIRST 64 /* before memory is asked for */

typedef struct {
    lookout_str_t text; /* without escapes */
    size_t offset;      /* where it stands in the JSON text */
} lookout_json_name_t;

typedef struct {
    lookout_json_name_t *items; /* `first`, or owned */
    size_t n;
    size_t cap;
    lookout_json_name_t first[LOOKOUT_JSON_NAMES_FIRST];
} lookout_json_names_t;

/* Makes it empty; not to be copied or moved from then on. */
void lookout_json_names_init(lookout_json_names_t *names);
void lookout_json_names_free(lookout_json_names_t *names);

/* False without memory. The text is borrowed. */
bool lookout_json_names_add(lookout_json_names_t *names, lookout_str_t text, size_t offset);

/* Ends the innermost object, whose names are those from `first` on: takes them off, and gives
 * the earliest that repeats another of them (valid until the next add), or NULL. */
const lookout_json_name_t *lookout_json_names_end(lookout_json_names_t *names, size_t first);

#endif
