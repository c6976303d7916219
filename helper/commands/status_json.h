/* Shows a site to a program: a JSON object.  The manual has its members; a member keeps its name and
 * meaning as long as STATUS_SCHEMA keeps its number. */
#ifndef COMMANDS_STATUS_JSON_H
#define COMMANDS_STATUS_JSON_H

#include "commands/status_site.h"

enum { STATUS_SCHEMA = 1 };

/* Prints the object of a site, also of one that cannot be read.  Returns false with an error in
 * STATUS_SITE. */
bool status_print_json(struct status_site *status_site);

#endif
