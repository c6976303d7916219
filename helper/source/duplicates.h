/* Objects that are named twice: their records would be counted twice. */
#ifndef SOURCE_DUPLICATES_H
#define SOURCE_DUPLICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "source/kind.h"

/* What tells an object from all others: a file by its device and inode, because several paths and
 * links may lead to it; any other object by its name. */
struct identity {
    dev_t device;
    ino_t inode; /* 0: not a file */
    const char *name;
};

/* Whether no two of the identities are of one object.  Sorts them.  False with one line in ERROR,
 * which names the two. */
bool duplicates_are_none(struct identity *identities, size_t count, struct buffer *error);

/* The same for all objects of several sources. */
bool sources_are_apart(const struct source *sources, size_t count, struct buffer *error);

#endif
