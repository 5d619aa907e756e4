/*
 * Jobs of views: what renders and exports share. A call finds its view and resolves its filters;
 * from these and the version of the data follows the job's key; and the job is claimed. One that
 * is finished is answered at once, on the event loop. One that is the caller's is done on the
 * thread at hand, while the server answers a client that waited for a second with what the job
 * is then. A job that is somebody else's is waited for, for as long.
 *
 * What went wrong before there was a job is the call's error. What goes wrong with a job is the
 * job's: it fails, with a code and a message, and the call succeeds in telling so.
 */

#ifndef LOOKOUT_VIEW_JOB_H
#define LOOKOUT_VIEW_JOB_H

#include "../jobs/jobs.h"
#include "view_query.h"

#define LOOKOUT_JOB_POLL_MS 1000 /* pollAfterMs */

typedef struct lookout_view_job_s lookout_view_job_t;

/* What each kind does in its own way. */
typedef struct {
    lookout_job_kind_e kind;
    const char *mime[LOOKOUT_JOB_FILES];  /* NULL: by the format */
    const char *about[LOOKOUT_JOB_FILES]; /* behind the view's name, in a link's title */

    /* Reads format and size from the call's arguments. */
    void (*arguments)(lookout_view_job_t *vj);

    /* ms that the job may take, and what it fails with when it takes longer. */
    uint32_t (*timeout)(const lookout_settings_t *settings);
    const char *timeout_code;
    const char *timeout_advice;

    /* Does the job, which is the caller's: fills in vj->files and vj->rows. An error in
     * call->error; LOOKOUT_CANCELLED when the watch stopped it or the job was taken away. */
    lookout_code_e (*work)(lookout_view_job_t *vj);

    /* Puts what a done job's answer has beside its links into vj->content or call->blocks, and
     * says in vj->omitted when there is no room for it. */
    void (*inlines)(lookout_view_job_t *vj);

    /* Appends the envelope. */
    void (*write)(const lookout_view_job_t *vj, lookout_buf_t *b);
} lookout_view_job_kind_t;

struct lookout_view_job_s {
    lookout_call_t *call;
    const lookout_view_job_kind_t *kind;
    lookout_jobs_t *jobs;

    /* What is asked for. */
    lookout_str_t format;
    int64_t width; /* of renders; 0: none */
    int64_t height;

    /* The work. */
    lookout_view_query_t query;
    sqlite3_stmt *stmt;
    lookout_columns_t columns;
    lookout_jobs_file_t *files[LOOKOUT_JOB_FILES];
    int64_t rows;

    /* The answer. */
    lookout_job_t job;
    const lookout_datasource_t *source; /* as old as the data the job is made of; NULL: gone */
    bool cached;
    lookout_buf_t content; /* of the file, as the envelope carries it; empty: it does not */
    bool omitted;          /* there was no room for it */
};

/* The whole of the tools: create_view_render and export_view_csv, get_render_job and get_job.
 * VIEW_NOT_FOUND, INVALID_FILTER, DATASOURCE_OFFLINE, SCHEMA_DRIFT; RENDER_JOB_NOT_FOUND,
 * JOB_NOT_FOUND; ENVELOPE_TOO_LARGE (filters that fill it). */
lookout_code_e
lookout_view_job_create(lookout_call_t *call, const lookout_view_job_kind_t *kind);
lookout_code_e lookout_view_job_get(lookout_call_t *call, const lookout_view_job_kind_t *kind);

/* For work(): steps to the next row. LOOKOUT_OK with *more; or the error. Tells how far the work
 * is, to the job's state and to the client; `total` rows, 0: not known. */
lookout_code_e lookout_view_job_step(lookout_view_job_t *vj, int64_t total, bool *more);

#endif
