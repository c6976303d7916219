/* awstats-cloudfront: reads CloudFront's access logs for AWStats. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "config/options.h"
#include "text/message.h"
#include "text/progress.h"
#include "text/standard_output.h"

static const struct command commands[] = {
#define COMMAND(name, synopsis, help, flags) {#name, synopsis, help, command_##name, flags},
#include "config/commands.def"
#undef COMMAND
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
    int error = status == EXIT_DONE ? standard_output_flush() : 0;
    if (error) {
        message_error("standard output: %s; not all that the command prints was written there",
                      strerrordesc_np(error));
        status = EXIT_FAILED;
    }
    return status;
}
