/*
 * Text to typed values, for CSV files and for what a description's SQL gives as text. The forms
 * that are taken are the unmistakable ones: 1234.5, never 1.234,5; 2026-05-03, never 05/03/26.
 */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../ngx_lookout_module/base/clock.h"
#include "../ngx_lookout_module/base/text.h"
#include "seed.h"

#define SHOWN 40 /* bytes of a wrong value that a message quotes */


static bool
refuse(char *why, lookout_str_t text, const char *wanted)
{
    int shown = text.len > SHOWN ? SHOWN : (int) text.len;

    /* Not in the middle of a character. */
    while (shown > 0 && shown < (int) text.len
           && ((unsigned char) text.data[shown] & 0xc0) == 0x80) {
        shown--;
    }
    snprintf(why, LOOKOUT_SEED_WHY, "\"%.*s%s\" is not %s", shown, text.data,
             (size_t) shown < text.len ? "..." : "", wanted);
    return false;
}


static size_t
digits(const char *s)
{
    size_t n = 0;

    while (s[n] >= '0' && s[n] <= '9') {
        n++;
    }
    return n;
}


/* The text, terminated, in `room`; false when it does not fit, and so is no number. */
static bool
terminated(lookout_str_t text, char *room, size_t size)
{
    if (text.len == 0 || text.len >= size || memchr(text.data, '\0', text.len) != NULL) {
        return false;
    }
    memcpy(room, text.data, text.len);
    room[text.len] = '\0';
    return true;
}


static bool
read_integer(lookout_str_t text, lookout_seed_value_t *value)
{
    char room[32], *at = room;

    if (!terminated(text, room, sizeof(room))) {
        return false;
    }
    at += *at == '-' || *at == '+';
    if (digits(at) == 0 || at[digits(at)] != '\0') {
        return false;
    }
    errno = 0;
    value->integer = strtoll(room, NULL, 10);
    value->kind = SQLITE_INTEGER;
    return errno == 0;
}


static bool
read_float(lookout_str_t text, lookout_seed_value_t *value)
{
    char room[400], *at = room;
    size_t before, after = 0;

    if (!terminated(text, room, sizeof(room))) {
        return false;
    }
    at += *at == '-' || *at == '+';
    before = digits(at);
    at += before;
    if (*at == '.') {
        after = digits(++at);
        at += after;
    }
    if (before + after == 0) {
        return false;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '-' || *at == '+';
        if (digits(at) == 0) {
            return false;
        }
        at += digits(at);
    }
    value->kind = SQLITE_FLOAT;
    value->real = strtod(room, NULL);
    return *at == '\0' && isfinite(value->real);
}


static bool
read_boolean(lookout_str_t text, lookout_seed_value_t *value)
{
    static const struct {
        const char *word;
        int64_t value;
    } words[] = { { "true", 1 }, { "false", 0 }, { "yes", 1 }, { "no", 0 },
                  { "t", 1 },    { "f", 0 },     { "1", 1 },   { "0", 0 } };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text.len == strlen(words[i].word)
            && strncasecmp(text.data, words[i].word, text.len) == 0) {
            value->kind = SQLITE_INTEGER;
            value->integer = words[i].value;
            return true;
        }
    }
    return false;
}


/* 2026-05-03T22:14:00Z as it is; also with a blank for the T, without seconds, with a fraction
 * or an offset. Without an offset it is taken for UTC. */
static bool
read_timestamp(lookout_str_t text, char *room, lookout_seed_value_t *value)
{
    char form[64];
    const char *zone;
    int64_t seconds;
    size_t n = text.len;

    if (n < 16 || !terminated(text, form, sizeof(form) - 8)) {
        return false;
    }
    if (form[10] == ' ') {
        form[10] = 'T';
    }
    if (form[10] != 'T' || digits(form + 11) != 2 || form[13] != ':'
        || digits(form + 14) != 2) {
        return false;
    }
    if (form[16] != ':') {
        memmove(form + 19, form + 16, n - 16 + 1);
        memcpy(form + 16, ":00", 3);
        n += 3;
    }
    zone = form + 19;
    if (*zone == '.') {
        zone += 1 + digits(zone + 1);
    }
    if (*zone == '\0') {
        form[n++] = 'Z';
        form[n] = '\0';
    }
    if (!lookout_iso8601_parse((lookout_str_t){ form, n }, &seconds)) {
        return false;
    }
    lookout_iso8601(room, seconds);
    value->kind = SQLITE_TEXT;
    value->text = lookout_str(room);
    return true;
}


bool
lookout_seed_value(lookout_type_e type, lookout_str_t text, char *room,
                   lookout_seed_value_t *value, char *why)
{
    switch (type) {
    case LOOKOUT_STRING:
        value->kind = SQLITE_TEXT;
        value->text = text;
        return lookout_utf8_valid(text) || refuse(why, LOOKOUT_STR("a text"), "UTF-8");
    case LOOKOUT_INTEGER:
        return read_integer(text, value)
               || refuse(why, text, "a whole number of at most 64 bits");
    case LOOKOUT_FLOAT:
        return read_float(text, value) || refuse(why, text, "a number like -1234.5");
    case LOOKOUT_BOOLEAN:
        return read_boolean(text, value) || refuse(why, text, "true or false");
    case LOOKOUT_DATE:
        value->kind = SQLITE_TEXT;
        value->text = text;
        return lookout_date_valid(text) || refuse(why, text, "a day (YYYY-MM-DD)");
    case LOOKOUT_TIMESTAMP:
        return read_timestamp(text, room, value)
               || refuse(why, text, "a time (YYYY-MM-DDTHH:MM:SSZ)");
    }
    return refuse(why, text, "of a known type");
}
