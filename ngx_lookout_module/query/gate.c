/*
 * How the gate works. An analyst's text is compiled by SQLite with an authorizer set, which is
 * asked for every table, column and function that the statement touches and says no to all that
 * is not on its short list; what compiles has then to be a single SELECT.
 *
 * `data` is a view of a view of main.extract. The view in between has a random name, which the
 * authorizer is told when a column of the table is read by way of it: so reading the table directly
 * is refused, also from a common table expression that calls itself `data`. When a statement
 * needs no column at all (SELECT COUNT(*) FROM data), the authorizer sees the table's name alone,
 * as it is spelt in the view: there it has a random mixture of capitals. A third view, `extract`,
 * stands in front of the table for those who leave `main` out, and is itself refused.
 *
 * All that is about words and not about safety, such as which message fits, is decided from the
 * text's tokens (gate_scan.c) after SQLite has refused.
 */

#define _GNU_SOURCE /* memrchr */

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "../base/text.h"
#include "gate.h"
#include "gate_scan.h"
#include "run.h"
#include "sql.h"

#define SELECTS_MAX 1000     /* of a statement, with common table expressions unfolded */
#define SELECTS_CALLED 1500  /* that SQLite's compiler may come to; views count as well */
#define NAME_SHOWN 64        /* bytes of a refused name that are repeated */
#define SUGGESTIONS_MAX 3

/* What the authorizer said no to first. */
typedef enum {
    REFUSED_NOTHING,
    REFUSED_TABLE,
    REFUSED_FUNCTION,
    REFUSED_STATEMENT,
    REFUSED_ROWID,
    REFUSED_SIZE
} refused_e;

struct lookout_gate_s {
    char inner[20];                            /* the view between data and the table */
    char schema[sizeof("main")];               /* both as the inner view spells them */
    char table[sizeof(LOOKOUT_EXTRACT_TABLE)];
    refused_e refused;
    char name[NAME_SHOWN + 1]; /* of what was refused */
    unsigned selects;
    bool dates; /* a date function was used */
    bool clock; /* one that always reads the clock was */
};

/* Everything that an analyst's statement goes through. */
typedef struct {
    lookout_arena_t *arena;
    lookout_extract_t *extract;
    lookout_error_t *error;
    lookout_str_t text;
    lookout_tokens_t tokens;
} gate_call_t;

/* The functions that may be called, sorted by name; what they do to caching. */
typedef enum { PLAIN, DATE, CLOCK } use_e;

static const struct {
    const char *name;
    use_e use;
} functions[] = {
    /* clang-format off */
    { "->", PLAIN }, { "->>", PLAIN }, { "abs", PLAIN }, { "acos", PLAIN }, { "acosh", PLAIN },
    { "asin", PLAIN }, { "asinh", PLAIN }, { "atan", PLAIN }, { "atan2", PLAIN },
    { "atanh", PLAIN }, { "avg", PLAIN }, { "ceil", PLAIN }, { "ceiling", PLAIN },
    { "char", PLAIN }, { "coalesce", PLAIN }, { "cos", PLAIN }, { "cosh", PLAIN },
    { "count", PLAIN }, { "cume_dist", PLAIN }, { "current_date", CLOCK },
    { "current_time", CLOCK }, { "current_timestamp", CLOCK }, { "date", DATE },
    { "datetime", DATE }, { "degrees", PLAIN }, { "dense_rank", PLAIN }, { "exp", PLAIN },
    { "first_value", PLAIN }, { "floor", PLAIN }, { "format", PLAIN }, { "glob", PLAIN },
    { "group_concat", PLAIN }, { "hex", PLAIN }, { "ifnull", PLAIN }, { "iif", PLAIN },
    { "instr", PLAIN }, { "json", PLAIN }, { "json_array", PLAIN },
    { "json_array_length", PLAIN }, { "json_extract", PLAIN }, { "json_group_array", PLAIN },
    { "json_group_object", PLAIN }, { "json_insert", PLAIN }, { "json_object", PLAIN },
    { "json_quote", PLAIN }, { "json_remove", PLAIN }, { "json_replace", PLAIN },
    { "json_set", PLAIN }, { "json_type", PLAIN }, { "json_valid", PLAIN },
    { "julianday", DATE }, { "lag", PLAIN }, { "last_value", PLAIN }, { "lead", PLAIN },
    { "length", PLAIN }, { "like", PLAIN }, { "ln", PLAIN }, { "log", PLAIN },
    { "log10", PLAIN }, { "log2", PLAIN }, { "lower", PLAIN }, { "ltrim", PLAIN },
    { "max", PLAIN }, { "median", PLAIN }, { "min", PLAIN }, { "mod", PLAIN },
    { "nth_value", PLAIN }, { "ntile", PLAIN }, { "nullif", PLAIN }, { "percent_rank", PLAIN },
    { "pi", PLAIN }, { "pow", PLAIN }, { "power", PLAIN }, { "printf", PLAIN },
    { "quote", PLAIN }, { "radians", PLAIN }, { "rank", PLAIN }, { "replace", PLAIN },
    { "round", PLAIN }, { "row_number", PLAIN }, { "rtrim", PLAIN }, { "sign", PLAIN },
    { "sin", PLAIN }, { "sinh", PLAIN }, { "soundex", PLAIN }, { "sqrt", PLAIN },
    { "stdev", PLAIN }, { "strftime", DATE }, { "substr", PLAIN }, { "substring", PLAIN },
    { "sum", PLAIN }, { "tan", PLAIN }, { "tanh", PLAIN }, { "time", DATE },
    { "total", PLAIN }, { "trim", PLAIN }, { "trunc", PLAIN }, { "typeof", PLAIN },
    { "unicode", PLAIN }, { "unixepoch", DATE }, { "upper", PLAIN }, { "variance", PLAIN },
    /* clang-format on */
};

#define N_FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

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

/* SQLite's words for having met one of them. */
static const char *const limit_messages[] = {
    "too many ",    "Expression tree is too large", "parser stack overflow", "at most ",
    "too large",    "string or blob too big",       "statement too long",
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

static void
set_limits(sqlite3 *sql, bool analyst)
{
    size_t i;

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        (void) sqlite3_limit(sql, limits[i].id, analyst ? limits[i].analyst : limits[i].own);
    }
}


/* Copies a word with a capital here and there, as the random bits say. */
static void
spell(char *out, const char *word, unsigned bits)
{
    for (; *word != '\0'; word++, bits >>= 1) {
        *out++ = (char) ((bits & 1) != 0 ? *word - ('a' - 'A') : *word);
    }
    *out = '\0';
}


/* Runs a statement to its end; false with the reason in db.why. */
static bool
run(lookout_extract_t *extract, const char *what, const char *text)
{
    if (sqlite3_exec(extract->db.sql, text, NULL, NULL, NULL) == SQLITE_OK) {
        return true;
    }
    (void) snprintf(extract->db.why, sizeof(extract->db.why), "%s: %s", what,
                    sqlite3_errmsg(extract->db.sql));
    return false;
}


static bool
make_views(lookout_extract_t *extract)
{
    lookout_gate_t *gate = extract->gate;
    uint64_t bits[2];
    char text[512];

    sqlite3_randomness(sizeof(bits), bits);
    (void) snprintf(gate->inner, sizeof(gate->inner), "v%016llx", (unsigned long long) bits[0]);
    spell(gate->schema, "main", (unsigned) bits[1] | 1); /* at least one capital each */
    spell(gate->table, LOOKOUT_EXTRACT_TABLE, (unsigned) (bits[1] >> 8) | 1);
    (void) snprintf(text, sizeof(text),
                    "CREATE TEMP VIEW %s AS SELECT * FROM %s.%s;"
                    "CREATE TEMP VIEW " LOOKOUT_EXTRACT_ALIAS " AS SELECT * FROM temp.%s;"
                    "CREATE TEMP VIEW " LOOKOUT_EXTRACT_TABLE
                    " AS SELECT * FROM main." LOOKOUT_EXTRACT_TABLE ";",
                    gate->inner, gate->schema, gate->table, gate->inner);
    return run(extract, "cannot make the view data", text);
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
    set_limits(sql, false);

    /* json_each and json_tree come into being when they are first named, in a way that the
     * authorizer would have to refuse; so they are named here. */
    return run(extract, "cannot configure", "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4000;")
           && run(extract, "not an extract", "SELECT 1 FROM main." LOOKOUT_EXTRACT_TABLE
                                             ", json_each('[]'), json_tree('[]') LIMIT 0;")
           && make_views(extract) && run(extract, "cannot configure", "PRAGMA query_only=1;");
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
refuse(lookout_gate_t *gate, refused_e what, const char *name)
{
    if (gate->refused == REFUSED_NOTHING) {
        gate->refused = what;
        (void) snprintf(gate->name, sizeof(gate->name), "%s", name == NULL ? "" : name);
    }
    return SQLITE_DENY;
}


static int
authorize_function(lookout_gate_t *gate, const char *name)
{
    const use_e *use;
    const char *const *item = bsearch(name, functions, N_FUNCTIONS, sizeof(functions[0]),
                                      compare_function);

    if (item == NULL) {
        return refuse(gate, REFUSED_FUNCTION, name);
    }
    use = &functions[((const char *) item - (const char *) functions) / sizeof(functions[0])].use;
    gate->dates = gate->dates || *use == DATE;
    gate->clock = gate->clock || *use == CLOCK;
    return SQLITE_OK;
}


/* A column is read, or, with column "", a table of which no column is. Without a schema, the table
 * is named as in the text, and may be a common table expression. */
static int
authorize_read(lookout_gate_t *gate, const char *table, const char *column, const char *schema,
               const char *view)
{
    if (schema == NULL) {
        return strncasecmp(table, "sqlite_", 7) == 0 || strncasecmp(table, "pragma_", 7) == 0
                   ? refuse(gate, REFUSED_TABLE, table)
                   : SQLITE_OK;
    }
    if (strcasecmp(table, LOOKOUT_EXTRACT_ALIAS) == 0) {
        /* A view has no rowid; this SQLite would give null for it. */
        return strcmp(column, "ROWID") == 0 ? refuse(gate, REFUSED_ROWID, column) : SQLITE_OK;
    }
    if (strcmp(table, gate->inner) == 0 || strcasecmp(table, "json_each") == 0
        || strcasecmp(table, "json_tree") == 0) {
        return SQLITE_OK;
    }
    if (column[0] == '\0' ? strcmp(table, gate->table) == 0 && strcmp(schema, gate->schema) == 0
                          : strcmp(table, LOOKOUT_EXTRACT_TABLE) == 0 && view != NULL
                                && strcmp(view, gate->inner) == 0) {
        return SQLITE_OK;
    }
    return refuse(gate, REFUSED_TABLE, table);
}


static int
authorize(void *data, int action, const char *a, const char *b, const char *schema,
          const char *view)
{
    lookout_gate_t *gate = data;

    switch (action) {
    case SQLITE_SELECT:
        return ++gate->selects > SELECTS_CALLED ? refuse(gate, REFUSED_SIZE, NULL) : SQLITE_OK;
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return authorize_function(gate, b);
    case SQLITE_READ:
        return authorize_read(gate, a, b == NULL ? "" : b, schema, view);
    default:
        return refuse(gate, REFUSED_STATEMENT, NULL);
    }
}


/* --- Messages --- */

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
close_details(gate_call_t *c, lookout_buf_t *b)
{
    lookout_json_close(b, '}');
    return lookout_details(c->arena, b);
}


/* Adds "suggestions": the candidates nearest to word. Returns the first, or {NULL, 0}. */
static lookout_str_t
suggest(gate_call_t *c, lookout_buf_t *b, lookout_str_t word, const lookout_str_t *candidates,
        size_t n)
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


static lookout_code_e
forbid_statement(gate_call_t *c, const char *verb)
{
    lookout_buf_t b = details_of("statement", lookout_str(verb));

    return lookout_fail(c->arena, c->error, LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, close_details(c, &b),
                        "Only SELECT statements are permitted.");
}


static lookout_code_e
forbid_table(gate_call_t *c, lookout_str_t name)
{
    lookout_buf_t b = details_of("table", name);

    lookout_json_key(&b, "allowed");
    lookout_json_raw(&b, LOOKOUT_STR("[\"" LOOKOUT_EXTRACT_ALIAS "\"]"));
    return lookout_fail(c->arena, c->error, LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, close_details(c, &b),
                        "%s%.*s%s. The only table is data, which holds the rows of this "
                        "datasource (beside it: the statement's own WITH expressions, json_each "
                        "and json_tree).",
                        name.len == 0 ? "That table is not to be had" : "There is no table \"",
                        LOOKOUT_STR_ARG(name), name.len == 0 ? "" : "\" to query");
}


static lookout_code_e
forbid_function(gate_call_t *c, lookout_str_t name)
{
    lookout_buf_t b = details_of("function", name);
    lookout_str_t names[N_FUNCTIONS], nearest;
    bool pattern = name.len == 6 && strncasecmp(name.data, "regexp", 6) == 0;
    size_t i;

    pattern = pattern || (name.len == 5 && strncasecmp(name.data, "match", 5) == 0);
    for (i = 0; i < N_FUNCTIONS; i++) {
        names[i] = lookout_str(functions[i].name);
    }
    nearest = suggest(c, &b, name, names, N_FUNCTIONS);
    return lookout_fail(c->arena, c->error, LOOKOUT_SQL_FORBIDDEN_CONSTRUCT, close_details(c, &b),
                        "The function %.*s is not available.%s%.*s%s%s", LOOKOUT_STR_ARG(name),
                        nearest.len == 0 ? "" : " Did you mean ", LOOKOUT_STR_ARG(nearest),
                        nearest.len == 0 ? "" : "?",
                        pattern ? " Use LIKE or GLOB to match patterns."
                                : " SQLite's aggregate, window, date, JSON, text and mathematical "
                                  "functions are, and median, stdev and variance.");
}


static lookout_code_e
invalid(gate_call_t *c, const char *reason, const char *message)
{
    return lookout_fail(c->arena, c->error, LOOKOUT_INVALID_QUERY,
                        lookout_arena_printf(c->arena, "{\"reason\":\"%s\"}", reason), "%s",
                        message);
}


static lookout_code_e
too_complex(gate_call_t *c)
{
    return invalid(c, "too_complex",
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
unknown_column(gate_call_t *c, const char *message, lookout_str_t name, int offset)
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
parse_error(gate_call_t *c, const char *message, int offset)
{
    lookout_buf_t b = parse_details(message, offset);
    bool circular = strncmp(message, "circular reference", 18) == 0;

    return lookout_fail(c->arena, c->error, LOOKOUT_SQL_PARSE_ERROR, close_details(c, &b),
                        "The statement is not valid SQLite SQL: %s.%s", message,
                        circular ? " Give the WITH expression another name." : "");
}


/* --- Compiling --- */

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
static const char *
other_verb(gate_call_t *c)
{
    const char *verb = lookout_scan_verb(c->tokens);

    if (verb == NULL || strcmp(verb, "SELECT") == 0 || strcmp(verb, "VALUES") == 0) {
        return NULL;
    }
    return verb;
}


/* SQLite refused to compile: says why. */
static lookout_code_e
explain_failure(gate_call_t *c, int rc, int offset)
{
    lookout_gate_t *gate = c->extract->gate;
    const char *verb = other_verb(c), *message;
    lookout_str_t name;

    if (verb != NULL) {
        return forbid_statement(c, verb);
    }
    switch (gate->refused) {
    case REFUSED_TABLE:
        return forbid_table(c, lookout_str(gate->name));
    case REFUSED_FUNCTION:
        return forbid_function(c, lookout_str(gate->name));
    case REFUSED_STATEMENT: /* of a SELECT: making a table-valued function known */
        return forbid_table(c, LOOKOUT_STR_NONE);
    case REFUSED_ROWID:
        return unknown_column(c, "no such column: rowid", LOOKOUT_STR("rowid"), -1);
    case REFUSED_SIZE:
        return too_complex(c);
    default:
        break;
    }
    if (rc == SQLITE_NOMEM) {
        return too_complex(c); /* what SQLite says to more instructions than the limit */
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
    return met_limit(rc, message) ? too_complex(c) : parse_error(c, message, offset);
}


static bool
is_semicolon(const lookout_token_t *token)
{
    return token->kind == LOOKOUT_TOKEN_OTHER && token->text.data[0] == ';';
}


/* Refuses what need not be compiled at all. */
static lookout_code_e
check_text(gate_call_t *c)
{
    if (c->text.len > LOOKOUT_GATE_TEXT_MAX) {
        return invalid(c, "too_long", "The statement is longer than 8192 bytes. Ask in several "
                                      "shorter steps.");
    }
    if (memchr(c->text.data, '\0', c->text.len) != NULL || !lookout_utf8_valid(c->text)) {
        return invalid(c, "bad_text", "The statement holds a NUL byte or is not UTF-8.");
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
        return invalid(c, "empty", "There is no statement. Send one SELECT over the table data.");
    }
    if (lookout_scan_unfolded(c->arena, c->tokens, SELECTS_MAX) >= SELECTS_MAX) {
        return too_complex(c);
    }
    return LOOKOUT_OK;
}


/* Checks what did compile. `rest` is the text behind it. */
static lookout_code_e
check_statement(gate_call_t *c, sqlite3_stmt *stmt, const char *rest)
{
    const lookout_token_t *last = &c->tokens.items[c->tokens.n - 1];
    const char *verb = other_verb(c);
    lookout_buf_t b;

    if (verb != NULL || sqlite3_stmt_isexplain(stmt) != 0 || sqlite3_stmt_readonly(stmt) == 0
        || sqlite3_column_count(stmt) == 0) {
        return forbid_statement(c, verb);
    }
    while (is_semicolon(last) && last->text.data >= rest) {
        last--;
    }
    if (last->text.data >= rest) {
        b = details_of("statements", LOOKOUT_STR_NONE);
        return lookout_fail(c->arena, c->error, LOOKOUT_SQL_FORBIDDEN_CONSTRUCT,
                            close_details(c, &b),
                            "Only one statement is permitted in a call. Leave out what follows "
                            "the semicolon.");
    }
    if (sqlite3_bind_parameter_count(stmt) != 0) {
        return invalid(c, "parameter", "The statement has a parameter (?, :name, @name or $name), "
                                       "and there is nothing to bind to it. Write the value into "
                                       "the text.");
    }
    return LOOKOUT_OK;
}


lookout_code_e
lookout_gate_prepare(lookout_arena_t *arena, lookout_extract_t *extract, lookout_str_t text,
                     sqlite3_stmt **stmt, bool *clock, lookout_error_t *error)
{
    gate_call_t c = { .arena = arena, .extract = extract, .error = error, .text = text };
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

    gate->refused = REFUSED_NOTHING;
    gate->selects = 0;
    gate->dates = gate->clock = false;
    (void) sqlite3_set_authorizer(sql, authorize, gate);
    set_limits(sql, true);
    rc = sqlite3_prepare_v2(sql, start, (int) (text.data + text.len - start), stmt, &rest);
    offset = rc == SQLITE_OK ? -1 : sqlite3_error_offset(sql);
    set_limits(sql, false);

    code = rc == SQLITE_OK
               ? check_statement(&c, *stmt, rest)
               : explain_failure(&c, rc, offset < 0 ? -1 : offset + (int) (start - text.data));
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
