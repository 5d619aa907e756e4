/*
 * Addresses of scoped servers have a token in them, and nginx writes addresses to its logs. So
 * each token in a request's texts is replaced by asterisks, wherever it stands and however its
 * characters are written, before nginx has a reason to log them:
 *
 *     when the headers are read    the request line, the path and the Referer; the path as it
 *                                  came is kept in the request's context for who has to read it
 *     before the access log        all texts again, for requests that never came so far
 *     in the server's error log    lines about requests that nginx could not even read
 *
 * A token is known by its first characters and its length. This is done in every server{} as
 * soon as one location of the configuration is "lookout_mcp scoped": a client may well send its
 * token to a wrong place.
 */

#include "ngx_lookout_module.h"

#define NGX_LOOKOUT_MASK_MIN 20 /* characters of a token behind its prefix */


/* One character of a path, undone of its percent sign; *size is how long it is written. */
static u_char
ngx_lookout_mask_char(const u_char *p, const u_char *last, size_t *size)
{
    ngx_int_t code;

    *size = 1;
    if (*p == '%' && last - p >= 3) {
        code = ngx_hextoi((u_char *) p + 1, 2);
        if (code != NGX_ERROR) {
            *size = 3;
            return ngx_tolower((u_char) code);
        }
    }
    return ngx_tolower(*p);
}


static ngx_uint_t
ngx_lookout_mask_word(u_char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9');
}


/* The end of a token that begins at p; NULL: none does. Fewer characters than these are none of
 * any use, and may be the name of something. */
static u_char *
ngx_lookout_mask_token(u_char *p, u_char *last)
{
    size_t i, size, n = 0;
    u_char ch = '\0';
    static const u_char path[] = "lks_";

    for (i = 0; p < last && i < sizeof(path) - 1; i++, p += size) {
        ch = ngx_lookout_mask_char(p, last, &size);
        if (ch != path[i]) {
            break;
        }
    }
    if (i == 2 && ch == '_' && last - p > 1 && p[1] >= '0' && p[1] <= '9') {
        p++; /* a bearer token of this server's, which has no business in an address */
    } else if (i != sizeof(path) - 1) {
        return NULL;
    }

    for (; p < last; p += size, n++) {
        ch = ngx_lookout_mask_char(p, last, &size);
        if (size == 1 && (ch <= ' ' || ngx_strchr("/?&#;,\"'", ch) != NULL)) {
            break;
        }
    }
    return n < NGX_LOOKOUT_MASK_MIN ? NULL : p;
}


/* How much of a percent sign and its two digits was read with this character: an address within
 * an address has them in its undone text ("%252F"), and as often as it was wrapped ("%25252F").
 * 3: all of it. */
static ngx_uint_t
ngx_lookout_mask_escape(ngx_uint_t read, u_char before, u_char ch)
{
    if (ch == '%') {
        return 1;
    }
    if ((read != 1 && read != 2) || !((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'f'))) {
        return 0;
    }
    return read == 2 && before == '2' && ch == '5' ? 1 : read + 1;
}


/* How many tokens there were. One does not begin within a word. */
static ngx_uint_t
ngx_lookout_mask(u_char *p, size_t len)
{
    size_t size;
    u_char ch, before = '\0', *end, *last = p + len;
    ngx_uint_t found = 0, escape = 0;

    while (p < last) {
        ch = ngx_lookout_mask_char(p, last, &size);
        end = ch == 'l' && (escape == 3 || !ngx_lookout_mask_word(before))
                  ? ngx_lookout_mask_token(p, last)
                  : NULL;
        escape = ngx_lookout_mask_escape(escape, before, ch);
        if (end == NULL) {
            before = ch;
            p += size;
            continue;
        }
        found++;
        ngx_memset(p, '*', end - p);
        before = '*';
        p = end;
    }
    return found;
}


static ngx_uint_t
ngx_lookout_mask_text(ngx_str_t *text)
{
    return text->len == 0 ? 0 : ngx_lookout_mask(text->data, text->len);
}


static void
ngx_lookout_mask_referer(ngx_http_request_t *r)
{
    if (r->headers_in.referer != NULL) {
        (void) ngx_lookout_mask_text(&r->headers_in.referer->value);
    }
}


/* A phase handler: the first that sees a request. */
static ngx_int_t
ngx_lookout_mask_uri(ngx_http_request_t *r)
{
    ngx_str_t path;
    ngx_lookout_ctx_t *ctx;

    ngx_lookout_mask_referer(r);

    path.len = r->unparsed_uri.len;
    path.data = ngx_pnalloc(r->pool, path.len);
    if (path.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    ngx_memcpy(path.data, r->unparsed_uri.data, path.len);

    /* In HTTP/1 the one is a part of the other. */
    if (ngx_lookout_mask_text(&r->unparsed_uri) + ngx_lookout_mask_text(&r->request_line)
            + ngx_lookout_mask_text(&r->uri)
        == 0) {
        return NGX_DECLINED;
    }
    ctx = ngx_lookout_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    ctx->path = path;
    return NGX_DECLINED;
}


/* Before the access log is written. */
static ngx_int_t
ngx_lookout_mask_all(ngx_http_request_t *r)
{
    u_char *p;

    ngx_lookout_mask_referer(r);
    (void) ngx_lookout_mask_text(&r->request_line);
    (void) ngx_lookout_mask_text(&r->unparsed_uri);
    (void) ngx_lookout_mask_text(&r->uri);
    (void) ngx_lookout_mask_text(&r->args);

    /* What $request is of a line that nginx could not read. */
    if (r->request_line.data == NULL && r->request_start != NULL && r->header_in != NULL) {
        for (p = r->request_start; p < r->header_in->last && *p != CR && *p != LF; p++) {
            /* void */
        }
        (void) ngx_lookout_mask(r->request_start, p - r->request_start);
    }
    return NGX_OK;
}


/* A line for the server's log, on its way there: to the log that it was meant for. */
static void
ngx_lookout_mask_write(ngx_log_t *log, ngx_uint_t level, u_char *buf, size_t len)
{
    ngx_log_t *to;

    (void) ngx_lookout_mask(buf, len);
    for (to = log->wdata; to != NULL && to->log_level >= level; to = to->next) {
        if (to->writer != NULL) {
            to->writer(to, level, buf, len);
        } else {
            (void) ngx_write_fd(to->file->fd, buf, len);
        }
    }
}


/* A log that stands before another one; its level is known when the configuration is. */
static ngx_log_t *
ngx_lookout_mask_log(ngx_conf_t *cf, ngx_lookout_main_conf_t *lmcf, ngx_log_t *to)
{
    ngx_uint_t i;
    ngx_log_t *log, **slot, **logs = lmcf->logs.elts;

    for (i = 0; i < lmcf->logs.nelts; i++) {
        if (logs[i]->wdata == to) {
            return logs[i];
        }
    }
    log = ngx_pcalloc(cf->pool, sizeof(ngx_log_t));
    slot = ngx_array_push(&lmcf->logs);
    if (log == NULL || slot == NULL) {
        return NULL;
    }
    log->file = to->file;
    log->writer = ngx_lookout_mask_write;
    log->wdata = to;
    *slot = log;
    return log;
}


void
ngx_lookout_mask_start(ngx_lookout_main_conf_t *lmcf)
{
    ngx_uint_t i;
    ngx_log_t *to, **logs = lmcf->logs.elts;

    for (i = 0; i < lmcf->logs.nelts; i++) {
        to = logs[i]->wdata;
        logs[i]->log_level = to->log_level;
    }
}


/* In the servers alone: in a location's log no line can be about an unread request. */
static ngx_int_t
ngx_lookout_mask_logs(ngx_conf_t *cf, ngx_lookout_main_conf_t *lmcf)
{
    ngx_uint_t i;
    ngx_http_core_loc_conf_t *clcf;
    ngx_http_core_main_conf_t *cmcf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_core_srv_conf_t **servers = cmcf->servers.elts;

    for (i = 0; i < cmcf->servers.nelts; i++) {
        clcf = servers[i]->ctx->loc_conf[ngx_http_core_module.ctx_index];
        clcf->error_log = ngx_lookout_mask_log(cf, lmcf, clcf->error_log);
        if (clcf->error_log == NULL) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}


ngx_int_t
ngx_lookout_mask_configure(ngx_conf_t *cf)
{
    ngx_array_t *log;
    ngx_http_handler_pt *h;
    ngx_http_core_main_conf_t *cmcf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_lookout_main_conf_t *lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);

    if (lmcf->scoped_path.len == 0) {
        return NGX_OK;
    }

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_POST_READ_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }
    *h = ngx_lookout_mask_uri;

    /* These run from the first on, and the first is nginx's, which writes the access log. */
    log = &cmcf->phases[NGX_HTTP_LOG_PHASE].handlers;
    if (ngx_array_push(log) == NULL) {
        return NGX_ERROR;
    }
    h = log->elts;
    ngx_memmove(h + 1, h, (log->nelts - 1) * sizeof(ngx_http_handler_pt));
    h[0] = ngx_lookout_mask_all;

    return ngx_lookout_mask_logs(cf, lmcf);
}
