/*
 * Ids: a prefix (ds_ wb_ vw_ qry_ rj_ job_ ...) and 22 characters. We mint from [a-z2-7], 110
 * bits of a SHA-256; on input [a-z0-9] is accepted, as the product's published samples use it.
 */

#ifndef LOOKOUT_ID_H
#define LOOKOUT_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

#define LOOKOUT_ID_BODY 22
#define LOOKOUT_ID_MAX 32 /* the longest id with its terminating NUL */

/* Is s the prefix ("ds_") and 22 of [a-z0-9]? Says nothing of whether such an object exists. */
bool lookout_id_valid(lookout_str_t s, const char *prefix);

/* Writes prefix + 22 characters and a NUL into out (LOOKOUT_ID_MAX bytes): the first 110 bits
 * of a SHA-256 digest, five a character. The same digest gives the same id. The prefix is at
 * most nine characters long. */
void lookout_id_mint(char *out, const char *prefix, const uint8_t digest[32]);

#endif
