/*
 * The SQL text of the catalogue's statements. What several of them say is written once, as a
 * macro: the columns in the order that objects.c reads them, what counts as shown, and the
 * conditions of a list, each of which holds when its parameter is NULL.
 *
 * What is shown is not only what is not deleted, but also what is in scope: the parameters
 * :in_... are JSON arrays, NULL where nothing is limited, and are bound for every statement
 * (lookout_reader_begin). Conditions that do not depend on the row are put into subqueries,
 * which SQLite runs once a statement, and not at all when the parameter is NULL. Tags that are
 * not JSON are no tags: the workbook stays out of a scope that asks for one.
 *
 * Joins are CROSS JOINs, SQLite's way of saying which table is the outer one: a list then walks
 * the index of its order and stops at the end of its page.
 */

#include "statements.h"

#define LISTED_DATASOURCES " IN (SELECT value FROM json_each(:in_datasources))"
#define LISTED_WORKBOOKS " IN (SELECT value FROM json_each(:in_workbooks))"
#define LISTED_TAGS " IN (SELECT value FROM json_each(:in_tags))"
#define LISTED_ROW_LIMITED " IN (SELECT value FROM json_each(:row_limited))"

#define SHOWN_WORKBOOK(w)                                                                      \
    " " w ".deleted_at IS NULL"                                                                \
    " AND ((:in_workbooks IS NULL AND :in_tags IS NULL) OR " w ".id" LISTED_WORKBOOKS          \
    "  OR (:in_tags IS NOT NULL AND EXISTS (SELECT 1 FROM"                                     \
    "   json_each(CASE WHEN json_valid(" w ".tags) THEN " w ".tags END) t"                     \
    "   WHERE t.type = 'text' AND t.value" LISTED_TAGS ")))"

/* Of a view's source: the view itself is what uses it. */
#define SHOWN_SOURCE(d)                                                                        \
    " " d ".deleted_at IS NULL"                                                                \
    " AND (:in_datasources IS NULL OR " d ".id" LISTED_DATASOURCES ")"                         \
    " AND (:in_fields IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(:in_fields) j"            \
    "  WHERE NOT EXISTS (SELECT 1 FROM field f"                                                \
    "   WHERE f.datasource_id = " d ".id AND f.name = j.value)))"

#define SHOWN_DATASOURCE                                                                       \
    SHOWN_SOURCE("d")                                                                          \
    " AND ((:in_workbooks IS NULL AND :in_tags IS NULL) OR :in_datasources IS NOT NULL"        \
    " OR d.id IN (SELECT v.datasource_id FROM view v CROSS JOIN workbook w"                    \
    " ON w.id = v.workbook_id WHERE v.deleted_at IS NULL AND" SHOWN_WORKBOOK("w") "))"

/* A view is shown as long as its workbook and its datasource are. */
#define SHOWN_VIEW " v.deleted_at IS NULL AND" SHOWN_WORKBOOK("w") " AND" SHOWN_SOURCE("d")

/* The last one is a CASE, as a value of OR has SQLite work out both sides. */
#define DATASOURCE_COLUMNS                                                                     \
    " d.id, d.name, d.description, d.connection_type, d.status, d.last_refreshed_at,"          \
    " d.freshness_sla_seconds, d.row_count, d.extract_file,"                                   \
    " (SELECT count(*) FROM field f WHERE f.datasource_id = d.id),"                            \
    " CASE WHEN :in_fields IS NOT NULL THEN 1 WHEN :row_limited IS NULL THEN 0"                \
    "  ELSE d.id" LISTED_ROW_LIMITED " END"

#define DATASOURCE_CONDITIONS                                                                  \
    SHOWN_DATASOURCE                                                                           \
    " AND (:contains IS NULL OR lookout_contains(:contains, d.name))"                          \
    " AND (:connection_type IS NULL OR d.connection_type = :connection_type COLLATE NOCASE)"

#define WORKBOOK_COLUMNS                                                                       \
    " w.id, w.name, w.description, w.owner_name, w.tags, w.updated_at,"                        \
    " (SELECT count(*) FROM view v JOIN datasource d ON d.id = v.datasource_id"                \
    "   WHERE v.workbook_id = w.id AND v.deleted_at IS NULL AND" SHOWN_SOURCE("d") ")"

#define WORKBOOK_CONDITIONS                                                                    \
    SHOWN_WORKBOOK("w")                                                                        \
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
                                     " WHERE d.id = :id AND" SHOWN_DATASOURCE,

    [LOOKOUT_STATEMENT_FIELDS] = "SELECT name, label, data_type, semantic_role, nullable,"
                                 " description, sample_values, samples_complete FROM field"
                                 " WHERE datasource_id = :id ORDER BY position",

    [LOOKOUT_STATEMENT_WORKBOOK] = "SELECT" WORKBOOK_COLUMNS " FROM workbook w"
                                   " WHERE w.id = :id AND" SHOWN_WORKBOOK("w"),

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
