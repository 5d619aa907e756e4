/*
 * The one place that posts to a thread pool.
 *
 * nginx 1.22 sets no timer of its own around a thread task, so a worker that is told to exit
 * gracefully would leave while a thread still works, with the client's socket open. A timer on the
 * task's event keeps it waiting; when it fires before the work is done it is set again.
 */

#include "ngx_lookout_module.h"

#define NGX_LOOKOUT_TASK_TIMER 10000 /* ms */


static void
ngx_lookout_thread_work(void *data, ngx_log_t *log)
{
    ngx_lookout_task_t *task = data;

    (void) log;
    task->work(task->data);
}


static void
ngx_lookout_thread_event(ngx_event_t *ev)
{
    ngx_lookout_task_t *task = ev->data;

    if (!ev->complete) {
        ev->timedout = 0;
        ngx_add_timer(ev, NGX_LOOKOUT_TASK_TIMER);
        return;
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }
    task->done(task->data);
}


ngx_int_t
ngx_lookout_thread_post(ngx_lookout_task_t *task, ngx_thread_pool_t *pool, ngx_log_t *log)
{
    ngx_memzero(&task->task, sizeof(ngx_thread_task_t));
    task->task.ctx = task;
    task->task.handler = ngx_lookout_thread_work;
    task->task.event.handler = ngx_lookout_thread_event;
    task->task.event.data = task;
    task->task.event.log = log;

    if (ngx_thread_task_post(pool, &task->task) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_add_timer(&task->task.event, NGX_LOOKOUT_TASK_TIMER);
    return NGX_OK;
}
