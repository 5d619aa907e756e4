/*
 * A session: what the tools of one thread at a time work on: a catalogue connection, the
 * extracts that it has open, and the jobs' state. The worker's event loop has one; each call on
 * a thread borrows another, so no connection ever has two users.
 */

#ifndef LOOKOUT_SESSION_H
#define LOOKOUT_SESSION_H

#include "../base/digest.h"
#include "../catalog/catalog.h"
#include "../jobs/jobs.h"
#include "../mcp/registry.h"
#include "../query/extract.h"

/* The envelope, the JSON text of a result, is at most this many bytes (seed: 256 KB). */
#define LOOKOUT_ENVELOPE_MAX 262144

/* What the operator configures. Outlives the sessions made with it. */
typedef struct {
    const char *catalog_path;
    const char *state_dir;      /* of jobs.db, and of the folder fs with the jobs' files */
    lookout_key_t key;          /* signs cursors and links */
    uint32_t query_timeout_ms;  /* wall time of a query; 5000 by default */
    uint32_t render_timeout_ms; /* wall time of a chart, its query included; 5000 by default */
    uint32_t export_timeout_ms; /* wall time of an export; 60000 by default */
    int64_t query_memory;       /* bytes */
    int64_t thread_rows; /* queries over extracts with more rows go to a thread at once */
    int64_t link_ttl;    /* s for which a link to a file is good; 3600 by default */
    lookout_jobs_limits_t file_limits; /* of the jobs' files, for whoever sweeps */
} lookout_settings_t;

typedef struct lookout_session_s lookout_session_t;

/* `mode` says whose it is: the event loop's, or a thread's. NULL without memory. Files are
 * opened when they are first needed. */
lookout_session_t *
lookout_session_create(const lookout_settings_t *settings, lookout_jobs_mode_e mode);
void lookout_session_destroy(lookout_session_t *session);

/* The start of every tool: sets the call's deadline and memory limit, and gives the catalogue,
 * fresh, under the call's watch and noted as a dependency of the answer. It shows what the
 * call's scope does: whatever a call finds in it, it may see. */
lookout_code_e lookout_session_catalog(lookout_call_t *call, lookout_catalog_t **catalog);

/* The extract of a datasource, fresh, with its fields (so `source` has to have them), under the
 * call's watch and noted as a dependency; restricted to the rows that the call's scope shows.
 * INTERNAL_ERROR, reason "scope_filter", when these cannot be told. DATASOURCE_OFFLINE (details
 * {datasourceId, name, status, lastRefreshedAt, reason}) when the catalogue says that it is
 * offline, or when its file cannot be read. */
lookout_code_e lookout_session_extract(lookout_call_t *call, const lookout_datasource_t *source,
                                       lookout_extract_t **extract);

/* Is the call on the event loop, and the datasource too large to be read there? Then the tool
 * returns LOOKOUT_NEEDS_THREAD at once. */
bool lookout_session_heavy(const lookout_call_t *call, const lookout_datasource_t *source);

const lookout_settings_t *lookout_session_settings(const lookout_session_t *session);

/* The jobs of renders and exports, in the session's mode. */
lookout_jobs_t *lookout_session_jobs(const lookout_session_t *session);

/* Can the catalogue be read, as it is now? Event loop. */
bool lookout_session_ready(lookout_session_t *session);

/* One line on what is wrong with files and has not been reported yet, for the server's log;
 * NULL: nothing new. Valid until the next call. */
const char *lookout_session_trouble(lookout_session_t *session);

#endif
