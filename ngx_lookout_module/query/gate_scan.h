/*
 * An analyst's SQL as tokens. Not to decide what is allowed, which SQLite does, but for what
 * SQLite does not tell: which kind of statement it refused, whether anything follows the first
 * one, how large common table expressions get once they are unfolded, and whether the clock is
 * read.
 */

#ifndef LOOKOUT_GATE_SCAN_H
#define LOOKOUT_GATE_SCAN_H

#include "../base/arena.h"
#include "../base/str.h"

typedef enum {
    LOOKOUT_TOKEN_WORD,   /* a keyword, or a name without quotes */
    LOOKOUT_TOKEN_NAME,   /* a name in "", `` or [], without these */
    LOOKOUT_TOKEN_STRING, /* '...', with its quotes */
    LOOKOUT_TOKEN_OTHER   /* one character of anything else, digits too */
} lookout_token_e;

typedef struct {
    lookout_token_e kind;
    lookout_str_t text; /* a part of the statement's text */
    size_t end;         /* of a ( : the index behind its ), or of the last token */
} lookout_token_t;

typedef struct {
    lookout_token_t *items; /* in the arena */
    size_t n;
} lookout_tokens_t;

/* All tokens but white space and comments. False without memory. */
bool lookout_scan(lookout_arena_t *arena, lookout_str_t text, lookout_tokens_t *tokens);

/* The keyword that makes the statement what it is, in capitals: "SELECT", "DELETE" (also in
 * WITH ... DELETE), ... NULL: none that is known. */
const char *lookout_scan_verb(lookout_tokens_t tokens);

/* How many SELECTs the statement is once each use of a common table expression is replaced by
 * its text, as SQLite does it; at most `max`. An upper bound. */
size_t lookout_scan_unfolded(lookout_arena_t *arena, lookout_tokens_t tokens, size_t max);

/* Is it one of date, time, datetime, julianday, unixepoch, strftime? */
bool lookout_scan_is_date(lookout_str_t name);

/* Does a date function get the time of day: no value at all, or one spelt 'now'? (A 'now' that
 * is put together while the statement runs is not noticed.) */
bool lookout_scan_now(lookout_tokens_t tokens);

#endif
