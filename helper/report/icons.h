/* The icons of AWStats' pages. */
#ifndef REPORT_ICONS_H
#define REPORT_ICONS_H

#include <stdbool.h>

#include "awstats/find.h"
#include "text/buffer.h"

#define ICONS_FOLDER "icon"

/* Copies AWStats' icons into the folder of the report, PATH, unless it has them.  *FOUND: whether there are any.
 * Returns false, with one line in ERROR, when they cannot be copied. */
bool icons_copy(const struct awstats *awstats, int folder, const char *path, bool *found,
                struct buffer *error);

#endif
