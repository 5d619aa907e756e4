/*
 * The SQL text of the catalogue's statements. What several of them say is written once, as a
 * macro: the columns in the order that objects.c reads them, what counts as shown, and the
 * conditions of a list, each of which holds when its parameter is NULL.
 *
 * Joins are CROSS JOINs, SQLite's way of saying which table is the outer one: a list then walks
 * the index of its order and stops at the end of its page.
 */

#include "statements.h"

#define DATASOURCE_COLUMNS                                                                     \
    " d.id, d.name, d.description, d.connection_type, d.status, d.last_refreshed_at,"          \
    " d.freshness_sla_seconds, d.row_count, d.extract_file,"                                   \
    " (SELECT count(*) FROM field f WHERE f.datasource_id = d.id)"

#define DATASOURCE_CONDITIONS                                                                  \
    " d.deleted_at IS NULL"                                                                    \
    " AND (:contains IS NULL OR lookout_contains(:contains, d.name))"                          \
    " AND (:connection_type IS NULL OR d.connection_type = :connection_type COLLATE NOCASE)"

/* A view is shown as long as its workbook and its datasource are. */
#define SHOWN_VIEW " v.deleted_at IS NULL AND w.deleted_at IS NULL AND d.deleted_at IS NULL"

#define WORKBOOK_COLUMNS                                                                       \
    " w.id, w.name, w.description, w.owner_name, w.tags, w.updated_at,"                        \
    " (SELECT count(*) FROM view v JOIN datasource d ON d.id = v.datasource_id"                \
    "   WHERE v.workbook_id = w.id AND v.deleted_at IS NULL AND d.deleted_at IS NULL)"

#define WORKBOOK_CONDITIONS                                                                    \
    " w.deleted_at IS NULL"                                                                    \
    " AND (:contains IS NULL OR lookout_contains(:contains, w.name))"                          \
    " AND (:updated_after IS NULL OR w.updated_at > :updated_after)"

#define VIEW_COLUMNS                                                                           \
    " v.id, v.name, v.description, v.chart_type, v.updated_at,"                                \
    " w.id, w.name, d.id, d.name, d.status"

#define VIEW_JOINS                                                                             \
    " CROSS JOIN workbook w ON w.id = v.workbook_id"                                           \
    " CROSS JOIN datasource d ON d.id = v.datasource_id"

#define VIEW_CONDITIONS                                                                        \
    SHOWN_VIEW                                                                                 \
    " AND (:contains IS NULL OR lookout_contains(:contains, v.name))"                          \
    " AND (:chart_type IS NULL OR v.chart_type = :chart_type)"

#define BY_NAME(alias) " ORDER BY " alias ".name COLLATE NOCASE, " alias ".id"
#define BY_SCORE(alias) " ORDER BY hit.score DESC, " alias ".name COLLATE NOCASE, " alias ".id"
#define PAGE " LIMIT :limit OFFSET :offset"

/* Scores are worked out once a row, before they are compared and sorted by. */
#define HITS(id, score, from)                                                                  \
    "WITH hit (id, score) AS MATERIALIZED (SELECT " id ", " score " FROM" from ") SELECT"

const char *const lookout_catalog_sql[LOOKOUT_STATEMENTS] = {
    [LOOKOUT_STATEMENT_DATASOURCE] = "SELECT" DATASOURCE_COLUMNS " FROM datasource d"
                                     " WHERE d.id = :id AND d.deleted_at IS NULL",

    [LOOKOUT_STATEMENT_FIELDS] = "SELECT name, label, data_type, semantic_role, nullable,"
                                 " description, sample_values, samples_complete FROM field"
                                 " WHERE datasource_id = :id ORDER BY position",

    [LOOKOUT_STATEMENT_WORKBOOK] = "SELECT" WORKBOOK_COLUMNS " FROM workbook w"
                                   " WHERE w.id = :id AND w.deleted_at IS NULL",

    [LOOKOUT_STATEMENT_VIEW] = "SELECT" VIEW_COLUMNS ", v.encoding, v.saved_filters"
                               " FROM view v" VIEW_JOINS " WHERE v.id = :id AND" SHOWN_VIEW,

    [LOOKOUT_STATEMENT_WORKBOOK_VIEWS] =
        "SELECT" VIEW_COLUMNS " FROM view v" VIEW_JOINS
        " WHERE v.workbook_id = :id AND" SHOWN_VIEW " ORDER BY v.position, v.id",

    [LOOKOUT_STATEMENT_LIST_DATASOURCES] = "SELECT" DATASOURCE_COLUMNS " FROM datasource d"
                                           " WHERE" DATASOURCE_CONDITIONS BY_NAME("d") PAGE,

    [LOOKOUT_STATEMENT_SEARCH_DATASOURCES] =
        HITS("d.id", "lookout_fuzzy(:q, d.name, d.description, '')",
             " datasource d WHERE" DATASOURCE_CONDITIONS) DATASOURCE_COLUMNS
    " FROM hit CROSS JOIN datasource d ON d.id = hit.id"
    " WHERE hit.score > 0" BY_SCORE("d") PAGE,

    [LOOKOUT_STATEMENT_LIST_WORKBOOKS] = "SELECT" WORKBOOK_COLUMNS " FROM workbook w"
                                         " WHERE" WORKBOOK_CONDITIONS BY_NAME("w") PAGE,

    [LOOKOUT_STATEMENT_SEARCH_WORKBOOKS] =
        HITS("w.id", "lookout_fuzzy(:q, w.name, w.description, w.tags)",
             " workbook w WHERE" WORKBOOK_CONDITIONS) WORKBOOK_COLUMNS
    " FROM hit CROSS JOIN workbook w ON w.id = hit.id"
    " WHERE hit.score > 0" BY_SCORE("w") PAGE,

    [LOOKOUT_STATEMENT_LIST_VIEWS] = "SELECT" VIEW_COLUMNS " FROM view v" VIEW_JOINS
                                     " WHERE" VIEW_CONDITIONS BY_NAME("v") PAGE,

    [LOOKOUT_STATEMENT_LIST_VIEWS_OF_WORKBOOK] =
        "SELECT" VIEW_COLUMNS " FROM view v" VIEW_JOINS " WHERE v.workbook_id = :workbook_id"
        " AND" VIEW_CONDITIONS BY_NAME("v") PAGE,

    [LOOKOUT_STATEMENT_SEARCH_VIEWS] =
        HITS("v.id", "lookout_fuzzy(:q, v.name, v.description, w.name)",
             " view v" VIEW_JOINS " WHERE"
             " (:workbook_id IS NULL OR v.workbook_id = :workbook_id) AND" VIEW_CONDITIONS)
            VIEW_COLUMNS " FROM hit CROSS JOIN view v ON v.id = hit.id" VIEW_JOINS
                         " WHERE hit.score > 0" BY_SCORE("v") PAGE,
};
