/* Finds objects of a batch, once they are read, that hold the same log as another one. */
#ifndef BATCH_SAME_TEXT_H
#define BATCH_SAME_TEXT_H

#include <stdbool.h>

struct batch;

/* Drops objects that were read, by copies_drop(), when their whole text is that of a counted object, or
 * of another one of the batch, and both are the same log (batch/same_log.h).  Warns of those left that
 * have replaced a counted object under its key: the ledger knows the key.  Warns once of counted objects
 * whose texts are not known. */
bool same_text_find(struct batch *batch);

#endif
