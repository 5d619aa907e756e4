/*
 * The SQL functions behind the lists' search: lookout_fuzzy(q, name, description, tags) gives a
 * score from 0 (no match) to 1000, lookout_contains(needle, text) is true when text holds
 * needle, whatever the case. NULL texts match nothing.
 */

#ifndef LOOKOUT_CATALOG_SEARCH_H
#define LOOKOUT_CATALOG_SEARCH_H

#include <stdbool.h>

#include <sqlite3.h>

/* Adds the functions to a connection; false without memory. */
bool lookout_search_register(sqlite3 *sql);

#endif
