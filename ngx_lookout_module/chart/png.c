/*
 * Writing the canvas as a PNG: a palette image of one byte a pixel (fewer bits when the colours
 * are few), unfiltered, which suits flat colours best, and compressed for speed.
 */

#include <zlib.h>

#include "canvas.h"

#define LEVEL 2               /* of zlib: where the size stops falling while time rises */
#define STEP ((size_t) 16384) /* bytes asked for at a time */


static void
put32(lookout_buf_t *out, uint32_t v)
{
    char bytes[4] = { (char) (v >> 24), (char) (v >> 16), (char) (v >> 8), (char) v };

    lookout_buf_add(out, bytes, 4);
}


/* Begins a chunk; returns where it begins. */
static size_t
begin(lookout_buf_t *out, const char *name)
{
    size_t at = out->len;

    put32(out, 0);
    lookout_buf_puts(out, name);
    return at;
}


/* Fills in the length and appends the checksum. */
static void
end(lookout_buf_t *out, size_t at)
{
    size_t len = out->len - at - 8;
    int i;

    if (out->failed) {
        return;
    }
    for (i = 0; i < 4; i++) {
        out->data[at + (size_t) i] = (char) (len >> (24 - 8 * i));
    }
    put32(out, (uint32_t) crc32(0, (const Bytef *) out->data + at + 4, (uInt) (len + 4)));
}


/* Bits a pixel that the number of colours needs. */
static int
depth_for(int n_colors)
{
    return n_colors <= 2 ? 1 : n_colors <= 4 ? 2 : n_colors <= 16 ? 4 : 8;
}


/* Packs a row of pixels, with the filter's number (none) in front. */
static void
pack(const uint8_t *row, int width, int depth, uint8_t *out)
{
    int per = 8 / depth, x;

    memset(out, 0, 1 + ((size_t) width + (size_t) per - 1) / (size_t) per);
    if (depth == 8) {
        memcpy(out + 1, row, (size_t) width);
        return;
    }
    for (x = 0; x < width; x++) {
        out[1 + x / per] |= (uint8_t) (row[x] << (8 - depth * (x % per + 1)));
    }
}


/* Feeds what stands in z->next_in; false when the buffer failed. */
static bool
squeeze(z_stream *z, int flush, lookout_buf_t *out)
{
    int rc;

    do {
        char *room = lookout_buf_reserve(out, STEP);

        if (room == NULL) {
            return false;
        }
        z->next_out = (Bytef *) room;
        z->avail_out = STEP;
        rc = deflate(z, flush);
        out->len += STEP - z->avail_out;
    } while (z->avail_out == 0 || (flush == Z_FINISH && rc == Z_OK));
    return true;
}


static bool
put_pixels(const lookout_canvas_t *canvas, int depth, lookout_buf_t *out)
{
    size_t row_bytes = 1 + ((size_t) canvas->width * (size_t) depth + 7) / 8;
    uint8_t row[1 + 8192];
    z_stream z = { .zalloc = NULL };
    bool good = row_bytes <= sizeof(row);
    int y;

    if (!good || deflateInit(&z, LEVEL) != Z_OK) {
        return false;
    }
    for (y = 0; y < canvas->height && good; y++) {
        pack(canvas->pixels + (size_t) y * (size_t) canvas->width, canvas->width, depth, row);
        z.next_in = row;
        z.avail_in = (uInt) row_bytes;
        good = squeeze(&z, y + 1 == canvas->height ? Z_FINISH : Z_NO_FLUSH, out);
    }
    (void) deflateEnd(&z);
    return good;
}


bool
lookout_canvas_png(const lookout_canvas_t *canvas, lookout_buf_t *out)
{
    int depth = depth_for(canvas->n_colors), i;
    char header[5] = { (char) depth, 3, 0, 0, 0 }; /* 3: a palette */
    size_t at;

    lookout_buf_add(out, "\x89PNG\r\n\x1a\n", 8);
    at = begin(out, "IHDR");
    put32(out, (uint32_t) canvas->width);
    put32(out, (uint32_t) canvas->height);
    lookout_buf_add(out, header, sizeof(header));
    end(out, at);
    at = begin(out, "PLTE");
    for (i = 0; i < canvas->n_colors; i++) {
        lookout_color_t c = canvas->palette[i];
        char rgb[3] = { (char) (c >> 16), (char) (c >> 8), (char) c };

        lookout_buf_add(out, rgb, 3);
    }
    end(out, at);
    at = begin(out, "IDAT");
    if (!put_pixels(canvas, depth, out)) {
        return false;
    }
    end(out, at);
    end(out, begin(out, "IEND"));
    return !out->failed;
}
