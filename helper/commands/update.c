/* update: counts the new logs of each site. */
#include "update/update.h"

#include <stdlib.h>
#include <string.h>

#include "commands/all_sites.h"
#include "commands/commands.h"
#include "config/site_file.h"
#include "memory/allocate.h"
#include "setup/place.h"
#include "text/message.h"

static int update_all(const struct options *options, const struct update_options *how)
{
    size_t count = 0;
    char **names = all_sites_read(options, &count);
    if (!names)
        return EXIT_FAILED;
    int status = update_sites(how, (const char *const *)names, count);
    site_file_free_names(names);
    return status;
}

/* Updates each site once, even if the command line names it twice. */
static int update_named(const struct options *options, const struct update_options *how)
{
    const char **names = memory_allocate(options->site_count, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < options->site_count; i++) {
        size_t same = 0;
        while (same < count && strcmp(names[same], options->sites[i]) != 0)
            same++;
        if (same == count)
            names[count++] = options->sites[i];
    }
    int status = update_sites(how, names, count);
    free(names);
    return status;
}

int command_update(const struct options *options)
{
    struct update_options how = {.config = options->config,
                                 .awstats = options->awstats,
                                 .dry_run = options->dry_run,
                                 .transfers = options->transfers,
                                 .wait = options->wait};
    if (options->source_count || options->all == (options->site_count > 0)) {
        message_error("update: name the sites with --site NAME, or all of the configuration file "
                      "with --all; see awstats-cloudfront update --help");
        return EXIT_USAGE;
    }
    /* The process of a site may become a user who may not enter the current folder. */
    char *report = options->report ? place_absolute(options->report) : NULL;
    how.report = report;
    int status = options->all ? update_all(options, &how) : update_named(options, &how);
    free(report);
    return status;
}
