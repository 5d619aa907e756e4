/*
 * The vocabulary of data: the names of types and roles, and finding a field by its name.
 */

#include "field.h"

static const char *const type_names[] = {
    [LOOKOUT_STRING] = "string", [LOOKOUT_INTEGER] = "integer",
    [LOOKOUT_FLOAT] = "float",   [LOOKOUT_BOOLEAN] = "boolean",
    [LOOKOUT_DATE] = "date",     [LOOKOUT_TIMESTAMP] = "timestamp",
};

static const char *const role_names[] = {
    [LOOKOUT_DIMENSION] = "dimension",
    [LOOKOUT_MEASURE] = "measure",
    [LOOKOUT_TIME] = "time",
    [LOOKOUT_IDENTIFIER] = "identifier",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))


/* The index of name, or n when it is none of them. */
static size_t
index_of(lookout_str_t name, const char *const *names, size_t n)
{
    size_t i = 0;

    while (i < n && !lookout_str_is(name, names[i])) {
        i++;
    }
    return i;
}


const char *
lookout_type_name(lookout_type_e type)
{
    return type_names[type];
}


const char *
lookout_role_name(lookout_role_e role)
{
    return role_names[role];
}


bool
lookout_type_parse(lookout_str_t name, lookout_type_e *type)
{
    size_t i = index_of(name, type_names, COUNT(type_names));

    if (i == COUNT(type_names)) {
        return false;
    }
    *type = (lookout_type_e) i;
    return true;
}


bool
lookout_role_parse(lookout_str_t name, lookout_role_e *role)
{
    size_t i = index_of(name, role_names, COUNT(role_names));

    if (i == COUNT(role_names)) {
        return false;
    }
    *role = (lookout_role_e) i;
    return true;
}


const lookout_field_t *
lookout_fields_find(lookout_fields_t fields, lookout_str_t name)
{
    for (size_t i = 0; i < fields.n; i++) {
        if (lookout_str_eq(fields.items[i].name, name)) {
            return fields.items + i;
        }
    }
    return NULL;
}
