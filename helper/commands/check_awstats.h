/* check: AWStats, the plugin, and the AWStats configuration of a site. */
#ifndef COMMANDS_CHECK_AWSTATS_H
#define COMMANDS_CHECK_AWSTATS_H

#include "awstats/find.h"
#include "commands/check_step.h"
#include "config/options.h"

/* Finds awstats.pl, or takes the one that the options name; its path is "" when there is none. */
void check_find_awstats(const struct options *options, struct awstats *awstats);

/* Prints which AWStats was found, and tries whether the plugin loads. */
void check_awstats(struct check *check, const struct options *options,
                   const struct awstats *awstats);

/* Tries the AWStats configuration of the site: its hosts, compared with those of the logs that
 * CHECK has seen, and who may write its figures. */
void check_awstats_site(struct check *check, const struct options *options, const struct site *site,
                        const struct awstats *awstats);

#endif
