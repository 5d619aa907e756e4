/*
 * What the tests of the query room share: an arena, and a little extract in a temporary folder.
 * A test program includes it once.
 */

#ifndef QUERY_FIXTURE_H
#define QUERY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "../../ngx_lookout_module/base/clock.h"
#include "../../ngx_lookout_module/base/json.h"
#include "../../ngx_lookout_module/query/extract.h"

typedef struct {
    lookout_arena_t *arena;
    lookout_extract_t extract;
    lookout_error_t error;
    char folder[64];
    char path[96];
} fixture_t;

#define FIELD(n, t, r, null, samples, complete)                                                \
    {                                                                                          \
        .name = LOOKOUT_STR(n), .label = LOOKOUT_STR(n), .description = LOOKOUT_STR(""),       \
        .type = (t), .role = (r), .nullable = (null), .sample_values = LOOKOUT_STR(samples),   \
        .samples_complete = (complete),                                                        \
    }

static const lookout_field_t fixture_fields[] = {
    FIELD("stage", LOOKOUT_STRING, LOOKOUT_DIMENSION, false,
          "[\"Discovery\",\"Proposal\",\"Negotiation\",\"Closed Won\"]", true),
    FIELD("region", LOOKOUT_STRING, LOOKOUT_DIMENSION, true, "[\"EMEA\",\"NA\"]", false),
    FIELD("owner", LOOKOUT_STRING, LOOKOUT_DIMENSION, false, "[]", false),
    FIELD("amount_usd", LOOKOUT_FLOAT, LOOKOUT_MEASURE, true, "[]", false),
    FIELD("quantity", LOOKOUT_INTEGER, LOOKOUT_MEASURE, false, "[]", false),
    FIELD("is_won", LOOKOUT_BOOLEAN, LOOKOUT_DIMENSION, false, "[true,false]", true),
    FIELD("close_date", LOOKOUT_DATE, LOOKOUT_TIME, true, "[]", false),
    FIELD("close_quarter", LOOKOUT_STRING, LOOKOUT_DIMENSION, false, "[]", false),
    FIELD("created_at", LOOKOUT_TIMESTAMP, LOOKOUT_TIME, false, "[]", false),
};

static const char fixture_schema[] =
    "PRAGMA application_id = 0x4c4b4f45; PRAGMA user_version = 77;"
    "CREATE TABLE extract (stage TEXT NOT NULL, region TEXT, owner TEXT NOT NULL,"
    " amount_usd REAL, quantity INTEGER NOT NULL, is_won INTEGER NOT NULL, close_date TEXT,"
    " close_quarter TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;";

static const char fixture_rows[] =
    "INSERT INTO extract VALUES"
    "('Discovery','EMEA','Åse "
    "Lindqvist',84000.0,1,0,'2026-01-15','2026Q1','2025-12-31T23:30:00Z'),"
    "('Proposal','NA','ana',1500.5,2,0,'2026-02-01','2026Q1','2026-01-01T00:00:00Z'),"
    "('Proposal',NULL,'Zoë, \"Z\"',NULL,3,0,NULL,'2026Q1','2026-01-31T12:00:00Z'),"
    "('Negotiation','EMEA','ANA',20000.0,4,0,'2026-02-28','2026Q1','2026-02-28T23:59:59Z'),"
    "('Closed "
    "Won','APAC','bo',100.0,9007199254740993,1,'2026-04-30','2026Q2','2026-03-01T08:00:00Z'),"
    "('Closed Won','EMEA','',250.25,5,1,'2025-12-31','2025Q4','2026-03-02T09:00:00Z');";


/* Makes a file at the fixture's path out of SQL: aside and renamed, as extracts are written. */
static void
fixture_write(fixture_t *f, const char *sql, const char *more)
{
    char aside[128], *message = NULL;
    sqlite3 *db;

    (void) snprintf(aside, sizeof(aside), "%s.new", f->path);
    (void) unlink(aside);
    assert_int_equal(sqlite3_open(aside, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK
        || (more != NULL && sqlite3_exec(db, more, NULL, NULL, &message) != SQLITE_OK)) {
        fail_msg("%s", message);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(rename(aside, f->path), 0);
}


static inline void
fixture_open(fixture_t *f)
{
    lookout_code_e code = lookout_extract_fresh(&f->extract, f->path, f->arena, &f->error);

    if (code != LOOKOUT_OK) {
        fail_msg("not opened: %s", f->extract.db.why);
    }
    f->extract.fields = (lookout_fields_t){ fixture_fields, sizeof(fixture_fields)
                                                                / sizeof(fixture_fields[0]) };
}


/* The extract of six rows, open. */
static inline int
fixture_setup(void **state)
{
    fixture_t *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->arena = lookout_arena_create();
    (void) strcpy(f->folder, "/tmp/lookout-query-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void) snprintf(f->path, sizeof(f->path), "%s/extract.db", f->folder);
    fixture_write(f, fixture_schema, fixture_rows);
    fixture_open(f);
    *state = f;
    return 0;
}


static inline int
fixture_teardown(void **state)
{
    fixture_t *f = *state;

    lookout_extract_close(&f->extract);
    lookout_arena_destroy(f->arena);
    (void) unlink(f->path);
    (void) rmdir(f->folder);
    free(f);
    return 0;
}


/* Parses JSON of the test's own. */
static inline cJSON *
fixture_json(fixture_t *f, const char *text)
{
    lookout_json_error_t error;
    cJSON *tree = lookout_json_parse(f->arena, lookout_str(text), &error);

    if (tree == NULL) {
        fail_msg("test JSON: %s at %zu: %s", error.why, error.offset, text);
    }
    return tree;
}


/* A copy with a NUL, for cmocka's and C's string functions; "" for an absent text. */
static inline const char *
fixture_text(fixture_t *f, lookout_str_t s)
{
    return s.data == NULL ? "" : lookout_arena_copy(f->arena, s).data;
}


/* A member of the error's details as text: strings without quotes, others as JSON. */
static inline const char *
fixture_detail(fixture_t *f, const char *name)
{
    lookout_str_t raw = f->error.details.data == NULL
                            ? LOOKOUT_STR_NONE
                            : lookout_json_member(f->error.details, name);

    if (raw.len >= 2 && raw.data[0] == '"') {
        raw.data++;
        raw.len -= 2;
    }
    return fixture_text(f, raw);
}

#define assert_code(f, code, wanted)                                                           \
    do {                                                                                       \
        lookout_code_e got_code_ = (code);                                                     \
        if (got_code_ != (wanted)) {                                                           \
            fail_msg("got %s (%.*s), wanted %s", lookout_code_name(got_code_),                 \
                     LOOKOUT_STR_ARG((f)->error.message), lookout_code_name(wanted));          \
        }                                                                                      \
    } while (0)

#endif
