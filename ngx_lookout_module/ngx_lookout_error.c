/*
 * lookout_error_page: nginx's own refusals (413 for a large body, 429 from limit_req, ...) as
 * JSON-RPC errors, in a named location that error_page points to:
 *
 *     error_page 413 429 @lookout_error;
 *     location @lookout_error { lookout_error_page rate=60r/m; }
 *
 * limit_req does not tell other modules its numbers, so the rate is said here again for the
 * headers of a 429.
 */

#include "ngx_lookout_module.h"


static const char *
ngx_lookout_error_text(ngx_uint_t status)
{
    switch (status) {
    case NGX_HTTP_BAD_REQUEST:
        return "Bad request: the HTTP request is malformed";
    case NGX_HTTP_FORBIDDEN:
        return "Forbidden";
    case NGX_HTTP_NOT_FOUND:
        return "Not found";
    case NGX_HTTP_REQUEST_TIME_OUT:
        return "Request timeout: the request's body did not come in time";
    case NGX_HTTP_REQUEST_ENTITY_TOO_LARGE:
        return "Request too large: the body is over this server's limit; send a shorter "
               "message";
    case NGX_HTTP_TOO_MANY_REQUESTS:
        return "Rate limited: too many requests; wait as long as Retry-After says, then call "
               "again";
    case NGX_HTTP_SERVICE_UNAVAILABLE:
        return "Service unavailable: try again soon";
    default:
        return "The server could not answer this request";
    }
}


/* Retry-After and the ratelimit headers, in seconds until one more request is let through. */
static ngx_int_t
ngx_lookout_error_limits(ngx_http_request_t *r, ngx_uint_t rate)
{
    size_t i;
    u_char *p;
    ngx_str_t value;
    ngx_uint_t wait = rate == 0 ? 1 : (60 + rate - 1) / rate;
    const struct {
        const char *name;
        ngx_uint_t value;
    } headers[] = {
        { "Retry-After", wait },
        { "ratelimit-limit", rate },
        { "ratelimit-remaining", 0 },
        { "ratelimit-reset", wait },
    };

    for (i = 0; i < (rate == 0 ? 1 : sizeof(headers) / sizeof(headers[0])); i++) {
        p = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
        if (p == NULL) {
            return NGX_ERROR;
        }
        value.data = p;
        value.len = ngx_sprintf(p, "%ui", headers[i].value) - p;
        if (ngx_lookout_header_out(r, headers[i].name, value) == NULL) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}


/* The log still says who was refused. */
static void
ngx_lookout_error_who(ngx_http_request_t *r)
{
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);
    const ngx_lookout_ctx_t *before = ngx_lookout_ctx_before(r);

    if (ctx != NULL && before != NULL) {
        ctx->who.caller = before->who.caller;
        ctx->scope = before->scope;
    }
}


ngx_int_t
ngx_lookout_error_handler(ngx_http_request_t *r)
{
    ngx_uint_t status = r->err_status;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);
    ngx_http_core_loc_conf_t *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    const char *error;
    u_char *code;

    if (status == 0) {
        if (clcf->named) {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "lookout: no status came with the request to \"%V\": write "
                          "error_page without \"=\"",
                          &clcf->name);
        }
        return NGX_HTTP_NOT_FOUND; /* asked for directly, not by error_page */
    }

    ngx_lookout_error_who(r);

    if (status == NGX_HTTP_TOO_MANY_REQUESTS
        && ngx_lookout_error_limits(r, llcf->rate) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    code = ngx_pnalloc(r->pool, NGX_INT_T_LEN + 1);
    if (code == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    *ngx_sprintf(code, "%ui", status) = '\0';
    error = status == NGX_HTTP_TOO_MANY_REQUESTS ? "RATE_LIMITED" : (const char *) code;

    return ngx_lookout_refuse(r, status, error, "%s", ngx_lookout_error_text(status));
}
