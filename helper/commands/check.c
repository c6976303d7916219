/* check: tests each thing that a site needs, and prints a line for each step: "ok", or "FAIL" and what to do.
 * It leaves out steps that depend on a failed step.  It reads the newest objects of a source. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/check_awstats.h"
#include "commands/check_clean_up.h"
#include "commands/check_source.h"
#include "commands/check_state.h"
#include "commands/check_step.h"
#include "commands/commands.h"
#include "config/environment_file.h"
#include "config/site_command.h"
#include "config/site_file.h"
#include "text/buffer.h"

/* Warns if this user may not read the file with the access keys of the site's service, and this process has no
 * keys. */
static void warn_of_closed_file(const struct options *options, const struct site *site)
{
    bool needs_keys = site_has_bucket(site) && !getenv("AWS_ACCESS_KEY_ID");
    char *closed = needs_keys ? environment_file_find_closed(options->config, site->name) : NULL;
    char *command = site_command(site, "check");
    if (closed)
        check_warn(
            "credentials",
            "the updates that systemd starts take their keys from %s, which this user may not "
            "read; to check with these keys, run: sudo %s",
            closed, command);
    free(command);
    free(closed);
}

/* Checks a site whose section was read, with the awstats.pl that its updates run. */
static void check_site(struct check *check, const struct options *options, const struct site *site,
                       const struct awstats *awstats)
{
    struct site known = *site;
    char *regions = site_has_bucket(site) ? check_read_ledger(site, ledger_get_region) : NULL;
    known.regions = regions;
    warn_of_closed_file(options, site);
    check_source(check, site->source, &known);
    free(regions);
    check_clean_up_of_others(site, options->config);
    check_state(check, site);
    check_awstats_site(check, options, site, awstats);
    check_forget_logs(check);
}

/* Returns the awstats.pl that an option or the section names for the site; NULL: its updates search for one. */
static const char *given_awstats(const struct options *options, const struct site *site)
{
    return options->awstats ? options->awstats : site->awstats;
}

/* Checks one of several sites.  Prints lines about AWStats only for a site whose section names an awstats.pl.
 * Returns whether the site uses the common AWSTATS. */
static bool check_one_of_sites(struct check *check, const struct options *options,
                               const struct site *site, const struct awstats *awstats)
{
    const char *given = given_awstats(options, site);
    struct awstats own;
    if (given == options->awstats) {
        check_site(check, options, site, awstats);
        return true;
    }
    check_find_awstats(given, &own);
    check_site(check, options, site, &own);
    check_awstats(check, given, &own);
    return false;
}

/* Checks that the configuration file and the sections NAMES can be read.  NAMES is NULL if the file cannot be
 * read; then ERROR has the reason. */
static void check_sections(struct check *check, const char *config, char **names,
                           struct buffer *error)
{
    bool is_right = names;
    if (!names)
        check_step(check, false, "configuration", "%s", error->data);
    for (char **name = names; name && *name; name++) {
        struct site site = {0};
        if (site_file_read(&site, config, *name, error) != 0) {
            check_step(check, false, "configuration", "%s", error->data);
            buffer_clear(error);
            is_right = false;
        }
        site_free(&site);
    }
    if (is_right)
        check_step(check, true, "configuration", "%s", config);
}

/* Checks all sites.  Returns whether one of them uses the common AWSTATS, or there is no site yet. */
static bool check_all_sites(struct check *check, const struct options *options,
                            const struct awstats *awstats)
{
    const char *config = options->config;
    struct buffer error = {0};
    char **names = site_file_names(config, &error);
    bool uses_common = !names || !*names;
    check_sections(check, config, names, &error);
    for (char **name = names; name && *name; name++) {
        struct site site = {0};
        if (site_file_read(&site, config, *name, &error) == 0) {
            printf("\n[%s]\n", *name);
            uses_common |= check_one_of_sites(check, options, &site, awstats);
        }
        buffer_clear(&error);
        site_free(&site);
    }
    site_file_free_names(names);
    buffer_free(&error);
    return uses_common;
}

int command_check(const struct options *options)
{
    struct check check = {0};
    struct awstats awstats;
    const char *given =
        options->site_given ? given_awstats(options, &options->site) : options->awstats;
    bool uses_awstats = true;
    check_find_awstats(given, &awstats);
    if (!options->site_given && options->site_error.size) {
        check_step(&check, false, "configuration", "%s", options->site_error.data);
    } else if (options->site_given) {
        check_step(&check, true, "configuration", "%s, section [%s]", options->config,
                   options->site.name);
        check_site(&check, options, &options->site, &awstats);
    } else if (options->source_count) {
        for (size_t i = 0; i < options->source_count; i++)
            check_source(&check, options->sources[i], &options->site);
    } else {
        uses_awstats = check_all_sites(&check, options, &awstats);
    }
    check_forget_logs(&check);
    if (uses_awstats)
        check_awstats(&check, given, &awstats);
    return check.failed ? EXIT_FAILED : EXIT_DONE;
}
