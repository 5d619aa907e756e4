/*
 * Unit tests of charts as a whole: what is refused, which column carries which channel, what
 * comes out as PNG, stopping, threads.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <pthread.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/chart/canvas.h"
#include "chart_fixture.h"

#define BARS                                                                                   \
    CHART("bar",                                                                               \
          "{\"x\":{\"field\":\"name\",\"type\":\"nominal\",\"title\":\"Name\"},\"y\":{"        \
          "\"field\":\"v\",\"aggregate\":\"sum\",\"type\":\"quantitative\"}}",                 \
          "name:string,sum_v:float", "alpha,10;beta,20;gamma,5;")

#define BLUE 0x2f62d9


/* --- Refusals --- */

static void
check_refused(const chart_case_t *c, lookout_code_e code, const char *details)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_chart_t *chart = NULL;
    lookout_error_t error;

    assert_int_equal(chart_make(arena, c, &chart, &error), code);
    assert_int_equal(error.code, code);
    assert_true(error.message.len > 20);
    assert_true(lookout_str_is(error.details, details));
    lookout_arena_destroy(arena);
}


static void
test_unsupported(void **state)
{
    chart_case_t map = CHART("map", "{}", "", NULL), unknown = CHART("sankey", "{}", "", NULL);

    (void) state;
    check_refused(&map, LOOKOUT_CHART_TYPE_UNSUPPORTED,
                  "{\"chartType\":\"map\",\"supported\":[\"bar\",\"line\",\"area\",\"pie\","
                  "\"donut\",\"treemap\",\"histogram\",\"scatter\",\"heatmap\"]}");
    check_refused(&unknown, LOOKOUT_CHART_TYPE_UNSUPPORTED,
                  "{\"chartType\":\"sankey\",\"supported\":[\"bar\",\"line\",\"area\",\"pie\","
                  "\"donut\",\"treemap\",\"histogram\",\"scatter\",\"heatmap\"]}");
}


static void
test_sizes(void **state)
{
    static const struct {
        unsigned width, height;
        const char *path; /* NULL: fine */
    } cases[] = {
        { 200, 150, NULL },      { 4096, 150, NULL },     { 199, 150, "/width" },
        { 200, 149, "/height" }, { 4097, 600, "/width" }, { 800, 4097, "/height" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        chart_case_t c = BARS;
        lookout_arena_t *arena = lookout_arena_create();
        lookout_chart_t *chart = NULL;
        lookout_error_t error;

        c.width = cases[i].width;
        c.height = cases[i].height;
        if (cases[i].path == NULL) {
            png_t png = chart_png(&c);

            assert_int_equal(png.width, cases[i].width);
            assert_int_equal(png.height, cases[i].height);
            free(png.pixels);
        } else {
            assert_int_equal(chart_make(arena, &c, &chart, &error), LOOKOUT_INVALID_INPUT);
            assert_non_null(strstr(error.details.data, cases[i].path));
        }
        lookout_arena_destroy(arena);
    }
}


static void
test_missing_channels(void **state)
{
    static const struct {
        const char *type, *encoding, *channel;
    } cases[] = {
        { "bar", "{\"x\":{\"field\":\"a\"}}", "y" },
        { "line", "{\"y\":{\"field\":\"a\"}}", "x" },
        { "pie", "{\"color\":{\"field\":\"a\"}}", "theta" },
        { "treemap", "{\"color\":{\"field\":\"a\"}}", "size" },
        { "histogram", "{\"y\":{\"aggregate\":\"count\"}}", "x" },
        { "heatmap", "{\"x\":{\"field\":\"gone\"},\"y\":{\"field\":\"a\"}}", "x" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        chart_case_t c = CHART(cases[i].type, cases[i].encoding, "a:string", NULL);
        char details[128];

        (void) snprintf(details, sizeof(details),
                        "{\"reason\":\"bad_encoding\",\"channel\":\"%s\"}", cases[i].channel);
        check_refused(&c, LOOKOUT_INTERNAL_ERROR, details);
    }
}


/* --- Columns --- */

/* Checks which of the columns are looked at: a string of y and n. */
static void
check_wanted(const char *encoding, const char *columns, const char *wanted)
{
    chart_case_t c = CHART("scatter", encoding, columns, NULL);
    lookout_arena_t *arena = lookout_arena_create();
    lookout_chart_t *chart = NULL;
    lookout_error_t error;

    assert_int_equal(chart_make(arena, &c, &chart, &error), LOOKOUT_OK);
    for (size_t i = 0; wanted[i] != '\0'; i++) {
        assert_int_equal(lookout_chart_wants(chart, i), wanted[i] == 'y');
    }
    assert_false(lookout_chart_wants(chart, strlen(wanted)));
    lookout_arena_destroy(arena);
}


static void
test_columns(void **state)
{
    (void) state;
    check_wanted("{\"x\":{\"field\":\"a\"},\"y\":{\"aggregate\":\"count\"},\"tooltip\":{"
                 "\"field\":\"b\"}}",
                 "a:string,count:integer,b:string", "yyn");
    check_wanted("{\"x\":{\"field\":\"d\",\"timeUnit\":\"utcyearmonth\"},\"y\":{\"field\":"
                 "\"v\",\"aggregate\":\"mean\"}}",
                 "yearmonth_d:date,mean_v:float", "yy");
    check_wanted("{\"x\":{\"field\":\"v\",\"bin\":true},\"y\":{\"aggregate\":\"count\"}}",
                 "bin_v:float,bin_v_end:float,count:integer", "yyy");
    /* One column for two channels; another name for the same expression. */
    check_wanted("{\"x\":{\"field\":\"a\"},\"y\":{\"field\":\"v\",\"aggregate\":\"mean\"},"
                 "\"color\":{\"field\":\"a\"},\"size\":{\"field\":\"v\",\"aggregate\":"
                 "\"average\"}}",
                 "a:string,mean_v:float", "yy");
    /* Two expressions that would have one name. */
    check_wanted("{\"x\":{\"field\":\"count\"},\"y\":{\"aggregate\":\"count\"}}",
                 "count:integer,count_2:integer", "yy");
    check_wanted("{\"x\":{\"field\":\"a\"},\"y\":{\"field\":\"b\"},\"detail\":[{\"field\":"
                 "\"c\"},{\"field\":\"d\"}],\"fill\":{\"field\":\"e\"}}",
                 "a:float,b:float,e:string,c:string,d:string", "yyyyn");
}


/* --- Pictures --- */

static void
test_png(void **state)
{
    chart_case_t c = BARS;
    png_t png = chart_png(&c);
    size_t blue, row, below = 0;

    (void) state;
    assert_int_equal(png.width, 640);
    assert_int_equal(png.height, 400);
    assert_int_equal(png.pixels[0], 0xffffff);
    blue = png_count(&png, BLUE);
    assert_true(blue > 640 * 400 / 20 && blue < 640 * 400 / 2);
    for (row = 0; row < 400; row++) { /* bars end at their baseline */
        below += png.pixels[row * 640 + 5] == BLUE || png.pixels[row * 640 + 634] == BLUE;
    }
    assert_int_equal(below, 0);
    free(png.pixels);
}


static void
test_empty(void **state)
{
    static const char *const types[] = { "bar", "line", "scatter", "heatmap" };

    (void) state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        chart_case_t c = BARS;
        lookout_buf_t out;
        svg_t svg;

        c.type = types[i];
        c.rows = NULL;
        c.subtitle = "region = Atlantis";
        svg = chart_svg(&c, &out);
        assert_true(svg_has_text(&svg, "text", "No rows match"));
        assert_true(svg_has_text(&svg, "text", "region = Atlantis"));
        free(svg.elements);
        lookout_buf_free(&out);
    }
}


/* Bytes that are no text, and text that is no markup. */
static void
test_bad_text(void **state)
{
    chart_case_t c = BARS;
    lookout_buf_t out;
    svg_t svg;
    png_t png;

    (void) state;
    c.rows = "a\xff"
             "b,1;<script>&\"',2;\x01\x02\n,3;\xef\xbf\xbf,4;";
    c.title = "\xc3(<b>";
    svg = chart_svg(&c, &out);
    assert_true(svg_has_text(&svg, "text",
                             "a\xef\xbf\xbd"
                             "b"));
    assert_true(svg_has_text(&svg, "text", "&lt;script&gt;&amp;\"'"));
    free(svg.elements);
    lookout_buf_free(&out);
    png = chart_png(&c);
    free(png.pixels);
}


/* More colours than a palette holds: the picture is still good. */
static void
test_full_palette(void **state)
{
    lookout_canvas_t canvas;
    lookout_buf_t out = LOOKOUT_BUF_INIT;
    png_t png;

    (void) state;
    assert_true(lookout_canvas_init(&canvas, 300, 200, 0xffffff));
    for (int i = 0; i < 3000; i++) {
        lookout_color_t color = (lookout_color_t) (i * 2654435761u) & 0xffffff;

        lookout_canvas_disc(&canvas, (lookout_point_t){ i % 300, i * 7 % 200 }, 9.3,
                            lookout_canvas_paint(&canvas, color, i % 3 == 0 ? 0.4 : 1));
    }
    assert_int_equal(canvas.n_colors, 256);
    assert_true(lookout_canvas_png(&canvas, &out));
    lookout_canvas_free(&canvas);
    png = png_read(lookout_buf_text(&out));
    assert_null(png.wrong);
    free(png.pixels);
    lookout_buf_free(&out);
}


/* Shapes at fractions of a pixel cover just as much, wherever they lie, and never more than the
 * canvas. */
static void
test_coverage(void **state)
{
    lookout_rect_t box = { 10.25, 20.5, 3.5, 2.25 };
    lookout_canvas_t canvas;
    double sum = 0;

    (void) state;
    assert_true(lookout_canvas_init(&canvas, 64, 64, 0xffffff));
    lookout_canvas_rect(&canvas, box, lookout_canvas_paint(&canvas, 0, 1));
    lookout_canvas_rect(&canvas, (lookout_rect_t){ -50, -50, 20, 200 },
                        lookout_canvas_paint(&canvas, 0, 1));
    lookout_canvas_disc(&canvas, (lookout_point_t){ -40, 90 }, 20,
                        lookout_canvas_paint(&canvas, 0, 1));
    for (int i = 0; i < 64 * 64; i++) {
        sum += 1 - (canvas.palette[canvas.image->pixels[i / 64][i % 64]] & 255) / 255.0;
    }
    assert_float_equal(sum, 3.5 * 2.25, 0.15);
    lookout_canvas_free(&canvas);
}


/* --- Stopping --- */

static bool
count_down(void *data)
{
    int *left = data;

    return (*left)-- <= 0;
}


static void
test_stop(void **state)
{
    static const char *const types[] = { "bar",     "line",      "area",    "pie",    "donut",
                                         "treemap", "histogram", "scatter", "heatmap" };
    static const char encoding[] =
        "{\"x\":{\"field\":\"name\"},\"y\":{\"field\":\"v\",\"aggregate\":\"sum\",\"type\":"
        "\"quantitative\"},\"theta\":{\"field\":\"v\",\"aggregate\":\"sum\"},\"size\":{"
        "\"field\":\"v\",\"aggregate\":\"sum\"},\"color\":{\"field\":\"name\"}}";

    (void) state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        for (int format = 0; format < 2; format++) {
            chart_case_t c = CHART(types[i], encoding, "name:string,sum_v:float", "a,1;b,2;");
            int left = 0;
            lookout_arena_t *arena = lookout_arena_create();
            lookout_buf_t out = LOOKOUT_BUF_INIT;
            lookout_chart_t *chart = NULL;
            lookout_error_t error;

            c.over = count_down;
            c.over_data = &left;
            assert_int_equal(chart_make(arena, &c, &chart, &error), LOOKOUT_OK);
            assert_int_equal(
                lookout_chart_render(chart, format == 0 ? LOOKOUT_CHART_PNG : LOOKOUT_CHART_SVG,
                                     &out, &error),
                LOOKOUT_CANCELLED);
            left = 1000000;
            lookout_buf_reset(&out);
            assert_int_equal(
                lookout_chart_render(chart, format == 0 ? LOOKOUT_CHART_PNG : LOOKOUT_CHART_SVG,
                                     &out, &error),
                LOOKOUT_OK);
            assert_true(left < 1000000);
            lookout_buf_free(&out);
            lookout_arena_destroy(arena);
        }
    }
}


/* --- Threads --- */

typedef struct {
    pthread_t thread;
    lookout_buf_t png;
    int size;
    bool good;
} worker_t;


/* cmocka's checks are for the main thread: this one only reports. */
static void *
work(void *data)
{
    worker_t *w = data;

    w->good = true;
    for (int turn = 0; turn < 30; turn++) {
        chart_case_t c = BARS;
        lookout_arena_t *arena = lookout_arena_create();
        lookout_chart_t *chart = NULL;
        lookout_buf_t out = LOOKOUT_BUF_INIT;
        lookout_error_t error;

        c.width = turn % 2 == 0 ? 640 : 300 + (unsigned) w->size;
        if (chart_make(arena, &c, &chart, &error) != LOOKOUT_OK
            || lookout_chart_render(chart, LOOKOUT_CHART_PNG, &out, &error) != LOOKOUT_OK) {
            w->good = false;
        }
        if (turn == 0) {
            w->png = out;
        } else {
            if (turn % 2 == 0
                && (out.len != w->png.len || memcmp(out.data, w->png.data, out.len) != 0)) {
                w->good = false;
            }
            lookout_buf_free(&out);
        }
        lookout_arena_destroy(arena);
    }
    return NULL;
}


static void
test_threads(void **state)
{
    worker_t workers[6] = { { .size = 0 } };
    const size_t n = sizeof(workers) / sizeof(workers[0]);

    (void) state;
    for (size_t i = 0; i < n; i++) {
        workers[i].size = (int) i * 17;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_true(workers[i].good);
        assert_int_equal(workers[i].png.len, workers[0].png.len);
        assert_memory_equal(workers[i].png.data, workers[0].png.data, workers[0].png.len);
    }
    for (size_t i = 0; i < n; i++) {
        lookout_buf_free(&workers[i].png);
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
        cmocka_unit_test(test_unsupported),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_missing_channels),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_png),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_bad_text),
        cmocka_unit_test(test_full_palette),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, NULL, finish);
}
