/*
 * A page of charts to look at: every type over small, large and ugly data.
 *
 *     gallery FOLDER [PART-OF-NAME]
 *
 * writes NAME.png, NAME.svg and index.html into the folder, and NAME.json, the same data with
 * its encoding. From that vega.mjs makes NAME.vega.png, which the page shows as well. A case is
 * an encoding, the columns that its query would give, and a function that gives the rows.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../ngx_lookout_module/base/json.h"
#include "../../ngx_lookout_module/chart/chart.h"
#include "gallery.h"


static void
save(const char *folder, const char *name, const char *ending, const lookout_buf_t *b)
{
    char path[512];
    FILE *f;

    (void) snprintf(path, sizeof(path), "%s/%s.%s", folder, name, ending);
    f = fopen(path, "wb");
    if (f == NULL || fwrite(b->data, 1, b->len, f) != b->len || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}


static double
cpu_ms(void)
{
    struct timespec t;

    (void) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}


/* Draws one case in one format; the milliseconds it took, with the fonts warm. */
static double
draw(const gallery_case_t *c, lookout_chart_format_e format, lookout_buf_t *out)
{
    lookout_error_t error;
    double least = INFINITY;
    int turn;

    for (turn = 0; turn < 3; turn++) {
        lookout_arena_t *arena = lookout_arena_create();
        lookout_chart_t *chart = gallery_chart(arena, c, NULL);
        double start = cpu_ms();

        lookout_buf_reset(out);
        if (lookout_chart_render(chart, format, out, &error) != LOOKOUT_OK) {
            fprintf(stderr, "gallery: %s: %.*s\n", c->name, LOOKOUT_STR_ARG(error.message));
            exit(1);
        }
        least = fmin(least, cpu_ms() - start);
        lookout_arena_destroy(arena);
    }
    return least;
}


/* The case as JSON, for other libraries to draw; behind its rows stands an empty one. */
static void
save_rows(const char *folder, const gallery_case_t *c)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_buf_t json = LOOKOUT_BUF_INIT;

    lookout_json_open(&json, '{');
    lookout_json_key(&json, "type");
    lookout_json_cstr(&json, c->type);
    lookout_json_key(&json, "title");
    lookout_json_cstr(&json, c->title);
    lookout_json_key(&json, "subtitle");
    lookout_json_cstr(&json, c->subtitle);
    lookout_json_key(&json, "width");
    lookout_json_int(&json, c->width);
    lookout_json_key(&json, "height");
    lookout_json_int(&json, c->height);
    lookout_json_key(&json, "columns");
    lookout_json_cstr(&json, c->columns);
    lookout_json_key(&json, "encoding");
    lookout_json_raw(&json, lookout_str(c->encoding));
    lookout_json_key(&json, "rows");
    lookout_json_open(&json, '[');
    lookout_json_open(&json, '[');
    (void) gallery_chart(arena, c, &json);
    lookout_json_close(&json, ']');
    lookout_json_close(&json, ']');
    lookout_json_close(&json, '}');
    save(folder, c->name, "json", &json);
    lookout_buf_free(&json);
    lookout_arena_destroy(arena);
}


static void
draw_case(const char *folder, const gallery_case_t *c, lookout_buf_t *page)
{
    lookout_buf_t png = LOOKOUT_BUF_INIT, svg = LOOKOUT_BUF_INIT;
    double png_ms = draw(c, LOOKOUT_CHART_PNG, &png);
    double svg_ms = draw(c, LOOKOUT_CHART_SVG, &svg);

    save(folder, c->name, "png", &png);
    save(folder, c->name, "svg", &svg);
    save_rows(folder, c);
    printf("%-28s %4d x %-4d  png %7.2f ms %7zu bytes   svg %7.3f ms %8zu bytes\n", c->name,
           c->width, c->height, png_ms, png.len, svg_ms, svg.len);
    lookout_buf_printf(page,
                       "<h2>%s</h2>\n<div>"
                       "<figure><img src=\"%s.png\" alt=\"\"><figcaption>PNG, %.2f ms, %zu "
                       "bytes</figcaption></figure>\n"
                       "<figure><img src=\"%s.svg\" alt=\"\"><figcaption>SVG, %.3f ms, %zu "
                       "bytes</figcaption></figure>\n"
                       "<figure><img src=\"%s.vega.png\" alt=\"\"><figcaption>Vega-Lite"
                       "</figcaption></figure></div>\n",
                       c->name, c->name, png_ms, png.len, c->name, svg_ms, svg.len, c->name);
    lookout_buf_free(&png);
    lookout_buf_free(&svg);
}


int
main(int argc, char **argv)
{
    lookout_buf_t page = LOOKOUT_BUF_INIT;
    size_t i;

    if (argc < 2) {
        fprintf(stderr, "usage: gallery FOLDER [PART-OF-NAME]\n");
        return 2;
    }
    lookout_buf_puts(&page, "<!doctype html><meta charset=\"utf-8\"><title>Charts</title>\n"
                            "<style>body{font:14px sans-serif;background:#ddd;margin:2em}"
                            "div{display:grid;grid-template-columns:1fr 1fr 1fr;gap:1em}"
                            "figure{margin:0}img{max-width:100%}</style>\n");
    for (i = 0; i < gallery_n_cases; i++) {
        if (argc < 3 || strstr(gallery_cases[i].name, argv[2]) != NULL) {
            draw_case(argv[1], &gallery_cases[i], &page);
        }
    }
    save(argv[1], "index", "html", &page);
    lookout_buf_free(&page);
    lookout_chart_shutdown();
    return 0;
}
