/* Objects that several sources of one run name. */
#ifndef COMMANDS_DOUBLES_H
#define COMMANDS_DOUBLES_H

#include <stdbool.h>
#include <stddef.h>

#include "source/source.h"

/* Whether no object is named twice, which would count its records twice: a file may be reached by
 * several paths and links.  False after printing one line. */
bool doubles_are_none(const struct source *sources, size_t count);

#endif
