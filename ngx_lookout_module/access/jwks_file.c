/*
 * The file of a JWK Set. A new set is read whole before it takes the place of the one in use,
 * so there is never a moment with half of one, and a broken file changes nothing but the log.
 *
 * The identity is taken before the file is opened. If the file is replaced, or written on, in
 * between, then what was read has an identity that is no longer the path's, and the next look
 * reads it again.
 */

#include "jwks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/buf.h"
#include "../base/db.h"

#define WHY_SIZE 512

struct lookout_jwks_file_s {
    lookout_jwks_t *jwks; /* in use, or NULL */
    lookout_file_id_t id; /* the file that was read last; all zeros: try again */
    char why[WHY_SIZE];
    char path[]; /* terminated */
};


lookout_jwks_file_t *
lookout_jwks_file_create(const char *path)
{
    size_t size = strlen(path) + 1;
    lookout_jwks_file_t *file = calloc(1, sizeof(lookout_jwks_file_t) + size);

    if (file != NULL) {
        memcpy(file->path, path, size);
    }
    return file;
}


void
lookout_jwks_file_destroy(lookout_jwks_file_t *file)
{
    if (file != NULL) {
        lookout_jwks_destroy(file->jwks);
        free(file);
    }
}


/* Reads all of an open file. False with errno set; EFBIG: it is larger than a set may be. */
static bool
read_all(int fd, lookout_buf_t *text)
{
    ssize_t got;
    char *room;

    do {
        room = lookout_buf_reserve(text, 16384);
        if (room == NULL) {
            errno = ENOMEM;
            return false;
        }
        got = read(fd, room, 16384);
        if (got > 0) {
            text->len += (size_t) got;
        }
        if (text->len > LOOKOUT_JWKS_FILE_MAX) {
            errno = EFBIG;
            return false;
        }
    } while (got > 0 || (got < 0 && errno == EINTR));
    return got == 0;
}


/* Opens and reads. Anything but a plain file is refused: opening a pipe could wait for ever. */
static bool
read_path(const char *path, lookout_buf_t *text)
{
    bool done;
    int saved;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        return false;
    }
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
        errno = EINVAL;
        done = false;
    } else {
        done = read_all(fd, text);
    }
    saved = errno;
    (void) close(fd);
    errno = saved;
    return done;
}


/* The file cannot be read; what may pass by itself is tried again at the next look. It is news
 * when it is not what was wrong at the last one. */
static lookout_jwks_news_e
unreadable(lookout_jwks_file_t *file, int error)
{
    char why[WHY_SIZE];
    bool news;

    if (error == EFBIG) {
        (void) snprintf(why, sizeof(why), "%s has more than %d bytes, too many for a JWK Set",
                        file->path, LOOKOUT_JWKS_FILE_MAX);
    } else {
        file->id = (lookout_file_id_t){ 0 };
        (void) snprintf(why, sizeof(why), "%s cannot be read: %s", file->path,
                        error == EINVAL ? "it is not a plain file" : strerror(error));
    }
    news = strcmp(why, file->why) != 0;
    memcpy(file->why, why, sizeof(why));
    return news ? LOOKOUT_JWKS_BROKEN : LOOKOUT_JWKS_SAME;
}


/* Puts the set of a text that was read into use, if it is one. */
static lookout_jwks_news_e
use(lookout_jwks_file_t *file, lookout_str_t text)
{
    char why[WHY_SIZE / 2];
    lookout_jwks_t *jwks = lookout_jwks_parse(text, why, sizeof(why));

    (void) snprintf(file->why, sizeof(file->why), "%s%s%s", *why == '\0' ? "" : file->path,
                    *why == '\0' ? "" : ": ", why);
    if (jwks == NULL) {
        return LOOKOUT_JWKS_BROKEN;
    }
    lookout_jwks_destroy(file->jwks);
    file->jwks = jwks;
    return LOOKOUT_JWKS_LOADED;
}


lookout_jwks_news_e
lookout_jwks_file_refresh(lookout_jwks_file_t *file)
{
    lookout_file_id_t now;
    lookout_jwks_news_e news;
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    if (!lookout_file_id(file->path, &now)) {
        return unreadable(file, errno);
    }
    if (memcmp(&now, &file->id, sizeof(now)) == 0) {
        return LOOKOUT_JWKS_SAME;
    }

    file->id = now;
    news = read_path(file->path, &text) ? use(file, lookout_buf_text(&text))
                                        : unreadable(file, errno);
    lookout_buf_free(&text);
    return news;
}


const lookout_jwks_t *
lookout_jwks_file_keys(const lookout_jwks_file_t *file)
{
    return file->jwks;
}


const char *
lookout_jwks_file_why(const lookout_jwks_file_t *file)
{
    return file->why;
}
