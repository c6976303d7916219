#include "aws/session.h"

#include <stdlib.h>
#include <strings.h>

#include "aws/environment.h"

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

unsigned session_number(const struct aws_session *session, const char *variable,
                        const char *setting, unsigned max, unsigned otherwise)
{
    const char *text = session_get(session, variable, setting);
    char *end;
    unsigned long number = text ? strtoul(text, &end, 10) : 0;
    if (!text || *end || !number)
        return otherwise;
    return number > max ? max : (unsigned)number;
}

const char *session_region(const struct aws_session *session)
{
    if (session->region)
        return session->region;
    const char *region = environment_get("AWS_REGION");
    return region ? region : session_get(session, "AWS_DEFAULT_REGION", "region");
}

const char *session_authorities(const struct aws_session *session)
{
    return session_get(session, "AWS_CA_BUNDLE", "ca_bundle");
}
