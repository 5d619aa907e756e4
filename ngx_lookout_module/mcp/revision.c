/*
 * Which era a request is in, and what the modern one owes: headers that mirror the body, so that
 * a proxy can route without parsing, compared here so that nobody can say one thing to the proxy
 * and another to the server. Values may be =?base64?...?= (MCP 2026-07-28, "Standard headers").
 */

#include "revision.h"

#include <stdlib.h>
#include <strings.h>

#include <openssl/evp.h>

#include "../base/text.h"

#define META_VERSION "io.modelcontextprotocol/protocolVersion"
#define META_CAPABILITIES "io.modelcontextprotocol/clientCapabilities"
#define META_LOG_LEVEL "io.modelcontextprotocol/logLevel"

const char *const lookout_revisions[] = { "2026-07-28", "2025-11-25", "2025-06-18",
                                          "2025-03-26", NULL };

static bool
revision_spoken(lookout_str_t version)
{
    const char *const *known;

    for (known = lookout_revisions; *known != NULL; known++) {
        if (lookout_str_is(version, *known)) {
            return true;
        }
    }
    return false;
}


bool
lookout_revision_legacy(lookout_str_t version)
{
    return revision_spoken(version) && !lookout_str_is(version, LOOKOUT_REVISION_MODERN);
}


static lookout_str_t
revision_meta(const cJSON *params, const char *name)
{
    const cJSON *item = lookout_json_get(lookout_json_get(params, "_meta"), name);

    return cJSON_IsString(item) ? lookout_str(item->valuestring) : LOOKOUT_STR_NONE;
}


bool
lookout_revision_modern(const lookout_headers_t *headers, const cJSON *params)
{
    lookout_str_t version;

    if (lookout_json_get(lookout_json_get(params, "_meta"), META_VERSION) != NULL) {
        return true;
    }

    /* Versions are dates: text order is time order. */
    version = headers->get(headers->data, "MCP-Protocol-Version");
    if (lookout_str_eq(version, LOOKOUT_HEADER_REPEATED)) {
        return true;
    }
    return version.len == sizeof(LOOKOUT_REVISION_MODERN) - 1 && version.data[0] == '2'
           && memcmp(version.data, LOOKOUT_REVISION_MODERN, version.len) >= 0;
}


static lookout_str_t
revision_trim(lookout_str_t s)
{
    while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) {
        s.data++;
        s.len--;
    }
    while (s.len > 0 && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}


static bool
revision_mismatch(lookout_arena_t *arena, lookout_refusal_t *refusal, const char *header,
                  const char *what)
{
    return lookout_refuse(refusal, 400, LOOKOUT_RPC_HEADER_MISMATCH,
                          lookout_arena_printf(arena, "Header mismatch: %s %s", header, what),
                          LOOKOUT_STR_NONE);
}


/* The header's value, trimmed; {NULL, 0} when it is missing. False with *refusal when it was
 * sent several times: a proxy may have taken another one of them, or all joined. */
static bool
revision_header(lookout_arena_t *arena, const lookout_headers_t *headers, const char *name,
                lookout_str_t *value, lookout_refusal_t *refusal)
{
    *value = headers->get(headers->data, name);
    if (lookout_str_eq(*value, LOOKOUT_HEADER_REPEATED)) {
        return revision_mismatch(arena, refusal, name, "is sent more than once; send it once");
    }
    *value = revision_trim(*value);
    return true;
}


/* Standard base64 with padding, as the header encoding has it. Strict: false for anything else. */
static bool
revision_base64(lookout_arena_t *arena, lookout_str_t text, lookout_str_t *out)
{
    int n;
    size_t i, padding;
    unsigned char *bytes;

    padding = 0;
    while (padding < 2 && padding < text.len && text.data[text.len - 1 - padding] == '=') {
        padding++;
    }
    for (i = 0; i < text.len - padding; i++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                   text.data[i])
            == NULL) {
            return false;
        }
    }

    bytes = lookout_arena_alloc(arena, text.len + 1);
    if (text.len % 4 != 0 || bytes == NULL) {
        return false;
    }

    n = EVP_DecodeBlock(bytes, (const unsigned char *) text.data, (int) text.len);
    if (n < 0) {
        return false;
    }
    *out = (lookout_str_t){ (const char *) bytes, (size_t) n - padding };
    return lookout_utf8_valid(*out);
}


/* Undoes =?base64?...?= of the header's value. False with *refusal when that cannot be. */
static bool
revision_value(lookout_arena_t *arena, const char *name, lookout_str_t *value,
               lookout_refusal_t *refusal)
{
    static const char begin[] = "=?base64?";

    if (value->len < sizeof(begin) + 1
        || strncasecmp(value->data, begin, sizeof(begin) - 1) != 0
        || memcmp(value->data + value->len - 2, "?=", 2) != 0) {
        return true;
    }

    value->data += sizeof(begin) - 1;
    value->len -= sizeof(begin) - 1 + 2;
    return revision_base64(arena, *value, value)
           || revision_mismatch(arena, refusal, name, "is not valid base64");
}


static bool
revision_check_version(lookout_arena_t *arena, const lookout_headers_t *headers,
                       const lookout_message_t *message, lookout_refusal_t *refusal)
{
    lookout_str_t header, body;

    if (!revision_header(arena, headers, "MCP-Protocol-Version", &header, refusal)) {
        return false;
    }
    body = revision_meta(message->params, META_VERSION);

    if (header.data == NULL) {
        return revision_mismatch(arena, refusal, "MCP-Protocol-Version", "is missing");
    }
    if (body.data != NULL && !lookout_str_eq(header, body)) {
        return revision_mismatch(arena, refusal, "MCP-Protocol-Version",
                                 "differs from params._meta[\"" META_VERSION "\"]");
    }

    if (body.data == NULL) {
        return lookout_refuse(
            refusal, 400, LOOKOUT_RPC_INVALID_PARAMS,
            LOOKOUT_STR("Invalid params: params._meta must carry \"" META_VERSION "\""),
            LOOKOUT_STR_NONE);
    }
    if (!cJSON_IsObject(
            lookout_json_get(lookout_json_get(message->params, "_meta"), META_CAPABILITIES))) {
        return lookout_refuse(
            refusal, 400, LOOKOUT_RPC_INVALID_PARAMS,
            LOOKOUT_STR("Invalid params: params._meta must carry \"" META_CAPABILITIES
                        "\", an object (it may be empty)"),
            LOOKOUT_STR_NONE);
    }

    if (!lookout_str_is(body, LOOKOUT_REVISION_MODERN)) {
        return lookout_refuse(refusal, 400, LOOKOUT_RPC_UNSUPPORTED_VERSION,
                              LOOKOUT_STR("Unsupported protocol version"),
                              lookout_revision_data(arena, body));
    }
    return true;
}


static bool
revision_check_method(lookout_arena_t *arena, const lookout_headers_t *headers,
                      const lookout_message_t *message, lookout_refusal_t *refusal)
{
    lookout_str_t value;

    if (!revision_header(arena, headers, "Mcp-Method", &value, refusal)) {
        return false;
    }
    if (value.data == NULL) {
        return revision_mismatch(arena, refusal, "Mcp-Method", "is missing");
    }
    return lookout_str_eq(value, message->method)
           || revision_mismatch(arena, refusal, "Mcp-Method", "differs from the body's method");
}


static bool
revision_check_name(lookout_arena_t *arena, const lookout_headers_t *headers,
                    const lookout_message_t *message, const char *subject,
                    lookout_refusal_t *refusal)
{
    lookout_str_t value;
    const cJSON *given;

    if (subject == NULL) {
        return true;
    }
    if (!revision_header(arena, headers, "Mcp-Name", &value, refusal)) {
        return false;
    }
    if (value.data == NULL) {
        return revision_mismatch(arena, refusal, "Mcp-Name", "is missing");
    }
    if (!revision_value(arena, "Mcp-Name", &value, refusal)) {
        return false;
    }

    given = lookout_json_get(message->params, subject);
    return (cJSON_IsString(given) && lookout_str_is(value, given->valuestring))
           || revision_mismatch(
               arena, refusal, "Mcp-Name",
               lookout_arena_printf(arena, "differs from params.%s", subject).data);
}


static bool
revision_same(lookout_str_t header, const cJSON *argument)
{
    char *end;
    char digits[32];
    int64_t n;
    long long m;

    if (cJSON_IsString(argument)) {
        return lookout_str_is(header, argument->valuestring);
    }
    if (cJSON_IsBool(argument)) {
        return lookout_str_is(header, cJSON_IsTrue(argument) ? "true" : "false");
    }
    if (!lookout_json_int_value(argument, &n) || header.len == 0
        || header.len >= sizeof(digits)) {
        return false;
    }

    memcpy(digits, header.data, header.len);
    digits[header.len] = '\0';
    m = strtoll(digits, &end, 10);
    return *end == '\0' && m == n;
}


/* Mcp-Param-X for each argument whose schema row says so. */
static bool
revision_check_params(lookout_arena_t *arena, const lookout_headers_t *headers,
                      const lookout_message_t *message, const lookout_schema_t *row,
                      lookout_refusal_t *refusal)
{
    lookout_str_t name, value;
    const cJSON *argument;

    for (; row != NULL && row->name != NULL; row++) {
        if (row->header == NULL) {
            continue;
        }

        name = lookout_arena_printf(arena, "Mcp-Param-%s", row->header);
        if (name.data == NULL) {
            return true;
        }
        argument = lookout_json_get(lookout_json_get(message->params, "arguments"), row->name);
        if (!revision_header(arena, headers, name.data, &value, refusal)) {
            return false;
        }

        if (argument == NULL || cJSON_IsNull(argument)) {
            if (value.data != NULL) {
                return revision_mismatch(arena, refusal, name.data,
                                         "is sent, but the argument is absent");
            }
            continue;
        }

        if (value.data == NULL) {
            return revision_mismatch(arena, refusal, name.data, "is missing");
        }
        if (!revision_value(arena, name.data, &value, refusal)) {
            return false;
        }
        if (!revision_same(value, argument)) {
            return revision_mismatch(arena, refusal, name.data, "differs from the argument");
        }
    }
    return true;
}


static bool
revision_check_log_level(const lookout_message_t *message, lookout_refusal_t *refusal)
{
    const cJSON *given =
        lookout_json_get(lookout_json_get(message->params, "_meta"), META_LOG_LEVEL);

    if (given == NULL
        || (cJSON_IsString(given) && lookout_log_level(given->valuestring, NULL))) {
        return true;
    }

    return lookout_refuse(refusal, 400, LOOKOUT_RPC_INVALID_PARAMS,
                          LOOKOUT_STR("Invalid params: \"" META_LOG_LEVEL
                                      "\" must be one of " LOOKOUT_LOG_LEVELS),
                          LOOKOUT_STR_NONE);
}


bool
lookout_revision_check(lookout_arena_t *arena, const lookout_headers_t *headers,
                       const lookout_message_t *message, const char *subject,
                       const lookout_schema_t *tool_input, lookout_refusal_t *refusal)
{
    return revision_check_version(arena, headers, message, refusal)
           && revision_check_method(arena, headers, message, refusal)
           && revision_check_name(arena, headers, message, subject, refusal)
           && revision_check_params(arena, headers, message, tool_input, refusal)
           && revision_check_log_level(message, refusal);
}


bool
lookout_revision_check_legacy(lookout_arena_t *arena, const lookout_headers_t *headers,
                              lookout_refusal_t *refusal)
{
    lookout_str_t version = revision_trim(headers->get(headers->data, "MCP-Protocol-Version"));

    if (version.data == NULL || lookout_revision_legacy(version)) {
        return true;
    }

    return lookout_refuse(refusal, 400, LOOKOUT_RPC_INVALID_REQUEST,
                          LOOKOUT_STR("Unsupported protocol version in MCP-Protocol-Version"),
                          lookout_revision_data(arena, version));
}


bool
lookout_revision_links(const lookout_headers_t *headers)
{
    lookout_str_t version = revision_trim(headers->get(headers->data, "MCP-Protocol-Version"));

    return version.data != NULL && !lookout_str_is(version, LOOKOUT_REVISION_BATCH);
}


lookout_str_t
lookout_revision_data(lookout_arena_t *arena, lookout_str_t requested)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t copy;
    const char *const *known;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "supported");
    lookout_json_open(&b, '[');
    for (known = lookout_revisions; *known != NULL; known++) {
        lookout_json_cstr(&b, *known);
    }
    lookout_json_close(&b, ']');
    lookout_json_key(&b, "requested");
    lookout_json_str(&b, requested);
    lookout_json_close(&b, '}');

    copy = b.failed ? LOOKOUT_STR_NONE : lookout_arena_copy(arena, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return copy;
}
