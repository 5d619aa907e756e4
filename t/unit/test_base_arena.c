/*
 * Unit tests of the arena: alignment, zeroing, big and small pieces, text, release order, and
 * what happens without memory.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/arena.h"

/* Requests that no machine can meet have to give NULL under ASan too, not an abort. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}


static void
test_pieces_are_zeroed_aligned_and_apart(void **state)
{
    enum { PIECES = 2000 };
    lookout_arena_t *arena = lookout_arena_create();
    unsigned char *pieces[PIECES];
    size_t sizes[PIECES];

    (void) state;
    assert_non_null(arena);
    for (size_t i = 0; i < PIECES; i++) {
        sizes[i] = i % 97 == 0 ? 20000 + i : i % 50;
        pieces[i] = lookout_arena_alloc(arena, sizes[i]);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t) pieces[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(pieces[i][j], 0);
        }
        memset(pieces[i], (int) (i & 255), sizes[i]);
    }
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(pieces[i][j], i & 255);
        }
    }
    lookout_arena_destroy(arena);
    lookout_arena_destroy(NULL);
}


static void
test_copy(void **state)
{
    lookout_arena_t *arena = lookout_arena_create();
    char source[] = "a\0b";
    lookout_str_t s = lookout_arena_copy(arena, (lookout_str_t){ source, 3 }), empty;

    (void) state;
    source[0] = 'x';
    assert_int_equal(s.len, 3);
    assert_memory_equal(s.data, "a\0b\0", 4);

    empty = lookout_arena_copy(arena, LOOKOUT_STR(""));
    assert_non_null(empty.data);
    assert_int_equal(empty.len, 0);
    assert_int_equal(empty.data[0], '\0');
    lookout_arena_destroy(arena);
}


static void
test_printf(void **state)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_str_t s = lookout_arena_printf(arena, "%d of %s", 3, "four");

    (void) state;
    assert_string_equal(s.data, "3 of four");
    assert_int_equal(s.len, 9);
    s = lookout_arena_printf(arena, "%s", "");
    assert_non_null(s.data); /* empty, not absent */
    assert_int_equal(s.len, 0);
    /* Round the size of the buffer on the stack, and far beyond it. */
    for (int width = 250; width < 5000; width = width < 262 ? width + 1 : width * 2) {
        s = lookout_arena_printf(arena, "%*d", width, 7);
        assert_int_equal(s.len, width);
        assert_int_equal(s.data[width - 1], '7');
        assert_int_equal(s.data[width - 2], ' ');
        assert_int_equal(s.data[width], '\0');
    }
    lookout_arena_destroy(arena);
}


static char released[8];
static size_t n_released;

static void
note_release(void *data)
{
    released[n_released++] = *(char *) data;
}


static void
test_release_is_last_first_and_sees_the_arena(void **state)
{
    lookout_arena_t *arena = lookout_arena_create();

    (void) state;
    n_released = 0;
    for (char c = 'a'; c <= 'c'; c++) {
        char *data = lookout_arena_alloc(arena, 1);

        *data = c;
        assert_true(lookout_arena_defer(arena, note_release, data));
    }
    assert_int_equal(n_released, 0);
    lookout_arena_destroy(arena);
    assert_int_equal(n_released, 3);
    assert_memory_equal(released, "cba", 3);
}


static void
test_impossible_sizes(void **state)
{
    static const size_t sizes[] = { SIZE_MAX,      SIZE_MAX - 1, SIZE_MAX - 15,
                                    SIZE_MAX - 40, SIZE_MAX / 2, (size_t) PTRDIFF_MAX - 64 };
    lookout_arena_t *arena = lookout_arena_create();
    char byte = 'x';

    (void) state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_null(lookout_arena_alloc(arena, sizes[i]));
        assert_null(lookout_arena_copy(arena, (lookout_str_t){ &byte, sizes[i] }).data);
    }
    assert_non_null(lookout_arena_alloc(arena, 10)); /* it goes on working */
    lookout_arena_destroy(arena);
}


#ifndef __SANITIZE_ADDRESS__

/* In a child that has used up all of its memory: 0 when the arena copes. */
static int
without_memory(void)
{
    const struct rlimit limit = { 64 << 20, 64 << 20 };
    lookout_arena_t *arena = lookout_arena_create();
    char data = 'z';

    if (arena == NULL || setrlimit(RLIMIT_AS, &limit) != 0) {
        return 1;
    }
    for (size_t size = 1 << 20; size >= 16; size /= 2) {
        while (malloc(size) != NULL) { /* NOLINT: used up on purpose */
        }
    }
    if (lookout_arena_create() != NULL) {
        return 2;
    }
    while (lookout_arena_alloc(arena, 16) != NULL) {
    }
    if (lookout_arena_copy(arena, LOOKOUT_STR("x")).data != NULL
        || lookout_arena_printf(arena, "x").data != NULL) {
        return 3;
    }
    n_released = 0;
    if (lookout_arena_defer(arena, note_release, &data) || n_released != 1) {
        return 4; /* neither kept nor released: leaked */
    }
    lookout_arena_destroy(arena);
    return n_released == 1 ? 0 : 5;
}


static void
test_without_memory(void **state)
{
    int status;
    pid_t child = fork();

    (void) state;
    if (child == 0) {
        _exit(without_memory());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#endif


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_printf),
        cmocka_unit_test(test_release_is_last_first_and_sees_the_arena),
        cmocka_unit_test(test_impossible_sizes),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(test_without_memory),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
