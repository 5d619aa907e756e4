/*
 * How the gate works. An analyst's text is compiled by SQLite with an authorizer set, which is
 * asked for every table, column and function that the statement touches and says no to all that
 * is not on its short list; what compiles has then to be a single SELECT.
 *
 * `data` is a view of a view of main.extract (gate_views.c). The view in between has a random
 * name, which the authorizer is told when a column of the table is read by way of it: so
 * reading the table directly is refused, also from a common table expression that calls itself
 * `data`. When a statement needs no column at all (SELECT COUNT(*) FROM data), the authorizer
 * sees the table's name alone, as it is spelt in the view: there it has a random mixture of
 * capitals. Those can be guessed, which gives away the number of rows and no more; so it is not
 * accepted where rows are withheld, and there the view always reads a column. A third view,
 * `extract`, stands in front of the table for those who leave `main` out, and is itself
 * refused.
 *
 * All that is about words and not about safety, such as which message fits, is decided from the
 * text's tokens (gate_scan.c) after SQLite has refused.
 */

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "../base/text.h"
#include "gate_parts.h"

#define SELECTS_MAX 1000    /* of a statement, with common table expressions unfolded */
#define SELECTS_CALLED 1500 /* that SQLite's compiler may come to; views count as well */
#define OPS_OF_VALUE 64     /* instructions for a value of a restriction: 4, in 16 places */

/* The functions that may be called, sorted. Left out: what gives another result each time
 * (random), tells of the server (sqlite_version), reaches files or code (load_extension), or
 * runs long without an end in sight (json_patch). */
const char *const lookout_gate_functions[] = {
    /* clang-format off */
    "->", "->>", "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "avg",
    "ceil", "ceiling", "char", "coalesce", "cos", "cosh", "count", "cume_dist",
    "current_date", "current_time", "current_timestamp", "date", "datetime", "degrees",
    "dense_rank", "exp", "first_value", "floor", "format", "glob", "group_concat", "hex",
    "ifnull", "iif", "instr", "json", "json_array", "json_array_length", "json_extract",
    "json_group_array", "json_group_object", "json_insert", "json_object", "json_quote",
    "json_remove", "json_replace", "json_set", "json_type", "json_valid", "julianday", "lag",
    "last_value", "lead", "length", "like", "ln", "log", "log10", "log2", "lower", "ltrim",
    "max", "median", "min", "mod", "nth_value", "ntile", "nullif", "percent_rank", "pi",
    "pow", "power", "printf", "quote", "radians", "rank", "replace", "round", "row_number",
    "rtrim", "sign", "sin", "sinh", "soundex", "sqrt", "stdev", "strftime", "substr",
    "substring", "sum", "tan", "tanh", "time", "total", "trim", "trunc", "typeof", "unicode",
    "unixepoch", "upper", "variance",
    /* clang-format on */
};

const size_t lookout_gate_n_functions =
    sizeof(lookout_gate_functions) / sizeof(lookout_gate_functions[0]);

/* Bounds of a statement: an analyst's, and the server's own, which may be longer (a filter with
 * 1000 values) and whose parameters are counted. */
static const struct {
    int id;
    int analyst;
    int own;
} limits[] = {
    { SQLITE_LIMIT_SQL_LENGTH, LOOKOUT_GATE_TEXT_MAX, 1000000 },
    { SQLITE_LIMIT_LENGTH, 1000000, 1000000 },
    { SQLITE_LIMIT_COLUMN, 200, 200 },
    { SQLITE_LIMIT_EXPR_DEPTH, 100, 300 },
    { SQLITE_LIMIT_COMPOUND_SELECT, 20, 20 },
    { SQLITE_LIMIT_VDBE_OP, 25000, 1000000 },
    { SQLITE_LIMIT_FUNCTION_ARG, 64, 64 },
    { SQLITE_LIMIT_ATTACHED, 0, 0 },
    { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256, 256 },
    { SQLITE_LIMIT_VARIABLE_NUMBER, 200000, 200000 },
    { SQLITE_LIMIT_TRIGGER_DEPTH, 0, 0 },
    { SQLITE_LIMIT_WORKER_THREADS, 0, 0 },
};

static const struct {
    int option;
    int value;
} settings[] = {
    { SQLITE_DBCONFIG_DEFENSIVE, 1 },
    { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
    { SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 },
    { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
    { SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0 },
    { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
    { SQLITE_DBCONFIG_DQS_DML, 0 }, /* "typo" is a column that is not there, not a string */
    { SQLITE_DBCONFIG_DQS_DDL, 0 },
};


/* --- Once a connection --- */

/* What a restriction adds to a statement over data is none of the analyst's. */
static int
extra(const lookout_gate_t *gate, int id)
{
    return id == SQLITE_LIMIT_VDBE_OP      ? OPS_OF_VALUE * (int) gate->values
           : id == SQLITE_LIMIT_EXPR_DEPTH ? (int) gate->conditions
                                           : 0;
}


static void
set_limits(const lookout_extract_t *extract, bool analyst)
{
    size_t i;
    int id;

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        id = limits[i].id;
        (void) sqlite3_limit(extract->db.sql, id,
                             analyst ? limits[i].analyst + extra(extract->gate, id)
                                     : limits[i].own);
    }
}


bool
lookout_gate_harden(lookout_extract_t *extract)
{
    static const char *keep[] = { "json_each", "json_tree", NULL };
    sqlite3 *sql = extract->db.sql;
    size_t i;

    extract->gate = calloc(1, sizeof(*extract->gate));
    if (extract->gate == NULL) {
        (void) snprintf(extract->db.why, sizeof(extract->db.why), "out of memory");
        return false;
    }
    for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        (void) sqlite3_db_config(sql, settings[i].option, settings[i].value, NULL);
    }
    (void) sqlite3_drop_modules(sql, keep);
    set_limits(extract, false);

    /* json_each and json_tree come into being when they are first named, in a way that the
     * authorizer would have to refuse; so they are named here. */
    return lookout_gate_exec(extract, "not an extract",
                             "SELECT 1 FROM main." LOOKOUT_EXTRACT_TABLE
                             ", json_each('[]'), json_tree('[]') LIMIT 0;")
           && lookout_gate_views(extract);
}


void
lookout_gate_free(lookout_extract_t *extract)
{
    free(extract->gate);
    extract->gate = NULL;
}


/* --- The authorizer --- */

static int
compare_function(const void *key, const void *item)
{
    return strcasecmp(key, *(const char *const *) item);
}


static int
refuse(lookout_gate_t *gate, lookout_refused_e what, const char *name)
{
    if (gate->refused == LOOKOUT_REFUSED_NOTHING) {
        gate->refused = what;
        (void) snprintf(gate->name, sizeof(gate->name), "%s", name == NULL ? "" : name);
    }
    return SQLITE_DENY;
}


static int
authorize_function(lookout_gate_t *gate, const char *name)
{
    if (bsearch(name, lookout_gate_functions, lookout_gate_n_functions,
                sizeof(lookout_gate_functions[0]), compare_function)
        == NULL) {
        return refuse(gate, LOOKOUT_REFUSED_FUNCTION, name);
    }
    gate->dates = gate->dates || lookout_scan_is_date(lookout_str(name));
    gate->clock = gate->clock || strncasecmp(name, "current_", 8) == 0;
    return SQLITE_OK;
}


/* A column is read, or, with column "", a table of which no column is. Without a schema, the
 * table is named as in the text, and may be a common table expression. */
static int
authorize_read(lookout_gate_t *gate, const char *table, const char *column, const char *schema,
               const char *view)
{
    if (schema == NULL) {
        return strncasecmp(table, "sqlite_", 7) == 0 || strncasecmp(table, "pragma_", 7) == 0
                   ? refuse(gate, LOOKOUT_REFUSED_TABLE, table)
                   : SQLITE_OK;
    }
    if (strcasecmp(table, LOOKOUT_EXTRACT_ALIAS) == 0) {
        /* A view has no rowid; this SQLite would give null for it. */
        return strcmp(column, "ROWID") == 0 ? refuse(gate, LOOKOUT_REFUSED_ROWID, column)
                                            : SQLITE_OK;
    }
    if (strcmp(table, gate->inner) == 0 || strcasecmp(table, "json_each") == 0
        || strcasecmp(table, "json_tree") == 0) {
        return SQLITE_OK;
    }
    if (column[0] == '\0' ? !gate->restricted && strcmp(table, gate->table) == 0
                                && strcmp(schema, gate->schema) == 0
                          : strcmp(table, LOOKOUT_EXTRACT_TABLE) == 0 && view != NULL
                                && strcmp(view, gate->inner) == 0) {
        return SQLITE_OK;
    }
    return refuse(gate, LOOKOUT_REFUSED_TABLE, table);
}


static int
authorize(void *data, int action, const char *a, const char *b, const char *schema,
          const char *view)
{
    lookout_gate_t *gate = data;

    switch (action) {
    case SQLITE_SELECT:
        return ++gate->selects > SELECTS_CALLED ? refuse(gate, LOOKOUT_REFUSED_SIZE, NULL)
                                                : SQLITE_OK;
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return authorize_function(gate, b);
    case SQLITE_READ:
        return authorize_read(gate, a, b == NULL ? "" : b, schema, view);
    default:
        return refuse(gate, LOOKOUT_REFUSED_STATEMENT, NULL);
    }
}


/* --- Compiling --- */

static bool
is_semicolon(const lookout_token_t *token)
{
    return token->kind == LOOKOUT_TOKEN_OTHER && token->text.data[0] == ';';
}


/* Refuses what need not be compiled at all. */
static lookout_code_e
check_text(lookout_gate_call_t *c)
{
    if (c->text.len > LOOKOUT_GATE_TEXT_MAX) {
        return lookout_gate_invalid(c, "too_long",
                                    "The statement is longer than 8192 bytes. Ask in several "
                                    "shorter steps.");
    }
    if (memchr(c->text.data, '\0', c->text.len) != NULL || !lookout_utf8_valid(c->text)) {
        return lookout_gate_invalid(c, "bad_text",
                                    "The statement holds a NUL byte or is not UTF-8.");
    }
    if (!lookout_scan(c->arena, c->text, &c->tokens)) {
        return lookout_fail_memory(c->error);
    }
    /* Semicolons in front are no statement. */
    while (c->tokens.n != 0 && is_semicolon(c->tokens.items)) {
        c->tokens.items++;
        c->tokens.n--;
    }
    if (c->tokens.n == 0) {
        return lookout_gate_invalid(
            c, "empty", "There is no statement. Send one SELECT over the table data.");
    }
    if (lookout_scan_unfolded(c->arena, c->tokens, SELECTS_MAX) >= SELECTS_MAX) {
        return lookout_gate_too_complex(c);
    }
    return LOOKOUT_OK;
}


/* Checks what did compile. `rest` is the text behind it. */
static lookout_code_e
check_statement(lookout_gate_call_t *c, sqlite3_stmt *stmt, const char *rest)
{
    const lookout_token_t *last = &c->tokens.items[c->tokens.n - 1];
    const char *verb = lookout_gate_other_verb(c);

    if (verb != NULL || sqlite3_stmt_isexplain(stmt) != 0 || sqlite3_stmt_readonly(stmt) == 0
        || sqlite3_column_count(stmt) == 0) {
        return lookout_gate_not_select(c, verb);
    }
    while (is_semicolon(last) && last->text.data >= rest) {
        last--;
    }
    if (last->text.data >= rest) {
        return lookout_gate_several(c);
    }
    if (sqlite3_bind_parameter_count(stmt) != 0) {
        return lookout_gate_invalid(c, "parameter",
                                    "The statement has a parameter (?, :name, @name or $name), "
                                    "and there is nothing to bind to it. Write the value into "
                                    "the text.");
    }
    return LOOKOUT_OK;
}


lookout_code_e
lookout_gate_prepare(lookout_arena_t *arena, lookout_extract_t *extract, lookout_str_t text,
                     sqlite3_stmt **stmt, bool *clock, lookout_error_t *error)
{
    lookout_gate_call_t c = {
        .arena = arena, .extract = extract, .error = error, .text = text
    };
    sqlite3 *sql = extract->db.sql;
    lookout_gate_t *gate = extract->gate;
    const char *start, *rest = NULL;
    lookout_code_e code;
    int rc, offset;

    *stmt = NULL;
    code = check_text(&c);
    if (code != LOOKOUT_OK) {
        return code;
    }
    start = c.tokens.items[0].text.data - (c.tokens.items[0].kind == LOOKOUT_TOKEN_NAME);

    gate->refused = LOOKOUT_REFUSED_NOTHING;
    gate->selects = 0;
    gate->dates = gate->clock = false;
    (void) sqlite3_set_authorizer(sql, authorize, gate);
    set_limits(extract, true);
    rc = sqlite3_prepare_v2(sql, start, (int) (text.data + text.len - start), stmt, &rest);
    offset = rc == SQLITE_OK ? -1 : sqlite3_error_offset(sql);
    set_limits(extract, false);

    code = rc == SQLITE_OK ? check_statement(&c, *stmt, rest)
                           : lookout_gate_explain(
                               &c, rc, offset < 0 ? -1 : offset + (int) (start - text.data));
    if (code != LOOKOUT_OK) {
        (void) sqlite3_finalize(*stmt);
        *stmt = NULL;
        lookout_gate_leave(extract);
        return code;
    }
    if (clock != NULL) {
        *clock = gate->clock || (gate->dates && lookout_scan_now(c.tokens));
    }
    return LOOKOUT_OK;
}


void
lookout_gate_leave(lookout_extract_t *extract)
{
    (void) sqlite3_set_authorizer(extract->db.sql, NULL, NULL);
}
