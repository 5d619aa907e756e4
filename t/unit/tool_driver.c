/*
 * The driver does what the server does around a tool, as plainly as possible.
 */

#define _GNU_SOURCE /* memmem, nftw */

#include "tool_driver.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/mcp/schema.h"


int
driver_setup(void **state)
{
    driver_t *d = calloc(1, sizeof(*d));

    assert_non_null(d);
    little_company_make(d->catalog, sizeof(d->catalog));
    d->folder = strdup(little_company_path(d->catalog, "state"));
    assert_non_null(d->folder);
    d->settings = (lookout_settings_t){
        .catalog_path = d->catalog,
        .state_dir = d->folder,
        .key = { { 1, 2, 3 } },
        .query_timeout_ms = 30000, /* sanitizers are slow */
        .render_timeout_ms = 30000,
        .export_timeout_ms = 30000,
        .query_memory = 64 << 20,
        .thread_rows = 1000,
        .link_ttl = 3600,
    };
    d->session = lookout_session_create(&d->settings, LOOKOUT_JOBS_THREAD);
    assert_non_null(d->session);
    *state = d;
    return 0;
}


static int
remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void) info;
    (void) kind;
    (void) at;
    return remove(path);
}


static void
forget_call(driver_t *d)
{
    lookout_exchange_free(&d->exchange);
    lookout_buf_free(&d->out);
    lookout_buf_free(&d->blocks);
    lookout_arena_destroy(d->arena);
    d->arena = NULL;
    d->result = NULL;
}


int
driver_teardown(void **state)
{
    driver_t *d = *state;

    forget_call(d);
    lookout_session_destroy(d->session);
    (void) nftw(d->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    little_company_drop(d->catalog);
    free(d->folder);
    free(d);
    return 0;
}


static const lookout_tool_t *
find_tool(const char *name)
{
    const lookout_tool_t *tool;

    LOOKOUT_ROWS(tool, lookout_tools)
    {
        if (strcmp(tool->name, name) == 0) {
            return tool;
        }
    }
    fail_msg("there is no tool %s", name);
    return NULL;
}


static bool
conforms_kind(const lookout_schema_t *row, const cJSON *value)
{
    int64_t n;

    switch (row->kind) {
    case LOOKOUT_SCHEMA_OBJECT:
        return cJSON_IsObject(value);
    case LOOKOUT_SCHEMA_ARRAY:
        return cJSON_IsArray(value);
    case LOOKOUT_SCHEMA_STRING:
        return cJSON_IsString(value);
    case LOOKOUT_SCHEMA_INTEGER:
        return lookout_json_int_value(value, &n);
    case LOOKOUT_SCHEMA_NUMBER:
        return cJSON_IsNumber(value);
    case LOOKOUT_SCHEMA_BOOLEAN:
        return cJSON_IsBool(value);
    case LOOKOUT_SCHEMA_SCALARS:
    case LOOKOUT_SCHEMA_ANY:
        break;
    }
    return true;
}


/* Fails the test when an answer is not what the tool's output schema promises. */
static void
conforms(const lookout_schema_t *row, const cJSON *value)
{
    size_t i;
    const char *one;
    const cJSON *item;
    const lookout_schema_t *member;

    if (row->nullable && cJSON_IsNull(value)) {
        return;
    }
    if (!conforms_kind(row, value)) {
        fail_msg("%s is %s", row->name, lookout_json_kind(value));
    }

    for (i = 0; row->values != NULL || row->value_at != NULL; i++) {
        one = row->values != NULL ? row->values[i] : row->value_at(i);
        if (one == NULL) {
            fail_msg("%s may not be %s", row->name, value->valuestring);
        }
        if (strcmp(one, value->valuestring) == 0) {
            break;
        }
    }

    if (row->kind == LOOKOUT_SCHEMA_ARRAY && row->children != NULL) {
        cJSON_ArrayForEach(item, value)
        {
            conforms(row->children, item);
        }
    }

    for (member = row->children;
         row->kind == LOOKOUT_SCHEMA_OBJECT && member != NULL && member->name != NULL;
         member++) {
        item = lookout_json_get(value, member->name);
        if (item != NULL) {
            conforms(member, item);
        } else if (member->required) {
            fail_msg("%s is missing", member->name);
        }
    }
}


/* The tool and its arguments, but for those that page. */
static lookout_str_t
bond_of(driver_t *d, const char *tool, const cJSON *args)
{
    char *text;
    lookout_str_t bond;
    cJSON *rest = cJSON_Duplicate(args, true);

    cJSON_DeleteItemFromObject(rest, "cursor");
    cJSON_DeleteItemFromObject(rest, "pageSize");
    text = cJSON_PrintUnformatted(rest);
    bond = lookout_arena_printf(d->arena, "%s %s", tool, text);
    cJSON_free(text);
    cJSON_Delete(rest);
    return bond;
}


static void
begin_call(driver_t *d, const cJSON *args, lookout_str_t bond)
{
    /* A client that waits, and wants to be told how far the work is. */
    d->exchange = (lookout_exchange_t){ .arena = d->arena,
                                        .links = true,
                                        .progress_token = LOOKOUT_STR("7") };
    d->call = (lookout_call_t){
        .arena = d->arena,
        .args = args,
        .bond = bond,
        .session = d->session,
        .scope = d->scope,
        .watch = { .slice_ns = d->slice_ns, .quit = d->quit },
        .out = &d->out,
        .blocks = &d->blocks,
        .files_url = lookout_str(d->files_url),
        .exchange = &d->exchange,
        .rows = -1,
        .as_task = d->as_task,
    };
}


static void
parse_result(driver_t *d)
{
    lookout_json_error_t problem;

    assert_false(d->out.failed);
    assert_true(d->out.len <= LOOKOUT_ENVELOPE_MAX);
    d->result = lookout_json_parse(d->arena, lookout_buf_text(&d->out), &problem);
    if (d->result == NULL) {
        fail_msg("%s at %zu of %.*s", problem.why, problem.offset, (int) d->out.len,
                 d->out.data);
    }
}


static lookout_code_e
run_tool(driver_t *d, const lookout_tool_t *tool, lookout_str_t text)
{
    lookout_json_error_t problem;
    const cJSON *args = lookout_json_parse(d->arena, text, &problem);
    const lookout_schema_t output = { .kind = LOOKOUT_SCHEMA_OBJECT, .children = tool->output };

    if (args == NULL) {
        fail_msg("%s at %zu of %s", problem.why, problem.offset, text.data);
    }
    begin_call(d, args, bond_of(d, tool->name, args));
    d->code = lookout_schema_check(d->arena, tool->input, args, &d->call.error);
    if (d->code == LOOKOUT_OK) {
        d->code = tool->run(&d->call);
    }
    if (d->code != LOOKOUT_OK) {
        return d->code;
    }
    if (d->call.task.id.data != NULL) {
        assert_int_equal(d->out.len + d->blocks.len, 0);
        return LOOKOUT_OK;
    }

    parse_result(d);
    conforms(&output, d->result);
    return LOOKOUT_OK;
}


static lookout_code_e
ask_args(driver_t *d, const char *tool, const char *format, va_list args)
{
    size_t i;
    char *text;
    lookout_str_t s;

    forget_call(d);
    d->arena = lookout_arena_create();
    assert_non_null(d->arena);

    s = lookout_arena_vprintf(d->arena, format, args);
    assert_non_null(s.data);
    text = (char *) s.data;
    for (i = 0; i < s.len; i++) {
        text[i] = (char) (text[i] == '\'' ? '"' : text[i]);
    }
    return run_tool(d, find_tool(tool), s);
}


lookout_code_e
ask(driver_t *d, const char *tool, const char *format, ...)
{
    va_list args;
    lookout_code_e code;

    va_start(args, format);
    code = ask_args(d, tool, format, args);
    va_end(args);
    return code;
}


void
ask_well(driver_t *d, const char *tool, const char *format, ...)
{
    va_list args;
    lookout_code_e code;

    va_start(args, format);
    code = ask_args(d, tool, format, args);
    va_end(args);
    if (code != LOOKOUT_OK) {
        fail_msg("%s: %s %.*s", tool, lookout_code_name(code),
                 LOOKOUT_STR_ARG(d->call.error.message));
    }
}


lookout_code_e
ask_task(driver_t *d, lookout_code_e (*what)(lookout_call_t *call), const char *id)
{
    static const cJSON none = { .type = cJSON_Object };
    lookout_arena_t *arena = lookout_arena_create();
    lookout_str_t copy;

    assert_non_null(arena);
    copy = lookout_arena_copy(arena, lookout_str(id)); /* it may be the last call's */
    assert_non_null(copy.data);
    forget_call(d);
    d->arena = arena;
    begin_call(d, &none, LOOKOUT_STR_NONE);
    d->call.as_task = true;
    d->call.task = (lookout_task_t){ .id = copy, .ttl_ms = -1 };

    d->code = what(&d->call);
    if (d->code == LOOKOUT_OK && d->out.len != 0) {
        parse_result(d);
    }
    return d->code;
}


lookout_code_e
ask_resource(driver_t *d, const char *name, const char *variable, const char *value)
{
    const lookout_resource_t *row;
    lookout_arena_t *arena = lookout_arena_create();
    lookout_json_error_t problem;
    const cJSON *args;

    assert_non_null(arena);
    args = lookout_json_parse(
        arena, lookout_arena_printf(arena, "{\"%s\":\"%s\"}", variable, value), &problem);
    assert_non_null(args);
    forget_call(d);
    d->arena = arena;
    begin_call(d, args, LOOKOUT_STR_NONE);
    LOOKOUT_ROWS(row, lookout_resources)
    {
        if (strcmp(row->name, name) == 0) {
            d->code = row->read(&d->call);
            return d->code;
        }
    }
    fail_msg("there is no resource %s", name);
    return LOOKOUT_INTERNAL_ERROR;
}


const cJSON *
part(const driver_t *d, const char *path)
{
    char step[64];
    size_t n;
    const char *p = path;
    const cJSON *at = d->result;

    assert_non_null(at);
    while (*p != '\0') {
        n = strcspn(p, "/");
        (void) snprintf(step, sizeof(step), "%.*s", (int) n, p);
        at =
            cJSON_IsArray(at) ? cJSON_GetArrayItem(at, atoi(step)) : lookout_json_get(at, step);
        if (at == NULL) {
            fail_msg("%s: there is no %s in %.*s", path, step, (int) d->out.len, d->out.data);
        }
        p += n + (p[n] == '/');
    }
    return at;
}


const char *
part_text(const driver_t *d, const char *path)
{
    const cJSON *at = part(d, path);

    assert_true(cJSON_IsString(at));
    return at->valuestring;
}


double
part_number(const driver_t *d, const char *path)
{
    const cJSON *at = part(d, path);

    assert_true(cJSON_IsNumber(at));
    return at->valuedouble;
}


int
part_size(const driver_t *d, const char *path)
{
    const cJSON *at = part(d, path);

    assert_true(cJSON_IsArray(at));
    return cJSON_GetArraySize(at);
}


bool
part_null(const driver_t *d, const char *path)
{
    return cJSON_IsNull(part(d, path));
}


const char *
part_keys(const driver_t *d, const char *path)
{
    static char keys[1024];
    const cJSON *member;

    keys[0] = '\0';
    cJSON_ArrayForEach(member, part(d, path))
    {
        (void) snprintf(keys + strlen(keys), sizeof(keys) - strlen(keys), "%s%s",
                        keys[0] == '\0' ? "" : " ", member->string);
    }
    return keys;
}


static bool
says(lookout_str_t text, const char *part_of_it)
{
    return text.data != NULL
           && memmem(text.data, text.len, part_of_it, strlen(part_of_it)) != NULL;
}


void
error_says(const driver_t *d, const char *text)
{
    const lookout_error_t *error = &d->call.error;

    assert_int_not_equal(d->code, LOOKOUT_OK);
    assert_int_equal(error->code, d->code);
    if (!says(error->message, text) && !says(error->details, text)) {
        fail_msg("\"%.*s\" %.*s does not say %s", LOOKOUT_STR_ARG(error->message),
                 LOOKOUT_STR_ARG(error->details), text);
    }
}
