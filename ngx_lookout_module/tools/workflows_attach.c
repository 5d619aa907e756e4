/*
 * What goes along with a workflow's text: the answers of get_datasource, get_workbook and
 * get_view, as they would be now, as embedded resources. So the model begins with the fields and
 * the chart's definition at hand. A view whose data cannot be read is not sent along; why not
 * is said in the text.
 */

#include "workflows.h"

#include "../base/clock.h"
#include "envelope.h"
#include "families.h"

typedef struct {
    const char *name;
    const char *argument; /* of the tool */
    const char *uri;      /* what its id follows */
    const char *needs;    /* the tool's name: attached for who may call it */
    lookout_code_e (*tool)(lookout_call_t *call);
} attachment_t;

static const attachment_t kinds[] = {
    { "datasource", "datasourceId", "lookout://datasources/", "get_datasource",
      lookout_get_datasource },
    { "workbook", "workbookId", "lookout://workbooks/", "get_workbook", lookout_get_workbook },
    { "view", "viewId", "lookout://views/", "get_view", lookout_get_view },
};


static lookout_str_t
attached_id(const lookout_workflow_run_t *run, const attachment_t *kind)
{
    return kind->tool == lookout_get_datasource ? run->datasource_id
           : kind->tool == lookout_get_workbook ? run->workbook_id
                                                : run->view_id;
}


static void
release_json(void *data)
{
    cJSON_Delete(data);
}


/* The tool's answer for that id, into `out`. The inner call stays with the arena, because open
 * files keep looking at its watch. */
static lookout_code_e
tool_answer(lookout_workflow_run_t *run, const attachment_t *kind, lookout_str_t id,
            lookout_buf_t *out)
{
    cJSON *args = cJSON_CreateObject();
    lookout_code_e code;
    lookout_call_t *call = run->call;
    lookout_call_t *inner = lookout_arena_alloc(call->arena, sizeof(*inner));

    if (args == NULL || !lookout_arena_defer(call->arena, release_json, args) || inner == NULL
        || cJSON_AddStringToObject(args, kind->argument, id.data) == NULL) {
        return lookout_fail_memory(&call->error);
    }
    *inner = *call;
    inner->args = args;
    inner->out = out;

    code = kind->tool(inner);
    call->error = inner->error;
    return code;
}


static void
resource_message(lookout_workflow_run_t *run, const attachment_t *kind, lookout_str_t id,
                 lookout_str_t text)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_buf_t *out = run->call->out;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "type");
    lookout_json_cstr(&b, "resource");
    lookout_json_key(&b, "resource");
    lookout_json_open(&b, '{');
    lookout_json_key(&b, "uri");
    lookout_json_str(
        &b, lookout_arena_printf(run->call->arena, "%s%.*s", kind->uri, LOOKOUT_STR_ARG(id)));
    lookout_json_key(&b, "mimeType");
    lookout_json_cstr(&b, "application/json");
    lookout_json_key(&b, "text");
    lookout_json_str(&b, text);
    lookout_json_close(&b, '}');
    lookout_json_close(&b, '}');

    run->call->out = &run->attached;
    lookout_prompt_message(run->call, "user", lookout_buf_text(&b));
    run->call->out = out;
    run->attached.failed |= b.failed;
    lookout_buf_free(&b);
}


/* Why the data cannot be read: what an analyst can do something about. */
static bool
is_trouble(lookout_code_e code)
{
    return code == LOOKOUT_DATASOURCE_OFFLINE || code == LOOKOUT_SCHEMA_DRIFT
           || code == LOOKOUT_INVALID_FILTER || code == LOOKOUT_QUERY_TIMEOUT
           || code == LOOKOUT_RESULT_TOO_LARGE || code == LOOKOUT_ENVELOPE_TOO_LARGE;
}


static lookout_code_e
attach(lookout_workflow_run_t *run, const attachment_t *kind, lookout_str_t id)
{
    lookout_buf_t text = LOOKOUT_BUF_INIT;
    lookout_code_e code = tool_answer(run, kind, id, &text);
    const lookout_error_t *error = &run->call->error;

    if (code == LOOKOUT_OK) {
        resource_message(run, kind, id, lookout_buf_text(&text));
        run->attached.failed |= text.failed;
    } else if (is_trouble(code)) {
        lookout_workflow_set(run, "trouble",
                             lookout_arena_printf(run->call->arena, "%s: %.*s",
                                                  lookout_code_name(code),
                                                  LOOKOUT_STR_ARG(error->message)));
        code = LOOKOUT_OK;
    }
    lookout_buf_free(&text);
    return code;
}


/* Says beforehand when the datasource is offline or past its promise. */
static lookout_code_e
datasource_state(lookout_workflow_run_t *run)
{
    char when[LOOKOUT_ISO8601_SIZE];
    lookout_code_e code;
    lookout_call_t *call = run->call;
    lookout_datasource_t source;

    if (run->datasource_id.data == NULL) {
        return LOOKOUT_OK;
    }
    code = lookout_catalog_datasource(run->catalog, call->arena, run->datasource_id, &source,
                                      &call->error);
    if (code != LOOKOUT_OK) {
        return code;
    }
    if (!source.online && lookout_workflow_value(run, "trouble").data == NULL) {
        lookout_workflow_set(run, "trouble",
                             LOOKOUT_STR("DATASOURCE_OFFLINE: it can be described, but not "
                                         "queried."));
    }
    if (lookout_warnings_stale(&source, lookout_now())) {
        lookout_iso8601(when, source.last_refreshed_at);
        lookout_workflow_set(run, "stale", lookout_arena_copy(call->arena, lookout_str(when)));
    }
    return LOOKOUT_OK;
}


lookout_code_e
lookout_workflow_attach(lookout_workflow_run_t *run)
{
    size_t i;
    lookout_code_e code = LOOKOUT_OK;
    const lookout_workflow_line_t *line;

    for (line = run->workflow->attached; line->text != NULL; line++) {
        for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
            if (strcmp(kinds[i].name, line->text) == 0 && lookout_workflow_when(run, line->when)
                && lookout_call_may(run->call, kinds[i].needs)) {
                code = attach(run, &kinds[i], attached_id(run, &kinds[i]));
            }
        }
        if (code != LOOKOUT_OK) {
            return code;
        }
    }
    return datasource_state(run);
}
