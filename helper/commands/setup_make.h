/* setup: makes the files, folders and the timer of a site, or prints them. */
#ifndef COMMANDS_SETUP_MAKE_H
#define COMMANDS_SETUP_MAKE_H

#include <stdbool.h>

#include "commands/setup_ask.h"
#include "commands/setup_site.h"
#include "text/buffer.h"

/* What is missing of a site.  Zeroed at birth. */
struct setup_plan {
    struct buffer section; /* the lines of the section; empty: it is there */
    struct buffer report;  /* the AWStats configuration; empty: it is there */
    struct buffer folders; /* a LF after each */
    bool timer;            /* it is to be enabled */
};

/* Finds out what is missing, and makes the texts, with NAMES if the AWStats configuration is
 * missing.  Returns false with one line in ERROR. */
bool setup_plan_make(struct setup_plan *plan, const struct setup_site *setup,
                     const struct names *names, bool is_streaming, struct buffer *error);

/* Returns whether nothing is missing. */
bool setup_plan_is_empty(const struct setup_plan *plan);

/* Prints what would be made. */
void setup_plan_print(const struct setup_plan *plan, const struct setup_site *setup);

/* Makes all of it, or, with one line in ERROR, nothing.  Prints a line for each thing that it has
 * made or found.  Returns an exit status. */
int setup_make(const struct setup_plan *plan, const struct setup_site *setup, struct buffer *error);

void setup_plan_free(struct setup_plan *plan);

/* Returns whether the updates of the site can be started by the timer. */
bool setup_has_timer(const struct setup_site *setup);

#endif
