/*
 * What a chart costs to draw, apart from the query before it and the file after it.
 *
 *     charts TURNS
 *
 * draws one case of the gallery for each type, 800 x 600 pixels, from its rows to its bytes, and
 * prints a line a chart: its name, then for PNG and SVG the median microseconds of processor time
 * and the bytes. The charts take turns, so that each sees the same weather on the machine; a turn
 * more, at the beginning, warms the fonts and is not counted.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../gallery/gallery.h"

#define WIDTH 800
#define HEIGHT 600
#define MAX_TURNS 1000
#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *name;
    const char *of; /* the gallery's */
} charts[] = {
    { "bar, 50 bars", "bar-fifty" },
    { "bar, 6 x 4 stacked", "bar-stacked" },
    { "line, 7 series of 28 months", "line-series" },
    { "area, 7 series of 28 months", "area-stacked" },
    { "pie, 7 slices", "pie" },
    { "donut, 7 slices", "donut" },
    { "treemap, 35 products", "treemap" },
    { "histogram, 26 bins", "histogram" },
    { "scatter, 160 sized dots", "scatter" },
    { "scatter, 100 k dots", "scatter-cloud" },
    { "heatmap, 7 x 24", "heatmap-week" },
};

static struct {
    gallery_case_t sized;
    double us[2][MAX_TURNS]; /* by format */
    size_t bytes[2];
} results[N(charts)];


static double
cpu_us(void)
{
    struct timespec t;

    (void) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}


static void
find_case(const char *name, gallery_case_t *found)
{
    for (size_t i = 0; i < gallery_n_cases; i++) {
        if (strcmp(gallery_cases[i].name, name) == 0) {
            *found = gallery_cases[i];
            found->width = WIDTH;
            found->height = HEIGHT;
            return;
        }
    }
    fprintf(stderr, "charts: the gallery has no case named %s\n", name);
    exit(1);
}


/* Draws it once; gives the microseconds that took. */
static double
draw(const gallery_case_t *c, lookout_chart_format_e format, size_t *bytes)
{
    lookout_buf_t out = LOOKOUT_BUF_INIT;
    lookout_error_t error;
    double start = cpu_us();
    lookout_arena_t *arena = lookout_arena_create();

    if (arena == NULL
        || lookout_chart_render(gallery_chart(arena, c, NULL), format, &out, &error)
               != LOOKOUT_OK) {
        fprintf(stderr, "charts: %s cannot be drawn\n", c->name);
        exit(1);
    }
    *bytes = out.len;
    lookout_buf_free(&out);
    lookout_arena_destroy(arena);
    return cpu_us() - start;
}


static int
compare(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}


static double
median(double *values, int n)
{
    qsort(values, (size_t) n, sizeof(*values), compare);
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
}


int
main(int argc, char **argv)
{
    int turns = argc == 2 ? atoi(argv[1]) : 0, turn, f;
    size_t i;

    if (turns < 1 || turns > MAX_TURNS) {
        fprintf(stderr, "usage: charts TURNS (1 to %d)\n", MAX_TURNS);
        return 2;
    }
    for (i = 0; i < N(charts); i++) {
        find_case(charts[i].of, &results[i].sized);
    }
    for (turn = -1; turn < turns; turn++) {
        for (i = 0; i < N(charts); i++) {
            for (f = LOOKOUT_CHART_PNG; f <= LOOKOUT_CHART_SVG; f++) {
                results[i].us[f][turn < 0 ? 0 : turn] =
                    draw(&results[i].sized, (lookout_chart_format_e) f, &results[i].bytes[f]);
            }
        }
    }
    for (i = 0; i < N(charts); i++) {
        printf("%s\t%.1f\t%zu\t%.1f\t%zu\n", charts[i].name, median(results[i].us[0], turns),
               results[i].bytes[0], median(results[i].us[1], turns), results[i].bytes[1]);
    }
    lookout_chart_shutdown();
    return 0;
}
