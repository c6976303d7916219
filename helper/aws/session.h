/* The input of the providers of credentials: the chosen profile, and whether to use the
 * environment.
 *
 * A provider is a function that fetches keys anew each time, from files, services or programs as
 * they are at that moment.  So the same function fetches the first keys and the keys that replace
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
    const struct profile *profile; /* may be a profile that no file has */
    /* Keys and roles of the environment count: no option or setting names a profile. */
    bool is_environment;
    /* The profile of all settings that are no keys: region, endpoints, CAs.  It differs from the
     * profile above only for the source of a role. */
    const struct profile *settings;
    const char *region;              /* the user's, which replaces all settings; NULL: none */
    const struct aws_session *outer; /* assumes a role with this session's keys; NULL: none */
    int64_t end; /* when the search for keys, with all its services, ends; by time_monotonic_ms() */
};

/* Sets all members of KEYS except the generation.  KEYS is zero, except that expires is
 * CREDENTIALS_NO_EXPIRY.  Adds one line to ERROR with CREDENTIALS_FAILED.  With CREDENTIALS_NONE,
 * may add why there are no keys, as in "AWS_ACCESS_KEY_ID is not set". */
typedef enum credentials_result credentials_fetch(const struct aws_session *session,
                                                  struct credentials *keys, struct buffer *error);

/* Returns the value of the environment variable, else of the profile's setting; NULL: neither. */
const char *session_get(const struct aws_session *session, const char *variable,
                        const char *setting);

/* Returns whether session_get() gives "true", in any case. */
bool session_is_true(const struct aws_session *session, const char *variable, const char *setting);

/* Sets NUMBER to the number that session_get() gives, from 1 to MAX; a larger one counts as MAX.
 * Leaves NUMBER as it is if the setting is not given.  Returns false after adding one line to ERROR
 * if the text is no such number. */
bool session_number(unsigned *number, const struct aws_session *session, const char *variable,
                    const char *setting, unsigned max, struct buffer *error);

/* Returns when a search for keys that begins now must end, by time_monotonic_ms(). */
int64_t session_end(void);

/* Calls fetch_small() with the time that is left for the search for keys. */
bool session_fetch(const struct aws_session *session, struct http_message *message,
                   const struct fetch_small_limits *limits, struct fetch_small_response *response,
                   struct buffer *error);

/* Returns the region of the session: the given one, $AWS_REGION, $AWS_DEFAULT_REGION, else the
 * profile's; NULL: none. */
const char *session_region(const struct aws_session *session);

/* Returns false after adding one line to ERROR, which names the place, if that region is no region's name. */
bool session_check_region(const struct aws_session *session, struct buffer *error);

#endif
