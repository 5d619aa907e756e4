/*
 * Hashes, signatures and the key file.
 *
 * SHA-256 is OpenSSL's in its low-level form, which needs no memory and so cannot fail; the EVP
 * form can, and a signature that may silently not have been computed is one that can be forged.
 * HMAC (RFC 2104) is two of them.
 *
 * The key file is never written in place: a process writes a file of its own beside it and
 * links it to the name, which fails when another process was first; then that one's key counts.
 */

#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "digest.h"

#define SIGNATURE_TEXT 43 /* base64url of 32 bytes */
#define KEY_TEXT ((size_t) LOOKOUT_KEY_SIZE * 2)
#define KEY_TRIES 5 /* of reading after another process won the race, or its file went away */

static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


void
lookout_sha256(lookout_str_t data, uint8_t out[LOOKOUT_DIGEST_SIZE])
{
    SHA256_CTX sha;

    SHA256_Init(&sha);
    SHA256_Update(&sha, data.data, data.len);
    SHA256_Final(out, &sha);
}


/* HMAC-SHA256 over n pieces of text, one after the other. */
static void
hmac_pieces(const lookout_key_t *key, const lookout_str_t *pieces, size_t n,
            uint8_t out[LOOKOUT_DIGEST_SIZE])
{
    uint8_t inner[SHA256_CBLOCK], outer[SHA256_CBLOCK];
    SHA256_CTX sha;

    memset(inner, 0x36, sizeof(inner));
    memset(outer, 0x5c, sizeof(outer));
    for (size_t i = 0; i < LOOKOUT_KEY_SIZE; i++) {
        inner[i] ^= key->bytes[i];
        outer[i] ^= key->bytes[i];
    }

    SHA256_Init(&sha);
    SHA256_Update(&sha, inner, sizeof(inner));
    for (size_t i = 0; i < n; i++) {
        SHA256_Update(&sha, pieces[i].data, pieces[i].len);
    }
    SHA256_Final(out, &sha);

    SHA256_Init(&sha);
    SHA256_Update(&sha, outer, sizeof(outer));
    SHA256_Update(&sha, out, LOOKOUT_DIGEST_SIZE);
    SHA256_Final(out, &sha);

    OPENSSL_cleanse(inner, sizeof(inner));
    OPENSSL_cleanse(outer, sizeof(outer));
    OPENSSL_cleanse(&sha, sizeof(sha));
}


void
lookout_hmac(const lookout_key_t *key, lookout_str_t data, uint8_t out[LOOKOUT_DIGEST_SIZE])
{
    hmac_pieces(key, &data, 1, out);
}


bool
lookout_same_bytes(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}


bool
lookout_random(void *out, size_t n)
{
    uint8_t *p = out;

    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        p += got;
        n -= (size_t) got;
    }
    return true;
}


void
lookout_base64url(lookout_buf_t *b, const void *data, size_t len)
{
    const uint8_t *p = data;
    char *out = lookout_buf_reserve(b, len / 3 * 4 + 4), *start = out;

    if (out == NULL) {
        return;
    }
    for (; len >= 3; p += 3, len -= 3) {
        uint32_t bits = (uint32_t) p[0] << 16 | (uint32_t) p[1] << 8 | p[2];

        *out++ = base64url_digits[bits >> 18];
        *out++ = base64url_digits[bits >> 12 & 63];
        *out++ = base64url_digits[bits >> 6 & 63];
        *out++ = base64url_digits[bits & 63];
    }
    if (len != 0) {
        uint32_t bits = (uint32_t) p[0] << 16 | (len == 2 ? (uint32_t) p[1] << 8 : 0);

        *out++ = base64url_digits[bits >> 18];
        *out++ = base64url_digits[bits >> 12 & 63];
        if (len == 2) {
            *out++ = base64url_digits[bits >> 6 & 63];
        }
    }
    b->len += (size_t) (out - start);
}


void
lookout_base64(lookout_buf_t *b, const void *data, size_t len)
{
    const unsigned char *in = data;
    const size_t most = 3 * ((size_t) 1 << 20); /* OpenSSL counts in int */
    size_t n;
    char *out;

    for (; len != 0; in += n, len -= n) {
        n = len < most ? len : most;
        out = lookout_buf_reserve(b, (n + 2) / 3 * 4 + 1); /* it ends with a NUL */
        if (out == NULL) {
            return;
        }
        b->len += (size_t) EVP_EncodeBlock((unsigned char *) out, in, (int) n);
    }
}


/* 0 to 63, or -1 for what is no base64url digit. */
static int
base64url_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}


int
lookout_base64url_decode(lookout_str_t text, uint8_t *out, size_t cap)
{
    uint32_t bits = 0; /* the low `have` bits are still to be written */
    unsigned have = 0;
    size_t n = 0;

    if (text.len % 4 == 1 || text.len / 4 * 3 > INT32_MAX - 3) {
        return -1;
    }
    for (size_t i = 0; i < text.len; i++) {
        int value = base64url_value(text.data[i]);

        if (value < 0) {
            return -1;
        }
        bits = (bits << 6 | (uint32_t) value) & 0xffff;
        have += 6;
        if (have >= 8) {
            if (n == cap) {
                return -1;
            }
            have -= 8;
            out[n++] = (uint8_t) (bits >> have);
        }
    }
    return (bits & ((1u << have) - 1)) == 0 ? (int) n : -1;
}


/* The signature of a payload for a purpose. */
static void
signature(const lookout_key_t *key, const char *purpose, lookout_str_t payload,
          uint8_t out[LOOKOUT_DIGEST_SIZE])
{
    lookout_str_t pieces[] = { lookout_str(purpose), LOOKOUT_STR("."), payload };

    hmac_pieces(key, pieces, sizeof(pieces) / sizeof(pieces[0]), out);
}


void
lookout_sign(lookout_buf_t *b, const lookout_key_t *key, const char *purpose,
             lookout_str_t payload)
{
    uint8_t mac[LOOKOUT_DIGEST_SIZE];

    signature(key, purpose, payload, mac);
    lookout_buf_str(b, payload);
    lookout_buf_putc(b, '.');
    lookout_base64url(b, mac, sizeof(mac));
}


bool
lookout_unsign(const lookout_key_t *key, const char *purpose, lookout_str_t text,
               lookout_str_t *payload)
{
    uint8_t mac[LOOKOUT_DIGEST_SIZE], given[LOOKOUT_DIGEST_SIZE];
    lookout_str_t body, tail;

    if (text.len < SIGNATURE_TEXT + 1 || text.data[text.len - SIGNATURE_TEXT - 1] != '.') {
        return false;
    }
    body = (lookout_str_t){ text.data, text.len - SIGNATURE_TEXT - 1 };
    tail = (lookout_str_t){ text.data + body.len + 1, SIGNATURE_TEXT };
    if (lookout_base64url_decode(tail, given, sizeof(given)) != LOOKOUT_DIGEST_SIZE) {
        return false;
    }
    signature(key, purpose, body, mac);
    if (!lookout_same_bytes(mac, given, sizeof(mac))) {
        return false;
    }
    *payload = body;
    return true;
}


/* What reading the key file came to. */
typedef enum { KEY_READ, KEY_ABSENT, KEY_BAD } key_state_e;


/* The bytes of the file, up to size; -1 on an error. */
static ssize_t
read_all(int fd, char *text, size_t size)
{
    size_t n = 0;

    while (n < size) {
        ssize_t got = read(fd, text + n, size - n);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        n += (size_t) got;
    }
    return (ssize_t) n;
}


/* Reads 64 hexadecimal digits, with or without a newline behind them. */
static bool
parse_key(const char *text, size_t n, lookout_key_t *key)
{
    if (n == KEY_TEXT + 1 && text[KEY_TEXT] == '\n') {
        n--;
    }
    if (n != KEY_TEXT) {
        return false;
    }
    for (size_t i = 0; i < KEY_TEXT; i++) {
        char c = text[i], lower = (char) (c | 0x20);
        int digit = c >= '0' && c <= '9'           ? c - '0'
                    : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                   : -1;

        if (digit < 0) {
            return false;
        }
        key->bytes[i / 2] = (uint8_t) (i % 2 == 0 ? digit << 4 : key->bytes[i / 2] | digit);
    }
    return true;
}


static key_state_e
read_key(const char *path, lookout_key_t *key, char *why, size_t size)
{
    char text[KEY_TEXT + 2];
    key_state_e state = KEY_BAD;
    struct stat st;
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would wait for a writer */

    if (fd < 0) {
        if (errno == ENOENT) {
            return KEY_ABSENT;
        }
        (void) snprintf(why, size, "the key file %s cannot be opened: %s", path,
                        strerror(errno));
        return KEY_BAD;
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void) snprintf(why, size, "the key file %s is not a regular file", path);
    } else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        (void) snprintf(why, size,
                        "the key file %s is open to others than its owner (mode %04o): run "
                        "chmod 600 on it",
                        path, (unsigned) st.st_mode & 07777);
    } else if ((n = read_all(fd, text, sizeof(text))) < 0) {
        (void) snprintf(why, size, "the key file %s cannot be read: %s", path, strerror(errno));
    } else if (!parse_key(text, (size_t) n, key)) {
        (void) snprintf(
            why, size,
            "the key file %s does not hold 64 hexadecimal digits and a newline: put "
            "the right file there, or remove it to have a new key made (which ends "
            "all tokens, cursors and links given out)",
            path);
    } else {
        state = KEY_READ;
    }
    OPENSSL_cleanse(text, sizeof(text));
    (void) close(fd);
    return state;
}


/* Makes what was done in the folder of path durable. */
static void
sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    lookout_buf_t folder = LOOKOUT_BUF_INIT;

    if (slash == NULL) {
        lookout_buf_putc(&folder, '.');
    } else {
        lookout_buf_add(&folder, path, (size_t) (slash - path) + 1);
    }
    lookout_buf_putc(&folder, '\0');
    if (!folder.failed) {
        int fd = open(folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd >= 0) {
            (void) fsync(fd);
            (void) close(fd);
        }
    }
    lookout_buf_free(&folder);
}


/* Writes a new key into the file `aside`, which must not exist yet. */
static bool
write_aside(const char *aside)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t bytes[LOOKOUT_KEY_SIZE];
    char text[KEY_TEXT + 1];
    bool written;
    int fd;

    if (!lookout_random(bytes, sizeof(bytes))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        text[i * 2] = hex[bytes[i] >> 4];
        text[i * 2 + 1] = hex[bytes[i] & 15];
    }
    text[KEY_TEXT] = '\n';
    fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0) {
        /* Whatever the umask, the owner has to be able to read it again. */
        written = fchmod(fd, S_IRUSR | S_IWUSR) == 0
                  && write(fd, text, sizeof(text)) == (ssize_t) sizeof(text) && fsync(fd) == 0;
        if (close(fd) != 0 || !written) {
            int error = errno;

            (void) unlink(aside);
            errno = error;
            fd = -1;
        }
    }
    OPENSSL_cleanse(bytes, sizeof(bytes));
    OPENSSL_cleanse(text, sizeof(text));
    return fd >= 0;
}


/* Makes the key file, unless another process makes it first. */
static bool
make_key(const char *path, char *why, size_t size)
{
    lookout_buf_t aside = LOOKOUT_BUF_INIT;
    uint8_t tag[8];
    bool made = false;

    errno = ENOMEM; /* if nothing else says why */
    if (lookout_random(tag, sizeof(tag))) {
        lookout_buf_puts(&aside, path);
        lookout_buf_putc(&aside, '.');
        lookout_base64url(&aside, tag, sizeof(tag));
        lookout_buf_putc(&aside, '\0');
        if (!aside.failed && write_aside(aside.data)) {
            made = link(aside.data, path) == 0 || errno == EEXIST;
            if (!made) {
                int error = errno;

                (void) unlink(aside.data);
                errno = error;
            } else {
                (void) unlink(aside.data);
                sync_folder(path);
            }
        }
    }
    if (!made) {
        (void) snprintf(why, size, "the key file %s cannot be made: %s", path, strerror(errno));
    }
    lookout_buf_free(&aside);
    return made;
}


bool
lookout_key_load(const char *path, lookout_key_t *key, char *why, size_t size)
{
    for (int i = 0; i < KEY_TRIES; i++) {
        key_state_e state = read_key(path, key, why, size);

        if (state != KEY_ABSENT) {
            return state == KEY_READ;
        }
        if (!make_key(path, why, size)) {
            return false;
        }
    }
    (void) snprintf(why, size, "the key file %s is removed as often as it is made", path);
    return false;
}
