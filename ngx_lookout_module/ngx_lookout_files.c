/*
 * lookout_files: renders and exports over plain HTTP, by signed links that expire
 * (access/link.h). The link is all the authorization there is, so this location asks for no
 * token, and any page may show what it was given a link to. Files are content-addressed and never change, which makes them easy to cache; ranges and
 * conditional requests are nginx's own.
 */

#include "ngx_lookout_module.h"

#include "access/link.h"

/* What is served, by the end of its name. */
static const struct {
    ngx_str_t suffix;
    ngx_str_t type;
    ngx_uint_t attachment; /* a browser saves it instead of showing it */
} ngx_lookout_file_types[] = {
    { ngx_string(".png"), ngx_string("image/png"), 0 },
    { ngx_string(".svg"), ngx_string("image/svg+xml"), 0 },
    { ngx_string(".csv"), ngx_string("text/csv; charset=utf-8"), 1 },
    { ngx_string(".json"), ngx_string("application/json"), 0 },
};


/* The server's own location of files; where lookout_public_url says that clients come in by
 * another door, any server's. */
ngx_int_t
ngx_lookout_files_url(ngx_http_request_t *r, lookout_exchange_t *exchange)
{
    ngx_str_t base, path;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);
    ngx_lookout_srv_conf_t *lscf = ngx_http_get_module_srv_conf(r, ngx_lookout_module);
    ngx_lookout_main_conf_t *lmcf = ngx_http_get_module_main_conf(r, ngx_lookout_module);

    path = lscf->files_path.len == 0 && llcf->public_url.len != 0 ? lmcf->files_path
                                                                  : lscf->files_path;
    if (path.len == 0) {
        return NGX_OK;
    }

    base = ngx_lookout_base_url(r);
    if (base.data == NULL) {
        return NGX_ERROR;
    }
    exchange->files_url = lookout_arena_printf(exchange->arena, "%.*s%.*s", (int) base.len,
                                               base.data, (int) path.len, path.data);
    return exchange->files_url.data == NULL ? NGX_ERROR : NGX_OK;
}


/* The file behind a good link: opened, or what to answer instead. */
static ngx_int_t
ngx_lookout_files_open(ngx_http_request_t *r, lookout_str_t relative, ngx_open_file_info_t *of,
                       ngx_str_t *path)
{
    u_char *p;
    ngx_http_core_loc_conf_t *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    path->len = llcf->state.len + sizeof("/fs/") - 1 + relative.len;
    path->data = ngx_pnalloc(r->pool, path->len + 1);
    if (path->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    p = ngx_cpymem(path->data, llcf->state.data, llcf->state.len);
    p = ngx_cpymem(p, "/fs/", sizeof("/fs/") - 1);
    p = ngx_cpymem(p, relative.data, relative.len);
    *p = '\0';

    ngx_memzero(of, sizeof(ngx_open_file_info_t));
    of->read_ahead = clcf->read_ahead;
    of->directio = clcf->directio;
    of->valid = clcf->open_file_cache_valid;
    of->min_uses = clcf->open_file_cache_min_uses;
    of->errors = clcf->open_file_cache_errors;
    of->events = clcf->open_file_cache_events;

    if (ngx_http_set_disable_symlinks(r, clcf, path, of) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (ngx_open_cached_file(clcf->open_file_cache, path, of, r->pool) != NGX_OK) {
        if (of->err == NGX_ENOENT || of->err == NGX_ENOTDIR) {
            return ngx_lookout_refuse(r, NGX_HTTP_NOT_FOUND, "404",
                                      "Not found: the file has been cleared away; make the "
                                      "render or export again");
        }
        ngx_log_error(NGX_LOG_ERR, r->connection->log, of->err, "lookout: \"%V\" %s failed",
                      path, of->failed == NULL ? "open()" : of->failed);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return of->is_file ? NGX_OK : ngx_lookout_refuse(r, NGX_HTTP_NOT_FOUND, "404", "Not found");
}


/* The name that a browser saves an attachment under: the path's last two names. */
static ngx_int_t
ngx_lookout_files_disposition(ngx_http_request_t *r, lookout_str_t relative)
{
    size_t i, slashes = 0;
    u_char *p;
    ngx_str_t value;

    for (i = relative.len; i > 0 && slashes < 2; i--) {
        slashes += relative.data[i - 1] == '/';
    }
    i += slashes == 2;

    value.data = ngx_pnalloc(r->pool, sizeof("attachment; filename=\"\"") + relative.len);
    if (value.data == NULL) {
        return NGX_ERROR;
    }
    p = ngx_sprintf(value.data, "attachment; filename=\"%*s\"", relative.len - i,
                    relative.data + i);
    value.len = p - value.data;
    for (p = value.data; p < value.data + value.len; p++) {
        *p = *p == '/' ? '-' : *p;
    }
    return ngx_lookout_header_out(r, "Content-Disposition", value) == NULL ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_lookout_files_headers(ngx_http_request_t *r, lookout_str_t relative,
                          ngx_open_file_info_t *of)
{
    size_t i;
    const ngx_str_t *suffix;
    static ngx_str_t nosniff = ngx_string("nosniff");
    static ngx_str_t cache = ngx_string("private, max-age=3600, immutable");
    static ngx_str_t policy =
        ngx_string("default-src 'none'; style-src 'unsafe-inline'; sandbox");

    ngx_str_set(&r->headers_out.content_type, "application/octet-stream");
    for (i = 0; i < sizeof(ngx_lookout_file_types) / sizeof(ngx_lookout_file_types[0]); i++) {
        suffix = &ngx_lookout_file_types[i].suffix;
        if (relative.len > suffix->len
            && ngx_strncmp(relative.data + relative.len - suffix->len, suffix->data,
                           suffix->len)
                   == 0) {
            r->headers_out.content_type = ngx_lookout_file_types[i].type;
            if (ngx_lookout_file_types[i].attachment
                && ngx_lookout_files_disposition(r, relative) != NGX_OK) {
                return NGX_ERROR;
            }
            break;
        }
    }
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = of->size;
    r->headers_out.last_modified_time = of->mtime;
    r->allow_ranges = 1;

    return ngx_http_set_etag(r) == NGX_OK
                   && ngx_lookout_header_out(r, "X-Content-Type-Options", nosniff) != NULL
                   && ngx_lookout_header_out(r, "Content-Security-Policy", policy) != NULL
                   && ngx_lookout_header_out(r, "Cache-Control", cache) != NULL
               ? NGX_OK
               : NGX_ERROR;
}


static ngx_int_t
ngx_lookout_files_send(ngx_http_request_t *r, ngx_open_file_info_t *of, ngx_str_t *path)
{
    ngx_int_t rc;
    ngx_buf_t *b;
    ngx_chain_t out;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    b->file = ngx_pcalloc(r->pool, sizeof(ngx_file_t));
    if (b->file == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b->file_last = of->size;
    b->in_file = b->file_last != 0;
    b->last_buf = 1;
    b->last_in_chain = 1;
    b->file->fd = of->fd;
    b->file->name = *path;
    b->file->log = r->connection->log;
    b->file->directio = of->is_directio;
    out.buf = b;
    out.next = NULL;
    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_lookout_files_handler(ngx_http_request_t *r)
{
    size_t skip;
    ngx_int_t rc;
    ngx_str_t path;
    lookout_str_t rest, relative;
    ngx_open_file_info_t of;
    lookout_link_state_e state;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);
    ngx_http_core_loc_conf_t *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    static ngx_str_t any = ngx_string("*");

    if (ngx_lookout_header_out(r, "Access-Control-Allow-Origin", any) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    rc = ngx_lookout_methods(r, NGX_HTTP_GET | NGX_HTTP_HEAD, "GET, HEAD, OPTIONS");
    if (rc != NGX_DECLINED) {
        return rc;
    }
    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    skip = ngx_min(clcf->name.len, r->uri.len);
    rest = (lookout_str_t){ (char *) r->uri.data + skip, r->uri.len - skip };
    state = lookout_link_check(&llcf->key->key, rest, ngx_time(), &relative);

    if (state != LOOKOUT_LINK_GOOD) {
        return ngx_lookout_refuse(r, NGX_HTTP_FORBIDDEN, "403",
                                  state == LOOKOUT_LINK_EXPIRED
                                      ? "Forbidden: this link has expired; ask for the render "
                                        "or export again to get a "
                                        "new one"
                                      : "Forbidden: this is not a link that this server made");
    }

    rc = ngx_lookout_files_open(r, relative, &of, &path);
    if (rc != NGX_OK || r->header_sent) {
        return rc;
    }
    if (ngx_lookout_files_headers(r, relative, &of) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_lookout_files_send(r, &of, &path);
}
