/* The input of the providers of credentials: the chosen profile, and whether to use the environment.
 *
 * A provider is a function that fetches keys anew each time, by the session and from files, services or
 * programs as they are at that moment.  So the same function gives the first keys and those that replace
 * them. */
#ifndef AWS_SESSION_H
#define AWS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/credentials.h"
#include "aws/profile_file.h"
#include "http/fetch_small.h"
#include "text/buffer.h"

struct aws_session {
    const struct profile *profile; /* may be one that no file has */
    bool is_environment; /* keys and roles of the environment count: no option or setting named a
                          * profile */
    /* The profile whose settings other than keys count: region, endpoints, CAs.  It is another one
     * only for the source of a role. */
    const struct profile *settings;
    const char *region;              /* that the user has given, before all settings; NULL: none */
    const struct aws_session *outer; /* whose role this session's keys are for; NULL: none */
    int64_t
        end; /* when the search for keys is over, by time_monotonic_ms(), however many services it asks */
};

/* Sets key_id, secret, token, origin, path and expires of KEYS, which is zero except that expires
 * is CREDENTIALS_NO_EXPIRY.  With CREDENTIALS_FAILED it adds one line to ERROR.  With
 * CREDENTIALS_NONE it may add why it has none, as in "AWS_ACCESS_KEY_ID is not set". */
typedef enum credentials_result credentials_fetch(const struct aws_session *session,
                                                  struct credentials *keys, struct buffer *error);

/* Returns the value of the environment variable, else of the profile's setting; NULL: neither. */
const char *session_get(const struct aws_session *session, const char *variable,
                        const char *setting);

/* Whether session_get() gives "true", in any case. */
bool session_is_true(const struct aws_session *session, const char *variable, const char *setting);

/* Sets NUMBER to the number that session_get() gives, from 1 to MAX (a larger one counts as MAX); leaves it
 * when there is none.  Returns false after adding one line to ERROR when the text is no such number. */
bool session_number(unsigned *number, const struct aws_session *session, const char *variable,
                    const char *setting, unsigned max, struct buffer *error);

/* Returns when a search for keys that begins now is over. */
int64_t session_end(void);

/* Does as fetch_small(), but the request ends when the search for keys does. */
bool session_fetch(const struct aws_session *session, struct http_message *message,
                   const struct fetch_small_limits *limits, struct fetch_small_response *response,
                   struct buffer *error);

/* Returns the region of the session: the given one, $AWS_REGION, $AWS_DEFAULT_REGION, else the
 * profile's; NULL: none. */
const char *session_region(const struct aws_session *session);

/* Returns the file with the certificates of CAs: $AWS_CA_BUNDLE, else ca_bundle; NULL: the
 * system's. */
const char *session_authorities(const struct aws_session *session);

#endif
