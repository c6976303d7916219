/* Fetches keys from IAM Identity Center (SSO), with the token that "aws sso login" has put into the
 * cache, ~/.aws/sso/cache.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
 *
 * The profile has sso_account_id and sso_role_name.  It also has either sso_session, the name of a
 * section with sso_region and sso_start_url, or these two settings itself.  The program renews the
 * token of an sso_session when it is about to expire, and writes the new token into the cache
 * (aws/sso_token.h). */
#ifndef AWS_SSO_H
#define AWS_SSO_H

#include "aws/session.h"

credentials_fetch sso_fetch;

#endif
