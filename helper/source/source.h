/* Where the objects of a batch come from: an S3 bucket, a directory, a file, the standard input, or
 * several of them.
 *
 * A source lists its objects once, in a fixed order (by name, bytes compared; several sources come
 * one after the other, as they are given), and then gives their bytes, each object once, to any
 * number of threads.  After a commit the source deletes or moves the objects.  One connection
 * serves all three, so a run looks up credentials once. */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "source/kind.h"

/* Returns a copy of an object.  Its texts are in one block of memory, which the caller frees by free() of its key. */
struct source_object source_object_copy(const struct source_object *object);

/* The name of the standard input in messages. */
#define SOURCE_STDIN "standard input"

/* Opens URI (s3://BUCKET/PREFIX, a path, "-", or several: config/sources.h) with the site's
 * settings, and lists its objects.  Transfers at most TRANSFERS objects at once.  Returns 0, or -1
 * with one line in ERROR; then there is nothing to close. */
int source_open(struct source *source, const char *uri, const struct site *site, unsigned transfers,
                struct buffer *error);

/* Three-step alternative to source_open() for callers with a ledger: connect, list, then choose the
 * objects source_next() returns.  An unreadable object is then returned with `reason` set instead
 * of failing the run.  OBJECTS, in the order of their keys, must last as long as the source.  Each
 * returns 0, or -1 with one line in ERROR. */
int source_connect(struct source *source, const char *uri, const struct site *site,
                   unsigned transfers, struct buffer *error);
int source_list(struct source *source, const struct source_listing *listing, struct buffer *error);
int source_expect(struct source *source, const struct source_object *objects, size_t count,
                  struct buffer *error);

/* Gets the next object's bytes.  Returns 1 after filling BODY, which the caller releases; 0 when
 * there are no more objects; -1 after printing the name of an object that could not be read, and
 * the error: then the run has failed, and later calls may return other objects.  Any thread may
 * call this. */
int source_next(struct source *source, struct body *body);

/* Returns whether the object whose bytes were read is still the version that was expected. */
bool source_is_unchanged(struct source *source, const struct body *body);

/* For use once no thread calls source_next() any more, with an object that came as SOURCE_CHANGED.  Returns true after
 * adding one line to ERROR if the source still lists the version that was expected: it contradicts itself, and may do so
 * in each run.  Returns false if the object has changed, or if the source cannot be asked. */
bool source_still_lists(struct source *source, const struct source_object *object,
                        struct buffer *error);

/* Adds the line of s3/known_regions.h for each bucket of the source that S3 has redirected to another region. */
void source_add_regions(const struct source *source, struct buffer *lines);

/* Returns whether the tag of an object stands for its content.  An ETag does; the tag of a file
 * does not. */
bool source_has_content_tags(const struct source *source);

/* Finds the content of an object whose tag does not stand for it (content_find()).  Returns false
 * when that fails, or when the object is no longer the version that the tag names. */
bool source_find_content(const struct source *source, const struct source_object *object,
                         enum content_effort effort, struct content *content);

/* Returns whether two keys of the source lead to one file.  Always false if the list has no
 * links. */
bool source_is_one_file(const struct source *source, const char *key, const char *other);

/* The relation of a source to a key. */
enum source_place {
    SOURCE_LISTS_KEY,      /* in the source: the list has it if the object exists */
    SOURCE_LEAVES_KEY_OUT, /* in the source, but "include" or "exclude" does not choose it */
    SOURCE_HAS_NO_KEY,     /* under another prefix, folder or bucket */
    SOURCE_PLACES
};
enum source_place source_find_place(const struct source *source, const char *key);

/* Deletes or moves objects, and sets is_done of each object that needs no further clean-up; reports
 * errors with cleaner_failed().  No other thread may use the source.  Returns false when all
 * further objects would fail. */
bool source_remove(struct source *source, struct cleaner *cleaner, struct clean_item *items,
                   size_t count);

void source_close(struct source *source); /* a zeroed source is allowed */

#endif
