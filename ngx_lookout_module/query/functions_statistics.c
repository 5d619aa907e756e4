/*
 * median, stdev and variance over the numbers of a group; nulls and texts do not count. stdev
 * and variance are those of a sample (n - 1), as in Vega-Lite, by Welford's method; null for
 * fewer than two numbers. The median of an even number of values is the mean of the middle two.
 */

#include <math.h>

#include "functions.h"

#define MEDIAN_FIRST 64 /* numbers */

typedef struct {
    double *values; /* sqlite3_malloc'ed, so that the watch's memory limit counts it */
    size_t n;
    size_t cap;
} median_t;

typedef struct {
    int64_t n;
    double mean;
    double squares; /* sum of squared differences from the mean */
} spread_t;


static bool
is_number(sqlite3_value *value)
{
    int type = sqlite3_value_type(value);

    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}


static void
median_step(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    median_t *m;
    double *values;
    size_t cap;

    (void) n_args;
    if (!is_number(args[0])) {
        return;
    }
    m = sqlite3_aggregate_context(ctx, sizeof(*m));
    if (m == NULL) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    if (m->n == m->cap) {
        cap = m->cap == 0 ? MEDIAN_FIRST : m->cap * 2;
        values = sqlite3_realloc64(m->values, cap * sizeof(*values));
        if (values == NULL) {
            sqlite3_result_error_nomem(ctx);
            return;
        }
        m->values = values;
        m->cap = cap;
    }
    m->values[m->n++] = sqlite3_value_double(args[0]);
}


/* The k-th smallest (from 0); v is rearranged so that none before k is larger and none behind
 * it smaller. Hoare's selection; the pivot is the middle one of three. */
static double
select_kth(double *v, size_t n, size_t k)
{
    size_t low = 0, high = n - 1, i, j;
    double a, b, c, pivot, swap;

    while (low < high) {
        a = v[low];
        b = v[low + (high - low) / 2];
        c = v[high];
        pivot = fmax(fmin(a, b), fmin(fmax(a, b), c));
        i = low;
        j = high;
        for (;;) {
            while (v[i] < pivot) {
                i++;
            }
            while (v[j] > pivot) {
                j--;
            }
            if (i >= j) {
                break;
            }
            swap = v[i];
            v[i++] = v[j];
            v[j--] = swap;
        }
        /* Up to j all are <= pivot, from j + 1 on >= pivot; a median of three leaves some in
         * each part. */
        if (k <= j) {
            high = j;
        } else {
            low = j + 1;
        }
    }
    return v[k];
}


static void
median_final(sqlite3_context *ctx)
{
    median_t *m = sqlite3_aggregate_context(ctx, 0);
    double middle, below;
    size_t half, i;

    if (m == NULL || m->n == 0) {
        return; /* null */
    }
    half = m->n / 2;
    middle = select_kth(m->values, m->n, half);
    if (m->n % 2 == 0) {
        below = m->values[0];
        for (i = 1; i < half; i++) {
            below = fmax(below, m->values[i]);
        }
        middle = below / 2 + middle / 2;
    }
    sqlite3_free(m->values);
    m->values = NULL;
    sqlite3_result_double(ctx, middle);
}


static void
spread_step(sqlite3_context *ctx, int n_args, sqlite3_value **args)
{
    spread_t *s;
    double value, off;

    (void) n_args;
    if (!is_number(args[0])) {
        return;
    }
    s = sqlite3_aggregate_context(ctx, sizeof(*s));
    if (s == NULL) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    value = sqlite3_value_double(args[0]);
    s->n++;
    off = value - s->mean;
    s->mean += off / (double) s->n;
    s->squares += off * (value - s->mean);
}


static void
variance_final(sqlite3_context *ctx)
{
    const spread_t *s = sqlite3_aggregate_context(ctx, 0);

    if (s != NULL && s->n > 1) {
        sqlite3_result_double(ctx, s->squares / (double) (s->n - 1));
    }
}


static void
stdev_final(sqlite3_context *ctx)
{
    const spread_t *s = sqlite3_aggregate_context(ctx, 0);

    if (s != NULL && s->n > 1) {
        sqlite3_result_double(ctx, sqrt(s->squares / (double) (s->n - 1)));
    }
}


const lookout_function_t lookout_statistics_functions[] = {
    { "median", 1, NULL, median_step, median_final },
    { "stdev", 1, NULL, spread_step, stdev_final },
    { "variance", 1, NULL, spread_step, variance_final },
    { NULL, 0, NULL, NULL, NULL },
};
