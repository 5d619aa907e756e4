/*
 * What an agent is told about a statement that the gate refused: the code, what is wrong, what
 * is to be had instead, and the nearest names for what may be a misspelling. Tables, columns
 * and functions that are not there are known by SQLite's messages, which are stable; its own
 * words are passed on for what is a mistake in SQL.
 */

#define _GNU_SOURCE /* memrchr */

#include <strings.h>

#include "../base/text.h"
#include "gate_parts.h"
#include "run.h"
#include "sql.h"

#define SUGGESTIONS_MAX 3

/* SQLite's words for having met one of them. */
static const char *const limit_messages[] = {
    "too many ", "Expression tree is too large", "parser stack overflow", "at most ",
    "too large", "string or blob too big",       "statement too long",
};


/* {"construct": .., "name": ..} begun; the caller may add to it and closes it. */
static lookout_buf_t
details_of(const char *construct, lookout_str_t name)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "construct");
    lookout_json_cstr(&b, construct);
    if (name.len != 0) {
        lookout_json_key(&b, "name");
        lookout_json_str(&b, name);
    }
    return b;
}


static lookout_str_t
close_details(lookout_gate_call_t *c, lookout_buf_t *b)
{
    lookout_json_close(b, '}');
    return lookout_details(c->arena, b);
}


/* Adds "suggestions": the candidates nearest to word. Returns the first, or {NULL, 0}. */
static lookout_str_t
suggest(lookout_gate_call_t *c, lookout_buf_t *b, lookout_str_t word,
        const lookout_str_t *candidates, size_t n)
{
    size_t found[SUGGESTIONS_MAX], i, n_found;

    n_found = lookout_nearest(c->arena, word, candidates, n, found, SUGGESTIONS_MAX);
    lookout_json_key(b, "suggestions");
    lookout_json_open(b, '[');
    for (i = 0; i < n_found; i++) {
        lookout_json_str(b, candidates[found[i]]);
    }
    lookout_json_close(b, ']');
    return n_found == 0 ? LOOKOUT_STR_NONE : candidates[found[0]];
}


lookout_code_e
lookout_gate_not_select(lookout_gate_call_t *c, const char *verb)
{
    lookout_buf_t b = details_of("statement", lookout_str(verb));

    return lookout_fail(c->arena, c->error, LOOKOUT_SQL_FORBIDDEN_CONSTRUCT,
                        close_details(c, &b), "Only SELECT statements are permitted.");
}


static lookout_code_e
forbid_table(lookout_gate_call_t *c, lookout_str_t name)
{
    lookout_buf_t b = details_of("table", name);

    lookout_json_key(&b, "allowed");
    lookout_json_raw(&b, LOOKOUT_STR("[\"" LOOKOUT_EXTRACT_ALIAS "\"]"));
    return lookout_fail(
        c->arena, c->error, LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, close_details(c, &b),
        "%s%.*s%s. The only table is data, which holds the rows of this "
        "datasource (beside it: the statement's own WITH expressions, json_each "
        "and json_tree).",
        name.len == 0 ? "That table is not to be had" : "There is no table \"",
        LOOKOUT_STR_ARG(name), name.len == 0 ? "" : "\" to query");
}


static lookout_code_e
forbid_function(lookout_gate_call_t *c, lookout_str_t name)
{
    lookout_buf_t b = details_of("function", name);
    bool pattern = name.len == 6 && strncasecmp(name.data, "regexp", 6) == 0;
    lookout_str_t *names, nearest;
    size_t i;

    pattern = pattern || (name.len == 5 && strncasecmp(name.data, "match", 5) == 0);
    names = lookout_arena_alloc(c->arena, lookout_gate_n_functions * sizeof(*names));
    if (names == NULL) {
        lookout_buf_free(&b);
        return lookout_fail_memory(c->error);
    }
    for (i = 0; i < lookout_gate_n_functions; i++) {
        names[i] = lookout_str(lookout_gate_functions[i]);
    }
    nearest = suggest(c, &b, name, names, lookout_gate_n_functions);
    return lookout_fail(c->arena, c->error, LOOKOUT_SQL_FORBIDDEN_CONSTRUCT,
                        close_details(c, &b), "The function %.*s is not available.%s%.*s%s%s",
                        LOOKOUT_STR_ARG(name), nearest.len == 0 ? "" : " Did you mean ",
                        LOOKOUT_STR_ARG(nearest), nearest.len == 0 ? "" : "?",
                        pattern
                            ? " Use LIKE or GLOB to match patterns."
                            : " SQLite's aggregate, window, date, JSON, text and mathematical "
                              "functions are, and median, stdev and variance.");
}


lookout_code_e
lookout_gate_several(lookout_gate_call_t *c)
{
    lookout_buf_t b = details_of("statements", LOOKOUT_STR_NONE);

    return lookout_fail(c->arena, c->error, LOOKOUT_SQL_FORBIDDEN_CONSTRUCT,
                        close_details(c, &b),
                        "Only one statement is permitted in a call. Leave out what follows the "
                        "semicolon.");
}


lookout_code_e
lookout_gate_invalid(lookout_gate_call_t *c, const char *reason, const char *message)
{
    return lookout_fail(c->arena, c->error, LOOKOUT_INVALID_QUERY,
                        lookout_arena_printf(c->arena, "{\"reason\":\"%s\"}", reason), "%s",
                        message);
}


lookout_code_e
lookout_gate_too_complex(lookout_gate_call_t *c)
{
    return lookout_gate_invalid(
        c, "too_complex",
        "The statement is too complex: it nests too deeply, has too many terms, or its "
        "WITH expressions use one another too often. Ask in several simpler steps.");
}


/* Begins {"sqliteMessage", "offset"} of a statement that SQLite could not compile. */
static lookout_buf_t
parse_details(const char *message, int offset)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "sqliteMessage");
    lookout_json_cstr(&b, message);
    if (offset >= 0) {
        lookout_json_key(&b, "offset");
        lookout_json_int(&b, offset);
    }
    return b;
}


/* An unknown column; `name` may have a table's in front: d.amuont. */
static lookout_code_e
unknown_column(lookout_gate_call_t *c, const char *message, lookout_str_t name, int offset)
{
    lookout_fields_t fields = c->extract->fields;
    lookout_buf_t b = parse_details(message, offset);
    lookout_str_t *names, nearest;
    const char *dot = memrchr(name.data, '.', name.len);
    size_t i;

    if (dot != NULL) {
        name.len -= (size_t) (dot + 1 - name.data);
        name.data = dot + 1;
    }
    names = lookout_arena_alloc(c->arena, (fields.n + 1) * sizeof(*names));
    if (names == NULL) {
        lookout_buf_free(&b);
        return lookout_fail_memory(c->error);
    }
    for (i = 0; i < fields.n; i++) {
        names[i] = fields.items[i].name;
    }
    nearest = suggest(c, &b, name, names, fields.n);
    return lookout_fail(c->arena, c->error, LOOKOUT_SQL_PARSE_ERROR, close_details(c, &b),
                        "There is no column \"%.*s\".%s%.*s%s Names are case-insensitive; text "
                        "goes in 'single quotes'; get_datasource lists the fields.",
                        LOOKOUT_STR_ARG(name), nearest.len == 0 ? "" : " Did you mean \"",
                        LOOKOUT_STR_ARG(nearest), nearest.len == 0 ? "" : "\"?");
}


static lookout_code_e
parse_error(lookout_gate_call_t *c, const char *message, int offset)
{
    lookout_buf_t b = parse_details(message, offset);
    bool circular = strncmp(message, "circular reference", 18) == 0;

    return lookout_fail(c->arena, c->error, LOOKOUT_SQL_PARSE_ERROR, close_details(c, &b),
                        "The statement is not valid SQLite SQL: %s.%s", message,
                        circular ? " Give the WITH expression another name." : "");
}


/* What follows `prefix` in SQLite's message, or {NULL, 0}. */
static lookout_str_t
behind(const char *message, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncmp(message, prefix, len) == 0 ? lookout_str(message + len) : LOOKOUT_STR_NONE;
}


static bool
met_limit(int rc, const char *message)
{
    size_t i;

    if (rc == SQLITE_TOOBIG) {
        return true;
    }
    for (i = 0; i < sizeof(limit_messages) / sizeof(limit_messages[0]); i++) {
        if (strstr(message, limit_messages[i]) != NULL) {
            return true;
        }
    }
    return false;
}


/* Is the statement, as far as its first words tell, another kind than SELECT? Its verb then. */
const char *
lookout_gate_other_verb(lookout_gate_call_t *c)
{
    const char *verb = lookout_scan_verb(c->tokens);

    if (verb == NULL || strcmp(verb, "SELECT") == 0 || strcmp(verb, "VALUES") == 0) {
        return NULL;
    }
    return verb;
}


/* SQLite refused to compile: says why. */
lookout_code_e
lookout_gate_explain(lookout_gate_call_t *c, int rc, int offset)
{
    lookout_gate_t *gate = c->extract->gate;
    const char *verb = lookout_gate_other_verb(c), *message;
    lookout_str_t name;

    if (verb != NULL) {
        return lookout_gate_not_select(c, verb);
    }
    switch (gate->refused) {
    case LOOKOUT_REFUSED_TABLE:
        return forbid_table(c, lookout_str(gate->name));
    case LOOKOUT_REFUSED_FUNCTION:
        return forbid_function(c, lookout_str(gate->name));
    case LOOKOUT_REFUSED_STATEMENT: /* of a SELECT: making a table-valued function known */
        return forbid_table(c, LOOKOUT_STR_NONE);
    case LOOKOUT_REFUSED_ROWID:
        return unknown_column(c, "no such column: rowid", LOOKOUT_STR("rowid"), -1);
    case LOOKOUT_REFUSED_SIZE:
        return lookout_gate_too_complex(c);
    default:
        break;
    }
    /* SQLite's answer to more instructions than its limit; memory is not what ran out. */
    if (rc == SQLITE_NOMEM) {
        return lookout_gate_too_complex(c);
    }
    if (rc != SQLITE_ERROR && rc != SQLITE_TOOBIG) {
        return lookout_run_failed(c->arena, c->extract, rc, NULL, c->error);
    }

    message = sqlite3_errmsg(c->extract->db.sql);
    name = behind(message, "no such table: ");
    if (name.data != NULL) {
        return forbid_table(c, name);
    }
    name = behind(message, "no such function: ");
    if (name.data != NULL) {
        return forbid_function(c, name);
    }
    name = behind(message, "no such column: ");
    if (name.data != NULL) {
        return unknown_column(c, message, name, offset);
    }
    return met_limit(rc, message) ? lookout_gate_too_complex(c)
                                  : parse_error(c, message, offset);
}
