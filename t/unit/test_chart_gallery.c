/*
 * Every case of the gallery, drawn both ways and read back: well-formed, of the size asked for,
 * the same every time, and with no text over another.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/json.h"
#include "../gallery/cases.c"
#include "chart_fixture.h"


void
gallery_text(gallery_t *g, const char *text)
{
    lookout_chart_text(g->chart, g->column++, lookout_str(text)); /* NULL is null */
}


void
gallery_number(gallery_t *g, double v)
{
    lookout_chart_number(g->chart, g->column++, v);
}


void
gallery_end(gallery_t *g)
{
    assert_int_equal(g->column, g->n_columns);
    assert_true(lookout_chart_end_row(g->chart));
    g->column = 0;
}


double
gallery_random(gallery_t *g)
{
    g->seed = g->seed * 6364136223846793005u + 1442695040888963407u;
    return (double) (g->seed >> 11) / 9007199254740992.0;
}


static void
draw_case(const gallery_case_t *c, lookout_chart_format_e format, lookout_buf_t *out)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_chart_column_t columns[CHART_MAX_COLUMNS];
    lookout_json_error_t where;
    lookout_error_t error;
    lookout_chart_spec_t spec = {
        .chart_type = lookout_str(c->type),
        .encoding = lookout_json_parse(arena, lookout_str(c->encoding), &where),
        .title = lookout_str(c->title),
        .subtitle = lookout_str(c->subtitle),
        .width = (uint32_t) c->width,
        .height = (uint32_t) c->height,
        .columns = columns,
        .n_columns = chart_columns(arena, c->columns, columns),
    };
    gallery_t g = { .seed = 42, .n_columns = spec.n_columns };

    assert_int_equal(lookout_chart_create(arena, &spec, &g.chart, &error), LOOKOUT_OK);
    c->rows(&g);
    assert_int_equal(lookout_chart_render(g.chart, format, out, &error), LOOKOUT_OK);
    lookout_arena_destroy(arena);
}


static void
test_svg(void **state)
{
    (void) state;
    for (size_t i = 0; i < gallery_n_cases; i++) {
        const gallery_case_t *c = &gallery_cases[i];
        lookout_buf_t out = LOOKOUT_BUF_INIT;
        svg_t svg;

        draw_case(c, LOOKOUT_CHART_SVG, &out);
        svg = svg_read(lookout_buf_text(&out));
        if (svg.wrong != NULL) {
            fail_msg("%s: %s", c->name, svg.wrong);
        }
        assert_string_equal(svg.elements[0].tag, "svg");
        assert_true(lookout_str_is(svg_attribute(&svg.elements[0], "role"), "img"));
        assert_int_equal((int) svg_number(&svg.elements[0], "width"), c->width);
        assert_int_equal((int) svg_number(&svg.elements[0], "height"), c->height);
        assert_string_equal(svg.elements[1].tag, "title");
        assert_true(lookout_str_is(svg.elements[1].text, c->title));
        assert_string_equal(svg.elements[2].tag, "desc");
        assert_true(svg.elements[2].text.len > 10);
        chart_check_texts(&svg, c->name);
        free(svg.elements);
        lookout_buf_free(&out);
    }
}


static void
test_png(void **state)
{
    (void) state;
    for (size_t i = 0; i < gallery_n_cases; i++) {
        const gallery_case_t *c = &gallery_cases[i];
        lookout_buf_t out = LOOKOUT_BUF_INIT, again = LOOKOUT_BUF_INIT;
        size_t white, all = (size_t) c->width * (size_t) c->height;
        png_t png;

        draw_case(c, LOOKOUT_CHART_PNG, &out);
        png = png_read(lookout_buf_text(&out));
        if (png.wrong != NULL) {
            fail_msg("%s: %s", c->name, png.wrong);
        }
        assert_int_equal(png.width, c->width);
        assert_int_equal(png.height, c->height);
        white = png_count(&png, 0xffffff);
        if (white == all || white < all / 50) {
            fail_msg("%s: %zu of %zu pixels are white", c->name, white, all);
        }
        if (all < 1000000) {
            draw_case(c, LOOKOUT_CHART_PNG, &again);
            assert_int_equal(out.len, again.len);
            assert_memory_equal(out.data, again.data, out.len);
        }
        free(png.pixels);
        lookout_buf_free(&out);
        lookout_buf_free(&again);
    }
}


static int
finish(void **state)
{
    (void) state;
    lookout_chart_shutdown();
    return 0;
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_svg),
        cmocka_unit_test(test_png),
    };

    return cmocka_run_group_tests(tests, NULL, finish);
}
