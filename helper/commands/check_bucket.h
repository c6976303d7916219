/* check: a source in S3. */
#ifndef COMMANDS_CHECK_BUCKET_H
#define COMMANDS_CHECK_BUCKET_H

#include "commands/check_step.h"

/* Tries the source URI, s3://BUCKET/PREFIX: its credentials, region, listing, newest objects, and
 * the clock. */
void check_bucket(struct check *check, const char *uri, const struct site *site);

#endif
