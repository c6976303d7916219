/* The part of check that tries the clean-up of a site. */
#ifndef COMMANDS_CHECK_CLEAN_UP_H
#define COMMANDS_CHECK_CLEAN_UP_H

#include "commands/check_step.h"
#include "config/site.h"

/* Prints whether counted objects of the source URI can be deleted or moved, as the site's setting
 * `after` says; nothing with "keep". */
void check_clean_up(struct check *check, const char *uri, const struct site *site);

/* Warns of each other site of the file CONFIG that reads the same objects, if one of both deletes or moves them. */
void check_clean_up_of_others(const struct site *site, const char *config);

#endif
