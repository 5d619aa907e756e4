/*
 * Making, drawing, reading back.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/json.h"
#include "../../ngx_lookout_module/chart/font.h"
#include "chart_fixture.h"


size_t
chart_columns(lookout_arena_t *arena, const char *text, lookout_chart_column_t *columns)
{
    size_t n = 0;

    while (*text != '\0') {
        size_t name = strcspn(text, ":"), end = strcspn(text, ",");

        assert_true(n < CHART_MAX_COLUMNS && name < end);
        columns[n].name = lookout_arena_copy(arena, (lookout_str_t){ text, name });
        assert_true(lookout_type_parse((lookout_str_t){ text + name + 1, end - name - 1 },
                                       &columns[n].type));
        n++;
        text += text[end] == ',' ? end + 1 : end;
    }
    return n;
}


/* One cell, which ends at a comma, a semicolon or the end. */
static void
give_cell(lookout_chart_t *chart, size_t column, lookout_type_e type, lookout_str_t cell)
{
    char text[256];

    if (cell.len == 0) {
        lookout_chart_null(chart, column);
    } else if (type == LOOKOUT_INTEGER || type == LOOKOUT_FLOAT || type == LOOKOUT_BOOLEAN) {
        (void) snprintf(text, sizeof(text), "%.*s", LOOKOUT_STR_ARG(cell));
        lookout_chart_number(chart, column, strtod(text, NULL));
    } else {
        lookout_chart_text(chart, column, cell);
    }
}


lookout_code_e
chart_make(lookout_arena_t *arena, const chart_case_t *c, lookout_chart_t **chart,
           lookout_error_t *error)
{
    lookout_chart_column_t *columns =
        lookout_arena_alloc(arena, CHART_MAX_COLUMNS * sizeof(*columns));
    lookout_json_error_t where;
    lookout_chart_spec_t spec = {
        .chart_type = lookout_str(c->type),
        .encoding = lookout_json_parse(arena, lookout_str(c->encoding), &where),
        .title = lookout_str(c->title),
        .subtitle = lookout_str(c->subtitle),
        .width = c->width == 0 ? 640 : c->width,
        .height = c->height == 0 ? 400 : c->height,
        .columns = columns,
        .over = c->over,
        .over_data = c->over_data,
    };
    const char *p = c->rows == NULL ? "" : c->rows;
    lookout_code_e code;

    assert_non_null(spec.encoding);
    spec.n_columns = chart_columns(arena, c->columns, columns);
    code = lookout_chart_create(arena, &spec, chart, error);
    while (code == LOOKOUT_OK && *p != '\0') {
        for (size_t i = 0; i < spec.n_columns; i++) {
            size_t len = strcspn(p, ",;");

            give_cell(*chart, i, columns[i].type, (lookout_str_t){ p, len });
            p += len;
            assert_int_equal(*p, i + 1 == spec.n_columns ? ';' : ',');
            p++;
        }
        assert_true(lookout_chart_end_row(*chart));
    }
    return code;
}


void
chart_draw(const chart_case_t *c, lookout_chart_format_e format, lookout_buf_t *out)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_chart_t *chart = NULL;
    lookout_error_t error;

    assert_int_equal(chart_make(arena, c, &chart, &error), LOOKOUT_OK);
    *out = LOOKOUT_BUF_INIT;
    assert_int_equal(lookout_chart_render(chart, format, out, &error), LOOKOUT_OK);
    lookout_arena_destroy(arena);
}


png_t
chart_png(const chart_case_t *c)
{
    lookout_buf_t out;
    png_t png;

    chart_draw(c, LOOKOUT_CHART_PNG, &out);
    png = png_read(lookout_buf_text(&out));
    lookout_buf_free(&out);
    if (png.wrong != NULL) {
        fail_msg("%s: %s", c->type, png.wrong);
    }
    return png;
}


svg_t
chart_svg(const chart_case_t *c, lookout_buf_t *out)
{
    svg_t svg;

    chart_draw(c, LOOKOUT_CHART_SVG, out);
    svg = svg_read(lookout_buf_text(out));
    if (svg.wrong != NULL) {
        fail_msg("%s: %s", c->type, svg.wrong);
    }
    return svg;
}


/* --- Where texts lie --- */

typedef struct {
    double left, right, top, bottom;
    lookout_str_t text;
} box_t;


/* The text of an element without its entities. */
static lookout_str_t
plain_text(const svg_element_t *e, char *room, size_t size)
{
    static const char *const entities[][2] = { { "&amp;", "&" },
                                               { "&lt;", "<" },
                                               { "&gt;", ">" } };
    size_t i, k, n = 0;

    for (i = 0; i < e->text.len && n + 1 < size;) {
        for (k = 0; k < 3; k++) {
            size_t len = strlen(entities[k][0]);

            if (e->text.len - i >= len && memcmp(e->text.data + i, entities[k][0], len) == 0) {
                break;
            }
        }
        room[n++] = k < 3 ? entities[k][1][0] : e->text.data[i];
        i += k < 3 ? strlen(entities[k][0]) : 1;
    }
    return (lookout_str_t){ room, n };
}


static box_t
box_of(lookout_fonts_t *fonts, const svg_element_t *e)
{
    char room[2048];
    double size = svg_number(e, "font-size"), x = svg_number(e, "x"), y = svg_number(e, "y");
    bool bold = svg_attribute(e, "font-weight").data != NULL;
    double width = lookout_fonts_width(fonts, plain_text(e, room, sizeof(room)), size, bold);
    lookout_str_t anchor = svg_attribute(e, "text-anchor");

    x -= lookout_str_is(anchor, "middle") ? width / 2
         : lookout_str_is(anchor, "end")  ? width
                                          : 0;
    return (box_t){ x, x + width, y - 0.72 * size, y + 0.05 * size, e->text };
}


void
chart_check_texts(const svg_t *svg, const char *name)
{
    lookout_fonts_t *fonts = lookout_fonts_take();
    double width = svg_number(&svg->elements[0], "width");
    double height = svg_number(&svg->elements[0], "height");
    box_t *boxes = calloc(svg->n, sizeof(*boxes));
    size_t n = 0, i, j;

    assert_non_null(fonts);
    assert_non_null(boxes);
    for (i = 0; i < svg->n; i++) {
        if (strcmp(svg->elements[i].tag, "text") == 0
            && svg_attribute(&svg->elements[i], "transform").data == NULL) {
            boxes[n++] = box_of(fonts, &svg->elements[i]);
        }
    }
    for (i = 0; i < n; i++) {
        const box_t *a = &boxes[i];

        if (a->left < -0.5 || a->right > width + 0.5 || a->top < 0 || a->bottom > height) {
            fail_msg("%s: \"%.*s\" leaves the picture", name, LOOKOUT_STR_ARG(a->text));
        }
        for (j = 0; j < i; j++) {
            const box_t *b = &boxes[j];

            if (a->left < b->right && b->left < a->right && a->top < b->bottom
                && b->top < a->bottom) {
                fail_msg("%s: \"%.*s\" overlaps \"%.*s\"", name, LOOKOUT_STR_ARG(a->text),
                         LOOKOUT_STR_ARG(b->text));
            }
        }
    }
    free(boxes);
    lookout_fonts_give(fonts);
}
