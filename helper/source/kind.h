/* The interface of the kinds of source: a bucket (bucket.c), files below a directory and the
 * standard input (path.c), and several of them (several.c).  All other code includes
 * source/source.h. */
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
    const char *key; /* in the bucket, or a path */
    const char *tag; /* the ETag, or the tag of a file (source/file_tag.h); "": not given */
    uint64_t size;
    int64_t modified; /* seconds UTC */
};

/* The caller's functions and wishes for a list. */
struct source_listing {
    void *user;
    /* Takes an object, which is valid during the call.  Objects of one source come in the order of
     * their keys.  Returns false to end the list, after storing an error for the caller. */
    bool (*found)(void *user, const struct source_object *object);
    /* NULL, or skip() of struct s3_list; only a bucket calls this. */
    void (*skip)(void *user, const char *key, struct buffer *up_to);
    bool may_be_empty;   /* no warning of an empty bucket: its objects were counted and removed */
    bool may_be_missing; /* no error of a missing path: the file was counted and removed */
};

struct source {
    bool is_local;  /* the names are paths of this machine, or SOURCE_STDIN */
    char **names;   /* of the objects in messages: a path, s3://BUCKET/KEY, or SOURCE_STDIN */
    size_t count;   /* of names */
    uint64_t size;  /* bytes of all objects together, for progress; 0: not known */
    bool has_links; /* the list has a file under several names */
    bool is_mixed;  /* there are objects of buckets, and files */
    /* An object that cannot be read, or is another version than the tag names, comes as a body with
     * a reason.  If false, the first such object fails the run, and tags are not compared. */
    bool is_tolerant;
    struct key_filter filter;     /* chooses objects of the list */
    uint64_t left_out;            /* objects of the list that the filter does not take */
    struct source_object *listed; /* the objects of source_open(); owned, as are the keys */
    size_t listed_count;
    const struct source_kind *kind; /* NULL: not connected */
    void *state;                    /* the kind's own */
};

/* One kind of source.  A function that returns -1 adds one line to ERROR. */
struct source_kind {
    /* Sets source->state.  The caller does not call close() after -1. */
    int (*connect)(struct source *source, const char *uri, const struct site *site,
                   unsigned transfers, struct buffer *error);
    /* Does the work of source_list(). */
    int (*list)(struct source *source, const struct source_listing *listing, struct buffer *error);
    /* Stores OBJECTS, source->count of them, for next().  See source_expect(). */
    int (*expect)(struct source *source, const struct source_object *objects, struct buffer *error);
    /* Does the work of source_next(). */
    int (*next)(struct source *source, struct body *body);
    /* Does the work of source_add_regions(); NULL: this kind has no regions. */
    void (*add_regions)(const struct source *source, struct buffer *lines);
    /* Does the work of source_is_unchanged(); NULL: objects of this kind never change while they
     * are read. */
    bool (*is_unchanged)(struct source *source, const struct body *body);
    /* Does the work of source_still_lists(); NULL: this kind sends what it lists. */
    bool (*still_lists)(struct source *source, const struct source_object *object,
                        struct buffer *error);
    /* Does the work of source_find_content(); NULL: an object's tag stands for its content. */
    bool (*find_content)(const struct source_object *object, enum content_effort effort,
                         struct content *content);
    /* Returns the one of several sources that has *KEY, and sets *KEY to the key in that source.
     * Returns NULL when none has it.  The function is NULL for a kind that is one source. */
    const struct source *(*find_member)(const struct source *source, const char **key);
    /* Adds the name of an object in messages. */
    void (*name)(const struct source *source, const char *key, struct buffer *name);
    /* Does the work of source_remove(); NULL: this kind removes nothing. */
    bool (*remove)(struct source *source, struct cleaner *cleaner, struct clean_item *items,
                   size_t count);
    void (*close)(struct source *source);
};

extern const struct source_kind source_kind_bucket, source_kind_path, source_kind_stdin;

#endif
