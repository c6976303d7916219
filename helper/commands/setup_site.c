#include "commands/setup_site.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "awstats/config.h"
#include "commands/check_awstats.h"
#include "config/environment_file.h"
#include "config/site_file.h"
#include "config/sources.h"
#include "memory/allocate.h"
#include "setup/names.h"
#include "setup/new_file.h"
#include "setup/section.h"
#include "text/ini.h"
#include "text/message.h"
#include "text/user_name.h"

static int fail(struct buffer *error)
{
    message_error("%s", error->data);
    buffer_free(error);
    return EXIT_FAILED;
}

/* ---- the section -------------------------------------------------------------------------------- */

static bool count_line(void *user, const struct ini_line *line)
{
    size_t *count = user;
    (void)line;
    ++*count;
    return true;
}

/* Returns whether the text has only comments, and neither sections nor settings. */
static bool is_empty(const struct buffer *text)
{
    size_t count = 0;
    unsigned line;
    return !text->size ||
           (ini_parse(text->data, text->size, count_line, &count, &line) == INI_DONE && count == 0);
}

/* Finds out whether the configuration has the section.  Returns false with one line in ERROR. */
static bool find_section(struct setup_site *setup, struct buffer *error)
{
    const char *path = setup->options->config;
    char **names = site_file_names(path, error);
    bool is_read = names != NULL;
    for (char **name = names; name && *name; name++)
        setup->has_section |= !strcmp(*name, setup->name);
    site_file_free_names(names);
    return is_read &&
           (!setup->has_section || site_file_read(&setup->site, path, setup->name, error) == 0);
}

/* Sets a setting of a new section, and adds its line.  The caller has checked the value. */
static void set(struct setup_site *setup, const char *name, const char *value)
{
    site_set(&setup->site, name, value);
    buffer_printf(&setup->settings, "%s = %s\n", name, value);
}

static void set_path(struct setup_site *setup, const char *name, const char *value)
{
    char *path = place_absolute(value);
    set(setup, name, path);
    free(path);
}

/* Makes a new section from SOURCE (NULL: none) and the options. */
static void make_section(struct setup_site *setup, const char *source)
{
    const struct options *options = setup->options;
    setup->site.name = memory_copy_optional(setup->name);
    buffer_add_text(&setup->settings, "");
    if (source && site_kind(source) == SITE_PATH)
        set_path(setup, "source", source);
    else if (source)
        set(setup, "source", source);
    for (size_t i = 0; i < options->setting_count; i++)
        set(setup, options->settings[i].name, options->settings[i].value);
    if (options->state)
        set(setup, "state", options->state);
    if (options->after)
        set(setup, "after", options->after);
    if (options->report)
        set_path(setup, "report", options->report);
}

/* Returns whether the section that is there has all settings that the options give.  Else adds one line to ERROR. */
static bool has_settings(const struct setup_site *setup, struct buffer *error)
{
    struct setup_site wanted = {.options = setup->options, .name = setup->name};
    struct buffer lines = {0}, own = {0};
    buffer_add_text(&own, "\n");
    section_read(&lines, &setup->config, setup->name);
    buffer_add_text(&own, lines.data);
    make_section(&wanted, NULL);
    bool has = true;
    for (char *rest = wanted.settings.data, *line; has && (line = strsep(&rest, "\n")) && *line;) {
        struct buffer whole = {0};
        buffer_printf(&whole, "\n%s\n", line);
        has = strstr(own.data, whole.data);
        if (!has)
            buffer_printf(error,
                          "section [%s] of %s is there already, without the line \"%s\"; write "
                          "this line there by hand, or leave the option out",
                          setup->name, setup->options->config, line);
        buffer_free(&whole);
    }
    buffer_free(&lines);
    buffer_free(&own);
    setup_site_free(&wanted);
    return has;
}

static bool is_same_source(const char *a, const char *b)
{
    char *path = place_absolute(a), *other = place_absolute(b);
    bool is_same = site_kind(a) == SITE_PATH && site_kind(b) == SITE_PATH ? !strcmp(path, other)
                                                                          : !strcmp(a, b);
    free(path);
    free(other);
    return is_same;
}

/* Returns whether the existing section has the source. */
static bool has_source(const struct setup_site *setup, const char *source)
{
    struct buffer one = {0};
    bool has = false;
    for (const char *rest = setup->site.source; !has && (rest = sources_next(rest, &one));)
        has = is_same_source(source, one.data);
    buffer_free(&one);
    return has;
}

/* Returns NULL, or the error (static) why SOURCE cannot be the source of a site. */
static const char *source_error(const char *source)
{
    struct site trial = {0};
    if (site_kind(source) == SITE_STDIN)
        return "is the standard input, which a site cannot have; name a bucket or a directory";
    for (const unsigned char *s = (const unsigned char *)source; *s; s++)
        if (*s < ' ' || *s == 0x7f)
            return "has a control character, which a configuration file cannot hold";
    const char *error = site_set(&trial, "source", source);
    site_free(&trial);
    return error;
}

/* Reads the configuration, and the section in it if there is one.  Returns false with one line in ERROR. */
static bool read_config(struct setup_site *setup, struct buffer *error)
{
    int found = file_read(&setup->config, setup->options->config, error);
    setup->has_config = found > 0;
    return found >= 0 && (is_empty(&setup->config) || find_section(setup, error));
}

/* Whether the configuration exists, but this user may not read it. */
static bool is_closed(const char *config)
{
    return access(config, R_OK) < 0 && errno == EACCES;
}

/* Reads the settings that a policy depends on, from the section if this user may read it.  Options replace
 * settings. */
static int read_for_policy(struct setup_site *setup, const char *source)
{
    const struct options *options = setup->options;
    struct buffer error = {0};
    char user[USER_NAME_SIZE];
    user_name(geteuid(), user);
    bool may_read = !is_closed(options->config);
    if (!may_read && !source) {
        message_error("the user %s may not read %s; run the command with sudo, or give the SOURCE, "
                      "too: \"awstats-cloudfront setup --policy %s s3://BUCKET/PREFIX\"",
                      user, options->config, setup->name);
        return EXIT_FAILED;
    }
    if (may_read && !read_config(setup, &error))
        return fail(&error);
    if (!may_read)
        message_note("the user %s may not read %s, so this policy follows the arguments of this "
                     "command, and not the settings in that file",
                     user, options->config);
    if (!setup->has_section) {
        make_section(setup, source);
        return EXIT_DONE;
    }
    if (source) {
        free(setup->site.source);
        setup->site.source = NULL;
        site_set(&setup->site, "source", source);
    }
    if (options->after)
        site_set(&setup->site, "after", options->after);
    if (options->site.region)
        site_set(&setup->site, "region", options->site.region);
    return EXIT_DONE;
}

int setup_site_read(struct setup_site *setup, const struct options *options, const char *name,
                    const char *source)
{
    struct buffer error = {0};
    const char *name_error = setup_name_error(name);
    const char *bad_source = source ? source_error(source) : NULL;
    if (name_error) {
        message_error("the name of the site, \"%s\", %s; choose another name", name, name_error);
        return EXIT_USAGE;
    }
    if (bad_source) {
        message_error("the place of the logs, \"%s\", %s", source, bad_source);
        return EXIT_USAGE;
    }
    setup->options = options;
    setup->name = name;
    if (options->policy)
        return read_for_policy(setup, source);
    if (!read_config(setup, &error))
        return fail(&error);
    if (!setup->has_section) {
        make_section(setup, source);
    } else if (source && !has_source(setup, source)) {
        char *shown = sources_show(setup->site.source);
        message_error(
            "section [%s] of %s is there already, with another source, %s; choose another "
            "NAME, or change the section by hand",
            name, options->config, shown);
        free(shown);
        return EXIT_FAILED;
    } else if (!options->remove && !has_settings(setup, &error)) {
        return fail(&error);
    }
    return EXIT_DONE;
}

/* ---- the AWStats configuration ------------------------------------------------------------------ */

/* Takes an existing AWStats configuration.  Returns false with one line in ERROR if the configuration does not read
 * the site, unless setup only removes. */
static bool take_report(struct setup_site *setup, const struct awstats_config *config,
                        struct buffer *error)
{
    struct buffer log_file = {0};
    char *value = awstats_config_get(config, "LogFile");
    buffer_printf(&log_file, "site:%s", setup->name);
    setup->has_report = setup->options->remove || (value && !strcmp(value, log_file.data));
    free(value);
    buffer_free(&log_file);
    if (!setup->has_report) {
        buffer_printf(
            error,
            "%s is there already, but has no LogFile=\"site:%s\"; choose another NAME, or "
            "change this file by hand",
            config->path, setup->name);
        return false;
    }
    free(setup->place.report);
    setup->place.report = memory_copy_text(config->path);
    return true;
}

/* Looks for the AWStats configuration only in the folder where setup would write it. */
static bool find_own_report(struct setup_site *setup, struct awstats_config *config,
                            struct buffer *error)
{
    *config = (struct awstats_config){0};
    strncpy(config->path, setup->place.report, sizeof config->path - 1);
    strncpy(config->directory, setup->place.folder, sizeof config->directory - 1);
    return access(setup->place.report, F_OK) < 0 || take_report(setup, config, error);
}

/* Looks for the AWStats configuration in the folders of AWStats. */
static bool find_report(struct setup_site *setup, struct awstats_config *config,
                        struct buffer *error)
{
    struct buffer none = {0};
    const char *program = setup->awstats.program;
    if (!*program) /* AWStats is not installed yet */
        return find_own_report(setup, config, error);
    bool found = awstats_config_find_site(config, program, setup->name, &none);
    if (!found && !setup->options->remove &&
        awstats_config_find_pipe(config, program, setup->name, &none)) {
        buffer_printf(
            error,
            "%s counts the site already, by a pipe from awstats-cloudfront cat; choose "
            "another NAME, or write LogFile=\"site:%s\" and LoadPlugin=\"cloudfront\" into "
            "this file, and run the command again",
            config->path, setup->name);
        buffer_free(&none);
        return false;
    }
    found = found || awstats_config_find(config, program, setup->name, &none);
    buffer_free(&none);
    return found ? take_report(setup, config, error) : find_own_report(setup, config, error);
}

/* Whether LIST, the value of an AWStats setting with hosts, may have the host WORD, in upper or lower case: a pattern
 * (REGEX[...]) and a file (@FILE) may have any host. */
static bool may_have_word(const char *list, const char *word)
{
    size_t size = strlen(word);
    if (strcasestr(list, "REGEX[") || strchr(list, '@'))
        return true;
    for (const char *s = list; *(s += strspn(s, " \t")); s += strcspn(s, " \t"))
        if (strcspn(s, " \t") == size && !strncasecmp(s, word, size))
            return true;
    return false;
}

/* Returns whether the AWStats configuration that is there counts the hosts of --domain.  Else adds one line to
 * ERROR. */
static bool has_domains(const struct setup_site *setup, const struct awstats_config *config,
                        struct buffer *error)
{
    const struct options *options = setup->options;
    struct buffer hosts = {0};
    char *domain = awstats_config_get(config, "SiteDomain");
    char *aliases = awstats_config_get(config, "HostAliases");
    bool has = true;
    buffer_printf(&hosts, "%s %s", domain ? domain : "", aliases ? aliases : "");
    for (size_t i = 0; has && i < options->domain_count; i++)
        if (!(has = may_have_word(hosts.data, options->domains[i])))
            buffer_printf(error,
                          "%s is there already, and neither SiteDomain nor HostAliases has %s; add "
                          "this name to HostAliases there by hand, or leave the option out",
                          config->path, options->domains[i]);
    free(domain);
    free(aliases);
    buffer_free(&hosts);
    return has;
}

/* Takes the folder of the history from an existing AWStats configuration, unless --dirdata names another one. */
static bool take_history(struct setup_site *setup, const struct awstats_config *config,
                         struct buffer *error)
{
    const char *given = setup->options->dirdata;
    char *history = awstats_config_get(config, "DirData");
    bool is_other = given && history && *history == '/' && strcmp(history, given) != 0;
    if (is_other)
        buffer_printf(
            error,
            "%s is there already, with DirData=\"%s\"; change this line by hand, or leave "
            "out --dirdata",
            config->path, history);
    bool done = !is_other &&
                (!history || *history != '/' || place_set_history(&setup->place, history, error));
    free(history);
    return done;
}

int setup_site_find(struct setup_site *setup)
{
    const struct options *options = setup->options;
    const struct place_given given = {setup->name,       options->config,  options->config_folder,
                                      setup->site.state, options->dirdata, setup->site.report};
    struct awstats_config config;
    struct buffer error = {0};
    check_find_awstats(options->awstats, &setup->awstats);
    if (!place_decide(&setup->place, &given, &error))
        return fail(&error);
    bool is_default = !setup->place.is_own && !options->config_folder;
    if (!(is_default ? find_report(setup, &config, &error)
                     : find_own_report(setup, &config, &error)) ||
        (setup->has_report &&
         (!has_domains(setup, &config, &error) || !take_history(setup, &config, &error))))
        return fail(&error);
    environment_file_add(&setup->place.account.environment, setup->place.config, setup->name);
    if (!setup->has_section && setup->place.is_own && !setup->site.state)
        set(setup, "state", setup->place.ledger);
    return EXIT_DONE;
}

void setup_site_free(struct setup_site *setup)
{
    site_free(&setup->site);
    buffer_free(&setup->config);
    buffer_free(&setup->settings);
    place_free(&setup->place);
    *setup = (struct setup_site){0};
}
