/*
 * A cursor's payload, base64url and signed: 8 bytes of the scope's SHA-256, 8 of the version's,
 * and the offset, most significant byte first.
 */

#include "cursor.h"

#define HASH_SIZE ((size_t) 8)
#define PAYLOAD_SIZE (2 * HASH_SIZE + 4)
#define PURPOSE "cursor"


/* The payload for an offset. */
static void
pack(uint8_t out[PAYLOAD_SIZE], lookout_cursor_bond_t bond, uint32_t offset)
{
    uint8_t digest[LOOKOUT_DIGEST_SIZE];
    size_t i;

    lookout_sha256(bond.scope, digest);
    memcpy(out, digest, HASH_SIZE);
    lookout_sha256(bond.version, digest);
    memcpy(out + HASH_SIZE, digest, HASH_SIZE);
    for (i = 0; i < 4; i++) {
        out[2 * HASH_SIZE + i] = (uint8_t) (offset >> (24 - 8 * i));
    }
}


void
lookout_cursor_write(lookout_buf_t *b, const lookout_key_t *key, lookout_cursor_bond_t bond,
                     uint32_t offset)
{
    lookout_buf_t text = LOOKOUT_BUF_INIT;
    uint8_t payload[PAYLOAD_SIZE];

    pack(payload, bond, offset);
    lookout_base64url(&text, payload, sizeof(payload));
    if (text.failed) {
        b->failed = true;
    } else {
        lookout_sign(b, key, PURPOSE, lookout_buf_text(&text));
    }
    lookout_buf_free(&text);
}


lookout_code_e
lookout_cursor_read(lookout_arena_t *arena, const lookout_key_t *key,
                    lookout_cursor_bond_t bond, lookout_str_t text, uint32_t *offset,
                    lookout_error_t *error)
{
    uint8_t payload[PAYLOAD_SIZE], expected[PAYLOAD_SIZE];
    lookout_str_t signed_text;
    size_t i;

    if (!lookout_unsign(key, PURPOSE, text, &signed_text)
        || lookout_base64url_decode(signed_text, payload, sizeof(payload)) != PAYLOAD_SIZE) {
        return lookout_fail(
            arena, error, LOOKOUT_INVALID_CURSOR, LOOKOUT_STR("{\"reason\":\"malformed\"}"),
            "The cursor is not one that this server gave. Pass nextCursor of the "
            "page before exactly as it came, or no cursor for the first page.");
    }

    pack(expected, bond, 0);
    if (memcmp(payload, expected, HASH_SIZE) != 0) {
        return lookout_fail(
            arena, error, LOOKOUT_INVALID_CURSOR, LOOKOUT_STR("{\"reason\":\"foreign\"}"),
            "The cursor belongs to another call. Repeat the tool and all other "
            "arguments of the call that gave it, or leave the cursor out to start "
            "at the first page.");
    }
    if (memcmp(payload + HASH_SIZE, expected + HASH_SIZE, HASH_SIZE) != 0) {
        return lookout_fail(
            arena, error, LOOKOUT_INVALID_CURSOR,
            LOOKOUT_STR("{\"reason\":\"data_refreshed\"}"),
            "The data was refreshed since the page that gave this cursor, so the "
            "pages would not fit together. Start again without a cursor.");
    }

    *offset = 0;
    for (i = 0; i < 4; i++) {
        *offset = *offset << 8 | payload[2 * HASH_SIZE + i];
    }
    return LOOKOUT_OK;
}
