/*
 * The render tools: a view as a picture, and what became of it. The picture comes with the
 * answer, as the call wants it: as base64 in the envelope, as an image that the model sees, or
 * not at all, for whoever fetches the link.
 */

#include "../chart/chart.h"
#include "envelope.h"
#include "families.h"
#include "job_envelope.h"
#include "pictures.h"


static void
render_arguments(lookout_view_job_t *vj)
{
    lookout_str_t format = lookout_arg_str(vj->call, "format");

    vj->format = format.data != NULL ? format : LOOKOUT_STR("png");
    vj->width = lookout_arg_int(vj->call, "width", LOOKOUT_RENDER_WIDTH);
    vj->height = lookout_arg_int(vj->call, "height", LOOKOUT_RENDER_HEIGHT);
}


static uint32_t
render_timeout(const lookout_settings_t *settings)
{
    return settings->render_timeout_ms;
}


static void
render_image(lookout_view_job_t *vj, lookout_str_t base64)
{
    lookout_buf_t *b = vj->call->blocks;

    lookout_json_open(b, '{');
    lookout_json_key(b, "type");
    lookout_json_cstr(b, "image");
    lookout_json_key(b, "data");
    lookout_json_str(b, base64);
    lookout_json_key(b, "mimeType");
    lookout_json_cstr(b, lookout_job_mime(vj, 0));
    lookout_json_close(b, '}');
}


static void
render_inlines(lookout_view_job_t *vj)
{
    lookout_buf_t file = LOOKOUT_BUF_INIT;
    lookout_str_t how = lookout_arg_str(vj->call, "inline");

    if (lookout_str_is(how, "none")) {
        return;
    }

    vj->omitted = vj->job.files[0].size / 3 * 4 > LOOKOUT_ENVELOPE_MAX;
    if (!vj->omitted && lookout_jobs_read(&vj->job, 0, &file)) {
        lookout_base64(&vj->content, file.data, file.len);
    }
    vj->content.failed |= file.failed;
    lookout_buf_free(&file);

    if (lookout_str_is(how, "image") && vj->content.len != 0) {
        render_image(vj, lookout_buf_text(&vj->content));
        lookout_buf_reset(&vj->content);
    }
}


static void
render_write(const lookout_view_job_t *vj, lookout_buf_t *b)
{
    lookout_str_t how = lookout_arg_str(vj->call, "inline");

    lookout_job_envelope_open(vj, b);
    lookout_job_envelope_path(vj, b, "filePath", 0);
    lookout_job_envelope_url(vj, b, "fileUrl", 0);
    lookout_job_envelope_content(vj, b, "inlineBase64");
    lookout_json_key(b, "mimeType");
    lookout_json_cstr(b, lookout_job_mime(vj, 0));
    lookout_job_envelope_input(vj, b, "width");
    lookout_job_envelope_input(vj, b, "height");
    lookout_job_envelope_input(vj, b, "format");
    lookout_job_envelope_story(vj, b);
    lookout_job_envelope_close(vj, b,
                               lookout_str_is(how, "image") ? "the image" : "inlineBase64");
}


const lookout_view_job_kind_t lookout_view_renders = {
    .kind = LOOKOUT_JOB_RENDER,
    .about = { "" },
    .poll = "get_render_job",
    .smaller = "Call create_view_render for a smaller picture, or for svg.",
    .how = "inline",
    .look_ms = 200,
    .at_work = "Rendering",
    .at_end = "Rendered",
    .arguments = render_arguments,
    .timeout = render_timeout,
    .timeout_code = "RENDER_TIMEOUT",
    .timeout_advice = "Narrow the view with filterOverrides, or ask for a smaller picture; "
                      "export_view_csv gives all its rows.",
    .work = lookout_picture_draw,
    .inlines = render_inlines,
    .write = render_write,
};


lookout_code_e
lookout_create_view_render(lookout_call_t *call)
{
    return lookout_view_job_create(call, &lookout_view_renders);
}


lookout_code_e
lookout_get_render_job(lookout_call_t *call)
{
    return lookout_view_job_get(call, &lookout_view_renders);
}


lookout_code_e
lookout_read_render(lookout_call_t *call)
{
    return lookout_view_job_read(call, &lookout_view_renders, 0);
}
