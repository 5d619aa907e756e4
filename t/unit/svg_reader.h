/*
 * Reading an SVG back for tests: is it well-formed, and where do its texts and rectangles lie?
 */

#ifndef LOOKOUT_SVG_READER_H
#define LOOKOUT_SVG_READER_H

#include <stdbool.h>

#include "../../ngx_lookout_module/base/str.h"

#define SVG_MAX 8192

typedef struct {
    char tag[16];
    lookout_str_t attributes;
    lookout_str_t text; /* between this tag and the next one, entities and all */
} svg_element_t;

typedef struct {
    svg_element_t *elements; /* SVG_MAX at most, in the order of the file; owned */
    size_t n;
    const char *wrong; /* NULL: well-formed; else the first thing that is not */
} svg_t;

/* Checks that tags are closed in order, attributes quoted and given once, characters and
 * entities allowed, the text UTF-8. The caller frees `elements`. */
svg_t svg_read(lookout_str_t file);

/* An attribute's value; {NULL, 0}: it has none of the name. */
lookout_str_t svg_attribute(const svg_element_t *element, const char *name);
double svg_number(const svg_element_t *element, const char *name); /* 0 when absent */

/* Is there an element of the tag with exactly this text? */
bool svg_has_text(const svg_t *svg, const char *tag, const char *text);
size_t svg_count(const svg_t *svg, const char *tag);

#endif
