/*
 * The table that a chart is drawn from, column by column, and which channel of the encoding
 * looks at which column.
 */

#ifndef LOOKOUT_CHART_DATA_H
#define LOOKOUT_CHART_DATA_H

#include "chart.h"

#define LOOKOUT_NO_TEXT UINT32_MAX /* a null in a column of texts */

/* Texts, each once; a text's number is its place. */
typedef struct {
    lookout_str_t *items; /* the texts live in the arena */
    size_t n;
    size_t cap;
    uint32_t *slots; /* hash table: number + 1, or 0 */
    size_t n_slots;
} lookout_texts_t;

typedef struct {
    lookout_str_t name;
    lookout_type_e type;
    bool wanted;
    double *numbers; /* of a column that is not of texts: NaN for null; seconds since 1970 for
                      * dates and timestamps; 0 and 1 for booleans */
    uint32_t *ids;   /* of a column of texts */
    lookout_texts_t texts;
} lookout_data_column_t;

/* The channels that drawing knows. fill and stroke count as color, radius as theta. */
typedef enum {
    LOOKOUT_CH_X,
    LOOKOUT_CH_Y,
    LOOKOUT_CH_COLOR,
    LOOKOUT_CH_SIZE,
    LOOKOUT_CH_THETA,
    LOOKOUT_CH_DETAIL, /* the first of them */
    LOOKOUT_CH_N
} lookout_ch_e;

typedef enum {
    LOOKOUT_QUANTITATIVE,
    LOOKOUT_TEMPORAL,
    LOOKOUT_DISCRETE /* nominal, ordinal, and whatever is not a number */
} lookout_measure_e;

typedef struct {
    const lookout_data_column_t *column; /* NULL: the encoding has no such channel */
    const lookout_data_column_t *end;    /* of a bin: its upper bounds; else NULL */
    const cJSON *spec;
    const char *aggregate; /* "" without */
    const char *unit;      /* the time unit, "" without */
    lookout_measure_e measure;
    bool ordinal;
    bool additive; /* values of several groups may be summed */
    lookout_str_t title;
} lookout_chart_channel_t;

struct lookout_chart_s {
    lookout_arena_t *arena;
    lookout_chart_spec_t spec;
    const struct lookout_chart_type_s *type;
    lookout_data_column_t *columns;
    size_t n_columns;
    size_t n_rows;
    size_t cap_rows;
    lookout_chart_channel_t channels[LOOKOUT_CH_N];
    bool failed; /* memory ran out */
};

/* Sets up the columns, none of them wanted yet. False without memory. */
bool lookout_data_init(lookout_chart_t *chart);

/* Matches the channels with the columns. False without memory. */
bool lookout_data_bind(lookout_chart_t *chart);

/* The number of a text, added when it is new; LOOKOUT_NO_TEXT without memory. */
uint32_t lookout_texts_add(lookout_arena_t *arena, lookout_texts_t *texts, lookout_str_t text);

/* The value of row `row` as a number; NaN for null and in a column of texts. */
double lookout_data_number(const lookout_data_column_t *column, size_t row);

/* The text as it may be drawn: valid UTF-8, without control characters, in the arena. */
lookout_str_t lookout_data_clean(lookout_arena_t *arena, lookout_str_t text);

#endif
