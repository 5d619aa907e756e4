/*
 * like, glob, lower, upper, instr, replace, trim, ltrim and rtrim, in place of SQLite's own.
 * LIKE and GLOB share one matcher, which goes back to the last % only and so cannot go
 * exponential; a pattern is compiled once a statement. Searching is memmem's, in linear time.
 */

#define _GNU_SOURCE /* memmem, mempcpy, towlower_l */

#include <locale.h>
#include <pthread.h>
#include <wctype.h>

#include "../base/utf8.h"
#include "functions.h"

/* What a pattern is made of: characters, and these. */
#define ONE 0x110000u  /* any one character */
#define MANY 0x110001u /* any characters, also none */
#define SET 0x110002u  /* one of a set: the next token is its length, then from-to pairs */
#define NOT_SET 0x110003u
#define BROKEN 0xfffdu /* a byte that is not UTF-8 */

typedef struct {
    bool fold;
    size_t n;
    uint32_t tokens[3 * LOOKOUT_PATTERN_MAX];
} pattern_t;

static locale_t fold_locale;
static pthread_once_t fold_once = PTHREAD_ONCE_INIT;


static void
fold_init(void)
{
    fold_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
}


static uint32_t
fold(uint32_t c)
{
    if (c < 0x80) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }
    return fold_locale == (locale_t) 0 ? c : (uint32_t) towlower_l((wint_t) c, fold_locale);
}


static inline size_t
next_char(const char *p, const char *end, uint32_t *c)
{
    size_t len;

    if ((unsigned char) *p < 0x80) {
        *c = (unsigned char) *p;
        return 1;
    }
    len = lookout_utf8_next(p, (size_t) (end - p), c);
    if (len == 0) {
        *c = BROKEN;
        return 1;
    }
    return len;
}


static lookout_str_t
arg_text(sqlite3_value *value)
{
    const char *text = (const char *) sqlite3_value_text(value);

    return (lookout_str_t){ text == NULL ? "" : text, (size_t) sqlite3_value_bytes(value) };
}


static bool
any_null(int n_args, sqlite3_value **args)
{
    int i;

    for (i = 0; i < n_args; i++) {
        if (sqlite3_value_type(args[i]) == SQLITE_NULL) {
            return true;
        }
    }
    return false;
}


/* --- LIKE and GLOB --- */

static void
compile_like(pattern_t *pattern, lookout_str_t text, uint32_t escape)
{
    const char *p = text.data, *end = text.data + text.len;
    bool escaped = false;
    uint32_t c;

    (void) pthread_once(&fold_once, fold_init);
    pattern->fold = true;
    while (p < end) {
        p += next_char(p, end, &c);
        if (!escaped && escape != 0 && c == escape) {
            escaped = true;
            continue;
        }
        if (!escaped && (c == '%' || c == '_')) {
            pattern->tokens[pattern->n++] = c == '%' ? MANY : ONE;
        } else {
            pattern->tokens[pattern->n++] = fold(c);
        }
        escaped = false;
    }
    if (escaped) {
        pattern->tokens[pattern->n++] = SET; /* an escape at the end matches nothing: */
        pattern->tokens[pattern->n++] = 0;   /* the empty set */
    }
}


/* Reads the set that begins behind the [ at p. Returns where it ends, NULL when it does not. */
static const char *
compile_set(pattern_t *pattern, const char *p, const char *end)
{
    size_t length_at;
    bool first = true;
    uint32_t c, to;

    pattern->tokens[pattern->n] = SET;
    if (p < end && *p == '^') {
        pattern->tokens[pattern->n] = NOT_SET;
        p++;
    }
    length_at = ++pattern->n;
    pattern->n++;
    for (; p < end; first = false) {
        p += next_char(p, end, &c);
        if (c == ']' && !first) {
            pattern->tokens[length_at] = (uint32_t) (pattern->n - length_at - 1);
            return p;
        }
        to = c;
        if (end - p >= 2 && p[0] == '-' && p[1] != ']') {
            p++;
            p += next_char(p, end, &to);
        }
        pattern->tokens[pattern->n++] = c;
        pattern->tokens[pattern->n++] = to;
    }
    return NULL;
}


static void
compile_glob(pattern_t *pattern, lookout_str_t text)
{
    const char *p = text.data, *end = text.data + text.len;
    uint32_t c;

    while (p < end) {
        p += next_char(p, end, &c);
        if (c == '[') {
            p = compile_set(pattern, p, end);
            if (p == NULL) {
                pattern->n = 0; /* never closed: matches nothing */
                pattern->tokens[pattern->n++] = SET;
                pattern->tokens[pattern->n++] = 0;
                return;
            }
        } else {
            pattern->tokens[pattern->n++] = c == '*' ? MANY : c == '?' ? ONE : c;
        }
    }
}


/* Is c what the token at *at asks for? Then *at moves on to the next token. */
static inline bool
token_takes(const pattern_t *pattern, size_t *at, uint32_t c)
{
    const uint32_t *token = &pattern->tokens[*at];
    bool found = false;
    uint32_t i;

    if (*token < ONE) {
        if (*token != (pattern->fold ? fold(c) : c)) {
            return false;
        }
        *at += 1;
        return true;
    }
    if (*token == ONE) {
        *at += 1;
        return true;
    }
    if (*token == MANY) {
        return false;
    }
    for (i = 0; i < token[1] && !found; i += 2) {
        found = c >= token[2 + i] && c <= token[3 + i];
    }
    if (found != (*token == SET)) {
        return false;
    }
    *at += 2 + token[1];
    return true;
}


/* Steps over what cannot begin with the plain character at `at`. What is beyond ASCII may fold
 * into it (the Kelvin sign is a k) and is left to the matcher. */
static inline const char *
skip_to(const pattern_t *pattern, size_t at, const char *s, const char *end)
{
    uint32_t first = pattern->tokens[at], c;

    while (first < 0x80 && s < end) {
        c = (unsigned char) *s;
        if (c >= 0x80 || (pattern->fold ? fold(c) : c) == first) {
            break;
        }
        s++;
    }
    return s;
}


/* 1: matches, 0: does not, -1: stopped. Goes back to the last MANY only: whatever an earlier
 * one could take instead, the last one can take too. */
static int
match(sqlite3_context *ctx, const pattern_t *pattern, lookout_str_t text)
{
    const char *s = text.data, *end = text.data + text.len, *again = NULL;
    size_t at = 0, again_at = 0, work = 0;
    uint32_t c;
    size_t len;

    while (s < end) {
        if (at < pattern->n && pattern->tokens[at] == MANY) {
            if (++at == pattern->n) {
                return 1;
            }
            s = again = skip_to(pattern, at, s, end);
            again_at = at;
            continue;
        }
        len = next_char(s, end, &c);
        if (at < pattern->n && token_takes(pattern, &at, c)) {
            s += len;
            continue;
        }
        if (again == NULL) {
            return 0;
        }
        work += (size_t) (s - again) + 1;
        again += next_char(again, end, &c);
        s = again = skip_to(pattern, again_at, again, end);
        at = again_at;
        if (work > 4096) {
            if (!lookout_functions_charge(ctx, work)) {
                return -1;
            }
            work = 0;
        }
    }
    while (at < pattern->n && pattern->tokens[at] == MANY) {
        at++;
    }
    return lookout_functions_charge(ctx, text.len + work) ? at == pattern->n : -1;
}


/* The compiled pattern of args[0]: kept by SQLite between the rows when it is a constant. */
static pattern_t *
pattern_of(sqlite3_context *ctx, int n_args, sqlite3_value **args, bool like)
{
    lookout_str_t text = arg_text(args[0]), escape_text;
    pattern_t *pattern;
    uint32_t escape = 0;

    if (text.len > LOOKOUT_PATTERN_MAX) {
        sqlite3_result_error(ctx, "LIKE or GLOB pattern too complex", -1);
        return NULL;
    }
    if (n_args == 3) {
        escape_text = arg_text(args[2]);
        if (escape_text.len == 0
            || next_char(escape_text.data, escape_text.data + escape_text.len, &escape)
                   != escape_text.len) {
            sqlite3_result_error(ctx, "ESCAPE expression must be a single character", -1);
            return NULL;
        }
    }
    pattern = sqlite3_malloc64(sizeof(*pattern));
    if (pattern == NULL) {
        sqlite3_result_error_nomem(ctx);
        return NULL;
    }
    pattern->n = 0;
    pattern->fold = false;
    if (like) {
        compile_like(pattern, text, escape);
    } else {
        compile_glob(pattern, text);
    }
    return pattern;
}


static void
like_or_glob(sqlite3_context *ctx, int n_args, sqlite3_value **args, bool like)
{
    pattern_t *pattern, *made = NULL;
    int matches;

    if (any_null(n_args, args)) {
        return;
    }
    if (sqlite3_value_type(args[0]) == SQLITE_BLOB
        || sqlite3_value_type(args[1]) == SQLITE_BLOB) {
        sqlite3_result_int(ctx, 0);
        return;
    }
    /* With three arguments the escape could change from row to row. */
    pattern = n_args == 2 ? sqlite3_get_auxdata(ctx, 0) : NULL;
    if (pattern == NULL) {
        pattern = made = pattern_of(ctx, n_args, args, like);
        if (pattern == NULL) {
            return;
        }
    }
    matches = match(ctx, pattern, arg_text(args[1]));
    if (matches >= 0) {
        sqlite3_result_int(ctx, matches);
    }
    if (made != NULL && n_args == 2) {
        sqlite3_set_auxdata(ctx, 0, made, sqlite3_free);
    } else {
        sqlite3_free(made);
    }
}


static void
like_call(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    like_or_glob(ctx, n_args, args, true);
}


static void
glob_call(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    like_or_glob(ctx, n_args, args, false);
}


/* --- lower and upper --- */

static void
change_case(sqlite3_context *ctx, sqlite3_value **args, bool up)
{
    lookout_str_t text;
    const char *p, *end;
    char *result, *out;
    uint32_t c;

    if (any_null(1, args)) {
        return;
    }
    (void) pthread_once(&fold_once, fold_init);
    text = arg_text(args[0]);
    /* A byte that is not UTF-8 becomes a character of three; others grow less. */
    result = sqlite3_malloc64(3 * text.len + 1);
    if (result == NULL) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    out = result;
    for (p = text.data, end = p + text.len; p < end;) {
        p += next_char(p, end, &c);
        if (!up) {
            c = fold(c);
        } else if (c < 0x80) {
            c -= c >= 'a' && c <= 'z' ? 'a' - 'A' : 0;
        } else if (fold_locale != (locale_t) 0) {
            c = (uint32_t) towupper_l((wint_t) c, fold_locale);
        }
        out += lookout_utf8_put(out, c);
    }
    sqlite3_result_text64(ctx, result, (sqlite3_uint64) (out - result), sqlite3_free,
                          SQLITE_UTF8);
}


static void
lower_call(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    (void) n_args;
    change_case(ctx, args, false);
}


static void
upper_call(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    (void) n_args;
    change_case(ctx, args, true);
}


/* --- instr and replace --- */

static void
instr_call(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    lookout_str_t hay, needle;
    const char *found, *p;
    bool bytes;
    int64_t at = 1;

    if (any_null(n_args, args)) {
        return;
    }
    bytes = sqlite3_value_type(args[0]) == SQLITE_BLOB
            && sqlite3_value_type(args[1]) == SQLITE_BLOB;
    hay = arg_text(args[0]);
    needle = arg_text(args[1]);
    if (!lookout_functions_charge(ctx, hay.len)) {
        return;
    }
    found = needle.len == 0 ? hay.data : memmem(hay.data, hay.len, needle.data, needle.len);
    if (found == NULL) {
        sqlite3_result_int(ctx, 0);
        return;
    }
    for (p = hay.data; p < found; p++) {
        at += bytes || ((unsigned char) *p & 0xc0) != 0x80;
    }
    sqlite3_result_int64(ctx, at);
}


static size_t
occurrences(lookout_str_t text, lookout_str_t what)
{
    const char *p = text.data, *end = text.data + text.len;
    size_t n = 0;

    while ((p = memmem(p, (size_t) (end - p), what.data, what.len)) != NULL) {
        n++;
        p += what.len;
    }
    return n;
}


static void
replace_call(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    lookout_str_t text, what, with;
    const char *p, *found, *end;
    char *result, *out;
    size_t size;

    if (any_null(n_args, args)) {
        return;
    }
    text = arg_text(args[0]);
    what = arg_text(args[1]);
    with = arg_text(args[2]);
    if (what.len == 0 || text.len < what.len) {
        sqlite3_result_value(ctx, args[0]);
        return;
    }
    size = text.len - occurrences(text, what) * what.len;
    size += (text.len - size) / what.len * with.len;
    if (size
        > (size_t) sqlite3_limit(sqlite3_context_db_handle(ctx), SQLITE_LIMIT_LENGTH, -1)) {
        sqlite3_result_error_toobig(ctx);
        return;
    }
    if (!lookout_functions_charge(ctx, text.len + size)) {
        return;
    }
    result = sqlite3_malloc64(size + 1);
    if (result == NULL) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    out = result;
    p = text.data;
    end = text.data + text.len;
    while ((found = memmem(p, (size_t) (end - p), what.data, what.len)) != NULL) {
        out = (char *) mempcpy(mempcpy(out, p, (size_t) (found - p)), with.data, with.len);
        p = found + what.len;
    }
    (void) mempcpy(out, p, (size_t) (end - p));
    sqlite3_result_text64(ctx, result, size, sqlite3_free, SQLITE_UTF8);
}


/* --- trim --- */

static bool
in_set(lookout_str_t set, const char *p, size_t len)
{
    const char *s = set.data, *end = set.data + set.len;
    uint32_t c;
    size_t step;

    for (; s < end; s += step) {
        step = next_char(s, end, &c);
        if (step == len && memcmp(s, p, len) == 0) {
            return true;
        }
    }
    return false;
}


static void
trim(sqlite3_context *ctx, int n_args, sqlite3_value **args, bool left, bool right)
{
    lookout_str_t text, set = LOOKOUT_STR(" ");
    const char *start, *end, *p;
    uint32_t c;
    size_t len;

    if (any_null(n_args, args)) {
        return;
    }
    text = arg_text(args[0]);
    if (n_args == 2) {
        set = arg_text(args[1]);
    }
    if (set.len > LOOKOUT_PATTERN_MAX) {
        sqlite3_result_error(ctx, "too many characters to trim", -1);
        return;
    }
    if (!lookout_functions_charge(ctx, text.len * (1 + set.len / 8))) {
        return;
    }
    start = text.data;
    end = text.data + text.len;
    while (left && start < end) {
        len = next_char(start, end, &c);
        if (!in_set(set, start, len)) {
            break;
        }
        start += len;
    }
    while (right && start < end) {
        for (p = end - 1; p > start && ((unsigned char) *p & 0xc0) == 0x80;) {
            p--;
        }
        if (!in_set(set, p, (size_t) (end - p))) {
            break;
        }
        end = p;
    }
    sqlite3_result_text64(ctx, start, (size_t) (end - start), SQLITE_TRANSIENT, SQLITE_UTF8);
}


static void
trim_call(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    trim(ctx, n_args, args, true, true);
}


static void
ltrim_call(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    trim(ctx, n_args, args, true, false);
}


static void
rtrim_call(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    trim(ctx, n_args, args, false, true);
}


const lookout_function_t lookout_text_functions[] = {
    { "like", 2, like_call, NULL, NULL },       { "like", 3, like_call, NULL, NULL },
    { "glob", 2, glob_call, NULL, NULL },       { "lower", 1, lower_call, NULL, NULL },
    { "upper", 1, upper_call, NULL, NULL },     { "instr", 2, instr_call, NULL, NULL },
    { "replace", 3, replace_call, NULL, NULL }, { "trim", 1, trim_call, NULL, NULL },
    { "trim", 2, trim_call, NULL, NULL },       { "ltrim", 1, ltrim_call, NULL, NULL },
    { "ltrim", 2, ltrim_call, NULL, NULL },     { "rtrim", 1, rtrim_call, NULL, NULL },
    { "rtrim", 2, rtrim_call, NULL, NULL },     { NULL, 0, NULL, NULL, NULL },
};
