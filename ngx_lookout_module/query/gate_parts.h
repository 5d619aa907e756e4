/*
 * The parts of the gate: gate.c, which decides, gate_errors.c, which says why not, and
 * gate_views.c, which makes what is read.
 */

#ifndef LOOKOUT_GATE_PARTS_H
#define LOOKOUT_GATE_PARTS_H

#include "../base/digest.h"
#include "gate.h"
#include "gate_scan.h"

#define LOOKOUT_GATE_NAME_SHOWN 64 /* bytes of a refused name that are repeated */

/* What the authorizer said no to first. */
typedef enum {
    LOOKOUT_REFUSED_NOTHING,
    LOOKOUT_REFUSED_TABLE,
    LOOKOUT_REFUSED_FUNCTION,
    LOOKOUT_REFUSED_STATEMENT,
    LOOKOUT_REFUSED_ROWID,
    LOOKOUT_REFUSED_SIZE
} lookout_refused_e;

struct lookout_gate_s {
    char inner[20];              /* the view between data and the table */
    char schema[sizeof("main")]; /* both as the inner view spells them */
    char table[sizeof(LOOKOUT_EXTRACT_TABLE)];
    char rows[32];   /* what the server's own SQL reads: the table, or a view of it */
    bool restricted; /* both views show some rows only */
    uint8_t restriction[LOOKOUT_DIGEST_SIZE]; /* which: of the predicate and its values */
    size_t conditions;                        /* of the predicate */
    size_t values;
    lookout_refused_e refused;
    char name[LOOKOUT_GATE_NAME_SHOWN + 1]; /* of what was refused */
    unsigned selects;
    bool dates; /* a date function was used */
    bool clock; /* one that always reads the clock was */
};

/* Everything that an analyst's statement goes through. */
typedef struct {
    lookout_arena_t *arena;
    lookout_extract_t *extract;
    lookout_error_t *error;
    lookout_str_t text;
    lookout_tokens_t tokens;
} lookout_gate_call_t;

/* Makes the views of a connection that has just been opened, and lets it write nothing more.
 * False with the reason in db.why. */
bool lookout_gate_views(lookout_extract_t *extract);

/* Runs statements to their end; false with the reason in db.why, behind `what`. */
bool lookout_gate_exec(lookout_extract_t *extract, const char *what, const char *text);

/* The functions that may be called, sorted. */
extern const char *const lookout_gate_functions[];
extern const size_t lookout_gate_n_functions;

/* Each fills in the call's error and returns its code. `verb` and `reason` are static. */
lookout_code_e lookout_gate_not_select(lookout_gate_call_t *c, const char *verb);
lookout_code_e lookout_gate_several(lookout_gate_call_t *c);
lookout_code_e
lookout_gate_invalid(lookout_gate_call_t *c, const char *reason, const char *message);
lookout_code_e lookout_gate_too_complex(lookout_gate_call_t *c);

/* SQLite refused to compile, with rc; offset: where in the text, or -1. */
lookout_code_e lookout_gate_explain(lookout_gate_call_t *c, int rc, int offset);

/* The verb of a statement that its words show to be of another kind than SELECT; else NULL. */
const char *lookout_gate_other_verb(lookout_gate_call_t *c);

#endif
