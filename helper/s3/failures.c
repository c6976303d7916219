#include "s3/failures.h"

#include "text/message.h"

enum { NAMED_MAX = 10 };

bool s3_failures_add(struct s3_failures *failures, const char *name,
                     const struct s3_outcome *outcome)
{
    if (outcome->result == S3_FAILED)
        message_error(
            "%s: %s%s", name, outcome->error,
            outcome->reason == S3_GONE || outcome->reason == S3_CHANGED ? "; run this again" : "");
    /* If an object fails before any was read, the bucket is likely to refuse all of them. */
    return ++failures->count >= NAMED_MAX || outcome->result == S3_STOPPED || outcome->everywhere ||
           !failures->succeeded;
}
