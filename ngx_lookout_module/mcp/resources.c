/*
 * Resources: reading one by its URI, and listing those there are.
 *
 * A URI fits a row's uri, or its template; the variables are then the arguments of the row's
 * function. The listing has the single resources first, in the order of the rows, and then
 * those that each template lists, a page at a time. Its cursor says how many were told, and is
 * sealed together with the state of the files that they came from.
 */

#include "server_private.h"

#include <stdlib.h>

#define RESOURCES_PAGE 100
#define RESOURCES_PURPOSE "resources"

struct lookout_roll_s {
    int64_t skip; /* resources before the page */
    int64_t room; /* that the page still has */
    bool more;    /* there is one behind the page */
    lookout_str_t mime;
};


static int
resources_hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}


/* The value of a variable, with %XX undone; NULL for what cannot be. */
static cJSON *
resources_value(lookout_arena_t *arena, lookout_str_t text)
{
    int high, low;
    size_t i, n = 0;
    char *value = lookout_arena_alloc(arena, text.len + 1);

    for (i = 0; value != NULL && i < text.len; i++) {
        value[n] = text.data[i];
        if (text.data[i] == '%') {
            high = i + 2 < text.len ? resources_hex(text.data[i + 1]) : -1;
            low = i + 2 < text.len ? resources_hex(text.data[i + 2]) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0)) {
                return NULL;
            }
            value[n] = (char) (high * 16 + low);
            i += 2;
        }
        n++;
    }
    if (value == NULL) {
        return NULL;
    }
    value[n] = '\0';
    return cJSON_CreateString(value);
}


static void
resources_free(void *data)
{
    cJSON_Delete(data);
}


cJSON *
lookout_template_match(lookout_arena_t *arena, const char *template, lookout_str_t uri)
{
    size_t n;
    char name[64];
    const char *close, *at = uri.data, *end = uri.data + uri.len;
    cJSON *value, *values = cJSON_CreateObject();

    if (values == NULL || !lookout_arena_defer(arena, resources_free, values)) {
        return NULL;
    }

    while (*template != '\0') {
        if (*template != '{') {
            if (at == end || *at++ != *template ++) {
                return NULL;
            }
            continue;
        }

        close = strchr(template, '}');
        n = close == NULL ? sizeof(name) : (size_t) (close - template - 1);
        if (n >= sizeof(name)) {
            return NULL;
        }
        memcpy(name, template + 1, n);
        name[n] = '\0';
        template = close + 1;

        for (n = 0; at + n < end && at[n] != '/' && at[n] != *template; n++) { /* void */
        }
        value = n == 0 ? NULL : resources_value(arena, (lookout_str_t){ at, n });
        if (value == NULL || !cJSON_AddItemToObject(values, name, value)) {
            cJSON_Delete(value);
            return NULL;
        }
        at += n;
    }
    return at == end ? values : NULL;
}


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
                exchange->resource = row;
                exchange->call.args = values;
                return true;
            }
        }
    }
    return false;
}


static bool
resource_refuse(lookout_exchange_t *exchange, lookout_str_t uri, lookout_refusal_t *refusal,
                lookout_str_t why)
{
    lookout_buf_t data = LOOKOUT_BUF_INIT;

    lookout_json_open(&data, '{');
    lookout_json_key(&data, "uri");
    lookout_json_str(&data, uri);
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
        return resource_refuse(exchange, call->uri, refusal,
                               LOOKOUT_STR("no resource has such a URI; resources/list and "
                                           "resources/templates/list show what there is"));
    }
    exchange->tool = lookout_str(exchange->resource->name);
    return true;
}


static lookout_code_e
resource_run(lookout_exchange_t *exchange)
{
    exchange->call.mime = exchange->resource->mime;
    exchange->call.ttl_ms = exchange->resource->ttl_ms;
    exchange->call.binary = false;
    return exchange->resource->read(&exchange->call);
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
        resource_refuse(exchange, exchange->call.uri, &refusal, exchange->call.error.message);
        lookout_request_refuse(exchange, &refusal);
        break;

    default:
        lookout_request_error(exchange);
    }
}


static void
resource_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    lookout_buf_t *b = &exchange->out;
    const lookout_call_t *call = &exchange->call;
    lookout_str_t content = lookout_buf_text(&exchange->result);

    if (code != LOOKOUT_OK) {
        resource_failed(exchange, code);
        return;
    }

    (void) lookout_buf_reserve(b, content.len + content.len / 2 + 512);
    lookout_result_begin(exchange, b);
    lookout_json_key(b, "contents");
    lookout_json_open(b, '[');
    lookout_json_open(b, '{');
    lookout_json_key(b, "uri");
    lookout_json_str(b, call->uri);
    lookout_json_key(b, "mimeType");
    lookout_json_cstr(b, call->mime);
    if (call->binary) {
        lookout_json_key(b, "blob");
        lookout_buf_putc(b, '"');
        lookout_base64(b, content.data, content.len);
        lookout_buf_putc(b, '"');
    } else {
        lookout_json_key(b, "text");
        lookout_buf_putc(b, '"');
        lookout_buf_json_escape(b, content);
        lookout_buf_putc(b, '"');
    }
    if (exchange->resource->meta != NULL) {
        lookout_json_key(b, "_meta");
        lookout_json_raw(b, lookout_str(exchange->resource->meta));
    }
    lookout_json_close(b, '}');
    lookout_json_close(b, ']');
    lookout_result_ttl(exchange, call->ttl_ms, exchange->resource->shared);
    lookout_result_end(mcp, exchange, b, "complete");
}


const lookout_kind_t lookout_kind_resource = {
    .target = resource_target,
    .run = resource_run,
    .reply = resource_reply,
};


/* A list's cursor: "<how many were told>.<a digest of the files' state>", sealed. */
static bool
resources_target(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_refusal_t *refusal)
{
    lookout_str_t payload = LOOKOUT_STR_NONE;
    const cJSON *cursor = lookout_json_get(exchange->message.params, "cursor");
    lookout_roll_t *roll = lookout_arena_alloc(exchange->arena, sizeof(lookout_roll_t));

    if (cursor != NULL
        && !lookout_str_is(LOOKOUT_STR(""),
                           cJSON_IsString(cursor) ? cursor->valuestring : "?")) {
        if (!cJSON_IsString(cursor)
            || !lookout_unsign(&mcp->config.key, RESOURCES_PURPOSE,
                               lookout_str(cursor->valuestring), &payload)) {
            return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS,
                                  LOOKOUT_STR("Invalid params: unknown cursor; send nextCursor "
                                              "of the page before, unchanged, or begin without "
                                              "one"),
                                  LOOKOUT_STR_NONE);
        }
    }
    if (roll == NULL) {
        return lookout_refuse(refusal, 200, LOOKOUT_RPC_INTERNAL_ERROR,
                              LOOKOUT_STR("Internal error: out of memory"), LOOKOUT_STR_NONE);
    }

    *roll = (lookout_roll_t){ .skip = 0 };
    exchange->call.roll = roll;
    exchange->call.uri = payload; /* what the page goes on from */
    return true;
}


bool
lookout_resource_add(lookout_call_t *call, lookout_str_t uri, lookout_str_t name,
                     lookout_str_t title, lookout_str_t description)
{
    lookout_buf_t *b = call->out;
    lookout_roll_t *roll = call->roll;

    if (roll->skip > 0) {
        roll->skip--;
        return true;
    }
    if (roll->room == 0) {
        roll->more = true;
        return false;
    }
    roll->room--;

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
    lookout_json_key(b, "mimeType");
    lookout_json_str(b, roll->mime);
    lookout_json_close(b, '}');
    return true;
}


/* One row's resources; LOOKOUT_OK also when the page is full. */
static lookout_code_e
resources_row(lookout_call_t *call, const lookout_resource_t *row)
{
    call->roll->mime = lookout_str(row->mime);
    if (row->variables != NULL) {
        return row->list == NULL ? LOOKOUT_OK : row->list(call);
    }
    (void) lookout_resource_add(call, lookout_str(row->uri), lookout_str(row->name),
                                lookout_str(row->title), lookout_str(row->description));
    return LOOKOUT_OK;
}


/* The state of the files that the list was made from, 22 characters. */
static lookout_str_t
resources_version(lookout_call_t *call)
{
    size_t i;
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    lookout_buf_t b = LOOKOUT_BUF_INIT, text = LOOKOUT_BUF_INIT;
    lookout_str_t version;

    for (i = 0; i < call->n_deps; i++) {
        lookout_buf_puts(&b, call->deps[i].path);
        lookout_buf_add(&b, (const char *) &call->deps[i].id, sizeof(call->deps[i].id));
    }
    lookout_sha256(lookout_buf_text(&b), digest);
    lookout_base64url(&text, digest, 16);
    version = b.failed || text.failed
                  ? LOOKOUT_STR_NONE
                  : lookout_arena_copy(call->arena, lookout_buf_text(&text));
    lookout_buf_free(&b);
    lookout_buf_free(&text);
    return version;
}


static lookout_code_e
resources_run(lookout_exchange_t *exchange)
{
    int64_t from;
    lookout_code_e code;
    const char *dot;
    lookout_call_t *call = &exchange->call;
    const lookout_resource_t *row;
    const lookout_surface_t *const *set;

    from = call->uri.data == NULL ? 0 : strtoll(call->uri.data, NULL, 10);
    *call->roll = (lookout_roll_t){ .skip = from, .room = RESOURCES_PAGE };

    for (set = exchange->mcp->config.surfaces; *set != NULL; set++) {
        LOOKOUT_ROWS(row, (*set)->resources)
        {
            code = call->roll->more ? LOOKOUT_OK : resources_row(call, row);
            if (code != LOOKOUT_OK) {
                return code;
            }
        }
    }

    call->state = resources_version(call);
    if (call->state.data == NULL) {
        return lookout_fail_memory(&call->error);
    }
    dot = call->uri.data == NULL ? NULL : memchr(call->uri.data, '.', call->uri.len);
    if (dot != NULL
        && !lookout_str_eq(
            call->state,
            (lookout_str_t){ dot + 1, (size_t) (call->uri.data + call->uri.len - dot - 1) })) {
        call->uri = LOOKOUT_STR_NONE;
        return lookout_call_fail(call, LOOKOUT_INVALID_INPUT,
                                 LOOKOUT_STR("{\"reason\":\"data_refreshed\"}"),
                                 "Invalid params: the data were refreshed since the page "
                                 "before; begin again without a cursor.");
    }
    return LOOKOUT_OK;
}


static void
resources_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_code_e code)
{
    lookout_str_t payload;
    lookout_buf_t *b = &exchange->out, cursor = LOOKOUT_BUF_INIT;
    lookout_call_t *call = &exchange->call;

    if (code != LOOKOUT_OK) {
        call->uri = LOOKOUT_STR_NONE;
        lookout_request_error(exchange);
        return;
    }

    lookout_result_begin(exchange, b);
    lookout_json_key(b, "resources");
    lookout_json_open(b, '[');
    lookout_buf_str(b, lookout_buf_text(&exchange->result));
    lookout_json_close(b, ']');
    if (call->roll->more) {
        payload = lookout_arena_printf(
            exchange->arena, "%lld.%.*s",
            (call->uri.data == NULL ? 0 : strtoll(call->uri.data, NULL, 10)) + RESOURCES_PAGE,
            LOOKOUT_STR_ARG(call->state));
        lookout_sign(&cursor, &mcp->config.key, RESOURCES_PURPOSE, payload);
        lookout_json_key(b, "nextCursor");
        lookout_json_str(b, lookout_buf_text(&cursor));
        b->failed |= cursor.failed || payload.data == NULL;
        lookout_buf_free(&cursor);
    }
    lookout_result_ttl(exchange, LOOKOUT_TTL_DATA, false);
    lookout_result_end(mcp, exchange, b, "complete");
}


const lookout_kind_t lookout_kind_resources = {
    .target = resources_target,
    .run = resources_run,
    .reply = resources_reply,
};
