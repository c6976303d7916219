/* The regions in which S3 has found buckets in earlier runs, as a text of lines:
 *
 *     REGION BUCKET          at AWS, in the partition of REGION
 *     REGION BUCKET URL      at an endpoint
 *
 * Each bucket has one line.  Its region holds only there: another store, or another partition, has other regions. */
#ifndef S3_KNOWN_REGIONS_H
#define S3_KNOWN_REGIONS_H

#include "text/buffer.h"

/* Returns the region of BUCKET at the endpoint URL (NULL: at AWS, in the partition of the region CONFIGURED), or NULL if
 * TEXT, which may be NULL, does not tell.  The caller frees the region. */
char *known_regions_find(const char *text, const char *bucket, const char *url,
                         const char *configured);

/* Adds the line of BUCKET, unless TEXT has one. */
void known_regions_add(struct buffer *text, const char *region, const char *bucket,
                       const char *url);

/* Adds to TEXT the lines of OLD, which may be NULL, about buckets that have no line in TEXT. */
void known_regions_keep(struct buffer *text, const char *old);

#endif
