/* The pages that lead to others. */
#ifndef REPORT_INDEX_H
#define REPORT_INDEX_H

#include <stdbool.h>

#include "report/made.h"
#include "text/buffer.h"

#define INDEX_NAME "index.html"

/* Returns the name of a site's folder; the caller frees it.  Bytes that are not plain in a path or a URL are
 * percent-encoded, and the first byte of a name that has another meaning in the folder of all sites. */
char *index_folder_name(const char *site);

/* Returns whether the folder, PATH, may get an index.html: it has none, or one that this program has written.  Else
 * adds one line to ERROR. */
bool index_may_write(int folder, const char *path, struct buffer *error);

/* Writes the index of a site's months, unless it is there already.  Returns false with errno set. */
bool index_write_site(const struct made *made, int folder);

/* Writes the index of all sites that have a report below the folder, in the same way. */
bool index_write_all(int folder);

#endif
