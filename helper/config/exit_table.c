#include "config/exit_table.h"

#include "config/options.h"

const struct exit_row exit_table[] = {
    {EXIT_DONE, NULL,
     "done; objects may have been quarantined, and malformed rows left out, as the messages say"},
    {EXIT_FAILED, NULL, "failed: the message says why; no batch was counted, no month replaced"},
    {EXIT_USAGE, NULL, "the command line is wrong; nothing was done"},
    {EXIT_RUNNING, "update cat fetch commit adopt backup restore recount verify explain",
     "another run is using the site or the directory"},
    {EXIT_QUARANTINED, "status", "objects are quarantined"},
    {EXIT_LATE, "status", "with --max-lag: a site is behind"},
    {EXIT_DIFFERENT, "verify", "figures differ"},
    {EXIT_UNREADY, "setup", "the site is set up, but check fails"},
    {0},
};
