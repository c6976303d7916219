/* awstats-cloudfront: reads CloudFront's access logs for AWStats. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "config/options.h"
#include "text/message.h"
#include "text/progress.h"

static const struct command commands[] = {
    {"setup", "NAME SOURCE [--domain HOST]... [--yes] [--dry-run] [--policy] | --remove NAME",
     "set up a site: looks at its logs, and writes the configurations of AWStats and this program",
     .run = command_setup},
    {"cat", "[--site NAME | SOURCE...]", "write the normalized log to standard output",
     .run = command_cat},
    {"update", "--site NAME... | --all [--report DIR] [--dry-run]",
     "count what is new: read the logs, let AWStats count them, and mark them as counted",
     .run = command_update, .takes_sites = true},
    {"awstats", "[ARGUMENT...]", "run awstats.pl with the plugin of this program",
     .run = command_awstats, .takes_words = true},
    {"fetch", "[--site NAME | s3://BUCKET/PREFIX] --to DIR",
     "copy the raw objects into a directory", .run = command_fetch},
    {"commit", "--site NAME [--batch ID] [--previous ID] [--history NAME]",
     "mark a batch as counted; the plugin calls this", .run = command_commit},
    {"adopt", "--site NAME [--former OLDNAME] [--history NAME]",
     "accept the new name of a site, or of the AWStats history that counts it",
     .run = command_adopt},
    {"status", "[--site NAME] [--json | --metrics FILE] [--max-lag DURATION]",
     "show counted objects, lag, and quarantined objects", .run = command_status},
    {"backup", "--site NAME --dirdata DIR --to DIR",
     "copy the ledger and the AWStats history of one moment", .run = command_backup},
    {"restore", "--site NAME [--from DIR] [--dirdata DIR]",
     "replace the ledger and the AWStats history by a backup", .run = command_restore},
    {"recount", "--site NAME [--month YYYY-MM]... [--dry-run]",
     "count months of the AWStats history anew, and replace them", .run = command_recount},
    {"verify", "--site NAME [--month YYYY-MM]...",
     "compare the AWStats history with the counted objects", .run = command_verify},
    {"explain", "--site NAME --day YYYY-MM-DD [--host ADDRESS] [--url PATH] [--status CODE]",
     "show the objects and records behind the figures of a day", .run = command_explain},
    {"check", "[--site NAME | SOURCE...]",
     "test configuration, credentials, bucket and AWStats: each line says ok or what to do",
     .run = command_check, .takes_site_error = true},
    {0},
};

/* Opens the standard files that are closed, so that no file that this program opens takes their
 * numbers.  The opposite mode makes each use of such a file an error. */
static void fill_standard_files(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd ? O_RDONLY : O_WRONLY);
}

int main(int argc, char **argv)
{
    fill_standard_files();
    struct options options;
    /* A reader that goes away and a file that reached its limit are errors of write(), reported
     * like any other. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    int status = options_parse(&options, commands, argc, argv);
    if (status < 0)
        status = options.command->run(&options);
    progress_end();
    options_free(&options);
    /* cat closes standard output itself.  What another command printed may still be buffered. */
    if (status == EXIT_DONE && (fflush(stdout) == EOF || ferror(stdout))) {
        message_error("standard output: %s", strerrordesc_np(errno));
        status = EXIT_FAILED;
    }
    return status;
}
