/*
 * What a model is told about the server as a whole, before it sees any tool. The first 512
 * characters stand alone, because some hosts show no more.
 */

#include "tools.h"

const char lookout_instructions[] =
    "Lookout answers questions about a company's data. Start with list_datasources (what "
    "data there is) or list_views (charts that people made of it). get_datasource gives "
    "the fields to write SQL with; query_datasource runs one SELECT over the table `data`. "
    "get_view shows a chart's definition and statistics; query_view_data gives its rows, "
    "with filterOverrides to change region, period and so on; create_view_render draws it; "
    "export_view_csv writes all its rows to a file. Rows are arrays in the order of "
    "`columns`.\n\n"
    "Pages: call again with cursor = nextCursor while it is not null. truncated: true "
    "means that the row cap or the time limit cut the result: filter or aggregate instead "
    "of paging. A RESPONSE_TRUNCATED warning means that the page was cut to fit 256 KB; "
    "nextCursor goes on right after the last row.\n"
    "To compare two periods call query_view_data twice with different filterOverrides on "
    "the time field. An override replaces the saved filters on the same field; "
    "appliedFilters shows what ran.\n"
    "Renders and exports are jobs. Most come finished; while status is queued or running call "
    "get_render_job or get_job after pollAfterMs. The same request over the same data is the "
    "same job and file. fileUrl can be handed to the user: it works without a token, for a "
    "while.\n"
    "An error is {\"error\": {code, message, details}}; the message says what to do next, and "
    "the "
    "resource lookout://runbook has all codes. "
    "EXTRACT_STALE warns that a source was not refreshed in time: say so when you report "
    "numbers.";
