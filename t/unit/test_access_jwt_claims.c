/*
 * Unit tests of what an access token says: its issuer, audience, times, scopes and names. Each
 * token here is well signed; a careless issuer or a wrong clock is what it suffers from.
 */

#include "jwt_fixture.h"


static void
test_payload_json(void **state)
{
    static const char *const payloads[] = {
        "",
        "null",
        "[]",
        "\"x\"",
        PAYLOAD " ,",
        PAYLOAD PAYLOAD,
        "{" CLAIMS ",\"exp\":1780000300,\"exp\":1790000000}",
        "{" CLAIMS ",\"exp\":1780000300,\"\\u0073ub\":\"root\"}",
        "{" CLAIMS ",\"exp\":01780000300}",
        "{" CLAIMS ",\"exp\":1780000300,}",
        "{" CLAIMS ",\"exp\":NaN}",
        "{" CLAIMS ",\"exp\":1e400}",
        "{" CLAIMS ",\"exp\":99999999999999999999}",
        "{" CLAIMS ",\"exp\":1780000300,\"x\":\"\xff\"}",
    };
    lookout_buf_t deep = LOOKOUT_BUF_INIT;

    (void) state;
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        if (says(payloads[i]) != LOOKOUT_JWT_CLAIMS) {
            fail_msg("%s: %d", payloads[i], refusal.reason);
        }
        assert_message("not a strict JSON object");
    }

    lookout_buf_puts(&deep, "{\"x\":");
    for (int i = 0; i < 2900; i++) {
        lookout_buf_putc(&deep, '[');
    }
    for (int i = 0; i < 2900; i++) {
        lookout_buf_putc(&deep, ']');
    }
    lookout_buf_puts(&deep, "}");
    lookout_buf_putc(&deep, '\0');
    assert_int_equal(says(deep.data), LOOKOUT_JWT_CLAIMS);
    lookout_buf_free(&deep);
}


/* Times are tried at the very second where they begin and end to count. */
static void
test_times(void **state)
{
    static const struct {
        const char *times; /* members, a comma before each */
        lookout_jwt_reason_e reason;
    } cases[] = {
        { ",\"exp\":1779999941", LOOKOUT_JWT_GOOD }, /* NOW - LEEWAY + 1 */
        { ",\"exp\":1779999940", LOOKOUT_JWT_EXPIRED },
        { ",\"exp\":1779999939", LOOKOUT_JWT_EXPIRED },
        { ",\"exp\":1779999940.5", LOOKOUT_JWT_GOOD },
        { ",\"exp\":1779999940.000001", LOOKOUT_JWT_GOOD },
        { ",\"exp\":1779999939.999", LOOKOUT_JWT_EXPIRED },
        { ",\"exp\":1.780000300e9", LOOKOUT_JWT_GOOD },
        { ",\"exp\":0", LOOKOUT_JWT_EXPIRED },
        { ",\"exp\":-0", LOOKOUT_JWT_EXPIRED },
        { ",\"exp\":253402300799", LOOKOUT_JWT_GOOD },
        { ",\"exp\":253402300800", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":1780000300000", LOOKOUT_JWT_CLAIMS }, /* milliseconds */
        { ",\"exp\":9007199254740991", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":1e300", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":-1", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":-1e300", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":\"1780000300\"", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":[1780000300]", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":true", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":null", LOOKOUT_JWT_CLAIMS },
        { "", LOOKOUT_JWT_CLAIMS },
        { ",\"EXP\":1780000300", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":1780000300,\"nbf\":1780000060", LOOKOUT_JWT_GOOD }, /* NOW + LEEWAY */
        { ",\"exp\":1780000300,\"nbf\":1780000061", LOOKOUT_JWT_NOT_YET },
        { ",\"exp\":1780000300,\"nbf\":1780000060.5", LOOKOUT_JWT_NOT_YET },
        { ",\"exp\":1780000300,\"nbf\":\"0\"", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":1780000300,\"nbf\":null", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":1780000300,\"iat\":1780000060", LOOKOUT_JWT_GOOD },
        { ",\"exp\":1780000300,\"iat\":1780000061", LOOKOUT_JWT_NOT_YET },
        { ",\"exp\":1780000300,\"iat\":-5", LOOKOUT_JWT_CLAIMS },
        { ",\"exp\":1780000300,\"iat\":{}", LOOKOUT_JWT_CLAIMS },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lookout_buf_t payload = LOOKOUT_BUF_INIT;

        lookout_buf_printf(&payload, "{\"iss\":\"" ISSUER "\",\"aud\":\"lookout\"%s}",
                           cases[i].times);
        lookout_buf_putc(&payload, '\0');
        if (says(payload.data) != cases[i].reason) {
            fail_msg("%s: %d %s", cases[i].times, refusal.reason, refusal.message);
        }
        lookout_buf_free(&payload);
    }

    assert_int_equal(says("{" CLAIMS ",\"exp\":1779999940.9}"), LOOKOUT_JWT_GOOD);
    assert_int_equal(claims.expires_at, 1779999940);
    assert_int_equal(says("{" CLAIMS ",\"exp\":1779999900}"), LOOKOUT_JWT_EXPIRED);
    assert_message("expired at 2026-05-28T20:25:00Z");
    assert_int_equal(says("{" CLAIMS "}"), LOOKOUT_JWT_CLAIMS);
    assert_message("exp is missing");

    rules.leeway = 0;
    assert_int_equal(says("{" CLAIMS ",\"exp\":1780000001}"), LOOKOUT_JWT_GOOD);
    assert_int_equal(says("{" CLAIMS ",\"exp\":1780000000}"), LOOKOUT_JWT_EXPIRED);
    rules.leeway = LEEWAY;
}


/* iss and aud, each as a JSON value; the other is right. */
static void
test_issuer_and_audience(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        lookout_jwt_reason_e reason;
    } cases[] = {
        { "iss", "\"https:\\/\\/issuer.example\\u002f\"", LOOKOUT_JWT_GOOD },
        { "iss", "\"https://issuer.example\"", LOOKOUT_JWT_ISSUER },
        { "iss", "\"https://issuer.example/x\"", LOOKOUT_JWT_ISSUER },
        { "iss", "\"HTTPS://issuer.example/\"", LOOKOUT_JWT_ISSUER },
        { "iss", "\"\"", LOOKOUT_JWT_ISSUER },
        { "iss", "[\"https://issuer.example/\"]", LOOKOUT_JWT_CLAIMS },
        { "iss", "null", LOOKOUT_JWT_CLAIMS },
        { "aud", "\"lookout\"", LOOKOUT_JWT_GOOD },
        { "aud", "[\"x\",\"lookout\"]", LOOKOUT_JWT_GOOD },
        { "aud", "[\"https://bi.example/mcp\"]", LOOKOUT_JWT_GOOD },
        { "aud", "\"https://bi.example/\"", LOOKOUT_JWT_AUDIENCE },
        { "aud", "\"https://bi.example/mcp/\"", LOOKOUT_JWT_AUDIENCE },
        { "aud", "\"lookout x\"", LOOKOUT_JWT_AUDIENCE },
        { "aud", "[\"x\",\"y\"]", LOOKOUT_JWT_AUDIENCE },
        { "aud", "[]", LOOKOUT_JWT_AUDIENCE },
        { "aud", "\"\"", LOOKOUT_JWT_AUDIENCE },
        { "aud", "[\"lookout\",7]", LOOKOUT_JWT_CLAIMS },
        { "aud", "[[\"lookout\"]]", LOOKOUT_JWT_CLAIMS },
        { "aud", "{\"0\":\"lookout\"}", LOOKOUT_JWT_CLAIMS },
        { "aud", "null", LOOKOUT_JWT_CLAIMS },
        { "aud", "7", LOOKOUT_JWT_CLAIMS },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool iss = strcmp(cases[i].name, "iss") == 0;
        lookout_buf_t payload = LOOKOUT_BUF_INIT;

        lookout_buf_printf(&payload, "{\"iss\":%s,\"aud\":%s,\"exp\":1780000300}",
                           iss ? cases[i].value : "\"" ISSUER "\"",
                           iss ? "\"lookout\"" : cases[i].value);
        lookout_buf_putc(&payload, '\0');
        if (says(payload.data) != cases[i].reason) {
            fail_msg("%s %s: %d", cases[i].name, cases[i].value, refusal.reason);
        }
        lookout_buf_free(&payload);
    }
    assert_int_equal(says("{\"aud\":\"lookout\",\"exp\":1780000300}"), LOOKOUT_JWT_CLAIMS);
    assert_message("iss is missing");
    assert_int_equal(says("{\"iss\":\"" ISSUER "\",\"exp\":1780000300}"), LOOKOUT_JWT_CLAIMS);
    assert_message("aud must be a string or an array");
}


/* A server that was told of no issuer, or of no audience, trusts nobody. */
static void
test_rules_without(void **state)
{
    static const lookout_str_t empty[] = { { "", 0 } };

    (void) state;
    rules.issuer = LOOKOUT_STR_NONE;
    assert_int_equal(says(PAYLOAD), LOOKOUT_JWT_ISSUER);
    assert_int_equal(says("{\"iss\":\"\",\"aud\":\"lookout\",\"exp\":1780000300}"),
                     LOOKOUT_JWT_ISSUER);
    rules.issuer = LOOKOUT_STR(ISSUER);
    rules.n_audiences = 0;
    assert_int_equal(says(PAYLOAD), LOOKOUT_JWT_AUDIENCE);
    rules.audiences = empty;
    rules.n_audiences = 1;
    assert_int_equal(says("{\"iss\":\"" ISSUER "\",\"aud\":\"\",\"exp\":1780000300}"),
                     LOOKOUT_JWT_AUDIENCE);
    rules.audiences = audiences;
    rules.n_audiences = 2;

    assert_int_equal(verify_with(NULL, LOOKOUT_STR("a.b.c")), LOOKOUT_JWT_UNAVAILABLE);
    assert_string_equal(lookout_jwt_error(LOOKOUT_JWT_UNAVAILABLE), "temporarily_unavailable");
    assert_string_equal(lookout_jwt_error(LOOKOUT_JWT_SCOPE), "insufficient_scope");
    assert_string_equal(lookout_jwt_error(LOOKOUT_JWT_FORGED), "invalid_token");
    assert_string_equal(lookout_jwt_error(LOOKOUT_JWT_GOOD), "");
}


/* The scopes of a token, as a list with "|" between; NULL: refused as malformed. */
static void
assert_scopes(const char *members, const char *expected)
{
    lookout_buf_t payload = LOOKOUT_BUF_INIT, list = LOOKOUT_BUF_INIT;
    lookout_jwt_reason_e reason;

    lookout_buf_printf(&payload, "{" CLAIMS ",\"exp\":1780000300,%s}", members);
    lookout_buf_putc(&payload, '\0');
    reason = says(payload.data);
    if (expected == NULL) {
        assert_int_equal(reason, LOOKOUT_JWT_CLAIMS);
        assert_message("scopes of the access token are malformed");
    } else {
        assert_int_equal(reason, LOOKOUT_JWT_GOOD);
        for (size_t i = 0; i < claims.n_scopes; i++) {
            lookout_buf_puts(&list, i == 0 ? "" : "|");
            lookout_buf_str(&list, claims.scopes[i]);
        }
        assert_text(lookout_buf_text(&list), expected);
    }
    lookout_buf_free(&payload);
    lookout_buf_free(&list);
}


static void
test_scopes(void **state)
{
    static const lookout_str_t wanted[] = { { "read", 4 }, { "lookout:write", 13 } };

    (void) state;
    assert_scopes("\"scope\":\"\"", "");
    assert_scopes("\"scope\":\"  a   b \"", "a|b");
    assert_scopes("\"scope\":\"a b c d e f g\"", "a|b|c|d|e|f|g");
    assert_scopes("\"scope\":\"https://bi.example/read\"", "https://bi.example/read");
    assert_scopes("\"scope\":[\"a\",\"b\"]", "a|b");
    assert_scopes("\"scp\":\"a b\"", "a|b");
    assert_scopes("\"scp\":[\"a\",\"b\"]", "a|b");
    assert_scopes("\"scp\":[]", "");
    assert_scopes("\"scope\":\"a\",\"scp\":[\"b\"]", "a");
    assert_scopes("\"scope\":[\"a b\"]", NULL);
    assert_scopes("\"scope\":[\"a\",7]", NULL);
    assert_scopes("\"scope\":\"a\\tb\"", NULL);
    assert_scopes("\"scope\":\"a\\\"b\"", NULL);
    assert_scopes("\"scope\":\"a\xc3\xa9\"", NULL);
    assert_scopes("\"scope\":7", NULL);
    assert_scopes("\"scope\":null", NULL);
    assert_scopes("\"scope\":{\"read\":true}", NULL);

    rules.scopes = wanted;
    rules.n_scopes = 2;
    assert_int_equal(says(PAYLOAD), LOOKOUT_JWT_GOOD);
    assert_int_equal(says("{" CLAIMS ",\"exp\":1780000300,\"scope\":\"lookout:write\"}"),
                     LOOKOUT_JWT_SCOPE);
    assert_message("lacks the scope read");
    assert_text(claims.subject, "ann"); /* for the log: who it was is known */
    assert_int_equal(says("{" CLAIMS ",\"exp\":1780000300,\"scope\":\"read lookout:writes\"}"),
                     LOOKOUT_JWT_SCOPE);
    assert_message("lacks the scope lookout:write");
    assert_int_equal(says("{" CLAIMS ",\"exp\":1780000300}"), LOOKOUT_JWT_SCOPE);
    assert_int_equal(says("{" CLAIMS ",\"exp\":1779000000}"), LOOKOUT_JWT_EXPIRED);
    rules.n_scopes = 0;
}


/* What issuers call the client, and names that are no strings. */
static void
test_names(void **state)
{
    static const struct {
        const char *members;
        const char *client; /* NULL: refused */
    } cases[] = {
        { "\"azp\":\"a\"", "a" },
        { "\"cid\":\"c\"", "c" },
        { "\"appid\":\"p\"", "p" },
        { "\"azp\":\"a\",\"client_id\":\"i\"", "i" },
        { "\"sub\":\"\"", "" },
        { "\"azp\":7", NULL },
        { "\"client_id\":[\"x\"]", NULL },
        { "\"sub\":7", NULL },
        { "\"sub\":null", NULL },
        { "\"jti\":{}", NULL },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lookout_buf_t payload = LOOKOUT_BUF_INIT;

        lookout_buf_printf(&payload,
                           "{\"iss\":\"" ISSUER "\",\"aud\":\"lookout\",\"exp\":1780000300,%s}",
                           cases[i].members);
        lookout_buf_putc(&payload, '\0');
        assert_int_equal(says(payload.data),
                         cases[i].client == NULL ? LOOKOUT_JWT_CLAIMS : LOOKOUT_JWT_GOOD);
        if (cases[i].client != NULL) {
            assert_text(claims.client_id, cases[i].client);
        } else {
            assert_message("a string is expected");
        }
        lookout_buf_free(&payload);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payload_json),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_issuer_and_audience),
        cmocka_unit_test(test_rules_without),
        cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
