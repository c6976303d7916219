/* setup: the site to set up, and the parts of it that exist already. */
#ifndef COMMANDS_SETUP_SITE_H
#define COMMANDS_SETUP_SITE_H

#include <stdbool.h>

#include "awstats/find.h"
#include "config/options.h"
#include "config/site.h"
#include "setup/place.h"
#include "text/buffer.h"

/* Zeroed at birth. */
struct setup_site {
    const struct options *options;
    const char *name;
    struct site site;       /* the section that is there, or the one to be written */
    struct buffer settings; /* the lines "NAME = VALUE" of the section to be written */
    bool has_section;       /* it is there */
    bool has_report;        /* place.report is there, and reads the site */
    struct buffer config;   /* the text of the configuration file */
    bool has_config;        /* there is such a file */
    struct place place;
    struct awstats awstats; /* its program is "" when there is none */
};

/* Reads the configuration file, and the section NAME if there is one; else makes the section of
 * SOURCE, which may be NULL, and the options.  Returns EXIT_DONE, or another exit status after
 * printing one line. */
int setup_site_read(struct setup_site *setup, const struct options *options, const char *name,
                    const char *source);

/* Finds where the files are or belong, and whose they are.  Returns the same. */
int setup_site_find(struct setup_site *setup);

void setup_site_free(struct setup_site *setup);

#endif
