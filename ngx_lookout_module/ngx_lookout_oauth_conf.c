/*
 * OAuth when the configuration is read: the directives, and all the texts that clients are
 * told, which are the same for each request.
 *
 * They are made from lookout_public_url and never from the Host header. The resource's URL is
 * the audience that tokens have to name, and whoever could choose it could pass off a token
 * that was meant for another resource of the same issuer.
 */

#include "ngx_lookout_oauth.h"


/* Characters that need no quoting in a header, in JSON and in a log. */
static ngx_uint_t
ngx_lookout_plain(ngx_str_t *text)
{
    size_t i;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] <= ' ' || text->data[i] > '~' || text->data[i] == '"'
            || text->data[i] == '\\') {
            return 0;
        }
    }
    return text->len != 0;
}


/* https, or http on this machine; something behind the scheme, and no query or fragment
 * (RFC 8414, section 2). */
static ngx_uint_t
ngx_lookout_issuer_fits(ngx_str_t *url)
{
    size_t i, len;
    u_char *host;
    static const char *const loopback[] = { "localhost", "127.0.0.1", "[::1]" };

    if (!ngx_lookout_plain(url) || ngx_strchr(url->data, '?') != NULL
        || ngx_strchr(url->data, '#') != NULL) {
        return 0;
    }
    if (ngx_strncmp(url->data, "https://", 8) == 0) {
        return url->len > 8 && url->data[8] != '/' && url->data[8] != ':';
    }
    if (ngx_strncmp(url->data, "http://", 7) != 0) {
        return 0;
    }
    host = url->data + 7;
    for (i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++) {
        len = strlen(loopback[i]);
        if (ngx_strncmp(host, loopback[i], len) == 0
            && (host[len] == '\0' || host[len] == ':' || host[len] == '/')) {
            return 1;
        }
    }
    return 0;
}


/* lookout_oauth_issuer URL|off: of "off" there remains an empty text, which is not the same as
 * nothing said. */
char *
ngx_lookout_oauth_issuer(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t *value = cf->args->elts;
    ngx_lookout_loc_conf_t *llcf = conf;

    (void) cmd;

    if (llcf->oauth_issuer.data != NULL) {
        return "is duplicate";
    }
    if (ngx_strcmp(value[1].data, "off") == 0) {
        ngx_str_set(&llcf->oauth_issuer, "");
        return NGX_CONF_OK;
    }
    if (!ngx_lookout_issuer_fits(&value[1])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid issuer \"%V\" in \"lookout_oauth_issuer\": write the "
                           "issuer's URL exactly as its tokens have it in \"iss\" (https, or "
                           "http on localhost; no query, no fragment), or off",
                           &value[1]);
        return NGX_CONF_ERROR;
    }
    llcf->oauth_issuer = value[1];
    return NGX_CONF_OK;
}


/* A list of words; each is looked at. */
static char *
ngx_lookout_words(ngx_conf_t *cf, ngx_command_t *cmd, ngx_array_t **list, const char *what)
{
    ngx_uint_t i;
    ngx_str_t *value = cf->args->elts;
    lookout_str_t *word;

    if (*list != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    *list = ngx_array_create(cf->pool, cf->args->nelts, sizeof(lookout_str_t));
    if (*list == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {
        if (!ngx_lookout_plain(&value[i])) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid %s \"%V\" in \"%V\": printable ASCII without spaces, "
                               "\" and \\; several are several parameters",
                               what, &value[i], &cmd->name);
            return NGX_CONF_ERROR;
        }
        word = ngx_array_push(*list);
        if (word == NULL) {
            return NGX_CONF_ERROR;
        }
        *word = (lookout_str_t){ (char *) value[i].data, value[i].len };
    }
    return NGX_CONF_OK;
}


char *
ngx_lookout_oauth_audience(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_lookout_loc_conf_t *llcf = conf;

    return ngx_lookout_words(cf, cmd, &llcf->oauth_audience, "audience");
}


char *
ngx_lookout_oauth_scope(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_lookout_loc_conf_t *llcf = conf;

    return ngx_lookout_words(cf, cmd, &llcf->oauth_scope, "scope");
}


void
ngx_lookout_oauth_merge(ngx_lookout_loc_conf_t *prev, ngx_lookout_loc_conf_t *conf)
{
    if (conf->oauth_issuer.data == NULL) {
        conf->oauth_issuer = prev->oauth_issuer;
    }
    ngx_conf_merge_str_value(conf->oauth_jwks, prev->oauth_jwks, "");
    ngx_conf_merge_ptr_value(conf->oauth_audience, prev->oauth_audience, NULL);
    ngx_conf_merge_ptr_value(conf->oauth_scope, prev->oauth_scope, NULL);
}


/* `nginx -t` says what is wrong with the keys, and lets it pass: the file may come later, and a
 * worker that cannot use it says so in the log. */
static void
ngx_lookout_jwks_look(ngx_conf_t *cf, ngx_str_t *path)
{
    lookout_jwks_file_t *file = lookout_jwks_file_create((char *) path->data);

    if (file != NULL) {
        (void) lookout_jwks_file_refresh(file);
        if (*lookout_jwks_file_why(file) != '\0') {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "lookout: %s", lookout_jwks_file_why(file));
        }
        lookout_jwks_file_destroy(file);
    }
}


/* One for each file, however many locations name it. */
static ngx_lookout_jwks_t *
ngx_lookout_jwks_for(ngx_conf_t *cf, ngx_str_t *path)
{
    ngx_uint_t i;
    ngx_lookout_jwks_t *jwks, **all, **slot;
    ngx_lookout_main_conf_t *lmcf;

    lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);
    all = lmcf->jwks.elts;
    for (i = 0; i < lmcf->jwks.nelts; i++) {
        if (all[i]->path.len == path->len
            && ngx_strncmp(all[i]->path.data, path->data, path->len) == 0) {
            return all[i];
        }
    }

    jwks = ngx_pcalloc(cf->pool, sizeof(ngx_lookout_jwks_t));
    slot = ngx_array_push(&lmcf->jwks);
    if (jwks == NULL || slot == NULL) {
        return NULL;
    }
    jwks->path = *path;
    *slot = jwks;
    if (ngx_test_config) {
        ngx_lookout_jwks_look(cf, path);
    }
    return jwks;
}


/* A buffer's text as one of the configuration's; the buffer is freed. */
static ngx_int_t
ngx_lookout_keep_text(ngx_conf_t *cf, lookout_buf_t *b, ngx_str_t *text)
{
    text->len = b->len;
    text->data = b->failed ? NULL : ngx_pnalloc(cf->pool, b->len + 1);
    if (text->data != NULL) {
        *ngx_cpymem(text->data, b->data, b->len) = '\0';
    }
    lookout_buf_free(b);
    return text->data == NULL ? NGX_ERROR : NGX_OK;
}


/* The location's path. One that is a pattern, or has a name instead, is reached by way of
 * another; that is then the server's first endpoint with a path. So it is for scoped servers,
 * where a token of the issuer is a second factor: their paths are secrets. */
static ngx_str_t
ngx_lookout_oauth_path(ngx_conf_t *cf, ngx_http_core_loc_conf_t *clcf,
                       ngx_lookout_loc_conf_t *conf)
{
    ngx_uint_t pathless = clcf->named || clcf->name.len == 0 || clcf->name.data[0] != '/';
    ngx_lookout_srv_conf_t *lscf;

#if (NGX_PCRE)
    pathless = pathless || clcf->regex != NULL;
#endif
    lscf = ngx_http_conf_get_module_srv_conf(cf, ngx_lookout_module);
    pathless = pathless || (conf->scoped && lscf->mcp_path.len != 0);
    return pathless ? lscf->mcp_path : clcf->name;
}


/* The resource's URL: the path as it stands in URLs behind the public one. */
static ngx_int_t
ngx_lookout_oauth_resource(ngx_conf_t *cf, ngx_lookout_loc_conf_t *conf,
                           ngx_lookout_oauth_t *oauth)
{
    char *room;
    size_t len;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    len = oauth->path.len
          + 2 * ngx_escape_uri(NULL, oauth->path.data, oauth->path.len, NGX_ESCAPE_URI);
    lookout_buf_add(&b, (char *) conf->public_url.data, conf->public_url.len);
    room = lookout_buf_reserve(&b, len);
    if (room != NULL) {
        (void) ngx_escape_uri((u_char *) room, oauth->path.data, oauth->path.len,
                              NGX_ESCAPE_URI);
        b.len += len;
    }
    return ngx_lookout_keep_text(cf, &b, &oauth->resource);
}


/* RFC 9728, section 2. */
static ngx_int_t
ngx_lookout_oauth_document(ngx_conf_t *cf, ngx_lookout_oauth_t *oauth)
{
    size_t i;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "resource");
    lookout_json_str(&b, (lookout_str_t){ (char *) oauth->resource.data, oauth->resource.len });
    lookout_json_key(&b, "authorization_servers");
    lookout_json_open(&b, '[');
    lookout_json_str(&b, oauth->rules.issuer);
    lookout_json_close(&b, ']');
    if (oauth->rules.n_scopes != 0) {
        lookout_json_key(&b, "scopes_supported");
        lookout_json_open(&b, '[');
        for (i = 0; i < oauth->rules.n_scopes; i++) {
            lookout_json_str(&b, oauth->rules.scopes[i]);
        }
        lookout_json_close(&b, ']');
    }
    lookout_json_key(&b, "bearer_methods_supported");
    lookout_json_raw(&b, LOOKOUT_STR("[\"header\"]"));
    lookout_json_key(&b, "resource_name");
    lookout_json_cstr(&b, "Lookout");
    lookout_json_close(&b, '}');
    lookout_buf_putc(&b, '\n');
    return ngx_lookout_keep_text(cf, &b, &oauth->document);
}


/* What 401 and 403 begin with. The well-known part stands between the host and the path, even
 * where the public URL has a path of its own; a path that is only a slash is left out. */
static ngx_int_t
ngx_lookout_oauth_challenge(ngx_conf_t *cf, ngx_lookout_oauth_t *oauth)
{
    size_t i;
    u_char *path, *end = oauth->resource.data + oauth->resource.len;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    path = (u_char *) ngx_strchr(ngx_strstr(oauth->resource.data, "://") + 3, '/');
    lookout_buf_puts(&b, "Bearer resource_metadata=\"");
    lookout_buf_add(&b, (char *) oauth->resource.data, path - oauth->resource.data);
    lookout_buf_puts(&b, NGX_LOOKOUT_WELL_KNOWN);
    if (end - path > 1) {
        lookout_buf_add(&b, (char *) path, end - path);
    }
    for (i = 0; i < oauth->rules.n_scopes; i++) {
        lookout_buf_puts(&b, i == 0 ? "\", scope=\"" : " ");
        lookout_buf_str(&b, oauth->rules.scopes[i]);
    }
    lookout_buf_putc(&b, '"');
    return ngx_lookout_keep_text(cf, &b, &oauth->challenge);
}


/* What is asked of tokens. */
static void
ngx_lookout_oauth_rules(ngx_lookout_loc_conf_t *conf, ngx_lookout_oauth_t *oauth,
                        lookout_str_t *resource)
{
    lookout_jwt_rules_t *rules = &oauth->rules;

    *resource = (lookout_str_t){ (char *) oauth->resource.data, oauth->resource.len };
    rules->issuer = (lookout_str_t){ (char *) conf->oauth_issuer.data, conf->oauth_issuer.len };
    rules->leeway = LOOKOUT_JWT_LEEWAY;
    rules->audiences = resource;
    rules->n_audiences = 1;
    if (conf->oauth_audience != NULL) {
        rules->audiences = conf->oauth_audience->elts;
        rules->n_audiences = conf->oauth_audience->nelts;
    }
    if (conf->oauth_scope != NULL) {
        rules->scopes = conf->oauth_scope->elts;
        rules->n_scopes = conf->oauth_scope->nelts;
    }
}


static ngx_int_t
ngx_lookout_oauth_make(ngx_conf_t *cf, ngx_http_core_loc_conf_t *clcf,
                       ngx_lookout_loc_conf_t *conf)
{
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    lookout_str_t *resource = ngx_palloc(cf->pool, sizeof(lookout_str_t));
    ngx_lookout_oauth_t *oauth = ngx_pcalloc(cf->pool, sizeof(ngx_lookout_oauth_t));

    if (resource == NULL || oauth == NULL) {
        return NGX_ERROR;
    }
    oauth->jwks = ngx_lookout_jwks_for(cf, &conf->oauth_jwks);
    oauth->path = ngx_lookout_oauth_path(cf, clcf, conf);
    if (oauth->jwks == NULL || ngx_lookout_oauth_resource(cf, conf, oauth) != NGX_OK) {
        return NGX_ERROR;
    }
    ngx_lookout_oauth_rules(conf, oauth, resource);
    lookout_sha256(oauth->rules.issuer, digest);
    (void) ngx_hex_dump(oauth->tag, digest, sizeof(oauth->tag) / 2);

    if (ngx_lookout_oauth_document(cf, oauth) != NGX_OK
        || ngx_lookout_oauth_challenge(cf, oauth) != NGX_OK) {
        return NGX_ERROR;
    }
    conf->oauth = oauth;
    return NGX_OK;
}


/* Why the directives do not fit together; NULL: they do. */
static const char *
ngx_lookout_oauth_misfit(ngx_lookout_loc_conf_t *conf, ngx_lookout_srv_conf_t *lscf)
{
    if (conf->oauth_issuer.data == NULL) {
        return conf->oauth_jwks.len != 0 || conf->oauth_audience != NULL
                       || conf->oauth_scope != NULL
                   ? "has other \"lookout_oauth_...\" directives but no "
                     "\"lookout_oauth_issuer\": name the issuer, or write off"
                   : NULL;
    }
    if (conf->oauth_issuer.len == 0) {
        return NULL;
    }
    if (conf->oauth_jwks.len == 0) {
        return "has \"lookout_oauth_issuer\" but no \"lookout_oauth_jwks\": name the file with "
               "the issuer's keys (its JWK Set)";
    }
    if (!ngx_lookout_plain(&conf->public_url)) {
        return "has \"lookout_oauth_issuer\" but no \"lookout_public_url\" that fits: write "
               "the "
               "address that clients know, as https://bi.example.com; tokens are made for it";
    }
    return lscf->mcp_path.len == 0 && !conf->scoped
               ? "has \"lookout_oauth_issuer\" but its server has no "
                 "\"lookout_mcp\" at a path that clients could be told"
               : NULL;
}


char *
ngx_lookout_oauth_prepare(ngx_conf_t *cf, ngx_http_core_loc_conf_t *clcf,
                          ngx_lookout_loc_conf_t *conf)
{
    const char *misfit;
    ngx_lookout_srv_conf_t *lscf;

    if ((!conf->auth && !conf->scoped) || conf->oauth != NULL) {
        return NGX_CONF_OK;
    }
    lscf = ngx_http_conf_get_module_srv_conf(cf, ngx_lookout_module);
    misfit = ngx_lookout_oauth_misfit(conf, lscf);
    if (misfit != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "location \"%V\" %s", &clcf->name, misfit);
        return NGX_CONF_ERROR;
    }
    return conf->oauth_issuer.len == 0 || ngx_lookout_oauth_make(cf, clcf, conf) == NGX_OK
               ? NGX_CONF_OK
               : NGX_CONF_ERROR;
}
