/* Prints the messages about a batch, with advice that names commands and
 * options. */
#ifndef BATCH_MESSAGES_H
#define BATCH_MESSAGES_H

#include "batch/batch.h"

/* Adds advice, with the command to type, to the error text of a batch of SITE. */
void add_batch_advice(const struct site *site, struct batch_error *error);

/* Prints the error of a batch of SITE with this advice, and frees it.  Returns the exit status. */
int print_batch_error(const struct site *site, struct batch_error *error);

/* Tells that the setting unique is new to SITE, which has counted objects before. */
void print_unknown_request_ids(const struct site *site);

/* Names the objects that the prepared BATCH of SITE leaves out. */
void print_left_out(const struct site *site, const struct batch *batch);

#endif
