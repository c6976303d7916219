/* The list of changes that a run of setup has made, so that all of them are undone after a failure. */
#ifndef SETUP_CHANGES_H
#define SETUP_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "setup/account.h"
#include "setup/new_file.h"
#include "text/buffer.h"

struct change {
    enum { CHANGE_FOLDER, CHANGE_FILE, CHANGE_TEXT } kind;
    char *path;
    struct buffer before; /* CHANGE_TEXT: what the file held */
};

/* Zeroed at birth. */
struct changes {
    struct change *list;
    size_t count, capacity;
};

/* Makes the folder PATH, and the folders above it, that are missing.  Each new one belongs to
 * OWNER, or, if OWNER is NULL, to the owner of the folder above it.  Returns false with one line in
 * ERROR. */
bool changes_make_folder(struct changes *changes, const char *path, mode_t mode,
                         const struct account *owner, struct buffer *error);

/* Calls new_file_keep(); BEFORE is what the file holds, NULL when it is a new one. */
bool changes_keep_file(struct changes *changes, struct new_file *file, const struct buffer *before,
                       struct buffer *error);

/* Takes back all changes, the last one first, and forgets them.  Adds to LEFT the path of each that
 * could not be taken back, a line each. */
void changes_undo(struct changes *changes, struct buffer *left);

void changes_free(struct changes *changes);

#endif
