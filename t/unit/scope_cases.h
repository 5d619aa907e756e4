/*
 * What the tests of scopes over the tools share: a table of scopes, and what an error says.
 */

#ifndef SCOPE_CASES_H
#define SCOPE_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/access/scope.h"
#include "job_driver.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define LIST(...)                                                                              \
    {                                                                                          \
        (const lookout_str_t[]){ __VA_ARGS__ },                                                \
            sizeof((const lookout_str_t[]){ __VA_ARGS__ }) / sizeof(lookout_str_t)             \
    }
/* A text, as an initializer. */
#define S(text)                                                                                \
    {                                                                                          \
        (text), sizeof(text) - 1                                                               \
    }
#define WON "[{\"field\":\"stage\",\"op\":\"eq\",\"value\":\"Won\"}]"
#define SALES_LEADS                                                                            \
    "[{\"field\":\"stage\",\"op\":\"eq\",\"value\":\"Lead\",\"datasourceId\":\"" LITTLE_SALES  \
    "\"}]"

/* Nobody has these. */
#define NO_SOURCE "ds_nosuchsource2222222222"
#define NO_BOOK "wb_nosuchbook222222222222"
#define NO_VIEW "vw_nosuchview222222222222"

#define SALES_VIEWS "Amount by stage,Deals,Deals by owner,Lost deals"
#define ALL_VIEWS                                                                              \
    "Ad spend,Amount by stage,Deals,Deals by owner,Lost,Lost deals,Tickets by priority,"       \
    "Umsatz im Café"
#define ALL_SOURCES "CAFÉ Umsatz,lost extract,Marketing Spend,Sales Pipeline,Support Tickets"

/* Scopes, and what each shows. */
static const struct {
    lookout_scope_t scope;
    const char *sources;
    const char *workbooks; /* with their view counts */
    const char *views;
} scopes[] = {
    { { .methods = LOOKOUT_METHODS_ALL },
      ALL_SOURCES,
      "archive 0,Help Desk 3,Sales Reviews 5",
      ALL_VIEWS },
    { { .filters = S("[]") }, ALL_SOURCES, "archive 0,Help Desk 3,Sales Reviews 5", ALL_VIEWS },
    { { .datasources = LIST(S(LITTLE_SALES)) },
      "Sales Pipeline",
      "archive 0,Help Desk 0,Sales Reviews 4",
      SALES_VIEWS },
    { { .datasources = LIST(S(LITTLE_SALES), S(NO_SOURCE), S(LITTLE_MARKETING)) },
      "Marketing Spend,Sales Pipeline",
      "archive 0,Help Desk 0,Sales Reviews 5",
      "Ad spend," SALES_VIEWS },
    { { .workbooks = LIST(S(LITTLE_WB_SUPPORT)) },
      "CAFÉ Umsatz,lost extract,Support Tickets",
      "Help Desk 3",
      "Lost,Tickets by priority,Umsatz im Café" },
    { { .workbook_tags = LIST(S("emea")) },
      "Marketing Spend,Sales Pipeline",
      "Sales Reviews 5",
      "Ad spend," SALES_VIEWS },
    { { .workbooks = LIST(S(LITTLE_WB_EMPTY)),
        .workbook_tags = LIST(S("nothing"), S("support")) },
      "CAFÉ Umsatz,lost extract,Support Tickets",
      "archive 0,Help Desk 3",
      "Lost,Tickets by priority,Umsatz im Café" },
    { { .workbooks = LIST(S(LITTLE_WB_EMPTY)) }, "", "archive 0", "" },
    { { .datasources = LIST(S(LITTLE_SALES), S(LITTLE_CAFE)),
        .workbooks = LIST(S(LITTLE_WB_SUPPORT)) },
      "CAFÉ Umsatz,Sales Pipeline",
      "Help Desk 1",
      "Umsatz im Café" },
    { { .datasources = LIST(S(NO_SOURCE)) }, "", "archive 0,Help Desk 0,Sales Reviews 0", "" },
    { { .datasources = LIST(S(LITTLE_DELETED)), .workbooks = LIST(S(LITTLE_WB_DELETED)) },
      "",
      "",
      "" },

    /* Nothing but the whole id or tag is one. */
    { { .datasources = LIST(S("ds_"), S("%"), S(""), S("DS_SALESPIPELINE222222222")),
        .workbook_tags = LIST(S("em"), S("EMEA"), S("emea "), S("%"), S("\"emea\""),
                              S("sales\", \"emea"), S("[\"emea\"]")) },
      "",
      "",
      "" },

    /* Rows: a source without the field has none to show. */
    { { .filters = S(WON) },
      "Sales Pipeline",
      "archive 0,Help Desk 0,Sales Reviews 4",
      SALES_VIEWS },
    { { .filters = S(SALES_LEADS) },
      ALL_SOURCES,
      "archive 0,Help Desk 3,Sales Reviews 5",
      ALL_VIEWS },
    { { .filters = S("[{\"field\":\"stage\",\"op\":\"not_null\"},{\"field\":\"total\",\"op\":"
                     "\"not_null\"}]") },
      "",
      "archive 0,Help Desk 0,Sales Reviews 0",
      "" },
    { { .filters = S("[{\"field\":\"Stage\",\"op\":\"not_null\"}]") },
      "",
      "archive 0,Help Desk 0,Sales Reviews 0",
      "" },
    { { .workbooks = LIST(S(LITTLE_WB_SALES)), .filters = S(WON) },
      "Sales Pipeline",
      "Sales Reviews 4",
      SALES_VIEWS },
    { { .datasources = LIST(S(LITTLE_SUPPORT)), .filters = S(WON) },
      "",
      "archive 0,Help Desk 0,Sales Reviews 0",
      "" },
};

enum { NONE = 0, SALES = 2, DESK = 4, ROWS_WON = 12, ROWS_LEADS = 13 };

static inline void
scope_is(driver_t *d, size_t i)
{
    d->scope = i == NONE ? NULL : &scopes[i].scope;
}


/* The last error as one text, with `id` taken out of it. */
static inline char *
error_text(const driver_t *d, const char *id)
{
    static char texts[2][2048];
    static int turn;
    char *text = texts[turn++ % 2], *at;

    (void) snprintf(text, sizeof(texts[0]), "%d %.*s %.*s", (int) d->code,
                    LOOKOUT_STR_ARG(d->call.error.message),
                    LOOKOUT_STR_ARG(d->call.error.details));
    while ((at = strstr(text, id)) != NULL) {
        memset(at, '*', strlen(id));
    }
    return text;
}


/* The call, with {'variable':'id'} and `more`, fails for this id as it does for one that nobody
 * has. */
static inline void
fails_as_unknown(driver_t *d, const char *tool, const char *variable, const char *id,
                 const char *nobody, const char *more)
{
    const char *hidden;

    assert_int_not_equal(ask(d, tool, "{'%s':'%s'%s}", variable, id, more), LOOKOUT_OK);
    hidden = error_text(d, id);
    assert_int_not_equal(ask(d, tool, "{'%s':'%s'%s}", variable, nobody, more), LOOKOUT_OK);
    assert_string_equal(hidden, error_text(d, nobody));
}

#endif
