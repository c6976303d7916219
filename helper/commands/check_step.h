/* The lines that check prints: one for each step, "ok" or "FAIL" and what to do, and "warn" for a
 * site that works, but with false figures. */
#ifndef COMMANDS_CHECK_STEP_H
#define COMMANDS_CHECK_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "config/site.h"

struct check {
    bool failed; /* at least one step has failed */
};

/* Prints the line of a step; control bytes in the text are printed as \xHH. */
void check_step(struct check *check, bool ok, const char *step, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Prints a warning about a step that has not failed. */
void check_warn(const char *step, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints what SIZE bytes of the log NAME hold, which are all of it if it IS_WHOLE,
 * and warns of the columns that the log lacks. */
void check_log(struct check *check, const struct site *site, const char *name, const void *data,
               size_t size, bool is_whole);

#endif
