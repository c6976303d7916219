/* The command line.  The table of commands, one of options and that of settings give the parser,
 * --help and the manual's lists, so that they cannot drift apart. */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/site.h"
#include "text/buffer.h"

enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1, /* nothing was written, or nothing was committed */
    EXIT_USAGE = 2,
    EXIT_RUNNING = 3,     /* another run holds this site or directory */
    EXIT_QUARANTINED = 4, /* status: objects are quarantined */
};

/* Objects at once over the network: the most, and the default. */
#define OPTIONS_TRANSFERS_MAX 64

struct options {
    const struct command *command;
    const char *config;         /* the INI file; SITE_CONFIG_DEFAULT unless --config */
    const char *to;             /* fetch: the directory */
    unsigned transfers;         /* objects at once over the network, 1 to OPTIONS_TRANSFERS_MAX */
    unsigned wait;              /* seconds to wait for another run of the site */
    bool full;                  /* cat: list the whole source */
    bool json;                  /* status: as JSON */
    const char *batch;          /* commit: the batch's ID, NULL when not given */
    const char *previous;       /* commit: what the history has, an ID or "-"; NULL */
    bool site_given;            /* --site: site.name and all of its section are set */
    struct site site;           /* settings from --site's section and the options */
    struct buffer site_problem; /* what reading --site said, for a command with says_site_problem */
    char **sources;             /* operands; points into argv */
    size_t source_count;
};

struct command {
    const char *name;
    const char *synopsis;               /* what follows the name */
    const char *help;                   /* one line */
    int (*run)(const struct options *); /* returns the exit status */
    bool says_site_problem;             /* it runs even when --site cannot be read */
};

/* Parses the command line; COMMANDS ends with a NULL name.  Returns -1 to go on and run
 * options->command, or an exit status when all is done (--help, --version) or the line is wrong
 * (one line was printed). */
int options_parse(struct options *options, const struct command *commands, int argc, char **argv);
void options_free(struct options *options);

#endif
