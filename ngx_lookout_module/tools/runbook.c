/*
 * The runbook's table, and the resources that show it.
 */

#include "runbook.h"

#include "../base/text.h"

#define RUNBOOK_URI "lookout://runbook"

#define ERROR "error"
#define WARNING "warning"
#define JOB "error of a job"
#define REASON "reason of a job's INTERNAL_ERROR"

#define NO "No."

#define CODE_MAX 256 /* bytes of a wrong code that are compared with the right ones */

const lookout_runbook_row_t lookout_runbook[] = {
    {
        .code = "DATASOURCE_OFFLINE",
        .where = ERROR,
        .means = "The datasource is offline (reason `source_offline`), or its extract cannot "
                 "be read (`extract_unreadable`).",
        .details = "datasourceId, name, status, lastRefreshedAt, reason",
        .agent = "Ask the user whether to wait, or use another datasource: list_datasources "
                 "shows which are online. get_datasource still shows its fields.",
        .operators = "`source_offline`: bring its connection back and refresh it. "
                     "`extract_unreadable`: the error log names the file; put a whole one in "
                     "its place.",
        .again = "Not before something was done; then at once, without a restart.",
    },
    {
        .code = "DATASOURCE_NOT_FOUND",
        .where = ERROR,
        .means = "No such datasource, or it was deleted.",
        .details = "datasourceId",
        .agent = "Take the id from list_datasources.",
        .operators = "",
        .again = NO,
    },
    {
        .code = "WORKBOOK_NOT_FOUND",
        .where = ERROR,
        .means = "No such workbook, or it was deleted.",
        .details = "workbookId",
        .agent = "Take the id from list_workbooks.",
        .operators = "",
        .again = NO,
    },
    {
        .code = "VIEW_NOT_FOUND",
        .where = ERROR,
        .means = "No such view, or it, its workbook or its datasource was deleted.",
        .details = "viewId",
        .agent = "Take the id from list_views.",
        .operators = "",
        .again = NO,
    },
    {
        .code = "JOB_NOT_FOUND",
        .where = ERROR,
        .means = "No such export (reason `unknown`), or its files were cleared away "
                 "(`expired`). Of a resource also: it has no file yet (`queued`, `running`), "
                 "or will have none (`failed`).",
        .details = "jobId, reason, pollAfterMs, error",
        .agent = "Call export_view_csv with the same arguments: it makes the same job again. "
                 "One that runs: call get_job until it is completed.",
        .operators = "Files that go too soon: raise `lookout_files_max_age` or "
                     "`lookout_files_max_size`.",
        .again = "Only while the reason is `queued` or `running`.",
    },
    {
        .code = "RENDER_JOB_NOT_FOUND",
        .where = ERROR,
        .means = "The same of a render.",
        .details = "renderJobId, reason, pollAfterMs, error",
        .agent = "Call create_view_render with the same arguments. One that runs: call "
                 "get_render_job until it has succeeded.",
        .operators = "As for JOB_NOT_FOUND.",
        .again = "Only while the reason is `queued` or `running`.",
    },
    {
        .code = "EXTRACT_STALE",
        .where = WARNING,
        .means = "The datasource is older than it promises to be. On every answer that used "
                 "it, not on lists. The data are whole, and as they were then.",
        .details = "datasourceId, lastRefreshedAt, freshnessSlaSeconds, ageSeconds",
        .agent = "Say so with the numbers: how old they are, and from when.",
        .operators = "See why the refresh is late; or set a freshness that it can keep.",
        .again = "Not before a refresh.",
    },
    {
        .code = "QUERY_TIMEOUT",
        .where = ERROR ", " JOB,
        .means = "No row was there within the time limit; in a job: the export took too long.",
        .details = "",
        .agent = "Filter, aggregate, select fewer columns; do not join `data` with itself "
                 "without a condition. Exports: in parts, with filterOverrides.",
        .operators = "Many of them: look at the load of the machine; raise "
                     "`lookout_query_timeout` or the threads of `thread_pool lookout`.",
        .again = "Hardly: the same work takes as long. Make it less.",
    },
    {
        .code = "RESULT_TOO_LARGE",
        .where = ERROR ", " JOB,
        .means = "More rows than the cap, asked for on one page (reason `row_cap`); or more "
                 "memory than a query may use (`memory`; of get_view's statistics: "
                 "`memoryLimit`).",
        .details = "reason, rowCap",
        .agent = "Aggregate in SQL or ask for a smaller page; export_view_csv has no row cap.",
        .operators = "`memory`: `lookout_query_memory`.",
        .again = NO,
    },
    {
        .code = "INVALID_FILTER",
        .where = ERROR,
        .means = "A filter names a field that the datasource does not have, or its operator or "
                 "value does not fit the field's type.",
        .details = "index, field, op, reason, suggestions, allowed",
        .agent = "Mend that filter; `suggestions` holds the nearest names and values.",
        .operators = "",
        .again = NO,
    },
    {
        .code = "INVALID_QUERY",
        .where = ERROR,
        .means = "The SQL is valid but cannot be run: too complex, or it fails on the data.",
        .details = "reason or sqliteMessage",
        .agent = "Simplify it: fewer subqueries, shorter expressions; check what it divides by "
                 "or converts.",
        .operators = "",
        .again = NO,
    },
    {
        .code = "SQL_FORBIDDEN_CONSTRUCT",
        .where = ERROR,
        .means = "The SQL is more than one SELECT over `data`, or calls a function that is not "
                 "allowed.",
        .details = "construct, name, allowed, suggestions",
        .agent = "Write one SELECT over the table `data`; WITH and window functions are fine. "
                 "Nothing else is there to be reached.",
        .operators = "Many from one caller: somebody may be trying doors. None of them opens.",
        .again = NO,
    },
    {
        .code = "SQL_PARSE_ERROR",
        .where = ERROR,
        .means = "Not valid SQL (of SQLite), or an unknown column.",
        .details = "sqliteMessage, offset, suggestions",
        .agent = "Mend it at `offset`; get_datasource names the fields.",
        .operators = "",
        .again = NO,
    },
    {
        .code = "CHART_TYPE_UNSUPPORTED",
        .where = JOB,
        .means = "Charts of this type are not drawn.",
        .details = "",
        .agent = "Take the rows: query_view_data, or export_view_csv for all of them.",
        .operators = "Give the view a chart type that is drawn.",
        .again = NO,
    },
    {
        .code = "SCHEMA_DRIFT",
        .where = ERROR,
        .means = "The view names fields that its datasource has lost, or whose type has "
                 "changed (`mismatchedFields`).",
        .details = "viewId, missingFields, availableFields, mismatchedFields",
        .agent = "Tell the user that the view is broken; query_datasource still works, with "
                 "the fields that exist.",
        .operators = "The view's author has to name the fields anew, or the refresh to bring "
                     "them back.",
        .again = NO,
    },
    {
        .code = "INVALID_INPUT",
        .where = ERROR,
        .means = "The arguments do not fit the tool's input schema.",
        .details = "errors (path, message)",
        .agent = "Mend all that are named, then call again.",
        .operators = "",
        .again = NO,
    },
    {
        .code = "INVALID_PAGE_SIZE",
        .where = ERROR,
        .means = "`pageSize` is out of range, and nothing else is wrong.",
        .details = "path, min, max, value",
        .agent = "Use a size within `min` and `max`.",
        .operators = "",
        .again = NO,
    },
    {
        .code = "INVALID_CURSOR",
        .where = ERROR,
        .means = "The cursor was altered (reason `malformed`), is of another call (`foreign`), "
                 "or the data were refreshed since (`data_refreshed`).",
        .details = "reason",
        .agent = "Begin again without a cursor, and then send nextCursor unchanged, with all "
                 "other arguments as they were.",
        .operators = "All cursors at once: the key file is another one; machines that share an "
                     "address have to share it.",
        .again = NO,
    },
    {
        .code = "RESPONSE_TRUNCATED",
        .where = WARNING,
        .means = "Rows, items or a file's content were left out, so that the answer fits "
                 "256 KB.",
        .details = "returnedRows, droppedRows; or omitted, bytes",
        .agent = "Rows and items: go on with nextCursor. A file: fetch `fileUrl`.",
        .operators = "",
        .again = "The same is left out each time.",
    },
    {
        .code = "ENVELOPE_TOO_LARGE",
        .where = ERROR,
        .means = "The answer is over 256 KB and there are no rows to leave out; or a file is, "
                 "that was read as a resource.",
        .details = "bytes, maxBytes, fileUrl",
        .agent = "Ask for less: fewer columns, fewer filter values, a smaller picture. A file: "
                 "fetch `fileUrl`.",
        .operators = "A single object that is as large: shorten its texts.",
        .again = NO,
    },
    {
        .code = "RATE_LIMITED",
        .where = ERROR,
        .means = "Too many requests: HTTP 429, in the JSON-RPC error's `data.code`.",
        .details = "",
        .agent = "Wait as long as `Retry-After` says. Aggregate rather than page.",
        .operators = "The limits are nginx's own, `limit_req` in the configuration.",
        .again = "Yes, after `Retry-After` seconds.",
    },
    {
        .code = "TOOL_NOT_FOUND",
        .where = ERROR,
        .means = "No such tool: JSON-RPC error -32602, in its `data.code`.",
        .details = "name, suggestions",
        .agent = "tools/list names them.",
        .operators = "",
        .again = NO,
    },
    {
        .code = "INTERNAL_ERROR",
        .where = ERROR ", " JOB,
        .means = "The server's side: out of memory, a call that was stopped with the server, "
                 "the catalogue unreadable (reason `catalogue_unreadable`) or one of its rows "
                 "broken (`catalogue_row_broken`), a view's encoding (`bad_encoding`), row "
                 "filters of the scope that do not fit a datasource (`scope_filter`), jobs "
                 "that cannot be kept.",
        .details = "reason and what belongs to it",
        .agent = "Try once more in a moment; if it stays, tell the user to tell the operator, "
                 "with the message.",
        .operators = "The error log says which file and why. A whole file in its place is "
                     "noticed at the next call, without a restart. `scope_filter`: mend the "
                     "filters of the scoped server; a field, an operator or a value is not one "
                     "that the datasource has.",
        .again = "Once, in a moment.",
    },
    {
        .code = "RENDER_TIMEOUT",
        .where = JOB,
        .means = "The picture took longer than `lookout_render_timeout`.",
        .details = "",
        .agent = "Narrow the view with filterOverrides, or ask for a smaller picture; "
                 "export_view_csv gives the rows.",
        .operators = "Many of them: look at the load; raise `lookout_render_timeout`.",
        .again = "After 30 seconds it is tried again; when the machine was busy, that helps.",
    },
    {
        .code = "STORAGE_FULL",
        .where = REASON,
        .means = "The disk, a quota or the largest file size ended the job. Nothing of it is "
                 "left there.",
        .details = "reason",
        .agent = "Use query_view_data meanwhile, and tell the user.",
        .operators = "Make room in the folder of `lookout_state`, or lower "
                     "`lookout_files_max_size` and `lookout_files_max_age`.",
        .again = "When there is room; after 30 seconds it is tried again.",
    },
    {
        .code = "STORAGE_UNAVAILABLE",
        .where = REASON,
        .means = "The folder of renders and exports cannot be written to.",
        .details = "reason",
        .agent = "Use query_view_data meanwhile, and tell the user.",
        .operators = "The error log says why: look at the folder of `lookout_state`, its owner "
                     "and rights, and whether its disk is there.",
        .again = "When it was mended; after 30 seconds it is tried again.",
    },
    {
        .code = "JOB_INTERRUPTED",
        .where = REASON,
        .means = "Four workers ended while they were at this job, or it lay abandoned for ten "
                 "minutes and nobody asked for it.",
        .details = "reason",
        .agent = "Call the tool that made it with the same arguments, narrowed if it happens "
                 "again.",
        .operators = "Workers that end: look for signals, and for the kernel's out-of-memory "
                     "killer, in the logs.",
        .again = "Yes, after 30 seconds.",
    },
    { .code = NULL },
};

#define ROWS (sizeof(lookout_runbook) / sizeof(lookout_runbook[0]) - 1)


static void
write_line(lookout_buf_t *b, const char *what, const char *text)
{
    if (text[0] != '\0') {
        lookout_buf_printf(b, "- **%s**: %s\n", what, text);
    }
}


/* A section; `level` is of its heading. */
static void
write_row(lookout_buf_t *b, const lookout_runbook_row_t *row, const char *level)
{
    lookout_buf_printf(b, "%s %s\n\n", level, row->code);
    write_line(b, "Kind", row->where);
    write_line(b, "Means", row->means);
    write_line(b, "In details", row->details);
    write_line(b, "Agent", row->agent);
    write_line(b, "Operator",
               row->operators[0] != '\0' ? row->operators
                                         : "nothing to do; it is the caller's.");
    write_line(b, "Does it help to send the same again", row->again);
}


lookout_code_e
lookout_read_runbook(lookout_call_t *call)
{
    const lookout_runbook_row_t *row;

    lookout_buf_puts(
        call->out, "# Runbook\n\nEach code that an answer of this server can carry: what it "
                   "means, what an agent does about it, and what the operator does. Codes are "
                   "stable; messages say more about the case at hand, and may change. A "
                   "warning stands in `warnings` of an answer that is good otherwise. The "
                   "error of a job stands in `error` of get_render_job or get_job.\n");
    for (row = lookout_runbook; row->code != NULL; row++) {
        lookout_buf_putc(call->out, '\n');
        write_row(call->out, row, "##");
    }
    return LOOKOUT_OK;
}


/* There is no such code: what it may have been. */
static lookout_code_e
runbook_unknown(lookout_call_t *call, lookout_str_t code)
{
    size_t i, at;
    lookout_str_t codes[ROWS], hint = LOOKOUT_STR(";");

    code.len = code.len > CODE_MAX ? CODE_MAX : code.len;
    for (i = 0; i < ROWS; i++) {
        codes[i] = lookout_str(lookout_runbook[i].code);
    }
    if (lookout_nearest(call->arena, code, codes, ROWS, &at, 1) == 1) {
        hint = lookout_arena_printf(call->arena, "; did you mean %.*s?",
                                    LOOKOUT_STR_ARG(codes[at]));
    }
    return lookout_call_fail(call, LOOKOUT_INVALID_INPUT, LOOKOUT_STR_NONE,
                             "no code is called so%.*s " RUNBOOK_URI " has them all",
                             LOOKOUT_STR_ARG(hint));
}


lookout_code_e
lookout_read_runbook_code(lookout_call_t *call)
{
    const lookout_runbook_row_t *row;
    lookout_str_t code = lookout_arg_str(call, "code");

    for (row = lookout_runbook; row->code != NULL; row++) {
        if (lookout_str_is(code, row->code)) {
            write_row(call->out, row, "#");
            return LOOKOUT_OK;
        }
    }
    return runbook_unknown(call, code);
}
