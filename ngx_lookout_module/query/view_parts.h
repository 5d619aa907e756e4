/*
 * The columns of a view's statement while it is built. For view.c and view_order.c.
 */

#ifndef LOOKOUT_VIEW_PARTS_H
#define LOOKOUT_VIEW_PARTS_H

#include "view_encoding.h"

typedef struct {
    lookout_column_t column;
    lookout_str_t sql;                /* the expression */
    const lookout_channel_t *channel; /* where it comes from */
    bool follows;                     /* the end of a bin: given by the column before it */
} lookout_part_t;

typedef struct {
    lookout_encoding_t encoding;
    lookout_part_t *items;
    size_t n;
    size_t n_groups; /* columns that group */
} lookout_parts_t;

/* Writes a pattern of the tables with $ as the field's quoted name (NULL: count). */
void lookout_part_expand(lookout_sql_t *sql, const char *pattern, const lookout_field_t *field);

/* Does the column group (in a grouped view)? */
bool lookout_part_groups(const lookout_parts_t *parts, const lookout_part_t *part);

/* Appends ` ORDER BY ...`. */
lookout_code_e
lookout_view_order(lookout_arena_t *arena, const lookout_parts_t *parts,
                   lookout_fields_t fields, lookout_sql_t *sql, lookout_error_t *error);

#endif
