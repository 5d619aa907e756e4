/*
 * What get_datasource tells of a datasource's rows where the call's scope shows some of them
 * only: how many these are, and sample values that occur in them.
 */

#ifndef LOOKOUT_SAMPLES_H
#define LOOKOUT_SAMPLES_H

#include "../query/filter.h"
#include "session.h"

typedef struct {
    lookout_filters_t limits; /* which rows */
    bool known;               /* the rest: not of a source that is offline, or takes too long */
    int64_t row_count;
    const lookout_str_t *values; /* a JSON array for each field */
} lookout_samples_t;

/* Reads the rows that can be seen. LOOKOUT_NEEDS_THREAD; INTERNAL_ERROR, "scope_filter". */
lookout_code_e lookout_samples(lookout_call_t *call, const lookout_datasource_t *source,
                               lookout_samples_t *samples);

#endif
