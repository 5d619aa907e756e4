/*
 * Filling the table. A column of texts keeps each text once and a number per row, so that a
 * hundred thousand rows of eight regions are eight strings; columns that no channel looks at
 * are not kept at all.
 */

#include <math.h>
#include <stdlib.h>

#include "../base/utf8.h"
#include "data.h"
#include "when.h"

#define FIRST_ROWS 256
#define LARGEST 1e250 /* numbers beyond are drawn as this, so that no sum or span overflows */
#define MAX_LABEL 512 /* bytes of a text that are kept: far more than there is room to draw */


/* --- Texts --- */

static uint32_t
hash(lookout_str_t s)
{
    uint32_t h = 2166136261u;
    size_t i;

    for (i = 0; i < s.len; i++) {
        h = (h ^ (unsigned char) s.data[i]) * 16777619u;
    }
    return h ^ h >> 15;
}


static bool
grow_texts(lookout_texts_t *texts)
{
    size_t cap = texts->cap == 0 ? 16 : 2 * texts->cap, n_slots = 4 * cap, i, at;
    lookout_str_t *items = realloc(texts->items, cap * sizeof(*items));
    uint32_t *slots;

    if (items == NULL) {
        return false;
    }
    texts->items = items;
    slots = calloc(n_slots, sizeof(*slots));
    if (slots == NULL) {
        return false;
    }
    for (i = 0; i < texts->n; i++) {
        at = hash(items[i]) & (n_slots - 1);
        while (slots[at] != 0) {
            at = (at + 1) & (n_slots - 1);
        }
        slots[at] = (uint32_t) i + 1;
    }
    free(texts->slots);
    texts->slots = slots;
    texts->n_slots = n_slots;
    texts->cap = cap;
    return true;
}


uint32_t
lookout_texts_add(lookout_arena_t *arena, lookout_texts_t *texts, lookout_str_t text)
{
    lookout_str_t copy;
    size_t at;

    if (text.len > MAX_LABEL) {
        text.len = MAX_LABEL;
    }
    if (texts->n == texts->cap && !grow_texts(texts)) {
        return LOOKOUT_NO_TEXT;
    }
    at = hash(text) & (texts->n_slots - 1);
    while (texts->slots[at] != 0) {
        if (lookout_str_eq(texts->items[texts->slots[at] - 1], text)) {
            return texts->slots[at] - 1;
        }
        at = (at + 1) & (texts->n_slots - 1);
    }
    copy = lookout_arena_copy(arena, text);
    if (copy.data == NULL) {
        return LOOKOUT_NO_TEXT;
    }
    texts->items[texts->n] = copy;
    texts->slots[at] = (uint32_t) ++texts->n;
    return (uint32_t) texts->n - 1;
}


lookout_str_t
lookout_data_clean(lookout_arena_t *arena, lookout_str_t text)
{
    size_t i = 0, n = 0, len;
    char *out = lookout_arena_alloc(arena, 3 * text.len + 1);
    uint32_t c;

    if (out == NULL) {
        return LOOKOUT_STR("");
    }
    while (i < text.len) {
        len = lookout_utf8_next(text.data + i, text.len - i, &c);
        if (len == 0) {
            c = 0xfffd;
            len = 1;
        } else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029) {
            c = ' ';
        } else if (c == 0xfffe || c == 0xffff) {
            c = 0xfffd; /* not allowed in XML */
        }
        i += len;
        n += lookout_utf8_put(out + n, c);
    }
    return (lookout_str_t){ out, n };
}


/* --- The columns --- */

static void
release(void *data)
{
    lookout_chart_t *chart = data;
    size_t i;

    for (i = 0; i < chart->n_columns; i++) {
        free(chart->columns[i].numbers);
        free(chart->columns[i].ids);
        free(chart->columns[i].texts.items);
        free(chart->columns[i].texts.slots);
    }
}


bool
lookout_data_init(lookout_chart_t *chart)
{
    const lookout_chart_spec_t *spec = &chart->spec;
    size_t i;

    chart->columns =
        lookout_arena_alloc(chart->arena, (spec->n_columns + 1) * sizeof(*chart->columns));
    if (chart->columns == NULL || !lookout_arena_defer(chart->arena, release, chart)) {
        return false;
    }
    chart->n_columns = spec->n_columns;
    for (i = 0; i < spec->n_columns; i++) {
        chart->columns[i].name = spec->columns[i].name;
        chart->columns[i].type = spec->columns[i].type;
    }
    return true;
}


bool
lookout_chart_wants(const lookout_chart_t *chart, size_t column)
{
    return column < chart->n_columns && chart->columns[column].wanted;
}


/* Room for one more row in every wanted column, which starts as null. */
static bool
start_row(lookout_chart_t *chart)
{
    size_t cap = chart->cap_rows == 0 ? FIRST_ROWS : 2 * chart->cap_rows, i;

    if (chart->n_rows < chart->cap_rows) {
        return true;
    }
    for (i = 0; i < chart->n_columns; i++) {
        lookout_data_column_t *column = &chart->columns[i];

        if (column->wanted && column->type == LOOKOUT_STRING) {
            uint32_t *ids = realloc(column->ids, cap * sizeof(*ids));

            if (ids == NULL) {
                return false;
            }
            column->ids = ids;
            memset(ids + chart->cap_rows, 0xff, (cap - chart->cap_rows) * sizeof(*ids));
        } else if (column->wanted) {
            double *numbers = realloc(column->numbers, cap * sizeof(*numbers));

            if (numbers == NULL) {
                return false;
            }
            column->numbers = numbers;
            for (size_t row = chart->cap_rows; row < cap; row++) {
                numbers[row] = NAN;
            }
        }
    }
    chart->cap_rows = cap;
    return true;
}


/* The column to set, or NULL when nobody looks at it or there is no room. */
static lookout_data_column_t *
settable(lookout_chart_t *chart, size_t column)
{
    if (!lookout_chart_wants(chart, column) || chart->failed) {
        return NULL;
    }
    if (!start_row(chart)) {
        chart->failed = true;
        return NULL;
    }
    return &chart->columns[column];
}


void
lookout_chart_null(lookout_chart_t *chart, size_t column)
{
    lookout_data_column_t *to = settable(chart, column);

    if (to != NULL && to->ids != NULL) {
        to->ids[chart->n_rows] = LOOKOUT_NO_TEXT;
    } else if (to != NULL) {
        to->numbers[chart->n_rows] = NAN;
    }
}


void
lookout_chart_number(lookout_chart_t *chart, size_t column, double value)
{
    lookout_data_column_t *to = settable(chart, column);

    if (to == NULL) {
        return;
    }
    if (to->numbers != NULL) {
        if (fabs(value) < 1 / LARGEST) {
            value = 0;
        }
        to->numbers[chart->n_rows] =
            isfinite(value) ? fmax(-LARGEST, fmin(LARGEST, value)) : NAN;
        return;
    }
    lookout_buf_t b = LOOKOUT_BUF_INIT; /* a number in a column of texts */

    if (value == floor(value) && fabs(value) < 1e15) {
        lookout_buf_int(&b, (int64_t) value);
    } else {
        lookout_buf_double(&b, value);
    }
    lookout_chart_text(chart, column, lookout_buf_text(&b));
    lookout_buf_free(&b);
}


void
lookout_chart_text(lookout_chart_t *chart, size_t column, lookout_str_t value)
{
    lookout_data_column_t *to = settable(chart, column);

    if (to == NULL) {
        return;
    }
    if (value.data == NULL) {
        lookout_chart_null(chart, column);
    } else if (to->ids != NULL) {
        to->ids[chart->n_rows] = lookout_texts_add(chart->arena, &to->texts, value);
        chart->failed = chart->failed || to->ids[chart->n_rows] == LOOKOUT_NO_TEXT;
    } else if (to->type == LOOKOUT_DATE || to->type == LOOKOUT_TIMESTAMP) {
        to->numbers[chart->n_rows] = lookout_when_parse(value);
    } else {
        to->numbers[chart->n_rows] = NAN;
    }
}


bool
lookout_chart_end_row(lookout_chart_t *chart)
{
    if (chart->failed || !start_row(chart) || chart->n_rows == UINT32_MAX - 1) {
        chart->failed = true;
        return false;
    }
    chart->n_rows++;
    return true;
}


double
lookout_data_number(const lookout_data_column_t *column, size_t row)
{
    return column->numbers == NULL ? NAN : column->numbers[row];
}
