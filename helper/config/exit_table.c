#include "config/exit_table.h"

#include "config/options.h"

const struct exit_row exit_table[] = {
    {EXIT_DONE, NULL,
     "done; objects that cannot be read, and malformed rows, may have been left out, as the "
     "messages say"},
    {EXIT_FAILED, NULL,
     "failed: the message says why; nothing was counted or replaced, unless the message says "
     "otherwise"},
    {EXIT_USAGE, NULL, "the command line has an error; nothing was done"},
    {EXIT_RUNNING,
     "update cat fetch commit adopt backup restore recount verify explain setup plan prepare "
     "collect",
     "another run is using the site or the directory"},
    {EXIT_QUARANTINED, "status", "objects are left out until they can be read"},
    {EXIT_LATE, "status", "with --max-lag: a site is behind"},
    {EXIT_DIFFERENT, "verify", "figures differ"},
    {EXIT_UNREADY, "setup", "the site is set up, but check fails"},
    {0},
};
