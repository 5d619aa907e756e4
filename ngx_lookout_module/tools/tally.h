/*
 * A tally: how often each value of a column occurs. Everything that statistics say of a column
 * comes out of it, so a column of few values costs little, however many rows it has.
 */

#ifndef LOOKOUT_TALLY_H
#define LOOKOUT_TALLY_H

#include <stdint.h>

#include <sqlite3.h>

#include "../base/arena.h"
#include "../base/field.h"

typedef union {
    int64_t integer;    /* integer, boolean (0 or 1) */
    double real;        /* float */
    lookout_str_t text; /* string, date, timestamp */
} lookout_tally_value_t;

typedef struct {
    uint64_t hash;
    int64_t count; /* 0: the place is empty */
    lookout_tally_value_t value;
} lookout_tally_entry_t;

typedef struct {
    lookout_type_e type;
    int64_t rows;
    int64_t nulls;
    size_t n;                       /* different values */
    size_t cap;                     /* places; a power of two, or 0 */
    lookout_tally_entry_t *entries; /* owned; a hash table until it is sorted */
    size_t bytes;                   /* memory held, texts included */
} lookout_tally_t;

void lookout_tally_init(lookout_tally_t *tally, lookout_type_e type);
void lookout_tally_free(lookout_tally_t *tally);

/* Counts the column's value in the row that stmt stands on. A new text is copied into the
 * arena. False without memory. */
bool lookout_tally_add(lookout_tally_t *tally, lookout_arena_t *arena, sqlite3_stmt *stmt,
                       int column);

/* Puts the n entries in the order of their values. Nothing can be added after that. */
void lookout_tally_sort(lookout_tally_t *tally);

#endif
