/*
 * The files of jobs.
 *
 * A file is written under ROOT/.aside, in one flat folder that housekeeping can look through at
 * little cost, under the name JOB.INDEX.RANDOM.OWNER: so what a killed process left is known
 * for what it is. It gets its name in place by a rename, after its bytes are on the disk.
 *
 * Speed: rows are appended to a buffer and leave in writes of 256 KB, which is also when they
 * are hashed, while they are in the processor's cache. The kernel is told to begin writing to
 * the disk early, so that the flush at the end finds little left to do.
 *
 * The folder itself is not flushed: a name that a power loss takes back makes the job be done
 * again, which is what the state, not flushed either, is prepared for.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sync_file_range */
#endif
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "../base/folder.h"
#include "private.h"

#define CHUNK ((size_t) 256 * 1024)       /* bytes of a write */
#define AHEAD ((int64_t) 4 * 1024 * 1024) /* bytes between two hints to write to the disk */
#define FILE_MODE (S_IRUSR | S_IWUSR | S_IRGRP)
#define PLACE_TRIES 3 /* of a rename whose folder is removed, being empty, at that moment */

struct lookout_jobs_file_s {
    lookout_jobs_t *jobs;
    lookout_str_t aside; /* terminated */
    int fd;              /* -1: closed, or never opened */
    bool made;           /* `aside` is there, ours to rename or to remove */
    bool closed;         /* all is written and flushed */
    bool placed;         /* it has its name */
    const char *code;    /* LOOKOUT_JOB_STORAGE_...; NULL: all is well */
    const char *message; /* for a client */
    int64_t size;        /* written, or (closed) in all */
    int64_t hinted;      /* up to here the kernel was told to write to the disk */
    lookout_buf_t buf;
    SHA256_CTX sha;
    uint8_t digest[SHA256_DIGEST_LENGTH];
};

static const struct {
    int error; /* 0: any other, and the last */
    const char *code;
    const char *message;
} failures[] = {
    { ENOSPC, LOOKOUT_JOB_STORAGE_FULL,
      "The server has no disk space left for the result. Ask again later, or for less (fewer "
      "rows, a smaller picture); the operator has to make room." },
    { EDQUOT, LOOKOUT_JOB_STORAGE_FULL,
      "The server's disk quota is used up, so the result cannot be kept. Ask again later; the "
      "operator has to make room." },
    { EFBIG, LOOKOUT_JOB_STORAGE_FULL,
      "The result is larger than a file may be on this server. Ask for less: filter the rows, "
      "or aggregate." },
    { 0, LOOKOUT_JOB_STORAGE_UNAVAILABLE,
      "The server cannot write results to its disk at the moment. Ask again later; the "
      "operator finds the reason in the server's log." },
};


/* Notes that a step failed, the first time with what to tell the client and the log. */
static bool
fail(lookout_jobs_file_t *file, const char *doing, const char *name, int error)
{
    size_t i = 0;

    if (file->code != NULL) {
        return false;
    }
    while (failures[i].error != 0 && failures[i].error != error) {
        i++;
    }
    file->code = failures[i].code;
    file->message = failures[i].message;
    (void) snprintf(file->jobs->storage, sizeof(file->jobs->storage), "cannot %s %s: %s", doing,
                    name, strerror(error));
    return false;
}


void
lookout_jobs_file_abort(lookout_jobs_file_t *file)
{
    if (file->fd >= 0) {
        (void) close(file->fd);
        file->fd = -1;
    }
    if (file->made) {
        (void) unlink(file->aside.data);
        file->made = false;
    }
    lookout_buf_free(&file->buf);
}


static void
release(void *data)
{
    lookout_jobs_file_abort(data);
}


static void
open_aside(lookout_jobs_file_t *file)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int error;

    file->fd = open(file->aside.data, flags, FILE_MODE);
    if (file->fd < 0 && errno == ENOENT) {
        error = lookout_folder_for(file->aside.data);
        if (error != 0) {
            (void) fail(file, "make the folder of", file->aside.data, error);
            return;
        }
        file->fd = open(file->aside.data, flags, FILE_MODE);
    }
    if (file->fd < 0) {
        (void) fail(file, "make", file->aside.data, errno);
        return;
    }
    file->made = true;
}


lookout_jobs_file_t *
lookout_jobs_file_open(lookout_jobs_t *jobs, lookout_arena_t *arena, const lookout_job_t *job,
                       size_t i)
{
    lookout_jobs_file_t *file = lookout_arena_alloc(arena, sizeof(*file));
    uint64_t tag;

    if (file == NULL) {
        return NULL;
    }
    file->jobs = jobs;
    file->fd = -1;
    SHA256_Init(&file->sha);
    if (!lookout_random(&tag, sizeof(tag))) {
        (void) fail(file, "name", job->files[i].file.data, errno);
        return file;
    }
    file->aside = lookout_arena_printf(arena, "%s/" LOOKOUT_JOBS_ASIDE "/%s.%zu.%016llx.%s",
                                       jobs->settings->root, job->id, i,
                                       (unsigned long long) tag, jobs->self);
    if (file->aside.data == NULL) {
        return NULL;
    }
    open_aside(file);
    return lookout_arena_defer(arena, release, file) ? file : NULL;
}


lookout_buf_t *
lookout_jobs_file_buf(lookout_jobs_file_t *file)
{
    return file->closed ? NULL : &file->buf;
}


static bool
write_all(lookout_jobs_file_t *file, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(file->fd, data, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return fail(file, "write", file->aside.data, n == 0 ? EIO : errno);
        }
        data += n;
        len -= (size_t) n;
        file->size += n;
    }
    return true;
}


/* Writes the buffer out and empties it. */
static bool
flush(lookout_jobs_file_t *file)
{
    if (file->code == NULL && file->buf.failed) {
        (void) fail(file, "buffer", file->aside.data, ENOMEM);
    }
    if (file->code == NULL) {
        SHA256_Update(&file->sha, file->buf.data, file->buf.len);
        if (write_all(file, file->buf.data, file->buf.len)
            && file->size - file->hinted >= AHEAD) {
            (void) sync_file_range(file->fd, file->hinted, file->size - file->hinted,
                                   SYNC_FILE_RANGE_WRITE);
            file->hinted = file->size;
        }
    }
    lookout_buf_reset(&file->buf);
    return file->code == NULL;
}


bool
lookout_jobs_file_spill(lookout_jobs_file_t *file)
{
    if (file->buf.len < CHUNK && !file->buf.failed) {
        return file->code == NULL;
    }
    return flush(file);
}


bool
lookout_jobs_file_close(lookout_jobs_file_t *file)
{
    if (file->closed) {
        return file->code == NULL;
    }
    (void) flush(file);
    file->closed = true;
    lookout_buf_free(&file->buf);
    if (file->fd >= 0) {
        if (file->code == NULL && fdatasync(file->fd) != 0) {
            (void) fail(file, "flush", file->aside.data, errno);
        }
        if (close(file->fd) != 0) {
            (void) fail(file, "close", file->aside.data, errno);
        }
        file->fd = -1;
    }
    SHA256_Final(file->digest, &file->sha);
    return file->code == NULL;
}


int64_t
lookout_jobs_file_size(const lookout_jobs_file_t *file)
{
    return file->size;
}


void
lookout_jobs_file_sha256(const lookout_jobs_file_t *file, char hex[65])
{
    for (size_t i = 0; i < sizeof(file->digest); i++) {
        (void) snprintf(hex + i * 2, 3, "%02x", file->digest[i]);
    }
}


const lookout_jobs_file_t *
lookout_jobs_files_failed(lookout_jobs_file_t *const *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (files[i]->code != NULL) {
            return files[i];
        }
    }
    return NULL;
}


const char *
lookout_jobs_file_code(const lookout_jobs_file_t *file)
{
    return file->code;
}


const char *
lookout_jobs_file_message(const lookout_jobs_file_t *file)
{
    return file->message;
}


/* Gives the file its name; what had it before is gone. */
static bool
place(lookout_jobs_file_t *file, const char *name)
{
    int error = 0;

    for (int i = 0; i < PLACE_TRIES && !file->placed; i++) {
        if (rename(file->aside.data, name) == 0) {
            file->made = false;
            file->placed = true;
            break;
        }
        error = errno;
        if (error != ENOENT) {
            break;
        }
        error = lookout_folder_for(name);
        if (error != 0) {
            return fail(file, "make the folder of", name, error);
        }
        error = ENOENT;
    }
    return file->placed || fail(file, "rename a finished file to", name, error);
}


bool
lookout_jobs_files_place(lookout_jobs_file_t *const *files, lookout_job_t *job)
{
    for (size_t i = job->n_files; i-- > 0;) {
        if (!place(files[i], job->files[i].file.data)) {
            while (++i < job->n_files) {
                (void) unlink(job->files[i].file.data);
            }
            return false;
        }
        job->files[i].size = files[i]->size;
    }
    return true;
}


bool
lookout_job_files_there(const lookout_job_t *job)
{
    struct stat st;

    for (size_t i = 0; i < job->n_files; i++) {
        if (stat(job->files[i].file.data, &st) != 0 || !S_ISREG(st.st_mode)
            || st.st_size != job->files[i].size) {
            return false;
        }
    }
    return true;
}


bool
lookout_jobs_read(const lookout_job_t *job, size_t i, lookout_buf_t *out)
{
    size_t start = out->len, size = (size_t) job->files[i].size;
    int fd = open(job->files[i].file.data, O_RDONLY | O_CLOEXEC);
    char *p;
    ssize_t n = 0;

    if (fd < 0) {
        return false;
    }
    p = lookout_buf_reserve(out, size + 1); /* a byte more: the file must end there */
    while (p != NULL && out->len - start <= size) {
        n = read(fd, out->data + out->len, size + 1 - (out->len - start));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        out->len += (size_t) n;
    }
    (void) close(fd);
    if (p == NULL) {
        return false;
    }
    if (n < 0 || out->len - start != size) {
        lookout_buf_cut(out, start);
        return false;
    }
    return true;
}


lookout_str_t
lookout_jobs_aside_owner(const char *name)
{
    for (int i = 0; i < 3; i++) {
        name = strchr(name, '.');
        if (name == NULL) {
            return LOOKOUT_STR_NONE;
        }
        name++;
    }
    return lookout_str(name);
}
