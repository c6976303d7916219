/* The icons of AWStats' pages. */
#ifndef REPORT_ICONS_H
#define REPORT_ICONS_H

#include <stdbool.h>

#include "awstats/find.h"

#define ICONS_FOLDER "icon"

/* Copies AWStats' icons into the open folder of the report, unless it has them.  *FOUND: whether there are any.
 * Returns false with errno set when they cannot be copied. */
bool icons_copy(const struct awstats *awstats, int folder, bool *found);

#endif
