/*
 * The SQL gate: what of SQL an agent may run. SQLite's own parser and authorizer decide, on a
 * read-only connection that can see nothing but one extract; never a list of bad words.
 */

#ifndef LOOKOUT_GATE_H
#define LOOKOUT_GATE_H

#include "extract.h"

#define LOOKOUT_GATE_TEXT_MAX 8192 /* bytes of an analyst's statement */

/* Sets the connection's limits and defensive settings, takes away all table-valued functions
 * but json_each and json_tree, and makes the view `data`. Once a connection, by
 * lookout_extract_fresh; extract->gate is made here. False with the reason in
 * extract->db.why. */
bool lookout_gate_harden(lookout_extract_t *extract);

/* Frees extract->gate; before the connection closes. */
void lookout_gate_free(lookout_extract_t *extract);

/* Compiles an analyst's text into one read-only statement over `data`. `*clock` (NULL: not
 * wanted) is set when the statement reads the time of day (date('now'), CURRENT_DATE, ...), so
 * that its result belongs to this moment and must not be cached.
 *
 * Errors: SQL_FORBIDDEN_CONSTRUCT (another kind of statement, more than one, another table, a
 * function that is not on the list; details {construct: "statement" | "statements" | "table" |
 * "function", name, allowed?, suggestions?}), SQL_PARSE_ERROR (details {sqliteMessage, offset?,
 * suggestions?: nearest field names when a column is unknown}), INVALID_QUERY (details {reason:
 * "empty" | "too_long" | "bad_text" | "parameter" | "too_complex"}).
 *
 * The caller finalizes *stmt, and then calls lookout_gate_leave; after an error there is
 * nothing to do. */
lookout_code_e
lookout_gate_prepare(lookout_arena_t *arena, lookout_extract_t *extract, lookout_str_t text,
                     sqlite3_stmt **stmt, bool *clock, lookout_error_t *error);

/* Takes the authorizer off again, for the server's own statements. */
void lookout_gate_leave(lookout_extract_t *extract);

#endif
