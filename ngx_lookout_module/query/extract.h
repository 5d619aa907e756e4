/*
 * An extract: one datasource's rows in a SQLite file of their own, with one STRICT table,
 * `extract`. Opened read-only and immutable; replaced by rename when the source is refreshed.
 * The server's own SQL reads main.extract; an analyst's sees it as `data`, a TEMP VIEW that is
 * made when the file is opened.
 *
 * A connection can be restricted to the rows that fit some filters. Then both read views that
 * show these rows only, and no statement of an analyst computes anything from another row.
 */

#ifndef LOOKOUT_EXTRACT_H
#define LOOKOUT_EXTRACT_H

#include "../base/arena.h"
#include "../base/db.h"
#include "../base/error.h"
#include "../base/field.h"
#include "filter.h"

#define LOOKOUT_EXTRACT_APPLICATION_ID 0x4c4b4f45u /* 'LKOE' */
#define LOOKOUT_EXTRACT_TABLE "extract"
#define LOOKOUT_EXTRACT_ALIAS "data"

typedef struct lookout_gate_s lookout_gate_t;           /* gate.c's state of a connection */
typedef struct lookout_functions_s lookout_functions_t; /* functions.c's */

/* Zeroed: not open. */
typedef struct {
    lookout_db_t db;
    lookout_fields_t fields; /* the catalogue's; set by the caller before each use */
    char version[40];        /* names the contents: the same in every process and machine */
    lookout_gate_t *gate;    /* owned; NULL: not open */
    lookout_functions_t *functions; /* owned; NULL: not open */
} lookout_extract_t;

/* Makes sure that the extract is open on the file that `path` names now, hardened, with the
 * server's SQL functions and the view `data`. Every statement on the older file must have been
 * finalized. On failure DATASOURCE_OFFLINE with details.reason "extract_unreadable", without
 * naming the path; extract->db.why says more, for the log. `version` is made from the file's
 * user_version (a checksum of its contents, which the writer sets) and its size. */
lookout_code_e lookout_extract_fresh(lookout_extract_t *extract, const char *path,
                                     lookout_arena_t *arena, lookout_error_t *error);

/* Restricts the connection to the rows that fit all of the filters, from here on; without any,
 * to none: it shows all rows again. Cheap when nothing changes. Every statement on the
 * connection must have been finalized. On failure the extract is closed, and shows nothing
 * until lookout_extract_fresh: INTERNAL_ERROR of lookout_extract_unfit, or of memory. */
lookout_code_e lookout_extract_restrict(lookout_arena_t *arena, lookout_extract_t *extract,
                                        lookout_filters_t filters, lookout_error_t *error);

/* What the server's own SQL reads, as it stands behind FROM: main.extract, or the restricted
 * view, which has a column `rowid` too. Until the restriction changes. */
const char *lookout_extract_rows(const lookout_extract_t *extract);

/* INTERNAL_ERROR, details {"reason": "scope_filter"} and nothing else: the filters that the
 * operator set do not fit this source, so nothing of it is shown. */
lookout_code_e lookout_extract_unfit(lookout_arena_t *arena, lookout_error_t *error);

void lookout_extract_close(lookout_extract_t *extract);

/* DATASOURCE_OFFLINE, "extract_unreadable": also for a file that turns out to be damaged while
 * it is read. */
lookout_code_e lookout_extract_unreadable(lookout_arena_t *arena, lookout_error_t *error);

#endif
