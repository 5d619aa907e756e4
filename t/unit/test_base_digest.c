/*
 * Unit tests of hashes, signatures and the key file.
 */

#include <fcntl.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../ngx_lookout_module/base/digest.h"

#define PROCESSES 16

static char folder[64];


static void
assert_hex(const uint8_t *bytes, const char *expected)
{
    char hex[2 * LOOKOUT_DIGEST_SIZE + 1];

    for (size_t i = 0; i < LOOKOUT_DIGEST_SIZE; i++) {
        (void) snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    }
    assert_string_equal(hex, expected);
}


static void
test_sha256(void **state)
{
    uint8_t digest[LOOKOUT_DIGEST_SIZE];

    (void) state;
    lookout_sha256(LOOKOUT_STR(""), digest);
    assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    lookout_sha256(LOOKOUT_STR_NONE, digest);
    assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    lookout_sha256(LOOKOUT_STR("abc"), digest);
    assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    lookout_sha256(LOOKOUT_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                   digest);
    assert_hex(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}


/* RFC 4231; its shorter keys are ours with zeros behind, which HMAC adds anyway. */
static void
test_hmac(void **state)
{
    uint8_t mac[LOOKOUT_DIGEST_SIZE];
    lookout_key_t key = { { 0 } };
    char data[50];

    (void) state;
    memset(key.bytes, 0x0b, 20);
    lookout_hmac(&key, LOOKOUT_STR("Hi There"), mac);
    assert_hex(mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");

    memset(&key, 0, sizeof(key));
    memcpy(key.bytes, "Jefe", 4);
    lookout_hmac(&key, LOOKOUT_STR("what do ya want for nothing?"), mac);
    assert_hex(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

    memset(&key, 0, sizeof(key));
    memset(key.bytes, 0xaa, 20);
    memset(data, 0xdd, sizeof(data));
    lookout_hmac(&key, (lookout_str_t){ data, sizeof(data) }, mac);
    assert_hex(mac, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
}


static void
test_same_bytes(void **state)
{
    (void) state;
    assert_true(lookout_same_bytes("abc", "abc", 3));
    assert_true(lookout_same_bytes("abc", "abd", 2));
    assert_false(lookout_same_bytes("abc", "abd", 3));
    assert_false(lookout_same_bytes("xbc", "abc", 3));
    assert_true(lookout_same_bytes("a", "b", 0));
}


static void
test_random(void **state)
{
    uint8_t a[1000] = { 0 }, b[1000] = { 0 };
    size_t zeros = 0;

    (void) state;
    assert_true(lookout_random(a, sizeof(a) - 1));
    assert_true(lookout_random(b, sizeof(b)));
    assert_int_equal(a[999], 0); /* not beyond what was asked for */
    assert_memory_not_equal(a, b, 999);
    for (size_t i = 0; i < 999; i++) {
        zeros += a[i] == 0;
    }
    assert_true(zeros < 50);
}


static void
test_base64url(void **state)
{
    static const struct {
        const char *plain;
        const char *text;
    } cases[] = {
        { "", "" },
        { "f", "Zg" },
        { "fo", "Zm8" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg" },
        { "fooba", "Zm9vYmE" },
        { "foobar", "Zm9vYmFy" },
        { "\xfb\xff\xbf", "-_-_" },
    };
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    uint8_t out[16];

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t len = strlen(cases[i].plain);

        lookout_buf_reset(&b);
        lookout_base64url(&b, cases[i].plain, len);
        assert_true(lookout_str_is(lookout_buf_text(&b), cases[i].text));
        assert_int_equal(lookout_base64url_decode(lookout_buf_text(&b), out, len), len);
        assert_memory_equal(out, cases[i].plain, len);
        if (len != 0) {
            assert_int_equal(lookout_base64url_decode(lookout_buf_text(&b), out, len - 1), -1);
        }
    }
    lookout_buf_free(&b);
}


static void
test_base64(void **state)
{
    static const char *const cases[][2] = {
        { "", "" },        { "f", "Zg==" },        { "fo", "Zm8=" },
        { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "\xfb\xff\xbf", "+/+/" },
    };
    const size_t size = 4 * 1024 * 1024 + 1; /* more than a piece */
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    char *zeros = calloc(1, size);

    (void) state;
    assert_non_null(zeros);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lookout_buf_reset(&b);
        lookout_base64(&b, cases[i][0], strlen(cases[i][0]));
        assert_true(lookout_str_eq((lookout_str_t){ b.data == NULL ? "" : b.data, b.len },
                                   lookout_str(cases[i][1])));
    }

    lookout_buf_reset(&b);
    lookout_base64(&b, zeros, size);
    assert_int_equal(b.len, (size + 2) / 3 * 4);
    assert_null(memchr(b.data, '=', b.len - 1)); /* padded at its end alone */
    assert_memory_equal(b.data + b.len - 4, "AAA=", 4);
    lookout_buf_free(&b);
    free(zeros);
}


static void
test_base64url_refuses(void **state)
{
    static const char *const texts[] = {
        "A",    "AAAAA",  "Zg==",       "Zg=",  "Zh", "Zm9", "+/+/",
        "Zm 9", "Zm9v\n", "Zm\xc3\xa9", "Zm9.", "AB", "AAB",
    };
    uint8_t out[16];

    (void) state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (lookout_base64url_decode(lookout_str(texts[i]), out, sizeof(out)) != -1) {
            fail_msg("\"%s\" was decoded", texts[i]);
        }
    }
    assert_int_equal(lookout_base64url_decode((lookout_str_t){ "AA\0A", 4 }, out, 16), -1);
}


static void
test_sign(void **state)
{
    lookout_key_t key = { { 1, 2, 3 } }, other = { { 1, 2, 4 } };
    lookout_buf_t b = LOOKOUT_BUF_INIT, changed = LOOKOUT_BUF_INIT;
    lookout_str_t payload = LOOKOUT_STR_NONE, signed_text;
    uint8_t mac[LOOKOUT_DIGEST_SIZE];

    (void) state;
    lookout_sign(&b, &key, "token", LOOKOUT_STR("a.b"));
    signed_text = lookout_buf_text(&b);
    assert_int_equal(signed_text.len, 3 + 1 + 43);
    /* The signature is what the header says it is made of. */
    lookout_hmac(&key, LOOKOUT_STR("token.a.b"), mac);
    lookout_base64url(&changed, mac, sizeof(mac));
    assert_memory_equal(signed_text.data + 4, changed.data, 43);

    assert_true(lookout_unsign(&key, "token", signed_text, &payload));
    assert_true(lookout_str_is(payload, "a.b"));
    assert_ptr_equal(payload.data, signed_text.data);

    payload = LOOKOUT_STR_NONE;
    assert_false(lookout_unsign(&other, "token", signed_text, &payload));
    assert_false(lookout_unsign(&key, "cursor", signed_text, &payload));
    for (size_t i = 0; i < signed_text.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            lookout_buf_reset(&changed);
            lookout_buf_str(&changed, signed_text);
            changed.data[i] = (char) (changed.data[i] ^ (1 << bit));
            assert_false(lookout_unsign(&key, "token", lookout_buf_text(&changed), &payload));
        }
    }
    for (size_t len = 0; len < signed_text.len; len++) {
        assert_false(
            lookout_unsign(&key, "token", (lookout_str_t){ signed_text.data, len }, &payload));
    }
    lookout_buf_putc(&b, 'A');
    assert_false(lookout_unsign(&key, "token", lookout_buf_text(&b), &payload));
    assert_null(payload.data);

    lookout_buf_reset(&b); /* an empty payload is one too */
    lookout_sign(&b, &key, "token", LOOKOUT_STR(""));
    assert_true(lookout_unsign(&key, "token", lookout_buf_text(&b), &payload));
    assert_int_equal(payload.len, 0);
    lookout_buf_free(&b);
    lookout_buf_free(&changed);
}


/* folder/name, valid until the next call. */
static const char *
at(const char *name)
{
    static char path[128];

    (void) snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}


static void
write_file(const char *path, const char *text, size_t len, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}


static size_t
count_files(void)
{
    DIR *dir = opendir(folder);
    size_t n = 0;

    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        n += entry->d_name[0] != '.';
    }
    (void) closedir(dir);
    return n;
}


static void
test_key_is_made_once(void **state)
{
    lookout_key_t key, again;
    const char *path = at("key");
    char why[256] = "";
    struct stat st;
    mode_t mask = umask(0777);

    (void) state;
    assert_true(lookout_key_load(path, &key, why, sizeof(why)));
    (void) umask(mask);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 65);
    assert_int_equal(st.st_nlink, 1);
    assert_int_equal(count_files(), 1);
    assert_true(lookout_key_load(path, &again, why, sizeof(why)));
    assert_memory_equal(&key, &again, sizeof(key));
    assert_int_equal(unlink(path), 0);
    assert_true(lookout_key_load(path, &again, why, sizeof(why)));
    assert_memory_not_equal(&key, &again, sizeof(key));
    assert_int_equal(unlink(path), 0);
}


static void
test_key_is_read(void **state)
{
    static const char text[] =
        "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F\n";
    lookout_key_t key;
    char why[256];

    (void) state;
    for (size_t len = 64; len <= 65; len++) {
        memset(&key, 0xee, sizeof(key));
        write_file(at("key"), text, len, 0400);
        assert_true(lookout_key_load(at("key"), &key, why, sizeof(why)));
        for (size_t i = 0; i < LOOKOUT_KEY_SIZE; i++) {
            assert_int_equal(key.bytes[i], i);
        }
        assert_int_equal(unlink(at("key")), 0);
    }
}


static void
test_key_is_refused(void **state)
{
    static const char digits[] =
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n\n";
    static const char no_end[] =
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fx";
    static const char hole[] =
        "000102030405060708090a0b0c0d0e0f10111213141516171819 a1b1c1d1e1f\n";
    static const struct {
        const char *text;
        size_t len;
        mode_t mode;
        const char *why;
    } cases[] = {
        { digits, 65, 0640, "chmod 600" },          { digits, 65, 0604, "chmod 600" },
        { digits, 65, 0620, "chmod 600" },          { digits, 0, 0600, "64 hexadecimal" },
        { digits, 63, 0600, "64 hexadecimal" },     { digits, 66, 0600, "64 hexadecimal" },
        { no_end, 65, 0600, "64 hexadecimal" },     { hole, 65, 0600, "64 hexadecimal" },
        { digits + 1, 65, 0600, "64 hexadecimal" },
    };
    lookout_key_t key;
    char why[512], small[16];

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        write_file(at("key"), cases[i].text, cases[i].len, cases[i].mode);
        *why = '\0';
        assert_false(lookout_key_load(at("key"), &key, why, sizeof(why)));
        assert_non_null(strstr(why, cases[i].why));
        assert_non_null(strstr(why, at("key")));
        assert_false(lookout_key_load(at("key"), &key, small, sizeof(small)));
        assert_int_equal(strlen(small), sizeof(small) - 1);
        assert_int_equal(unlink(at("key")), 0);
    }
    assert_false(lookout_key_load(folder, &key, why, sizeof(why)));
    assert_non_null(strstr(why, "not a regular file"));
    assert_int_equal(mkfifo(at("fifo"), 0600), 0);
    assert_false(lookout_key_load(at("fifo"), &key, why, sizeof(why)));
    assert_non_null(strstr(why, "not a regular file"));
    assert_int_equal(unlink(at("fifo")), 0);
    assert_false(lookout_key_load(at("none/key"), &key, why, sizeof(why)));
    assert_non_null(strstr(why, "No such file"));
    assert_non_null(strstr(why, at("none/key")));
    assert_int_equal(symlink("/nonexistent/lookout/key", at("link")), 0);
    assert_false(lookout_key_load(at("link"), &key, why, sizeof(why)));
    assert_int_equal(unlink(at("link")), 0);
    assert_int_equal(count_files(), 0);
}


/* Many processes that start at once end up with one key, and leave one file. */
static void
test_key_race(void **state)
{
    lookout_key_t keys[PROCESSES];
    int go[2], answer[2];
    char why[256];

    (void) state;
    for (int round = 0; round < 10; round++) {
        assert_int_equal(pipe(go), 0);
        assert_int_equal(pipe(answer), 0);
        for (int i = 0; i < PROCESSES; i++) {
            pid_t child = fork();

            assert_true(child >= 0);
            if (child == 0) {
                char byte;

                (void) close(go[1]);
                if (read(go[0], &byte, 1) != 0
                    || !lookout_key_load(at("key"), &keys[0], why, sizeof(why))
                    || write(answer[1], &keys[0], sizeof(keys[0])) != sizeof(keys[0])) {
                    _exit(1);
                }
                _exit(0);
            }
        }
        (void) close(go[0]);
        (void) close(go[1]); /* the end of file is the starting shot */
        for (int i = 0; i < PROCESSES; i++) {
            int status;

            assert_true(wait(&status) > 0);
            assert_int_equal(status, 0);
        }
        for (int i = 0; i < PROCESSES; i++) {
            assert_int_equal(read(answer[0], &keys[i], sizeof(keys[i])), sizeof(keys[i]));
            assert_memory_equal(&keys[i], &keys[0], sizeof(keys[0]));
        }
        (void) close(answer[0]);
        (void) close(answer[1]);
        assert_int_equal(count_files(), 1);
        assert_int_equal(unlink(at("key")), 0);
    }
}


static int
make_folder(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void) state;
    (void) snprintf(folder, sizeof(folder), "%.40s/lookout-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    return mkdtemp(folder) == NULL ? -1 : 0;
}


static int
remove_folder(void **state)
{
    (void) state;
    return rmdir(folder); /* fails when a test left something there */
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_base64url),
        cmocka_unit_test(test_base64url_refuses),
        cmocka_unit_test(test_sign),
        cmocka_unit_test(test_key_is_made_once),
        cmocka_unit_test(test_key_is_read),
        cmocka_unit_test(test_key_is_refused),
        cmocka_unit_test(test_key_race),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
