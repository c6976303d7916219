/* Keys of a role, from AWS's Security Token Service.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/session.h"

/* What STS takes at least: characters of a session name and of an external ID, and seconds that keys live. */
enum { STS_TEXT_MIN = 2, STS_DURATION_MIN = 900 };

/* What is asked for; NULL: not given. */
struct sts_role {
    const char *arn;
    const char *session_name;
    const char *external_id;
    const char *duration;       /* seconds */
    const char *identity_token; /* of a web identity; then no keys sign the request */
};

/* Sets key_id, secret, token and expires of KEYS, signing with SOURCE (NULL: none).  Returns false
 * after adding one line to ERROR. */
bool sts_assume(const struct aws_session *session, const struct sts_role *role,
                const struct credentials *source, struct credentials *keys, struct buffer *error);

#endif
