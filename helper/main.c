/* awstats-cloudfront: reads CloudFront's access logs for AWStats. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "config/options.h"
#include "text/message.h"

static const struct command commands[] = {
    {"cat", "[--site NAME | SOURCE...]", "write the normalized log to standard output", command_cat,
     false},
    {"fetch", "[--site NAME | s3://BUCKET/PREFIX] --to DIR",
     "copy the raw objects into a directory", command_fetch, false},
    {"commit", "--site NAME --batch ID", "note that a batch was counted; the plugin calls this",
     command_commit, false},
    {"status", "[--site NAME]", "show what is counted, how new it is, and what is set aside",
     command_status, false},
    {"check", "[--site NAME | SOURCE...]",
     "try configuration, credentials, bucket and AWStats: each line ok or what to do",
     command_check, true},
    {0},
};

int main(int argc, char **argv)
{
    struct options options;
    /* A reader that goes away and a file that may not grow are errors of write(), reported like any
     * other. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    int status = options_parse(&options, commands, argc, argv);
    if (status < 0)
        status = options.command->run(&options);
    message_progress_end();
    options_free(&options);
    /* cat closes standard output itself; what the others printed may not have got out. */
    if (status == EXIT_DONE && (fflush(stdout) == EOF || ferror(stdout))) {
        message_error("standard output: %s", strerror(errno));
        status = EXIT_FAILED;
    }
    return status;
}
