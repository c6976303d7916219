/* Keys of IAM Identity Center (SSO), for the token that "aws sso login" has put into the cache,
 * ~/.aws/sso/cache.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
 *
 * The profile has sso_account_id and sso_role_name, and either sso_session, the name of a section
 * with sso_region and sso_start_url, or both of these itself.  The token of an sso_session is
 * renewed when it is about to expire, and goes back to the cache (aws/sso_token.h). */
#ifndef AWS_SSO_H
#define AWS_SSO_H

#include "aws/session.h"

credentials_fetch sso_fetch;

#endif
