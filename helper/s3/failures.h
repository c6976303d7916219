/* Objects that could not be had: named one by one, but never without end. */
#ifndef S3_FAILURES_H
#define S3_FAILURES_H

#include <stdbool.h>

#include "http/pool.h"

struct s3_failures {
    unsigned count;
    bool succeeded; /* set by the caller once some object was had */
};

/* Prints the one line about object NAME, whose request failed with OUTCOME (that of one that was
 * stopped is printed already).  Returns whether to give up: the cause is that of all objects, or 10
 * were named. */
bool s3_failures_add(struct s3_failures *failures, const char *name,
                     const struct s3_outcome *outcome);

#endif
