/*
 * RFC 4180: values parted by commas, rows by line ends, a value in double quotes may hold both,
 * and a double quote in it is written twice. Two liberties: a semicolon or a tab parts values
 * when the header has no comma outside quotes but has one of those, and a byte order mark is
 * skipped. The file is read whole and its values are handed out in place; only values with
 * doubled quotes are rewritten (shorter, so in place too).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ngx_lookout_module/base/text.h"
#include "seed.h"


static lookout_seed_at_t
at_line(lookout_arena_t *arena, const char *file, int64_t line)
{
    lookout_str_t path = lookout_arena_printf(arena, "line %lld", (long long) line);

    return (lookout_seed_at_t){ file, path.data };
}


lookout_seed_at_t
lookout_seed_csv_at(lookout_seed_t *seed, const lookout_seed_csv_t *csv)
{
    return at_line(seed->arena, csv->file, csv->line);
}


static char
find_separator(const char *at, const char *end)
{
    int commas = 0, semicolons = 0, tabs = 0;
    bool quoted = false;

    for (; at < end && (quoted || (*at != '\n' && *at != '\r')); at++) {
        quoted ^= *at == '"';
        commas += !quoted && *at == ',';
        semicolons += !quoted && *at == ';';
        tabs += !quoted && *at == '\t';
    }
    if (commas == 0 && semicolons + tabs > 0) {
        return semicolons > tabs ? ';' : '\t';
    }
    return ',';
}


/* Points at the first line that is not UTF-8, so that it can be found in an editor. */
static bool
check_encoding(lookout_seed_t *seed, const char *file, lookout_str_t text)
{
    int64_t line = 1;
    const char *at = text.data, *end = text.data + text.len;

    if (memchr(text.data, '\0', text.len) != NULL) {
        return lookout_seed_fail((lookout_seed_at_t){ file, NULL },
                                 "holds NUL bytes; save it as UTF-8 text");
    }
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t) (end - at));

        stop = stop == NULL ? end : stop;
        if (!lookout_utf8_valid((lookout_str_t){ at, (size_t) (stop - at) })) {
            return lookout_seed_fail(at_line(seed->arena, file, line),
                                     "is not UTF-8; save the file as UTF-8 text");
        }
        at = stop + 1;
        line++;
    }
    return true;
}


bool
lookout_seed_csv_open(lookout_seed_t *seed, const char *file, lookout_seed_csv_t *csv)
{
    lookout_str_t text;

    if (!lookout_seed_file_read(seed, file, &text)) {
        return false;
    }
    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        text.data += 3;
        text.len -= 3;
    }
    if (text.len == 0) {
        return lookout_seed_fail((lookout_seed_at_t){ file, NULL },
                                 "is empty; its first line has to name the columns");
    }
    if (!check_encoding(seed, file, text)) {
        return false;
    }
    *csv = (lookout_seed_csv_t){ .file = file,
                                 .at = text.data,
                                 .end = text.data + text.len,
                                 .separator = find_separator(text.data, text.data + text.len),
                                 .next_line = 1,
                                 .arena = seed->arena };
    return true;
}


static bool
add_value(lookout_seed_csv_t *csv, lookout_str_t value, bool quoted)
{
    if (csv->n == csv->cap) {
        size_t cap = csv->cap == 0 ? 32 : csv->cap * 2;
        lookout_str_t *values = lookout_arena_alloc(csv->arena, cap * sizeof(*values));
        bool *flags = lookout_arena_alloc(csv->arena, cap * sizeof(*flags));

        if (values == NULL || flags == NULL) {
            return lookout_seed_no_memory();
        }
        if (csv->n > 0) {
            memcpy(values, csv->values, csv->n * sizeof(*values));
            memcpy(flags, csv->quoted, csv->n * sizeof(*flags));
        }
        csv->values = values;
        csv->quoted = flags;
        csv->cap = cap;
    }
    csv->values[csv->n] = value;
    csv->quoted[csv->n++] = quoted;
    return true;
}


/* From behind the opening quote to behind the closing one. */
static bool
read_quoted(lookout_seed_csv_t *csv, lookout_str_t *value)
{
    const char *start = csv->at;
    char *to = (char *) start; /* the file's text is ours to rewrite */

    for (; csv->at < csv->end; csv->at++) {
        if (*csv->at == '"') {
            if (csv->at + 1 == csv->end || csv->at[1] != '"') {
                *value = (lookout_str_t){ start, (size_t) (to - start) };
                csv->at++;
                return true;
            }
            csv->at++;
        }
        csv->next_line += *csv->at == '\n';
        if (to != csv->at) {
            *to = *csv->at;
        }
        to++;
    }
    return lookout_seed_fail(at_line(csv->arena, csv->file, csv->line),
                             "value %zu begins with a quote that is never closed", csv->n + 1);
}


static bool
read_plain(lookout_seed_csv_t *csv, lookout_str_t *value)
{
    const char *start = csv->at;

    while (csv->at < csv->end && *csv->at != csv->separator && *csv->at != '\n'
           && *csv->at != '\r') {
        if (*csv->at == '"') {
            return lookout_seed_fail(
                at_line(csv->arena, csv->file, csv->line),
                "value %zu has a quote in its middle; put all of the value in double quotes "
                "and write the quote in it twice",
                csv->n + 1);
        }
        csv->at++;
    }
    *value = (lookout_str_t){ start, (size_t) (csv->at - start) };
    return true;
}


/* Steps over the line end. A carriage return alone is one too, as old Macs wrote it. */
static void
end_row(lookout_seed_csv_t *csv)
{
    if (csv->at < csv->end && *csv->at == '\r') {
        csv->at++;
    }
    if (csv->at < csv->end && *csv->at == '\n') {
        csv->at++;
    }
    csv->next_line++;
}


static bool
blank_line(const lookout_seed_csv_t *csv)
{
    return csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r');
}


bool
lookout_seed_csv_row(lookout_seed_csv_t *csv, bool *failed)
{
    lookout_str_t value = LOOKOUT_STR_NONE;
    bool quoted, read;

    *failed = false;
    while (blank_line(csv)) {
        end_row(csv);
    }
    if (csv->at == csv->end) {
        return false;
    }
    csv->n = 0;
    csv->line = csv->next_line;
    for (;;) {
        quoted = csv->at < csv->end && *csv->at == '"';
        csv->at += quoted;
        read = quoted ? read_quoted(csv, &value) : read_plain(csv, &value);
        if (!read || !add_value(csv, value, quoted)) {
            *failed = true;
            return false;
        }
        if (csv->at < csv->end && *csv->at == csv->separator) {
            csv->at++;
            continue;
        }
        if (csv->at < csv->end && *csv->at != '\n' && *csv->at != '\r') {
            *failed = !lookout_seed_fail(at_line(csv->arena, csv->file, csv->line),
                                         "value %zu goes on after its closing quote", csv->n);
            return false;
        }
        end_row(csv);
        return true;
    }
}


bool
lookout_seed_csv_names(lookout_seed_t *seed, const lookout_seed_csv_t *csv, char ***names)
{
    lookout_seed_at_t at = lookout_seed_csv_at(seed, csv);
    char **list = lookout_arena_alloc(seed->arena, csv->n * sizeof(*list));

    if (list == NULL) {
        return lookout_seed_no_memory();
    }
    if (csv->n > LOOKOUT_SEED_FIELDS_MAX) {
        return lookout_seed_fail(at, "names %zu columns; at most %d can be held", csv->n,
                                 LOOKOUT_SEED_FIELDS_MAX);
    }
    for (size_t i = 0; i < csv->n; i++) {
        list[i] = (char *) lookout_seed_slug(seed, csv->values[i], '_');
        if (list[i] == NULL) {
            return false;
        }
        if (list[i][0] == '\0') {
            return lookout_seed_fail(at, "the name of column %zu has no letter and no digit",
                                     i + 1);
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(list[i], list[j]) == 0) {
                return lookout_seed_fail(at, "columns %zu and %zu are both called \"%s\"",
                                         j + 1, i + 1, list[i]);
            }
        }
    }
    *names = list;
    return true;
}
