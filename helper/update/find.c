#include "update/find.h"

#include <stdlib.h>
#include <string.h>

#include "awstats/history.h"

static bool find_program(struct update_awstats *found, const struct site *site, const char *program,
                         struct buffer *error)
{
    const char *given = program ? program : site->awstats;
    if (given ? awstats_open(&found->awstats, given) == 0 : awstats_find(&found->awstats) == 0)
        return true;
    if (given)
        buffer_printf(
            error, "%s: this awstats.pl does not exist, or this user may not read it; correct %s",
            given, program ? "--awstats" : "the setting \"awstats\" of the site");
    else
        buffer_add_text(
            error,
            "awstats.pl was not found; install AWStats, or write its path into the section of "
            "the site, as the setting \"awstats\"");
    return false;
}

/* Adds the error that awstats.pl updates the site, by a pipe from cat. */
static void explain_pipe(const struct awstats_config *config, const char *site,
                         struct buffer *error)
{
    buffer_printf(error,
                  "%s reads this site through a pipe, so awstats.pl updates it: run awstats.pl "
                  "-config=%s -update; to count it by awstats-cloudfront update, write "
                  "LoadPlugin=\"cloudfront\", LogFormat=\"cloudfront\" and LogFile=\"site:%s\" "
                  "into that file",
                  config->path, config->name, site);
}

/* Finds the configuration that counts the site. */
static bool find_config(struct awstats_config *config, const struct site *site, const char *program,
                        struct buffer *error)
{
    struct buffer none = {0}, ignored = {0};
    const char *given = site->awstats_config;
    bool found = awstats_config_choose(config, program, given, site->name, &none);
    if (!found && !given && awstats_config_find_pipe(config, program, site->name, &ignored))
        explain_pipe(config, site->name, error);
    else if (!found)
        buffer_add_text(error, none.data);
    buffer_free(&none);
    buffer_free(&ignored);
    return found;
}

/* Returns whether the configuration reads the site with the plugin.  If not, adds an error with the lines to
 * write. */
static bool reads_site(const struct awstats_config *config, const char *site, struct buffer *error)
{
    struct buffer log_file = {0};
    if (awstats_config_log(config, site) == AWSTATS_LOG_PIPE) {
        explain_pipe(config, site, error);
        return false;
    }
    buffer_printf(&log_file, "site:%s", site);
    char *format = awstats_config_get(config, "LogFormat");
    char *log = awstats_config_get(config, "LogFile");
    bool has_format = awstats_config_is_plugin_format(format);
    bool has_log = log && !strcmp(log, log_file.data);
    if (!has_format || !has_log)
        buffer_printf(
            error,
            "%s has LogFormat=\"%s\" and LogFile=\"%s\", so update cannot count the site with it; "
            "write LoadPlugin=\"cloudfront\", LogFormat=\"cloudfront\" and "
            "LogFile=\"%s\" into it",
            config->path, format ? format : "", log ? log : "", log_file.data);
    bool loads_plugin = awstats_config_loads(config, "cloudfront");
    if (has_format && has_log && !loads_plugin)
        buffer_printf(error,
                      "%s does not load the plugin, so update cannot count the site with it; write "
                      "LoadPlugin=\"cloudfront\" into it",
                      config->path);
    free(format);
    free(log);
    buffer_free(&log_file);
    return has_format && has_log && loads_plugin;
}

bool find_awstats(struct update_awstats *found, const struct site *site, const char *program,
                  struct buffer *error)
{
    *found = (struct update_awstats){0};
    if (!find_program(found, site, program, error))
        return false;
    bool done = find_config(&found->config, site, found->awstats.program, error) &&
                reads_site(&found->config, site->name, error);
    if (done) {
        char *setting = awstats_config_get(&found->config, "DirData");
        found->dirdata = awstats_history_folder(found->awstats.program, setting);
        free(setting);
    }
    return done;
}
