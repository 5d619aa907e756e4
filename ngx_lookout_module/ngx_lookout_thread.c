/*
 * The one place that posts to a thread pool.
 *
 * nginx 1.22 sets no timer of its own around a thread task, so a worker that is told to exit
 * gracefully would leave while a thread still works, with the client's socket open. A timer on the
 * task's event keeps it waiting; when it fires before the work is done it is set again.
 *
 * The threads give way to the event loop, which has little to do and many who wait for it: on a
 * busy machine that halves the time a small call waits beside exports and charts, while these take
 * hardly longer. Not more than that: with much less weight they would starve beside others.
 */

#include "ngx_lookout_metrics.h"

#include <sys/resource.h>
#include <sys/syscall.h>

#define NGX_LOOKOUT_TASK_TIMER 10000 /* ms */
#define NGX_LOOKOUT_THREAD_NICE 3    /* about half the event loop's weight */

static __thread ngx_uint_t ngx_lookout_thread_polite;


/* Linux keeps a nice value for each thread. It is added to the worker's own (worker_priority);
 * where it cannot be set, all goes on as before. */
static void
ngx_lookout_thread_give_way(void)
{
    id_t self = (id_t) syscall(SYS_gettid);

    if (!ngx_lookout_thread_polite) {
        ngx_lookout_thread_polite = 1;
        (void) setpriority(PRIO_PROCESS, self,
                           getpriority(PRIO_PROCESS, self) + NGX_LOOKOUT_THREAD_NICE);
    }
}


static void
ngx_lookout_thread_work(void *data, ngx_log_t *log)
{
    ngx_lookout_task_t *task = data;

    (void) log;
    ngx_lookout_thread_give_way();
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
    ngx_lookout_metrics_tasks(-1);
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

    ngx_lookout_metrics_tasks(1);
    ngx_add_timer(&task->task.event, NGX_LOOKOUT_TASK_TIMER);
    return NGX_OK;
}
