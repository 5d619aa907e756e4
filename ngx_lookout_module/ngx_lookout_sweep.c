/*
 * Housekeeping: soon after a worker has started, and every minute from then on, it has a thread
 * look whether files of renders and exports are too old or too many, and whether scoped servers
 * have expired, whose secrets are then removed; each worker forgets them from its memory as well.
 * The jobs and the servers see to it that one worker does so at a time, so each may try.
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
    int64_t purged;    /* scoped servers */
    char trouble[512]; /* empty: all went well */
} ngx_lookout_sweep_t;


/* On a thread. A store that nobody made yet is not made for this. */
static void
ngx_lookout_sweep_servers(ngx_lookout_sweep_t *sweep)
{
    const char *trouble;
    ngx_file_info_t info;
    lookout_servers_t *servers;

    sweep->purged = 0;
    if (ngx_file_info(sweep->engine->servers_settings.path, &info) == NGX_FILE_ERROR) {
        return;
    }
    servers = lookout_servers_open(&sweep->engine->servers_settings, LOOKOUT_SERVERS_THREAD);
    if (servers == NULL) {
        return;
    }
    (void) lookout_servers_purge(servers, (int64_t) time(NULL), &sweep->purged);
    trouble = lookout_servers_trouble(servers);
    if (trouble != NULL && sweep->trouble[0] == '\0') {
        (void) ngx_cpystrn((u_char *) sweep->trouble, (u_char *) trouble,
                           sizeof(sweep->trouble));
    }
    lookout_servers_close(servers);
}


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

    ngx_lookout_sweep_servers(sweep);

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
    lookout_servers_forget(sweep->engine->servers);
    if (sweep->purged != 0) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "lookout: removed %L expired scoped servers", sweep->purged);
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
