/*
 * Several rounds (MCP 2026-07-28, "Multi round-trip requests"): a function asks the client for
 * something and returns; the client comes again with the same request and the answers. What the
 * function wants to remember meanwhile is in requestState, which the client only carries:
 *
 *     base64url({"for", "until", "state"}) "." base64url(HMAC)
 *
 * `for` is a digest over the method, the row, the arguments and the caller, so that it opens
 * nothing but the request it was made for; `until` ends it after ten minutes.
 */

#include "server_private.h"

#include <inttypes.h>
#include <stdio.h>

#include "../base/clock.h"

#define ROUNDS_PURPOSE "round"
#define ROUNDS_TTL 600 /* s */
#define ROUNDS_STATE_MAX 4096
#define ROUNDS_TEXT_MAX 8192 /* of requestState, as it comes in */

/* What can be asked, and the capability that a client must have declared for it. */
static const struct {
    const char *method;
    const char *capability;
} rounds_methods[] = {
    { "elicitation/create", "elicitation" },
    { "sampling/createMessage", "sampling" },
    { "roots/list", "roots" },
};


static const cJSON *
rounds_capabilities(const lookout_exchange_t *exchange)
{
    return lookout_json_get(lookout_json_get(exchange->message.params, "_meta"),
                            "io.modelcontextprotocol/clientCapabilities");
}


bool
lookout_client_has(const lookout_exchange_t *exchange, const char *name)
{
    return cJSON_IsObject(lookout_json_get(rounds_capabilities(exchange), name));
}


bool
lookout_client_extension(const lookout_exchange_t *exchange, const char *name)
{
    return cJSON_IsObject(
        lookout_json_get(lookout_json_get(rounds_capabilities(exchange), "extensions"), name));
}


bool
lookout_call_client_has(const lookout_call_t *call, const char *capability)
{
    return lookout_client_has(call->exchange, capability);
}


lookout_code_e
lookout_call_requires(lookout_call_t *call, const char *capability)
{
    if (lookout_client_has(call->exchange, capability)) {
        return LOOKOUT_OK;
    }
    call->lacking = lookout_str(capability);
    return LOOKOUT_NEEDS_CAPABILITY;
}


lookout_code_e
lookout_call_ask(lookout_call_t *call, const char *key, const char *method,
                 lookout_str_t params)
{
    size_t i;
    lookout_code_e code;

    for (i = 0; i < sizeof(rounds_methods) / sizeof(rounds_methods[0]); i++) {
        if (strcmp(rounds_methods[i].method, method) == 0) {
            code = lookout_call_requires(call, rounds_methods[i].capability);
            if (code != LOOKOUT_OK) {
                return code;
            }
        }
    }

    lookout_json_key(&call->asked, key);
    lookout_json_open(&call->asked, '{');
    lookout_json_key(&call->asked, "method");
    lookout_json_cstr(&call->asked, method);
    lookout_json_key(&call->asked, "params");
    lookout_json_raw(&call->asked, params);
    lookout_json_close(&call->asked, '}');
    return LOOKOUT_NEEDS_INPUT;
}


lookout_code_e
lookout_call_remember(lookout_call_t *call, lookout_str_t state)
{
    call->state = state.len > ROUNDS_STATE_MAX ? LOOKOUT_STR_NONE
                                               : lookout_arena_copy(call->arena, state);
    if (call->state.data == NULL) {
        return lookout_fail_memory(&call->error);
    }
    return LOOKOUT_NEEDS_INPUT;
}


lookout_str_t
lookout_call_recall(const lookout_call_t *call)
{
    const cJSON *state = lookout_json_get(call->exchange->turn.recalled, "state");

    return cJSON_IsString(state) ? lookout_str(state->valuestring) : LOOKOUT_STR_NONE;
}


const cJSON *
lookout_call_answer(const lookout_call_t *call, const char *key)
{
    const cJSON *answer = lookout_json_get(
        lookout_json_get(call->exchange->message.params, "inputResponses"), key);

    return cJSON_IsObject(answer) ? answer : NULL;
}


/* A field behind its length, so that no two sets of fields make one text. */
static void
rounds_field(lookout_buf_t *b, lookout_str_t field)
{
    lookout_buf_printf(b, "%zu:", field.len);
    lookout_buf_str(b, field);
}


/* What the request is about, as params names it; empty: nothing by name. */
static lookout_str_t
rounds_subject(const lookout_message_t *message)
{
    const cJSON *given;
    const char *member = lookout_method_subject(message->method);

    if (member == NULL) {
        return LOOKOUT_STR("");
    }
    given = lookout_json_get(message->params, member);
    return lookout_str(cJSON_IsString(given) ? given->valuestring : "");
}


/* What a requestState is bound to, in hexadecimal. */
static bool
rounds_bond(const lookout_exchange_t *exchange, char hex[65])
{
    size_t i;
    char *args = cJSON_PrintUnformatted(exchange->call.args);
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    rounds_field(&b, exchange->message.method);
    rounds_field(&b, rounds_subject(&exchange->message));
    rounds_field(&b, lookout_str(args == NULL ? "" : args));
    rounds_field(&b, exchange->caller);
    rounds_field(&b, exchange->permit.key);
    b.failed |= args == NULL;
    cJSON_free(args);

    if (!b.failed) {
        lookout_sha256(lookout_buf_text(&b), digest);
        for (i = 0; i < sizeof(digest); i++) {
            (void) snprintf(hex + i * 2, 3, "%02x", digest[i]);
        }
    }
    i = !b.failed;
    lookout_buf_free(&b);
    return i != 0;
}


static bool
rounds_refuse(lookout_refusal_t *refusal, const char *why)
{
    return lookout_refuse(refusal, 200, LOOKOUT_RPC_INVALID_PARAMS, lookout_str(why),
                          LOOKOUT_STR_NONE);
}


/* Opens a requestState; false with *refusal for one that is not ours, or not for this. */
static bool
rounds_open(lookout_mcp_t *mcp, lookout_exchange_t *exchange, lookout_str_t text,
            lookout_refusal_t *refusal)
{
    int n;
    char bond[65];
    int64_t until;
    uint8_t *bytes;
    const cJSON *item;
    lookout_str_t payload;
    lookout_json_error_t error;

    bytes = lookout_arena_alloc(exchange->arena, ROUNDS_TEXT_MAX);
    if (bytes == NULL || text.len > ROUNDS_TEXT_MAX
        || !lookout_unsign(&mcp->config.key, ROUNDS_PURPOSE, text, &payload)
        || (n = lookout_base64url_decode(payload, bytes, ROUNDS_TEXT_MAX)) < 0) {
        return rounds_refuse(refusal, "Invalid params: requestState is not as this server sent "
                                      "it; send it back unchanged, or begin again without it");
    }

    exchange->turn.recalled = lookout_json_parse(
        exchange->arena, (lookout_str_t){ (char *) bytes, (size_t) n }, &error);
    item = lookout_json_get(exchange->turn.recalled, "for");
    if (!cJSON_IsString(item) || !rounds_bond(exchange, bond)
        || strcmp(item->valuestring, bond) != 0) {
        return rounds_refuse(refusal, "Invalid params: requestState belongs to another "
                                      "request, or to another caller; begin again without it");
    }
    if (!lookout_json_int_value(lookout_json_get(exchange->turn.recalled, "until"), &until)
        || until <= lookout_now()) {
        return rounds_refuse(refusal, "Invalid params: requestState has expired; begin again "
                                      "without it");
    }
    return true;
}


bool
lookout_rounds_read(lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                    lookout_refusal_t *refusal)
{
    const cJSON *state = lookout_json_get(exchange->message.params, "requestState");
    const cJSON *item, *answers = lookout_json_get(exchange->message.params, "inputResponses");

    exchange->turn.recalled = NULL;
    if (!exchange->modern) {
        return true;
    }

    if (answers != NULL && !cJSON_IsObject(answers)) {
        return rounds_refuse(refusal, "Invalid params: inputResponses must be an object, with "
                                      "an answer for each key of inputRequests");
    }
    cJSON_ArrayForEach(item, answers)
    {
        if (!cJSON_IsObject(item)) {
            return rounds_refuse(refusal, "Invalid params: each of inputResponses must be an "
                                          "object, the result of what was asked");
        }
    }

    if (state == NULL) {
        return true;
    }
    if (!cJSON_IsString(state)) {
        return rounds_refuse(refusal, "Invalid params: requestState must be the text that this "
                                      "server sent");
    }
    return rounds_open(mcp, exchange, lookout_str(state->valuestring), refusal);
}


/* Appends the member requestState. */
static void
rounds_seal(const lookout_mcp_t *mcp, const lookout_exchange_t *exchange, lookout_buf_t *b)
{
    char bond[65];
    lookout_buf_t json = LOOKOUT_BUF_INIT, payload = LOOKOUT_BUF_INIT,
                  sealed = LOOKOUT_BUF_INIT;

    lookout_json_open(&json, '{');
    lookout_json_key(&json, "for");
    json.failed |= !rounds_bond(exchange, bond);
    lookout_json_cstr(&json, bond);
    lookout_json_key(&json, "until");
    lookout_json_int(&json, lookout_now() + ROUNDS_TTL);
    lookout_json_key(&json, "state");
    lookout_json_str(&json, exchange->call.state);
    lookout_json_close(&json, '}');

    lookout_base64url(&payload, json.data, json.failed ? 0 : json.len);
    lookout_sign(&sealed, &mcp->config.key, ROUNDS_PURPOSE, lookout_buf_text(&payload));

    lookout_json_key(b, "requestState");
    lookout_json_str(b, lookout_buf_text(&sealed));
    b->failed |= json.failed || payload.failed || sealed.failed;

    lookout_buf_free(&json);
    lookout_buf_free(&payload);
    lookout_buf_free(&sealed);
}


static void
rounds_reply_asked(const lookout_mcp_t *mcp, lookout_exchange_t *exchange)
{
    lookout_buf_t *b = &exchange->out;
    const lookout_call_t *call = &exchange->call;

    lookout_result_begin(exchange, b);
    if (call->asked.len != 0 || call->asked.failed) {
        lookout_json_key(b, "inputRequests");
        lookout_json_open(b, '{');
        lookout_buf_str(b, lookout_buf_text(&call->asked));
        lookout_json_close(b, '}');
        b->failed |= call->asked.failed;
    }
    if (call->state.data != NULL) {
        rounds_seal(mcp, exchange, b);
    }
    lookout_result_end(mcp, exchange, b, "input_required");
}


/* The client did not declare what the call needs; or, being a legacy one, cannot be asked. */
static void
rounds_reply_lacking(lookout_exchange_t *exchange)
{
    lookout_refusal_t refusal;
    lookout_str_t name = exchange->call.lacking;

    if (exchange->modern) {
        lookout_refuse(
            &refusal, 400, LOOKOUT_RPC_MISSING_CAPABILITY,
            lookout_arena_printf(exchange->arena,
                                 "Missing required client capability: this needs \"%.*s\" in "
                                 "io.modelcontextprotocol/clientCapabilities",
                                 LOOKOUT_STR_ARG(name)),
            lookout_arena_printf(exchange->arena, "{\"requiredCapabilities\":{\"%.*s\":{}}}",
                                 LOOKOUT_STR_ARG(name)));
    } else {
        lookout_refuse(&refusal, 200, LOOKOUT_RPC_INVALID_REQUEST,
                       lookout_arena_printf(
                           exchange->arena,
                           "This needs the client's \"%.*s\" in the middle of the request, "
                           "which this server asks for as revision " LOOKOUT_REVISION_MODERN
                           " has it, and in no earlier way",
                           LOOKOUT_STR_ARG(name)),
                       LOOKOUT_STR_NONE);
    }
    lookout_request_refuse(exchange, &refusal);
}


bool
lookout_rounds_reply(const lookout_mcp_t *mcp, lookout_exchange_t *exchange,
                     lookout_code_e code)
{
    switch (code) {
    case LOOKOUT_NEEDS_INPUT:
        if (!exchange->modern) {
            exchange->call.lacking = LOOKOUT_STR("requestState");
            rounds_reply_lacking(exchange);
        } else {
            rounds_reply_asked(mcp, exchange);
        }
        return true;

    case LOOKOUT_NEEDS_CAPABILITY:
        rounds_reply_lacking(exchange);
        return true;

    default:
        return false;
    }
}
