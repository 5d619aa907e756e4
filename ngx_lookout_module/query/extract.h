/*
 * An extract: one datasource's rows in a SQLite file of their own, with one STRICT table,
 * `extract`. Analysts' SQL sees it as `data`, a TEMP VIEW that is made when the file is opened.
 * Opened read-only and immutable; replaced by rename when the source is refreshed.
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

typedef struct {
    lookout_db_t db;
    lookout_fields_t fields; /* the catalogue's; set by the caller before each use */
    char version[40];        /* names the contents: the same in every process and machine */
} lookout_extract_t;

/* Makes sure that the extract is open on the file that `path` names now. On failure
 * DATASOURCE_OFFLINE with details.reason "extract_unreadable", without naming the path.
 * `version` is made from the file's user_version (a checksum of its contents, which the
 * writer sets) and its size. */
lookout_code_e lookout_extract_fresh(lookout_extract_t *extract, const char *path,
                                     lookout_arena_t *arena, lookout_error_t *error);

void lookout_extract_close(lookout_extract_t *extract);

#endif
