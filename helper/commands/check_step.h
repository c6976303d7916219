/* The lines that check prints: one for each step, "ok" or "FAIL" and what to do, and "warn" for a
 * site that works, but with false figures. */
#ifndef COMMANDS_CHECK_STEP_H
#define COMMANDS_CHECK_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "commands/check_hosts.h"
#include "config/site.h"
#include "text/buffer.h"

enum { CHECK_LOGS = 10 }; /* the newest logs of a source, which are read */

struct check {
    bool failed;         /* at least one step has failed */
    struct buffer kinds; /* of the logs of this source: the texts that were printed, a LF each */
    unsigned missing;    /* columns that were warned of, for this source */
    struct check_hosts hosts; /* in these logs */
};

/* Prints the line of a step; control bytes in the text are printed as \xHH. */
void check_step(struct check *check, bool ok, const char *step, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Prints a warning about a step that has not failed. */
void check_warn(const char *step, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints a line that begins with WORD, of four letters, instead. */
void check_say(const char *word, const char *step, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints what SIZE bytes of the log NAME hold, which are all of it if it IS_WHOLE, and warns of the
 * columns that the log lacks.  Prints no line that it has printed of another log. */
void check_log(struct check *check, const struct site *site, const char *name, const void *data,
               size_t size, bool is_whole);

/* Ends a site: the next log is one of another. */
void check_forget_logs(struct check *check);

#endif
