/*
 * Reading a PNG back, strictly, for tests: what it does not like it says.
 */

#ifndef LOOKOUT_PNG_READER_H
#define LOOKOUT_PNG_READER_H

#include <stdint.h>

#include "../../ngx_lookout_module/base/str.h"

typedef struct {
    uint32_t width;
    uint32_t height;
    uint32_t *pixels;  /* 0xrrggbb, rows from the top; owned */
    const char *wrong; /* NULL: all is well; else the first thing that is not */
} png_t;

/* Decodes a palette image without interlace; checks signature, chunk order, checksums and that
 * every pixel is in the palette. The caller frees `pixels`. */
png_t png_read(lookout_str_t file);

/* How many pixels have the colour. */
size_t png_count(const png_t *png, uint32_t color);

#endif
