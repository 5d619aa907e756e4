/*
 * The little company's files, made with SQLite itself from the schema that real catalogues
 * have.
 */

#include "little_company.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define SCHEMA "seed/schema.sql" /* tests run in the root of the checkout */

static const char company_sql[] =
    "INSERT INTO datasource VALUES"
    " ('" LITTLE_SALES "', 'Sales Pipeline', 'Open and closed deals with stage and amount.',"
    "  'postgres', 'online', unixepoch() - 60, 86400, 6000, 'sales.db', NULL),"
    " ('" LITTLE_SUPPORT "', 'Support Tickets', 'Tickets from the help desk.',"
    "  'snowflake', 'online', unixepoch() - 7200, 3600, 10, 'support.db', NULL),"
    " ('" LITTLE_MARKETING "', 'Marketing Spend', 'Spend by campaign and channel.',"
    "  'bigquery', 'offline', 1767225600, 86400, 10, 'marketing.db', NULL),"
    " ('" LITTLE_LOST "', 'lost extract', 'Its file is not there.',"
    "  'postgres', 'online', unixepoch(), 86400, 10, 'nowhere.db', NULL),"
    " ('" LITTLE_CAFE "', 'CAFÉ Umsatz', 'Täglicher Umsatz.',"
    "  'Postgres', 'online', unixepoch(), 86400, 0, 'cafe.db', NULL),"
    " ('" LITTLE_DELETED "', 'Sales Archive', 'Deleted.',"
    "  'postgres', 'online', unixepoch(), 86400, 10, 'sales.db', 1767225600);"

    "INSERT INTO field VALUES"
    " ('" LITTLE_SALES "', 0, 'deal_id', 'Deal', 'integer', 'identifier', 0, 'Number',"
    "  '[1, 2, 3]', 0),"
    " ('" LITTLE_SALES "', 1, 'stage', 'Stage', 'string', 'dimension', 0, 'Where it stands',"
    "  '[\"Lead\", \"Proposal\", \"Won\"]', 1),"
    " ('" LITTLE_SALES "', 2, 'amount_usd', 'Amount', 'float', 'measure', 1, 'In US dollars',"
    "  '[1000.0, 2500.5]', 0),"
    " ('" LITTLE_SALES "', 3, 'is_won', 'Won', 'boolean', 'dimension', 0, 'Closed and won',"
    "  '[true, false]', 1),"
    " ('" LITTLE_SALES "', 4, 'close_date', 'Close date', 'date', 'time', 0, 'Expected',"
    "  '[\"2026-01-01\"]', 0),"
    " ('" LITTLE_SALES "', 5, 'note', 'Note', 'string', 'dimension', 1, 'Free text', '[]', 0),"
    " ('" LITTLE_SUPPORT "', 0, 'opened_at', 'Opened', 'timestamp', 'time', 0, 'When',"
    "  '[\"2026-01-01T08:00:00Z\"]', 0),"
    " ('" LITTLE_SUPPORT "', 1, 'priority', 'Priority', 'integer', 'measure', 0, '1 to 3',"
    "  '[1, 2, 3]', 1),"
    " ('" LITTLE_MARKETING "', 0, 'channel', 'Channel', 'string', 'dimension', 0, 'Where',"
    "  '[\"Search\", \"Social\"]', 0),"
    " ('" LITTLE_LOST "', 0, 'n', 'N', 'integer', 'measure', 0, 'A number', '[]', 0),"
    " ('" LITTLE_CAFE "', 0, 'day', 'Day', 'date', 'time', 0, 'Day', '[]', 0),"
    " ('" LITTLE_CAFE "', 1, 'total', 'Total', 'float', 'measure', 1, 'Takings', '[]', 0);"

    "INSERT INTO workbook VALUES"
    " ('" LITTLE_WB_SALES "', 'Sales Reviews', 'Weekly look at the pipeline.', 'Ana Ruiz',"
    "  '[\"sales\", \"emea\"]', 1775000000, NULL),"
    " ('" LITTLE_WB_SUPPORT "', 'Help Desk', 'Tickets and how fast they are solved.',"
    "  'Béla Szabó', '[\"support\"]', 1776000000, NULL),"
    " ('" LITTLE_WB_EMPTY "', 'archive', 'Nothing in it.', 'Ana Ruiz', '[]', 1770000000, NULL),"
    " ('" LITTLE_WB_DELETED "', 'Sales Drafts', 'Deleted.', 'Ana Ruiz', '[]', 1776000000,"
    "  1776000001);"

    "INSERT INTO view VALUES"
    " ('" LITTLE_VW_STAGE "', '" LITTLE_WB_SALES "', '" LITTLE_SALES "', 1, 'Amount by stage',"
    "  'How much is where.', 'bar',"
    "  '{\"x\": {\"field\": \"stage\", \"type\": \"nominal\"}, \"y\": {\"field\":"
    " \"amount_usd\", \"type\": \"quantitative\", \"aggregate\": \"sum\"}}',"
    "  '[{\"field\": \"is_won\", \"op\": \"eq\", \"value\": false}]', 1775000000, NULL),"
    " ('" LITTLE_VW_ROWS "', '" LITTLE_WB_SALES "', '" LITTLE_SALES "', 0, 'Deals',"
    "  'Every deal.', 'scatter',"
    "  '{\"x\": {\"field\": \"close_date\", \"type\": \"temporal\"}, \"y\": {\"field\":"
    " \"amount_usd\", \"type\": \"quantitative\"}, \"color\": {\"field\": \"stage\", \"type\":"
    " \"nominal\"}, \"shape\": {\"field\": \"is_won\", \"type\": \"nominal\"}, \"detail\":"
    " [{\"field\": \"deal_id\", \"type\": \"nominal\"}, {\"field\": \"note\", \"type\":"
    " \"nominal\"}]}', '[]', 1775000000, NULL),"
    " ('" LITTLE_VW_DRIFTED "', '" LITTLE_WB_SALES "', '" LITTLE_SALES "', 2, 'Deals by owner',"
    "  'Owner is gone.', 'bar',"
    "  '{\"x\": {\"field\": \"owner\", \"type\": \"nominal\"}, \"y\": {\"aggregate\":"
    " \"count\", \"type\": \"quantitative\"}}',"
    "  '[{\"field\": \"territory\", \"op\": \"eq\", \"value\": \"EMEA\"}]', 1775000000, NULL),"
    " ('" LITTLE_VW_BAD_FILTER "', '" LITTLE_WB_SALES "', '" LITTLE_SALES "', 3, 'Lost deals',"
    "  'Its stage does not exist any more.', 'line',"
    "  '{\"x\": {\"field\": \"close_date\", \"type\": \"temporal\", \"timeUnit\":"
    " \"yearmonth\"}, \"y\": {\"aggregate\": \"count\", \"type\": \"quantitative\"}}',"
    "  '[{\"field\": \"stage\", \"op\": \"eq\", \"value\": \"Lost\"}]', 1775000000, NULL),"
    " ('" LITTLE_VW_TICKETS "', '" LITTLE_WB_SUPPORT "', '" LITTLE_SUPPORT "', 0,"
    "  'Tickets by priority', 'Counted.', 'bar',"
    "  '{\"x\": {\"field\": \"priority\", \"type\": \"ordinal\"}, \"y\": {\"aggregate\":"
    " \"count\", \"type\": \"quantitative\"}}', '[]', 1776000000, NULL),"
    " ('" LITTLE_VW_ADS "', '" LITTLE_WB_SALES "', '" LITTLE_MARKETING "', 4, 'Ad spend',"
    "  'Offline.', 'pie', '{\"color\": {\"field\": \"channel\", \"type\": \"nominal\"}}', '[]',"
    "  1775000000, NULL),"
    " ('" LITTLE_VW_LOST "', '" LITTLE_WB_SUPPORT "', '" LITTLE_LOST "', 1, 'Lost', 'Lost.',"
    "  'bar', '{\"x\": {\"field\": \"n\", \"type\": \"quantitative\"}}', '[]', 1775000000, "
    "NULL),"
    " ('" LITTLE_VW_EMPTY "', '" LITTLE_WB_SUPPORT "', '" LITTLE_CAFE "', 2, 'Umsatz im Café',"
    "  'Noch leer.', 'line', '{\"x\": {\"field\": \"day\", \"type\": \"temporal\"}, \"y\":"
    " {\"field\": \"total\", \"type\": \"quantitative\"}}', '[]', 1775000000, NULL),"
    " ('" LITTLE_VW_DELETED "', '" LITTLE_WB_SALES "', '" LITTLE_SALES "', 5, 'Amount drafts',"
    "  'Deleted.', 'bar', '{}', '[]', 1775000000, 1775000001),"
    " ('vw_ofdeletedbook222222222', '" LITTLE_WB_DELETED "', '" LITTLE_SALES "', 0,"
    "  'Amount of a deleted workbook', 'Hidden.', 'bar', '{}', '[]', 1775000000, NULL),"
    " ('vw_ofdeletedsource2222222', '" LITTLE_WB_SALES "', '" LITTLE_DELETED "', 6,"
    "  'Amount of a deleted source', 'Hidden.', 'bar', '{}', '[]', 1775000000, NULL);";

static const char sales_sql[] =
    "CREATE TABLE extract (deal_id INTEGER, stage TEXT, amount_usd REAL, is_won INTEGER,"
    " close_date TEXT, note TEXT) STRICT;"
    "INSERT INTO extract WITH RECURSIVE deal (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM deal"
    " WHERE i < %d) SELECT i, CASE i %% 3 WHEN 0 THEN 'Won' WHEN 1 THEN 'Lead' ELSE 'Proposal'"
    " END, CASE WHEN i %% 100 = 50 THEN NULL ELSE i * 10.5 END, i %% 3 = 0,"
    " date('2026-01-01', (i %% 365) || ' days'), CASE WHEN i %% 10 = 0 THEN NULL ELSE"
    " printf('Deal %%05d, \"signed\" in %%s', i, hex(zeroblob(40))) END FROM deal;";

static const char support_sql[] =
    "CREATE TABLE extract (opened_at TEXT, priority INTEGER) STRICT;"
    "INSERT INTO extract WITH RECURSIVE ticket (i) AS (SELECT 1 UNION ALL SELECT i + 1"
    " FROM ticket WHERE i < 10) SELECT printf('2026-01-%02dT08:00:00Z', i), i % 3 + 1"
    " FROM ticket;";

static const char cafe_sql[] = "CREATE TABLE extract (day TEXT, total REAL) STRICT;";


const char *
little_company_path(const char *catalog, const char *file)
{
    static char path[512];
    size_t folder = (size_t) (strrchr(catalog, '/') - catalog) + 1;

    (void) snprintf(path, sizeof(path), "%.*s%s", (int) folder, catalog, file);
    return path;
}


void
little_company_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}


static char *
read_text(const char *path)
{
    char *text = calloc(1, 65536);
    FILE *file = fopen(path, "rb");

    assert_non_null(text);
    assert_non_null(file);
    assert_true(fread(text, 1, 65535, file) > 0);
    (void) fclose(file);
    return text;
}


static void
run(sqlite3 *sql, const char *text)
{
    char *why = NULL;

    if (sqlite3_exec(sql, text, NULL, NULL, &why) != SQLITE_OK) {
        print_error("%s\n", why);
        sqlite3_free(why);
        fail();
    }
}


/* A new file that takes the place of the one at `path`: first and second are its contents. */
static void
write_database(const char *path, const char *first, const char *second, const char *third)
{
    char aside[600];
    sqlite3 *sql;

    (void) snprintf(aside, sizeof(aside), "%s.new", path);
    (void) unlink(aside);

    assert_int_equal(sqlite3_open(aside, &sql), SQLITE_OK);
    run(sql, "PRAGMA synchronous = OFF");
    run(sql, first);
    run(sql, second);
    if (third != NULL) {
        run(sql, third);
    }
    assert_int_equal(sqlite3_close(sql), SQLITE_OK);
    assert_int_equal(rename(aside, path), 0);
}


void
little_company_extract(const char *catalog, const char *file, const char *sql)
{
    char pragmas[128];

    (void) snprintf(pragmas, sizeof(pragmas),
                    "PRAGMA application_id = 0x4c4b4f45; PRAGMA user_version = %zu",
                    strlen(sql));
    write_database(little_company_path(catalog, file), pragmas, sql, NULL);
}


void
little_company_sales(const char *catalog, int rows)
{
    char text[2048];

    (void) snprintf(text, sizeof(text), sales_sql, rows);
    little_company_extract(catalog, "sales.db", text);
}


void
little_company_catalog(const char *catalog, const char *sql)
{
    char *schema = read_text(SCHEMA);

    write_database(catalog, schema, company_sql, sql);
    free(schema);
}


void
little_company_make(char *catalog, size_t size)
{
    const char *base = getenv("TMPDIR");

    (void) snprintf(catalog, size, "%s/lookout-test-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(catalog));
    (void) strncat(catalog, "/catalog.db", size - strlen(catalog) - 1);

    little_company_catalog(catalog, NULL);
    little_company_sales(catalog, LITTLE_SALES_ROWS);
    little_company_extract(catalog, "support.db", support_sql);
    little_company_extract(catalog, "cafe.db", cafe_sql);
}


void
little_company_drop(const char *catalog)
{
    size_t i;
    static const char *const files[] = {
        "catalog.db", "copy.db", "sales.db", "support.db", "cafe.db", "nowhere.db", "",
    };

    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void) remove(little_company_path(catalog, files[i]));
    }
}
