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

/* Returns whether the configuration reads the site with the plugin.  If not, adds an error with the lines to
 * write. */
static bool reads_site(const struct awstats_config *config, const char *site, struct buffer *error)
{
    struct buffer log_file = {0};
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
    bool done = awstats_config_choose(&found->config, found->awstats.program, site->awstats_config,
                                      site->name, error) &&
                reads_site(&found->config, site->name, error);
    if (done) {
        char *setting = awstats_config_get(&found->config, "DirData");
        found->dirdata = awstats_history_folder(found->awstats.program, setting);
        free(setting);
    }
    return done;
}
