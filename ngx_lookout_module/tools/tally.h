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

/* Kept small, 24 bytes: the table of a column of unique values has one a row. */
typedef struct {
    uint32_t hash;
    uint32_t count; /* 0: the place is empty */
    lookout_tally_value_t value;
} lookout_tally_entry_t;

typedef struct {
    lookout_type_e type;
    int64_t rows;
    int64_t nulls;
    size_t n;                       /* different values */
    size_t cap;                     /* places; a power of two, or 0 */
    lookout_tally_entry_t *entries; /* owned; a hash table until it is packed */
    size_t bytes;                   /* memory held, texts included */
} lookout_tally_t;

void lookout_tally_init(lookout_tally_t *tally, lookout_type_e type);
void lookout_tally_free(lookout_tally_t *tally);

/* Counts the column's value in the row that stmt stands on. A new text is copied into the
 * arena. False without memory. */
bool lookout_tally_add(lookout_tally_t *tally, lookout_arena_t *arena, sqlite3_stmt *stmt,
                       int column);

/* Moves the n entries to the front of the table; nothing can be added after that. Numbers are
 * put in their order; texts, of which only a few are ever shown, stay in none. */
void lookout_tally_pack(lookout_tally_t *tally);

/* Whether the value of entry a is less than, equal to or greater than that of b: -1, 0, 1. */
int lookout_tally_compare(const lookout_tally_t *tally, size_t a, size_t b);

#endif
