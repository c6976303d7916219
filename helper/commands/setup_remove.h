/* setup --remove: takes back what setup has made for a site. */
#ifndef COMMANDS_SETUP_REMOVE_H
#define COMMANDS_SETUP_REMOVE_H

#include "commands/setup_site.h"

/* Removes the files that nobody has changed, the section, the timer and empty folders; prints a line
 * for each, and for what it leaves.  With dry_run of the options, prints only.  Returns an exit
 * status, after printing one line when it has failed. */
int setup_remove(const struct setup_site *setup);

#endif
