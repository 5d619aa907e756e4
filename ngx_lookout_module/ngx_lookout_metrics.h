/*
 * What is counted, over all workers: see ngx_lookout_metrics.c. Without a zone (no location of
 * the kind that needs one) the calls do nothing.
 */

#ifndef NGX_LOOKOUT_METRICS_H
#define NGX_LOOKOUT_METRICS_H

#include "ngx_lookout_module.h"

/* At configuration time: the shared memory. */
ngx_int_t ngx_lookout_metrics_zone(ngx_conf_t *cf);

/* A worker begins, or ends. */
void ngx_lookout_metrics_worker(ngx_uint_t begins);

/* So many tasks more, or less, are with this worker's threads. */
void ngx_lookout_metrics_tasks(ngx_int_t more);

/* A handler of the log phase: counts the response of one of Lookout's locations by its status. */
ngx_int_t ngx_lookout_metrics_status(ngx_http_request_t *r);

/* A message that has come to its end. */
void ngx_lookout_metrics_record(const lookout_record_t *record);

#endif
