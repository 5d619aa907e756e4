/*
 * Who calls: found out once a request, when it is first asked for (the limits want to know before
 * the handler does), and kept in the request's context. A caller shows a bearer token, one of
 * this server's own (token.h) or, where an issuer is set, one of that; or comes by the address of
 * a scoped server (ngx_lookout_scoped.c), which may want a bearer token besides.
 */

#include "ngx_lookout_access.h"
#include "ngx_lookout_oauth.h"

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


/* By the bearer token. `none`: what it comes to when there is none. */
static void
ngx_lookout_who_bearer(ngx_http_request_t *r, ngx_lookout_who_t *who, ngx_lookout_who_e none)
{
    lookout_str_t token = ngx_lookout_bearer(r);
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (token.len == 0) {
        who->state = token.data == NULL ? none : NGX_LOOKOUT_WHO_INVALID;
    } else if (llcf->oauth != NULL) {
        ngx_lookout_oauth_who(r, llcf->oauth, token, who);
    } else {
        ngx_lookout_who_token(r, token, who);
    }
}


ngx_lookout_who_t *
ngx_lookout_who(ngx_http_request_t *r)
{
    ngx_lookout_who_t *who;
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (ctx == NULL) {
        return NULL;
    }
    who = &ctx->who;
    if (who->asked || llcf->handler != ngx_lookout_mcp_handler) {
        return who;
    }
    who->asked = 1;

    if (llcf->scoped) {
        if (who->state == NGX_LOOKOUT_WHO_GOOD && who->scope->token_auth) {
            ngx_lookout_who_bearer(r, who, NGX_LOOKOUT_WHO_SECOND);
        }
    } else if (!llcf->auth) {
        who->state = NGX_LOOKOUT_WHO_GOOD;
    } else {
        ngx_lookout_who_bearer(r, who, NGX_LOOKOUT_WHO_NOBODY);
    }

    if (who->state == NGX_LOOKOUT_WHO_GOOD && who->scope != NULL) {
        ctx->scope.data = (u_char *) who->scope->id.data;
        ctx->scope.len = who->scope->id.len;
    }
    return who;
}


/* 401 for an address that opens nothing: for all reasons alike, so that it tells nobody which
 * addresses there were. */
static ngx_int_t
ngx_lookout_challenge_address(ngx_http_request_t *r)
{
    static ngx_str_t challenge = ngx_string("Bearer realm=\"lookout\"");

    r->headers_out.www_authenticate = ngx_lookout_header_out(r, "WWW-Authenticate", challenge);
    if (r->headers_out.www_authenticate == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_lookout_refuse(r, NGX_HTTP_UNAUTHORIZED, "401",
                              "Unauthorized: this address opens no server. It may be "
                              "mistyped, or the server has expired, was revoked or has a new "
                              "address; ask the operator who gave it to you");
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

    challenge = who->state == NGX_LOOKOUT_WHO_NOBODY || who->state == NGX_LOOKOUT_WHO_SECOND
                    ? plain
                : who->state == NGX_LOOKOUT_WHO_EXPIRED ? expired
                                                        : invalid;
    r->headers_out.www_authenticate = ngx_lookout_header_out(r, "WWW-Authenticate", challenge);
    if (r->headers_out.www_authenticate == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_lookout_refuse(
        r, NGX_HTTP_UNAUTHORIZED, "401",
        "Unauthorized: %s. Send the header \"Authorization: Bearer TOKEN\"%s%V%s",
        who->state == NGX_LOOKOUT_WHO_NOBODY   ? "this server wants a token"
        : who->state == NGX_LOOKOUT_WHO_SECOND ? "this server wants a token besides its address"
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
    static ngx_str_t soon = ngx_string("1");
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (who == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    switch (who->state) {
    case NGX_LOOKOUT_WHO_GOOD:
        return NGX_DECLINED;

    case NGX_LOOKOUT_WHO_UNAVAILABLE:
        if (ngx_lookout_header_out(r, "Retry-After", soon) == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        return ngx_lookout_refuse(r, NGX_HTTP_SERVICE_UNAVAILABLE, "503",
                                  "Unavailable: who calls cannot be found out now; call again "
                                  "in a second. The operator finds the reason in the log");

    default:
        return who->scope == NULL && llcf->scoped ? ngx_lookout_challenge_address(r)
               : llcf->oauth != NULL ? ngx_lookout_oauth_refuse(r, llcf->oauth, who)
                                     : ngx_lookout_challenge(r, who);
    }
}
