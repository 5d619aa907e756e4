/*
 * The SQL functions that descriptions make their rows with. All of them are pure: what looks
 * random is a hash of the datasource's name and of the keys that end every call, as in
 * rnd('stage', n), so that a row has the same values however often, in whatever order and on
 * whatever machine it is made, and changing one column leaves the others alone.
 *
 *     rnd(key...)                      uniform in [0, 1)
 *     rndint(low, high, key...)        whole number, both ends included
 *     gauss(key...)                    standard normal
 *     lognormal(median, sigma, key...) skewed like amounts and durations are
 *     poisson(mean, key...)            a count of events
 *     zipf(n, s, key...)               1..n, the first ones far more often
 *     pick('A:30|B:20|C', key...)      one of a list; the weight is 1 where none is given
 *     maybe(p, value, key...)          value with probability p, else NULL
 *     nth('a|b|c', i)                  the i-th of a list, from 1; goes round when i is beyond
 *     items('a|b|c')                   how many there are
 */

#define _GNU_SOURCE /* strchrnul, memrchr */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "seed.h"

#define GOLDEN 0x9e3779b97f4a7c15u

typedef struct {
    sqlite3_value **items;
    int n;
} keys_t;


/* SplitMix64's finalizer: every bit of the input moves every bit of the output. */
static uint64_t
mix(uint64_t h)
{
    h ^= h >> 30;
    h *= 0xbf58476d1ce4e5b9u;
    h ^= h >> 27;
    h *= 0x94d049bb133111ebu;
    return h ^ (h >> 31);
}


/* 2.0 counts as 2, so that a key does not depend on how SQL came by the number. */
static uint64_t
hash_number(uint64_t h, double d)
{
    uint64_t bits;

    if (d > -9e15 && d < 9e15 && d == floor(d)) {
        return mix(h ^ ((uint64_t) (int64_t) d + GOLDEN));
    }
    memcpy(&bits, &d, sizeof(bits));
    return mix(h ^ bits);
}


static uint64_t
hash_bytes(uint64_t h, const unsigned char *data, size_t len)
{
    h ^= 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++) {
        h = (h ^ data[i]) * 0x100000001b3u;
    }
    return mix(h + len);
}


uint64_t
lookout_seed_hash(const char *text)
{
    return hash_bytes(GOLDEN, (const unsigned char *) text, strlen(text));
}


static uint64_t
hash_keys(sqlite3_context *context, keys_t keys)
{
    uint64_t h = *(const uint64_t *) sqlite3_user_data(context);

    for (int i = 0; i < keys.n; i++) {
        sqlite3_value *key = keys.items[i];

        h += GOLDEN;
        switch (sqlite3_value_type(key)) {
        case SQLITE_INTEGER:
            h = mix(h ^ ((uint64_t) sqlite3_value_int64(key) + GOLDEN));
            break;
        case SQLITE_FLOAT:
            h = hash_number(h, sqlite3_value_double(key));
            break;
        case SQLITE_NULL:
            h = mix(h);
            break;
        default:
            h = hash_bytes(h, sqlite3_value_text(key), (size_t) sqlite3_value_bytes(key));
        }
    }
    return h;
}


static double
uniform(uint64_t h)
{
    return (double) (mix(h) >> 11) * 0x1p-53;
}


/* Sum of twelve uniforms: near enough to a normal, exact in every libm, never beyond +-6. */
static double
normal(uint64_t h)
{
    double sum = -6;

    for (int i = 0; i < 12; i++) {
        h += GOLDEN;
        sum += uniform(h);
    }
    return sum;
}


static keys_t
keys_from(sqlite3_value **argv, int argc, int first)
{
    return (keys_t){ argv + first, argc - first };
}


/* Says what was wrong when a call has too few arguments. */
static bool
enough(sqlite3_context *context, int argc, int least, const char *usage)
{
    char *message;

    if (argc >= least) {
        return true;
    }
    message = sqlite3_mprintf("too few arguments: %s", usage);
    sqlite3_result_error(context, message == NULL ? usage : message, -1);
    sqlite3_free(message);
    return false;
}


static void
fn_rnd(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (enough(context, argc, 1, "rnd(key...)")) {
        sqlite3_result_double(context, uniform(hash_keys(context, keys_from(argv, argc, 0))));
    }
}


static void
fn_rndint(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    int64_t low, high;

    if (!enough(context, argc, 3, "rndint(low, high, key...)")) {
        return;
    }
    low = sqlite3_value_int64(argv[0]);
    high = sqlite3_value_int64(argv[1]);
    if (high < low || high - low > INT32_MAX) {
        sqlite3_result_error(context, "rndint(low, high, key...): high is below low", -1);
        return;
    }
    sqlite3_result_int64(context,
                         low
                             + (int64_t) (uniform(hash_keys(context, keys_from(argv, argc, 2)))
                                          * (double) (high - low + 1)));
}


static void
fn_gauss(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (enough(context, argc, 1, "gauss(key...)")) {
        sqlite3_result_double(context, normal(hash_keys(context, keys_from(argv, argc, 0))));
    }
}


static void
fn_lognormal(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    double z;

    if (enough(context, argc, 3, "lognormal(median, sigma, key...)")) {
        z = normal(hash_keys(context, keys_from(argv, argc, 2)));
        sqlite3_result_double(context, sqlite3_value_double(argv[0])
                                           * exp(sqlite3_value_double(argv[1]) * z));
    }
}


/* Knuth's product of uniforms; a rounded normal where that would take long. */
static int64_t
poisson(double mean, uint64_t h)
{
    double limit, product;
    int64_t n = 0;

    if (!(mean > 0)) {
        return 0;
    }
    if (mean > 30) {
        return llround(fmax(0, mean + sqrt(mean) * normal(h)));
    }
    limit = exp(-mean);
    product = uniform(h);
    while (product > limit) {
        n++;
        h += GOLDEN;
        product *= uniform(h);
    }
    return n;
}


static void
fn_poisson(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (enough(context, argc, 2, "poisson(mean, key...)")) {
        sqlite3_result_int64(context, poisson(sqlite3_value_double(argv[0]),
                                              hash_keys(context, keys_from(argv, argc, 1))));
    }
}


static void
fn_zipf(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    double s, u, total = 0;
    int64_t n, i;

    if (!enough(context, argc, 3, "zipf(n, s, key...)")) {
        return;
    }
    n = sqlite3_value_int64(argv[0]);
    s = sqlite3_value_double(argv[1]);
    if (n < 1 || n > 10000) {
        sqlite3_result_error(context, "zipf(n, s, key...): n has to be 1 to 10000", -1);
        return;
    }
    for (i = 1; i <= n; i++) {
        total += pow((double) i, -s);
    }
    u = uniform(hash_keys(context, keys_from(argv, argc, 2))) * total;
    for (i = 1; i < n; i++) {
        u -= pow((double) i, -s);
        if (u < 0) {
            break;
        }
    }
    sqlite3_result_int64(context, i);
}


/* One piece of a list: its text and its weight. Moves *list behind it. */
static double
next_item(const char **list, const char **text, size_t *len)
{
    const char *start = *list, *end = strchrnul(start, '|'), *colon;
    double weight = 1;
    char *stop;

    *list = *end == '|' ? end + 1 : end;
    *text = start;
    *len = (size_t) (end - start);
    colon = memrchr(start, ':', *len);
    if (colon != NULL) {
        double given = strtod(colon + 1, &stop);
        if (stop == end && stop > colon + 1) {
            weight = given;
            *len = (size_t) (colon - start);
        }
    }
    return weight;
}


static void
fn_pick(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const char *list, *at, *text = "";
    double total = 0, u;
    size_t len = 0;

    if (!enough(context, argc, 2, "pick('A:30|B:20', key...)")) {
        return;
    }
    list = (const char *) sqlite3_value_text(argv[0]);
    if (list == NULL) {
        return;
    }
    for (at = list; *at != '\0';) {
        total += next_item(&at, &text, &len);
    }
    u = uniform(hash_keys(context, keys_from(argv, argc, 1))) * total;
    for (at = list; *at != '\0';) {
        u -= next_item(&at, &text, &len);
        if (u < 0) {
            break;
        }
    }
    sqlite3_result_text(context, text, (int) len, SQLITE_TRANSIENT);
}


static void
fn_maybe(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (enough(context, argc, 3, "maybe(p, value, key...)")
        && uniform(hash_keys(context, keys_from(argv, argc, 2)))
               < sqlite3_value_double(argv[0])) {
        sqlite3_result_value(context, argv[1]);
    }
}


static int64_t
count_items(const char *list)
{
    int64_t n = 1;

    for (; *list != '\0'; list++) {
        n += *list == '|';
    }
    return n;
}


static void
fn_items(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const char *list = (const char *) sqlite3_value_text(argv[0]);

    (void) argc;
    if (list != NULL) {
        sqlite3_result_int64(context, count_items(list));
    }
}


static void
fn_nth(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const char *list = (const char *) sqlite3_value_text(argv[0]), *end;
    int64_t n, i;

    (void) argc;
    if (list == NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL) {
        return;
    }
    n = count_items(list);
    i = (sqlite3_value_int64(argv[1]) - 1) % n;
    for (i = i < 0 ? i + n : i; i > 0; i--) {
        list = strchr(list, '|') + 1;
    }
    end = strchrnul(list, '|');
    sqlite3_result_text(context, list, (int) (end - list), SQLITE_TRANSIENT);
}


static const struct {
    const char *name;
    int arguments; /* -1: any number */
    void (*call)(sqlite3_context *, int, sqlite3_value **);
} functions[] = {
    { "rnd", -1, fn_rnd },         { "rndint", -1, fn_rndint },
    { "gauss", -1, fn_gauss },     { "lognormal", -1, fn_lognormal },
    { "poisson", -1, fn_poisson }, { "zipf", -1, fn_zipf },
    { "pick", -1, fn_pick },       { "maybe", -1, fn_maybe },
    { "nth", 2, fn_nth },          { "items", 1, fn_items },
};


bool
lookout_seed_functions(sqlite3 *db, uint64_t *seed)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (sqlite3_create_function_v2(db, functions[i].name, functions[i].arguments, flags,
                                       seed, functions[i].call, NULL, NULL, NULL)
            != SQLITE_OK) {
            return false;
        }
    }
    return true;
}
