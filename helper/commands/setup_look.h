/* setup: looks at the newest logs of a source, and checks the site afterwards; both as the user who runs the
 * updates. */
#ifndef COMMANDS_SETUP_LOOK_H
#define COMMANDS_SETUP_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/options.h"
#include "setup/account.h"
#include "setup/place.h"
#include "text/buffer.h"

struct look_host {
    char *name; /* a host's name by setup_is_host(); owned */
    uint64_t records;
};

/* Zeroed at birth. */
struct look {
    bool is_download, is_streaming; /* there is such a log; neither: none could be read */
    struct look_host *hosts; /* that with the most records first; those of distributions last */
    size_t count, capacity;
    struct buffer lines; /* that were printed, a LF before and after each */
};

/* Reads the newest logs of the site's source, and prints a line for each step, as check does.
 * Returns false with one line in ERROR when the logs could not be looked at at all. */
bool look_at_logs(struct look *look, const struct site *site, const struct account *account,
                  struct buffer *error);

/* Runs "check --site NAME", and prints its lines without those that look_at_logs() has printed.
 * Returns the exit status of check; -1 with one line in ERROR. */
int look_check(struct look *look, const struct options *options, const struct place *place,
               const char *name, struct buffer *error);

void look_free(struct look *look);

#endif
