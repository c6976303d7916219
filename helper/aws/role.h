/* Fetches the keys of a role that a profile names: role_arn, with source_profile or
 * credential_source.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html */
#ifndef AWS_ROLE_H
#define AWS_ROLE_H

#include "aws/session.h"

/* Also obeys the profile's external_id, role_session_name and duration_seconds.  Has no keys of a
 * profile with web_identity_token_file: aws/web_identity.h has. */
credentials_fetch role_fetch;

#endif
