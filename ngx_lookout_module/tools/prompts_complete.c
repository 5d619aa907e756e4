/*
 * Values are collected with a score for how well they answer what was typed, sorted, and told.
 * Where nothing was typed all are told in the order in which they were collected. Arguments that
 * name nothing known are no error here: then there is nothing to propose.
 */

#include "prompts_complete.h"

#include <stdlib.h>

#include "../base/text.h"
#include "workflows.h"

#define CHOICES_MAX 512

static const char *const formats[] = { "png", "svg", NULL };
static const char *const sizes[] = { "960x540", "1280x720", "1920x1080", "1200x1200", NULL };
static const char *const periods[] = { "last full week",    "last full month",
                                       "last full quarter", "last full year",
                                       "this year so far",  NULL };

typedef struct {
    lookout_str_t text;
    int score;
    size_t at;
} choice_t;

typedef struct {
    lookout_call_t *call;
    lookout_str_t head;  /* what was typed before the part that is completed, and stays */
    lookout_str_t typed; /* the part, folded */
    choice_t *items;
    size_t n;
} choices_t;


static lookout_code_e
choices_begin(choices_t *choices, lookout_call_t *call, size_t head)
{
    lookout_str_t typed = lookout_completion_typed(call);

    choices->call = call;
    choices->n = 0;
    choices->head = (lookout_str_t){ typed.data, head };
    choices->typed =
        lookout_fold(call->arena, (lookout_str_t){ typed.data + head, typed.len - head });
    choices->items = lookout_arena_alloc(call->arena, CHOICES_MAX * sizeof(choice_t));

    return choices->typed.data == NULL || choices->items == NULL
               ? lookout_fail_memory(&call->error)
               : LOOKOUT_OK;
}


/* Adds a value when what was typed finds it, or what it is called. */
static void
choices_add(choices_t *choices, lookout_str_t text, lookout_str_t called)
{
    int score = 1, other;
    lookout_arena_t *arena = choices->call->arena;

    if (choices->n == CHOICES_MAX || text.data == NULL) {
        return;
    }
    if (strspn(choices->typed.data, " ") < choices->typed.len) {
        score = lookout_fuzzy_score(choices->typed, lookout_fold(arena, text));
        other = lookout_fuzzy_score(choices->typed, lookout_fold(arena, called));
        score = other > score ? other : score;
    }
    if (score > 0) {
        choices->items[choices->n] = (choice_t){ text, score, choices->n };
        choices->n++;
    }
}


static int
by_score(const void *a, const void *b)
{
    const choice_t *left = a, *right = b;

    if (left->score != right->score) {
        return right->score - left->score;
    }
    return left->at < right->at ? -1 : 1;
}


static void
choices_tell(choices_t *choices)
{
    size_t i;
    lookout_call_t *call = choices->call;

    if (choices->n > 0) {
        qsort(choices->items, choices->n, sizeof(choice_t), by_score);
    }
    for (i = 0; i < choices->n; i++) {
        lookout_completion_add(
            call,
            choices->head.len == 0
                ? choices->items[i].text
                : lookout_arena_printf(call->arena, "%.*s%.*s", LOOKOUT_STR_ARG(choices->head),
                                       LOOKOUT_STR_ARG(choices->items[i].text)));
    }
}


static lookout_code_e
complete_words(lookout_call_t *call, const char *const *words)
{
    choices_t choices;
    lookout_code_e code = choices_begin(&choices, call, 0);

    if (code == LOOKOUT_OK) {
        for (; *words != NULL; words++) {
            choices_add(&choices, lookout_str(*words), lookout_str(*words));
        }
        choices_tell(&choices);
    }
    return code;
}


lookout_code_e
lookout_complete_format(lookout_call_t *call)
{
    return complete_words(call, formats);
}


lookout_code_e
lookout_complete_size(lookout_call_t *call)
{
    return complete_words(call, sizes);
}


/* The fields of the datasource that the other arguments are about; none when they name none. */
static lookout_code_e
known_fields(lookout_call_t *call, lookout_fields_t *fields)
{
    lookout_code_e code;
    lookout_datasource_t source;
    lookout_workflow_run_t run = { .call = call };

    fields->n = 0;
    code = lookout_session_catalog(call, &run.catalog);
    if (code == LOOKOUT_OK) {
        code = lookout_workflow_resolve(&run);
    }
    if (code == LOOKOUT_OK && run.datasource_id.data != NULL) {
        code = lookout_catalog_datasource(run.catalog, call->arena, run.datasource_id, &source,
                                          &call->error);
        if (code == LOOKOUT_OK) {
            *fields = source.fields;
        }
    }
    return code == LOOKOUT_INVALID_INPUT ? LOOKOUT_OK : code;
}


static const cJSON *
field_values(lookout_call_t *call, const lookout_field_t *field)
{
    lookout_json_error_t error;

    return field->samples_complete
                   && (field->type == LOOKOUT_STRING || field->type == LOOKOUT_BOOLEAN)
               ? lookout_json_parse(call->arena, field->sample_values, &error)
               : NULL;
}


static void
field_filters(choices_t *choices, const lookout_field_t *field)
{
    const char *text;
    const cJSON *item, *values = field_values(choices->call, field);
    lookout_str_t choice;

    if (values == NULL) {
        choices_add(choices, field->name, field->label);
    }
    cJSON_ArrayForEach(item, values)
    {
        text = cJSON_IsString(item) ? item->valuestring : cJSON_IsTrue(item) ? "true" : "false";
        choice = lookout_arena_printf(choices->call->arena, "%.*s = %s",
                                      LOOKOUT_STR_ARG(field->name), text);
        choices_add(choices, choice,
                    lookout_arena_printf(choices->call->arena, "%.*s %s",
                                         LOOKOUT_STR_ARG(field->label), text));
    }
}


/* The length of what stands before the last filter of several. */
static size_t
filters_head(lookout_str_t typed)
{
    size_t at, head = 0;

    for (at = 0; at < typed.len; at++) {
        if (typed.data[at] == ',') {
            head = at + 1;
        } else if (typed.len - at >= 5 && memcmp(typed.data + at, " and ", 5) == 0) {
            head = at + 5;
        }
    }
    while (head > 0 && head < typed.len && typed.data[head] == ' ') {
        head++;
    }
    return head;
}


lookout_code_e
lookout_complete_filters(lookout_call_t *call)
{
    size_t i;
    choices_t choices;
    lookout_fields_t fields;
    lookout_code_e code;

    code = choices_begin(&choices, call, filters_head(lookout_completion_typed(call)));
    if (code == LOOKOUT_OK) {
        code = known_fields(call, &fields);
    }
    if (code != LOOKOUT_OK) {
        return code;
    }
    for (i = 0; i < fields.n; i++) {
        field_filters(&choices, &fields.items[i]);
    }
    choices_tell(&choices);
    return LOOKOUT_OK;
}


/* "2026Q1", "2026-03", "2026": does it begin with a year and go on with no word? */
static bool
is_period(const cJSON *item)
{
    const char *s = cJSON_IsString(item) ? item->valuestring : "";

    return strspn(s, "0123456789") == 4 && (s[0] == '1' || s[0] == '2')
           && strspn(s, "0123456789-/QHWM ") == strlen(s);
}


static int
latest_first(const void *a, const void *b)
{
    return strcmp(*(const char *const *) b, *(const char *const *) a);
}


static lookout_code_e
field_periods(choices_t *choices, const lookout_field_t *field)
{
    size_t i, n = 0;
    const char **found;
    const cJSON *item, *values = field_values(choices->call, field);

    if (!cJSON_IsArray(values) || !is_period(values->child)) {
        return LOOKOUT_OK;
    }
    found = lookout_arena_alloc(choices->call->arena,
                                (size_t) cJSON_GetArraySize(values) * sizeof(*found));
    if (found == NULL) {
        return lookout_fail_memory(&choices->call->error);
    }
    cJSON_ArrayForEach(item, values)
    {
        if (is_period(item)) {
            found[n++] = item->valuestring;
        }
    }
    qsort(found, n, sizeof(*found), latest_first);
    for (i = 0; i < n; i++) {
        choices_add(choices, lookout_str(found[i]), lookout_str(found[i]));
    }
    return LOOKOUT_OK;
}


lookout_code_e
lookout_complete_period(lookout_call_t *call)
{
    size_t i;
    choices_t choices;
    lookout_fields_t fields;
    lookout_code_e code;
    const char *const *word;

    code = choices_begin(&choices, call, 0);
    if (code == LOOKOUT_OK) {
        code = known_fields(call, &fields);
    }
    for (i = 0; code == LOOKOUT_OK && i < fields.n; i++) {
        code = field_periods(&choices, &fields.items[i]);
    }
    if (code == LOOKOUT_OK) {
        for (word = periods; *word != NULL; word++) {
            choices_add(&choices, lookout_str(*word), lookout_str(*word));
        }
        choices_tell(&choices);
    }
    return code;
}
