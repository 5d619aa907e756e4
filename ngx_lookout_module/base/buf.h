/*
 * The text buffer: the one way text is built here. It grows by itself; when memory runs out it
 * turns `failed`, swallows what follows, and is checked once at the end instead of at each
 * step.
 *
 * The lookout_json_* calls write JSON straight into it. They keep no state: a value or a key
 * puts a comma before itself unless the buffer is empty or ends in one of { [ : , so that
 *
 *     lookout_json_open(b, '{');
 *     lookout_json_key(b, "id");   lookout_json_str(b, id);
 *     lookout_json_key(b, "tags"); lookout_json_raw(b, tags);
 *     lookout_json_close(b, '}');
 *
 * needs no bookkeeping.
 */

#ifndef LOOKOUT_BUF_H
#define LOOKOUT_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

typedef struct {
    char *data; /* owned; not terminated */
    size_t len;
    size_t cap;
    bool failed; /* memory ran out: the text is not to be used */
} lookout_buf_t;

#define LOOKOUT_BUF_INIT ((lookout_buf_t){ NULL, 0, 0, false })

/* Frees the memory and makes the buffer empty and usable again. */
void lookout_buf_free(lookout_buf_t *b);

/* Makes it empty, keeps the memory. */
void lookout_buf_reset(lookout_buf_t *b);

/* Room for `more` further bytes: the place to write them, or NULL (then failed is set). The
 * writer adds what it wrote to b->len. */
char *lookout_buf_reserve(lookout_buf_t *b, size_t more);

void lookout_buf_add(lookout_buf_t *b, const char *data, size_t len);
void lookout_buf_str(lookout_buf_t *b, lookout_str_t s);
void lookout_buf_puts(lookout_buf_t *b, const char *s);
void lookout_buf_putc(lookout_buf_t *b, char c);
void lookout_buf_printf(lookout_buf_t *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Drops everything from byte `len` on. */
void lookout_buf_cut(lookout_buf_t *b, size_t len);

/* The contents, valid until the buffer changes; {NULL, 0} when the buffer failed. */
lookout_str_t lookout_buf_text(const lookout_buf_t *b);

/* Decimal digits of any int64. */
void lookout_buf_int(lookout_buf_t *b, int64_t n);

/* The shortest decimal that reads back as the same double, always with a fraction or an
 * exponent (84000.0, 1e+300, -0.5). NaN and infinities are written as `null`. */
void lookout_buf_double(lookout_buf_t *b, double d);

/* The characters of s as the inside of a JSON string, without the quotes. Bytes that are not
 * UTF-8 become U+FFFD. U+2028 and U+2029 are written plainly. */
void lookout_buf_json_escape(lookout_buf_t *b, lookout_str_t s);

void lookout_json_open(lookout_buf_t *b, char bracket);  /* { or [ */
void lookout_json_close(lookout_buf_t *b, char bracket); /* } or ] */
/* key: plain ASCII that needs no escape */
void lookout_json_key(lookout_buf_t *b, const char *key);
void lookout_json_str(lookout_buf_t *b, lookout_str_t s); /* {NULL, 0} is written as null */
void lookout_json_cstr(lookout_buf_t *b, const char *s);  /* NULL is written as null */
void lookout_json_int(lookout_buf_t *b, int64_t n);
void lookout_json_double(lookout_buf_t *b, double d);
void lookout_json_bool(lookout_buf_t *b, bool v);
void lookout_json_null(lookout_buf_t *b);
void lookout_json_raw(lookout_buf_t *b, lookout_str_t json); /* a value that is JSON already */

#endif
