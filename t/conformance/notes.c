/*
 * The tools that tell the client something while they run: progress, or lines for its log. They
 * ask for a thread, and sleep there between two notes.
 */

#include "conformance.h"

#include <errno.h>
#include <time.h>

#define NOTES_PAUSE_MS 50


void
lookout_conformance_sleep(int64_t ms)
{
    struct timespec left = { .tv_sec = (time_t) (ms / 1000),
                             .tv_nsec = (long) (ms % 1000) * 1000000 };

    while (nanosleep(&left, &left) == -1 && errno == EINTR) { /* void */
    }
}


lookout_code_e
lookout_conformance_progress(lookout_call_t *call)
{
    int64_t done;

    if (call->watch.slice_ns != 0) {
        return LOOKOUT_NEEDS_THREAD;
    }
    for (done = 0; done <= 100; done += 50) {
        lookout_call_progress(call, done, 100);
        lookout_conformance_sleep(NOTES_PAUSE_MS);
    }
    return lookout_conformance_say(call, "The tool ran, and told how far it was.");
}


lookout_code_e
lookout_conformance_logs(lookout_call_t *call)
{
    size_t i;
    static const char *const lines[] = { "Tool execution started", "Tool processing data",
                                         "Tool execution completed" };

    if (call->watch.slice_ns != 0) {
        return LOOKOUT_NEEDS_THREAD;
    }
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        lookout_call_log(call, LOOKOUT_LOG_INFO, lookout_str(lines[i]));
        lookout_conformance_sleep(NOTES_PAUSE_MS);
    }
    return lookout_conformance_say(call, "The tool ran, and logged what it did.");
}
