/*
 * Two pages for those who watch over servers: `healthz` says that the worker answers, `readyz`
 * that it could answer a call: the server was made, and its catalogue can be read.
 */

#include "ngx_lookout_module.h"


static ngx_int_t
ngx_lookout_health_begin(ngx_http_request_t *r)
{
    ngx_int_t rc;
    static ngx_str_t no_store = ngx_string("no-store");

    rc = ngx_lookout_methods(r, NGX_HTTP_GET | NGX_HTTP_HEAD, "GET, HEAD, OPTIONS");
    if (rc != NGX_DECLINED) {
        return rc;
    }
    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }
    return ngx_lookout_header_out(r, "Cache-Control", no_store) == NULL
               ? NGX_HTTP_INTERNAL_SERVER_ERROR
               : NGX_DECLINED;
}


ngx_int_t
ngx_lookout_healthz_handler(ngx_http_request_t *r)
{
    ngx_int_t rc = ngx_lookout_health_begin(r);

    return rc != NGX_DECLINED ? rc
                              : ngx_lookout_reply(r, NGX_HTTP_OK, "application/json",
                                                  LOOKOUT_STR("{\"status\":\"ok\"}\n"));
}


/* What is missing, in words for an operator; paths are in the log, not here. */
static const char *
ngx_lookout_unready(ngx_lookout_engine_t *engine)
{
    const char *trouble;

    if (engine->mcp == NULL) {
        return "the server could not be made; the log says why";
    }
    if (lookout_session_ready(engine->session)) {
        return NULL;
    }
    trouble = lookout_session_trouble(engine->session);
    if (trouble != NULL) {
        ngx_lookout_trouble(engine, trouble, ngx_cycle->log);
    }
    return "the catalogue cannot be read; the log says why";
}


ngx_int_t
ngx_lookout_readyz_handler(ngx_http_request_t *r)
{
    ngx_int_t rc = ngx_lookout_health_begin(r);
    const char *missing;
    lookout_buf_t *b;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (rc != NGX_DECLINED) {
        return rc;
    }
    b = ngx_lookout_request_buf(r);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    missing = ngx_lookout_unready(llcf->engine);
    lookout_json_open(b, '{');
    lookout_json_key(b, "status");
    lookout_json_cstr(b, missing == NULL ? "ready" : "not ready");
    if (missing != NULL) {
        lookout_json_key(b, "reason");
        lookout_json_cstr(b, missing);
    }
    lookout_json_close(b, '}');
    lookout_buf_putc(b, '\n');
    return b->failed
               ? NGX_HTTP_INTERNAL_SERVER_ERROR
               : ngx_lookout_reply(r,
                                   missing == NULL ? NGX_HTTP_OK : NGX_HTTP_SERVICE_UNAVAILABLE,
                                   "application/json", lookout_buf_text(b));
}
