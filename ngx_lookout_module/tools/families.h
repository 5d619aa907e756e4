/*
 * The functions behind the tools, and behind the resources that show a family's files; and the
 * limits that the tools' schemas publish.
 */

#ifndef LOOKOUT_FAMILIES_H
#define LOOKOUT_FAMILIES_H

#include "../mcp/registry.h"

/* Rows a page when the call does not say, and at most; the latter is also the most rows over
 * all pages. */
#define LOOKOUT_QUERY_PAGE 500
#define LOOKOUT_QUERY_PAGE_MAX 5000
#define LOOKOUT_VIEW_PAGE 100
#define LOOKOUT_VIEW_PAGE_MAX 1000

/* Pixels of a picture when the call does not say. */
#define LOOKOUT_RENDER_WIDTH 960
#define LOOKOUT_RENDER_HEIGHT 540

/* datasources.c */
lookout_code_e lookout_list_datasources(lookout_call_t *call);
lookout_code_e lookout_get_datasource(lookout_call_t *call);
lookout_code_e lookout_query_datasource(lookout_call_t *call);

/* workbooks.c */
lookout_code_e lookout_list_workbooks(lookout_call_t *call);
lookout_code_e lookout_get_workbook(lookout_call_t *call);

/* views.c */
lookout_code_e lookout_list_views(lookout_call_t *call);
lookout_code_e lookout_get_view(lookout_call_t *call);
lookout_code_e lookout_query_view_data(lookout_call_t *call);

/* renders.c */
lookout_code_e lookout_create_view_render(lookout_call_t *call);
lookout_code_e lookout_get_render_job(lookout_call_t *call);
lookout_code_e lookout_read_render(lookout_call_t *call); /* a resource's, as those below */

/* exports.c */
lookout_code_e lookout_export_view_csv(lookout_call_t *call);
lookout_code_e lookout_get_job(lookout_call_t *call);
lookout_code_e lookout_read_export(lookout_call_t *call);
lookout_code_e lookout_read_export_manifest(lookout_call_t *call);

#endif
