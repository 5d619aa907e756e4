/*
 * A scratch file is the default VFS's file with a counter around it: each write that makes it
 * longer takes from what is left, closing it gives back. The counter's file object stands in
 * front of the real one, in the one block of memory that SQLite hands to xOpen.
 */

#include "scratch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

typedef struct {
    sqlite3_file base;
    sqlite3_int64 size; /* how far it was written */
} scratch_file_t;

static sqlite3_vfs scratch_vfs;
static sqlite3_vfs *scratch_real; /* the default VFS */
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static atomic_llong scratch_used;
static atomic_llong scratch_max = 256 * 1024 * 1024;


/* The default VFS's object behind ours. */
static sqlite3_file *
scratch_behind(sqlite3_file *file)
{
    return (sqlite3_file *) ((scratch_file_t *) file + 1);
}


static int
scratch_close(sqlite3_file *file)
{
    scratch_file_t *scratch = (scratch_file_t *) file;
    sqlite3_file *real = scratch_behind(file);

    atomic_fetch_sub(&scratch_used, scratch->size);
    scratch->size = 0;
    return real->pMethods == NULL ? SQLITE_OK : real->pMethods->xClose(real);
}


static int
scratch_read(sqlite3_file *file, void *data, int n, sqlite3_int64 offset)
{
    sqlite3_file *real = scratch_behind(file);

    return real->pMethods->xRead(real, data, n, offset);
}


static int
scratch_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 offset)
{
    scratch_file_t *scratch = (scratch_file_t *) file;
    sqlite3_file *real = scratch_behind(file);
    sqlite3_int64 more = offset + n - scratch->size;

    if (more > 0) {
        if (atomic_fetch_add(&scratch_used, more) + more > atomic_load(&scratch_max)) {
            atomic_fetch_sub(&scratch_used, more);
            return SQLITE_FULL;
        }
        scratch->size += more;
    }
    return real->pMethods->xWrite(real, data, n, offset);
}


static int
scratch_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    scratch_file_t *scratch = (scratch_file_t *) file;
    sqlite3_file *real = scratch_behind(file);
    int rc = real->pMethods->xTruncate(real, size);

    if (rc == SQLITE_OK && size < scratch->size) {
        atomic_fetch_sub(&scratch_used, scratch->size - size);
        scratch->size = size;
    }
    return rc;
}


static int
scratch_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *real = scratch_behind(file);

    return real->pMethods->xSync(real, flags);
}


static int
scratch_size(sqlite3_file *file, sqlite3_int64 *size)
{
    sqlite3_file *real = scratch_behind(file);

    return real->pMethods->xFileSize(real, size);
}


static int
scratch_lock(sqlite3_file *file, int level)
{
    sqlite3_file *real = scratch_behind(file);

    return real->pMethods->xLock(real, level);
}


static int
scratch_unlock(sqlite3_file *file, int level)
{
    sqlite3_file *real = scratch_behind(file);

    return real->pMethods->xUnlock(real, level);
}


static int
scratch_check_lock(sqlite3_file *file, int *held)
{
    sqlite3_file *real = scratch_behind(file);

    return real->pMethods->xCheckReservedLock(real, held);
}


static int
scratch_control(sqlite3_file *file, int op, void *data)
{
    sqlite3_file *real = scratch_behind(file);

    /* A hint to make the file longer would pass the counter by. */
    if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) {
        return SQLITE_OK;
    }
    return real->pMethods->xFileControl(real, op, data);
}


static int
scratch_sector(sqlite3_file *file)
{
    sqlite3_file *real = scratch_behind(file);

    return real->pMethods->xSectorSize(real);
}


static int
scratch_traits(sqlite3_file *file)
{
    sqlite3_file *real = scratch_behind(file);

    return real->pMethods->xDeviceCharacteristics(real);
}


/* Version 1: no shared memory and no memory mapping, which scratch files have no use for. */
static const sqlite3_io_methods scratch_methods = {
    .iVersion = 1,
    .xClose = scratch_close,
    .xRead = scratch_read,
    .xWrite = scratch_write,
    .xTruncate = scratch_truncate,
    .xSync = scratch_sync,
    .xFileSize = scratch_size,
    .xLock = scratch_lock,
    .xUnlock = scratch_unlock,
    .xCheckReservedLock = scratch_check_lock,
    .xFileControl = scratch_control,
    .xSectorSize = scratch_sector,
    .xDeviceCharacteristics = scratch_traits,
};


static int
scratch_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    int rc;
    scratch_file_t *scratch = (scratch_file_t *) file;

    (void) vfs;

    if ((flags & SQLITE_OPEN_DELETEONCLOSE) == 0) {
        return scratch_real->xOpen(scratch_real, name, file, flags, out_flags);
    }

    scratch->size = 0;
    scratch->base.pMethods = NULL;
    rc = scratch_real->xOpen(scratch_real, name, scratch_behind(file), flags, out_flags);
    if (scratch_behind(file)->pMethods != NULL) {
        scratch->base.pMethods =
            &scratch_methods; /* xClose is then called, even after a failure */
    }
    return rc;
}


static void
scratch_register(void)
{
    scratch_real = sqlite3_vfs_find(NULL);
    if (scratch_real == NULL) {
        return;
    }

    /* All but opening is the default's, which finds its own data in its own object: what it
     * keeps in pAppData is looked up through the copied pointer. */
    scratch_vfs = *scratch_real;
    scratch_vfs.zName = "lookout-scratch";
    scratch_vfs.pNext = NULL;
    scratch_vfs.szOsFile = (int) sizeof(scratch_file_t) + scratch_real->szOsFile;
    scratch_vfs.xOpen = scratch_open;
    if (sqlite3_vfs_register(&scratch_vfs, 0) != SQLITE_OK) {
        scratch_real = NULL;
    }
}


const char *
lookout_scratch_vfs(void)
{
    (void) pthread_once(&scratch_once, scratch_register);
    return scratch_real == NULL ? NULL : scratch_vfs.zName;
}


void
lookout_scratch_limit(int64_t bytes)
{
    atomic_store(&scratch_max, bytes);
}


int64_t
lookout_scratch_used(void)
{
    return atomic_load(&scratch_used);
}
