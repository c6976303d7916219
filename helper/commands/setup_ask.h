/* setup: the names of the hosts of a site, from the command line, the logs, or a person. */
#ifndef COMMANDS_SETUP_ASK_H
#define COMMANDS_SETUP_ASK_H

#include "commands/setup_look.h"
#include "config/options.h"
#include "text/buffer.h"

struct names {
    struct buffer site_domain; /* one host */
    struct buffer aliases;     /* hosts, a space between; SiteDomain is the first */
};

/* Finds the names: those of --domain, with the names of the logs; with --yes, the names of the logs
 * alone; else asks on the terminal, with the names of the logs as the answers that Enter takes.
 * Returns EXIT_DONE, or another exit status after printing one line. */
int names_find(struct names *names, const struct options *options, const struct look *look);

void names_free(struct names *names);

#endif
