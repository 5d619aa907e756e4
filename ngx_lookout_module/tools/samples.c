/*
 * Sample values of the rows that a scope shows, chosen as those in the catalogue are: all
 * values of a text or a boolean when they are few, else the most frequent; of numbers and times
 * the quantiles at a tenth, three tenths and so on, of some thousand rows.
 */

#include "samples.h"

#include "../query/run.h"
#include "policy.h"

#define ALL_MAX 25     /* values that are all listed */
#define ALL_BYTES 2000 /* and how long their list may get */
#define TYPICAL 5
#define TYPICAL_BYTES 100 /* longer values are no good as samples */
#define ROWS_LOOKED_AT 5000

typedef struct {
    lookout_call_t *call;
    lookout_extract_t *extract;
    lookout_samples_t *samples;
} reader_t;


static lookout_code_e
failed(const reader_t *r, int rc)
{
    return lookout_run_failed(r->call->arena, r->extract, rc, &r->call->watch, &r->call->error);
}


static bool
lists_all(const lookout_field_t *field)
{
    return field->type == LOOKOUT_STRING || field->type == LOOKOUT_BOOLEAN;
}


static void
sample_query(const reader_t *r, const lookout_field_t *field, lookout_sql_t *sql)
{
    const char *rows = lookout_extract_rows(r->extract);

    if (lists_all(field)) {
        lookout_buf_puts(sql->text, "SELECT ");
        lookout_sql_name(sql, field->name);
        lookout_buf_printf(sql->text,
                           " AS v, count(*) FROM %s WHERE v IS NOT NULL GROUP BY 1"
                           " ORDER BY 2 DESC, 1 LIMIT %d",
                           rows, ALL_MAX + 1);
        return;
    }
    lookout_buf_puts(sql->text,
                     "SELECT DISTINCT v FROM (SELECT v, row_number() OVER (ORDER BY v)"
                     " - 1 AS i, count(*) OVER () AS n FROM (SELECT ");
    lookout_sql_name(sql, field->name);
    lookout_buf_printf(sql->text,
                       " AS v FROM %s WHERE v IS NOT NULL AND rowid %% %lld = 0)) WHERE i IN"
                       " (n / 10, 3 * n / 10, 5 * n / 10, 7 * n / 10, 9 * n / 10) ORDER BY i",
                       rows, (long long) r->samples->row_count / ROWS_LOOKED_AT + 1);
}


/* Writes up to `max` values, each at most `bytes` long. *n: how many rows there were. */
static int
write_values(lookout_buf_t *b, sqlite3_stmt *stmt, lookout_type_e type, int max, int bytes,
             int *n)
{
    int rc, written = 0;

    *n = 0;
    lookout_buf_reset(b);
    lookout_json_open(b, '[');
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        (*n)++;
        if (written < max && sqlite3_column_bytes(stmt, 0) <= bytes) {
            written++;
            lookout_run_value(b, stmt, 0, type);
        }
    }
    lookout_json_close(b, ']');
    (void) sqlite3_reset(stmt);
    return rc;
}


static lookout_code_e
sample_field(const reader_t *r, const lookout_field_t *field, lookout_str_t *values)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_sql_t sql;
    sqlite3_stmt *stmt;
    int rc, n = 0;

    if (!lookout_sql_init(&sql, r->call->arena)) {
        return lookout_fail_memory(&r->call->error);
    }
    sample_query(r, field, &sql);
    rc = lookout_sql_prepare(&sql, r->extract->db.sql, &stmt);
    if (rc == SQLITE_OK) {
        rc = write_values(&b, stmt, field->type, ALL_MAX, ALL_BYTES, &n);
    }
    if (rc == SQLITE_DONE && (n > ALL_MAX || b.len > ALL_BYTES)) {
        rc = write_values(&b, stmt, field->type, TYPICAL, TYPICAL_BYTES, &n);
    }
    (void) sqlite3_finalize(stmt);
    *values = lookout_details(r->call->arena, &b);
    if (rc != SQLITE_DONE) {
        return failed(r, rc);
    }
    return values->data == NULL ? lookout_fail_memory(&r->call->error) : LOOKOUT_OK;
}


static lookout_code_e
count_rows(const reader_t *r)
{
    lookout_sql_t sql;
    sqlite3_stmt *stmt;
    int rc;

    if (!lookout_sql_init(&sql, r->call->arena)) {
        return lookout_fail_memory(&r->call->error);
    }
    lookout_buf_printf(sql.text, "SELECT count(*) FROM %s", lookout_extract_rows(r->extract));
    rc = lookout_sql_prepare(&sql, r->extract->db.sql, &stmt);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }
    if (rc == SQLITE_ROW) {
        r->samples->row_count = sqlite3_column_int64(stmt, 0);
    }
    (void) sqlite3_finalize(stmt);
    return rc == SQLITE_ROW ? LOOKOUT_OK : failed(r, rc);
}


static lookout_code_e
read_rows(const reader_t *r, lookout_fields_t fields)
{
    lookout_str_t *values =
        lookout_arena_alloc(r->call->arena, (fields.n + 1) * sizeof(*values));
    lookout_code_e code;
    size_t i;

    if (values == NULL) {
        return lookout_fail_memory(&r->call->error);
    }
    r->samples->values = values;
    code = count_rows(r);
    for (i = 0; code == LOOKOUT_OK && i < fields.n; i++) {
        code = sample_field(r, &fields.items[i], &values[i]);
    }
    return code;
}


/* Is the source there to be described, if not to be read (INVALID_QUERY: its extract has lost a
 * field)? What a moment cannot tell is not to be kept for the next. */
static bool
can_do_without(lookout_call_t *call, lookout_code_e code)
{
    call->cacheable = call->cacheable && code == LOOKOUT_OK;
    if (code != LOOKOUT_DATASOURCE_OFFLINE && code != LOOKOUT_QUERY_TIMEOUT
        && code != LOOKOUT_RESULT_TOO_LARGE && code != LOOKOUT_INVALID_QUERY) {
        return false;
    }
    call->error = (lookout_error_t){ .code = LOOKOUT_OK };
    return true;
}


lookout_code_e
lookout_samples(lookout_call_t *call, const lookout_datasource_t *source,
                lookout_samples_t *samples)
{
    reader_t r = { .call = call, .samples = samples };
    lookout_code_e code;

    *samples = (lookout_samples_t){ .limits = { NULL, 0 } };
    code = lookout_policy_filters(call, source, &samples->limits);
    if (code != LOOKOUT_OK) {
        return code;
    }
    if (lookout_session_heavy(call, source)) {
        return LOOKOUT_NEEDS_THREAD;
    }
    code = lookout_session_extract(call, source, &r.extract);
    if (code == LOOKOUT_OK) {
        code = read_rows(&r, source->fields);
    }
    samples->known = code == LOOKOUT_OK;
    return can_do_without(call, code) ? LOOKOUT_OK : code;
}
