/*
 * Housekeeping: files that are no job's, because their writer was killed, or because the state
 * was lost.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sweep.h"

#define STRAY 3600 /* s without a write until a file of an unknown writer is removed */
#define ORPHAN 600 /* s without a write until a file that no job knows is removed */
#define WALK 86400 /* s between two searches for such */


static int64_t
age(const lookout_sweep_t *sweep, const struct stat *st)
{
    return sweep->now - (int64_t) st->st_mtim.tv_sec;
}


/* Is the file that is being written under that name nobody's any more? */
static bool
stray(const lookout_sweep_t *sweep, const char *name, const struct stat *st)
{
    lookout_str_t owner = lookout_jobs_aside_owner(name);
    lookout_owner_e state = owner.data == NULL ? LOOKOUT_OWNER_UNKNOWN
                                               : lookout_owner_state(owner, sweep->jobs->self);

    return state == LOOKOUT_OWNER_DEAD
           || (state == LOOKOUT_OWNER_UNKNOWN && age(sweep, st) > STRAY);
}


static void
look_through_aside(lookout_sweep_t *sweep, DIR *folder)
{
    const struct dirent *entry;
    struct stat st;

    while (!lookout_sweep_over(sweep) && (entry = readdir(folder)) != NULL) {
        if (fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
            && S_ISREG(st.st_mode) && stray(sweep, entry->d_name, &st)
            && unlinkat(dirfd(folder), entry->d_name, 0) == 0) {
            sweep->swept->files++;
            sweep->swept->bytes += st.st_size;
        }
    }
}


void
lookout_sweep_aside(lookout_sweep_t *sweep)
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_str_t path = LOOKOUT_STR_NONE;
    DIR *folder;

    if (arena != NULL) {
        path =
            lookout_arena_printf(arena, "%s/" LOOKOUT_JOBS_ASIDE, sweep->jobs->settings->root);
    }
    folder = path.data == NULL ? NULL : opendir(path.data);
    if (folder != NULL) { /* else nothing was ever written */
        look_through_aside(sweep, folder);
        (void) closedir(folder);
    }
    lookout_arena_destroy(arena);
}


/* Is one of sweep->paths a job's? sweep->value says so. */
static int
read_known(void *data)
{
    lookout_sweep_t *sweep = data;
    sqlite3_stmt *stmt = lookout_state_statement(&sweep->jobs->state, LOOKOUT_JOBS_SQL_KNOWN);
    int rc;

    if (stmt == NULL) {
        return lookout_state_error(&sweep->jobs->state);
    }
    (void) sqlite3_bind_text(stmt, 1, sweep->paths[0], -1, SQLITE_STATIC);
    (void) sqlite3_bind_text(stmt, 2, sweep->paths[1], -1, SQLITE_STATIC);
    rc = sqlite3_step(stmt);
    sweep->value = rc == SQLITE_ROW;
    return lookout_state_done(stmt, rc);
}


/* In a write transaction, so that no job comes to know the file at this moment. */
static int
remove_unknown(void *data)
{
    lookout_sweep_t *sweep = data;
    struct stat st;
    int rc = read_known(sweep);

    if (rc == SQLITE_OK && sweep->value == 0 && lstat(sweep->file, &st) == 0
        && lookout_sweep_remove(sweep, sweep->file)) {
        sweep->swept->files++;
        sweep->swept->bytes += st.st_size;
    }
    return rc;
}


/* The file `entry` of the folder `name` of a kind. Renders are known by their own path, exports
 * by that of the first file beside them. */
static int
walk_file(lookout_sweep_t *sweep, lookout_arena_t *arena, const lookout_job_kind_t *kind,
          const char *name, const char *entry)
{
    lookout_str_t path = lookout_arena_printf(arena, "%s/%s/%s", kind->folder, name, entry);
    lookout_str_t first = lookout_arena_printf(arena, "%s/%s/%s", kind->folder, name,
                                               kind->names[0] == NULL ? entry : kind->names[0]);
    lookout_str_t file;
    struct stat st;
    int rc;

    if (path.data == NULL || first.data == NULL) {
        return SQLITE_NOMEM;
    }
    file = lookout_arena_printf(arena, "%s/%s", sweep->jobs->settings->root, path.data);
    if (file.data == NULL) {
        return SQLITE_NOMEM;
    }
    if (lstat(file.data, &st) != 0 || !S_ISREG(st.st_mode) || age(sweep, &st) <= ORPHAN) {
        return SQLITE_OK;
    }
    sweep->paths[0] = path.data;
    sweep->paths[1] = first.data;
    sweep->file = file.data;
    rc = lookout_sweep_run(sweep, false, read_known);
    return rc == SQLITE_OK && sweep->value == 0 ? lookout_sweep_run(sweep, true, remove_unknown)
                                                : rc;
}


/* Calls visit for what is in the folder PARENT/NAME of a kind, or, name NULL, in PARENT. */
static int
walk(lookout_sweep_t *sweep, const lookout_job_kind_t *kind, const char *name,
     int (*visit)(lookout_sweep_t *, lookout_arena_t *, const lookout_job_kind_t *,
                  const char *, const char *))
{
    lookout_arena_t *arena = lookout_arena_create();
    lookout_str_t path = LOOKOUT_STR_NONE;
    const struct dirent *entry;
    int rc = SQLITE_OK;
    DIR *folder;

    if (arena != NULL) {
        path =
            lookout_arena_printf(arena, "%s/%s%s%s", sweep->jobs->settings->root, kind->folder,
                                 name == NULL ? "" : "/", name == NULL ? "" : name);
    }
    folder = path.data == NULL ? NULL : opendir(path.data);
    if (folder != NULL) {
        while (rc == SQLITE_OK && !lookout_sweep_over(sweep)
               && (entry = readdir(folder)) != NULL) {
            if (entry->d_name[0] != '.') {
                rc = visit(sweep, arena, kind, name, entry->d_name);
            }
        }
        (void) closedir(folder);
        if (name != NULL) {
            (void) rmdir(path.data); /* if it is empty; who needs it makes it again */
        }
    }
    lookout_arena_destroy(arena);
    return rc;
}


/* A view's folder, or an export's. */
static int
walk_folder(lookout_sweep_t *sweep, lookout_arena_t *arena, const lookout_job_kind_t *kind,
            const char *name, const char *entry)
{
    (void) arena;
    (void) name;
    return walk(sweep, kind, entry, walk_file);
}


static int
read_walked(void *data)
{
    return lookout_sweep_number(data, LOOKOUT_JOBS_SQL_WALKED, 0);
}


static int
write_walked(void *data)
{
    lookout_sweep_t *sweep = data;

    return lookout_sweep_number(sweep, LOOKOUT_JOBS_SQL_WALK, sweep->now);
}


int
lookout_sweep_unknown(lookout_sweep_t *sweep)
{
    int rc = lookout_sweep_run(sweep, false, read_walked);

    if (rc != SQLITE_OK || lookout_jobs_since(sweep->now, sweep->value) < WALK) {
        return rc;
    }
    for (size_t i = 0; rc == SQLITE_OK && i < LOOKOUT_JOB_KINDS; i++) {
        rc = walk(sweep, &lookout_job_kinds[i], NULL, walk_folder);
    }
    return rc == SQLITE_OK && !lookout_sweep_over(sweep)
               ? lookout_sweep_run(sweep, true, write_walked)
               : rc;
}
