/*
 * The errors of a tool call: names out of the one table, and the two ways to fill one in.
 */

#include "error.h"


const char *
lookout_code_name(lookout_code_e code)
{
    static const char *const names[] = { "",
#define LOOKOUT_CODE_TEXT(name) #name,
                                         LOOKOUT_CODES(LOOKOUT_CODE_TEXT)
#undef LOOKOUT_CODE_TEXT
    };

    return (size_t) code < sizeof(names) / sizeof(names[0]) ? names[code] : "";
}


lookout_code_e
lookout_fail(lookout_arena_t *arena, lookout_error_t *e, lookout_code_e code,
             lookout_str_t details, const char *format, ...)
{
    lookout_str_t message;
    va_list args;

    va_start(args, format);
    message = lookout_arena_vprintf(arena, format, args);
    va_end(args);
    if (message.data == NULL) {
        return lookout_fail_memory(e);
    }
    *e = (lookout_error_t){ code, message, details };
    return code;
}


lookout_code_e
lookout_fail_memory(lookout_error_t *e)
{
    *e = (lookout_error_t){
        LOOKOUT_INTERNAL_ERROR,
        LOOKOUT_STR("The server ran out of memory during this call. Ask for less at a time "
                    "(fewer rows, more filters), or try again in a moment."),
        LOOKOUT_STR_NONE,
    };
    return LOOKOUT_INTERNAL_ERROR;
}
