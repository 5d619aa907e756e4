/*
 * Reading a prepared statement of the catalogue: bind by name, step, take columns into the
 * arena. The first failure sticks; what follows it does nothing, and lookout_reader_end gives
 * its code, so that readers check once.
 */

#ifndef LOOKOUT_CATALOG_READER_H
#define LOOKOUT_CATALOG_READER_H

#include "catalog.h"
#include "statements.h"

struct lookout_catalog_s {
    lookout_db_t db; /* db.why also says what was found wrong later on */
    sqlite3_stmt *statements[LOOKOUT_STATEMENTS];
    lookout_watch_t *watch;    /* of the current call; NULL: none */
    lookout_visible_t visible; /* to the current call */
    char version[48];
    size_t folder_len; /* of path, with the last slash */
    char path[];
};

typedef struct {
    lookout_catalog_t *catalog;
    lookout_arena_t *arena;
    lookout_error_t *error;
    sqlite3_stmt *stmt;
    lookout_code_e code; /* the first failure, or LOOKOUT_OK */
} lookout_reader_t;

/* Binds what of the catalogue is visible, so that no reader can forget to. */
void lookout_reader_begin(lookout_reader_t *reader, lookout_catalog_t *catalog,
                          lookout_statement_e statement, lookout_arena_t *arena,
                          lookout_error_t *error);

/* Binds a parameter, when the statement has it. An absent text leaves it NULL. The text has to
 * stay until lookout_reader_end. */
void lookout_reader_bind_text(lookout_reader_t *reader, const char *name, lookout_str_t value);
void lookout_reader_bind_int(lookout_reader_t *reader, const char *name, int64_t value);

/* Goes to the next row; false at the end and after a failure. */
bool lookout_reader_next(lookout_reader_t *reader);

/* Columns of the row. A text is copied into the arena, terminated; NULL is read as "". */
lookout_str_t lookout_reader_text(lookout_reader_t *reader, int column);
int64_t lookout_reader_int(const lookout_reader_t *reader, int column);

/* A text that has to be a JSON array of strings, an array of scalars, an array of objects, or
 * an object; else the reader fails and blames `column_name` of the object with that id. */
typedef enum {
    LOOKOUT_READER_STRINGS,
    LOOKOUT_READER_SCALARS,
    LOOKOUT_READER_OBJECTS,
    LOOKOUT_READER_OBJECT
} lookout_reader_json_e;

lookout_str_t
lookout_reader_json(lookout_reader_t *reader, int column, lookout_reader_json_e shape,
                    lookout_str_t id, const char *column_name);

/* The row of the object with that id cannot be shown, because of this column. */
void lookout_reader_broken(lookout_reader_t *reader, lookout_str_t id, const char *column_name);

/* Makes the statement ready for the next use and says how it went. */
lookout_code_e lookout_reader_end(lookout_reader_t *reader);

/* INTERNAL_ERROR for a file that cannot be read. */
lookout_code_e lookout_reader_unreadable(lookout_arena_t *arena, lookout_error_t *error);

#endif
