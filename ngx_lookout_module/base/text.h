/*
 * Text as people type it: folding case over all of Unicode, edit distance, the score behind
 * fuzzy search, and "did you mean".
 */

#ifndef LOOKOUT_TEXT_H
#define LOOKOUT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "str.h"

/* Is s well-formed UTF-8 (no overlong forms, no surrogates)? */
bool lookout_utf8_valid(lookout_str_t s);

/* The number of characters (code points) of a valid UTF-8 text. */
size_t lookout_utf8_length(lookout_str_t s);

/* Is c a letter or a digit, of any script? */
bool lookout_is_letter(uint32_t c);

/* Case-folded copy: lower case for every script that has one (and ss for the sharp s, one sigma
 * for both), so that texts that differ in case alone become equal. {NULL, 0} without memory. */
lookout_str_t lookout_fold(lookout_arena_t *arena, lookout_str_t s);

/* Does hay hold needle, whatever the case? Both folded by lookout_fold already. */
bool lookout_contains(lookout_str_t hay, lookout_str_t needle);

/* How well `text` answers a typed search `query`, 0 (not at all) to 1000 (the same text). Both
 * folded. Words may be misspelt ("slaes pipline"), shortened ("prod usage"), run together or in
 * another order; every word of the query has to find some word of the text. Accents of Latin
 * letters do not count. The same text is above one that holds every word, that above one where
 * a word is only the beginning of another, then the inside of one, then misspelt; among equals
 * the text with less besides is above. */
int lookout_fuzzy_score(lookout_str_t query, lookout_str_t text);

/* The up to `max` of n candidates that are nearest to a misspelt word, nearest first, as
 * indexes into candidates; only those near enough to be worth proposing. Folds case itself.
 * Returns how many. */
size_t lookout_nearest(lookout_arena_t *arena, lookout_str_t word,
                       const lookout_str_t *candidates, size_t n, size_t *indexes, size_t max);

#endif
