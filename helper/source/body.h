/* The bytes of one object. */
#ifndef SOURCE_BODY_H
#define SOURCE_BODY_H

#include <stddef.h>

/* Why one object alone cannot be read. */
enum source_reason {
    SOURCE_READABLE,
    SOURCE_FORBIDDEN,  /* by a bucket, which may do so for all of its objects */
    SOURCE_CORRUPT,    /* by a bucket, or on the way from it, as all of its objects may be */
    SOURCE_UNREADABLE, /* a file that may not be read, an object that is archived */
    SOURCE_GONE,       /* it was deleted */
    SOURCE_CHANGED     /* it is not the version that was listed */
};

/* The bytes are in memory, or to be read from a file descriptor. */
struct body {
    size_t object;             /* its number in the source, from 0 */
    unsigned char *data;       /* all its bytes, or NULL when the caller reads them from fd */
    size_t size;               /* bytes at data */
    int fd;                    /* -1 when the bytes are at data */
    enum source_reason reason; /* unless it is SOURCE_READABLE there are no bytes */
    char *error;               /* of the reason, one line; owned */
};

/* Frees and closes what the body owns. */
void body_release(struct body *body);

#endif
