/*
 * Reading members of JSON objects for descriptions. Each function says what it found instead of
 * what it wanted, and where, so that whoever edits a description can put it right at once.
 */

#include <stdio.h>
#include <string.h>

#include "../ngx_lookout_module/base/clock.h"
#include "../ngx_lookout_module/base/json.h"
#include "../ngx_lookout_module/base/text.h"
#include "seed.h"

#define WORDS_MAX 256


bool
lookout_seed_fail(lookout_seed_at_t at, const char *format, ...)
{
    va_list args;

    fputs("lookout-seed: ", stderr);
    if (at.file != NULL) {
        fprintf(stderr, "%s: ", at.file);
    }
    if (at.path != NULL && at.path[0] != '\0') {
        fprintf(stderr, "%s: ", at.path);
    }
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return false;
}


bool
lookout_seed_no_memory(void)
{
    return lookout_seed_fail((lookout_seed_at_t){ NULL, NULL }, "out of memory");
}


lookout_seed_at_t
lookout_seed_below(lookout_seed_t *seed, lookout_seed_at_t at, const char *key, int index)
{
    const char *path = at.path == NULL ? "" : at.path;
    const char *dot = path[0] != '\0' && key != NULL ? "." : "";
    lookout_str_t below;

    if (index < 0) {
        below = lookout_arena_printf(seed->arena, "%s%s%s", path, dot, key == NULL ? "" : key);
    } else {
        below = lookout_arena_printf(seed->arena, "%s%s%s[%d]", path, dot,
                                     key == NULL ? "" : key, index);
    }
    return (lookout_seed_at_t){ at.file, below.data == NULL ? path : below.data };
}


const char *
lookout_seed_hint(lookout_seed_t *seed, lookout_str_t word, const lookout_str_t *words,
                  size_t n)
{
    size_t nearest;
    lookout_str_t text;

    if (n == 0 || lookout_nearest(seed->arena, word, words, n, &nearest, 1) == 0) {
        return "";
    }
    text = lookout_arena_printf(seed->arena, "; did you mean \"%.*s\"?",
                                LOOKOUT_STR_ARG(words[nearest]));
    return text.data == NULL ? "" : text.data;
}


const char *
lookout_seed_field_hint(lookout_seed_t *seed, const lookout_seed_source_t *source,
                        lookout_str_t word)
{
    lookout_str_t names[LOOKOUT_SEED_FIELDS_MAX];

    for (size_t i = 0; i < source->n_fields; i++) {
        names[i] = source->fields[i].name;
    }
    return lookout_seed_hint(seed, word, names, source->n_fields);
}


bool
lookout_seed_known(lookout_seed_t *seed, lookout_seed_at_t at, const cJSON *object,
                   const char *const *known)
{
    lookout_str_t words[WORDS_MAX];
    const cJSON *member;
    size_t n, i;

    if (!cJSON_IsObject(object)) {
        return lookout_seed_fail(at, "an object { } belongs here, not %s",
                                 lookout_json_kind(object));
    }
    for (n = 0; known[n] != NULL; n++) {
        words[n] = lookout_str(known[n]);
    }
    cJSON_ArrayForEach(member, object)
    {
        for (i = 0; i < n && strcmp(member->string, known[i]) != 0; i++) {
        }
        if (i == n) {
            return lookout_seed_fail(
                at, "\"%s\" means nothing here%s", member->string,
                lookout_seed_hint(seed, lookout_str(member->string), words, n));
        }
    }
    return true;
}


/* The member; *failed when it has to be there and is not. */
static const cJSON *
member_of(lookout_seed_at_t at, const cJSON *object, const char *key, lookout_seed_need_e need,
          bool *failed)
{
    const cJSON *member = lookout_json_get(object, key);

    *failed = member == NULL && need == LOOKOUT_SEED_REQUIRED;
    if (*failed) {
        lookout_seed_fail(at, "\"%s\" is missing", key);
    }
    return member;
}


static bool
wrong_kind(lookout_seed_at_t at, const char *key, const char *wanted, const cJSON *found)
{
    return lookout_seed_fail(at, "\"%s\" has to be %s, not %s", key, wanted,
                             lookout_json_kind(found));
}


bool
lookout_seed_text(lookout_seed_at_t at, const cJSON *object, const char *key,
                  lookout_seed_need_e need, lookout_str_t *out)
{
    bool failed;
    const cJSON *member = member_of(at, object, key, need, &failed);

    if (member == NULL) {
        return !failed;
    }
    if (!cJSON_IsString(member)) {
        return wrong_kind(at, key, "a string", member);
    }
    if (member->valuestring[0] == '\0') {
        return lookout_seed_fail(at, "\"%s\" is empty", key);
    }
    *out = lookout_str(member->valuestring);
    return true;
}


bool
lookout_seed_whole(lookout_seed_at_t at, const cJSON *object, const char *key, int64_t least,
                   int64_t *out)
{
    bool failed;
    const cJSON *member = member_of(at, object, key, LOOKOUT_SEED_OPTIONAL, &failed);

    if (member == NULL) {
        return true;
    }
    if (!lookout_json_int_value(member, out)) {
        return wrong_kind(at, key, "a whole number", member);
    }
    if (*out < least || *out > 1000000) {
        return lookout_seed_fail(at, "\"%s\" has to be between %lld and 1000000", key,
                                 (long long) least);
    }
    return true;
}


bool
lookout_seed_flag(lookout_seed_at_t at, const cJSON *object, const char *key, bool *out)
{
    bool failed;
    const cJSON *member = member_of(at, object, key, LOOKOUT_SEED_OPTIONAL, &failed);

    if (member == NULL) {
        return true;
    }
    if (!cJSON_IsBool(member)) {
        return wrong_kind(at, key, "true or false", member);
    }
    *out = cJSON_IsTrue(member);
    return true;
}


bool
lookout_seed_date(lookout_seed_at_t at, const cJSON *object, const char *key, int64_t *out)
{
    lookout_str_t text = LOOKOUT_STR_NONE;

    if (!lookout_seed_text(at, object, key, LOOKOUT_SEED_OPTIONAL, &text)) {
        return false;
    }
    if (text.data != NULL && !lookout_iso8601_parse(text, out)) {
        return lookout_seed_fail(
            at, "\"%s\": \"%s\" is not a day (YYYY-MM-DD) or a time (YYYY-MM-DDTHH:MM:SSZ)",
            key, text.data);
    }
    return true;
}


bool
lookout_seed_list(lookout_seed_at_t at, const cJSON *object, const char *key,
                  lookout_seed_need_e need, const cJSON **out)
{
    bool failed;
    const cJSON *member = member_of(at, object, key, need, &failed);

    if (member == NULL) {
        return !failed;
    }
    if (!cJSON_IsArray(member)) {
        return wrong_kind(at, key, "a list [ ]", member);
    }
    *out = member;
    return true;
}
