/* The ID of a batch, as in #Batch, #Previous and #Replaces of a normalized log, in the ledger and
 * in the AWStats history. */
#ifndef NORMALIZED_BATCH_ID_H
#define NORMALIZED_BATCH_ID_H

#include <stdbool.h>
#include <stddef.h>

enum { BATCH_ID_SIZE = 64 }; /* room for an ID and its NUL */

/* Stands in the place of an ID where there is no batch, as in "#Previous: -".  It has the syntax of
 * an ID, but no batch has it. */
#define BATCH_ID_NONE "-"

/* Whether the SIZE bytes at TEXT are an ID: 1 to 63 of the letters A-Z and a-z, digits and "-".
 * Does not depend on the locale. */
bool is_batch_id(const char *text, size_t size);

#endif
