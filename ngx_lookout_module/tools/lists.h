/*
 * What the list_* tools share: page size and cursor in, {items, nextCursor, warnings} out, and
 * the envelope guard, which takes items from the end until the answer fits.
 *
 *     code = lookout_listing_begin(&listing, call);
 *     code = lookout_catalog_workbooks(listing.catalog, ..., &listing.slice, &items, ...);
 *     lookout_listing_open(&listing);
 *     while (lookout_listing_next(&listing, &i)) { write items[i] }
 *     return lookout_listing_end(&listing);
 */

#ifndef LOOKOUT_LISTS_H
#define LOOKOUT_LISTS_H

#include "../query/cursor.h"
#include "session.h"

#define LOOKOUT_LIST_PAGE 20
#define LOOKOUT_LIST_PAGE_MAX 100

typedef struct {
    lookout_call_t *call;
    lookout_catalog_t *catalog;
    lookout_slice_t slice; /* set by begin, completed by the catalogue */
    size_t written;        /* items that are in the answer */
    size_t mark;           /* length of the answer up to the last of them */
} lookout_listing_t;

/* Opens the catalogue and reads the call's page. INVALID_CURSOR. */
lookout_code_e lookout_listing_begin(lookout_listing_t *listing, lookout_call_t *call);

/* The filters that all lists have: q and nameContains. */
void lookout_listing_filters(const lookout_listing_t *listing, lookout_list_t *list);

/* Begins the answer; slice has to be complete. */
void lookout_listing_open(lookout_listing_t *listing);

/* The index of the item to write next; false when all are written, or the envelope is full. To
 * be called before each item, also after the last one. */
bool lookout_listing_next(lookout_listing_t *listing, size_t *i);

/* Ends the answer. ENVELOPE_TOO_LARGE when not even one item fits. */
lookout_code_e lookout_listing_end(lookout_listing_t *listing);

#endif
