/*
 * From a statement to a page. The rows of earlier pages are stepped over, the page's own are
 * written, and one more step says whether there are others.
 *
 * Columns of free SQL get their types from the values. Rows are written meanwhile, so when a
 * later value proves a type too narrow (1, 2, 2.5), what was written reads wrongly; then, and
 * only then, the statement runs a second time with the types that the first run ended with.
 */

#include "run.h"
#include "functions.h"
#include "sql.h"

typedef struct {
    lookout_arena_t *arena;
    lookout_extract_t *extract;
    sqlite3_stmt *stmt;
    const lookout_page_t *page;
    lookout_watch_t *watch;
    lookout_error_t *error;
    lookout_result_t *result;
    bool *seen;         /* a column of ours to type: it had a value that is not null */
    bool find_out;      /* the columns are ours to type */
    bool stale;         /* rows were written with a type that has changed since */
    uint32_t limit;     /* rows that the page may have */
    size_t room;        /* bytes of rows, as they count in the envelope */
    size_t used;        /* CSV: bytes so far, escaped */
    lookout_buf_t cell; /* CSV: where a line is escaped to be measured */
} run_t;


/* --- Columns of free SQL --- */

/* Takes the name that SQLite gives the column, made unique with _2, _3, ... */
static bool
name_column(run_t *r, size_t i)
{
    lookout_columns_t columns = r->result->columns;
    const char *given = sqlite3_column_name(r->stmt, (int) i);
    lookout_str_t name;
    unsigned turn;
    size_t k;

    if (given == NULL) {
        return false;
    }
    name = lookout_arena_copy(r->arena, lookout_str(given));
    for (k = 0, turn = 2; name.data != NULL && k < i; k++) {
        if (lookout_str_eq(name, columns.items[k].name)) {
            name = lookout_arena_printf(r->arena, "%s_%u", given, turn++);
            k = (size_t) -1; /* compare with all again */
        }
    }
    columns.items[i].name = name;
    return name.data != NULL;
}


/* The extract's field that the column is, as far as SQLite can tell; NULL: an expression. */
static const lookout_field_t *
origin(const run_t *r, int column)
{
    const char *table = sqlite3_column_table_name(r->stmt, column);
    const char *name = sqlite3_column_origin_name(r->stmt, column);

    if (table == NULL || name == NULL || strcmp(table, LOOKOUT_EXTRACT_TABLE) != 0) {
        return NULL;
    }
    return lookout_fields_find(r->extract->fields, lookout_str(name));
}


static bool
find_columns(run_t *r)
{
    lookout_columns_t *columns = &r->result->columns;
    const lookout_field_t *field;
    size_t i;

    columns->n = (size_t) sqlite3_column_count(r->stmt);
    columns->items = lookout_arena_alloc(r->arena, columns->n * sizeof(*columns->items));
    r->seen = lookout_arena_alloc(r->arena, columns->n * sizeof(*r->seen));
    if (columns->items == NULL || r->seen == NULL) {
        return false;
    }
    for (i = 0; i < columns->n; i++) {
        if (!name_column(r, i)) {
            return false;
        }
        field = origin(r, (int) i);
        r->seen[i] = field != NULL;
        columns->items[i].type = field == NULL ? LOOKOUT_STRING : field->type;
        columns->items[i].role = field == NULL ? LOOKOUT_DIMENSION : field->role;
        columns->items[i].nullable = field == NULL || field->nullable;
    }
    return true;
}


/* Does the text look like a value of the type? Shape alone: extracts hold valid ones. */
static bool
text_fits(sqlite3_stmt *stmt, int column, lookout_type_e type)
{
    int len = sqlite3_column_bytes(stmt, column);
    const char *text;

    if (type == LOOKOUT_STRING) {
        return true;
    }
    if (type != LOOKOUT_DATE && type != LOOKOUT_TIMESTAMP) {
        return false;
    }
    text = (const char *) sqlite3_column_text(stmt, column);
    if (text == NULL || len != (type == LOOKOUT_DATE ? 10 : 20)) {
        return false;
    }
    return text[4] == '-' && text[7] == '-' && (len == 10 || text[10] == 'T');
}


/* The narrowest type that holds both what the column had so far and the value it has now. */
static lookout_type_e
widen(sqlite3_stmt *stmt, int column, int storage, lookout_type_e type)
{
    if (storage == SQLITE_TEXT) {
        return text_fits(stmt, column, type) ? type : LOOKOUT_STRING;
    }
    if (type != LOOKOUT_INTEGER && type != LOOKOUT_FLOAT && type != LOOKOUT_BOOLEAN) {
        return LOOKOUT_STRING;
    }
    if (storage == SQLITE_FLOAT || type == LOOKOUT_FLOAT) {
        return LOOKOUT_FLOAT;
    }
    if (type == LOOKOUT_BOOLEAN && (uint64_t) sqlite3_column_int64(stmt, column) <= 1) {
        return LOOKOUT_BOOLEAN;
    }
    return LOOKOUT_INTEGER;
}


static lookout_type_e
first_type(int storage)
{
    return storage == SQLITE_INTEGER ? LOOKOUT_INTEGER
           : storage == SQLITE_FLOAT ? LOOKOUT_FLOAT
                                     : LOOKOUT_STRING;
}


/* Learns from the row that the statement stands on. */
static void
observe(run_t *r)
{
    lookout_column_t *column;
    lookout_type_e type;
    int storage;
    size_t i;

    for (i = 0; i < r->result->columns.n; i++) {
        column = &r->result->columns.items[i];
        storage = sqlite3_column_type(r->stmt, (int) i);
        if (storage == SQLITE_NULL || storage == SQLITE_BLOB) {
            column->nullable = true;
            continue;
        }
        type =
            r->seen[i] ? widen(r->stmt, (int) i, storage, column->type) : first_type(storage);
        if (r->seen[i] && type == column->type) {
            continue;
        }
        if (r->seen[i] && r->result->row_count > 0) {
            r->stale = true;
        }
        r->seen[i] = true;
        column->type = type;
        column->role = type == LOOKOUT_INTEGER || type == LOOKOUT_FLOAT ? LOOKOUT_MEASURE
                                                                        : LOOKOUT_DIMENSION;
    }
}


/* --- Writing --- */

/* Writes the row, or takes it back and counts it as dropped when it does not fit any more. */
static void
write_row(run_t *r)
{
    lookout_buf_t *rows = &r->result->rows;
    size_t start = rows->len, used;

    if (r->stale) {
        return;
    }
    if (r->result->dropped > 0) {
        r->result->dropped++;
        return;
    }
    if (r->page->format == LOOKOUT_ROWS_JSON) {
        lookout_row_json(rows, r->stmt, r->result->columns);
        used = rows->len;
    } else {
        lookout_csv_row(rows, r->stmt, r->result->columns);
        used = r->used;
        if (r->page->max_bytes != 0 && !rows->failed) {
            lookout_buf_reset(&r->cell);
            lookout_buf_json_escape(&r->cell,
                                    (lookout_str_t){ rows->data + start, rows->len - start });
            used += r->cell.len;
        }
    }
    if (r->page->max_bytes != 0 && used > r->room) {
        lookout_buf_cut(rows, start);
        r->result->dropped = 1;
        return;
    }
    r->used = used;
    r->result->row_count++;
}


/* Empties the result, and works out how much room the rows have beside the columns. */
static void
begin(run_t *r)
{
    lookout_result_t *result = r->result;
    size_t columns;

    result->row_count = 0;
    result->dropped = 0;
    r->used = 0;
    r->stale = false;
    lookout_buf_reset(&result->rows);

    lookout_buf_reset(&r->cell);
    lookout_columns_json(result->columns, &r->cell);
    /* Types that are still to be found out may get longer names: "float" -> "string". */
    columns = r->cell.len + (r->find_out ? 16 * result->columns.n : 0);
    r->room = r->page->max_bytes > columns ? r->page->max_bytes - columns : 0;

    if (r->page->format == LOOKOUT_ROWS_CSV) {
        lookout_csv_header(&result->rows, result->columns);
        lookout_buf_reset(&r->cell);
        lookout_buf_json_escape(&r->cell, lookout_buf_text(&result->rows));
        r->used = r->cell.len;
    }
}


/* --- Stepping --- */

/* Steps through the page: SQLITE_DONE, SQLITE_ROW when there is more behind it, or an error. */
static int
step_page(run_t *r)
{
    uint64_t position, end = (uint64_t) r->page->offset + r->limit;
    int rc = SQLITE_DONE;

    if (r->watch != NULL && lookout_watch_over(r->watch)) {
        return SQLITE_INTERRUPT;
    }
    for (position = 0;; position++) {
        rc = sqlite3_step(r->stmt);
        if (rc != SQLITE_ROW || position == end) {
            return rc;
        }
        if (r->find_out) {
            observe(r);
        }
        if (position >= r->page->offset) {
            write_row(r);
        }
        if (r->result->dropped > 0 && r->result->row_count == 0) {
            return SQLITE_ROW; /* not even one row fits */
        }
    }
}


static lookout_code_e
too_large(lookout_arena_t *arena, lookout_error_t *error, const char *what)
{
    return lookout_fail(arena, error, LOOKOUT_RESULT_TOO_LARGE,
                        LOOKOUT_STR("{\"reason\":\"memory\"}"),
                        "%s. Aggregate, filter, or select fewer columns.", what);
}


lookout_code_e
lookout_run_failed(lookout_arena_t *arena, lookout_extract_t *extract, int rc,
                   const lookout_watch_t *watch, lookout_error_t *error)
{
    lookout_buf_t details = LOOKOUT_BUF_INIT;
    const char *message = sqlite3_errmsg(extract->db.sql);

    switch (rc & 0xff) {
    case SQLITE_INTERRUPT:
        switch (watch == NULL ? LOOKOUT_STOP_CANCELLED : watch->stopped) {
        case LOOKOUT_STOP_SLICE:
            return LOOKOUT_NEEDS_THREAD;
        case LOOKOUT_STOP_DEADLINE:
            return lookout_fail(
                arena, error, LOOKOUT_QUERY_TIMEOUT, LOOKOUT_STR_NONE,
                "The query ran into its time limit before it gave a row. Filter "
                "the rows, aggregate fewer columns, or avoid joining data with "
                "itself.");
        case LOOKOUT_STOP_MEMORY:
            return too_large(arena, error, "The query needs more memory than it may use");
        default:
            return LOOKOUT_CANCELLED;
        }
    case SQLITE_NOMEM:
        return too_large(arena, error, "The query needs more memory than it may use");
    case SQLITE_FULL:
        return too_large(arena, error,
                         "The query sorts or groups more than it may put on disk");
    case SQLITE_TOOBIG:
        return too_large(arena, error, "A text or list that the query makes grew too long");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return lookout_extract_unreadable(arena, error);
    default:
        lookout_json_open(&details, '{');
        lookout_json_key(&details, "sqliteMessage");
        lookout_json_cstr(&details, message);
        lookout_json_close(&details, '}');
        return lookout_fail(arena, error, LOOKOUT_INVALID_QUERY,
                            lookout_details(arena, &details),
                            "The query failed while it ran: %s.", message);
    }
}


static lookout_code_e
no_room(run_t *r)
{
    return lookout_fail(
        r->arena, r->error, LOOKOUT_ENVELOPE_TOO_LARGE,
        lookout_arena_printf(r->arena, "{\"maxBytes\":%zu}", r->page->max_bytes),
        "One row of the result alone is larger than an answer may be. Select "
        "fewer columns, or shorten long texts with substr().");
}


/* Sets the signals of pagination and truncation from how the stepping ended. */
static lookout_code_e
conclude(run_t *r, int rc)
{
    lookout_result_t *result = r->result;
    bool at_cap = (uint64_t) r->page->offset + r->limit >= r->page->row_cap;
    lookout_code_e code;

    if (result->rows.failed || r->cell.failed) {
        return lookout_fail_memory(r->error);
    }
    if (result->dropped > 0 && result->row_count == 0) {
        return no_room(r);
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        code = lookout_run_failed(r->arena, r->extract, rc, r->watch, r->error);
        if (code != LOOKOUT_QUERY_TIMEOUT || result->row_count == 0 || r->stale) {
            return code;
        }
        *r->error = (lookout_error_t){ 0 };
        result->truncated = result->dropped == 0;
    } else if (rc == SQLITE_ROW && at_cap) {
        if (r->page->offset == 0 && r->page->page_size >= r->page->row_cap) {
            return lookout_fail(
                r->arena, r->error, LOOKOUT_RESULT_TOO_LARGE,
                lookout_arena_printf(r->arena, "{\"reason\":\"row_cap\",\"rowCap\":%u}",
                                     r->page->row_cap),
                "The result has more than %u rows, the most that one query may return. Filter "
                "or "
                "aggregate it, or ask for a smaller pageSize to see its beginning.",
                r->page->row_cap);
        }
        result->truncated = result->dropped == 0;
    } else if (rc == SQLITE_ROW) {
        result->next_offset = r->page->offset + r->limit;
    }
    if (result->dropped > 0) {
        result->next_offset = r->page->offset + result->row_count;
    }
    return LOOKOUT_OK;
}


static void
free_rows(void *data)
{
    lookout_buf_free(data);
}


/* Leaves the rows' memory to the arena. */
static bool
give_rows(run_t *r)
{
    lookout_buf_t *owner = lookout_arena_alloc(r->arena, sizeof(*owner));

    if (owner == NULL) {
        lookout_buf_free(&r->result->rows);
        return false;
    }
    *owner = r->result->rows;
    return lookout_arena_defer(r->arena, free_rows, owner);
}


lookout_code_e
lookout_run(lookout_arena_t *arena, lookout_extract_t *extract, sqlite3_stmt *stmt,
            lookout_columns_t columns, const lookout_page_t *page, lookout_watch_t *watch,
            lookout_result_t *result, lookout_error_t *error)
{
    uint32_t left = page->offset < page->row_cap ? page->row_cap - page->offset : 0;
    lookout_code_e code;
    run_t r = {
        .arena = arena,
        .extract = extract,
        .stmt = stmt,
        .page = page,
        .watch = watch,
        .error = error,
        .result = result,
        .find_out = columns.n == 0,
        .limit = page->page_size < left ? page->page_size : left,
    };
    int rc;

    *result = (lookout_result_t){ .columns = columns };
    if (r.find_out && !find_columns(&r)) {
        return lookout_fail_memory(error);
    }

    lookout_watch_set(extract->db.sql, watch);
    lookout_functions_watch(extract, watch);
    begin(&r);
    rc = step_page(&r);
    if (r.stale && (rc == SQLITE_ROW || rc == SQLITE_DONE)) {
        (void) sqlite3_reset(stmt);
        begin(&r);
        rc = step_page(&r);
    }
    code = conclude(&r, rc);
    lookout_functions_watch(extract, NULL);
    lookout_watch_set(extract->db.sql, NULL);

    lookout_buf_free(&r.cell);
    if (!give_rows(&r)) {
        code = lookout_fail_memory(error);
    }
    return code;
}
