#include "awstats/config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/allocate.h"

/* The folders in which Read_Config of awstats.pl looks.  NULL stands for the folder of awstats.pl. */
static const char *const directories[] = {NULL, "/etc/awstats", "/usr/local/etc/awstats",
                                          "/etc/opt/awstats"};
enum { DIRECTORY_COUNT = sizeof directories / sizeof *directories };

/* ---- the folders ---------------------------------------------------------------------------- */

/* Stores the directory with this number in CONFIG. */
static void put_directory(struct awstats_config *config, const char *program, size_t number)
{
    const char *slash = strrchr(program, '/');
    if (directories[number])
        snprintf(config->directory, sizeof config->directory, "%s", directories[number]);
    else
        snprintf(config->directory, sizeof config->directory, "%.*s",
                 slash ? (int)(slash - program) : 1, slash ? program : ".");
}

/* Returns whether the directory has the configuration NAME.  For the name "awstats", the file awstats.conf fits,
 * too. */
static bool is_there(struct awstats_config *config, const char *name)
{
    static const char *const forms[] = {"%s/awstats.%s.conf", "%s/%s.conf"};
    snprintf(config->name, sizeof config->name, "%s", name);
    for (size_t i = 0; i < 2; i++) {
        if (i && strcmp(name, "awstats"))
            break;
        int size = snprintf(config->path, sizeof config->path, forms[i], config->directory, name);
        if (size > 0 && size < (int)sizeof config->path && access(config->path, R_OK) == 0)
            return true;
    }
    return false;
}

const char *awstats_config_new_directory(void)
{
    for (size_t i = 1; i < DIRECTORY_COUNT; i++)
        if (access(directories[i], F_OK) == 0)
            return directories[i];
    return directories[1];
}

static void name_directories(struct buffer *out, const char *program)
{
    for (size_t i = 0; i < DIRECTORY_COUNT; i++) {
        struct awstats_config config;
        put_directory(&config, program, i);
        buffer_printf(out, "%s%s", i ? ", " : "", config.directory);
    }
}

bool awstats_config_find(struct awstats_config *config, const char *program, const char *name,
                         struct buffer *error)
{
    for (size_t i = 0; i < DIRECTORY_COUNT; i++) {
        put_directory(config, program, i);
        if (is_there(config, name))
            return true;
    }
    buffer_printf(error,
                  "awstats.%s.conf was not found, or this user may not read it; correct its NAME, "
                  "which awstats-config gives; searched folders: ",
                  name);
    name_directories(error, program);
    return false;
}

/* awstats.NAME.conf
 * awstats.conf
 * Stores the name of the configuration; returns false for any other FILE. */
static bool take_name(char name[NAME_MAX + 1], const char *file)
{
    size_t size = strlen(file);
    if (!strcmp(file, "awstats.conf"))
        return strcpy(name, "awstats");
    if (size <= strlen("awstats..conf") || strncmp(file, "awstats.", 8) ||
        strcmp(file + size - 5, ".conf") != 0)
        return false;
    snprintf(name, NAME_MAX + 1, "%.*s", (int)(size - 13), file + 8);
    return true;
}

const char *awstats_config_history(const struct awstats_config *config)
{
    const char *slash = strrchr(config->path, '/');
    return strcmp(slash ? slash + 1 : config->path, "awstats.conf") != 0 ? config->name : "";
}

/* Whether the value LOG_FILE of the setting LogFile reads the site.  May change LOG_FILE. */
typedef bool reads_site(char *log_file, const char *site);

static bool is_site(char *log_file, const char *site)
{
    return !strncmp(log_file, "site:", 5) && !strcmp(log_file + 5, site);
}

/* Removes the quotes of the shell from TEXT. */
static void remove_quotes(char *text)
{
    char *out = text;
    for (; *text; text++)
        if (!strchr("'\"\\", *text))
            *out++ = *text;
    *out = '\0';
}

/* --site NAME  --site=NAME
 * -s NAME  -sNAME  -qs NAME
 * Returns the NAME behind the option --site, which may be shortened to --si; NULL if WORD is another one. */
static const char *find_site_name(const char *word)
{
    if (!strncmp(word, "--si", 4)) {
        word += strcspn(word, "= \t");
        if (*word == '=')
            return word + 1;
    } else if (*word == '-' && word[1 + strspn(word + 1, "vqf")] == 's') {
        word += strspn(word + 1, "vqf") + 2;
    } else {
        return NULL;
    }
    return word + strspn(word, " \t");
}

/* Accepts a pipe "… --site NAME … |", in each way to write the option, and with the quotes of the shell. */
static bool is_pipe_of_site(char *log_file, const char *site)
{
    char *end = strrchr(log_file, '|');
    size_t size = strlen(site);
    if (!end || end[1] || !strstr(log_file, "awstats-cloudfront"))
        return false;
    *end = '\0';
    remove_quotes(log_file);
    for (const char *word = log_file; word; word = strpbrk(word, " \t")) {
        word += strspn(word, " \t");
        const char *name = find_site_name(word);
        if (name && !strncmp(name, site, size) && (!name[size] || strchr(" \t<>&;|", name[size])))
            return true;
    }
    return false;
}

bool awstats_config_is_plugin_format(const char *format)
{
    return format && !strncmp(format, "cloudfront", strlen("cloudfront"));
}

bool awstats_config_is_pipe(const struct awstats_config *config)
{
    char *log_file = awstats_config_get(config, "LogFile");
    char *format = awstats_config_get(config, "LogFormat");
    size_t size = log_file ? strlen(log_file) : 0;
    bool is_pipe = size && log_file[size - 1] == '|' && !awstats_config_is_plugin_format(format);
    free(log_file);
    free(format);
    return is_pipe;
}

static bool has_log_of(const struct awstats_config *config, reads_site *reads, const char *site)
{
    char *log_file = awstats_config_get(config, "LogFile");
    bool has = log_file && reads(log_file, site);
    free(log_file);
    return has;
}

enum awstats_log awstats_config_log(const struct awstats_config *config, const char *site)
{
    return has_log_of(config, is_site, site)           ? AWSTATS_LOG_SITE
           : has_log_of(config, is_pipe_of_site, site) ? AWSTATS_LOG_PIPE
                                                       : AWSTATS_LOG_OTHER;
}

/* Adds the paths of one directory's configurations that read the site to NAMES.  Stores the last of them in FOUND.
 * Returns how many there are. */
static size_t find_in(struct awstats_config *found, const char *program, size_t number,
                      reads_site *reads, const char *site, struct buffer *names)
{
    struct awstats_config config, first;
    size_t count = 0;
    put_directory(&config, program, number);
    DIR *folder = opendir(config.directory);
    const struct dirent *entry;
    char name[NAME_MAX + 1];
    struct buffer ignored = {0};
    while (folder && (entry = readdir(folder))) {
        if (!take_name(name, entry->d_name) || !is_there(&config, name) ||
            !has_log_of(&config, reads, site) ||
            !awstats_config_find(&first, program, name, &ignored) || /* an earlier one hides it */
            strcmp(first.path, config.path) != 0)
            continue;
        buffer_printf(names, "%s%s", names->size ? ", " : "", config.path);
        *found = config;
        count++;
    }
    buffer_free(&ignored);
    if (folder)
        closedir(folder);
    return count;
}

/* Finds the one configuration whose LogFile READS accepts.  LOG is the beginning of such a LogFile, for the error. */
static bool find_one(struct awstats_config *config, const char *program, reads_site *reads,
                     const char *site, const char *log, struct buffer *error)
{
    struct buffer names = {0};
    size_t count = 0;
    for (size_t i = 0; i < DIRECTORY_COUNT; i++)
        count += find_in(config, program, i, reads, site, &names);
    if (!count) {
        buffer_printf(error,
                      "no AWStats configuration (awstats.NAME.conf) with the line "
                      "LogFile=\"%s%s\" was found in ",
                      log, site);
        name_directories(error, program);
        buffer_printf(error,
                      "; write awstats-config = NAME into the section [%s], or, if its "
                      "awstats.NAME.conf has the plugin cloudfront, write this line into that file",
                      site);
    } else if (count > 1) {
        buffer_printf(error,
                      "several AWStats configurations have LogFile=\"%s%s\": %s; choose one: write "
                      "awstats-config = NAME into the section [%s]",
                      log, site, names.data, site);
    }
    buffer_free(&names);
    return count == 1;
}

bool awstats_config_find_site(struct awstats_config *config, const char *program, const char *site,
                              struct buffer *error)
{
    return find_one(config, program, is_site, site, "site:", error);
}

bool awstats_config_find_pipe(struct awstats_config *config, const char *program, const char *site,
                              struct buffer *error)
{
    return find_one(config, program, is_pipe_of_site, site, "… --site=", error);
}

bool awstats_config_takes_path(const char *path, struct buffer *error)
{
    static const char others[] = "-_./:\\ \t"; /* as in Sanitize() of awstats.pl */
    const char *p = path;
    while (*p && (strchr(others, *p) || (isascii((unsigned char)*p) && isalnum((unsigned char)*p))))
        p++;
    if (*p)
        buffer_printf(error,
                      "%s: awstats.pl cannot read a configuration with such a path; it accepts "
                      "only the letters a to z and A to Z, digits, white space and - _ . / :; "
                      "choose another name for the folder or the file",
                      path);
    return !*p;
}

/* Takes the configuration at PATH, /DIRECTORY/awstats.NAME.conf. */
static bool take_path(struct awstats_config *config, const char *path, struct buffer *error)
{
    const char *slash = strrchr(path, '/');
    snprintf(config->path, sizeof config->path, "%s", path);
    snprintf(config->directory, sizeof config->directory, "%.*s", (int)(slash - path), path);
    if (!take_name(config->name, slash + 1))
        buffer_printf(error, "%s: an AWStats configuration must be called awstats.NAME.conf", path);
    else if (access(path, R_OK) != 0 && errno == ENOENT)
        buffer_printf(error,
                      "%s: there is no such AWStats configuration; correct awstats-config, which "
                      "names this file",
                      path);
    else if (access(path, R_OK) != 0)
        buffer_printf(error, "%s: this user cannot read the AWStats configuration: %s", path,
                      strerrordesc_np(errno));
    else
        return awstats_config_takes_path(path, error);
    return false;
}

bool awstats_config_choose(struct awstats_config *config, const char *program, const char *given,
                           const char *site, struct buffer *error)
{
    struct buffer ignored = {0};
    if (given)
        return strchr(given, '/') ? take_path(config, given, error)
                                  : awstats_config_find(config, program, given, error);
    bool found = !strchr(site, '/') && awstats_config_find(config, program, site, &ignored);
    char *log_file = found ? awstats_config_get(config, "LogFile") : NULL;
    found = log_file && is_site(log_file, site);
    free(log_file);
    buffer_free(&ignored);
    return found || awstats_config_find_site(config, program, site, error);
}
