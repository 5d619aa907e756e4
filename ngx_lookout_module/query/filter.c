/*
 * Filters, read already (filter_read.c): the operator table, merging, and what they become as
 * SQL and as JSON.
 */

#include <stdlib.h>

#include "filter_op.h"

#define ORDERED                                                                                \
    (LOOKOUT_TYPE_BIT(LOOKOUT_STRING) | LOOKOUT_TYPE_BIT(LOOKOUT_INTEGER)                      \
     | LOOKOUT_TYPE_BIT(LOOKOUT_FLOAT) | LOOKOUT_TYPE_BIT(LOOKOUT_DATE)                        \
     | LOOKOUT_TYPE_BIT(LOOKOUT_TIMESTAMP))
#define ALL (ORDERED | LOOKOUT_TYPE_BIT(LOOKOUT_BOOLEAN))

/* X(name, how many values it takes, types of fields that it fits, SQL before the value) */
#define OPS(X)                                                                                 \
    X("eq", LOOKOUT_TAKES_ONE, ALL, " = ")                                                     \
    X("neq", LOOKOUT_TAKES_ONE, ALL, " <> ")                                                   \
    X("in", LOOKOUT_TAKES_LIST, ALL, " IN (")                                                  \
    X("not_in", LOOKOUT_TAKES_LIST, ALL, " NOT IN (")                                          \
    X("gt", LOOKOUT_TAKES_ONE, ORDERED, " > ")                                                 \
    X("gte", LOOKOUT_TAKES_ONE, ORDERED, " >= ")                                               \
    X("lt", LOOKOUT_TAKES_ONE, ORDERED, " < ")                                                 \
    X("lte", LOOKOUT_TAKES_ONE, ORDERED, " <= ")                                               \
    X("between", LOOKOUT_TAKES_TWO, ORDERED, NULL)                                             \
    X("like", LOOKOUT_TAKES_ONE, LOOKOUT_TYPE_BIT(LOOKOUT_STRING), " LIKE ")                   \
    X("is_null", LOOKOUT_TAKES_NONE, ALL, " IS NULL")                                          \
    X("not_null", LOOKOUT_TAKES_NONE, ALL, " IS NOT NULL")

const lookout_filter_op_t lookout_filter_op_table[LOOKOUT_FILTER_N_OPS] = {
#define ROW(name, takes, types, sql) { name, takes, types, sql },
    OPS(ROW)
#undef ROW
};


const char *const *
lookout_filter_ops(void)
{
    static const char *const names[LOOKOUT_FILTER_N_OPS + 1] = {
#define NAME(name, takes, types, sql) name,
        OPS(NAME)
#undef NAME
    };

    return names;
}


void
lookout_filter_counts(size_t op, size_t *min, size_t *max)
{
    static const struct {
        size_t min, max;
    } counts[] = {
        [LOOKOUT_TAKES_NONE] = { 0, 0 },
        [LOOKOUT_TAKES_ONE] = { 1, 1 },
        [LOOKOUT_TAKES_TWO] = { 2, 2 },
        [LOOKOUT_TAKES_LIST] = { 1, LOOKOUT_FILTER_VALUES_MAX },
    };

    *min = counts[lookout_filter_op_table[op].arity].min;
    *max = counts[lookout_filter_op_table[op].arity].max;
}


int
lookout_filter_compare(const lookout_bind_t *a, const lookout_bind_t *b)
{
    size_t len;
    int order;

    switch (a->kind) {
    case LOOKOUT_BIND_INT:
        return (a->integer > b->integer) - (a->integer < b->integer);
    case LOOKOUT_BIND_DOUBLE:
        return (a->real > b->real) - (a->real < b->real);
    default:
        len = a->text.len < b->text.len ? a->text.len : b->text.len;
        order = memcmp(a->text.data, b->text.data, len);
        return order != 0 ? order : (a->text.len > b->text.len) - (a->text.len < b->text.len);
    }
}


/* --- Merging --- */

static int
compare_filters(const void *left, const void *right)
{
    const lookout_filter_t *a = left, *b = right;
    size_t i, n = a->n_values < b->n_values ? a->n_values : b->n_values;
    lookout_bind_t x = { .kind = LOOKOUT_BIND_TEXT, .text = a->field->name };
    lookout_bind_t y = { .kind = LOOKOUT_BIND_TEXT, .text = b->field->name };
    int order = lookout_filter_compare(&x, &y);

    if (order == 0) {
        order = (a->op > b->op) - (a->op < b->op);
    }
    for (i = 0; order == 0 && i < n; i++) {
        order = lookout_filter_compare(&a->values[i], &b->values[i]);
    }
    return order != 0 ? order : (a->n_values > b->n_values) - (a->n_values < b->n_values);
}


lookout_code_e
lookout_filters_merge(lookout_arena_t *arena, lookout_filters_t saved,
                      lookout_filters_t overrides, lookout_filters_t *out,
                      lookout_error_t *error)
{
    size_t i, k;

    out->n = 0;
    out->items = lookout_arena_alloc(arena, (saved.n + overrides.n + 1) * sizeof(*out->items));
    if (out->items == NULL) {
        return lookout_fail_memory(error);
    }
    for (i = 0; i < saved.n; i++) {
        for (k = 0; k < overrides.n; k++) {
            if (lookout_str_eq(saved.items[i].field->name, overrides.items[k].field->name)) {
                break;
            }
        }
        if (k == overrides.n) {
            out->items[out->n++] = saved.items[i];
        }
    }
    for (k = 0; k < overrides.n; k++) {
        out->items[out->n++] = overrides.items[k];
    }
    qsort(out->items, out->n, sizeof(*out->items), compare_filters);
    return LOOKOUT_OK;
}


lookout_code_e
lookout_filters_and(lookout_arena_t *arena, lookout_filters_t a, lookout_filters_t b,
                    lookout_filters_t *out, lookout_error_t *error)
{
    lookout_filter_t *items = lookout_arena_alloc(arena, (a.n + b.n + 1) * sizeof(*items));
    size_t i, n = 0;

    if (items == NULL) {
        return lookout_fail_memory(error);
    }
    for (i = 0; i < a.n + b.n; i++) {
        items[i] = i < a.n ? a.items[i] : b.items[i - a.n];
    }
    qsort(items, a.n + b.n, sizeof(*items), compare_filters);
    for (i = 0; i < a.n + b.n; i++) {
        if (n == 0 || compare_filters(&items[i], &items[n - 1]) != 0) {
            items[n++] = items[i];
        }
    }
    *out = (lookout_filters_t){ items, n };
    return LOOKOUT_OK;
}


/* --- SQL and JSON --- */

/* Does the value mean a whole day of a timestamp? */
static bool
is_day(const lookout_filter_t *filter, const lookout_bind_t *value)
{
    return filter->field->type == LOOKOUT_TIMESTAMP && value->text.len == LOOKOUT_DATE_LEN;
}


/* The column, or the day of it when it is to be compared with a day. */
static void
column(const lookout_filter_t *filter, bool day, lookout_sql_t *sql)
{
    lookout_buf_puts(sql->text, day ? "substr(" : "");
    lookout_sql_name(sql, filter->field->name);
    lookout_buf_puts(sql->text, day ? ",1,10)" : "");
}


static bool
compare(const lookout_filter_t *filter, const char *operator, const lookout_bind_t * value,
        lookout_sql_t *sql)
{
    column(filter, is_day(filter, value), sql);
    lookout_buf_puts(sql->text, operator);
    return lookout_sql_bind(sql, *value);
}


/* `column IN (?, ?)` for the values that are days, or for those that are not. Without any,
 * nothing is written; *written says that something stands before. */
static bool
list(const lookout_filter_t *filter, bool days, bool *written, lookout_sql_t *sql)
{
    bool first = true;
    size_t i;

    for (i = 0; i < filter->n_values; i++) {
        if (is_day(filter, &filter->values[i]) != days) {
            continue;
        }
        if (first) {
            lookout_buf_puts(sql->text, !*written                             ? ""
                                        : strcmp(filter->op->name, "in") == 0 ? " OR "
                                                                              : " AND ");
            column(filter, days, sql);
            lookout_buf_puts(sql->text, filter->op->sql);
            *written = true;
        } else {
            lookout_buf_putc(sql->text, ',');
        }
        first = false;
        if (!lookout_sql_bind(sql, filter->values[i])) {
            return false;
        }
    }
    lookout_buf_puts(sql->text, first ? "" : ")");
    return true;
}


static bool
condition(const lookout_filter_t *filter, lookout_sql_t *sql)
{
    bool written = false;

    switch (filter->op->arity) {
    case LOOKOUT_TAKES_NONE:
        column(filter, false, sql);
        lookout_buf_puts(sql->text, filter->op->sql);
        return true;
    case LOOKOUT_TAKES_ONE:
        return compare(filter, filter->op->sql, &filter->values[0], sql);
    case LOOKOUT_TAKES_TWO:
        if (!compare(filter, " >= ", &filter->values[0], sql)) {
            return false;
        }
        lookout_buf_puts(sql->text, " AND ");
        return compare(filter, " <= ", &filter->values[1], sql);
    default:
        return list(filter, false, &written, sql) && list(filter, true, &written, sql);
    }
}


bool
lookout_filters_where(lookout_filters_t filters, lookout_sql_t *sql)
{
    size_t i;

    for (i = 0; i < filters.n; i++) {
        lookout_buf_puts(sql->text, i == 0 ? " WHERE (" : " AND (");
        if (!condition(&filters.items[i], sql)) {
            return false;
        }
        lookout_buf_putc(sql->text, ')');
    }
    return !sql->text->failed;
}


static void
value_json(const lookout_filter_t *filter, const lookout_bind_t *value, lookout_buf_t *b)
{
    if (filter->field->type == LOOKOUT_BOOLEAN) {
        lookout_json_bool(b, value->integer != 0);
    } else if (value->kind == LOOKOUT_BIND_TEXT) {
        lookout_json_str(b, value->text);
    } else if (value->kind == LOOKOUT_BIND_DOUBLE) {
        lookout_json_double(b, value->real);
    } else if (value->integer > LOOKOUT_JSON_INT_MAX
               || value->integer < -LOOKOUT_JSON_INT_MAX) {
        lookout_json_raw(b, LOOKOUT_STR("\""));
        lookout_buf_int(b, value->integer);
        lookout_buf_putc(b, '"');
    } else {
        lookout_json_int(b, value->integer);
    }
}


void
lookout_filters_json(lookout_filters_t filters, lookout_buf_t *b)
{
    const lookout_filter_t *filter;
    size_t i, k;

    lookout_json_open(b, '[');
    for (i = 0; i < filters.n; i++) {
        filter = &filters.items[i];
        lookout_json_open(b, '{');
        lookout_json_key(b, "field");
        lookout_json_str(b, filter->field->name);
        lookout_json_key(b, "op");
        lookout_json_cstr(b, filter->op->name);
        if (filter->op->arity != LOOKOUT_TAKES_NONE) {
            lookout_json_key(b, "value");
        }
        switch (filter->op->arity) {
        case LOOKOUT_TAKES_NONE:
            break;
        case LOOKOUT_TAKES_ONE:
            value_json(filter, &filter->values[0], b);
            break;
        default:
            lookout_json_open(b, '[');
            for (k = 0; k < filter->n_values; k++) {
                value_json(filter, &filter->values[k], b);
            }
            lookout_json_close(b, ']');
        }
        lookout_json_close(b, '}');
    }
    lookout_json_close(b, ']');
}
