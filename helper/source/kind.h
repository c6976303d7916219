/* The interface of the kinds of source: a bucket (bucket.c), files below a directory and the
 * standard input (path.c), and several of them (several.c).  All other code includes source/source.h. */
#ifndef SOURCE_KIND_H
#define SOURCE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/site.h"
#include "source/body.h"
#include "source/cleaner.h"
#include "source/content.h"
#include "source/key_filter.h"
#include "text/buffer.h"

/* An object as it was listed. */
struct source_object {
    const char *key; /* of the bucket, or a path */
    const char *tag; /* ETag, or source/file_tag.h; "": not given */
    uint64_t size;
    int64_t modified; /* seconds UTC */
};

/* How to list. */
struct source_listing {
    void *user;
    /* Takes an object, which is valid during the call; objects of one source come in the order of
     * keys.  Returns false to end the listing; the callee keeps its error. */
    bool (*found)(void *user, const struct source_object *object);
    /* NULL, or as skip of struct s3_list; only a bucket calls it. */
    void (*skip)(void *user, const char *key, struct buffer *up_to);
    bool may_be_empty; /* an empty bucket is no warning: what it had was counted and removed */
};

struct source {
    bool is_local;    /* its names are paths of this machine, or SOURCE_STDIN */
    char **names;     /* what messages call each object: a path, s3://bucket/key, or SOURCE_STDIN */
    size_t count;     /* of names */
    uint64_t size;    /* bytes of all objects together, 0 when not known; for progress */
    bool has_links;   /* its list has a file under several names */
    bool is_mixed;    /* it has objects of buckets and files */
    bool is_tolerant; /* an object that cannot be read, or is another version than the tag names, is
                       * given as a body with a reason; else the first fails the run, and tags are not
                       * compared */
    struct key_filter filter;     /* of the objects that its list has */
    uint64_t left_out;            /* objects that were listed, and that the filter does not take */
    struct source_object *listed; /* what source_open() has found; owned, as are the keys */
    size_t listed_count;
    const struct source_kind *kind; /* NULL: not connected */
    void *state;                    /* the kind's own */
};

/* One kind of source.  ERROR gets one line when -1 is returned. */
struct source_kind {
    /* Sets source->state.  After -1 there is nothing to close. */
    int (*connect)(struct source *source, const char *uri, const struct site *site,
                   unsigned transfers, struct buffer *error);
    /* As source_list(). */
    int (*list)(struct source *source, const struct source_listing *listing, struct buffer *error);
    /* Takes the objects that next() gives, as many as source->count.  As source_expect(). */
    int (*expect)(struct source *source, const struct source_object *objects, struct buffer *error);
    /* As source_next(). */
    int (*next)(struct source *source, struct body *body);
    /* As source_add_regions(); NULL: this kind has no regions. */
    void (*add_regions)(const struct source *source, struct buffer *lines);
    /* As source_is_unchanged(); NULL: always. */
    bool (*is_unchanged)(struct source *source, const struct body *body);
    /* As source_find_content(); NULL: an object's tag stands for its content. */
    bool (*find_content)(const struct source_object *object, enum content_effort effort,
                         struct content *content);
    /* Returns the one of several sources that has *KEY, and sets *KEY to the key in that source; NULL when none has
     * it.  The function is NULL for a kind that is one source. */
    const struct source *(*find_member)(const struct source *source, const char **key);
    /* Adds what messages call an object. */
    void (*name)(const struct source *source, const char *key, struct buffer *name);
    /* As source_remove(); NULL: this kind removes nothing. */
    bool (*remove)(struct source *source, struct cleaner *cleaner, struct clean_item *items,
                   size_t count);
    void (*close)(struct source *source);
};

extern const struct source_kind source_kind_bucket, source_kind_path, source_kind_stdin;

#endif
