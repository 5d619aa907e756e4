/*
 * The cases of the gallery, and what they give their rows with.
 */

#ifndef LOOKOUT_GALLERY_H
#define LOOKOUT_GALLERY_H

#include "../../ngx_lookout_module/base/buf.h"
#include "../../ngx_lookout_module/chart/chart.h"

typedef struct {
    lookout_chart_t *chart;
    size_t column; /* the next to be given */
    size_t n_columns;
    uint64_t seed;
    lookout_buf_t *json; /* the rows are copied here, unless NULL */
} gallery_t;

/* The next value of the row: a text, date or timestamp (NULL: null), or a number. */
void gallery_text(gallery_t *g, const char *text);
void gallery_number(gallery_t *g, double v);
void gallery_end(gallery_t *g); /* of the row */

/* 0 to below 1, the same every time. */
double gallery_random(gallery_t *g);

typedef struct {
    const char *name;
    const char *type;
    int width, height;
    const char *title;
    const char *subtitle;
    const char *encoding;
    const char *columns; /* "name:type,..." */
    void (*rows)(gallery_t *g);
} gallery_case_t;

extern const gallery_case_t gallery_cases[];
extern const size_t gallery_n_cases;

/* The case as a chart with all its rows, which lives as long as the arena. The rows go to *json
 * too, unless NULL. A case that cannot be drawn ends the program. */
lookout_chart_t *
gallery_chart(lookout_arena_t *arena, const gallery_case_t *c, lookout_buf_t *json);

#endif
