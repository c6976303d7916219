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

/* A line of a configuration, or of a file that it includes. */
struct awstats_place {
    char path[PATH_MAX];
    unsigned line; /* from 1; 0: the whole file */
};

/* Adds PATH:LINE, or only PATH when the place is the whole file. */
void awstats_place_add(struct buffer *out, const struct awstats_place *place);

/* How deep files may include each other. */
enum { AWSTATS_INCLUDES_MAX = 10 };

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

/* Returns CONFIG's name as the names of its history files have it, awstatsMMYYYY.NAME.txt: "" for awstats.conf, whose
 * files are awstatsMMYYYY.txt. */
const char *awstats_config_history(const struct awstats_config *config);

/* What the setting LogFile of a configuration reads. */
enum awstats_log {
    AWSTATS_LOG_SITE, /* site:SITE */
    AWSTATS_LOG_PIPE, /* a pipe from cat of the site */
    AWSTATS_LOG_OTHER /* anything else, or nothing */
};

/* Returns what LogFile of the configuration reads, if SITE is the site. */
enum awstats_log awstats_config_log(const struct awstats_config *config, const char *site);

/* Whether the plugin counts, by FORMAT, the value of LogFormat.  NULL: there is no LogFormat. */
bool awstats_config_is_plugin_format(const char *format);

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

/* Does the same, and stores the line of the value in *PLACE, or the whole configuration when there is no value. */
char *awstats_config_get_place(const struct awstats_config *config, const char *name,
                               struct awstats_place *place);

/* Calls VISIT with the name and the value of each setting in a configuration, its includes too, in the order in which
 * awstats.pl reads them. */
typedef void awstats_visit_setting(void *user, const char *name, const char *value);
void awstats_config_visit(const struct awstats_config *config, awstats_visit_setting *visit,
                          void *user);

/* Whether awstats.pl can be told to use the configuration at PATH; else adds one line to ERROR.  It removes
 * some characters from the names that it is given. */
bool awstats_config_takes_path(const char *path, struct buffer *error);

/* Whether a value of LoadPlugin, such as "plugins/NAME.pm PARAMETER", names a plugin. */
bool awstats_config_names_plugin(const char *value, const char *plugin);

/* Whether the configuration, or a file that it includes, has a line LoadPlugin for a plugin. */
bool awstats_config_loads(const struct awstats_config *config, const char *plugin);

/* Whether the configuration, or a file that it includes, has such a line LoadPlugin as a comment.  Stores the place of
 * the last one. */
bool awstats_config_has_comment(const struct awstats_config *config, const char *plugin,
                                struct awstats_place *place);

/* Returns the path of the first included file that cannot be opened, and stores the line that includes the file.
 * awstats.pl refuses such a configuration.  The caller frees the text; NULL: there is no such file. */
char *awstats_config_missing(const struct awstats_config *config, struct awstats_place *place);

#endif
