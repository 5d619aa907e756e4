/*
 * The MCP endpoint: a request's body into an exchange, the exchange's answer out.
 *
 * A job is one exchange with all its memory, apart from the request's: when the client leaves while a
 * thread is at work, nginx frees the request at once, and the job lives on until the thread
 * is done with it. The request holds a cleanup that tells the job so.
 *
 *     handler: gatekeeper -> token -> content type -> body
 *     body:    job -> lookout_mcp_begin -> reply, or -> thread -> lookout_mcp_end -> reply
 */

#include "ngx_lookout_module.h"

typedef struct {
    lookout_exchange_t exchange;
    ngx_lookout_engine_t *engine;
    ngx_http_request_t *r; /* NULL: gone */
    ngx_pool_cleanup_t *cleanup;
    ngx_lookout_task_t task;
    ngx_uint_t on_thread; /* unsigned: a thread owns the exchange */
    atomic_bool cancelled;
    char trouble[512];
} ngx_lookout_job_t;

static void ngx_lookout_mcp_body(ngx_http_request_t *r);


static ngx_int_t
ngx_lookout_content_type(ngx_http_request_t *r)
{
    u_char *p, *last;
    ngx_table_elt_t *type = r->headers_in.content_type;
    static u_char json[] = "application/json";

    if (type != NULL && type->value.len >= sizeof(json) - 1 &&
        ngx_strncasecmp(type->value.data, json, sizeof(json) - 1) == 0) {
        p = type->value.data + sizeof(json) - 1;
        last = type->value.data + type->value.len;
        while (p < last && (*p == ' ' || *p == '\t')) {
            p++;
        }
        if (p == last || *p == ';') {
            return NGX_DECLINED;
        }
    }

    return ngx_lookout_refuse(r, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE, "415",
                              "Unsupported media type: send the JSON-RPC message as "
                              "\"Content-Type: application/json\"");
}


ngx_int_t
ngx_lookout_mcp_handler(ngx_http_request_t *r)
{
    ngx_int_t rc;

    rc = ngx_lookout_gatekeeper(r, NGX_HTTP_POST, "POST, OPTIONS");
    if (rc == NGX_DECLINED) {
        rc = ngx_lookout_authorize(r);
    }
    if (rc == NGX_DECLINED) {
        rc = ngx_lookout_content_type(r);
    }
    if (rc != NGX_DECLINED) {
        return rc;
    }

    r->request_body_in_single_buf = 1;
    rc = ngx_http_read_client_request_body(r, ngx_lookout_mcp_body);
    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


static void
ngx_lookout_job_free(ngx_lookout_job_t *job)
{
    lookout_buf_free(&job->exchange.out);
    lookout_buf_free(&job->exchange.result);
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

    /* Modern: a client that leaves cancels. Legacy: it should not. */
    job->r = NULL;
    if (job->exchange.modern) {
        atomic_store(&job->cancelled, true);
    }
}


/* The body as one text in the job's memory: it may have come in several buffers, or lie in a file. */
static ngx_int_t
ngx_lookout_job_body(ngx_http_request_t *r, ngx_lookout_job_t *job)
{
    char *text;
    size_t size;
    ssize_t n;
    off_t len = 0;
    ngx_buf_t *b;
    ngx_chain_t *in, *bufs = r->request_body == NULL ? NULL : r->request_body->bufs;

    for (in = bufs; in != NULL; in = in->next) {
        len += ngx_buf_size(in->buf);
    }

    text = lookout_arena_alloc(job->exchange.arena, (size_t) len + 1);
    if (text == NULL) {
        return NGX_ERROR;
    }
    job->exchange.body = (lookout_str_t){ text, (size_t) len };

    for (in = bufs; in != NULL; in = in->next) {
        b = in->buf;
        size = (size_t) ngx_buf_size(b);
        if (ngx_buf_in_memory(b)) {
            ngx_memcpy(text, b->pos, size);

        } else if (size != 0) {
            n = ngx_read_file(b->file, (u_char *) text, size, b->file_pos);
            if (n != (ssize_t) size) {
                return NGX_ERROR;
            }
        }
        text += size;
    }
    return NGX_OK;
}


static ngx_lookout_job_t *
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
    cln->handler = ngx_lookout_job_cleanup;
    cln->data = job;
    return job;
}


/* The log's variables outlive the job only as copies. */
static void
ngx_lookout_job_note(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    size_t i;
    ngx_str_t *text;
    lookout_str_t from;
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);
    const lookout_str_t *notes[] = { &job->exchange.method, &job->exchange.tool,
                                     &job->exchange.error };

    if (ctx == NULL) {
        return;
    }

    ctx->rows = job->exchange.rows;
    for (i = 0; i < 3; i++) {
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


static ngx_int_t
ngx_lookout_job_reply(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    ngx_lookout_job_note(job, r);
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
    lookout_mcp_end(job->engine->mcp, &job->exchange);
    if (job->trouble[0] != '\0') {
        ngx_lookout_trouble(job->engine, job->trouble, ngx_cycle->log);
    }

    if (r == NULL) {
        ngx_lookout_job_free(job);
        return;
    }

    c = r->connection;
    ngx_http_set_log_request(c->log, r);
    ngx_http_finalize_request(r, ngx_lookout_job_reply(job, r));
    ngx_http_run_posted_requests(c);
}


/* The thread pool's queue is full: said at once, with a time to come back. */
static ngx_int_t
ngx_lookout_job_busy(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    static ngx_str_t soon = ngx_string("1");

    if (ngx_lookout_header_out(r, "Retry-After", soon) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    ngx_lookout_job_note(job, r);
    return ngx_lookout_refuse(
        r, NGX_HTTP_SERVICE_UNAVAILABLE, "503",
        "Busy: too many queries are waiting for a thread; call again in a "
        "second");
}


static ngx_int_t
ngx_lookout_mcp_run(ngx_http_request_t *r)
{
    ngx_lookout_job_t *job;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);
    const char *trouble;
    lookout_mcp_step_e step;

    if (llcf->engine->mcp == NULL) {
        return ngx_lookout_refuse(r, NGX_HTTP_INTERNAL_SERVER_ERROR, "500",
                                  "Internal error: the server could not be started; the "
                                  "operator finds the reason in the log");
    }

    job = ngx_lookout_job_create(r, llcf->engine);
    if (job == NULL || ngx_lookout_job_body(r, job) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    step = lookout_mcp_begin(llcf->engine->mcp, &job->exchange);

    trouble = lookout_session_trouble(llcf->engine->session);
    if (trouble != NULL) {
        ngx_lookout_trouble(llcf->engine, trouble, ngx_cycle->log);
    }

    if (step == LOOKOUT_MCP_DONE) {
        return ngx_lookout_job_reply(job, r);
    }

    job->task.work = ngx_lookout_job_work;
    job->task.done = ngx_lookout_job_done;
    job->task.data = job;
    if (ngx_lookout_thread_post(&job->task, llcf->engine->thread_pool, ngx_cycle->log) !=
        NGX_OK) {
        return ngx_lookout_job_busy(job, r);
    }

    job->on_thread = 1;
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
    return NGX_DONE;
}


static void
ngx_lookout_mcp_body(ngx_http_request_t *r)
{
    ngx_int_t rc = ngx_lookout_mcp_run(r);

    /* NGX_DONE: the job finalizes the request when its thread is done. */
    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}
