/*
 * Scoped servers as callers meet them: POST /mcp/TOKEN. The token in the path says which server
 * it is (access/servers.h), and that decides what the caller may use and see.
 *
 * A path is written to logs, to nginx's own and by nginx's own code. So the token is read before
 * anything is logged, in the rewrite phase, and struck out of the request's texts where they lie;
 * what is logged later shows asterisks.
 */

#include "ngx_lookout_access.h"


/* Asterisks in place of all that stands behind the location's prefix, in one text. */
static void
ngx_lookout_strike(ngx_str_t *text, size_t from)
{
    size_t i;

    for (i = from; i < text->len && text->data[i] != ' ' && text->data[i] != '?'; i++) {
        text->data[i] = '*';
    }
}


/* Where the rest of the path begins in a text of the request: behind the prefix where it stands,
 * else (the path was written in another way) behind the first slash. */
static size_t
ngx_lookout_strike_from(const ngx_str_t *text, const ngx_str_t *prefix)
{
    u_char *found = ngx_strnstr(text->data, (char *) prefix->data, text->len);

    if (found == NULL) {
        found = ngx_strlchr(text->data, text->data + text->len, '/');
        return found == NULL ? 0 : (size_t) (found + 1 - text->data);
    }
    return (size_t) (found + prefix->len - text->data);
}


static void
ngx_lookout_free_arena(void *data)
{
    lookout_arena_destroy(data);
}


/* The server of a token. */
static void
ngx_lookout_scoped_find(ngx_http_request_t *r, lookout_str_t token, ngx_lookout_who_t *who)
{
    const char *trouble;
    ngx_pool_cleanup_t *cln = ngx_pool_cleanup_add(r->pool, 0);
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);
    ngx_lookout_engine_t *engine = llcf->engine;

    who->state = NGX_LOOKOUT_WHO_UNAVAILABLE;
    who->arena = cln == NULL ? NULL : lookout_arena_create();
    if (who->arena == NULL || engine->servers == NULL) {
        return;
    }
    cln->handler = ngx_lookout_free_arena;
    cln->data = who->arena;
    who->scope = lookout_arena_alloc(who->arena, sizeof(lookout_scope_t));
    if (who->scope == NULL) {
        return;
    }

    switch (lookout_servers_find(engine->servers, who->arena, token, ngx_time(), who->scope)) {
    case LOOKOUT_SERVER_GOOD:
        who->state = NGX_LOOKOUT_WHO_GOOD;
        who->caller.data = (u_char *) who->scope->id.data;
        who->caller.len = who->scope->id.len;
        break;
    case LOOKOUT_SERVER_UNKNOWN:
        who->state = NGX_LOOKOUT_WHO_INVALID;
        break;
    case LOOKOUT_SERVER_EXPIRED:
        who->state = NGX_LOOKOUT_WHO_EXPIRED;
        break;
    default:
        break;
    }

    trouble = lookout_servers_trouble(engine->servers);
    if (trouble != NULL) {
        ngx_lookout_trouble(engine, trouble, ngx_cycle->log);
    }
    if (who->state != NGX_LOOKOUT_WHO_GOOD) {
        who->scope = NULL;
    }
}


ngx_int_t
ngx_lookout_scoped_rewrite(ngx_http_request_t *r)
{
    lookout_str_t token;
    ngx_lookout_ctx_t *ctx;
    ngx_str_t *prefix;
    ngx_http_core_loc_conf_t *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (!llcf->scoped || r != r->main) {
        return NGX_DECLINED;
    }
    ctx = ngx_lookout_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (ctx->who.state != NGX_LOOKOUT_WHO_UNASKED) {
        return NGX_DECLINED;
    }

    /* Only the path as it is given out is read: no doubled slashes, dots or percent signs. */
    prefix = &clcf->name;
    ctx->who.state = NGX_LOOKOUT_WHO_INVALID;
    if (r->unparsed_uri.len > prefix->len
        && ngx_memcmp(r->unparsed_uri.data, prefix->data, prefix->len) == 0) {
        token.data = (char *) r->unparsed_uri.data + prefix->len;
        token.len = r->unparsed_uri.len - prefix->len - (r->args.len ? r->args.len + 1 : 0);
        ngx_lookout_scoped_find(r, token, &ctx->who);
    }

    ngx_lookout_strike(&r->uri, ngx_min(prefix->len, r->uri.len));
    ngx_lookout_strike(&r->unparsed_uri, ngx_lookout_strike_from(&r->unparsed_uri, prefix));
    if (r->request_line.len != 0) {
        u_char *path =
            ngx_strlchr(r->request_line.data, r->request_line.data + r->request_line.len, ' ');
        ngx_str_t rest;

        if (path != NULL) {
            rest.data = path + 1;
            rest.len = r->request_line.data + r->request_line.len - rest.data;
            ngx_lookout_strike(&rest, ngx_lookout_strike_from(&rest, prefix));
        }
    }
    return NGX_DECLINED;
}


/* What has no tags is not hidden by any: it counts as having the scope's own. */
static bool
ngx_lookout_scope_allows(const void *data, const lookout_access_t *access)
{
    const lookout_scope_t *scope = data;
    const char *const *tags = access->tags;
    const char *own[2] = { NULL, NULL };

    if (tags == NULL && scope->tags.n != 0) {
        own[0] = scope->tags.items[0].data;
        tags = own;
    }
    return lookout_scope_allows_tool(scope, (unsigned) access->verb, tags, access->writes);
}


static lookout_str_t
ngx_lookout_scope_lacks(const void *scope, lookout_arena_t *arena, const char *name,
                        const lookout_access_t *access)
{
    return lookout_scope_lacks(scope, arena, name, (unsigned) access->verb, access->tags,
                               access->writes);
}


ngx_int_t
ngx_lookout_permit(ngx_http_request_t *r, lookout_exchange_t *exchange)
{
    lookout_scope_t *scope;
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);

    if (ctx == NULL) {
        return NGX_ERROR;
    }
    if (ctx->who.scope == NULL) {
        return NGX_OK;
    }

    /* The exchange may outlive the request. */
    scope = lookout_arena_alloc(exchange->arena, sizeof(lookout_scope_t));
    if (scope == NULL || !lookout_scope_copy(exchange->arena, ctx->who.scope, scope)) {
        return NGX_ERROR;
    }
    exchange->permit = (lookout_permit_t){
        .allows = ngx_lookout_scope_allows,
        .lacks = ngx_lookout_scope_lacks,
        .scope = scope,
        .key = lookout_arena_printf(exchange->arena, "%.*s.%lld", LOOKOUT_STR_ARG(scope->id),
                                    (long long) scope->version),
    };
    return exchange->permit.key.data == NULL ? NGX_ERROR : NGX_OK;
}
