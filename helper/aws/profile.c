#include "aws/profile.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/environment.h"
#include "memory/allocate.h"
#include "text/ini.h"

/* One of the two files while it is read. */
struct reading {
    struct profile *profile;
    const char *path;
    bool is_config; /* AWS's config, where a section is [profile NAME] */
    bool inside;    /* the lines being read are the profile's */
    bool has_keys;  /* from the file before; the keys of two files do not mix */
};

/* Returns the name of the profile that SECTION describes, or NULL if it describes something
 * else. */
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

/* Sections with one of these get their credentials in another way than by keys. */
static bool is_other_way(const char *name)
{
    static const char *const names[] = {"role_arn", "sso_session", "sso_start_url",
                                        "credential_process", "login_session"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

static void take_setting(struct reading *reading, const struct ini_line *line)
{
    struct profile *profile = reading->profile;
    const struct {
        const char *name;
        char **text;
        bool is_key;
    } settings[] = {{"aws_access_key_id", &profile->key_id, true},
                    {"aws_secret_access_key", &profile->secret, true},
                    {"aws_session_token", &profile->token, true},
                    {"region", &profile->region, false},
                    {"endpoint_url", &profile->endpoint, false}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        char **text = settings[i].text;
        if (strcmp(line->name, settings[i].name) || *text || !*line->value ||
            (settings[i].is_key && reading->has_keys))
            continue;
        *text = memory_copy_text(line->value);
        if (text == &profile->key_id)
            profile->key_path = memory_copy_text(reading->path);
    }
}

static bool visit_line(void *user, const struct ini_line *line)
{
    struct reading *reading = user;
    struct profile *profile = reading->profile;
    const char *name = profile_of_section(line->section, reading->is_config);
    if (!line->name) {
        reading->inside = name && !strcmp(name, profile->name);
        profile->found |= reading->inside;
        if (name && *name)
            buffer_printf(&profile->names, "%s%s", profile->names.size ? ", " : "", name);
    } else if (reading->inside && !line->indented) {
        profile->other_way |= is_other_way(line->name);
        take_setting(reading, line);
    }
    return true;
}

static struct reading begin(struct profile *profile, const char *path, bool is_config)
{
    return (struct reading){.profile = profile,
                            .path = path,
                            .is_config = is_config,
                            .has_keys = profile->key_id != NULL};
}

bool profile_parse(struct profile *profile, const char *text, size_t size, const char *path,
                   bool is_config, struct buffer *error)
{
    struct reading reading = begin(profile, path, is_config);
    unsigned line;
    enum ini_result result = ini_parse(text, size, visit_line, &reading, &line);
    if (result)
        buffer_printf(error, "%s:%u: %s", path, line, ini_error(result));
    return !result;
}

static bool read_file(struct profile *profile, const char *path, bool is_config,
                      struct buffer *error)
{
    struct reading reading = begin(profile, path, is_config);
    unsigned line;
    enum ini_result result = ini_read(path, visit_line, &reading, &line);
    if (result == INI_UNREADABLE && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (result == INI_UNREADABLE)
        buffer_printf(
            error, "%s: cannot be read: %s; make this file of AWS settings readable for this user",
            path, strerrordesc_np(errno));
    else if (result)
        buffer_printf(error, "%s:%u: %s", path, line, ini_error(result));
    return !result;
}

/* Returns $VARIABLE, or ~/.aws/NAME; owned by the caller. */
static char *file_path(const char *variable, const char *name)
{
    struct buffer path = {0};
    const char *given = environment_get(variable), *home = environment_get("HOME");
    char room[4096];
    struct passwd entry, *user = NULL;
    if (!home && getpwuid_r(getuid(), &entry, room, sizeof room, &user) == 0 && user)
        home = user->pw_dir;
    if (!home)
        home = "/";
    if (given && !strncmp(given, "~/", 2))
        buffer_printf(&path, "%s/%s", home, given + 2);
    else if (given)
        buffer_add_text(&path, given);
    else
        buffer_printf(&path, "%s/.aws/%s", home, name);
    return path.data;
}

bool profile_read(struct profile *profile, const char *name, struct buffer *error)
{
    *profile = (struct profile){.name = memory_copy_text(name)};
    profile->credentials_path = file_path("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    profile->config_path = file_path("AWS_CONFIG_FILE", "config");
    struct buffer second = {0};
    bool first_read = read_file(profile, profile->credentials_path, false, error);
    bool second_read = read_file(profile, profile->config_path, true, first_read ? error : &second);
    buffer_free(&second);
    return first_read && second_read;
}

void profile_free(struct profile *profile)
{
    free(profile->name);
    free(profile->key_id);
    credentials_free_secret(profile->secret);
    credentials_free_secret(profile->token);
    free(profile->region);
    free(profile->endpoint);
    free(profile->key_path);
    free(profile->credentials_path);
    free(profile->config_path);
    buffer_free(&profile->names);
    *profile = (struct profile){0};
}

/* ---- a source of credentials ---------------------------------------------------------------- */

/* Adds to ERROR why PROFILE, which was chosen or exists, has no keys. */
static void explain(const struct profile *profile, struct buffer *error)
{
    if (!profile->found)
        buffer_printf(
            error, "no AWS profile %s in %s or %s; %s%s%s the setting profile, or AWS_PROFILE",
            profile->name, profile->credentials_path, profile->config_path,
            profile->names.size ? "choose one of these (" : "add it there, or correct",
            profile->names.size ? profile->names.data : "", profile->names.size ? ") with" : "");
    else if (!profile->key_id && profile->other_way)
        buffer_printf(
            error,
            "profile %s gets its credentials from a role, SSO or a program, which only the "
            "AWS CLI supports; first run: eval \"$(aws configure export-credentials --profile %s "
            "--format env)\"",
            profile->name, profile->name);
    else
        buffer_printf(error, "profile %s has no %s; add it to [%s] in %s", profile->name,
                      profile->key_id ? "aws_secret_access_key" : "aws_access_key_id",
                      profile->name, profile->credentials_path);
}

static enum credentials_result take_keys(struct profile *profile, bool is_chosen,
                                         struct credentials *keys, struct buffer *error)
{
    if (!profile->found && !is_chosen)
        return CREDENTIALS_NONE;
    if (!profile->key_id || !profile->secret) {
        explain(profile, error);
        return CREDENTIALS_FAILED;
    }
    struct buffer origin = {0};
    buffer_printf(&origin, "profile %s of %s", profile->name, profile->key_path);
    keys->origin = origin.data;
    keys->key_id = profile->key_id;
    keys->secret = profile->secret;
    keys->token = profile->token;
    profile->key_id = profile->secret = profile->token = NULL;
    return CREDENTIALS_FOUND;
}

static enum credentials_result fetch(void *state, struct credentials *keys, struct buffer *error)
{
    const struct profile_choice *choice = state;
    struct profile profile;
    enum credentials_result result = CREDENTIALS_FAILED;
    if (profile_read(&profile, choice->name, error))
        result = take_keys(&profile, choice->is_chosen, keys, error);
    profile_free(&profile);
    return result;
}

static void free_choice(void *state)
{
    struct profile_choice *choice = state;
    free(choice->name);
    free(choice);
}

const struct credentials_source profile_source = {.fetch = fetch, .free = free_choice};
