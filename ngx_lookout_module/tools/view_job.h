/*
 * Jobs of views: what renders and exports share. A call finds its view and resolves its filters;
 * from these and the version of the data follows the job's key; and the job is claimed. One that
 * is finished is answered at once, on the event loop. One that is the caller's is done on the
 * thread at hand, while the server answers a client that waited for a second with what the job
 * is then. A job that is somebody else's is waited for, for as long. A client that takes tasks
 * gets one for the job, and at once (view_task.h).
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
    const char *poll;                     /* the tool that says what became of a job */
    const char *smaller;                  /* what to ask for when a file is too large */
    const char *how; /* the argument that says how to answer, not what the job is; NULL: none */
    uint32_t look_ms;    /* between two looks at a task */
    const char *at_work; /* what a task's status says: "Rendering" */
    const char *at_end;  /* "Rendered" */

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

extern const lookout_view_job_kind_t lookout_view_renders; /* renders.c */
extern const lookout_view_job_kind_t lookout_view_exports; /* exports.c */

/* The whole of the tools: create_view_render and export_view_csv, get_render_job and get_job.
 * VIEW_NOT_FOUND, INVALID_FILTER, DATASOURCE_OFFLINE, SCHEMA_DRIFT; RENDER_JOB_NOT_FOUND,
 * JOB_NOT_FOUND; ENVELOPE_TOO_LARGE (filters that fill it). */
lookout_code_e
lookout_view_job_create(lookout_call_t *call, const lookout_view_job_kind_t *kind);
lookout_code_e lookout_view_job_get(lookout_call_t *call, const lookout_view_job_kind_t *kind);

/* The content of a resource: file i of the job, as text or as bytes. RENDER_JOB_NOT_FOUND or
 * JOB_NOT_FOUND, with a reason ("unknown", "expired", "queued", "running", "failed"), when there
 * is no such file or not yet; ENVELOPE_TOO_LARGE with details {bytes, maxBytes, fileUrl}. */
lookout_code_e
lookout_view_job_read(lookout_call_t *call, const lookout_view_job_kind_t *kind, size_t i);

/* For work(): steps to the next row. LOOKOUT_OK with *more; or the error. Tells how far the work
 * is, to the job's state and to the client; `total` rows, 0: not known. */
lookout_code_e lookout_view_job_step(lookout_view_job_t *vj, int64_t total, bool *more);

/*
 * What the tools are made of, for view_task.c.
 */

void lookout_view_job_init(lookout_view_job_t *vj, lookout_call_t *call,
                           const lookout_view_job_kind_t *kind);

/* Does the job, which is the caller's, and whose view is compiled, or could not be for want of
 * time. vj->job is then what became of it. LOOKOUT_CANCELLED when the process is told to stop;
 * INTERNAL_ERROR when that cannot be noted. */
lookout_code_e lookout_view_job_do(lookout_view_job_t *vj, lookout_code_e compiled);

/* The inputs of vj->job, which was read by its id. */
lookout_code_e lookout_view_job_recall(lookout_view_job_t *vj, const cJSON **inputs);

/* As lookout_view_job_do, for a job that was recalled. It fails when what it was to be made of
 * is no longer there. */
lookout_code_e lookout_view_job_redo(lookout_view_job_t *vj, const cJSON *inputs);

/* The answer of a job that was recalled, as it is now. */
lookout_code_e lookout_view_job_answer(lookout_view_job_t *vj, const cJSON *inputs);

/* Frees what the call did not take over. */
void lookout_view_job_close(lookout_view_job_t *vj);

#endif
