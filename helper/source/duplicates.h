/* Finds objects that are named twice; their records would be counted twice. */
#ifndef SOURCE_DUPLICATES_H
#define SOURCE_DUPLICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "source/kind.h"

/* The identity of an object: of a file its device and inode, because several paths and links may
 * lead to it; of any other object its name. */
struct identity {
    dev_t device;
    ino_t inode; /* 0: not a file */
    const char *name;
};

/* Returns whether all identities are different.  Sorts them.  Otherwise adds one line to ERROR,
 * which names two equal ones. */
bool duplicates_are_none(struct identity *identities, size_t count, struct buffer *error);

/* Returns the same for all objects of several sources. */
bool sources_are_apart(const struct source *sources, size_t count, struct buffer *error);

#endif
