/* Checks the settings of an AWStats configuration without which awstats.pl does not count a site, or miscounts it. */
#ifndef COMMANDS_CHECK_SETTINGS_H
#define COMMANDS_CHECK_SETTINGS_H

#include "awstats/config.h"
#include "commands/check_step.h"

/* Checks Include, LogFile, LogFormat, LogSeparator, LogType, LoadPlugin, PurgeLogFile and DatabaseBreak.
 * Prints a step for each setting that is not right, with file and line, or one step that says that all are right. */
void check_settings(struct check *check, const char *site, const struct awstats_config *config);

#endif
