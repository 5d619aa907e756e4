/*
 * Reading SQLite files that others replace.
 *
 * The file's header is read first, by hand: it tells a file that is not SQLite's, another kind
 * of file, and one that was cut short (a copy still under way) from a good one, in words an
 * operator can act on, before SQLite stumbles over it in the middle of a query.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "scratch.h"
#include "clock.h"
#include "db.h"

#define HEADER_SIZE 100
#define OPEN_TRIES 3   /* when the file is replaced while it is being opened */
#define WATCH_OPS 1000 /* VM operations between two looks at the watch: some 10 to 50 us */

/* Places in the header, as SQLite's documents on its file format give them. Numbers there are
 * big-endian. */
#define AT_PAGE_SIZE 16
#define AT_READ_VERSION 19
#define AT_CHANGES 24
#define AT_PAGE_COUNT 28
#define AT_USER_VERSION 60
#define AT_APPLICATION_ID 68
#define AT_VALID_FOR 92

#define WAL_VERSION 2


static lookout_db_state_e
fail(lookout_db_t *db, const char *format, ...) __attribute__((format(printf, 2, 3)));

static lookout_db_state_e
fail(lookout_db_t *db, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void) vsnprintf(db->why, sizeof(db->why), format, args);
    va_end(args);
    return LOOKOUT_DB_FAILED;
}


static lookout_file_id_t
id_of(const struct stat *st)
{
    return (lookout_file_id_t){
        .device = (uint64_t) st->st_dev,
        .inode = (uint64_t) st->st_ino,
        .size = (uint64_t) st->st_size,
        .mtime_ns = (int64_t) st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
    };
}


bool
lookout_file_id(const char *path, lookout_file_id_t *id)
{
    struct stat st;

    _Static_assert(sizeof(*id) == 4 * sizeof(uint64_t), "no padding between what is compared");
    if (stat(path, &st) != 0) {
        *id = (lookout_file_id_t){ 0 };
        return false;
    }
    *id = id_of(&st);
    return true;
}


static bool
same_file(const lookout_file_id_t *a, const lookout_file_id_t *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}


static uint32_t
big_endian(const unsigned char *p)
{
    return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}


/* Is the header that of a whole file of the right kind? `why` is filled in when it is not. */
static bool
check_header(lookout_db_t *db, const char *path, const unsigned char *header,
             uint32_t application_id)
{
    uint32_t page_size = (uint32_t) header[AT_PAGE_SIZE] << 8 | header[AT_PAGE_SIZE + 1];
    uint64_t size;

    if (page_size == 1) {
        page_size = 65536;
    }
    if (memcmp(header, "SQLite format 3", 16) != 0 || page_size < 512
        || (page_size & (page_size - 1)) != 0) {
        (void) fail(db, "%s is not a SQLite file", path);
        return false;
    }
    if (big_endian(header + AT_APPLICATION_ID) != application_id) {
        (void) fail(
            db, "%s is a SQLite file of another kind: application_id 0x%08x, not 0x%08x", path,
            (unsigned) big_endian(header + AT_APPLICATION_ID), (unsigned) application_id);
        return false;
    }
    /* Writers of old leave the page count at 0, or to an older writer's state. */
    size = (uint64_t) big_endian(header + AT_PAGE_COUNT) * page_size;
    if (big_endian(header + AT_CHANGES) == big_endian(header + AT_VALID_FOR)
        && db->id.size < size) {
        (void) fail(db, "%s is truncated: %llu of %llu bytes are there", path,
                    (unsigned long long) db->id.size, (unsigned long long) size);
        return false;
    }
    if (header[AT_READ_VERSION] == WAL_VERSION) {
        (void) fail(db, "%s is in WAL mode: write it with PRAGMA journal_mode=DELETE", path);
        return false;
    }
    return true;
}


/* Reads the header of the file that path names now; sets db->id. */
static bool
look_inside(lookout_db_t *db, const char *path, uint32_t application_id)
{
    unsigned char header[HEADER_SIZE];
    bool good = false;
    struct stat st;
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would wait for a writer */

    if (fd < 0 || fstat(fd, &st) != 0) {
        (void) fail(db, "%s cannot be opened: %s", path, strerror(errno));
    } else {
        db->id = id_of(&st);
        if (!S_ISREG(st.st_mode)) {
            (void) fail(db, "%s is not a regular file", path);
        } else if ((n = pread(fd, header, sizeof(header), 0)) < 0) {
            db->id = (lookout_file_id_t){ 0 };
            (void) fail(db, "%s cannot be read: %s", path, strerror(errno));
        } else if (n < HEADER_SIZE) {
            (void) fail(db, "%s is %s", path, n == 0 ? "empty" : "not a SQLite file");
        } else if (check_header(db, path, header, application_id)) {
            db->user_version = big_endian(header + AT_USER_VERSION);
            good = true;
        }
    }
    if (fd >= 0) {
        (void) close(fd);
    }
    return good;
}


/* The path as a URI that makes SQLite take the file for one that never changes. */
static void
write_uri(lookout_buf_t *uri, const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~/";

    /* With an empty host, or a path that begins with // would be taken to name one. */
    lookout_buf_puts(uri, *path == '/' ? "file://" : "file:");
    for (; *path != '\0'; path++) {
        if (strchr(plain, *path) != NULL) {
            lookout_buf_putc(uri, *path);
        } else {
            lookout_buf_printf(uri, "%%%02X", (unsigned) (unsigned char) *path);
        }
    }
    lookout_buf_puts(uri, "?immutable=1");
    lookout_buf_putc(uri, '\0');
}


/* Settings of every connection, and a first look at the schema, which finds a corrupt one. What
 * a statement has to sort stays in memory, where the watch bounds it, and never blocks on a
 * temporary file. */
static int
prepare_connection(sqlite3 *sql)
{
    static const struct {
        int option;
        int value;
    } settings[] = {
        { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },
        { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
    };

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        int rc = sqlite3_db_config(sql, settings[i].option, settings[i].value, NULL);

        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    return sqlite3_exec(sql,
                        "PRAGMA temp_store = FILE;"
                        "SELECT count(*) FROM sqlite_schema",
                        NULL, NULL, NULL);
}


/* Opens the file whose header has been looked at; SQLite's result code, with db->why. */
static int
open_file(lookout_db_t *db, const char *path)
{
    lookout_buf_t uri = LOOKOUT_BUF_INIT;
    int rc = SQLITE_NOMEM;

    write_uri(&uri, path);
    if (!uri.failed) {
        rc = sqlite3_open_v2(uri.data, &db->sql,
                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
                                 | SQLITE_OPEN_PRIVATECACHE,
                             lookout_scratch_vfs());
    }
    lookout_buf_free(&uri);
    if (rc == SQLITE_OK) {
        rc = prepare_connection(db->sql);
    }
    if (rc != SQLITE_OK) {
        (void) fail(db, "%s cannot be read: %s", path,
                    db->sql == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(db->sql));
        lookout_db_close(db);
    }
    return rc;
}


/* Opens the file that path names now. What fails because of the file's contents leaves its id
 * in db, so that it is not tried again; what may pass by itself leaves none. */
static lookout_db_state_e
open_path(lookout_db_t *db, const char *path, uint32_t application_id)
{
    const lookout_file_id_t none = { 0 };
    lookout_file_id_t now;
    int rc;

    for (int i = 0; i < OPEN_TRIES; i++) {
        db->id = none;
        if (!look_inside(db, path, application_id)) {
            return LOOKOUT_DB_FAILED;
        }
        rc = open_file(db, path);
        /* SQLite has opened the path for itself: was that the same file still? */
        if (lookout_file_id(path, &now) && same_file(&now, &db->id)) {
            if (rc == SQLITE_OK) {
                *db->why = '\0';
                return LOOKOUT_DB_OPENED;
            }
            if (rc != SQLITE_CORRUPT && rc != SQLITE_NOTADB) {
                db->id = none;
            }
            return LOOKOUT_DB_FAILED;
        }
        lookout_db_close(db);
    }
    db->id = none;
    return fail(db, "%s is replaced faster than it can be opened", path);
}


lookout_db_state_e
lookout_db_fresh(lookout_db_t *db, const char *path, uint32_t application_id,
                 void (*closing)(void *), void *data)
{
    lookout_file_id_t now;
    int missing = lookout_file_id(path, &now) ? 0 : errno;

    if (missing == 0 && db->missing == 0 && same_file(&now, &db->id)) {
        if (db->sql != NULL) {
            return LOOKOUT_DB_SAME;
        }
        if (*db->why != '\0') {
            return LOOKOUT_DB_FAILED;
        }
    }
    if (db->sql != NULL) {
        if (closing != NULL) {
            closing(data);
        }
        lookout_db_close(db);
    }
    db->missing = missing;
    if (missing != 0) {
        return fail(db, "%s cannot be opened: %s", path, strerror(missing));
    }
    return open_path(db, path, application_id);
}


void
lookout_db_close(lookout_db_t *db)
{
    /* With a statement left open the connection lives on until that is finalized. */
    (void) sqlite3_close_v2(db->sql);
    db->sql = NULL;
}


uint32_t
lookout_db_user_version(const lookout_db_t *db)
{
    return db->user_version;
}


static int
watch_progress(void *data)
{
    return lookout_watch_over(data);
}


void
lookout_watch_set(sqlite3 *sql, lookout_watch_t *watch)
{
    sqlite3_progress_handler(sql, WATCH_OPS, watch == NULL ? NULL : watch_progress, watch);
}


bool
lookout_watch_over(lookout_watch_t *watch)
{
    uint64_t now;

    if (watch->stopped != LOOKOUT_STOP_NONE) {
        return true;
    }
    if ((watch->cancelled != NULL
         && atomic_load_explicit(watch->cancelled, memory_order_relaxed))
        || (watch->quit != NULL && *watch->quit != 0)
        || (watch->over != NULL && watch->over(watch->over_data))) {
        watch->stopped = LOOKOUT_STOP_CANCELLED;
    } else if (watch->memory != 0 && sqlite3_memory_used() > watch->memory) {
        watch->stopped = LOOKOUT_STOP_MEMORY;
    } else if (watch->slice_ns != 0 || watch->deadline_ns != 0) {
        now = lookout_monotonic_ns();
        if (watch->slice_ns != 0 && now >= watch->slice_ns) {
            watch->stopped = LOOKOUT_STOP_SLICE;
        } else if (watch->deadline_ns != 0 && now >= watch->deadline_ns) {
            watch->stopped = LOOKOUT_STOP_DEADLINE;
        }
    }
    return watch->stopped != LOOKOUT_STOP_NONE;
}
