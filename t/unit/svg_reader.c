/*
 * A small checker of well-formedness, for the XML that the painter may write: elements,
 * attributes, text and the five entities; no comments, no processing instructions.
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../../ngx_lookout_module/base/text.h"
#include "svg_reader.h"

#define MAX_DEPTH 32

typedef struct {
    const char *p, *end;
    lookout_str_t open[MAX_DEPTH];
    size_t depth;
    svg_t *svg;
} reader_t;


/* Characters and entities that may stand in text or in an attribute. */
static const char *
check_text(lookout_str_t text)
{
    static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
    size_t i, e;

    for (i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char) text.data[i];

        if (c < 0x20 && c != '\n') {
            return "a control character";
        }
        if (c == '<') {
            return "a bare <";
        }
        if (c == '&') {
            for (e = 0; e < 5
                        && (text.len - i < strlen(entities[e])
                            || memcmp(text.data + i, entities[e], strlen(entities[e])) != 0);
                 e++) {
            }
            if (e == 5) {
                return "a bare &";
            }
        }
    }
    return NULL;
}


static const char *
check_attributes(lookout_str_t text)
{
    lookout_str_t names[24];
    size_t i = 0, n = 0, j;

    while (i < text.len) {
        size_t name, value;

        while (i < text.len && text.data[i] == ' ') {
            i++;
        }
        for (name = i; i < text.len
                       && (isalpha((unsigned char) text.data[i]) || text.data[i] == '-'
                           || isdigit(text.data[i]));
             i++) {
        }
        if (i == name) {
            return i == text.len ? NULL : "no attribute's name";
        }
        names[n] = (lookout_str_t){ text.data + name, i - name };
        for (j = 0; j < n; j++) {
            if (lookout_str_eq(names[j], names[n])) {
                return "an attribute twice";
            }
        }
        n = n < 23 ? n + 1 : n;
        if (i + 1 >= text.len || text.data[i] != '=' || text.data[i + 1] != '"') {
            return "an attribute without a quoted value";
        }
        for (value = i += 2; i < text.len && text.data[i] != '"'; i++) {
        }
        if (i == text.len) {
            return "an attribute without an end";
        }
        if (check_text((lookout_str_t){ text.data + value, i - value }) != NULL) {
            return "an attribute with what may not stand in one";
        }
        i++;
    }
    return NULL;
}


/* The tag at p, which is <. */
static const char *
read_tag(reader_t *r)
{
    const char *close = memchr(r->p, '>', (size_t) (r->end - r->p)), *name = r->p + 1, *p;
    bool empty, ends = name < r->end && *name == '/';
    svg_element_t *element;
    lookout_str_t tag;

    if (close == NULL) {
        return "a tag without an end";
    }
    r->p = close + 1;
    name += ends;
    for (p = name; p < close && isalnum((unsigned char) *p); p++) {
    }
    tag = (lookout_str_t){ name, (size_t) (p - name) };
    if (tag.len == 0 || tag.len > 15) {
        return "a tag without a name";
    }
    if (ends) {
        if (r->depth == 0 || !lookout_str_eq(r->open[--r->depth], tag) || p != close) {
            return "a tag that closes what is not open";
        }
        return NULL;
    }
    empty = close[-1] == '/';
    element = &r->svg->elements[r->svg->n < SVG_MAX - 1 ? r->svg->n++ : SVG_MAX - 1];
    memset(element, 0, sizeof(*element));
    memcpy(element->tag, tag.data, tag.len);
    element->attributes = (lookout_str_t){ p, (size_t) (close - p) - (empty ? 1 : 0) };
    if (!empty) {
        if (r->depth == MAX_DEPTH) {
            return "too deep";
        }
        r->open[r->depth++] = tag;
    }
    return check_attributes(element->attributes);
}


svg_t
svg_read(lookout_str_t file)
{
    svg_t svg = { .elements = calloc(SVG_MAX, sizeof(svg_element_t)) };
    reader_t r = { .p = file.data, .end = file.data + file.len, .svg = &svg };

    if (!lookout_utf8_valid(file)) {
        svg.wrong = "not UTF-8";
    }
    while (svg.wrong == NULL && r.p < r.end) {
        if (*r.p == '<') {
            svg.wrong = read_tag(&r);
        } else {
            const char *next = memchr(r.p, '<', (size_t) (r.end - r.p));
            lookout_str_t text = { r.p, (size_t) ((next == NULL ? r.end : next) - r.p) };

            svg.wrong = check_text(text);
            if (r.depth == 0 && strspn(r.p, "\n") < text.len) {
                svg.wrong = "text outside of the root";
            }
            if (svg.n > 0) {
                svg_element_t *last = &svg.elements[svg.n - 1];

                if (last->text.data == NULL) {
                    last->text = text;
                }
            }
            r.p += text.len;
        }
    }
    if (svg.wrong == NULL && (r.depth != 0 || svg.n == 0)) {
        svg.wrong = "a tag is not closed";
    }
    return svg;
}


lookout_str_t
svg_attribute(const svg_element_t *element, const char *name)
{
    size_t len = strlen(name), i;
    lookout_str_t a = element->attributes;
    const char *end;

    for (i = 0; i + len + 2 < a.len; i++) {
        if (a.data[i] == ' ' && memcmp(a.data + i + 1, name, len) == 0
            && a.data[i + 1 + len] == '=') {
            const char *value = a.data + i + len + 3;

            end = memchr(value, '"', a.len - (size_t) (value - a.data));
            return (lookout_str_t){ value, (size_t) (end - value) };
        }
    }
    return LOOKOUT_STR_NONE;
}


double
svg_number(const svg_element_t *element, const char *name)
{
    lookout_str_t v = svg_attribute(element, name);

    return v.data == NULL ? 0 : strtod(v.data, NULL);
}


bool
svg_has_text(const svg_t *svg, const char *tag, const char *text)
{
    size_t i;

    for (i = 0; i < svg->n; i++) {
        if (strcmp(svg->elements[i].tag, tag) == 0
            && lookout_str_is(svg->elements[i].text, text)) {
            return true;
        }
    }
    return false;
}


size_t
svg_count(const svg_t *svg, const char *tag)
{
    size_t i, n = 0;

    for (i = 0; i < svg->n; i++) {
        n += strcmp(svg->elements[i].tag, tag) == 0;
    }
    return n;
}
