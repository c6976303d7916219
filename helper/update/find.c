#include "update/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool find_program(struct update_awstats *found, const struct site *site, const char *program,
                         struct buffer *error)
{
    const char *given = program ? program : site->awstats;
    if (given ? awstats_open(&found->awstats, given) == 0 : awstats_find(&found->awstats) == 0)
        return true;
    if (given)
        buffer_printf(error, "%s: there is no such file that this user may read; correct %s", given,
                      program ? "--awstats" : "the setting awstats of the site");
    else
        buffer_add_text(error, "awstats.pl was not found; install AWStats, or name its path by the "
                               "setting awstats of the site");
    return false;
}

/* Takes the configuration at PATH, /DIRECTORY/awstats.NAME.conf. */
static bool take_path(struct awstats_config *config, const char *path, struct buffer *error)
{
    const char *name = strrchr(path, '/') + strlen("/awstats.");
    snprintf(config->path, sizeof config->path, "%s", path);
    snprintf(config->directory, sizeof config->directory, "%.*s", (int)(strrchr(path, '/') - path),
             path);
    snprintf(config->name, sizeof config->name, "%.*s", (int)(strlen(name) - strlen(".conf")), name);
    if (access(path, R_OK) == 0)
        return true;
    buffer_printf(error,
                  "%s: there is no such file that this user may read; correct the setting "
                  "awstats-config of the site",
                  path);
    return false;
}

/* Returns whether the configuration reads the site with the plugin; else adds what to write. */
static bool reads_site(const struct awstats_config *config, const char *site, struct buffer *error)
{
    struct buffer log_file = {0};
    buffer_printf(&log_file, "site:%s", site);
    char *format = awstats_config_get(config, "LogFormat");
    char *log = awstats_config_get(config, "LogFile");
    char *plugin = awstats_config_get(config, "LoadPlugin");
    bool has_format = format && !strncmp(format, "cloudfront", strlen("cloudfront"));
    bool has_log = log && !strcmp(log, log_file.data);
    if (!has_format || !has_log)
        buffer_printf(error,
                      "%s has LogFormat=\"%s\" and LogFile=\"%s\", so it does not count the site; "
                      "write LoadPlugin=\"cloudfront\", LogFormat=\"cloudfront\" and "
                      "LogFile=\"%s\" into it",
                      config->path, format ? format : "", log ? log : "", log_file.data);
    free(format);
    free(log);
    free(plugin);
    buffer_free(&log_file);
    return has_format && has_log;
}

/* Finds the configuration with the site's name, else the one that reads the site. */
static bool find_config(struct awstats_config *config, const char *program, const char *site,
                        struct buffer *error)
{
    struct buffer by_name = {0};
    if (!strchr(site, '/') && awstats_config_find(config, program, site, &by_name) &&
        reads_site(config, site, &by_name))
        return true;
    struct buffer by_log = {0};
    bool is_named = config->path[0] && access(config->path, R_OK) == 0;
    bool found = awstats_config_find_site(config, program, site, &by_log);
    if (!found)
        buffer_add_text(error, is_named ? by_name.data : by_log.data);
    buffer_free(&by_name);
    buffer_free(&by_log);
    return found && reads_site(config, site, error);
}

bool find_awstats(struct update_awstats *found, const struct site *site, const char *program,
                  struct buffer *error)
{
    *found = (struct update_awstats){0};
    if (!find_program(found, site, program, error))
        return false;
    const char *given = site->awstats_config;
    bool done = !given ? find_config(&found->config, found->awstats.program, site->name, error)
                : *given == '/'
                    ? take_path(&found->config, given, error) &&
                          reads_site(&found->config, site->name, error)
                    : awstats_config_find(&found->config, found->awstats.program, given, error) &&
                          reads_site(&found->config, site->name, error);
    if (done)
        found->dirdata = awstats_config_get(&found->config, "DirData");
    return done;
}
