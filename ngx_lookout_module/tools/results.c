/*
 * A page of rows as a tool's result. The head of the answer is written before the query runs,
 * so that what is left of the envelope is known when rows are written.
 */

#include "results.h"

#include "../base/clock.h"
#include "envelope.h"


static bool
answer_query_id(lookout_answer_t *answer)
{
    bool ok;
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    lookout_buf_str(&text, answer->bond.scope);
    lookout_buf_putc(&text, '\n');
    lookout_buf_str(&text, answer->bond.version);

    lookout_sha256(lookout_buf_text(&text), digest);
    lookout_id_mint(answer->query_id, "qry_", digest);

    ok = !text.failed;
    lookout_buf_free(&text);
    return ok;
}


lookout_code_e
lookout_answer_begin(lookout_answer_t *answer, lookout_call_t *call,
                     const lookout_datasource_t *source, lookout_extract_t *extract,
                     lookout_str_t version, const lookout_result_limits_t *limits)
{
    lookout_str_t cursor;

    *answer = (lookout_answer_t){
        .call = call,
        .source = source,
        .extract = extract,
        .limits = limits,
        .bond = { .scope = call->bond, .version = version },
        .now = lookout_now(),
        .page = {
            .page_size = (uint32_t) lookout_arg_int(call, "pageSize", limits->page),
            .row_cap = limits->row_cap,
            .format = lookout_str_is(lookout_arg_str(call, "format"), "csv")
                          ? LOOKOUT_ROWS_CSV
                          : LOOKOUT_ROWS_JSON,
        },
    };

    if (!answer_query_id(answer)) {
        return lookout_fail_memory(&call->error);
    }

    cursor = lookout_arg_str(call, "cursor");
    if (cursor.data == NULL) {
        return LOOKOUT_OK;
    }

    return lookout_cursor_read(call->arena, &lookout_session_settings(call->session)->key,
                               answer->bond, cursor, &answer->page.offset, &call->error);
}


void
lookout_answer_open(lookout_answer_t *answer, const char *key, lookout_str_t id)
{
    lookout_buf_t *b = answer->call->out;

    lookout_json_open(b, '{');
    lookout_json_key(b, "queryId");
    lookout_json_cstr(b, answer->query_id);
    lookout_json_key(b, key);
    lookout_json_str(b, id);
    lookout_json_key(b, "executedAt");
    lookout_envelope_time(b, answer->now);
}


static void
answer_warnings(const lookout_answer_t *answer, const lookout_result_t *result)
{
    const char *next;
    lookout_arena_t *arena = answer->call->arena;
    lookout_buf_t *b = answer->call->out;

    lookout_json_key(b, "warnings");
    lookout_json_open(b, '[');

    lookout_warn_stale(b, answer->source, answer->now);
    if (result->dropped > 0) {
        next = lookout_arena_printf(arena, "nextCursor goes on with the first of them; or %s.",
                                    answer->limits->cures)
                   .data;
        lookout_warn_truncated(b, result->row_count, result->dropped, next == NULL ? "" : next);
    }

    lookout_json_close(b, ']');
}


static void
answer_write(const lookout_answer_t *answer, const lookout_result_t *result)
{
    lookout_buf_t *b = answer->call->out;

    lookout_json_key(b, "columns");
    lookout_columns_json(result->columns, b);

    if (answer->page.format == LOOKOUT_ROWS_CSV) {
        lookout_json_key(b, "csv");
        lookout_json_str(b, lookout_buf_text(&result->rows));
    } else {
        lookout_json_key(b, "rows");
        lookout_json_open(b, '[');
        lookout_buf_str(b, lookout_buf_text(&result->rows));
        lookout_json_close(b, ']');
    }

    lookout_json_key(b, "rowCount");
    lookout_json_int(b, result->row_count);
    lookout_json_key(b, "pageSize");
    lookout_json_int(b, answer->page.page_size);
    lookout_envelope_cursor(answer->call, answer->bond, result->next_offset);
    lookout_json_key(b, "truncated");
    lookout_json_bool(b, result->truncated);
    answer_warnings(answer, result);
    lookout_json_close(b, '}');
}


lookout_code_e
lookout_answer_rows(lookout_answer_t *answer, sqlite3_stmt *stmt, lookout_columns_t columns)
{
    size_t taken;
    lookout_code_e code;
    lookout_call_t *call = answer->call;
    lookout_result_t result;

    taken = call->out->len + LOOKOUT_ENVELOPE_TAIL;
    if (taken >= LOOKOUT_ENVELOPE_MAX) {
        return lookout_call_fail(
            call, LOOKOUT_ENVELOPE_TOO_LARGE,
            lookout_arena_printf(call->arena, "{\"maxBytes\":%d}", LOOKOUT_ENVELOPE_MAX),
            "The applied filters leave no room for rows in the %d bytes "
            "that a response may have. Use fewer or shorter values.",
            LOOKOUT_ENVELOPE_MAX);
    }
    answer->page.max_bytes = LOOKOUT_ENVELOPE_MAX - taken;

    code = lookout_run(call->arena, answer->extract, stmt, columns, &answer->page, &call->watch,
                       &result, &call->error);
    if (code != LOOKOUT_OK) {
        return code;
    }

    /* Rows that the time limit cut are those of a busy moment: the next call may get all. */
    call->cacheable = call->cacheable && call->watch.stopped == LOOKOUT_STOP_NONE;

    answer_write(answer, &result);

    lookout_warnings_until(call, answer->source, answer->now);
    call->rows = result.row_count;
    return lookout_envelope_finish(call, answer->limits->cures);
}
