/* Finds files that have several names. */
#ifndef SOURCE_DUPLICATES_H
#define SOURCE_DUPLICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "source/kind.h"

/* The identity of an object: device and inode of a file, to which several paths and links may lead;
 * the name of any other object. */
struct identity {
    dev_t device;
    ino_t inode; /* 0: not a file */
    const char *name;
    size_t source; /* the number of the source that lists it */
};

/* Returns whether two of the identities are of one object.  Sorts them. */
bool duplicates_exist(struct identity *identities, size_t count);

/* Returns whether no object is in two of the sources.  Else the user has named sources by mistake:
 * adds one line to ERROR, which has both names of the object.  One source may list a file under
 * several names. */
bool sources_are_apart(const struct source *sources, size_t count, struct buffer *error);

/* Returns whether two paths lead to one file. */
bool files_are_one(const char *path, const char *other);

#endif
