/*
 * GET on a token location: a demo token, the same privileges for everyone who asks. Where an
 * OAuth issuer is set there are none.
 */

#include "ngx_lookout_module.h"

#include "access/token.h"

#include "base/clock.h"


static void
ngx_lookout_token_json(lookout_buf_t *b, lookout_buf_t *token, int64_t expires)
{
    char text[LOOKOUT_ISO8601_SIZE];

    lookout_iso8601(text, expires);
    lookout_json_open(b, '{');
    lookout_json_key(b, "token");
    lookout_json_str(b, lookout_buf_text(token));
    lookout_json_key(b, "tokenType");
    lookout_json_cstr(b, "Bearer");
    lookout_json_key(b, "expiresAt");
    lookout_json_cstr(b, text);
    lookout_json_close(b, '}');
    lookout_buf_putc(b, '\n');
}


ngx_int_t
ngx_lookout_token_handler(ngx_http_request_t *r)
{
    bool minted;
    int64_t expires;
    ngx_int_t rc;
    lookout_buf_t *b, token = LOOKOUT_BUF_INIT;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);
    static ngx_str_t no_store = ngx_string("no-store");

    rc = ngx_lookout_gatekeeper(r, NGX_HTTP_GET, "GET, OPTIONS");
    if (rc != NGX_DECLINED) {
        return rc;
    }
    if (llcf->oauth_issuer.len != 0) {
        return ngx_lookout_refuse(r, NGX_HTTP_NOT_FOUND, "404",
                                  "Not found: tokens come from the OAuth issuer, %V",
                                  &llcf->oauth_issuer);
    }
    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    b = ngx_lookout_request_buf(r);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    expires = (int64_t) ngx_time() + llcf->token_ttl;
    minted = lookout_token_mint(&token, &llcf->key->key, expires);
    ngx_lookout_token_json(b, &token, expires);
    lookout_buf_free(&token);

    if (!minted || b->failed) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "lookout: no token could be minted: no random bytes or no memory");
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_lookout_header_out(r, "Cache-Control", no_store) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_lookout_reply(r, NGX_HTTP_OK, "application/json", lookout_buf_text(b));
}
