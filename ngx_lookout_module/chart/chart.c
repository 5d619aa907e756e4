/*
 * The table of chart types, and the way from a filled table to a file.
 */

#include <math.h>

#include "plot.h"

#define SMALLEST_UNIT 0.8
#define FONT 12.0

/* Y(name, draws, needs...): a type, who draws it (NULL: nobody, but the name is known), and the
 * channels without which it is nothing. */
typedef struct lookout_chart_type_s {
    const char *name;
    const char *noun; /* for the description */
    void (*draw)(lookout_plot_t *plot);
    lookout_ch_e needs[2]; /* LOOKOUT_CH_N: none */
} type_t;

#define NONE LOOKOUT_CH_N

static const type_t types[] = {
    { "bar", "Bar chart", lookout_draw_bar, { LOOKOUT_CH_X, LOOKOUT_CH_Y } },
    { "line", "Line chart", lookout_draw_line, { LOOKOUT_CH_X, LOOKOUT_CH_Y } },
    { "area", "Area chart", lookout_draw_area, { LOOKOUT_CH_X, LOOKOUT_CH_Y } },
    { "pie", "Pie chart", lookout_draw_pie, { LOOKOUT_CH_THETA, NONE } },
    { "donut", "Donut chart", lookout_draw_donut, { LOOKOUT_CH_THETA, NONE } },
    { "treemap", "Treemap", lookout_draw_treemap, { LOOKOUT_CH_SIZE, NONE } },
    { "histogram", "Histogram", lookout_draw_histogram, { LOOKOUT_CH_X, NONE } },
    { "scatter", "Scatter plot", lookout_draw_scatter, { LOOKOUT_CH_X, LOOKOUT_CH_Y } },
    { "heatmap", "Heatmap", lookout_draw_heatmap, { LOOKOUT_CH_X, LOOKOUT_CH_Y } },
    { "map", "Map", NULL, { NONE, NONE } },
};

#define N_TYPES (sizeof(types) / sizeof(types[0]))

static const char *const channel_names[] = {
    [LOOKOUT_CH_X] = "x",       [LOOKOUT_CH_Y] = "y",         [LOOKOUT_CH_COLOR] = "color",
    [LOOKOUT_CH_SIZE] = "size", [LOOKOUT_CH_THETA] = "theta", [LOOKOUT_CH_DETAIL] = "detail",
};


static const type_t *
find_type(lookout_str_t name)
{
    size_t i;

    for (i = 0; i < N_TYPES; i++) {
        if (lookout_str_is(name, types[i].name) && types[i].draw != NULL) {
            return &types[i];
        }
    }
    return NULL;
}


/* --- Errors --- */

static lookout_str_t
details(lookout_arena_t *arena, lookout_buf_t *b)
{
    lookout_str_t text = lookout_arena_copy(arena, lookout_buf_text(b));

    lookout_buf_free(b);
    return text;
}


static lookout_code_e
unsupported(lookout_arena_t *arena, lookout_str_t name, lookout_error_t *error)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    size_t i;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "chartType");
    lookout_json_str(&b, name);
    lookout_json_key(&b, "supported");
    lookout_json_open(&b, '[');
    for (i = 0; i < N_TYPES; i++) {
        if (types[i].draw != NULL) {
            lookout_json_cstr(&b, types[i].name);
        }
    }
    lookout_json_close(&b, ']');
    lookout_json_close(&b, '}');
    return lookout_fail(arena, error, LOOKOUT_CHART_TYPE_UNSUPPORTED, details(arena, &b),
                        "Charts of type %.*s cannot be drawn here. query_view_data and "
                        "export_view_csv give the view's data all the same.",
                        LOOKOUT_STR_ARG(name));
}


static lookout_code_e
lacks(lookout_arena_t *arena, const type_t *type, lookout_ch_e ch, lookout_error_t *error)
{
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    lookout_json_open(&b, '{');
    lookout_json_key(&b, "reason");
    lookout_json_cstr(&b, "bad_encoding");
    lookout_json_key(&b, "channel");
    lookout_json_cstr(&b, channel_names[ch]);
    lookout_json_close(&b, '}');
    return lookout_fail(arena, error, LOOKOUT_INTERNAL_ERROR, details(arena, &b),
                        "This view cannot be drawn as a %s: its encoding has no field at "
                        "channel %s. Its author has to correct it; query_view_data gives its "
                        "data all the same.",
                        type->name, channel_names[ch]);
}


static lookout_code_e
check_size(lookout_arena_t *arena, const lookout_chart_spec_t *spec, lookout_error_t *error)
{
    bool wide = spec->width >= LOOKOUT_CHART_MIN_WIDTH && spec->width <= LOOKOUT_CHART_MAX_SIDE;
    bool high =
        spec->height >= LOOKOUT_CHART_MIN_HEIGHT && spec->height <= LOOKOUT_CHART_MAX_SIDE;
    lookout_buf_t b = LOOKOUT_BUF_INIT;

    if (wide && high) {
        return LOOKOUT_OK;
    }
    lookout_json_open(&b, '{');
    lookout_json_key(&b, "errors");
    lookout_json_open(&b, '[');
    lookout_json_open(&b, '{');
    lookout_json_key(&b, "path");
    lookout_json_cstr(&b, wide ? "/height" : "/width");
    lookout_json_key(&b, "message");
    lookout_json_cstr(&b,
                      wide ? "height is 150 to 4096 pixels" : "width is 200 to 4096 pixels");
    lookout_json_close(&b, '}');
    lookout_json_close(&b, ']');
    lookout_json_close(&b, '}');
    return lookout_fail(arena, error, LOOKOUT_INVALID_INPUT, details(arena, &b),
                        "A picture is %d to %d pixels wide and %d to %d high; %u x %u is not.",
                        LOOKOUT_CHART_MIN_WIDTH, LOOKOUT_CHART_MAX_SIDE,
                        LOOKOUT_CHART_MIN_HEIGHT, LOOKOUT_CHART_MAX_SIDE, spec->width,
                        spec->height);
}


/* --- Making --- */

lookout_code_e
lookout_chart_create(lookout_arena_t *arena, const lookout_chart_spec_t *spec,
                     lookout_chart_t **chart, lookout_error_t *error)
{
    const type_t *type = find_type(spec->chart_type);
    lookout_chart_t *made;
    lookout_code_e code;
    size_t i;

    if (type == NULL) {
        return unsupported(arena, spec->chart_type, error);
    }
    code = check_size(arena, spec, error);
    if (code != LOOKOUT_OK) {
        return code;
    }
    made = lookout_arena_alloc(arena, sizeof(*made));
    if (made == NULL) {
        return lookout_fail_memory(error);
    }
    made->arena = arena;
    made->spec = *spec;
    made->type = type;
    if (!lookout_data_init(made) || !lookout_data_bind(made)) {
        return lookout_fail_memory(error);
    }
    for (i = 0; i < 2; i++) {
        if (type->needs[i] != NONE && made->channels[type->needs[i]].column == NULL) {
            return lacks(arena, type, type->needs[i], error);
        }
    }
    *chart = made;
    return LOOKOUT_OK;
}


/* --- Drawing --- */

bool
lookout_plot_over(lookout_plot_t *plot)
{
    plot->stopped = plot->stopped || lookout_stop(&plot->stop);
    return plot->stopped || plot->scene.failed;
}


void *
lookout_plot_alloc(lookout_plot_t *plot, size_t n, size_t size)
{
    void *p = n > SIZE_MAX / size ? NULL : lookout_arena_alloc(plot->arena, n * size + 1);

    plot->scene.failed = plot->scene.failed || p == NULL;
    return p;
}


lookout_str_t
lookout_plot_text(lookout_plot_t *plot, lookout_buf_t *b)
{
    lookout_str_t text = lookout_arena_copy(plot->arena, lookout_buf_text(b));

    lookout_buf_free(b);
    if (text.data == NULL) {
        plot->scene.failed = true;
        return LOOKOUT_STR("");
    }
    return text;
}


lookout_str_t
lookout_plot_printf(lookout_plot_t *plot, const char *format, ...)
{
    lookout_str_t text;
    va_list args;

    va_start(args, format);
    text = lookout_arena_vprintf(plot->arena, format, args);
    va_end(args);
    if (text.data == NULL) {
        plot->scene.failed = true;
        return LOOKOUT_STR("");
    }
    return text;
}


/* What a screen reader says: "Bar chart. Stage: x. Total Amount (USD): y. 12 rows." */
static lookout_str_t
describe(lookout_plot_t *plot)
{
    const lookout_chart_t *chart = plot->chart;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    const char *between = " of ";
    size_t i;

    lookout_buf_puts(&b, chart->type->noun);
    for (i = 0; i < LOOKOUT_CH_N; i++) {
        /* What is measured first, then by what. */
        static const lookout_ch_e order[] = { LOOKOUT_CH_THETA, LOOKOUT_CH_SIZE,
                                              LOOKOUT_CH_Y,     LOOKOUT_CH_X,
                                              LOOKOUT_CH_COLOR, LOOKOUT_CH_DETAIL };
        const lookout_chart_channel_t *channel = &chart->channels[order[i]];

        if (channel->column != NULL && channel->title.len > 0) {
            lookout_buf_puts(&b, between);
            lookout_buf_str(&b, channel->title);
            between = strcmp(between, " of ") == 0 ? " by " : ", ";
        }
    }
    lookout_buf_printf(&b, "; %zu %s.", chart->n_rows,
                       chart->n_rows == 1 ? "row of data" : "rows of data");
    if (chart->spec.subtitle.len > 0) {
        lookout_buf_putc(&b, ' ');
        lookout_buf_str(&b, lookout_data_clean(plot->arena, chart->spec.subtitle));
    }
    return lookout_plot_text(plot, &b);
}


static void
lay_out(lookout_plot_t *plot)
{
    const lookout_chart_t *chart = plot->chart;
    double size = sqrt((double) chart->spec.width * chart->spec.height / (960.0 * 540));

    /* Larger pictures have larger type and more room; smaller ones cannot go on shrinking. */
    plot->u = fmax(SMALLEST_UNIT, size < 1 ? pow(size, 0.4) : pow(size, 0.85));
    plot->font = round(FONT * plot->u * 2) / 2;
    plot->font_small = round((FONT - 1) * plot->u * 2) / 2;
    plot->scene.title = lookout_data_clean(plot->arena, chart->spec.title.len > 0
                                                            ? chart->spec.title
                                                            : lookout_str(chart->type->noun));
    plot->scene.description = describe(plot);
    if (chart->n_rows == 0) {
        lookout_frame_empty(plot, "No rows match");
    } else {
        chart->type->draw(plot);
    }
}


static lookout_code_e
paint(lookout_plot_t *plot, lookout_chart_format_e format, lookout_buf_t *out,
      lookout_error_t *error)
{
    lookout_paint_e painted;

    if (format == LOOKOUT_CHART_PNG && !lookout_fonts_any(plot->fonts)) {
        return lookout_fail(plot->arena, error, LOOKOUT_INTERNAL_ERROR, LOOKOUT_STR_NONE,
                            "This server has no font to write with, so it cannot draw a PNG. "
                            "Ask for format svg, or let the operator install one of Debian's "
                            "packages fonts-liberation and fonts-dejavu-core.");
    }
    lay_out(plot);
    if (plot->stopped) {
        return LOOKOUT_CANCELLED;
    }
    if (plot->scene.failed) {
        return lookout_fail_memory(error);
    }
    painted = format == LOOKOUT_CHART_SVG
                  ? lookout_paint_svg(&plot->scene, &plot->stop, out)
                  : lookout_paint_png(&plot->scene, plot->fonts, &plot->stop, out);
    return painted == LOOKOUT_PAINTED         ? LOOKOUT_OK
           : painted == LOOKOUT_PAINT_STOPPED ? LOOKOUT_CANCELLED
                                              : lookout_fail_memory(error);
}


lookout_code_e
lookout_chart_render(lookout_chart_t *chart, lookout_chart_format_e format, lookout_buf_t *out,
                     lookout_error_t *error)
{
    lookout_plot_t plot = { .arena = chart->arena, .chart = chart };
    lookout_code_e code;

    if (chart->failed) {
        return lookout_fail_memory(error);
    }
    plot.scene = (lookout_scene_t){ .arena = chart->arena,
                                    .width = chart->spec.width,
                                    .height = chart->spec.height,
                                    .background = LOOKOUT_PAPER };
    plot.stop = (lookout_stop_t){ chart->spec.over, chart->spec.over_data };
    plot.fonts = lookout_fonts_take();
    if (plot.fonts == NULL) {
        return lookout_fail_memory(error);
    }
    code = paint(&plot, format, out, error);
    lookout_fonts_give(plot.fonts);
    return code;
}


void
lookout_chart_shutdown(void)
{
    lookout_fonts_drop();
}
