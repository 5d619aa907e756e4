/*
 * Bodies of scoped servers.
 *
 * A body for a new server and one for a change are read alike: a new server is an empty one
 * that is changed. What comes out is checked as a whole, so that a change cannot make what
 * could not have been made at once.
 */

#include "servers_check.h"

#include "../base/clock.h"
#include "../base/text.h"

#define NAME_MAX 128 /* characters */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const members[] = {
    "name", "config", "expires_at", "require_api_token_auth", "rotate_token", "grace_seconds",
};


/* What to say of a member that stands in the wrong place. */
static const char *
hint(const char *name)
{
    static const struct {
        const char *name;
        const char *text;
    } hints[] = {
        { "id", "is set by the server; leave it out" },
        { "url", "is set by the server; leave it out (rotate_token gives a new one)" },
        { "created_at", "is set by the server; leave it out" },
        { "updated_at", "is set by the server; leave it out" },
        { "previous_url_until", "is set by the server; leave it out (see grace_seconds)" },
        { "methods", "stands in config: {\"config\": {\"methods\": [...]}}" },
        { "tags", "stands in config: {\"config\": {\"tags\": [...]}}" },
        { "datasources", "stands in config: {\"config\": {\"datasources\": [...]}}" },
        { "workbooks", "stands in config: {\"config\": {\"workbooks\": {...}}}" },
        { "filters", "stands in config: {\"config\": {\"filters\": [...]}}" },
    };

    for (size_t i = 0; i < COUNT(hints); i++) {
        if (strcmp(hints[i].name, name) == 0) {
            return hints[i].text;
        }
    }
    return NULL;
}


lookout_code_e
lookout_server_parse(lookout_arena_t *arena, lookout_str_t text, cJSON **body,
                     lookout_error_t *error)
{
    lookout_json_error_t syntax = { 0, NULL };
    lookout_problems_t p;

    lookout_problems_begin(&p, arena);
    if (text.len > LOOKOUT_SERVERS_BODY_MAX) {
        lookout_problem(&p, "the body may have %d bytes (it has %zu)", LOOKOUT_SERVERS_BODY_MAX,
                        text.len);
    } else if ((*body = lookout_json_parse(arena, text, &syntax)) == NULL) {
        lookout_problem(&p, "the body is not JSON: %s, at byte %zu",
                        syntax.why == NULL ? "out of memory" : syntax.why, syntax.offset);
    } else if (!cJSON_IsObject(*body)) {
        lookout_problem(&p, "the body must be an object (got %s)", lookout_json_kind(*body));
    }
    if (p.n == 0) {
        (void) lookout_problems_end(&p);
        return LOOKOUT_OK;
    }
    return lookout_fail(arena, error, LOOKOUT_INVALID_INPUT, lookout_problems_end(&p),
                        "Nothing was done: %s.", p.first);
}


/* Does the text show as one line: no control characters, and something else than spaces? */
static bool
shows(lookout_str_t s)
{
    bool something = false;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char) s.data[i];

        if (c < 0x20 || c == 0x7f
            || (c == 0xc2 && i + 1 < s.len && (unsigned char) s.data[i + 1] < 0xa0)) {
            return false;
        }
        something = something || c != ' ';
    }
    return something;
}


static void
read_name(lookout_problems_t *p, const cJSON *body, lookout_server_t *server)
{
    const cJSON *item = lookout_json_get(body, "name");
    size_t back = lookout_problems_enter(p, "name");
    lookout_str_t name;
    size_t length;

    if (item == NULL && server->version == 0) {
        lookout_problem(p, "is required and missing");
    } else if (item != NULL && !cJSON_IsString(item)) {
        lookout_problem(p, "must be a string (got %s)", lookout_json_kind(item));
    } else if (item != NULL) {
        name = lookout_str(item->valuestring);
        length = lookout_utf8_length(name);
        if (length < 1 || length > NAME_MAX) {
            lookout_problem(p, "must be 1 to %d characters long (it is %zu)", NAME_MAX, length);
        } else if (!shows(name)) {
            lookout_problem(p, "must be one line of text that can be seen");
        }
        server->name = name;
    }
    lookout_problems_leave(p, back);
}


static void
read_expiry(lookout_problems_t *p, const cJSON *body, int64_t now, lookout_server_t *server)
{
    const cJSON *item = lookout_json_get(body, "expires_at");
    size_t back = lookout_problems_enter(p, "expires_at");
    char time[LOOKOUT_ISO8601_SIZE];

    lookout_iso8601(time, now);
    if (cJSON_IsNull(item)) {
        server->expires_at = 0;
    } else if (item != NULL
               && (!cJSON_IsString(item) || strchr(item->valuestring, 'T') == NULL
                   || !lookout_iso8601_parse(lookout_str(item->valuestring),
                                             &server->expires_at))) {
        lookout_problem(p, "must be an ISO 8601 time with its zone, such as "
                           "2026-12-31T23:59:59Z, or null for never");
    } else if (item != NULL && server->expires_at <= now) {
        lookout_problem(p, "must be in the future (it is %s now)", time);
    }
    lookout_problems_leave(p, back);
}


/* A member that is true, false, or null for false. */
static void
read_flag(lookout_problems_t *p, const cJSON *body, const char *name, bool *flag)
{
    const cJSON *item = lookout_json_get(body, name);
    size_t back = lookout_problems_enter(p, name);

    if (cJSON_IsBool(item) || cJSON_IsNull(item)) {
        *flag = cJSON_IsTrue(item);
    } else if (item != NULL) {
        lookout_problem(p, "must be true or false (got %s)", lookout_json_kind(item));
    }
    lookout_problems_leave(p, back);
}


static void
read_rotation(lookout_problems_t *p, const cJSON *body, bool create,
              lookout_server_rotation_t *rotation)
{
    const cJSON *grace = lookout_json_get(body, "grace_seconds");
    size_t back;

    *rotation = (lookout_server_rotation_t){ false, 0 };
    read_flag(p, body, "rotate_token", &rotation->wanted);
    if (create && rotation->wanted) {
        back = lookout_problems_enter(p, "rotate_token");
        lookout_problem(p, "is for a server that exists; a new one has a new token");
        lookout_problems_leave(p, back);
    }
    if (grace == NULL || cJSON_IsNull(grace)) {
        return;
    }
    back = lookout_problems_enter(p, "grace_seconds");
    if (!lookout_json_int_value(grace, &rotation->grace) || rotation->grace < 0
        || rotation->grace > LOOKOUT_SERVERS_GRACE_MAX) {
        lookout_problem(p, "must be a whole number, 0 to %d", LOOKOUT_SERVERS_GRACE_MAX);
    } else if (!rotation->wanted) {
        lookout_problem(p, "goes with \"rotate_token\": true alone: it is how long the old "
                           "token stays good");
    }
    lookout_problems_leave(p, back);
}


/* The config that is kept, as a tree; NULL for a new server. */
static const cJSON *
stored_config(lookout_arena_t *arena, const lookout_server_t *server)
{
    lookout_json_error_t error;

    return server->version == 0 ? NULL : lookout_json_parse(arena, server->config, &error);
}


static void
read_config(const lookout_servers_settings_t *settings, lookout_problems_t *p,
            const cJSON *body, lookout_server_t *server)
{
    const cJSON *given = lookout_json_get(body, "config");
    const cJSON *stored = stored_config(p->arena, server);
    size_t back = lookout_problems_enter(p, "config");
    lookout_buf_t out = LOOKOUT_BUF_INIT;

    if (given != NULL && !cJSON_IsNull(given) && !cJSON_IsObject(given)) {
        lookout_problem(p, "must be an object (got %s)", lookout_json_kind(given));
    } else {
        lookout_server_config(settings, p, given, cJSON_IsNull(given) ? NULL : stored, &out);
        server->config = lookout_arena_copy(p->arena, lookout_buf_text(&out));
        if (out.failed) {
            server->config = LOOKOUT_STR_NONE;
        }
    }
    lookout_buf_free(&out);
    lookout_problems_leave(p, back);
}


lookout_code_e
lookout_server_apply(const lookout_servers_settings_t *settings, lookout_arena_t *arena,
                     const cJSON *body, int64_t now, lookout_server_t *server,
                     lookout_server_rotation_t *rotation, lookout_error_t *error)
{
    lookout_server_t changed = *server;
    lookout_problems_t p;
    lookout_str_t details;

    lookout_problems_begin(&p, arena);
    lookout_server_members(&p, body, members, COUNT(members), "a scoped server", hint);
    read_name(&p, body, &changed);
    read_config(settings, &p, body, &changed);
    read_expiry(&p, body, now, &changed);
    read_flag(&p, body, "require_api_token_auth", &changed.token_auth);
    read_rotation(&p, body, server->version == 0, rotation);
    details = lookout_problems_end(&p);
    if (p.n != 0) {
        return lookout_fail(arena, error, LOOKOUT_INVALID_INPUT, details,
                            "Nothing was done: %s%s.", p.first,
                            p.n == 1 ? "" : " (and more: details.errors lists every problem)");
    }
    if (changed.config.data == NULL) {
        return lookout_fail_memory(error);
    }
    *server = changed;
    return LOOKOUT_OK;
}
