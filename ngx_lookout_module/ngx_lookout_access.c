/*
 * Who calls: found out once a request, when it is first asked for (the limits want to know before
 * the handler does), and kept in the request's context. A caller shows a bearer token, one of
 * this server's own; see token.h.
 */

#include "ngx_lookout_access.h"

#include "access/token.h"


/* The bearer token of the request; data NULL: none was sent, len 0: another scheme. */
static lookout_str_t
ngx_lookout_bearer(ngx_http_request_t *r)
{
    lookout_str_t token = ngx_lookout_header_in(r, "Authorization");

    if (token.data == NULL) {
        return token;
    }
    if (token.len <= 7
        || ngx_strncasecmp((u_char *) token.data, (u_char *) "Bearer ", 7) != 0) {
        token.len = 0;
        return token;
    }
    token.data += 7;
    token.len -= 7;
    return token;
}


/* A token that this server minted. */
static void
ngx_lookout_who_token(ngx_http_request_t *r, lookout_str_t token, ngx_lookout_who_t *who)
{
    char caller[LOOKOUT_TOKEN_CALLER_SIZE];
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    switch (lookout_token_check(&llcf->key->key, token, ngx_time(), caller)) {
    case LOOKOUT_TOKEN_GOOD:
        who->caller.len = strlen(caller);
        who->caller.data = ngx_pnalloc(r->pool, who->caller.len);
        if (who->caller.data != NULL) {
            ngx_memcpy(who->caller.data, caller, who->caller.len);
            who->state = NGX_LOOKOUT_WHO_GOOD;
        } else {
            who->caller.len = 0;
            who->state = NGX_LOOKOUT_WHO_UNAVAILABLE;
        }
        break;

    case LOOKOUT_TOKEN_EXPIRED:
        who->state = NGX_LOOKOUT_WHO_EXPIRED;
        break;

    default:
        who->state = NGX_LOOKOUT_WHO_INVALID;
    }
}


ngx_lookout_who_t *
ngx_lookout_who(ngx_http_request_t *r)
{
    lookout_str_t token;
    ngx_lookout_who_t *who;
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (ctx == NULL) {
        return NULL;
    }
    who = &ctx->who;
    if (who->state != NGX_LOOKOUT_WHO_UNASKED || llcf->handler != ngx_lookout_mcp_handler) {
        return who;
    }
    if (!llcf->auth) {
        who->state = NGX_LOOKOUT_WHO_GOOD;
        return who;
    }

    token = ngx_lookout_bearer(r);
    if (token.len == 0) {
        who->state = token.data == NULL ? NGX_LOOKOUT_WHO_NOBODY : NGX_LOOKOUT_WHO_INVALID;
    } else {
        ngx_lookout_who_token(r, token, who);
    }
    return who;
}


/* 401, with the way to a token. */
static ngx_int_t
ngx_lookout_challenge(ngx_http_request_t *r, const ngx_lookout_who_t *who)
{
    ngx_str_t challenge;
    ngx_lookout_srv_conf_t *lscf = ngx_http_get_module_srv_conf(r, ngx_lookout_module);
    static ngx_str_t plain = ngx_string("Bearer realm=\"lookout\"");
    static ngx_str_t expired = ngx_string("Bearer realm=\"lookout\", error=\"invalid_token\", "
                                          "error_description=\"the token has expired\"");
    static ngx_str_t invalid = ngx_string("Bearer realm=\"lookout\", error=\"invalid_token\", "
                                          "error_description=\"the token is not valid here\"");

    challenge = who->state == NGX_LOOKOUT_WHO_NOBODY    ? plain
                : who->state == NGX_LOOKOUT_WHO_EXPIRED ? expired
                                                        : invalid;
    r->headers_out.www_authenticate = ngx_lookout_header_out(r, "WWW-Authenticate", challenge);
    if (r->headers_out.www_authenticate == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_lookout_refuse(
        r, NGX_HTTP_UNAUTHORIZED, "401",
        "Unauthorized: %s. Send the header \"Authorization: Bearer TOKEN\"%s%V%s",
        who->state == NGX_LOOKOUT_WHO_NOBODY    ? "this server wants a token"
        : who->state == NGX_LOOKOUT_WHO_EXPIRED ? "the token has expired"
                                                : "the token is not one of this server's, or "
                                                  "was altered",
        lscf->token_path.len != 0 ? "; GET " : "; ask the operator for one", &lscf->token_path,
        lscf->token_path.len != 0 ? " mints one" : "");
}


ngx_int_t
ngx_lookout_authorize(ngx_http_request_t *r)
{
    ngx_lookout_who_t *who = ngx_lookout_who(r);

    if (who == NULL || who->state == NGX_LOOKOUT_WHO_UNAVAILABLE) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return who->state == NGX_LOOKOUT_WHO_GOOD ? NGX_DECLINED : ngx_lookout_challenge(r, who);
}
