/*
 * Search over the catalogue's texts, as SQL functions on base/text.h. The text searched for is
 * the same for every row of a statement, so it is folded once and kept as SQLite's auxiliary
 * data of the first argument.
 *
 * A name counts in full. Tags count three quarters; and a query whose words are spread over
 * name, tags and description ("pipeline forecast emea") counts half.
 */

#include "search.h"

#include "../base/arena.h"
#include "../base/text.h"

typedef struct {
    lookout_arena_t *arena; /* owns this struct too */
    lookout_str_t folded;
} search_needle_t;


static void
needle_free(void *data)
{
    search_needle_t *needle = data;

    lookout_arena_destroy(needle->arena);
}


static lookout_str_t
search_text(sqlite3_value *value)
{
    lookout_str_t s;

    s.data = (const char *) sqlite3_value_text(value);
    s.len = (size_t) sqlite3_value_bytes(value);

    return s;
}


static search_needle_t *
needle_create(sqlite3_value *value)
{
    search_needle_t *needle;
    lookout_arena_t *arena;

    arena = lookout_arena_create();
    if (arena == NULL) {
        return NULL;
    }

    needle = lookout_arena_alloc(arena, sizeof(*needle));
    if (needle != NULL) {
        needle->arena = arena;
        needle->folded = lookout_fold(arena, search_text(value));
    }

    if (needle == NULL || needle->folded.data == NULL) {
        lookout_arena_destroy(arena);
        return NULL;
    }
    return needle;
}


/* The folded first argument, made on the statement's first row. NULL: no memory, and said
 * so. */
static const search_needle_t *
search_needle(sqlite3_context *context, sqlite3_value *value)
{
    search_needle_t *needle;

    needle = sqlite3_get_auxdata(context, 0);
    if (needle != NULL) {
        return needle;
    }

    needle = needle_create(value);
    if (needle == NULL) {
        sqlite3_result_error_nomem(context);
        return NULL;
    }

    sqlite3_set_auxdata(context, 0, needle, needle_free);

    /* SQLite may have thrown it away at once. */
    needle = sqlite3_get_auxdata(context, 0);
    if (needle == NULL) {
        sqlite3_result_error_nomem(context);
    }
    return needle;
}


static int
better(int a, int b)
{
    return a > b ? a : b;
}


static void
search_fuzzy(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    int score;
    lookout_str_t all;
    lookout_str_t name;
    lookout_str_t tags;
    lookout_str_t description;
    lookout_arena_t *arena;
    const search_needle_t *needle;

    (void) argc;

    needle = search_needle(context, argv[0]);
    if (needle == NULL) {
        return;
    }

    arena = lookout_arena_create();
    if (arena == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }

    name = lookout_fold(arena, search_text(argv[1]));
    description = lookout_fold(arena, search_text(argv[2]));
    tags = lookout_fold(arena, search_text(argv[3]));
    all = lookout_arena_printf(arena, "%.*s %.*s %.*s", LOOKOUT_STR_ARG(name),
                               LOOKOUT_STR_ARG(tags), LOOKOUT_STR_ARG(description));

    score = lookout_fuzzy_score(needle->folded, name);
    score = better(score, lookout_fuzzy_score(needle->folded, tags) * 3 / 4);
    score = better(score, lookout_fuzzy_score(needle->folded, all) / 2);

    lookout_arena_destroy(arena);
    sqlite3_result_int(context, score);
}


static void
search_contains(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    bool found;
    lookout_str_t text;
    lookout_arena_t *arena;
    const search_needle_t *needle;

    (void) argc;

    needle = search_needle(context, argv[0]);
    if (needle == NULL) {
        return;
    }

    arena = lookout_arena_create();
    if (arena == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }

    text = lookout_fold(arena, search_text(argv[1]));
    found = text.data != NULL && lookout_contains(text, needle->folded);

    lookout_arena_destroy(arena);
    sqlite3_result_int(context, found);
}


bool
lookout_search_register(sqlite3 *sql)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;

    return sqlite3_create_function_v2(sql, "lookout_fuzzy", 4, flags, NULL, search_fuzzy, NULL,
                                      NULL, NULL)
               == SQLITE_OK
           && sqlite3_create_function_v2(sql, "lookout_contains", 2, flags, NULL,
                                         search_contains, NULL, NULL, NULL)
                  == SQLITE_OK;
}
