/*
 * printf and format, in place of SQLite's own, which spends seconds on '%.1000000000c' and cannot
 * be stopped meanwhile, and gives null for a text that grows too long where an error says more.
 * The format is taken apart here; each conversion is bounded, and then done by SQLite.
 */

#include <stdio.h>

#include "../base/utf8.h"
#include "functions.h"

#define FLAGS "-+ 0#,!"
#define WHOLE "diuoxXpr" /* conversions of whole numbers */
#define TEXT "szqQw"     /* and of texts */
#define NONE (-1)

typedef struct {
    sqlite3_context *ctx;
    sqlite3_value **args; /* those behind the format */
    int n_args;
    int used;
    int64_t max; /* bytes a text may have */
    sqlite3_str *out;
} printf_t;

/* %[flags][width][.precision]type; l and ll before the type say nothing in SQL. */
typedef struct {
    char flags[sizeof(FLAGS)]; /* each at most once */
    int64_t width;             /* NONE: not given */
    int64_t precision;
    char type; /* '\0': the format ends before it */
} conversion_t;


static sqlite3_value *
next_arg(printf_t *p)
{
    return p->used < p->n_args ? p->args[p->used++] : NULL;
}


static int64_t
int_arg(printf_t *p)
{
    sqlite3_value *value = next_arg(p);

    return value == NULL ? 0 : sqlite3_value_int64(value);
}


/* NULL: there is none, or it is null. */
static const char *
text_arg(printf_t *p)
{
    sqlite3_value *value = next_arg(p);

    return value == NULL ? NULL : (const char *) sqlite3_value_text(value);
}


static void
add_flag(conversion_t *c, char flag)
{
    size_t len = strlen(c->flags);

    if (memchr(c->flags, flag, len) == NULL) {
        c->flags[len] = flag;
    }
}


/* The number without its sign; max + 1 for all that are too large. */
static int64_t
bounded(const printf_t *p, int64_t number)
{
    return number > p->max || number < -p->max ? p->max + 1 : number < 0 ? -number : number;
}


/* A number in the format, or * and the argument for it. */
static const char *
read_number(printf_t *p, const char *at, int64_t *number)
{
    if (*at == '*') {
        *number = int_arg(p);
        return at + 1;
    }
    for (*number = 0; *at >= '0' && *at <= '9'; at++) {
        if (*number <= p->max) {
            *number = *number * 10 + (*at - '0');
        }
    }
    return at;
}


/* Reads what stands behind a %. Returns where it ends. */
static const char *
read_conversion(printf_t *p, const char *at, conversion_t *c)
{
    *c = (conversion_t){ .width = NONE, .precision = NONE };
    for (; *at != '\0' && strchr(FLAGS, *at) != NULL; at++) {
        add_flag(c, *at);
    }
    if (*at == '*' || (*at >= '1' && *at <= '9')) {
        at = read_number(p, at, &c->width);
        if (c->width < 0) {
            add_flag(c, '-');
        }
        c->width = bounded(p, c->width);
    }
    if (*at == '.') {
        at = read_number(p, at + 1, &c->precision);
        c->precision = bounded(p, c->precision);
    }
    at += at[0] != 'l' ? 0 : at[1] != 'l' ? 1 : 2;
    c->type = *at;
    return *at == '\0' ? at : at + 1;
}


/* %c: the first character of a text, as often as the precision says. */
static void
convert_character(printf_t *p, const conversion_t *c, char *spec)
{
    const char *text = text_arg(p);
    uint32_t character;

    if (text == NULL || *text == '\0') {
        (void) snprintf(spec, 32, "%%%s*s", c->flags); /* no character, not one of code 0 */
        sqlite3_str_appendf(p->out, spec, c->width == NONE ? 0 : (int) c->width, "");
        return;
    }
    if (lookout_utf8_next(text, strlen(text), &character) == 0) {
        character = 0xfffd;
    }
    sqlite3_str_appendf(p->out, spec, (int) character);
}


/* Does one conversion. False when the format stops here: the type is unknown. */
static bool
convert(printf_t *p, const conversion_t *c)
{
    bool text = c->type != '\0' && strchr(TEXT, c->type) != NULL;
    char width[24] = "", precision[24] = "", spec[80];
    sqlite3_value *value;

    if (c->width != NONE) {
        (void) snprintf(width, sizeof(width), "%lld", (long long) c->width);
    }
    /* A text is shorter than the largest precision anyway. */
    if (c->precision != NONE && !(text && c->precision > p->max)) {
        (void) snprintf(precision, sizeof(precision), ".%lld", (long long) c->precision);
    }
    (void) snprintf(spec, sizeof(spec), "%%%s%s%s%s%c", c->flags, width, precision,
                    c->type != '\0' && strchr(WHOLE, c->type) != NULL ? "ll" : "",
                    c->type == 'p' ? 'X' : c->type);

    switch (c->type) {
    case '%':
        sqlite3_str_appendchar(p->out, 1, '%');
        return true;
    case 'n':
        return true;
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
    case 'p':
    case 'r':
        sqlite3_str_appendf(p->out, spec, (sqlite3_int64) int_arg(p));
        return true;
    case 'f':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
        value = next_arg(p);
        sqlite3_str_appendf(p->out, spec, value == NULL ? 0.0 : sqlite3_value_double(value));
        return true;
    case 'c':
        convert_character(p, c, spec);
        return true;
    case 's':
    case 'q':
    case 'Q':
    case 'w':
        sqlite3_str_appendf(p->out, spec, text_arg(p));
        return true;
    case 'z':
        /* To SQLite's own functions a z means that they free the text. */
        spec[strlen(spec) - 1] = 's';
        sqlite3_str_appendf(p->out, spec, text_arg(p));
        return true;
    default:
        return false;
    }
}


/* Would the conversion alone be longer than a text may be? */
static bool
too_wide(const printf_t *p, const conversion_t *c)
{
    return c->width > p->max
           || (c->precision > p->max && c->type != '\0' && strchr(TEXT, c->type) == NULL);
}


/* Writes the format with its arguments. An SQLITE_ code; SQLITE_INTERRUPT: the result is set. */
static int
write_all(printf_t *p, const char *format)
{
    const char *percent;
    conversion_t c;

    while (*format != '\0') {
        percent = strchr(format, '%');
        if (percent == NULL) {
            sqlite3_str_appendall(p->out, format);
            break;
        }
        sqlite3_str_append(p->out, format, (int) (percent - format));
        format = read_conversion(p, percent + 1, &c);
        if (too_wide(p, &c)) {
            return SQLITE_TOOBIG;
        }
        if (!lookout_functions_charge(p->ctx, 64 + (size_t) (c.width + 1)
                                                  + (size_t) (c.precision + 1))) {
            return SQLITE_INTERRUPT;
        }
        if (!convert(p, &c) || sqlite3_str_errcode(p->out) != SQLITE_OK) {
            break;
        }
    }
    return sqlite3_str_errcode(p->out);
}


static void
function_printf(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    sqlite3 *sql = sqlite3_context_db_handle(ctx);
    const char *format = n_args == 0 ? NULL : (const char *) sqlite3_value_text(args[0]);
    printf_t p = { .ctx = ctx, .args = args + 1, .n_args = n_args - 1 };
    char *text;
    int rc, len;

    if (format == NULL) {
        return; /* null */
    }
    p.max = sqlite3_limit(sql, SQLITE_LIMIT_LENGTH, -1);
    p.out = sqlite3_str_new(sql);
    rc = write_all(&p, format);
    if (rc == SQLITE_OK) {
        rc = sqlite3_str_errcode(p.out);
    }

    if (rc != SQLITE_OK) {
        sqlite3_free(sqlite3_str_finish(p.out));
        if (rc == SQLITE_TOOBIG) {
            sqlite3_result_error_toobig(ctx);
        } else if (rc != SQLITE_INTERRUPT) {
            sqlite3_result_error_nomem(ctx);
        }
        return;
    }
    len = sqlite3_str_length(p.out);
    text = sqlite3_str_finish(p.out); /* NULL: nothing was written */
    if (text == NULL) {
        sqlite3_result_text(ctx, "", 0, SQLITE_STATIC);
    } else {
        sqlite3_result_text(ctx, text, len, sqlite3_free);
    }
}


const lookout_function_t lookout_printf_functions[] = {
    { "printf", -1, function_printf, NULL, NULL },
    { "format", -1, function_printf, NULL, NULL },
    { NULL, 0, NULL, NULL, NULL },
};
