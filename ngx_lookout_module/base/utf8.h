/*
 * UTF-8, a character at a time: the one place that knows which byte sequences are well-formed
 * (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF).
 */

#ifndef LOOKOUT_UTF8_H
#define LOOKOUT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The character that begins at p, of which `left` bytes (at least 1) may be read. Returns its
 * length in bytes, 1 to 4, and sets *c; 0 when no well-formed character begins there. */
static inline size_t
lookout_utf8_next(const char *p, size_t left, uint32_t *c)
{
    const unsigned char *u = (const unsigned char *) p;
    uint32_t least, code = u[0];
    size_t len;

    if (code < 0x80) {
        *c = code;
        return 1;
    }
    if (code >= 0xc2 && code <= 0xdf) {
        len = 2;
        least = 0x80;
        code &= 0x1f;
    } else if (code >= 0xe0 && code <= 0xef) {
        len = 3;
        least = 0x800;
        code &= 0x0f;
    } else if (code >= 0xf0 && code <= 0xf4) {
        len = 4;
        least = 0x10000;
        code &= 0x07;
    } else {
        return 0;
    }
    if (left < len) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (u[i] & 0x3f);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        return 0;
    }
    *c = code;
    return len;
}

/* Writes c as UTF-8 into out (4 bytes of room); returns the length. */
static inline size_t
lookout_utf8_put(char *out, uint32_t c)
{
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if (len == 1) {
        out[0] = (char) c;
        return 1;
    }
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char) (0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char) ((0xf00 >> len) | c); /* 110..., 1110..., 11110... */
    return len;
}

#endif
