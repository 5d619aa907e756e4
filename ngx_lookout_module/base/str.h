/*
 * A counted string: bytes that somebody else owns. Not terminated unless the maker says so.
 */

#ifndef LOOKOUT_STR_H
#define LOOKOUT_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct {
    const char *data; /* NULL: absent, as opposed to empty */
    size_t len;       /* bytes */
} lookout_str_t;

#define LOOKOUT_STR(literal) ((lookout_str_t){ (literal), sizeof(literal) - 1 })
#define LOOKOUT_STR_NONE ((lookout_str_t){ NULL, 0 })

/* For printf's "%.*s". */
#define LOOKOUT_STR_ARG(s) (int) (s).len, (s).data

static inline lookout_str_t
lookout_str(const char *s)
{
    return (lookout_str_t){ s, s == NULL ? 0 : strlen(s) };
}

static inline bool
lookout_str_eq(lookout_str_t a, lookout_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool
lookout_str_is(lookout_str_t a, const char *b)
{
    return lookout_str_eq(a, lookout_str(b));
}

#endif
