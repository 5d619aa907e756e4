/*
 * A job: one exchange with all its memory, apart from the request's. When the client leaves while
 * a thread is at work, nginx frees the request at once, and the job lives on until the thread is
 * done with it; the request holds a cleanup that tells the job so.
 */

#ifndef NGX_LOOKOUT_JOB_H
#define NGX_LOOKOUT_JOB_H

#include "ngx_lookout_module.h"

typedef struct {
    lookout_exchange_t exchange;
    ngx_lookout_engine_t *engine;
    ngx_http_request_t *r; /* NULL: gone, or answered already */
    ngx_pool_cleanup_t *cleanup;
    ngx_http_cleanup_t *left;
    ngx_lookout_task_t task;
    ngx_queue_t link; /* of the engine's jobs that a thread has */
    ngx_event_t wait; /* while a thread is at work: see ngx_lookout_wait.c */
    ngx_msec_t heard; /* when the client was last sent something */
    atomic_bool cancelled;
    unsigned on_thread : 1; /* a thread owns the exchange */
    unsigned accounted : 1; /* its records are counted and written */
    unsigned streaming : 1; /* the response is an event stream that has begun */
    char trouble[512];
} ngx_lookout_job_t;

/* A job of the request, freed with it, or with its thread if that is later. NULL without memory. */
ngx_lookout_job_t *ngx_lookout_job_create(ngx_http_request_t *r, ngx_lookout_engine_t *engine);

/* Sends the work to the thread pool; NGX_ERROR when its queue is full. */
ngx_int_t ngx_lookout_job_post(ngx_lookout_job_t *job, ngx_http_request_t *r);

/* Copies what the log's variables say into the request's memory; `rows` only once no thread is
 * at work. */
void ngx_lookout_job_note(ngx_lookout_job_t *job, ngx_http_request_t *r);

/* Sends the exchange's answer. Returns what to finalize the request with. */
ngx_int_t ngx_lookout_job_reply(ngx_lookout_job_t *job, ngx_http_request_t *r);

/* What a legacy client no longer wants, as `notice`, its notification, says. */
void ngx_lookout_job_cancel(ngx_lookout_job_t *notice, ngx_http_request_t *r);

/* The job goes on without its request. */
void ngx_lookout_job_detach(ngx_lookout_job_t *job);

/* ngx_lookout_account.c: counts what the exchange's records tell, and makes the audit's lines of
 * them, once a job; `r` NULL: the client has left, and there are no lines. `early`: before a
 * thread has done its work, or for want of one, with what is known by then, and an error or "";
 * a batch that a thread has is counted at its end. */
void ngx_lookout_account(ngx_lookout_job_t *job, ngx_http_request_t *r);
void
ngx_lookout_account_early(ngx_lookout_job_t *job, ngx_http_request_t *r, const char *error);

/* ngx_lookout_wait.c: what a client gets while a thread is at work. */
void ngx_lookout_wait_begin(ngx_lookout_job_t *job, ngx_http_request_t *r);
void ngx_lookout_wait_end(ngx_lookout_job_t *job);

/* What there is left to tell, and the answer: as the last event of a stream that has begun, or
 * alone. Returns what to finalize the request with. */
ngx_int_t ngx_lookout_wait_last(ngx_lookout_job_t *job, ngx_http_request_t *r);

#endif
