#include "aws/role.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/container.h"
#include "aws/environment.h"
#include "aws/keys.h"
#include "aws/metadata.h"
#include "aws/process.h"
#include "aws/sso.h"
#include "aws/sts.h"
#include "aws/web_identity.h"
#include "memory/allocate.h"

/* The providers of a source profile, in the order of the AWS command line tools. */
static credentials_fetch *const links[] = {web_identity_fetch, sso_fetch, keys_fetch_credentials,
                                           process_fetch, keys_fetch_config};

/* The values of credential_source. */
static const struct origin {
    const char *name;
    credentials_fetch *fetch;
} origins[] = {{"Environment", environment_fetch},
               {"Ec2InstanceMetadata", metadata_fetch},
               {"EcsContainer", container_fetch}};

enum { ORIGIN_COUNT = sizeof origins / sizeof *origins };

/* Fetches the keys of a profile that is no role. */
static enum credentials_result fetch_plain(const struct aws_session *session,
                                           struct credentials *keys, struct buffer *error)
{
    enum credentials_result result = CREDENTIALS_NONE;
    for (size_t i = 0; i < sizeof links / sizeof *links && result == CREDENTIALS_NONE; i++)
        result = links[i](session, keys, error);
    return result;
}

static bool has_role(const struct profile *profile)
{
    return profile_get(profile, "role_arn") && !profile_get(profile, "web_identity_token_file");
}

static bool has_keys(const struct profile *profile)
{
    return profile_get(profile, "aws_access_key_id") ||
           profile_get(profile, "aws_secret_access_key");
}

/* Returns whether the search for keys has already come through the profile NAME. */
static bool is_visited(const struct aws_session *session, const char *name)
{
    for (; session; session = session->outer)
        if (!strcmp(session->profile->name, name))
            return true;
    return false;
}

/* Adds "profile NAME (FILE:LINE)" of a setting. */
static void add_profile(struct buffer *out, const struct profile *profile, const char *setting)
{
    buffer_printf(out, "profile %s (", profile->name);
    profile_add_place(out, profile, NULL, setting);
    buffer_add_text(out, ")");
}

static bool fetch_from_profile(const struct aws_session *session, const char *name,
                               struct credentials *keys, struct buffer *error)
{
    struct profile source;
    struct aws_session inner = {.profile = &source,
                                .settings = session->settings,
                                .region = session->region,
                                .outer = session,
                                .end = session->end};
    enum credentials_result result = CREDENTIALS_FAILED;
    bool is_own = !strcmp(name, session->profile->name);
    if (!profile_find(&source, session->profile->file, name)) {
        add_profile(error, session->profile, "source_profile");
        buffer_printf(error, " names source_profile %s, which does not exist; correct it", name);
    } else if (!profile_check(&source, error)) {
        result = CREDENTIALS_FAILED;
    } else if (is_visited(session, name) && !(is_own && has_keys(&source))) {
        add_profile(error, session->profile, "source_profile");
        buffer_printf(error,
                      " names source_profile %s, whose own keys come from this profile again; "
                      "correct source_profile in one of them",
                      name);
    } else if (has_role(&source) && !has_keys(&source)) {
        result = role_fetch(&inner, keys, error);
    } else {
        result = fetch_plain(&inner, keys, error);
    }
    if (result == CREDENTIALS_NONE)
        buffer_printf(error,
                      "profile %s has no credentials, but profile %s names it as source_profile; "
                      "add credentials to profile %s, or correct source_profile",
                      name, session->profile->name, name);
    return result == CREDENTIALS_FOUND;
}

static bool fetch_from_origin(const struct aws_session *session, const char *name,
                              struct credentials *keys, struct buffer *error)
{
    struct buffer reason = {0};
    size_t i = 0;
    while (i < ORIGIN_COUNT && strcasecmp(origins[i].name, name) != 0)
        i++;
    if (i == ORIGIN_COUNT) {
        add_profile(error, session->profile, "credential_source");
        buffer_add_text(error, " has a credential_source that does not exist; write Environment, "
                               "Ec2InstanceMetadata or EcsContainer");
        return false;
    }
    enum credentials_result result = origins[i].fetch(session, keys, &reason);
    if (result == CREDENTIALS_NONE) {
        add_profile(error, session->profile, "credential_source");
        buffer_printf(error, " takes its credentials from %s, which has none: ", origins[i].name);
    }
    if (result != CREDENTIALS_FOUND)
        buffer_add(error, reason.data ? reason.data : "", reason.size);
    buffer_free(&reason);
    return result == CREDENTIALS_FOUND;
}

/* Checks the values of the request to STS.  As the AWS command line tools, it checks only the lower
 * bounds: a server that is not AWS's may allow more.  Returns false after adding one line to
 * ERROR. */
static bool check_values(const struct profile *profile, struct buffer *error)
{
    static const char *const texts[] = {"external_id", "role_session_name"};
    const char *duration = profile_get(profile, "duration_seconds");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = profile_get(profile, texts[i]);
        if (!text || strlen(text) >= STS_TEXT_MIN)
            continue;
        add_profile(error, profile, texts[i]);
        buffer_printf(error, ": %s must have at least %d characters; correct it", texts[i],
                      STS_TEXT_MIN);
        return false;
    }
    if (!duration)
        return true;
    bool is_number = strspn(duration, "0123456789") == strlen(duration) && strlen(duration) < 7;
    if (is_number && strtol(duration, NULL, 10) >= STS_DURATION_MIN)
        return true;
    add_profile(error, profile, "duration_seconds");
    buffer_printf(error, ": duration_seconds must be a number of seconds such as 3600, %d at least",
                  STS_DURATION_MIN);
    return false;
}

/* Checks the profile's settings.  Returns false after adding one line to ERROR. */
static bool check(const struct profile *profile, struct buffer *error)
{
    const char *source = profile_get(profile, "source_profile");
    const char *origin = profile_get(profile, "credential_source");
    if (profile_get(profile, "mfa_serial")) {
        add_profile(error, profile, "mfa_serial");
        buffer_add_text(error,
                        " has mfa_serial: a person must type a code for this role, so a timer "
                        "cannot use it; take a role without MFA");
        return false;
    }
    if (!source == !origin) {
        add_profile(error, profile, "role_arn");
        buffer_printf(error, " has role_arn %s source_profile %s credential_source; %s",
                      source ? "with both" : "without", source ? "and" : "or",
                      source ? "remove one of them" : "add one of them");
        return false;
    }
    return check_values(profile, error);
}

enum credentials_result role_fetch(const struct aws_session *session, struct credentials *keys,
                                   struct buffer *error)
{
    const struct profile *profile = session->profile;
    const char *source = profile_get(profile, "source_profile");
    const char *origin = profile_get(profile, "credential_source");
    struct credentials source_keys = {.expires = CREDENTIALS_NO_EXPIRY};
    struct buffer text = {0};
    if (!has_role(profile))
        return CREDENTIALS_NONE;
    const struct sts_role role = {.arn = profile_get(profile, "role_arn"),
                                  .session_name = profile_get(profile, "role_session_name"),
                                  .external_id = profile_get(profile, "external_id"),
                                  .duration = profile_get(profile, "duration_seconds")};
    bool done = check(profile, error) &&
                (source ? fetch_from_profile(session, source, &source_keys, error)
                        : fetch_from_origin(session, origin, &source_keys, error)) &&
                credentials_check(&source_keys, error) &&
                sts_assume(session, &role, &source_keys, keys, error);
    credentials_clear(&source_keys);
    if (!done)
        return CREDENTIALS_FAILED;
    buffer_printf(&text, "role %s of profile %s", role.arn, profile->name);
    keys->origin = text.data;
    return CREDENTIALS_FOUND;
}
