/* Prints the numbers of records by outcome, for status. */
#ifndef COMMANDS_STATUS_FIGURES_H
#define COMMANDS_STATUS_FIGURES_H

#include "ledger/ledger.h"

/* Print lines of text, or members of a JSON object after a ",". */
void print_figures_lines(const struct ledger_figures *figures);
void print_figures_json(const struct ledger_figures *figures);

#endif
