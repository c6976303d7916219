#include "aws/chain.h"

#include <stdlib.h>
#include <string.h>

#include "aws/boto_file.h"
#include "aws/container.h"
#include "aws/environment.h"
#include "aws/keys.h"
#include "aws/known_settings.h"
#include "aws/metadata.h"
#include "aws/process.h"
#include "aws/role.h"
#include "aws/session.h"
#include "aws/sso.h"
#include "aws/web_identity.h"
#include "memory/allocate.h"
#include "text/message.h"
#include "text/shell_word.h"

/* The state of the source of keys (struct credentials_source) that is the chain. */
struct chain {
    char *name;                /* of the profile */
    char *region;              /* the user's choice; NULL: none */
    bool is_named;             /* the user has named the profile */
    bool is_environment;       /* as in struct aws_session */
    credentials_fetch *chosen; /* the link that had keys; NULL: none yet */
    /* The files of the settings, for the first keys; NULL: read them anew. */
    struct profile_file *present;
};

/* Fails if there are keys that other tools of AWS use and this program does not support: the next
 * link would sign as somebody else. */
static enum credentials_result refuse_unsupported(const struct aws_session *session,
                                                  struct credentials *keys, struct buffer *error)
{
    const struct profile *profile = session->profile;
    (void)keys;
    if (profile_get(profile, "login_session")) {
        profile_add_place(error, profile, NULL, "login_session");
        buffer_add_text(error, ": this program does not support login_session; first run: eval "
                               "\"$(aws configure export-credentials --profile ");
        shell_word_add(error, profile->name);
        buffer_add_text(error, " --format env)\"");
        return CREDENTIALS_FAILED;
    }
    if (session->is_environment && environment_get("AWS_CREDENTIAL_FILE")) {
        buffer_printf(error,
                      "this program does not support AWS_CREDENTIAL_FILE; put the keys into %s",
                      profile_file_path(profile->file, PROFILE_CREDENTIALS));
        return CREDENTIALS_FAILED;
    }
    char *boto = boto_file_find();
    if (boto) {
        buffer_printf(
            error, "%s has keys, and this program does not support the file; put the keys into %s",
            boto, profile_file_path(profile->file, PROFILE_CREDENTIALS));
        free(boto);
        return CREDENTIALS_FAILED;
    }
    buffer_printf(
        error, "profile %s (in %s and %s) has no keys, role_arn, SSO session or credential_process",
        profile->name, profile_file_path(profile->file, PROFILE_CREDENTIALS),
        profile_file_path(profile->file, PROFILE_CONFIG));
    return CREDENTIALS_NONE;
}

/* The providers, in the order of the AWS command line tools.  The environment must be first:
 * try_links() leaves it out when the user has chosen a profile. */
static credentials_fetch *const links[] = {
    environment_fetch,      role_fetch,    web_identity_fetch, sso_fetch,
    keys_fetch_credentials, process_fetch, keys_fetch_config,  refuse_unsupported,
    container_fetch,        metadata_fetch};

enum { LINK_COUNT = sizeof links / sizeof *links };

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
            buffer_printf(&reasons, "%s%s", reasons.size ? "; " : "", reason.data);
    }
    if (result == CREDENTIALS_NONE)
        buffer_printf(error,
                      "no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put "
                      "them into a profile of %s, or give this machine a role (tried: %s)",
                      profile_file_path(session->profile->file, PROFILE_CREDENTIALS), reasons.data);
    buffer_free(&reasons);
    buffer_free(&reason);
    return result;
}

static void explain_missing(const struct profile *profile, struct buffer *error)
{
    struct buffer names = {0};
    buffer_printf(error, "no AWS profile %s in %s or %s; ", profile->name,
                  profile_file_path(profile->file, PROFILE_CREDENTIALS),
                  profile_file_path(profile->file, PROFILE_CONFIG));
    if (profile_file_add_bare(profile->file, profile->name, error)) {
        buffer_printf(error,
                      ": in this file the section of a profile begins with [profile %s], not with "
                      "[%s]; correct it",
                      profile->name, profile->name);
        return;
    }
    profile_file_add_names(profile->file, &names);
    buffer_printf(error, "%s%s%s the setting \"profile\", or AWS_PROFILE",
                  names.size ? "choose one of these (" : "add it there, or correct",
                  names.size ? names.data : "", names.size ? ") with" : "");
    buffer_free(&names);
}

/* Reads the profile's files.  They need not be readable if the environment has keys and the user
 * has named no profile.  A file that can be read must be well-formed, since it may restrict the use
 * of the keys, as use_fips_endpoint does.  Returns NULL after adding one line to ERROR. */
static struct profile_file *read_files(const struct chain *chain, struct buffer *error)
{
    bool has_keys = chain->is_environment && !chain->is_named &&
                    environment_get("AWS_ACCESS_KEY_ID") &&
                    environment_get("AWS_SECRET_ACCESS_KEY");
    struct buffer file_error = {0};
    struct profile_file *file = profile_file_read(&file_error);
    if (profile_file_is_malformed(file) || (profile_file_is_unreadable(file) && !has_keys)) {
        buffer_add_text(error, file_error.data);
        profile_file_free(file);
        file = NULL;
    } else if (profile_file_is_unreadable(file)) {
        message_verbose("%s", file_error.data);
    }
    buffer_free(&file_error);
    return file;
}

/* Finds the profile NAME in FILE.  Returns false after adding one line to ERROR when the user has
 * named the profile (IS_NAMED) and FILE has none, or when the program cannot follow its
 * settings. */
static bool find_profile(struct profile *profile, const struct profile_file *file, const char *name,
                         bool is_named, struct buffer *error)
{
    if (profile_find(profile, file, name) || !is_named)
        return profile_check(profile, error);
    explain_missing(profile, error);
    return false;
}

static enum credentials_result fetch(void *state, struct credentials *keys, struct buffer *error)
{
    struct chain *chain = state;
    enum credentials_result result = CREDENTIALS_FAILED;
    struct profile profile;
    struct profile_file *file = chain->present ? chain->present : read_files(chain, error);
    if (!file)
        return CREDENTIALS_FAILED;
    const struct aws_session session = {.profile = &profile,
                                        .settings = &profile,
                                        .is_environment = chain->is_environment,
                                        .region = chain->region,
                                        .end = session_end()};
    if (!find_profile(&profile, file, chain->name, chain->is_named, error))
        result = CREDENTIALS_FAILED;
    else if (chain->chosen)
        result = chain->chosen(&session, keys, error);
    else
        result = try_links(chain, &session, keys, error);
    if (file != chain->present)
        profile_file_free(file);
    return result;
}

static void free_chain(void *state)
{
    struct chain *chain = state;
    free(chain->name);
    free(chain->region);
    free(chain);
}

static const struct credentials_source chain_source = {.fetch = fetch, .free = free_chain};

static struct chain *make_chain(const struct aws_choice *choice)
{
    const char *named = choice->profile ? choice->profile : environment_get("AWS_PROFILE");
    struct chain *chain = memory_allocate(1, sizeof *chain);
    if (!named)
        named = environment_get("AWS_DEFAULT_PROFILE");
    *chain = (struct chain){.name = memory_copy_text(named ? named : "default"),
                            .region = memory_copy_optional(choice->region),
                            .is_named = named != NULL,
                            .is_environment = !choice->profile};
    return chain;
}

/* ---- settings ------------------------------------------------------------------------------- */

static bool read_settings(struct aws_settings *settings, const struct chain *chain,
                          struct buffer *error)
{
    *settings = (struct aws_settings){.name = memory_copy_text(chain->name)};
    settings->file = read_files(chain, error);
    if (!settings->file ||
        !find_profile(&settings->profile, settings->file, settings->name, chain->is_named, error) ||
        !known_settings_check(&settings->profile, error)) {
        aws_settings_free(settings);
        return false;
    }
    const struct aws_session session = {.settings = &settings->profile, .region = chain->region};
    if (!session_check_region(&session, error)) {
        aws_settings_free(settings);
        return false;
    }
    settings->region = memory_copy_optional(session_region(&session));
    return true;
}

/* Stores an error if the environment names two profiles.  AWS_PROFILE counts in most SDKs, and AWS_DEFAULT_PROFILE
 * in botocore and the AWS CLI (botocore/configprovider.py). */
static bool check_environment(const struct aws_choice *choice, struct buffer *error)
{
    const char *profile = environment_get("AWS_PROFILE");
    const char *other = environment_get("AWS_DEFAULT_PROFILE");
    if (choice->profile || !profile || !other || strcmp(profile, other) == 0)
        return true;
    buffer_printf(error,
                  "AWS_PROFILE is %s, and AWS_DEFAULT_PROFILE is %s; the AWS tools differ in which "
                  "of them counts, so unset one of them, or name the profile by the setting "
                  "\"profile\"",
                  profile, other);
    return false;
}

bool aws_settings_read(struct aws_settings *settings, const struct aws_choice *choice,
                       struct buffer *error)
{
    *settings = (struct aws_settings){0};
    if (!check_environment(choice, error))
        return false;
    struct chain *chain = make_chain(choice);
    bool is_read = read_settings(settings, chain, error);
    free_chain(chain);
    return is_read;
}

struct credentials_keeper *chain_find(const struct aws_settings *settings,
                                      const struct aws_choice *choice, struct buffer *error)
{
    struct chain *chain = make_chain(choice);
    chain->present = settings->file;
    struct credentials_keeper *keeper = credentials_keeper_new(&chain_source, chain, error);
    if (keeper)
        chain->present = NULL;
    return keeper;
}

void aws_settings_free(struct aws_settings *settings)
{
    free(settings->region);
    free(settings->name);
    profile_file_free(settings->file);
    *settings = (struct aws_settings){0};
}
