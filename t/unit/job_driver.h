/*
 * Renders and exports in unit tests: the files of an answer, its content blocks, sessions of the
 * event loop, and jobs that lost their owner.
 */

#ifndef JOB_DRIVER_H
#define JOB_DRIVER_H

#include "tool_driver.h"

#define VIEW(id) "'viewId':'" id "'"

/* The members of the envelopes, from the one behind the status to completedAt. */
#define RENDER_KEYS                                                                            \
    "filePath fileUrl inlineBase64 mimeType width height format appliedFilters cached "        \
    "createdAt completedAt"
#define EXPORT_KEYS                                                                            \
    "resultPath manifestPath fileUrl manifestUrl format rowCount inlineCsv appliedFilters "    \
    "cached createdAt completedAt"

/* A copy of a text of the last answer, which the next call frees; in a ring of a few. */
const char *job_text(const driver_t *d, const char *path);

/* The file that a path of an answer means on this machine. Valid until the next call. */
const char *job_file(const driver_t *d, const char *path);

/* Its bytes, with a NUL behind them, to be freed. */
lookout_str_t job_bytes(const driver_t *d, const char *path);
void job_bytes_free(lookout_str_t text);

/* The last call's content blocks but for the text. */
const cJSON *job_blocks(const driver_t *d);

/* A session that the event loop would have, for the next calls; the thread's is kept in *own. */
void job_to_loop(driver_t *d, lookout_session_t **own);
void job_from_loop(driver_t *d, lookout_session_t *own);

/* Begins a job that the order to stop interrupts at once; its id. Valid until the next one. */
const char *job_interrupted(driver_t *d, const char *tool, const char *args);

#endif
