#include "aws/profile_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/path.h"
#include "aws/profile_parse.h"
#include "files/read_file.h"
#include "memory/allocate.h"

enum { FILE_MAX_SIZE = 1024 * 1024 };

struct profile_file {
    struct {
        char *path, *text; /* text: NULL when there is none */
        size_t size;
        struct sections sections;
    } parts[PROFILE_PARTS];
    bool is_unreadable, is_malformed;
};

static void read_part(struct profile_file *file, enum profile_part part, struct buffer *error)
{
    const char *path = file->parts[part].path;
    struct sections *sections = &file->parts[part].sections;
    size_t size;
    char *text = read_file(path, FILE_MAX_SIZE, &size);
    if (!text && (errno == ENOENT || errno == ENOTDIR))
        return;
    if (!text) {
        file->is_unreadable = true;
        buffer_printf(
            error, "%s: cannot be read: %s; make this file of AWS settings readable for this user",
            path, strerrordesc_np(errno));
        return;
    }
    file->parts[part].text = text;
    file->parts[part].size = size > FILE_MAX_SIZE ? FILE_MAX_SIZE : size;
    if (size > FILE_MAX_SIZE)
        buffer_printf(error,
                      "%s: larger than 1 MiB, so this cannot be a file of AWS settings; name the "
                      "right file",
                      path);
    else if (profile_parse(sections, text, size, part == PROFILE_CONFIG, path, error))
        return;
    file->is_malformed = true;
    profile_sections_free(sections); /* the part behind the error may restrict the rest */
}

struct profile_file *profile_file_read(struct buffer *error)
{
    static const char *const variables[] = {"AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"};
    static const char *const names[] = {"credentials", "config"};
    struct profile_file *file = memory_allocate(1, sizeof *file);
    struct buffer second = {0};
    for (enum profile_part part = 0; part < PROFILE_PARTS; part++)
        file->parts[part].path = aws_path(getenv(variables[part]), names[part]);
    read_part(file, PROFILE_CREDENTIALS, error);
    bool was_malformed = file->is_malformed;
    read_part(file, PROFILE_CONFIG, &second);
    /* Only one error is reported.  That of a malformed file replaces that of an unreadable one,
     * without which a caller may go on. */
    if (second.size && (!error->size || (file->is_malformed && !was_malformed))) {
        buffer_clear(error);
        buffer_add(error, second.data, second.size);
    }
    buffer_free(&second);
    return file;
}

void profile_file_free(struct profile_file *file)
{
    for (int i = 0; file && i < PROFILE_PARTS; i++) {
        if (file->parts[i].text)
            explicit_bzero(file->parts[i].text, file->parts[i].size);
        free(file->parts[i].text);
        free(file->parts[i].path);
        profile_sections_free(&file->parts[i].sections);
    }
    free(file);
}

bool profile_file_is_unreadable(const struct profile_file *file)
{
    return file->is_unreadable;
}

bool profile_file_is_malformed(const struct profile_file *file)
{
    return file->is_malformed;
}

const char *profile_file_path(const struct profile_file *file, enum profile_part part)
{
    static const char *const none[] = {"the file that AWS_SHARED_CREDENTIALS_FILE names (none now)",
                                       "the file that AWS_CONFIG_FILE names (none now)"};
    return *file->parts[part].path ? file->parts[part].path : none[part];
}

/* Returns the last section of that name, which is the one that the AWS tools use; NULL: there is
 * none. */
static const struct section *find_section(const struct profile_file *file, enum profile_part part,
                                          enum section_kind kind, const char *name)
{
    const struct sections *sections = &file->parts[part].sections;
    for (size_t i = sections->count; i--;)
        if (sections->list[i].kind == kind && !strcmp(sections->list[i].name, name))
            return &sections->list[i];
    return NULL;
}

void profile_file_add_names(const struct profile_file *file, struct buffer *names)
{
    for (enum profile_part part = 0; part < PROFILE_PARTS; part++) {
        const struct sections *sections = &file->parts[part].sections;
        for (size_t i = 0; i < sections->count; i++) {
            const struct section *section = &sections->list[i];
            if (section->kind != SECTION_PROFILE ||
                find_section(file, part, SECTION_PROFILE, section->name) != section ||
                (part && find_section(file, PROFILE_CREDENTIALS, SECTION_PROFILE, section->name)))
                continue;
            buffer_printf(names, "%s%s", names->size ? ", " : "", section->name);
        }
    }
}

bool profile_find(struct profile *profile, const struct profile_file *file, const char *name)
{
    *profile = (struct profile){.file = file, .name = name};
    for (enum profile_part part = 0; part < PROFILE_PARTS; part++)
        profile->parts[part] = find_section(file, part, SECTION_PROFILE, name);
    return profile->parts[PROFILE_CREDENTIALS] || profile->parts[PROFILE_CONFIG];
}

bool profile_file_add_bare(const struct profile_file *file, const char *name, struct buffer *out)
{
    const struct section *section = find_section(file, PROFILE_CONFIG, SECTION_OTHER, name);
    if (section)
        buffer_printf(out, "%s:%u", file->parts[PROFILE_CONFIG].path, section->line);
    return section != NULL;
}

static const char *value_of(const struct setting *setting)
{
    return setting && *setting->value ? setting->value : NULL;
}

const char *profile_get_from(const struct profile *profile, enum profile_part part,
                             const char *setting)
{
    return value_of(profile_section_find(profile->parts[part], NULL, setting));
}

/* Finds a setting with a value, and the file in which it is. */
static const struct setting *find_setting(const struct profile *profile, const char *below,
                                          const char *name, enum profile_part *part)
{
    for (*part = 0; *part < PROFILE_PARTS; ++*part) {
        const struct section *section = profile->parts[*part];
        const struct setting *setting = profile_section_find(section, below, name);
        if (value_of(setting))
            return setting;
        if (below && profile_section_find(section, NULL, below))
            return NULL;
    }
    return NULL;
}

const char *profile_get_nested(const struct profile *profile, const char *below,
                               const char *setting)
{
    enum profile_part part;
    return value_of(find_setting(profile, below, setting, &part));
}

const char *profile_get(const struct profile *profile, const char *setting)
{
    return profile_get_nested(profile, NULL, setting);
}

const char *profile_file_service(const struct profile *profile, const char *service,
                                 const char *setting)
{
    const char *name = profile_get(profile, "services");
    const struct section *section =
        name ? find_section(profile->file, PROFILE_CONFIG, SECTION_SERVICES, name) : NULL;
    return value_of(profile_section_find(section, service, setting));
}

bool profile_file_has_session(const struct profile_file *file, const char *name)
{
    return find_section(file, PROFILE_CONFIG, SECTION_SESSION, name) != NULL;
}

const char *profile_file_session(const struct profile_file *file, const char *name,
                                 const char *setting)
{
    const struct section *section = find_section(file, PROFILE_CONFIG, SECTION_SESSION, name);
    return value_of(profile_section_find(section, NULL, setting));
}

void profile_add_place(struct buffer *out, const struct profile *profile, const char *below,
                       const char *setting)
{
    enum profile_part part;
    const struct setting *found = find_setting(profile, below, setting, &part);
    if (found)
        buffer_printf(out, "%s:%u", profile->file->parts[part].path, found->line);
    else
        buffer_printf(out, "profile %s", profile->name);
}

/* Refuses settings without a value.  Without these settings, the program would use other keys, or
 * another address, than the user wants. */
static bool check_values(const struct profile *profile, struct buffer *error)
{
    static const char *const needed[] = {"role_arn",          "source_profile",
                                         "credential_source", "web_identity_token_file",
                                         "external_id",       "use_fips_endpoint"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        for (enum profile_part part = 0; part < PROFILE_PARTS; part++) {
            const struct setting *found =
                profile_section_find(profile->parts[part], NULL, needed[i]);
            if (!found || *found->value)
                continue;
            buffer_printf(error, "%s:%u: %s has no value; write one, or remove the line",
                          profile->file->parts[part].path, found->line, needed[i]);
            return false;
        }
    return true;
}

/* Refuses settings of S3 behind "s3 =" instead of below it, and settings of S3 without a value:
 * both would have no effect. */
static bool check_nested(const struct section *section, const char *path, struct buffer *error)
{
    if (section && section->defaults && !check_nested(section->defaults, path, error))
        return false;
    for (size_t i = 0; section && i < section->count; i++) {
        const struct setting *setting = &section->settings[i];
        bool is_head = !setting->below && !strcasecmp(setting->name, "s3") && *setting->value;
        bool is_empty = setting->below && !strcasecmp(setting->below, "s3") && !*setting->value;
        if (!is_head && !is_empty)
            continue;
        buffer_printf(error, "%s:%u: ", path, setting->line);
        if (is_head)
            buffer_add_text(error, "the line \"s3 =\" must have no value; write each setting of S3 "
                                   "into an indented line below");
        else
            buffer_printf(error, "%s has no value; write one, or remove the line", setting->name);
        return false;
    }
    return true;
}

static bool check_services(const struct profile *profile, struct buffer *error)
{
    const char *name = profile_get(profile, "services");
    const struct section *section =
        name ? find_section(profile->file, PROFILE_CONFIG, SECTION_SERVICES, name) : NULL;
    if (!name || section)
        return check_nested(section, profile_file_path(profile->file, PROFILE_CONFIG), error);
    profile_add_place(error, profile, NULL, "services");
    buffer_printf(error,
                  ": services = %s: %s has no section [services %s]; add this section, or correct "
                  "the name",
                  name, profile_file_path(profile->file, PROFILE_CONFIG), name);
    return false;
}

bool profile_check(const struct profile *profile, struct buffer *error)
{
    for (enum profile_part part = 0; part < PROFILE_PARTS; part++)
        if (!check_nested(profile->parts[part], profile_file_path(profile->file, part), error))
            return false;
    return check_values(profile, error) && check_services(profile, error);
}
