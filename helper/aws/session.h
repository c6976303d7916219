/* What the providers of credentials look at: the chosen profile, and whether the environment counts.
 *
 * A provider is a function that fetches keys anew each time, from what the session says and from
 * the world as it is then: files, services, programs.  So the same function gives the first keys
 * and those that replace them. */
#ifndef AWS_SESSION_H
#define AWS_SESSION_H

#include <stdbool.h>

#include "aws/credentials.h"
#include "aws/profile_file.h"
#include "text/buffer.h"

struct aws_session {
    const struct profile *profile; /* may be one that no file has */
    bool is_named;       /* the user named the profile: by option, setting or environment */
    bool is_environment; /* keys and roles of the environment count: no option or setting named a
                          * profile */
};

/* Sets key_id, secret, token, origin and expires of KEYS, which is zero except that expires is
 * CREDENTIALS_NO_EXPIRY.  With CREDENTIALS_FAILED it adds one line to ERROR.  With CREDENTIALS_NONE
 * it may add why it has none, as in "AWS_ACCESS_KEY_ID is not set". */
typedef enum credentials_result credentials_fetch(const struct aws_session *session,
                                                  struct credentials *keys, struct buffer *error);

#endif
