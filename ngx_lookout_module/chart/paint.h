/*
 * The painters: a scene becomes a file.
 */

#ifndef LOOKOUT_CHART_PAINT_H
#define LOOKOUT_CHART_PAINT_H

#include "font.h"
#include "scene.h"

/* Asked every now and then: is it time to stop? */
typedef struct {
    bool (*over)(void *data); /* may be NULL */
    void *data;
} lookout_stop_t;

static inline bool
lookout_stop(const lookout_stop_t *stop)
{
    return stop->over != NULL && stop->over(stop->data);
}

typedef enum {
    LOOKOUT_PAINTED,
    LOOKOUT_PAINT_STOPPED,
    LOOKOUT_PAINT_NO_MEMORY
} lookout_paint_e;

/* Append to *out. */
lookout_paint_e
lookout_paint_svg(const lookout_scene_t *scene, const lookout_stop_t *stop, lookout_buf_t *out);
lookout_paint_e lookout_paint_png(const lookout_scene_t *scene, lookout_fonts_t *fonts,
                                  const lookout_stop_t *stop, lookout_buf_t *out);

#endif
