/*
 * The SQL of the catalogue: every statement that it ever runs, prepared once a connection.
 * Parameters are named, so that a statement takes those of its caller that concern it.
 */

#ifndef LOOKOUT_CATALOG_STATEMENTS_H
#define LOOKOUT_CATALOG_STATEMENTS_H

typedef enum {
    LOOKOUT_STATEMENT_DATASOURCE,
    LOOKOUT_STATEMENT_FIELDS,
    LOOKOUT_STATEMENT_WORKBOOK,
    LOOKOUT_STATEMENT_VIEW,
    LOOKOUT_STATEMENT_WORKBOOK_VIEWS,

    /* Lists: in the order of names, and (search) with the best match of :q first. */
    LOOKOUT_STATEMENT_LIST_DATASOURCES,
    LOOKOUT_STATEMENT_SEARCH_DATASOURCES,
    LOOKOUT_STATEMENT_LIST_WORKBOOKS,
    LOOKOUT_STATEMENT_SEARCH_WORKBOOKS,
    LOOKOUT_STATEMENT_LIST_VIEWS,
    LOOKOUT_STATEMENT_LIST_VIEWS_OF_WORKBOOK,
    LOOKOUT_STATEMENT_SEARCH_VIEWS,

    LOOKOUT_STATEMENTS
} lookout_statement_e;

extern const char *const lookout_catalog_sql[LOOKOUT_STATEMENTS];

#endif
