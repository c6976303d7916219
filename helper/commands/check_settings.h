/* The settings of an AWStats configuration without which awstats.pl does not count a site, or counts it wrongly. */
#ifndef COMMANDS_CHECK_SETTINGS_H
#define COMMANDS_CHECK_SETTINGS_H

#include "awstats/config.h"
#include "commands/check_step.h"

/* Checks Include, LogFile, LogFormat, LogSeparator, LogType, LoadPlugin and PurgeLogFile: a line for each setting that
 * is not right, with file and line, or one for all. */
void check_settings(struct check *check, const char *site, const struct awstats_config *config);

#endif
