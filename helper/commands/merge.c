/* merge: adds up AWStats history files of one period. */
#include "commands/commands.h"
#include "files/temporary.h"
#include "historyfile/merge.h"
#include "text/message.h"

int command_merge(const struct options *options)
{
    if (!options->output || !options->source_count) {
        message_error("merge needs %s; see awstats-cloudfront merge --help",
                      options->output ? "the history files to merge"
                                      : "the file to write, --output");
        return EXIT_USAGE;
    }
    struct history_merge_options merge_options = {
        .output = options->output,
        .inputs = options->sources,
        .memory = HISTORY_MERGE_MEMORY,
        .directory = temporary_directory(),
    };
    struct buffer error = {0};
    bool done = history_merge(&merge_options, &error);
    if (done)
        message_verbose("%s: merged %zu histories", options->output, options->source_count);
    else
        message_error("%s", error.data);
    buffer_free(&error);
    return done ? EXIT_DONE : EXIT_FAILED;
}
