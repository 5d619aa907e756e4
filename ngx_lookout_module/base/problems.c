/*
 * A list of problems, written as JSON while it is made.
 */

#include "problems.h"

#include <stdio.h>


void
lookout_problems_begin(lookout_problems_t *p, lookout_arena_t *arena)
{
    *p = (lookout_problems_t){ .arena = arena, .errors = LOOKOUT_BUF_INIT };
    lookout_buf_puts(&p->errors, "{\"errors\":[");
}


size_t
lookout_problems_enter(lookout_problems_t *p, const char *name)
{
    size_t before = p->path_len;

    if (p->path_len + 1 < sizeof(p->path)) {
        p->path[p->path_len++] = '/';
    }
    for (; *name != '\0' && p->path_len + 2 < sizeof(p->path); name++) {
        if (*name == '~' || *name == '/') {
            p->path[p->path_len++] = '~';
        }
        p->path[p->path_len++] = *name == '~' ? '0' : *name == '/' ? '1' : *name;
    }
    return before;
}


size_t
lookout_problems_enter_item(lookout_problems_t *p, size_t index)
{
    char name[24];

    (void) snprintf(name, sizeof(name), "%zu", index);
    return lookout_problems_enter(p, name);
}


void
lookout_problems_leave(lookout_problems_t *p, size_t back)
{
    p->path_len = back;
}


void
lookout_problem(lookout_problems_t *p, const char *format, ...)
{
    lookout_str_t message;
    va_list args;

    if (p->n++ >= LOOKOUT_PROBLEMS_MAX) {
        return;
    }
    va_start(args, format);
    message = lookout_arena_vprintf(p->arena, format, args);
    va_end(args);

    if (p->n == 1) {
        (void) snprintf(p->first, sizeof(p->first), "%.*s%s%.*s", (int) p->path_len, p->path,
                        p->path_len == 0 ? "" : ": ", LOOKOUT_STR_ARG(message));
    }
    lookout_json_open(&p->errors, '{');
    lookout_json_key(&p->errors, "path");
    lookout_json_str(&p->errors, (lookout_str_t){ p->path, p->path_len });
    lookout_json_key(&p->errors, "message");
    lookout_json_str(&p->errors, message);
    lookout_json_close(&p->errors, '}');
}


lookout_str_t
lookout_problems_end(lookout_problems_t *p)
{
    lookout_str_t details = LOOKOUT_STR_NONE;

    lookout_buf_puts(&p->errors, "]}");
    if (!p->errors.failed) {
        details = lookout_arena_copy(p->arena, lookout_buf_text(&p->errors));
    }
    lookout_buf_free(&p->errors);
    return details;
}
