/*
 * The tools that answer with one kind of content each, and the blocks that the other files of
 * this surface make theirs of.
 */

#include "conformance.h"

#include <stdarg.h>

#include "base/digest.h"

#define BYTES(array) ((lookout_str_t){ (const char *) (array), sizeof(array) })


const char *const lookout_conformance_tags[] = { "conformance", NULL };

/* One red pixel. */
static const unsigned char contents_png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00,
    0x00, 0x90, 0x77, 0x53, 0xde, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78,
    0xda, 0x63, 0xf8, 0xcf, 0xc0, 0x00, 0x00, 0x03, 0x01, 0x01, 0x00, 0xf7, 0x03, 0x41,
    0x43, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

/* A millisecond of silence: 8 samples of 8 bits at 8 kHz. */
static const unsigned char contents_wav[] = {
    0x52, 0x49, 0x46, 0x46, 0x2c, 0x00, 0x00, 0x00, 0x57, 0x41, 0x56, 0x45, 0x66,
    0x6d, 0x74, 0x20, 0x10, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x40, 0x1f,
    0x00, 0x00, 0x40, 0x1f, 0x00, 0x00, 0x01, 0x00, 0x08, 0x00, 0x64, 0x61, 0x74,
    0x61, 0x08, 0x00, 0x00, 0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
};

const lookout_str_t lookout_conformance_png = BYTES(contents_png);
const lookout_str_t lookout_conformance_wav = BYTES(contents_wav);


void
lookout_conformance_text(lookout_buf_t *b, lookout_str_t text)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "type");
    lookout_json_cstr(b, "text");
    lookout_json_key(b, "text");
    lookout_json_str(b, text);
    lookout_json_close(b, '}');
}


void
lookout_conformance_media(lookout_buf_t *b, const char *type, const char *mime,
                          lookout_str_t bytes)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "type");
    lookout_json_cstr(b, type);
    lookout_json_key(b, "mimeType");
    lookout_json_cstr(b, mime);
    lookout_json_key(b, "data");
    lookout_buf_putc(b, '"');
    lookout_base64(b, bytes.data, bytes.len);
    lookout_buf_putc(b, '"');
    lookout_json_close(b, '}');
}


void
lookout_conformance_embedded(lookout_buf_t *b, lookout_str_t uri, const char *mime,
                             lookout_str_t text)
{
    lookout_json_open(b, '{');
    lookout_json_key(b, "type");
    lookout_json_cstr(b, "resource");
    lookout_json_key(b, "resource");
    lookout_json_open(b, '{');
    lookout_json_key(b, "uri");
    lookout_json_str(b, uri);
    lookout_json_key(b, "mimeType");
    lookout_json_cstr(b, mime);
    lookout_json_key(b, "text");
    lookout_json_str(b, text);
    lookout_json_close(b, '}');
    lookout_json_close(b, '}');
}


lookout_code_e
lookout_conformance_say(lookout_call_t *call, const char *format, ...)
{
    va_list args;
    lookout_str_t text;

    va_start(args, format);
    text = lookout_arena_vprintf(call->arena, format, args);
    va_end(args);

    lookout_conformance_text(call->blocks, text);
    return text.data == NULL ? lookout_fail_memory(&call->error) : LOOKOUT_OK;
}


lookout_code_e
lookout_conformance_simple(lookout_call_t *call)
{
    return lookout_conformance_say(call, "This is a simple text response for testing.");
}


lookout_code_e
lookout_conformance_image(lookout_call_t *call)
{
    lookout_conformance_media(call->blocks, "image", "image/png", lookout_conformance_png);
    return LOOKOUT_OK;
}


lookout_code_e
lookout_conformance_audio(lookout_call_t *call)
{
    lookout_conformance_media(call->blocks, "audio", "audio/wav", lookout_conformance_wav);
    return LOOKOUT_OK;
}


lookout_code_e
lookout_conformance_resource(lookout_call_t *call)
{
    lookout_conformance_embedded(call->blocks, LOOKOUT_STR("test://embedded-resource"),
                                 "text/plain",
                                 LOOKOUT_STR("This is an embedded resource content."));
    return LOOKOUT_OK;
}


lookout_code_e
lookout_conformance_mixed(lookout_call_t *call)
{
    lookout_conformance_text(call->blocks, LOOKOUT_STR("Multiple content types test:"));
    lookout_conformance_media(call->blocks, "image", "image/png", lookout_conformance_png);
    lookout_conformance_embedded(call->blocks, LOOKOUT_STR("test://mixed-content-resource"),
                                 "application/json",
                                 LOOKOUT_STR("{\"test\":\"data\",\"value\":123}"));
    return LOOKOUT_OK;
}


lookout_code_e
lookout_conformance_error(lookout_call_t *call)
{
    return lookout_call_fail(call, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                             "This tool intentionally returns an error for testing");
}


lookout_code_e
lookout_conformance_greet(lookout_call_t *call)
{
    return lookout_conformance_say(call, "Hello, %.*s!",
                                   LOOKOUT_STR_ARG(lookout_arg_str(call, "name")));
}
