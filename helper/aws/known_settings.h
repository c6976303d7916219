/* The settings of the AWS tools: this program obeys, passes over, or refuses each.
 *
 * If the program cannot follow a setting, and a user would miss its effect, the setting is an error
 * with its name: a user who writes a setting relies on it.  aws/known_settings.def has the list,
 * and the manual describes it. https://docs.aws.amazon.com/cli/latest/topic/s3-config.html
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html */
#ifndef AWS_KNOWN_SETTINGS_H
#define AWS_KNOWN_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/profile_file.h"
#include "text/buffer.h"

/* Returns whether the program can work with the settings of PROFILE and with the variables; else
 * adds one line to ERROR, with the file and the line of the setting, or with the variable.  A
 * setting of S3 that is not in the list has no effect in AWS's tools; -v names it. */
bool known_settings_check(const struct profile *profile, struct buffer *error);

/* Returns a number that known_settings_check() has accepted: a count, or bytes, or bytes a second;
 * 0 when the setting is not given.  BELOW and NAME are those of the list.  The variable replaces
 * the setting. */
uint64_t known_settings_number(const struct profile *profile, const char *below, const char *name);

#endif
