/*
 * Finding a name that appears twice in an object. Few names are compared all with all; many are
 * sorted first, so that an object of a hundred thousand members takes milliseconds and nobody
 * can choose names that make it take more.
 */

#include <stdlib.h>

#include "json_names.h"

#define PAIRWISE_MAX 8 /* names; up to here comparing all with all is quicker */


void
lookout_json_names_init(lookout_json_names_t *names)
{
    names->items = names->first;
    names->n = 0;
    names->cap = LOOKOUT_JSON_NAMES_FIRST;
}


void
lookout_json_names_free(lookout_json_names_t *names)
{
    if (names->items != names->first) {
        free(names->items);
    }
    lookout_json_names_init(names);
}


bool
lookout_json_names_add(lookout_json_names_t *names, lookout_str_t text, size_t offset)
{
    if (names->n == names->cap) {
        bool owned = names->items != names->first;
        lookout_json_name_t *items =
            reallocarray(owned ? names->items : NULL, names->cap * 2, sizeof(*items));

        if (items == NULL) {
            return false;
        }
        if (!owned) {
            memcpy(items, names->first, sizeof(names->first));
        }
        names->items = items;
        names->cap *= 2;
    }
    names->items[names->n++] = (lookout_json_name_t){ text, offset };
    return true;
}


/* Orders names by length, then bytes, so that equal ones come together, in their text order. */
static int
compare(const void *a, const void *b)
{
    const lookout_json_name_t *x = a, *y = b;
    int order = (x->text.len > y->text.len) - (x->text.len < y->text.len);

    if (order == 0) {
        order = memcmp(x->text.data, y->text.data, x->text.len);
    }
    return order != 0 ? order : (x->offset > y->offset) - (x->offset < y->offset);
}


static const lookout_json_name_t *
find_pairwise(const lookout_json_name_t *items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (lookout_str_eq(items[i].text, items[j].text)) {
                return &items[i];
            }
        }
    }
    return NULL;
}


static const lookout_json_name_t *
find_sorting(lookout_json_name_t *items, size_t n)
{
    const lookout_json_name_t *twin = NULL;

    qsort(items, n, sizeof(*items), compare);
    for (size_t i = 1; i < n; i++) {
        if (lookout_str_eq(items[i].text, items[i - 1].text)
            && (twin == NULL || items[i].offset < twin->offset)) {
            twin = &items[i];
        }
    }
    return twin;
}


const lookout_json_name_t *
lookout_json_names_end(lookout_json_names_t *names, size_t first)
{
    lookout_json_name_t *items = names->items + first;
    size_t n = names->n - first;

    names->n = first;
    return n <= PAIRWISE_MAX ? find_pairwise(items, n) : find_sorting(items, n);
}
