/*
 * Jobs: work whose result is files, such as a chart or an export. A job is content-addressed:
 * its id and the paths of its files follow from a SHA-256 over its inputs, so the same inputs
 * over the same data are the same job, in every worker, before and after a restart, and two
 * equal requests at once do the work once.
 *
 * State is one SQLite file in WAL mode, which all workers share; it holds nothing that cannot
 * be made again, so it is a file of its own. Files are written aside and renamed, and the state
 * is committed after that: a job that says it is done has whole files, or, when somebody
 * removed them, is done again by the next claim.
 *
 *     lookout_jobs_claim()     on the event loop: a finished job, or LOOKOUT_NEEDS_THREAD
 *     lookout_jobs_claim()     on a thread; when job.claim says MINE, do the work:
 *         file = lookout_jobs_file_open(); append to lookout_jobs_file_buf(file);
 *         lookout_jobs_file_spill(file) and lookout_jobs_progress() now and then;
 *         lookout_jobs_finish(), or lookout_jobs_fail(), or lookout_jobs_release()
 *     else, when it says BUSY: lookout_jobs_wait(), up to a second
 *     lookout_jobs_get()       later, by id; a job that is `abandoned` is claimed by id again
 *                              with lookout_jobs_start(), and done as after a claim
 *
 * A claim is for good: the job is done, whether its caller stays or leaves. Callers that may
 * change their mind claim through tasks (tasks.h).
 *
 * Threads. A lookout_jobs_t has one user at a time and belongs to the process that created it
 * (after a fork the child makes its own). One of mode LOOKOUT_JOBS_LOOP only ever reads, never
 * waits for a lock, and answers LOOKOUT_NEEDS_THREAD where it would have to write or to wait;
 * the functions marked (thread) refuse it. One of mode LOOKOUT_JOBS_THREAD may wait up to five
 * seconds for another writer. Do not use either in nginx's master: root would own the files.
 *
 * Memory. What a job refers to lives in the arena it was read with.
 *
 * Durability. The state is written with synchronous=NORMAL: a commit survives kill -9 of any
 * process at once, and a power loss from the next checkpoint on, in order and never torn. What
 * a power loss may take back is the knowledge that a job was done, and then it is done again,
 * to the same bytes; that is not worth a flush of the disk for each of two commits a chart.
 * Each file is flushed before it gets its name, so it is whole after a power loss, or absent.
 */

#ifndef LOOKOUT_JOBS_H
#define LOOKOUT_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/arena.h"
#include "../base/buf.h"
#include "../base/db.h"
#include "../base/digest.h"
#include "../base/error.h"
#include "../base/id.h"
#include "kinds.h"

typedef struct lookout_jobs_s lookout_jobs_t;

/* Outlives the lookout_jobs_t made with it, as do its texts. Folders that are missing are made,
 * mode 0750. Start from LOOKOUT_JOBS_SETTINGS. */
typedef struct {
    const char *state_path; /* the SQLite file; ".lock" and ".sweep" lie beside it */
    const char *root;       /* the folder that clients know as fs/ */
    int64_t retry_after;    /* s; for so long a failure is the answer to an equal claim */
    int64_t stale_after; /* s without a sign of life until a live process's job is abandoned */
    int64_t touch_after; /* s between two notes that a job was used */
    int64_t spare;       /* s since a job's last use in which it is not removed for its size;
                             * more than touch_after */
} lookout_jobs_settings_t;

#define LOOKOUT_JOBS_SETTINGS(state_path, root)                                                \
    ((lookout_jobs_settings_t){ (state_path), (root), 30, 120, 60, 120 })

typedef enum { LOOKOUT_JOBS_LOOP, LOOKOUT_JOBS_THREAD } lookout_jobs_mode_e;

/* NULL without memory. The state file is opened, and made, when it is first needed. */
lookout_jobs_t *
lookout_jobs_create(const lookout_jobs_settings_t *settings, lookout_jobs_mode_e mode);

/* NULL is fine. Jobs that are claimed and not ended stay so until their process ends, or until
 * stale_after. */
void lookout_jobs_destroy(lookout_jobs_t *jobs);

/* One line for the server's log on what went wrong with the state file or a file of a job and
 * was not told yet (with paths, which no client should see); NULL: nothing new. Valid until the
 * next call. A state file that was corrupt has been renamed to PATH.corrupt, and a new one made
 * in its place. */
const char *lookout_jobs_trouble(lookout_jobs_t *jobs);

/* The job as a client may ask for it. */
typedef struct {
    lookout_job_kind_e kind;
    uint8_t key[LOOKOUT_DIGEST_SIZE]; /* SHA-256 over all that the result depends on */
    lookout_str_t view_id;            /* vw_...; anything else is refused */
    lookout_str_t format;             /* the kind's: renders png or svg, exports csv */
    lookout_str_t inputs;             /* JSON: what is needed to do it again and to show it */
} lookout_job_request_t;

typedef enum {
    LOOKOUT_CLAIM_NONE,     /* the job was read, not claimed */
    LOOKOUT_CLAIM_FINISHED, /* done earlier, and its files are there: `cached` */
    LOOKOUT_CLAIM_MINE,     /* the caller's to do, now, or (queued) to have done */
    LOOKOUT_CLAIM_BUSY,     /* queued or running elsewhere: wait, or tell to poll */
    LOOKOUT_CLAIM_FAILED    /* failed a moment ago; from retry_at on a claim does it again */
} lookout_claim_e;

typedef struct {
    lookout_str_t path; /* as clients see it, relative: fs/renders/views/... */
    lookout_str_t file; /* on this machine; terminated */
    int64_t size;       /* bytes, once the job is done */
} lookout_job_path_t;

typedef struct {
    char id[LOOKOUT_ID_MAX];
    lookout_claim_e claim;
    lookout_job_status_e status;
    bool abandoned; /* queued or running, but nobody is at it any more: claim it again */
    bool lost;      /* of one that was MINE: lookout_jobs_progress said false */
    lookout_job_request_t request;
    lookout_job_path_t files[LOOKOUT_JOB_FILES]; /* the kind's; names known from the start */
    size_t n_files;
    int64_t rows;                            /* written so far, or in all */
    int64_t created_at;                      /* s since 1970, as all times here */
    int64_t started_at;                      /* 0: not yet */
    int64_t completed_at;                    /* of done and failed; 0: not yet */
    int64_t last_used_at;                    /* exact to touch_after */
    lookout_str_t error_code, error_message; /* of failed */
    int64_t retry_at;                        /* of failed */

    /* The room's own. */
    int64_t ticket;        /* random; tells this claim from every other */
    lookout_str_t owner;   /* the process that has it (owner.h); empty: nobody */
    int64_t beat_at;       /* s of the monotonic clock: its last sign of life */
    int64_t interruptions; /* owners that died over it since it last went well */
    bool wanted;           /* by a plain caller, as opposed to a task */
    uint64_t told_ns;      /* monotonic: when lookout_jobs_progress last wrote */
} lookout_job_t;

/* What a job's error code can be beside those of error.h and RENDER_TIMEOUT: */
#define LOOKOUT_JOB_STORAGE_FULL "STORAGE_FULL"               /* disk, quota, or size limit */
#define LOOKOUT_JOB_STORAGE_UNAVAILABLE "STORAGE_UNAVAILABLE" /* read-only, missing, broken */
#define LOOKOUT_JOB_INTERRUPTED "JOB_INTERRUPTED"             /* its worker was killed */

/* Every function below that returns a code returns LOOKOUT_OK, or LOOKOUT_NEEDS_THREAD (mode
 * LOOP), or INTERNAL_ERROR with *error filled in when the state cannot be read or written. */

/* DO: the caller works on it before it does anything else. QUEUE: somebody of this process will
 * soon, with lookout_jobs_start. A job that is merely queued is MINE to whoever claims it with
 * DO; the one that it was queued for then finds it BUSY or FINISHED, and leaves it. */
typedef enum { LOOKOUT_JOBS_DO, LOOKOUT_JOBS_QUEUE } lookout_jobs_how_e;

/* Finds or makes the job of a request; job->claim says what it comes to. On the event loop all
 * but MINE can be answered, and a BUSY that was only asked for by tasks so far. A finished job
 * is marked as used. */
lookout_code_e lookout_jobs_claim(lookout_jobs_t *jobs, lookout_arena_t *arena,
                                  const lookout_job_request_t *request, lookout_jobs_how_e how,
                                  lookout_job_t *job, lookout_error_t *error);

/* Claims, to DO it, the job with that id, which was queued or abandoned; its request is the one
 * it was made with. The data may be newer by now: before the work, work the key out again, and
 * lookout_jobs_fail the job when it differs. Also RENDER_JOB_NOT_FOUND or JOB_NOT_FOUND. */
lookout_code_e
lookout_jobs_start(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_kind_e kind,
                   lookout_str_t id, lookout_job_t *job, lookout_error_t *error);

/* Reads a job. RENDER_JOB_NOT_FOUND or JOB_NOT_FOUND, with details {renderJobId or jobId,
 * reason: "unknown" or "expired"}, when there is none or its files were removed; the same
 * request then makes it anew, with the same id. A done job is marked as used. */
lookout_code_e
lookout_jobs_get(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_kind_e kind,
                 lookout_str_t id, lookout_job_t *job, lookout_error_t *error);

/* What lookout_jobs_get says of an id that no job has: the kind's *_NOT_FOUND, "unknown". For
 * jobs that the caller may not know of. */
lookout_code_e lookout_jobs_unknown(lookout_arena_t *arena, lookout_job_kind_e kind,
                                    lookout_str_t id, lookout_error_t *error);

/* (thread) Reads the job until it is done, failed or abandoned, or `ms` milliseconds are over.
 * LOOKOUT_CANCELLED when the watch (may be NULL) says that nobody waits for it any more. */
lookout_code_e
lookout_jobs_wait(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_kind_e kind,
                  lookout_str_t id, uint32_t ms, lookout_watch_t *watch, lookout_job_t *job,
                  lookout_error_t *error);

/* The four below are for a job that is MINE, and (thread). */

/* Notes that `rows` rows are written so far, and that the work is alive. Writes twice a second
 * at most, so call it as often as you like, and at least each stale_after / 2. False, from then
 * on, when the job was taken away (its last task was cancelled, a claim believed it abandoned,
 * or the state file is a new one): stop. lookout_jobs_release then changes nothing, and says
 * what the job is now. For a statement that is long in coming to its first row, call it from
 * the watch (`over`, db.h). */
bool lookout_jobs_progress(lookout_jobs_t *jobs, lookout_job_t *job, int64_t rows);

typedef struct lookout_jobs_file_s lookout_jobs_file_t;

/* Ends the job well: closes the files (files[i] is that of job->files[i]; n_files of them),
 * gives them their names, commits. The job is then as lookout_jobs_get would give it: done; or
 * failed, when storage failed (STORAGE_...); or another's, when it was taken away. */
lookout_code_e
lookout_jobs_finish(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_t *job,
                    lookout_jobs_file_t *const *files, int64_t rows, lookout_error_t *error);

/* Ends it with an error, of which the texts live as long as the job. Its files are the caller's
 * to abort (the arena does). */
lookout_code_e
lookout_jobs_fail(lookout_jobs_t *jobs, lookout_arena_t *arena, lookout_job_t *job,
                  lookout_str_t code, lookout_str_t message, lookout_error_t *error);

/* Gives it back undone, because the process is told to stop: the next claim does it. */
lookout_code_e lookout_jobs_release(lookout_jobs_t *jobs, lookout_arena_t *arena,
                                    lookout_job_t *job, lookout_error_t *error);

/* Appends file i of a done job to *out. False when it is not there as it should be, or without
 * memory (out->failed). For the loop too, if the size is small. */
bool lookout_jobs_read(const lookout_job_t *job, size_t i, lookout_buf_t *out);

/*
 * A file of a job that is being written, aside, under a name that no client can ask for. What
 * goes wrong sticks, and comes out of lookout_jobs_finish. One user at a time. (thread)
 */

/* Opens file i of a job that is MINE. It lives as long as the arena, whose end closes and
 * removes it, unless lookout_jobs_finish gave it its name. NULL without memory. */
lookout_jobs_file_t *lookout_jobs_file_open(lookout_jobs_t *jobs, lookout_arena_t *arena,
                                            const lookout_job_t *job, size_t i);

/* Where to append: no other buffering is needed. Owned by the file. NULL once it is closed. */
lookout_buf_t *lookout_jobs_file_buf(lookout_jobs_file_t *file);

/* Writes the buffer out if it is large enough; cheap enough for every row. False when writing
 * has failed: stop, and finish. */
bool lookout_jobs_file_spill(lookout_jobs_file_t *file);

/* Writes the rest and flushes it to the disk. Then its size and its SHA-256 (64 hexadecimal
 * digits and a NUL) are known, for a manifest. False when anything failed. */
bool lookout_jobs_file_close(lookout_jobs_file_t *file);
int64_t lookout_jobs_file_size(const lookout_jobs_file_t *file);
void lookout_jobs_file_sha256(const lookout_jobs_file_t *file, char hex[65]);

/* Closes and removes it; harmless after lookout_jobs_finish. */
void lookout_jobs_file_abort(lookout_jobs_file_t *file);

/*
 * Housekeeping, to be run when a worker starts and every minute or so.
 */

typedef struct {
    int64_t max_age;   /* s since a job's last use; 0: no limit */
    int64_t max_bytes; /* of all files of all jobs; 0: no limit */
} lookout_jobs_limits_t;

typedef struct {
    bool elsewhere;     /* another process or thread is sweeping: nothing was done */
    int64_t jobs;       /* whose files were removed */
    int64_t files;      /* others that were removed: of dead writers, or of no job */
    int64_t bytes;      /* that all of these had */
    int64_t kept_bytes; /* of the jobs that remain */
} lookout_jobs_swept_t;

/* (thread) Removes the files of jobs beyond the limits, longest unused first; never one that is
 * being written, and for its size never one used within `spare`. Their ids are remembered as
 * expired for a week, as are failures. Removes what dead writers left, and once a day what no
 * job knows; ends jobs that were abandoned ten minutes ago and that nobody asked for again
 * (JOB_INTERRUPTED), and forgets those that were cancelled. Stops early when the watch (may be
 * NULL) says so. */
lookout_code_e lookout_jobs_sweep(lookout_jobs_t *jobs, const lookout_jobs_limits_t *limits,
                                  lookout_watch_t *watch, lookout_arena_t *arena,
                                  lookout_jobs_swept_t *swept, lookout_error_t *error);

#endif
