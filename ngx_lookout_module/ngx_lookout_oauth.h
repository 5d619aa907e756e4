/*
 * OAuth, for those who have an issuer: this server as the resource of RFC 9728. An issuer's
 * access tokens (JWTs) open the endpoint in place of the server's own tokens, and clients are
 * told where to get one. See ngx_lookout_oauth.c.
 */

#ifndef NGX_LOOKOUT_OAUTH_H
#define NGX_LOOKOUT_OAUTH_H

#include "ngx_lookout_module.h"

#include "access/jwt.h"

/* Where metadata stand (RFC 9728, section 3.1); the path of the resource comes behind it. */
#define NGX_LOOKOUT_WELL_KNOWN "/.well-known/oauth-protected-resource"

/* A file of keys that some location names. Each worker reads it for itself. */
typedef struct {
    ngx_str_t path;
    lookout_jwks_file_t *file; /* both NULL: no memory when the worker started */
    lookout_jwt_cache_t *cache;
} ngx_lookout_jwks_t;

/* What a location asks of tokens, and says to those who have none. Made when the configuration
 * is read; the texts live as long as it. */
struct ngx_lookout_oauth_s {
    ngx_lookout_jwks_t *jwks;
    lookout_jwt_rules_t rules; /* without the time */
    ngx_str_t path;            /* of the location */
    ngx_str_t resource;        /* its URL */
    ngx_str_t document;        /* its metadata, JSON */
    ngx_str_t challenge;       /* Bearer resource_metadata="...", scope="..." */
    u_char tag[8];             /* of the issuer, in hex: subjects are its own to name */
};

/* ngx_lookout_oauth_conf.c: setters of directives. That of lookout_oauth_metadata is in
 * ngx_lookout_conf.c, with those of all handlers. */
char *ngx_lookout_oauth_issuer(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_oauth_audience(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_oauth_scope(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_lookout_oauth_metadata_location(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* Takes over what the block around said. */
void ngx_lookout_oauth_merge(ngx_lookout_loc_conf_t *prev, ngx_lookout_loc_conf_t *conf);

/* Makes conf->oauth of an MCP location when it has an issuer and wants tokens. What does not
 * fit together is an error of the configuration. */
char *ngx_lookout_oauth_prepare(ngx_conf_t *cf, ngx_http_core_loc_conf_t *clcf,
                                ngx_lookout_loc_conf_t *conf);

/* ngx_lookout_oauth.c. */

/* The keys in a worker's life. */
void ngx_lookout_oauth_start(ngx_cycle_t *cycle, ngx_lookout_main_conf_t *lmcf);
void ngx_lookout_oauth_stop(ngx_lookout_main_conf_t *lmcf);

/* Fills in who from a bearer token (not empty). */
void ngx_lookout_oauth_who(ngx_http_request_t *r, const ngx_lookout_oauth_t *oauth,
                           lookout_str_t token, ngx_lookout_who_t *who);

/* The answer to a caller that is not good: 401 or 403. */
ngx_int_t ngx_lookout_oauth_refuse(ngx_http_request_t *r, const ngx_lookout_oauth_t *oauth,
                                   const ngx_lookout_who_t *who);

#endif
