/*
 * Taking a JSON-RPC message apart, strictly: what is not one of the four kinds of message is
 * refused with the member that is wrong.
 */

#include "message.h"


bool
lookout_refuse(lookout_refusal_t *refusal, int status, int code, lookout_str_t message,
               lookout_str_t data)
{
    refusal->status = status;
    refusal->code = code;
    refusal->message = message;
    refusal->data = data;
    return false;
}


static bool
message_refuse(lookout_refusal_t *refusal, lookout_str_t why)
{
    return lookout_refuse(refusal, 400, LOOKOUT_RPC_INVALID_REQUEST, why, LOOKOUT_STR_NONE);
}


static bool
message_id(const cJSON *tree, lookout_message_t *message, lookout_refusal_t *refusal)
{
    int64_t n;
    const cJSON *id = lookout_json_get(tree, "id");

    if (id == NULL) {
        return true;
    }

    if (cJSON_IsString(id) || (lookout_json_int_value(id, &n))) {
        message->id = lookout_json_member(message->text, "id");
        return true;
    }

    return message_refuse(
        refusal, LOOKOUT_STR("Invalid request: id must be a string or a whole number"));
}


static bool
message_check(const cJSON *tree, lookout_message_t *message, lookout_refusal_t *refusal)
{
    const cJSON *item;

    if (!cJSON_IsObject(tree)) {
        return message_refuse(refusal,
                              LOOKOUT_STR("Invalid request: a message must be a JSON object"));
    }

    if (!message_id(tree, message, refusal)) {
        return false;
    }

    item = lookout_json_get(tree, "jsonrpc");
    if (!cJSON_IsString(item) || strcmp(item->valuestring, "2.0") != 0) {
        return message_refuse(refusal, LOOKOUT_STR("Invalid request: jsonrpc must be \"2.0\""));
    }

    item = lookout_json_get(tree, "method");
    if (item == NULL && message->id.data != NULL
        && (lookout_json_get(tree, "result") != NULL
            || lookout_json_get(tree, "error") != NULL)) {
        message->kind = LOOKOUT_MESSAGE_RESPONSE;
        return true;
    }
    if (item == NULL || !cJSON_IsString(item) || item->valuestring[0] == '\0') {
        return message_refuse(
            refusal, LOOKOUT_STR("Invalid request: method must be a non-empty string"));
    }
    message->method = lookout_str(item->valuestring);

    item = lookout_json_get(tree, "params");
    if (item != NULL && !cJSON_IsObject(item)) {
        return lookout_refuse(refusal, 400, LOOKOUT_RPC_INVALID_PARAMS,
                              LOOKOUT_STR("Invalid params: params must be an object"),
                              LOOKOUT_STR_NONE);
    }
    message->params = item;

    message->kind =
        message->id.data != NULL ? LOOKOUT_MESSAGE_REQUEST : LOOKOUT_MESSAGE_NOTIFICATION;
    return true;
}


void
lookout_message_read(const cJSON *tree, lookout_str_t text, lookout_message_t *message,
                     lookout_refusal_t *refusal)
{
    *message = (lookout_message_t){ .kind = LOOKOUT_MESSAGE_INVALID, .text = text };

    if (!message_check(tree, message, refusal)) {
        message->kind = LOOKOUT_MESSAGE_INVALID;
    }
}


size_t
lookout_message_split(lookout_str_t array, lookout_str_t *items, size_t max)
{
    bool quoted = false;
    size_t i, n = 0, depth = 0, start = 0;

    for (i = 0; i < array.len; i++) {
        switch (array.data[i]) {
        case '\\':
            i += quoted;
            break;
        case '"':
            quoted = !quoted;
            break;
        case '[':
        case '{':
            if (!quoted && depth++ == 0) {
                start = i + 1;
            }
            break;
        case ']':
        case '}':
            depth -= !quoted;
            break;
        default:
            break;
        }

        /* An item ends at a comma of the outermost array, or at its closing bracket. */
        if (!quoted && i > 0
            && ((array.data[i] == ',' && depth == 1) || (array.data[i] == ']' && depth == 0))) {
            if (n < max) {
                items[n] = (lookout_str_t){ array.data + start, i - start };
            }
            n++;
            start = i + 1;
        }
    }
    return n < max ? n : max;
}


static void
message_begin(lookout_buf_t *b, lookout_str_t id)
{
    lookout_buf_puts(b, "{\"jsonrpc\":\"2.0\"");
    if (id.data != NULL) {
        lookout_buf_puts(b, ",\"id\":");
        lookout_buf_str(b, id);
    }
}


void
lookout_message_error(lookout_buf_t *b, lookout_str_t id, const lookout_refusal_t *refusal)
{
    message_begin(b, id);
    lookout_json_key(b, "error");
    lookout_json_open(b, '{');
    lookout_json_key(b, "code");
    lookout_json_int(b, refusal->code);
    lookout_json_key(b, "message");
    lookout_json_str(b, refusal->message);
    if (refusal->data.data != NULL) {
        lookout_json_key(b, "data");
        lookout_json_raw(b, refusal->data);
    }
    lookout_json_close(b, '}');
    lookout_json_close(b, '}');
}


void
lookout_message_result(lookout_buf_t *b, lookout_str_t id)
{
    message_begin(b, id);
    lookout_json_key(b, "result");
}
