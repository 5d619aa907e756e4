/*
 * Charts for tests: made of a line of text, drawn, read back.
 */

#ifndef LOOKOUT_CHART_FIXTURE_H
#define LOOKOUT_CHART_FIXTURE_H

#include "../../ngx_lookout_module/chart/chart.h"
#include "png_reader.h"
#include "svg_reader.h"

#define CHART_MAX_COLUMNS 16

/* What to draw; everything absent has a default. */
typedef struct {
    const char *type;
    const char *encoding;
    const char *columns; /* "name:type,..." */
    const char *rows;    /* CSV without quotes, rows ended by ';'; an empty cell is null */
    const char *title;
    const char *subtitle;
    unsigned width;  /* 640 */
    unsigned height; /* 400 */
    bool (*over)(void *data);
    void *over_data;
} chart_case_t;

#define CHART(t, e, c, r)                                                                      \
    {                                                                                          \
        .type = (t), .encoding = (e), .columns = (c), .rows = (r)                              \
    }

/* Parses "name:type,..."; returns how many. */
size_t chart_columns(lookout_arena_t *arena, const char *text, lookout_chart_column_t *columns);

/* Makes the chart with its rows. */
lookout_code_e chart_make(lookout_arena_t *arena, const chart_case_t *c,
                          lookout_chart_t **chart, lookout_error_t *error);

/* Makes and draws it; fails the test when that fails. The caller frees *out. */
void chart_draw(const chart_case_t *c, lookout_chart_format_e format, lookout_buf_t *out);

/* The same, read back; both must be without fault. The caller frees pixels and elements, and
 * *out of the SVG, which the elements point into. */
png_t chart_png(const chart_case_t *c);
svg_t chart_svg(const chart_case_t *c, lookout_buf_t *out);

/* Fails the test when upright texts of the picture overlap, or one leaves it. */
void chart_check_texts(const svg_t *svg, const char *name);

#endif
