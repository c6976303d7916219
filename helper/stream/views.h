/* Assembles views from the events of streaming connections.
 *
 * sc-bytes of an event is the running total of its connection (Amazon CloudFront Developer Guide,
 * "Streaming distribution log file format"): a sum over events counts bytes several times.  Here:
 *
 * - A connection is an x-cf-client-id.  A view is one stream (x-sname, x-file-ext) played within
 *   it. Stopping, pausing, seeking and playing the same stream again continue the view; playing
 *   another stream begins a new one.
 * - The bytes between two events belong to the current view, before the first play to the first
 *   view, after a stop to the view that stopped.  A total that is not above the highest so far adds
 *   nothing.  So the bytes of a connection's views add up to its highest total, exactly, in
 *   whatever order and in however many parts its events come.
 * - The seconds played are those between a play or unpause and the event that ends it.  Without a
 *   disconnect the last event ends it; an unpause after a stop plays nothing.
 * - A view is written once it is over: by a disconnect, by another stream, or after 24 hours of log
 *   time without an event.  A connection that never played is written once, as a connect.
 *
 * For seven days of log time without an event, this module remembers the written bytes of a connection, so
 * that a later event adds only the bytes that were not counted yet. */
#ifndef STREAM_VIEWS_H
#define STREAM_VIEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/event.h"
#include "text/buffer.h"

enum {
    VIEWS_TIMEOUT = 24 * 3600,    /* seconds without an event that end a view */
    VIEWS_MEMORY = 7 * 24 * 3600, /* seconds for which a connection is remembered */
};

enum view_kind {
    VIEW_WHOLE,   /* a view */
    VIEW_CONNECT, /* a connection in which nothing was played */
    VIEW_MORE,    /* bytes and seconds of a view or connection that was written before */
};

struct view {
    enum view_kind kind;
    uint32_t time;    /* of its last event, seconds since 1970-01-01 UTC */
    uint32_t seconds; /* played */
    uint64_t bytes;
    uint32_t connection_hash;
    struct field text[EVENT_TEXT_COUNT]; /* of its first event; valid during the call */
};

/* Takes a view that is over.  Returns false after an error, which ends the assembling. */
typedef bool views_put(void *context, const struct view *view);

struct views;

struct views *views_new(views_put *put, void *context);
void views_free(struct views *views);

/* Adds an event.  Events come in the order of their times, and those of one second in the order of
 * their connection_hash.  The order within one connection's second does not matter.  False when PUT
 * returned false. */
bool views_add(struct views *views, const struct event *event);

/* Handles the events of the last second, which views_add() still keeps.  False as above. */
bool views_settle(struct views *views);

/* Writes all open views, and forgets everything: the end of a log.  False as above. */
bool views_close(struct views *views);

/* Writes what was not written yet of all open views, and keeps them open: for a reader that does
 * not count a record a day later.  Later events of these views are written as VIEW_MORE.  False as
 * above. */
bool views_write_open(struct views *views);

/* Adds all open and remembered connections to BUFFER, as bytes for views_load().  Call it after
 * views_settle(). */
void views_save(const struct views *views, struct buffer *buffer);

/* Loads the bytes of views_save() into new views, before any event.  Returns false when the bytes
 * are not from views_save(); then the views must not be used. */
bool views_load(struct views *views, const void *data, size_t size);

struct views_counts {
    uint64_t connections; /* that are open */
    uint64_t remembered;  /* that are written, and still remembered */
    uint64_t falling;     /* events whose running total was below one before them */
};
struct views_counts views_count(const struct views *views);

#endif
