/* check: AWStats, the plugin, and the AWStats configuration of a site. */
#ifndef COMMANDS_CHECK_AWSTATS_H
#define COMMANDS_CHECK_AWSTATS_H

#include "awstats/find.h"
#include "commands/check_step.h"
#include "config/options.h"

/* Takes the awstats.pl at the path GIVEN, or finds it as update does, when that is NULL; its path is
 * "" when there is none. */
void check_find_awstats(const char *given, struct awstats *awstats);

/* Prints which AWStats was found, or GIVEN, and tries whether the plugin loads. */
void check_awstats(struct check *check, const char *given, const struct awstats *awstats);

/* Tries the AWStats configuration of the site: its hosts, compared with those of the logs that
 * CHECK has seen, and who may write its figures. */
void check_awstats_site(struct check *check, const struct options *options, const struct site *site,
                        const struct awstats *awstats);

#endif
