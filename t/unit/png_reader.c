/*
 * A decoder that shares no code with the encoder but zlib.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "png_reader.h"

typedef struct {
    const unsigned char *data;
    size_t len;
    const char *name;
} chunk_t;


static uint32_t
get32(const unsigned char *p)
{
    return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}


/* The chunk at *at, which then moves behind it; what is wrong with it, or NULL. */
static const char *
next_chunk(lookout_str_t file, size_t *at, chunk_t *chunk)
{
    const unsigned char *p = (const unsigned char *) file.data + *at;
    size_t left = file.len - *at;

    if (left < 12 || get32(p) > left - 12) {
        return "a chunk is cut short";
    }
    chunk->len = get32(p);
    chunk->name = (const char *) p + 4;
    chunk->data = p + 8;
    if (crc32(0, p + 4, (uInt) chunk->len + 4) != get32(p + 8 + chunk->len)) {
        return "a checksum is wrong";
    }
    *at += 12 + chunk->len;
    return NULL;
}


static const char *
expand(png_t *png, const chunk_t *palette, const chunk_t *data, int depth)
{
    size_t row = 1 + ((size_t) png->width * (size_t) depth + 7) / 8;
    uLongf len = (uLongf) (row * png->height);
    unsigned char *raw = malloc(len + 1);
    const char *wrong = NULL;
    uint32_t x, y;

    png->pixels = calloc((size_t) png->width * png->height, sizeof(*png->pixels));
    len++;
    if (uncompress(raw, &len, data->data, data->len) != Z_OK || len != row * png->height) {
        free(raw);
        return "the pixels do not inflate to the size of the picture";
    }
    for (y = 0; y < png->height && wrong == NULL; y++) {
        const unsigned char *line = raw + y * row;

        if (line[0] != 0) {
            wrong = "a row has a filter that this reader does not know";
        }
        for (x = 0; x < png->width && wrong == NULL; x++) {
            size_t bit = (size_t) x * (size_t) depth;
            unsigned entry =
                line[1 + bit / 8] >> (8 - depth - (int) (bit % 8)) & ((1u << depth) - 1);

            if (3 * entry + 2 >= palette->len) {
                wrong = "a pixel is not in the palette";
                break;
            }
            png->pixels[(size_t) y * png->width + x] =
                get32(palette->data + 3 * entry - 1) & 0xffffff;
        }
    }
    free(raw);
    return wrong;
}


static bool
is_chunk(const chunk_t *chunk, const char *name)
{
    return memcmp(chunk->name, name, 4) == 0;
}


/* Reads chunks up to the pixels' first one: header and palette, and others that a reader may
 * pass over (their names begin with a small letter). */
static const char *
read_head(lookout_str_t file, size_t *at, chunk_t *header, chunk_t *palette, chunk_t *data)
{
    const char *wrong = next_chunk(file, at, header);

    if (wrong == NULL && (!is_chunk(header, "IHDR") || header->len != 13)) {
        wrong = "it does not begin with its header";
    }
    for (palette->len = 0; wrong == NULL;) {
        wrong = next_chunk(file, at, data);
        if (wrong == NULL && is_chunk(data, "IDAT")) {
            return palette->len == 0 ? "it has no palette" : NULL;
        }
        if (wrong == NULL && is_chunk(data, "PLTE")) {
            *palette = *data;
        } else if (wrong == NULL && (data->name[0] & 0x20) == 0) {
            wrong = "a chunk of an unknown kind";
        }
    }
    return wrong;
}


/* Joins the pixels' chunks from `data` on, to the end of the file; *joined is to be freed. */
static const char *
join_data(lookout_str_t file, size_t at, chunk_t *data, unsigned char **joined)
{
    size_t len = 0;
    const char *wrong = NULL;

    *joined = malloc(file.len);
    while (wrong == NULL && is_chunk(data, "IDAT")) {
        memcpy(*joined + len, data->data, data->len);
        len += data->len;
        wrong = next_chunk(file, &at, data);
    }
    if (wrong == NULL && (!is_chunk(data, "IEND") || at != file.len)) {
        wrong = "it does not end with its end";
    }
    data->data = *joined;
    data->len = len;
    return wrong;
}


png_t
png_read(lookout_str_t file)
{
    chunk_t header = { 0 }, palette = { 0 }, data = { 0 };
    unsigned char *joined = NULL;
    png_t png = { .wrong = NULL };
    size_t at = 8;
    int depth;

    if (file.len < 8 || memcmp(file.data, "\x89PNG\r\n\x1a\n", 8) != 0) {
        png.wrong = "it has no signature";
        return png;
    }
    png.wrong = read_head(file, &at, &header, &palette, &data);
    if (png.wrong != NULL) {
        return png;
    }
    png.width = get32(header.data);
    png.height = get32(header.data + 4);
    depth = header.data[8];
    if (header.data[9] != 3 || header.data[10] != 0 || header.data[11] != 0
        || header.data[12] != 0 || (depth != 1 && depth != 2 && depth != 4 && depth != 8)
        || palette.len % 3 != 0 || palette.len > 768) {
        png.wrong = "it is no palette image";
        return png;
    }
    png.wrong = join_data(file, at, &data, &joined);
    if (png.wrong == NULL) {
        png.wrong = expand(&png, &palette, &data, depth);
    }
    free(joined);
    return png;
}


size_t
png_count(const png_t *png, uint32_t color)
{
    size_t i, n = 0;

    for (i = 0; i < (size_t) png->width * png->height; i++) {
        n += png->pixels[i] == color;
    }
    return n;
}
