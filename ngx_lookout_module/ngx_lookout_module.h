/*
 * The nginx face of Lookout: what its files share. The face turns a request into a call of the
 * library and the call's answer into a response, and nothing else; it alone includes nginx.
 */

#ifndef NGX_LOOKOUT_MODULE_H
#define NGX_LOOKOUT_MODULE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_thread_pool.h>

#if !(NGX_THREADS)
#error "Lookout works on thread pools: configure nginx with --with-threads"
#endif

#include "access/servers.h"
#include "mcp/server.h"
#include "tools/session.h"

#define NGX_LOOKOUT_VERSION "0.1.0"

/* A key file that some location names; read by the master, so workers need no right to it. */
typedef struct {
    ngx_str_t path;
    lookout_key_t key;
    unsigned loaded : 1;
    unsigned admin : 1; /* opens the admin address */
} ngx_lookout_key_t;

/*
 * What one set of directives makes: settings, and in each worker the server, the session of the
 * event loop and the idle sessions of the threads. Locations with the same directives share one.
 */
typedef struct {
    ngx_str_t catalog;
    ngx_str_t state;
    ngx_lookout_key_t *key;
    ngx_thread_pool_t *thread_pool;
    ngx_msec_t query_timeout;
    size_t query_memory;
    ngx_msec_t slice;
    size_t result_cache;
    ngx_flag_t structured_content;
    ngx_msec_t render_timeout;
    time_t link_ttl;
    time_t files_max_age;
    off_t files_max_size;

    /* In each worker. */
    lookout_settings_t settings;
    lookout_servers_settings_t servers_settings;
    lookout_servers_t *servers; /* the scoped ones; for lookups */
    lookout_mcp_t *mcp;         /* NULL: could not be made, the log says why */
    lookout_session_t *session;
    ngx_queue_t jobs; /* that threads are at work on: ngx_lookout_job_t */
    ngx_str_t manifest_etag;
    void *idle; /* sessions that no thread is using; see ngx_lookout_worker.c */
    pthread_mutex_t idle_lock;
    char trouble[512]; /* what was last logged about the files, not to log it again at once */
    time_t trouble_at;
} ngx_lookout_engine_t;

typedef struct {
    ngx_array_t engines;   /* of ngx_lookout_engine_t * */
    ngx_array_t keys;      /* of ngx_lookout_key_t * */
    ngx_array_t states;    /* of ngx_str_t: folders that the workers write to */
    ngx_array_t jwks;      /* of ngx_lookout_jwks_t *: the keys of OAuth issuers */
    ngx_array_t logs;      /* of ngx_log_t *: see ngx_lookout_mask.c */
    ngx_str_t files_path;  /* the first of the servers' */
    ngx_str_t scoped_path; /* the same */
    ngx_flag_t admin;      /* some location makes scoped servers */
} ngx_lookout_main_conf_t;

/* See ngx_lookout_oauth.h. */
typedef struct ngx_lookout_oauth_s ngx_lookout_oauth_t;

/* Where a server{} has what: for links, and for messages that show the way. Empty: nowhere. */
typedef struct {
    ngx_str_t mcp_path;
    ngx_str_t scoped_path; /* before "/TOKEN" */
    ngx_str_t token_path;
    ngx_str_t files_path;  /* without its closing slash */
    ngx_array_t resources; /* of ngx_lookout_loc_conf_t *: the MCP locations with a path */
} ngx_lookout_srv_conf_t;

typedef struct {
    ngx_str_t catalog;
    ngx_str_t key_file;
    ngx_str_t state; /* the folder of jobs.db and fs/ */
    ngx_str_t
        public_url; /* what clients call this server, scheme://host; empty: as they asked */
    ngx_flag_t auth;
    time_t token_ttl;
    ngx_flag_t structured_content;
    ngx_str_t thread_pool;
    ngx_msec_t query_timeout;
    size_t query_memory;
    size_t result_cache;
    ngx_msec_t slice;
    ngx_msec_t render_timeout;
    ngx_msec_t
        stream_keepalive; /* of silence, until a client that takes a stream hears a comment */
    time_t link_ttl;      /* of the links to files */
    time_t files_max_age; /* since a file's last use */
    off_t files_max_size; /* of all of them */
    ngx_flag_t scoped;    /* lookout_mcp scoped: the path's rest is a server's token */
    ngx_str_t admin_key_file;
    ngx_lookout_key_t *admin_key;
    ngx_flag_t audit;          /* $lookout_audit has a line for each message */
    ngx_array_t *allow_origin; /* of ngx_str_t; NULL: none but the server's own */
    ngx_str_t oauth_issuer;    /* data NULL: not said; len 0: off */
    ngx_str_t oauth_jwks;
    ngx_array_t *oauth_audience; /* of lookout_str_t; NULL: the resource's URL */
    ngx_array_t *oauth_scope;    /* of lookout_str_t; NULL: none is asked for */

    ngx_http_handler_pt handler; /* what the location is; NULL: none of ours */
    ngx_uint_t rate;             /* of lookout_error_page: requests a minute; 0: not said */
    ngx_lookout_engine_t *engine;
    ngx_lookout_key_t *key;
    ngx_lookout_oauth_t *oauth; /* of an MCP location with an issuer; NULL: none */
} ngx_lookout_loc_conf_t;

/* Who calls; see ngx_lookout_access.h. The texts live in the request's pool. */
typedef enum {
    NGX_LOOKOUT_WHO_UNASKED = 0,
    NGX_LOOKOUT_WHO_GOOD,
    NGX_LOOKOUT_WHO_NOBODY, /* no token was sent */
    NGX_LOOKOUT_WHO_INVALID,
    NGX_LOOKOUT_WHO_EXPIRED,
    NGX_LOOKOUT_WHO_FORBIDDEN,  /* known, but without the scope that is needed */
    NGX_LOOKOUT_WHO_SECOND,     /* the path's token is good, and a bearer token is wanted too */
    NGX_LOOKOUT_WHO_UNAVAILABLE /* it cannot be found out now */
} ngx_lookout_who_e;

typedef struct {
    ngx_lookout_who_e state;
    ngx_uint_t asked; /* state is final */
    ngx_uint_t waits; /* for the store of scoped servers, so far */
    ngx_str_t caller; /* of a known one: a name that no other caller has; empty: anybody */
    ngx_str_t why; /* of another: what is wrong, fit for a header; empty: the state says it */
    lookout_arena_t *arena; /* of scope; freed with the request */
    lookout_scope_t *scope; /* what it may see; NULL: all */
} ngx_lookout_who_t;

/* What the log's variables say of a request. The texts live in the request's pool. */
typedef struct {
    ngx_str_t method;
    ngx_str_t tool;
    ngx_str_t error;
    ngx_str_t path; /* as it came, if a token in it was masked since; empty: unparsed_uri */
    ngx_lookout_who_t who;
    ngx_uint_t manifest; /* of a scoped server: what is asked for is its manifest */
    ngx_str_t scope;     /* the scoped server that it came through; empty: none */
    ngx_str_t audit;     /* lines of JSON, without the last newline */
    int64_t rows;        /* -1: none */
} ngx_lookout_ctx_t;

extern ngx_module_t ngx_lookout_module;

/* ngx_lookout_conf.c: setters of directives. */

/* The range of a number that a directive takes, in the unit it is stored in. */
typedef struct {
    ngx_conf_post_handler_pt post_handler;
    uintmax_t min;
    uintmax_t max;
    size_t size;      /* of the stored number */
    const char *hint; /* the range in words */
} ngx_lookout_bounds_t;

char *ngx_lookout_mcp_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_manifest_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_token_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_files_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_servers_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_metrics_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_healthz_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_readyz_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_error_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_path(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_size_or_off(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_origins(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_public_url(ngx_conf_t *cf, void *post, void *data);
char *ngx_lookout_bounds(ngx_conf_t *cf, void *post, void *data);
ngx_int_t ngx_lookout_state_path(ngx_conf_t *cf, ngx_lookout_loc_conf_t *llcf);

/* ngx_lookout_worker.c: engines at configuration time and in the worker's life. */
ngx_lookout_engine_t *ngx_lookout_engine_for(ngx_conf_t *cf, ngx_lookout_loc_conf_t *llcf);
ngx_lookout_key_t *ngx_lookout_key_for(ngx_conf_t *cf, ngx_str_t *path);
void ngx_lookout_states_make(ngx_cycle_t *cycle, ngx_lookout_main_conf_t *lmcf);
ngx_int_t ngx_lookout_keys_load(ngx_conf_t *cf);
void ngx_lookout_engines_start(ngx_cycle_t *cycle, ngx_lookout_main_conf_t *lmcf);
void ngx_lookout_engines_stop(ngx_lookout_main_conf_t *lmcf);

/* A session for the calling thread, NULL without memory; to be given back. Thread-safe. */
lookout_session_t *ngx_lookout_session_take(ngx_lookout_engine_t *engine);
void ngx_lookout_session_give(ngx_lookout_engine_t *engine, lookout_session_t *session);

/* Logs what is wrong with an engine's files, once. Event loop only. */
void ngx_lookout_trouble(ngx_lookout_engine_t *engine, const char *what, ngx_log_t *log);

/* The handlers, one a location (named after the directive that sets it). */
ngx_int_t ngx_lookout_mcp_handler(ngx_http_request_t *r);
ngx_int_t ngx_lookout_token_handler(ngx_http_request_t *r);
ngx_int_t ngx_lookout_manifest_handler(ngx_http_request_t *r);
ngx_int_t ngx_lookout_files_handler(ngx_http_request_t *r);
ngx_int_t ngx_lookout_error_handler(ngx_http_request_t *r);
ngx_int_t ngx_lookout_servers_handler(ngx_http_request_t *r);
ngx_int_t ngx_lookout_metrics_handler(ngx_http_request_t *r);
ngx_int_t ngx_lookout_healthz_handler(ngx_http_request_t *r);
ngx_int_t ngx_lookout_readyz_handler(ngx_http_request_t *r);
ngx_int_t ngx_lookout_oauth_metadata_handler(ngx_http_request_t *r);

/* Sets exchange->files_url when some location serves files. */
ngx_int_t ngx_lookout_files_url(ngx_http_request_t *r, lookout_exchange_t *exchange);

/* ngx_lookout_http.c: what the handlers have in common. */

/* The request's context, made when there is none; NULL without memory. */
ngx_lookout_ctx_t *ngx_lookout_ctx(ngx_http_request_t *r);

/* The context that the request had before nginx sent it to another location, where modules begin
 * anew; NULL: none. For what logs say: who may do what is decided anew, too. */
const ngx_lookout_ctx_t *ngx_lookout_ctx_before(ngx_http_request_t *r);

/* A request header by name, any case; {NULL, 0} when it was not sent. `data` is the request. */
lookout_str_t ngx_lookout_header_in(void *data, const char *name);

/* What clients call this server, scheme://host[:port]; data NULL without memory. */
ngx_str_t ngx_lookout_base_url(ngx_http_request_t *r);

/* Adds a response header; value is not copied. NULL without memory. */
ngx_table_elt_t *
ngx_lookout_header_out(ngx_http_request_t *r, const char *name, ngx_str_t value);

/* A text buffer that is freed with the request; NULL without memory. */
lookout_buf_t *ngx_lookout_request_buf(ngx_http_request_t *r);

/* The request's body as one text in the arena: it may have come in several buffers, or lie in a
 * file. NGX_DECLINED: it has more than `max` bytes. */
ngx_int_t ngx_lookout_body(ngx_http_request_t *r, lookout_arena_t *arena, size_t max,
                           lookout_str_t *body);

/* Sends headers and a body that lives as long as the request; len 0: headers alone. Returns what the handler is
 * to return, or to finalize the request with. */
ngx_int_t ngx_lookout_reply(ngx_http_request_t *r, ngx_uint_t status, const char *type,
                            lookout_str_t body);

/* A refusal: a JSON-RPC error, or a page for a person whose browser asks for HTML. The request's
 * body is discarded. `error` is for the log. */
ngx_int_t ngx_lookout_refuse(ngx_http_request_t *r, ngx_uint_t status, const char *error,
                             const char *format, ...);

/* The methods of a location: OPTIONS (204) and what it does not have (405). `methods` is a mask of
 * NGX_HTTP_GET ..., `allow` the Allow header's value. NGX_DECLINED: go on; else the request is
 * answered. */
ngx_int_t ngx_lookout_methods(ngx_http_request_t *r, ngx_uint_t methods, const char *allow);

/* The same after a look at Origin (403), with CORS headers for one that is allowed. */
ngx_int_t ngx_lookout_gatekeeper(ngx_http_request_t *r, ngx_uint_t methods, const char *allow);

/* ngx_lookout_access.c: may this caller call? NGX_DECLINED: yes; else what to answer with. */
ngx_int_t ngx_lookout_authorize(ngx_http_request_t *r);

/* ngx_lookout_thread.c: work on a thread pool. */

typedef struct ngx_lookout_task_s ngx_lookout_task_t;

/* Runs work(data) on a thread and then done(data) on the event loop, once, whatever becomes of the request meanwhile. Keeps the worker
 * from exiting before. NGX_ERROR when the queue is full. `task` belongs to the caller and lives until done. */
struct ngx_lookout_task_s {
    ngx_thread_task_t task;
    void (*work)(void *data);
    void (*done)(void *data);
    void *data;
};

ngx_int_t
ngx_lookout_thread_post(ngx_lookout_task_t *task, ngx_thread_pool_t *pool, ngx_log_t *log);

/* ngx_lookout_scoped.c: what a caller may use of the surfaces, copied into the exchange. */
ngx_int_t ngx_lookout_permit(ngx_http_request_t *r, lookout_exchange_t *exchange);

/* Finds the server of the token in a scoped location's path, and strikes out the path there. A
 * handler of the rewrite phase. */
ngx_int_t ngx_lookout_scoped_rewrite(ngx_http_request_t *r);

/* The tools of a scoped server as a document, for who may use it. */
ngx_int_t ngx_lookout_scoped_manifest(ngx_http_request_t *r);

/* ngx_lookout_mask.c: keeps tokens out of nginx's logs, from the time that the configuration has
 * been read, and from the time that its logs are open. */
ngx_int_t ngx_lookout_mask_configure(ngx_conf_t *cf);
void ngx_lookout_mask_start(ngx_lookout_main_conf_t *lmcf);

/* ngx_lookout_sweep.c: begins an engine's housekeeping in this worker. */
ngx_int_t ngx_lookout_sweep_start(ngx_cycle_t *cycle, ngx_lookout_engine_t *engine);

/* ngx_lookout_variables.c: $lookout_method, $lookout_tool, $lookout_error, $lookout_rows,
 * $lookout_caller, $lookout_scope, $lookout_audit. */
ngx_int_t ngx_lookout_variables_add(ngx_conf_t *cf);

#endif
