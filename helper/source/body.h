/* The bytes of one object. */
#ifndef SOURCE_BODY_H
#define SOURCE_BODY_H

#include <stddef.h>

/* Why one object cannot be read, while others can. */
enum source_reason {
    SOURCE_READABLE,
    SOURCE_FORBIDDEN,  /* no permission, perhaps for all objects of the source */
    SOURCE_CORRUPT,    /* the bytes came corrupt, perhaps those of all objects of the bucket */
    SOURCE_UNSENT,     /* the network or the store failed each time, perhaps for all objects */
    SOURCE_UNREADABLE, /* a file without permission, an archived object */
    SOURCE_GONE,       /* the object was deleted */
    SOURCE_CHANGED     /* the object is not the version that was listed */
};

/* The bytes are in memory, or behind a file descriptor. */
struct body {
    size_t object;             /* the object's number in the source, from 0 */
    unsigned char *data;       /* all bytes; owned; NULL: the caller reads them from fd */
    size_t size;               /* bytes at data */
    int fd;                    /* owned; -1 when the bytes are at data */
    enum source_reason reason; /* if it is not SOURCE_READABLE, there are no bytes */
    char *error;               /* of the reason, one line; owned */
};

/* Frees the memory and closes the descriptor of BODY. */
void body_release(struct body *body);

#endif
