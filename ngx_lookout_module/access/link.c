/*
 * The signature is the HMAC over "file." expiry "/" path, as base64url.
 */

#include "link.h"

#define LINK_PATH_MAX 512


static void
link_signature(lookout_buf_t *b, const lookout_key_t *key, int64_t expires, lookout_str_t path)
{
    uint8_t mac[LOOKOUT_DIGEST_SIZE];
    lookout_buf_t text = LOOKOUT_BUF_INIT;

    lookout_buf_puts(&text, "file.");
    lookout_buf_int(&text, expires);
    lookout_buf_putc(&text, '/');
    lookout_buf_str(&text, path);

    b->failed |= text.failed;
    if (!text.failed) {
        lookout_hmac(key, lookout_buf_text(&text), mac);
        lookout_base64url(b, mac, sizeof(mac));
    }
    lookout_buf_free(&text);
}


void
lookout_link_write(lookout_buf_t *b, const lookout_key_t *key, lookout_str_t base,
                   lookout_str_t path, int64_t now, int64_t ttl)
{
    int64_t expires = (now / ttl + 2) * ttl;

    lookout_buf_str(b, base);
    lookout_buf_putc(b, '/');
    lookout_buf_int(b, expires);
    lookout_buf_putc(b, '.');
    link_signature(b, key, expires, path);
    lookout_buf_putc(b, '/');
    lookout_buf_str(b, path);
}


/* The form of a path that we make; a signature never covers another, and this is looked at all
 * the same before it comes near a file system. */
static bool
link_path_valid(lookout_str_t path)
{
    char c;
    size_t i;
    bool start = true;

    for (i = 0; i < path.len; i++) {
        c = path.data[i];
        if (start && (c == '/' || c == '.')) {
            return false;
        }
        start = c == '/';
        if (!start && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')
            && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-') {
            return false;
        }
    }
    return path.len != 0 && path.len <= LINK_PATH_MAX && !start;
}


lookout_link_state_e
lookout_link_check(const lookout_key_t *key, lookout_str_t rest, int64_t now,
                   lookout_str_t *path)
{
    bool same;
    size_t i = 0, dot;
    int64_t expires = 0;
    lookout_buf_t mac = LOOKOUT_BUF_INIT;

    while (i < rest.len && i < 15 && rest.data[i] >= '0' && rest.data[i] <= '9') {
        expires = expires * 10 + (rest.data[i++] - '0');
    }
    if (i == 0 || i >= rest.len || rest.data[i] != '.') {
        return LOOKOUT_LINK_INVALID;
    }

    dot = i++;
    while (i < rest.len && rest.data[i] != '/') {
        i++;
    }
    *path =
        i < rest.len ? (lookout_str_t){ rest.data + i + 1, rest.len - i - 1 } : LOOKOUT_STR("");
    if (rest.data[0] == '0' || !link_path_valid(*path)) {
        return LOOKOUT_LINK_INVALID;
    }

    link_signature(&mac, key, expires, *path);
    same = !mac.failed && mac.len == i - dot - 1
           && lookout_same_bytes(mac.data, rest.data + dot + 1, mac.len);
    lookout_buf_free(&mac);

    return !same            ? LOOKOUT_LINK_INVALID
           : now >= expires ? LOOKOUT_LINK_EXPIRED
                            : LOOKOUT_LINK_GOOD;
}
