/*
 * Registering our SQL functions, and what they share: the account of their work. SQLite looks
 * at its progress handler between the instructions of a statement only; a function that takes
 * long has to look at the watch itself.
 */

#include <stdlib.h>

#include "functions.h"

#define CHARGE_MAX (1u << 18) /* work between two looks at the clock: about a millisecond */

struct lookout_functions_s {
    lookout_watch_t *watch; /* the running call's; NULL: none */
    size_t charged;         /* work since the last look */
};


static bool
register_all(sqlite3 *sql, const lookout_function_t *f, lookout_functions_t *functions)
{
    for (; f->name != NULL; f++) {
        if (sqlite3_create_function_v2(sql, f->name, f->n_args,
                                       SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                       functions, f->call, f->step, f->final, NULL)
            != SQLITE_OK) {
            return false;
        }
    }
    return true;
}


bool
lookout_functions_register(lookout_extract_t *extract)
{
    extract->functions = calloc(1, sizeof(*extract->functions));
    if (extract->functions == NULL) {
        return false;
    }
    return register_all(extract->db.sql, lookout_text_functions, extract->functions)
           && register_all(extract->db.sql, lookout_printf_functions, extract->functions)
           && register_all(extract->db.sql, lookout_statistics_functions, extract->functions);
}


void
lookout_functions_free(lookout_extract_t *extract)
{
    free(extract->functions);
    extract->functions = NULL;
}


void
lookout_functions_watch(lookout_extract_t *extract, lookout_watch_t *watch)
{
    extract->functions->watch = watch;
}


bool
lookout_functions_charge(sqlite3_context *ctx, size_t work)
{
    lookout_functions_t *functions = sqlite3_user_data(ctx);

    functions->charged += work;
    if (functions->charged < CHARGE_MAX) {
        return true;
    }
    functions->charged = 0;
    if (functions->watch == NULL || !lookout_watch_over(functions->watch)) {
        return true;
    }
    sqlite3_result_error_code(ctx, SQLITE_INTERRUPT);
    return false;
}
