/* Tells by the list of a bucket whether an object is still there, after requests that name the object have told that it
 * is gone, or deleted: a store may be wrong about either. */
#ifndef SOURCE_STILL_LISTED_H
#define SOURCE_STILL_LISTED_H

#include <stdbool.h>

#include "source/bucket.h"
#include "source/cleaner.h"
#include "text/buffer.h"

/* Requests the list of the item's bucket, up to three times within a second, as some stores bring their lists up to date
 * later.  *IS_LISTED: it has the version of the object that was counted.  If a policy
 * allows only lists of the source's own prefix, the list of this shows that the bucket exists, but only its first object.
 * The pool must have no other requests.  Returns false after adding one line to ERROR. */
bool bucket_still_lists(struct bucket_state *state, const struct clean_item *item, bool *is_listed,
                        struct buffer *error);

#endif
