/*
 * Completion: what an argument of a prompt, or a variable of a resource's template, may become.
 * Each of these is the `complete` of such an argument's row. What was typed may be misspelt or
 * shortened, as in the q of the lists; the best match comes first. Nothing typed: all there
 * are, by name.
 */

#ifndef LOOKOUT_COMPLETE_H
#define LOOKOUT_COMPLETE_H

#include "../mcp/registry.h"

/* Ids, found by a part of the id (its beginning, or six characters of it) or by the name. */
lookout_code_e lookout_complete_datasource_id(lookout_call_t *call);
lookout_code_e lookout_complete_workbook_id(lookout_call_t *call);
lookout_code_e lookout_complete_view_id(lookout_call_t *call);

/* Names, each once, found in the same ways. */
lookout_code_e lookout_complete_datasource_name(lookout_call_t *call);
lookout_code_e lookout_complete_workbook_name(lookout_call_t *call);

/* Of views; those of one workbook when the argument `workbook` (an id or a name) is known. */
lookout_code_e lookout_complete_view_name(lookout_call_t *call);

/* Codes of the runbook. */
lookout_code_e lookout_complete_code(lookout_call_t *call);

#endif
