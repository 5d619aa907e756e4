/*
 * The runbook has a row for each code that there is, and each row says all that it should.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "jobs/jobs.h"
#include "tools/runbook.h"


static void
test_codes(void **state)
{
    int code;

    (void) state;
    for (code = 1; lookout_code_name((lookout_code_e) code)[0] != '\0'; code++) {
        assert_non_null(lookout_runbook[code - 1].code);
        assert_string_equal(lookout_runbook[code - 1].code,
                            lookout_code_name((lookout_code_e) code));
    }
}


static int
rows_of(const char *code)
{
    int n = 0;
    const lookout_runbook_row_t *row;

    for (row = lookout_runbook; row->code != NULL; row++) {
        n += strcmp(row->code, code) == 0;
    }
    return n;
}


static void
test_jobs(void **state)
{
    (void) state;
    assert_int_equal(rows_of("RENDER_TIMEOUT"), 1);
    assert_int_equal(rows_of(LOOKOUT_JOB_STORAGE_FULL), 1);
    assert_int_equal(rows_of(LOOKOUT_JOB_STORAGE_UNAVAILABLE), 1);
    assert_int_equal(rows_of(LOOKOUT_JOB_INTERRUPTED), 1);
}


/* Fit for a cell of a table and for a line of a list. */
static void
is_text(const char *text, bool may_be_empty)
{
    assert_non_null(text);
    assert_true(may_be_empty || text[0] != '\0');
    assert_null(strpbrk(text, "|\n"));
}


static void
test_rows(void **state)
{
    const lookout_runbook_row_t *row;

    (void) state;
    for (row = lookout_runbook; row->code != NULL; row++) {
        assert_int_equal(rows_of(row->code), 1);
        is_text(row->where, false);
        is_text(row->means, false);
        is_text(row->details, true);
        is_text(row->agent, false);
        is_text(row->operators, true);
        is_text(row->again, false);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_jobs),
        cmocka_unit_test(test_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
