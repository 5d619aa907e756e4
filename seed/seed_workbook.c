/*
 * The workbooks of a description and their views: names, owners, tags, times of editing, and
 * the lists of views, of which a workbook may take another's and turn it to its own filters.
 */

#include <stdlib.h>
#include <string.h>

#include "../ngx_lookout_module/base/json.h"
#include "seed.h"

#define MORNING INT64_C(28800)  /* times of day that are made up begin at 08:00 */
#define WORKDAY UINT64_C(32400) /* and end nine hours later */

static const char *const workbook_keys[] = { "name",  "key",     "description", "owner",
                                             "tags",  "updated", "deleted",     "filters",
                                             "views", "viewsOf", NULL };


static bool
read_tags(lookout_seed_t *seed, lookout_seed_workbook_t *workbook)
{
    const cJSON *list = NULL, *tag;
    char *text;

    workbook->tags = LOOKOUT_STR("[]");
    if (!lookout_seed_list(workbook->at, workbook->json, "tags", LOOKOUT_SEED_OPTIONAL,
                           &list)) {
        return false;
    }
    if (list == NULL) {
        return true;
    }
    cJSON_ArrayForEach(tag, list)
    {
        if (!cJSON_IsString(tag)) {
            return lookout_seed_fail(workbook->at, "\"tags\" has to be a list of strings");
        }
    }
    text = cJSON_PrintUnformatted(list);
    if (text == NULL || !lookout_arena_defer(seed->arena, free, text)) {
        return lookout_seed_no_memory();
    }
    workbook->tags = lookout_str(text);
    return true;
}


/* A time on that day which looks like an office's, the same whenever it is asked for. */
static int64_t
office_time(int64_t day, const char *key)
{
    return day + MORNING + (int64_t) (lookout_seed_hash(key) % WORKDAY);
}


static bool
read_workbook(lookout_seed_t *seed, lookout_seed_source_t *source,
              lookout_seed_workbook_t *workbook)
{
    lookout_str_t key = LOOKOUT_STR_NONE;
    lookout_seed_at_t at = workbook->at;

    workbook->owner = LOOKOUT_STR("Lookout");
    workbook->updated_at = seed->as_of;
    if (!lookout_seed_known(seed, at, workbook->json, workbook_keys)
        || !lookout_seed_text(at, workbook->json, "name", LOOKOUT_SEED_REQUIRED,
                              &workbook->name)) {
        return false;
    }
    key = workbook->name;
    workbook->description = workbook->name;
    if (!lookout_seed_text(at, workbook->json, "key", LOOKOUT_SEED_OPTIONAL, &key)
        || !lookout_seed_text(at, workbook->json, "description", LOOKOUT_SEED_OPTIONAL,
                              &workbook->description)
        || !lookout_seed_text(at, workbook->json, "owner", LOOKOUT_SEED_OPTIONAL,
                              &workbook->owner)
        || !lookout_seed_date(at, workbook->json, "updated", &workbook->updated_at)
        || !lookout_seed_date(at, workbook->json, "deleted", &workbook->deleted_at)
        || !read_tags(seed, workbook)) {
        return false;
    }
    workbook->slug = lookout_seed_slug(seed, key, '-');
    if (workbook->slug == NULL) {
        return false;
    }
    if (workbook->updated_at % LOOKOUT_SEED_DAY == 0) {
        workbook->updated_at = office_time(workbook->updated_at, workbook->slug);
    }
    return lookout_seed_id(seed, workbook->id, "wb_", "workbook:%s/%s", source->slug,
                           workbook->slug);
}


bool
lookout_seed_workbooks(lookout_seed_t *seed, lookout_seed_source_t *source)
{
    const cJSON *list = NULL, *item;
    lookout_seed_workbook_t *workbook;
    int i = 0;

    if (!lookout_seed_list(source->at, source->json, "workbooks", LOOKOUT_SEED_OPTIONAL,
                           &list)) {
        return false;
    }
    source->workbooks = lookout_arena_alloc(seed->arena, ((size_t) cJSON_GetArraySize(list) + 1)
                                                             * sizeof(*source->workbooks));
    if (source->workbooks == NULL) {
        return lookout_seed_no_memory();
    }
    cJSON_ArrayForEach(item, list)
    {
        workbook = &source->workbooks[source->n_workbooks];
        workbook->json = item;
        workbook->at = lookout_seed_below(seed, source->at, "workbooks", i++);
        if (!read_workbook(seed, source, workbook)) {
            return false;
        }
        for (size_t j = 0; j < source->n_workbooks; j++) {
            if (strcmp(source->workbooks[j].slug, workbook->slug) == 0) {
                return lookout_seed_fail(workbook->at,
                                         "there is a workbook \"%s\" already; a \"key\" of "
                                         "its own would tell them apart",
                                         workbook->name.data);
            }
        }
        source->n_workbooks++;
    }
    return true;
}


/* The list of views: the workbook's own, or that of the workbook "viewsOf" names, which its own
 * filters then turn to another region, say. */
static bool
find_views(lookout_seed_source_t *source, const lookout_seed_workbook_t *workbook,
           const cJSON **list)
{
    lookout_str_t other = LOOKOUT_STR_NONE;

    if (!lookout_seed_text(workbook->at, workbook->json, "viewsOf", LOOKOUT_SEED_OPTIONAL,
                           &other)) {
        return false;
    }
    if (other.data == NULL) {
        return lookout_seed_list(workbook->at, workbook->json, "views", LOOKOUT_SEED_REQUIRED,
                                 list);
    }
    for (size_t i = 0; i < source->n_workbooks; i++) {
        const lookout_seed_workbook_t *model = &source->workbooks[i];

        if (lookout_str_eq(model->name, other)) {
            return lookout_seed_list(model->at, model->json, "views", LOOKOUT_SEED_REQUIRED,
                                     list);
        }
    }
    return lookout_seed_fail(workbook->at,
                             "\"viewsOf\" names \"%s\", which is no workbook of "
                             "this file",
                             other.data);
}


bool
lookout_seed_views(lookout_seed_t *seed, lookout_seed_source_t *source,
                   lookout_seed_workbook_t *workbook)
{
    const cJSON *list = NULL, *item;
    int i = 0;

    if (!find_views(source, workbook, &list)) {
        return false;
    }
    workbook->views = lookout_arena_alloc(seed->arena, ((size_t) cJSON_GetArraySize(list) + 1)
                                                           * sizeof(*workbook->views));
    if (workbook->views == NULL) {
        return lookout_seed_no_memory();
    }
    cJSON_ArrayForEach(item, list)
    {
        lookout_seed_view_t *view = &workbook->views[workbook->n_views];

        view->at = lookout_seed_below(seed, workbook->at, "views", i++);
        if (!lookout_seed_view(seed, source, workbook, item, view)) {
            return false;
        }
        for (size_t j = 0; j < workbook->n_views; j++) {
            if (strcmp(workbook->views[j].id, view->id) == 0) {
                return lookout_seed_fail(view->at,
                                         "there is a view \"%s\" in this workbook "
                                         "already",
                                         view->name.data);
            }
        }
        workbook->n_views++;
    }
    return true;
}
