/* Finds this program, and the files that are installed with it. */
#ifndef SETUP_SHIPPED_H
#define SETUP_SHIPPED_H

#include <limits.h>
#include <stdbool.h>

#include "text/buffer.h"

/* Stores the path of the program that is running; false when the system does not tell. */
bool shipped_program(char path[PATH_MAX]);

/* Stores the path of the AWStats configuration NAME, such as cloudfront-download.conf: of the folder
 * awstats-conf beside the program, where a build has it, or of share/awstats-cloudfront of the
 * installation.  Returns false with one line in ERROR. */
bool shipped_find(char path[PATH_MAX], const char *name, struct buffer *error);

#endif
