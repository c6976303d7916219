/* AWS settings and credentials from environment variables. */
#ifndef AWS_ENVIRONMENT_H
#define AWS_ENVIRONMENT_H

#include "aws/credentials.h"

/* Returns the environment variable NAME, or NULL when it is not set or empty. */
const char *environment_get(const char *name);

/* Keys of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_CREDENTIAL_EXPIRATION
 * (written by "aws configure export-credentials").  A process's environment does not change, so
 * these keys cannot be replaced.  The source has no state. */
extern const struct credentials_source environment_source;

#endif
