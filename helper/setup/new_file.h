/* Writes a file under a temporary name beside its final name, and gives it the final name once it is complete
 * and checked. */
#ifndef SETUP_NEW_FILE_H
#define SETUP_NEW_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "text/buffer.h"

struct new_file {
    char *path;   /* the final name, with symbolic links followed; owned */
    char *beside; /* the name until then; owned */
    bool replaces;
};

/* Writes SIZE bytes of TEXT beside PATH, and waits until they are on the disk.  When a file PATH is
 * there, the new one gets its mode and owner; else MODE, the group GROUP if this process is root,
 * and the owner of the folder.  The caller has the lock of the place (setup/place.h).  Returns false
 * with one line in ERROR; then there is nothing to free. */
bool new_file_write(struct new_file *file, const char *path, const void *text, size_t size,
                    mode_t mode, gid_t group, struct buffer *error);

/* Gives the file its name; a file that was not there when it was written is not replaced.  Frees
 * FILE.  Returns false with one line in ERROR; then nothing has changed. */
bool new_file_keep(struct new_file *file, struct buffer *error);

/* Removes the file beside, and frees FILE. */
void new_file_drop(struct new_file *file);

/* Reads the file PATH into TEXT.  Returns 1, 0 when there is no such file, -1 with one line in
 * ERROR. */
int file_read(struct buffer *text, const char *path, struct buffer *error);

#endif
