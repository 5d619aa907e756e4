/*
 * lookout-seed: the demo company as the contract has it, the same bytes twice, catalogues from
 * plain CSV files, and mistakes in descriptions. Runs the program that the environment's
 * LOOKOUT_SEED names, from the repository's root.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "../../ngx_lookout_module/base/json.h"
#include "../../ngx_lookout_module/query/extract.h"
#include "../../ngx_lookout_module/query/filter.h"
#include "../../ngx_lookout_module/query/view.h"

#define AS_OF "2026-05-15"
#define AS_OF_SECONDS 1778803200
#define FIELDS_MAX 40

static char folder[64];  /* all that the tests write */
static char company[96]; /* the demo company's catalogue */
static sqlite3 *catalog; /* its catalog.db */
static char said[20000]; /* what the seeder's last run printed */


/* ---- running the seeder, asking SQLite --------------------------------------------------- */

static int
run(const char *as_of, const char *input, const char *output)
{
    const char *program = getenv("LOOKOUT_SEED");
    char command[600], log[100];
    FILE *file;
    size_t n;
    int status;

    if (program == NULL) {
        fail_msg("LOOKOUT_SEED has to name the seeder");
    }
    snprintf(log, sizeof(log), "%s/log", folder);
    snprintf(command, sizeof(command), "'%s' --as-of %s '%s' '%s' >'%s' 2>&1", program, as_of,
             input, output, log);
    status = system(command);
    file = fopen(log, "r");
    assert_non_null(file);
    n = fread(said, 1, sizeof(said) - 1, file);
    said[n] = '\0';
    fclose(file);
    return WEXITSTATUS(status);
}


static void
shell(const char *format, ...)
{
    char command[600];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    if (system(command) != 0) {
        fail_msg("%s", command);
    }
}


static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}


static sqlite3 *
open_db(const char *output, const char *name)
{
    char path[200];
    sqlite3 *db;

    snprintf(path, sizeof(path), "%s/%s.db", output, name);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", path, sqlite3_errmsg(db));
    }
    return db;
}


static sqlite3_stmt *
query(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
    return stmt;
}


static int64_t
number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = query(db, sql);
    int64_t n;

    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}


/* All rows, values parted by |, rows by blanks. */
static const char *
text(sqlite3 *db, const char *sql)
{
    static char all[4000];
    sqlite3_stmt *stmt = query(db, sql);
    size_t n = 0;

    all[0] = '\0';
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const char *value = (const char *) sqlite3_column_text(stmt, i);

            n += (size_t) snprintf(all + n, sizeof(all) - n, "%s%s",
                                   i > 0   ? "|"
                                   : n > 0 ? " "
                                           : "",
                                   value == NULL ? "NULL" : value);
        }
    }
    sqlite3_finalize(stmt);
    return all;
}


static int
setup(void **state)
{
    (void) state;
    strcpy(folder, "/tmp/lookout-seed-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(company, sizeof(company), "%s/company", folder);
    if (run(AS_OF, "seed/company", company) != 0) {
        fputs(said, stderr);
        return -1;
    }
    catalog = open_db(company, "catalog");
    return 0;
}


static int
teardown(void **state)
{
    (void) state;
    sqlite3_close(catalog);
    shell("rm -rf '%s'", folder);
    return 0;
}


/* ---- the demo company -------------------------------------------------------------------- */

static void
test_numbers_of_the_contract(void **state)
{
    (void) state;
    assert_int_equal(
        number(catalog, "SELECT count(*) FROM datasource WHERE deleted_at IS NULL"), 8);
    assert_int_equal(number(catalog, "SELECT count(*) FROM workbook WHERE deleted_at IS NULL"),
                     51);
    assert_int_equal(number(catalog, "SELECT count(*) FROM view WHERE deleted_at IS NULL"),
                     390);
    assert_in_range(number(catalog, "SELECT sum(row_count) FROM datasource "
                                    "WHERE deleted_at IS NULL"),
                    117500, 118500);
    assert_int_equal(number(catalog, "SELECT row_count FROM datasource "
                                     "WHERE name = 'Product Usage'"),
                     100000);
    assert_string_equal(
        text(catalog, "SELECT d.connection_type, count(*) FROM datasource d JOIN field f "
                      "ON f.datasource_id = d.id WHERE d.name = 'Sales Pipeline'"),
        "postgres|14");
    /* Some of everything is deleted, and nothing that shows is in something deleted. */
    assert_true(number(catalog, "SELECT count(*) FROM datasource WHERE deleted_at > 0") > 0);
    assert_true(number(catalog, "SELECT count(*) FROM workbook WHERE deleted_at > 0") > 1);
    assert_true(number(catalog, "SELECT count(*) FROM view WHERE deleted_at > 0") > 3);
    assert_int_equal(
        number(catalog,
               "SELECT count(*) FROM view v JOIN workbook w ON w.id = v.workbook_id "
               "JOIN datasource d ON d.id = v.datasource_id WHERE v.deleted_at IS NULL "
               "AND (w.deleted_at > 0 OR d.deleted_at > 0)"),
        0);
}


static void
test_one_is_offline_and_one_is_stale(void **state)
{
    char sql[300];

    (void) state;
    assert_string_equal(text(catalog, "SELECT name FROM datasource WHERE status = 'offline' "
                                      "AND deleted_at IS NULL"),
                        "Warehouse Inventory");
    snprintf(sql, sizeof(sql),
             "SELECT name FROM datasource WHERE deleted_at IS NULL "
             "AND %d - last_refreshed_at > freshness_sla_seconds",
             AS_OF_SECONDS);
    assert_string_equal(text(catalog, sql), "Marketing Attribution");
    /* A day after the seeding the others are still fresh, and nothing is from the future. */
    snprintf(sql, sizeof(sql),
             "SELECT name FROM datasource WHERE deleted_at IS NULL "
             "AND (%d - last_refreshed_at > freshness_sla_seconds OR last_refreshed_at >= %d)",
             AS_OF_SECONDS + 3 * 86400, AS_OF_SECONDS);
    assert_string_equal(text(catalog, sql), "Marketing Attribution");
}


static void
test_the_seed_page_has_answers(void **state)
{
    sqlite3 *sales = open_db(company, "extracts/sales_pipeline");

    (void) state;
    assert_true(number(sales, "SELECT count(*) FROM extract WHERE close_quarter = '2026Q1' "
                              "AND stage = 'Negotiation'")
                > 5);
    assert_true(number(sales, "SELECT count(DISTINCT stage) FROM extract "
                              "WHERE close_quarter = '2026Q1' AND region = 'EMEA'")
                >= 4);
    assert_true(number(sales, "SELECT count(*) FROM extract "
                              "WHERE close_quarter = '2026Q1' AND region = 'EMEA'")
                >= 18);
    sqlite3_close(sales);
}


/* The 25 and fewer values of a text are all listed; numbers show typical ones. */
static void
test_samples(void **state)
{
    (void) state;
    assert_string_equal(text(catalog,
                             "SELECT f.samples_complete, json_array_length(f.sample_values), "
                             "(SELECT group_concat(value) FROM (SELECT value FROM "
                             "json_each(f.sample_values) ORDER BY value)) "
                             "FROM field f JOIN datasource d ON d.id = f.datasource_id "
                             "WHERE d.name = 'Sales Pipeline' AND f.name = 'region'"),
                        "1|4|APAC,EMEA,LATAM,NA");
    assert_string_equal(text(catalog,
                             "SELECT f.samples_complete, json_array_length(f.sample_values) "
                             "FROM field f JOIN datasource d ON d.id = f.datasource_id "
                             "WHERE d.name = 'Sales Pipeline' AND f.name IN ('amount_usd', "
                             "'account_name') ORDER BY f.name"),
                        "0|5 0|5");
    assert_string_equal(
        text(catalog, "SELECT sample_values FROM field WHERE name = 'is_trial'"),
        "[false,true]");
}


/* About three in a hundred values are missing where a field may be empty, in every source. */
static void
test_share_of_nulls(void **state)
{
    sqlite3_stmt *fields = query(catalog, "SELECT substr(d.extract_file, 1, "
                                          "length(d.extract_file) - 3), f.name, d.row_count "
                                          "FROM field f JOIN datasource d "
                                          "ON d.id = f.datasource_id WHERE f.nullable");
    double share = 0, n = 0;
    char sql[300];

    (void) state;
    while (sqlite3_step(fields) == SQLITE_ROW) {
        sqlite3 *db = open_db(company, (const char *) sqlite3_column_text(fields, 0));
        double rows = (double) sqlite3_column_int64(fields, 2), nulls;

        snprintf(sql, sizeof(sql), "SELECT count(*) FROM extract WHERE \"%s\" IS NULL",
                 sqlite3_column_text(fields, 1));
        nulls = (double) number(db, sql) / rows;
        if (nulls < 0.01 || nulls > 0.06) {
            fail_msg("%s: %.3f", sql, nulls);
        }
        share += nulls;
        n++;
        sqlite3_close(db);
    }
    sqlite3_finalize(fields);
    assert_true(n >= 15);
    assert_true(share / n > 0.024 && share / n < 0.036);
}


/* The fields of the datasource, as the catalogue gives them to the server. */
static lookout_fields_t
read_fields(lookout_arena_t *arena, const char *datasource)
{
    sqlite3_stmt *stmt =
        query(catalog, "SELECT name, label, data_type, semantic_role, nullable, "
                       "sample_values, samples_complete FROM field "
                       "WHERE datasource_id = ? ORDER BY position");
    lookout_field_t *items = lookout_arena_alloc(arena, FIELDS_MAX * sizeof(*items));
    size_t n = 0;

    assert_non_null(items);
    sqlite3_bind_text(stmt, 1, datasource, -1, SQLITE_TRANSIENT);
    while (sqlite3_step(stmt) == SQLITE_ROW && n < FIELDS_MAX) {
        lookout_str_t values[7];

        for (int i = 0; i < 7; i++) {
            values[i] = lookout_arena_copy(
                arena, lookout_str((const char *) sqlite3_column_text(stmt, i)));
        }
        items[n] = (lookout_field_t){ .name = values[0],
                                      .label = values[1],
                                      .nullable = sqlite3_column_int(stmt, 4) == 1,
                                      .sample_values = values[5],
                                      .samples_complete = sqlite3_column_int(stmt, 6) == 1 };
        assert_true(lookout_type_parse(values[2], &items[n].type));
        assert_true(lookout_role_parse(values[3], &items[n].role));
        n++;
    }
    sqlite3_finalize(stmt);
    return (lookout_fields_t){ items, n };
}


/* How many rows the view has; -1: it drifted. Any other failure ends the test. */
static int
count_rows(lookout_arena_t *arena, lookout_extract_t *extract, sqlite3_stmt *view)
{
    lookout_json_error_t where;
    lookout_error_t error = { 0 };
    lookout_watch_t watch = { 0 };
    lookout_filters_t filters;
    lookout_columns_t columns;
    lookout_sql_t sql;
    lookout_code_e code;
    sqlite3_stmt *stmt;
    cJSON *json[2];
    int rows = 0;

    for (int i = 0; i < 2; i++) {
        json[i] = lookout_json_parse(
            arena, lookout_str((const char *) sqlite3_column_text(view, i)), &where);
        assert_non_null(json[i]);
    }
    assert_true(lookout_sql_init(&sql, arena));
    code = lookout_filters_parse(arena, json[1], extract->fields, &filters, &error);
    if (code == LOOKOUT_OK) {
        code = lookout_view_compile(arena, extract, json[0], filters, &watch, &sql, &columns,
                                    &error);
    }
    if (code == LOOKOUT_SCHEMA_DRIFT) {
        return -1;
    }
    if (code != LOOKOUT_OK) {
        fail_msg("%s: %.*s", sqlite3_column_text(view, 2), LOOKOUT_STR_ARG(error.message));
    }
    assert_int_equal(lookout_sql_prepare(&sql, extract->db.sql, &stmt), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        rows++;
    }
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    return rows;
}


/* Every view but the one that drifted shows something, its filters included; every source has
 * views of its rows as they are. */
static void
test_every_view_shows_something(void **state)
{
    sqlite3_stmt *sources = query(catalog, "SELECT id, extract_file, row_count FROM datasource "
                                           "WHERE deleted_at IS NULL");
    int drifted = 0, views = 0;

    (void) state;
    while (sqlite3_step(sources) == SQLITE_ROW) {
        const char *id = (const char *) sqlite3_column_text(sources, 0);
        sqlite3_stmt *view = query(catalog, "SELECT encoding, saved_filters, name FROM view "
                                            "WHERE deleted_at IS NULL AND datasource_id = ?");
        lookout_arena_t *arena = lookout_arena_create();
        lookout_extract_t extract = { 0 };
        lookout_error_t error;
        int row_level = 0, most = 0;
        char path[200];

        snprintf(path, sizeof(path), "%s/%s", company, sqlite3_column_text(sources, 1));
        assert_int_equal(lookout_extract_fresh(&extract, path, arena, &error), LOOKOUT_OK);
        extract.fields = read_fields(arena, id);
        sqlite3_bind_text(view, 1, id, -1, SQLITE_STATIC);
        while (sqlite3_step(view) == SQLITE_ROW) {
            int rows = count_rows(arena, &extract, view);

            if (rows == 0) {
                fail_msg("%s shows nothing", sqlite3_column_text(view, 2));
            }
            if (strstr((const char *) sqlite3_column_text(view, 0), "\"aggregate\"") == NULL) {
                row_level++;
                most = rows > most ? rows : most;
            }
            drifted += rows < 0;
            views++;
        }
        sqlite3_finalize(view);
        assert_true(row_level > 0);
        assert_true(most * 4 > sqlite3_column_int(sources, 2));
        assert_true(sqlite3_column_int(sources, 2) != 100000 || most == 100000);
        lookout_extract_close(&extract);
        lookout_arena_destroy(arena);
    }
    sqlite3_finalize(sources);
    assert_int_equal(views, 390);
    assert_int_equal(drifted, 1);
}


static void
test_every_chart_is_there(void **state)
{
    (void) state;
    assert_string_equal(text(catalog, "SELECT DISTINCT chart_type FROM view "
                                      "WHERE deleted_at IS NULL ORDER BY 1"),
                        "area bar donut heatmap histogram line map pie scatter treemap");
    assert_in_range(number(catalog, "SELECT count(*) FROM view WHERE chart_type = 'map'"), 1,
                    3);
    assert_true(number(catalog, "SELECT count(*) FROM view WHERE saved_filters <> '[]'") > 130);
}


/* What an answer shows does not depend on the day of the seeding; nor do ids and versions. */
static void
test_same_bytes_twice(void **state)
{
    char again[96], later[96];
    sqlite3 *db, *other;

    (void) state;
    snprintf(again, sizeof(again), "%s/again", folder);
    assert_int_equal(run(AS_OF, "seed/company", again), 0);
    shell("diff -r '%s' '%s'", company, again);
    snprintf(later, sizeof(later), "%s/later", folder);
    shell("rm -rf '%s'", again);
    assert_int_equal(run("2026-08-31", "seed/company", later), 0);
    shell("diff -r '%s/extracts' '%s/extracts'", company, later);
    db = open_db(later, "catalog");
    assert_int_equal(number(db, "PRAGMA application_id"), 0x4c4b4f43);
    assert_true(number(db, "PRAGMA user_version") != number(catalog, "PRAGMA user_version"));
    assert_string_equal(text(db, "SELECT id FROM view WHERE name = 'Bookings by territory'"),
                        "vw_4lh37xzvk4x4tas2cj7jnr");
    sqlite3_close(db);
    other = open_db(later, "extracts/headcount");
    assert_int_equal(number(other, "PRAGMA application_id"), LOOKOUT_EXTRACT_APPLICATION_ID);
    assert_true(number(other, "PRAGMA user_version") > 0);
    sqlite3_close(other);
}


/* ---- plain CSV files --------------------------------------------------------------------- */

static void
test_a_folder_of_csv_files(void **state)
{
    char input[96], output[96], path[200];
    sqlite3 *db;

    (void) state;
    snprintf(input, sizeof(input), "%s/csv", folder);
    snprintf(output, sizeof(output), "%s/csv-out", folder);
    shell("mkdir '%s'", input);
    snprintf(path, sizeof(path), "%s/Web Orders-2026.csv", input);
    write_file(path,
               "\xef\xbb\xbf"
               "Order ID,Gr\xc3\xb6\xc3\x9f"
               "e,Ordered At,Amount (EUR),Paid,PLZ,Note\r\n"
               "1001,XL,2026-01-02 10:15,12.50,yes,01067,\"He said \"\"hi\"\", twice\"\r\n"
               "1002,M,2026-01-03T11:00:30+02:00,8,no,75001,\r\n"
               "1003,XL,2026-02-03T11:00:00Z,1e2,yes,01067,\"line\nbreak\"\r\n");
    snprintf(path, sizeof(path), "%s/semi.csv", input);
    write_file(path, "name;value\nA;1\nB;2");
    if (run(AS_OF, input, output) != 0) {
        fail_msg("%s", said);
    }
    db = open_db(output, "catalog");
    assert_string_equal(text(db, "SELECT name, connection_type, row_count FROM datasource "
                                 "ORDER BY name"),
                        "Semi|csv|2 Web Orders 2026|csv|3");
    assert_string_equal(
        text(db, "SELECT name, data_type, semantic_role, nullable FROM field f WHERE "
                 "(SELECT name FROM datasource WHERE id = f.datasource_id) LIKE 'Web%'"),
        "order_id|integer|identifier|0 gr\xc3\xb6sse|string|dimension|0 "
        "ordered_at|timestamp|time|0 amount_eur|float|measure|0 paid|boolean|dimension|0 "
        "plz|string|dimension|0 note|string|dimension|1");
    assert_string_equal(text(db, "SELECT name FROM view WHERE chart_type = 'scatter' "
                                 "ORDER BY length(encoding)"),
                        "All rows All rows");
    sqlite3_close(db);
    db = open_db(output, "extracts/web_orders_2026");
    assert_string_equal(text(db, "SELECT ordered_at, amount_eur, paid, plz, note FROM extract"),
                        "2026-01-02T10:15:00Z|12.5|1|01067|He said \"hi\", twice "
                        "2026-01-03T09:00:30Z|8.0|0|75001|NULL "
                        "2026-02-03T11:00:00Z|100.0|1|01067|line\nbreak");
    sqlite3_close(db);
}


/* ---- mistakes ---------------------------------------------------------------------------- */

#define FIELDS                                                                                 \
    "\"name\":\"X\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"role\":\"measure\"},"   \
    "{\"name\":\"d\",\"type\":\"date\",\"role\":\"time\",\"nullable\":true}]"
#define VIEW(rest)                                                                             \
    "{" FIELDS ",\"workbooks\":[{\"name\":\"W\",\"views\":[{\"name\":\"v\"," rest "}]}]}"
#define GOOD_CSV "a,d\n1,2026-01-01\n"

static const struct {
    const char *csv;
    const char *json; /* NULL: none */
    const char *message;
} mistakes[] = {
    { "a,d\n1,2026-01-01\nx,\n", "{" FIELDS "}",
      "x.csv: line 3: a: \"x\" is not a whole number of at most 64 bits" },
    { "a,d\n99999999999999999999,\n", "{" FIELDS "}",
      "line 2: a: \"99999999999999999999\" is" },
    { "a,d\n1,2026-02-30\n", "{" FIELDS "}", "line 2: d: \"2026-02-30\" is not a day" },
    { "a,d\n1,2,3\n", "{" FIELDS "}", "line 2: has 3 values, but the header names 2" },
    { "a,e\n1,\n", "{" FIELDS "}", "line 1: the column \"e\" is no field of" },
    { "a\n1\n", "{" FIELDS "}", "line 1: the column \"d\" is missing" },
    { "a,a\n1,1\n", NULL, "line 1: columns 1 and 2 are both called \"a\"" },
    { "a,d\n,\n", "{" FIELDS "}", "line 2: a: nothing there, though" },
    { "a,d\n\"1,\n", "{" FIELDS "}", "line 2: value 1 begins with a quote that is never" },
    { "a,d\n1\"2,\n", "{" FIELDS "}", "line 2: value 1 has a quote in its middle" },
    { "a,d\n\"1\"2,\n", "{" FIELDS "}", "line 2: value 1 goes on after its closing quote" },
    { "a,d\n1,\n2,\xff\n", "{" FIELDS "}", "line 3: is not UTF-8" },
    { "", "{" FIELDS "}", "x.csv: is empty" },
    { GOOD_CSV, "{" FIELDS, "x.json: line 1, column" },
    { GOOD_CSV, "{\"name\":\"X\",\"fieldz\":[]}", "\"fieldz\" means nothing here; did you" },
    { GOOD_CSV, "{\"name\":\"X\",\"fields\":[{\"name\":\"A b\"}]}",
      "fields[0]: \"A b\" is no name for a field" },
    { GOOD_CSV, VIEW("\"chart\":\"baar\",\"x\":\"a\""), "there is no chart \"baar\"; did you" },
    { GOOD_CSV, VIEW("\"chart\":\"bar\",\"x\":\"sum(b)\""),
      "workbooks[0].views[0].x: X has no field \"b\"" },
    { GOOD_CSV, VIEW("\"chart\":\"bar\",\"x\":\"sum(d)\""), "x: sum() needs a number" },
    { GOOD_CSV, VIEW("\"chart\":\"bar\",\"x\":\"a | srt -y\""), "\"srt\" is none of sort" },
    { GOOD_CSV, VIEW("\"chart\":\"bar\""), "views[0]: shows nothing" },
    { GOOD_CSV, VIEW("\"chart\":\"bar\",\"x\":\"a\",\"filters\":[[\"a\",\"eq\",\"x\"]]"),
      "the view \"v\" cannot be shown: Filter 0" },
    { GOOD_CSV, VIEW("\"chart\":\"bar\",\"x\":\"a\",\"drifted\":true"),
      "marked as \"drifted\"" },
};


/* Each is named with its place, and leaves the catalogue that was there as it was. */
static void
test_mistakes_change_nothing(void **state)
{
    char input[96], output[96], before[96], csv[128], json[128];

    (void) state;
    snprintf(input, sizeof(input), "%s/bad", folder);
    snprintf(output, sizeof(output), "%s/bad-out", folder);
    snprintf(before, sizeof(before), "%s/bad-before", folder);
    snprintf(csv, sizeof(csv), "%s/x.csv", input);
    snprintf(json, sizeof(json), "%s/x.json", input);
    shell("mkdir '%s'", input);
    write_file(csv, GOOD_CSV);
    assert_int_equal(run(AS_OF, input, output), 0);
    shell("cp -r '%s' '%s'", output, before);
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        write_file(csv, mistakes[i].csv);
        shell("rm -f '%s'", json);
        if (mistakes[i].json != NULL) {
            write_file(json, mistakes[i].json);
        }
        assert_int_equal(run(AS_OF, input, output), 1);
        if (strstr(said, mistakes[i].message) == NULL) {
            fail_msg("%s is not in %s", mistakes[i].message, said);
        }
        shell("diff -r '%s' '%s'", before, output);
    }
}


static void
test_mistakes_in_sql(void **state)
{
    static const struct {
        const char *sql;
        const char *message;
    } scripts[] = {
        { "SELECT 1 AS a,\n b FROM c", "x.sql: line 1: no such table: c" },
        { "SELECT 1 AS a, '2026-01-01' AS d, 3 AS e", "the column \"e\" is no field" },
        { "SELECT 'x' AS a, NULL AS d", "row 1: a: \"x\" is not a whole number" },
        { "SELECT NULL AS a, NULL AS d", "row 1: a: NULL, though" },
        { "CREATE TEMP TABLE t (a);", "has no SELECT" },
        { "SELECT 1 AS a, NULL AS d; SELECT 2", "goes on after the SELECT" },
        { "SELECT rndint(5, 1, 'k') AS a, NULL AS d", "high is below low" },
    };
    char input[96], output[96], path[128];

    (void) state;
    snprintf(input, sizeof(input), "%s/sql", folder);
    snprintf(output, sizeof(output), "%s/sql-out", folder);
    shell("mkdir '%s'", input);
    snprintf(path, sizeof(path), "%s/x.json", input);
    write_file(path, "{" FIELDS "}");
    snprintf(path, sizeof(path), "%s/x.sql", input);
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        write_file(path, scripts[i].sql);
        assert_int_equal(run(AS_OF, input, output), 1);
        if (strstr(said, scripts[i].message) == NULL) {
            fail_msg("%s is not in %s", scripts[i].message, said);
        }
    }
}


/* Another content is another version; an extract that nothing refers to any more goes away. */
static void
test_reseeding(void **state)
{
    char input[96], output[96], path[128];
    int64_t version;
    sqlite3 *db;

    (void) state;
    snprintf(input, sizeof(input), "%s/again-in", folder);
    snprintf(output, sizeof(output), "%s/again-out", folder);
    shell("mkdir '%s'", input);
    snprintf(path, sizeof(path), "%s/a.csv", input);
    write_file(path, GOOD_CSV);
    assert_int_equal(run(AS_OF, input, output), 0);
    db = open_db(output, "extracts/a");
    version = number(db, "PRAGMA user_version");
    sqlite3_close(db);
    write_file(path, "a,d\n2,2026-01-01\n");
    assert_int_equal(run(AS_OF, input, output), 0);
    db = open_db(output, "extracts/a");
    assert_true(number(db, "PRAGMA user_version") != version);
    sqlite3_close(db);
    shell("mv '%s' '%s/b.csv'", path, input);
    assert_int_equal(run(AS_OF, input, output), 0);
    shell("test ! -e '%s/extracts/a.db' -a -e '%s/extracts/b.db'", output, output);
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_of_the_contract),
        cmocka_unit_test(test_one_is_offline_and_one_is_stale),
        cmocka_unit_test(test_the_seed_page_has_answers),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_share_of_nulls),
        cmocka_unit_test(test_every_view_shows_something),
        cmocka_unit_test(test_every_chart_is_there),
        cmocka_unit_test(test_same_bytes_twice),
        cmocka_unit_test(test_a_folder_of_csv_files),
        cmocka_unit_test(test_mistakes_change_nothing),
        cmocka_unit_test(test_mistakes_in_sql),
        cmocka_unit_test(test_reseeding),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
