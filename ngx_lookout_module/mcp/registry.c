/*
 * What functions of rows read of their call. The registry itself is tables; see registry.h.
 */

#include "registry.h"


const cJSON *
lookout_arg(const lookout_call_t *call, const char *name)
{
    const cJSON *item = lookout_json_get(call->args, name);

    return item == NULL || cJSON_IsNull(item) ? NULL : item;
}


lookout_str_t
lookout_arg_str(const lookout_call_t *call, const char *name)
{
    const cJSON *item = lookout_arg(call, name);

    return cJSON_IsString(item) ? lookout_str(item->valuestring) : LOOKOUT_STR_NONE;
}


int64_t
lookout_arg_int(const lookout_call_t *call, const char *name, int64_t preset)
{
    int64_t n;
    const cJSON *item = lookout_arg(call, name);

    return item != NULL && lookout_json_int_value(item, &n) ? n : preset;
}


void
lookout_call_depends(lookout_call_t *call, const char *path, const lookout_file_id_t *id)
{
    size_t i;
    lookout_str_t copy;

    for (i = 0; i < call->n_deps; i++) {
        if (strcmp(call->deps[i].path, path) == 0) {
            return;
        }
    }

    copy = lookout_arena_copy(call->arena, lookout_str(path));
    if (call->n_deps == LOOKOUT_DEPS_MAX || copy.data == NULL) {
        call->cacheable = false;
        return;
    }

    call->deps[call->n_deps].path = copy.data;
    call->deps[call->n_deps].id = *id;
    call->n_deps++;
}
