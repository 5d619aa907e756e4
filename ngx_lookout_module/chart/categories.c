/*
 * Categories of a channel. Texts have numbers already (data.c); other values are sorted, and
 * each row finds its own by bisection.
 */

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "../base/json.h"
#include "series.h"

#define MAX_FILLED 2000 /* periods on one axis, the missing ones included */
#define BLANK LOOKOUT_STR("(blank)")


static int
by_value(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}


int
lookout_natural(lookout_str_t a, lookout_str_t b)
{
    size_t i = 0, j = 0;

    while (i < a.len && j < b.len) {
        if (isdigit((unsigned char) a.data[i]) && isdigit((unsigned char) b.data[j])) {
            double x = 0, y = 0;

            for (; i < a.len && isdigit((unsigned char) a.data[i]); i++) {
                x = x * 10 + (a.data[i] - '0');
            }
            for (; j < b.len && isdigit((unsigned char) b.data[j]); j++) {
                y = y * 10 + (b.data[j] - '0');
            }
            if (x != y) {
                return x < y ? -1 : 1;
            }
        } else {
            int x = tolower((unsigned char) a.data[i++]),
                y = tolower((unsigned char) b.data[j++]);

            if (x != y) {
                return x - y;
            }
        }
    }
    return (i < a.len) - (j < b.len);
}


/* --- Labels --- */

static lookout_str_t
number_label(lookout_plot_t *plot, const lookout_chart_channel_t *channel, double v)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    if (channel->column->type == LOOKOUT_BOOLEAN) {
        return v != 0 ? LOOKOUT_STR("Yes") : LOOKOUT_STR("No");
    }
    if (!lookout_when_part(&b, channel->unit, v)) {
        if (channel->measure == LOOKOUT_QUANTITATIVE) {
            lookout_number_short(&b, v, lookout_unit_of(channel, v, v));
        } else if (v == floor(v) && fabs(v) < 1e15) {
            lookout_buf_int(&b, (int64_t) v); /* years and the like: no separators */
        } else {
            lookout_number_exact(&b, v, (lookout_unit_t){ .prefix = "" });
        }
    }
    return lookout_plot_text(plot, &b);
}


/* "0 – 10", for bins. */
static lookout_str_t
bin_label(lookout_plot_t *plot, const lookout_chart_channel_t *channel, double lo, double hi)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_unit_t unit = lookout_unit_of(channel, lo, hi);

    lookout_number_short(&b, lo, unit);
    if (!isnan(hi)) {
        lookout_buf_puts(&b, "\xe2\x80\x93");
        lookout_number_short(&b, hi, unit);
    }
    return lookout_plot_text(plot, &b);
}


/* --- Order --- */

/* The order of the categories of a channel. The query's rows are sorted by the first channel
 * that groups, and by the others only within it: the order in which values occur says something
 * of the first alone. */
typedef enum { BY_OCCURRENCE, BY_VALUE, BY_VALUE_DOWN, AS_LISTED } order_e;


/* Is it the first channel that groups, in rows that a measure's own sort has put in order? */
static bool
sorted_by_measure(const lookout_plot_t *plot, const lookout_chart_channel_t *channel)
{
    const lookout_chart_channel_t *all = plot->chart->channels;
    bool by_measure = false;
    size_t i;

    for (i = 0; i < LOOKOUT_CH_N; i++) {
        if (all[i].column != NULL && *all[i].aggregate != '\0'
            && lookout_json_get(all[i].spec, "sort") != NULL) {
            by_measure = true;
        }
    }
    for (i = 0; i < LOOKOUT_CH_N; i++) {
        if (all[i].column != NULL && *all[i].aggregate == '\0') {
            return by_measure && all[i].column == channel->column;
        }
    }
    return false;
}


static order_e
order_of(const lookout_plot_t *plot, const lookout_chart_channel_t *channel)
{
    const cJSON *sort = lookout_json_get(channel->spec, "sort");

    if (sort == NULL) {
        return sorted_by_measure(plot, channel) ? BY_OCCURRENCE : BY_VALUE;
    }
    if (cJSON_IsArray(sort)) {
        return AS_LISTED;
    }
    if (cJSON_IsString(sort) && strcmp(sort->valuestring, "ascending") == 0) {
        return BY_VALUE;
    }
    return cJSON_IsString(sort) && strcmp(sort->valuestring, "descending") == 0 ? BY_VALUE_DOWN
                                                                                : BY_OCCURRENCE;
}


/* --- Texts --- */

/* A text on its way to its place. */
typedef struct {
    lookout_str_t label;
    double rank;
    uint32_t id;
} sortable_t;


static int
by_rank(const void *a, const void *b)
{
    const sortable_t *x = a, *y = b;
    int order = (x->rank > y->rank) - (x->rank < y->rank);

    if (order == 0) {
        order = lookout_natural(x->label, y->label);
    }
    return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}


double
lookout_listed(const cJSON *spec, lookout_str_t name)
{
    const cJSON *sort = lookout_json_get(spec, "sort"), *item;
    double i = 0;

    if (!cJSON_IsArray(sort)) {
        return 0;
    }
    cJSON_ArrayForEach(item, sort)
    {
        if (cJSON_IsString(item) && lookout_str_is(name, item->valuestring)) {
            return i;
        }
        i++;
    }
    return i;
}


/* Puts texts, which stand as they occur, into their order. */
static bool
sort_texts(lookout_plot_t *plot, const lookout_chart_channel_t *channel,
           lookout_categories_t *out)
{
    order_e order = order_of(plot, channel);
    sortable_t *all = lookout_plot_alloc(plot, out->n, sizeof(*all));
    uint32_t *place = lookout_plot_alloc(plot, out->n + 1, sizeof(*place));
    size_t i;

    if (all == NULL || place == NULL) {
        return false;
    }
    if (order == BY_OCCURRENCE) {
        return true;
    }
    for (i = 0; i < out->n; i++) {
        all[i] = (sortable_t){ out->labels[i], lookout_listed(channel->spec, out->labels[i]),
                               (uint32_t) i };
    }
    qsort(all, out->n, sizeof(*all), by_rank);
    for (i = 0; i < out->n; i++) {
        size_t at = order == BY_VALUE_DOWN ? out->n - 1 - i : i;

        out->labels[at] = all[i].label;
        place[all[i].id] = (uint32_t) at;
    }
    place[out->n] = (uint32_t) out->n; /* blank */
    for (i = 0; i < plot->chart->n_rows; i++) {
        out->of_row[i] = place[out->of_row[i]];
    }
    return true;
}


static bool
of_texts(lookout_plot_t *plot, const lookout_chart_channel_t *channel,
         lookout_categories_t *out)
{
    const lookout_data_column_t *column = channel->column;
    size_t n_rows = plot->chart->n_rows, n = column->texts.n, row, i;

    out->labels = lookout_plot_alloc(plot, n + 1, sizeof(*out->labels));
    if (out->labels == NULL) {
        return false;
    }
    for (i = 0; i < n; i++) {
        out->labels[i] = lookout_data_clean(plot->arena, column->texts.items[i]);
        if (out->labels[i].len == 0) {
            out->labels[i] = LOOKOUT_STR("(empty)");
        }
    }
    for (row = 0; row < n_rows; row++) {
        out->blank = out->blank || column->ids[row] == LOOKOUT_NO_TEXT;
        out->of_row[row] =
            column->ids[row] == LOOKOUT_NO_TEXT ? (uint32_t) n : column->ids[row];
    }
    out->n = n;
    return sort_texts(plot, channel, out);
}


/* --- Numbers and moments --- */

static size_t
find_key(const double *keys, size_t n, double key)
{
    size_t least = 0, most = n;

    while (least < most) {
        size_t middle = (least + most) / 2;

        if (keys[middle] < key) {
            least = middle + 1;
        } else {
            most = middle;
        }
    }
    return least;
}


/* The step from period to period: that of the time unit, or what the moments themselves have in
 * common; {_, 0} when there is none. */
static lookout_step_t
period_of(const lookout_chart_channel_t *channel, lookout_by_e grain, const double *keys,
          size_t n)
{
    int unit = lookout_when_unit(channel->unit);
    double least = INFINITY;
    size_t i;

    if (unit >= 0) {
        return (lookout_step_t){ (lookout_by_e) unit, 1 };
    }
    if (grain > LOOKOUT_BY_DAY) {
        return (lookout_step_t){ grain, 1 };
    }
    if (grain < LOOKOUT_BY_DAY) {
        return (lookout_step_t){ grain, 0 };
    }
    for (i = 1; i < n; i++) { /* days: every one, or each week's same day? */
        least = fmin(least, keys[i] - keys[i - 1]);
    }
    for (i = 1; i < n && least > 0; i++) {
        if (fmod(keys[i] - keys[0], least) != 0) {
            return (lookout_step_t){ LOOKOUT_BY_DAY, 1 };
        }
    }
    return (lookout_step_t){ LOOKOUT_BY_DAY, isfinite(least) && least < 40 * 86400.0
                                                 ? (int) (least / 86400)
                                                 : 1 };
}


/* Puts in the periods that are missing between the keys; leaves them be when they would be too
 * many, or when a key is not the beginning of one. */
static void
fill_periods(lookout_plot_t *plot, const lookout_chart_channel_t *channel,
             lookout_categories_t *out)
{
    lookout_step_t step = period_of(channel, out->grain, out->keys, out->n);
    double *filled, at;
    size_t n = 0, i;

    if (step.count == 0 || out->n < 2) {
        return;
    }
    filled = lookout_plot_alloc(plot, MAX_FILLED, sizeof(*filled));
    for (at = out->keys[0]; filled != NULL && at <= out->keys[out->n - 1] && n < MAX_FILLED;) {
        filled[n++] = at;
        at =
            step.by == LOOKOUT_BY_DAY ? at + step.count * 86400.0 : lookout_when_next(at, step);
    }
    if (filled == NULL || n == MAX_FILLED) {
        return;
    }
    for (i = 0; i < out->n; i++) {
        size_t found = find_key(filled, n, out->keys[i]);

        if (found == n || filled[found] != out->keys[i]) {
            return;
        }
    }
    out->keys = filled;
    out->n = n;
}


/* Sorted keys, each once. */
static bool
collect_keys(lookout_plot_t *plot, const lookout_data_column_t *column,
             lookout_categories_t *out)
{
    size_t n_rows = plot->chart->n_rows, row, n = 0, unique = 0;
    double *keys = lookout_plot_alloc(plot, n_rows, sizeof(*keys));
    bool sorted = true;

    if (keys == NULL) {
        return false;
    }
    for (row = 0; row < n_rows; row++) {
        if (isnan(column->numbers[row])) {
            out->blank = true;
            continue;
        }
        sorted = sorted && (n == 0 || keys[n - 1] <= column->numbers[row]);
        keys[n++] = column->numbers[row];
    }
    if (!sorted) {
        qsort(keys, n, sizeof(*keys), by_value);
    }
    for (row = 0; row < n; row++) {
        if (unique == 0 || keys[unique - 1] != keys[row]) {
            keys[unique++] = keys[row];
        }
    }
    out->keys = keys;
    out->n = unique;
    return true;
}


/* Discrete numbers in the order in which they first occur, when that is not ascending: somebody
 * sorted them. */
static bool
by_occurrence(lookout_plot_t *plot, lookout_categories_t *out)
{
    uint32_t *place = lookout_plot_alloc(plot, out->n, sizeof(*place));
    double *keys = lookout_plot_alloc(plot, out->n, sizeof(*keys));
    size_t row, n = 0;

    if (place == NULL || keys == NULL) {
        return false;
    }
    for (row = 0; row < plot->chart->n_rows; row++) {
        uint32_t c = out->of_row[row];

        if (c >= out->n) {
            continue; /* blank */
        }
        if (place[c] == 0) {
            keys[n++] = out->keys[c];
            place[c] = (uint32_t) n;
        }
        out->of_row[row] = place[c] - 1;
    }
    for (row = 1; row < n; row++) {
        out->ordered = out->ordered && keys[row - 1] <= keys[row];
    }
    out->keys = keys;
    return true;
}


static void
turn_around(lookout_plot_t *plot, lookout_categories_t *out)
{
    size_t i;

    for (i = 0; i < out->n / 2; i++) {
        double key = out->keys[i];

        out->keys[i] = out->keys[out->n - 1 - i];
        out->keys[out->n - 1 - i] = key;
    }
    for (i = 0; i < plot->chart->n_rows; i++) {
        if (out->of_row[i] < out->n) {
            out->of_row[i] = (uint32_t) out->n - 1 - out->of_row[i];
        }
    }
}


/* The upper bound of the bin whose lower one is the key. */
static double
bin_end(const lookout_plot_t *plot, const lookout_chart_channel_t *channel,
        const lookout_categories_t *c, size_t category)
{
    size_t row;

    for (row = 0; row < plot->chart->n_rows; row++) {
        if (c->of_row[row] == category) {
            return lookout_data_number(channel->end, row);
        }
    }
    return NAN;
}


static bool
label_keys(lookout_plot_t *plot, const lookout_chart_channel_t *channel,
           lookout_categories_t *out)
{
    size_t i;

    out->labels = lookout_plot_alloc(plot, out->n + 1, sizeof(*out->labels));
    if (out->labels == NULL) {
        return false;
    }
    for (i = 0; i < out->n; i++) {
        if (channel->end != NULL) {
            out->labels[i] =
                bin_label(plot, channel, out->keys[i], bin_end(plot, channel, out, i));
        } else if (out->temporal) {
            lookout_buf_t b = LOOKOUT_BUF_INIT;

            lookout_when_full(&b, out->keys[i], out->grain);
            out->labels[i] = lookout_plot_text(plot, &b);
        } else {
            out->labels[i] = number_label(plot, channel, out->keys[i]);
        }
    }
    return true;
}


static bool
of_numbers(lookout_plot_t *plot, const lookout_chart_channel_t *channel, bool fill,
           lookout_categories_t *out)
{
    const lookout_data_column_t *column = channel->column;
    int unit = lookout_when_unit(channel->unit);
    size_t row;

    if (!collect_keys(plot, column, out)) {
        return false;
    }
    out->temporal = column->type == LOOKOUT_DATE || column->type == LOOKOUT_TIMESTAMP;
    out->ordered = column->type != LOOKOUT_BOOLEAN;
    if (out->temporal) {
        out->grain = unit >= 0 ? (lookout_by_e) unit : lookout_when_grain(out->keys, out->n);
        if (fill && channel->measure == LOOKOUT_TEMPORAL) {
            fill_periods(plot, channel, out);
        }
    }
    for (row = 0; row < plot->chart->n_rows; row++) {
        double v = column->numbers[row];

        out->of_row[row] =
            isnan(v) ? (uint32_t) out->n : (uint32_t) find_key(out->keys, out->n, v);
    }
    if (channel->measure == LOOKOUT_DISCRETE && !out->temporal
        && order_of(plot, channel) == BY_OCCURRENCE && !by_occurrence(plot, out)) {
        return false;
    }
    if (channel->measure == LOOKOUT_DISCRETE && order_of(plot, channel) == BY_VALUE_DOWN) {
        turn_around(plot, out);
    }
    return label_keys(plot, channel, out);
}


bool
lookout_categories(lookout_plot_t *plot, const lookout_chart_channel_t *channel, bool fill,
                   lookout_categories_t *out)
{
    *out = (lookout_categories_t){ .n = 0 };
    out->of_row = lookout_plot_alloc(plot, plot->chart->n_rows, sizeof(*out->of_row));
    if (out->of_row == NULL || lookout_plot_over(plot)) {
        return false;
    }
    if (!(channel->column->type == LOOKOUT_STRING ? of_texts(plot, channel, out)
                                                  : of_numbers(plot, channel, fill, out))) {
        return false;
    }
    if (out->blank) {
        out->labels[out->n++] = BLANK;
    }
    return !plot->scene.failed;
}


void
lookout_categories_axis(const lookout_categories_t *categories, lookout_str_t title,
                        lookout_axis_t *axis)
{
    *axis = (lookout_axis_t){
        .kind = LOOKOUT_AXIS_BAND,
        .title = title,
        .n_bands = categories->n,
        .labels = categories->labels,
        .moments = categories->temporal && !categories->blank ? categories->keys : NULL,
        .ordered = categories->ordered,
        .grain = categories->grain,
    };
}
