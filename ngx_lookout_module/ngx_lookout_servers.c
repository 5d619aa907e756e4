/*
 * lookout_servers: how an operator makes, reads, changes and revokes scoped servers over HTTP,
 * with the admin key. The bodies are the library's (access/servers.h); writing happens on a
 * thread, and a request whose client leaves is carried to its end.
 *
 *     POST   /servers        GET /servers?limit=&cursor=
 *     GET    /servers/ID     PATCH /servers/ID     DELETE /servers/ID
 *
 * In a location by pattern, such as one for /integrated-account/.../mcp, the id is the last part
 * of the path when that begins with mcp_.
 */

#include "ngx_lookout_module.h"

typedef struct {
    ngx_http_request_t *r;
    ngx_lookout_engine_t *engine;
    ngx_lookout_task_t task;
    lookout_arena_t *arena;
    ngx_uint_t method;
    lookout_str_t id; /* empty: the collection */
    lookout_str_t body;
    lookout_str_t base;
    int64_t limit;
    lookout_str_t cursor;
    lookout_servers_result_e result;
    lookout_buf_t out;
    char trouble[512];
} ngx_lookout_admin_t;


/* The key, as its file has it: 64 hexadecimal digits, of either case. */
static ngx_uint_t
ngx_lookout_admin_good(ngx_http_request_t *r)
{
    u_char hex[LOOKOUT_KEY_SIZE * 2], key[LOOKOUT_KEY_SIZE * 2];
    lookout_str_t sent = ngx_lookout_header_in(r, "Authorization");
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    (void) ngx_hex_dump(hex, llcf->admin_key->key.bytes, LOOKOUT_KEY_SIZE);
    if (sent.len != 7 + sizeof(hex)
        || ngx_strncasecmp((u_char *) sent.data, (u_char *) "Bearer ", 7) != 0) {
        return 0;
    }
    ngx_strlow(key, (u_char *) sent.data + 7, sizeof(key));
    return lookout_same_bytes(key, hex, sizeof(hex));
}


static ngx_int_t
ngx_lookout_admin_authorize(ngx_http_request_t *r)
{
    static ngx_str_t challenge = ngx_string("Bearer realm=\"lookout admin\"");

    if (ngx_lookout_admin_good(r)) {
        return NGX_DECLINED;
    }
    r->headers_out.www_authenticate = ngx_lookout_header_out(r, "WWW-Authenticate", challenge);
    if (r->headers_out.www_authenticate == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_lookout_refuse(r, NGX_HTTP_UNAUTHORIZED, "401",
                              "Unauthorized: this address wants the admin key, as "
                              "\"Authorization: Bearer KEY\"; it is in the file that "
                              "lookout_admin_key_file names");
}


/* Is what precedes the last part of the path the address of the collection? */
static ngx_uint_t
ngx_lookout_admin_item(ngx_http_request_t *r, const u_char *part)
{
    size_t len = part - r->uri.data;
    ngx_http_core_loc_conf_t *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

#if (NGX_PCRE)
    if (clcf->regex != NULL) {
        return 1;
    }
#endif
    return len == clcf->name.len + (clcf->name.data[clcf->name.len - 1] != '/');
}


/* The id at the end of the path, or the collection. NGX_DECLINED: it is neither. */
static ngx_int_t
ngx_lookout_admin_id(ngx_http_request_t *r, lookout_str_t *id)
{
    u_char *last = r->uri.data + r->uri.len, *p = last;
    ngx_http_core_loc_conf_t *clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    while (p > r->uri.data && p[-1] != '/') {
        p--;
    }
    *id = (lookout_str_t){ (char *) p, (size_t) (last - p) };
    if (id->len > 4 && ngx_strncmp(p, "mcp_", 4) == 0) {
        return ngx_lookout_admin_item(r, p) ? NGX_OK : NGX_DECLINED;
    }

    *id = LOOKOUT_STR("");
#if (NGX_PCRE)
    if (clcf->regex != NULL) {
        return NGX_OK;
    }
#endif
    return r->uri.len == clcf->name.len || (r->uri.len == clcf->name.len + 1 && last[-1] == '/')
               ? NGX_OK
               : NGX_DECLINED;
}


/* A parameter of the query, undone of its percent signs; data NULL: not given. */
static lookout_str_t
ngx_lookout_admin_arg(ngx_http_request_t *r, lookout_arena_t *arena, const char *name)
{
    ngx_str_t value;
    u_char *from, *to;
    lookout_str_t text;

    if (ngx_http_arg(r, (u_char *) name, strlen(name), &value) != NGX_OK) {
        return LOOKOUT_STR_NONE;
    }
    text = lookout_arena_copy(arena, (lookout_str_t){ (char *) value.data, value.len });
    if (text.data != NULL) {
        from = to = (u_char *) text.data;
        ngx_unescape_uri(&to, &from, text.len, NGX_UNESCAPE_URI);
        text.len = (size_t) (to - (u_char *) text.data);
    }
    return text;
}


/* On a thread. */
static void
ngx_lookout_admin_work(void *data)
{
    int64_t now = (int64_t) time(NULL);
    const char *trouble;
    ngx_lookout_admin_t *a = data;
    lookout_servers_t *servers =
        lookout_servers_open(&a->engine->servers_settings, LOOKOUT_SERVERS_THREAD);

    a->result = LOOKOUT_SERVERS_UNAVAILABLE;
    if (servers == NULL) {
        a->out.failed = true;
        return;
    }

    switch (a->method) {
    case NGX_HTTP_POST:
        a->result = lookout_servers_create(servers, a->arena, a->body, a->base, now, &a->out);
        break;
    case NGX_HTTP_PATCH:
        a->result =
            lookout_servers_change(servers, a->arena, a->id, a->body, a->base, now, &a->out);
        break;
    case NGX_HTTP_DELETE:
        a->result = lookout_servers_revoke(servers, a->arena, a->id, now, &a->out);
        break;
    default:
        a->result = a->id.len != 0 ? lookout_servers_get(servers, a->arena, a->id, now, &a->out)
                                   : lookout_servers_list(servers, a->arena, a->limit,
                                                          a->cursor, now, &a->out);
    }

    trouble = lookout_servers_trouble(servers);
    if (trouble != NULL) {
        (void) ngx_cpystrn((u_char *) a->trouble, (u_char *) trouble, sizeof(a->trouble));
    }
    lookout_servers_close(servers);
}


static ngx_int_t
ngx_lookout_admin_reply(ngx_lookout_admin_t *a, ngx_http_request_t *r)
{
    ngx_uint_t status;
    static ngx_str_t no_store = ngx_string("no-store");
    static const ngx_uint_t statuses[] = {
        [LOOKOUT_SERVERS_OK] = NGX_HTTP_OK,
        [LOOKOUT_SERVERS_INVALID] = NGX_HTTP_BAD_REQUEST,
        [LOOKOUT_SERVERS_NOT_FOUND] = NGX_HTTP_NOT_FOUND,
        [LOOKOUT_SERVERS_UNAVAILABLE] = NGX_HTTP_SERVICE_UNAVAILABLE,
    };

    if (a->out.failed || a->out.len == 0
        || ngx_lookout_header_out(r, "Cache-Control", no_store) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    status = statuses[a->result];
    if (status == NGX_HTTP_OK && a->method == NGX_HTTP_POST) {
        status = NGX_HTTP_CREATED;
    }
    return ngx_lookout_reply(r, status, "application/json", lookout_buf_text(&a->out));
}


/* Back on the event loop; the request was kept meanwhile. */
static void
ngx_lookout_admin_done(void *data)
{
    ngx_lookout_admin_t *a = data;
    ngx_http_request_t *r = a->r;
    ngx_connection_t *c = r->connection;

    ngx_http_set_log_request(c->log, r);
    r->main->blocked--;
    r->aio = 0;

    if (a->trouble[0] != '\0') {
        ngx_lookout_trouble(a->engine, a->trouble, ngx_cycle->log);
    }
    ngx_http_finalize_request(r, ngx_lookout_admin_reply(a, r));
    ngx_http_run_posted_requests(c);
}


static void
ngx_lookout_admin_free(void *data)
{
    ngx_lookout_admin_t *a = data;

    lookout_buf_free(&a->out);
    lookout_arena_destroy(a->arena);
}


static ngx_int_t
ngx_lookout_admin_large(ngx_http_request_t *r)
{
    return ngx_lookout_refuse(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "413",
                              "Request too large: what describes a scoped server has at most "
                              "%d bytes",
                              LOOKOUT_SERVERS_BODY_MAX);
}


/* Where scoped servers are: in this server{}, or in the first that has them. */
static ngx_str_t
ngx_lookout_admin_path(ngx_http_request_t *r)
{
    ngx_lookout_srv_conf_t *lscf = ngx_http_get_module_srv_conf(r, ngx_lookout_module);
    ngx_lookout_main_conf_t *lmcf = ngx_http_get_module_main_conf(r, ngx_lookout_module);

    return lscf->scoped_path.len != 0 ? lscf->scoped_path : lmcf->scoped_path;
}


/* What the request asks for. NGX_DECLINED: go on; else what to finalize the request with. */
static ngx_int_t
ngx_lookout_admin_fill(ngx_http_request_t *r, ngx_lookout_admin_t *a)
{
    ngx_int_t rc;
    ngx_str_t base = ngx_lookout_base_url(r);
    ngx_str_t path = ngx_lookout_admin_path(r);
    lookout_str_t limit;

    rc = ngx_lookout_body(r, a->arena, LOOKOUT_SERVERS_BODY_MAX, &a->body);
    if (rc == NGX_DECLINED) {
        return ngx_lookout_admin_large(r);
    }

    a->method = r->method == NGX_HTTP_HEAD ? NGX_HTTP_GET : r->method;
    a->base = lookout_arena_printf(a->arena, "%.*s%.*s", (int) base.len, base.data,
                                   (int) path.len, path.data);
    a->cursor = ngx_lookout_admin_arg(r, a->arena, "cursor");
    limit = ngx_lookout_admin_arg(r, a->arena, "limit");
    a->limit = limit.data == NULL ? LOOKOUT_SERVERS_PAGE_MAX
                                  : ngx_atoi((u_char *) limit.data, limit.len);
    return rc == NGX_OK && base.data != NULL && a->base.data != NULL
               ? NGX_DECLINED
               : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_lookout_admin_start(ngx_http_request_t *r)
{
    ngx_int_t rc;
    ngx_lookout_admin_t *a = ngx_pcalloc(r->pool, sizeof(ngx_lookout_admin_t));
    ngx_pool_cleanup_t *cln = ngx_pool_cleanup_add(r->pool, 0);
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (a == NULL || cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    a->arena = lookout_arena_create();
    if (a->arena == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    cln->handler = ngx_lookout_admin_free;
    cln->data = a;
    a->r = r;
    a->engine = llcf->engine;

    (void) ngx_lookout_admin_id(r, &a->id);
    rc = ngx_lookout_admin_fill(r, a);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    a->task.work = ngx_lookout_admin_work;
    a->task.done = ngx_lookout_admin_done;
    a->task.data = a;
    if (ngx_lookout_thread_post(&a->task, a->engine->thread_pool, ngx_cycle->log) != NGX_OK) {
        return ngx_lookout_refuse(r, NGX_HTTP_SERVICE_UNAVAILABLE, "503",
                                  "Busy: all threads have work, and nothing was changed; try "
                                  "again in a second");
    }

    /* nginx keeps the request until the thread is done, also when the client leaves. */
    r->main->blocked++;
    r->aio = 1;
    return NGX_DONE;
}


static void
ngx_lookout_admin_body(ngx_http_request_t *r)
{
    ngx_int_t rc = ngx_lookout_admin_start(r);

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


ngx_int_t
ngx_lookout_servers_handler(ngx_http_request_t *r)
{
    ngx_int_t rc, place;
    lookout_str_t id;

    place = ngx_lookout_admin_id(r, &id);
    if (place == NGX_OK && id.len != 0) {
        rc = ngx_lookout_gatekeeper(
            r, NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_PATCH | NGX_HTTP_DELETE,
            "GET, HEAD, PATCH, DELETE, OPTIONS");
    } else {
        rc = ngx_lookout_gatekeeper(r, NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_POST,
                                    "GET, HEAD, POST, OPTIONS");
    }
    if (rc == NGX_DECLINED) {
        rc = ngx_lookout_admin_authorize(r);
    }
    if (rc == NGX_DECLINED && place != NGX_OK) {
        rc = ngx_lookout_refuse(r, NGX_HTTP_NOT_FOUND, "404",
                                "Not found: a server's address ends in its id, mcp_...");
    }
    if (rc == NGX_DECLINED && r->headers_in.content_length_n > LOOKOUT_SERVERS_BODY_MAX) {
        rc = ngx_lookout_admin_large(r);
    }
    if (rc != NGX_DECLINED) {
        return rc;
    }

    r->request_body_in_single_buf = 1;
    rc = ngx_http_read_client_request_body(r, ngx_lookout_admin_body);
    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}
