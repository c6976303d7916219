/* Where the objects of a batch come from: an S3 bucket, a directory, a file, standard input.
 *
 * A source lists its objects once, in a fixed order (by name, bytes compared), and then hands
 * their bytes out, each object once, to any number of threads. */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/site.h"

/* The bytes of one object: in memory, or to be read from a file descriptor. */
struct body {
    size_t object;       /* its number in the source, from 0 */
    unsigned char *data; /* all its bytes, or NULL when they are to be read from fd */
    size_t size;         /* bytes at data */
    int fd;              /* -1 when the bytes are at data */
};

/* What messages call the standard input. */
#define SOURCE_STDIN "standard input"

struct source {
    bool is_local; /* its names are paths of this machine, or SOURCE_STDIN */
    char **names;  /* what messages call each object: a path, s3://bucket/key, or "-" */
    size_t count;  /* of names */
    uint64_t size; /* bytes of all objects together, 0 when not known; for progress */
    const struct source_kind *kind;
    void *state; /* the kind's own */
};

struct source_kind {
    /* Gives the next object's bytes.  1: body is filled, 0: there are no more, -1: an object could
     * not be had; its name and the cause have been printed, and the run has failed.  Thread-safe.
     * An object that could not be opened does not keep later calls from giving the others. */
    int (*next)(struct source *, struct body *);
    /* Stops transfers under way and frees names and state; other threads are done with it. */
    void (*close)(struct source *);
};

/* Opens URI (s3://bucket/prefix, a path, or "-") with the site's settings, at most TRANSFERS
 * objects at once over the network, and lists it.  Returns 0, or -1 after printing one line. */
int source_open(struct source *source, const char *uri, const struct site *site,
                unsigned transfers);
int source_next(struct source *source, struct body *body);
void body_release(struct body *body);
void source_close(struct source *source);

/* The kinds; each fills names, count, size, kind and state.  Same results as source_open. */
int source_open_bucket(struct source *source, const char *uri, const struct site *site,
                       unsigned transfers);
int source_open_path(struct source *source, const char *path);
int source_open_stdin(struct source *source);

#endif
