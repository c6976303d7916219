/* Deletes objects of a bucket, up to a thousand with one request (DeleteObjects).
 *
 * A key that XML cannot hold gets a request of its own (DeleteObject), and so do all keys where the
 * store does not know DeleteObjects.  A DeleteObjects that the store rejects is sent again in halves,
 * until the key is found for which it is rejected; the others are deleted.
 *
 * The requests name the ETag of each object, and AWS deletes only objects that still have it; a weak
 * ETag, which AWS does not give, cannot be compared by a store, and is not named.  Other stores may
 * reject this condition; then the request is sent without it.  Others ignore it.  There, an object
 * that is replaced a moment before is deleted without being counted.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html */
#ifndef SOURCE_DELETE_OBJECTS_H
#define SOURCE_DELETE_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "source/bucket.h"

/* The error of an object that is no longer the version that was counted. */
#define DELETE_OBJECTS_REPLACED "another object has just taken its place"

/* Deletes the objects, sets is_done of each that is gone, and calls cleaner_failed() for each other
 * one.  Returns false when all further objects would fail. */
bool delete_objects(struct bucket_state *state, struct cleaner *cleaner,
                    struct clean_item *const *items, size_t count);

#endif
