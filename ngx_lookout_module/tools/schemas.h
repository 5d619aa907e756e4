/*
 * The tools' schemas: what each takes and gives.
 */

#ifndef LOOKOUT_SCHEMAS_H
#define LOOKOUT_SCHEMAS_H

#include "../mcp/schema.h"

extern const lookout_schema_t lookout_list_datasources_input[];
extern const lookout_schema_t lookout_list_datasources_output[];
extern const lookout_schema_t lookout_get_datasource_input[];
extern const lookout_schema_t lookout_get_datasource_output[];
extern const lookout_schema_t lookout_query_datasource_input[];
extern const lookout_schema_t lookout_query_datasource_output[];

extern const lookout_schema_t lookout_list_workbooks_input[];
extern const lookout_schema_t lookout_list_workbooks_output[];
extern const lookout_schema_t lookout_get_workbook_input[];
extern const lookout_schema_t lookout_get_workbook_output[];

extern const lookout_schema_t lookout_list_views_input[];
extern const lookout_schema_t lookout_list_views_output[];
extern const lookout_schema_t lookout_get_view_input[];
extern const lookout_schema_t lookout_get_view_output[];
extern const lookout_schema_t lookout_query_view_data_input[];
extern const lookout_schema_t lookout_query_view_data_output[];

extern const lookout_schema_t lookout_create_view_render_input[];
extern const lookout_schema_t lookout_get_render_job_input[];
extern const lookout_schema_t lookout_render_output[];

extern const lookout_schema_t lookout_export_view_csv_input[];
extern const lookout_schema_t lookout_get_job_input[];
extern const lookout_schema_t lookout_export_output[];

#endif
