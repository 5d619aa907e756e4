/*
 * The SQL of the jobs.
 *
 * A job is read, changed and written back whole, in one transaction; only what happens often
 * (progress, the note that it was used) is an update of its own. `path` is unique because the
 * name of a render holds but 48 bits of its key: should two jobs ever share a name, the newer
 * takes it (OR REPLACE), and the older is made again when it is asked for.
 *
 * The words of statuses are those of row.c and tasks.c.
 */

#include "statements.h"

#define COLUMNS                                                                                \
    "id, kind, key, view_id, format, inputs, status, ticket, owner, beat_at, interruptions,"   \
    " path, size, size_2, row_count, created_at, started_at, completed_at, last_used_at,"      \
    " error_code, error_message, retry_at, wanted"

static const char *const jobs_sql[LOOKOUT_JOBS_STATEMENTS] = {
    [LOOKOUT_JOBS_SQL_GET] = "SELECT " COLUMNS " FROM job WHERE id = ?1",

    [LOOKOUT_JOBS_SQL_PUT] =
        "INSERT OR REPLACE INTO job (" COLUMNS ") VALUES"
        " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
        "  ?19, ?20, ?21, ?22, ?23)"
        " ON CONFLICT (id) DO UPDATE SET inputs = ?6, status = ?7, ticket = ?8, owner = ?9,"
        " beat_at = ?10, interruptions = ?11, size = ?13, size_2 = ?14, row_count = ?15,"
        " created_at = ?16, started_at = ?17, completed_at = ?18, last_used_at = ?19,"
        " error_code = ?20, error_message = ?21, retry_at = ?22, wanted = ?23",

    [LOOKOUT_JOBS_SQL_PROGRESS] = "UPDATE job SET row_count = ?3, beat_at = ?4"
                                  " WHERE id = ?1 AND ticket = ?2 AND status = 'running'",

    [LOOKOUT_JOBS_SQL_TOUCH] = "UPDATE job SET last_used_at = ?2"
                               " WHERE id = ?1 AND status = 'done'",

    [LOOKOUT_JOBS_SQL_DROP] = "DELETE FROM job WHERE id = ?1",

    [LOOKOUT_JOBS_SQL_TASK_GET] = "SELECT job_id, note, status, created_at, ended_at,"
                                  " error_code, error_message FROM task WHERE id = ?1",

    [LOOKOUT_JOBS_SQL_TASK_OPEN] =
        "INSERT INTO task (id, job_id, note, status, created_at, ended_at, error_code,"
        " error_message) VALUES (?1, ?2, ?3, 'working', ?4, 0, '', '')",

    [LOOKOUT_JOBS_SQL_TASK_EQUAL] =
        "SELECT id, created_at FROM task WHERE ended_at = ?1 AND created_at >= ?2"
        " AND job_id = ?3 AND status = ?4 AND note = ?5 ORDER BY created_at DESC LIMIT 1",

    [LOOKOUT_JOBS_SQL_TASK_CANCEL] = "UPDATE task SET status = 'cancelled', ended_at = ?2"
                                     " WHERE id = ?1 AND status = 'working'",

    [LOOKOUT_JOBS_SQL_TASKS_END] =
        "UPDATE task SET status = ?2, ended_at = ?3, error_code = ?4, error_message = ?5"
        " WHERE job_id = ?1 AND status = 'working'",

    [LOOKOUT_JOBS_SQL_TASKS_LIVE] = "SELECT 1 FROM task WHERE job_id = ?1"
                                    " AND status = 'working' LIMIT 1",

    /* A task that never ended is left behind when its job's row is replaced (see above). */
    [LOOKOUT_JOBS_SQL_TASKS_FORGET] =
        "DELETE FROM task WHERE ended_at < ?1 AND created_at < ?1 AND"
        " (ended_at <> 0 OR NOT EXISTS (SELECT 1 FROM job WHERE job.id = task.job_id))",

    [LOOKOUT_JOBS_SQL_TASKS_ENDED] = "SELECT count(*) FROM task WHERE ended_at > 0",

    [LOOKOUT_JOBS_SQL_TASKS_EXCEED] =
        "DELETE FROM task WHERE id IN (SELECT id FROM task WHERE ended_at > 0"
        " ORDER BY max(created_at, ended_at) DESC, id LIMIT -1 OFFSET ?1)",

    [LOOKOUT_JOBS_SQL_KEPT] = "SELECT coalesce(sum(size + size_2), 0) FROM job"
                              " WHERE status = 'done'",

    [LOOKOUT_JOBS_SQL_OLDEST] = "SELECT id, last_used_at, size + size_2 FROM job"
                                " WHERE status = 'done' ORDER BY last_used_at, id LIMIT 1",

    [LOOKOUT_JOBS_SQL_UNFINISHED] = "SELECT id FROM job WHERE status IN ('queued', 'running')"
                                    " AND created_at < ?1 AND id > ?2 ORDER BY id LIMIT 1",

    [LOOKOUT_JOBS_SQL_FORGET] = "DELETE FROM job WHERE status IN ('failed', 'expired')"
                                " AND last_used_at < ?1",

    [LOOKOUT_JOBS_SQL_KNOWN] = "SELECT 1 FROM job WHERE path IN (?1, ?2)"
                               " AND status IN ('queued', 'running', 'done')",

    [LOOKOUT_JOBS_SQL_WALKED] = "SELECT walked_at FROM housekeeping",

    [LOOKOUT_JOBS_SQL_WALK] = "UPDATE housekeeping SET walked_at = ?1",
};

static const char jobs_schema[] =
    "CREATE TABLE job ("
    "  id TEXT PRIMARY KEY,"
    "  kind TEXT NOT NULL," /* render, export */
    "  key BLOB NOT NULL,"  /* SHA-256 of all that the result depends on */
    "  view_id TEXT NOT NULL,"
    "  format TEXT NOT NULL,"
    "  inputs TEXT NOT NULL,"           /* JSON */
    "  status TEXT NOT NULL,"           /* queued, running, done, failed, expired */
    "  ticket INTEGER NOT NULL,"        /* of the last claim; random */
    "  owner TEXT NOT NULL,"            /* pid-start-boot-namespace; '': nobody */
    "  beat_at INTEGER NOT NULL,"       /* s, monotonic clock of the boot */
    "  interruptions INTEGER NOT NULL," /* owners that died over it */
    "  path TEXT NOT NULL UNIQUE,"      /* of its first file, below the root */
    "  size INTEGER NOT NULL,"
    "  size_2 INTEGER NOT NULL,"
    "  row_count INTEGER NOT NULL,"
    "  created_at INTEGER NOT NULL,"
    "  started_at INTEGER NOT NULL,"
    "  completed_at INTEGER NOT NULL,"
    "  last_used_at INTEGER NOT NULL,"
    "  error_code TEXT NOT NULL,"
    "  error_message TEXT NOT NULL,"
    "  retry_at INTEGER NOT NULL,"
    "  wanted INTEGER NOT NULL" /* 1: by a caller who has no task that could be cancelled */
    ") STRICT;"
    "CREATE INDEX job_by_use ON job (status, last_used_at, id, size, size_2);"
    "CREATE TABLE task ("
    "  id TEXT PRIMARY KEY," /* random */
    "  job_id TEXT NOT NULL,"
    "  note TEXT NOT NULL,"   /* the caller's */
    "  status TEXT NOT NULL," /* working, completed, failed, cancelled */
    "  created_at INTEGER NOT NULL,"
    "  ended_at INTEGER NOT NULL," /* 0: working */
    "  error_code TEXT NOT NULL,"  /* of failed: the job's, which may be tried again */
    "  error_message TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX task_by_job ON task (job_id) WHERE status = 'working';"
    "CREATE INDEX task_by_end ON task (ended_at, created_at);"
    "CREATE TABLE housekeeping (walked_at INTEGER NOT NULL) STRICT;"
    "INSERT INTO housekeeping VALUES (0)";

/* A checkpoint each 256 pages (1 MB) keeps the recovery after a crash short, which may come to
 * lie on the event loop. */
static const char jobs_pragmas[] = "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
                                   "PRAGMA cache_size = -512";

static const char jobs_writer[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 1048576";

_Static_assert(LOOKOUT_JOBS_STATEMENTS <= LOOKOUT_STATE_STATEMENTS, "room for each statement");

const lookout_state_kind_t lookout_jobs_state = {
    .what = "the jobs' state",
    .lost = "jobs are done again as they are asked for",
    .application_id = 0x4c4b4a42, /* "LKJB" */
    .version = 2,
    .schema = jobs_schema,
    .pragmas = jobs_pragmas,
    .writer = jobs_writer,
    .sql = jobs_sql,
    .probes = { LOOKOUT_JOBS_SQL_GET, LOOKOUT_JOBS_SQL_TASK_GET },
};
