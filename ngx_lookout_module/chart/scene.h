/*
 * The scene: what is to be seen, as primitives in the order of painting, in pixels with y
 * downwards. Layout makes it once; both painters read it, so that they agree.
 */

#ifndef LOOKOUT_CHART_SCENE_H
#define LOOKOUT_CHART_SCENE_H

#include <stdint.h>

#include "../base/arena.h"
#include "../base/buf.h"

typedef uint32_t lookout_color_t; /* 0xrrggbb */

typedef struct {
    double x, y;
} lookout_point_t;

typedef struct {
    double x, y, w, h;
} lookout_rect_t;

typedef enum { LOOKOUT_START, LOOKOUT_MIDDLE, LOOKOUT_END } lookout_anchor_e;

/* Corners of a rectangle that are rounded. */
#define LOOKOUT_ROUND_TOP 3 /* both upper ones */
#define LOOKOUT_ROUND_RIGHT 6
#define LOOKOUT_ROUND_BOTTOM 12
#define LOOKOUT_ROUND_LEFT 9
#define LOOKOUT_ROUND_ALL                                                                      \
    15 /* bits: 1 upper left, 2 upper right, 4 lower right, 8 lower left */

typedef enum {
    LOOKOUT_RECT,
    LOOKOUT_LINE,     /* straight */
    LOOKOUT_POLYLINE, /* stroked, with round joins and ends */
    LOOKOUT_POLYGON,  /* filled */
    LOOKOUT_SECTOR,   /* of a pie or a ring */
    LOOKOUT_DISCS,    /* many circles of one look */
    LOOKOUT_TEXT
} lookout_mark_e;

typedef struct lookout_mark_s {
    lookout_mark_e kind;
    lookout_color_t color;
    double opacity;    /* 0 to 1 */
    lookout_str_t tip; /* what a pointer over it is told; may be absent */
    union {
        struct {
            lookout_rect_t box;
            double radius;
            unsigned corners;
        } rect;
        struct {
            lookout_point_t from, to;
            double width;
        } line;
        struct {
            const lookout_point_t *points;
            size_t n;
            double width; /* of a polyline */
        } path;
        struct {
            lookout_point_t center;
            double inner, outer;
            double from, to; /* radians, clockwise from the top */
        } sector;
        struct {
            const lookout_point_t *centers;
            const float *radii; /* NULL: all have `radius` */
            size_t n;
            double radius;
        } discs;
        struct {
            lookout_str_t text;
            lookout_point_t at; /* where the baseline is anchored */
            lookout_anchor_e anchor;
            double size;
            double width; /* as measured */
            bool bold;
            int angle; /* degrees, clockwise */
        } text;
    } u;
    struct lookout_mark_s *next;
} lookout_mark_t;

typedef struct {
    lookout_arena_t *arena;
    uint32_t width;
    uint32_t height;
    lookout_color_t background;
    lookout_str_t title; /* for screen readers */
    lookout_str_t description;
    lookout_mark_t *first;
    lookout_mark_t *last;
    size_t n;
    bool failed; /* memory ran out; what is added later is dropped */
} lookout_scene_t;

/* Appends a mark, which the caller fills in further; never NULL (without memory it is one that
 * nobody will see). */
lookout_mark_t *
lookout_scene_add(lookout_scene_t *scene, lookout_mark_e kind, lookout_color_t color);

/* Shorthands. */
lookout_mark_t *
lookout_scene_rect(lookout_scene_t *scene, lookout_rect_t box, lookout_color_t color);
lookout_mark_t *lookout_scene_line(lookout_scene_t *scene, double x1, double y1, double x2,
                                   double y2, double width, lookout_color_t color);

/* n points in the arena; never NULL as long as the scene has not failed. */
lookout_point_t *lookout_scene_points(lookout_scene_t *scene, size_t n);

#endif
