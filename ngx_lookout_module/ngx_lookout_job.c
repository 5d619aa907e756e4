/*
 * The life of a job: made with the request's body, worked on by a thread, answered on the event
 * loop, freed with whichever of its request and its thread ends last.
 */

#include "ngx_lookout_job.h"


static void
ngx_lookout_job_free(ngx_lookout_job_t *job)
{
    lookout_exchange_free(&job->exchange);
    lookout_arena_destroy(job->exchange.arena);
    free(job);
}


/* The request goes: by now it was answered, or its client has left. */
static void
ngx_lookout_job_cleanup(void *data)
{
    ngx_lookout_job_t *job = data;

    if (!job->on_thread) {
        ngx_lookout_job_free(job);
        return;
    }

    /* Modern: a client that leaves cancels. Legacy: it should not, unless the worker is about
     * to go, and with it whatever could use the answer. */
    ngx_lookout_wait_end(job);
    job->r = NULL;
    if (job->exchange.modern || ngx_exiting) {
        atomic_store(&job->cancelled, true);
    }
}


/* Who calls; the job may outlive the request that knows it. */
static ngx_int_t
ngx_lookout_job_caller(ngx_http_request_t *r, ngx_lookout_job_t *job)
{
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);

    if (ctx == NULL) {
        return NGX_ERROR;
    }
    job->exchange.caller =
        lookout_arena_copy(job->exchange.arena, (lookout_str_t){ (char *) ctx->who.caller.data,
                                                                 ctx->who.caller.len });
    return job->exchange.caller.data == NULL ? NGX_ERROR : NGX_OK;
}


/* A client that says what it takes, and means no stream by it, gets the answer alone. */
static ngx_uint_t
ngx_lookout_job_streamable(ngx_http_request_t *r)
{
    lookout_str_t accept = ngx_lookout_header_in(r, "Accept");
    u_char *types = (u_char *) accept.data;

    return types == NULL || ngx_strnstr(types, "text/event-stream", accept.len) != NULL
           || ngx_strnstr(types, "text/*", accept.len) != NULL
           || ngx_strnstr(types, "*/*", accept.len) != NULL;
}


ngx_lookout_job_t *
ngx_lookout_job_create(ngx_http_request_t *r, ngx_lookout_engine_t *engine)
{
    ngx_pool_cleanup_t *cln;
    ngx_lookout_job_t *job;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    job = cln == NULL ? NULL : calloc(1, sizeof(ngx_lookout_job_t));
    if (job == NULL) {
        return NULL;
    }

    job->engine = engine;
    job->r = r;
    job->cleanup = cln;
    job->exchange.arena = lookout_arena_create();
    if (job->exchange.arena == NULL) {
        free(job);
        return NULL;
    }

    job->exchange.headers = (lookout_headers_t){ ngx_lookout_header_in, r };
    job->exchange.session = engine->session;
    job->exchange.cancelled = &job->cancelled;
    job->exchange.quit = &ngx_terminate;
    job->exchange.streamable = ngx_lookout_job_streamable(r);
    cln->handler = ngx_lookout_job_cleanup;
    cln->data = job;

    if (ngx_lookout_job_caller(r, job) != NGX_OK
        || ngx_lookout_permit(r, &job->exchange) != NGX_OK
        || ngx_lookout_body(r, job->exchange.arena, SIZE_MAX, &job->exchange.body) != NGX_OK
        || ngx_lookout_files_url(r, &job->exchange) != NGX_OK) {
        return NULL; /* freed with the request */
    }
    return job;
}


/* The log's variables outlive the job only as copies. */
void
ngx_lookout_job_note(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    size_t i;
    ngx_str_t *text;
    lookout_str_t from;
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);
    const lookout_str_t *notes[] = { &job->exchange.method, &job->exchange.subject,
                                     &job->exchange.error };

    if (ctx == NULL) {
        return;
    }

    if (!job->on_thread) {
        ctx->rows = job->exchange.rows;
    }
    for (i = 0; i < (job->on_thread ? 2 : 3); i++) {
        text = i == 0 ? &ctx->method : i == 1 ? &ctx->tool : &ctx->error;
        from = *notes[i];
        from.len = ngx_min(from.len, 128); /* a method is the client's text */
        text->data = from.len == 0 ? NULL : ngx_pnalloc(r->pool, from.len);
        text->len = text->data == NULL ? 0 : from.len;
        if (text->data != NULL) {
            ngx_memcpy(text->data, from.data, from.len);
        }
    }
}


ngx_int_t
ngx_lookout_job_reply(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    ngx_lookout_job_note(job, r);
    ngx_lookout_account(job, r);
    return ngx_lookout_reply(r, (ngx_uint_t) job->exchange.status, "application/json",
                             lookout_buf_text(&job->exchange.out));
}


/* On a thread. */
static void
ngx_lookout_job_work(void *data)
{
    const char *trouble;
    ngx_lookout_job_t *job = data;

    job->exchange.session = ngx_lookout_session_take(job->engine);
    lookout_mcp_work(job->engine->mcp, &job->exchange);

    if (job->exchange.session != NULL) {
        trouble = lookout_session_trouble(job->exchange.session);
        if (trouble != NULL) {
            (void) ngx_cpystrn((u_char *) job->trouble, (u_char *) trouble,
                               sizeof(job->trouble));
        }
        ngx_lookout_session_give(job->engine, job->exchange.session);
        job->exchange.session = NULL;
    }
}


/* Back on the event loop. */
static void
ngx_lookout_job_done(void *data)
{
    ngx_connection_t *c;
    ngx_lookout_job_t *job = data;
    ngx_http_request_t *r = job->r;

    job->on_thread = 0;
    ngx_queue_remove(&job->link);
    ngx_lookout_wait_end(job);
    lookout_mcp_end(job->engine->mcp, &job->exchange);
    if (job->trouble[0] != '\0') {
        ngx_lookout_trouble(job->engine, job->trouble, ngx_cycle->log);
    }

    if (r == NULL) {
        ngx_lookout_account(job, NULL);
        ngx_lookout_job_free(job);
        return;
    }

    c = r->connection;
    ngx_http_set_log_request(c->log, r);
    ngx_http_finalize_request(r, ngx_lookout_wait_last(job, r));
    ngx_http_run_posted_requests(c);
}


/* Before the log is written: the request ends, and its thread does not. */
static void
ngx_lookout_job_left(void *data)
{
    ngx_lookout_job_t *job = data;

    if (job->on_thread) {
        ngx_lookout_account_early(job, job->r, "CLIENT_LEFT");
    }
}


ngx_int_t
ngx_lookout_job_post(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    ngx_event_t *read = r->connection->read;

    job->left = ngx_http_cleanup_add(r, 0);
    if (job->left == NULL) {
        return NGX_ERROR;
    }
    job->left->handler = ngx_lookout_job_left;
    job->left->data = job;

    ngx_lookout_job_note(job, r); /* for the log of a client that leaves */

    job->task.work = ngx_lookout_job_work;
    job->task.done = ngx_lookout_job_done;
    job->task.data = job;
    if (ngx_lookout_thread_post(&job->task, job->engine->thread_pool, ngx_cycle->log)
        != NGX_OK) {
        return NGX_ERROR;
    }

    job->on_thread = 1;
    ngx_queue_insert_tail(&job->engine->jobs, &job->link);
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
    ngx_lookout_wait_begin(job, r);

    /* A client that left right after its last byte has been reported already. */
    if (read->ready) {
        ngx_post_event(read, &ngx_posted_events);
    }
    return NGX_OK;
}


/* Legacy: notifications/cancelled. It names the request by its id alone, and without sessions
 * many clients use the same ids: cancelled is the one request of that id that the same caller
 * sent from the same address to this worker, if there is just one. */
void
ngx_lookout_job_cancel(ngx_lookout_job_t *notice, ngx_http_request_t *r)
{
    ngx_uint_t n = 0;
    ngx_str_t *from = &r->connection->addr_text, *to;
    ngx_queue_t *q;
    ngx_lookout_job_t *job, *found = NULL;

    for (q = ngx_queue_head(&notice->engine->jobs);
         q != ngx_queue_sentinel(&notice->engine->jobs); q = ngx_queue_next(q)) {
        job = ngx_queue_data(q, ngx_lookout_job_t, link);
        to = job->r == NULL ? NULL : &job->r->connection->addr_text;

        if (to != NULL && !job->exchange.modern && !job->exchange.batch
            && lookout_str_eq(job->exchange.message.id, notice->exchange.cancels)
            && lookout_str_eq(job->exchange.caller, notice->exchange.caller)
            && from->len == to->len && ngx_memcmp(from->data, to->data, to->len) == 0) {
            found = job;
            n++;
        }
    }

    if (n == 1) {
        atomic_store(&found->cancelled, true);
    }
}


void
ngx_lookout_job_detach(ngx_lookout_job_t *job)
{
    job->cleanup->handler = NULL;
    job->left->handler = NULL;
    job->r = NULL;
}
