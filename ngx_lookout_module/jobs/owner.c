/*
 * Who does a job, by /proc.
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "owner.h"

#define STAT_SIZE 1024     /* /proc/PID/stat is shorter, up to the field we want */
#define FIELDS_TO_START 19 /* from the state, field 3, to the start time, field 22 */

#define BOOT_DIGITS 8 /* of the boot's id: enough to tell it from the one before */

typedef struct {
    char state;               /* R, S, ... */
    unsigned long long start; /* clock ticks since the boot */
} process_t;

typedef struct {
    unsigned long long pid, start, space;
    char boot[BOOT_DIGITS + 1];
} name_t;


/* Reads a small file, terminated; 0, or an errno. */
static int
read_small(const char *path, char *out, size_t size)
{
    ssize_t n;
    int error, fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return errno;
    }
    n = read(fd, out, size - 1);
    error = n < 0 ? errno : 0;
    out[n < 0 ? 0 : n] = '\0';
    (void) close(fd);
    return error;
}


/* Reads /proc/PID/stat: "PID (NAME) STATE ...". The name may hold anything, also ")". 0, or an
 * errno. */
static int
read_process(const char *path, process_t *process)
{
    char text[STAT_SIZE];
    int error = read_small(path, text, sizeof(text));
    char *p;

    if (error != 0) {
        return error;
    }
    p = strrchr(text, ')');
    if (p == NULL || p[1] != ' ' || p[2] == '\0') {
        return EINVAL;
    }
    p += 2;
    process->state = *p;
    for (int i = 0; i < FIELDS_TO_START && p != NULL; i++) {
        p = strchr(p + 1, ' ');
    }
    if (p == NULL) {
        return EINVAL;
    }
    process->start = strtoull(p, NULL, 10);
    return 0;
}


void
lookout_owner_self(char out[LOOKOUT_OWNER_SIZE])
{
    char boot[64], space[64];
    process_t process = { 0 };
    unsigned long long number = 0;
    ssize_t n;

    if (read_process("/proc/self/stat", &process) != 0) {
        process.start = 0;
    }
    if (read_small("/proc/sys/kernel/random/boot_id", boot, sizeof(boot)) != 0
        || strspn(boot, "0123456789abcdef") < BOOT_DIGITS) {
        (void) snprintf(boot, sizeof(boot), "00000000");
    }
    n = readlink("/proc/self/ns/pid", space, sizeof(space) - 1); /* pid:[4026531836] */
    if (n > 0) {
        space[n] = '\0';
        number = strtoull(space + strcspn(space, "0123456789"), NULL, 10);
    }
    (void) snprintf(out, LOOKOUT_OWNER_SIZE, "%lld-%llu-%.8s-%llu", (long long) getpid(),
                    process.start, boot, number);
}


/* Reads digits and the character behind them. */
static bool
read_number(const char **p, unsigned long long *number, char behind)
{
    char *end;

    if (!isdigit((unsigned char) **p)) {
        return false;
    }
    *number = strtoull(*p, &end, 10);
    *p = end + 1;
    return *end == behind;
}


/* Takes a name apart. */
static bool
read_name(lookout_str_t owner, name_t *name)
{
    char text[LOOKOUT_OWNER_SIZE];
    const char *p = text;

    if (owner.len == 0 || owner.len >= sizeof(text)) {
        return false;
    }
    memcpy(text, owner.data, owner.len);
    text[owner.len] = '\0';
    if (!read_number(&p, &name->pid, '-') || !read_number(&p, &name->start, '-')
        || strspn(p, "0123456789abcdef") != BOOT_DIGITS || p[BOOT_DIGITS] != '-') {
        return false;
    }
    memcpy(name->boot, p, BOOT_DIGITS);
    name->boot[BOOT_DIGITS] = '\0';
    p += BOOT_DIGITS + 1;
    return read_number(&p, &name->space, '\0');
}


lookout_owner_e
lookout_owner_state(lookout_str_t owner, const char *self)
{
    char path[64];
    process_t process = { 0 };
    name_t theirs, ours;
    int error;

    if (!read_name(owner, &theirs)) {
        return LOOKOUT_OWNER_DEAD;
    }
    if (lookout_str_is(owner, self)) {
        return LOOKOUT_OWNER_ALIVE;
    }
    if (!read_name(lookout_str(self), &ours) || ours.start == 0 || theirs.start == 0) {
        return LOOKOUT_OWNER_UNKNOWN;
    }
    if (strcmp(theirs.boot, ours.boot) != 0) {
        return LOOKOUT_OWNER_DEAD; /* WAL mode needs shared memory, so it was this machine */
    }
    if (theirs.space != ours.space) {
        return LOOKOUT_OWNER_UNKNOWN;
    }
    (void) snprintf(path, sizeof(path), "/proc/%llu/stat", theirs.pid);
    error = read_process(path, &process);
    if (error == ENOENT || error == ESRCH) {
        return LOOKOUT_OWNER_DEAD;
    }
    if (error != 0) {
        return LOOKOUT_OWNER_UNKNOWN;
    }
    /* A zombie has ended; nobody has asked for its exit status yet. */
    return process.start == theirs.start && process.state != 'Z' && process.state != 'X'
               ? LOOKOUT_OWNER_ALIVE
               : LOOKOUT_OWNER_DEAD;
}
