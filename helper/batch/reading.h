/* The way in which objects are read: the settings, and the version of this program, that decide whether an
 * object holds requests.  When one of them has changed, the program reads the objects again that it had passed over. */
#ifndef BATCH_READING_H
#define BATCH_READING_H

#include "config/site.h"
#include "text/digest.h"

/* Writes a digest of them, for ledger_set_reading(). */
void reading_write(const struct site *site, char out[DIGEST_WRITTEN_SIZE]);

#endif
