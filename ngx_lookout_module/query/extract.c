/*
 * Opening extracts: a connection on the file, made safe for other people's SQL (gate.c), with
 * the functions that ours and theirs may use (functions.c). All of it happens once a file, not
 * once a query.
 */

#include <inttypes.h>
#include <stdio.h>

#include "extract.h"
#include "functions.h"
#include "gate.h"


static void
forget(void *data)
{
    lookout_extract_t *extract = data;

    lookout_gate_free(extract);
    lookout_functions_free(extract);
    extract->version[0] = '\0';
}


lookout_code_e
lookout_extract_unreadable(lookout_arena_t *arena, lookout_error_t *error)
{
    return lookout_fail(arena, error, LOOKOUT_DATASOURCE_OFFLINE,
                        LOOKOUT_STR("{\"reason\":\"extract_unreadable\"}"),
                        "The data of this datasource cannot be read at the moment: its extract "
                        "is missing or damaged. Other datasources are not affected. Try again "
                        "later, or ask the operator of the server to refresh it.");
}


/* What a newly opened connection needs. False with a reason in db.why. */
static bool
set_up(lookout_extract_t *extract)
{
    if (!lookout_functions_register(extract)) {
        (void) snprintf(extract->db.why, sizeof(extract->db.why),
                        "cannot register SQL functions: %s", sqlite3_errmsg(extract->db.sql));
        return false;
    }
    if (!lookout_gate_harden(extract)) {
        return false;
    }
    (void) snprintf(extract->version, sizeof(extract->version), "%08" PRIx32 "-%" PRIx64,
                    lookout_db_user_version(&extract->db), extract->db.id.size);
    return true;
}


lookout_code_e
lookout_extract_fresh(lookout_extract_t *extract, const char *path, lookout_arena_t *arena,
                      lookout_error_t *error)
{
    char why[sizeof(extract->db.why)];

    switch (
        lookout_db_fresh(&extract->db, path, LOOKOUT_EXTRACT_APPLICATION_ID, forget, extract)) {
    case LOOKOUT_DB_SAME:
        return LOOKOUT_OK;
    case LOOKOUT_DB_OPENED:
        if (set_up(extract)) {
            return LOOKOUT_OK;
        }
        memcpy(why, extract->db.why, sizeof(why));
        lookout_extract_close(extract);
        memcpy(extract->db.why, why, sizeof(why));
        break;
    default:
        break;
    }
    return lookout_extract_unreadable(arena, error);
}


void
lookout_extract_close(lookout_extract_t *extract)
{
    forget(extract);
    lookout_db_close(&extract->db);
}
