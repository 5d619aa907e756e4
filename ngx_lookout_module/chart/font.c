/*
 * FreeType behind three caches. Texts: how wide they are. Characters: which font has one, and
 * how wide it is (unhinted, in parts of an em, so that widths scale and are the same in PNG and
 * SVG). Glyphs: coverage bitmaps, one for each quarter of a pixel that a pen may stand at, so
 * that letters are spaced evenly; hinted in the vertical only, which keeps small type crisp.
 *
 * Why not libgd's gdImageStringFT: it lays out and renders each string anew (77 us a label
 * where this takes about 2), puts letters on whole pixels, and decodes HTML entities in labels.
 */

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_ADVANCES_H
#include FT_OUTLINE_H

#include "font.h"
#include "shape.h"

#define DIR_TRUETYPE "/usr/share/fonts/truetype/"
#define DIR_OPENTYPE "/usr/share/fonts/opentype/"
#define NOTO DIR_TRUETYPE "noto/NotoSans"

/* Debian's fonts, best first: the first that has a character gives it. Those from the third on
 * are optional and widen the choice of scripts. */
static const struct {
    const char *regular;
    const char *bold;
} families[] = {
    { DIR_TRUETYPE "liberation/LiberationSans-Regular.ttf",
      DIR_TRUETYPE "liberation/LiberationSans-Bold.ttf" },
    { DIR_TRUETYPE "dejavu/DejaVuSans.ttf", DIR_TRUETYPE "dejavu/DejaVuSans-Bold.ttf" },
    { DIR_OPENTYPE "noto/NotoSansCJK-Regular.ttc", DIR_OPENTYPE "noto/NotoSansCJK-Bold.ttc" },
    { DIR_TRUETYPE "wqy/wqy-zenhei.ttc", DIR_TRUETYPE "wqy/wqy-zenhei.ttc" },
    { NOTO "-Regular.ttf", NOTO "-Bold.ttf" },
    { NOTO "Arabic-Regular.ttf", NOTO "Arabic-Bold.ttf" },
    { NOTO "Hebrew-Regular.ttf", NOTO "Hebrew-Bold.ttf" },
    { NOTO "Devanagari-Regular.ttf", NOTO "Devanagari-Bold.ttf" },
    { NOTO "Bengali-Regular.ttf", NOTO "Bengali-Bold.ttf" },
    { NOTO "Tamil-Regular.ttf", NOTO "Tamil-Bold.ttf" },
    { NOTO "Thai-Regular.ttf", NOTO "Thai-Bold.ttf" },
    { NOTO "Symbols-Regular.ttf", NOTO "Symbols-Bold.ttf" },
    { NOTO "Symbols2-Regular.ttf", NOTO "Symbols2-Regular.ttf" },
};

#define N_FAMILIES (sizeof(families) / sizeof(families[0]))
#define N_FACES (2 * N_FAMILIES)
#define NO_FACE 0xff
#define CHARS_FIRST 512
#define GLYPH_SLOTS ((size_t) 4096)        /* a power of two; three quarters of it are used */
#define GLYPH_BYTES ((size_t) 1024 * 1024) /* of bitmaps, before the cache begins anew */
#define GUESS 0.56                         /* of an em: a character that no font has */
#define QUARTERS 4
#define WIDTH_SLOTS ((size_t) 512) /* a power of two */
#define WIDTH_TEXT 46              /* bytes of the longest text whose width is remembered */

typedef struct {
    FT_Face face; /* NULL: not there */
    bool tried;
    bool kerns;
    FT_F26Dot6 size; /* that is set, 0: none */
    int angle;
} face_t;

typedef struct {
    uint32_t key; /* the character, and 1 << 31 for bold; 0: a free slot */
    uint32_t glyph;
    float advance; /* ems */
    uint8_t face;
} char_t;

typedef struct {
    uint64_t key; /* 0: a free slot */
    lookout_glyph_t glyph;
    bool used;
} glyph_slot_t;

/* A text that was measured: layout asks for the same widths several times over. */
typedef struct {
    uint8_t len; /* 0: a free slot */
    bool bold;
    char text[WIDTH_TEXT];
    double ems;
} width_slot_t;

struct lookout_fonts_s {
    FT_Library library;
    face_t faces[N_FACES]; /* regular, bold, regular, ... */
    char_t *chars;         /* hash table */
    size_t n_chars;
    size_t cap_chars;
    glyph_slot_t *glyphs; /* hash table of GLYPH_SLOTS */
    size_t n_glyphs;
    size_t glyph_bytes;
    width_slot_t widths[WIDTH_SLOTS];
    lookout_fonts_t *next; /* in the list of idle sets */
};

static lookout_fonts_t *idle;
static pthread_mutex_t idle_lock = PTHREAD_MUTEX_INITIALIZER;


/* --- Sets --- */

static void
forget_glyphs(lookout_fonts_t *fonts)
{
    size_t i;

    for (i = 0; i < GLYPH_SLOTS; i++) {
        free((void *) fonts->glyphs[i].glyph.cover);
        fonts->glyphs[i] = (glyph_slot_t){ .key = 0 };
    }
    fonts->n_glyphs = 0;
    fonts->glyph_bytes = 0;
}


static void
destroy(lookout_fonts_t *fonts)
{
    if (fonts->glyphs != NULL) {
        forget_glyphs(fonts);
    }
    if (fonts->library != NULL) {
        (void) FT_Done_FreeType(fonts->library); /* and its faces */
    }
    free(fonts->glyphs);
    free(fonts->chars);
    free(fonts);
}


static lookout_fonts_t *
create(void)
{
    lookout_fonts_t *fonts = calloc(1, sizeof(*fonts));

    if (fonts == NULL) {
        return NULL;
    }
    fonts->cap_chars = CHARS_FIRST;
    fonts->chars = calloc(fonts->cap_chars, sizeof(*fonts->chars));
    fonts->glyphs = calloc(GLYPH_SLOTS, sizeof(*fonts->glyphs));
    if (fonts->chars == NULL || fonts->glyphs == NULL
        || FT_Init_FreeType(&fonts->library) != 0) {
        destroy(fonts);
        return NULL;
    }
    return fonts;
}


lookout_fonts_t *
lookout_fonts_take(void)
{
    lookout_fonts_t *fonts;

    (void) pthread_mutex_lock(&idle_lock);
    fonts = idle;
    if (fonts != NULL) {
        idle = fonts->next;
    }
    (void) pthread_mutex_unlock(&idle_lock);
    return fonts != NULL ? fonts : create();
}


void
lookout_fonts_give(lookout_fonts_t *fonts)
{
    (void) pthread_mutex_lock(&idle_lock);
    fonts->next = idle;
    idle = fonts;
    (void) pthread_mutex_unlock(&idle_lock);
}


void
lookout_fonts_drop(void)
{
    lookout_fonts_t *fonts;

    (void) pthread_mutex_lock(&idle_lock);
    while ((fonts = idle) != NULL) {
        idle = fonts->next;
        destroy(fonts);
    }
    (void) pthread_mutex_unlock(&idle_lock);
}


void *
lookout_fonts_library(lookout_fonts_t *fonts)
{
    return fonts->library;
}


/* --- Characters --- */

/* The face, opened when it is looked at for the first time; NULL when it is not there. */
static face_t *
open_face(lookout_fonts_t *fonts, size_t i)
{
    face_t *face = &fonts->faces[i];
    const char *path = i % 2 == 0 ? families[i / 2].regular : families[i / 2].bold;

    if (!face->tried) {
        face->tried = true;
        if (access(path, R_OK) != 0 || FT_New_Face(fonts->library, path, 0, &face->face) != 0) {
            face->face = NULL;
        }
        if (face->face != NULL) {
            face->kerns = FT_HAS_KERNING(face->face);
        }
    }
    return face->face != NULL ? face : NULL;
}


bool
lookout_fonts_any(lookout_fonts_t *fonts)
{
    size_t i;

    for (i = 0; i < N_FACES; i++) {
        if (open_face(fonts, i) != NULL) {
            return true;
        }
    }
    return false;
}


/* Joiners, direction marks and variation selectors: they show nothing. */
static bool
is_invisible(uint32_t c)
{
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e)
           || (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff
           || c == 0xad;
}


/* Fills in which font has the character; the first font's empty box when none has. */
static void
look_up(lookout_fonts_t *fonts, uint32_t c, bool bold, char_t *out)
{
    FT_Fixed advance;
    size_t i, pick;

    out->face = NO_FACE;
    out->advance = is_invisible(c) ? 0 : c >= 0x2e80 ? 1 : (float) GUESS;
    if (is_invisible(c)) {
        return;
    }
    for (i = 0; i < N_FACES; i++) {
        face_t *face;

        pick = bold ? i ^ 1 : i; /* bold before regular of each family, or the other way */
        face = open_face(fonts, pick);
        if (face == NULL) {
            continue;
        }
        out->glyph = FT_Get_Char_Index(face->face, c);
        if ((out->glyph != 0 || out->face == NO_FACE)
            && FT_Get_Advance(face->face, out->glyph, FT_LOAD_NO_SCALE, &advance) == 0) {
            out->face = (uint8_t) pick;
            out->advance = (float) advance / (float) face->face->units_per_EM;
        }
        if (out->glyph != 0) {
            return;
        }
    }
    out->glyph = 0;
}


/* Where in a table of `cap` slots (a power of two) the search for a key begins. */
static size_t
slot_of(uint32_t key, size_t cap)
{
    uint32_t mixed = key * 2654435761u;

    return (mixed ^ mixed >> 15) & (cap - 1);
}


static bool
grow_chars(lookout_fonts_t *fonts)
{
    size_t cap = 2 * fonts->cap_chars, i, at;
    char_t *chars = calloc(cap, sizeof(*chars));

    if (chars == NULL) {
        return false;
    }
    for (i = 0; i < fonts->cap_chars; i++) {
        if (fonts->chars[i].key != 0) {
            at = slot_of(fonts->chars[i].key, cap);
            while (chars[at].key != 0) {
                at = (at + 1) & (cap - 1);
            }
            chars[at] = fonts->chars[i];
        }
    }
    free(fonts->chars);
    fonts->chars = chars;
    fonts->cap_chars = cap;
    return true;
}


static char_t
find_char(lookout_fonts_t *fonts, uint32_t c, bool bold)
{
    uint32_t key = c == 0 ? ' ' : c;
    char_t found = { .face = NO_FACE };
    size_t at;

    key |= bold ? 1u << 31 : 0;
    at = slot_of(key, fonts->cap_chars);
    while (fonts->chars[at].key != 0) {
        if (fonts->chars[at].key == key) {
            return fonts->chars[at];
        }
        at = (at + 1) & (fonts->cap_chars - 1);
    }
    found.key = key;
    look_up(fonts, c, bold, &found);
    if (4 * fonts->n_chars < 3 * fonts->cap_chars) {
        fonts->chars[at] = found;
        fonts->n_chars++;
    }
    if (4 * fonts->n_chars >= 3 * fonts->cap_chars) {
        (void) grow_chars(fonts); /* without memory, further characters are looked up anew */
    }
    return found;
}


/* What to add between two characters, in ems. */
static double
kerning(lookout_fonts_t *fonts, const char_t *left, const char_t *right)
{
    face_t *face;
    FT_Vector by;

    if (left->face == NO_FACE || left->face != right->face || left->glyph == right->glyph) {
        return 0;
    }
    face = &fonts->faces[left->face];
    if (!face->kerns
        || FT_Get_Kerning(face->face, left->glyph, right->glyph, FT_KERNING_UNSCALED, &by)
               != 0) {
        return 0;
    }
    return (double) by.x / face->face->units_per_EM;
}


static double
measure(lookout_fonts_t *fonts, lookout_str_t text, bool bold)
{
    uint32_t run[LOOKOUT_RUN_MAX];
    char_t previous = { .face = NO_FACE }, c;
    size_t n = lookout_shape(text, run), i;
    double width = 0;

    for (i = 0; i < n; i++) {
        c = find_char(fonts, run[i], bold);
        width += (double) c.advance + kerning(fonts, &previous, &c);
        previous = c;
    }
    return width;
}


double
lookout_fonts_width(lookout_fonts_t *fonts, lookout_str_t text, double size, bool bold)
{
    uint32_t hash = 2166136261u + bold;
    width_slot_t *slot;
    size_t i;

    if (text.len == 0) {
        return 0;
    }
    if (text.len > WIDTH_TEXT) {
        return measure(fonts, text, bold) * size;
    }
    for (i = 0; i < text.len; i++) {
        hash = (hash ^ (unsigned char) text.data[i]) * 16777619u;
    }
    slot = &fonts->widths[(hash ^ hash >> 16) & (WIDTH_SLOTS - 1)];
    if (slot->len != text.len || slot->bold != bold
        || memcmp(slot->text, text.data, text.len) != 0) {
        slot->ems = measure(fonts, text, bold);
        slot->len = (uint8_t) text.len;
        slot->bold = bold;
        memcpy(slot->text, text.data, text.len);
    }
    return slot->ems * size;
}


/* --- Glyphs --- */

/* Sets size and direction, unless they are set. */
static bool
prepare(face_t *face, FT_F26Dot6 size, int angle)
{
    FT_Matrix turn;
    double a = -angle * M_PI / 180;

    if (face->size != size) {
        if (FT_Set_Char_Size(face->face, 0, size, 72, 72) != 0) {
            return false;
        }
        face->size = size;
    }
    if (face->angle != angle) {
        turn.xx = turn.yy = (FT_Fixed) lrint(cos(a) * 65536);
        turn.yx = (FT_Fixed) lrint(sin(a) * 65536);
        turn.xy = -turn.yx;
        FT_Set_Transform(face->face, angle == 0 ? NULL : &turn, NULL);
        face->angle = angle;
    }
    return true;
}


/* Renders a glyph with its pen at quarters (fx, fy) of a pixel. A glyph that cannot be rendered
 * is an empty one. False without memory. */
static bool
render(face_t *face, uint32_t glyph, int angle, int fx, int fy, lookout_glyph_t *out)
{
    FT_Int32 flags = angle == 0 ? FT_LOAD_TARGET_LIGHT | FT_LOAD_NO_BITMAP : FT_LOAD_NO_HINTING;
    FT_GlyphSlot slot = face->face->glyph;
    const FT_Bitmap *bitmap = &slot->bitmap;
    uint8_t *cover;
    size_t x, y;

    *out = (lookout_glyph_t){ .cover = NULL };
    if (FT_Load_Glyph(face->face, glyph, flags) != 0
        || slot->format != FT_GLYPH_FORMAT_OUTLINE) {
        return true;
    }
    FT_Outline_Translate(&slot->outline, fx * 64 / QUARTERS, -fy * 64 / QUARTERS);
    if (FT_Render_Glyph(slot, FT_RENDER_MODE_NORMAL) != 0 || bitmap->width == 0
        || bitmap->rows == 0 || bitmap->pixel_mode != FT_PIXEL_MODE_GRAY) {
        return true;
    }
    cover = malloc((size_t) bitmap->width * bitmap->rows);
    if (cover == NULL) {
        return false;
    }
    for (y = 0; y < bitmap->rows; y++) {
        for (x = 0; x < bitmap->width; x++) {
            unsigned c = bitmap->buffer[(ptrdiff_t) y * bitmap->pitch + (ptrdiff_t) x];

            cover[y * bitmap->width + x] = (uint8_t) ((c * LOOKOUT_COVER + 127) / 255);
        }
    }
    *out = (lookout_glyph_t){ cover, slot->bitmap_left, slot->bitmap_top, (int) bitmap->width,
                              (int) bitmap->rows };
    return true;
}


/* The glyph from the cache, or made; NULL without memory. */
static const lookout_glyph_t *
find_glyph(lookout_fonts_t *fonts, const char_t *c, FT_F26Dot6 size, int angle, int fx, int fy)
{
    uint64_t key = (uint64_t) c->glyph << 40 | (uint64_t) c->face << 32
                   | (uint64_t) (size & 0x7fff) << 16 | (uint64_t) (angle & 0x1ff) << 4
                   | (uint64_t) (fx * QUARTERS + fy);
    size_t at = (size_t) ((key * 0x9e3779b97f4a7c15u) >> 52) & (GLYPH_SLOTS - 1);
    face_t *face = &fonts->faces[c->face];
    glyph_slot_t *slot;

    while ((slot = &fonts->glyphs[at])->used) {
        if (slot->key == key) {
            return &slot->glyph;
        }
        at = (at + 1) & (GLYPH_SLOTS - 1);
    }
    if (!prepare(face, size, angle) || !render(face, c->glyph, angle, fx, fy, &slot->glyph)) {
        return NULL;
    }
    slot->key = key;
    slot->used = true;
    fonts->n_glyphs++;
    fonts->glyph_bytes += (size_t) slot->glyph.width * (size_t) slot->glyph.height;
    return &slot->glyph;
}


bool
lookout_fonts_glyphs(
    lookout_fonts_t *fonts, lookout_str_t text, lookout_type_style_t style, double x, double y,
    void (*emit)(void *data, const lookout_glyph_t *glyph, int pen_x, int pen_y), void *data)
{
    uint32_t run[LOOKOUT_RUN_MAX];
    char_t previous = { .face = NO_FACE }, c;
    FT_F26Dot6 size = (FT_F26Dot6) lrint(style.size * 64);
    double a = style.angle * M_PI / 180, dx = cos(a), dy = sin(a);
    size_t n = lookout_shape(text, run), i;

    if (fonts->glyph_bytes > GLYPH_BYTES) {
        forget_glyphs(fonts);
    }
    if (style.angle == 0) {
        y = round(y); /* the baseline on a pixel, as the hints expect */
    }
    for (i = 0; i < n; i++) {
        const lookout_glyph_t *glyph;
        double along, qx, qy;

        c = find_char(fonts, run[i], style.bold);
        along = kerning(fonts, &previous, &c) * style.size;
        x += along * dx;
        y += along * dy;
        qx = floor(x * QUARTERS + 0.5);
        qy = floor(y * QUARTERS + 0.5);
        if (c.face != NO_FACE && run[i] != ' ') {
            if (4 * fonts->n_glyphs >= 3 * GLYPH_SLOTS) {
                forget_glyphs(fonts);
            }
            glyph = find_glyph(fonts, &c, size, style.angle,
                               (int) (qx - floor(qx / QUARTERS) * QUARTERS),
                               (int) (qy - floor(qy / QUARTERS) * QUARTERS));
            if (glyph == NULL) {
                return false;
            }
            if (glyph->cover != NULL) {
                emit(data, glyph, (int) floor(qx / QUARTERS), (int) floor(qy / QUARTERS));
            }
        }
        x += (double) c.advance * style.size * dx;
        y += (double) c.advance * style.size * dy;
        previous = c;
    }
    return true;
}
