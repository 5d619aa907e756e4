/*
 * The SVG painter: one element a mark, real text, a title and a description for screen readers,
 * a tip on each mark that has one. It needs no style sheet, script, reference or identifier, so
 * that the file can stand inside a page beside others.
 */

#include <math.h>

#include "paint.h"

#define STOP_EVERY 256 /* marks */
#define DOTS 128       /* in one stroke */


/* --- Writing --- */

/* A coordinate, to a hundredth of a pixel. */
static void
number(lookout_buf_t *out, double v)
{
    int64_t hundredths = llrint(fmax(-1e7, fmin(1e7, v)) * 100);

    if (hundredths < 0) {
        lookout_buf_putc(out, '-');
        hundredths = -hundredths;
    }
    if (hundredths >= 100 || hundredths == 0) {
        lookout_buf_int(out, hundredths / 100);
    }
    hundredths %= 100;
    if (hundredths != 0) {
        lookout_buf_putc(out, '.');
        lookout_buf_putc(out, (char) ('0' + hundredths / 10));
        if (hundredths % 10 != 0) {
            lookout_buf_putc(out, (char) ('0' + hundredths % 10));
        }
    }
}


/* ` name="v"`. */
static void
attribute(lookout_buf_t *out, const char *name, double v)
{
    lookout_buf_putc(out, ' ');
    lookout_buf_puts(out, name);
    lookout_buf_add(out, "=\"", 2);
    number(out, v);
    lookout_buf_putc(out, '"');
}


static void
color(lookout_buf_t *out, const char *name, lookout_color_t c)
{
    static const char hex[] = "0123456789abcdef";
    char text[7] = "#";
    int i;

    for (i = 0; i < 6; i++) {
        text[1 + i] = hex[c >> (20 - 4 * i) & 15];
    }
    lookout_buf_putc(out, ' ');
    lookout_buf_puts(out, name);
    lookout_buf_add(out, "=\"", 2);
    lookout_buf_add(out, text, sizeof(text));
    lookout_buf_putc(out, '"');
}


/* Text between tags. It is clean UTF-8 already. */
static void
escape(lookout_buf_t *out, lookout_str_t text)
{
    size_t i, from = 0;

    for (i = 0; i < text.len; i++) {
        const char *entity = text.data[i] == '&'   ? "&amp;"
                             : text.data[i] == '<' ? "&lt;"
                             : text.data[i] == '>' ? "&gt;"
                                                   : NULL;

        if (entity != NULL) {
            lookout_buf_add(out, text.data + from, i - from);
            lookout_buf_puts(out, entity);
            from = i + 1;
        }
    }
    lookout_buf_add(out, text.data + from, text.len - from);
}


/* Ends the opening tag of `element`, with the mark's tip inside, if it has one. */
static void
finish(lookout_buf_t *out, const lookout_mark_t *mark, const char *element)
{
    if (mark->opacity < 1) {
        attribute(out, mark->kind == LOOKOUT_POLYLINE ? "stroke-opacity" : "fill-opacity",
                  mark->opacity);
    }
    if (mark->tip.len == 0) {
        lookout_buf_add(out, "/>\n", 3);
        return;
    }
    lookout_buf_puts(out, "><title>");
    escape(out, mark->tip);
    lookout_buf_puts(out, "</title></");
    lookout_buf_puts(out, element);
    lookout_buf_add(out, ">\n", 2);
}


static void
point(lookout_buf_t *out, char command, double x, double y)
{
    lookout_buf_putc(out, command);
    number(out, x);
    lookout_buf_putc(out, ' ');
    number(out, y);
}


/* --- Marks --- */

/* A rectangle with some of its corners rounded, as a path. */
static void
rounded_path(lookout_buf_t *out, lookout_rect_t box, double r, unsigned corners)
{
    double right = box.x + box.w, bottom = box.y + box.h;
    double r1 = corners & 1 ? r : 0, r2 = corners & 2 ? r : 0, r3 = corners & 4 ? r : 0,
           r4 = corners & 8 ? r : 0;

    lookout_buf_puts(out, "<path d=\"");
    point(out, 'M', box.x, box.y + r1);
    if (r1 > 0) {
        point(out, 'Q', box.x, box.y);
        point(out, ' ', box.x + r1, box.y);
    }
    point(out, 'L', right - r2, box.y);
    if (r2 > 0) {
        point(out, 'Q', right, box.y);
        point(out, ' ', right, box.y + r2);
    }
    point(out, 'L', right, bottom - r3);
    if (r3 > 0) {
        point(out, 'Q', right, bottom);
        point(out, ' ', right - r3, bottom);
    }
    point(out, 'L', box.x + r4, bottom);
    if (r4 > 0) {
        point(out, 'Q', box.x, bottom);
        point(out, ' ', box.x, bottom - r4);
    }
    lookout_buf_puts(out, "Z\"");
}


static void
put_rect(lookout_buf_t *out, const lookout_mark_t *mark)
{
    lookout_rect_t box = mark->u.rect.box;
    double r = fmin(mark->u.rect.radius, fmin(box.w, box.h) / 2);
    bool path =
        r >= 0.25 && mark->u.rect.corners != 0 && mark->u.rect.corners != LOOKOUT_ROUND_ALL;

    if (path) {
        rounded_path(out, box, r, mark->u.rect.corners);
    } else {
        lookout_buf_puts(out, "<rect");
        attribute(out, "x", box.x);
        attribute(out, "y", box.y);
        attribute(out, "width", box.w);
        attribute(out, "height", box.h);
        if (r >= 0.25 && mark->u.rect.corners != 0) {
            attribute(out, "rx", r);
        }
    }
    color(out, "fill", mark->color);
    finish(out, mark, path ? "path" : "rect");
}


static void
put_line(lookout_buf_t *out, const lookout_mark_t *mark)
{
    lookout_buf_puts(out, "<path d=\"");
    point(out, 'M', mark->u.line.from.x, mark->u.line.from.y);
    point(out, 'L', mark->u.line.to.x, mark->u.line.to.y);
    lookout_buf_putc(out, '"');
    color(out, "stroke", mark->color);
    if (mark->u.line.width != 1) {
        attribute(out, "stroke-width", mark->u.line.width);
    }
    finish(out, mark, "path");
}


/* The points of a path, each after the first as the way from the one before it: shorter. */
static void
put_points(lookout_buf_t *out, const lookout_point_t *points, size_t n)
{
    double x = 0, y = 0;
    size_t i;

    for (i = 0; i < n; i++) {
        double nx = round(points[i].x * 10) / 10, ny = round(points[i].y * 10) / 10;

        if (i == 0) {
            point(out, 'M', nx, ny);
        } else {
            point(out, 'l', nx - x, ny - y);
        }
        x = nx;
        y = ny;
    }
}


static void
put_path(lookout_buf_t *out, const lookout_mark_t *mark)
{
    lookout_buf_puts(out, "<path d=\"");
    put_points(out, mark->u.path.points, mark->u.path.n);
    if (mark->kind == LOOKOUT_POLYGON) {
        lookout_buf_puts(out, "Z\"");
        color(out, "fill", mark->color);
    } else {
        lookout_buf_puts(out, "\" fill=\"none\" stroke-linejoin=\"round\" "
                              "stroke-linecap=\"round\"");
        color(out, "stroke", mark->color);
        attribute(out, "stroke-width", mark->u.path.width);
    }
    finish(out, mark, "path");
}


static void
arc_to(lookout_buf_t *out, lookout_point_t center, double radius, double a, bool large,
       bool clockwise)
{
    lookout_buf_putc(out, 'A');
    number(out, radius);
    lookout_buf_putc(out, ' ');
    number(out, radius);
    lookout_buf_puts(out, large ? " 0 1 " : " 0 0 ");
    lookout_buf_puts(out, clockwise ? "1" : "0");
    point(out, ' ', center.x + sin(a) * radius, center.y - cos(a) * radius);
}


/* One half or less of a sector's border after another, since an arc cannot end where it
 * began. */
static void
put_sector(lookout_buf_t *out, const lookout_mark_t *mark)
{
    lookout_point_t c = mark->u.sector.center;
    double from = mark->u.sector.from, to = mark->u.sector.to, middle = (from + to) / 2;
    double outer = mark->u.sector.outer, inner = mark->u.sector.inner;
    bool whole = to - from > 2 * M_PI - 1e-9;

    lookout_buf_puts(out, "<path d=\"");
    point(out, 'M', c.x + sin(from) * outer, c.y - cos(from) * outer);
    arc_to(out, c, outer, middle, false, true);
    arc_to(out, c, outer, to, false, true);
    if (inner > 0) {
        point(out, whole ? 'M' : 'L', c.x + sin(to) * inner, c.y - cos(to) * inner);
        arc_to(out, c, inner, middle, false, false);
        arc_to(out, c, inner, from, false, false);
    } else if (!whole) {
        point(out, 'L', c.x, c.y);
    }
    lookout_buf_puts(out, "Z\"");
    color(out, "fill", mark->color);
    finish(out, mark, "path");
}


/* Many discs of one size are dots of one stroke: a tenth of the bytes of as many circles. What
 * is translucent adds up between strokes only, so each has no more than some. */
static void
put_dots(lookout_buf_t *out, const lookout_mark_t *mark)
{
    const lookout_point_t *centers = mark->u.discs.centers;
    size_t i;

    lookout_buf_puts(out, "<g stroke-linecap=\"round\"");
    attribute(out, "stroke-width", 2 * mark->u.discs.radius);
    color(out, "stroke", mark->color);
    if (mark->opacity < 1) {
        attribute(out, "stroke-opacity", mark->opacity);
    }
    lookout_buf_puts(out, ">\n");
    for (i = 0; i < mark->u.discs.n; i++) {
        lookout_buf_puts(out, i % DOTS == 0 ? "<path d=\"" : "");
        point(out, 'M', round(centers[i].x * 10) / 10, round(centers[i].y * 10) / 10);
        lookout_buf_add(out, "h0", 2);
        lookout_buf_puts(out, i % DOTS == DOTS - 1 || i + 1 == mark->u.discs.n ? "\"/>\n" : "");
    }
    lookout_buf_puts(out, "</g>\n");
}


static void
put_discs(lookout_buf_t *out, const lookout_mark_t *mark)
{
    const float *radii = mark->u.discs.radii;
    size_t i;

    if (mark->u.discs.n > 2000 && radii == NULL) {
        put_dots(out, mark);
        return;
    }
    lookout_buf_puts(out, "<g");
    color(out, "fill", mark->color);
    if (mark->opacity < 1) {
        attribute(out, "fill-opacity", mark->opacity);
    }
    lookout_buf_puts(out, ">\n");
    for (i = 0; i < mark->u.discs.n; i++) {
        lookout_buf_puts(out, "<circle");
        attribute(out, "cx", mark->u.discs.centers[i].x);
        attribute(out, "cy", mark->u.discs.centers[i].y);
        attribute(out, "r", radii == NULL ? mark->u.discs.radius : (double) radii[i]);
        lookout_buf_puts(out, "/>\n");
    }
    lookout_buf_puts(out, "</g>\n");
}


static void
put_text(lookout_buf_t *out, const lookout_mark_t *mark)
{
    static const char *const anchors[] = { "", " text-anchor=\"middle\"",
                                           " text-anchor=\"end\"" };

    lookout_buf_puts(out, "<text");
    if (mark->u.text.angle == 0) {
        attribute(out, "x", mark->u.text.at.x);
        attribute(out, "y", round(mark->u.text.at.y));
    } else {
        lookout_buf_puts(out, " transform=\"translate(");
        number(out, mark->u.text.at.x);
        lookout_buf_putc(out, ' ');
        number(out, mark->u.text.at.y);
        lookout_buf_puts(out, ")rotate(");
        lookout_buf_int(out, mark->u.text.angle);
        lookout_buf_puts(out, ")\"");
    }
    lookout_buf_puts(out, anchors[mark->u.text.anchor]);
    attribute(out, "font-size", mark->u.text.size);
    if (mark->u.text.bold) {
        lookout_buf_puts(out, " font-weight=\"700\"");
    }
    color(out, "fill", mark->color);
    if (mark->opacity < 1) {
        attribute(out, "fill-opacity", mark->opacity);
    }
    lookout_buf_putc(out, '>');
    escape(out, mark->u.text.text);
    lookout_buf_puts(out, "</text>\n");
}


static void (*const put_mark[])(lookout_buf_t *, const lookout_mark_t *) = {
    [LOOKOUT_RECT] = put_rect,    [LOOKOUT_LINE] = put_line,     [LOOKOUT_POLYLINE] = put_path,
    [LOOKOUT_POLYGON] = put_path, [LOOKOUT_SECTOR] = put_sector, [LOOKOUT_DISCS] = put_discs,
    [LOOKOUT_TEXT] = put_text,
};


static void
open_svg(const lookout_scene_t *scene, lookout_buf_t *out)
{
    lookout_buf_printf(out,
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%u\" "
                       "height=\"%u\" viewBox=\"0 0 %u %u\" font-family=\"%s\">\n<title>",
                       scene->width, scene->height, scene->width, scene->height,
                       LOOKOUT_FONT_FAMILY);
    escape(out, scene->title);
    lookout_buf_puts(out, "</title>\n<desc>");
    escape(out, scene->description);
    lookout_buf_puts(out, "</desc>\n<rect width=\"100%\" height=\"100%\"");
    color(out, "fill", scene->background);
    lookout_buf_puts(out, "/>\n");
}


lookout_paint_e
lookout_paint_svg(const lookout_scene_t *scene, const lookout_stop_t *stop, lookout_buf_t *out)
{
    const lookout_mark_t *mark;
    size_t i = 0;

    open_svg(scene, out);
    for (mark = scene->first; mark != NULL; mark = mark->next) {
        if (i++ % STOP_EVERY == 0 && lookout_stop(stop)) {
            return LOOKOUT_PAINT_STOPPED;
        }
        put_mark[mark->kind](out, mark);
    }
    lookout_buf_puts(out, "</svg>\n");
    return out->failed ? LOOKOUT_PAINT_NO_MEMORY : LOOKOUT_PAINTED;
}
