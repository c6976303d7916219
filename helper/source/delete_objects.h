/* Deletes objects of a bucket, up to a thousand with one request (DeleteObjects).
 *
 * A key that XML cannot hold gets a request of its own (DeleteObject), and so does each key if the
 * store does not know DeleteObjects.  If the store rejects a DeleteObjects, the program sends it
 * again in halves, until it finds the key that the store rejects; the store deletes the other
 * objects.
 *
 * The requests name the ETag of each object, and AWS deletes only objects that still have this
 * ETag.  They do not name a weak ETag, which AWS never gives, since stores cannot compare it.  Some
 * stores reject this condition; then the program sends the request without it.  Others ignore the
 * condition.  There, an object that is replaced a moment before is deleted without being counted.
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
