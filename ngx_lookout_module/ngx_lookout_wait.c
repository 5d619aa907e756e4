/*
 * What a client gets while a thread works for it, from a timer on the event loop.
 *
 * A client that takes an event stream (MCP, Streamable HTTP) gets one as soon as there is
 * something to tell: notifications that it asked for, or, when nothing was heard for a while, a
 * comment, so that no proxy thinks the connection dead. The answer is then the last event; an
 * answer that comes before that is plain JSON. A durable job, which goes on by itself, is waited
 * for by who wants its progress; any other client is told after a second to poll, and one that
 * takes the job as a task gets its handle at once: both in the stream if it has begun.
 */

#include "ngx_lookout_job.h"

#define NGX_LOOKOUT_PATIENCE 1000 /* ms until a job that goes on by itself is answered */
#define NGX_LOOKOUT_PROMPT 10     /* ms between two looks for the handle of a task */
#define NGX_LOOKOUT_TICK 200      /* ms between two looks otherwise */


/* Hands on a piece of the stream, or what is left of earlier ones. A client that reads slower
 * than that is waited for. */
static ngx_int_t
ngx_lookout_wait_output(ngx_http_request_t *r, ngx_chain_t *out)
{
    ngx_int_t rc = ngx_http_output_filter(r, out);
    ngx_event_t *write = r->connection->write;
    ngx_http_core_loc_conf_t *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (rc == NGX_AGAIN && !write->delayed
        && ngx_handle_write_event(write, clcf->send_lowat) != NGX_OK) {
        return NGX_ERROR;
    }
    return rc;
}


/* Sends a piece of the stream: its own copy, flushed. */
static ngx_int_t
ngx_lookout_wait_send(ngx_http_request_t *r, lookout_str_t prefix, lookout_str_t text,
                      ngx_uint_t last)
{
    ngx_buf_t *b;
    ngx_chain_t out;

    b = ngx_create_temp_buf(r->pool, prefix.len + text.len + 2);
    if (b == NULL) {
        return NGX_ERROR;
    }
    b->last = ngx_cpymem(b->last, prefix.data, prefix.len);
    b->last = ngx_cpymem(b->last, text.data, text.len);
    *b->last++ = '\n';
    *b->last++ = '\n';
    b->flush = 1;
    b->last_buf = last;
    b->last_in_chain = 1;
    out.buf = b;
    out.next = NULL;
    return ngx_lookout_wait_output(r, &out);
}


static ngx_int_t
ngx_lookout_wait_headers(ngx_http_request_t *r)
{
    ngx_int_t rc;
    static ngx_str_t no_cache = ngx_string("no-cache");
    static ngx_str_t no = ngx_string("no");

    if (ngx_lookout_header_out(r, "Cache-Control", no_cache) == NULL
        || ngx_lookout_header_out(r, "X-Accel-Buffering", no) == NULL) {
        return NGX_ERROR;
    }
    r->headers_out.status = NGX_HTTP_OK;
    ngx_str_set(&r->headers_out.content_type, "text/event-stream");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    ngx_http_clear_content_length(r);

    rc = ngx_http_send_header(r);
    return rc == NGX_ERROR || rc > NGX_OK ? NGX_ERROR : NGX_OK;
}


static void
ngx_lookout_wait_writer(ngx_http_request_t *r)
{
    if (ngx_lookout_wait_output(r, NULL) == NGX_ERROR) {
        ngx_http_finalize_request(r, NGX_ERROR);
    }
}


/* Begins the stream when it has not begun. */
static ngx_int_t
ngx_lookout_wait_open(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    if (job->streaming) {
        return NGX_OK;
    }
    if (ngx_lookout_wait_headers(r) != NGX_OK) {
        return NGX_ERROR;
    }
    job->streaming = 1;
    r->write_event_handler = ngx_lookout_wait_writer;
    return NGX_OK;
}


/* Sends each line of `lines` as an event. */
static ngx_int_t
ngx_lookout_wait_events(ngx_http_request_t *r, lookout_str_t lines)
{
    const char *end;
    lookout_str_t line;

    for (; lines.len != 0; lines.data = end + 1, lines.len -= line.len + 1) {
        end = memchr(lines.data, '\n', lines.len);
        line = (lookout_str_t){ lines.data, (size_t) (end - lines.data) };
        if (ngx_lookout_wait_send(r, LOOKOUT_STR("event: message\ndata: "), line, 0)
            == NGX_ERROR) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}


/* Tells what there is to tell, or that there is nothing yet. NGX_ERROR: the client is gone. */
static ngx_int_t
ngx_lookout_wait_tell(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    ngx_int_t rc = NGX_OK;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (lookout_mcp_notes(&job->exchange, &b)) {
        rc = ngx_lookout_wait_open(job, r);
        if (rc == NGX_OK) {
            rc = ngx_lookout_wait_events(r, lookout_buf_text(&b));
        }
        job->heard = ngx_current_msec;

    } else if (ngx_current_msec - job->heard >= llcf->stream_keepalive) {
        rc = ngx_lookout_wait_open(job, r);
        if (rc == NGX_OK) {
            rc = ngx_lookout_wait_send(r, LOOKOUT_STR(": "), LOOKOUT_STR("still at work"), 0);
        }
        job->heard = ngx_current_msec;
    }

    lookout_buf_free(&b);
    return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
}


/* Sends the answer as the last event of the stream. */
static ngx_int_t
ngx_lookout_wait_answer(ngx_http_request_t *r, lookout_str_t text)
{
    return ngx_lookout_wait_send(r, LOOKOUT_STR("event: message\ndata: "), text, 1);
}


/* Sends the answer alone, as a copy in the request's memory. */
static ngx_int_t
ngx_lookout_wait_alone(ngx_http_request_t *r, lookout_str_t text)
{
    u_char *copy = ngx_pnalloc(r->pool, text.len);

    if (copy == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    ngx_memcpy(copy, text.data, text.len);
    return ngx_lookout_reply(r, NGX_HTTP_OK, "application/json",
                             (lookout_str_t){ (char *) copy, text.len });
}


/* Answers with what the job is now, and lets it go on alone. */
static void
ngx_lookout_wait_early(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    ngx_int_t rc;
    lookout_str_t text = lookout_buf_text(&job->exchange.early);

    rc = job->streaming ? ngx_lookout_wait_answer(r, text) : ngx_lookout_wait_alone(r, text);
    ngx_lookout_account_early(job, r, "");
    ngx_lookout_job_detach(job);
    ngx_http_finalize_request(r, rc);
}


static void
ngx_lookout_wait_handler(ngx_event_t *ev)
{
    ngx_lookout_job_t *job = ev->data;
    ngx_http_request_t *r = job->r;
    ngx_connection_t *c = r->connection;

    ngx_http_set_log_request(c->log, r);

    if (atomic_load(&job->exchange.early_ready)) {
        ngx_lookout_wait_early(job, r);

    } else if (job->exchange.streamable && !job->exchange.batch
               && ngx_lookout_wait_tell(job, r) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_ERROR);

    } else {
        ngx_add_timer(ev, job->exchange.call.as_task ? NGX_LOOKOUT_PROMPT : NGX_LOOKOUT_TICK);
    }

    ngx_http_run_posted_requests(c);
}


void
ngx_lookout_wait_begin(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    ngx_msec_t first = job->exchange.call.as_task          ? NGX_LOOKOUT_PROMPT
                       : lookout_mcp_tells(&job->exchange) ? NGX_LOOKOUT_TICK
                                                           : NGX_LOOKOUT_PATIENCE;

    job->heard = ngx_current_msec;
    job->wait.handler = ngx_lookout_wait_handler;
    job->wait.data = job;
    job->wait.log = r->connection->log;
    job->wait.cancelable = 1; /* the task's own timer keeps the worker */
    ngx_add_timer(&job->wait, first);
}


/* The work is done, or, with a thread still at it, its client has left: then nobody reads what
 * else a batch would bring. */
void
ngx_lookout_wait_end(ngx_lookout_job_t *job)
{
    atomic_store(&job->exchange.left, job->on_thread);
    if (job->wait.timer_set) {
        ngx_del_timer(&job->wait);
    }
}


ngx_int_t
ngx_lookout_wait_last(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    ngx_int_t rc = NGX_OK;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    if (lookout_mcp_notes(&job->exchange, &b)) {
        rc = ngx_lookout_wait_open(job, r);
        if (rc == NGX_OK) {
            rc = ngx_lookout_wait_events(r, lookout_buf_text(&b));
        }
    }
    lookout_buf_free(&b);

    if (rc != NGX_OK || !job->streaming) {
        return rc == NGX_OK ? ngx_lookout_job_reply(job, r) : NGX_ERROR;
    }
    ngx_lookout_job_note(job, r);
    ngx_lookout_account(job, r);
    return ngx_lookout_wait_answer(r, lookout_buf_text(&job->exchange.out));
}
