/*
 * Completion of what people say in a prompt beside names: filters, periods, formats and sizes.
 * Each is the `complete` of an argument's row. Filters and periods come from the fields of the
 * datasource that the arguments `view` or `datasource` name, as far as those are known.
 */

#ifndef LOOKOUT_PROMPTS_COMPLETE_H
#define LOOKOUT_PROMPTS_COMPLETE_H

#include "../mcp/registry.h"

/* "region = EMEA" for fields of which every value is known, "amount_usd" for others. Behind a
 * comma or "and" the next filter is completed, and what stands before it is kept. */
lookout_code_e lookout_complete_filters(lookout_call_t *call);

/* Periods that the data know ("2026Q1", latest first), and some that everybody knows. */
lookout_code_e lookout_complete_period(lookout_call_t *call);

lookout_code_e lookout_complete_format(lookout_call_t *call);
lookout_code_e lookout_complete_size(lookout_call_t *call);

#endif
