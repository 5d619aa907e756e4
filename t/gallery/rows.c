/*
 * Charts out of the gallery's cases.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ngx_lookout_module/base/json.h"
#include "gallery.h"

#define MAX_COLUMNS 16


void
gallery_text(gallery_t *g, const char *text)
{
    if (text == NULL) {
        lookout_chart_null(g->chart, g->column);
    } else {
        lookout_chart_text(g->chart, g->column, lookout_str(text));
    }
    if (g->json != NULL) {
        lookout_json_str(g->json, lookout_str(text));
    }
    g->column++;
}


void
gallery_number(gallery_t *g, double v)
{
    lookout_chart_number(g->chart, g->column++, v);
    if (g->json != NULL) {
        lookout_json_double(g->json, v);
    }
}


void
gallery_end(gallery_t *g)
{
    if (g->column != g->n_columns || !lookout_chart_end_row(g->chart)) {
        fprintf(stderr, "gallery: a row of %zu columns where there are %zu\n", g->column,
                g->n_columns);
        exit(1);
    }
    if (g->json != NULL) {
        lookout_json_close(g->json, ']');
        lookout_json_open(g->json, '[');
    }
    g->column = 0;
}


double
gallery_random(gallery_t *g)
{
    g->seed = g->seed * 6364136223846793005u + 1442695040888963407u;
    return (double) (g->seed >> 11) / 9007199254740992.0;
}


/* "name:type,name:type" as columns. */
static size_t
parse_columns(lookout_arena_t *arena, const char *text, lookout_chart_column_t *columns)
{
    size_t n = 0;

    while (*text != '\0') {
        const char *colon = strchr(text, ':'), *end = strchr(text, ',');

        if (end == NULL) {
            end = text + strlen(text);
        }
        columns[n].name =
            lookout_arena_copy(arena, (lookout_str_t){ text, (size_t) (colon - text) });
        if (!lookout_type_parse((lookout_str_t){ colon + 1, (size_t) (end - colon) - 1 },
                                &columns[n].type)) {
            fprintf(stderr, "gallery: no such type: %s\n", colon + 1);
            exit(1);
        }
        n++;
        text = *end == ',' ? end + 1 : end;
    }
    return n;
}


lookout_chart_t *
gallery_chart(lookout_arena_t *arena, const gallery_case_t *c, lookout_buf_t *json)
{
    lookout_chart_column_t *columns =
        lookout_arena_alloc(arena, MAX_COLUMNS * sizeof(*columns));
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
    };
    gallery_t g = { .seed = 42, .json = json };

    if (spec.encoding == NULL) {
        fprintf(stderr, "gallery: %s: %s at %zu\n", c->name, where.why, where.offset);
        exit(1);
    }
    spec.n_columns = g.n_columns = parse_columns(arena, c->columns, columns);
    if (lookout_chart_create(arena, &spec, &g.chart, &error) != LOOKOUT_OK) {
        fprintf(stderr, "gallery: %s: %.*s\n", c->name, LOOKOUT_STR_ARG(error.message));
        exit(1);
    }
    c->rows(&g);
    return g.chart;
}
