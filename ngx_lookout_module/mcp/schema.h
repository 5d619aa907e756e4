/*
 * Schemas as tables: one row a property. The JSON Schema that tools/list publishes and the check
 * of a call's arguments both come out of the same rows, so they cannot disagree.
 *
 *     static const lookout_schema_t get_view_input[] = {
 *         { .name = "viewId", .kind = LOOKOUT_SCHEMA_STRING, .required = true, .id = "vw_",
 *           .header = "ViewId", .description = "The view, as list_views gives it." },
 *         { 0 }
 *     };
 */

#ifndef LOOKOUT_SCHEMA_H
#define LOOKOUT_SCHEMA_H

#include "../base/buf.h"
#include "../base/error.h"
#include "../base/json.h"

typedef enum {
    LOOKOUT_SCHEMA_ANY = 0, /* any JSON value */
    LOOKOUT_SCHEMA_OBJECT,
    LOOKOUT_SCHEMA_ARRAY,
    LOOKOUT_SCHEMA_STRING,
    LOOKOUT_SCHEMA_INTEGER,
    LOOKOUT_SCHEMA_NUMBER,
    LOOKOUT_SCHEMA_BOOLEAN,
    LOOKOUT_SCHEMA_SCALARS /* a string, number or boolean, or an array of them: a filter's value */
} lookout_schema_kind_e;

typedef struct lookout_schema_s lookout_schema_t;

struct lookout_schema_s {
    const char *name; /* of the property; an object's rows end with a name of NULL */
    const char *description;
    lookout_schema_kind_e kind;
    bool required; /* in: must be given; out: always there */
    bool nullable; /* null is a value too */
    bool open;     /* object: members that are not in the table are allowed */
    bool
        by_tool; /* array or object: the tool checks what is inside, with its own error codes */
    bool
        bytes; /* string: min and max count bytes, not characters (not published as minLength / maxLength) */

    /* String: length; integer: value; array: number of items. max 0: no bounds. */
    int64_t min;
    int64_t max;
    lookout_code_e
        range_code; /* what a value outside min..max is answered with; 0: INVALID_INPUT */

    const char *const *values;         /* string: the only ones allowed, ended by NULL */
    const char *(*value_at)(size_t i); /* the same, from another room's table: NULL ends */
    const char *id;                    /* string: an id with this prefix */
    const char *format;                /* string: "date-time" or "uri" (date-time is checked) */
    const char *preset;                /* the default, as JSON text */
    const char *header; /* x-mcp-header: Mcp-Param-<header> mirrors the argument */

    const lookout_schema_t *children; /* object: its properties; array: one row, its items */
};

/* Appends the JSON Schema of an object with these properties. `input` closes it
 * (additionalProperties: false); results stay open so that fields can be added. */
void lookout_schema_json(lookout_buf_t *b, const lookout_schema_t *properties, bool input);

/* Checks a call's arguments (NULL: none given). INVALID_INPUT with details.errors[] = {path,
 * message}, naming every problem (up to 20), path a JSON Pointer; or the row's range_code alone, with details {path, min, max, value}, when only that is wrong. */
lookout_code_e lookout_schema_check(lookout_arena_t *arena, const lookout_schema_t *properties,
                                    const cJSON *args, lookout_error_t *error);

#endif
