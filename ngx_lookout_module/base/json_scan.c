/*
 * The strict scan of a JSON text. It goes over the text once, without recursion: a stack of
 * brackets says where it is, and a list of the names seen in each object that is still open
 * finds names that appear twice.
 */

#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "buf.h"
#include "json_names.h"
#include "json_scan.h"
#include "utf8.h"

#define NUMBER_MAX 63 /* bytes; cJSON reads no longer ones */
#define NAME_SHOWN 64 /* bytes of a member's name in a message */
#define INT_DIGITS 16 /* of LOOKOUT_JSON_INT_MAX */

typedef struct {
    lookout_arena_t *arena;
    lookout_json_error_t *error;
    const char *text;
    size_t len;
    size_t at;
    char closers[LOOKOUT_JSON_DEPTH]; /* } or ] of what is open, outermost first */
    size_t outer[LOOKOUT_JSON_DEPTH]; /* names.n at the opening of each */
    size_t depth;
    lookout_json_names_t names; /* of all that is open */
} scan_t;


static bool
refuse(scan_t *s, size_t offset, const char *why)
{
    s->error->offset = offset;
    s->error->why = why;
    return false;
}


static bool
refuse_memory(scan_t *s, size_t offset)
{
    return refuse(s, offset, "the server has no memory to read it");
}


/* The byte at the current place, NUL at the end (a NUL in the text is no JSON either). */
static inline char
peek(const scan_t *s)
{
    return s->at < s->len ? s->text[s->at] : '\0';
}


static inline void
skip_space(scan_t *s)
{
    while (s->at < s->len
           && (s->text[s->at] == ' ' || s->text[s->at] == '\n' || s->text[s->at] == '\r'
               || s->text[s->at] == '\t')) {
        s->at++;
    }
}


static inline bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}


/* Reads four hexadecimal digits at p, before end. */
static bool
hex4(const char *p, const char *end, uint32_t *value)
{
    *value = 0;
    if (end - p < 4) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        char c = p[i], lower = (char) (c | 0x20);

        if (is_digit(c)) {
            *value = *value << 4 | (uint32_t) (c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            *value = *value << 4 | (uint32_t) (lower - 'a' + 10);
        } else {
            return false;
        }
    }
    return true;
}


/* Reads XXXX, or XXXX\uXXXX of a surrogate pair, at p. Returns the bytes read, 0 when it is
 * neither; *c is then what the first four digits gave, or 0. */
static size_t
unicode_escape(const char *p, const char *end, uint32_t *c)
{
    uint32_t low;

    if (!hex4(p, end, c)) {
        *c = 0;
        return 0;
    }
    if (*c < 0xd800 || *c > 0xdfff) {
        return 4;
    }
    if (*c > 0xdbff || end - p < 6 || p[4] != '\\' || p[5] != 'u' || !hex4(p + 6, end, &low)
        || low < 0xdc00 || low > 0xdfff) {
        return 0;
    }
    *c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
    return 10;
}


/* The character that \c stands for, or NUL. */
static char
simple_escape(char c)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *p = c == '\0' ? NULL : strchr(from, c);

    return p == NULL ? '\0' : to[p - from];
}


/* Checks the escape whose backslash is at the current place, and goes behind it. */
static bool
scan_escape(scan_t *s)
{
    const char *p = s->text + s->at + 1, *end = s->text + s->len;
    size_t len;
    uint32_t c;

    if (p == end || *p != 'u') {
        if (p < end && simple_escape(*p) == '\0') {
            return refuse(s, s->at,
                          "a backslash in a string is followed by none of "
                          "\" \\ / b f n r t u");
        }
        s->at += 2; /* past the end: scan_string notices */
        return true;
    }
    len = unicode_escape(p + 1, end, &c);
    if (len == 0) {
        return refuse(s, s->at,
                      c == 0 ? "\\u in a string is not followed by four hexadecimal digits"
                             : "\\u in a string is half of a surrogate pair");
    }
    if (c == 0) {
        return refuse(s, s->at, "\\u0000 is not accepted in a string");
    }
    s->at += 2 + len;
    return true;
}


/* Checks the string whose opening quote is at the current place, and goes behind it. Sets
 * *raw to what stands between the quotes and *escaped when there is an escape in it. */
static bool
scan_string(scan_t *s, lookout_str_t *raw, bool *escaped)
{
    size_t start = s->at++;

    *escaped = false;
    while (s->at < s->len) {
        unsigned char c = (unsigned char) s->text[s->at];

        if (c == '"') {
            *raw = (lookout_str_t){ s->text + start + 1, s->at - start - 1 };
            s->at++;
            return true;
        }
        if (c == '\\') {
            *escaped = true;
            if (!scan_escape(s)) {
                return false;
            }
        } else if (c < 0x20) {
            return refuse(s, s->at,
                          "a control character stands in a string: "
                          "write it as \\n, \\t or \\u00XX");
        } else if (c < 0x80) {
            s->at++;
        } else {
            uint32_t code;
            size_t len = lookout_utf8_next(s->text + s->at, s->len - s->at, &code);

            if (len == 0) {
                return refuse(s, s->at, "the text is not valid UTF-8");
            }
            s->at += len;
        }
    }
    return refuse(s, start, "a string has no closing quote");
}


/* Does the number (scanned, at most NUMBER_MAX bytes) read as a finite double? */
static bool
is_finite_number(const char *number, size_t len)
{
    char copy[NUMBER_MAX + 1], *point;

    memcpy(copy, number, len);
    copy[len] = '\0';
    point = strchr(copy, '.');
    if (point != NULL) {
        *point = *localeconv()->decimal_point; /* what strtod expects */
    }
    return isfinite(strtod(copy, NULL));
}


/* Is the integer, a scanned number without fraction and exponent, in the exact range? */
static bool
is_exact_integer(const char *number, size_t len)
{
    int64_t value = 0;

    if (*number == '-') {
        number++;
        len--;
    }
    if (len > INT_DIGITS) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        value = value * 10 + (number[i] - '0');
    }
    return value <= LOOKOUT_JSON_INT_MAX;
}


static bool
scan_number(scan_t *s)
{
    size_t start = s->at;
    bool integer = true;

    if (peek(s) == '-') {
        s->at++;
    }
    if (!is_digit(peek(s))) {
        return refuse(s, start, "a minus sign is not followed by a digit");
    }
    if (peek(s) == '0' && s->at + 1 < s->len && is_digit(s->text[s->at + 1])) {
        return refuse(s, start, "a number begins with a needless 0");
    }
    while (is_digit(peek(s))) {
        s->at++;
    }
    if (peek(s) == '.') {
        integer = false;
        s->at++;
        if (!is_digit(peek(s))) {
            return refuse(s, start, "a number has no digit behind its decimal point");
        }
        while (is_digit(peek(s))) {
            s->at++;
        }
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        integer = false;
        s->at++;
        if (peek(s) == '+' || peek(s) == '-') {
            s->at++;
        }
        if (!is_digit(peek(s))) {
            return refuse(s, start, "a number has no digit in its exponent");
        }
        while (is_digit(peek(s))) {
            s->at++;
        }
    }
    if (integer && !is_exact_integer(s->text + start, s->at - start)) {
        return refuse(s, start,
                      "an integer lies beyond 9007199254740991, where not every reader of JSON "
                      "keeps it exact: send it as a string");
    }
    if (s->at - start > NUMBER_MAX) {
        return refuse(s, start, "a number is longer than 63 characters");
    }
    if (!integer && !is_finite_number(s->text + start, s->at - start)) {
        return refuse(s, start, "a number is too large for a double");
    }
    return true;
}


static bool
scan_word(scan_t *s)
{
    static const lookout_str_t words[] = {
        { "true", 4 },
        { "false", 5 },
        { "null", 4 },
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (s->len - s->at >= words[i].len
            && memcmp(s->text + s->at, words[i].data, words[i].len) == 0) {
            s->at += words[i].len;
            return true;
        }
    }
    switch (peek(s)) {
    case '\'':
        return refuse(s, s->at, "a string is in single quotes: use double quotes");
    case '/':
        return refuse(s, s->at, "JSON has no comments");
    case '}':
    case ']':
    case ',':
        return refuse(s, s->at, "a value is missing");
    default:
        return refuse(s, s->at,
                      "this is not a JSON value (a string in double quotes, a number, an "
                      "object, an array, true, false or null)");
    }
}


size_t
lookout_json_unescape(const char *p, const char *end, char out[4], size_t *len)
{
    uint32_t c = 0;
    size_t read;

    if (p[1] != 'u') {
        *out = simple_escape(p[1]);
        *len = 1;
        return 2;
    }
    read = unicode_escape(p + 2, end, &c);
    *len = lookout_utf8_put(out, c);
    return 2 + read;
}


/* The name without its escapes, in the arena. */
static lookout_str_t
unescape_name(lookout_arena_t *arena, lookout_str_t raw)
{
    const char *p = raw.data, *end = p + raw.len;
    char *name = lookout_arena_alloc(arena, raw.len + 1), *out = name;

    while (name != NULL && p < end) {
        if (*p == '\\') {
            size_t len;

            p += lookout_json_unescape(p, end, out, &len); /* an escape is no shorter */
            out += len;
        } else {
            *out++ = *p++;
        }
    }
    return (lookout_str_t){ name, name == NULL ? 0 : (size_t) (out - name) };
}


/* The end of an object: none of its names may appear twice. */
static bool
check_names(scan_t *s)
{
    const lookout_json_name_t *twin = lookout_json_names_end(&s->names, s->outer[s->depth - 1]);
    lookout_buf_t shown = LOOKOUT_BUF_INIT;
    lookout_str_t why, name;
    size_t offset;

    if (twin == NULL) {
        return true;
    }
    offset = twin->offset;
    name = twin->text;
    if (name.len > NAME_SHOWN) {
        name.len = NAME_SHOWN;
        while ((name.data[name.len] & 0xc0) == 0x80) {
            name.len--; /* not in the middle of a character */
        }
    }
    lookout_buf_json_escape(&shown, name);
    name = lookout_buf_text(&shown);
    why = lookout_arena_printf(s->arena, "member \"%.*s\" appears twice in an object",
                               LOOKOUT_STR_ARG(name));
    lookout_buf_free(&shown);
    if (why.data == NULL) {
        return refuse_memory(s, offset);
    }
    return refuse(s, offset, why.data);
}


/* A member's name and its colon, at the current place. */
static bool
scan_name(scan_t *s)
{
    size_t offset = s->at;
    lookout_str_t raw, name;
    bool escaped;

    if (peek(s) != '"') {
        return refuse(s, s->at,
                      s->at == s->len ? "an object is not closed"
                                      : "a member's name in double quotes is missing");
    }
    if (!scan_string(s, &raw, &escaped)) {
        return false;
    }
    name = escaped ? unescape_name(s->arena, raw) : raw;
    if (name.data == NULL || !lookout_json_names_add(&s->names, name, offset)) {
        return refuse_memory(s, offset);
    }
    skip_space(s);
    if (peek(s) != ':') {
        return refuse(s, s->at, "a colon is missing behind a member's name");
    }
    s->at++;
    return true;
}


/* A bracket that opens, at the current place. Sets *empty when it closes at once. */
static bool
scan_open(scan_t *s, bool *empty)
{
    bool object = s->text[s->at] == '{';

    _Static_assert(LOOKOUT_JSON_DEPTH == 64, "the message names the limit");
    if (s->depth == LOOKOUT_JSON_DEPTH) {
        return refuse(s, s->at, "values are nested more than 64 levels deep");
    }
    s->closers[s->depth] = object ? '}' : ']';
    s->outer[s->depth] = s->names.n;
    s->depth++;
    s->at++;
    skip_space(s);
    *empty = peek(s) == s->closers[s->depth - 1];
    return *empty || !object || scan_name(s);
}


/* Behind a value: closes what closes here, up to a comma (then *more) or the end. */
static bool
scan_after(scan_t *s, bool *more)
{
    *more = false;
    for (;;) {
        char closer;

        skip_space(s);
        if (s->depth == 0) {
            return s->at == s->len
                   || refuse(s, s->at, "more text follows behind the JSON value");
        }
        closer = s->closers[s->depth - 1];
        if (peek(s) == ',') {
            s->at++;
            skip_space(s);
            if (peek(s) == closer) {
                return refuse(s, s->at, "a comma stands before a closing bracket");
            }
            *more = true;
            return closer == ']' || scan_name(s);
        }
        if (peek(s) != closer) {
            break;
        }
        if (closer == '}' && !check_names(s)) {
            return false;
        }
        s->at++;
        s->depth--;
    }
    if (s->at == s->len) {
        return refuse(s, s->at,
                      s->closers[s->depth - 1] == '}' ? "an object is not closed"
                                                      : "an array is not closed");
    }
    if (peek(s) == '}' || peek(s) == ']') {
        return refuse(s, s->at, "a closing bracket does not fit the one that was opened");
    }
    return refuse(s, s->at,
                  s->closers[s->depth - 1] == '}' ? "a comma is missing between members"
                                                  : "a comma is missing between elements");
}


/* A value at the current place: all of a scalar, or the opening of an object or array, with
 * *inside set when its first value comes next. */
static bool
scan_value(scan_t *s, bool *inside)
{
    lookout_str_t raw;
    bool escaped;
    char c;

    *inside = false;
    skip_space(s);
    if (s->at == s->len) {
        return refuse(s, s->at, "the text ends where a value is expected");
    }
    c = s->text[s->at];
    if (c == '{' || c == '[') {
        bool empty;

        if (!scan_open(s, &empty)) {
            return false;
        }
        *inside = !empty;
        return true;
    }
    if (c == '"') {
        return scan_string(s, &raw, &escaped);
    }
    return c == '-' || is_digit(c) ? scan_number(s) : scan_word(s);
}


static bool
scan_text(scan_t *s)
{
    bool more = true;

    if (s->len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0) {
        return refuse(s, 0, "the text begins with a byte order mark: send it without");
    }
    skip_space(s);
    if (s->at == s->len) {
        return refuse(s, s->at, "the text is empty");
    }
    while (more) {
        bool inside;

        if (!scan_value(s, &inside)) {
            return false;
        }
        if (!inside && !scan_after(s, &more)) {
            return false;
        }
    }
    return true;
}


bool
lookout_json_scan(lookout_arena_t *arena, lookout_str_t text, lookout_json_error_t *error)
{
    bool accepted;
    scan_t s;

    s.arena = arena;
    s.error = error;
    s.text = text.len == 0 ? "" : text.data;
    s.len = text.len;
    s.at = 0;
    s.depth = 0;
    lookout_json_names_init(&s.names);

    accepted = scan_text(&s);
    lookout_json_names_free(&s.names);
    return accepted;
}
