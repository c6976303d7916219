/* Decides whether two objects hold the same log, so that its records are counted once.  This is the rule.
 *
 * The program knows of an object:
 *   before reading it   key, tag (ETag, or a file's time) and size: these three are its identity.  For a
 *                       file, also its content (source/content.h): the trailer of gzip data, which stands
 *                       for the whole text if there is one member, and for the last member if there are
 *                       several; or the checksum of a plain file, for its whole text.
 *   after reading it    the length and the digest of its whole text (text/digest.h).  The ledger keeps
 *                       both for each counted object.
 *
 * An object with the identity of a counted object is this counted object, and is not read again.  Two other
 * objects hold the same log if their whole texts are equal, unless they have two different names of
 * CloudFront's form.  Such a name, without folders and without a ".gz" or ".zst" at the end, is unique to one
 * log, so two logs with the same few records are two logs.  A file with a second name by a link is one log,
 * whatever its names are.  If several such names have the same text, an object with another name and this
 * text is a copy of one of them.  An object of a bucket and a file are compared only by their whole texts,
 * and only in a source that has both.
 *
 * The program need not read an object if it is certain before that the object holds a counted log:
 *
 *   files      the contents are equal; with several members, also the whole texts, which are then read.
 *   a bucket   ETag and size are equal.  A copy may get another ETag (multipart, KMS).  So an object under
 *              another key also holds the same log if it has the same name of CloudFront's form and the same
 *              size, and so do X and X.gz; unless it has replaced a counted object under its own key.
 *
 * renamed.c compares objects with different names once a listing has ended.  The program reads all other
 * objects, and then compares their texts (same_text.c).
 *
 * The ledger has no digest of an object that an older version of this program has counted.  If the object is
 * a file that is still there, unchanged, its text is read when a file of the same name must be compared with
 * it.  Otherwise the contents decide: any file that ends with the content of a file of one member holds this
 * file's log.  If there is no content either, a name of CloudFront's form and the size decide; in a bucket,
 * the name alone, if the text of no object with this name is known.  A copy with another name and another
 * compression cannot be recognized then; one message says so (same_text.c). */
#ifndef BATCH_SAME_LOG_H
#define BATCH_SAME_LOG_H

#include <stdbool.h>

#include "ledger/ledger.h"
#include "source/source.h"
#include "text/digest.h"

enum same_log {
    SAME_LOG_NO,
    SAME_LOG_BY_NAME, /* by the form of the name; contents were not compared */
    SAME_LOG_BY_CONTENT
};

/* Compares OBJECT, which is of SOURCE and has its content, with OTHER, which is or was of the same
 * source. */
enum same_log same_log(const struct source *source, const struct ledger_object *object,
                       const struct ledger_object *other);

/* Whether OTHER, which is or was of SOURCE, has the whole text of OBJECT, whose digest is known. */
bool same_log_has_text(const struct source *source, const struct ledger_object *object,
                       const struct ledger_object *other);

/* Whether OBJECT, under another name, holds what OTHER holds. */
bool same_log_is_renamed(const struct source *source, const struct ledger_object *object,
                         const struct ledger_object *other);

/* An object among those that hold the same, and its source. */
struct same_log_item {
    const struct source *source;
    const struct ledger_object *object;
};

/* Divides objects into logs, whatever their names.  Stores in FIRST the number of the object that
 * stands for the log of each one: each name of CloudFront's form is a log of its own, and all other
 * objects that hold the same are copies of the first of them. */
void same_log_divide(const struct same_log_item *items, size_t count, size_t *first);

/* Whether the key ends with a name of CloudFront's form (key_hour.h), which no other log has. */
bool same_log_is_unique_name(const char *key);

/* An object whose whole text is known. */
struct same_log_text {
    const struct digest *digest;
    const char *key;
    size_t object;  /* its number */
    bool is_unique; /* its name is of CloudFront's form */
};

/* Orders these by their texts; those of one text: names of CloudFront's form first, then by the names of their logs.
 * For qsort(). */
int same_log_compare_texts(const void *a, const void *b);

/* Finds what is known of the object before it is read, and stores it in the object; "" when the tag stands
 * for it, or when it cannot be found.  FOUND must last as long as the object. */
void same_log_find_content(const struct source *source, struct ledger_object *object,
                           struct content *found);

/* Warns that the object NAME, the first of COPIES, holds the same log as TWIN.  With equal names the
 * file has another time of modification. */
void same_log_warn(const char *name, const char *twin, uint64_t copies);

#endif
