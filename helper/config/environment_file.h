/* The files with AWS_* variables beside the configuration file of the machine: cloudfront.env for all sites, and
 * cloudfront.NAME.env for one.  systemd reads them for the service of a site; the commands read them, too, when their
 * user may.  A line is NAME=VALUE, with or without quotes. */
#ifndef CONFIG_ENVIRONMENT_FILE_H
#define CONFIG_ENVIRONMENT_FILE_H

#include "text/buffer.h"

/* Adds the variables of the site to LIST as lines NAME=VALUE, those of its own file last.  CONFIG is the configuration
 * file in use: another one than that of the machine has no such files. */
void environment_file_add(struct buffer *list, const char *config, const char *site);

/* Sets the variables of the site in this process, except those that are set.  For a process with one thread. */
void environment_file_take(const char *config, const char *site);

/* Returns the first of the two files that is there, but closed to this user; NULL: none.  The caller frees it. */
char *environment_file_find_closed(const char *config, const char *site);

#endif
