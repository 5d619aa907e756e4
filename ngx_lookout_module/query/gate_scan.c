/*
 * SQL's lexical rules, as far as needed to tell names, strings and comments from one another,
 * and four questions that are answered from the tokens.
 */

#define _GNU_SOURCE /* memmem */

#include <strings.h>

#include "gate_scan.h"

/* The keywords that a statement begins with, SQLite's and those of other databases. */
static const char *const verbs[] = {
    "SELECT",   "VALUES", "INSERT", "UPDATE",   "DELETE",    "REPLACE", "CREATE",
    "DROP",     "ALTER",  "PRAGMA", "ATTACH",   "DETACH",    "VACUUM",  "ANALYZE",
    "REINDEX",  "BEGIN",  "COMMIT", "END",      "ROLLBACK",  "RELEASE", "EXPLAIN",
    "TRUNCATE", "MERGE",  "GRANT",  "REVOKE",   "CALL",      "EXEC",    "EXECUTE",
    "SET",      "SHOW",   "USE",    "DESCRIBE", "SAVEPOINT", "COPY",
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

/* The first so many of them can follow a WITH clause. */
#define N_WITH_VERBS 6

static const char *const date_functions[] = { "date",      "time",      "datetime",
                                              "julianday", "unixepoch", "strftime" };


static bool
is_name_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || c == '_' || c == '$' || c >= 0x80;
}


/* Where the quoted text that begins at p ends: behind its closing quote. Doubled it is none. */
static const char *
quoted_end(const char *p, const char *end, char quote)
{
    for (p++; p < end; p++) {
        if (*p == quote) {
            if (quote == ']' || p + 1 == end || p[1] != quote) {
                return p + 1;
            }
            p++;
        }
    }
    return end;
}


/* Skips white space and comments. */
static const char *
skip_blank(const char *p, const char *end)
{
    while (p < end) {
        if (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
            p++;
        } else if (end - p >= 2 && p[0] == '-' && p[1] == '-') {
            p = memchr(p, '\n', (size_t) (end - p));
            if (p == NULL) {
                return end;
            }
        } else if (end - p >= 2 && p[0] == '/' && p[1] == '*') {
            p = end - p > 2 ? memmem(p + 2, (size_t) (end - p - 2), "*/", 2) : NULL;
            if (p == NULL) {
                return end;
            }
            p += 2;
        } else {
            break;
        }
    }
    return p;
}


/* The token at p; returns where it ends. */
static const char *
read_token(const char *p, const char *end, lookout_token_t *token)
{
    const char *start = p;

    token->kind = LOOKOUT_TOKEN_OTHER;
    if (*p == '\'') {
        token->kind = LOOKOUT_TOKEN_STRING;
        p = quoted_end(p, end, '\'');
    } else if (*p == '"' || *p == '`' || *p == '[') {
        token->kind = LOOKOUT_TOKEN_NAME;
        p = quoted_end(p, end, (char) (*p == '[' ? ']' : *p));
        if (p - start >= 2) {
            token->text = (lookout_str_t){ start + 1, (size_t) (p - start - 2) };
            return p;
        }
    } else if (is_name_char((unsigned char) *p) && !(*p >= '0' && *p <= '9')) {
        token->kind = LOOKOUT_TOKEN_WORD;
        while (p < end && is_name_char((unsigned char) *p)) {
            p++;
        }
    } else {
        p++;
    }
    token->text = (lookout_str_t){ start, (size_t) (p - start) };
    return p;
}


static bool
same_name(lookout_str_t a, lookout_str_t b)
{
    return a.len == b.len && strncasecmp(a.data, b.data, a.len) == 0;
}


static bool
is_word(const lookout_token_t *token, const char *word)
{
    return token->kind == LOOKOUT_TOKEN_WORD && same_name(token->text, lookout_str(word));
}


static bool
is_char(const lookout_token_t *token, char c)
{
    return token->kind == LOOKOUT_TOKEN_OTHER && token->text.data[0] == c;
}


static bool
is_name(const lookout_token_t *token)
{
    return token->kind == LOOKOUT_TOKEN_WORD || token->kind == LOOKOUT_TOKEN_NAME;
}


/* Finds the ) of each ( . While one is open, its `end` leads to the one around it. */
static void
pair_parentheses(lookout_tokens_t *tokens)
{
    size_t i, around, open = 0; /* index + 1 of the innermost that is open */

    for (i = 0; i < tokens->n; i++) {
        if (is_char(&tokens->items[i], '(')) {
            tokens->items[i].end = open;
            open = i + 1;
        } else if (open != 0 && is_char(&tokens->items[i], ')')) {
            around = tokens->items[open - 1].end;
            tokens->items[open - 1].end = i + 1;
            open = around;
        }
    }
    for (; open != 0; open = around) {
        around = tokens->items[open - 1].end;
        tokens->items[open - 1].end = tokens->n;
    }
}


bool
lookout_scan(lookout_arena_t *arena, lookout_str_t text, lookout_tokens_t *tokens)
{
    const char *p = text.data, *end = text.data + text.len;

    tokens->n = 0;
    tokens->items = lookout_arena_alloc(arena, (text.len + 1) * sizeof(*tokens->items));
    if (tokens->items == NULL) {
        return false;
    }
    while ((p = skip_blank(p, end)) < end) {
        p = read_token(p, end, &tokens->items[tokens->n++]);
    }
    pair_parentheses(tokens);
    return true;
}


static const char *
verb_of(const lookout_token_t *token, size_t n_verbs)
{
    size_t i;

    for (i = 0; i < n_verbs; i++) {
        if (is_word(token, verbs[i])) {
            return verbs[i];
        }
    }
    return NULL;
}


const char *
lookout_scan_verb(lookout_tokens_t tokens)
{
    const char *verb;
    int depth = 0;
    size_t i;

    if (tokens.n == 0) {
        return NULL;
    }
    if (!is_word(&tokens.items[0], "WITH")) {
        return verb_of(&tokens.items[0], N_VERBS);
    }
    for (i = 1; i < tokens.n; i++) {
        if (is_char(&tokens.items[i], '(')) {
            depth++;
        } else if (is_char(&tokens.items[i], ')')) {
            depth--;
        } else if (depth == 0) {
            verb = verb_of(&tokens.items[i], N_WITH_VERBS);
            if (verb != NULL) {
                return verb;
            }
        }
    }
    return NULL;
}


/* --- Common table expressions --- */

typedef struct {
    lookout_str_t name;
    size_t weight; /* SELECTs that a use stands for */
    size_t end;    /* index of the token behind the body; 0: closed, may be used */
    size_t outer;  /* the definition that it stands in, as index + 1 */
} cte_t;


/* Does a definition, name [(columns)] AS [[NOT] MATERIALIZED] (SELECT ..., begin at token i?
 * Then the index of its body's parenthesis, else 0. */
static size_t
cte_body(lookout_tokens_t tokens, size_t i)
{
    if (!is_name(&tokens.items[i])) {
        return 0;
    }
    i++;
    if (i < tokens.n && is_char(&tokens.items[i], '(')) {
        i = tokens.items[i].end;
    }
    if (i >= tokens.n || !is_word(&tokens.items[i], "AS")) {
        return 0;
    }
    i++;
    if (i < tokens.n && is_word(&tokens.items[i], "NOT")) {
        i++;
    }
    if (i < tokens.n && is_word(&tokens.items[i], "MATERIALIZED")) {
        i++;
    }
    if (i + 1 >= tokens.n || !is_char(&tokens.items[i], '(')
        || !(is_word(&tokens.items[i + 1], "SELECT") || is_word(&tokens.items[i + 1], "WITH")
             || is_word(&tokens.items[i + 1], "VALUES"))) {
        return 0;
    }
    return i;
}


/* What a token adds: a SELECT itself, or what the expression of that name stands for. */
static size_t
weight_of(lookout_tokens_t tokens, size_t i, const cte_t *ctes, size_t n)
{
    const lookout_token_t *token = &tokens.items[i];

    if (is_word(token, "SELECT") || is_word(token, "VALUES")) {
        return 1;
    }
    if (!is_name(token) || (i + 1 < tokens.n && is_char(&tokens.items[i + 1], '.'))) {
        return 0;
    }
    while (n-- > 0) {
        if (ctes[n].end == 0 && same_name(ctes[n].name, token->text)) {
            return ctes[n].weight;
        }
    }
    return 0;
}


size_t
lookout_scan_unfolded(lookout_arena_t *arena, lookout_tokens_t tokens, size_t max)
{
    size_t i, n = 0, total = 0, open = 0, body, weight; /* open: index + 1 of the innermost */
    cte_t *ctes = NULL;

    for (i = 0; i < tokens.n; i++) {
        while (open != 0 && i >= ctes[open - 1].end) {
            ctes[open - 1].end = 0;
            open = ctes[open - 1].outer;
        }
        body = cte_body(tokens, i);
        if (body != 0) {
            if (ctes == NULL) {
                ctes = lookout_arena_alloc(arena, tokens.n * sizeof(*ctes));
                if (ctes == NULL) {
                    return max;
                }
            }
            ctes[n] = (cte_t){ .name = tokens.items[i].text,
                               .end = tokens.items[body].end,
                               .outer = open };
            open = ++n;
            i = body;
            continue;
        }
        weight = weight_of(tokens, i, ctes, n);
        if (open == 0) {
            total += weight;
        } else {
            ctes[open - 1].weight += weight;
        }
        if (weight >= max || total >= max || (open != 0 && ctes[open - 1].weight >= max)) {
            return max;
        }
    }
    return total;
}


/* --- The clock --- */

bool
lookout_scan_is_date(lookout_str_t name)
{
    size_t i;

    for (i = 0; i < sizeof(date_functions) / sizeof(date_functions[0]); i++) {
        if (same_name(name, lookout_str(date_functions[i]))) {
            return true;
        }
    }
    return false;
}


/* Does the call whose parenthesis is token i lack a time value: date(), strftime(format)? */
static bool
lacks_time(lookout_tokens_t tokens, size_t i, bool format)
{
    size_t end = tokens.items[i].end;
    int depth = 0;

    if (end <= i + 2) {
        return true;
    }
    if (!format) {
        return false;
    }
    for (; i < end; i++) {
        if (is_char(&tokens.items[i], '(')) {
            depth++;
        } else if (is_char(&tokens.items[i], ')')) {
            depth--;
        } else if (depth == 1 && is_char(&tokens.items[i], ',')) {
            return false;
        }
    }
    return true;
}


static bool
says_now(lookout_str_t text)
{
    size_t i;

    for (i = 0; i + 3 <= text.len; i++) {
        if (strncasecmp(text.data + i, "now", 3) == 0) {
            return true;
        }
    }
    return false;
}


bool
lookout_scan_now(lookout_tokens_t tokens)
{
    lookout_str_t name;
    size_t i;

    for (i = 0; i < tokens.n; i++) {
        if (tokens.items[i].kind == LOOKOUT_TOKEN_STRING) {
            if (says_now(tokens.items[i].text)) {
                return true;
            }
            continue;
        }
        if (!is_name(&tokens.items[i]) || i + 1 == tokens.n
            || !is_char(&tokens.items[i + 1], '(')) {
            continue;
        }
        name = tokens.items[i].text;
        if (lookout_scan_is_date(name)
            && lacks_time(tokens, i + 1, same_name(name, LOOKOUT_STR("strftime")))) {
            return true;
        }
    }
    return false;
}
