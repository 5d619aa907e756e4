/*
 * The workflows' texts: what the user wants, the steps with the exact calls, what to look at in
 * the answers, and how to report. They speak to the model in the user's voice, because that is
 * whose message they become.
 *
 * In backticks stand tools, their arguments and the members of their answers, each in a line
 * that names its tool; a tool with a JSON object behind it is a call as it is to be made. A test
 * holds them all to the server's own schemas, and makes the calls.
 */

#include "workflows.h"

#define LINES(...) ((const lookout_workflow_line_t[]){ __VA_ARGS__, { 0 } })

/* Steps that several workflows have. */
#define READ_VIEW                                                                              \
    "Read the attached answer of `get_view`: `chartType`, `encoding`, `savedFilters`, "        \
    "`statistics` and the first rows in `preview`. There is no need to call it again."
#define READ_FIELDS                                                                            \
    "Read the attached answer of `get_datasource`: its `fields` are all that can be filtered " \
    "on, shown in the chart or not."
#define MAKE_FILTERS(tool)                                                                     \
    "Put my filters into the `filterOverrides` of `" tool "`: a list of "                      \
    "{\"field\", \"op\", \"value\"}. Take field names and spellings of values from the "       \
    "`fields` and `sampleValues` of `get_datasource`; where one thing is spelt in several "    \
    "ways, use the operator in with all of them. Dates are YYYY-MM-DD, between is inclusive. " \
    "An override replaces all saved filters on its field and leaves the others; to be rid of " \
    "a saved one, override it with not_null. When my words can be read in two ways that give " \
    "different numbers, ask me first."
#define MEND_FILTERS(tool)                                                                     \
    "When `" tool "` answers INVALID_FILTER, its details say which filter and why, and "       \
    "often what was meant: mend it and call again."
#define SAY_FILTERS                                                                            \
    "The filters that ran (appliedFilters): mine, and the saved ones that stayed."
#define SAY_WARNINGS                                                                           \
    "What limits the answer: EXTRACT_STALE in the warnings (give the date of the last "        \
    "refresh), rows that were cut (truncated, RESPONSE_TRUNCATED), nulls that were left out."

const lookout_workflow_t lookout_workflow_discover = {
    .goal = LINES({ "datasource", "Show me what is in the datasource {datasource.name} "
                                  "({datasource.id}) of Lookout." },
                  { "!datasource", "Show me what data there is in Lookout to work with." },
                  { "question", "I want to find out: {question}" }),
    .steps = LINES(
        { "!datasource",
          "Call `list_datasources {\"pageSize\": 100}`. While its `nextCursor` is "
          "not null, call again with it as `cursor` and all else unchanged." },
        { "!datasource", "In that answer of `list_datasources`, note the `status` of each: an "
                         "offline one can be described, but not queried." },
        { "!datasource question", "Choose the one to three that can have the answer, and call "
                                  "`get_datasource` with the `datasourceId` of each." },
        { "!datasource !question",
          "When there are at most ten, call `get_datasource` with the "
          "`datasourceId` of each; when there are more, ask me which." },
        { "datasource",
          "Read the attached answer of `get_datasource`. There is no need to call "
          "it again." },
        { NULL,
          "Look at the `warnings` of `get_datasource`: EXTRACT_STALE means that the source "
          "was not refreshed in time." },
        { NULL,
          "Tell the `fields` of `get_datasource` apart by `semanticRole`: what identifies a "
          "row, what to group by (dimension, time), what to calculate with (measure)." }),
    .report = LINES(
        { NULL, "A table of the sources: name, connection type, status, last refresh, rows, "
                "fields. Mark what is offline or stale." },
        { NULL, "For each one that you described: what one row is, then its dimensions, time "
                "fields and measures with their types and a few values." },
        { "question",
          "Which source and which fields answer my question, what is missing for it, "
          "and the one query or chart that you would begin with. Do not run it yet." },
        { "!question", "Three questions that these data could answer." }),
    .attached = LINES({ "datasource", "datasource" }),
};

const lookout_workflow_t lookout_workflow_browse = {
    .goal = LINES({ "workbook",
                    "Show me what is in the workbook {workbook.name} ({workbook.id}) of "
                    "Lookout." },
                  { "!workbook", "Show me which workbooks and charts there are in Lookout." },
                  { "topic", "I am looking for: {topic}" }),
    .steps = LINES(
        { "!workbook !topic",
          "Call `list_workbooks {\"pageSize\": 100}`. While its `nextCursor` "
          "is not null, call again with it as `cursor` and all else "
          "unchanged." },
        { "!workbook !topic",
          "Group them by the `tags` of `list_workbooks`, and call "
          "`get_workbook` with the `workbookId` of the three that were "
          "changed last (`updatedAt` of `list_workbooks`), to show what views "
          "there are." },
        { "!workbook topic",
          "Call `list_workbooks` with `q`, one or two words of what I am "
          "looking for. Search is fuzzy, but every word has to match: with no "
          "result try fewer words, or a synonym." },
        { "!workbook topic",
          "Call `list_views` with the same `q`: a chart can fit although its "
          "workbook is called otherwise." },
        { "!workbook topic", "Call `get_workbook` with the `workbookId` of the best one to "
                             "three, for all their views." },
        { "workbook",
          "Read the attached answer of `get_workbook`: its `views`, in the order that "
          "its owner gave them. There is no need to call it again." },
        { "workbook",
          "Call `list_views {\"workbookId\": \"{workbook.id}\", \"pageSize\": 100}` "
          "for what each view shows (`description`) and whether its `datasource` is "
          "online. While its `nextCursor` is not null, call again with it as "
          "`cursor`." }),
    .report = LINES(
        { NULL, "Each workbook: name, owner, last change, what it is about, number of views." },
        { "workbook", "Each view: name, chart type, what it shows in half a sentence, id. Mark "
                      "those whose datasource is offline." },
        { "topic", "The views that answer what I am looking for, the best first, with a reason "
                   "for each and its id; say so when none does." },
        { "!topic", "Where you would begin, and why." }),
    .attached = LINES({ "workbook", "workbook" }),
};

const lookout_workflow_t lookout_workflow_filter = {
    .goal = LINES(
        { NULL,
          "Show me the data of the view {view.name} ({view.type}, {view.id}, in the workbook "
          "{view.workbook}) with these filters: {filters}" }),
    .steps = LINES(
        { "!trouble", READ_VIEW }, { NULL, READ_FIELDS },
        { NULL, MAKE_FILTERS("query_view_data") },
        { NULL,
          "Call `query_view_data` with `viewId` \"{view.id}\", these `filterOverrides` and "
          "`pageSize` 200." },
        { NULL, MEND_FILTERS("query_view_data") },
        { NULL, "Compare `appliedFilters` in the answer of `query_view_data` with what I asked "
                "for." },
        { NULL,
          "While `nextCursor` of `query_view_data` is not null and the rest matters, call "
          "again with it as `cursor` and all else unchanged. When `truncated` is true, "
          "paging cannot give the rest: filter further, or aggregate with "
          "`query_datasource`." },
        { NULL,
          "No rows in `query_view_data`: check the values that are filtered on before you "
          "tell me that there is nothing." }),
    .report =
        LINES({ NULL, "The answer in one or two sentences, with its numbers." },
              { NULL, "The rows as a table, in the order of the chart; beyond 20 the ones that "
                      "matter." },
              { NULL, SAY_FILTERS }, { NULL, SAY_WARNINGS }),
    .attached = LINES({ NULL, "view" }, { NULL, "datasource" }),
};

const lookout_workflow_t lookout_workflow_sql = {
    .goal = LINES({ NULL, "Answer this question with SQL over Lookout's data: {question}" },
                  { "datasource", "Use the datasource {datasource.name} ({datasource.id})." }),
    .steps = LINES(
        { "!datasource",
          "Call `list_datasources {\"pageSize\": 100}` and choose the source that "
          "can have the answer; its `status` has to be online." },
        { "!datasource", "Call `get_datasource` with its `datasourceId`." },
        { "datasource",
          "Read the attached answer of `get_datasource`. There is no need to call "
          "it again." },
        { NULL, "Take names from `fields` of `get_datasource`, and values from their "
                "`sampleValues`, spelt as there. Where values can be spelt in several ways, or "
                "only some are shown, look first: SELECT DISTINCT." },
        { NULL,
          "Write one SELECT in SQLite's dialect. The only table is data; WITH and window "
          "functions work. Dates are text (YYYY-MM-DD), so that strftime, date and BETWEEN "
          "work on them. Group and calculate in SQL instead of fetching rows, give every "
          "result an ORDER BY, multiply by 1.0 before you divide integers, and mind what "
          "null means in a nullable field." },
        { "datasource",
          "Call `query_datasource` with `datasourceId` \"{datasource.id}\" and that "
          "`sql`." },
        { "!datasource", "Call `query_datasource` with that `datasourceId` and that `sql`." },
        { NULL,
          "When `query_datasource` fails: SQL_PARSE_ERROR and SQL_FORBIDDEN_CONSTRUCT say "
          "what to change; QUERY_TIMEOUT and RESULT_TOO_LARGE want a narrower WHERE or "
          "more aggregation." },
        { NULL, "While `nextCursor` of `query_datasource` is not null, call again with it as "
                "`cursor` and all else unchanged. When `truncated` is true the rest cannot be "
                "paged: aggregate." },
        { NULL, "Check the result once with another `query_datasource`: do the parts add up to "
                "the total, does the last period cover all its days, is anything counted "
                "twice?" }),
    .report = LINES({ NULL, "The answer in one or two sentences, with its numbers and units." },
                    { NULL, "The result as a small table, and the SQL." },
                    { NULL, "What you took for granted: definitions, periods, rows left out." },
                    { NULL, SAY_WARNINGS }),
    .attached = LINES({ "datasource", "datasource" }),
};

const lookout_workflow_t lookout_workflow_compare = {
    .goal = LINES({ NULL, "Compare two periods in the view {view.name} ({view.type}, "
                          "{view.id}, in the workbook "
                          "{view.workbook})." },
                  { "compare_with", "The period: {period}. Compare it with: {compare_with}" },
                  { "!compare_with",
                    "The period: {period}. Compare it with the period of the same length "
                    "just before it." },
                  { "filters", "In both, only: {filters}" }),
    .steps = LINES(
        { "!trouble", READ_VIEW },
        { NULL,
          "Choose the field that tells the time among `fields` of `get_datasource` "
          "(attached): the one that the chart or its saved filters use; else the one that "
          "dates what is measured, and tell me which. A field that holds periods as text, "
          "like 2026Q1, takes the operator eq; a date or timestamp takes between with the "
          "first and the last day, which are included." },
        { "filters", MAKE_FILTERS("query_view_data") },
        { NULL, "Call `query_view_data` twice, with `viewId` \"{view.id}\" and `pageSize` 200: "
                "once with the `filterOverrides` of each period, all else the same." },
        { NULL, MEND_FILTERS("query_view_data") },
        { NULL,
          "In both answers of `query_view_data` look at `appliedFilters`: a saved filter on "
          "another time field cuts a period short; override it with not_null in both calls "
          "and repeat." },
        { NULL,
          "Get all rows of both: while `nextCursor` of `query_view_data` is not null, call "
          "again with it as `cursor` and all else unchanged. When `truncated` is true, "
          "compare by `query_datasource` with GROUP BY instead." },
        { NULL,
          "Is one of the periods not over, or not loaded to its end (see `lastRefreshedAt` "
          "of `get_datasource`)? Then compare equal parts of both, and say so." },
        { NULL,
          "Match the rows by what they are grouped by; where the time itself is an axis, by "
          "their place in the period. Later minus earlier, and per cent of the earlier; a "
          "row that only one has is new or gone. Sums can be added up over rows; averages "
          "and ratios cannot: get their totals with `query_datasource`." }),
    .report = LINES(
        { NULL, "The change in total, in one sentence: both numbers, difference, per cent." },
        { NULL, "A table: group, earlier, later, difference, per cent; the largest changes "
                "first." },
        { NULL, "What made the change: the groups that account for most of it." },
        { NULL, "The exact dates of both periods, the time field, and the filters that ran "
                "(appliedFilters)." },
        { NULL, SAY_WARNINGS }),
    .attached = LINES({ NULL, "view" }, { NULL, "datasource" }),
};

const lookout_workflow_t lookout_workflow_inspect = {
    .goal = LINES({ NULL, "Explain the view {view.name} ({view.type}, {view.id}, in the "
                          "workbook {view.workbook}) to "
                          "me." },
                  { "question", "I want to know: {question}" }),
    .steps = LINES(
        { "!trouble", READ_VIEW },
        { NULL,
          "From `encoding` of `get_view` say what is drawn: which field on which channel, "
          "how it is aggregated, into which bins or units of time. From `savedFilters` say "
          "what is left out." },
        { NULL,
          "In `statistics` of `get_view` (over all rows of the view, not only the preview) "
          "look for what stands out: `nulls`, a `max` or `min` far from the `median`, a few "
          "`top` values that are nearly all, spellings of the same thing." },
        { NULL,
          "Only when the rows in `preview` of `get_view` are not all of them and the rest "
          "matters, call `query_view_data {\"viewId\": \"{view.id}\", \"pageSize\": 200}`." }),
    .report = LINES(
        { "question", "The answer to my question first, or what it would take to get it." },
        { NULL, "What the chart shows, in one sentence that somebody who never saw it "
                "understands." },
        { NULL, "How it is made: chart type, axes, aggregation, saved filters, datasource." },
        { NULL, "Three to five findings, each with its numbers." },
        { NULL, "What to be careful with: nulls, few cases, stale data (EXTRACT_STALE in the "
                "warnings)." }),
    .attached = LINES({ NULL, "view" }, { "trouble", "datasource" }),
};

const lookout_workflow_t lookout_workflow_render = {
    .goal = LINES({ NULL, "Draw the view {view.name} ({view.type}, {view.id}, in the workbook "
                          "{view.workbook}) as a "
                          "picture." },
                  { "filters", "With these filters: {filters}" }, { "size", "Size: {size}" }),
    .steps = LINES(
        { "filters", READ_FIELDS }, { "filters", MAKE_FILTERS("create_view_render") },
        { "svg", "Call `create_view_render` with `viewId` \"{view.id}\", `format` \"svg\", "
                 "`inline` \"none\", and `filterOverrides`, `width` and `height` as far as I "
                 "asked for them." },
        { "!svg", "Call `create_view_render` with `viewId` \"{view.id}\", `format` \"png\", "
                  "`inline` \"image\", so that you see it, and `filterOverrides`, `width` and "
                  "`height` as far as I asked for them." },
        { "size", "In `create_view_render`, `width` is 200 to 4096 pixels, `height` 150 to "
                  "4096." },
        { "filters", MEND_FILTERS("create_view_render") },
        { NULL, "While `status` of `create_view_render` is queued or running, wait for "
                "`pollAfterMs` and call `get_render_job` with its `renderJobId` and the same "
                "`inline`." },
        { NULL,
          "A `status` of failed in `create_view_render` or `get_render_job` is no error of "
          "the call; its `error` says why. RENDER_TIMEOUT: filter to fewer rows. "
          "CHART_TYPE_UNSUPPORTED: this type is not drawn; offer me the rows by "
          "`query_view_data`." },
        { "!svg",
          "Look at the picture: is it what I asked for, is there something in it, can the "
          "labels be read? If not, call `create_view_render` once more, larger or "
          "filtered further." }),
    .report = LINES(
        { NULL,
          "The picture, and `fileUrl` of `create_view_render` as a link: it opens without a "
          "token, for a limited time. Where it is null, files are not served; name its "
          "`filePath`." },
        { "!svg", "What it shows, in two sentences." }, { NULL, SAY_FILTERS },
        { NULL, SAY_WARNINGS }),
    .attached = LINES({ NULL, "view" }, { "filters", "datasource" },
                      { "trouble !filters", "datasource" }),
};

const lookout_workflow_t lookout_workflow_export = {
    .goal = LINES({ NULL, "Export the full data of the view {view.name} ({view.type}, "
                          "{view.id}, in the workbook "
                          "{view.workbook}) as CSV." },
                  { "filters", "With these filters: {filters}" }),
    .steps = LINES(
        { "filters", READ_FIELDS }, { "filters", MAKE_FILTERS("export_view_csv") },
        { "filters", "Call `export_view_csv` with `viewId` \"{view.id}\" and these "
                     "`filterOverrides`." },
        { "!filters", "Call `export_view_csv {\"viewId\": \"{view.id}\"}`." },
        { "filters", MEND_FILTERS("export_view_csv") },
        { NULL,
          "While `status` of `export_view_csv` is queued or running, wait for `pollAfterMs` "
          "and call `get_job` with its `jobId`; `progress` says how many rows are "
          "written." },
        { NULL,
          "A `status` of failed in `export_view_csv` or `get_job` is no error of the call; "
          "its `error` says why, and what to change." },
        { NULL,
          "`inlineCsv` of `export_view_csv` is the whole file, or null when it is too large "
          "to come along: then `fileUrl` has it. Do not page through rows instead." }),
    .report = LINES(
        { NULL,
          "`fileUrl` of `export_view_csv` as a link: it opens without a token, for a limited "
          "time; `manifestUrl` tells the columns' types, which a CSV cannot. Where they are "
          "null, files are not served; name its `resultPath`. Do not print the file into "
          "the conversation, beyond a few rows." },
        { NULL, "How many rows (`rowCount` of `export_view_csv`) and which columns." },
        { NULL, SAY_FILTERS }, { NULL, SAY_WARNINGS }),
    .attached = LINES({ NULL, "view" }, { "filters", "datasource" },
                      { "trouble !filters", "datasource" }),
};
