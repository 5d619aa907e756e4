/*
 * Resources: reading one by its URI, and listing those there are.
 *
 * A URI fits a row's uri, or its template; the variables are then the arguments of the row's
 * function. The listing goes through the rows in their order, a page at a time; a template
 * lists its own. The cursor names the row that the page before ended in, how many of its
 * resources were told, and the version of what it lists, for this caller, and is sealed: a list
 * that changed meanwhile is begun anew, so that nothing is told twice or left out.
 */

#include "server_private.h"

#include <stdlib.h>

#define RESOURCES_PAGE 100
#define RESOURCES_PURPOSE "resources"

struct lookout_roll_s {
    lookout_str_t cursor; /* where the page begins: a row's name, a number, a version */
    const lookout_resource_t *row; /* that is being listed */
    int64_t skip;                  /* of its resources, told on pages before */
    int64_t told;                  /* of its resources, all pages together */
    int64_t room;                  /* that the page still has */
    bool more;                     /* there is one behind the page, which begins with it */
    lookout_str_t version;         /* of what the row lists */
    lookout_str_t expected;        /* the version that the page before had; {NULL, 0}: any */
};


static bool
resource_find(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_str_t uri)
{
    const cJSON *values;
    const lookout_resource_t *row;
    const lookout_surface_t *const *set;

    for (set = mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(row, (*set)->resources)
        {
            values = lookout_template_match(exchange->arena, row->uri, uri);
            if (values != NULL) {
                exchange->turn.resource = row;
                exchange->call.args = values;
                return true;
            }
        }
    }
    return false;
}


/* Not found, with the code and the details of the row's error when there is one. */
static bool
resource_refuse(lookout_exchange_t *exchange, lookout_refusal_t *refusal,
                const lookout_error_t *error, const char *reason, lookout_str_t why)
{
    lookout_buf_t data = LOOKOUT_BUF_INIT;

    lookout_json_open(&data, '{');
    lookout_json_key(&data, "uri");
    lookout_json_str(&data, lookout_shown(exchange->call.uri));
    if (reason != NULL) {
        lookout_json_key(&data, "reason");
        lookout_json_cstr(&data, reason);
    }
    if (error != NULL) {
        lookout_error_members(&data, error, false);
    }
    lookout_json_close(&data, '}');
    lookout_refuse(
        refusal, 200,
        exchange->modern ? LOOKOUT_RPC_INVALID_PARAMS : LOOKOUT_RPC_RESOURCE_NOT_FOUND,
        lookout_arena_printf(exchange->arena, "Resource not found: %.*s", LOOKOUT_STR_ARG(why)),
        data.failed ? LOOKOUT_STR_NONE
                    : lookout_arena_copy(exchange->arena, lookout_buf_text(&data)));
    lookout_buf_free(&data);
    return false;
}


static bool
resource_target(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    lookout_call_t *call = &exchange->call;
    const cJSON *uri = lookout_json_get(exchange->message.params, "uri");

    if (!cJSON_IsString(uri)) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                              LOOKOUT_STR("Invalid params: resources/read needs params.uri, a "
                                          "text"),
                              LOOKOUT_STR_NONE);
    }

    call->uri = lookout_str(uri->valuestring);
    if (!resource_find(mcp, exchange, call->uri)) {
        return resource_refuse(exchange, refusal, NULL, NULL,
                               LOOKOUT_STR("no resource has such a URI; resources/list and "
                                           "resources/templates/list show what there is"));
    }
    exchange->subject = lookout_str(exchange->turn.resource->name);
    if (!lookout_permits(&exchange->permit, &exchange->turn.resource->access)) {
        return resource_refuse(exchange, refusal, NULL, "outside_scope",
                               exchange->permit.lacks(exchange->permit.scope, exchange->arena,
                                                      exchange->turn.resource->name,
                                                      &exchange->turn.resource->access));
    }
    return true;
}


/* Without sessions nobody can be told later that a resource changed. What is the same as long as
 * the server runs can be subscribed to all the same: there is nothing to tell. Anything else is
 * refused rather than forgotten. */
method_outcome_e
lookout_resource_subscribe(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                           lookout_refusal_t *refusal)
{
    exchange->call = (lookout_call_t){ .arena = exchange->arena };
    if (!resource_target(mcp, exchange, refusal)) {
        return METHOD_REFUSED;
    }
    if (exchange->turn.resource->variables != NULL || !exchange->turn.resource->shared) {
        lookout_refuse(
            refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
            LOOKOUT_STR("Invalid params: changes of this resource are not announced; "
                        "read it again when you need it"),
            LOOKOUT_STR_NONE);
        return METHOD_REFUSED;
    }
    lookout_result_begin(exchange, &exchange->out);
    lookout_result_end(mcp, exchange, &exchange->out, "complete");
    return METHOD_DONE;
}


static lookout_code_e
resource_run(lookout_exchange_t *exchange)
{
    exchange->call.mime = exchange->turn.resource->mime;
    exchange->call.ttl_ms = exchange->turn.resource->ttl_ms;
    exchange->call.binary = false;
    return exchange->turn.resource->read(&exchange->call);
}


static void
resource_failed(lookout_exchange_t *exchange, lookout_code_e code)
{
    lookout_refusal_t refusal;

    switch (code) {
    case LOOKOUT_DATASOURCE_NOT_FOUND:
    case LOOKOUT_WORKBOOK_NOT_FOUND:
    case LOOKOUT_VIEW_NOT_FOUND:
    case LOOKOUT_JOB_NOT_FOUND:
    case LOOKOUT_RENDER_JOB_NOT_FOUND:
    case LOOKOUT_INVALID_INPUT:
        resource_refuse(exchange, &refusal, &exchange->call.error, NULL,
                        exchange->call.error.message);
        lookout_request_refuse(exchange, &refusal);
        break;

    default:
        lookout_request_error(exchange);
    }
}


/* What is read depends on nothing but the URI and the scope, and its text is the same in both
 * eras. No tool has such a name. */
static lookout_str_t
resource_key(const lookout_exchange_t *exchange)
{
    lookout_str_t scope = exchange->permit.key;

    return lookout_arena_printf(exchange->arena, "resources/read\n%zu:%.*s%.*s", scope.len,
                                LOOKOUT_STR_ARG(scope), LOOKOUT_STR_ARG(exchange->call.uri));
}


static void
resource_end(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, int64_t ttl_ms)
{
    lookout_result_ttl(exchange, ttl_ms, exchange->turn.resource->shared);
    lookout_result_end(mcp, exchange, &exchange->out, "complete");
}


static void
resource_close(const lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    resource_end(mcp, exchange, exchange->turn.resource->ttl_ms);
}


static void
resource_contents(lookout_exchange_t *exchange)
{
    lookout_buf_t *b = &exchange->out;
    const lookout_call_t *call = &exchange->call;
    lookout_str_t content = lookout_buf_text(&exchange->result);

    lookout_json_key(b, "contents");
    lookout_json_open(b, '[');
    lookout_json_open(b, '{');
    lookout_json_key(b, "uri");
    lookout_json_str(b, call->uri);
    lookout_json_key(b, "mimeType");
    lookout_json_cstr(b, call->mime);
    lookout_json_key(b, call->binary ? "blob" : "text");
    lookout_buf_putc(b, '"');
    if (call->binary) {
        lookout_base64(b, content.data, content.len);
    } else {
        lookout_buf_json_escape(b, content);
    }
    lookout_buf_putc(b, '"');
    if (exchange->turn.resource->meta != NULL) {
        lookout_json_key(b, "_meta");
        lookout_json_raw(b, lookout_str(exchange->turn.resource->meta));
    }
    lookout_json_close(b, '}');
    lookout_json_close(b, ']');
}


static void
resource_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    lookout_buf_t *b = &exchange->out;
    const lookout_call_t *call = &exchange->call;

    if (code != LOOKOUT_OK) {
        resource_failed(exchange, code);
        return;
    }

    (void) lookout_buf_reserve(b, exchange->result.len + exchange->result.len / 2 + 512);
    lookout_result_begin(exchange, b);
    exchange->turn.keep_from = b->len;
    resource_contents(exchange);

    /* A time to live of the function's own would be forgotten. */
    exchange->turn.keep_len = call->cacheable && call->ttl_ms == exchange->turn.resource->ttl_ms
                                  ? b->len - exchange->turn.keep_from
                                  : 0;
    resource_end(mcp, exchange, call->ttl_ms);
}


const lookout_kind_t lookout_kind_resource = {
    .target = resource_target,
    .key = resource_key,
    .close = resource_close,
    .run = resource_run,
    .reply = resource_reply,
};


static bool
resources_target(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    const cJSON *cursor = lookout_json_get(exchange->message.params, "cursor");
    lookout_roll_t *roll = lookout_arena_alloc(exchange->arena, sizeof(lookout_roll_t));

    if (roll == NULL) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INTERNAL_ERROR,
                              LOOKOUT_STR("Internal error: out of memory"), LOOKOUT_STR_NONE);
    }

    exchange->call.roll = roll;
    if (cursor == NULL || (cJSON_IsString(cursor) && cursor->valuestring[0] == '\0')) {
        return true;
    }
    if (!cJSON_IsString(cursor)
        || !lookout_unsign(&mcp->config.key, RESOURCES_PURPOSE,
                           lookout_str(cursor->valuestring), &roll->cursor)) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                              LOOKOUT_STR("Invalid params: unknown cursor; send nextCursor of "
                                          "the page before, unchanged, or begin without one"),
                              LOOKOUT_STR("{\"code\":\"INVALID_CURSOR\",\"details\":"
                                          "{\"reason\":\"malformed\"}}"));
    }
    return true;
}


/* The version of a list as the caller may see it, as 22 characters; {NULL, 0} without memory. */
static lookout_str_t
resources_version(const lookout_call_t *call, lookout_str_t version)
{
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    lookout_buf_t b = LOOKOUT_BUF_INIT, text = LOOKOUT_BUF_INIT;
    lookout_str_t result = LOOKOUT_STR_NONE;

    lookout_buf_str(&b, call->exchange->permit.key);
    lookout_buf_putc(&b, '\n');
    lookout_buf_str(&b, version);
    if (!b.failed) {
        lookout_sha256(lookout_buf_text(&b), digest);
        lookout_base64url(&text, digest, 16);
        result = lookout_arena_copy(call->arena, lookout_buf_text(&text));
    }
    lookout_buf_free(&b);
    lookout_buf_free(&text);
    return result;
}


lookout_code_e
lookout_resource_begin(lookout_call_t *call, lookout_str_t version, int64_t *from)
{
    lookout_roll_t *roll = call->roll;

    roll->version = resources_version(call, version);
    if (roll->version.data == NULL) {
        return lookout_fail_memory(&call->error);
    }
    if (roll->expected.data != NULL && !lookout_str_eq(roll->expected, roll->version)) {
        return lookout_call_fail(call, LOOKOUT_INVALID_CURSOR,
                                 LOOKOUT_STR("{\"reason\":\"data_refreshed\"}"),
                                 "Invalid params: what is listed was refreshed since the page "
                                 "before; begin again without a cursor");
    }
    roll->told = *from = roll->skip;
    roll->skip = 0;
    return LOOKOUT_OK;
}


bool
lookout_resource_add(lookout_call_t *call, lookout_str_t uri, lookout_str_t name,
                     lookout_str_t title, lookout_str_t description)
{
    lookout_buf_t *b = call->out;
    lookout_roll_t *roll = call->roll;

    if (roll->skip > 0) {
        roll->skip--;
        roll->told++;
        return true;
    }
    if (roll->room == 0) {
        roll->more = true;
        return false;
    }
    roll->room--;
    roll->told++;

    lookout_json_open(b, '{');
    lookout_json_key(b, "uri");
    lookout_json_str(b, uri);
    lookout_json_key(b, "name");
    lookout_json_str(b, name);
    if (title.data != NULL) {
        lookout_json_key(b, "title");
        lookout_json_str(b, title);
    }
    if (description.data != NULL) {
        lookout_json_key(b, "description");
        lookout_json_str(b, description);
    }
    if (roll->row->mime != NULL) {
        lookout_json_key(b, "mimeType");
        lookout_json_cstr(b, roll->row->mime);
    }
    lookout_json_close(b, '}');
    return true;
}


/* One row's resources; LOOKOUT_OK also when the page is full. */
static lookout_code_e
resources_row(lookout_call_t *call, const lookout_resource_t *row)
{
    lookout_roll_t *roll = call->roll;

    roll->row = row;
    roll->told = 0;
    roll->version = LOOKOUT_STR("");
    if (row->variables != NULL) {
        return row->list == NULL ? LOOKOUT_OK : row->list(call);
    }
    (void) lookout_resource_add(call, lookout_str(row->uri), lookout_str(row->name),
                                lookout_str(row->title), lookout_str(row->description));
    return LOOKOUT_OK;
}


/* The next word of a cursor; the last one goes to its end. */
static lookout_str_t
resources_word(lookout_str_t *rest, bool last)
{
    lookout_str_t word = *rest;
    const char *space = last ? NULL : memchr(rest->data, ' ', rest->len);

    if (space != NULL) {
        word.len = (size_t) (space - rest->data);
        rest->data += word.len + 1;
        rest->len -= word.len + 1;
    }
    return word;
}


/* Is the page to begin in this row? Then what its cursor says of it is taken over. */
static bool
resources_from(lookout_roll_t *roll, const lookout_resource_t *row)
{
    lookout_str_t rest = roll->cursor;

    if (rest.data == NULL) {
        return true;
    }
    if (!lookout_str_is(resources_word(&rest, false), row->name)) {
        return false;
    }
    roll->skip = strtoll(resources_word(&rest, false).data, NULL, 10);
    roll->expected = resources_word(&rest, true);
    return true;
}


static lookout_code_e
resources_run(lookout_exchange_t *exchange)
{
    bool begun = false;
    lookout_code_e code;
    lookout_call_t *call = &exchange->call;
    lookout_roll_t *roll = call->roll;
    const lookout_resource_t *row;
    const lookout_surface_t *const *set;

    *roll = (lookout_roll_t){ .cursor = roll->cursor, .room = RESOURCES_PAGE };

    for (set = exchange->mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(row, (*set)->resources)
        {
            begun = begun || resources_from(roll, row);
            if (!begun || !lookout_permits(&exchange->permit, &row->access)) {
                continue;
            }
            code = resources_row(call, row);
            if (code != LOOKOUT_OK || roll->more) {
                return code;
            }
            roll->skip = 0;
            roll->expected = LOOKOUT_STR_NONE;
        }
    }
    if (!begun) {
        return lookout_call_fail(call, LOOKOUT_INVALID_CURSOR,
                                 LOOKOUT_STR("{\"reason\":\"data_refreshed\"}"),
                                 "Invalid params: this cursor is of another version of the "
                                 "server; begin again without a cursor");
    }
    return LOOKOUT_OK;
}


static void
resources_cursor(const lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    lookout_str_t payload;
    lookout_buf_t *b = &exchange->out, cursor = LOOKOUT_BUF_INIT;
    const lookout_roll_t *roll = exchange->call.roll;

    payload = lookout_arena_printf(exchange->arena, "%s %lld %.*s", roll->row->name,
                                   (long long) roll->told, LOOKOUT_STR_ARG(roll->version));
    lookout_sign(&cursor, &mcp->config.key, RESOURCES_PURPOSE, payload);
    lookout_json_key(b, "nextCursor");
    lookout_json_str(b, lookout_buf_text(&cursor));
    b->failed |= cursor.failed || payload.data == NULL;
    lookout_buf_free(&cursor);
}


static void
resources_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    lookout_buf_t *b = &exchange->out;

    if (code != LOOKOUT_OK) {
        lookout_request_error(exchange);
        return;
    }

    lookout_result_begin(exchange, b);
    lookout_json_key(b, "resources");
    lookout_json_open(b, '[');
    lookout_buf_str(b, lookout_buf_text(&exchange->result));
    lookout_json_close(b, ']');
    if (exchange->call.roll->more) {
        resources_cursor(mcp, exchange);
    }
    lookout_result_ttl(exchange, LOOKOUT_TTL_DATA, false);
    lookout_result_end(mcp, exchange, b, "complete");
}


const lookout_kind_t lookout_kind_resources = {
    .target = resources_target,
    .run = resources_run,
    .reply = resources_reply,
};
