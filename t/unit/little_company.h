/*
 * A little company for tests: a catalogue with a few objects of each kind and state, and the
 * extracts behind it, in a temporary folder.
 *
 *     Sales Pipeline      online, 6000 rows    views: by stage (with a saved filter), rows, a
 *                                              drifted one, one with a bad saved filter
 *     Support Tickets     online, stale        view: tickets by day
 *     Marketing Spend     offline              view: ad spend
 *     Lost Extract        online, no file      view: lost
 *     Café Umsatz         online, empty table
 *     and a deleted datasource, workbook and view.
 */

#ifndef LITTLE_COMPANY_H
#define LITTLE_COMPANY_H

#include <stddef.h>

#define LITTLE_SALES "ds_salespipeline222222222"
#define LITTLE_SUPPORT "ds_supporttickets22222222"
#define LITTLE_MARKETING "ds_marketingspend22222222"
#define LITTLE_LOST "ds_lostextract22222222222"
#define LITTLE_DELETED "ds_deletedsource222222222"
#define LITTLE_CAFE "ds_cafeumsatz222222222222"

#define LITTLE_WB_SALES "wb_salesreviews2222222222"
#define LITTLE_WB_SUPPORT "wb_supportdesk22222222222"
#define LITTLE_WB_EMPTY "wb_emptybook2222222222222"
#define LITTLE_WB_DELETED "wb_deletedbook22222222222"

#define LITTLE_VW_STAGE "vw_salesbystage2222222222"
#define LITTLE_VW_ROWS "vw_salesrows2222222222222"
#define LITTLE_VW_DRIFTED "vw_driftedview22222222222"
#define LITTLE_VW_BAD_FILTER "vw_badfilter2222222222222"
#define LITTLE_VW_ADS "vw_adspend222222222222222"
#define LITTLE_VW_TICKETS "vw_ticketsbyday2222222222"
#define LITTLE_VW_LOST "vw_lostview22222222222222"
#define LITTLE_VW_DELETED "vw_deletedview22222222222"
#define LITTLE_VW_EMPTY "vw_cafeviews2222222222222"

#define LITTLE_SALES_ROWS 6000
#define LITTLE_STALE_AGE                                                                       \
    7200 /* seconds since Support Tickets was refreshed; it promises 3600 */

/* Makes the folder with catalog.db and the extracts in it, and fills in the catalogue's path.
 * Fails the test when it cannot. little_company_drop removes all of it. */
void little_company_make(char *catalog, size_t size);
void little_company_drop(const char *catalog);

/* Writes the catalogue, or the extract of Sales Pipeline with so many rows, anew: beside the
 * old file, and renamed over it. `sql` is run on the catalogue at its end; NULL: nothing. */
void little_company_catalog(const char *catalog, const char *sql);
void little_company_sales(const char *catalog, int rows);

/* Writes another extract: `sql` makes the table "extract" and fills it. */
void little_company_extract(const char *catalog, const char *file, const char *sql);

/* The path of another file in the catalogue's folder; valid until the next call. */
const char *little_company_path(const char *catalog, const char *file);

/* Puts `size` bytes of data into the file at `path`. */
void little_company_file(const char *path, const void *data, size_t size);

#endif
