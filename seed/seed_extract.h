/*
 * Between the making of rows (seed_source.c) and their writing (seed_extract.c).
 */

#ifndef LOOKOUT_SEED_EXTRACT_H
#define LOOKOUT_SEED_EXTRACT_H

#include <openssl/evp.h>

#include "../ngx_lookout_module/base/buf.h"
#include "seed.h"

typedef struct {
    lookout_seed_t *seed;
    lookout_seed_source_t *source;
    sqlite3 *db;
    sqlite3_stmt *insert;
    EVP_MD_CTX *digest; /* of the table, its rows and its indexes */
    lookout_buf_t row;
} lookout_seed_writer_t;

/* Writes a row: one value a field, in their order, of the right kinds. */
bool lookout_seed_write_row(lookout_seed_writer_t *writer, const lookout_seed_value_t *values);

/* Make the source's rows and write each. */
bool lookout_seed_rows_of_sql(lookout_seed_writer_t *writer);
bool lookout_seed_rows_of_csv(lookout_seed_writer_t *writer);

#endif
