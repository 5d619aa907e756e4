/*
 * The warnings: a datasource past its freshness promise, and rows, or a file's content, that the
 * envelope had no room for.
 */

#include "../base/clock.h"
#include "envelope.h"

#define WARNINGS_AGE_STEP 60 /* seconds for which the age in a kept answer may stand still */


bool
lookout_warnings_stale(const lookout_datasource_t *source, int64_t now)
{
    return now - source->last_refreshed_at > source->freshness_sla_seconds;
}


void
lookout_warnings_until(lookout_call_t *call, const lookout_datasource_t *source, int64_t now)
{
    int64_t until;

    until = lookout_warnings_stale(source, now)
                ? now + WARNINGS_AGE_STEP
                : source->last_refreshed_at + source->freshness_sla_seconds + 1;

    if (call->until == 0 || until < call->until) {
        call->until = until;
    }
}


static void
warning_begin(lookout_buf_t *b, lookout_code_e code, lookout_str_t message)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "code");
    lookout_json_cstr(b, lookout_code_name(code));
    lookout_json_key(b, "message");
    lookout_json_str(b, message);
    lookout_json_key(b, "details");
    lookout_json_open(b, '{');
}


static void
warning_end(lookout_buf_t *b)
{
    lookout_json_close(b, '}');
    lookout_json_close(b, '}');
}


/* "26 hours": an age or a promise as a person would say it. */
static void
duration_text(lookout_buf_t *b, int64_t seconds)
{
    int64_t n;
    const char *unit;

    if (seconds >= 2 * 86400) {
        n = seconds / 86400;
        unit = "day";
    } else if (seconds >= 2 * 3600) {
        n = seconds / 3600;
        unit = "hour";
    } else if (seconds >= 2 * 60) {
        n = seconds / 60;
        unit = "minute";
    } else {
        n = seconds;
        unit = "second";
    }

    lookout_buf_printf(b, "%lld %s%s", (long long) n, unit, n == 1 ? "" : "s");
}


void
lookout_warn_stale(lookout_buf_t *b, const lookout_datasource_t *source, int64_t now)
{
    int64_t age = now - source->last_refreshed_at;
    char when[LOOKOUT_ISO8601_SIZE];
    lookout_buf_t message = LOOKOUT_BUF_INIT;

    if (!lookout_warnings_stale(source, now)) {
        return;
    }

    lookout_iso8601(when, source->last_refreshed_at);
    lookout_buf_printf(&message, "%.*s was last refreshed at %s, ",
                       LOOKOUT_STR_ARG(source->name), when);
    duration_text(&message, age);
    lookout_buf_puts(&message, " ago; it should be no older than ");
    duration_text(&message, source->freshness_sla_seconds);
    lookout_buf_puts(&message, ". Say so when you report from it.");

    warning_begin(b, LOOKOUT_EXTRACT_STALE, lookout_buf_text(&message));
    lookout_json_key(b, "datasourceId");
    lookout_json_str(b, source->id);
    lookout_json_key(b, "lastRefreshedAt");
    lookout_json_cstr(b, when);
    lookout_json_key(b, "freshnessSlaSeconds");
    lookout_json_int(b, source->freshness_sla_seconds);
    lookout_json_key(b, "ageSeconds");
    lookout_json_int(b, age);
    warning_end(b);

    b->failed |= message.failed;
    lookout_buf_free(&message);
}


void
lookout_warn_truncated(lookout_buf_t *b, size_t returned, size_t dropped, const char *next)
{
    lookout_buf_t message = LOOKOUT_BUF_INIT;

    lookout_buf_printf(&message,
                       "The response would be larger than %d KB, so the last %zu of %zu rows "
                       "were left out. %s",
                       LOOKOUT_ENVELOPE_MAX / 1024, dropped, returned + dropped, next);

    warning_begin(b, LOOKOUT_RESPONSE_TRUNCATED, lookout_buf_text(&message));
    lookout_json_key(b, "returnedRows");
    lookout_json_int(b, (int64_t) returned);
    lookout_json_key(b, "droppedRows");
    lookout_json_int(b, (int64_t) dropped);
    warning_end(b);

    b->failed |= message.failed;
    lookout_buf_free(&message);
}


void
lookout_warn_omitted(lookout_buf_t *b, const char *key, int64_t bytes, bool files_are_served)
{
    lookout_buf_t message = LOOKOUT_BUF_INIT;

    lookout_buf_printf(&message,
                       "The file has %lld bytes and would make the response larger than %d KB, "
                       "so %s was left out. %s",
                       (long long) bytes, LOOKOUT_ENVELOPE_MAX / 1024, key,
                       files_are_served ? "Fetch it from fileUrl."
                                        : "Ask for a smaller picture, or for svg.");

    warning_begin(b, LOOKOUT_RESPONSE_TRUNCATED, lookout_buf_text(&message));
    lookout_json_key(b, "omitted");
    lookout_json_cstr(b, key);
    lookout_json_key(b, "bytes");
    lookout_json_int(b, bytes);
    warning_end(b);

    b->failed |= message.failed;
    lookout_buf_free(&message);
}
