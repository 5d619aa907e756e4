/*
 * The data policy of a call: what its scope shows of the catalogue, and which rows. The scope
 * says it in the operator's words (access/scope.h); here it becomes what the catalogue and the
 * filters take. Whatever of it cannot be understood shows nothing.
 */

#ifndef LOOKOUT_POLICY_H
#define LOOKOUT_POLICY_H

#include "../catalog/catalog.h"
#include "../mcp/call.h"
#include "../query/filter.h"

/* Does the call's scope limit data at all? */
bool lookout_policy_limits(const lookout_call_t *call);

/* What the catalogue may show, in the call's arena; all of it where nothing is limited.
 * INTERNAL_ERROR of lookout_extract_unfit when the scope's filters are not filters. */
lookout_code_e lookout_policy_visible(lookout_call_t *call, lookout_visible_t *visible);

/* The scope's row filters that apply to the datasource (with its fields), sorted: those without
 * a datasourceId, and those with its own. INTERNAL_ERROR of lookout_extract_unfit when one of
 * them does not fit. */
lookout_code_e lookout_policy_filters(lookout_call_t *call, const lookout_datasource_t *source,
                                      lookout_filters_t *filters);

/* Names the filters, the same wherever and in whichever scope they are the same; "" when there
 * are none. {NULL, 0} without memory. */
lookout_str_t lookout_policy_name(lookout_arena_t *arena, lookout_filters_t filters);

#endif
