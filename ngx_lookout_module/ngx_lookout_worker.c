/*
 * Engines: at configuration time one is made for each different set of directives; the master
 * reads the key files; each worker then makes the server and its sessions. Session objects open
 * their files when a call first needs them, so a worker starts fast and a broken catalogue does
 * not keep it from starting.
 */

#include "ngx_lookout_module.h"

#include "base/scratch.h"
#include "query/filter.h"
#include "tools/tools.h"

/* Queries over extracts with more rows than this go to a thread at once: below it even a full
 * scan is done within the event loop's slice. */
#define NGX_LOOKOUT_THREAD_ROWS 5000

/* An export is as long as its data: it may take this long, in ms. */
#define NGX_LOOKOUT_EXPORT_TIMEOUT 60000

/* What sorting and grouping may put on disk, all queries of a worker together, as a multiple of
 * the memory that a query may use. */
#define NGX_LOOKOUT_SCRATCH 4

/* A second surface that is linked beside Lookout's own: see LOOKOUT_WITH in ../config. */
#ifdef LOOKOUT_WITH
extern const lookout_surface_t LOOKOUT_WITH;
#endif

typedef struct ngx_lookout_idle_s ngx_lookout_idle_t;

struct ngx_lookout_idle_s {
    ngx_lookout_idle_t *next;
    lookout_session_t *session;
};


ngx_lookout_key_t *
ngx_lookout_key_for(ngx_conf_t *cf, ngx_str_t *path)
{
    ngx_uint_t i;
    ngx_lookout_key_t *key, **keys, **slot;
    ngx_lookout_main_conf_t *lmcf;

    lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);

    keys = lmcf->keys.elts;
    for (i = 0; i < lmcf->keys.nelts; i++) {
        if (keys[i]->path.len == path->len
            && ngx_strncmp(keys[i]->path.data, path->data, path->len) == 0) {
            return keys[i];
        }
    }

    key = ngx_pcalloc(cf->pool, sizeof(ngx_lookout_key_t));
    slot = ngx_array_push(&lmcf->keys);
    if (key == NULL || slot == NULL) {
        return NULL;
    }
    key->path = *path;
    *slot = key;
    return key;
}


ngx_lookout_engine_t *
ngx_lookout_engine_for(ngx_conf_t *cf, ngx_lookout_loc_conf_t *llcf)
{
    ngx_uint_t i;
    ngx_thread_pool_t *pool;
    ngx_lookout_engine_t *e, **engines, **slot;
    ngx_lookout_main_conf_t *lmcf;

    lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);

    pool = ngx_thread_pool_add(cf, &llcf->thread_pool);
    if (pool == NULL) {
        return NULL;
    }

    engines = lmcf->engines.elts;
    for (i = 0; i < lmcf->engines.nelts; i++) {
        e = engines[i];
        if (e->catalog.len == llcf->catalog.len
            && ngx_strncmp(e->catalog.data, llcf->catalog.data, e->catalog.len) == 0
            && e->state.len == llcf->state.len
            && ngx_strncmp(e->state.data, llcf->state.data, e->state.len) == 0
            && e->key == llcf->key && e->thread_pool == pool
            && e->query_timeout == llcf->query_timeout && e->query_memory == llcf->query_memory
            && e->slice == llcf->slice && e->result_cache == llcf->result_cache
            && e->structured_content == llcf->structured_content
            && e->render_timeout == llcf->render_timeout && e->link_ttl == llcf->link_ttl
            && e->files_max_age == llcf->files_max_age
            && e->files_max_size == llcf->files_max_size) {
            return e;
        }
    }

    e = ngx_pcalloc(cf->pool, sizeof(ngx_lookout_engine_t));
    slot = ngx_array_push(&lmcf->engines);
    if (e == NULL || slot == NULL) {
        return NULL;
    }

    e->catalog = llcf->catalog;
    e->state = llcf->state;
    e->key = llcf->key;
    e->thread_pool = pool;
    e->query_timeout = llcf->query_timeout;
    e->query_memory = llcf->query_memory;
    e->slice = llcf->slice;
    e->result_cache = llcf->result_cache;
    e->structured_content = llcf->structured_content;
    e->render_timeout = llcf->render_timeout;
    e->link_ttl = llcf->link_ttl;
    e->files_max_age = llcf->files_max_age;
    e->files_max_size = llcf->files_max_size;
    *slot = e;
    return e;
}


/* The admin key is sent over the network, the servers' never is: a copy of one is no other. */
static ngx_uint_t
ngx_lookout_keys_apart(ngx_conf_t *cf, ngx_lookout_key_t **keys, ngx_uint_t n)
{
    ngx_uint_t i;

    for (i = 0; i < n; i++) {
        if (keys[i]->loaded && keys[i]->admin != keys[n]->admin
            && lookout_same_bytes(&keys[i]->key, &keys[n]->key, sizeof(lookout_key_t))) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "lookout: %V and %V have the same key: the admin key must be another "
                          "one than the server's",
                          &keys[i]->path, &keys[n]->path);
            return 0;
        }
    }
    return 1;
}


/* When the configuration was read: a key that cannot be had refuses it, and a reload then goes
 * on with the old one. The master may be allowed to read more than its workers. `nginx -t` and
 * `nginx -s` make no file. */
ngx_int_t
ngx_lookout_keys_load(ngx_conf_t *cf)
{
    char why[512];
    ngx_uint_t i;
    ngx_file_info_t info;
    ngx_lookout_main_conf_t *lmcf;
    ngx_lookout_key_t **keys;

    lmcf = ngx_http_conf_get_module_main_conf(cf, ngx_lookout_module);
    keys = lmcf->keys.elts;

    for (i = 0; ngx_process != NGX_PROCESS_SIGNALLER && i < lmcf->keys.nelts; i++) {
        if (ngx_test_config && ngx_file_info(keys[i]->path.data, &info) == NGX_FILE_ERROR
            && ngx_errno == NGX_ENOENT) {
            continue;
        }
        if (!lookout_key_load((char *) keys[i]->path.data, &keys[i]->key, why, sizeof(why))) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "lookout: %s", why);
            return NGX_ERROR;
        }
        keys[i]->loaded = 1;
        if (!ngx_lookout_keys_apart(cf, keys, i)) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}


/* The state folders, for the user that the workers run as. A folder that cannot be made is no
 * reason not to start: what needs it says so when it is asked for. */
void
ngx_lookout_states_make(ngx_cycle_t *cycle, ngx_lookout_main_conf_t *lmcf)
{
    char *path;
    ngx_uint_t i;
    ngx_str_t *paths = lmcf->states.elts;
    ngx_core_conf_t *ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    for (i = 0; !ngx_test_config && i < lmcf->states.nelts; i++) {
        path = (char *) paths[i].data;
        if (ngx_create_dir(path, 0750) == NGX_FILE_ERROR) {
            if (ngx_errno != NGX_EEXIST) {
                ngx_log_error(NGX_LOG_ERR, cycle->log, ngx_errno,
                              "lookout: " ngx_create_dir_n " \"%s\" failed", path);
            }
            continue;
        }
        if (geteuid() == 0 && chown(path, ccf->user, (gid_t) -1) == -1) {
            ngx_log_error(NGX_LOG_ERR, cycle->log, ngx_errno, "lookout: chown(\"%s\") failed",
                          path);
        }
    }
}


/* A strong validator from the manifest's bytes. */
static ngx_int_t
ngx_lookout_engine_etag(ngx_cycle_t *cycle, ngx_lookout_engine_t *engine)
{
    u_char *p;
    uint8_t digest[LOOKOUT_DIGEST_SIZE];

    lookout_sha256(lookout_mcp_manifest(engine->mcp), digest);

    p = ngx_pnalloc(cycle->pool, 2 + 32);
    if (p == NULL) {
        return NGX_ERROR;
    }
    engine->manifest_etag.data = p;
    *p++ = '"';
    p = ngx_hex_dump(p, digest, 16);
    *p++ = '"';
    engine->manifest_etag.len = p - engine->manifest_etag.data;
    return NGX_OK;
}


/* The scoped servers' store: one file in the state folder, whoever uses it. */
static ngx_int_t
ngx_lookout_engine_servers(ngx_cycle_t *cycle, ngx_lookout_engine_t *engine)
{
    u_char *path;
    size_t i, n;
    lookout_servers_op_t *ops;
    const char *const *names = lookout_filter_ops();

    for (n = 0; names[n] != NULL; n++) { /* void */
    }
    ops = ngx_pcalloc(cycle->pool, n * sizeof(lookout_servers_op_t));
    path = ngx_pnalloc(cycle->pool, engine->state.len + sizeof("/servers.db"));
    if (ops == NULL || path == NULL) {
        return NGX_ERROR;
    }
    for (i = 0; i < n; i++) {
        ops[i].name = names[i];
        lookout_filter_counts(i, &ops[i].min, &ops[i].max);
    }
    (void) ngx_sprintf(path, "%V/servers.db%Z", &engine->state);

    engine->servers_settings = (lookout_servers_settings_t){
        .path = (char *) path, .key = &engine->key->key, .ops = ops, .n_ops = n
    };
    engine->servers = lookout_servers_open(&engine->servers_settings, LOOKOUT_SERVERS_LOOP);
    return engine->servers == NULL ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_lookout_engine_start(ngx_cycle_t *cycle, ngx_lookout_engine_t *engine)
{
    lookout_mcp_config_t config;
    static const lookout_surface_t *const surfaces[] = { &lookout_surface,
#ifdef LOOKOUT_WITH
                                                         &LOOKOUT_WITH,
#endif
                                                         NULL };

    engine->settings = (lookout_settings_t){
        .catalog_path = (const char *) engine->catalog.data,
        .state_dir = (const char *) engine->state.data,
        .key = engine->key->key,
        .query_timeout_ms = (uint32_t) engine->query_timeout,
        .render_timeout_ms = (uint32_t) engine->render_timeout,
        .export_timeout_ms = NGX_LOOKOUT_EXPORT_TIMEOUT,
        .query_memory = (int64_t) engine->query_memory,
        .thread_rows = NGX_LOOKOUT_THREAD_ROWS,
        .link_ttl = engine->link_ttl,
        .file_limits = { .max_age = engine->files_max_age,
                         .max_bytes = engine->files_max_size },
    };

    if (ngx_lookout_engine_servers(cycle, engine) != NGX_OK) {
        return NGX_ERROR;
    }

    config = (lookout_mcp_config_t){
        .name = "lookout",
        .title = "Lookout",
        .version = NGX_LOOKOUT_VERSION,
        .instructions = lookout_instructions,
        .surfaces = surfaces,
        .key = engine->key->key,
        .structured_content = engine->structured_content,
        .slice_ns = (uint64_t) engine->slice * 1000000,
        .cache_bytes = engine->result_cache,
    };

    ngx_queue_init(&engine->jobs);
    if (pthread_mutex_init(&engine->idle_lock, NULL) != 0) {
        return NGX_ERROR;
    }

    engine->session = lookout_session_create(&engine->settings, LOOKOUT_JOBS_LOOP);
    if (engine->session == NULL) {
        return NGX_ERROR;
    }

    engine->mcp = lookout_mcp_create(&config);
    if (engine->mcp == NULL) {
        return NGX_ERROR;
    }

    if (ngx_lookout_engine_etag(cycle, engine) != NGX_OK) {
        return NGX_ERROR;
    }
    return ngx_lookout_sweep_start(cycle, engine);
}


void
ngx_lookout_engines_start(ngx_cycle_t *cycle, ngx_lookout_main_conf_t *lmcf)
{
    int64_t scratch = 0;
    ngx_uint_t i;
    ngx_lookout_engine_t **engines = lmcf->engines.elts;

    for (i = 0; i < lmcf->engines.nelts; i++) {
        scratch = ngx_max(scratch, (int64_t) engines[i]->query_memory * NGX_LOOKOUT_SCRATCH);
        if (ngx_lookout_engine_start(cycle, engines[i]) != NGX_OK) {
            ngx_log_error(
                NGX_LOG_EMERG, cycle->log, 0,
                "lookout: no memory for the catalogue \"%V\": its locations answer 500",
                &engines[i]->catalog);
            lookout_mcp_destroy(engines[i]->mcp);
            engines[i]->mcp = NULL;
        }
    }
    lookout_scratch_limit(scratch);
}


void
ngx_lookout_engines_stop(ngx_lookout_main_conf_t *lmcf)
{
    ngx_uint_t i;
    ngx_lookout_idle_t *idle;
    ngx_lookout_engine_t **engines = lmcf->engines.elts;

    for (i = 0; i < lmcf->engines.nelts; i++) {
        lookout_mcp_destroy(engines[i]->mcp);
        lookout_session_destroy(engines[i]->session);
        lookout_servers_close(engines[i]->servers);
        while ((idle = engines[i]->idle) != NULL) {
            engines[i]->idle = idle->next;
            lookout_session_destroy(idle->session);
            free(idle);
        }
    }
}


lookout_session_t *
ngx_lookout_session_take(ngx_lookout_engine_t *engine)
{
    ngx_lookout_idle_t *idle;
    lookout_session_t *session;

    (void) pthread_mutex_lock(&engine->idle_lock);
    idle = engine->idle;
    if (idle != NULL) {
        engine->idle = idle->next;
    }
    (void) pthread_mutex_unlock(&engine->idle_lock);

    if (idle == NULL) {
        return lookout_session_create(&engine->settings, LOOKOUT_JOBS_THREAD);
    }
    session = idle->session;
    free(idle);
    return session;
}


void
ngx_lookout_session_give(ngx_lookout_engine_t *engine, lookout_session_t *session)
{
    ngx_lookout_idle_t *idle = malloc(sizeof(ngx_lookout_idle_t));

    if (idle == NULL) {
        lookout_session_destroy(session);
        return;
    }

    idle->session = session;
    (void) pthread_mutex_lock(&engine->idle_lock);
    idle->next = engine->idle;
    engine->idle = idle;
    (void) pthread_mutex_unlock(&engine->idle_lock);
}


void
ngx_lookout_trouble(ngx_lookout_engine_t *engine, const char *what, ngx_log_t *log)
{
    if (ngx_strcmp(engine->trouble, what) == 0 && ngx_time() - engine->trouble_at < 60) {
        return;
    }
    (void) ngx_cpystrn((u_char *) engine->trouble, (u_char *) what, sizeof(engine->trouble));
    engine->trouble_at = ngx_time();
    ngx_log_error(NGX_LOG_ERR, log, 0, "lookout: %s", what);
}
