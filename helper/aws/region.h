/* The names of regions. */
#ifndef AWS_REGION_H
#define AWS_REGION_H

#include <stdbool.h>
#include <stddef.h>

enum { REGION_SIZE = 64 }; /* bytes of a region's name and its NUL */

/* Returns whether TEXT can be a region's name, which is a part of the host's name and the
 * signature: letters, digits, dashes and, in the regions of other stores, underscores. */
bool region_is_name(const char *text);

/* Sets PLAIN to the first of SIZE bytes of REGION that are left without "fips-" in front and
 * "-fips" at the end.  Returns whether REGION had one of them, which asks for the FIPS endpoint of
 * the region. */
bool region_strip_fips(const char **plain, size_t *size, const char *region);

#endif
