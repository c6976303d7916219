/* AWS settings and credentials from environment variables. */
#ifndef AWS_ENVIRONMENT_H
#define AWS_ENVIRONMENT_H

#include "aws/session.h"

/* Returns the environment variable NAME, or NULL when it is not set or empty. */
const char *environment_get(const char *name);

/* Fetches the keys of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SECURITY_TOKEN or
 * AWS_SESSION_TOKEN, and AWS_CREDENTIAL_EXPIRATION (written by "aws configure export-credentials").
 * The environment of a process does not change, so nothing replaces these keys. */
credentials_fetch environment_fetch;

#endif
