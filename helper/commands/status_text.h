/* Shows a site to a person. */
#ifndef COMMANDS_STATUS_TEXT_H
#define COMMANDS_STATUS_TEXT_H

#include "commands/status_site.h"

enum { STATUS_AGE_SIZE = 32 };

/* Writes a number of seconds as hours and minutes, or as days and hours. */
const char *status_format_age(char out[STATUS_AGE_SIZE], int64_t seconds);

/* Prints the lines of a site; one that cannot be read has none.  Returns false with an error in
 * STATUS_SITE. */
bool status_print_text(struct status_site *status_site);

#endif
