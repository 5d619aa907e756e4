/*
 * The table of prompts: an analyst's workflows, for people who choose one from a menu. What the
 * model then reads is in workflows_text.c.
 */

#include "tools.h"

#include "complete.h"
#include "prompts_complete.h"
#include "workflows.h"

#define PROMPT_GET(workflow)                                                                   \
    static lookout_code_e workflow##_get(lookout_call_t *call)                                 \
    {                                                                                          \
        return lookout_workflow_get(call, &lookout_workflow_##workflow);                       \
    }

PROMPT_GET(discover)
PROMPT_GET(browse)
PROMPT_GET(filter)
PROMPT_GET(sql)
PROMPT_GET(compare)
PROMPT_GET(inspect)
PROMPT_GET(render)
PROMPT_GET(export)

/* Arguments that several prompts have. */
#define VIEW                                                                                   \
    {                                                                                          \
        "view", "View", "The chart: its name, or about its name, or its id (vw_...).", true,   \
            lookout_complete_view_name                                                         \
    }
#define IN_WORKBOOK                                                                            \
    {                                                                                          \
        "workbook", "Workbook",                                                                \
            "Where the view is, when several workbooks have one of that name.", false,         \
            lookout_complete_workbook_name                                                     \
    }
#define DATASOURCE(what)                                                                       \
    {                                                                                          \
        "datasource", "Datasource", what, false, lookout_complete_datasource_name              \
    }
#define FILTERS(required, what)                                                                \
    {                                                                                          \
        "filters", "Filters", what, required, lookout_complete_filters                         \
    }
#define END                                                                                    \
    {                                                                                          \
        0                                                                                      \
    }

static const lookout_argument_t discover_arguments[] = {
    { "question", "Question", "What you want to find out. Leave it empty for an overview.",
      false, NULL },
    DATASOURCE("One datasource to look into: its name, or about its name, or its id (ds_...). "
               "Leave it empty for all."),
    END,
};

static const lookout_argument_t browse_arguments[] = {
    { "topic", "Topic", "What the charts should be about, in a word or two.", false, NULL },
    { "workbook", "Workbook",
      "One workbook to look into: its name, or about its name, or its id (wb_...). Leave it "
      "empty for all.",
      false, lookout_complete_workbook_name },
    END,
};

static const lookout_argument_t filter_arguments[] = {
    VIEW,
    FILTERS(true, "What to keep, in your words: region EMEA, only deals over 50,000."),
    IN_WORKBOOK,
    END,
};

static const lookout_argument_t sql_arguments[] = {
    { "question", "Question", "What you want to know: which products sell best by region?",
      true, NULL },
    DATASOURCE(
        "Where the answer is: name, or about the name, or id (ds_...). Leave it empty to "
        "have one chosen."),
    END,
};

static const lookout_argument_t compare_arguments[] = {
    VIEW,
    { "period", "Period", "The period of interest: 2026Q1, May 2026, the last full week.", true,
      lookout_complete_period },
    { "compare_with", "Compare with",
      "The other period. Leave it empty for the one just before.", false,
      lookout_complete_period },
    FILTERS(false, "What to keep in both periods, in your words: region EMEA."),
    IN_WORKBOOK,
    END,
};

static const lookout_argument_t inspect_arguments[] = {
    VIEW,
    { "question", "Question", "What you want to know of it. Leave it empty for an explanation.",
      false, NULL },
    IN_WORKBOOK,
    END,
};

static const lookout_argument_t render_arguments[] = {
    VIEW,
    FILTERS(false, "What to keep, in your words: region EMEA. Leave it empty for the chart as "
                   "it was saved."),
    { "format", "Format", "png (if you say nothing) or svg.", false, lookout_complete_format },
    { "size", "Size", "Width and height in pixels: 1920x1080. If you say nothing, 960x540.",
      false, lookout_complete_size },
    IN_WORKBOOK,
    END,
};

static const lookout_argument_t export_arguments[] = {
    VIEW,
    FILTERS(false, "What to keep, in your words: region EMEA. Leave it empty for the data as "
                   "the chart was saved."),
    IN_WORKBOOK,
    END,
};

/* What each works with. */
static const char *const tools_discover[] = { "list_datasources", "get_datasource", NULL };
static const char *const tools_browse[] = { "list_workbooks", "get_workbook", "list_views",
                                            NULL };
static const char *const tools_filter[] = { "get_datasource", "get_view", "query_view_data",
                                            NULL };
static const char *const tools_sql[] = { "list_datasources", "get_datasource",
                                         "query_datasource", NULL };
static const char *const tools_compare[] = { "get_datasource", "get_view", "query_view_data",
                                             NULL };
static const char *const tools_inspect[] = { "get_view", "query_view_data", NULL };
static const char *const tools_render[] = { "get_view", "create_view_render", "get_render_job",
                                            NULL };
static const char *const tools_export[] = { "get_view", "export_view_csv", "get_job", NULL };

const lookout_prompt_t lookout_prompts[] = {
    { "discover_datasources", "Discover datasources",
      "What data there is: every datasource with its state, and the fields of those that "
      "matter "
      "to you.",
      discover_arguments, tools_discover, discover_get },
    { "browse_workbooks", "Browse workbooks and charts",
      "Which workbooks and charts exist, about a topic or in one workbook, and where to begin.",
      browse_arguments, tools_browse, browse_get },
    { "filter_view", "Filter a chart",
      "The data of an existing chart with your own filters, said in your words.",
      filter_arguments, tools_filter, filter_get },
    { "ask_with_sql", "Answer a question with SQL",
      "A question over a datasource, answered by a query that is checked and shown.",
      sql_arguments, tools_sql, sql_get },
    { "compare_periods", "Compare two periods",
      "A chart's numbers in two periods side by side: what changed, by how much, and why.",
      compare_arguments, tools_compare, compare_get },
    { "inspect_view", "Explain a chart",
      "What a chart shows and how it is made, its statistics, and what stands out.",
      inspect_arguments, tools_inspect, inspect_get },
    { "render_view", "Draw a chart",
      "A chart as a PNG or SVG picture, with your filters and in your size.", render_arguments,
      tools_render, render_get },
    { "export_view", "Export a chart's data",
      "All the rows behind a chart as a CSV file, with your filters, however many.",
      export_arguments, tools_export, export_get },
    { .name = NULL },
};
