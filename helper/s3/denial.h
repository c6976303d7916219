/* Explains why a store denies access. */
#ifndef S3_DENIAL_H
#define S3_DENIAL_H

#include "s3/bucket.h"
#include "text/buffer.h"

/* Adds one line to OUT: what is denied, and which permission to give.  The line has the store's own
 * MESSAGE if it says more than "Access Denied".  AWS names the missing action there.  This may be
 * another one than ACTION, the permission of the request: an encrypted object needs kms:Decrypt,
 * too. https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html */
void denial_explain(struct buffer *out, const char *message, const struct s3_bucket *bucket,
                    const char *action);

#endif
