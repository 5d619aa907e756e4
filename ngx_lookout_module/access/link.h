/*
 * Links to files: a path under the folder of renders and exports, with the time until which the
 * link is good and a signature over both, so that whoever is given one can fetch that file with
 * plain HTTP, for a while, and nothing else:
 *
 *     https://HOST/files/<expiry>.<signature>/renders/views/vw_.../9f2c1ab847e3.svg
 */

#ifndef LOOKOUT_LINK_H
#define LOOKOUT_LINK_H

#include "../base/digest.h"

typedef enum {
    LOOKOUT_LINK_GOOD,
    LOOKOUT_LINK_INVALID, /* forged, altered, or no such form */
    LOOKOUT_LINK_EXPIRED
} lookout_link_state_e;

/* Appends the link to `path` (relative, without a leading slash) below the address `base`, good
 * for at least `ttl` seconds from `now`. Links made within the same stretch of ttl seconds are
 * the same text, so that a client's cache knows the file again. */
void lookout_link_write(lookout_buf_t *b, const lookout_key_t *key, lookout_str_t base,
                        lookout_str_t path, int64_t now, int64_t ttl);

/* Checks what stands behind the base and its slash. For a good one *path is the relative path, a
 * part of `rest`: names of [A-Za-z0-9_.-], none beginning with a dot, divided by single slashes. */
lookout_link_state_e lookout_link_check(const lookout_key_t *key, lookout_str_t rest,
                                        int64_t now, lookout_str_t *path);

#endif
