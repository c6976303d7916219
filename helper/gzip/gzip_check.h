/* Checks whether an object's gzip data is complete: it inflates, the checksum and length after
 * each member match, and it does not end early.  An object that does not begin like gzip data
 * is not checked. */
#ifndef GZIP_GZIP_CHECK_H
#define GZIP_GZIP_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "gzip/inflate.h"

/* Zeroed at birth. */
struct gzip_check {
    struct inflate *inflate; /* made with the first gzip data; owned */
    unsigned char first;     /* byte of an object, until the second one tells the format */
    bool has_first;
    enum { GZIP_CHECK_UNKNOWN, GZIP_CHECK_PLAIN, GZIP_CHECK_GZIP } format;
    const char *error; /* NULL: none so far */
};

void gzip_check_begin(struct gzip_check *check); /* the next bytes begin an object */
void gzip_check_add(struct gzip_check *check, const void *data, size_t size); /* below 2 GiB */

/* Ends the object.  Returns NULL, or the error in its gzip data: a constant text. */
const char *gzip_check_end(const struct gzip_check *check);

void gzip_check_free(struct gzip_check *check);

#endif
