/*
 * A schema table as JSON Schema (draft 2020-12, the dialect MCP assumes): a walk over the rows.
 * What the published schema says is what schema_check.c checks; bounds that JSON Schema has no
 * word for (a length in bytes) stand in the row's description and are checked all the same.
 */

#include "schema.h"

static void schema_value(lookout_buf_t *b, const lookout_schema_t *row, bool input);


static void
schema_type(lookout_buf_t *b, const lookout_schema_t *row)
{
    static const char *const names[] = {
        [LOOKOUT_SCHEMA_OBJECT] = "object", [LOOKOUT_SCHEMA_ARRAY] = "array",
        [LOOKOUT_SCHEMA_STRING] = "string", [LOOKOUT_SCHEMA_INTEGER] = "integer",
        [LOOKOUT_SCHEMA_NUMBER] = "number", [LOOKOUT_SCHEMA_BOOLEAN] = "boolean",
    };

    if (row->kind == LOOKOUT_SCHEMA_ANY) {
        return;
    }

    lookout_json_key(b, "type");

    if (row->kind == LOOKOUT_SCHEMA_SCALARS) {
        lookout_json_raw(b, LOOKOUT_STR("[\"string\",\"number\",\"boolean\",\"array\"]"));
        lookout_json_key(b, "items");
        lookout_json_raw(b, LOOKOUT_STR("{\"type\":[\"string\",\"number\",\"boolean\"]}"));
        return;
    }

    if (row->nullable) {
        lookout_json_open(b, '[');
        lookout_json_cstr(b, names[row->kind]);
        lookout_json_cstr(b, "null");
        lookout_json_close(b, ']');
        return;
    }

    lookout_json_cstr(b, names[row->kind]);
}


static void
schema_bounds(lookout_buf_t *b, const lookout_schema_t *row)
{
    static const char *const words[LOOKOUT_SCHEMA_SCALARS + 1][2] = {
        [LOOKOUT_SCHEMA_STRING] = { "minLength", "maxLength" },
        [LOOKOUT_SCHEMA_ARRAY] = { "minItems", "maxItems" },
        [LOOKOUT_SCHEMA_INTEGER] = { "minimum", "maximum" },
    };

    if (row->max == 0 || words[row->kind][0] == NULL || row->bytes) {
        return;
    }

    if (row->min != 0 || row->kind == LOOKOUT_SCHEMA_INTEGER) {
        lookout_json_key(b, words[row->kind][0]);
        lookout_json_int(b, row->min);
    }
    lookout_json_key(b, words[row->kind][1]);
    lookout_json_int(b, row->max);
}


static void
schema_enum(lookout_buf_t *b, const lookout_schema_t *row)
{
    size_t i;
    const char *value;

    if (row->values == NULL && row->value_at == NULL) {
        return;
    }

    lookout_json_key(b, "enum");
    lookout_json_open(b, '[');

    for (i = 0; (value = row->values != NULL ? row->values[i] : row->value_at(i)) != NULL;
         i++) {
        lookout_json_cstr(b, value);
    }
    if (row->nullable) {
        lookout_json_null(b);
    }
    lookout_json_close(b, ']');
}


static void
schema_members(lookout_buf_t *b, const lookout_schema_t *rows, bool input, bool open)
{
    bool any;
    const lookout_schema_t *row;

    lookout_json_key(b, "properties");
    lookout_json_open(b, '{');
    for (row = rows; row->name != NULL; row++) {
        lookout_json_key(b, row->name);
        schema_value(b, row, input);
    }
    lookout_json_close(b, '}');

    any = false;
    for (row = rows; row->name != NULL; row++) {
        if (row->required) {
            if (!any) {
                lookout_json_key(b, "required");
                lookout_json_open(b, '[');
                any = true;
            }
            lookout_json_cstr(b, row->name);
        }
    }
    if (any) {
        lookout_json_close(b, ']');
    }

    if (input && !open) {
        lookout_json_key(b, "additionalProperties");
        lookout_json_bool(b, false);
    }
}


static void
schema_value(lookout_buf_t *b, const lookout_schema_t *row, bool input)
{
    lookout_json_open(b, '{');
    schema_type(b, row);

    if (row->description != NULL) {
        lookout_json_key(b, "description");
        lookout_json_cstr(b, row->description);
    }

    schema_enum(b, row);
    schema_bounds(b, row);

    if (row->id != NULL && input) {
        lookout_json_key(b, "pattern");
        lookout_buf_printf(b, "\"^%s[a-z0-9]{22}$\"", row->id);
    }
    if (row->format != NULL) {
        lookout_json_key(b, "format");
        lookout_json_cstr(b, row->format);
    }
    if (row->preset != NULL) {
        lookout_json_key(b, "default");
        lookout_json_raw(b, lookout_str(row->preset));
    }
    if (row->header != NULL) {
        lookout_json_key(b, "x-mcp-header");
        lookout_json_cstr(b, row->header);
    }

    if (row->kind == LOOKOUT_SCHEMA_OBJECT && row->children != NULL) {
        schema_members(b, row->children, input, row->open);

    } else if (row->kind == LOOKOUT_SCHEMA_ARRAY && row->children != NULL) {
        lookout_json_key(b, "items");
        schema_value(b, row->children, input);
    }

    lookout_json_close(b, '}');
}


void
lookout_schema_json(lookout_buf_t *b, const lookout_schema_t *properties, bool input)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "type");
    lookout_json_cstr(b, "object");
    schema_members(b, properties, input, false);
    lookout_json_close(b, '}');
}
