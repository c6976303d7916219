/* The sites of the configuration file, for the commands that work on all of them. */
#ifndef COMMANDS_ALL_SITES_H
#define COMMANDS_ALL_SITES_H

#include <stddef.h>

#include "config/options.h"

/* Returns the names of all sites of the configuration file, and their number in COUNT; the caller frees the names by
 * site_file_free_names().  Returns NULL after printing one line. */
char **all_sites_read(const struct options *options, size_t *count);

#endif
