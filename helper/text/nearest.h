/* Finds the name that a mistyped word most likely means. */
#ifndef TEXT_NEAREST_H
#define TEXT_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *word; /* set by the caller; all else is zero at first */
    const char *name; /* the nearest of the names so far; NULL: none is near */
    size_t distance;  /* letters that are added, left out, replaced or swapped */
};

/* Compares NAME with the word.  A name is near if its distance is at most 1 for a word of up to 3
 * bytes, 2 for up to 7, and 3 for a longer one.  Of equally near names, the first one stays.  Upper
 * and lower case are the same.  A word of more than 64 bytes has no near name.  NAME must last as
 * long as the result is used. */
void nearest_try(struct nearest *nearest, const char *name);

#endif
