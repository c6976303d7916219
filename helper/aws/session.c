#include "aws/session.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/environment.h"
#include "aws/region.h"
#include "http/wait.h"
#include "text/time.h"

enum { LEAST_MS = 1000 }; /* no request begins with less time */

const char *session_get(const struct aws_session *session, const char *variable,
                        const char *setting)
{
    const char *value = environment_get(variable);
    return value ? value : profile_get(session->settings, setting);
}

bool session_is_true(const struct aws_session *session, const char *variable, const char *setting)
{
    const char *value = session_get(session, variable, setting);
    return value && !strcasecmp(value, "true");
}

bool session_number(unsigned *number, const struct aws_session *session, const char *variable,
                    const char *setting, unsigned max, struct buffer *error)
{
    const char *text = session_get(session, variable, setting);
    if (!text)
        return true;
    unsigned long given = strtoul(text, NULL, 10);
    if (strspn(text, "0123456789") != strlen(text) || !given) {
        buffer_printf(error, "%s must be a whole number from 1 on; correct it, or %s", setting,
                      variable);
        return false;
    }
    *number = given > max ? max : (unsigned)given;
    return true;
}

int64_t session_end(void)
{
    return time_monotonic_ms() + HTTP_WAIT_MAX_MS;
}

bool session_fetch(const struct aws_session *session, struct http_message *message,
                   const struct fetch_small_limits *limits, struct fetch_small_response *response,
                   struct buffer *error)
{
    int64_t left = session->end - time_monotonic_ms();
    struct fetch_small_limits lower = *limits;
    if (left < LEAST_MS) {
        buffer_printf(error,
                      "the search for credentials may take %d s, and they are over; check the "
                      "services and programs before this one, or run the command again later",
                      HTTP_WAIT_MAX_MS / 1000);
        http_free_message(message);
        return false;
    }
    lower.connect_ms = lower.connect_ms < left ? lower.connect_ms : (long)left;
    lower.all_ms = (long)left;
    return fetch_small(message, &lower, response, error);
}

const char *session_region(const struct aws_session *session)
{
    if (session->region)
        return session->region;
    const char *region = environment_get("AWS_REGION");
    return region ? region : session_get(session, "AWS_DEFAULT_REGION", "region");
}

bool session_check_region(const struct aws_session *session, struct buffer *error)
{
    static const char *const variables[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
    const char *region = session_region(session);
    size_t i = 0;
    if (session->region || !region || region_is_name(region))
        return true;
    while (i < 2 && !environment_get(variables[i]))
        i++;
    if (i < 2) {
        buffer_printf(error, "%s=%s", variables[i], region);
    } else {
        profile_add_place(error, session->settings, NULL, "region");
        buffer_add_text(error, ": region");
        if (strchr(region, '\n')) {
            buffer_add_text(error, ": the line below is indented, so it belongs to the value; "
                                   "remove the blanks at its beginning");
            return false;
        }
        buffer_printf(error, " = %s", region);
    }
    buffer_add_text(error,
                    ": must be a region's name such as eu-west-1, without quotes; correct it");
    return false;
}
