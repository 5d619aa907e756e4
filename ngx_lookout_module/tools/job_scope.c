/*
 * Whether a job is shown is asked of the catalogue and the scope as they are now: a view that
 * has left the scope since, or a filter that was changed, takes the older jobs along.
 */

#include "job_scope.h"

#include "policy.h"


static lookout_code_e
policy_now(lookout_call_t *call, lookout_str_t view_id, lookout_str_t *policy)
{
    lookout_code_e code;
    lookout_view_t view;
    lookout_filters_t limits;
    lookout_catalog_t *catalog;
    lookout_datasource_t source;

    code = lookout_session_catalog(call, &catalog);
    call->cacheable = false;
    if (code == LOOKOUT_OK) {
        code = lookout_catalog_view(catalog, call->arena, view_id, &view, &call->error);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_catalog_datasource(catalog, call->arena, view.datasource_id, &source,
                                          &call->error);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_policy_filters(call, &source, &limits);
    }
    if (code == LOOKOUT_OK) {
        *policy = lookout_policy_name(call->arena, limits);
        code = policy->data == NULL ? lookout_fail_memory(&call->error) : LOOKOUT_OK;
    }
    return code;
}


lookout_code_e
lookout_job_shown(lookout_call_t *call, lookout_str_t view_id, lookout_str_t policy,
                  bool *shown)
{
    lookout_code_e code;
    lookout_str_t now;

    *shown = policy.len == 0;
    if (!lookout_policy_limits(call)) {
        return LOOKOUT_OK;
    }
    code = policy_now(call, view_id, &now);
    *shown = code == LOOKOUT_OK && lookout_str_eq(now, policy);
    if (code == LOOKOUT_VIEW_NOT_FOUND || code == LOOKOUT_DATASOURCE_NOT_FOUND) {
        call->error = (lookout_error_t){ .code = LOOKOUT_OK };
        return LOOKOUT_OK;
    }
    return code;
}


lookout_code_e
lookout_job_find(lookout_view_job_t *vj, lookout_str_t id)
{
    bool shown;
    lookout_code_e code;
    lookout_str_t policy;
    lookout_call_t *call = vj->call;
    lookout_job_kind_e kind = vj->kind->kind;

    code = lookout_jobs_get(vj->jobs, call->arena, kind, id, &vj->job, &call->error);
    if (code == lookout_job_kinds[kind].unknown && lookout_policy_limits(call)) {
        return lookout_jobs_unknown(call->arena, kind, id, &call->error);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    policy = lookout_json_member(vj->job.request.inputs, LOOKOUT_JOB_POLICY);
    if (policy.len >= 2) { /* it is base64url: without its quotes it is the text */
        policy = (lookout_str_t){ policy.data + 1, policy.len - 2 };
    }
    code = lookout_job_shown(call, vj->job.request.view_id, policy, &shown);
    return code == LOOKOUT_OK && !shown
               ? lookout_jobs_unknown(call->arena, kind, id, &call->error)
               : code;
}
