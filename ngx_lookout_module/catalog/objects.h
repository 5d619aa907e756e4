/*
 * A row of a catalogue statement as a struct. Shared by the reads of one object and by lists.
 */

#ifndef LOOKOUT_CATALOG_OBJECTS_H
#define LOOKOUT_CATALOG_OBJECTS_H

#include "reader.h"

void lookout_reader_datasource(lookout_reader_t *reader, lookout_datasource_t *out);
void lookout_reader_workbook(lookout_reader_t *reader, lookout_workbook_t *out);

/* Without encoding and saved_filters. */
void lookout_reader_view(lookout_reader_t *reader, lookout_view_t *out);

#endif
