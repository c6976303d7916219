/* Which site and which source a ledger belongs to.  Two sections of the configuration never share a
 * ledger by accident, and a source with two spellings is one source.
 *
 * An object is known by its name within the source.  When a source moves, objects that keep their
 * names count as the ones that were counted: another bucket with the same keys, another prefix or
 * directory with the same names below it.  When the old source contains the new one, or the
 * reverse, names stay as they are.
 *
 * When the site gets several sources, the ledger's keys become whole names (source/several.h): those of
 * its one source until then get its bucket.  They stay whole names, also when one source is left. */
#ifndef BATCH_OWNER_H
#define BATCH_OWNER_H

#include <stdbool.h>

#include "batch/error.h"
#include "config/site.h"
#include "ledger/ledger.h"
#include "text/buffer.h"

/* Returns whether the ledger at PATH belongs to the site, or has no owner yet.  Returns false
 * with the reason in ERROR, also when the ledger cannot be read. */
bool owner_is(struct ledger *ledger, const struct site *site, const char *path,
              struct batch_error *error);

/* Finds the source that the ledger has, when the site has another one now, neither of which contains
 * the other: *SOURCE, which the caller frees; else NULL.  Returns false with the reason in ERROR. */
bool owner_get_old_source(struct ledger *ledger, const struct site *site, char **source,
                          struct batch_error *error);

/* Adds the text that makes whole names of the keys of SOURCE, its canonical name, when it is put before them. */
void owner_add_whole(struct buffer *text, const char *source);

/* Makes the site the owner of the ledger: stores its name and its current source. *SOURCE (the
 * caller frees it) gets the canonical name of that source: of a directory, the real path.
 * Returns false with the reason in ERROR when the source has changed and OPEN (the open batch,
 * or NULL) is of the old one, or when it has changed from a bucket to a path or the reverse. */
bool owner_take(struct ledger *ledger, const struct site *site, const struct ledger_batch *open,
                char **source, struct batch_error *error);

/* Accepts the site's source: one of another kind than before counts as new. */
bool owner_renew(struct ledger *ledger, const struct site *site);

#endif
