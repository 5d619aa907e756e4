/*
 * The SQL functions that extract connections have of our own: aggregates that SQLite lacks
 * (median, stdev, variance), and functions on text that SQLite has, but for ASCII only (like,
 * lower, upper), or that take it a time that grows with the product of two lengths and cannot
 * be stopped meanwhile (glob, instr, replace, trim, ltrim, rtrim), or are filled up to a width that
 * the call says (printf, format).
 */

#ifndef LOOKOUT_FUNCTIONS_H
#define LOOKOUT_FUNCTIONS_H

#include "extract.h"

#define LOOKOUT_PATTERN_MAX                                                                    \
    256 /* bytes of a LIKE or GLOB pattern, and of what trim() takes off */

/* Registers all of them on the extract's connection and makes extract->functions. False without
 * memory. */
bool lookout_functions_register(lookout_extract_t *extract);

/* Frees extract->functions: nothing may run on the connection any more. */
void lookout_functions_free(lookout_extract_t *extract);

/* The watch that functions with much to do look at, until the next call; NULL: none. */
void lookout_functions_watch(lookout_extract_t *extract, lookout_watch_t *watch);

/* For functions.c: the families, as tables ended by a NULL name. */
typedef struct {
    const char *name;
    int n_args;
    void (*call)(sqlite3_context *, int, sqlite3_value **);
    void (*step)(sqlite3_context *, int, sqlite3_value **); /* with final: an aggregate */
    void (*final)(sqlite3_context *);
} lookout_function_t;

extern const lookout_function_t lookout_text_functions[];
extern const lookout_function_t lookout_printf_functions[];
extern const lookout_function_t lookout_statistics_functions[];

/* Counts work that a function did or is about to do (in characters looked at, or the like).
 * False when the watch says that it is over: the function then returns at once, its result is
 * set. */
bool lookout_functions_charge(sqlite3_context *ctx, size_t work);

#endif
