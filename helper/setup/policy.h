/* The IAM policy that a site needs. */
#ifndef SETUP_POLICY_H
#define SETUP_POLICY_H

#include <stdbool.h>

#include "config/site.h"
#include "text/buffer.h"

/* Adds the smallest policy with which the site's bucket can be read, and its objects can be deleted
 * or moved if the setting after says so: JSON, which ends with a LF.  SITE's source is in a bucket.
 * Returns NULL, or an error (static) about the source or the target of the setting after. */
const char *policy_add(struct buffer *out, const struct site *site);

/* What the policy needs in addition when the bucket is encrypted with a KMS key: a constant text. */
const char *policy_note(const struct site *site);

#endif
