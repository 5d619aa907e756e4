/*
 * The MCP endpoint: a request's body into an exchange, the exchange's answer out.
 *
 *     handler: gatekeeper -> token -> content type -> body
 *     body:    job -> lookout_mcp_begin -> reply, or -> thread -> lookout_mcp_end -> reply
 */

#include "ngx_lookout_job.h"

static void ngx_lookout_mcp_body(ngx_http_request_t *r);


static ngx_int_t
ngx_lookout_content_type(ngx_http_request_t *r)
{
    u_char *p, *last;
    ngx_table_elt_t *type = r->headers_in.content_type;
    static u_char json[] = "application/json";

    if (type != NULL && type->value.len >= sizeof(json) - 1
        && ngx_strncasecmp(type->value.data, json, sizeof(json) - 1) == 0) {
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
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);

    if (ctx != NULL && ctx->manifest) {
        return ngx_lookout_scoped_manifest(r);
    }

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


/* The thread pool's queue is full: said at once, with a time to come back. */
static ngx_int_t
ngx_lookout_job_busy(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    static ngx_str_t soon = ngx_string("1");

    ngx_lookout_account_early(job, r, "503");
    if (ngx_lookout_header_out(r, "Retry-After", soon) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
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
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    step = lookout_mcp_begin(llcf->engine->mcp, &job->exchange);

    trouble = lookout_session_trouble(llcf->engine->session);
    if (trouble != NULL) {
        ngx_lookout_trouble(llcf->engine, trouble, ngx_cycle->log);
    }

    if (job->exchange.cancels.data != NULL) {
        ngx_lookout_job_cancel(job, r);
    }
    if (step == LOOKOUT_MCP_DONE) {
        return ngx_lookout_job_reply(job, r);
    }
    return ngx_lookout_job_post(job, r) == NGX_OK ? NGX_DONE : ngx_lookout_job_busy(job, r);
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
