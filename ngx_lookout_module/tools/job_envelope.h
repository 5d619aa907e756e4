/*
 * The members that the envelopes of renders and exports share, and the links to their files.
 */

#ifndef LOOKOUT_JOB_ENVELOPE_H
#define LOOKOUT_JOB_ENVELOPE_H

#include "view_job.h"

/* The brace, the id, the status; pollAfterMs while there is something to wait for. */
void lookout_job_envelope_open(const lookout_view_job_t *vj, lookout_buf_t *b);

/* The path of file i as clients see it, and its address; null until it is there, or when files
 * are not served. */
void lookout_job_envelope_path(const lookout_view_job_t *vj, lookout_buf_t *b, const char *key,
                               size_t i);
void lookout_job_envelope_url(const lookout_view_job_t *vj, lookout_buf_t *b, const char *key,
                              size_t i);

/* vj->content, or null. */
void
lookout_job_envelope_content(const lookout_view_job_t *vj, lookout_buf_t *b, const char *key);

/* A member of the job's inputs, as it is. */
void
lookout_job_envelope_input(const lookout_view_job_t *vj, lookout_buf_t *b, const char *key);

/* appliedFilters, cached, createdAt, completedAt. */
void lookout_job_envelope_story(const lookout_view_job_t *vj, lookout_buf_t *b);

/* The error of a failed job: {code, message}, or with details. */
void lookout_job_envelope_error(const lookout_view_job_t *vj, lookout_buf_t *b);

/* The error of a failed job, the warnings, the closing brace. `omitted` is what there was no
 * room for when vj->omitted says so, and NULL when that is not worth a warning. */
void
lookout_job_envelope_close(const lookout_view_job_t *vj, lookout_buf_t *b, const char *omitted);

/* The type of file i; and is it bytes, not text? */
const char *lookout_job_mime(const lookout_view_job_t *vj, size_t i);
bool lookout_job_binary(const lookout_view_job_t *vj, size_t i);

/* Appends a resource_link for each file of a done job, when files are served and the client's
 * revision knows such. */
void lookout_job_envelope_links(const lookout_view_job_t *vj, lookout_buf_t *blocks);

#endif
