/*
 * The session: one catalogue, the jobs' state, and the extracts that calls have asked for, kept
 * open because opening a file and compiling its schema costs more than a small query. When
 * there are more extracts than room, the one that was not used for longest is closed.
 *
 * The connections point at the watch of the call that uses them; every use sets it anew, before
 * anything runs on them. So it is with what the call's scope shows: calls of different scopes
 * follow one another on the same connections, and each sets its own, also the one that shows
 * all.
 */

#include "session.h"

#include <stdio.h>
#include <stdlib.h>

#include "../base/clock.h"
#include "envelope.h"
#include "policy.h"

#define SESSION_EXTRACTS 16
#define SESSION_WHY 256 /* as in lookout_db_t and lookout_catalog_t */

typedef struct {
    char *path; /* owned; NULL: the slot is empty */
    lookout_extract_t extract;
    uint64_t used;              /* the session's count of uses at the last one */
    char reported[SESSION_WHY]; /* what the log has been told of it */
} session_extract_t;

struct lookout_session_s {
    const lookout_settings_t *settings;
    lookout_catalog_t *catalog;
    lookout_arena_t *arena; /* of the paths below */
    lookout_jobs_settings_t jobs_settings;
    lookout_jobs_t *jobs;
    char catalog_reported[SESSION_WHY];
    session_extract_t extracts[SESSION_EXTRACTS];
    uint64_t uses;
};


/* False without memory. */
static bool
session_jobs_open(lookout_session_t *session, lookout_jobs_mode_e mode)
{
    lookout_str_t state, root;

    session->arena = lookout_arena_create();
    if (session->arena == NULL) {
        return false;
    }

    state = lookout_arena_printf(session->arena, "%s/jobs.db", session->settings->state_dir);
    root = lookout_arena_printf(session->arena, "%s/fs", session->settings->state_dir);
    if (state.data == NULL || root.data == NULL) {
        return false;
    }

    session->jobs_settings = LOOKOUT_JOBS_SETTINGS(state.data, root.data);
    session->jobs = lookout_jobs_create(&session->jobs_settings, mode);
    return session->jobs != NULL;
}


lookout_session_t *
lookout_session_create(const lookout_settings_t *settings, lookout_jobs_mode_e mode)
{
    lookout_session_t *session;

    session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return NULL;
    }

    session->settings = settings;
    session->catalog = lookout_catalog_create(settings->catalog_path);
    if (session->catalog == NULL || !session_jobs_open(session, mode)) {
        lookout_session_destroy(session);
        return NULL;
    }
    return session;
}


static void
session_extract_close(session_extract_t *slot)
{
    if (slot->path == NULL) {
        return;
    }

    lookout_extract_close(&slot->extract);
    free(slot->path);
    *slot = (session_extract_t){ 0 };
}


void
lookout_session_destroy(lookout_session_t *session)
{
    size_t i;

    if (session == NULL) {
        return;
    }

    for (i = 0; i < SESSION_EXTRACTS; i++) {
        session_extract_close(&session->extracts[i]);
    }
    lookout_catalog_destroy(session->catalog);
    lookout_jobs_destroy(session->jobs);
    lookout_arena_destroy(session->arena);
    free(session);
}


const lookout_settings_t *
lookout_session_settings(const lookout_session_t *session)
{
    return session->settings;
}


lookout_jobs_t *
lookout_session_jobs(const lookout_session_t *session)
{
    return session->jobs;
}


lookout_code_e
lookout_session_catalog(lookout_call_t *call, lookout_catalog_t **catalog)
{
    lookout_code_e code;
    lookout_visible_t visible;
    lookout_session_t *session = call->session;
    const lookout_settings_t *settings = session->settings;

    call->cacheable = true;
    call->watch.memory = settings->query_memory;
    call->watch.deadline_ns =
        lookout_monotonic_ns() + (uint64_t) settings->query_timeout_ms * 1000000;

    lookout_catalog_watch(session->catalog, NULL);

    code = lookout_policy_visible(call, &visible);
    if (code == LOOKOUT_OK) {
        code = lookout_catalog_fresh(session->catalog, call->arena, &call->error);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_catalog_scope(session->catalog, &visible);
    lookout_catalog_watch(session->catalog, &call->watch);
    lookout_call_depends(call, lookout_catalog_path(session->catalog),
                         lookout_catalog_file(session->catalog));

    *catalog = session->catalog;
    return LOOKOUT_OK;
}


bool
lookout_session_ready(lookout_session_t *session)
{
    lookout_error_t error;
    lookout_arena_t *arena = lookout_arena_create();
    bool ready = false;

    if (arena != NULL) {
        lookout_catalog_watch(session->catalog, NULL);
        ready = lookout_catalog_fresh(session->catalog, arena, &error) == LOOKOUT_OK;
        lookout_arena_destroy(arena);
    }
    return ready;
}


static session_extract_t *
session_slot(lookout_session_t *session, const char *path)
{
    size_t i;
    session_extract_t *slot;
    session_extract_t *oldest = &session->extracts[0];

    for (i = 0; i < SESSION_EXTRACTS; i++) {
        slot = &session->extracts[i];
        if (slot->path != NULL && strcmp(slot->path, path) == 0) {
            return slot;
        }
        if (slot->used < oldest->used) {
            oldest = slot;
        }
    }

    session_extract_close(oldest);
    oldest->path = strdup(path);

    return oldest->path == NULL ? NULL : oldest;
}


static lookout_code_e
session_offline(lookout_call_t *call, const lookout_datasource_t *source, bool unreadable)
{
    char when[LOOKOUT_ISO8601_SIZE];
    lookout_str_t details;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "datasourceId");
    lookout_json_str(&b, source->id);
    lookout_json_key(&b, "name");
    lookout_json_str(&b, source->name);
    lookout_json_key(&b, "status");
    lookout_json_cstr(&b, "offline");
    lookout_json_key(&b, "lastRefreshedAt");
    lookout_envelope_time(&b, source->last_refreshed_at);
    lookout_json_key(&b, "reason");
    lookout_json_cstr(&b, unreadable ? "extract_unreadable" : "source_offline");
    lookout_json_close(&b, '}');

    details = lookout_arena_copy(call->arena, lookout_buf_text(&b));
    lookout_buf_free(&b);

    if (unreadable) {
        return lookout_call_fail(
            call, LOOKOUT_DATASOURCE_OFFLINE, details,
            "The data of %.*s cannot be read at the moment; the operator has to look at the "
            "server's log. get_datasource still shows its fields, and list_datasources what "
            "else can be queried.",
            LOOKOUT_STR_ARG(source->name));
    }

    lookout_iso8601(when, source->last_refreshed_at);
    return lookout_call_fail(
        call, LOOKOUT_DATASOURCE_OFFLINE, details,
        "%.*s is offline, so its data cannot be queried (last refreshed %s). Ask the user "
        "whether to wait until its connection is back, or use another datasource: "
        "list_datasources shows which are online. get_datasource still shows its fields.",
        LOOKOUT_STR_ARG(source->name), when);
}


lookout_code_e
lookout_session_extract(lookout_call_t *call, const lookout_datasource_t *source,
                        lookout_extract_t **extract)
{
    lookout_code_e code;
    session_extract_t *slot;
    lookout_filters_t filters;
    lookout_session_t *session = call->session;

    if (!source->online) {
        return session_offline(call, source, false);
    }

    code = lookout_policy_filters(call, source, &filters);
    if (code != LOOKOUT_OK) {
        return code;
    }

    slot = session_slot(session, source->extract_path.data);
    if (slot == NULL) {
        return lookout_fail_memory(&call->error);
    }

    slot->used = ++session->uses;
    slot->extract.fields = source->fields;
    if (slot->extract.db.sql != NULL) {
        lookout_watch_set(slot->extract.db.sql, NULL);
    }

    code = lookout_extract_fresh(&slot->extract, slot->path, call->arena, &call->error);
    if (code == LOOKOUT_DATASOURCE_OFFLINE) {
        return session_offline(call, source, true);
    }
    if (code == LOOKOUT_OK) {
        code = lookout_extract_restrict(call->arena, &slot->extract, filters, &call->error);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }

    lookout_watch_set(slot->extract.db.sql, &call->watch);
    lookout_call_depends(call, slot->path, &slot->extract.db.id);

    *extract = &slot->extract;
    return LOOKOUT_OK;
}


bool
lookout_session_heavy(const lookout_call_t *call, const lookout_datasource_t *source)
{
    return call->watch.slice_ns != 0
           && source->row_count > call->session->settings->thread_rows;
}


/* Is there something new to tell of a file? Keeps in mind what was told. */
static bool
session_news(char *reported, const char *why)
{
    if (strncmp(reported, why, SESSION_WHY - 1) == 0) {
        return false;
    }

    (void) snprintf(reported, SESSION_WHY, "%s", why);
    return why[0] != '\0';
}


const char *
lookout_session_trouble(lookout_session_t *session)
{
    size_t i;
    session_extract_t *slot;

    if (session_news(session->catalog_reported, lookout_catalog_why(session->catalog))) {
        return session->catalog_reported;
    }

    for (i = 0; i < SESSION_EXTRACTS; i++) {
        slot = &session->extracts[i];
        if (session_news(slot->reported, slot->extract.db.why)) {
            return slot->reported;
        }
    }
    return lookout_jobs_trouble(session->jobs);
}
