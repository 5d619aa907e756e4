/*
 * dlopen and dlsym, once a process. The library's name is the ABI that its header is of
 * (libgd 2.1 and later).
 */

#include "gd.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define GD_LIBRARY "libgd.so.3"

static lookout_gd_t gd;
static bool gd_loaded;
static pthread_once_t gd_once = PTHREAD_ONCE_INIT;


static void
gd_load(void)
{
    size_t i;
    void *library = dlopen(GD_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    const struct {
        const char *name;
        void *into; /* a pointer to the function's pointer */
    } calls[] = {
        { "gdImageCreate", &gd.ImageCreate },
        { "gdImageDestroy", &gd.ImageDestroy },
        { "gdImageColorAllocate", &gd.ImageColorAllocate },
        { "gdImagePngPtrEx", &gd.ImagePngPtrEx },
        { "gdFree", &gd.Free },
    };

    if (library == NULL) {
        return;
    }
    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        void *call = dlsym(library, calls[i].name);

        if (call == NULL) {
            return;
        }
        *(void **) calls[i].into = call; /* POSIX lets dlsym's result be a function */
    }
    gd_loaded = true;
}


const lookout_gd_t *
lookout_gd(void)
{
    (void) pthread_once(&gd_once, gd_load);
    return gd_loaded ? &gd : NULL;
}
