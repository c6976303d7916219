/* What recount and verify share: the options, and the sums of the months. */
#ifndef COMMANDS_COUNT_AGAIN_H
#define COMMANDS_COUNT_AGAIN_H

#include "config/options.h"
#include "recount/recount.h"

/* Counts the months that OPTIONS name.  WHY and LEAVE_OUT_OPTION: as in struct counted_choice.  *RECOUNT_OPTIONS, which
 * is filled, and ERROR must last as long as *RECOUNT.  Returns false after an error; a month without
 * records and history is one. */
bool count_again(struct recount **recount, struct recount_options *recount_options,
                 const struct options *options, const char *why, const char *leave_out_option,
                 struct batch_error *error);

/* Prints the sums of a month before and after. */
void print_sums(const struct recount_month *month);

#endif
