/*
 * GET or HEAD on a manifest location: the tools as one public document, written once when the
 * worker starts, with a strong validator, so that clients fetch it once a deploy.
 */

#include "ngx_lookout_module.h"


static ngx_int_t
ngx_lookout_manifest_headers(ngx_http_request_t *r, ngx_lookout_engine_t *engine)
{
    static ngx_str_t cache = ngx_string("public, max-age=300, must-revalidate");

    r->headers_out.etag = ngx_lookout_header_out(r, "ETag", engine->manifest_etag);

    return r->headers_out.etag != NULL
                   && ngx_lookout_header_out(r, "Cache-Control", cache) != NULL
               ? NGX_OK
               : NGX_ERROR;
}


ngx_int_t
ngx_lookout_manifest_handler(ngx_http_request_t *r)
{
    ngx_int_t rc;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    rc = ngx_lookout_gatekeeper(r, NGX_HTTP_GET | NGX_HTTP_HEAD, "GET, HEAD, OPTIONS");
    if (rc != NGX_DECLINED) {
        return rc;
    }
    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (llcf->engine->mcp == NULL || ngx_lookout_manifest_headers(r, llcf->engine) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_lookout_reply(r, NGX_HTTP_OK, "application/json",
                             lookout_mcp_manifest(llcf->engine->mcp));
}
