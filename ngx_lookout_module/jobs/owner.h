/*
 * Who does a job: a process, named so that the name is never another's. The name says the pid,
 * the time at which the process started (a pid is given out again), the boot of the machine and
 * the pid namespace (a container's pids say nothing outside it).
 */

#ifndef LOOKOUT_JOBS_OWNER_H
#define LOOKOUT_JOBS_OWNER_H

#include "../base/str.h"

#define LOOKOUT_OWNER_SIZE 96 /* of a name, with its NUL */

typedef enum {
    LOOKOUT_OWNER_DEAD,
    LOOKOUT_OWNER_ALIVE,
    LOOKOUT_OWNER_UNKNOWN /* in another pid namespace, or /proc does not say */
} lookout_owner_e;

/* Writes the name of this process: [a-z0-9-], "PID-START-BOOT-NAMESPACE". Where /proc cannot be
 * read, what it would have said is 0. */
void lookout_owner_self(char out[LOOKOUT_OWNER_SIZE]);

/* Does the process of that name still run? `self` is the caller's own name. What is no such
 * name, as the empty one, is DEAD. Reads a file of /proc, never a disk. */
lookout_owner_e lookout_owner_state(lookout_str_t owner, const char *self);

#endif
