/* Makes the command lines of this program that messages advise to run. */
#ifndef CONFIG_SITE_COMMAND_H
#define CONFIG_SITE_COMMAND_H

#include "config/site.h"
#include "text/buffer.h"

/* Adds a command line of this program for SITE to LINE, for a shell:
 *
 *     awstats-cloudfront COMMAND [--config=FILE] --site=NAME [OPTION VALUE]
 *
 * COMMAND may have options of its own, such as "plan --abandon".  FILE is left out when it is the default.  OPTION
 * is such as "--batch=", and is left out with VALUE when that is NULL. */
void site_command_add(struct buffer *line, const struct site *site, const char *command,
                      const char *option, const char *value);

/* Does the same for the site NAME of the configuration file CONFIG, whose settings are not read. */
void site_command_add_named(struct buffer *line, const char *config, const char *name,
                            const char *command);

/* Returns the same command line without OPTION and VALUE in a new text, which the caller frees. */
char *site_command(const struct site *site, const char *command) __attribute__((returns_nonnull));

#endif
