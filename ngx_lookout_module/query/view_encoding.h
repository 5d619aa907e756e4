/*
 * An encoding, read: its channels with their fields, aggregates, time units and bins looked up
 * and checked. For view.c and view_order.c.
 */

#ifndef LOOKOUT_VIEW_ENCODING_H
#define LOOKOUT_VIEW_ENCODING_H

#include "view.h"

/* In the SQL of both, $ stands for the field. */
typedef struct {
    const char *name; /* Vega-Lite's */
    const char *sql;
    enum {
        LOOKOUT_GIVES_COUNT,
        LOOKOUT_GIVES_SUM,
        LOOKOUT_GIVES_FLOAT,
        LOOKOUT_GIVES_SPREAD, /* a float, and null for a single value */
        LOOKOUT_GIVES_FIELD   /* a value of the field */
    } gives;
    bool numbers;        /* takes numbers and booleans only */
    const char *combine; /* the aggregate that makes a total of several groups' values */
} lookout_aggregate_t;

typedef struct {
    const char *name;
    const char *sql;
    lookout_type_e gives; /* a date or timestamp: the start of a period; an integer: a part */
    bool timestamps;      /* takes timestamps only, not dates */
} lookout_time_unit_t;

typedef struct {
    const char *name;                     /* "x" */
    const lookout_field_t *field;         /* NULL: count */
    const lookout_aggregate_t *aggregate; /* NULL: none */
    const lookout_time_unit_t *unit;      /* NULL: none */
    bool binned;
    int max_bins;
    double step;       /* of bins; 0: to be chosen */
    const cJSON *sort; /* NULL: not given */
} lookout_channel_t;

typedef struct {
    lookout_channel_t *items; /* in the order of the channel table, in the arena */
    size_t n;
    bool grouped;
} lookout_encoding_t;

/* Reads an encoding; errors as of lookout_view_compile. */
lookout_code_e
lookout_encoding_read(lookout_arena_t *arena, const cJSON *encoding, lookout_fields_t fields,
                      lookout_encoding_t *out, lookout_error_t *error);

/* The channel named so (`len` bytes), or NULL. */
const lookout_channel_t *
lookout_encoding_channel(const lookout_encoding_t *encoding, const char *name, size_t len);

/* By Vega-Lite's name, or NULL. */
const lookout_aggregate_t *lookout_aggregate_find(const char *name);

/* May the aggregate be taken of the field (NULL: of none)? */
bool lookout_aggregate_fits(const lookout_aggregate_t *aggregate, const lookout_field_t *field);

/* INTERNAL_ERROR, bad_encoding. `channel` may be NULL. */
lookout_code_e
lookout_encoding_bad(lookout_arena_t *arena, lookout_error_t *error, const char *channel,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
