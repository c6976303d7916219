/* The token of an SSO login, which "aws sso login" keeps in ~/.aws/sso/cache. */
#ifndef AWS_SSO_TOKEN_H
#define AWS_SSO_TOKEN_H

#include "aws/session.h"

/* The settings of a login. */
struct sso_login {
    const char *session; /* the name of the sso-session; NULL: the profile has none */
    const char *start_url;
    const char *region;
};

/* Returns the token, which the caller frees as a secret.  Renews the token of an sso-session that
 * ends within 15 minutes, if the cache has a refresh token; if that fails, the old token counts
 * until its end.  Returns NULL after adding one line to ERROR, which says to run "aws sso
 * login". */
char *sso_token_get(const struct aws_session *session, const struct sso_login *login,
                    struct buffer *error);

/* Adds the command with which a person logs in again. */
void sso_token_add_command(struct buffer *out, const struct aws_session *session);

#endif
