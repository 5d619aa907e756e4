/*
 * What the locations have in common: headers in and out, replies and refusals, the methods a
 * location has, Origin and CORS, and the bearer token.
 *
 * A browser page that may call this server is named by lookout_allow_origin. Without that only
 * pages of the server itself may: an Origin is accepted when it is this server's name or a loopback
 * name, and the same as Host. That closes DNS rebinding, where a foreign name is made to point here.
 */

#include "ngx_lookout_module.h"


/* Marks a context among what is cleaned up; there is nothing to do. */
static void
ngx_lookout_ctx_mark(void *data)
{
    (void) data;
}


ngx_lookout_ctx_t *
ngx_lookout_ctx(ngx_http_request_t *r)
{
    ngx_lookout_ctx_t *ctx = ngx_http_get_module_ctx(r, ngx_lookout_module);
    ngx_pool_cleanup_t *cln;

    if (ctx == NULL) {
        cln = ngx_pool_cleanup_add(r->pool, 0);
        ctx = ngx_pcalloc(r->pool, sizeof(ngx_lookout_ctx_t));
        if (cln == NULL || ctx == NULL) {
            return NULL;
        }
        cln->handler = ngx_lookout_ctx_mark;
        cln->data = ctx;
        ctx->rows = -1;
        ngx_http_set_ctx(r, ctx, ngx_lookout_module);
    }
    return ctx;
}


const ngx_lookout_ctx_t *
ngx_lookout_ctx_before(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t *cln;
    const ngx_lookout_ctx_t *ctx = ngx_http_get_module_ctx(r, ngx_lookout_module);

    for (cln = r->pool->cleanup; cln != NULL; cln = cln->next) {
        if (cln->handler == ngx_lookout_ctx_mark && cln->data != ctx) {
            return cln->data;
        }
    }
    return NULL;
}


lookout_str_t
ngx_lookout_header_in(void *data, const char *name)
{
    size_t len = strlen(name);
    ngx_uint_t i, mcp = ngx_strncasecmp((u_char *) name, (u_char *) "mcp-", 4) == 0;
    ngx_list_part_t *part;
    ngx_table_elt_t *header;
    ngx_http_request_t *r = data;
    lookout_str_t value = LOOKOUT_STR_NONE;

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;
        for (i = 0; i < part->nelts; i++) {
            if (header[i].key.len != len
                || ngx_strncasecmp(header[i].key.data, (u_char *) name, len) != 0) {
                continue;
            }
            if (value.data != NULL) {
                return LOOKOUT_HEADER_REPEATED;
            }
            value = (lookout_str_t){ (char *) header[i].value.data, header[i].value.len };
            if (!mcp) {
                return value;
            }
        }
    }
    return value;
}


ngx_str_t
ngx_lookout_base_url(ngx_http_request_t *r)
{
    ngx_str_t url, host;
    const char *scheme = "http";
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);
    ngx_http_core_srv_conf_t *cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

    if (llcf->public_url.len != 0) {
        return llcf->public_url;
    }

#if (NGX_HTTP_SSL)
    if (r->connection->ssl != NULL) {
        scheme = "https";
    }
#endif
    host = r->headers_in.host != NULL      ? r->headers_in.host->value
           : r->headers_in.server.len != 0 ? r->headers_in.server
                                           : cscf->server_name;

    url.data = ngx_pnalloc(r->pool, sizeof("https://") + host.len);
    url.len = url.data == NULL ? 0 : ngx_sprintf(url.data, "%s://%V", scheme, &host) - url.data;
    return url;
}


ngx_table_elt_t *
ngx_lookout_header_out(ngx_http_request_t *r, const char *name, ngx_str_t value)
{
    ngx_table_elt_t *h = ngx_list_push(&r->headers_out.headers);

    if (h == NULL) {
        return NULL;
    }
    h->hash = 1;
#if (nginx_version >= 1023000)
    h->next = NULL;
#endif
    h->key.data = (u_char *) name;
    h->key.len = strlen(name);
    h->value = value;
    return h;
}


ngx_int_t
ngx_lookout_reply(ngx_http_request_t *r, ngx_uint_t status, const char *type,
                  lookout_str_t body)
{
    ngx_int_t rc;
    ngx_buf_t *b;
    ngx_chain_t out;

    r->headers_out.status = status;
    r->headers_out.content_length_n = body.len;

    if (body.len == 0) {
        r->header_only = 1;
    } else {
        r->headers_out.content_type.data = (u_char *) type;
        r->headers_out.content_type.len = strlen(type);
        r->headers_out.content_type_len = r->headers_out.content_type.len;
    }

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }
    b->pos = (u_char *) body.data;
    b->last = b->pos + body.len;
    b->memory = 1;
    b->last_buf = r == r->main;
    b->last_in_chain = 1;
    out.buf = b;
    out.next = NULL;
    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_lookout_body(ngx_http_request_t *r, lookout_arena_t *arena, size_t max, lookout_str_t *body)
{
    char *text;
    size_t size;
    off_t len = 0;
    ngx_buf_t *b;
    ngx_chain_t *in, *bufs = r->request_body == NULL ? NULL : r->request_body->bufs;

    for (in = bufs; in != NULL; in = in->next) {
        len += ngx_buf_size(in->buf);
    }
    if ((size_t) len > max) {
        return NGX_DECLINED;
    }
    text = lookout_arena_alloc(arena, (size_t) len + 1);
    if (text == NULL) {
        return NGX_ERROR;
    }
    *body = (lookout_str_t){ text, (size_t) len };

    for (in = bufs; in != NULL; in = in->next) {
        b = in->buf;
        size = (size_t) ngx_buf_size(b);
        if (ngx_buf_in_memory(b)) {
            ngx_memcpy(text, b->pos, size);
        } else if (size != 0
                   && ngx_read_file(b->file, (u_char *) text, size, b->file_pos)
                          != (ssize_t) size) {
            return NGX_ERROR;
        }
        text += size;
    }
    return NGX_OK;
}


static ngx_uint_t
ngx_lookout_wants_html(ngx_http_request_t *r)
{
    lookout_str_t accept = ngx_lookout_header_in(r, "Accept");

    return accept.data != NULL
           && ngx_strnstr((u_char *) accept.data, "text/html", accept.len) != NULL;
}


static void
ngx_lookout_free_buf(void *data)
{
    lookout_buf_free(data);
}


lookout_buf_t *
ngx_lookout_request_buf(ngx_http_request_t *r)
{
    lookout_buf_t *b;
    ngx_pool_cleanup_t *cln = ngx_pool_cleanup_add(r->pool, sizeof(lookout_buf_t));

    if (cln == NULL) {
        return NULL;
    }
    b = cln->data;
    *b = LOOKOUT_BUF_INIT;
    cln->handler = ngx_lookout_free_buf;
    return b;
}


static void
ngx_lookout_puts_escaped(ngx_http_request_t *r, lookout_buf_t *b, ngx_str_t text)
{
    size_t len = text.len + ngx_escape_html(NULL, text.data, text.len);
    u_char *p = ngx_pnalloc(r->pool, len);

    if (p == NULL) {
        b->failed = true;
        return;
    }
    (void) ngx_escape_html(p, text.data, text.len);
    lookout_buf_str(b, (lookout_str_t){ (char *) p, len });
}


/* The same refusal for a person: what this address is, and how an agent is connected to it.
 * Nothing of the request stands in it unescaped. */
static void
ngx_lookout_page(ngx_http_request_t *r, lookout_buf_t *b, ngx_uint_t status, ngx_str_t message)
{
    ngx_lookout_srv_conf_t *lscf = ngx_http_get_module_srv_conf(r, ngx_lookout_module);
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    lookout_buf_puts(
        b, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
           "<meta name=\"viewport\" content=\"width=device-width\"><title>Lookout MCP "
           "server</title>"
           "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:12vh auto;"
           "padding:0 1.5rem;color:#1d2733;background:#fbfcfd}code,pre{font:14px/1.5 "
           "ui-monospace,monospace;background:#eef2f6;border-radius:6px;padding:.1em .35em}"
           "pre{padding:1rem;overflow:auto}h1{font-size:1.4rem}small{color:#65758b}</style>"
           "<h1>This is an MCP server for AI agents</h1><p>");
    ngx_lookout_puts_escaped(r, b, message);
    lookout_buf_puts(b, "</p>");

    if (lscf->mcp_path.len != 0) {
        lookout_buf_puts(b, "<p>Add this address to your agent, for example:</p>"
                            "<pre>claude mcp add --transport http lookout ");
        ngx_lookout_puts_escaped(r, b, ngx_lookout_base_url(r));
        ngx_lookout_puts_escaped(r, b, lscf->mcp_path);
        if (llcf->oauth == NULL) {
            lookout_buf_puts(b, " \\\n"
                                "  --header \"Authorization: Bearer $LOOKOUT_TOKEN\"");
        }
        lookout_buf_puts(b, "</pre>");
    }
    lookout_buf_printf(b, "<p><small>HTTP %lu</small></p></html>\n", (unsigned long) status);
}


/* The same for a program: as a JSON-RPC error; at the admin address, which has no JSON-RPC, as
 * its other errors are. */
static void
ngx_lookout_error(ngx_http_request_t *r, lookout_buf_t *b, ngx_uint_t status,
                  lookout_str_t message)
{
    size_t i;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);
    static const struct {
        ngx_uint_t status;
        const char *code;
    } codes[] = {
        { NGX_HTTP_UNAUTHORIZED, "UNAUTHORIZED" },
        { NGX_HTTP_FORBIDDEN, "FORBIDDEN" },
        { NGX_HTTP_NOT_FOUND, "NOT_FOUND" },
        { NGX_HTTP_NOT_ALLOWED, "METHOD_NOT_ALLOWED" },
        { NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "REQUEST_TOO_LARGE" },
        { NGX_HTTP_SERVICE_UNAVAILABLE, "BUSY" },
        { 0, "INTERNAL_ERROR" },
    };

    if (llcf->handler != ngx_lookout_servers_handler) {
        lookout_mcp_http_error(b, (int) status, message,
                               status == NGX_HTTP_TOO_MANY_REQUESTS
                                   ? LOOKOUT_STR("{\"code\":\"RATE_LIMITED\"}")
                                   : LOOKOUT_STR_NONE);
        return;
    }
    for (i = 0; codes[i].status != 0 && codes[i].status != status; i++) {
        /* void */
    }
    lookout_buf_puts(b, "{\"error\":{\"code\":");
    lookout_json_cstr(b, codes[i].code);
    lookout_buf_puts(b, ",\"message\":");
    lookout_json_str(b, message);
    lookout_buf_puts(b, "}}");
}


ngx_int_t
ngx_lookout_refuse(ngx_http_request_t *r, ngx_uint_t status, const char *error,
                   const char *format, ...)
{
    u_char *last;
    va_list args;
    ngx_int_t rc;
    ngx_str_t message;
    ngx_uint_t html;
    lookout_buf_t *b;
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);
    u_char text[512];

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    b = ngx_lookout_request_buf(r);
    if (ctx == NULL || b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    ctx->error.data = (u_char *) error;
    ctx->error.len = strlen(error);

    va_start(args, format);
    last = ngx_vslprintf(text, text + sizeof(text), format, args);
    va_end(args);
    message.data = text;
    message.len = last - text;

    html = ngx_lookout_wants_html(r);
    if (html) {
        ngx_lookout_page(r, b, status, message);
    } else {
        ngx_lookout_error(r, b, status, (lookout_str_t){ (char *) text, message.len });
    }

    if (b->failed) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_lookout_reply(r, status, html ? "text/html; charset=utf-8" : "application/json",
                             lookout_buf_text(b));
}


/* The host part of an Origin, or {0, NULL}: "http://localhost:8080" -> "localhost:8080". */
static ngx_str_t
ngx_lookout_origin_host(lookout_str_t origin)
{
    u_char *p;
    ngx_str_t host = ngx_null_string;

    p = ngx_strnstr((u_char *) origin.data, "://", origin.len);
    if (p != NULL) {
        host.data = p + 3;
        host.len = origin.len - (host.data - (u_char *) origin.data);
    }
    return host;
}


static ngx_uint_t
ngx_lookout_own_name(ngx_http_request_t *r)
{
    ngx_uint_t i;
    ngx_str_t *host = &r->headers_in.server;
    ngx_http_core_srv_conf_t *cscf;
    static ngx_str_t loopback[] = { ngx_string("localhost"), ngx_string("127.0.0.1"),
                                    ngx_string("[::1]") };

    for (i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++) {
        if (host->len == loopback[i].len
            && ngx_strncmp(host->data, loopback[i].data, host->len) == 0) {
            return 1;
        }
    }

    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);
    return host->len != 0 && host->len == cscf->server_name.len
           && ngx_strncasecmp(host->data, cscf->server_name.data, host->len) == 0;
}


static ngx_uint_t
ngx_lookout_origin_allowed(ngx_http_request_t *r, lookout_str_t origin)
{
    ngx_str_t *allowed, host;
    ngx_uint_t i;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (llcf->allow_origin != NULL) {
        allowed = llcf->allow_origin->elts;
        for (i = 0; i < llcf->allow_origin->nelts; i++) {
            if ((allowed[i].len == 1 && allowed[i].data[0] == '*')
                || (allowed[i].len == origin.len
                    && ngx_strncasecmp(allowed[i].data, (u_char *) origin.data, origin.len)
                           == 0)) {
                return 1;
            }
        }
    }

    host = ngx_lookout_origin_host(origin);
    return host.len != 0 && r->headers_in.host != NULL
           && r->headers_in.host->value.len == host.len
           && ngx_strncasecmp(r->headers_in.host->value.data, host.data, host.len) == 0
           && ngx_lookout_own_name(r);
}


static ngx_int_t
ngx_lookout_cors(ngx_http_request_t *r, lookout_str_t origin)
{
    ngx_str_t value;
    static ngx_str_t expose = ngx_string("WWW-Authenticate, Retry-After, ratelimit-limit, "
                                         "ratelimit-remaining, ratelimit-reset");

    value.data = (u_char *) origin.data;
    value.len = origin.len;

    if (ngx_lookout_header_out(r, "Access-Control-Allow-Origin", value) == NULL
        || ngx_lookout_header_out(r, "Access-Control-Expose-Headers", expose) == NULL) {
        return NGX_ERROR;
    }
    return NGX_OK;
}


/* A preflight: answered before anybody is asked for a token, as browsers send none with it. */
static ngx_int_t
ngx_lookout_preflight(ngx_http_request_t *r, const char *allow)
{
    ngx_int_t rc;
    ngx_str_t methods, headers;
    static ngx_str_t any =
        ngx_string("Authorization, Content-Type, Accept, MCP-Protocol-Version, "
                   "Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID");
    static ngx_str_t age = ngx_string("86400");
    lookout_str_t asked = ngx_lookout_header_in(r, "Access-Control-Request-Headers");

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    methods.data = (u_char *) allow;
    methods.len = strlen(allow);
    headers = any;
    if (asked.data != NULL) {
        headers.data = (u_char *) asked.data;
        headers.len = asked.len;
    }

    if (ngx_lookout_header_out(r, "Allow", methods) == NULL
        || ngx_lookout_header_out(r, "Access-Control-Allow-Methods", methods) == NULL
        || ngx_lookout_header_out(r, "Access-Control-Allow-Headers", headers) == NULL
        || ngx_lookout_header_out(r, "Access-Control-Max-Age", age) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_lookout_reply(r, NGX_HTTP_NO_CONTENT, NULL, LOOKOUT_STR_NONE);
}


ngx_int_t
ngx_lookout_methods(ngx_http_request_t *r, ngx_uint_t methods, const char *allow)
{
    ngx_str_t value;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (r != r->main) {
        return NGX_HTTP_NOT_FOUND;
    }

    if (r->method == NGX_HTTP_OPTIONS) {
        return ngx_lookout_preflight(r, allow);
    }
    if (r->method & methods) {
        return NGX_DECLINED;
    }

    value.data = (u_char *) allow;
    value.len = strlen(allow);
    if (ngx_lookout_header_out(r, "Allow", value) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_lookout_refuse(
        r, NGX_HTTP_NOT_ALLOWED, "405",
        llcf->handler != ngx_lookout_mcp_handler ? "Method not allowed: use %s"
        : methods & NGX_HTTP_POST ? "Method not allowed: this is an MCP endpoint; send "
                                    "JSON-RPC messages to it with POST"
                                  : "Method not allowed: use GET",
        allow);
}


ngx_int_t
ngx_lookout_gatekeeper(ngx_http_request_t *r, ngx_uint_t methods, const char *allow)
{
    lookout_str_t origin = ngx_lookout_header_in(r, "Origin");
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);
    static ngx_str_t vary = ngx_string("Origin");

    /* Said to everybody: a cache must not give one origin what it got for another. */
    if ((origin.data != NULL || llcf->allow_origin != NULL)
        && ngx_lookout_header_out(r, "Vary", vary) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (origin.data != NULL && r == r->main) {
        if (!ngx_lookout_origin_allowed(r, origin)) {
            return ngx_lookout_refuse(
                r, NGX_HTTP_FORBIDDEN, "403",
                "Forbidden: pages of this origin may not call this server; "
                "the operator can allow it with lookout_allow_origin");
        }
        if (ngx_lookout_cors(r, origin) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return ngx_lookout_methods(r, methods, allow);
}
