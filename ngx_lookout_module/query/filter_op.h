/*
 * The operator table and the order of values. For filter_read.c and filter.c.
 */

#ifndef LOOKOUT_FILTER_OP_H
#define LOOKOUT_FILTER_OP_H

#include "filter.h"

#define LOOKOUT_DATE_LEN 10 /* YYYY-MM-DD */

/* How many values an operator takes, and so the shape of its SQL. */
typedef enum {
    LOOKOUT_TAKES_NONE,
    LOOKOUT_TAKES_ONE,
    LOOKOUT_TAKES_TWO,
    LOOKOUT_TAKES_LIST
} lookout_arity_e;

#define LOOKOUT_TYPE_BIT(type) (1u << (type))

struct lookout_filter_op_s {
    const char *name;
    lookout_arity_e arity;
    unsigned types;  /* LOOKOUT_TYPE_BITs of the fields that it fits */
    const char *sql; /* what stands between the column and the value */
};

#define LOOKOUT_FILTER_N_OPS 12

extern const lookout_filter_op_t lookout_filter_op_table[LOOKOUT_FILTER_N_OPS];

/* <0, 0, >0 as a is before, the same as, or behind b; both of one field, so of one kind. */
int lookout_filter_compare(const lookout_bind_t *a, const lookout_bind_t *b);

#endif
