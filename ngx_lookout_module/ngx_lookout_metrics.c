/*
 * Counters in shared memory, and the page that shows them in Prometheus' text format. All workers
 * add to the same numbers, atomically, so a scrape of any worker tells of all of them; they live
 * on over a reload. What a worker has in hand (tasks with its threads) is in a slot of its own,
 * which begins at zero with the next process that gets it, and counts while its process lives.
 */

#include "ngx_lookout_metrics.h"

/* Upper bounds of the durations that are told apart, in us; beyond the last: +Inf. */
static const ngx_uint_t ngx_lookout_bounds_us[] = { 500,    1000,   2500,    5000,
                                                    10000,  25000,  50000,   100000,
                                                    250000, 500000, 1000000, 5000000 };

#define NGX_LOOKOUT_BUCKETS                                                                    \
    (sizeof(ngx_lookout_bounds_us) / sizeof(ngx_lookout_bounds_us[0]) + 1)
#define NGX_LOOKOUT_TOOLS 192 /* counted apart; the first of them is for what is no tool call */
#define NGX_LOOKOUT_STATUSES 600
#define NGX_LOOKOUT_ZONE_SIZE (512 * 1024)

typedef struct {
    ngx_atomic_t calls;
    ngx_atomic_t cached;
    ngx_atomic_t rows;
    ngx_atomic_t bytes;
    ngx_atomic_t us;
    ngx_atomic_t buckets[NGX_LOOKOUT_BUCKETS];
    ngx_atomic_t errors[LOOKOUT_INTERNAL_ERROR + 1]; /* by code; 0: of the protocol */
} ngx_lookout_tally_t;

typedef struct {
    ngx_lookout_tally_t tools[NGX_LOOKOUT_TOOLS];
    ngx_atomic_t statuses[NGX_LOOKOUT_STATUSES];
    struct {
        ngx_atomic_t pid; /* 0: nobody's */
        ngx_atomic_t tasks;
    } workers[NGX_MAX_PROCESSES];
} ngx_lookout_counters_t;

static ngx_lookout_counters_t *ngx_lookout_counters;


static ngx_int_t
ngx_lookout_metrics_init(ngx_shm_zone_t *zone, void *old)
{
    ngx_slab_pool_t *pool = (ngx_slab_pool_t *) zone->shm.addr;

    if (old != NULL) {
        zone->data = old;
    } else if (zone->shm.exists) {
        zone->data = pool->data;
    } else {
        zone->data = ngx_slab_calloc(pool, sizeof(ngx_lookout_counters_t));
        pool->data = zone->data;
    }
    if (zone->data == NULL) {
        return NGX_ERROR;
    }
    ngx_lookout_counters = zone->data;
    return NGX_OK;
}


ngx_int_t
ngx_lookout_metrics_zone(ngx_conf_t *cf)
{
    ngx_shm_zone_t *zone;
    static ngx_str_t name = ngx_string("lookout_metrics");

    zone = ngx_shared_memory_add(cf, &name, NGX_LOOKOUT_ZONE_SIZE, &ngx_lookout_module);
    if (zone == NULL) {
        return NGX_ERROR;
    }
    zone->init = ngx_lookout_metrics_init;
    return NGX_OK;
}


void
ngx_lookout_metrics_worker(ngx_uint_t begins)
{
    ngx_uint_t slot = (ngx_uint_t) ngx_process_slot;

    if (ngx_lookout_counters != NULL && slot < NGX_MAX_PROCESSES) {
        ngx_lookout_counters->workers[slot].tasks = 0;
        ngx_lookout_counters->workers[slot].pid = begins ? (ngx_atomic_uint_t) ngx_pid : 0;
    }
}


void
ngx_lookout_metrics_tasks(ngx_int_t more)
{
    ngx_uint_t slot = (ngx_uint_t) ngx_process_slot;

    if (ngx_lookout_counters != NULL && slot < NGX_MAX_PROCESSES) {
        (void) ngx_atomic_fetch_add(&ngx_lookout_counters->workers[slot].tasks, more);
    }
}


/* As the access log has it: nginx's own refusals and clients that left are among them. */
ngx_int_t
ngx_lookout_metrics_status(ngx_http_request_t *r)
{
    ngx_uint_t status = r->err_status != 0 ? r->err_status : r->headers_out.status;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    if (ngx_lookout_counters != NULL && r == r->main && llcf->handler != NULL && status != 0
        && status < NGX_LOOKOUT_STATUSES) {
        (void) ngx_atomic_fetch_add(&ngx_lookout_counters->statuses[status], 1);
    }
    return NGX_OK;
}


void
ngx_lookout_metrics_record(const lookout_record_t *record)
{
    ngx_uint_t i, us = (ngx_uint_t) (record->ns / 1000);
    ngx_lookout_tally_t *tally;

    if (ngx_lookout_counters == NULL || record->tool + 1 >= NGX_LOOKOUT_TOOLS) {
        return;
    }
    tally = &ngx_lookout_counters->tools[record->tool + 1];

    for (i = 0; i < NGX_LOOKOUT_BUCKETS - 1 && us > ngx_lookout_bounds_us[i]; i++) { /* void */
    }
    (void) ngx_atomic_fetch_add(&tally->buckets[i], 1);
    (void) ngx_atomic_fetch_add(&tally->us, us);
    (void) ngx_atomic_fetch_add(&tally->calls, 1);
    (void) ngx_atomic_fetch_add(&tally->bytes, record->bytes);
    if (record->rows > 0) {
        (void) ngx_atomic_fetch_add(&tally->rows, record->rows);
    }
    if (record->cached) {
        (void) ngx_atomic_fetch_add(&tally->cached, 1);
    }
    if (record->error.len != 0) {
        (void) ngx_atomic_fetch_add(
            &tally->errors[record->code <= LOOKOUT_INTERNAL_ERROR ? record->code : 0], 1);
    }
}


/* One family's head. */
static void
ngx_lookout_metrics_head(lookout_buf_t *b, const char *name, const char *type, const char *help)
{
    lookout_buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}


/* A counter of each tool: `offset` says which. */
static void
ngx_lookout_metrics_by_tool(lookout_buf_t *b, const lookout_mcp_t *mcp, size_t offset,
                            const char *name, const char *help)
{
    ngx_uint_t i;
    const lookout_tool_t *tool;
    ngx_atomic_t *n;

    ngx_lookout_metrics_head(b, name, "counter", help);
    for (i = 0; i + 1 < NGX_LOOKOUT_TOOLS; i++) {
        tool = lookout_mcp_tool_at(mcp, i);
        if (tool == NULL) {
            break;
        }
        n = (ngx_atomic_t *) ((u_char *) &ngx_lookout_counters->tools[i + 1] + offset);
        lookout_buf_printf(b, "%s{tool=\"%s\"} %lu\n", name, tool->name, (unsigned long) *n);
    }
}


static void
ngx_lookout_metrics_errors(lookout_buf_t *b, const lookout_mcp_t *mcp)
{
    ngx_uint_t i, code;
    ngx_atomic_uint_t n;
    const lookout_tool_t *tool;

    ngx_lookout_metrics_head(b, "lookout_call_errors_total", "counter",
                             "Calls that ended with an error, by tool and code.");
    for (i = 0; i + 1 < NGX_LOOKOUT_TOOLS; i++) {
        tool = lookout_mcp_tool_at(mcp, i);
        if (tool == NULL) {
            break;
        }
        for (code = 0; code <= LOOKOUT_INTERNAL_ERROR; code++) {
            n = ngx_lookout_counters->tools[i + 1].errors[code];
            if (n != 0) {
                lookout_buf_printf(
                    b, "lookout_call_errors_total{tool=\"%s\",code=\"%s\"} %lu\n", tool->name,
                    code == 0 ? "protocol" : lookout_code_name((lookout_code_e) code),
                    (unsigned long) n);
            }
        }
    }
}


static void
ngx_lookout_metrics_durations(lookout_buf_t *b, const lookout_mcp_t *mcp)
{
    ngx_uint_t i, j;
    ngx_atomic_uint_t sum;
    const lookout_tool_t *tool;
    ngx_lookout_tally_t *tally;

    ngx_lookout_metrics_head(b, "lookout_call_duration_seconds", "histogram",
                             "From a call's arrival to its answer.");
    for (i = 0; i + 1 < NGX_LOOKOUT_TOOLS; i++) {
        tool = lookout_mcp_tool_at(mcp, i);
        if (tool == NULL) {
            break;
        }
        tally = &ngx_lookout_counters->tools[i + 1];
        for (j = 0, sum = 0; j < NGX_LOOKOUT_BUCKETS; j++) {
            sum += tally->buckets[j];
            lookout_buf_printf(b, "lookout_call_duration_seconds_bucket{tool=\"%s\",le=\"",
                               tool->name);
            if (j < NGX_LOOKOUT_BUCKETS - 1) {
                lookout_buf_printf(b, "%g", (double) ngx_lookout_bounds_us[j] / 1e6);
            } else {
                lookout_buf_puts(b, "+Inf");
            }
            lookout_buf_printf(b, "\"} %lu\n", (unsigned long) sum);
        }
        lookout_buf_printf(b,
                           "lookout_call_duration_seconds_sum{tool=\"%s\"} %.6f\n"
                           "lookout_call_duration_seconds_count{tool=\"%s\"} %lu\n",
                           tool->name, (double) tally->us / 1e6, tool->name,
                           (unsigned long) sum);
    }
}


/* Is the slot's worker there? One that was killed while it shut down had no chance to say so. */
static ngx_uint_t
ngx_lookout_metrics_lives(ngx_atomic_uint_t pid)
{
    return pid != 0 && (kill((pid_t) pid, 0) == 0 || ngx_errno != ESRCH);
}


/* What is not of a tool: the endpoint's other messages, HTTP, the workers. */
static void
ngx_lookout_metrics_server(lookout_buf_t *b)
{
    ngx_uint_t i, workers = 0;
    ngx_atomic_uint_t tasks = 0;
    ngx_lookout_counters_t *c = ngx_lookout_counters;

    ngx_lookout_metrics_head(b, "lookout_other_requests_total", "counter",
                             "JSON-RPC requests that are no tool calls.");
    lookout_buf_printf(b, "lookout_other_requests_total %lu\n",
                       (unsigned long) c->tools[0].calls);

    ngx_lookout_metrics_head(b, "lookout_http_responses_total", "counter",
                             "Responses of Lookout's locations, by status.");
    for (i = 0; i < NGX_LOOKOUT_STATUSES; i++) {
        if (c->statuses[i] != 0) {
            lookout_buf_printf(b, "lookout_http_responses_total{status=\"%lu\"} %lu\n",
                               (unsigned long) i, (unsigned long) c->statuses[i]);
        }
    }

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {
        if (ngx_lookout_metrics_lives(c->workers[i].pid)) {
            workers++;
            tasks += c->workers[i].tasks;
        }
    }
    ngx_lookout_metrics_head(b, "lookout_thread_tasks", "gauge",
                             "Tasks that threads are at work on or that wait for one.");
    lookout_buf_printf(b, "lookout_thread_tasks %lu\n", (unsigned long) tasks);
    ngx_lookout_metrics_head(b, "lookout_workers", "gauge", "Worker processes.");
    lookout_buf_printf(b, "lookout_workers %lu\n", (unsigned long) workers);
    ngx_lookout_metrics_head(b, "lookout_build_info", "gauge", "The version that runs.");
    lookout_buf_printf(b, "lookout_build_info{version=\"" NGX_LOOKOUT_VERSION
                          "\",nginx=\"" NGINX_VERSION "\"} 1\n");
}


ngx_int_t
ngx_lookout_metrics_handler(ngx_http_request_t *r)
{
    ngx_int_t rc;
    lookout_buf_t *b;
    const lookout_mcp_t *mcp;
    ngx_lookout_loc_conf_t *llcf = ngx_http_get_module_loc_conf(r, ngx_lookout_module);

    rc = ngx_lookout_methods(r, NGX_HTTP_GET | NGX_HTTP_HEAD, "GET, HEAD, OPTIONS");
    if (rc != NGX_DECLINED) {
        return rc;
    }
    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    mcp = llcf->engine->mcp;
    b = ngx_lookout_request_buf(r);
    if (mcp == NULL || b == NULL || ngx_lookout_counters == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

#define BY_TOOL(member, name, help)                                                            \
    ngx_lookout_metrics_by_tool(b, mcp, offsetof(ngx_lookout_tally_t, member), name, help)
    BY_TOOL(calls, "lookout_calls_total", "Calls of a tool.");
    BY_TOOL(cached, "lookout_cache_hits_total", "Calls that the result cache answered.");
    BY_TOOL(rows, "lookout_rows_total", "Rows in answers.");
    BY_TOOL(bytes, "lookout_reply_bytes_total", "Bytes of answers, without HTTP's own.");
#undef BY_TOOL
    ngx_lookout_metrics_errors(b, mcp);
    ngx_lookout_metrics_durations(b, mcp);
    ngx_lookout_metrics_server(b);

    return b->failed ? NGX_HTTP_INTERNAL_SERVER_ERROR
                     : ngx_lookout_reply(r, NGX_HTTP_OK, "text/plain; version=0.0.4",
                                         lookout_buf_text(b));
}
