/*
 * The vocabulary of data: what a field of a datasource, and so a column of a result, is.
 */

#ifndef LOOKOUT_FIELD_H
#define LOOKOUT_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "str.h"

typedef enum {
    LOOKOUT_STRING,
    LOOKOUT_INTEGER,
    LOOKOUT_FLOAT,
    LOOKOUT_BOOLEAN,  /* 0 or 1 in the extract, true or false outside */
    LOOKOUT_DATE,     /* text YYYY-MM-DD */
    LOOKOUT_TIMESTAMP /* text YYYY-MM-DDTHH:MM:SSZ */
} lookout_type_e;

typedef enum {
    LOOKOUT_DIMENSION,
    LOOKOUT_MEASURE,
    LOOKOUT_TIME,
    LOOKOUT_IDENTIFIER
} lookout_role_e;

typedef struct {
    lookout_str_t name; /* snake_case: the column's name in the extract */
    lookout_str_t label;
    lookout_str_t description;
    lookout_type_e type;
    lookout_role_e role;
    bool nullable;
    lookout_str_t sample_values; /* a JSON array as text */
    bool samples_complete;       /* sample_values holds every value that occurs */
} lookout_field_t;

typedef struct {
    const lookout_field_t *items;
    size_t n;
} lookout_fields_t;

/* "string", "integer", ...; "dimension", ... : as the catalogue and the wire spell them. */
const char *lookout_type_name(lookout_type_e type);
const char *lookout_role_name(lookout_role_e role);
bool lookout_type_parse(lookout_str_t name, lookout_type_e *type);
bool lookout_role_parse(lookout_str_t name, lookout_role_e *role);

/* The field of that exact name, or NULL. */
const lookout_field_t *lookout_fields_find(lookout_fields_t fields, lookout_str_t name);

#endif
