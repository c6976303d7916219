/* Decides whether two objects hold the same log, so that its records are counted once.
 *
 * An object with the key, tag and size of a counted one is that one.  Any other object can hold the
 * same log if the names are equal, but for folders and a ".gz" at the end:
 *
 *   files      the same content (source/content.h), however they are compressed.  A gzip file of
 *              several members is compared as a whole, as long as both files are there.
 *   a bucket   the same ETag and size.  A copy may get another ETag (multipart, KMS).  A name of
 *              CloudFront's form is unique to one log: under another key, one of the same size is
 *              the same log, and so are X and X.gz; unless it has replaced a
 *              counted object under its own key.
 *
 * Objects of other names hold the same log if they hold exactly the same (files the same content,
 * objects of a bucket the same ETag and size); unless both names are of CloudFront's form.  A file
 * that a link gives a second name is one log, whatever its names.  renamed.c looks for these once a
 * listing has ended.
 *
 * A file that an older version of this program has counted has no content in the ledger.  If it is
 * there and unchanged, its content is found now.  Else a name of CloudFront's form and the size
 * decide.  Objects of a bucket and files are never the same. */
#ifndef BATCH_SAME_LOG_H
#define BATCH_SAME_LOG_H

#include <stdbool.h>

#include "ledger/ledger.h"
#include "source/source.h"

enum same_log {
    SAME_LOG_NO,
    SAME_LOG_BY_NAME, /* by the form of the name; contents were not compared */
    SAME_LOG_BY_CONTENT
};

/* Compares OBJECT, which is of SOURCE and has its content, with OTHER, which is or was of the same
 * source. */
enum same_log same_log(const struct source *source, const struct ledger_object *object,
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

/* Whether the key ends with a name of CloudFront's form, which no other log has. */
bool same_log_is_unique_name(const char *key);

/* Orders keys by the names of their logs, as LOG_NAME of the ledger: without folders, and without a
 * ".gz" at the end. */
int same_log_compare_names(const char *a, const char *b);

/* Stores the content of the object in CONTENT; "" when the tag stands for it, or when it cannot be
 * found.  TEXT must last as long as the object. */
void same_log_find_content(const struct source *source, struct ledger_object *object,
                           char text[CONTENT_SIZE]);

/* Warns that the object NAME, the first of COPIES, holds the same log as TWIN.  With equal names the
 * file has another time of modification. */
void same_log_warn(const char *name, const char *twin, uint64_t copies);

#endif
