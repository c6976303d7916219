/* cat: writes one normalized log, sorted by time, to the standard output: of a site's batch, or of
 * all objects of the sources that are named. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/batch_messages.h"
#include "commands/commands.h"
#include "run/run.h"
#include "text/message.h"

/* Returns whether this run leaves the commit to others: to the reader of the log (the plugin
 * commits once AWStats has saved its counts), or to the next run when a person reads the log on a
 * terminal. */
static bool commits_later(void)
{
    const char *commit = getenv("AWSTATS_CLOUDFRONT_COMMIT");
    return (commit && !strcmp(commit, "later")) || isatty(STDOUT_FILENO);
}

int command_cat(const struct options *options)
{
    struct run_options run_options = {.site = &options->site,
                                      .has_batch = options->site_given,
                                      .config = options->config,
                                      .sources = options->sources,
                                      .source_count = options->source_count,
                                      .batch = {.transfers = options->transfers,
                                                .wait = options->wait,
                                                .lists_fully = options->full,
                                                .commits_later = commits_later()}};
    struct batch_error error = {0};
    struct run *run;
    if (!options->site_given && !options->source_count) {
        message_error("cat: name a SOURCE or --site; see awstats-cloudfront cat --help");
        return EXIT_USAGE;
    }
    bool done = run_open(&run, &run_options, &error) && run_read(run);
    if (done && options->site_given)
        print_left_out(&options->site, run_batch(run));
    done = done && run_write(run, STDOUT_FILENO, "standard output");
    run_close(run);
    if (!done)
        return print_batch_error(&options->site, &error);
    batch_error_free(&error);
    return EXIT_DONE;
}
