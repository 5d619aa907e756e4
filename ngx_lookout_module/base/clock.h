/*
 * Time: whole seconds since 1970 for what is shown, monotonic nanoseconds for limits, and the
 * one text form that is used everywhere, UTC ISO 8601 with a Z (2026-05-03T22:14:00Z).
 */

#ifndef LOOKOUT_CLOCK_H
#define LOOKOUT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

#define LOOKOUT_ISO8601_SIZE 21 /* with the NUL; years 0000 to 9999 */

int64_t lookout_now(void);           /* seconds since 1970-01-01T00:00:00Z */
uint64_t lookout_monotonic_ns(void); /* never goes back */

/* Writes the timestamp with its NUL. Times outside the years 0 to 9999 are clamped. */
void lookout_iso8601(char out[LOOKOUT_ISO8601_SIZE], int64_t seconds);

/* Reads 2026-05-03T22:14:00Z; also with a fraction (ignored), an offset (+02:00), or a date
 * alone (midnight UTC). False when it is none of these or names a day that does not exist. */
bool lookout_iso8601_parse(lookout_str_t s, int64_t *seconds);

/* Is s a real calendar day, YYYY-MM-DD? */
bool lookout_date_valid(lookout_str_t s);

#endif
