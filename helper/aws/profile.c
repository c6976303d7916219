#include "aws/profile.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/buffer.h"
#include "text/ini.h"
#include "text/message.h"

/* One profile as it is put together from the two files. */
struct profile {
    const char *name;
    const char *path;   /* of the file being read */
    bool is_config;     /* that file is AWS's config, where sections are [profile NAME] */
    bool found, inside; /* seen at all; the lines being read are its own */
    bool has_keys;      /* from the file before; those of this one do not mix with them */
    bool other_way;     /* it gets its credentials by role, SSO or a program */
    bool failed;
    char *key_id, *secret, *token, *region, *endpoint;
    char *key_path;      /* the file that key_id is from */
    struct buffer names; /* of all profiles, for a message */
};

static void free_secret(char *secret)
{
    if (secret)
        OPENSSL_cleanse(secret, strlen(secret));
    free(secret);
}

/* An environment variable that is set and not empty. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool copy_text(char **to, const char *from)
{
    if (from && !(*to = strdup(from)))
        message_error("out of memory");
    return !from || *to;
}

/* The name of the profile that a section is, or NULL. */
static const char *profile_of_section(const char *section, bool is_config)
{
    static const char word[] = "profile";
    if (!is_config || !strcmp(section, "default"))
        return section;
    size_t size = sizeof word - 1;
    if (strncmp(section, word, size) || !strchr(" \t", section[size]))
        return NULL;
    return section + size + strspn(section + size, " \t");
}

static bool visit_line(void *user, const struct ini_line *line)
{
    struct profile *profile = user;
    const char *name = profile_of_section(line->section, profile->is_config);
    if (!line->name) {
        profile->inside = name && !strcmp(name, profile->name);
        profile->found |= profile->inside;
        if (name && *name)
            buffer_printf(&profile->names, "%s%s", profile->names.size ? ", " : "", name);
        return true;
    }
    if (!profile->inside || line->indented)
        return true;
    static const char *const other_ways[] = {"role_arn", "sso_session", "sso_start_url",
                                             "credential_process", "login_session"};
    for (size_t i = 0; i < sizeof other_ways / sizeof *other_ways; i++)
        profile->other_way |= !strcmp(line->name, other_ways[i]);
    const struct {
        const char *name;
        char **text;
    } settings[] = {{"aws_access_key_id", &profile->key_id},
                    {"aws_secret_access_key", &profile->secret},
                    {"aws_session_token", &profile->token},
                    {"region", &profile->region},
                    {"endpoint_url", &profile->endpoint}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        char **text = settings[i].text;
        bool is_key = i < 3;
        if (strcmp(line->name, settings[i].name) || *text || !*line->value ||
            (is_key && profile->has_keys))
            continue;
        if (!copy_text(text, line->value) ||
            (text == &profile->key_id && !copy_text(&profile->key_path, profile->path))) {
            profile->failed = true;
            return false;
        }
    }
    return true;
}

/* $VARIABLE, or ~/.aws/NAME; NULL after printing one line. */
static char *file_path(const char *variable, const char *name)
{
    struct buffer path = {0};
    const char *given = environment(variable);
    const char *home = environment("HOME");
    if (!home) {
        const struct passwd *user = getpwuid(getuid());
        home = user ? user->pw_dir : "/";
    }
    if (given && !strncmp(given, "~/", 2))
        buffer_printf(&path, "%s/%s", home, given + 2);
    else if (given)
        buffer_add_text(&path, given);
    else
        buffer_printf(&path, "%s/.aws/%s", home, name);
    if (path.failed) {
        message_error("out of memory");
        buffer_free(&path);
    }
    return path.data;
}

/* Reads one of the two files.  That it is missing is no error, and that it cannot be read is none
 * unless it is NEEDED. */
static int read_file(struct profile *profile, const char *path, bool is_config, bool needed)
{
    void (*say)(const char *, ...) = needed ? message_error : message_verbose;
    unsigned line;
    profile->path = path;
    profile->is_config = is_config;
    profile->inside = false;
    profile->has_keys = profile->key_id != NULL;
    enum ini_result result = ini_read(path, visit_line, profile, &line);
    if (result == INI_UNREADABLE && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (profile->failed)
        return -1;
    if (result == INI_UNREADABLE)
        say("%s: cannot be read: %s", path, strerror(errno));
    else if (result)
        say("%s:%u: %s", path, line, ini_error(result));
    return result && needed ? -1 : 0;
}

static void profile_free(struct profile *profile)
{
    free(profile->key_id);
    free_secret(profile->secret);
    free_secret(profile->token);
    free(profile->region);
    free(profile->endpoint);
    free(profile->key_path);
    buffer_free(&profile->names);
}

/* No line break or other control byte can get into a request's header, and no typing error into
 * a message. */
static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

static int check(const struct s3_credentials *credentials)
{
    const char *bad = NULL;
    if (!is_printable(credentials->key_id))
        bad = "access key ID";
    else if (!is_printable(credentials->secret))
        bad = "secret access key";
    else if (credentials->token && !is_printable(credentials->token))
        bad = "session token";
    if (!bad)
        return 0;
    message_error("the %s from %s has a space or another character in it that no key has; copy it "
                  "again",
                  bad, credentials->origin);
    return -1;
}

static int take_environment(struct s3_credentials *credentials)
{
    const char *key_id = environment("AWS_ACCESS_KEY_ID");
    const char *secret = environment("AWS_SECRET_ACCESS_KEY");
    if (!key_id || !secret) {
        message_error("%s is set but %s is not; set both, or neither",
                      key_id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                      key_id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
        return -1;
    }
    return copy_text(&credentials->key_id, key_id) && copy_text(&credentials->secret, secret) &&
                   copy_text(&credentials->token, environment("AWS_SESSION_TOKEN")) &&
                   copy_text(&credentials->origin, "the environment")
               ? 0
               : -1;
}

/* Moves the profile's credentials over.  WANTED: it was asked for by name. */
static int take_profile(struct s3_credentials *credentials, struct profile *profile, bool wanted,
                        const char *credentials_path, const char *config_path)
{
    if (!profile->found && wanted) {
        message_error("no profile %s in %s or %s; there is %s", profile->name, credentials_path,
                      config_path, profile->names.size ? profile->names.data : "none");
        return -1;
    }
    if (!profile->key_id && profile->other_way) {
        message_error("profile %s gets its credentials by a role, SSO or a program, which only the "
                      "AWS CLI can do: run eval \"$(aws configure export-credentials --profile %s "
                      "--format env)\" first",
                      profile->name, profile->name);
        return -1;
    }
    if (!profile->found) {
        message_error("no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put "
                      "them into a profile of %s",
                      credentials_path);
        return -1;
    }
    if (!profile->key_id || !profile->secret) {
        message_error("profile %s has no %s; add it to [%s] in %s", profile->name,
                      profile->key_id ? "aws_secret_access_key" : "aws_access_key_id",
                      profile->name, credentials_path);
        return -1;
    }
    struct buffer origin = {0};
    buffer_printf(&origin, "profile %s of %s", profile->name, profile->key_path);
    credentials->origin = origin.data;
    credentials->key_id = profile->key_id;
    credentials->secret = profile->secret;
    credentials->token = profile->token;
    profile->key_id = profile->secret = profile->token = NULL;
    if (!origin.failed)
        return 0;
    message_error("out of memory");
    return -1;
}

/* The first of the two variables that is set, else what the profile says. */
static bool take_setting(char **to, const char *variable, const char *other, char **profile)
{
    const char *value = environment(variable);
    if (!value)
        value = environment(other);
    if (value)
        return copy_text(to, value);
    *to = *profile;
    *profile = NULL;
    return true;
}

int s3_credentials_find(struct s3_credentials *credentials, const char *name)
{
    const char *named = name ? name : environment("AWS_PROFILE");
    struct profile profile = {.name = named ? named : "default"};
    bool from_environment =
        !name && (environment("AWS_ACCESS_KEY_ID") || environment("AWS_SECRET_ACCESS_KEY"));
    bool needs_files =
        named || !environment("AWS_ACCESS_KEY_ID") || !environment("AWS_SECRET_ACCESS_KEY");
    int result = -1;
    *credentials = (struct s3_credentials){0};
    char *credentials_path = file_path("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    char *config_path = file_path("AWS_CONFIG_FILE", "config");
    if (!credentials_path || !config_path)
        goto out;
    if (read_file(&profile, credentials_path, false, needs_files) < 0 ||
        read_file(&profile, config_path, true, needs_files) < 0)
        goto out;
    if (from_environment)
        result = take_environment(credentials);
    else
        result = take_profile(credentials, &profile, named != NULL, credentials_path, config_path);
    if (!result)
        result = check(credentials);
    if (!result &&
        (!take_setting(&credentials->region, "AWS_REGION", "AWS_DEFAULT_REGION", &profile.region) ||
         !take_setting(&credentials->endpoint, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL",
                       &profile.endpoint)))
        result = -1;
out:
    if (result)
        s3_credentials_free(credentials);
    profile_free(&profile);
    free(credentials_path);
    free(config_path);
    return result;
}

void s3_credentials_free(struct s3_credentials *credentials)
{
    free(credentials->key_id);
    free_secret(credentials->secret);
    free_secret(credentials->token);
    free(credentials->region);
    free(credentials->endpoint);
    free(credentials->origin);
    *credentials = (struct s3_credentials){0};
}
