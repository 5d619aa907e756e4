/*
 * Files of the seeding: reading descriptions, writing databases aside, and putting them in
 * place. Nothing that a server reads is ever half-written: every file is complete and on the
 * disk under another name before the first rename, and the catalogue, which names the extracts,
 * comes last.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seed.h"


static bool
fail_errno(const char *path, const char *what)
{
    return lookout_seed_fail((lookout_seed_at_t){ path, NULL }, "%s: %s", what,
                             strerror(errno));
}


bool
lookout_seed_file_read(lookout_seed_t *seed, const char *path, lookout_str_t *text)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    size_t size = 0;
    bool read = false;

    if (file == NULL) {
        return fail_errno(path, "cannot be opened");
    }
    if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode)) {
        size = (size_t) info.st_size;
        data = malloc(size + 1);
        read = data != NULL && fread(data, 1, size, file) == size;
    }
    fclose(file);
    if (!read) {
        free(data);
        return fail_errno(path, "cannot be read");
    }
    data[size] = '\0';
    *text = (lookout_str_t){ data, size };
    return lookout_arena_defer(seed->arena, free, data) || lookout_seed_no_memory();
}


bool
lookout_seed_folder(const char *path)
{
    struct stat info;

    if (mkdir(path, 0755) == 0
        || (errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode))) {
        return true;
    }
    return fail_errno(path, "cannot be made a folder");
}


const char *
lookout_seed_path(lookout_seed_t *seed, const char *folder, const char *name,
                  const char *suffix)
{
    lookout_str_t path = lookout_arena_printf(seed->arena, "%s%s%s%s", folder,
                                              folder[0] == '\0' ? "" : "/", name, suffix);

    if (path.data == NULL) {
        lookout_seed_no_memory();
    }
    return path.data;
}


static bool
flush(const char *path, int flags)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    bool flushed;

    if (fd < 0) {
        return fail_errno(path, "cannot be opened");
    }
    flushed = fsync(fd) == 0;
    close(fd);
    return flushed || fail_errno(path, "cannot be written to the disk");
}


bool
lookout_seed_vacuum_into(sqlite3 *db, const char *path)
{
    sqlite3_stmt *stmt = NULL;
    bool written;

    if (unlink(path) != 0 && errno != ENOENT) {
        return fail_errno(path, "cannot be removed");
    }
    written = sqlite3_prepare_v2(db, "VACUUM INTO ?", -1, &stmt, NULL) == SQLITE_OK
              && sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC) == SQLITE_OK
              && sqlite3_step(stmt) == SQLITE_DONE;
    if (!written) {
        lookout_seed_fail((lookout_seed_at_t){ path, NULL }, "cannot be written: %s",
                          sqlite3_errmsg(db));
    }
    sqlite3_finalize(stmt);
    return written && flush(path, 0);
}


static bool
put_in_place(lookout_seed_t *seed, const char *folder, const char *name)
{
    const char *aside = lookout_seed_path(seed, folder, name, LOOKOUT_SEED_ASIDE);
    const char *path = lookout_seed_path(seed, folder, name, ".db");

    if (aside == NULL || path == NULL) {
        return false;
    }
    return rename(aside, path) == 0 || fail_errno(path, "cannot be put in place");
}


static bool
ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);

    return n > m && strcmp(name + n - m, suffix) == 0;
}


static bool
is_extract(const lookout_seed_t *seed, const char *name)
{
    for (size_t i = 0; i < seed->n_sources; i++) {
        size_t n = strlen(seed->sources[i].slug);

        if (strncmp(name, seed->sources[i].slug, n) == 0 && strcmp(name + n, ".db") == 0) {
            return true;
        }
    }
    return false;
}


/* What an interrupted run left and, unless only that is asked for, extracts that no datasource
 * has any more. */
static bool
remove_old(lookout_seed_t *seed, const char *folder, bool only_aside)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    bool removed = true;

    if (dir == NULL) {
        return fail_errno(folder, "cannot be read");
    }
    while ((entry = readdir(dir)) != NULL) {
        bool old = ends_in(entry->d_name, LOOKOUT_SEED_ASIDE)
                   || (!only_aside && ends_in(entry->d_name, ".db")
                       && !is_extract(seed, entry->d_name));

        if (old && unlinkat(dirfd(dir), entry->d_name, 0) != 0) {
            removed = fail_errno(entry->d_name, "cannot be removed");
        }
    }
    closedir(dir);
    return removed;
}


bool
lookout_seed_publish(lookout_seed_t *seed)
{
    const char *extracts = lookout_seed_path(seed, seed->output, "extracts", "");

    if (extracts == NULL) {
        return false;
    }
    for (size_t i = 0; i < seed->n_sources; i++) {
        if (!put_in_place(seed, extracts, seed->sources[i].slug)) {
            return false;
        }
    }
    return flush(extracts, O_DIRECTORY) && put_in_place(seed, seed->output, "catalog")
           && flush(seed->output, O_DIRECTORY) && remove_old(seed, extracts, false);
}


void
lookout_seed_discard(lookout_seed_t *seed)
{
    const char *extracts = lookout_seed_path(seed, seed->output, "extracts", "");
    const char *catalog = lookout_seed_path(seed, seed->output, "catalog", LOOKOUT_SEED_ASIDE);

    if (extracts != NULL && catalog != NULL) {
        remove_old(seed, extracts, true);
        unlink(catalog);
    }
}
