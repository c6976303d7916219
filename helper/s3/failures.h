/* Prints the objects that could not be read, up to a limit. */
#ifndef S3_FAILURES_H
#define S3_FAILURES_H

#include <stdbool.h>

#include "s3/request.h"

struct s3_failures {
    unsigned count;
    bool succeeded; /* set by the caller once some object was read */
};

/* Prints one line about object NAME, whose request has the OUTCOME S3_FAILED.  Prints nothing after
 * S3_STOPPED: the request has printed its error.  Returns whether to give up: the error concerns
 * all objects, or 10 objects have failed. */
bool s3_failures_add(struct s3_failures *failures, const char *name,
                     const struct s3_outcome *outcome);

#endif
