/* Prints the objects that could not be read, up to a limit. */
#ifndef S3_FAILURES_H
#define S3_FAILURES_H

#include <stdbool.h>

#include "s3/request.h"

struct s3_failures {
    unsigned count;
    bool succeeded; /* set by the caller once some object was read */
};

/* Prints one line about object NAME, whose request failed with OUTCOME (a request that was stopped
 * has printed its own).  Returns whether to give up: the error is that of all objects, or 10 were
 * named. */
bool s3_failures_add(struct s3_failures *failures, const char *name,
                     const struct s3_outcome *outcome);

#endif
