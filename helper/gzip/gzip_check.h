/* Follows an object's bytes, and tells whether gzip data among them is whole: that it inflates,
 * that the checksum and length behind each member fit, and that it does not end early.  Bytes that
 * do not begin like gzip data are not looked at. */
#ifndef GZIP_GZIP_CHECK_H
#define GZIP_GZIP_CHECK_H

#include <stddef.h>

#include "gzip/inflate.h"

/* Zeroed at birth. */
struct gzip_check {
    struct inflate *inflate; /* made with the first gzip data; owned */
    unsigned char magic[2];  /* the first bytes, until there are enough to tell */
    size_t magic_size;
    enum { GZIP_CHECK_UNKNOWN, GZIP_CHECK_PLAIN, GZIP_CHECK_GZIP } format;
    const char *problem; /* NULL: none so far */
};

void gzip_check_begin(struct gzip_check *check); /* the next bytes begin an object */
void gzip_check_add(struct gzip_check *check, const void *data, size_t size); /* below 2 GiB */

/* The object has ended.  NULL, or what is wrong with its gzip data (static). */
const char *gzip_check_end(const struct gzip_check *check);

void gzip_check_free(struct gzip_check *check);

#endif
