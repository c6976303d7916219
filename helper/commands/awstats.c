/* awstats: runs the installed awstats.pl with this program's perl and plugin. */
#include <signal.h>
#include <stdio.h>

#include "awstats/find.h"
#include "commands/commands.h"
#include "embedded/embedded.h"
#include "text/message.h"

/* Returns whether awstats.pl and the plugin were found.  If not, prints one line. */
static bool find(struct awstats *awstats, char plugin[PATH_MAX], const char *given)
{
    struct buffer error = {0};
    if (given ? awstats_open(awstats, given) < 0 : awstats_find(awstats) < 0)
        message_error(given
                          ? "%s: this file does not exist, or this user may not read it; name the "
                            "path of awstats.pl: awstats-cloudfront --awstats=FILE awstats ..."
                          : "awstats.pl was not found; install AWStats, or name the path of "
                            "awstats.pl: awstats-cloudfront --awstats=FILE awstats ...",
                      given);
    else if (embedded_find_plugin(plugin, &error))
        return true;
    else
        message_error("%s", error.data);
    buffer_free(&error);
    return false;
}

int command_awstats(const struct options *options)
{
    struct awstats awstats;
    char plugin[PATH_MAX];
    if (!find(&awstats, plugin, options->awstats))
        return EXIT_FAILED;
    /* awstats.pl gets the default signals, as if the user had started it. */
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    struct embedded_options embedded = {
        .program = awstats.program, .plugin = plugin, .arguments = options->sources};
    return embedded_run(&embedded);
}
