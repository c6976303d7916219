/* Where the objects of a batch come from: an S3 bucket, a directory, a file, standard input.
 *
 * A source lists its objects once, in a fixed order (by name, bytes compared), and then hands
 * their bytes out, each object once, to any number of threads. */
#ifndef SOURCE_KIND_H
#define SOURCE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/site.h"
#include "text/buffer.h"

/* Why one object alone cannot be had. */
enum source_trouble {
    SOURCE_FINE,
    SOURCE_FORBIDDEN,  /* by a bucket, which may do so for all of its objects */
    SOURCE_UNREADABLE, /* a file that may not be read, an object that is archived */
    SOURCE_GONE,       /* it is not there any more */
    SOURCE_CHANGED     /* it is not the one that was listed */
};

/* The bytes of one object: in memory, or to be read from a file descriptor. */
struct body {
    size_t object;               /* its number in the source, from 0 */
    unsigned char *data;         /* all its bytes, or NULL when they are to be read from fd */
    size_t size;                 /* bytes at data */
    int fd;                      /* -1 when the bytes are at data */
    enum source_trouble trouble; /* unless it is SOURCE_FINE there are no bytes */
    char *cause;                 /* of the trouble, one line; owned */
};

/* An object as it was listed. */
struct source_object {
    const char *key; /* of the bucket, or a path */
    const char *tag; /* ETag, or the time of modification in nanoseconds; "" when there is none */
    uint64_t size;
    int64_t modified; /* seconds UTC */
};

/* How to list. */
struct source_listing {
    void *user;
    /* An object, in the order of keys; it is valid during the call.  False, after a message: end.
     */
    bool (*found)(void *user, const struct source_object *object);
    /* As that of struct s3_walk; a source that is no bucket does not ask it. */
    void (*skip)(void *user, const char *key, struct buffer *up_to);
};

/* What messages call the standard input. */
#define SOURCE_STDIN "standard input"

struct source {
    bool is_local;    /* its names are paths of this machine, or SOURCE_STDIN */
    char **names;     /* what messages call each object: a path, s3://bucket/key, or "-" */
    size_t count;     /* of names */
    uint64_t size;    /* bytes of all objects together, 0 when not known; for progress */
    bool is_tolerant; /* an object in trouble is given as a body, and the others follow */
    struct source_object *listed; /* what source_open() has found; owned, as are the keys */
    size_t listed_count;
    const struct source_kind *kind;
    void *state; /* the kind's own */
};

struct source_kind {
    /* Gives the next object's bytes.  1: body is filled, 0: there are no more, -1: an object could
     * not be had; its name and the cause have been printed, and the run has failed.  Thread-safe.
     * An object that could not be opened does not keep later calls from giving the others. */
    int (*next)(struct source *, struct body *);
    /* Stops transfers under way and frees state; other threads are done with it. */
    void (*close)(struct source *);
    /* As source_list(). */
    int (*list)(struct source *, const struct source_listing *);
    /* Takes the objects, whose names and sizes the source has by now.  As source_expect(). */
    int (*expect)(struct source *, const struct source_object *objects);
    /* As source_is_unchanged(); NULL: always. */
    bool (*is_unchanged)(struct source *, const struct body *);
    /* Adds what messages call an object. */
    bool (*name)(const struct source *, const char *key, struct buffer *name);
};

/* Opens URI (s3://bucket/prefix, a path, or "-") with the site's settings, at most TRANSFERS
 * objects at once over the network, and lists it.  Returns 0, or -1 after printing one line. */
int source_open(struct source *source, const char *uri, const struct site *site,
                unsigned transfers);

/* In three steps, for who keeps state: opens the source without listing it;
 * lists it; and says which objects source_next() is to give, tolerantly.  OBJECTS, in the order of
 * their keys, must last as long as the source.  Each returns 0, or -1 after printing one line. */
int source_connect(struct source *source, const char *uri, const struct site *site,
                   unsigned transfers);
int source_list(struct source *source, const struct source_listing *listing);
int source_expect(struct source *source, const struct source_object *objects, size_t count);

int source_next(struct source *source, struct body *body);

/* Whether the object whose bytes were read is still the one that was expected. */
bool source_is_unchanged(struct source *source, const struct body *body);

void body_release(struct body *body);
void source_close(struct source *source);

/* The kinds; each fills kind and state.  Same results as source_connect(). */
int source_connect_bucket(struct source *source, const char *uri, const struct site *site,
                          unsigned transfers);
int source_connect_path(struct source *source, const char *path);
int source_connect_stdin(struct source *source);

#endif
