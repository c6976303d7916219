/* The command line.  One table of commands and one of options give the parser, --help and the
 * manual's OPTIONS section, so that they cannot drift apart. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/site.h"

struct options {
    const struct command *command;
    const char *config; /* the INI file; SITE_CONFIG_DEFAULT unless --config */
    const char *to;     /* fetch: the directory */
    unsigned transfers; /* objects at once over the network, 1 to 64 */
    bool site_given;    /* --site: site.name and all of its section are set */
    struct site site;   /* settings from --site's section and the options */
    char **sources;     /* operands; points into argv */
    size_t source_count;
};

struct command {
    const char *name;
    const char *synopsis; /* what follows the name */
    const char *help;     /* one line */
    int (*run)(const struct options *);
};
extern const struct command commands[]; /* ends with a NULL name */

/* Parses the command line.  Returns -1 to go on and run options->command, or an exit status when
 * all is done (--help, --version) or the line is wrong (one line was printed). */
int options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);

#endif
