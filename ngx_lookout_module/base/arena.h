/*
 * An arena: memory that is handed out piece by piece and freed at once, so that everything a
 * call needs has one owner and one end. Not for threads: one user at a time.
 */

#ifndef LOOKOUT_ARENA_H
#define LOOKOUT_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "str.h"

typedef struct lookout_arena_s lookout_arena_t;

/* A new arena, or NULL without memory. The caller destroys it. */
lookout_arena_t *lookout_arena_create(void);

/* Frees the arena and all it gave; NULL is fine. */
void lookout_arena_destroy(lookout_arena_t *arena);

/* Bytes, zeroed and aligned for any type, that live as long as the arena; NULL without
 * memory. */
void *lookout_arena_alloc(lookout_arena_t *arena, size_t size);

/* A copy, terminated by a NUL that its len does not count. {NULL, 0} without memory. */
lookout_str_t lookout_arena_copy(lookout_arena_t *arena, lookout_str_t s);

/* printf into the arena; the result is terminated. {NULL, 0} without memory. */
lookout_str_t lookout_arena_printf(lookout_arena_t *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
lookout_str_t lookout_arena_vprintf(lookout_arena_t *arena, const char *format, va_list args);

/* Calls release(data) when the arena is destroyed, last registered first. False without memory
 * (release has then been called already, so nothing leaks). For cJSON trees and the like. */
bool lookout_arena_defer(lookout_arena_t *arena, void (*release)(void *), void *data);

#endif
