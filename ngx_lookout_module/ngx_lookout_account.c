/*
 * Accounting: what the records of an exchange tell is counted, and written as the audit trail's
 * lines, one a message, which nginx's own log then takes ($lookout_audit). A client that is
 * answered early, or that leaves, is accounted for at that moment, once.
 */

#include "ngx_lookout_job.h"
#include "ngx_lookout_metrics.h"


static void
ngx_lookout_account_line(lookout_buf_t *b, const lookout_record_t *record,
                         const ngx_lookout_ctx_t *ctx)
{
    ngx_time_t *now = ngx_timeofday();

    lookout_record_json(b, record, (int64_t) now->sec * 1000 + now->msec,
                        (lookout_str_t){ (char *) ctx->who.caller.data, ctx->who.caller.len },
                        (lookout_str_t){ (char *) ctx->scope.data, ctx->scope.len });
}


/* The lines live in the request's memory: the job may be freed first. */
static void
ngx_lookout_account_keep(ngx_http_request_t *r, ngx_lookout_ctx_t *ctx, lookout_str_t text)
{
    if (text.len > 1 && (ctx->audit.data = ngx_pnalloc(r->pool, text.len)) != NULL) {
        ctx->audit.len = text.len - 1; /* the log ends its lines itself */
        ngx_memcpy(ctx->audit.data, text.data, text.len);
    }
}


/* The request's context when its location has an audit trail, else NULL. */
static ngx_lookout_ctx_t *
ngx_lookout_account_audit(ngx_http_request_t *r)
{
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    return llcf->audit ? ngx_lookout_ctx(r) : NULL;
}


void
ngx_lookout_account(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const lookout_record_t *record;
    ngx_lookout_ctx_t *ctx = r == NULL ? NULL : ngx_lookout_account_audit(r);

    if (job->accounted) {
        return;
    }
    job->accounted = 1;

    for (record = job->exchange.records; record != NULL; record = record->next) {
        ngx_lookout_metrics_record(record);
        if (ctx != NULL) {
            ngx_lookout_account_line(&b, record, ctx);
        }
    }
    if (ctx != NULL) {
        ngx_lookout_account_keep(r, ctx, lookout_buf_text(&b));
    }
    lookout_buf_free(&b);
}


void
ngx_lookout_account_early(ngx_lookout_job_t *job, ngx_http_request_t *r, const char *error)
{
    size_t n = 0;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_record_t record;
    ngx_uint_t later = job->on_thread && job->exchange.batch; /* the thread will know more */
    ngx_lookout_ctx_t *ctx = ngx_lookout_account_audit(r);

    while (!job->accounted && lookout_mcp_record(&job->exchange, &n, &record)) {
        record.detached = job->on_thread;
        record.error = lookout_str(error);
        record.bytes = error[0] == '\0' ? (int64_t) job->exchange.early.len : 0;
        if (!later) {
            ngx_lookout_metrics_record(&record);
        }
        if (ctx != NULL) {
            ngx_lookout_account_line(&b, &record, ctx);
        }
    }
    if (ctx != NULL && !job->accounted) {
        ngx_lookout_account_keep(r, ctx, lookout_buf_text(&b));
    }
    job->accounted = !later;
    lookout_buf_free(&b);
}
