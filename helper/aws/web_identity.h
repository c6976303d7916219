/* Fetches keys of a role for the token of another identity provider: of a pod of EKS, a job of a CI
 * service. https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html
 *
 * The settings are AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME, or the
 * profile's web_identity_token_file, role_arn and role_session_name.  A variable has priority over
 * the setting of the profile. */
#ifndef AWS_WEB_IDENTITY_H
#define AWS_WEB_IDENTITY_H

#include "aws/session.h"

credentials_fetch web_identity_fetch;

#endif
