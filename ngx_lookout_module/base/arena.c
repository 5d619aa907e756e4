/*
 * The arena: a list of chunks, each one malloc. Pieces are cut from the newest chunk; a piece
 * that would waste much of one gets a chunk of its own, put behind the newest so that cutting
 * goes on there. Chunks grow from 4 KB to 64 KB, so a small call costs one or two mallocs.
 *
 * Under AddressSanitizer every piece is a malloc of its own: an overrun is then found at the
 * byte where it happens, instead of silently reaching into the neighbour.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"

#define ALIGNMENT _Alignof(max_align_t)
#define CHUNK_FIRST 4096
#define CHUNK_LAST 65536

#ifdef __SANITIZE_ADDRESS__
#define PIECES_SHARE_CHUNKS 0
#else
#define PIECES_SHARE_CHUNKS 1
#endif

typedef struct chunk_s chunk_t;

struct chunk_s {
    chunk_t *next;
    size_t used;
    size_t size;
    max_align_t bytes[]; /* size bytes */
};

typedef struct release_s release_t;

struct release_s {
    release_t *next;
    void (*release)(void *);
    void *data;
};

struct lookout_arena_s {
    chunk_t *chunks; /* the one pieces are cut from, then older ones */
    size_t next_size;
    release_t *releases;
};


lookout_arena_t *
lookout_arena_create(void)
{
    lookout_arena_t *arena = calloc(1, sizeof(*arena));

    if (arena != NULL) {
        arena->next_size = CHUNK_FIRST - sizeof(chunk_t);
    }
    return arena;
}


void
lookout_arena_destroy(lookout_arena_t *arena)
{
    if (arena == NULL) {
        return;
    }
    /* What is released may look at arena memory, so that goes last. */
    for (release_t *r = arena->releases; r != NULL; r = r->next) {
        r->release(r->data);
    }
    for (chunk_t *chunk = arena->chunks; chunk != NULL;) {
        chunk_t *next = chunk->next;

        free(chunk);
        chunk = next;
    }
    free(arena);
}


static chunk_t *
chunk_create(size_t size)
{
    chunk_t *chunk = size > SIZE_MAX - sizeof(chunk_t) ? NULL : malloc(sizeof(chunk_t) + size);

    if (chunk != NULL) {
        chunk->next = NULL;
        chunk->used = 0;
        chunk->size = size;
    }
    return chunk;
}


/* A chunk with room for size bytes, linked into the arena; NULL without memory. */
static chunk_t *
chunk_for(lookout_arena_t *arena, size_t size)
{
    chunk_t *chunk;

    if (!PIECES_SHARE_CHUNKS || size > arena->next_size / 4) {
        chunk = chunk_create(size);
        if (chunk != NULL && arena->chunks != NULL) {
            chunk->next = arena->chunks->next;
            arena->chunks->next = chunk;
            return chunk;
        }
    } else {
        chunk = chunk_create(arena->next_size);
        if (arena->next_size < CHUNK_LAST) {
            arena->next_size *= 2;
        }
    }
    if (chunk != NULL) {
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    return chunk;
}


void *
lookout_arena_alloc(lookout_arena_t *arena, size_t size)
{
    chunk_t *chunk = arena->chunks;
    size_t rounded;
    void *piece;

    if (size > SIZE_MAX - ALIGNMENT) {
        return NULL;
    }
    rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (chunk == NULL || chunk->size - chunk->used < rounded) {
        /* The last piece of a chunk needs no padding, and ASan sees its exact end. */
        chunk = chunk_for(arena, PIECES_SHARE_CHUNKS ? rounded : size);
        if (chunk == NULL) {
            return NULL;
        }
    }
    piece = (char *) chunk->bytes + chunk->used;
    chunk->used = PIECES_SHARE_CHUNKS ? chunk->used + rounded : chunk->size;
    return memset(piece, 0, size);
}


lookout_str_t
lookout_arena_copy(lookout_arena_t *arena, lookout_str_t s)
{
    char *copy = s.len == SIZE_MAX ? NULL : lookout_arena_alloc(arena, s.len + 1);

    if (copy == NULL) {
        return LOOKOUT_STR_NONE;
    }
    if (s.len != 0) {
        memcpy(copy, s.data, s.len);
    }
    return (lookout_str_t){ copy, s.len };
}


lookout_str_t
lookout_arena_printf(lookout_arena_t *arena, const char *format, ...)
{
    lookout_str_t s;
    va_list args;

    va_start(args, format);
    s = lookout_arena_vprintf(arena, format, args);
    va_end(args);
    return s;
}


lookout_str_t
lookout_arena_vprintf(lookout_arena_t *arena, const char *format, va_list args)
{
    char small[256];
    va_list again;
    char *text;
    int len;

    va_copy(again, args);
    len = vsnprintf(small, sizeof(small), format, args);
    text = len < 0 ? NULL : lookout_arena_alloc(arena, (size_t) len + 1);
    if (text != NULL) {
        if ((size_t) len < sizeof(small)) {
            memcpy(text, small, (size_t) len);
        } else {
            (void) vsnprintf(text, (size_t) len + 1, format, again);
        }
    }
    va_end(again);
    return text == NULL ? LOOKOUT_STR_NONE : (lookout_str_t){ text, (size_t) len };
}


bool
lookout_arena_defer(lookout_arena_t *arena, void (*release)(void *), void *data)
{
    release_t *r = lookout_arena_alloc(arena, sizeof(*r));

    if (r == NULL) {
        release(data);
        return false;
    }
    *r = (release_t){ arena->releases, release, data };
    arena->releases = r;
    return true;
}
