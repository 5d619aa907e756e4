/*
 * Housekeeping: soon after a worker has started, and every minute from then on, it has a thread
 * look whether files of renders and exports are too old or too many. The jobs see to it that one
 * worker does so at a time, so each may try.
 */

#include "ngx_lookout_module.h"

#include "jobs/jobs.h"

#define NGX_LOOKOUT_SWEEP_FIRST 2000  /* ms after the start */
#define NGX_LOOKOUT_SWEEP_EVERY 60000 /* ms */

/* What a worker keeps for an engine's sweeps, as long as it lives. */
typedef struct {
    ngx_lookout_engine_t *engine;
    ngx_event_t timer;
    ngx_lookout_task_t task;
    lookout_jobs_swept_t swept;
    char trouble[512]; /* empty: all went well */
} ngx_lookout_sweep_t;


/* On a thread. */
static void
ngx_lookout_sweep_work(void *data)
{
    lookout_error_t error;
    lookout_code_e code;
    lookout_watch_t watch = { .quit = &ngx_terminate };
    lookout_arena_t *arena = lookout_arena_create();
    ngx_lookout_sweep_t *sweep = data;
    lookout_session_t *session = ngx_lookout_session_take(sweep->engine);

    sweep->trouble[0] = '\0';
    ngx_memzero(&sweep->swept, sizeof(lookout_jobs_swept_t));

    if (arena != NULL && session != NULL) {
        code = lookout_jobs_sweep(lookout_session_jobs(session),
                                  &sweep->engine->settings.file_limits, &watch, arena,
                                  &sweep->swept, &error);
        if (code != LOOKOUT_OK && code != LOOKOUT_CANCELLED) {
            (void) ngx_snprintf((u_char *) sweep->trouble, sizeof(sweep->trouble),
                                "files could not be swept: %*s%Z", error.message.len,
                                error.message.data);
        }
    }

    if (session != NULL) {
        ngx_lookout_session_give(sweep->engine, session);
    }
    lookout_arena_destroy(arena);
}


/* Back on the event loop. */
static void
ngx_lookout_sweep_done(void *data)
{
    ngx_lookout_sweep_t *sweep = data;

    sweep->trouble[sizeof(sweep->trouble) - 1] = '\0';
    if (sweep->trouble[0] != '\0') {
        ngx_lookout_trouble(sweep->engine, sweep->trouble, ngx_cycle->log);
    }
    if (sweep->swept.jobs != 0 || sweep->swept.files != 0) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "lookout: removed the files of %L jobs and %L other files, %L bytes",
                      sweep->swept.jobs, sweep->swept.files, sweep->swept.bytes);
    }

    if (!ngx_exiting) {
        ngx_add_timer(&sweep->timer, NGX_LOOKOUT_SWEEP_EVERY);
    }
}


static void
ngx_lookout_sweep_timer(ngx_event_t *ev)
{
    ngx_lookout_sweep_t *sweep = ev->data;

    if (ngx_exiting) {
        return;
    }
    if (ngx_lookout_thread_post(&sweep->task, sweep->engine->thread_pool, ngx_cycle->log)
        != NGX_OK) {
        ngx_add_timer(ev, NGX_LOOKOUT_SWEEP_EVERY); /* the threads have better things to do */
    }
}


ngx_int_t
ngx_lookout_sweep_start(ngx_cycle_t *cycle, ngx_lookout_engine_t *engine)
{
    ngx_lookout_sweep_t *sweep = ngx_pcalloc(cycle->pool, sizeof(ngx_lookout_sweep_t));

    if (sweep == NULL) {
        return NGX_ERROR;
    }

    sweep->engine = engine;
    sweep->task.work = ngx_lookout_sweep_work;
    sweep->task.done = ngx_lookout_sweep_done;
    sweep->task.data = sweep;
    sweep->timer.handler = ngx_lookout_sweep_timer;
    sweep->timer.data = sweep;
    sweep->timer.log = cycle->log;
    sweep->timer.cancelable = 1;
    ngx_add_timer(&sweep->timer, NGX_LOOKOUT_SWEEP_FIRST);
    return NGX_OK;
}
