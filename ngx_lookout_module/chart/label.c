/*
 * Texts in their places: measured, cut short with an ellipsis, broken into lines.
 */

#include "../base/utf8.h"
#include "plot.h"
#include "shape.h"

#define ELLIPSIS "\xe2\x80\xa6"


double
lookout_label_width(const lookout_plot_t *plot, lookout_str_t text, double size, bool bold)
{
    return lookout_fonts_width(plot->fonts, text, size, bold);
}


/* A character that must not be parted from the one before it. */
static bool
clings(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x64b && c <= 0x65f) || c == 0x200d
           || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0x1f3fb && c <= 0x1f3ff)
           || (c >= 0x900 && c < 0xe00 && (c & 0x7f) >= 0x3a && (c & 0x7f) <= 0x4d);
}


/* The places, in bytes, where the text may be cut, its end included; returns how many. */
static size_t
cuts(lookout_str_t text, uint16_t *places)
{
    size_t at = 0, n = 0, len;
    uint32_t c;

    while (at < text.len && at < UINT16_MAX - 4 && n < LOOKOUT_RUN_MAX - 1) {
        len = lookout_utf8_next(text.data + at, text.len - at, &c);
        if (at > 0 && (len == 0 || !clings(c))) {
            places[n++] = (uint16_t) at;
        }
        at += len == 0 ? 1 : len;
    }
    places[n++] = (uint16_t) at;
    return n;
}


/* The longest beginning, in bytes, whose width with `more` added is within `width`. */
static size_t
fitting(const lookout_plot_t *plot, lookout_str_t text, double size, bool bold, double width,
        double more)
{
    uint16_t places[LOOKOUT_RUN_MAX];
    size_t least = 0, most = cuts(text, places); /* so many places fit, so many may */

    while (least < most) {
        size_t middle = (least + most + 1) / 2;
        lookout_str_t part = { text.data, places[middle - 1] };

        if (lookout_label_width(plot, part, size, bold) + more <= width) {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    return least == 0 ? 0 : places[least - 1];
}


lookout_str_t
lookout_label_fit(lookout_plot_t *plot, lookout_str_t text, double size, bool bold,
                  double width)
{
    double dots;
    size_t len;

    if (text.len == 0 || lookout_label_width(plot, text, size, bold) <= width) {
        return text;
    }
    dots = lookout_label_width(plot, LOOKOUT_STR(ELLIPSIS), size, bold);
    len = fitting(plot, text, size, bold, width, dots);
    while (len > 0 && (text.data[len - 1] == ' ' || text.data[len - 1] == ',')) {
        len--;
    }
    return len == 0 ? LOOKOUT_STR("")
                    : lookout_plot_printf(plot, "%.*s" ELLIPSIS, (int) len, text.data);
}


/* Where a line of `text` that may be `len` bytes long ends: behind a space, hyphen or slash, or
 * between characters of scripts without spaces; 0: nowhere. */
static size_t
break_before(lookout_str_t text, size_t len)
{
    size_t at, after;
    uint32_t c;

    for (at = len; at > 0; at--) {
        char last = text.data[at - 1];

        if ((at < text.len && text.data[at] == ' ') || last == ' ' || last == '-' || last == '/'
            || last == '_') {
            return at;
        }
        after = at < text.len ? lookout_utf8_next(text.data + at, text.len - at, &c) : 0;
        if (after == 3 && c >= 0x2e80 && c < 0xfb00) {
            return at;
        }
    }
    return 0;
}


static lookout_str_t
trimmed(lookout_str_t s)
{
    while (s.len > 0 && s.data[0] == ' ') {
        s.data++;
        s.len--;
    }
    while (s.len > 0 && s.data[s.len - 1] == ' ') {
        s.len--;
    }
    return s;
}


size_t
lookout_label_wrap(lookout_plot_t *plot, lookout_str_t text, double size, bool bold,
                   double width, size_t max_lines, lookout_str_t *lines, bool *whole)
{
    lookout_str_t rest = trimmed(text);
    size_t n = 0, len, at;

    *whole = true;
    while (rest.len > 0 && n < max_lines && n < LOOKOUT_MAX_LINES) {
        if (lookout_label_width(plot, rest, size, bold) <= width) {
            lines[n++] = rest;
            return n;
        }
        len = fitting(plot, rest, size, bold, width, 0);
        at = break_before(rest, len);
        if (at == 0 || n + 1 == max_lines || n + 1 == LOOKOUT_MAX_LINES) {
            lines[n] = lookout_label_fit(plot, rest, size, bold, width);
            *whole = false;
            return lines[n].len == 0 ? n : n + 1;
        }
        lines[n++] = trimmed((lookout_str_t){ rest.data, at });
        rest = trimmed((lookout_str_t){ rest.data + at, rest.len - at });
    }
    return n;
}


static lookout_mark_t *
add(lookout_plot_t *plot, lookout_str_t text, double x, double y, lookout_anchor_e anchor,
    double size, bool bold, lookout_color_t color)
{
    lookout_mark_t *mark = lookout_scene_add(&plot->scene, LOOKOUT_TEXT, color);

    mark->u.text.text = text;
    mark->u.text.at = (lookout_point_t){ x, y };
    mark->u.text.anchor = anchor;
    mark->u.text.size = size;
    mark->u.text.bold = bold;
    mark->u.text.width =
        anchor == LOOKOUT_START ? 0 : lookout_label_width(plot, text, size, bold);
    return mark;
}


lookout_mark_t *
lookout_label_add(lookout_plot_t *plot, lookout_str_t text, double x, double y,
                  lookout_anchor_e anchor, double size, lookout_color_t color)
{
    return add(plot, text, x, y, anchor, size, false, color);
}


lookout_mark_t *
lookout_label_bold(lookout_plot_t *plot, lookout_str_t text, double x, double y,
                   lookout_anchor_e anchor, double size, lookout_color_t color)
{
    return add(plot, text, x, y, anchor, size, true, color);
}
