/* The objects of a work that is in a bucket: s3://BUCKET/PREFIX.  The name of an object is its key behind PREFIX and
 * "/". */
#ifndef SHARDS_STORE_H
#define SHARDS_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/site.h"
#include "s3/list_page.h"
#include "text/buffer.h"

struct store;

/* Opens the bucket by the SITE's settings for access; sends nothing yet.  TRANSFERS: objects at once.  NULL with one
 * line in ERROR. */
struct store *store_open(const char *uri, const struct site *site, unsigned transfers,
                         struct buffer *error);
void store_free(struct store *store); /* may be NULL */

/* Objects, and the files that they are copied from or to.  Zeroed at birth. */
struct store_objects {
    struct store_object {
        struct s3_object object; /* its key is whole; as it was listed, or of unknown size */
        const char *name;        /* in the key */
        char *path;              /* of the file; NULL: none yet */
    } * list;
    size_t count, capacity;
};

/* Adds the object NAME and the file PATH, which the objects own then. */
void store_objects_add(struct store *store, struct store_objects *objects, const char *name,
                       char *path);
void store_objects_free(struct store_objects *objects);

/* Adds the objects whose names begin with BEGIN, in the order of their names. */
bool store_list(struct store *store, const char *begin, struct store_objects *objects,
                struct buffer *error);

/* Copies the objects that have a path into these files, and makes the folders. */
bool store_get(struct store *store, const struct store_objects *objects, struct buffer *error);

/* Copies the files into the objects. */
bool store_put(struct store *store, const struct store_objects *objects, struct buffer *error);

/* Adds the bytes of an object to TEXT, at most SIZE.  Returns 1; 0 when there is no such object; -1 with one line in
 * ERROR. */
int store_read(struct store *store, const char *name, size_t size, struct buffer *text,
               struct buffer *error);

/* Deletes the objects.  Prints a warning when some cannot be deleted. */
bool store_remove(struct store *store, const struct store_objects *objects);

#endif
