/*
 * The SQL gate: what of SQL an agent may run. SQLite's own parser and authorizer decide, on a
 * read-only connection that can see nothing but one extract; never a list of bad words.
 */

#ifndef LOOKOUT_GATE_H
#define LOOKOUT_GATE_H

#include "extract.h"

/* Sets the connection's limits (text 8 KB, length, columns, expression depth, compound selects, VDBE ops, attached 0, variables,
 * triggers, workers) and defensive settings, and overrides or removes functions. Once a connection. */
bool lookout_gate_harden(sqlite3 *sql);

/* Compiles an analyst's text into one read-only statement over `data`.
 * Errors: SQL_FORBIDDEN_CONSTRUCT (another kind of statement, more than one, another table, a function that is not on the list;
 * details {construct, name?}), SQL_PARSE_ERROR (details {sqliteMessage, offset?, suggestions?: nearest field names when a column is unknown}),
 * INVALID_QUERY (nothing but comments or white space, a parameter, too complex for the limits).
 * The caller finalizes *stmt. Stepping it has to happen while the gate stands: the authorizer stays set until lookout_gate_leave. */
lookout_code_e
lookout_gate_prepare(lookout_arena_t *arena, lookout_extract_t *extract, lookout_str_t text,
                     sqlite3_stmt **stmt, lookout_error_t *error);

/* Takes the authorizer off again. */
void lookout_gate_leave(lookout_extract_t *extract);

#endif
