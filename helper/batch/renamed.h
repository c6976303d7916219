/* Finds objects of a new batch that hold the same log as another object under another name. */
#ifndef BATCH_RENAMED_H
#define BATCH_RENAMED_H

#include "ledger/ledger.h"
#include "source/source.h"
#include "text/buffer.h"

/* The copies of counted objects that one listing has found. */
struct copies_found {
    uint64_t count;
    struct buffer first, twin; /* the keys of the first copy, and of the counted object */
};

void copies_found_add(struct copies_found *found, const char *key, const char *twin);

/* Stores in *CAN_BE whether an object of the new batch can be one that was renamed, or is a copy of
 * another name: not while the names of all objects have CloudFront's form.  HAS_OTHER_NAMES: the
 * batch has another name.  The ledger remembers it, so that counted objects are searched once. */
bool renamed_can_be(struct ledger *ledger, bool has_other_names, bool *can_be);

/* Takes the objects out of the new batch that hold what a counted object of another name holds, and
 * adds them to FOUND.  Two names of CloudFront's form are two logs: an object is no copy when a
 * counted one of such a name, too, holds the same.  An object of such a name whose counted twin has
 * another one stays when the twin's digest is known: same_text.c decides.  CLEAN_UP: as
 * ledger_add_copy().  ledger_index_contents() was called before. */
bool renamed_leave_out(struct ledger *ledger, const struct source *source, bool clean_up,
                       struct copies_found *found);

/* Gives a twin to the objects of the new batch that hold what another one of it holds under another
 * name. */
bool renamed_pair(struct ledger *ledger, const struct source *source);

#endif
