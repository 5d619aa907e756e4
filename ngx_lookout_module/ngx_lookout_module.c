/*
 * Lookout, a BI server for AI agents as an nginx module. This file is the index of the module:
 * its directives, their configuration, and the start and stop of a worker. What a location does
 * is in the file named after it (ngx_lookout_mcp.c, _token.c, _manifest.c, _error.c).
 */

#include "ngx_lookout_module.h"

static char *ngx_lookout_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_lookout_token_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_lookout_error_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_lookout_path(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_lookout_size_or_off(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_lookout_origins(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_lookout_bounds(ngx_conf_t *cf, void *post, void *data);
static void *ngx_lookout_create_main_conf(ngx_conf_t *cf);
static void *ngx_lookout_create_loc_conf(ngx_conf_t *cf);
static char *ngx_lookout_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child);
static ngx_int_t ngx_lookout_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_lookout_init_process(ngx_cycle_t *cycle);
static void ngx_lookout_exit_process(ngx_cycle_t *cycle);

/* The range of a number that a directive takes, in the unit it is stored in. */
typedef struct {
    ngx_conf_post_handler_pt post_handler;
    uintmax_t min;
    uintmax_t max;
    size_t size;      /* of the stored number */
    const char *hint; /* the range in words */
} ngx_lookout_bounds_t;

static ngx_lookout_bounds_t ngx_lookout_timeout_bounds = { ngx_lookout_bounds, 10, 600000,
                                                           sizeof(ngx_msec_t), "10ms to 10m" };
static ngx_lookout_bounds_t ngx_lookout_slice_bounds = { ngx_lookout_bounds, 1, 1000,
                                                         sizeof(ngx_msec_t), "1ms to 1s" };
static ngx_lookout_bounds_t ngx_lookout_ttl_bounds = { ngx_lookout_bounds, 1, 315360000,
                                                       sizeof(time_t), "1s to 3650d" };
static ngx_lookout_bounds_t ngx_lookout_memory_bounds = { ngx_lookout_bounds, 4 * 1024 * 1024,
                                                          (uintmax_t) 64 * 1024 * 1024 * 1024,
                                                          sizeof(size_t), "4m to 64g" };

#define NGX_LOOKOUT_ANYWHERE NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF

static ngx_command_t ngx_lookout_commands[] = {
    /* What a location is. */
    { ngx_string("lookout_mcp"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, ngx_lookout_location,
      NGX_HTTP_LOC_CONF_OFFSET, 0, ngx_lookout_mcp_handler },

    { ngx_string("lookout_manifest"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, ngx_lookout_location,
      NGX_HTTP_LOC_CONF_OFFSET, 0, ngx_lookout_manifest_handler },

    { ngx_string("lookout_token"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
      ngx_lookout_token_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_error_page"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1,
      ngx_lookout_error_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    /* What it works with. */
    { ngx_string("lookout_catalog"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1, ngx_lookout_path,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, catalog), NULL },

    { ngx_string("lookout_key_file"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1, ngx_lookout_path,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, key_file), NULL },

    { ngx_string("lookout_thread_pool"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, thread_pool), NULL },

    /* Who may use it. */
    { ngx_string("lookout_auth"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, auth), NULL },

    { ngx_string("lookout_token_ttl"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, token_ttl), &ngx_lookout_ttl_bounds },

    { ngx_string("lookout_allow_origin"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_1MORE,
      ngx_lookout_origins, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    /* How it answers, and its limits. */
    { ngx_string("lookout_structured_content"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_FLAG,
      ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, structured_content), NULL },

    { ngx_string("lookout_query_timeout"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, query_timeout), &ngx_lookout_timeout_bounds },

    { ngx_string("lookout_query_memory"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_size_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, query_memory), &ngx_lookout_memory_bounds },

    { ngx_string("lookout_result_cache"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_lookout_size_or_off, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, result_cache), NULL },

    { ngx_string("lookout_slice"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot, NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, slice),
      &ngx_lookout_slice_bounds },

    ngx_null_command
};

static ngx_http_module_t ngx_lookout_module_ctx = {
    ngx_lookout_variables_add,    /* preconfiguration */
    NULL,                         /* postconfiguration */
    ngx_lookout_create_main_conf, /* create main configuration */
    NULL,                         /* init main configuration */
    NULL,                         /* create server configuration */
    NULL,                         /* merge server configuration */
    ngx_lookout_create_loc_conf,  /* create location configuration */
    ngx_lookout_merge_loc_conf    /* merge location configuration */
};

ngx_module_t ngx_lookout_module = { NGX_MODULE_V1,
                                    &ngx_lookout_module_ctx,
                                    ngx_lookout_commands,
                                    NGX_HTTP_MODULE,
                                    NULL,                     /* init master */
                                    ngx_lookout_init_module,  /* init module */
                                    ngx_lookout_init_process, /* init process */
                                    NULL,                     /* init thread */
                                    NULL,                     /* exit thread */
                                    ngx_lookout_exit_process, /* exit process */
                                    NULL,                     /* exit master */
                                    NGX_MODULE_V1_PADDING };


/* lookout_mcp, lookout_manifest: the location has a handler and needs an engine. */
static char *
ngx_lookout_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_lookout_loc_conf_t *llcf = conf;
    ngx_http_core_loc_conf_t *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    if (clcf->handler != NULL) {
        return "cannot stand beside another handler in the same location";
    }

    clcf->handler = (ngx_http_handler_pt) cmd->post;
    llcf->engine_wanted = 1;
    return NGX_CONF_OK;
}


static char *
ngx_lookout_token_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_lookout_main_conf_t *lmcf;
    ngx_http_core_loc_conf_t *clcf;

    (void) cmd;
    (void) conf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    if (clcf->handler != NULL) {
        return "cannot stand beside another handler in the same location";
    }
    clcf->handler = ngx_lookout_token_handler;

    lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);
    if (lmcf->token_path.len == 0 && !clcf->named && clcf->name.len &&
        clcf->name.data[0] == '/') {
        lmcf->token_path = clcf->name;
    }
    return NGX_CONF_OK;
}


/* lookout_error_page [rate=60r/m]: the rate is what a 429 tells the client. */
static char *
ngx_lookout_error_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t n;
    ngx_str_t rate, *value = cf->args->elts;
    ngx_lookout_loc_conf_t *llcf = conf;
    ngx_http_core_loc_conf_t *clcf;

    (void) cmd;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_lookout_error_handler;

    if (cf->args->nelts == 1) {
        return NGX_CONF_OK;
    }

    rate = value[1];
    if (rate.len < sizeof("rate=1r/m") - 1 || ngx_strncmp(rate.data, "rate=", 5) != 0 ||
        (ngx_strncmp(rate.data + rate.len - 3, "r/m", 3) != 0 &&
         ngx_strncmp(rate.data + rate.len - 3, "r/s", 3) != 0)) {
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
    return NGX_CONF_OK;
}


/* A path, relative to the configuration's folder. */
static char *
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


static char *
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


static char *
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
        if (ngx_strcmp(value[i].data, "*") != 0 && (ngx_strstr(value[i].data, "://") == NULL ||
                                                    value[i].data[value[i].len - 1] == '/')) {
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


static char *
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


static void *
ngx_lookout_create_main_conf(ngx_conf_t *cf)
{
    ngx_lookout_main_conf_t *lmcf;

    lmcf = ngx_pcalloc(cf->pool, sizeof(ngx_lookout_main_conf_t));
    if (lmcf == NULL ||
        ngx_array_init(&lmcf->engines, cf->pool, 2, sizeof(ngx_lookout_engine_t *)) != NGX_OK ||
        ngx_array_init(&lmcf->keys, cf->pool, 2, sizeof(ngx_lookout_key_t *)) != NGX_OK) {
        return NULL;
    }
    return lmcf;
}


static void *
ngx_lookout_create_loc_conf(ngx_conf_t *cf)
{
    ngx_lookout_loc_conf_t *llcf;

    llcf = ngx_pcalloc(cf->pool, sizeof(ngx_lookout_loc_conf_t));
    if (llcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     llcf->catalog, key_file, thread_pool = { 0, NULL };
     *     llcf->rate, engine_wanted = 0;
     *     llcf->engine, key = NULL;
     */

    llcf->auth = NGX_CONF_UNSET;
    llcf->token_ttl = NGX_CONF_UNSET;
    llcf->structured_content = NGX_CONF_UNSET;
    llcf->query_timeout = NGX_CONF_UNSET_MSEC;
    llcf->query_memory = NGX_CONF_UNSET_SIZE;
    llcf->result_cache = NGX_CONF_UNSET_SIZE;
    llcf->slice = NGX_CONF_UNSET_MSEC;
    llcf->allow_origin = NGX_CONF_UNSET_PTR;
    return llcf;
}


static char *
ngx_lookout_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_lookout_loc_conf_t *prev = parent;
    ngx_lookout_loc_conf_t *conf = child;
    ngx_http_core_loc_conf_t *clcf;

    ngx_conf_merge_str_value(conf->catalog, prev->catalog, "");
    ngx_conf_merge_str_value(conf->key_file, prev->key_file, "");
    ngx_conf_merge_str_value(conf->thread_pool, prev->thread_pool, "lookout");
    ngx_conf_merge_value(conf->auth, prev->auth, 1);
    ngx_conf_merge_sec_value(conf->token_ttl, prev->token_ttl, 86400);
    ngx_conf_merge_value(conf->structured_content, prev->structured_content, 1);
    ngx_conf_merge_msec_value(conf->query_timeout, prev->query_timeout, 5000);
    ngx_conf_merge_size_value(conf->query_memory, prev->query_memory, 64 * 1024 * 1024);
    ngx_conf_merge_size_value(conf->result_cache, prev->result_cache, 8 * 1024 * 1024);
    ngx_conf_merge_msec_value(conf->slice, prev->slice, 2);
    ngx_conf_merge_ptr_value(conf->allow_origin, prev->allow_origin, NULL);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    if (!conf->engine_wanted && clcf->handler != ngx_lookout_token_handler) {
        return NGX_CONF_OK;
    }

    if (conf->key_file.len == 0) {
        ngx_str_set(&conf->key_file, "lookout.key");
        if (ngx_conf_full_name(cf->cycle, &conf->key_file, 1) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }
    conf->key = ngx_lookout_key_for(cf, &conf->key_file);
    if (conf->key == NULL) {
        return NGX_CONF_ERROR;
    }
    if (!conf->engine_wanted) {
        return NGX_CONF_OK;
    }

    if (conf->catalog.len == 0) {
        ngx_conf_log_error(
            NGX_LOG_EMERG, cf, 0,
            "location \"%V\" serves Lookout but no \"lookout_catalog\" says which "
            "catalogue",
            &clcf->name);
        return NGX_CONF_ERROR;
    }
    conf->engine = ngx_lookout_engine_for(cf, conf);
    return conf->engine == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}


static ngx_lookout_main_conf_t *
ngx_lookout_cycle_conf(ngx_cycle_t *cycle)
{
    /* No http{} block, no configuration. */
    return ngx_get_conf(cycle->conf_ctx, ngx_http_module) == NULL
               ? NULL
               : ngx_http_cycle_get_module_main_conf(cycle, ngx_lookout_module);
}


static ngx_int_t
ngx_lookout_init_module(ngx_cycle_t *cycle)
{
    ngx_lookout_main_conf_t *lmcf = ngx_lookout_cycle_conf(cycle);

    return lmcf == NULL ? NGX_OK : ngx_lookout_keys_load(cycle, lmcf);
}


/* Never fails: a worker that does not start leaves the listening sockets with nobody to answer. */
static ngx_int_t
ngx_lookout_init_process(ngx_cycle_t *cycle)
{
    ngx_lookout_main_conf_t *lmcf = ngx_lookout_cycle_conf(cycle);

    if (lmcf != NULL &&
        (ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE)) {
        ngx_lookout_engines_start(cycle, lmcf);
    }
    return NGX_OK;
}


static void
ngx_lookout_exit_process(ngx_cycle_t *cycle)
{
    ngx_lookout_main_conf_t *lmcf = ngx_lookout_cycle_conf(cycle);

    if (lmcf != NULL) {
        ngx_lookout_engines_stop(lmcf);
    }
}
