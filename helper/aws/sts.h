/* Fetches keys of a role from AWS's Security Token Service.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/session.h"

enum {
    STS_TEXT_MIN = 2,       /* characters of a session name and of an external ID */
    STS_DURATION_MIN = 900, /* seconds that keys live */
};

/* The parameters of the request; NULL: not given. */
struct sts_role {
    const char *arn;
    const char *session_name;
    const char *external_id;
    const char *duration;       /* seconds */
    const char *identity_token; /* of a web identity; then no keys sign the request */
};

/* Sets key_id, secret, token and expires of KEYS.  Signs the request with SOURCE, unless it is
 * NULL.  Returns false after adding one line to ERROR. */
bool sts_assume(const struct aws_session *session, const struct sts_role *role,
                const struct credentials *source, struct credentials *keys, struct buffer *error);

#endif
