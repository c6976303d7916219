/* check: tries all that a site needs, step by step, and prints a line for each step: "ok", or
 * "FAIL" with what to do.  It leaves out steps that need an earlier step which has failed.  It
 * reads the newest object of a source. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "awstats/find.h"
#include "commands/check_bucket.h"
#include "commands/check_path.h"
#include "commands/check_state.h"
#include "commands/check_step.h"
#include "commands/commands.h"
#include "config/site_file.h"
#include "s3/uri.h"
#include "text/buffer.h"
#include "version.h"

static void check_source(struct check *check, const char *uri, const struct site *site)
{
    struct s3_uri parts;
    if (site_kind(uri) != SITE_BUCKET) {
        check_path(check, uri, site);
        return;
    }
    const char *error = s3_uri_parse(&parts, uri);
    if (error) {
        check_step(check, false, "source", "%s: %s", uri, error);
        return;
    }
    s3_uri_free(&parts);
    check_step(check, true, "source", "%s", uri);
    check_bucket(check, uri, site);
}

static void check_all_sites(struct check *check, const struct options *options)
{
    const char *config = options->config;
    struct buffer error = {0};
    char **names = site_file_names(config, &error);
    if (names)
        check_step(check, true, "configuration", "%s", config);
    else
        check_step(check, false, "configuration", "%s", error.data);
    for (char **name = names; name && *name; name++) {
        struct site site = {0};
        if (site_file_read(&site, config, *name, &error) == 0) {
            printf("\n[%s]\n", *name);
            check_source(check, site.source, &site);
            check_state(check, &site);
        } else {
            check_step(check, false, "configuration", "%s", error.data);
            buffer_clear(&error);
        }
        site_free(&site);
        free(*name);
    }
    free(names);
    buffer_free(&error);
}

/* Checks that the plugin was installed from the same build as this program: a plugin rejects the
 * log of another version when its columns differ. */
static void check_plugin(struct check *check, const struct awstats *awstats)
{
    const char *version = awstats->plugin_version;
    if (!strcmp(version, VERSION))
        check_step(check, true, "plugin", "%s, version %s", awstats->plugin, version);
    else
        check_step(check, false, "plugin",
                   "%s is of version %s, and this program of version " VERSION
                   "; install both from the same version",
                   awstats->plugin, *version ? version : "unknown");
}

static void check_awstats(struct check *check)
{
    struct awstats awstats;
    if (awstats_find(&awstats) < 0) {
        check_step(check, false, "awstats",
                   "awstats.pl not found; install AWStats (apt-get install awstats, or dnf install "
                   "awstats)");
        return;
    }
    check_step(check, true, "awstats", "%s, version %s%s", awstats.program,
               awstats.version[0] ? awstats.version : "unknown",
               awstats.plugin[0] ? ""
                                 : "; the plugin cloudfront is not installed, so LogFile must be a "
                                   "pipe from this program");
    if (awstats.plugin[0])
        check_plugin(check, &awstats);
}

int command_check(const struct options *options)
{
    struct check check = {0};
    if (!options->site_given && options->site_error.size) {
        check_step(&check, false, "configuration", "%s", options->site_error.data);
    } else if (options->site_given) {
        check_step(&check, true, "configuration", "%s, section [%s]", options->config,
                   options->site.name);
        check_source(&check, options->site.source, &options->site);
        check_state(&check, &options->site);
    } else if (options->source_count) {
        for (size_t i = 0; i < options->source_count; i++)
            check_source(&check, options->sources[i], &options->site);
    } else {
        check_all_sites(&check, options);
    }
    check_awstats(&check);
    return check.failed ? EXIT_FAILED : EXIT_DONE;
}
