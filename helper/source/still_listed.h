/* Tells by the list of a bucket whether an object is still there.  For use after the store has responded that the
 * object is gone, was deleted or has changed: a store may be wrong about all of these. */
#ifndef SOURCE_STILL_LISTED_H
#define SOURCE_STILL_LISTED_H

#include <stdbool.h>

#include "source/bucket.h"
#include "source/cleaner.h"
#include "text/buffer.h"

/* Requests the list of the item's bucket, up to three times within a second, since some stores update their lists late.
 * *IS_LISTED: the list still has the version of the object that was counted.  If a policy allows only lists of the
 * source's own prefix, the function requests that list, which shows that the bucket exists, but only its first object.
 * The pool must have no other requests.  Returns false after adding one line to ERROR. */
bool bucket_still_lists(struct bucket_state *state, const struct clean_item *item, bool *is_listed,
                        struct buffer *error);

/* Lists an object again that came as another version, as source_still_lists(). */
bool bucket_contradicts_list(struct source *source, const struct source_object *object,
                             struct buffer *error);

#endif
