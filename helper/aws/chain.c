#include "aws/chain.h"

#include <stdlib.h>

#include "aws/environment.h"
#include "aws/keys.h"
#include "aws/session.h"
#include "memory/allocate.h"
#include "text/message.h"

static enum credentials_result fetch_other(const struct aws_session *session,
                                           struct credentials *keys, struct buffer *error);

/* The providers, in the order of the AWS command line tools. */
static credentials_fetch *const links[] = {environment_fetch, fetch_other, keys_fetch_credentials,
                                           keys_fetch_config};

enum { LINK_COUNT = sizeof links / sizeof *links };

/* The chain is a source itself. */
struct chain {
    char *name; /* of the profile */
    bool is_named, is_environment;
    credentials_fetch *chosen; /* the link that had keys, NULL: none yet */
};

/* Refuses a profile whose credentials come in another way than by keys. */
static enum credentials_result fetch_other(const struct aws_session *session,
                                           struct credentials *keys, struct buffer *error)
{
    static const char *const settings[] = {"role_arn", "sso_session", "sso_start_url",
                                           "credential_process", "login_session"};
    const struct profile *profile = session->profile;
    (void)keys;
    if (profile_get(profile, "aws_access_key_id"))
        return CREDENTIALS_NONE;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (!profile_get(profile, settings[i]))
            continue;
        buffer_printf(
            error,
            "profile %s gets its credentials from a role, SSO or a program, which only the "
            "AWS CLI supports; first run: eval \"$(aws configure export-credentials --profile %s "
            "--format env)\"",
            profile->name, profile->name);
        return CREDENTIALS_FAILED;
    }
    return CREDENTIALS_NONE;
}

static enum credentials_result try_links(struct chain *chain, const struct aws_session *session,
                                         struct credentials *keys, struct buffer *error)
{
    struct buffer reasons = {0}, reason = {0};
    enum credentials_result result = CREDENTIALS_NONE;
    for (size_t i = chain->is_environment ? 0 : 1; i < LINK_COUNT && result == CREDENTIALS_NONE;
         i++) {
        buffer_clear(&reason);
        result = links[i](session, keys, &reason);
        if (result == CREDENTIALS_FOUND)
            chain->chosen = links[i];
        else if (result == CREDENTIALS_FAILED)
            buffer_add(error, reason.data, reason.size);
        else if (reason.size)
            buffer_printf(&reasons, "%s%s", reasons.size ? ", " : "", reason.data);
    }
    if (result == CREDENTIALS_NONE)
        buffer_printf(error,
                      "no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put "
                      "them into a profile of %s%s%s%s",
                      profile_file_path(session->profile->file, PROFILE_CREDENTIALS),
                      reasons.size ? " (" : "", reasons.size ? reasons.data : "",
                      reasons.size ? ")" : "");
    buffer_free(&reasons);
    buffer_free(&reason);
    return result;
}

static void explain_missing(const struct profile *profile, struct buffer *error)
{
    struct buffer names = {0};
    profile_file_add_names(profile->file, &names);
    buffer_printf(error,
                  "no AWS profile %s in %s or %s; %s%s%s the setting profile, or AWS_PROFILE",
                  profile->name, profile_file_path(profile->file, PROFILE_CREDENTIALS),
                  profile_file_path(profile->file, PROFILE_CONFIG),
                  names.size ? "choose one of these (" : "add it there, or correct",
                  names.size ? names.data : "", names.size ? ") with" : "");
    buffer_free(&names);
}

/* Reads the profile's files.  They need not be readable if the environment has keys and nobody has
 * named a profile.  Returns NULL after adding one line to ERROR. */
static struct profile_file *read_files(const struct chain *chain, struct buffer *error)
{
    bool has_keys = chain->is_environment && !chain->is_named &&
                    environment_get("AWS_ACCESS_KEY_ID") &&
                    environment_get("AWS_SECRET_ACCESS_KEY");
    struct buffer file_error = {0};
    struct profile_file *file = profile_file_read(&file_error);
    if (profile_file_is_broken(file)) {
        if (has_keys) {
            message_verbose("%s", file_error.data);
        } else {
            buffer_add_text(error, file_error.data);
            profile_file_free(file);
            file = NULL;
        }
    }
    buffer_free(&file_error);
    return file;
}

static enum credentials_result fetch(void *state, struct credentials *keys, struct buffer *error)
{
    struct chain *chain = state;
    enum credentials_result result = CREDENTIALS_FAILED;
    struct profile profile;
    struct profile_file *file = read_files(chain, error);
    if (!file)
        return CREDENTIALS_FAILED;
    struct aws_session session = {&profile, chain->is_named, chain->is_environment};
    if (!profile_find(&profile, file, chain->name) && chain->is_named)
        explain_missing(&profile, error);
    else if (chain->chosen)
        result = chain->chosen(&session, keys, error);
    else
        result = try_links(chain, &session, keys, error);
    profile_file_free(file);
    return result;
}

static void free_chain(void *state)
{
    struct chain *chain = state;
    free(chain->name);
    free(chain);
}

static const struct credentials_source chain_source = {.fetch = fetch, .free = free_chain};

/* Returns a copy of the first of the two variables that is set, else of the profile's setting. */
static char *find_setting(const char *variable, const char *other, const struct profile *profile,
                          const char *setting)
{
    const char *value = environment_get(variable);
    if (!value)
        value = environment_get(other);
    if (!value)
        value = profile_get(profile, setting);
    return value ? memory_copy_text(value) : NULL;
}

struct credentials_provider *chain_find(struct aws_settings *settings, const char *name,
                                        struct buffer *error)
{
    const char *named = name ? name : environment_get("AWS_PROFILE");
    if (!named)
        named = environment_get("AWS_DEFAULT_PROFILE");
    struct chain *chain = memory_allocate(1, sizeof *chain);
    *chain = (struct chain){.name = memory_copy_text(named ? named : "default"),
                            .is_named = named != NULL,
                            .is_environment = !name};
    *settings = (struct aws_settings){.name = memory_copy_text(chain->name)};
    settings->file = read_files(chain, error);
    if (!settings->file) {
        free_chain(chain);
        aws_settings_free(settings);
        return NULL;
    }
    profile_find(&settings->profile, settings->file, settings->name);
    settings->region =
        find_setting("AWS_REGION", "AWS_DEFAULT_REGION", &settings->profile, "region");
    settings->endpoint =
        find_setting("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", &settings->profile, "endpoint_url");
    struct credentials_provider *provider = credentials_provider_new(&chain_source, chain, error);
    if (!provider)
        aws_settings_free(settings);
    return provider;
}

void aws_settings_free(struct aws_settings *settings)
{
    free(settings->region);
    free(settings->endpoint);
    free(settings->name);
    profile_file_free(settings->file);
    *settings = (struct aws_settings){0};
}
