/*
 * An extract: one datasource's rows in a SQLite file of their own, with one STRICT table,
 * `extract`. Opened read-only and immutable; replaced by rename when the source is refreshed.
 * The server's own SQL reads main.extract; an analyst's sees it as `data`, a TEMP VIEW that is
 * made when the file is opened.
 */

#ifndef LOOKOUT_EXTRACT_H
#define LOOKOUT_EXTRACT_H

#include "../base/arena.h"
#include "../base/db.h"
#include "../base/error.h"
#include "../base/field.h"

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

void lookout_extract_close(lookout_extract_t *extract);

/* DATASOURCE_OFFLINE, "extract_unreadable": also for a file that turns out to be damaged while
 * it is read. */
lookout_code_e lookout_extract_unreadable(lookout_arena_t *arena, lookout_error_t *error);

#endif
