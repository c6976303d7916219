/* check: a source of any kind. */
#ifndef COMMANDS_CHECK_SOURCE_H
#define COMMANDS_CHECK_SOURCE_H

#include "commands/check_step.h"

/* Tries the source, or the sources (config/sources.h), URI with the settings of SITE: that it can be read, and what its
 * newest logs hold. */
void check_source(struct check *check, const char *uri, const struct site *site);

#endif
