/* Keys that are written down in a profile: aws_access_key_id, aws_secret_access_key and
 * aws_session_token (or aws_security_token). */
#ifndef AWS_KEYS_H
#define AWS_KEYS_H

#include "aws/session.h"

/* Fetch the keys of the profile from ~/.aws/credentials and from ~/.aws/config.  No function mixes
 * the keys of both files. */
credentials_fetch keys_fetch_credentials, keys_fetch_config;

#endif
