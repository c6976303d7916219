/* The bucket that the objects of a source move to. */
#ifndef SOURCE_MOVE_TARGET_H
#define SOURCE_MOVE_TARGET_H

#include <stdbool.h>

#include "source/bucket.h"

/* Opens the bucket that objects move to, once.  Returns false after printing an error. */
bool bucket_open_target(struct bucket_state *state, const struct site *site);

/* Returns whether the store is known to obey the condition that a copy must not replace another object: only AWS
 * is. */
bool bucket_target_knows_only_new(const struct bucket_state *state);

/* Lets no other run on this machine, of a site whose ledger is in the same folder, move objects to this bucket until
 * *LOCK is closed.  Waits for such a run, which keeps the lock for one group of objects.  AWS needs no lock: *LOCK is -1
 * then.  Returns false after printing an error. */
bool bucket_lock_target(const struct bucket_state *state, const struct site *site, int *lock);

/* Returns whether the source would list the object KEY of the target, so that it could take the place of an object that
 * is not counted: from s3://BUCKET/p/ to s3://BUCKET/, p/p/KEY would become p/KEY. */
bool bucket_target_is_in_source(const struct bucket_state *state, const char *key);

#endif
