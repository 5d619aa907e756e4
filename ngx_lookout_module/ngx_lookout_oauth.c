/*
 * OAuth in a worker: access tokens are checked, refusals show the way to the issuer, and the
 * metadata say it once more for clients that look before they call.
 *
 * The issuer is never asked. Its keys come from a file that the operator refreshes; each worker
 * looks at the file before each token, which is one stat(2), so new keys are good at once and
 * everywhere. What is wrong with it is logged when it is seen first, not for each token.
 *
 * Where an issuer is set, the tokens that this server mints for everyone are not accepted: they
 * would be a way around the issuer.
 */

#include "ngx_lookout_oauth.h"

#include <ctype.h>

/* A caller's name is "oauth:", the issuer's tag, ":", and a subject of at most so many
 * characters: 64 in all. */
#define NGX_LOOKOUT_SUBJECT_MAX 48


/* Reads the keys again if they are others, and logs what came of it. */
static void
ngx_lookout_jwks_refresh(ngx_lookout_jwks_t *jwks, ngx_log_t *log)
{
    const char *why;
    lookout_jwks_news_e news = lookout_jwks_file_refresh(jwks->file);
    const lookout_jwks_t *keys = lookout_jwks_file_keys(jwks->file);

    why = lookout_jwks_file_why(jwks->file);
    switch (news) {
    case LOOKOUT_JWKS_LOADED:
        ngx_log_error(NGX_LOG_NOTICE, log, 0, "lookout: %uz OAuth keys of \"%V\" are in use",
                      lookout_jwks_count(keys), &jwks->path);
        if (*why != '\0') {
            ngx_log_error(NGX_LOG_WARN, log, 0, "lookout: %s", why);
        }
        break;

    case LOOKOUT_JWKS_BROKEN:
        ngx_log_error(NGX_LOG_ERR, log, 0, "lookout: %s; %s", why,
                      keys != NULL ? "the OAuth keys read before stay in use"
                                   : "access tokens get 503 until it is mended");
        break;

    case LOOKOUT_JWKS_SAME:
        break;
    }
}


void
ngx_lookout_oauth_start(ngx_cycle_t *cycle, ngx_lookout_main_conf_t *lmcf)
{
    ngx_uint_t i;
    ngx_lookout_jwks_t **all = lmcf->jwks.elts;

    for (i = 0; i < lmcf->jwks.nelts; i++) {
        all[i]->cache = lookout_jwt_cache_create(LOOKOUT_JWT_CACHE_ENTRIES);
        all[i]->file = lookout_jwks_file_create((char *) all[i]->path.data);
        if (all[i]->file != NULL) {
            ngx_lookout_jwks_refresh(all[i], cycle->log);
        }
    }
}


void
ngx_lookout_oauth_stop(ngx_lookout_main_conf_t *lmcf)
{
    ngx_uint_t i;
    ngx_lookout_jwks_t **all = lmcf->jwks.elts;

    for (i = 0; i < lmcf->jwks.nelts; i++) {
        lookout_jwks_file_destroy(all[i]->file);
        lookout_jwt_cache_destroy(all[i]->cache);
        all[i]->file = NULL;
        all[i]->cache = NULL;
    }
}


/* A subject that stands in the name as it is: short, printable, and not to be taken for one
 * that does not. */
static ngx_uint_t
ngx_lookout_subject_fits(lookout_str_t text)
{
    size_t i;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~' || text.data[i] == '"'
            || text.data[i] == '\\') {
            return 0;
        }
    }
    return text.len <= NGX_LOOKOUT_SUBJECT_MAX && isalnum((u_char) text.data[0]);
}


/*
 * A name that no other caller has:
 *
 *     oauth:TAG:ann          the subject
 *     oauth:TAG:@agent       no subject, a client
 *     oauth:TAG:?#3f5a...    neither: the token
 *
 * Of a text that would not stand well in logs and headers, and of a token, there is the hash
 * behind a #.
 */
static ngx_int_t
ngx_lookout_oauth_caller(ngx_http_request_t *r, const ngx_lookout_oauth_t *oauth,
                         lookout_str_t token, const lookout_jwt_claims_t *claims,
                         ngx_str_t *caller)
{
    u_char *p;
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    ngx_uint_t fits;
    lookout_str_t text = claims->subject.len != 0     ? claims->subject
                         : claims->client_id.len != 0 ? claims->client_id
                                                      : token;

    p = ngx_pnalloc(r->pool,
                    sizeof("oauth:") + sizeof(oauth->tag) + NGX_LOOKOUT_SUBJECT_MAX + 3);
    if (p == NULL) {
        return NGX_ERROR;
    }
    caller->data = p;
    p = ngx_cpymem(p, "oauth:", sizeof("oauth:") - 1);
    p = ngx_cpymem(p, oauth->tag, sizeof(oauth->tag));
    *p++ = ':';
    fits = text.data != token.data && ngx_lookout_subject_fits(text);
    if (claims->subject.len == 0) {
        *p++ = text.data == token.data ? '?' : '@';
    }
    if (fits) {
        p = ngx_cpymem(p, text.data, text.len);
    } else {
        lookout_sha256(text, digest);
        *p++ = '#';
        p = ngx_hex_dump(p, digest, 16);
    }
    caller->len = p - caller->data;
    return NGX_OK;
}


static ngx_lookout_who_e
ngx_lookout_oauth_state(lookout_jwt_reason_e reason)
{
    switch (reason) {
    case LOOKOUT_JWT_GOOD:
        return NGX_LOOKOUT_WHO_GOOD;
    case LOOKOUT_JWT_EXPIRED:
        return NGX_LOOKOUT_WHO_EXPIRED;
    case LOOKOUT_JWT_SCOPE:
        return NGX_LOOKOUT_WHO_FORBIDDEN;
    case LOOKOUT_JWT_UNAVAILABLE:
        return NGX_LOOKOUT_WHO_UNAVAILABLE;
    default:
        return NGX_LOOKOUT_WHO_INVALID;
    }
}


/* What of the verdict outlives the arena: the reason of a refusal, the name of who is known. */
static ngx_int_t
ngx_lookout_oauth_keep(ngx_http_request_t *r, const ngx_lookout_oauth_t *oauth,
                       lookout_str_t token, const lookout_jwt_claims_t *claims,
                       const lookout_jwt_refusal_t *refusal, ngx_lookout_who_t *who)
{
    size_t len = strlen(refusal->message);

    if (len != 0) {
        who->why.data = ngx_pnalloc(r->pool, len);
        if (who->why.data == NULL) {
            return NGX_ERROR;
        }
        ngx_memcpy(who->why.data, refusal->message, len);
        who->why.len = len;
    }
    return refusal->reason == LOOKOUT_JWT_GOOD || refusal->reason == LOOKOUT_JWT_SCOPE
               ? ngx_lookout_oauth_caller(r, oauth, token, claims, &who->caller)
               : NGX_OK;
}


void
ngx_lookout_oauth_who(ngx_http_request_t *r, const ngx_lookout_oauth_t *oauth,
                      lookout_str_t token, ngx_lookout_who_t *who)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_jwt_rules_t rules = oauth->rules;
    lookout_jwt_claims_t claims;
    lookout_jwt_refusal_t refusal;

    who->state = NGX_LOOKOUT_WHO_UNAVAILABLE;
    if (arena == NULL || oauth->jwks->file == NULL) {
        lookout_arena_destroy(arena);
        return;
    }

    ngx_lookout_jwks_refresh(oauth->jwks, r->connection->log);
    rules.now = ngx_time();
    (void) lookout_jwt_verify(arena, lookout_jwks_file_keys(oauth->jwks->file),
                              oauth->jwks->cache, token, &rules, &claims, &refusal);

    if (ngx_lookout_oauth_keep(r, oauth, token, &claims, &refusal, who) == NGX_OK) {
        who->state = ngx_lookout_oauth_state(refusal.reason);
    }
    lookout_arena_destroy(arena);
}


/* The challenge of RFC 6750, section 3. Who sent no token, or shows something else instead,
 * made no error. */
static ngx_int_t
ngx_lookout_oauth_challenge_out(ngx_http_request_t *r, const ngx_lookout_oauth_t *oauth,
                                const ngx_lookout_who_t *who)
{
    ngx_str_t value = oauth->challenge;
    const char *error =
        who->state == NGX_LOOKOUT_WHO_FORBIDDEN ? "insufficient_scope" : "invalid_token";

    if (who->why.len != 0) {
        value.data = ngx_pnalloc(r->pool, value.len + who->why.len + 64);
        if (value.data == NULL) {
            return NGX_ERROR;
        }
        value.len = ngx_sprintf(value.data, "%V, error=\"%s\", error_description=\"%V\"",
                                &oauth->challenge, error, &who->why)
                    - value.data;
    }
    r->headers_out.www_authenticate = ngx_lookout_header_out(r, "WWW-Authenticate", value);
    return r->headers_out.www_authenticate == NULL ? NGX_ERROR : NGX_OK;
}


ngx_int_t
ngx_lookout_oauth_refuse(ngx_http_request_t *r, const ngx_lookout_oauth_t *oauth,
                         const ngx_lookout_who_t *who)
{
    lookout_str_t issuer = oauth->rules.issuer;
    ngx_str_t why = who->why, from = { issuer.len, (u_char *) issuer.data };
    static const ngx_str_t none = ngx_string("this server wants an access token");
    static const ngx_str_t other = ngx_string("the Authorization header has no bearer token");

    if (why.len == 0) {
        why = who->state == NGX_LOOKOUT_WHO_INVALID ? other : none;
    }
    if (ngx_lookout_oauth_challenge_out(r, oauth, who) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (who->state == NGX_LOOKOUT_WHO_FORBIDDEN) {
        return ngx_lookout_refuse(r, NGX_HTTP_FORBIDDEN, "403",
                                  "Forbidden: %V. The issuer, %V, grants scopes", &why, &from);
    }
    return ngx_lookout_refuse(r, NGX_HTTP_UNAUTHORIZED, "401",
                              "Unauthorized: %V. Tokens for %V come from its OAuth issuer, %V; "
                              "send one in the header \"Authorization: Bearer TOKEN\"",
                              &why, &oauth->resource, &from);
}


/* Whose metadata stand at this address? Behind the well-known part comes the path of an
 * endpoint, or nothing: the server's first that has an issuer. */
static const ngx_lookout_oauth_t *
ngx_lookout_oauth_asked(ngx_http_request_t *r)
{
    u_char *path;
    size_t len, known = sizeof(NGX_LOOKOUT_WELL_KNOWN) - 1;
    ngx_uint_t i;
    ngx_lookout_loc_conf_t **resources;
    ngx_lookout_srv_conf_t *lscf = ngx_http_get_module_srv_conf(r, ngx_lookout_module);

    if (r->uri.len < known || ngx_strncmp(r->uri.data, NGX_LOOKOUT_WELL_KNOWN, known) != 0) {
        return NULL;
    }
    path = r->uri.data + known;
    len = r->uri.len - known;
    resources = lscf->resources.elts;
    for (i = 0; i < lscf->resources.nelts; i++) {
        const ngx_lookout_oauth_t *oauth = resources[i]->oauth;

        if (oauth != NULL
            && (len == 0
                || (len == oauth->path.len && ngx_strncmp(path, oauth->path.data, len) == 0))) {
            return oauth;
        }
    }
    return NULL;
}


ngx_int_t
ngx_lookout_oauth_metadata_handler(ngx_http_request_t *r)
{
    ngx_int_t rc;
    const ngx_lookout_oauth_t *oauth;
    static ngx_str_t cache = ngx_string("public, max-age=300");

    rc = ngx_lookout_gatekeeper(r, NGX_HTTP_GET | NGX_HTTP_HEAD, "GET, HEAD, OPTIONS");
    if (rc != NGX_DECLINED) {
        return rc;
    }

    oauth = ngx_lookout_oauth_asked(r);
    if (oauth == NULL) {
        return ngx_lookout_refuse(
            r, NGX_HTTP_NOT_FOUND, "404",
            "Not found: no OAuth issuer is set for this address, so there "
            "are no metadata of it");
    }
    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }
    if (ngx_lookout_header_out(r, "Cache-Control", cache) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_lookout_reply(
        r, NGX_HTTP_OK, "application/json",
        (lookout_str_t){ (char *) oauth->document.data, oauth->document.len });
}
