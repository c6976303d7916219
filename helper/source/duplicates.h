/* Objects that several sources of one run name. */
#ifndef SOURCE_DUPLICATES_H
#define SOURCE_DUPLICATES_H

#include <stdbool.h>
#include <stddef.h>

#include "source/kind.h"

/* Whether no object is named twice, which would count its records twice: a file may be reached by
 * several paths and links.  False after printing one line. */
bool doubles_are_none(const struct source *sources, size_t count);

#endif
