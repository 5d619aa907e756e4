/*
 * The parts of SPEC.md that come out of the program's own tables: each tool's arguments and
 * result, the filter operators, the SQL functions, the error codes. Prints all of them as
 * Markdown, each behind a line "@@ NAME"; t/spec puts them into the document.
 */

#include <stdio.h>
#include <string.h>

#include "../ngx_lookout_module/query/filter_op.h"
#include "../ngx_lookout_module/query/gate_parts.h"
#include "../ngx_lookout_module/tools/runbook.h"
#include "../ngx_lookout_module/tools/tools.h"

#define WIDTH 96 /* columns of running text */


/* --- Types in words --- */

/* ": a, b, c" of a string that has to be one of these; `quote` around each. */
static void
print_values(const lookout_schema_t *row, const char *quote)
{
    size_t i;
    const char *value;

    for (i = 0; (value = row->values != NULL ? row->values[i] : row->value_at(i)) != NULL;
         i++) {
        printf("%s%s%s%s", i == 0 ? ": " : ", ", quote, value, quote);
    }
}


static void
print_type(const lookout_schema_t *row)
{
    static const char *const names[] = {
        [LOOKOUT_SCHEMA_ANY] = "any value",
        [LOOKOUT_SCHEMA_OBJECT] = "object",
        [LOOKOUT_SCHEMA_ARRAY] = "array",
        [LOOKOUT_SCHEMA_STRING] = "string",
        [LOOKOUT_SCHEMA_INTEGER] = "integer",
        [LOOKOUT_SCHEMA_NUMBER] = "number",
        [LOOKOUT_SCHEMA_BOOLEAN] = "boolean",
        [LOOKOUT_SCHEMA_SCALARS] = "value, or array of values",
    };

    printf("%s", names[row->kind]);
    if (row->kind == LOOKOUT_SCHEMA_ARRAY && row->children != NULL) {
        printf(" of %ss", names[row->children->kind]);
    }
    if (row->nullable) {
        printf(" or null");
    }
}


/* What a value of that type has to be besides. */
static void
print_bounds(const lookout_schema_t *row)
{
    if (row->id != NULL) {
        printf(", an id `%s...`", row->id);
    } else if (row->values != NULL || row->value_at != NULL) {
        print_values(row, "`");
    } else if (row->format != NULL) {
        printf(", %s", row->format);
    } else if (row->max != 0) {
        printf(row->min == 0 ? ", up to " : ", %lld to ", (long long) row->min);
        printf("%lld%s", (long long) row->max,
               row->kind == LOOKOUT_SCHEMA_ARRAY    ? " items"
               : row->kind != LOOKOUT_SCHEMA_STRING ? ""
               : row->bytes                         ? " bytes"
                                                    : " characters");
    }
}


/* --- Tools --- */

/* A table row for each argument; `path` is what its members are called with in front. */
static void
print_arguments(const lookout_schema_t *row, const char *path)
{
    char below[128];

    for (; row->name != NULL; row++) {
        printf("| `%s%s` | ", path, row->name);
        print_type(row);
        print_bounds(row);
        if (row->required) {
            printf(" | required | ");
        } else if (row->preset != NULL) {
            printf(" | `%s` | ", row->preset);
        } else {
            printf(" | | ");
        }
        printf("%s", row->description == NULL ? "" : row->description);
        if (row->header != NULL) {
            printf("%sHeader `Mcp-Param-%s`.", row->description == NULL ? "" : " ",
                   row->header);
        }
        printf(" |\n");

        if (row->kind == LOOKOUT_SCHEMA_ARRAY && row->children->kind == LOOKOUT_SCHEMA_OBJECT) {
            snprintf(below, sizeof(below), "%s%s[].", path, row->name);
            print_arguments(row->children->children, below);
        }
    }
}


/* A line for each member of a result, inner ones indented below. Warnings are the same in all of
 * them, and described once. */
static void
print_members(const lookout_schema_t *row, int depth)
{
    const lookout_schema_t *members;

    for (; row->name != NULL; row++) {
        printf("%*s%-*s ", 2 * depth, "", 22 - 2 * depth, row->name);
        print_type(row);
        if (row->values != NULL || row->value_at != NULL) {
            print_values(row, "");
        }
        printf("%s\n", depth == 0 && !row->required ? ", not always there" : "");

        members = row->kind == LOOKOUT_SCHEMA_ARRAY && row->children != NULL
                      ? row->children->children
                      : row->children;
        if (members != NULL && strcmp(row->name, "warnings") != 0) {
            print_members(members, depth + 1);
        }
    }
}


static void
print_tool(const lookout_tool_t *tool)
{
    printf("@@ tool %s\n", tool->name);
    printf("> %s\n\n", tool->description);
    printf("| Argument | Type | Default | |\n| --- | --- | --- | --- |\n");
    print_arguments(tool->input, "");
    printf("\n```text\n");
    print_members(tool->output, 0);
    printf("```\n");
}


/* --- Lists --- */

/* One word of a list in running text, on a new line when the old one is full. */
static void
print_word(const char *word, size_t *column, bool last)
{
    size_t len = strlen(word) + 3;

    if (*column != 0 && *column + 1 + len > WIDTH) {
        printf("\n");
        *column = 0;
    }
    printf("%s`%s`%s", *column == 0 ? "" : " ", word, last ? ".\n" : ",");
    *column += len + (*column != 0);
}


static void
print_functions(void)
{
    size_t i, column = 0;

    printf("@@ functions\n");
    for (i = 0; i < lookout_gate_n_functions; i++) {
        print_word(lookout_gate_functions[i], &column, i + 1 == lookout_gate_n_functions);
    }
}


static void
print_codes(void)
{
    const lookout_runbook_row_t *row;

    printf("@@ codes\n"
           "| Code | | Means | `details` | An agent | The operator | The same again? |\n"
           "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (row = lookout_runbook; row->code != NULL; row++) {
        printf("| `%s` | %s | %s | ", row->code, row->where, row->means);
        if (row->details[0] != '\0') {
            printf("`%s` ", row->details);
        }
        printf("| %s | %s%s| %s |\n", row->agent, row->operators,
               row->operators[0] == '\0' ? "" : " ", row->again);
    }
}


static void
print_operators(void)
{
    static const char *const takes[] = {
        [LOOKOUT_TAKES_NONE] = "none",
        [LOOKOUT_TAKES_ONE] = "one",
        [LOOKOUT_TAKES_TWO] = "`[low, high]`",
        [LOOKOUT_TAKES_LIST] = "array",
    };
    size_t i;
    int type;
    const lookout_filter_op_t *op;

    printf("@@ operators\n| Operator | `value` |");
    for (type = 0; type <= LOOKOUT_TIMESTAMP; type++) {
        printf(" %s |", lookout_type_name((lookout_type_e) type));
    }
    printf("\n| --- | --- |");
    for (type = 0; type <= LOOKOUT_TIMESTAMP; type++) {
        printf(" --- |");
    }
    printf("\n");

    for (i = 0; i < LOOKOUT_FILTER_N_OPS; i++) {
        op = &lookout_filter_op_table[i];
        printf("| `%s` | %s |", op->name, takes[op->arity]);
        for (type = 0; type <= LOOKOUT_TIMESTAMP; type++) {
            printf(" %s |", (op->types & LOOKOUT_TYPE_BIT(type)) != 0 ? "yes" : "");
        }
        printf("\n");
    }
}


int
main(void)
{
    const lookout_tool_t *tool;

    LOOKOUT_ROWS(tool, lookout_tools)
    {
        print_tool(tool);
    }
    print_operators();
    print_functions();
    print_codes();
    return 0;
}
