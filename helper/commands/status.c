/* status: shows a site's counted objects, lag and quarantined objects, from its ledger; as text, as JSON, as
 * metrics for Prometheus, or as a check of the lag. */
#include <stdio.h>
#include <stdlib.h>

#include "commands/all_sites.h"
#include "commands/commands.h"
#include "commands/status_json.h"
#include "commands/status_metrics.h"
#include "commands/status_site.h"
#include "commands/status_text.h"
#include "config/site_file.h"
#include "memory/allocate.h"
#include "text/message.h"
#include "text/time.h"

/* Returns the worse one of two exit statuses.  EXIT_FAILED is the worst; otherwise OTHER, the later one, counts. */
static int worse(int status, int other)
{
    return status == EXIT_FAILED || other == EXIT_DONE ? status : other;
}

/* Prints a line when the newest counted object is older than --max-lag.  Returns an exit status. */
static int check_lag(const struct options *options, const struct status_site *site)
{
    char time[TIME_TEXT_SIZE], age[STATUS_AGE_SIZE];
    int64_t lag = status_site_lag(site);
    if (lag >= 0 && lag <= options->max_lag_s)
        return EXIT_DONE;
    if (lag < 0) {
        message_error("[%s]: no object is counted yet (--max-lag %s); run the AWStats update and "
                      "check its error message",
                      site->name, options->max_lag);
        return EXIT_LATE;
    }
    time_format(time, TIME_SECOND, site->status.newest);
    message_error(
        "[%s]: the newest counted object is of %s, %s ago, which is longer than --max-lag "
        "%s; check that CloudFront still writes logs, run the AWStats update, and check "
        "its error message",
        site->name, time, status_format_age(age, lag), options->max_lag);
    return EXIT_LATE;
}

/* Shows a site that was read.  Returns an exit status. */
static int show(const struct options *options, struct status_site *site, bool is_first)
{
    bool has_text = !options->json && !options->metrics && !options->max_lag, shown = true;
    int result = EXIT_DONE;
    if (options->json || has_text) {
        if (!is_first)
            fputs(options->json ? ",\n" : "\n", stdout);
        shown = options->json ? status_print_json(site) : status_print_text(site);
        if (shown && site->status.quarantined)
            result = EXIT_QUARANTINED;
    }
    if (site->error.size) {
        message_error("%s", site->error.data);
        return site->exit_status;
    }
    return options->max_lag ? worse(check_lag(options, site), result) : result;
}

/* Reads and shows the sites NAMES, or the one site of the options if NAMES is NULL. */
static int show_sites(const struct options *options, char *const *names, size_t count)
{
    struct status_site *sites = memory_allocate(count + 1, sizeof *sites);
    int result = EXIT_DONE;
    for (size_t i = 0; i < count; i++) {
        struct site site = {0};
        if (!names) {
            status_site_read(&sites[i], &options->site);
        } else if (site_file_read(&site, options->config, names[i], &sites[i].error) == 0) {
            status_site_read(&sites[i], &site);
        } else {
            sites[i].name = memory_copy_text(names[i]);
            sites[i].exit_status = EXIT_FAILED;
        }
        result = worse(result, show(options, &sites[i], i == 0));
        status_site_close(&sites[i]);
        site_free(&site);
    }
    if (options->metrics && !status_write_metrics(options->metrics, sites, count))
        result = EXIT_FAILED;
    for (size_t i = 0; i < count; i++)
        status_site_free(&sites[i]);
    free(sites);
    return result;
}

static int show_all(const struct options *options)
{
    size_t count = 0;
    char **names = all_sites_read(options, &count);
    if (!names)
        return EXIT_FAILED;
    int result = show_sites(options, names, count);
    site_file_free_names(names);
    return result;
}

int command_status(const struct options *options)
{
    if (options->json && options->metrics) {
        message_error("status: takes either --json or --metrics FILE, not both; see "
                      "awstats-cloudfront status --help");
        return EXIT_USAGE;
    }
    if (options->json)
        putchar('[');
    int result = options->site_given ? show_sites(options, NULL, 1) : show_all(options);
    if (options->json)
        puts("]");
    return result;
}
