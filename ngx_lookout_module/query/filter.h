/*
 * Filters: {"field": "region", "op": "in", "value": ["EMEA", "NA"]}. Operators: eq neq in
 * not_in gt gte lt lte between like is_null not_null; one table says what each takes and the
 * SQL it becomes. Saved filters of a view and a call's overrides merge by field: an override
 * replaces every saved filter on its field. Filters combine with AND and apply to source rows.
 *
 * Values: a string for a field of text; a number for an integer or a float, and for an integer
 * beyond 2^53, which JSON numbers do not carry safely, a string of its digits; true or false; a
 * date YYYY-MM-DD; a timestamp in ISO 8601 with Z or an offset (without either it is UTC). A
 * date given for a timestamp means that whole day: eq is any time of it, lte 2026-03-31 is
 * through its end, gt is from the next midnight on. Text compares by its bytes, so '2025Q4' <
 * '2026Q1'; like ignores case.
 */

#ifndef LOOKOUT_FILTER_H
#define LOOKOUT_FILTER_H

#include "../base/error.h"
#include "../base/field.h"
#include "../base/json.h"
#include "sql.h"

#define LOOKOUT_FILTERS_MAX 64         /* filters of one array */
#define LOOKOUT_FILTER_VALUES_MAX 1000 /* of in and not_in */
#define LOOKOUT_FILTER_STRING_MAX 1024 /* bytes of a string value */

typedef struct lookout_filter_op_s lookout_filter_op_t; /* a row of the operator table */

typedef struct {
    const lookout_field_t *field;
    const lookout_filter_op_t *op;
    lookout_bind_t *values; /* 0, 1, 2 (between) or up to 1000 (in); in the arena */
    size_t n_values;
} lookout_filter_t;

typedef struct {
    lookout_filter_t *items;
    size_t n;
} lookout_filters_t;

/* The operators' names in the order of the table, ended by NULL: for schemas. */
const char *const *lookout_filter_ops(void);

/* How many values the operator at that place of lookout_filter_ops takes. */
void lookout_filter_counts(size_t op, size_t *min, size_t *max);

/* Reads an array of filters (NULL: none). Each must name a field of `fields`, which have to
 * live as long as the filters, with an operator that fits its type and a value of the right
 * shape: INVALID_FILTER with details {index, field, reason, op?, suggestions?, allowed?} else.
 *
 * A value of eq or in that does not occur in a field of text whose every value is known
 * (samples_complete) is INVALID_FILTER too, reason "unknown_value", with the nearest values (or
 * all of them, when few) as suggestions. Other reasons: not_an_array, too_many, not_an_object,
 * unknown_member, field_missing, unknown_field, op_missing, unknown_operator,
 * operator_not_supported, value_missing, value_not_allowed, wrong_type, wrong_count, too_long,
 * bad_date, bad_timestamp, empty_range. */
lookout_code_e
lookout_filters_parse(lookout_arena_t *arena, const cJSON *array, lookout_fields_t fields,
                      lookout_filters_t *out, lookout_error_t *error);

/* Overrides replace saved filters on the same field; the result is sorted by field name, then
 * by operator in the table's order, then by values, so that equal sets are equal texts. Fails
 * without memory only. */
lookout_code_e lookout_filters_merge(lookout_arena_t *arena, lookout_filters_t saved,
                                     lookout_filters_t overrides, lookout_filters_t *out,
                                     lookout_error_t *error);

/* All of both must hold: the result has each filter once, sorted as above. Fails without memory
 * only. */
lookout_code_e
lookout_filters_and(lookout_arena_t *arena, lookout_filters_t a, lookout_filters_t b,
                    lookout_filters_t *out, lookout_error_t *error);

/* Appends ` WHERE ...`, or nothing without filters. False without memory. */
bool lookout_filters_where(lookout_filters_t filters, lookout_sql_t *sql);

/* Appends the JSON array, as appliedFilters shows it: values as they were understood (booleans
 * true/false, timestamps in UTC), in a form that lookout_filters_parse reads back. */
void lookout_filters_json(lookout_filters_t filters, lookout_buf_t *b);

#endif
