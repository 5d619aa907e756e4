/*
 * Accounting: what the records of an exchange tell is counted, and written as the audit trail's
 * lines, one a message, which nginx's own log then takes ($lookout_audit). A client that is
 * answered early, or that leaves, is accounted for at that moment, once.
 */

#include "ngx_lookout_job.h"
#include "ngx_lookout_metrics.h"


/* The lines live in the request's memory: the job may be freed first. */
static void
ngx_lookout_account_lines(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    lookout_str_t text;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const lookout_record_t *record;
    ngx_time_t *now = ngx_timeofday();
    ngx_lookout_ctx_t *ctx = ngx_lookout_ctx(r);

    for (record = job->exchange.records; ctx != NULL && record != NULL; record = record->next) {
        lookout_record_json(
            &b, record, (int64_t) now->sec * 1000 + now->msec,
            (lookout_str_t){ (char *) ctx->who.caller.data, ctx->who.caller.len },
            (lookout_str_t){ (char *) ctx->scope.data, ctx->scope.len });
    }

    text = lookout_buf_text(&b);
    if (text.len > 1 && (ctx->audit.data = ngx_pnalloc(r->pool, text.len)) != NULL) {
        ctx->audit.len = text.len - 1; /* the log ends its lines itself */
        ngx_memcpy(ctx->audit.data, text.data, text.len);
    }
    lookout_buf_free(&b);
}


void
ngx_lookout_account(ngx_lookout_job_t *job, ngx_http_request_t *r)
{
    const lookout_record_t *record;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (job->accounted) {
        return;
    }
    job->accounted = 1;

    for (record = job->exchange.records; record != NULL; record = record->next) {
        ngx_lookout_metrics_record(record);
    }
    if (llcf->audit) {
        ngx_lookout_account_lines(job, r);
    }
}


void
ngx_lookout_account_early(ngx_lookout_job_t *job, ngx_http_request_t *r, const char *error)
{
    lookout_record_t *record = job->accounted ? NULL : lookout_mcp_record(&job->exchange);

    if (record != NULL) {
        record->detached = 1;
        record->bytes = (int64_t) job->exchange.early.len;
        record->error = lookout_str(error);
    }
    ngx_lookout_account(job, r);
}
