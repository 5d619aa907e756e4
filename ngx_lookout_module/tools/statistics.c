/*
 * One pass over a view's rows: each cell goes into the tally of its column, the first rows also
 * into the sample. The statistics are then worked out from the tallies, in an order that does
 * not depend on that of the rows.
 */

#include "statistics.h"

#include <math.h>

#include "tally.h"

#define STATISTICS_TOP 5
#define STATISTICS_LOOK 256 /* rows between two looks at the memory held */

typedef struct {
    lookout_tally_t *items;
    size_t n;
} tallies_t;


static void
tallies_free(void *data)
{
    size_t i;
    tallies_t *tallies = data;

    for (i = 0; i < tallies->n; i++) {
        lookout_tally_free(&tallies->items[i]);
    }
}


static void
buf_free(void *data)
{
    lookout_buf_free(data);
}


static lookout_buf_t *
sample_buf(lookout_arena_t *arena)
{
    lookout_buf_t *b = lookout_arena_alloc(arena, sizeof(*b));

    return b != NULL && lookout_arena_defer(arena, buf_free, b) ? b : NULL;
}


static bool
tallies_init(tallies_t **out, lookout_arena_t *arena, lookout_columns_t columns)
{
    size_t i;
    tallies_t *tallies = lookout_arena_alloc(arena, sizeof(*tallies));

    if (tallies == NULL) {
        return false;
    }

    tallies->items = lookout_arena_alloc(arena, (columns.n + 1) * sizeof(*tallies->items));
    if (tallies->items == NULL) {
        return false;
    }

    for (i = 0; i < columns.n; i++) {
        lookout_tally_init(&tallies->items[i], columns.items[i].type);
    }
    tallies->n = columns.n;

    *out = tallies;
    return lookout_arena_defer(arena, tallies_free, tallies);
}


static size_t
tallies_bytes(const tallies_t *tallies)
{
    size_t i;
    size_t bytes = 0;

    for (i = 0; i < tallies->n; i++) {
        bytes += tallies->items[i].bytes;
    }
    return bytes;
}


static lookout_code_e
sample_too_large(lookout_call_t *call, int64_t limit)
{
    return lookout_call_fail(
        call, LOOKOUT_RESULT_TOO_LARGE,
        lookout_arena_printf(call->arena, "{\"memoryLimit\":%lld}", (long long) limit),
        "The view has so many different values that its statistics need more than the %lld "
        "bytes that a query may have. Read its rows with query_view_data, or aggregate with "
        "query_datasource.",
        (long long) limit);
}


/* Steps through all rows. */
static lookout_code_e
sample_rows(lookout_call_t *call, lookout_extract_t *extract, sqlite3_stmt *stmt,
            lookout_sample_t *sample, tallies_t *tallies, lookout_buf_t *rows)
{
    int rc;
    size_t i;
    size_t n = 0;
    int64_t limit = lookout_session_settings(call->session)->query_memory;

    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        for (i = 0; i < tallies->n; i++) {
            if (!lookout_tally_add(&tallies->items[i], call->arena, stmt, (int) i)) {
                return lookout_fail_memory(&call->error);
            }
        }

        if (sample->n < LOOKOUT_PREVIEW_ROWS) {
            lookout_row_json(rows, stmt, sample->columns);
            sample->ends[sample->n++] = rows->len;
        }

        if (++n % STATISTICS_LOOK == 0 && limit != 0
            && tallies_bytes(tallies) > (uint64_t) limit) {
            return sample_too_large(call, limit);
        }
    }

    return rc == SQLITE_DONE
               ? LOOKOUT_OK
               : lookout_run_failed(call->arena, extract, rc, &call->watch, &call->error);
}


static double
entry_number(const lookout_tally_t *tally, size_t i)
{
    return tally->type == LOOKOUT_FLOAT ? tally->entries[i].value.real
                                        : (double) tally->entries[i].value.integer;
}


static void
value_json(lookout_buf_t *b, const lookout_tally_t *tally, size_t i)
{
    const lookout_tally_value_t *value = &tally->entries[i].value;

    switch (tally->type) {
    case LOOKOUT_INTEGER:
        lookout_json_int(b, value->integer);
        break;
    case LOOKOUT_FLOAT:
        lookout_json_double(b, value->real);
        break;
    case LOOKOUT_BOOLEAN:
        lookout_json_bool(b, value->integer != 0);
        break;
    case LOOKOUT_STRING:
    case LOOKOUT_DATE:
    case LOOKOUT_TIMESTAMP:
        lookout_json_str(b, value->text);
        break;
    }
}


/* The value of that rank, from 0, among all values in their order. */
static double
number_at_rank(const lookout_tally_t *tally, int64_t rank)
{
    size_t i;
    int64_t seen = 0;

    for (i = 0; i + 1 < tally->n; i++) {
        seen += tally->entries[i].count;
        if (seen > rank) {
            break;
        }
    }
    return entry_number(tally, i);
}


static void
number_json(lookout_buf_t *b, const char *key, bool known, double value)
{
    lookout_json_key(b, key);
    if (known) {
        lookout_json_double(b, value);
    } else {
        lookout_json_null(b);
    }
}


static double
numbers_mean(const lookout_tally_t *tally, int64_t n)
{
    size_t i;
    double sum = 0;

    for (i = 0; i < tally->n; i++) {
        sum += entry_number(tally, i) * (double) tally->entries[i].count;
    }
    return n == 0 ? 0 : sum / (double) n;
}


static void
moments_json(lookout_buf_t *b, const lookout_tally_t *tally)
{
    size_t i;
    double d;
    double mean;
    double median = 0;
    double squares = 0;
    int64_t n = tally->rows - tally->nulls;

    mean = numbers_mean(tally, n);

    for (i = 0; i < tally->n; i++) {
        d = entry_number(tally, i) - mean;
        squares += d * d * (double) tally->entries[i].count;
    }

    if (n > 0) {
        median = number_at_rank(tally, (n - 1) / 2) / 2 + number_at_rank(tally, n / 2) / 2;
    }

    number_json(b, "mean", n > 0, mean);
    number_json(b, "median", n > 0, median);
    number_json(b, "stddev", n > 1, n > 1 ? sqrt(squares / (double) (n - 1)) : 0);
}


/* The entry with the least value (sign -1) or the greatest (sign 1). */
static size_t
extreme(const lookout_tally_t *tally, int sign)
{
    size_t i;
    size_t best = 0;

    for (i = 1; i < tally->n; i++) {
        if (lookout_tally_compare(tally, i, best) == sign) {
            best = i;
        }
    }
    return best;
}


static void
range_json(lookout_buf_t *b, const lookout_tally_t *tally)
{
    lookout_json_key(b, "min");
    if (tally->n > 0) {
        value_json(b, tally, extreme(tally, -1));
    } else {
        lookout_json_null(b);
    }

    lookout_json_key(b, "max");
    if (tally->n > 0) {
        value_json(b, tally, extreme(tally, 1));
    } else {
        lookout_json_null(b);
    }
}


/* Does entry a stand above b? More frequent ones do; of equally frequent ones the smaller. */
static bool
above(const lookout_tally_t *tally, size_t a, size_t b)
{
    if (tally->entries[a].count != tally->entries[b].count) {
        return tally->entries[a].count > tally->entries[b].count;
    }
    return lookout_tally_compare(tally, a, b) < 0;
}


static void
top_json(lookout_buf_t *b, const lookout_tally_t *tally)
{
    size_t i;
    size_t j;
    size_t n = 0;
    size_t top[STATISTICS_TOP + 1];

    for (i = 0; i < tally->n; i++) {
        for (j = n; j > 0 && above(tally, i, top[j - 1]); j--) {
            top[j] = top[j - 1];
        }
        top[j] = i;
        n = n < STATISTICS_TOP ? n + 1 : n;
    }

    lookout_json_key(b, "top");
    lookout_json_open(b, '[');
    for (i = 0; i < n; i++) {
        lookout_json_open(b, '{');
        lookout_json_key(b, "value");
        value_json(b, tally, top[i]);
        lookout_json_key(b, "count");
        lookout_json_int(b, tally->entries[top[i]].count);
        lookout_json_close(b, '}');
    }
    lookout_json_close(b, ']');
}


static void
column_json(lookout_buf_t *b, const lookout_column_t *column, const lookout_tally_t *tally)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "name");
    lookout_json_str(b, column->name);
    lookout_json_key(b, "type");
    lookout_json_cstr(b, lookout_type_name(column->type));
    lookout_json_key(b, "count");
    lookout_json_int(b, tally->rows);
    lookout_json_key(b, "nulls");
    lookout_json_int(b, tally->nulls);
    lookout_json_key(b, "distinct");
    lookout_json_int(b, (int64_t) tally->n);

    switch (column->type) {
    case LOOKOUT_INTEGER:
    case LOOKOUT_FLOAT:
        range_json(b, tally);
        moments_json(b, tally);
        break;
    case LOOKOUT_DATE:
    case LOOKOUT_TIMESTAMP:
        range_json(b, tally);
        break;
    case LOOKOUT_STRING:
    case LOOKOUT_BOOLEAN:
        top_json(b, tally);
        break;
    }

    lookout_json_close(b, '}');
}


lookout_code_e
lookout_sample(lookout_call_t *call, lookout_extract_t *extract, sqlite3_stmt *stmt,
               lookout_columns_t columns, lookout_sample_t *sample)
{
    size_t i;
    lookout_buf_t *rows = sample_buf(call->arena);
    lookout_buf_t *b = sample_buf(call->arena);
    tallies_t *tallies;
    lookout_code_e code;

    if (rows == NULL || b == NULL || !tallies_init(&tallies, call->arena, columns)) {
        return lookout_fail_memory(&call->error);
    }

    *sample = (lookout_sample_t){ .columns = columns, .statistics = b, .rows = rows };

    lookout_watch_set(extract->db.sql, &call->watch);
    code = sample_rows(call, extract, stmt, sample, tallies, rows);
    lookout_watch_set(extract->db.sql, NULL);
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_json_open(b, '[');
    for (i = 0; i < columns.n; i++) {
        if (lookout_watch_over(&call->watch)) {
            return lookout_run_failed(call->arena, extract, SQLITE_INTERRUPT, &call->watch,
                                      &call->error);
        }
        lookout_tally_pack(&tallies->items[i]);
        column_json(b, &columns.items[i], &tallies->items[i]);
    }
    lookout_json_close(b, ']');

    return b->failed || rows->failed ? lookout_fail_memory(&call->error) : LOOKOUT_OK;
}
