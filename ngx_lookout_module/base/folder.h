/*
 * Folders for files that are to come.
 */

#ifndef LOOKOUT_FOLDER_H
#define LOOKOUT_FOLDER_H

/* Makes the folder that is to hold the file `path`, and those above it, mode 0750 less the
 * umask. 0, also when it is there; or an errno. */
int lookout_folder_for(const char *path);

#endif
