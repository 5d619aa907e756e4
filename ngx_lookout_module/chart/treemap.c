/*
 * Treemaps: the colour's values as groups, the detail's as cells in them, each as large as its
 * value. Rectangles are "squarified": rows are filled along the shorter side for as long as
 * that brings the cells nearer to squares.
 */

#include <math.h>
#include <stdlib.h>

#include "series.h"

#define LEAST_AREA 10.0 /* square units: smaller cells are drawn as one */
#define HEADER 1.55     /* font sizes: the strip with a group's name */
#define CELLS_A_LOOK 256

typedef struct {
    lookout_str_t name;
    double value;
    uint32_t group;
    uint32_t leaf;
    lookout_rect_t box;
} cell_t;

typedef struct {
    lookout_plot_t *plot;
    cell_t *groups;
    size_t n_groups;
    cell_t *cells; /* by group, each group's from the largest */
    size_t n_cells;
    double whole;
    lookout_unit_t unit;
    bool nested; /* groups have cells inside */
    bool plain;  /* no colour channel: all are of one colour */
} treemap_t;


/* --- Squares --- */

/* How far from a square the worst of a row of cells with this sum would be, `side` long. */
static double
worst(double least, double most, double sum, double side)
{
    side = fmax(side, 1e-6);
    sum = fmax(sum, 1e-6);
    return fmax(side * side * most / (sum * sum),
                sum * sum / (side * side * fmax(least, 1e-9)));
}


/* Lays cells, largest first, into the box; areas are in proportion to values. */
static void
squarify(cell_t *cells, size_t n, lookout_rect_t box)
{
    double whole = 0, scale;
    size_t from = 0, to, i;

    for (i = 0; i < n; i++) {
        whole += cells[i].value;
    }
    if (!(whole > 0) || box.w < 1 || box.h < 1) {
        return;
    }
    scale = box.w * box.h / whole;
    while (from < n) {
        bool lying = box.w < box.h; /* the row lies along the shorter side */
        double side = lying ? box.w : box.h, sum = cells[from].value * scale, thick, at;

        for (to = from + 1; to < n; to++) {
            double more = sum + cells[to].value * scale;
            double largest = cells[from].value * scale;

            if (worst(cells[to].value * scale, largest, more, side)
                > worst(cells[to - 1].value * scale, largest, sum, side)) {
                break;
            }
            sum = more;
        }
        thick = side > 0 ? sum / side : 0;
        at = lying ? box.x : box.y;
        for (i = from; i < to; i++) {
            double length = thick > 0 ? cells[i].value * scale / thick : 0;

            cells[i].box = lying ? (lookout_rect_t){ at, box.y, length, thick }
                                 : (lookout_rect_t){ box.x, at, thick, length };
            at += length;
        }
        if (lying) {
            box.y += thick;
            box.h = fmax(0, box.h - thick);
        } else {
            box.x += thick;
            box.w = fmax(0, box.w - thick);
        }
        from = to;
    }
}


/* --- Values --- */

static int
by_value(const void *a, const void *b)
{
    const cell_t *x = a, *y = b;

    return (x->value < y->value) - (x->value > y->value);
}


static int
by_group(const void *a, const void *b)
{
    const cell_t *x = a, *y = b;

    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }
    return by_value(a, b);
}


static int
by_leaf(const void *a, const void *b)
{
    const cell_t *x = a, *y = b;

    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }
    return (x->leaf > y->leaf) - (x->leaf < y->leaf);
}


/* Sums up rows by group and leaf (NULL: by group alone); false without memory. */
static bool
collect(treemap_t *t, const lookout_categories_t *groups, const lookout_categories_t *leaves,
        const lookout_data_column_t *value)
{
    size_t n_rows = t->plot->chart->n_rows, n = 0, row, i;

    t->groups = lookout_plot_alloc(t->plot, groups->n, sizeof(*t->groups));
    t->cells = lookout_plot_alloc(t->plot, leaves == NULL ? 1 : n_rows, sizeof(*t->cells));
    if (t->groups == NULL || t->cells == NULL) {
        return false;
    }
    for (i = 0; i < groups->n; i++) {
        t->groups[i] = (cell_t){ .name = groups->labels[i], .group = (uint32_t) i };
    }
    for (row = 0; row < n_rows; row++) {
        double v = lookout_data_number(value, row);
        uint32_t g = groups->of_row[row];

        if (isnan(v) || v <= 0) {
            continue;
        }
        t->groups[g].value += v;
        t->whole += v;
        if (leaves != NULL) {
            uint32_t leaf = leaves->of_row[row];

            t->cells[n++] =
                (cell_t){ .name = leaves->labels[leaf], .value = v, .group = g, .leaf = leaf };
        }
    }
    t->n_groups = groups->n;
    qsort(t->cells, n, sizeof(*t->cells), by_leaf);
    for (i = 0; i < n; i++) { /* rows of the same leaf become one */
        if (t->n_cells > 0 && by_leaf(&t->cells[t->n_cells - 1], &t->cells[i]) == 0) {
            t->cells[t->n_cells - 1].value += t->cells[i].value;
        } else {
            t->cells[t->n_cells++] = t->cells[i];
        }
    }
    return true;
}


/* Groups from the largest on, cells of each likewise, empty ones dropped. */
static bool
arrange(treemap_t *t)
{
    uint32_t *rank = lookout_plot_alloc(t->plot, t->n_groups, sizeof(*rank));
    size_t i;

    if (rank == NULL) {
        return false;
    }
    qsort(t->groups, t->n_groups, sizeof(*t->groups), by_value);
    for (i = 0; i < t->n_groups; i++) {
        rank[t->groups[i].group] = (uint32_t) i;
    }
    for (i = 0; i < t->n_cells; i++) {
        t->cells[i].group = rank[t->cells[i].group];
    }
    qsort(t->cells, t->n_cells, sizeof(*t->cells), by_group);
    while (t->n_groups > 0 && !(t->groups[t->n_groups - 1].value > 0)) {
        t->n_groups--;
    }
    return true;
}


/* --- Drawing --- */

/* Rounded outwards to whole pixels, with a gap at its right and lower edges. */
static lookout_rect_t
pixels(lookout_rect_t box, double gap)
{
    double x = round(box.x), y = round(box.y);

    return (lookout_rect_t){ x, y, fmax(0, round(box.x + box.w) - x - gap),
                             fmax(0, round(box.y + box.h) - y - gap) };
}


/* Name, and value below it, in the corner of a cell, as far as there is room. */
static void
write_cell(treemap_t *t, lookout_rect_t box, lookout_str_t name, double value,
           lookout_color_t color)
{
    lookout_plot_t *plot = t->plot;
    double size = plot->font, pad = 5 * plot->u, room = box.w - 2 * pad, y;
    lookout_color_t ink = lookout_color_ink_on(color);
    lookout_str_t lines[LOOKOUT_MAX_LINES], number;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    size_t n, i, most;
    lookout_mark_t *mark;
    bool whole;

    if (box.h < size + 1.2 * pad || room < 1.6 * size) {
        return;
    }
    most = (size_t) fmax(1, fmin(3, (box.h - 2 * pad) / (1.2 * size) - 1));
    n = lookout_label_wrap(plot, name, size, false, room, most, lines, &whole);
    if (n == 0 || (!whole && room < 3 * size)) {
        return;
    }
    y = box.y + pad + 0.75 * size;
    for (i = 0; i < n; i++) {
        (void) lookout_label_add(plot, lines[i], box.x + pad, y, LOOKOUT_START, size, ink);
        y += 1.2 * size;
    }
    lookout_number_short(&b, value, t->unit);
    number = lookout_plot_text(plot, &b);
    if (y + 0.3 * size <= box.y + box.h
        && lookout_label_width(plot, number, plot->font_small, false) <= room) {
        mark = lookout_label_add(plot, number, box.x + pad, y, LOOKOUT_START, plot->font_small,
                                 ink);
        mark->opacity = 0.8;
    }
}


static lookout_color_t
group_color(size_t i)
{
    return i < LOOKOUT_PALETTE ? lookout_color_series(i) : LOOKOUT_OTHERS;
}


static void
draw_cell(treemap_t *t, const cell_t *cell, lookout_color_t color, bool tip)
{
    lookout_rect_t box = pixels(cell->box, fmax(1, round(1.2 * t->plot->u)));
    lookout_mark_t *mark;

    if (box.w < 1 || box.h < 1) {
        return;
    }
    mark = lookout_scene_rect(&t->plot->scene, box, color);
    mark->u.rect.radius = fmin(2 * t->plot->u, fmin(box.w, box.h) / 6);
    mark->u.rect.corners = LOOKOUT_ROUND_ALL;
    if (tip) {
        mark->tip =
            lookout_tip(t->plot, t->nested ? t->groups[cell->group].name : LOOKOUT_STR(""),
                        cell->name, cell->value, t->unit);
    }
    write_cell(t, box, cell->name, cell->value, color);
}


/* The strip above a group's cells; returns its height, 0 when there is no room for one. */
static double
draw_header(treemap_t *t, const cell_t *group)
{
    lookout_plot_t *plot = t->plot;
    lookout_rect_t box = group->box;
    double high = HEADER * plot->font, x = box.x + 2 * plot->u;
    lookout_buf_t b = LOOKOUT_BUF_INIT;
    lookout_str_t name, number;
    double room = box.w - 4 * plot->u;

    if (box.h < 2.2 * high || room < 3 * plot->font) {
        return 0;
    }
    lookout_number_short(&b, group->value, t->unit);
    number = lookout_plot_text(plot, &b);
    name = lookout_fonts_width(plot->fonts, group->name, plot->font, true) <= room
               ? group->name
               : lookout_label_fit(plot, group->name, plot->font, true, room);
    if (name.len == 0) {
        return 0;
    }
    (void) lookout_label_bold(plot, name, x, box.y + 0.5 * high + 0.36 * plot->font,
                              LOOKOUT_START, plot->font, LOOKOUT_INK);
    x += lookout_label_width(plot, name, plot->font, true) + 6 * plot->u;
    if (x + lookout_label_width(plot, number, plot->font_small, false) <= box.x + box.w) {
        (void) lookout_label_add(plot, number, x, box.y + 0.5 * high + 0.36 * plot->font,
                                 LOOKOUT_START, plot->font_small, LOOKOUT_INK_FAINT);
    }
    return high;
}


/* Those cells that would be specks become one at the end. Returns how many are left. */
static size_t
merge_specks(treemap_t *t, cell_t *cells, size_t n, double area, double value)
{
    double least = LEAST_AREA * t->plot->u * t->plot->u, rest = 0;
    size_t keep = n, i;

    while (keep > 1 && cells[keep - 1].value / value * area < least) {
        keep--;
    }
    if (n - keep < 2) {
        return n;
    }
    for (i = keep; i < n; i++) {
        rest += cells[i].value;
    }
    cells[keep].value = rest;
    cells[keep].name = lookout_plot_printf(t->plot, "%zu others", n - keep);
    for (i = keep; i > 0 && cells[i].value > cells[i - 1].value; i--) {
        cell_t swap = cells[i];

        cells[i] = cells[i - 1];
        cells[i - 1] = swap;
    }
    return keep + 1;
}


static void
draw_group(treemap_t *t, size_t g, cell_t *cells, size_t n)
{
    const cell_t *group = &t->groups[g];
    lookout_rect_t box = group->box;
    lookout_color_t color = group_color(g);
    double header, u = t->plot->u;
    size_t i;

    box.w = fmax(0, box.w - 3 * u); /* between groups */
    box.h = fmax(0, box.h - 3 * u);
    header = draw_header(t, group);
    box.y += header;
    box.h -= header;
    n = merge_specks(t, cells, n, box.w * box.h, group->value);
    squarify(cells, n, box);
    for (i = 0; i < n && !(i % CELLS_A_LOOK == 0 && lookout_plot_over(t->plot)); i++) {
        double shade = n > 1 ? 0.42 * (double) i / (double) (n - 1) : 0;

        draw_cell(t, &cells[i], lookout_color_mix(color, LOOKOUT_PAPER, round(shade * 12) / 12),
                  t->n_cells <= 3000);
    }
}


static void
draw_all(treemap_t *t)
{
    size_t g, from = 0, n;

    if (!t->nested) {
        n = merge_specks(t, t->groups, t->n_groups, t->plot->area.w * t->plot->area.h,
                         t->whole);
        squarify(t->groups, n, t->plot->area);
        for (g = 0; g < n; g++) {
            double shade = t->plain ? 0.55 * (double) g / (double) n : 0;

            draw_cell(t, &t->groups[g],
                      t->plain ? lookout_color_mix(group_color(0), LOOKOUT_PAPER,
                                                   round(shade * 20) / 20)
                               : group_color(g),
                      true);
        }
        return;
    }
    squarify(t->groups, t->n_groups, t->plot->area);
    for (g = 0; g < t->n_groups; g++) {
        for (n = 0; from + n < t->n_cells && t->cells[from + n].group == g; n++) {
        }
        draw_group(t, g, t->cells + from, n);
        from += n;
    }
}


void
lookout_draw_treemap(lookout_plot_t *plot)
{
    const lookout_chart_channel_t *size = &plot->chart->channels[LOOKOUT_CH_SIZE];
    const lookout_chart_channel_t *color = &plot->chart->channels[LOOKOUT_CH_COLOR];
    const lookout_chart_channel_t *detail = &plot->chart->channels[LOOKOUT_CH_DETAIL];
    lookout_categories_t groups, leaves;
    treemap_t t = { .plot = plot };

    if (color->column == NULL || color->measure == LOOKOUT_QUANTITATIVE) {
        color = detail;
    }
    if (color->column == NULL) {
        lookout_frame_empty(plot, "Nothing tells one value from another");
        return;
    }
    t.nested = detail->column != NULL && detail->column != color->column;
    t.plain = color == detail;
    if (!lookout_categories(plot, color, false, &groups)
        || (t.nested && !lookout_categories(plot, detail, false, &leaves))
        || !collect(&t, &groups, t.nested ? &leaves : NULL, size->column) || !arrange(&t)) {
        return;
    }
    if (t.n_groups == 0) {
        lookout_frame_empty(plot, "No positive values to show");
        return;
    }
    t.unit = lookout_unit_of(size, 0, t.whole);
    plot->legend.size_note =
        lookout_plot_printf(plot, "Area: %.*s", LOOKOUT_STR_ARG(size->title));
    lookout_frame_draw(plot);
    draw_all(&t);
}
