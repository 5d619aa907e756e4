/*
 * Unit tests of what the types of charts show, by the SVG that comes out: one check a promise.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#include <cmocka.h>

#include "chart_fixture.h"

#define X_NAME "\"x\":{\"field\":\"name\",\"type\":\"nominal\",\"title\":\"Name\"}"
#define X_MONTH                                                                                \
    "\"x\":{\"field\":\"day\",\"timeUnit\":\"yearmonth\",\"type\":\"temporal\","               \
    "\"title\":\"Month\"}"
#define Y_SUM                                                                                  \
    "\"y\":{\"field\":\"v\",\"aggregate\":\"sum\",\"type\":\"quantitative\","                  \
    "\"title\":\"Value\"}"
#define COLOR "\"color\":{\"field\":\"kind\",\"type\":\"nominal\",\"title\":\"Kind\"}"
#define BLUE "#2f62d9"
#define ORANGE "#e8890c"


/* --- Helpers --- */

typedef struct {
    double x, y, w, h;
} rect_t;


/* Numbers of a path's `d` that begins with M x y, and its extent. */
static rect_t
path_extent(lookout_str_t d)
{
    double least[2] = { INFINITY, INFINITY }, most[2] = { -INFINITY, -INFINITY };
    const char *p = d.data, *end = d.data + d.len;
    char *next;
    int axis = 0;

    while (p < end) {
        double v = strtod(p, &next);

        if (next == p) {
            axis = *p == ' ' ? axis : 0;
            p++;
            continue;
        }
        least[axis] = fmin(least[axis], v);
        most[axis] = fmax(most[axis], v);
        axis = 1 - axis;
        p = next;
    }
    return (rect_t){ least[0], least[1], most[0] - least[0], most[1] - least[1] };
}


/* The marks that have a tip of their own and a fill: bars, cells. Returns how many. */
static size_t
marks(const svg_t *svg, rect_t *out, const char *fill)
{
    size_t i, n = 0;

    for (i = 0; i + 1 < svg->n; i++) {
        const svg_element_t *e = &svg->elements[i];

        if (strcmp(svg->elements[i + 1].tag, "title") != 0 || i == 0
            || (fill != NULL && !lookout_str_is(svg_attribute(e, "fill"), fill))) {
            continue;
        }
        out[n++] = strcmp(e->tag, "rect") == 0
                       ? (rect_t){ svg_number(e, "x"), svg_number(e, "y"),
                                   svg_number(e, "width"), svg_number(e, "height") }
                       : path_extent(svg_attribute(e, "d"));
    }
    return n;
}


static bool
has_text_with(const svg_t *svg, const char *part)
{
    size_t i;

    for (i = 0; i < svg->n; i++) {
        char text[512];

        (void) snprintf(text, sizeof(text), "%.*s", LOOKOUT_STR_ARG(svg->elements[i].text));
        if (strcmp(svg->elements[i].tag, "text") == 0 && strstr(text, part) != NULL) {
            return true;
        }
    }
    return false;
}


static void
drop(svg_t *svg, lookout_buf_t *out)
{
    free(svg->elements);
    lookout_buf_free(out);
}


/* --- Bars --- */

static void
test_bars(void **state)
{
    chart_case_t c =
        CHART("bar", "{" X_NAME "," Y_SUM "}", "name:string,sum_v:float", "a,10;b,20;c,5;");
    lookout_buf_t out;
    rect_t r[16];
    svg_t svg;

    (void) state;
    c.title = "Bars <of> & more";
    svg = chart_svg(&c, &out);
    assert_int_equal(marks(&svg, r, BLUE), 3);
    assert_float_equal(r[1].h / r[0].h, 2, 0.02);
    assert_float_equal(r[2].h / r[0].h, 0.5, 0.02);
    assert_float_equal(r[0].y + r[0].h, r[1].y + r[1].h, 0.01); /* one baseline */
    assert_float_equal(r[1].x - r[0].x, r[2].x - r[1].x, 0.001);
    assert_true(r[0].x == floor(r[0].x) && r[0].w == floor(r[0].w));
    assert_true(svg_has_text(&svg, "title", "Bars &lt;of&gt; &amp; more"));
    assert_true(svg_has_text(&svg, "title", "b: 20"));
    assert_true(svg_has_text(&svg, "text", "Value"));
    assert_true(svg_has_text(&svg, "text", "20")); /* written on the bar */
    assert_false(has_text_with(&svg, "Kind"));
    drop(&svg, &out);
}


/* Sums are stacked, averages stand side by side, and the encoding has the last word. */
static void
test_stack_or_group(void **state)
{
    static const struct {
        const char *y;
        const char *column;
        bool stacked;
    } cases[] = {
        { "{\"field\":\"v\",\"aggregate\":\"sum\",\"type\":\"quantitative\"}", "sum_v", true },
        { "{\"field\":\"v\",\"aggregate\":\"mean\",\"type\":\"quantitative\"}", "mean_v",
          false },
        { "{\"field\":\"v\",\"aggregate\":\"sum\",\"stack\":null,\"type\":\"quantitative\"}",
          "sum_v", false },
        { "{\"field\":\"v\",\"aggregate\":\"mean\",\"stack\":\"zero\",\"type\":"
          "\"quantitative\"}",
          "mean_v", true },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char encoding[512], columns[128];
        chart_case_t c = CHART("bar", encoding, columns, "a,10,p;a,30,q;b,20,p;b,20,q;");
        rect_t p[8], q[8];
        lookout_buf_t out;
        svg_t svg;

        (void) snprintf(encoding, sizeof(encoding), "{" X_NAME ",\"y\":%s," COLOR "}",
                        cases[i].y);
        (void) snprintf(columns, sizeof(columns), "name:string,%s:float,kind:string",
                        cases[i].column);
        svg = chart_svg(&c, &out);
        assert_int_equal(marks(&svg, p, BLUE), 2);
        assert_int_equal(marks(&svg, q, ORANGE), 2);
        if (cases[i].stacked) {
            assert_float_equal(p[0].x, q[0].x, 0.01);
            assert_float_equal(q[0].y + q[0].h, p[0].y, 1.01);
        } else {
            assert_true(q[0].x >= p[0].x + p[0].w);
            assert_float_equal(q[0].y + q[0].h, p[0].y + p[0].h, 0.01);
        }
        assert_true(svg_has_text(&svg, "text", "Kind")); /* the legend */
        assert_true(svg_has_text(&svg, "text", "p"));
        drop(&svg, &out);
    }
}


static void
test_negative_bars(void **state)
{
    chart_case_t c =
        CHART("bar", "{" X_NAME "," Y_SUM "}", "name:string,sum_v:float", "a,10;b,-5;c,;,3;");
    lookout_buf_t out;
    svg_t svg = chart_svg(&c, &out);
    rect_t r[8];

    (void) state;
    assert_int_equal(marks(&svg, r, BLUE), 3); /* the null has none */
    assert_float_equal(r[0].y + r[0].h, r[1].y, 0.01);
    assert_float_equal(r[0].h, 2 * r[1].h, 0.5);
    assert_true(svg_has_text(&svg, "text", "(blank)"));
    assert_true(svg_has_text(&svg, "text",
                             "\xe2\x88\x92"
                             "5"));
    drop(&svg, &out);
}


/* A period that no row is of still has its place. */
static void
test_missing_months(void **state)
{
    chart_case_t c = CHART("bar", "{" X_MONTH "," Y_SUM "}", "yearmonth_day:date,sum_v:float",
                           "2026-01-01,1;2026-02-01,2;2026-05-01,3;");
    lookout_buf_t out;
    svg_t svg = chart_svg(&c, &out);
    rect_t r[8];

    (void) state;
    assert_int_equal(marks(&svg, r, BLUE), 3);
    assert_float_equal(r[2].x - r[1].x, 3 * (r[1].x - r[0].x), 0.01);
    assert_true(svg_has_text(&svg, "text", "Jan"));
    assert_true(svg_has_text(&svg, "text", "2026"));
    drop(&svg, &out);
}


/* Of too many names the largest are shown, and how many are not is said. */
static void
test_many_categories(void **state)
{
    chart_case_t c = CHART("bar", "{" X_NAME "," Y_SUM "}", "name:string,sum_v:float", NULL);
    lookout_buf_t rows = LOOKOUT_BUF_INIT, out;
    rect_t r[256];
    svg_t svg;
    size_t n;

    (void) state;
    for (int i = 0; i < 500; i++) {
        lookout_buf_printf(&rows, "name %d,%d;", i, (i * 37) % 500 + 1);
    }
    lookout_buf_putc(&rows, '\0');
    c.rows = rows.data;
    svg = chart_svg(&c, &out);
    n = marks(&svg, r, BLUE);
    assert_true(n > 20 && n < 100);
    for (size_t i = 1; i < n; i++) {
        assert_true(r[i].h <= r[i - 1].h + 0.01);
    }
    assert_true(has_text_with(&svg, "others not shown"));
    lookout_buf_free(&rows);
    drop(&svg, &out);
}


static void
test_lying_bars(void **state)
{
    chart_case_t asked =
        CHART("bar",
              "{\"y\":{\"field\":\"name\",\"type\":\"nominal\"},\"x\":{\"field\":"
              "\"v\",\"aggregate\":\"sum\",\"type\":\"quantitative\"}}",
              "sum_v:float,name:string", "10,a;20,b;");
    chart_case_t better =
        CHART("bar", "{" X_NAME "," Y_SUM "}", "name:string,sum_v:float",
              "A department with a very long name,10;Another department with a "
              "name that is longer still,20;Yetanotheronethatcannotbebroken,5;"
              "Shorter,4;Manufacturing operations and quality,3;");
    const chart_case_t *cases[] = { &asked, &better };

    (void) state;
    for (size_t i = 0; i < 2; i++) {
        lookout_buf_t out;
        svg_t svg = chart_svg(cases[i], &out);
        rect_t r[8];

        assert_true(marks(&svg, r, BLUE) >= 2);
        assert_float_equal(r[0].x, r[1].x, 0.01);
        assert_float_equal(r[1].w / r[0].w, 2, 0.02);
        assert_true(r[1].y > r[0].y + r[0].h);
        drop(&svg, &out);
    }
}


/* --- Lines and areas --- */

/* Nulls break a line; rows that are not there do not. */
static void
test_gaps(void **state)
{
    chart_case_t c = CHART("line", "{" X_MONTH "," Y_SUM "}", "yearmonth_day:date,sum_v:float",
                           "2026-01-01,1;2026-02-01,2;2026-03-01,;2026-04-01,3;2026-06-01,4;");
    lookout_buf_t out;
    svg_t svg = chart_svg(&c, &out);
    size_t i, lines = 0;

    (void) state;
    for (i = 0; i < svg.n; i++) {
        lines += svg_attribute(&svg.elements[i], "stroke-linejoin").data != NULL;
    }
    assert_int_equal(lines, 2);
    drop(&svg, &out);
}


#define MEANS                                                                                  \
    "{" X_NAME                                                                                 \
    ",\"y\":{\"field\":\"v\",\"aggregate\":\"mean\",\"type\":\"quantitative\"}," COLOR "}"

/* Of more series than there are colours a line shows the rest in grey, an area sums it up, and
 * bars of averages say what they leave out. */
static void
test_many_series(void **state)
{
    chart_case_t line = CHART("line", MEANS, "name:string,mean_v:float,kind:string", NULL);
    chart_case_t bar = CHART("bar", MEANS, "name:string,mean_v:float,kind:string", NULL);
    chart_case_t area = CHART("area", "{" X_NAME "," Y_SUM "," COLOR "}",
                              "name:string,sum_v:float,kind:string", NULL);
    lookout_buf_t rows = LOOKOUT_BUF_INIT, out;
    size_t i, lines = 0;
    svg_t svg;

    (void) state;
    for (int s = 0; s < 22; s++) {
        lookout_buf_printf(&rows, "a,%d,kind %d;b,%d,kind %d;", 100 - s, s, 90 - s, s);
    }
    lookout_buf_putc(&rows, '\0');
    line.rows = bar.rows = area.rows = rows.data;
    svg = chart_svg(&line, &out);
    for (i = 0; i < svg.n; i++) {
        lines += svg_attribute(&svg.elements[i], "stroke-linejoin").data != NULL;
    }
    assert_int_equal(lines, 22);
    assert_true(svg_has_text(&svg, "text", "12 others"));
    assert_true(svg_has_text(&svg, "text", "kind 9"));
    assert_false(svg_has_text(&svg, "text", "kind 10"));
    drop(&svg, &out);
    svg = chart_svg(&bar, &out);
    assert_true(has_text_with(&svg, "+12 others"));
    assert_false(svg_has_text(&svg, "text", "kind 10"));
    drop(&svg, &out);
    svg = chart_svg(&area, &out);
    assert_true(svg_has_text(&svg, "text", "12 others")); /* sums can be summed up */
    drop(&svg, &out);
    lookout_buf_free(&rows);
}


static void
test_zero_baseline(void **state)
{
    static const struct {
        const char *type;
        bool zero;
    } cases[] = { { "line", false }, { "area", true }, { "bar", true } };

    (void) state;
    for (size_t i = 0; i < 3; i++) {
        chart_case_t c =
            CHART(cases[i].type, "{" X_MONTH "," Y_SUM "}", "yearmonth_day:date,sum_v:float",
                  "2026-01-01,101;2026-02-01,102;2026-03-01,103;");
        lookout_buf_t out;
        svg_t svg = chart_svg(&c, &out);

        assert_int_equal(svg_has_text(&svg, "text", "0"), cases[i].zero);
        drop(&svg, &out);
    }
}


/* --- Parts --- */

static void
test_pie(void **state)
{
    chart_case_t c = CHART("donut",
                           "{\"theta\":{\"field\":\"v_usd\",\"aggregate\":\"sum\",\"type\":"
                           "\"quantitative\",\"title\":\"Spend\"}," COLOR "}",
                           "sum_v_usd:float,kind:string", "25,a;75,b;-3,c;,d;");
    lookout_buf_t out;
    svg_t svg = chart_svg(&c, &out);

    (void) state;
    assert_true(svg_has_text(&svg, "text", "$100"));
    assert_true(svg_has_text(&svg, "text", "75\xc2\xa0%"));
    assert_true(svg_has_text(&svg, "text", "25\xc2\xa0%"));
    assert_true(has_text_with(&svg, "negative"));
    assert_false(svg_has_text(&svg, "text", "c"));
    drop(&svg, &out);
    c.rows = "-3,c;0,a;";
    svg = chart_svg(&c, &out);
    assert_true(has_text_with(&svg, "No positive values"));
    drop(&svg, &out);
}


/* Cells do not overlap, and their areas are as their values. */
static void
test_treemap(void **state)
{
    chart_case_t c = CHART("treemap",
                           "{\"size\":{\"field\":\"v\",\"aggregate\":\"sum\",\"type\":"
                           "\"quantitative\"}," COLOR "}",
                           "sum_v:float,kind:string", "60,a;30,b;20,c;10,d;7,e;5,f;");
    static const double values[] = { 60, 30, 20, 10, 7, 5 };
    lookout_buf_t out;
    svg_t svg = chart_svg(&c, &out);
    rect_t r[16];
    size_t n = marks(&svg, r, NULL), i, j;

    (void) state;
    assert_int_equal(n, 6);
    for (i = 0; i < n; i++) {
        assert_float_equal(r[i].w * r[i].h / (r[0].w * r[0].h), values[i] / 60, 0.02);
        for (j = 0; j < i; j++) {
            assert_true(r[i].x >= r[j].x + r[j].w || r[j].x >= r[i].x + r[i].w
                        || r[i].y >= r[j].y + r[j].h || r[j].y >= r[i].y + r[i].h);
        }
    }
    drop(&svg, &out);
}


/* --- Distributions --- */

static void
test_histogram(void **state)
{
    chart_case_t binned = CHART(
        "histogram",
        "{\"x\":{\"field\":\"v\",\"bin\":true,\"type\":\"quantitative\"},\"y\":{\"aggregate\":"
        "\"count\",\"type\":\"quantitative\"}}",
        "bin_v:float,bin_v_end:float,count:integer", "0,10,4;10,20,8;30,40,2;,,5;");
    chart_case_t raw = CHART("histogram", "{\"x\":{\"field\":\"v\",\"type\":\"quantitative\"}}",
                             "v:float", "1;2;2;3;3;3;9;;");
    lookout_buf_t out;
    svg_t svg = chart_svg(&binned, &out);
    rect_t r[64];

    (void) state;
    assert_int_equal(marks(&svg, r, BLUE), 3);
    assert_float_equal(r[1].h / r[0].h, 2, 0.05);
    assert_float_equal(r[2].x - r[1].x, 2 * (r[1].x - r[0].x), 1.5); /* 20 to 30 is empty */
    assert_true(has_text_with(&svg, "5 without a value"));
    drop(&svg, &out);
    svg = chart_svg(&raw, &out);
    assert_true(marks(&svg, r, BLUE) >= 4);
    assert_true(has_text_with(&svg, "1 without a value"));
    drop(&svg, &out);
}


static void
test_scatter(void **state)
{
    chart_case_t c =
        CHART("scatter",
              "{\"x\":{\"field\":\"a\",\"type\":\"quantitative\"},\"y\":{\"field\":"
              "\"b\",\"type\":\"quantitative\"}," COLOR ",\"size\":{\"field\":\"s\","
              "\"type\":\"quantitative\",\"title\":\"Weight\"}}",
              "a:float,b:float,kind:string,s:float", "1,1,p,1;2,2,p,9;3,,q,1;4,4,q,4;");
    double least = INFINITY, most = 0;
    lookout_buf_t out;
    svg_t svg = chart_svg(&c, &out);

    (void) state;
    for (size_t i = 0; i < svg.n; i++) {
        if (svg_attribute(&svg.elements[i], "cx").data != NULL) {
            least = fmin(least, svg_number(&svg.elements[i], "r"));
            most = fmax(most, svg_number(&svg.elements[i], "r"));
        }
    }
    assert_int_equal(svg_count(&svg, "circle"), 3 + 2); /* and two in the legend */
    assert_true(most > 3 * least);
    assert_true(has_text_with(&svg, "Size: Weight, 1 to 9"));
    assert_true(has_text_with(&svg, "1 of 4 rows"));
    drop(&svg, &out);
}


static void
test_heatmap(void **state)
{
    chart_case_t c =
        CHART("heatmap",
              "{" X_NAME ",\"y\":{\"field\":\"kind\",\"type\":\"nominal\"},\"color\":{"
              "\"field\":\"v\",\"aggregate\":\"sum\",\"type\":\"quantitative\","
              "\"title\":\"Value\"}}",
              "name:string,kind:string,sum_v:float", "a,p,1;b,p,5;a,q,9;");
    lookout_buf_t out;
    svg_t svg = chart_svg(&c, &out);
    rect_t r[8];

    (void) state;
    assert_int_equal(marks(&svg, r, NULL), 3); /* no row, no cell */
    assert_float_equal(r[0].w, r[1].w, 1.01);
    assert_true(svg_has_text(&svg, "text", "9"));
    assert_int_equal(marks(&svg, r, "#e6f0fb"), 1); /* the least is lightest */
    assert_int_equal(marks(&svg, r, "#163d80"), 1);
    drop(&svg, &out);
    c.rows = "a,p,-4;b,p,0;a,q,4;";
    svg = chart_svg(&c, &out);
    assert_int_equal(marks(&svg, r, "#f4f4f5"), 1); /* zero lies in the middle */
    drop(&svg, &out);
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
        cmocka_unit_test(test_bars),
        cmocka_unit_test(test_stack_or_group),
        cmocka_unit_test(test_negative_bars),
        cmocka_unit_test(test_missing_months),
        cmocka_unit_test(test_many_categories),
        cmocka_unit_test(test_lying_bars),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_many_series),
        cmocka_unit_test(test_zero_baseline),
        cmocka_unit_test(test_pie),
        cmocka_unit_test(test_treemap),
        cmocka_unit_test(test_histogram),
        cmocka_unit_test(test_scatter),
        cmocka_unit_test(test_heatmap),
    };

    return cmocka_run_group_tests(tests, NULL, finish);
}
