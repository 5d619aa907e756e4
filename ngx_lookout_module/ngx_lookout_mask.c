/*
 * Addresses of scoped servers have a token in them, and nginx writes addresses to its logs. So
 * each token in a request's texts is replaced by asterisks, wherever it stands and however its
 * characters are written, before nginx has a reason to log them:
 *
 *     when the headers are read    the request line and the Referer; the path as it came is
 *                                  kept in the request's context for who has to read it
 *     before the access log        all texts again, for requests that never came so far
 *     in the server's error log    lines about requests that nginx could not even read
 *
 * A token is known by its first characters. This is done in every server{} as soon as one
 * location of the configuration is "lookout_mcp scoped": a client may well send its token to a
 * wrong place.
 */

#include "ngx_lookout_module.h"

static ngx_int_t ngx_lookout_mask_uri(ngx_http_request_t *r);
static ngx_int_t ngx_lookout_mask_all(ngx_http_request_t *r);


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


/* The end of a token that begins at p; NULL: none does. */
static u_char *
ngx_lookout_mask_token(u_char *p, u_char *last)
{
    size_t i, n, size;
    u_char ch = '\0', *start = p;
    static const u_char path[] = "lks_", bearer[] = "lk_";

    for (i = 0; p < last && i < sizeof(path) - 1; i++, p += size) {
        ch = ngx_lookout_mask_char(p, last, &size);
        if (ch != path[i]) {
            break;
        }
    }
    if (i == 2 && p < last && ch == '_') {
        p += size;
        n = sizeof(bearer) - 1;
        if (p == last || *p < '0' || *p > '9') {
            return NULL; /* part of a word */
        }
    } else {
        n = sizeof(path) - 1;
        if (i != n) {
            return NULL;
        }
    }

    for (; p < last; p += size) {
        ch = ngx_lookout_mask_char(p, last, &size);
        if (ch <= ' ' || ngx_strchr("/?&#;,\"'", ch) != NULL) {
            break;
        }
    }
    return p - start > (ptrdiff_t) n ? p : NULL;
}


/* How many tokens there were. */
static ngx_uint_t
ngx_lookout_mask(u_char *p, size_t len)
{
    u_char *end, *last = p + len;
    ngx_uint_t found = 0;

    while (p < last) {
        end = *p == 'l' || *p == 'L' || *p == '%' ? ngx_lookout_mask_token(p, last) : NULL;
        if (end == NULL) {
            p++;
            continue;
        }
        found++;
        ngx_memset(p, '*', end - p);
        p = end;
    }
    return found;
}
