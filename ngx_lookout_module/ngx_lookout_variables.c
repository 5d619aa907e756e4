/*
 * What the access log can say of a call: variables over the request's context.
 */

#include "ngx_lookout_access.h"


static ngx_int_t
ngx_lookout_variable_text(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t offset)
{
    ngx_str_t *text;
    ngx_lookout_ctx_t *ctx = ngx_http_get_module_ctx(r, ngx_lookout_module);

    text = ctx == NULL ? NULL : (ngx_str_t *) ((char *) ctx + offset);
    if (text == NULL || text->len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = text->data;
    v->len = text->len;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    return NGX_OK;
}


/* $lookout_caller and $lookout_scope, by `offset`. Also for the limits, which ask before the
 * handler does: then it is found out now. */
static ngx_int_t
ngx_lookout_variable_who(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t offset)
{
    return ngx_lookout_who(r) == NULL ? NGX_ERROR : ngx_lookout_variable_text(r, v, offset);
}


static ngx_int_t
ngx_lookout_variable_rows(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t unused)
{
    ngx_lookout_ctx_t *ctx = ngx_http_get_module_ctx(r, ngx_lookout_module);

    (void) unused;

    if (ctx == NULL || ctx->rows < 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (v->data == NULL) {
        return NGX_ERROR;
    }
    v->len = ngx_sprintf(v->data, "%L", ctx->rows) - v->data;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    return NGX_OK;
}


static ngx_http_variable_t ngx_lookout_variables[] = {
    { ngx_string("lookout_method"), NULL, ngx_lookout_variable_text,
      offsetof(ngx_lookout_ctx_t, method), NGX_HTTP_VAR_NOCACHEABLE, 0 },
    { ngx_string("lookout_tool"), NULL, ngx_lookout_variable_text,
      offsetof(ngx_lookout_ctx_t, tool), NGX_HTTP_VAR_NOCACHEABLE, 0 },
    { ngx_string("lookout_error"), NULL, ngx_lookout_variable_text,
      offsetof(ngx_lookout_ctx_t, error), NGX_HTTP_VAR_NOCACHEABLE, 0 },
    { ngx_string("lookout_caller"), NULL, ngx_lookout_variable_who,
      offsetof(ngx_lookout_ctx_t, who.caller), NGX_HTTP_VAR_NOCACHEABLE, 0 },
    { ngx_string("lookout_scope"), NULL, ngx_lookout_variable_who,
      offsetof(ngx_lookout_ctx_t, scope), NGX_HTTP_VAR_NOCACHEABLE, 0 },
    { ngx_string("lookout_audit"), NULL, ngx_lookout_variable_text,
      offsetof(ngx_lookout_ctx_t, audit), NGX_HTTP_VAR_NOCACHEABLE, 0 },
    { ngx_string("lookout_rows"), NULL, ngx_lookout_variable_rows, 0, NGX_HTTP_VAR_NOCACHEABLE,
      0 },
    ngx_http_null_variable
};


ngx_int_t
ngx_lookout_variables_add(ngx_conf_t *cf)
{
    ngx_http_variable_t *var, *v;

    for (v = ngx_lookout_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }
        var->get_handler = v->get_handler;
        var->data = v->data;
    }
    return NGX_OK;
}
