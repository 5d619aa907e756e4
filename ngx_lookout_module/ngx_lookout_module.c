/*
 * Lookout, a BI server for AI agents as an nginx module. This file is the index of the module:
 * its directives, their configuration, and the start and stop of a worker. What a location does
 * is in the file named after it (ngx_lookout_mcp.c, _token.c, _manifest.c, _error.c).
 */

#include "ngx_lookout_metrics.h"
#include "ngx_lookout_oauth.h"

static void *ngx_lookout_create_main_conf(ngx_conf_t *cf);
static void *ngx_lookout_create_srv_conf(ngx_conf_t *cf);
static void *ngx_lookout_create_loc_conf(ngx_conf_t *cf);
static char *ngx_lookout_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child);
static ngx_int_t ngx_lookout_configured(ngx_conf_t *cf);
static ngx_int_t ngx_lookout_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_lookout_init_process(ngx_cycle_t *cycle);
static void ngx_lookout_exit_process(ngx_cycle_t *cycle);

static ngx_lookout_bounds_t ngx_lookout_timeout_bounds = { ngx_lookout_bounds, 10, 600000,
                                                           sizeof(ngx_msec_t), "10ms to 10m" };
static ngx_lookout_bounds_t ngx_lookout_slice_bounds = { ngx_lookout_bounds, 1, 1000,
                                                         sizeof(ngx_msec_t), "1ms to 1s" };
static ngx_lookout_bounds_t ngx_lookout_ttl_bounds = { ngx_lookout_bounds, 1, 315360000,
                                                       sizeof(time_t), "1s to 3650d" };
static ngx_lookout_bounds_t ngx_lookout_memory_bounds = { ngx_lookout_bounds,
                                                          (uintmax_t) 4 * 1024 * 1024,
                                                          (uintmax_t) 64 * 1024 * 1024 * 1024,
                                                          sizeof(size_t), "4m to 64g" };

static ngx_lookout_bounds_t ngx_lookout_files_bounds = {
    ngx_lookout_bounds, (uintmax_t) 1024 * 1024, (uintmax_t) 1 << 44, sizeof(off_t), "1m to 16t"
};
static ngx_conf_post_t ngx_lookout_public_url_post = { ngx_lookout_public_url };

#define NGX_LOOKOUT_ANYWHERE NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF

static ngx_command_t ngx_lookout_commands[] = {
    /* What a location is. */
    { ngx_string("lookout_mcp"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1,
      ngx_lookout_mcp_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_servers"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
      ngx_lookout_servers_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_manifest"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
      ngx_lookout_manifest_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_token"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
      ngx_lookout_token_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_files"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
      ngx_lookout_files_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_error_page"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1,
      ngx_lookout_error_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_metrics"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
      ngx_lookout_metrics_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_healthz"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
      ngx_lookout_healthz_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_readyz"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
      ngx_lookout_readyz_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_oauth_metadata"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
      ngx_lookout_oauth_metadata_location, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    /* What it works with. */
    { ngx_string("lookout_catalog"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1, ngx_lookout_path,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, catalog), NULL },

    { ngx_string("lookout_key_file"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1, ngx_lookout_path,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, key_file), NULL },

    { ngx_string("lookout_state"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1, ngx_lookout_path,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, state), NULL },

    { ngx_string("lookout_public_url"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, public_url), &ngx_lookout_public_url_post },

    { ngx_string("lookout_thread_pool"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, thread_pool), NULL },

    /* Who may use it. */
    { ngx_string("lookout_auth"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, auth), NULL },

    { ngx_string("lookout_token_ttl"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, token_ttl), &ngx_lookout_ttl_bounds },

    { ngx_string("lookout_admin_key_file"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_lookout_path, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, admin_key_file), NULL },

    { ngx_string("lookout_allow_origin"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_1MORE,
      ngx_lookout_origins, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_oauth_issuer"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_lookout_oauth_issuer, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_oauth_jwks"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1, ngx_lookout_path,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, oauth_jwks), NULL },

    { ngx_string("lookout_oauth_audience"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_1MORE,
      ngx_lookout_oauth_audience, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_oauth_scope"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_1MORE,
      ngx_lookout_oauth_scope, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },

    { ngx_string("lookout_audit"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, audit), NULL },

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

    { ngx_string("lookout_render_timeout"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, render_timeout), &ngx_lookout_timeout_bounds },

    { ngx_string("lookout_link_ttl"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, link_ttl), &ngx_lookout_ttl_bounds },

    { ngx_string("lookout_files_max_age"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, files_max_age), &ngx_lookout_ttl_bounds },

    { ngx_string("lookout_files_max_size"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_off_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, files_max_size), &ngx_lookout_files_bounds },

    { ngx_string("lookout_result_cache"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_lookout_size_or_off, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, result_cache), NULL },

    { ngx_string("lookout_stream_keepalive"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_lookout_loc_conf_t, stream_keepalive), &ngx_lookout_timeout_bounds },

    { ngx_string("lookout_slice"), NGX_LOOKOUT_ANYWHERE | NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot, NGX_HTTP_LOC_CONF_OFFSET, offsetof(ngx_lookout_loc_conf_t, slice),
      &ngx_lookout_slice_bounds },

    ngx_null_command
};

static ngx_http_module_t ngx_lookout_module_ctx = {
    ngx_lookout_variables_add,    /* preconfiguration */
    ngx_lookout_configured,       /* postconfiguration */
    ngx_lookout_create_main_conf, /* create main configuration */
    NULL,                         /* init main configuration */
    ngx_lookout_create_srv_conf,  /* create server configuration */
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


static void *
ngx_lookout_create_main_conf(ngx_conf_t *cf)
{
    ngx_lookout_main_conf_t *lmcf;

    lmcf = ngx_pcalloc(cf->pool, sizeof(ngx_lookout_main_conf_t));
    if (lmcf == NULL
        || ngx_array_init(&lmcf->engines, cf->pool, 2, sizeof(ngx_lookout_engine_t *)) != NGX_OK
        || ngx_array_init(&lmcf->states, cf->pool, 2, sizeof(ngx_str_t)) != NGX_OK
        || ngx_array_init(&lmcf->logs, cf->pool, 2, sizeof(ngx_log_t *)) != NGX_OK
        || ngx_array_init(&lmcf->jwks, cf->pool, 2, sizeof(ngx_lookout_jwks_t *)) != NGX_OK
        || ngx_array_init(&lmcf->keys, cf->pool, 2, sizeof(ngx_lookout_key_t *)) != NGX_OK) {
        return NULL;
    }
    return lmcf;
}


static void *
ngx_lookout_create_srv_conf(ngx_conf_t *cf)
{
    ngx_lookout_srv_conf_t *lscf;

    lscf = ngx_pcalloc(cf->pool, sizeof(ngx_lookout_srv_conf_t));
    if (lscf == NULL
        || ngx_array_init(&lscf->resources, cf->pool, 2, sizeof(ngx_lookout_loc_conf_t *))
               != NGX_OK) {
        return NULL;
    }
    return lscf;
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
     *     llcf->catalog, key_file, state, public_url, thread_pool = { 0, NULL };
     *     llcf->oauth_issuer, oauth_jwks = { 0, NULL };
     *     llcf->rate = 0;
     *     llcf->handler, engine, key, oauth = NULL;
     */

    llcf->auth = NGX_CONF_UNSET;
    llcf->token_ttl = NGX_CONF_UNSET;
    llcf->structured_content = NGX_CONF_UNSET;
    llcf->query_timeout = NGX_CONF_UNSET_MSEC;
    llcf->query_memory = NGX_CONF_UNSET_SIZE;
    llcf->result_cache = NGX_CONF_UNSET_SIZE;
    llcf->render_timeout = NGX_CONF_UNSET_MSEC;
    llcf->link_ttl = NGX_CONF_UNSET;
    llcf->files_max_age = NGX_CONF_UNSET;
    llcf->files_max_size = NGX_CONF_UNSET;
    llcf->slice = NGX_CONF_UNSET_MSEC;
    llcf->stream_keepalive = NGX_CONF_UNSET_MSEC;
    llcf->audit = NGX_CONF_UNSET;
    llcf->allow_origin = NGX_CONF_UNSET_PTR;
    llcf->oauth_audience = NGX_CONF_UNSET_PTR;
    llcf->oauth_scope = NGX_CONF_UNSET_PTR;
    return llcf;
}


/* An if or a limit_except inside a location of ours is still that location. nginx keeps the
 * handler for an if; for a limit_except it does not. */
static void
ngx_lookout_inherit(ngx_http_core_loc_conf_t *clcf, ngx_lookout_loc_conf_t *prev,
                    ngx_lookout_loc_conf_t *conf)
{
    if (!clcf->noname || prev->handler == NULL) {
        return;
    }
    conf->handler = prev->handler;
    conf->rate = prev->rate;
    conf->oauth = prev->oauth;
    conf->scoped = prev->scoped;
    if (clcf->lmt_excpt && clcf->handler == NULL) {
        clcf->handler = prev->handler;
    }
}


/* What a location needs beyond its values: its key, its state folder, its engine. */
static char *
ngx_lookout_prepare(ngx_conf_t *cf, ngx_http_core_loc_conf_t *clcf,
                    ngx_lookout_loc_conf_t *conf)
{
    ngx_uint_t engine = conf->handler == ngx_lookout_mcp_handler
                        || conf->handler == ngx_lookout_manifest_handler
                        || conf->handler == ngx_lookout_servers_handler
                        || conf->handler == ngx_lookout_metrics_handler
                        || conf->handler == ngx_lookout_readyz_handler;
    ngx_uint_t files = conf->handler == ngx_lookout_files_handler;

    if (!engine && !files && conf->handler != ngx_lookout_token_handler) {
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
    if (!engine && !files) {
        return NGX_CONF_OK;
    }

    if (conf->catalog.len == 0 && (engine || conf->state.len == 0)) {
        ngx_conf_log_error(
            NGX_LOG_EMERG, cf, 0,
            "location \"%V\" serves Lookout but no \"lookout_catalog\" says which "
            "catalogue",
            &clcf->name);
        return NGX_CONF_ERROR;
    }
    if (ngx_lookout_state_path(cf, conf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (conf->handler == ngx_lookout_servers_handler) {
        if (conf->admin_key_file.len == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "location \"%V\" has \"lookout_servers\" but no "
                               "\"lookout_admin_key_file\" says who may use it",
                               &clcf->name);
            return NGX_CONF_ERROR;
        }
        conf->admin_key = ngx_lookout_key_for(cf, &conf->admin_key_file);
        if (conf->admin_key == NULL) {
            return NGX_CONF_ERROR;
        }
        conf->admin_key->admin = 1;
        if (conf->admin_key == conf->key) {
            ngx_conf_log_error(
                NGX_LOG_EMERG, cf, 0,
                "\"lookout_admin_key_file\" and \"lookout_key_file\" must be two "
                "files");
            return NGX_CONF_ERROR;
        }
    }

    if (engine) {
        conf->engine = ngx_lookout_engine_for(cf, conf);
        if (conf->engine == NULL || ngx_lookout_metrics_zone(cf) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }
    return NGX_CONF_OK;
}


static char *
ngx_lookout_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_lookout_loc_conf_t *prev = parent;
    ngx_lookout_loc_conf_t *conf = child;
    ngx_http_core_loc_conf_t *clcf;

    ngx_conf_merge_str_value(conf->catalog, prev->catalog, "");
    ngx_conf_merge_str_value(conf->key_file, prev->key_file, "");
    ngx_conf_merge_str_value(conf->state, prev->state, "");
    ngx_conf_merge_str_value(conf->public_url, prev->public_url, "");
    ngx_conf_merge_str_value(conf->thread_pool, prev->thread_pool, "lookout");
    ngx_conf_merge_value(conf->auth, prev->auth, 1);
    ngx_conf_merge_sec_value(conf->token_ttl, prev->token_ttl, 86400);
    ngx_conf_merge_value(conf->structured_content, prev->structured_content, 1);
    ngx_conf_merge_msec_value(conf->query_timeout, prev->query_timeout, 5000);
    ngx_conf_merge_size_value(conf->query_memory, prev->query_memory,
                              (size_t) 64 * 1024 * 1024);
    ngx_conf_merge_size_value(conf->result_cache, prev->result_cache, (size_t) 8 * 1024 * 1024);
    ngx_conf_merge_msec_value(conf->slice, prev->slice, 2);
    ngx_conf_merge_msec_value(conf->stream_keepalive, prev->stream_keepalive, 15000);
    ngx_conf_merge_msec_value(conf->render_timeout, prev->render_timeout, 5000);
    ngx_conf_merge_sec_value(conf->link_ttl, prev->link_ttl, 3600);
    ngx_conf_merge_sec_value(conf->files_max_age, prev->files_max_age, (time_t) 7 * 86400);
    ngx_conf_merge_off_value(conf->files_max_size, prev->files_max_size, (off_t) 1 << 30);
    ngx_conf_merge_str_value(conf->admin_key_file, prev->admin_key_file, "");
    ngx_conf_merge_value(conf->audit, prev->audit, 0);
    ngx_conf_merge_ptr_value(conf->allow_origin, prev->allow_origin, NULL);
    ngx_lookout_oauth_merge(prev, conf);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    ngx_lookout_inherit(clcf, prev, conf);
    if (conf->handler == ngx_lookout_mcp_handler
        && ngx_lookout_oauth_prepare(cf, clcf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }
    return ngx_lookout_prepare(cf, clcf, conf);
}


static ngx_int_t
ngx_lookout_configured(ngx_conf_t *cf)
{
    ngx_http_handler_pt *h;
    ngx_lookout_main_conf_t *lmcf;
    ngx_http_core_main_conf_t *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    h = ngx_array_push(&cmcf->phases[NGX_HTTP_REWRITE_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }
    *h = ngx_lookout_scoped_rewrite;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }
    *h = ngx_lookout_metrics_status;

    lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);
    if (lmcf->admin && lmcf->scoped_path.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"lookout_servers\" makes addresses that no location answers: add "
                           "\"location /mcp/ { lookout_mcp scoped; }\"");
        return NGX_ERROR;
    }

    return ngx_lookout_mask_configure(cf) == NGX_OK ? ngx_lookout_keys_load(cf) : NGX_ERROR;
}


static ngx_lookout_main_conf_t *
ngx_lookout_cycle_conf(ngx_cycle_t *cycle)
{
    /* No http{} block, no configuration. */
    return ngx_get_conf(cycle->conf_ctx, ngx_http_module) == NULL
               ? NULL
               : ngx_http_cycle_get_module_main_conf(cycle, ngx_lookout_module);
}


/* Never fails: during a reload the master would exit. What a reload can be refused for is
 * looked at when the configuration is read. */
static ngx_int_t
ngx_lookout_init_module(ngx_cycle_t *cycle)
{
    ngx_lookout_main_conf_t *lmcf = ngx_lookout_cycle_conf(cycle);

    if (lmcf != NULL) {
        ngx_lookout_states_make(cycle, lmcf);
        ngx_lookout_mask_start(lmcf);
    }
    return NGX_OK;
}


/* Never fails: a worker that does not start leaves the listening sockets with nobody to answer. */
static ngx_int_t
ngx_lookout_init_process(ngx_cycle_t *cycle)
{
    ngx_lookout_main_conf_t *lmcf = ngx_lookout_cycle_conf(cycle);

    if (lmcf != NULL
        && (ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE)) {
        ngx_lookout_metrics_worker(1);
        ngx_lookout_engines_start(cycle, lmcf);
        ngx_lookout_oauth_start(cycle, lmcf);
    }
    return NGX_OK;
}


static void
ngx_lookout_exit_process(ngx_cycle_t *cycle)
{
    ngx_lookout_main_conf_t *lmcf = ngx_lookout_cycle_conf(cycle);

    if (lmcf != NULL) {
        ngx_lookout_engines_stop(lmcf);
        ngx_lookout_oauth_stop(lmcf);
        ngx_lookout_metrics_worker(0);
    }
}
