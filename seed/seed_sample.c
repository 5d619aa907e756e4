/*
 * What the fields of an extract hold, for whoever writes filters and SQL: every value there is,
 * when those are few; else a handful of typical ones.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ngx_lookout_module/base/buf.h"
#include "seed.h"

#define COMPLETE_MAX 25     /* values that are all listed */
#define COMPLETE_BYTES 2000 /* and how long their list may get */
#define TYPICAL 5
#define ROWS_LOOKED_AT 5000
#define TYPICAL_BYTES 100 /* longer values are no good as samples */


static bool
lists_all(const lookout_field_t *field)
{
    return field->type == LOOKOUT_STRING || field->type == LOOKOUT_BOOLEAN;
}


/* The most frequent values of texts and booleans; of numbers and times the quantiles at a
 * tenth, three tenths and so on, which say more than what happens to come up twice. Those are
 * taken of some thousand rows from all over the table. */
static char *
sample_query(const lookout_field_t *field, int64_t rows)
{
    const char *name = field->name.data;

    if (lists_all(field)) {
        return sqlite3_mprintf("SELECT \"%w\", count(*) FROM extract WHERE \"%w\" IS NOT NULL "
                               "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %d",
                               name, name, COMPLETE_MAX + 1);
    }
    return sqlite3_mprintf(
        "SELECT DISTINCT v FROM (SELECT \"%w\" AS v, row_number() OVER (ORDER BY \"%w\") - 1 "
        "AS "
        "i, count(*) OVER () AS n FROM extract WHERE \"%w\" IS NOT NULL AND rowid %% %lld = 0) "
        "WHERE i IN (n / 10, 3 * n / 10, 5 * n / 10, 7 * n / 10, 9 * n / 10) ORDER BY i",
        name, name, name, (long long) rows / ROWS_LOOKED_AT + 1);
}


static void
write_value(lookout_buf_t *b, sqlite3_stmt *stmt, lookout_type_e type)
{
    switch (type) {
    case LOOKOUT_BOOLEAN:
        lookout_json_bool(b, sqlite3_column_int(stmt, 0) != 0);
        break;
    case LOOKOUT_INTEGER:
        lookout_json_int(b, sqlite3_column_int64(stmt, 0));
        break;
    case LOOKOUT_FLOAT:
        lookout_json_double(b, sqlite3_column_double(stmt, 0));
        break;
    default:
        lookout_json_str(b, (lookout_str_t){ (const char *) sqlite3_column_text(stmt, 0),
                                             (size_t) sqlite3_column_bytes(stmt, 0) });
    }
}


/* Writes up to `max` values that are not longer than `bytes`. Returns how many rows there were,
 * -1 on an error. */
static int
write_values(lookout_buf_t *b, sqlite3_stmt *stmt, lookout_type_e type, int max, int bytes)
{
    int rows = 0, written = 0, rc;

    lookout_buf_reset(b);
    lookout_json_open(b, '[');
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        rows++;
        if (written < max && sqlite3_column_bytes(stmt, 0) <= bytes) {
            write_value(b, stmt, type);
            written++;
        }
    }
    lookout_json_close(b, ']');
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? rows : -1;
}


static bool
sample_field(lookout_seed_t *seed, sqlite3_stmt *stmt, lookout_field_t *field)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    int rows = write_values(&b, stmt, field->type, COMPLETE_MAX, COMPLETE_BYTES);

    field->samples_complete =
        lists_all(field) && rows <= COMPLETE_MAX && b.len <= COMPLETE_BYTES;
    if (rows >= 0 && !field->samples_complete) {
        rows = write_values(&b, stmt, field->type, TYPICAL, TYPICAL_BYTES);
    }
    field->sample_values = lookout_arena_copy(seed->arena, lookout_buf_text(&b));
    if (b.failed || rows < 0) {
        field->sample_values = LOOKOUT_STR_NONE;
    }
    lookout_buf_free(&b);
    return field->sample_values.data != NULL;
}


bool
lookout_seed_samples(lookout_seed_t *seed, lookout_seed_source_t *source, sqlite3 *db)
{
    for (size_t i = 0; i < source->n_fields; i++) {
        char *sql = sample_query(&source->fields[i], source->row_count);
        sqlite3_stmt *stmt = NULL;
        bool sampled = sql != NULL && sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK
                       && sample_field(seed, stmt, &source->fields[i]);

        sqlite3_finalize(stmt);
        sqlite3_free(sql);
        if (!sampled) {
            return lookout_seed_fail(source->at, "the samples of \"%s\" could not be taken: %s",
                                     source->fields[i].name.data, sqlite3_errmsg(db));
        }
    }
    return true;
}
