/*
 * The tools that ask the client for something before they answer. Each question is a row; a
 * tool looks at the answers it has, asks for those it lacks, and is run again from its
 * beginning when the client has come back.
 */

#include "conformance.h"

typedef struct {
    const char *key;
    const char *method;
    const char *params; /* JSON */
} question_t;

#define ELICIT "elicitation/create"
#define SAMPLE "sampling/createMessage"
#define ROOTS "roots/list"

/* An elicitation's params: one required property. */
#define FORM(message, name, type)                                                              \
    "{\"message\":\"" message "\",\"requestedSchema\":{\"type\":\"object\",\"properties\":"    \
    "{\"" name "\":{\"type\":\"" type "\"}},\"required\":[\"" name "\"]}}"

/* A sampling's params: one message. */
#define MESSAGE(text, tokens)                                                                  \
    "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"" text        \
    "\"}}],\"maxTokens\":" tokens "}"

static const question_t question_name = { "user_name", ELICIT,
                                          FORM("What is your name?", "name", "string") };
static const question_t question_capital = { "capital_question", SAMPLE,
                                             MESSAGE("What is the capital of France?", "100") };
static const question_t question_greeting = { "greeting", SAMPLE,
                                              MESSAGE("Generate a greeting", "50") };
static const question_t question_roots = { "client_roots", ROOTS, "{}" };
static const question_t question_confirm = { "confirm", ELICIT,
                                             FORM("Please confirm", "ok", "boolean") };
static const question_t question_step1 = {
    "step1", ELICIT, FORM("Step 1: What is your name?", "name", "string")
};
static const question_t question_step2 = {
    "step2", ELICIT, FORM("Step 2: What is your favorite color?", "color", "string")
};
static const question_t question_context = {
    "user_context", ELICIT, FORM("What context should the prompt use?", "context", "string")
};
static const question_t question_defaults = {
    "defaults", ELICIT,
    "{\"message\":\"Please review these values\",\"requestedSchema\":{\"type\":\"object\","
    "\"properties\":{"
    "\"name\":{\"type\":\"string\",\"default\":\"John Doe\"},"
    "\"age\":{\"type\":\"integer\",\"default\":30},"
    "\"score\":{\"type\":\"number\",\"default\":95.5},"
    "\"status\":{\"type\":\"string\",\"enum\":[\"active\",\"inactive\",\"pending\"],"
    "\"default\":\"active\"},"
    "\"verified\":{\"type\":\"boolean\",\"default\":true}}}}"
};
static const question_t question_enums = {
    "enums", ELICIT,
    "{\"message\":\"Please choose\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{"
    "\"untitledSingle\":{\"type\":\"string\",\"enum\":[\"option1\",\"option2\",\"option3\"]},"
    "\"titledSingle\":{\"type\":\"string\",\"oneOf\":["
    "{\"const\":\"value1\",\"title\":\"First Option\"},"
    "{\"const\":\"value2\",\"title\":\"Second Option\"}]},"
    "\"legacyEnum\":{\"type\":\"string\",\"enum\":[\"opt1\",\"opt2\"],"
    "\"enumNames\":[\"Option One\",\"Option Two\"]},"
    "\"untitledMulti\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
    "\"enum\":[\"option1\",\"option2\",\"option3\"]}},"
    "\"titledMulti\":{\"type\":\"array\",\"items\":{\"anyOf\":["
    "{\"const\":\"value1\",\"title\":\"First Choice\"},"
    "{\"const\":\"value2\",\"title\":\"Second Choice\"}]}}}}}"
};


static lookout_code_e
rounds_ask(lookout_call_t *call, const question_t *question)
{
    return lookout_call_ask(call, question->key, question->method,
                            lookout_str(question->params));
}


/* Asks with params whose one text is an argument of the call, between two pieces of JSON. */
static lookout_code_e
rounds_ask_text(lookout_call_t *call, const char *method, const char *before,
                const char *argument, const char *after)
{
    lookout_code_e code;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_buf_puts(&b, before);
    lookout_json_str(&b, lookout_arg_str(call, argument));
    lookout_buf_puts(&b, after);
    code = b.failed ? lookout_fail_memory(&call->error)
                    : lookout_call_ask(call, argument, method, lookout_buf_text(&b));
    lookout_buf_free(&b);
    return code;
}


/* Says "<what><the answer, as JSON>". */
static lookout_code_e
rounds_say_answer(lookout_call_t *call, const char *what, const cJSON *answer)
{
    char *text = cJSON_PrintUnformatted(answer);
    lookout_code_e code;

    code = text == NULL ? lookout_fail_memory(&call->error)
                        : lookout_conformance_say(call, "%s%s", what, text);
    cJSON_free(text);
    return code;
}


/* An elicitation is answered once it was accepted; the others once there is a result. */
static const cJSON *
rounds_answered(const lookout_call_t *call, const question_t *question)
{
    const cJSON *answer = lookout_call_answer(call, question->key);
    const cJSON *action = lookout_json_get(answer, "action");

    if (strcmp(question->method, ELICIT) != 0) {
        return answer;
    }
    return cJSON_IsString(action) && strcmp(action->valuestring, "accept") == 0
               ? lookout_json_get(answer, "content")
               : NULL;
}


/* Asks the one question, and says "<what><the answer>" when there is one. */
static lookout_code_e
rounds_one(lookout_call_t *call, const question_t *question, const char *what)
{
    const cJSON *answer = rounds_answered(call, question);

    return answer == NULL ? rounds_ask(call, question) : rounds_say_answer(call, what, answer);
}


lookout_str_t
lookout_conformance_answer(const lookout_call_t *call, const char *key, const char *field)
{
    const question_t question = { key, ELICIT, NULL };
    const cJSON *item = lookout_json_get(rounds_answered(call, &question), field);

    return cJSON_IsString(item) ? lookout_str(item->valuestring) : LOOKOUT_STR_NONE;
}


lookout_code_e
lookout_conformance_missing(lookout_call_t *call)
{
    lookout_code_e code = lookout_call_requires(call, "sampling");

    return code != LOOKOUT_OK ? code
                              : lookout_conformance_say(call, "The client can do sampling.");
}


lookout_code_e
lookout_conformance_name(lookout_call_t *call)
{
    return rounds_ask(call, &question_name);
}


lookout_code_e
lookout_conformance_ask_name(lookout_call_t *call)
{
    lookout_str_t name = lookout_conformance_answer(call, question_name.key, "name");

    return name.data == NULL
               ? lookout_conformance_name(call)
               : lookout_conformance_say(call, "Hello, %.*s!", LOOKOUT_STR_ARG(name));
}


lookout_code_e
lookout_conformance_ask_capital(lookout_call_t *call)
{
    return rounds_one(call, &question_capital, "The model says: ");
}


lookout_code_e
lookout_conformance_ask_roots(lookout_call_t *call)
{
    return rounds_one(call, &question_roots, "The client's roots: ");
}


static const question_t *const rounds_all[] = { &question_name, &question_greeting,
                                                &question_roots };
static const char *const rounds_all_needs[] = { "elicitation", "sampling", "roots" };

#define ROUNDS_ALL (sizeof(rounds_all) / sizeof(rounds_all[0]))


lookout_code_e
lookout_conformance_ask_able(lookout_call_t *call)
{
    size_t i;
    lookout_code_e code = LOOKOUT_OK;

    for (i = 0; i < ROUNDS_ALL; i++) {
        if (lookout_call_client_has(call, rounds_all_needs[i])
            && rounds_answered(call, rounds_all[i]) == NULL) {
            code = rounds_ask(call, rounds_all[i]);
        }
    }
    return code != LOOKOUT_OK
               ? code
               : lookout_conformance_say(call, "Asked for what the client can do.");
}


lookout_code_e
lookout_conformance_ask_all(lookout_call_t *call)
{
    size_t i;
    lookout_code_e code = LOOKOUT_OK;

    for (i = 0; i < ROUNDS_ALL; i++) {
        if (rounds_answered(call, rounds_all[i]) == NULL) {
            code = rounds_ask(call, rounds_all[i]);
            if (code != LOOKOUT_NEEDS_INPUT) {
                return code;
            }
        }
    }
    return code == LOOKOUT_NEEDS_INPUT
               ? lookout_call_remember(call, LOOKOUT_STR("asked"))
               : lookout_conformance_say(call, "All three answers are here.");
}


/* The name goes along with the second question: no answer is sent twice. */
lookout_code_e
lookout_conformance_ask_twice(lookout_call_t *call)
{
    lookout_code_e code;
    lookout_str_t name = lookout_conformance_answer(call, question_step1.key, "name");
    lookout_str_t color = lookout_conformance_answer(call, question_step2.key, "color");
    lookout_str_t remembered = lookout_call_recall(call);

    if (color.data != NULL && remembered.len != 0) {
        return lookout_conformance_say(call, "Hello, %.*s! Your favorite color is %.*s.",
                                       LOOKOUT_STR_ARG(remembered), LOOKOUT_STR_ARG(color));
    }
    if (remembered.data == NULL || name.data == NULL) {
        code = rounds_ask(call, &question_step1);
        name = LOOKOUT_STR("");
    } else {
        code = rounds_ask(call, &question_step2);
    }
    return code == LOOKOUT_NEEDS_INPUT ? lookout_call_remember(call, name) : code;
}


lookout_code_e
lookout_conformance_ask_confirm(lookout_call_t *call)
{
    lookout_code_e code;

    if (rounds_answered(call, &question_confirm) != NULL
        && lookout_str_is(lookout_call_recall(call), "asked")) {
        return lookout_conformance_say(call, "Confirmed: state-ok");
    }
    code = rounds_ask(call, &question_confirm);
    return code == LOOKOUT_NEEDS_INPUT ? lookout_call_remember(call, LOOKOUT_STR("asked"))
                                       : code;
}


lookout_code_e
lookout_conformance_ask_model(lookout_call_t *call)
{
    const cJSON *answer = lookout_call_answer(call, "prompt");

    if (answer != NULL) {
        return rounds_say_answer(call, "LLM response: ", lookout_json_get(answer, "content"));
    }
    return rounds_ask_text(call, SAMPLE,
                           "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\","
                           "\"text\":",
                           "prompt", "}}],\"maxTokens\":100}");
}


lookout_code_e
lookout_conformance_ask_user(lookout_call_t *call)
{
    const cJSON *answer = lookout_call_answer(call, "message");

    if (answer != NULL) {
        return rounds_say_answer(call, "User response: ", answer);
    }
    return rounds_ask_text(call, ELICIT, "{\"message\":", "message",
                           ",\"requestedSchema\":{\"type\":\"object\",\"properties\":{"
                           "\"username\":{\"type\":\"string\","
                           "\"description\":\"User's response\"},"
                           "\"email\":{\"type\":\"string\","
                           "\"description\":\"User's email address\"}},"
                           "\"required\":[\"username\",\"email\"]}}");
}


lookout_code_e
lookout_conformance_ask_defaults(lookout_call_t *call)
{
    return rounds_one(call, &question_defaults, "Elicitation completed: ");
}


lookout_code_e
lookout_conformance_ask_enums(lookout_call_t *call)
{
    return rounds_one(call, &question_enums, "Elicitation completed: ");
}


lookout_code_e
lookout_conformance_context(lookout_call_t *call)
{
    lookout_str_t context = lookout_conformance_answer(call, question_context.key, "context");

    if (context.data == NULL) {
        return rounds_ask(call, &question_context);
    }
    lookout_prompt_text(
        call, "user",
        lookout_arena_printf(call->arena, "Use this context: %.*s", LOOKOUT_STR_ARG(context)));
    return LOOKOUT_OK;
}
