/*
 * Folders for files that are to come.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "folder.h"

#define FOLDER_MODE (S_IRWXU | S_IRGRP | S_IXGRP)


/* Tries the nearest folder first, as nearly always it is there; then those above it. */
static int
make(char *path)
{
    char *slash = strrchr(path, '/');
    int error;

    if (slash == NULL || slash == path) {
        return 0; /* the working folder, or / */
    }
    *slash = '\0';
    error = mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST ? 0 : errno;
    if (error == ENOENT) {
        error = make(path);
        if (error == 0) {
            error = mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST ? 0 : errno;
        }
    }
    *slash = '/';
    return error;
}


int
lookout_folder_for(const char *path)
{
    char *copy = strdup(path);
    int error;

    if (copy == NULL) {
        return ENOMEM;
    }
    error = make(copy);
    free(copy);
    return error;
}
