/*
 * libgd, loaded when the first PNG is painted and not before: it brings libraries for a dozen
 * image formats, which would double the time that nginx takes to start, for servers that may
 * never draw.
 */

#ifndef LOOKOUT_CHART_GD_H
#define LOOKOUT_CHART_GD_H

#include <gd.h>

/* The calls that are used, by libgd's own names and meanings. */
typedef struct {
    __typeof__(&gdImageCreate) ImageCreate;
    __typeof__(&gdImageDestroy) ImageDestroy;
    __typeof__(&gdImageColorAllocate) ImageColorAllocate;
    __typeof__(&gdImagePngPtrEx) ImagePngPtrEx;
    __typeof__(&gdFree) Free;
} lookout_gd_t;

/* The library, or NULL when it is not on this machine. Thread-safe; stays loaded. */
const lookout_gd_t *lookout_gd(void);

#endif
