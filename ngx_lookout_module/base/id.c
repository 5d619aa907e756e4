/*
 * Ids: what they look like and how they are made from a digest.
 */

#include "id.h"


bool
lookout_id_valid(lookout_str_t s, const char *prefix)
{
    size_t n = strlen(prefix);

    if (s.len != n + LOOKOUT_ID_BODY || memcmp(s.data, prefix, n) != 0) {
        return false;
    }
    for (size_t i = n; i < s.len; i++) {
        char c = s.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
            return false;
        }
    }
    return true;
}


void
lookout_id_mint(char *out, const char *prefix, const uint8_t digest[32])
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    size_t n = strlen(prefix);
    uint32_t bits = 0; /* the low `have` bits are still to be written */
    unsigned have = 0;

    if (n > LOOKOUT_ID_MAX - LOOKOUT_ID_BODY - 1) {
        n = LOOKOUT_ID_MAX - LOOKOUT_ID_BODY - 1;
    }
    memcpy(out, prefix, n);
    for (size_t i = 0; i < LOOKOUT_ID_BODY; i++) {
        if (have < 5) {
            bits = bits << 8 | *digest++;
            have += 8;
        }
        have -= 5;
        out[n + i] = alphabet[bits >> have & 31];
    }
    out[n + LOOKOUT_ID_BODY] = '\0';
}
