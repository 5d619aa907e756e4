/*
 * How directives take their values, where nginx has no setter that fits: each refuses a wrong
 * value with what is right, and nginx adds the file and the line.
 */

#include "ngx_lookout_oauth.h"


/* The location gets its handler; one that has another already is refused. */
static char *
ngx_lookout_handler_set(ngx_conf_t *cf, ngx_lookout_loc_conf_t *llcf,
                        ngx_http_handler_pt handler)
{
    ngx_http_core_loc_conf_t *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    if (clcf->handler != NULL) {
        return "cannot stand beside another handler in the same location";
    }
    clcf->handler = handler;
    llcf->handler = handler;
    return NGX_CONF_OK;
}


/* Keeps the location's path when it is one that clients can be told and `path` has none yet:
 * named locations and patterns have none. NGX_DECLINED: it is not. */
static ngx_int_t
ngx_lookout_path_keep(ngx_conf_t *cf, ngx_str_t *path)
{
    ngx_http_core_loc_conf_t *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
#if (NGX_PCRE)
    if (clcf->regex != NULL) {
        return NGX_DECLINED;
    }
#endif
    if (clcf->named || clcf->name.len == 0 || clcf->name.data[0] != '/') {
        return NGX_DECLINED;
    }
    if (path->len == 0) {
        *path = clcf->name;
    }
    return NGX_OK;
}


/* "lookout_mcp scoped" in a location such as /mcp/. */
static char *
ngx_lookout_scoped_location(ngx_conf_t *cf, ngx_lookout_loc_conf_t *llcf)
{
    ngx_str_t path = ngx_null_string;
    ngx_lookout_srv_conf_t *lscf;
    ngx_lookout_main_conf_t *lmcf;
    ngx_http_core_loc_conf_t *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    if (ngx_lookout_path_keep(cf, &path) != NGX_OK || clcf->exact_match || path.len < 2
        || path.data[path.len - 1] != '/') {
        return "scoped needs a location that is a prefix and ends in a slash, as /mcp/";
    }

    path.len--;
    lscf = ngx_http_conf_get_module_srv_conf(cf, ngx_lookout_module);
    lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);
    if (lscf->scoped_path.len == 0) {
        lscf->scoped_path = path;
    }
    if (lmcf->scoped_path.len == 0) {
        lmcf->scoped_path = path;
    }
    llcf->scoped = 1;
    return ngx_lookout_handler_set(cf, llcf, ngx_lookout_mcp_handler);
}


char *
ngx_lookout_mcp_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t *value = cf->args->elts;
    ngx_lookout_srv_conf_t *lscf;
    ngx_lookout_loc_conf_t **resource;

    (void) cmd;

    if (cf->args->nelts == 2) {
        return ngx_strcmp(value[1].data, "scoped") == 0 ? ngx_lookout_scoped_location(cf, conf)
                                                        : "takes nothing, or \"scoped\"";
    }
    lscf = ngx_http_conf_get_module_srv_conf(cf, ngx_lookout_module);
    if (ngx_lookout_path_keep(cf, &lscf->mcp_path) == NGX_OK) {
        resource = ngx_array_push(&lscf->resources);
        if (resource == NULL) {
            return NGX_CONF_ERROR;
        }
        *resource = conf;
    }
    return ngx_lookout_handler_set(cf, conf, ngx_lookout_mcp_handler);
}


char *
ngx_lookout_manifest_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;

    return ngx_lookout_handler_set(cf, conf, ngx_lookout_manifest_handler);
}


char *
ngx_lookout_servers_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_lookout_main_conf_t *lmcf;

    (void) cmd;

    lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);
    lmcf->admin = 1;
    return ngx_lookout_handler_set(cf, conf, ngx_lookout_servers_handler);
}


char *
ngx_lookout_metrics_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;

    return ngx_lookout_handler_set(cf, conf, ngx_lookout_metrics_handler);
}


char *
ngx_lookout_healthz_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;

    return ngx_lookout_handler_set(cf, conf, ngx_lookout_healthz_handler);
}


char *
ngx_lookout_readyz_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;

    return ngx_lookout_handler_set(cf, conf, ngx_lookout_readyz_handler);
}


char *
ngx_lookout_oauth_metadata_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;

    return ngx_lookout_handler_set(cf, conf, ngx_lookout_oauth_metadata_handler);
}


char *
ngx_lookout_token_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_lookout_srv_conf_t *lscf;

    (void) cmd;

    lscf = ngx_http_conf_get_module_srv_conf(cf, ngx_lookout_module);
    (void) ngx_lookout_path_keep(cf, &lscf->token_path);
    return ngx_lookout_handler_set(cf, conf, ngx_lookout_token_handler);
}


char *
ngx_lookout_files_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t path = ngx_null_string;
    ngx_lookout_main_conf_t *lmcf;
    ngx_lookout_srv_conf_t *lscf;
    ngx_http_core_loc_conf_t *clcf;

    (void) cmd;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    if (ngx_lookout_path_keep(cf, &path) != NGX_OK || clcf->exact_match || path.len < 2
        || path.data[path.len - 1] != '/') {
        return "needs a location that is a prefix and ends in a slash, as /files/";
    }

    path.len--;
    lscf = ngx_http_conf_get_module_srv_conf(cf, ngx_lookout_module);
    lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);
    if (lscf->files_path.len == 0) {
        lscf->files_path = path;
    }
    if (lmcf->files_path.len == 0) {
        lmcf->files_path = path;
    }
    return ngx_lookout_handler_set(cf, conf, ngx_lookout_files_handler);
}


/* lookout_error_page [rate=60r/m]: the rate is what a 429 tells the client. */
char *
ngx_lookout_error_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t n;
    ngx_str_t rate, *value = cf->args->elts;
    ngx_lookout_loc_conf_t *llcf = conf;

    (void) cmd;

    if (cf->args->nelts == 1) {
        return ngx_lookout_handler_set(cf, llcf, ngx_lookout_error_handler);
    }

    rate = value[1];
    if (rate.len < sizeof("rate=1r/m") - 1 || ngx_strncmp(rate.data, "rate=", 5) != 0
        || (ngx_strncmp(rate.data + rate.len - 3, "r/m", 3) != 0
            && ngx_strncmp(rate.data + rate.len - 3, "r/s", 3) != 0)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"lookout_error_page\": "
                           "write rate=60r/m or rate=10r/s, as in limit_req_zone",
                           &rate);
        return NGX_CONF_ERROR;
    }

    n = ngx_atoi(rate.data + 5, rate.len - 8);
    if (n == NGX_ERROR || n == 0 || n > 1000000) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid rate \"%V\" in \"lookout_error_page\": 1 to 1000000",
                           &rate);
        return NGX_CONF_ERROR;
    }
    llcf->rate = rate.data[rate.len - 1] == 's' ? (ngx_uint_t) n * 60 : (ngx_uint_t) n;
    return ngx_lookout_handler_set(cf, llcf, ngx_lookout_error_handler);
}


/* A path, relative to the configuration's folder. */
char *
ngx_lookout_path(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char *rv;
    ngx_str_t *path = (ngx_str_t *) ((char *) conf + cmd->offset);

    rv = ngx_conf_set_str_slot(cf, cmd, conf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }
    if (path->len == 0) {
        return "needs a path";
    }
    return ngx_conf_full_name(cf->cycle, path, 1) == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_lookout_size_or_off(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t *value = cf->args->elts;
    size_t *size = (size_t *) ((char *) conf + cmd->offset);

    if (value[1].len == 3 && ngx_strncmp(value[1].data, "off", 3) == 0) {
        if (*size != NGX_CONF_UNSET_SIZE) {
            return "is duplicate";
        }
        *size = 0;
        return NGX_CONF_OK;
    }
    return ngx_conf_set_size_slot(cf, cmd, conf);
}


char *
ngx_lookout_origins(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_uint_t i;
    ngx_str_t *origin, *value = cf->args->elts;
    ngx_lookout_loc_conf_t *llcf = conf;

    (void) cmd;

    if (llcf->allow_origin != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }
    llcf->allow_origin = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
    if (llcf->allow_origin == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {
        if (ngx_strcmp(value[i].data, "*") != 0
            && (ngx_strstr(value[i].data, "://") == NULL
                || value[i].data[value[i].len - 1] == '/')) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid origin \"%V\" in \"lookout_allow_origin\": write "
                               "scheme://host[:port] without a path, or *",
                               &value[i]);
            return NGX_CONF_ERROR;
        }
        origin = ngx_array_push(llcf->allow_origin);
        if (origin == NULL) {
            return NGX_CONF_ERROR;
        }
        *origin = value[i];
    }
    return NGX_CONF_OK;
}


char *
ngx_lookout_public_url(ngx_conf_t *cf, void *post, void *data)
{
    ngx_str_t *url = data;

    (void) post;

    if ((ngx_strncmp(url->data, "http://", 7) != 0
         && ngx_strncmp(url->data, "https://", 8) != 0)
        || url->data[url->len - 1] == '/') {
        ngx_conf_log_error(
            NGX_LOG_EMERG, cf, 0,
            "invalid address \"%V\": write scheme://host[:port] without a closing "
            "slash",
            url);
        return NGX_CONF_ERROR;
    }
    return NGX_CONF_OK;
}


char *
ngx_lookout_bounds(ngx_conf_t *cf, void *post, void *data)
{
    uintmax_t n;
    ngx_lookout_bounds_t *bounds = post;

    /* ngx_msec_t, time_t and size_t are all a word here; none can be negative in a directive. */
    n = bounds->size == sizeof(uint32_t) ? *(uint32_t *) data : *(uintmax_t *) data;

    if (n < bounds->min || n > bounds->max) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "value must be %s", bounds->hint);
        return NGX_CONF_ERROR;
    }
    return NGX_CONF_OK;
}


/* lookout_state, or, when nothing was said, the folder `state` beside the catalogue. The master
 * makes it, for the workers to write to. */
ngx_int_t
ngx_lookout_state_path(ngx_conf_t *cf, ngx_lookout_loc_conf_t *llcf)
{
    u_char *p, *last;
    ngx_str_t *path, *paths, *slot;
    ngx_uint_t i;
    ngx_lookout_main_conf_t *lmcf;

    path = &llcf->state;
    if (path->len == 0) {
        last = llcf->catalog.data + llcf->catalog.len;
        while (last > llcf->catalog.data && last[-1] != '/') {
            last--;
        }
        p = ngx_pnalloc(cf->pool, (last - llcf->catalog.data) + sizeof("state"));
        if (p == NULL) {
            return NGX_ERROR;
        }
        path->data = p;
        p = ngx_cpymem(p, llcf->catalog.data, last - llcf->catalog.data);
        p = ngx_cpymem(p, "state", sizeof("state"));
        path->len = p - path->data - 1;
    }

    lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);
    paths = lmcf->states.elts;
    for (i = 0; i < lmcf->states.nelts; i++) {
        if (paths[i].len == path->len
            && ngx_strncmp(paths[i].data, path->data, path->len) == 0) {
            return NGX_OK;
        }
    }
    slot = ngx_array_push(&lmcf->states);
    if (slot == NULL) {
        return NGX_ERROR;
    }
    *slot = *path;
    return NGX_OK;
}
