/*
 * The PNG painter. Upright rectangles, discs and glyphs the canvas paints by itself; whatever
 * else has an outline is filled by FreeType's rasterizer, which computes exactly how much of
 * each pixel a shape covers.
 */

#include <math.h>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include "canvas.h"
#include "paint.h"

#define MAX_POINTS 8000 /* of an outline: FreeType counts them in shorts */
#define MAX_CONTOURS 1500
#define STRIP 96      /* pixels */
#define STROKES 6     /* of a line that are painted at a time */
#define STOP_EVERY 64 /* marks */
#define DISCS_A_LOOK 4096
#define CIRCLE 0.5522847498 /* where a quarter circle's Bezier handles lie */

/* An outline in the making. */
typedef struct {
    FT_Vector points[MAX_POINTS];
    char tags[MAX_POINTS];
    short ends[MAX_CONTOURS];
    int n_points;
    int n_contours;
} outline_t;

typedef struct {
    lookout_canvas_t canvas;
    lookout_fonts_t *fonts;
    outline_t *outline;
    lookout_paint_t paint; /* of the mark at hand */
    bool failed;
} painter_t;


/* --- Outlines --- */

static void
spans(int y, int count, const FT_Span *span, void *data)
{
    painter_t *p = data;
    int row = -y - 1, i;

    if (row < 0 || row >= p->canvas.height) {
        return;
    }
    for (i = 0; i < count; i++) {
        int x = span[i].x, n = span[i].len;

        if (x < 0) {
            n += x;
            x = 0;
        }
        if (x + n > p->canvas.width) {
            n = p->canvas.width - x;
        }
        if (n > 0) {
            lookout_canvas_span(&p->canvas, x, row, n, (span[i].coverage * 16 + 127) / 255,
                                p->paint);
        }
    }
}


/* Paints the outline and empties it: strip by strip, because the rasterizer searches a row of
 * pixels from its beginning for each new one that an edge crosses. */
static void
flush(painter_t *p)
{
    outline_t *o = p->outline;
    FT_BBox extent;
    FT_Pos x;
    FT_Raster_Params params = { .flags = FT_RASTER_FLAG_AA | FT_RASTER_FLAG_DIRECT
                                         | FT_RASTER_FLAG_CLIP };
    FT_Outline outline = { .n_contours = (short) o->n_contours,
                           .n_points = (short) o->n_points,
                           .points = o->points,
                           .tags = o->tags,
                           .contours = o->ends };

    params.gray_spans = spans;
    params.user = p;
    params.clip_box = (FT_BBox){ 0, -p->canvas.height, p->canvas.width, 0 };
    if (o->n_points > 0) {
        FT_Outline_Get_CBox(&outline, &extent);
        x = extent.xMin > 0 ? extent.xMin >> 6 : 0;
        do {
            params.clip_box.xMin = x;
            x += STRIP;
            params.clip_box.xMax = x < p->canvas.width ? x : p->canvas.width;
            if (params.clip_box.xMin < params.clip_box.xMax
                && FT_Outline_Render(lookout_fonts_library(p->fonts), &outline, &params) != 0) {
                p->failed = true;
            }
        } while (x <= extent.xMax >> 6 && x < p->canvas.width);
    }
    o->n_points = 0;
    o->n_contours = 0;
}


static void
put(outline_t *o, double x, double y, char tag)
{
    o->points[o->n_points].x = lrint(fmax(-8192, fmin(16000, x)) * 64);
    o->points[o->n_points].y = lrint(-fmax(-8192, fmin(16000, y)) * 64);
    o->tags[o->n_points++] = tag;
}


/* Ends the contour. */
static void
close_contour(outline_t *o)
{
    o->ends[o->n_contours++] = (short) (o->n_points - 1);
}


/* Is there room for a contour of n points? If not, what there is is painted first. */
static void
make_room(painter_t *p, int n)
{
    if (p->outline->n_points + n > MAX_POINTS || p->outline->n_contours >= MAX_CONTOURS) {
        flush(p);
    }
}


/* --- Marks --- */

static void
paint_rect(painter_t *p, const lookout_mark_t *mark)
{
    /* Corners clockwise from the upper left: where, and the two directions at it. */
    static const struct {
        double x, y, in_x, in_y, out_x, out_y;
    } corner[] = { { 0, 0, 0, 1, 1, 0 },
                   { 1, 0, -1, 0, 0, 1 },
                   { 1, 1, 0, -1, -1, 0 },
                   { 0, 1, 1, 0, 0, -1 } };
    lookout_rect_t box = mark->u.rect.box;
    double r = fmin(mark->u.rect.radius, fmin(box.w, box.h) / 2), k = r * (1 - CIRCLE);
    int i;

    if (r < 0.25 || mark->u.rect.corners == 0) {
        lookout_canvas_rect(&p->canvas, box, p->paint);
        return;
    }
    for (i = 0; i < 4; i++) {
        double x = box.x + corner[i].x * box.w, y = box.y + corner[i].y * box.h;

        if ((mark->u.rect.corners >> i & 1) == 0) {
            put(p->outline, x, y, FT_CURVE_TAG_ON);
            continue;
        }
        put(p->outline, x + corner[i].in_x * r, y + corner[i].in_y * r, FT_CURVE_TAG_ON);
        put(p->outline, x + corner[i].in_x * k, y + corner[i].in_y * k, FT_CURVE_TAG_CUBIC);
        put(p->outline, x + corner[i].out_x * k, y + corner[i].out_y * k, FT_CURVE_TAG_CUBIC);
        put(p->outline, x + corner[i].out_x * r, y + corner[i].out_y * r, FT_CURVE_TAG_ON);
    }
    close_contour(p->outline);
    flush(p);
}


/* A straight stroke as a contour of its own. */
static void
stroke(painter_t *p, lookout_point_t a, lookout_point_t b, double width)
{
    double dx = b.x - a.x, dy = b.y - a.y, length = hypot(dx, dy);
    double nx, ny;

    if (!(length > 0)) {
        return;
    }
    nx = -dy / length * width / 2;
    ny = dx / length * width / 2;
    make_room(p, 4);
    put(p->outline, a.x + nx, a.y + ny, FT_CURVE_TAG_ON);
    put(p->outline, b.x + nx, b.y + ny, FT_CURVE_TAG_ON);
    put(p->outline, b.x - nx, b.y - ny, FT_CURVE_TAG_ON);
    put(p->outline, a.x - nx, a.y - ny, FT_CURVE_TAG_ON);
    close_contour(p->outline);
}


/* A round joint, turning the same way as strokes do, so that overlaps do not cancel out. */
static void
joint(painter_t *p, lookout_point_t at, double width)
{
    int n = width > 6 ? 24 : 12, i;

    make_room(p, n);
    for (i = 0; i < n; i++) {
        double a = -2 * M_PI * i / n;

        put(p->outline, at.x + cos(a) * width / 2, at.y + sin(a) * width / 2, FT_CURVE_TAG_ON);
    }
    close_contour(p->outline);
}


static void
paint_line(painter_t *p, const lookout_mark_t *mark)
{
    lookout_point_t a = mark->u.line.from, b = mark->u.line.to;
    double width = mark->u.line.width;
    lookout_rect_t box = { fmin(a.x, b.x), fmin(a.y, b.y), fabs(b.x - a.x), fabs(b.y - a.y) };

    if (a.y == b.y) {
        box.y -= width / 2;
        box.h = width;
        lookout_canvas_rect(&p->canvas, box, p->paint);
    } else if (a.x == b.x) {
        box.x -= width / 2;
        box.w = width;
        lookout_canvas_rect(&p->canvas, box, p->paint);
    } else {
        stroke(p, a, b, width);
        flush(p);
    }
}


static void
paint_polyline(painter_t *p, const lookout_mark_t *mark)
{
    const lookout_point_t *points = mark->u.path.points;
    double width = mark->u.path.width;
    size_t i;

    for (i = 0; i < mark->u.path.n; i++) {
        joint(p, points[i], width);
        if (i > 0) {
            stroke(p, points[i - 1], points[i], width);
        }
        if (i % STROKES == STROKES - 1) {
            flush(p);
        }
    }
    flush(p);
}


static void
paint_polygon(painter_t *p, const lookout_mark_t *mark)
{
    size_t n = mark->u.path.n, step = n / MAX_POINTS + 1, i;

    for (i = 0; i < n; i += step) {
        put(p->outline, mark->u.path.points[i].x, mark->u.path.points[i].y, FT_CURVE_TAG_ON);
    }
    if (n > 0) {
        close_contour(p->outline);
        flush(p);
    }
}


/* Points along an arc, near enough that the eye sees it round. */
static void
arc(painter_t *p, const lookout_mark_t *mark, double radius, double from, double to)
{
    int n = (int) ceil(fabs(to - from) / (2 * acos(1 - 0.03 / fmax(radius, 1)))) + 1, i;

    for (i = 0; i <= n; i++) {
        double a = from + (to - from) * i / n;

        put(p->outline, mark->u.sector.center.x + sin(a) * radius,
            mark->u.sector.center.y - cos(a) * radius, FT_CURVE_TAG_ON);
    }
}


static void
paint_sector(painter_t *p, const lookout_mark_t *mark)
{
    double from = mark->u.sector.from, to = mark->u.sector.to;
    bool whole = to - from > 2 * M_PI - 1e-9;

    arc(p, mark, mark->u.sector.outer, from, to);
    if (mark->u.sector.inner > 0) {
        if (whole) {
            close_contour(p->outline);
        }
        arc(p, mark, mark->u.sector.inner, to, from);
    } else if (!whole) {
        put(p->outline, mark->u.sector.center.x, mark->u.sector.center.y, FT_CURVE_TAG_ON);
    }
    close_contour(p->outline);
    flush(p);
}


static void
emit(void *data, const lookout_glyph_t *glyph, int pen_x, int pen_y)
{
    painter_t *p = data;

    lookout_canvas_glyph(&p->canvas, glyph, pen_x, pen_y, p->paint);
}


static void
paint_text(painter_t *p, const lookout_mark_t *mark)
{
    lookout_type_style_t style = { mark->u.text.size, mark->u.text.bold, mark->u.text.angle };
    double back = mark->u.text.anchor == LOOKOUT_START    ? 0
                  : mark->u.text.anchor == LOOKOUT_MIDDLE ? mark->u.text.width / 2
                                                          : mark->u.text.width;
    double a = style.angle * M_PI / 180;

    if (!lookout_fonts_glyphs(p->fonts, mark->u.text.text, style,
                              mark->u.text.at.x - back * cos(a),
                              mark->u.text.at.y - back * sin(a), emit, p)) {
        p->failed = true;
    }
}


/* False when it was time to stop. */
static bool
paint_discs(painter_t *p, const lookout_mark_t *mark, const lookout_stop_t *stop)
{
    const float *radii = mark->u.discs.radii;
    size_t i;

    for (i = 0; i < mark->u.discs.n; i++) {
        if (i % DISCS_A_LOOK == DISCS_A_LOOK - 1 && lookout_stop(stop)) {
            return false;
        }
        lookout_canvas_disc(&p->canvas, mark->u.discs.centers[i],
                            radii == NULL ? mark->u.discs.radius : (double) radii[i], p->paint);
    }
    return true;
}


static bool
paint_mark(painter_t *p, const lookout_mark_t *mark, const lookout_stop_t *stop)
{
    p->paint = lookout_canvas_paint(&p->canvas, mark->color, mark->opacity);
    switch (mark->kind) {
    case LOOKOUT_RECT:
        paint_rect(p, mark);
        break;
    case LOOKOUT_LINE:
        paint_line(p, mark);
        break;
    case LOOKOUT_POLYLINE:
        paint_polyline(p, mark);
        break;
    case LOOKOUT_POLYGON:
        paint_polygon(p, mark);
        break;
    case LOOKOUT_SECTOR:
        paint_sector(p, mark);
        break;
    case LOOKOUT_DISCS:
        return paint_discs(p, mark, stop);
    case LOOKOUT_TEXT:
        paint_text(p, mark);
        break;
    }
    return true;
}


lookout_paint_e
lookout_paint_png(const lookout_scene_t *scene, lookout_fonts_t *fonts,
                  const lookout_stop_t *stop, lookout_buf_t *out)
{
    painter_t p = { .fonts = fonts };
    lookout_paint_e result = LOOKOUT_PAINTED;
    const lookout_mark_t *mark;
    size_t i = 0;

    p.outline = lookout_arena_alloc(scene->arena, sizeof(*p.outline));
    if (p.outline == NULL
        || !lookout_canvas_init(&p.canvas, scene->width, scene->height, scene->background)) {
        return LOOKOUT_PAINT_NO_MEMORY;
    }
    for (mark = scene->first; mark != NULL; mark = mark->next) {
        (void) lookout_canvas_paint(&p.canvas, mark->color, 1); /* before any mixture */
    }
    for (mark = scene->first; mark != NULL && result == LOOKOUT_PAINTED; mark = mark->next) {
        if ((i++ % STOP_EVERY == 0 && lookout_stop(stop)) || !paint_mark(&p, mark, stop)) {
            result = LOOKOUT_PAINT_STOPPED;
        }
    }
    if (result == LOOKOUT_PAINTED
        && (p.failed || p.canvas.failed || !lookout_canvas_png(&p.canvas, out))) {
        result = LOOKOUT_PAINT_NO_MEMORY;
    }
    lookout_canvas_free(&p.canvas);
    return result;
}
