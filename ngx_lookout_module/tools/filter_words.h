/*
 * Filters in words, for people who look at a picture: "Region: EMEA · Close quarter: 2026Q1".
 */

#ifndef LOOKOUT_FILTER_WORDS_H
#define LOOKOUT_FILTER_WORDS_H

#include <cjson/cJSON.h>

#include "../base/buf.h"
#include "../base/field.h"

/* Appends the filters, an array as lookout_filters_json writes it, with the fields' labels. */
void lookout_filter_words(lookout_buf_t *b, const cJSON *filters, lookout_fields_t fields);

#endif
