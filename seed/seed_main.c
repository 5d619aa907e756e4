/*
 * lookout-seed [--as-of YYYY-MM-DD] DESCRIPTION_DIR OUTPUT_DIR
 *
 * Turns a folder of descriptions, or of plain CSV files, into OUTPUT_DIR/catalog.db and
 * OUTPUT_DIR/extracts/NAME.db. Everything is written aside first and put in place at the end,
 * so a server goes on with the old files until the new ones are whole, and a mistake in a
 * description changes nothing. The same input and --as-of give the same bytes.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../ngx_lookout_module/base/clock.h"
#include "seed.h"

static const char usage[] =
    "Usage: lookout-seed [--as-of YYYY-MM-DD] DESCRIPTION_DIR OUTPUT_DIR\n"
    "       lookout-seed --describe FILE.csv\n"
    "\n"
    "Makes OUTPUT_DIR/catalog.db and OUTPUT_DIR/extracts/ from the descriptions (NAME.json\n"
    "with NAME.sql or a CSV file) and the CSV files in DESCRIPTION_DIR. --as-of is the day\n"
    "that times of refreshing are counted back from; it is today when not given.\n"
    "--describe prints the description that a CSV file gets when it has none.\n";


static bool
extract_all(lookout_seed_t *seed)
{
    int64_t rows = 0;

    for (size_t i = 0; i < seed->n_sources; i++) {
        lookout_seed_source_t *source = &seed->sources[i];

        if (!lookout_seed_extract(seed, source)) {
            return false;
        }
        rows += source->row_count;
        printf("  %-24s %8lld rows, %3zu fields%s\n", source->name.data,
               (long long) source->row_count, source->n_fields,
               source->deleted_at != 0 ? " (deleted)" : "");
        fflush(stdout);
    }
    printf("  %-24s %8lld rows\n", "in all", (long long) rows);
    return true;
}


static void
summarize(const lookout_seed_t *seed)
{
    size_t sources = 0, workbooks = 0, views = 0;

    for (size_t i = 0; i < seed->n_sources; i++) {
        const lookout_seed_source_t *source = &seed->sources[i];

        if (source->deleted_at != 0) {
            continue;
        }
        sources++;
        for (size_t j = 0; j < source->n_workbooks; j++) {
            const lookout_seed_workbook_t *workbook = &source->workbooks[j];

            for (size_t k = 0; k < workbook->n_views && workbook->deleted_at == 0; k++) {
                views += workbook->views[k].deleted_at == 0;
            }
            workbooks += workbook->deleted_at == 0;
        }
    }
    printf("%zu datasource%s, %zu workbook%s, %zu view%s in %s/catalog.db\n", sources,
           sources == 1 ? "" : "s", workbooks, workbooks == 1 ? "" : "s", views,
           views == 1 ? "" : "s", seed->output);
}


static bool
run(lookout_seed_t *seed)
{
    const char *extracts;

    if (!lookout_seed_describe(seed) || !lookout_seed_maker_open(seed)
        || !lookout_seed_folder(seed->output)) {
        return false;
    }
    extracts = lookout_seed_path(seed, seed->output, "extracts", "");
    if (extracts == NULL || !lookout_seed_folder(extracts)) {
        return false;
    }
    if (!extract_all(seed) || !lookout_seed_catalog(seed) || !lookout_seed_publish(seed)) {
        lookout_seed_discard(seed);
        return false;
    }
    summarize(seed);
    return true;
}


static bool
print_description(lookout_seed_t *seed, const char *file)
{
    const char *base = strrchr(file, '/') == NULL ? file : strrchr(file, '/') + 1;
    const char *dot = strrchr(base, '.');
    const char *slug = lookout_seed_slug(
        seed, (lookout_str_t){ base, dot == NULL ? strlen(base) : (size_t) (dot - base) }, '_');
    cJSON *json = slug == NULL ? NULL : lookout_seed_infer(seed, file, slug);
    char *text = json == NULL ? NULL : cJSON_Print(json);

    if (text == NULL) {
        return false;
    }
    puts(text);
    free(text);
    return true;
}


int
main(int argc, char **argv)
{
    lookout_seed_t seed = { .arena = lookout_arena_create() };
    bool done = false;
    int at = 1;

    seed.as_of = lookout_now() / LOOKOUT_SEED_DAY * LOOKOUT_SEED_DAY;
    if (seed.arena == NULL) {
        lookout_seed_no_memory();
        return EXIT_FAILURE;
    }
    if (argc == 3 && strcmp(argv[1], "--describe") == 0) {
        done = print_description(&seed, argv[2]);
        lookout_arena_destroy(seed.arena);
        return done ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (argc > 2 && strcmp(argv[1], "--as-of") == 0) {
        if (!lookout_date_valid(lookout_str(argv[2]))
            || !lookout_iso8601_parse(lookout_str(argv[2]), &seed.as_of)) {
            fprintf(stderr, "lookout-seed: --as-of takes a day (YYYY-MM-DD), not \"%s\"\n",
                    argv[2]);
            lookout_arena_destroy(seed.arena);
            return 2;
        }
        at = 3;
    }
    if (argc - at != 2 || argv[at][0] == '-') {
        fputs(usage, stderr);
        lookout_arena_destroy(seed.arena);
        return 2;
    }
    seed.folder = argv[at];
    seed.output = argv[at + 1];
    done = run(&seed);
    sqlite3_close(seed.maker);
    lookout_arena_destroy(seed.arena);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
