/*
 * Writing the canvas as a PNG: libgd encodes its palette image, compressed for speed.
 */

#include "canvas.h"

#define LEVEL 2 /* of zlib: where the size stops falling while time rises */


bool
lookout_canvas_png(const lookout_canvas_t *canvas, lookout_buf_t *out)
{
    int i, size;
    void *bytes;
    gdImagePtr image = canvas->image;
    const lookout_gd_t *gd = lookout_gd();

    for (i = 0; i < canvas->n_colors; i++) {
        lookout_color_t c = canvas->palette[i];

        if (gd->ImageColorAllocate(image, (int) (c >> 16 & 255), (int) (c >> 8 & 255),
                                   (int) (c & 255))
            != i) {
            return false; /* each canvas is written once, so entry i is the i-th */
        }
    }

    bytes = gd->ImagePngPtrEx(image, &size, LEVEL);
    if (bytes == NULL) {
        return false;
    }
    lookout_buf_add(out, bytes, (size_t) size);
    gd->Free(bytes);
    return !out->failed;
}
