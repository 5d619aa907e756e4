/*
 * Scoped servers as callers meet them: POST /mcp/TOKEN, and GET /mcp/TOKEN/manifest.json. The
 * token in the path says which server it is (access/servers.h), and that decides what the caller
 * may use and see.
 *
 * Anything that looks like a token is masked before it can be logged (ngx_lookout_mask.c). Here,
 * where the location is known, all that stands behind its prefix is struck out besides: what is
 * mistyped may be close to a token.
 */

#include "ngx_lookout_access.h"

/* Somebody is opening or making the servers' file, which a worker has to wait for before its
 * first lookup: for so long, in ms, and so often. */
#define NGX_LOOKOUT_SCOPED_WAIT 10
#define NGX_LOOKOUT_SCOPED_WAITS 100


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


/* The wait is over, and the request goes on where it was. */
static void
ngx_lookout_scoped_again(ngx_http_request_t *r)
{
    ngx_event_t *wev = r->connection->write;

    if (wev->delayed) {
        if (ngx_handle_write_event(wev, 0) != NGX_OK) {
            ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        }
        return;
    }
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}


/* NGX_DONE: the request is asked again in a moment. */
static ngx_int_t
ngx_lookout_scoped_wait(ngx_http_request_t *r, ngx_lookout_who_t *who)
{
    if (++who->waits > NGX_LOOKOUT_SCOPED_WAITS) {
        return NGX_DECLINED;
    }
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    who->state = NGX_LOOKOUT_WHO_UNASKED;
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_lookout_scoped_again;
    r->connection->write->delayed = 1;
    ngx_add_timer(r->connection->write, NGX_LOOKOUT_SCOPED_WAIT);
    return NGX_DONE;
}


/* The server of a token. NGX_DECLINED: go on; else what the phase's handler is to return. */
static ngx_int_t
ngx_lookout_scoped_find(ngx_http_request_t *r, lookout_str_t token, ngx_lookout_who_t *who)
{
    ngx_int_t rc;
    const char *trouble;
    ngx_pool_cleanup_t *cln = ngx_pool_cleanup_add(r->pool, 0);
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);
    ngx_lookout_engine_t *engine = llcf->engine;

    who->state = NGX_LOOKOUT_WHO_UNAVAILABLE;
    who->arena = cln == NULL ? NULL : lookout_arena_create();
    if (who->arena == NULL || engine->servers == NULL) {
        return NGX_DECLINED;
    }
    cln->handler = ngx_lookout_free_arena;
    cln->data = who->arena;
    who->scope = lookout_arena_alloc(who->arena, sizeof(lookout_scope_t));
    if (who->scope == NULL) {
        return NGX_DECLINED;
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
    case LOOKOUT_SERVER_BUSY:
        who->scope = NULL;
        rc = ngx_lookout_scoped_wait(r, who);
        if (rc != NGX_DECLINED) {
            (void) lookout_servers_trouble(engine->servers); /* it is none yet */
            return rc;
        }
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
    return NGX_DECLINED;
}


/* Only the path as it is given out is read: no doubled slashes, dots or percent signs. */
static ngx_int_t
ngx_lookout_scoped_read(ngx_http_request_t *r, const ngx_str_t *prefix, ngx_lookout_ctx_t *ctx)
{
    size_t len;
    u_char *last;
    ngx_str_t *path = ctx->path.len != 0 ? &ctx->path : &r->unparsed_uri;
    lookout_str_t token;
    static const ngx_str_t manifest = ngx_string("/manifest.json");

    ctx->who.state = NGX_LOOKOUT_WHO_INVALID;
    last = ngx_strlchr(path->data, path->data + path->len, '?');
    len = last == NULL ? path->len : (size_t) (last - path->data);
    if (len <= prefix->len || ngx_memcmp(path->data, prefix->data, prefix->len) != 0) {
        return NGX_DECLINED;
    }

    token = (lookout_str_t){ (char *) path->data + prefix->len, len - prefix->len };
    if (token.len > manifest.len
        && ngx_memcmp(token.data + token.len - manifest.len, manifest.data, manifest.len)
               == 0) {
        ctx->manifest = 1;
        token.len -= manifest.len;
    }
    return ngx_lookout_scoped_find(r, token, &ctx->who);
}


ngx_int_t
ngx_lookout_scoped_rewrite(ngx_http_request_t *r)
{
    ngx_int_t rc;
    ngx_str_t *prefix;
    ngx_lookout_ctx_t *ctx;
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

    prefix = &clcf->name;
    rc = ngx_lookout_scoped_read(r, prefix, ctx);
    if (rc != NGX_DECLINED) {
        return rc;
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


/* What the scope is to the room of the protocol; false without memory. */
static bool
ngx_lookout_scope_permit(lookout_arena_t *arena, const lookout_scope_t *scope,
                         lookout_permit_t *permit)
{
    *permit = (lookout_permit_t){
        .allows = ngx_lookout_scope_allows,
        .lacks = ngx_lookout_scope_lacks,
        .scope = scope,
        .key = lookout_arena_printf(arena, "%.*s.%lld", LOOKOUT_STR_ARG(scope->id),
                                    (long long) scope->version),
    };
    return permit->key.data != NULL;
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
    return ngx_lookout_scope_permit(exchange->arena, scope, &exchange->permit) ? NGX_OK
                                                                               : NGX_ERROR;
}


/* Not to be kept without asking: the next one may find the server changed, or gone. */
static ngx_int_t
ngx_lookout_scoped_manifest_headers(ngx_http_request_t *r, lookout_str_t manifest)
{
    u_char *p = ngx_pnalloc(r->pool, 2 + 32);
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    ngx_str_t etag;
    static ngx_str_t cache = ngx_string("private, no-cache");

    if (p == NULL) {
        return NGX_ERROR;
    }
    lookout_sha256(manifest, digest);
    etag.data = p;
    *p++ = '"';
    p = ngx_hex_dump(p, digest, 16);
    *p++ = '"';
    etag.len = p - etag.data;

    r->headers_out.etag = ngx_lookout_header_out(r, "ETag", etag);
    return r->headers_out.etag != NULL
                   && ngx_lookout_header_out(r, "Cache-Control", cache) != NULL
               ? NGX_OK
               : NGX_ERROR;
}


ngx_int_t
ngx_lookout_scoped_manifest(ngx_http_request_t *r)
{
    ngx_int_t rc;
    lookout_buf_t *b;
    lookout_permit_t permit;
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    rc = ngx_lookout_gatekeeper(r, NGX_HTTP_GET | NGX_HTTP_HEAD, "GET, HEAD, OPTIONS");
    if (rc == NGX_DECLINED) {
        rc = ngx_lookout_authorize(r);
    }
    if (rc != NGX_DECLINED) {
        return rc;
    }
    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    b = ngx_lookout_request_buf(r);
    if (b == NULL || llcf->engine->mcp == NULL
        || !ngx_lookout_scope_permit(ctx->who.arena, ctx->who.scope, &permit)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    lookout_mcp_manifest_of(llcf->engine->mcp, &permit, b);
    if (b->failed || ngx_lookout_scoped_manifest_headers(r, lookout_buf_text(b)) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_lookout_reply(r, NGX_HTTP_OK, "application/json", lookout_buf_text(b));
}
