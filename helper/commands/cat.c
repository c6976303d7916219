/* cat: writes one normalized log, sorted by time, to the standard output.  The log has the records of a site's
 * batch, or of all objects of the given sources. */
#include <unistd.h>

#include "commands/awstats_reader.h"
#include "batch/messages.h"
#include "commands/commands.h"
#include "config/site_command.h"
#include "run/run.h"
#include "text/message.h"
#include "text/progress.h"

/* Returns how the site's batch ends.  Only the reader of the log knows whether it counts the log, and says so by an
 * option.  LogFile lines of version 0.1 have no option, and AWStats would count their records again in each
 * update.  Therefore this function recognizes awstats.pl. */
static enum batch_end choose_end(const struct options *options)
{
    if (options->prepare)
        return BATCH_PREPARE;
    if (options->commit)
        return BATCH_COMMIT;
    if (!awstats_is_reader())
        return BATCH_STAYS;
    char *command = site_command(&options->site, "cat --commit");
    message_note(
        "[%s]: AWStats reads this output, so its records are marked as counted, as with --commit; "
        "to make sure of this, write into awstats.NAME.conf: LogFile=\"%s |\"",
        options->site.name, command);
    free(command);
    return BATCH_COMMIT;
}

/* Prints that the next run writes the same records again, since a program that counts them would count them twice. */
static void print_that_batch_stays(const struct site *site, const struct run *run)
{
    char *command = site_command(site, "cat --commit");
    if (run_record_count(run))
        message_note(
            "[%s]: these records are not marked as counted, so the next run writes them again; if "
            "a program counts them, let it read the output of this command instead: %s",
            site->name, command);
    free(command);
}

int command_cat(const struct options *options)
{
    enum batch_end end = options->site_given ? choose_end(options) : BATCH_STAYS;
    struct run_options run_options = {.site = &options->site,
                                      .has_batch = options->site_given,
                                      .config = options->config,
                                      .sources = options->sources,
                                      .source_count = options->source_count,
                                      .as = options->as,
                                      .batch = {.transfers = options->transfers,
                                                .wait = options->wait,
                                                .lists_fully = options->full,
                                                .end = end}};
    struct batch_error error = {0};
    struct run *run;
    if (isatty(STDERR_FILENO) && (options->prepare || awstats_is_reader()))
        progress_leave_terminal(); /* AWStats prints to the terminal */
    if (!options->site_given && (options->commit || options->prepare)) {
        message_error("cat: --commit and --prepare need --site NAME, because only for a site does "
                      "this program store what is counted");
        return EXIT_USAGE;
    }
    if (options->prepare && options->as != WRITE_NORMALIZED) {
        message_error("cat: --prepare is for the AWStats plugin, which cannot read the format of "
                      "--as; leave out --prepare, or --as");
        return EXIT_USAGE;
    }
    bool done = run_open(&run, &run_options, &error) && run_read(run);
    if (done && options->site_given)
        print_left_out(&options->site, run_batch(run));
    done = done && run_write(run, STDOUT_FILENO, "standard output");
    if (done && options->site_given && end == BATCH_STAYS)
        print_that_batch_stays(&options->site, run);
    run_close(run);
    if (!done)
        return print_batch_error(&options->site, &error);
    batch_error_free(&error);
    return EXIT_DONE;
}
