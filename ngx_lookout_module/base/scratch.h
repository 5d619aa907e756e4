/*
 * Scratch files: what SQLite puts on disk while it sorts and groups. They have no name and go
 * with the query, but nothing in SQLite bounds them; so connections that run other people's
 * queries are opened through a VFS that does, over all connections of the process together.
 */

#ifndef LOOKOUT_SCRATCH_H
#define LOOKOUT_SCRATCH_H

#include <stdint.h>

#include <sqlite3.h>

/* Sets how many bytes the scratch files of the process may take together; what would go beyond
 * fails with SQLITE_FULL. 256 MB when nothing is said. Thread-safe. */
void lookout_scratch_limit(int64_t bytes);

/* The VFS's name for sqlite3_open_v2; registered on the first call. NULL when there is no default VFS to build
 * on. Any file but a scratch file is the default VFS's own. Thread-safe. */
const char *lookout_scratch_vfs(void);

/* Bytes in scratch files now. */
int64_t lookout_scratch_used(void);

#endif
