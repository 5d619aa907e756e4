/*
 * What the tools take and give, a table each. Rows that several tools share are macros here, so
 * that the same thing is called and described the same everywhere.
 *
 * Descriptions are read by models on every tools/list, so they are short, and say what a name
 * does not. Results are described by their shape alone, but for what could be taken wrongly.
 */

#include "schemas.h"

#include "../catalog/catalog.h"
#include "../chart/chart.h"
#include "../jobs/kinds.h"
#include "../query/filter.h"
#include "../query/gate.h"
#include "families.h"
#include "lists.h"

#define TEXT_OF(n) #n
#define TEXT(n) TEXT_OF(n)

#define END                                                                                    \
    {                                                                                          \
        .name = NULL                                                                           \
    }

/* Input */

#define IN_ID(name_, prefix_, header_, description_)                                           \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_STRING, .required = true, .id = (prefix_),     \
        .header = (header_), .description = (description_)                                     \
    }

#define IN_Q                                                                                   \
    {                                                                                          \
        .name = "q", .kind = LOOKOUT_SCHEMA_STRING, .min = 1, .max = 256,                      \
        .description = "Fuzzy search; typing mistakes are fine. Best match first."             \
    }

#define IN_NAME_CONTAINS                                                                       \
    {                                                                                          \
        .name = "nameContains", .kind = LOOKOUT_SCHEMA_STRING, .max = 200,                     \
        .description = "Part of the name, in any case."                                        \
    }

#define IN_PAGE_SIZE(preset_, max_)                                                            \
    {                                                                                          \
        .name = "pageSize", .kind = LOOKOUT_SCHEMA_INTEGER, .min = 1, .max = (max_),           \
        .range_code = LOOKOUT_INVALID_PAGE_SIZE, .preset = TEXT(preset_)                       \
    }

#define IN_CURSOR                                                                              \
    {                                                                                          \
        .name = "cursor", .kind = LOOKOUT_SCHEMA_STRING,                                       \
        .description = "nextCursor of the page before, with all else unchanged."               \
    }

#define IN_FORMAT                                                                              \
    {                                                                                          \
        .name = "format", .kind = LOOKOUT_SCHEMA_STRING, .values = formats,                    \
        .preset = "\"json\"",                                                                  \
        .description = "csv: a text with a header line, instead of rows."                      \
    }

static const char *const formats[] = { "json", "csv", NULL };


static const char *
filter_op_at(size_t i)
{
    return lookout_filter_ops()[i];
}


static const lookout_schema_t filter_members[] = {
    { .name = "field", .kind = LOOKOUT_SCHEMA_STRING, .required = true },
    { .name = "op", .kind = LOOKOUT_SCHEMA_STRING, .required = true, .value_at = filter_op_at },
    { .name = "value",
      .kind = LOOKOUT_SCHEMA_SCALARS,
      .description = "in, not_in: an array of 1-1000. between: [low, high], inclusive. like: a "
                     "pattern with % and _. is_null, not_null: none. Dates YYYY-MM-DD." },
    END,
};

static const lookout_schema_t filter_in = { .kind = LOOKOUT_SCHEMA_OBJECT,
                                            .children = filter_members };

#define IN_FILTER_OVERRIDES                                                                    \
    {                                                                                          \
        .name = "filterOverrides", .kind = LOOKOUT_SCHEMA_ARRAY, .by_tool = true,              \
        .children = &filter_in,                                                                \
        .description =                                                                         \
            "Filters on any field of the view's datasource. Each replaces the saved "          \
            "filters on its field; other saved filters stay. All must hold."                   \
    }

/* Output */

#define OUT_STRING(name_)                                                                      \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_STRING, .required = true                       \
    }
#define OUT_INTEGER(name_)                                                                     \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_INTEGER, .required = true                      \
    }
#define OUT_BOOLEAN(name_)                                                                     \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_BOOLEAN, .required = true                      \
    }
#define OUT_TIME(name_) OUT_STRING(name_) /* ISO 8601, UTC */
#define OUT_OBJECT(name_, members_)                                                            \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_OBJECT, .required = true,                      \
        .children = (members_)                                                                 \
    }
#define OUT_ARRAY(name_, item_)                                                                \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_ARRAY, .required = true, .children = (item_)   \
    }
/* Where the caller's scope shows some of the rows only. */
#define OUT_LIMITS                                                                             \
    {                                                                                          \
        .name = "appliedFilters", .kind = LOOKOUT_SCHEMA_ARRAY, .children = &any_object,       \
        .description = "There where this server shows only the rows that fit; nothing lifts "  \
                       "them."                                                                 \
    }
/* Members of small inner objects are always there too; their schemas do not say so, to be
 * short. */
#define SMALL_STRING(name_)                                                                    \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_STRING                                         \
    }
#define OUT_STATUS                                                                             \
    {                                                                                          \
        .name = "status", .kind = LOOKOUT_SCHEMA_STRING, .required = true, .values = statuses  \
    }
#define OUT_NEXT_CURSOR                                                                        \
    {                                                                                          \
        .name = "nextCursor", .kind = LOOKOUT_SCHEMA_STRING, .required = true,                 \
        .nullable = true                                                                       \
    }

static const char *const statuses[] = { "online", "offline", NULL };

static const lookout_schema_t any_value = { .kind = LOOKOUT_SCHEMA_ANY };
static const lookout_schema_t text_value = { .kind = LOOKOUT_SCHEMA_STRING };
static const lookout_schema_t any_object = { .kind = LOOKOUT_SCHEMA_OBJECT };
static const lookout_schema_t row_value = { .kind = LOOKOUT_SCHEMA_ARRAY };

static const lookout_schema_t warning_members[] = {
    SMALL_STRING("code"),
    SMALL_STRING("message"),
    { .name = "details", .kind = LOOKOUT_SCHEMA_OBJECT },
    END,
};
static const lookout_schema_t warning = { .kind = LOOKOUT_SCHEMA_OBJECT,
                                          .children = warning_members };

#define OUT_WARNINGS OUT_ARRAY("warnings", &warning)


static const char *
type_at(size_t i)
{
    return i <= LOOKOUT_TIMESTAMP ? lookout_type_name((lookout_type_e) i) : NULL;
}


static const char *
role_at(size_t i)
{
    return i <= LOOKOUT_IDENTIFIER ? lookout_role_name((lookout_role_e) i) : NULL;
}


#define OUT_TYPE(name_)                                                                        \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_STRING, .required = true, .value_at = type_at  \
    }
#define OUT_ROLE                                                                               \
    {                                                                                          \
        .name = "semanticRole", .kind = LOOKOUT_SCHEMA_STRING, .required = true,               \
        .value_at = role_at                                                                    \
    }

static const lookout_schema_t column_members[] = {
    OUT_STRING("name"),
    OUT_STRING("type"),
    OUT_STRING("semanticRole"),
    OUT_BOOLEAN("nullable"),
    END,
};
static const lookout_schema_t column = { .kind = LOOKOUT_SCHEMA_OBJECT,
                                         .children = column_members };

/* A page of rows, from its columns on. */
#define OUT_PAGE                                                                               \
    OUT_ARRAY("columns", &column),                                                             \
        { .name = "rows",                                                                      \
          .kind = LOOKOUT_SCHEMA_ARRAY,                                                        \
          .children = &row_value,                                                              \
          .description = "Each in the order of columns." },                                    \
        { .name = "csv", .kind = LOOKOUT_SCHEMA_STRING }, OUT_INTEGER("rowCount"),             \
        OUT_INTEGER("pageSize"), OUT_NEXT_CURSOR,                                              \
        { .name = "truncated",                                                                 \
          .kind = LOOKOUT_SCHEMA_BOOLEAN,                                                      \
          .required = true,                                                                    \
          .description = "Cut by the row cap or time limit; paging cannot get the rest." },    \
        OUT_WARNINGS

static const lookout_schema_t ref_members[] = { SMALL_STRING("id"), SMALL_STRING("name"), END };

static const lookout_schema_t source_ref_members[] = {
    SMALL_STRING("id"),
    SMALL_STRING("name"),
    SMALL_STRING("status"),
    END,
};

/* Datasources */

#define DATASOURCE_ITEM                                                                        \
    OUT_STRING("id"), OUT_STRING("name"), OUT_STRING("connectionType"), OUT_STATUS,            \
        OUT_TIME("lastRefreshedAt"), OUT_INTEGER("fieldCount")

const lookout_schema_t lookout_list_datasources_input[] = {
    IN_Q,
    IN_NAME_CONTAINS,
    { .name = "connectionType",
      .kind = LOOKOUT_SCHEMA_STRING,
      .max = 64,
      .description = "For example postgres or snowflake." },
    IN_PAGE_SIZE(LOOKOUT_LIST_PAGE, LOOKOUT_LIST_PAGE_MAX),
    IN_CURSOR,
    END,
};

static const lookout_schema_t datasource_item_members[] = { DATASOURCE_ITEM, END };
static const lookout_schema_t datasource_item = { .kind = LOOKOUT_SCHEMA_OBJECT,
                                                  .children = datasource_item_members };

const lookout_schema_t lookout_list_datasources_output[] = {
    OUT_ARRAY("items", &datasource_item),
    OUT_NEXT_CURSOR,
    OUT_WARNINGS,
    END,
};

const lookout_schema_t lookout_get_datasource_input[] = {
    IN_ID("datasourceId", "ds_", "DatasourceId", NULL),
    END,
};

static const lookout_schema_t field_members[] = {
    OUT_STRING("name"),
    OUT_STRING("label"),
    OUT_TYPE("dataType"),
    OUT_ROLE,
    OUT_BOOLEAN("nullable"),
    OUT_STRING("description"),
    OUT_ARRAY("sampleValues", &any_value),
    END,
};
static const lookout_schema_t field = { .kind = LOOKOUT_SCHEMA_OBJECT,
                                        .children = field_members };

const lookout_schema_t lookout_get_datasource_output[] = {
    DATASOURCE_ITEM,
    OUT_STRING("description"),
    OUT_INTEGER("freshnessSlaSeconds"),
    { .name = "rowCount", .kind = LOOKOUT_SCHEMA_INTEGER, .required = true, .nullable = true },
    OUT_LIMITS,
    OUT_ARRAY("fields", &field),
    OUT_WARNINGS,
    END,
};

const lookout_schema_t lookout_query_datasource_input[] = {
    IN_ID("datasourceId", "ds_", "DatasourceId", NULL),
    { .name = "sql",
      .kind = LOOKOUT_SCHEMA_STRING,
      .required = true,
      .bytes = true,
      .min = 1,
      .max = LOOKOUT_GATE_TEXT_MAX,
      .description =
          "One SELECT in SQLite's dialect, up to 8192 bytes; the only table is data. "
          "Dates are text: YYYY-MM-DD." },
    IN_FORMAT,
    IN_PAGE_SIZE(LOOKOUT_QUERY_PAGE, LOOKOUT_QUERY_PAGE_MAX),
    IN_CURSOR,
    END,
};

const lookout_schema_t lookout_query_datasource_output[] = {
    OUT_STRING("queryId"),
    OUT_STRING("datasourceId"),
    OUT_TIME("executedAt"),
    OUT_LIMITS,
    OUT_PAGE,
    END,
};

/* Workbooks */

#define WORKBOOK_ITEM                                                                          \
    OUT_STRING("id"), OUT_STRING("name"), OUT_STRING("description"), OUT_STRING("ownerName"),  \
        OUT_ARRAY("tags", &text_value), OUT_INTEGER("viewCount"), OUT_TIME("updatedAt")

const lookout_schema_t lookout_list_workbooks_input[] = {
    IN_Q,
    IN_NAME_CONTAINS,
    { .name = "updatedAfter",
      .kind = LOOKOUT_SCHEMA_STRING,
      .format = "date-time",
      .description = "Only those changed later, e.g. 2026-04-01T00:00:00Z." },
    IN_PAGE_SIZE(LOOKOUT_LIST_PAGE, LOOKOUT_LIST_PAGE_MAX),
    IN_CURSOR,
    END,
};

static const lookout_schema_t workbook_item_members[] = { WORKBOOK_ITEM, END };
static const lookout_schema_t workbook_item = { .kind = LOOKOUT_SCHEMA_OBJECT,
                                                .children = workbook_item_members };

const lookout_schema_t lookout_list_workbooks_output[] = {
    OUT_ARRAY("items", &workbook_item),
    OUT_NEXT_CURSOR,
    OUT_WARNINGS,
    END,
};

const lookout_schema_t lookout_get_workbook_input[] = {
    IN_ID("workbookId", "wb_", NULL, NULL),
    END,
};

static const lookout_schema_t summary_members[] = {
    SMALL_STRING("id"),
    SMALL_STRING("name"),
    SMALL_STRING("chartType"),
    SMALL_STRING("datasourceId"),
    END,
};
static const lookout_schema_t summary = { .kind = LOOKOUT_SCHEMA_OBJECT,
                                          .children = summary_members };

const lookout_schema_t lookout_get_workbook_output[] = {
    WORKBOOK_ITEM,
    OUT_ARRAY("views", &summary),
    OUT_WARNINGS,
    END,
};

/* Views */

#define VIEW_ITEM                                                                              \
    OUT_STRING("id"), OUT_STRING("name"), OUT_STRING("description"), OUT_STRING("chartType")
#define VIEW_PLACE                                                                             \
    OUT_OBJECT("workbook", ref_members), OUT_OBJECT("datasource", source_ref_members)

const lookout_schema_t lookout_list_views_input[] = {
    { .name = "workbookId",
      .kind = LOOKOUT_SCHEMA_STRING,
      .id = "wb_",
      .description = "Only the views of this workbook." },
    { .name = "chartType", .kind = LOOKOUT_SCHEMA_STRING, .values = lookout_chart_types },
    IN_Q,
    IN_NAME_CONTAINS,
    IN_PAGE_SIZE(LOOKOUT_LIST_PAGE, LOOKOUT_LIST_PAGE_MAX),
    IN_CURSOR,
    END,
};

static const lookout_schema_t view_item_members[] = {
    VIEW_ITEM,
    OUT_TIME("updatedAt"),
    VIEW_PLACE,
    END,
};
static const lookout_schema_t view_item = { .kind = LOOKOUT_SCHEMA_OBJECT,
                                            .children = view_item_members };

const lookout_schema_t lookout_list_views_output[] = {
    OUT_ARRAY("items", &view_item),
    OUT_NEXT_CURSOR,
    OUT_WARNINGS,
    END,
};

const lookout_schema_t lookout_get_view_input[] = {
    IN_ID("viewId", "vw_", "ViewId", NULL),
    END,
};

static const lookout_schema_t top_members[] = {
    { .name = "value", .kind = LOOKOUT_SCHEMA_ANY },
    { .name = "count", .kind = LOOKOUT_SCHEMA_INTEGER },
    END,
};
static const lookout_schema_t top_item = { .kind = LOOKOUT_SCHEMA_OBJECT,
                                           .children = top_members };

#define OUT_NUMBER_IF(name_)                                                                   \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_NUMBER, .nullable = true                       \
    }

static const lookout_schema_t statistic_members[] = {
    OUT_STRING("name"),
    OUT_STRING("type"),
    { .name = "count",
      .kind = LOOKOUT_SCHEMA_INTEGER,
      .required = true,
      .description = "Rows, nulls included." },
    OUT_INTEGER("nulls"),
    OUT_INTEGER("distinct"),
    { .name = "min", .kind = LOOKOUT_SCHEMA_ANY },
    { .name = "max", .kind = LOOKOUT_SCHEMA_ANY },
    OUT_NUMBER_IF("mean"),
    OUT_NUMBER_IF("median"),
    OUT_NUMBER_IF("stddev"),
    { .name = "top", .kind = LOOKOUT_SCHEMA_ARRAY, .children = &top_item },
    END,
};
static const lookout_schema_t statistic = { .kind = LOOKOUT_SCHEMA_OBJECT,
                                            .children = statistic_members };

static const lookout_schema_t preview_members[] = {
    OUT_ARRAY("columns", &column),
    OUT_ARRAY("rows", &row_value),
    OUT_INTEGER("rowCount"),
    END,
};

const lookout_schema_t lookout_get_view_output[] = {
    VIEW_ITEM,
    { .name = "encoding",
      .kind = LOOKOUT_SCHEMA_OBJECT,
      .required = true,
      .description = "Vega-Lite channels." },
    OUT_ARRAY("savedFilters", &any_object),
    OUT_LIMITS,
    VIEW_PLACE,
    OUT_TIME("updatedAt"),
    OUT_ARRAY("statistics", &statistic),
    OUT_OBJECT("preview", preview_members),
    OUT_WARNINGS,
    END,
};

const lookout_schema_t lookout_query_view_data_input[] = {
    IN_ID("viewId", "vw_", "ViewId", NULL),
    IN_FILTER_OVERRIDES,
    IN_FORMAT,
    IN_PAGE_SIZE(LOOKOUT_VIEW_PAGE, LOOKOUT_VIEW_PAGE_MAX),
    IN_CURSOR,
    END,
};

const lookout_schema_t lookout_query_view_data_output[] = {
    OUT_STRING("queryId"),
    OUT_STRING("viewId"),
    OUT_TIME("executedAt"),
    OUT_ARRAY("appliedFilters", &any_object),
    OUT_PAGE,
    END,
};

/* Jobs */

/* The statuses of a kind of job; an expired one is not shown. */
static const char *
render_status_at(size_t i)
{
    return i < LOOKOUT_JOB_EXPIRED ? lookout_job_kinds[LOOKOUT_JOB_RENDER].statuses[i] : NULL;
}


static const char *
export_status_at(size_t i)
{
    return i < LOOKOUT_JOB_EXPIRED ? lookout_job_kinds[LOOKOUT_JOB_EXPORT].statuses[i] : NULL;
}


#define OUT_JOB_STATUS(value_at_)                                                              \
    { .name = "status",                                                                        \
      .kind = LOOKOUT_SCHEMA_STRING,                                                           \
      .required = true,                                                                        \
      .value_at = (value_at_) },                                                               \
    {                                                                                          \
        .name = "pollAfterMs", .kind = LOOKOUT_SCHEMA_INTEGER,                                 \
        .description = "While queued or running: ask again after so long."                     \
    }
#define OUT_STRING_OR_NULL(name_)                                                              \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_STRING, .required = true, .nullable = true     \
    }
#define OUT_URL(name_, description_)                                                           \
    {                                                                                          \
        .name = (name_), .kind = LOOKOUT_SCHEMA_STRING, .required = true, .nullable = true,    \
        .format = "uri", .description = (description_)                                         \
    }

static const lookout_schema_t job_error_members[] = {
    OUT_STRING("code"),
    OUT_STRING("message"),
    { .name = "details", .kind = LOOKOUT_SCHEMA_OBJECT },
    END,
};

#define OUT_JOB_STORY                                                                          \
    OUT_ARRAY("appliedFilters", &any_object),                                                  \
        { .name = "cached",                                                                    \
          .kind = LOOKOUT_SCHEMA_BOOLEAN,                                                      \
          .required = true,                                                                    \
          .description = "It was done before this call." },                                    \
        OUT_TIME("createdAt"), OUT_STRING_OR_NULL("completedAt")
#define OUT_JOB_END                                                                            \
    { .name = "error",                                                                         \
      .kind = LOOKOUT_SCHEMA_OBJECT,                                                           \
      .children = job_error_members,                                                           \
      .description = "Of a failed job." },                                                     \
        OUT_WARNINGS

/* Renders */

static const char *const render_inlines[] = { "base64", "image", "none", NULL };

#define IN_INLINE                                                                              \
    {                                                                                          \
        .name = "inline", .kind = LOOKOUT_SCHEMA_STRING, .values = render_inlines,             \
        .preset = "\"base64\"",                                                                \
        .description = "How the picture comes with the answer: base64 in inlineBase64, image " \
                       "as a content block to look at, none (fetch fileUrl)."                  \
    }

const lookout_schema_t lookout_create_view_render_input[] = {
    IN_ID("viewId", "vw_", "ViewId", NULL),
    { .name = "format",
      .kind = LOOKOUT_SCHEMA_STRING,
      .values = lookout_job_kinds[LOOKOUT_JOB_RENDER].formats,
      .preset = "\"png\"" },
    { .name = "width",
      .kind = LOOKOUT_SCHEMA_INTEGER,
      .min = LOOKOUT_CHART_MIN_WIDTH,
      .max = LOOKOUT_CHART_MAX_SIDE,
      .preset = TEXT(LOOKOUT_RENDER_WIDTH),
      .description = "Pixels, as height." },
    { .name = "height",
      .kind = LOOKOUT_SCHEMA_INTEGER,
      .min = LOOKOUT_CHART_MIN_HEIGHT,
      .max = LOOKOUT_CHART_MAX_SIDE,
      .preset = TEXT(LOOKOUT_RENDER_HEIGHT) },
    IN_FILTER_OVERRIDES,
    IN_INLINE,
    END,
};

const lookout_schema_t lookout_get_render_job_input[] = {
    IN_ID("renderJobId", "rj_", "RenderJobId", NULL),
    IN_INLINE,
    END,
};

const lookout_schema_t lookout_render_output[] = {
    OUT_STRING("renderJobId"),
    OUT_JOB_STATUS(render_status_at),
    OUT_STRING_OR_NULL("filePath"),
    OUT_URL("fileUrl", "To be fetched with plain HTTP, for a while."),
    OUT_STRING_OR_NULL("inlineBase64"),
    OUT_STRING("mimeType"),
    OUT_INTEGER("width"),
    OUT_INTEGER("height"),
    OUT_STRING("format"),
    OUT_JOB_STORY,
    OUT_JOB_END,
    END,
};

/* Exports */

const lookout_schema_t lookout_export_view_csv_input[] = {
    IN_ID("viewId", "vw_", "ViewId", NULL),
    IN_FILTER_OVERRIDES,
    END,
};

const lookout_schema_t lookout_get_job_input[] = {
    IN_ID("jobId", "job_", "JobId", NULL),
    END,
};

static const lookout_schema_t progress_members[] = { OUT_INTEGER("rowsWritten"), END };

const lookout_schema_t lookout_export_output[] = {
    OUT_STRING("jobId"),
    OUT_JOB_STATUS(export_status_at),
    OUT_STRING_OR_NULL("resultPath"),
    OUT_STRING_OR_NULL("manifestPath"),
    OUT_URL("fileUrl", "The CSV, to be fetched with plain HTTP, for a while."),
    OUT_URL("manifestUrl", "Types and roles of its columns, its checksum."),
    OUT_STRING("format"),
    { .name = "rowCount",
      .kind = LOOKOUT_SCHEMA_INTEGER,
      .required = true,
      .nullable = true,
      .description = "Once it is completed." },
    { .name = "inlineCsv",
      .kind = LOOKOUT_SCHEMA_STRING,
      .required = true,
      .nullable = true,
      .description = "The CSV, when it fits into 256 KB with all else." },
    OUT_JOB_STORY,
    { .name = "progress", .kind = LOOKOUT_SCHEMA_OBJECT, .children = progress_members },
    OUT_JOB_END,
    END,
};
