/*
 * Fuzzy search and "did you mean". A text is cut into words of letters and digits, in lower
 * case (its caller folded it) and without the accents of Latin letters. Words are compared
 * exactly, as a beginning, as a part, and by Damerau-Levenshtein distance (in its form of
 * optimal string alignment): the number of letters put in, left out, exchanged for others, or
 * swapped with their neighbour.
 *
 * It runs over every name of the catalogue in each search: nothing is allocated, and what
 * cannot be near is known from the letters that occur in it, before any distance is counted.
 */

#include "text.h"
#include "utf8.h"

#define WORD_MAX 64    /* letters of a word that count */
#define QUERY_WORDS 24 /* words of a query that count */
#define ALL_MIN 5      /* letters in a query whose spaces may be in the wrong places */
#define FAR (WORD_MAX + 1)

/* What a word of the query found, best last. The quality of each lies within a band of scores:
 * the worst word of a query decides the band. */
typedef enum { FIND_NONE, FIND_TYPO, FIND_PART, FIND_BEGINNING, FIND_WORD } find_e;

static const struct {
    int lowest;
    int width;
} bands[] = {
    [FIND_NONE] = { 0, 0 },          [FIND_TYPO] = { 200, 249 }, [FIND_PART] = { 450, 149 },
    [FIND_BEGINNING] = { 600, 199 }, [FIND_WORD] = { 800, 190 },
};

#define SCORE_SAME 1000

typedef struct {
    uint32_t c[WORD_MAX];
    size_t n;
    uint64_t letters; /* bit c % 64 is set for every letter c in it */
    bool digits;      /* there is a digit in it: 2025 is no misspelt 2026 */
} word_t;

/* The plain letters that Latin letters with accents and strokes are made from, one a character;
 * a dot where there is none. */
/* clang-format off */
static const char latin[] = /* U+00C0 to U+024F */
    "aaaaaa.ceeeeiiiidnooooo.ouuuuyt.aaaaaa.ceeeeiiiidnooooo.ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.lllllll"
    "lllnnnnnn.nnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
    "b......cc........ff....ikkl.....oo..pp......tt.uu..yyzz........."
    ".............aaiioouuuuuuuuuu.aaaa..ggggkkoooo..j...gg..nnaa..oo"
    "aaaaeeeeiiiioooorrrruuuusstt..hh....zzaaeeooooooooyy.......ccl.."
    "...b..eejj..rryy";
static const char latin_additional[] = /* U+1E00 to U+1EFF */
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwy.s....aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";
/* clang-format on */


/* The plain letter behind c, which is no ASCII; c itself when there is none. */
static uint32_t
plain_letter(uint32_t c)
{
    char plain = '.';

    if (c >= 0xc0 && c - 0xc0 < sizeof(latin) - 1) {
        plain = latin[c - 0xc0];
    } else if (c >= 0x1e00 && c - 0x1e00 < sizeof(latin_additional) - 1) {
        plain = latin_additional[c - 0x1e00];
    }
    return plain == '.' ? c : (uint32_t) (unsigned char) plain;
}


static inline void
add_letter(word_t *w, uint32_t c)
{
    if (w->n < WORD_MAX) {
        w->c[w->n++] = c;
        w->letters |= UINT64_C(1) << (c & 63);
        w->digits |= c >= '0' && c <= '9';
    }
}


/* Adds a character of a word, without its accents. */
static void
add_character(word_t *w, uint32_t c)
{
    if (c < 0x80) {
        add_letter(w, c);
    } else if (c == 0xe6 || c == 0x153) { /* ae and oe, one letter each */
        add_letter(w, c == 0xe6 ? 'a' : 'o');
        add_letter(w, 'e');
    } else {
        add_letter(w, plain_letter(c));
    }
}


/* Is c an accent that stands by itself, behind its letter? */
static inline bool
is_combining(uint32_t c)
{
    return c >= 0x300 && c <= 0x36f;
}


static inline void
clear_word(word_t *w)
{
    w->n = 0;
    w->letters = 0;
    w->digits = false;
}


/* Takes the next word off the front of *rest; false when there is none left. */
static bool
next_word(lookout_str_t *rest, word_t *w)
{
    const char *p = rest->data, *end = p + rest->len;

    clear_word(w);
    while (p < end) {
        uint32_t c = 0;
        size_t len = lookout_utf8_next(p, (size_t) (end - p), &c);

        p += len == 0 ? 1 : len;
        if (len != 0 && lookout_is_letter(c)) {
            add_character(w, c);
        } else if (w->n != 0 && !(len != 0 && is_combining(c))) {
            break;
        }
    }
    *rest = (lookout_str_t){ p, (size_t) (end - p) };
    return w->n != 0;
}


/* All letters and digits of a text, as if it were one word. */
static void
squeeze(lookout_str_t s, word_t *all)
{
    word_t w;

    clear_word(all);
    while (next_word(&s, &w)) {
        for (size_t i = 0; i < w.n; i++) {
            add_letter(all, w.c[i]);
        }
    }
}


static bool
same_letters(const uint32_t *a, const uint32_t *b, size_t n)
{
    return memcmp(a, b, n * sizeof(*a)) == 0;
}


static bool
has_part(const word_t *w, const word_t *part)
{
    if (part->n > w->n || (part->letters & ~w->letters) != 0) {
        return false;
    }
    for (size_t i = 0; i + part->n <= w->n; i++) {
        if (same_letters(w->c + i, part->c, part->n)) {
            return true;
        }
    }
    return false;
}


/* Letters that occur in a and not in b: each costs a distance of at least one. */
static size_t
letters_missing(const word_t *a, const word_t *b)
{
    return (size_t) __builtin_popcountll(a->letters & ~b->letters);
}


static inline size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}


/* The distance of a and b; with `beginning`, of a and the nearest beginning of b. FAR when it
 * is more than limit. */
static size_t
distance(const word_t *a, const word_t *b, size_t limit, bool beginning)
{
    unsigned char rows[3]
                      [WORD_MAX + 1]; /* the distances of a's first i letters and b's first j */
    size_t result;

    if (letters_missing(a, b) > limit || a->n > b->n + limit
        || (!beginning && (b->n > a->n + limit || letters_missing(b, a) > limit))) {
        return FAR;
    }
    for (size_t j = 0; j <= b->n; j++) {
        rows[0][j] = (unsigned char) j;
    }
    for (size_t i = 1; i <= a->n; i++) {
        unsigned char *row = rows[i % 3], *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
        size_t best = i;

        row[0] = (unsigned char) i;
        for (size_t j = 1; j <= b->n; j++) {
            size_t d = above[j - 1] + (size_t) (a->c[i - 1] != b->c[j - 1]);

            d = smaller(d, smaller(above[j], row[j - 1]) + (size_t) 1);
            if (i > 1 && j > 1 && a->c[i - 1] == b->c[j - 2] && a->c[i - 2] == b->c[j - 1]) {
                d = smaller(d, two[j - 2] + (size_t) 1);
            }
            row[j] = (unsigned char) d;
            best = smaller(best, d);
        }
        if (best > limit) {
            return FAR;
        }
    }
    result = rows[a->n % 3][b->n];
    for (size_t j = 0; beginning && j < b->n; j++) {
        result = smaller(result, rows[a->n % 3][j]);
    }
    return result > limit ? FAR : result;
}


/* How many slips are forgiven in a word that was typed. */
static size_t
slips_allowed(const word_t *typed)
{
    if (typed->digits || typed->n <= 2) {
        return 0;
    }
    return typed->n <= 5 ? 1 : 2;
}


/* May a word be found inside of others? Not one of a letter or two, unless it is of a script
 * that writes without spaces and says much with a character. */
static bool
may_be_part(const word_t *typed)
{
    return typed->n >= 3 || typed->c[0] >= 0x2e80;
}


/* What a typed word finds in a word, and in *quality how well, 0 to 100. */
static find_e
find(const word_t *typed, const word_t *w, int *quality)
{
    size_t allowed, d;

    if (typed->n <= w->n && same_letters(typed->c, w->c, typed->n)) {
        *quality = (int) (100 * typed->n / w->n);
        return typed->n == w->n ? FIND_WORD : FIND_BEGINNING;
    }
    if (may_be_part(typed) && has_part(w, typed)) {
        *quality = (int) (100 * typed->n / w->n);
        return FIND_PART;
    }
    allowed = slips_allowed(typed);
    if (allowed == 0) {
        return FIND_NONE;
    }
    d = distance(typed, w, allowed, false);
    if (d != FAR) {
        *quality = d == 1 ? 100 : 60;
        return FIND_TYPO;
    }
    /* Misspelt and shortened at once; then at least the first letter has to be right. */
    if (typed->n >= 4 && typed->c[0] == w->c[0] && distance(typed, w, allowed, true) != FAR) {
        *quality = 20;
        return FIND_TYPO;
    }
    return FIND_NONE;
}


/* The best of what one word of the query has found. */
typedef struct {
    find_e how;
    int quality;
    size_t where; /* the how many-th word of the text */
} found_t;


/* A score within its band: how much of the text was asked for counts half. */
static int
score_in_band(find_e how, size_t asked, size_t letters, int quality, bool in_order)
{
    int share = asked >= letters ? 100 : (int) (100 * asked / letters);

    return bands[how].lowest
           + bands[how].width * (5 * share + 4 * quality + (in_order ? 100 : 0)) / 1000;
}


/* The score when every word was found; 0 when one was not. */
static int
score_words(const found_t *found, const word_t *words, size_t n, size_t letters)
{
    find_e worst = FIND_WORD;
    bool in_order = true;
    size_t asked = 0;
    int quality = 0;

    for (size_t i = 0; i < n; i++) {
        if (found[i].how < worst) {
            worst = found[i].how;
        }
        quality += found[i].quality;
        asked += words[i].n;
        in_order = in_order && (i == 0 || found[i].where == found[i - 1].where + 1);
    }
    if (worst == FIND_NONE) {
        return 0;
    }
    return score_in_band(worst, asked, letters, quality / (int) n, in_order);
}


/* The score when spaces may be missing or in the wrong places: letters alone count. */
static int
score_squeezed(lookout_str_t query, lookout_str_t text, size_t letters)
{
    word_t asked, all;

    squeeze(query, &asked);
    if (asked.n < ALL_MIN || letters > WORD_MAX) {
        return 0;
    }
    squeeze(text, &all);
    if (!has_part(&all, &asked)
        && distance(&asked, &all, slips_allowed(&asked), false) == FAR) {
        return 0;
    }
    return score_in_band(FIND_TYPO, asked.n, letters, 50, true);
}


int
lookout_fuzzy_score(lookout_str_t query, lookout_str_t text)
{
    word_t words[QUERY_WORDS], w;
    found_t found[QUERY_WORDS];
    lookout_str_t rest = query;
    size_t n = 0, letters = 0;
    int score;

    if (lookout_str_eq(query, text)) {
        return SCORE_SAME;
    }
    while (n < QUERY_WORDS && next_word(&rest, &words[n])) {
        found[n++] = (found_t){ FIND_NONE, 0, 0 };
    }
    if (n == 0) { /* signs alone */
        return query.len != 0 && lookout_contains(text, query) ? bands[FIND_PART].lowest : 0;
    }
    rest = text;
    for (size_t where = 0; next_word(&rest, &w); where++) {
        letters += w.n;
        for (size_t i = 0; i < n; i++) {
            int quality = 0;
            find_e how = found[i].how == FIND_WORD ? FIND_NONE : find(&words[i], &w, &quality);

            if (how > found[i].how || (how == found[i].how && quality > found[i].quality)) {
                found[i] = (found_t){ how, quality, where };
            }
        }
    }
    score = score_words(found, words, n, letters);
    return score != 0 ? score : score_squeezed(query, text, letters);
}


/* How many slips may lie between a word and what is proposed in its place. */
static size_t
slips_proposed(size_t letters)
{
    if (letters <= 3) {
        return 1;
    }
    return letters <= 8 ? 2 : smaller(letters / 3, 4);
}


/* Do two texts have a word in common, or one the beginning of the other's? */
static bool
share_word(lookout_str_t a, lookout_str_t b)
{
    word_t of_a, of_b;

    while (next_word(&a, &of_a)) {
        lookout_str_t rest = b;

        while (of_a.n >= 3 && next_word(&rest, &of_b)) {
            if (of_b.n >= 3 && same_letters(of_a.c, of_b.c, smaller(of_a.n, of_b.n))) {
                return true;
            }
        }
    }
    return false;
}


/* How far a candidate is from a word: by slips first, then as a part of it or with it as a
 * part, then by a word in common; in each, the length that differs. */
#define SLIP ((size_t) 1000)
#define PART (10 * SLIP)
#define WORD (20 * SLIP)


/* SIZE_MAX when the candidate is not worth proposing. Both folded. */
static size_t
remoteness(lookout_str_t word, lookout_str_t candidate)
{
    word_t typed, other;
    size_t apart, d;

    squeeze(word, &typed);
    squeeze(candidate, &other);
    if (typed.n == 0 || other.n == 0) {
        return SIZE_MAX;
    }
    apart = typed.n > other.n ? typed.n - other.n : other.n - typed.n;
    d = distance(&typed, &other, slips_proposed(typed.n), false);
    if (d != FAR && d < smaller(typed.n, other.n)) {
        return d * SLIP + apart;
    }
    if (smaller(typed.n, other.n) >= 3
        && (has_part(&other, &typed) || has_part(&typed, &other))) {
        return PART + apart;
    }
    return share_word(word, candidate) ? WORD + apart : SIZE_MAX;
}


size_t
lookout_nearest(lookout_arena_t *arena, lookout_str_t word, const lookout_str_t *candidates,
                size_t n, size_t *indexes, size_t max)
{
    lookout_str_t folded = lookout_fold(arena, word);
    size_t *costs = max > SIZE_MAX / sizeof(*costs)
                        ? NULL
                        : lookout_arena_alloc(arena, max * sizeof(*costs));
    size_t found = 0;

    if (folded.data == NULL || costs == NULL) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        lookout_str_t candidate = lookout_fold(arena, candidates[i]);
        size_t cost = candidate.data == NULL ? SIZE_MAX : remoteness(folded, candidate), at;

        if (cost == SIZE_MAX || (found == max && (max == 0 || cost >= costs[max - 1]))) {
            continue;
        }
        if (found < max) {
            found++;
        }
        for (at = found - 1; at > 0 && costs[at - 1] > cost; at--) {
            costs[at] = costs[at - 1];
            indexes[at] = indexes[at - 1];
        }
        costs[at] = cost;
        indexes[at] = i;
    }
    /* When it is plainly a slip, what is farther off, or only shares a word, distracts. */
    while (found > 1 && costs[0] < PART && costs[found - 1] / SLIP > costs[0] / SLIP + 1) {
        found--;
    }
    return found;
}
