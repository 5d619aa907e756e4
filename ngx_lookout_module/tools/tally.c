/*
 * Open addressing with linear probing; it grows at three quarters full.
 */

#include "tally.h"

#include <stdlib.h>

#define TALLY_FIRST 64 /* places of a new table */


void
lookout_tally_init(lookout_tally_t *tally, lookout_type_e type)
{
    *tally = (lookout_tally_t){ .type = type };
}


void
lookout_tally_free(lookout_tally_t *tally)
{
    free(tally->entries);
    *tally = (lookout_tally_t){ .type = tally->type };
}


static bool
tally_is_text(lookout_type_e type)
{
    return type == LOOKOUT_STRING || type == LOOKOUT_DATE || type == LOOKOUT_TIMESTAMP;
}


/* Spreads the bits of a number over all places (the finalizer of MurmurHash3). */
static uint32_t
tally_mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    h ^= h >> 33;

    return (uint32_t) h;
}


static uint32_t
tally_hash_text(lookout_str_t s)
{
    size_t i;
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

    for (i = 0; i < s.len; i++) {
        h = (h ^ (unsigned char) s.data[i]) * UINT64_C(0x100000001b3);
    }
    return tally_mix(h);
}


static uint32_t
tally_hash_real(double real)
{
    uint64_t bits;

    memcpy(&bits, &real, sizeof(bits));
    return tally_mix(bits);
}


static bool
tally_same(const lookout_tally_t *tally, const lookout_tally_entry_t *a,
           const lookout_tally_entry_t *b)
{
    if (a->hash != b->hash) {
        return false;
    }

    if (tally_is_text(tally->type)) {
        return lookout_str_eq(a->value.text, b->value.text);
    }
    if (tally->type == LOOKOUT_FLOAT) {
        return a->value.real == b->value.real;
    }
    return a->value.integer == b->value.integer;
}


/* The entry's place: where an equal one stands, or the empty place for it. */
static lookout_tally_entry_t *
tally_place(const lookout_tally_t *tally, const lookout_tally_entry_t *entry)
{
    size_t mask = tally->cap - 1;
    size_t i;

    for (i = entry->hash & mask;
         tally->entries[i].count != 0 && !tally_same(tally, &tally->entries[i], entry);
         i = (i + 1) & mask) {
        /* the next place */
    }
    return &tally->entries[i];
}


static bool
tally_grow(lookout_tally_t *tally)
{
    size_t i;
    size_t old_cap = tally->cap;
    lookout_tally_entry_t *old = tally->entries;
    lookout_tally_entry_t *bigger;

    bigger = calloc(old_cap == 0 ? TALLY_FIRST : old_cap * 2, sizeof(*bigger));
    if (bigger == NULL) {
        return false;
    }

    tally->entries = bigger;
    tally->cap = old_cap == 0 ? TALLY_FIRST : old_cap * 2;
    tally->bytes += (tally->cap - old_cap) * sizeof(*bigger);

    for (i = 0; i < old_cap; i++) {
        if (old[i].count != 0) {
            *tally_place(tally, &old[i]) = old[i];
        }
    }

    free(old);
    return true;
}


/* The value that the row has, with its hash; a text still belongs to the statement. */
static void
tally_read(const lookout_tally_t *tally, sqlite3_stmt *stmt, int column,
           lookout_tally_entry_t *entry)
{
    lookout_str_t text;

    if (tally_is_text(tally->type)) {
        text.data = (const char *) sqlite3_column_text(stmt, column);
        text.len = text.data == NULL ? 0 : (size_t) sqlite3_column_bytes(stmt, column);
        entry->value.text = text.data == NULL ? LOOKOUT_STR("") : text;
        entry->hash = tally_hash_text(entry->value.text);

    } else if (tally->type == LOOKOUT_FLOAT) {
        /* + 0.0 makes the two zeros one */
        entry->value.real = sqlite3_column_double(stmt, column) + 0.0;
        entry->hash = tally_hash_real(entry->value.real);

    } else {
        entry->value.integer = sqlite3_column_int64(stmt, column);
        if (tally->type == LOOKOUT_BOOLEAN) {
            entry->value.integer = entry->value.integer != 0;
        }
        entry->hash = tally_mix((uint64_t) entry->value.integer);
    }
}


bool
lookout_tally_add(lookout_tally_t *tally, lookout_arena_t *arena, sqlite3_stmt *stmt,
                  int column)
{
    int storage = sqlite3_column_type(stmt, column);
    lookout_tally_entry_t *place;
    lookout_tally_entry_t entry = { .count = 1 };

    tally->rows++;
    if (storage == SQLITE_NULL || storage == SQLITE_BLOB) {
        tally->nulls++;
        return true;
    }

    if (tally->n >= tally->cap / 4 * 3 && !tally_grow(tally)) {
        return false;
    }

    tally_read(tally, stmt, column, &entry);

    place = tally_place(tally, &entry);
    if (place->count != 0) {
        place->count++;
        return true;
    }

    if (tally_is_text(tally->type)) {
        entry.value.text = lookout_arena_copy(arena, entry.value.text);
        if (entry.value.text.data == NULL) {
            return false;
        }
        tally->bytes += entry.value.text.len;
    }

    *place = entry;
    tally->n++;
    return true;
}


static int
compare_integers(const void *a, const void *b)
{
    int64_t x = ((const lookout_tally_entry_t *) a)->value.integer;
    int64_t y = ((const lookout_tally_entry_t *) b)->value.integer;

    return (x > y) - (x < y);
}


static int
compare_reals(const void *a, const void *b)
{
    double x = ((const lookout_tally_entry_t *) a)->value.real;
    double y = ((const lookout_tally_entry_t *) b)->value.real;

    return (x > y) - (x < y);
}


static int
compare_texts(lookout_str_t x, lookout_str_t y)
{
    int order = memcmp(x.data, y.data, x.len < y.len ? x.len : y.len);

    return order != 0 ? (order > 0) - (order < 0) : (x.len > y.len) - (x.len < y.len);
}


int
lookout_tally_compare(const lookout_tally_t *tally, size_t a, size_t b)
{
    const lookout_tally_entry_t *x = &tally->entries[a];
    const lookout_tally_entry_t *y = &tally->entries[b];

    if (tally_is_text(tally->type)) {
        return compare_texts(x->value.text, y->value.text);
    }
    return tally->type == LOOKOUT_FLOAT ? compare_reals(x, y) : compare_integers(x, y);
}


void
lookout_tally_pack(lookout_tally_t *tally)
{
    size_t i;
    size_t n = 0;

    for (i = 0; i < tally->cap; i++) {
        if (tally->entries[i].count != 0) {
            tally->entries[n++] = tally->entries[i];
        }
    }

    if (n > 1 && !tally_is_text(tally->type)) {
        qsort(tally->entries, n, sizeof(*tally->entries),
              tally->type == LOOKOUT_FLOAT ? compare_reals : compare_integers);
    }
}
