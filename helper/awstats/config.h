/* Finds the configuration that AWStats has for a site of this program: awstats.NAME.conf. */
#ifndef AWSTATS_CONFIG_H
#define AWSTATS_CONFIG_H

#include <limits.h>
#include <stdbool.h>

#include "text/buffer.h"

struct awstats_config {
    char path[PATH_MAX];      /* the file */
    char directory[PATH_MAX]; /* awstats.pl -configdir */
    char name[NAME_MAX + 1];  /* awstats.pl -config */
};

/* Finds the configuration NAME where the awstats.pl at PROGRAM looks.  Returns false, with one line
 * in ERROR, when there is none. */
bool awstats_config_find(struct awstats_config *config, const char *program, const char *name,
                         struct buffer *error);

/* Finds the one configuration whose LogFile is "site:SITE".  Returns false, with one line in ERROR,
 * when there is none, or more than one. */
bool awstats_config_find_site(struct awstats_config *config, const char *program, const char *site,
                              struct buffer *error);

/* Does the same for the one configuration whose LogFile is a pipe from cat of the site. */
bool awstats_config_find_pipe(struct awstats_config *config, const char *program, const char *site,
                              struct buffer *error);

/* Whether the configuration's AWStats reads a pipe, and counts without the plugin. */
bool awstats_config_is_pipe(const struct awstats_config *config);

/* Returns the folder where a new configuration belongs, a constant text: the first one of those where
 * awstats.pl looks that is there, without the folder of awstats.pl itself. */
const char *awstats_config_new_directory(void);

/* Finds the configuration that counts SITE: GIVEN is a NAME or the path of an awstats.NAME.conf; NULL: the
 * one with the site's name, when its LogFile is "site:SITE", else as awstats_config_find_site(). */
bool awstats_config_choose(struct awstats_config *config, const char *program, const char *given,
                           const char *site, struct buffer *error);

/* Returns the value of a setting in a configuration, its includes too, as awstats.pl reads it; the
 * last one counts.  NAME is the beginning of the setting's name.  The caller frees the text; NULL:
 * the file does not set it, or cannot be read. */
char *awstats_config_get(const struct awstats_config *config, const char *name);

/* Whether awstats.pl can be told to use the configuration at PATH; else adds one line to ERROR.  It removes
 * some characters from the names that it is given. */
bool awstats_config_takes_path(const char *path, struct buffer *error);

/* Whether the configuration, or a file that it includes, has a line LoadPlugin for a plugin. */
bool awstats_config_loads(const struct awstats_config *config, const char *plugin);

#endif
